//! The walk of a raw document against the catalogue: unknown keys, keys of other kinds, wrong types, numbers out of range.
//!
//! What cannot stand is reported and then removed or replaced, so that the rest can still be read and checked: the reader
//! gets all problems at once, and the app can open what is left of a broken document.

use super::problems::Findings;
use super::words::{expected, show};
use crate::catalogue::{COMPONENT, Field, KINDS, Looks, QUANTITY, Range, Shape, Target, Type, kind_entry};
use crate::path::Path;
use crate::v1::ComponentKind;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Calls inside calls, at most.
const DEEPEST: usize = 16;

pub(super) struct Walk<'f> {
    pub(super) findings: &'f mut Findings,
    /// Ids of the traffic classes: what tells a value per class from a value for all.
    pub(super) classes: BTreeSet<String>,
    /// Whether the document is of a newer minor version: what is not understood is then noted and left out.
    pub(super) newer: bool,
    /// Positions of the components whose kind is not known; nothing that depends on the kind is checked there.
    pub(super) unknown_kinds: BTreeSet<usize>,
    pub(super) depth: usize,
}

impl Walk<'_> {
    /// Checks an object against a shape.
    pub(super) fn shape(&mut self, map: &mut Map<String, Value>, shape: &'static Shape, path: &Path) {
        let kind = is_component(shape).then(|| self.kind(map, path)).flatten();
        map.retain(|key, value| match shape.field(key) {
            None => {
                self.unknown_key(key, shape.fields.iter().filter(|f| kind.is_none_or(|k| f.belongs_to(k))), path);
                false
            }
            Some(field) => match kind.filter(|kind| !field.belongs_to(*kind)) {
                Some(kind) => {
                    self.foreign_key(field, kind, &path.key(key));
                    false
                }
                None => self.value(value, field.value, &path.key(key)) || self.mend(value, field.value, field.required),
            },
        });
        let missing: Vec<&Field> =
            shape.fields.iter().filter(|field| field.required && !map.contains_key(field.key)).collect();
        for field in missing {
            let what = expected(field.value);
            self.findings.problem(&path.key(field.key), format!("{} is missing", field.key), format!("give {what}"));
            map.insert(field.key.to_owned(), placeholder(field.value));
        }
        if shape.exactly_one && map.len() != 1 {
            let keys: Vec<&str> = shape.fields.iter().map(|field| field.key).collect();
            let found = if map.is_empty() { "none of them stands".to_owned() } else { "several stand".to_owned() };
            self.findings.problem(path, found, format!("give exactly one of {}", keys.join(", ")));
            *map = placeholder_object(shape);
        }
    }

    /// Checks a value; false where it cannot stay.
    fn value(&mut self, value: &mut Value, kind: Type, path: &Path) -> bool {
        match (kind, &mut *value) {
            (
                Type::Text(_) | Type::Id | Type::Reference(_) | Type::Version | Type::Currency | Type::Date,
                Value::String(text),
            ) => match super::words::text_fault(kind, text) {
                None => true,
                // An odd id still is what others refer to.
                Some(fault) => self.wrong(value, kind, path, fault) || matches!(kind, Type::Id),
            },
            (Type::Choice(words), Value::String(word)) => {
                words.iter().any(|(known, _)| known == word) || self.unknown_word(word, words, path)
            }
            (Type::Flag, Value::Bool(_)) => true,
            (Type::Number(range), Value::Number(_)) => self.number(value, range, false, path),
            (Type::Whole(range), Value::Number(_)) => self.number(value, range, true, path),
            (Type::Quantity(range), Value::Number(_)) => self.number(value, range, false, path),
            (Type::Count(range), Value::Number(_)) => self.number(value, range, true, path),
            (Type::Quantity(range), Value::Object(map)) => self.quantity(map, range, false, path),
            (Type::Count(range), Value::Object(map)) => self.quantity(map, range, true, path),
            (Type::Object(shape), Value::Object(map)) => self.nested(map, shape, path),
            (Type::List(of, most), Value::Array(list)) => self.list(list, *of, most, path),
            (Type::Tuple(of), Value::Array(list)) if list.len() == of.len() => {
                list.iter_mut().zip(of).enumerate().all(|(i, (value, of))| self.value(value, *of, &path.index(i)))
            }
            (Type::Map(names, of), Value::Object(map)) => self.map(map, names, *of, path),
            (Type::PerClass(of), _) => self.per_class(value, *of, path),
            (Type::Either(alternatives), _) => {
                let chosen = alternatives.iter().find(|(looks, _)| looks_like(*looks, value));
                chosen.is_some_and(|(_, chosen)| self.value(value, *chosen, path))
            }
            _ => self.wrong(value, kind, path, "is not what belongs here"),
        }
    }

    fn nested(&mut self, map: &mut Map<String, Value>, shape: &'static Shape, path: &Path) -> bool {
        if self.depth >= DEEPEST {
            self.findings.problem(path, "this is nested too deeply", format!("nest at most {DEEPEST} levels"));
            return false;
        }
        self.depth += 1;
        self.shape(map, shape, path);
        self.depth -= 1;
        true
    }

    fn list(&mut self, list: &mut Vec<Value>, of: Type, most: usize, path: &Path) -> bool {
        if list.len() > most {
            self.findings.problem(path, format!("{} entries are too many", list.len()), format!("give at most {most}"));
            list.truncate(most);
        }
        for (i, value) in list.iter_mut().enumerate() {
            // A faulty entry is replaced, never removed: the paths of the others must stay true.
            let _ = self.value(value, of, &path.index(i)) || self.mend(value, of, true);
        }
        true
    }

    fn map(&mut self, map: &mut Map<String, Value>, names: Target, of: Type, path: &Path) -> bool {
        for (key, value) in map.iter_mut() {
            if names == Target::Name && (key.is_empty() || key.chars().count() > 1000) {
                self.findings.problem(&path.key(key), "this name is empty or too long", "give 1 to 1000 characters");
            }
            let _ = self.value(value, of, &path.key(key)) || self.mend(value, of, true);
        }
        true
    }

    fn number(&mut self, value: &mut Value, range: Range, whole: bool, path: &Path) -> bool {
        let number = value.as_f64().unwrap_or(f64::NAN);
        if range.contains(number) && (!whole || number.fract() == 0.0) {
            return true;
        }
        let what = if whole { "a whole number, " } else { "" };
        let endless = number > range.max && range.is_open_ended();
        let allowed = if endless { format!("at most {:e}", range.max) } else { range.to_string() };
        let hundredfold = 100.0 * number;
        let remedy = if range == Range::PERCENTILE && range.contains(hundredfold) {
            format!("give {} if that is meant: {allowed}", (hundredfold * 1e6).round() / 1e6)
        } else {
            format!("give {what}{allowed}")
        };
        self.findings.problem(path, format!("{} is out of range", show(value)), remedy);
        let near = range.nearest(if whole { number.round() } else { number });
        *value = Value::from(if near.is_finite() { near } else { range.nearest(1.0) });
        true
    }

    /// A quantity with interval and source: `low <= value <= high`, all in range.
    fn quantity(&mut self, map: &mut Map<String, Value>, range: Range, whole: bool, path: &Path) -> bool {
        let stated = map.get("value").is_some_and(Value::is_number);
        self.shape(map, &QUANTITY, path);
        for (key, whole) in [("value", whole), ("low", false), ("high", false)] {
            if let Some(value) = map.get_mut(key) {
                self.number(value, range, whole, &path.key(key));
            }
        }
        let number = |key: &str| map.get(key).and_then(Value::as_f64).filter(|_| stated);
        let value = number("value").unwrap_or_default();
        let order =
            [("low", number("low").filter(|low| *low > value)), ("high", number("high").filter(|high| *high < value))];
        for (key, end) in order {
            let Some(end) = end else { continue };
            let remedy = "give low <= value <= high";
            self.findings.problem(&path.key(key), format!("{key} is {end}, value is {value}"), remedy);
            map.remove(key);
        }
        true
    }

    /// One value for all classes, or an object by class id.
    fn per_class(&mut self, value: &mut Value, of: Type, path: &Path) -> bool {
        let keys = match of {
            Type::Object(shape) => shape,
            _ => &QUANTITY,
        };
        let Value::Object(map) = value else {
            return self.value(value, of, path);
        };
        let by_class = map.keys().any(|key| key == "*" || self.classes.contains(key))
            || (!map.is_empty() && map.keys().all(|key| keys.field(key).is_none()));
        if !by_class {
            return self.value(value, of, path);
        }
        let classes = std::mem::take(&mut self.classes);
        let mut misnamed = Vec::new();
        map.retain(|key, value| {
            let kept = self.value(value, of, &path.key(key)) || self.mend(value, of, true);
            if key == "*" || classes.contains(key) {
                return kept;
            }
            let known = classes.iter().map(String::as_str).chain(keys.fields.iter().map(|field| field.key));
            let near = self.findings.suggestions.nearest(key, known).map(str::to_owned);
            let remedy = did_you_mean(near.as_deref(), || "name a traffic class, or * for the rest".to_owned());
            self.findings.problem(
                &path.key(key),
                format!("{key:?} is no traffic class and no key that belongs here"),
                remedy,
            );
            misnamed.push((near, value.take()));
            false
        });
        // What was misnamed is read as what was probably meant, so that it is not also missing.
        for (near, value) in misnamed {
            let meant = near.filter(|near| classes.contains(near)).unwrap_or_else(|| "*".to_owned());
            map.entry(meant).or_insert(value);
        }
        self.classes = classes;
        true
    }

    /// The kind of a component, `None` when it is missing or unknown.
    fn kind(&mut self, map: &Map<String, Value>, path: &Path) -> Option<ComponentKind> {
        let word = map.get("kind").and_then(Value::as_str);
        let kind = KINDS.iter().find(|entry| Some(entry.name) == word).map(|entry| entry.kind);
        if let (None, Some(crate::path::Step::Index(index))) = (kind, path.step()) {
            self.unknown_kinds.insert(index);
        }
        kind
    }

    fn unknown_key(&mut self, key: &str, fields: impl Iterator<Item = &'static Field> + Clone, path: &Path) {
        let path = path.key(key);
        if self.newer {
            self.findings.note(
                &path,
                "this key is newer than this version and was left out",
                "use a newer Headroom for it",
            );
            return;
        }
        let near = self.findings.suggestions.nearest(key, fields.clone().map(|field| field.key));
        let remedy = did_you_mean(near, || {
            let known: Vec<&str> = fields.map(|field| field.key).collect();
            format!("remove it; known here: {}", known.join(", "))
        });
        self.findings.problem(&path, format!("the key {key:?} is not known"), remedy);
    }

    fn foreign_key(&mut self, field: &Field, kind: ComponentKind, path: &Path) {
        let name = |kind: &ComponentKind| kind_entry(*kind).map_or("", |entry| entry.name);
        let owners: Vec<&str> = field.kinds.iter().map(name).collect();
        // A database counts its nodes otherwise; everything else names its owners.
        let remedy = match field.key {
            "replicas" => "a database's nodes are shards x (1 + read_replicas): give those".to_owned(),
            _ => format!("remove it, or change the kind; it belongs to {}", owners.join(", ")),
        };
        self.findings.problem(path, format!("{} does not belong to a {}", field.key, name(&kind)), remedy);
    }

    fn unknown_word(&mut self, word: &str, words: &'static [(&str, &str)], path: &Path) -> bool {
        let near = self.findings.suggestions.nearest(word, words.iter().map(|(known, _)| *known));
        let remedy = did_you_mean(near, || expected(Type::Choice(words)));
        let text = match self.newer {
            true => format!("{word:?} is not known to this version"),
            false => format!("{word:?} is not known"),
        };
        self.findings.problem(path, text, remedy);
        false
    }

    fn wrong(&mut self, value: &Value, kind: Type, path: &Path, fault: &str) -> bool {
        let quoted = value.as_str().and_then(crate::json::number).is_some();
        let number = matches!(kind.bare(), Type::Number(_) | Type::Whole(_) | Type::Quantity(_) | Type::Count(_));
        let hint = if quoted && number { "without quotes " } else { "" };
        self.findings.problem(path, format!("{} {fault}", show(value)), format!("give {hint}{}", expected(kind)));
        false
    }

    /// Replaces what cannot stay; false where it is better removed.
    fn mend(&mut self, value: &mut Value, kind: Type, required: bool) -> bool {
        let number = matches!(kind, Type::Number(_) | Type::Whole(_) | Type::Quantity(_) | Type::Count(_));
        if required || number {
            let meant = value.as_str().and_then(crate::json::number);
            *value = match (kind, meant) {
                (Type::Number(range) | Type::Quantity(range), Some(meant)) => Value::from(range.nearest(meant)),
                (Type::Whole(range) | Type::Count(range), Some(meant)) => Value::from(range.nearest(meant.round())),
                _ => placeholder(kind),
            };
        }
        required || number
    }
}

fn is_component(shape: &'static Shape) -> bool {
    std::ptr::eq(shape, &raw const COMPONENT)
}

fn looks_like(looks: Looks, value: &Value) -> bool {
    match looks {
        Looks::List => value.is_array(),
        Looks::Like(shape) => value.as_object().is_some_and(|map| map.keys().any(|key| shape.field(key).is_some())),
        Looks::Otherwise => true,
    }
}

fn did_you_mean(near: Option<&str>, otherwise: impl FnOnce() -> String) -> String {
    near.map_or_else(otherwise, |near| format!("did you mean {near}?"))
}

/// Something that can stand in place of a faulty value; a name is empty, which later checks pass over.
fn placeholder(kind: Type) -> Value {
    match kind {
        Type::Text(_) | Type::Id | Type::Reference(_) | Type::Currency | Type::Date => Value::from(""),
        Type::Version => Value::from(crate::version::FORMAT),
        Type::Flag => Value::Bool(false),
        Type::Number(range) | Type::Whole(range) | Type::Quantity(range) | Type::Count(range) => {
            Value::from(range.nearest(1.0))
        }
        Type::Choice(words) => Value::from(words[0].0),
        Type::Object(shape) => Value::Object(placeholder_object(shape)),
        Type::List(..) => Value::Array(Vec::new()),
        Type::Tuple(of) => of.iter().map(|of| placeholder(*of)).collect(),
        Type::Map(..) => Value::Object(Map::new()),
        Type::PerClass(of) => placeholder(*of),
        Type::Either(alternatives) => alternatives.last().map_or(Value::Null, |(_, of)| placeholder(*of)),
    }
}

fn placeholder_object(shape: &Shape) -> Map<String, Value> {
    let needed = |(i, field): &(usize, &Field)| field.required || (shape.exactly_one && *i == 0);
    let fields = shape.fields.iter().enumerate().filter(needed);
    let mut object = Map::new();
    fields.for_each(|(_, field)| {
        object.insert(field.key.to_owned(), placeholder(field.value));
    });
    object
}
