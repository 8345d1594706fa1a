//! A tree as compact JSON text, laid out as by serde_json; only where two shortest decimals are equally near to a number, its
//! last digit may be the other one. serde_json's writer would bring a serializer for every type and tables for the digits of
//! numbers into the wasm files; the standard library's formatting finds the digits without, and is there anyway.

use super::Tree;
use serde_json::{Number, Value};

impl Tree<'_> {
    /// As text.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        tree(self, &mut text);
        text
    }
}

fn tree(tree: &Tree<'_>, to: &mut String) {
    match tree {
        Tree::Null => to.push_str("null"),
        Tree::Flag(flag) => to.push_str(if *flag { "true" } else { "false" }),
        Tree::Count(count) => to.push_str(&count.to_string()),
        Tree::Number(number) => float(*number, to),
        Tree::Text(text) => quoted(text, to),
        Tree::List(list) => {
            let mut open = '[';
            for item in list {
                to.push(std::mem::replace(&mut open, ','));
                self::tree(item, to);
            }
            close(open, "[]", to);
        }
        Tree::Map(fields) => {
            let mut open = '{';
            for (key, field) in fields {
                to.push(std::mem::replace(&mut open, ','));
                quoted(key, to);
                to.push(':');
                self::tree(field, to);
            }
            close(open, "{}", to);
        }
        Tree::Value(found) => value(found, to),
    }
}

fn close(open: char, both: &str, to: &mut String) {
    to.push_str(if open == ',' { &both[1..] } else { both });
}

fn value(found: &Value, to: &mut String) {
    match found {
        Value::Null => tree(&Tree::Null, to),
        Value::Bool(flag) => tree(&Tree::Flag(*flag), to),
        Value::Number(number) => number_of(number, to),
        Value::String(text) => quoted(text, to),
        Value::Array(list) => tree(&Tree::List(list.iter().map(Tree::Value).collect()), to),
        Value::Object(map) => {
            tree(&Tree::Map(map.iter().map(|(key, value)| (key.as_str(), Tree::Value(value))).collect()), to);
        }
    }
}

fn number_of(number: &Number, to: &mut String) {
    if let Some(count) = number.as_u64() {
        to.push_str(&count.to_string());
    } else if let Some(whole) = number.as_i64() {
        to.push_str(&whole.to_string());
    } else {
        float(number.as_f64().unwrap_or(f64::NAN), to);
    }
}

fn quoted(text: &str, to: &mut String) {
    to.push('"');
    for c in text.chars() {
        match c {
            '"' => to.push_str("\\\""),
            '\\' => to.push_str("\\\\"),
            '\u{8}' => to.push_str("\\b"),
            '\u{c}' => to.push_str("\\f"),
            '\n' => to.push_str("\\n"),
            '\r' => to.push_str("\\r"),
            '\t' => to.push_str("\\t"),
            c if c < ' ' => to.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => to.push(c),
        }
    }
    to.push('"');
}

/// The fewest digits that read back as the same number, laid out as serde_json does.
fn float(value: f64, to: &mut String) {
    if !value.is_finite() {
        return to.push_str("null");
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    // Places before the decimal point; as many as there are digits of a whole number.
    let point = exponent.parse::<i32>().unwrap_or_default() + 1;
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or_default());
    let count = i32::try_from(digits.len()).unwrap_or_default();
    if value.is_sign_negative() {
        to.push('-');
    }
    if (-4..=16).contains(&point) {
        let padded = format!("{}{digits}{}", zeros(1 - point), zeros(point + 1 - count));
        let (whole, part) = padded.split_at(usize::try_from(point.max(1)).unwrap_or_default());
        to.push_str(whole);
        to.push('.');
        to.push_str(part);
    } else {
        to.push_str(mantissa.trim_start_matches('-'));
        to.push('e');
        if point > 0 {
            to.push('+');
        }
        to.push_str(exponent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(value: f64) -> String {
        Tree::Number(value).text()
    }

    #[test]
    fn numbers_are_laid_out_as_by_serde_json() {
        let rows =
            [0.0, -0.0, 1.0, 80.0, 0.1, 1.5e-4, 1e-5, 9.5e-6, 1.25e-7, 1e15, 123_456_789_012_345_680.0, 1e16, 1e17];
        let more = [
            f64::MAX,
            f64::MIN_POSITIVE,
            5e-324,
            -12.5,
            1e300,
            1.0 / 3.0,
            f64::NAN,
            f64::INFINITY,
            9_007_199_254_740_993.0,
        ];
        for value in rows.into_iter().chain(more).chain((-30..30).map(|e| 1.5 * 10_f64.powi(e))) {
            assert_eq!(written(value), serde_json::to_string(&value).unwrap());
        }
    }

    #[test]
    fn texts_are_the_same_as_by_serde_json() {
        let value = serde_json::json!({
            "a\"b\\c": ["\u{0}\u{1f}\u{7f}\u{8}\u{c}\n\r\t/é\u{2028}😀", [], {}, [1, -1, 1.0, true, false, null, u64::MAX]],
            "z": {"y": "", "x": [{}]},
        });
        assert_eq!(Tree::Value(&value).text(), value.to_string());
    }

    proptest! {
        #[test]
        fn any_number_reads_back_and_is_as_short_as_by_serde_json(bits in any::<u64>(), near in -1e6..1e6_f64) {
            // The last lies in the middle between two shortest decimals.
            for value in [f64::from_bits(bits), near, (near * 1e3).round() / 1e3, -7_762_636_911_171_761.0 / 4.0] {
                let (ours, theirs) = (written(value), serde_json::to_string(&value).unwrap());
                prop_assert_eq!(ours.len(), theirs.len(), "{} {}", ours, theirs);
                if value.is_finite() {
                    prop_assert_eq!(ours.parse::<f64>().unwrap().to_bits(), value.to_bits());
                }
            }
        }
    }
}
