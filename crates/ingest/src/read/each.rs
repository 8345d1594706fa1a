//! Lists inside of a JSON text, one item at a time: a text of many items takes the memory of one.

use super::list::Taken;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// Hands over each value at a path of keys, of which each may be one of several; lists on the way, and the one at its end, are
/// opened. What stands beside is passed over. Values come as they are read, so those before a cut or a fault do, too.
pub fn each(text: &[u8], path: &[&[&str]], take: &mut dyn FnMut(&Value)) -> Taken {
    walked(text, At { path, take: Take::Values(take) })
}

/// As [`each`], each item of the list at the path as text.
pub fn texts(text: &[u8], path: &[&[&str]], take: &mut dyn FnMut(&[u8])) -> Taken {
    walked(text, At { path, take: Take::Texts(take) })
}

fn walked(text: &[u8], at: At<'_>) -> Taken {
    match at.deserialize(&mut serde_json::Deserializer::from_slice(text)) {
        Ok(()) => Taken::Whole,
        Err(error) if error.is_eof() => Taken::Cut,
        Err(_) => Taken::Unread,
    }
}

/// Who takes what is found.
enum Take<'a> {
    Values(&'a mut dyn FnMut(&Value)),
    Texts(&'a mut dyn FnMut(&[u8])),
}

impl Take<'_> {
    fn value(&mut self, value: &Value) {
        if let Take::Values(take) = self {
            take(value);
        }
    }

    fn again(&mut self) -> Take<'_> {
        match self {
            Take::Values(take) => Take::Values(&mut **take),
            Take::Texts(take) => Take::Texts(&mut **take),
        }
    }
}

/// A place in the text, with the keys that lead on from it.
struct At<'a> {
    path: &'a [&'a [&'a str]],
    take: Take<'a>,
}

impl<'de> DeserializeSeed<'de> for At<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<(), D::Error> {
        source.deserialize_any(self)
    }
}

/// A plain value at the end of the path is handed over; before it, it leads nowhere.
macro_rules! plain {
    ($($method:ident: $type:ty),*) => {
        $(fn $method<E: Error>(mut self, value: $type) -> Result<(), E> {
            if self.path.is_empty() {
                self.take.value(&Value::from(value));
            }
            Ok(())
        })*
    };
}

impl<'de> Visitor<'de> for At<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    plain!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        if !self.path.is_empty() {
            while list.next_element_seed(At { path: self.path, take: self.take.again() })?.is_some() {}
            return Ok(());
        }
        match self.take {
            Take::Values(take) => {
                while let Some(item) = list.next_element::<Value>()? {
                    take(&item);
                }
            }
            Take::Texts(take) => {
                while let Some(item) = list.next_element::<&RawValue>()? {
                    take(item.get().as_bytes());
                }
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        let Some((wanted, rest)) = self.path.split_first() else {
            let value = Value::deserialize(MapAccessDeserializer::new(members))?;
            self.take.value(&value);
            return Ok(());
        };
        while let Some(key) = members.next_key::<Cow<'_, str>>()? {
            if wanted.contains(&key.as_ref()) {
                members.next_value_seed(At { path: rest, take: self.take.again() })?;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_at_paths() {
        let text = r#"{"a": [{"x": [1, [2], {"y": 3}], "x2": 4}, {"x": "five", "z": {"x": [9]}}], "b": {"x": [6]}, "a2": {"x": {"k": 7}}}"#;
        for (path, text, expected, taken) in [
            (&[&["a", "a2"][..], &["x"]][..], text, r#"1 [2] {"y":3} "five" {"k":7}"#, Taken::Whole),
            (&[&["b"], &["x"]], text, "6", Taken::Whole),
            (&[&["b"]], text, r#"{"x":[6]}"#, Taken::Whole),
            (&[], "[1, [2], null, true]", "1 [2] null true", Taken::Whole),
            (&[&["c"]], text, "", Taken::Whole),
            (&[&["a"], &["x"]], "7", "", Taken::Whole),
            (&[&["a"], &["x"]], &text[..16], "1", Taken::Cut),
            (&[&["a"], &["x"]], r#"{"a": {"x": [1, 2 3]}}"#, "1 2", Taken::Unread),
            (&[&["a"]], "", "", Taken::Cut),
        ] {
            let mut found = Vec::new();
            let ended = each(text.as_bytes(), path, &mut |value| found.push(value.to_string()));
            assert_eq!((found.join(" ").as_str(), ended), (expected, taken), "{path:?} of {text}");
        }
        let mut found = Vec::new();
        let ended = texts(text.as_bytes(), &[&["a", "b"], &["x"]], &mut |item| found.push(item.to_vec()));
        assert_eq!((found.join(&b' '), ended), (br#"1 [2] {"y": 3} 6"#.to_vec(), Taken::Whole));
    }
}
