//! Cells that hold JSON, nearly: objects without their braces (Azure) and what Python prints of lists (exports by scripts).

use serde_json::Value;

/// Longest cell looked at, in bytes.
const LONGEST: usize = 64 * 1024;

/// The value of a cell; nothing for what is neither.
pub fn parse(cell: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(cell).ok()?.trim();
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    let nested =
        |text: &str| serde_json::from_str(text).ok().filter(|value: &Value| value.is_object() || value.is_array());
    let inside = || text.starts_with('"').then(|| nested(&format!("{{{text}}}"))).flatten();
    nested(text).or_else(inside).or_else(|| nested(&from_python(text)))
}

/// What Python prints, as JSON: single quotes, `None`, `True`, `False`.
fn from_python(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 8);
    let mut word = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter.is_ascii_alphabetic() {
            word.push(letter);
            continue;
        }
        close_word(&mut word, &mut json);
        match letter {
            quote @ ('\'' | '"') => string(quote, &mut letters, &mut json),
            other => json.push(other),
        }
    }
    close_word(&mut word, &mut json);
    json
}

fn close_word(word: &mut String, json: &mut String) {
    json.push_str(match word.as_str() {
        "None" => "null",
        "True" => "true",
        "False" => "false",
        other => other,
    });
    word.clear();
}

/// Copies a quoted text, its quotes as JSON has them.
fn string(quote: char, letters: &mut std::str::Chars<'_>, json: &mut String) {
    json.push('"');
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('\'') => json.push('\''),
                Some(other) => json.extend(['\\', other]),
                None => {}
            },
            '"' if quote == '\'' => json.push_str("\\\""),
            end if end == quote => break,
            other => json.push(other),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nearly_json() {
        for (text, expected) in [
            ("[]", Some(json!([]))),
            (r#"{"a": 1}"#, Some(json!({"a": 1}))),
            (r#""a": "x","b": "y""#, Some(json!({"a": "x", "b": "y"}))),
            (
                "[{'name': 'It\\'s \"so\"', 'amount': -0.5, 'id': None}]",
                Some(json!([{"name": "It's \"so\"", "amount": -0.5, "id": null}])),
            ),
            ("[{'a': \"it's\"}]", Some(json!([{"a": "it's"}]))),
            ("plain", None),
            ("'", None),
            ("", None),
        ] {
            assert_eq!(parse(text.as_bytes()), expected, "{text}");
        }
    }
}
