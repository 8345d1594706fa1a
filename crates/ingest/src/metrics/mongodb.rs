//! MongoDB: `serverStatus` as JSON, as extended JSON, or as the shell prints it.
//!
//! Source of the fields: MongoDB manual, "serverStatus" and "MongoDB Extended JSON (v2)".

use crate::measurements::{Measurements, Resource, Warning};
use crate::read::json;
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use serde_json::Value;

const DOCS: Docs = Docs {
    versions: "4.x to 8.x by the manual",
    used: "operations by kind, mean time of reads and writes in the server, connections and their limit, hit ratio of the cache, memory",
    traps: "counters since the start: a list of two answers gives what happened between them; numbers may be `NumberLong(5)` or \
            `{\"$numberLong\": \"5\"}`; latencies are sums in microseconds",
    evidence: "documented shape",
};

/// JSON and extended JSON; a list of answers is a list of samples.
pub const FORMAT: Format = Format {
    kind: "mongodb-server-status",
    title: "MongoDB: db.serverStatus() (JSON)",
    shape: Shape::Json { fits, read: |document, _| read(document) },
    docs: DOCS,
};

/// As the shell prints it.
pub const SHELL: Format = Format {
    kind: "mongodb-server-status-shell",
    title: "MongoDB: db.serverStatus() as the shell prints it",
    shape: Shape::Text { fits: fits_shell, read: read_shell },
    docs: Docs { traps: "as the JSON", ..DOCS },
};

fn fits(document: &Value) -> Fit {
    let first = document.as_array().and_then(|items| items.first()).unwrap_or(document);
    Fit::from(first.get("opcounters").is_some() && first.get("connections").is_some())
}

fn fits_shell(head: &Head<'_>) -> Fit {
    let text = head.text();
    let printed =
        ["NumberLong(", "ISODate(", "Long(", "Timestamp(", "opcounters: {"].iter().any(|word| text.contains(word));
    Fit::from(text.starts_with('{') && text.contains("opcounters") && printed)
}

fn read_shell(text: &str, _context: &Context) -> Result<Measurements, Refusal> {
    read(&json::document(plain(text).as_bytes())?.value)
}

/// The shell's notation as JSON: names quoted, calls replaced by their first argument.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut letters = text.chars().peekable();
    let (mut depth, mut inner) = (0_u32, 0_u32);
    while let Some(letter) = letters.next() {
        match letter {
            '"' | '\'' => {
                let mut word = String::new();
                while let Some(inside) = letters.next().filter(|inside| *inside != letter) {
                    word.push(inside);
                    if inside == '\\' {
                        word.extend(letters.next());
                    }
                }
                out += &Value::from(word).to_string();
            }
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            // Of several arguments the first one counts: `Timestamp({ t: 1, i: 2 })`, `Timestamp(1, 2)`.
            '{' | '[' if depth > 0 => {
                inner += 1;
                out.push(letter);
            }
            '}' | ']' if depth > 0 => {
                inner = inner.saturating_sub(1);
                out.push(letter);
            }
            ',' if depth > 0 && inner == 0 => {
                while letters.peek().is_some_and(|next| *next != ')') {
                    letters.next();
                }
            }
            letter if letter.is_alphabetic() || letter == '_' || letter == '$' => {
                let mut word = String::from(letter);
                while let Some(next) = letters.next_if(|next| next.is_alphanumeric() || matches!(next, '_' | '$')) {
                    word.push(next);
                }
                match word.as_str() {
                    "true" | "false" | "null" => out += &word,
                    "undefined" | "NaN" | "Infinity" => out += "null",
                    "new" => {}
                    _ if letters.peek() == Some(&'(') => {}
                    _ => out += &Value::from(word).to_string(),
                }
            }
            _ => out.push(letter),
        }
    }
    out
}

/// A number in plain or extended notation.
fn figure(value: &Value, path: &[&str]) -> Option<f64> {
    let value = json::at(value, path)?;
    let inner = ["$numberLong", "$numberInt", "$numberDouble"].iter().find_map(|key| value.get(key));
    json::as_number(inner.unwrap_or(value))
}

fn read(document: &Value) -> Result<Measurements, Refusal> {
    let samples = document.as_array().map_or(std::slice::from_ref(document), Vec::as_slice);
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else {
        return Err(Refusal::new("an answer of serverStatus", "none"));
    };
    let uptime =
        |sample: &Value| figure(sample, &["uptimeMillis"]).map(|ms| ms / 1e3).or_else(|| figure(sample, &["uptime"]));
    let between = uptime(last).zip(uptime(first)).map(|(end, start)| end - start).filter(|seconds| *seconds > 0.0);
    // With two samples what happened between them, else everything since the start.
    let grown = |path: &[&str]| {
        let (end, start) = (figure(last, path)?, figure(first, path)?);
        Some(if between.is_some() && end >= start { end - start } else { end })
    };
    let seconds = between.or_else(|| uptime(last)).filter(|seconds| *seconds > 0.0);
    let kinds = ["insert", "query", "update", "delete", "getmore", "command"];
    let operations: Vec<(&str, f64)> =
        kinds.iter().filter_map(|kind| Some((*kind, grown(&["opcounters", kind])?))).collect();
    if operations.is_empty() {
        return Err(Refusal::new("`opcounters`", "none").remedy("save `db.serverStatus()` in full"));
    }
    let total: f64 = operations.iter().map(|(_, count)| count).sum();
    let mean = |kind: &str| {
        let (total, count) = (grown(&["opLatencies", kind, "latency"])?, grown(&["opLatencies", kind, "ops"])?);
        (count > 0.0).then(|| total / count / 1e3)
    };
    let cache = |name: &str| grown(&["wiredTiger", "cache", name]);
    let asked = cache("pages requested from the cache").filter(|pages| *pages > 0.0);
    let (used, free) = (figure(last, &["connections", "current"]), figure(last, &["connections", "available"]));
    let mut server = Resource::new("mongodb", "database")
        .with("ops_per_s", seconds.map(|seconds| total / seconds))
        .with("read_ms", mean("reads"))
        .with("write_ms", mean("writes"))
        .with("command_ms", mean("commands"))
        .with("connections", used)
        .with("max_connections", used.zip(free).map(|(used, free)| used + free))
        .with("hit_ratio", cache("pages read into cache").zip(asked).map(|(read, asked)| 1.0 - read / asked))
        .with("cache_bytes", figure(last, &["wiredTiger", "cache", "bytes currently in the cache"]))
        .with("cache_limit_bytes", figure(last, &["wiredTiger", "cache", "maximum bytes configured"]))
        .with("uptime_s", uptime(last));
    for (kind, count) in operations {
        server.set(kind, Some(count));
    }
    let version = json::text(last, &["version"]).map(str::to_owned);
    let mut found = Measurements { tool_version: version, resources: vec![server], ..Measurements::default() };
    if between.is_none() {
        let text = "One answer: the counters cover everything since the server started. A list of two answers gives what was between them.";
        found.warnings.push(Warning::new("since-start", text));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_shells_notation() {
        let printed = "{\n  host: 'a\"b',\n  \"localTime\" : ISODate(\"2026-11-21T10:00:00Z\"), n: NumberLong(\"5\"), m: Long('7'), t: Timestamp({ t: 1, i: 2 }), u: Timestamp(3, 4), ok: 1 }";
        let value: serde_json::Value = serde_json::from_str(&super::plain(printed)).unwrap();
        assert_eq!(
            (value["host"].as_str(), value["n"].as_str(), value["m"].as_str()),
            (Some("a\"b"), Some("5"), Some("7"))
        );
        assert_eq!((value["u"].as_i64(), value["ok"].as_i64()), (Some(3), Some(1)));
    }
}
