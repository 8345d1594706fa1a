//! What changed between two versions of a scenario, in words.

use crate::catalogue::{Field, SCENARIO, Shape, Type, Unit};
use crate::path::Path;
use crate::v1::Scenario;
use engine::order;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What happened to a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It was not there before.
    Added,
    /// It is not there any more.
    Removed,
    /// It is another.
    Changed,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Its path, by ids where there are any.
    pub path: String,
    /// What happened.
    pub kind: Kind,
    /// In words, such as `db: Cores 4 → 8`.
    pub text: String,
}

/// The changes from one scenario to another, in the document's order. Moving things on the canvas is no change.
#[must_use]
pub fn compare(before: &Scenario, after: &Scenario) -> Vec<Change> {
    let (Ok(before), Ok(after)) = (serde_json::to_value(before), serde_json::to_value(after)) else {
        return Vec::new();
    };
    let mut comparison = Comparison { changes: Vec::new() };
    if let (Value::Object(before), Value::Object(after)) = (&before, &after) {
        comparison.shape(before, after, &SCENARIO, "", &Path::ROOT);
    }
    comparison.changes
}

struct Comparison {
    changes: Vec<Change>,
}

impl Comparison {
    fn say(&mut self, kind: Kind, path: &Path, text: String) {
        self.changes.push(Change { path: path.to_string(), kind, text });
    }

    fn shape(
        &mut self,
        before: &Map<String, Value>,
        after: &Map<String, Value>,
        shape: &'static Shape,
        place: &str,
        path: &Path,
    ) {
        for field in shape.fields.iter().filter(|field| !matches!(field.key, "position" | "format" | "draws")) {
            let (old, new) = (before.get(field.key), after.get(field.key));
            if old != new {
                self.field(old, new, field, place, &path.key(field.key));
            }
        }
    }

    fn field(&mut self, old: Option<&Value>, new: Option<&Value>, field: &'static Field, place: &str, path: &Path) {
        match (field.value, old, new) {
            (Type::List(of, _), old, new) if matches!(of, Type::Object(_)) => {
                let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
                self.list(&list(old), &list(new), *of, field, place, path);
            }
            (Type::Object(shape), Some(Value::Object(old)), Some(Value::Object(new))) => {
                self.shape(old, new, shape, &join(place, field.label), path);
            }
            (Type::PerClass(Type::Object(shape)), Some(Value::Object(old)), Some(Value::Object(new)))
                if fits(old, shape) && fits(new, shape) =>
            {
                self.shape(old, new, shape, &join(place, field.label), path);
            }
            (_, Some(Value::Object(old)), Some(Value::Object(new)))
                if !old.contains_key("value") && !new.contains_key("value") =>
            {
                self.map(old, new, field, place, path);
            }
            (_, old, new) => self.value(old, new, field, field.label, place, path),
        }
    }

    /// Values by name: per class, pools, maps.
    fn map(
        &mut self,
        old: &Map<String, Value>,
        new: &Map<String, Value>,
        field: &'static Field,
        place: &str,
        path: &Path,
    ) {
        let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
        names.sort();
        names.dedup();
        for name in names.into_iter().filter(|name| old.get(*name) != new.get(*name)) {
            let label = format!("{} {}", field.label, if name == "*" { "of all others" } else { name });
            let path = path.key(name);
            match (field.value, old.get(name), new.get(name)) {
                (Type::PerClass(Type::Object(shape)), Some(Value::Object(old)), Some(Value::Object(new))) => {
                    self.shape(old, new, shape, &join(place, &label), &path);
                }
                (_, old, new) => self.value(old, new, field, &label, place, &path),
            }
        }
    }

    fn value(
        &mut self,
        old: Option<&Value>,
        new: Option<&Value>,
        field: &Field,
        label: &str,
        place: &str,
        path: &Path,
    ) {
        let words = |value: &Value| words(value, field.unit);
        let what = join(place, label);
        match (old, new) {
            (Some(old), Some(new)) if words(old) == words(new) => {
                self.say(Kind::Changed, path, format!("{what}: {} → {}", origin(old), origin(new)));
            }
            (Some(old), Some(new)) => self.say(Kind::Changed, path, format!("{what} {} → {}", words(old), words(new))),
            (None, Some(new)) => self.say(Kind::Added, path, format!("{what} {}, was not stated", words(new))),
            (Some(old), None) => {
                self.say(Kind::Removed, path, format!("{what} not stated any more, was {}", words(old)))
            }
            (None, None) => {}
        }
    }

    /// Lists of objects: entries belong together by their id, by whom they call, else by their place.
    fn list(&mut self, old: &[Value], new: &[Value], of: Type, field: &Field, place: &str, path: &Path) {
        let Type::Object(shape) = of else { return };
        let (old_names, new_names) = (names(old), names(new));
        let kept = order::set(&new_names);
        // Of entries of one name the first counts.
        let before = order::map(old_names.iter().zip(old).rev());
        for (i, entry) in old.iter().enumerate().filter(|(i, _)| !kept.contains(&old_names[*i])) {
            let text = format!("{}: removed{}", join(place, &title(entry, field, i)), kind(entry));
            self.say(Kind::Removed, &path.key(&old_names[i]), text);
        }
        for (i, entry) in new.iter().enumerate() {
            let title = join(place, &title(entry, field, i));
            let path = path.key(&new_names[i]);
            match before.get(&new_names[i]).copied() {
                None => self.say(Kind::Added, &path, format!("{title}: added{}", kind(entry))),
                Some(before) if before == entry => {}
                Some(before) => {
                    if let (Value::Object(before), Value::Object(after)) = (before, entry) {
                        self.shape(before, after, shape, &title, &path);
                    }
                }
            }
        }
    }
}

fn fits(map: &Map<String, Value>, shape: &Shape) -> bool {
    !map.is_empty() && map.keys().all(|key| shape.field(key).is_some())
}

fn join(place: &str, what: &str) -> String {
    if place.is_empty() { what.to_owned() } else { format!("{place}: {what}") }
}

/// What tells the entries of a list apart, the same in both versions; numbered where it repeats.
pub(crate) fn names(list: &[Value]) -> Vec<String> {
    let base = |entry: &Value| -> String {
        let text = |key: &str| entry.get(key).and_then(Value::as_str);
        let objective =
            ["percentile", "latency_ms", "max_error_ratio", "max_utilization", "max_backlog_age_s", "max_monthly_cost"];
        match (text("id"), text("to")) {
            (Some(id), _) => id.to_owned(),
            (None, Some(to)) => to.to_owned(),
            (None, None) => {
                let what: Vec<&str> =
                    ["traffic", "component", "survive", "kind", "is", "label"].into_iter().filter_map(text).collect();
                let keys = objective.into_iter().filter(|key| entry.get(*key).is_some());
                what.into_iter().chain(keys).collect::<Vec<_>>().join(" ")
            }
        }
    };
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    let mut numbered = |entry: &Value| {
        let base = base(entry);
        let time = times.entry(base.clone()).or_insert(0);
        *time += 1;
        if *time > 1 || base.is_empty() { format!("{base} #{time}") } else { base }
    };
    list.iter().map(&mut numbered).collect()
}

fn title(entry: &Value, field: &Field, index: usize) -> String {
    let text = |key: &str| entry.get(key).and_then(Value::as_str);
    match (text("label").or_else(|| text("id")), text("to"), field.key) {
        (Some(name), _, _) => name.to_owned(),
        (None, Some(to), "on_miss") => format!("on a miss call to {to}"),
        (None, Some(to), _) => format!("call to {to}"),
        (None, None, "slos") => format!("objective {}", index + 1),
        (None, None, _) => format!("{} {}", field.label, index + 1),
    }
}

fn kind(entry: &Value) -> String {
    entry.get("kind").and_then(Value::as_str).map_or_else(String::new, |kind| format!(" ({})", kind.replace('_', " ")))
}

/// A value as people read it: without its interval, with its unit.
pub(crate) fn words(value: &Value, unit: Unit) -> String {
    match value {
        Value::Object(map) if map.contains_key("value") => words(&map["value"], unit),
        Value::Number(number) => match unit {
            Unit::None | Unit::Money(_) | Unit::Ratio => number.as_f64().unwrap_or_default().to_string(),
            unit => format!("{} {}", number.as_f64().unwrap_or_default(), unit.symbol()),
        },
        Value::String(text) if text.chars().count() > 40 => format!("“{}…”", text.chars().take(40).collect::<String>()),
        Value::String(text) => text.replace('_', " "),
        Value::Bool(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Value::Array(list) => {
            let flat: Vec<String> = list.iter().take(8).map(|value| words(value, unit)).collect();
            format!("[{}{}]", flat.join(", "), if list.len() > 8 { ", …" } else { "" })
        }
        Value::Object(map) => {
            let parts: Vec<String> = map
                .iter()
                .map(|(key, value)| format!("{} {}", key.replace('_', " "), words(value, Unit::None)))
                .collect();
            parts.join(", ")
        }
        Value::Null => "nothing".to_owned(),
    }
}

/// Where a number comes from and how sure it is, for values that are otherwise the same.
fn origin(value: &Value) -> String {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let number = |key: &str| value.get(key).and_then(Value::as_f64);
    let source = text("source").unwrap_or_else(|| "assumed".to_owned());
    let from = text("from").map_or_else(String::new, |from| format!(" from {from}"));
    let interval = match (number("low"), number("high")) {
        (None, None) => String::new(),
        (low, high) => {
            let end = |end: Option<f64>| end.map_or_else(|| "?".to_owned(), |end| end.to_string());
            format!(", {} to {}", end(low), end(high))
        }
    };
    format!("{source}{from}{interval}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn entries_are_told_apart_by_number_where_their_names_repeat() {
        let list =
            [json!({"to": "a"}), json!({"to": "b"}), json!({"to": "a"}), json!({}), json!({"to": "a"}), json!({})];
        assert_eq!(names(&list), ["a", "b", "a #2", " #1", "a #3", " #2"]);
    }
}
