//! Versions of the format and the chain of pure functions that lifts every older document to the current one.

use crate::Problem;
use serde_json::Value;

/// The format that this version writes.
pub const FORMAT: &str = "headroom/1";

const MAJOR: u32 = 1;
const MINOR: u32 = 0;

/// One link of the chain: from one major version to the next.
struct Link {
    from: u32,
    lift: fn(&mut Value),
}

/// Every link, oldest first. A link is never changed once a version with it was released; a fixture in
/// `tests/fixtures/versions` proves that its documents still open.
const LINKS: &[Link] = &[Link { from: 0, lift: from_draft }];

/// The drafts before the first release differ by nothing but their name.
fn from_draft(document: &mut Value) {
    rename(document, "headroom/1");
}

/// What a document says about its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Age {
    /// Of this version, or lifted to it.
    Current,
    /// Of a newer minor version: what is not understood is left out and listed.
    Newer,
}

/// Lifts a document to the current version.
///
/// # Errors
/// A problem when there is no way: no scenario at all, another document, or a newer major version.
pub(crate) fn lift(document: &mut Value) -> Result<Age, Problem> {
    let Some(map) = document.as_object() else {
        return Err(no_scenario("this is no scenario but a bare value"));
    };
    let stated = map.get("format");
    if stated.is_none() && !map.contains_key("components") && !map.contains_key("traffic") {
        return Err(no_scenario("this is JSON, but no scenario"));
    }
    // A missing or odd format is reported by the walk, which reads the rest as the current version.
    let Some(text) = stated.and_then(Value::as_str) else {
        return Ok(Age::Current);
    };
    let Some((major, minor)) = number(text) else {
        return Err(Problem::new(
            "format",
            format!("{text:?} is no format of a scenario"),
            format!("give {FORMAT:?}, or open the file where its kind belongs"),
        ));
    };
    if major > MAJOR {
        return Err(Problem::new(
            "format",
            format!("{text} is newer than this version reads ({FORMAT})"),
            format!("open it with a newer Headroom, or save it there as {FORMAT}"),
        ));
    }
    for link in LINKS.iter().filter(|link| link.from >= major) {
        (link.lift)(document);
    }
    let newer = major == MAJOR && minor > MINOR;
    rename(document, FORMAT);
    Ok(if newer { Age::Newer } else { Age::Current })
}

fn rename(document: &mut Value, format: &str) {
    if let Some(map) = document.as_object_mut() {
        map.insert("format".to_owned(), Value::from(format));
    }
}

fn no_scenario(text: &str) -> Problem {
    let remedy =
        format!("give a document with \"format\": {FORMAT:?}; files of load tests, metrics and bills are imported");
    Problem::new("", text, remedy)
}

/// Major and minor version of `headroom/MAJOR` or `headroom/MAJOR.MINOR`.
fn number(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = match text.strip_prefix("headroom/")?.split_once('.') {
        Some((major, minor)) => (major, minor),
        None => (text.strip_prefix("headroom/")?, "0"),
    };
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok()).flatten();
    Some((digits(major)?, digits(minor)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        let rows = [
            ("headroom/1", Some((1, 0))),
            ("headroom/1.3", Some((1, 3))),
            ("headroom/0", Some((0, 0))),
            ("headroom/", None),
            ("headroom/1.", None),
            ("headroom/+1", None),
            ("headroom/1.2.3", None),
            ("headroom-result/1", None),
            ("headroom/99999999999", None),
        ];
        for (text, expected) in rows {
            assert_eq!(number(text), expected, "{text}");
        }
    }
}
