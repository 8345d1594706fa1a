//! What the catalogue knows of the numbers of a scenario: which are counts or money, and what one that is left out means.

use scenario::catalogue::{Field, Preset, SCENARIO, Type, Unit};
use scenario::path::{Owned, parse};
use scenario::v1::{Component, ComponentKind};
use scenario::{Path, Scenario};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What stands at a path.
#[derive(Debug, Clone, Copy)]
pub(super) struct Number {
    field: &'static Field,
    /// Whether it is counted.
    whole: bool,
    /// Whether it is a quantity, with an interval and a source.
    quantity: bool,
}

impl Number {
    /// The number at a path by id; `None` where none of the format stands there.
    pub fn at(path: &str) -> Option<Self> {
        below(Type::Object(&SCENARIO), &parse(path)?, None)
    }

    /// Whether it is a quantity, as [`scenario::quantities`] lists them.
    pub fn is_quantity(self) -> bool {
        self.quantity
    }

    /// Whether it is an amount of the scenario's currency.
    pub fn is_money(self) -> bool {
        matches!(self.field.unit, Unit::Money(_))
    }

    /// As people read it: a count has no decimals.
    pub fn words(self, value: f64) -> String {
        if self.whole && value.fract() == 0.0 { format!("{value}") } else { crate::text::short(value) }
    }
}

fn below(kind: Type, path: &[Owned], field: Option<&'static Field>) -> Option<Number> {
    match (kind, path.split_first()) {
        (Type::Number(_) | Type::Quantity(_) | Type::Whole(_) | Type::Count(_), None) => Some(Number {
            field: field?,
            whole: matches!(kind, Type::Whole(_) | Type::Count(_)),
            quantity: matches!(kind, Type::Quantity(_) | Type::Count(_)),
        }),
        (Type::Object(shape), Some((Owned::Key(key), rest))) => {
            let field = shape.field(key)?;
            below(field.value, rest, Some(field))
        }
        (Type::List(of, _) | Type::Map(_, of), Some((_, rest))) => below(*of, rest, field),
        (Type::PerClass(of), first) => {
            let by_class = || below(*of, first?.1, field);
            below(*of, path, field).or_else(by_class)
        }
        (Type::Either(alternatives), _) => alternatives.iter().find_map(|(_, of)| below(*of, path, field)),
        _ => None,
    }
}

/// What a scenario has places for, and so what it means where nothing is written there.
pub(super) struct Places {
    /// Its objects, by id.
    objects: BTreeSet<String>,
    /// Kinds of the components, and how many replicas are meant where none are written.
    components: BTreeMap<String, (ComponentKind, Option<f64>)>,
}

impl Places {
    /// Those of a scenario.
    pub fn of(scenario: &Scenario) -> Self {
        let mut objects = BTreeSet::new();
        collect(&serde_json::to_value(scenario).unwrap_or_default(), &Path::ROOT, &mut objects);
        let root = Path::ROOT;
        let place = root.key("components");
        let known = |c: &Component| (place.key(&c.id).to_string(), (c.kind, replicas(c)));
        Self { objects, components: scenario.components.iter().map(known).collect() }
    }

    /// The number that holds where none is written; `None` where there is nothing to have it, or no number holds.
    pub fn left_out(&self, path: &str) -> Option<f64> {
        let (object, key) = path.rsplit_once('.')?;
        let field = Number::at(path)?.field;
        let component = self.components.get(object);
        let belongs = component.is_none_or(|(kind, _)| field.belongs_to(*kind));
        match field.default {
            Preset::Told(_) if key == "replicas" && belongs => component?.1,
            Preset::Number(value) if field.key == key && belongs && self.objects.contains(object) => Some(value),
            _ => None,
        }
    }
}

/// What no `replicas` means, as the catalogue tells it in words; a cache's are its nodes.
fn replicas(component: &Component) -> Option<f64> {
    match (component.kind, &component.autoscale) {
        (ComponentKind::Cache, _) => None,
        (_, Some(autoscale)) => Some(autoscale.min.value),
        _ => Some(1.0),
    }
}

/// The paths of all objects, entries of lists by their ids where they have one.
fn collect(value: &Value, path: &Path, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            into.insert(path.to_string());
            fields.iter().for_each(|(key, value)| collect(value, &path.key(key), into));
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                match value.get("id").and_then(Value::as_str) {
                    Some(id) => collect(value, &path.key(id), into),
                    None => collect(value, &path.index(index), into),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_tells_counts_money_and_what_is_left_out() {
        let scenario: Scenario = serde_json::from_str(
            r#"{"format":"headroom/1","traffic":[{"id":"web","entry":"db","arrivals":{"open":{"rate":1}}}],
            "components":[{"id":"db","kind":"database","service":{"web":{"mean_ms":2}}},
            {"id":"api","kind":"service","service":{"mean_ms":2},"calls":[{"to":"db","retry":{"max":2}}],"price":{"gb":1}},
            {"id":"grown","kind":"service","autoscale":{"min":3,"max":9}}]}"#,
        )
        .unwrap();
        let places = Places::of(&scenario);
        for (path, left_out, words, money) in [
            ("components.db.shards", Some(1.0), "2", false),
            ("components.db.read_replicas", Some(0.0), "2", false),
            ("components.db.cores", None, "2", false),
            // No service has shards, and nowhere is nothing.
            ("components.api.shards", None, "2", false),
            ("components.no.shards", None, "2", false),
            ("components.api.pools.pg", None, "2", false),
            ("components.api.replicas", Some(1.0), "2", false),
            ("components.db.replicas", None, "2", false),
            ("components.grown.replicas", Some(3.0), "2", false),
            ("components.api.calls[0].per_request", Some(1.0), "2.00", false),
            ("components.api.calls[1].per_request", None, "2.00", false),
            ("components.api.service.mean_ms", None, "2.00", false),
            ("components.db.service.web.mean_ms", None, "2.00", false),
            ("components.db.write_ratio.web", None, "2.00", false),
            ("components.api.price.fixed_monthly", Some(0.0), "2.00", true),
            ("components.db.price.fixed_monthly", None, "2.00", true),
            ("traffic.web.arrivals.open.rate", None, "2.00", false),
            ("costs.support.monthly", None, "2.00", true),
        ] {
            let number = Number::at(path).unwrap();
            let found = (places.left_out(path), number.words(2.0), number.is_money());
            assert_eq!(found, (left_out, words.to_owned(), money), "{path}");
        }
        assert!(Number::at("components.api.nothing").is_none());
    }
}
