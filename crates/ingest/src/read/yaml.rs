//! YAML documents as JSON values, with a bound on what aliases may multiply.

use granit_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;

/// Most weight of all documents together; a value weighs one, and one more per 32 bytes of text. Aliases weigh what they stand for.
const WEIGHT: usize = 1_000_000;
/// Deepest nesting kept.
const DEPTH: usize = 100;

/// What a YAML text holds.
#[derive(Debug, Default)]
pub struct Documents {
    /// Its documents, an unfinished last one included.
    pub values: Vec<Value>,
    /// Where reading stopped early, and why: line and column from 1.
    pub stopped: Option<(u64, u64, String)>,
}

/// A container that is still open.
struct Open {
    value: Value,
    /// The key whose value comes next.
    key: Option<String>,
    /// Values given by `<<`.
    merged: Vec<Value>,
    anchor: usize,
    weight: usize,
}

#[derive(Default)]
struct Builder {
    values: Vec<Value>,
    stack: Vec<Open>,
    anchors: BTreeMap<usize, (Value, usize)>,
    weight: usize,
}

/// Reads all documents of a text. What was complete before a fault is kept.
pub fn documents(text: &str) -> Documents {
    let mut builder = Builder::default();
    let mut stopped = None;
    for next in Parser::new_from_str(text) {
        let (place, fault) = match next {
            Ok((event, span)) => {
                let Err(fault) = builder.take(event) else { continue };
                ((span.start.line(), span.start.col()), fault.to_owned())
            }
            Err(error) => ((error.marker().line(), error.marker().col()), error.info()),
        };
        stopped = Some((place.0 as u64, place.1 as u64 + 1, fault));
        break;
    }
    builder.close();
    Documents { values: builder.values, stopped }
}

impl Builder {
    fn take(&mut self, event: Event<'_>) -> Result<(), &'static str> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let weight = 1 + text.len() / 32;
                let value = if plain { resolved(&text) } else { Value::String(text.into_owned()) };
                self.value(value, anchor, weight)
            }
            Event::SequenceStart(_, anchor, _) => self.open(Value::Array(Vec::new()), anchor),
            Event::MappingStart(_, anchor, _) => self.open(Value::Object(Map::new()), anchor),
            Event::SequenceEnd | Event::MappingEnd => match self.stack.pop() {
                Some(open) => {
                    let (anchor, weight) = (open.anchor, open.weight);
                    self.value(open.closed(), anchor, weight)
                }
                None => Ok(()),
            },
            Event::Alias(anchor) => {
                let (value, weight) = self.anchors.get(&anchor).cloned().unwrap_or((Value::Null, 1));
                self.value(value, 0, weight)
            }
            Event::DocumentEnd => {
                self.anchors.clear();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, value: Value, anchor: usize) -> Result<(), &'static str> {
        if self.stack.len() >= DEPTH {
            return Err("it nests too deeply");
        }
        self.stack.push(Open { value, key: None, merged: Vec::new(), anchor, weight: 1 });
        Ok(())
    }

    /// Puts a complete value where it belongs.
    fn value(&mut self, value: Value, anchor: usize, weight: usize) -> Result<(), &'static str> {
        self.weight += weight;
        if self.weight > WEIGHT {
            return Err("it is too large, or its aliases multiply too much");
        }
        if anchor > 0 {
            self.weight += weight;
            self.anchors.insert(anchor, (value.clone(), weight));
        }
        let Some(open) = self.stack.last_mut() else {
            self.values.push(value);
            return Ok(());
        };
        open.weight += weight;
        match (&mut open.value, open.key.take()) {
            (Value::Array(items), _) => items.push(value),
            (Value::Object(_), None) => open.key = Some(text_of(value)),
            (Value::Object(_), Some(key)) if key == "<<" => match value {
                Value::Array(items) => open.merged.extend(items),
                other => open.merged.push(other),
            },
            (Value::Object(members), Some(key)) => {
                members.insert(key, value);
            }
            _ => {}
        }
        Ok(())
    }

    /// Closes what a cut text left open.
    fn close(&mut self) {
        while let Some(open) = self.stack.pop() {
            let value = open.closed();
            match self.stack.last_mut() {
                None => self.values.push(value),
                Some(parent) => match (&mut parent.value, parent.key.take()) {
                    (Value::Array(items), _) => items.push(value),
                    (Value::Object(members), Some(key)) => {
                        members.insert(key, value);
                    }
                    _ => {}
                },
            }
        }
    }
}

impl Open {
    /// The value, with the members that `<<` gives where it has none of its own; earlier ones win.
    fn closed(self) -> Value {
        let mut value = self.value;
        if let Value::Object(members) = &mut value {
            for merged in self.merged {
                let Value::Object(given) = merged else { continue };
                for (key, value) in given {
                    members.entry(key).or_insert(value);
                }
            }
        }
        value
    }
}

/// A key as text.
fn text_of(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// A plain scalar by the core schema of YAML 1.2.
fn resolved(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') || digits.starts_with("0x") {
        return Value::String(text.to_owned());
    }
    if let Ok(whole) = text.parse::<i64>() {
        return Value::Number(whole.into());
    }
    let number = text.parse::<f64>().ok().and_then(Number::from_f64);
    number.map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn documents_with_anchors_and_merge_keys() {
        let text = "base: &b {cpus: '0.50', n: 3, on: true}\nweb:\n  <<: *b\n  n: 4\n---\n- 1.5\n- 500m\n- ~\n- |\n  two\n  lines\n";
        let found = documents(text);
        assert_eq!(found.stopped, None);
        let base = json!({"cpus": "0.50", "n": 3, "on": true});
        assert_eq!(found.values[0], json!({"base": base, "web": {"cpus": "0.50", "n": 4, "on": true}}));
        assert_eq!(found.values[1], json!([1.5, "500m", null, "two\nlines\n"]));
    }

    #[test]
    fn hostile_texts_stop_soon_and_keep_what_came_before() {
        let mut bomb = "first: 1\n---\na: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for (name, of) in ["b", "c", "d", "e", "f", "g", "h"].into_iter().zip(["a", "b", "c", "d", "e", "f", "g"]) {
            let aliases = vec![format!("*{of}"); 10].join(", ");
            bomb += &format!("{name}: &{name} [{aliases}]\n");
        }
        let found = documents(&bomb);
        assert_eq!((found.values[0].clone(), found.stopped.is_some()), (json!({"first": 1}), true));
        let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(1_000_000), vec!["*a"; 1000].join(", "));
        assert!(documents(&long).stopped.is_some());
        assert!(documents(&"[".repeat(100_000)).stopped.is_some());
        let steps: String = (0..2000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        assert!(documents(&steps).stopped.is_some());
        let (line, column, _) = documents("a: 1\nb: [1, 2\nc: {").stopped.unwrap();
        assert!(line >= 2 && column >= 1);
        assert_eq!(documents("a: 1\nb: [1, {c: 2").values, [json!({"a": 1, "b": [1]})]);
    }
}
