//! Paths into a document, such as `components[2].calls[0].retry.max`: built without allocation while walking, written only
//! when a problem needs one.

use std::fmt;

/// One step of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// A key of an object.
    Key(&'a str),
    /// A position in a list.
    Index(usize),
}

/// A path as a chain of steps on the stack of the walk that made it.
#[derive(Debug, Clone, Copy)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Option<Step<'a>>,
}

impl Path<'static> {
    /// The whole document; written as the empty string.
    pub const ROOT: Self = Self { parent: None, step: None };
}

impl<'a> Path<'a> {
    /// The path of a key below this one.
    #[must_use]
    pub const fn key<'b>(&'b self, key: &'b str) -> Path<'b> {
        Path { parent: Some(self), step: Some(Step::Key(key)) }
    }

    /// The path of a list entry below this one.
    #[must_use]
    pub const fn index<'b>(&'b self, index: usize) -> Path<'b> {
        Path { parent: Some(self), step: Some(Step::Index(index)) }
    }

    /// The last step; `None` for the whole document.
    #[must_use]
    pub const fn step(&self) -> Option<Step<'a>> {
        self.step
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(step) = self.step else {
            return Ok(());
        };
        let mut first = true;
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
            first = parent.step.is_none();
        }
        match step {
            Step::Index(index) => write!(f, "[{index}]"),
            Step::Key(key) if is_plain(key) => write!(f, "{}{key}", if first { "" } else { "." }),
            Step::Key(key) => write!(f, "[{key:?}]"),
        }
    }
}

/// Whether a key can stand in a path without quotes.
fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'*' | b'$'))
}

/// One step of a path that was read from text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owned {
    /// A key of an object, or the id of a list entry.
    Key(String),
    /// A position in a list.
    Index(usize),
}

/// Reads a path as it is written: keys with dots, positions in brackets, odd keys quoted in brackets. `None` when it is none.
#[must_use]
pub fn parse(text: &str) -> Option<Vec<Owned>> {
    let mut steps = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let (step, after) = bracket(inner)?;
            steps.push(step);
            rest = after;
        } else {
            let key = if steps.is_empty() { rest } else { rest.strip_prefix('.')? };
            let end = key.find(['.', '[']).unwrap_or(key.len());
            if end == 0 {
                return None;
            }
            steps.push(Owned::Key(key[..end].to_owned()));
            rest = &key[end..];
        }
    }
    Some(steps)
}

/// What stands in a bracket, and what comes after it.
fn bracket(inner: &str) -> Option<(Owned, &str)> {
    if !inner.starts_with('"') {
        let (index, after) = inner.split_once(']')?;
        return Some((Owned::Index(index.parse().ok()?), after));
    }
    let mut key = String::new();
    let mut characters = inner.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((Owned::Key(key), inner.get(at + 1..)?.strip_prefix(']')?)),
            '\\' => key.push(match characters.next()?.1 {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                other => other,
            }),
            other => key.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_as_people_write_them() {
        let root = Path::ROOT;
        let components = root.key("components");
        let second = components.index(2);
        let calls = second.key("calls");
        let first = calls.index(0);
        let retry = first.key("retry");
        assert_eq!(retry.key("max").to_string(), "components[2].calls[0].retry.max");
        let map = root.key("map");
        let endpoints = map.key("endpoints");
        assert_eq!(endpoints.key("GET /a\"b").to_string(), r#"map.endpoints["GET /a\"b"]"#);
        assert_eq!(root.to_string(), "");
        assert_eq!(root.index(3).to_string(), "[3]");
        assert_eq!(root.key("odd key").to_string(), "[\"odd key\"]");
    }

    #[test]
    fn read_as_written() {
        let key = |key: &str| Owned::Key(key.to_owned());
        let rows = [
            (
                "components[2].calls[0].retry.max",
                Some(vec![key("components"), Owned::Index(2), key("calls"), Owned::Index(0), key("retry"), key("max")]),
            ),
            (
                "components.db.service.*.mean_ms",
                Some(vec![key("components"), key("db"), key("service"), key("*"), key("mean_ms")]),
            ),
            (r#"map.endpoints["GET /a\"b"]"#, Some(vec![key("map"), key("endpoints"), key("GET /a\"b")])),
            ("", Some(vec![])),
            ("a..b", None),
            (".a", None),
            ("a[", None),
            ("a[x]", None),
            (r#"a["x"#, None),
            ("a]", Some(vec![key("a]")])),
        ];
        for (text, expected) in rows {
            assert_eq!(parse(text), expected, "{text}");
        }
    }
}
