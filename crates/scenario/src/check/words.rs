//! What the checks say about values: what stands there, what is expected.

use crate::catalogue::{Range, Type};
use crate::record::Tree;
use serde_json::Value;

/// A value as it is shown in a problem: short, whatever it is.
pub(super) fn show(value: &Value) -> String {
    const LONGEST: usize = 60;
    match value {
        Value::Array(list) => format!("a list of {}", list.len()),
        Value::Object(map) => format!("an object of {}", map.len()),
        Value::String(text) if text.chars().count() > LONGEST => {
            format!("{:?}…", text.chars().take(LONGEST).collect::<String>())
        }
        Value::String(text) => format!("{text:?}"),
        other => Tree::Value(other).text(),
    }
}

/// What may stand in a field, in words.
pub(super) fn expected(kind: Type) -> String {
    match kind {
        Type::Text(most) => format!("a text of at most {most} characters"),
        Type::Id => "an id of 1 to 64 characters out of a-z, 0-9 and -".to_owned(),
        Type::Reference(_) => "a name in quotes".to_owned(),
        Type::Version => format!("{:?}", crate::version::FORMAT),
        Type::Currency => "a currency such as USD".to_owned(),
        Type::Date => "a date such as 2026-11-03".to_owned(),
        Type::Flag => "true or false".to_owned(),
        Type::Number(range) if range == Range::ANY => range.to_string(),
        Type::Number(range) => format!("a number, {range}"),
        Type::Whole(range) => format!("a whole number, {range}"),
        Type::Quantity(range) => format!("a number, {range}, or an object with value, low, high, source, from"),
        Type::Count(range) => format!("a whole number, {range}, or an object with value, low, high, source, from"),
        Type::Choice(words) => {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            format!("one of {}", words.join(", "))
        }
        Type::Object(shape) => {
            let keys: Vec<&str> =
                shape.fields.iter().filter(|f| f.required || shape.exactly_one).map(|f| f.key).collect();
            match (keys.is_empty(), shape.exactly_one) {
                (true, _) => "an object".to_owned(),
                (false, true) => format!("an object with one of {}", keys.join(", ")),
                (false, false) => format!("an object with {}", keys.join(", ")),
            }
        }
        Type::List(..) => "a list".to_owned(),
        Type::Tuple(of) => format!("a list of exactly {}", of.len()),
        Type::Map(..) => "an object of names and values".to_owned(),
        Type::PerClass(of) => format!("{}, or one per class with * for the rest", expected(*of)),
        Type::Either(alternatives) => {
            let all: Vec<String> = alternatives.iter().map(|(_, of)| expected(*of)).collect();
            all.join("; or ")
        }
    }
}

/// What is wrong with a text of this type, if anything.
pub(super) fn text_fault(kind: Type, text: &str) -> Option<&'static str> {
    match kind {
        Type::Text(most) if text.chars().count() > most => Some("is too long"),
        Type::Id if !is_id(text) => Some("is no id"),
        Type::Reference(_) if text.chars().count() > 1000 => Some("is too long"),
        Type::Currency if text.len() != 3 || !text.bytes().all(|b| b.is_ascii_uppercase()) => {
            Some("is no currency code")
        }
        Type::Date if crate::date::days(text).is_none() => Some("is no date"),
        _ => None,
    }
}

/// Whether a text is an identifier: `[a-z0-9-]`, 1 to 64 characters.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}
