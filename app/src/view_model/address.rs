//! Addresses of quantities (`components.db.service.browse.mean_ms`) in people's words, and their values in their units.

use super::format::{amount, milliseconds, percent};
use super::system::{class_label, label_of, resource};
use crate::text;
use scenario::catalogue::{self, Field, Shape, Unit};
use serde_json::Value;

/// Shapes whose keys are searched for a step's label.
const SHAPES: [&Shape; 14] = [
    &catalogue::COMPONENT,
    &catalogue::SERVICE_TIME,
    &catalogue::CALL,
    &catalogue::RETRY,
    &catalogue::BREAKER,
    &catalogue::AUTOSCALE,
    &catalogue::CACHE_KEYS,
    &catalogue::USL,
    &catalogue::PRICE,
    &catalogue::TRAFFIC,
    &catalogue::OPEN,
    &catalogue::CLOSED,
    &catalogue::GROWTH,
    &catalogue::COST,
];

fn field(key: &str) -> Option<&'static Field> {
    SHAPES.iter().find_map(|shape| shape.field(key))
}

/// Steps of an address without positions in lists.
fn steps(path: &str) -> Vec<&str> {
    path.split('.').map(|step| step.split('[').next().unwrap_or(step)).collect()
}

/// An address in words: `PostgreSQL: mean time (browse)`.
pub fn words(root: &Value, path: &str) -> String {
    if path.is_empty() {
        return String::new();
    }
    let all = steps(path);
    let (list, id) = (all.first().copied().unwrap_or_default(), all.get(1).copied().unwrap_or_default());
    if list == "components" && all.get(2) == Some(&"pools") && all.len() == 4 {
        return resource(root, id, &format!("pool:{}", all[3]));
    }
    let (owner, rest) = match list {
        "components" => (label_of(root, id), &all[2.min(all.len())..]),
        "traffic" => (text::traffic_of(&class_label(root, id)), &all[2.min(all.len())..]),
        "costs" => (id.to_owned(), &all[2.min(all.len())..]),
        _ => (String::new(), &all[..]),
    };
    let Some((last, way)) = rest.split_last() else { return owner };
    let known =
        way.iter().filter(|step| field(step).is_none() && !matches!(**step, "open" | "closed" | "arrivals" | "*"));
    let mut of: Vec<String> =
        known.map(|step| if list == "components" { label_or_class(root, step) } else { (*step).to_owned() }).collect();
    // Where a name says little by itself, what it belongs to stands before it: own time, mean.
    let of_what = way
        .iter()
        .rev()
        .find_map(|step| field(step))
        .filter(|field| !matches!(field.key, "calls" | "on_miss" | "arrivals"));
    let name = field(last).map_or_else(
        || {
            of.push(text::word(last));
            way.last().and_then(|step| field(step)).map_or(String::new(), |field| field.label.to_lowercase())
        },
        |field| match of_what {
            Some(what) => format!("{}, {}", what.label.to_lowercase(), field.label.to_lowercase()),
            None => field.label.to_lowercase(),
        },
    );
    let of = if of.is_empty() { String::new() } else { format!(" ({})", of.join(", ")) };
    if owner.is_empty() { format!("{name}{of}") } else { format!("{owner}: {name}{of}") }
}

/// A step that is no key names a class or another component.
fn label_or_class(root: &Value, step: &str) -> String {
    let label = label_of(root, step);
    if label == step { class_label(root, step) } else { label }
}

/// The component an address is about.
pub fn component(path: &str) -> Option<&str> {
    let all = steps(path);
    (all.first() == Some(&"components")).then(|| all.get(1).copied()).flatten()
}

/// The last step of an address that the catalogue knows, and its unit.
fn unit(path: &str) -> (&str, Unit) {
    let found = steps(path).into_iter().rev().find_map(|step| Some((step, field(step)?.unit)));
    found.unwrap_or(("", Unit::None))
}

/// What an amount of money is paid per (`an hour`), empty for a plain one; nothing where the address is of none.
pub fn paid_per(path: &str) -> Option<&'static str> {
    match unit(path).1 {
        Unit::Money(per) => Some(per),
        _ => None,
    }
}

/// A value in the unit that its address says.
pub fn value(path: &str, value: f64) -> String {
    let (last, unit) = unit(path);
    match unit {
        Unit::Ratio => percent(value),
        _ if last.ends_with("_ms") => milliseconds(value),
        Unit::None => amount(value),
        unit => format!("{} {}", amount(value), unit.symbol()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn addresses_in_words() {
        let root = json!({
        "traffic": [{"id": "browse"}],
        "components": [
            {"id": "app", "label": "Shop app", "calls": [{"to": "db", "pool": "pg"}]},
            {"id": "db", "label": "PostgreSQL"}
        ]});
        let rows = [
            ("components.app.pools.pg", "connection pool from Shop app to PostgreSQL"),
            ("components.db.replicas", "PostgreSQL: replicas"),
            ("components.app.calls.db.network_ms", "Shop app: network (PostgreSQL)"),
            ("traffic.browse.arrivals.open.rate", "Traffic: browse: rate"),
        ];
        for (path, wanted) in rows {
            let got = words(&root, path);
            let same_owner = got.split(':').next() == wanted.split(':').next();
            assert!(
                got == wanted || same_owner && got.contains(wanted.rsplit(": ").next().unwrap_or(wanted)),
                "{path}: {got}"
            );
        }
        assert!(words(&root, "components.db.service.browse.mean_ms").contains("(browse)"));
        assert_eq!(component("components.db.cores"), Some("db"));
        assert_eq!(value("components.db.service.browse.mean_ms", 4.62), "4.6 ms");
        assert_eq!(value("components.redis.hit_ratio", 0.7), "70 %");
        assert_eq!(value("components.app.pools.pg", 8.0), "8");
        assert_eq!(words(&root, ""), "");
    }
}
