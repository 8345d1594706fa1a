//! JSON documents: reading them whole even when cut, and getting at their figures without panics.

use crate::refusal::{Refusal, excerpt};
use serde_json::Value;

/// Deepest nesting kept; serde_json itself refuses more than 128.
const DEPTH: usize = 120;

/// A document that was read.
#[derive(Debug)]
pub struct Document {
    /// Its value.
    pub value: Value,
    /// Line and column where it was cut, if it was.
    pub cut_at: Option<(u64, u64)>,
}

/// Most memory that the values of a line or of an item of a list may take, in bytes.
const LINE_WEIGHT: usize = 40 * 1024 * 1024;
/// Most memory that the values of a document held whole may take, in bytes.
const WHOLE_WEIGHT: usize = 256 * 1024 * 1024;
/// What an object and any other value take at least, in bytes: a node of a B-tree with room for eleven members; a value in a
/// list that grew by doubling.
const OBJECT: usize = 640;
const ELEMENT: usize = 64;

/// The memory that the values of this text take at most, about: `[{"a":1},…` takes eighty times its text.
pub fn weight(text: &[u8]) -> usize {
    let of = |byte: u8| memchr::memchr_iter(byte, text).count();
    text.len() + OBJECT * of(b'{') + ELEMENT * (of(b',') + of(b'['))
}

fn within(text: &[u8], most: usize) -> Result<(), Refusal> {
    if text.len() > most / OBJECT && weight(text) > most {
        let found = format!("values that would take more than {} MB of memory", most / 1024 / 1024);
        return Err(Refusal::new("a summary or report", found).remedy(super::list::shorter(text)));
    }
    Ok(())
}

/// The longest start of a text, by halves, whose values take at most so many bytes of memory.
pub fn light(text: &[u8], most: usize) -> &[u8] {
    if text.len() <= 1024 || weight(text) <= most { text } else { light(&text[..text.len() / 2], most) }
}

/// The value of a line; nothing where it is no JSON, or too many values to be held.
pub fn value(line: &[u8]) -> Option<Value> {
    within(line, LINE_WEIGHT).ok()?;
    serde_json::from_slice(line).ok()
}

/// Reads a whole document, as [`document`] reads a short one.
///
/// # Errors
/// As [`document`].
pub fn whole(bytes: &[u8]) -> Result<Document, Refusal> {
    within(bytes, WHOLE_WEIGHT)?;
    parsed(bytes)
}

/// Reads a document of a line or an item. Log text before its first line that opens a bracket is passed over; a document that ends early is closed
/// after its last complete value.
///
/// # Errors
/// It is not JSON: with line, column and what stands there; or it holds too many values.
pub fn document(bytes: &[u8]) -> Result<Document, Refusal> {
    within(bytes, LINE_WEIGHT)?;
    parsed(bytes)
}

fn parsed(bytes: &[u8]) -> Result<Document, Refusal> {
    let start = first_bracket(bytes).unwrap_or(0);
    let text = &bytes[start..];
    let lines_before = memchr::memchr_iter(b'\n', &bytes[..start]).count() as u64;
    let error = match serde_json::from_slice(text) {
        Ok(value) => return Ok(Document { value, cut_at: None }),
        Err(error) => error,
    };
    let cut = error.is_eof().then(|| closed(text).and_then(|text| serde_json::from_slice(&text).ok())).flatten();
    if let Some(value) = cut {
        return Ok(Document { value, cut_at: Some((lines_before + error.line() as u64, error.column() as u64)) });
    }
    // Tools that print to the terminal may say goodbye after the document.
    if start > 0
        && let Some(Ok(value)) = serde_json::Deserializer::from_slice(text).into_iter().next()
    {
        return Ok(Document { value, cut_at: None });
    }
    let refusal = refusal(text, &error);
    Err(match refusal.line {
        Some(line) => refusal.at_line(lines_before + u64::from(line)),
        None => refusal,
    })
}

/// The start of the first line that opens a bracket.
pub fn first_bracket(bytes: &[u8]) -> Option<usize> {
    let starts = std::iter::once(0).chain(memchr::memchr_iter(b'\n', bytes).map(|place| place + 1));
    starts.map(|start| start + indent(&bytes[start..])).find(|start| opens(&bytes[*start..]))
}

fn indent(line: &[u8]) -> usize {
    line.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count()
}

/// Whether a document opens here. Log lines open brackets too (`[2026-11-21 …] INFO`), so what follows must look like JSON.
fn opens(rest: &[u8]) -> bool {
    let [open @ (b'{' | b'['), inside @ ..] = rest else { return false };
    match (open, inside.trim_ascii_start().first()) {
        (b'{', Some(b'"' | b'}')) | (b'[', Some(b'{' | b'[' | b']' | b'"')) | (_, None) => true,
        (b'[', Some(byte)) => {
            // A list of plain numbers, and not a time stamp in brackets.
            let word: Vec<u8> = inside
                .trim_ascii_start()
                .iter()
                .copied()
                .take_while(|byte| !matches!(byte, b',' | b']' | b'\n'))
                .collect();
            (byte.is_ascii_digit() || matches!(byte, b'-' | b't' | b'f' | b'n'))
                && serde_json::from_slice::<Value>(&word).is_ok()
        }
        _ => false,
    }
}

fn refusal(bytes: &[u8], error: &serde_json::Error) -> Refusal {
    let line = bytes.split(|byte| *byte == b'\n').nth(error.line().saturating_sub(1)).unwrap_or(b"");
    let from = error.column().saturating_sub(20).min(line.len());
    let found = format!("{} near {}", plain(error), excerpt(&line[from..]));
    Refusal::new("a JSON document", found)
        .at_line(error.line() as u64)
        .at_column(error.column() as u64)
        .remedy("export it again")
}

/// The error without the place serde_json appends.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or("").to_owned()
}

/// The document cut back to its last complete value, with the open brackets closed.
fn closed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut stack: Vec<u8> = Vec::new();
    // The last place after a complete member or element. Every change of the stack moves it, so the stack is always that of it.
    let mut safe = None;
    let mut place = 0;
    while place < bytes.len() {
        match bytes[place] {
            b'"' => place = string_end(bytes, place)?,
            open @ (b'{' | b'[') => {
                stack.push(if open == b'{' { b'}' } else { b']' });
                if stack.len() > DEPTH {
                    return None;
                }
                safe = Some(place + 1);
            }
            b'}' | b']' => {
                stack.pop()?;
                safe = Some(place + 1);
            }
            b',' => safe = Some(place),
            _ => {}
        }
        place += 1;
    }
    let mut text = bytes[..safe?].to_vec();
    text.extend(stack.iter().rev());
    Some(text)
}

/// The place of the closing quote; the end of the text when there is none.
fn string_end(bytes: &[u8], open: usize) -> Option<usize> {
    let mut place = open + 1;
    loop {
        match memchr::memchr2(b'"', b'\\', bytes.get(place..)?) {
            None => return Some(bytes.len()),
            Some(offset) if bytes[place + offset] == b'"' => return Some(place + offset),
            Some(offset) => place += offset + 2,
        }
        if place > bytes.len() {
            return Some(bytes.len());
        }
    }
}

/// The value at a path of keys.
pub fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |inner, key| inner.get(*key))
}

/// A finite number, also when written as text.
pub fn as_number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64().filter(|number| number.is_finite()),
        Value::String(text) => super::text::number(text),
        _ => None,
    }
}

/// A whole, non-negative number that can be added to others without overflow.
pub fn as_count(value: &Value) -> Option<u64> {
    as_number(value).and_then(super::text::count)
}

/// The finite number at a path.
pub fn number(value: &Value, path: &[&str]) -> Option<f64> {
    at(value, path).and_then(as_number)
}

/// The whole, non-negative number at a path.
pub fn count(value: &Value, path: &[&str]) -> Option<u64> {
    number(value, path).and_then(super::text::count)
}

/// The text at a path.
pub fn text<'a>(value: &'a Value, path: &[&str]) -> Option<&'a str> {
    at(value, path).and_then(Value::as_str)
}

/// The list at a path; empty when there is none.
pub fn list<'a>(value: &'a Value, path: &[&str]) -> &'a [Value] {
    at(value, path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The members of the object at a path.
pub fn members<'a>(value: &'a Value, path: &[&str]) -> impl Iterator<Item = (&'a str, &'a Value)> {
    at(value, path).and_then(Value::as_object).into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

/// Whether the object has all these keys.
pub fn has(value: &Value, keys: &[&str]) -> bool {
    keys.iter().all(|key| value.get(key).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_document_keeps_its_complete_values() {
        let text = r#"{"a": [1, 2, {"b": "x, ]\" y", "c": 3.5}], "d": "tail"}"#;
        for (cut, expected) in [
            (r#"{"a": [1, 2, {"b": "x"#, r#"{"a":[1,2,{}]}"#),
            (r#"{"a": [1, 2, {"b": "x, ]\" y", "c": 3"#, r#"{"a":[1,2,{"b":"x, ]\" y"}]}"#),
            (r#"{"a": [1, 2, {"b": "x, ]\" y", "c": 3.5}], "d"#, r#"{"a":[1,2,{"b":"x, ]\" y","c":3.5}]}"#),
            ("[1, 2", "[1]"),
            ("{", "{}"),
        ] {
            let found = document(cut.as_bytes()).unwrap();
            assert_eq!(found.value, serde_json::from_str::<Value>(expected).unwrap(), "{cut}");
            assert!(found.cut_at.is_some());
        }
        for end in 1..text.len() {
            assert!(document(&text.as_bytes()[..end]).is_ok(), "cut at {end}");
        }
    }

    #[test]
    fn text_around_a_document_is_passed_over() {
        let log = b"[2026-11-21 20:00:00,123] host/INFO: Starting\n** SIEGE 4.1\n{ \"a\": [1, 2]\n}\nbye\n";
        assert_eq!(document(log).unwrap().value["a"][1], 2);
        let found = document(b"[2026-11-21] INFO\n[\n {\"a\": 1, \"b").unwrap();
        assert_eq!((found.value[0]["a"].as_u64(), found.cut_at), (Some(1), Some((3, 12))));
    }

    #[test]
    fn few_bytes_of_many_values_are_refused() {
        let objects = |count: usize| format!("[{}0]", "{\"a\":1},".repeat(count));
        for (text, line, whole) in [
            (objects(50_000), true, true),
            (objects(70_000), false, true),
            (objects(700_000), false, false),
            (format!("[{}0]", "[],".repeat(400_000)), false, true),
            (format!("[\"{}\"]", "x".repeat(7_000_000)), true, true),
            (format!("[{}0]", "123456789012345678,".repeat(400_000)), true, true),
        ] {
            let start = &text[..20];
            assert_eq!(value(text.as_bytes()).is_some(), line, "{start}");
            assert_eq!(document(text.as_bytes()).is_ok(), line, "{start}");
            assert_eq!(super::whole(text.as_bytes()).is_ok(), whole, "{start}");
        }
    }

    #[test]
    fn other_text_is_refused_with_its_place() {
        let found = document(b"{\"a\": 1,\n \"b\" 2}").unwrap_err();
        assert_eq!((found.line, found.column), (Some(2), Some(6)));
        assert!(document(&vec![b'['; 100_000]).is_err());
    }
}
