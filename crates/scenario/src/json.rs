//! JSON text to a value. Unlike serde_json's own reading it reports keys that stand twice (which it would silently drop),
//! and says at which path a text stopped being JSON.

use crate::Problem;
use crate::path::Path;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::cell::RefCell;
use std::fmt;

/// Reads JSON.
///
/// # Errors
/// One problem with line and column where the text is no JSON, or one per key that stands twice.
pub fn read(text: &str) -> Result<Value, Vec<Problem>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let found = Found::default();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Reader { path: Path::ROOT, found: &found }.deserialize(&mut deserializer);
    found.outcome(value.and_then(|value| deserializer.end().map(|()| value)), syntax)
}

/// Reads a document in another format with the same keys, such as YAML, from its own reader; `format` is its name.
///
/// # Errors
/// As [`read`].
pub fn read_from<'de, D: Deserializer<'de>>(deserializer: D, format: &str) -> Result<Value, Vec<Problem>> {
    let found = Found::default();
    let value = Reader { path: Path::ROOT, found: &found }.deserialize(deserializer);
    found.outcome(value, |error, path| {
        Problem::new(path, format!("this is not {format}: {error}"), "check the text at this place")
    })
}

/// The decimal number that a text holds, as people write one: `.05`, `5.`, `007` and `+5` too. Brought to JSON's form and
/// read as such: the standard library's reader of numbers would come into the wasm files beside serde_json's.
pub(crate) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = text.split_at(text.find(['e', 'E']).unwrap_or(text.len()));
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.len() + part.len() == 0 || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    let point = if part.is_empty() { "" } else { "." };
    read(&format!("{sign}{whole}{point}{part}{exponent}")).ok()?.as_f64()
}

fn syntax(error: &serde_json::Error, path: String) -> Problem {
    let message = error.to_string();
    let remedy = if error.is_eof() {
        "the text ends too early: copy or download it whole"
    } else if message.starts_with("number out of range") {
        "give a number below 1e308"
    } else if message.starts_with("recursion limit") {
        "a scenario nests a dozen levels at most"
    } else {
        "check the text at this place"
    };
    Problem::new(path, format!("this is not JSON: {message}"), remedy)
}

#[derive(Default)]
struct Found {
    repeated: RefCell<Vec<Problem>>,
    broken_at: RefCell<Option<String>>,
}

impl Found {
    /// The value, unless keys stand twice or reading failed, which a function puts into words with its path.
    fn outcome<E>(self, value: Result<Value, E>, said: impl Fn(&E, String) -> Problem) -> Result<Value, Vec<Problem>> {
        match value {
            Ok(value) if self.repeated.borrow().is_empty() => Ok(value),
            Ok(_) => Err(self.repeated.into_inner()),
            Err(error) => Err(vec![said(&error, self.broken_at.into_inner().unwrap_or_default())]),
        }
    }
}

#[derive(Clone, Copy)]
struct Reader<'p> {
    path: Path<'p>,
    found: &'p Found,
}

impl Reader<'_> {
    /// Remembers the innermost path at which reading failed.
    fn failed<E>(&self, error: E) -> E {
        self.found.broken_at.borrow_mut().get_or_insert_with(|| self.path.to_string());
        error
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self).map_err(|error| self.failed(error))
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    // Whole numbers beyond 64 bits: YAML's reader gives them as such, JSON's as below.
    fn visit_i128<E: Error>(self, value: i128) -> Result<Value, E> {
        self.visit_f64(value as f64)
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Value, E> {
        self.visit_f64(value as f64)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) =
            list.next_element_seed(Reader { path: self.path.index(values.len()), found: self.found })?
        {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = object.next_key::<String>()? {
            let path = self.path.key(&key);
            let value = object.next_value_seed(Reader { path, found: self.found })?;
            if map.contains_key(&key) {
                let problem = Problem::new(path.to_string(), format!("{key:?} stands twice"), "keep one of them");
                self.found.repeated.borrow_mut().push(problem);
            }
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_text_says_where() {
        let rows = [
            (r#"{"a": [1, 2,]}"#, "a", "trailing comma at line 1 column 13"),
            ("{\n \"a\": {\"b\": 1e400}}", "a.b", "number out of range at line 2"),
            (r#"{"a": [1, 2"#, "a", "EOF while parsing a list"),
            ("", "", "EOF"),
            ("\u{0}\u{1}", "", "expected value at line 1 column 1"),
            (r#"{"a": NaN}"#, "a", "expected value"),
            ("{} {}", "", "trailing characters"),
            (&"[".repeat(100_000), "", "recursion limit exceeded"),
        ];
        for (text, path, message) in rows {
            let problems = read(text).unwrap_err();
            assert!(problems[0].text.contains(message), "{problems:?}");
            assert!(path.is_empty() || problems[0].path == path, "{problems:?}");
        }
    }

    #[test]
    fn every_key_that_stands_twice_is_named() {
        let problems = read(r#"{"a": {"b": 1, "b": 2}, "l": [{"c": 1, "c": 1}], "a": 3}"#).unwrap_err();
        let paths: Vec<&str> = problems.iter().map(|p| p.path.as_str()).collect();
        assert_eq!(paths, ["a.b", "l[0].c", "a"]);
    }

    #[test]
    fn numbers_in_quotes() {
        let numbers = [
            ("120", 120.0),
            (" 0.05 ", 0.05),
            (".05", 0.05),
            ("-.5e1", -5.0),
            ("5.", 5.0),
            ("5.e2", 500.0),
            ("007", 7.0),
            ("-00.50", -0.5),
            ("000", 0.0),
            ("+5", 5.0),
            ("1E+3", 1000.0),
        ];
        for (text, value) in numbers {
            assert_eq!(number(text), Some(value), "{text}");
            // What the standard library reads.
            assert_eq!(text.trim().parse(), Ok(value), "{text}");
        }
        let others = [
            "",
            "+",
            "-",
            ".",
            "+.",
            ".e5",
            "e5",
            "+-5",
            "-+5",
            "--5",
            "++5",
            "+ 5",
            "- 5",
            "5 .",
            "5. 5",
            "5.-5",
            "5e",
            "1,5",
            "1.2.3",
            "0x10",
            "1_000",
            "five",
            "[5]",
            "true",
            "5 6",
            "\u{feff}5",
            "1e400",
        ];
        for text in others {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_fault() {
        assert_eq!(read("\u{feff}{\"a\": 1.5}").unwrap(), serde_json::json!({"a": 1.5}));
    }
}
