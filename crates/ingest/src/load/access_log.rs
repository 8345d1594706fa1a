//! Access logs in the Common or Combined format, with the duration of each request as a last field where it is logged.

use super::raw::{self, LineFormat, State};
use crate::measurements::{Measurements, Warning};
use crate::read::Reader;
use crate::read::text::{self, TimeUnit};
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::recorder::Request;

/// The format.
pub const FORMAT: Format = Format {
    kind: "access-log",
    title: "Access log: Common or Combined format (nginx, Apache, …)",
    shape: Shape::Stream { fits, open },
    docs: Docs {
        versions: "nginx 1.22.1, Apache 2.4.71 (Common, Combined, with virtual host, with durations)",
        used: "every request: time, method, path, status, duration where it is the last field",
        traps: "times are whole seconds; a duration with a point is seconds (nginx `$request_time`), a whole number is asked for its unit \
                (Apache `%D` is microseconds); without a duration there are rates and failures only",
        evidence: "own run",
    },
};

fn fits(head: &Head<'_>) -> Fit {
    let lines: Vec<&str> = head.text().lines().filter(|line| !line.trim().is_empty()).take(3).collect();
    // A document in one long line is no log.
    let log = |line: &&str| entry(line).is_some() || (!head.whole && line.len() > 8000);
    Fit::from(lines.first().is_some_and(|first| entry(first).is_some()) && lines.iter().all(log))
}

/// Whether the log ends its lines with whole numbers, whose unit it does not say.
pub fn lacks_unit(head: &Head<'_>) -> bool {
    let first = entry(head.first_line());
    first.and_then(|entry| entry.duration).is_some_and(|word| !word.contains('.'))
}

fn open(context: &Context) -> Box<dyn Reader> {
    let unit = context.options.unit;
    let line = move |line: &[u8], state: &mut State| {
        let Some(entry) = entry(text::valid_prefix(line)) else { return false };
        let duration = entry.duration.and_then(|word| {
            // The point says more than what is said of all files.
            let unit = if word.contains('.') { TimeUnit::Seconds } else { unit.unwrap_or(TimeUnit::Microseconds) };
            Some(text::number(word)? * unit.in_ms())
        });
        if unit != Some(TimeUnit::Seconds) && entry.duration.is_some_and(|word| word.contains('.')) {
            state.tally("seconds guessed", 1.0);
        }
        if duration.is_none() {
            state.tally("without duration", 1.0);
            state.recorder.without_latency();
        }
        let latency_ms = duration.unwrap_or(0.0);
        state.recorder.request(&Request {
            // Both servers write the line, with its time, when the request is done.
            start_s: Some(entry.at_s - latency_ms / 1e3),
            method: entry.method,
            name: entry.path,
            latency_ms,
            failure: super::status::failure(entry.status).filter(|status| *status != "0"),
        });
        true
    };
    raw::lines(
        context,
        LineFormat {
            model: None,
            line: Box::new(line),
            close: |found, tallies| {
                close(found, tallies.contains_key("without duration"));
                if tallies.contains_key("seconds guessed") {
                    let text = "Durations with a decimal point are read as seconds, as nginx writes them, whatever unit is given. If they are \
                                in another, log them in seconds, or as whole numbers and give their unit.";
                    found.warnings.push(Warning::new("units-guessed", text).with("unit", "seconds"));
                }
            },
        },
    )
}

fn close(found: &mut Measurements, without: bool) {
    if without {
        let text = "Requests have no duration: there are rates and failures, but no latency. Log it: nginx `$request_time`, Apache `%D`.";
        found.warnings.push(Warning::new("no-latency", text));
    }
}

struct Entry<'a> {
    at_s: f64,
    method: &'a str,
    path: &'a str,
    status: &'a str,
    duration: Option<&'a str>,
}

/// `host ident user [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326 "referer" "agent" 0.123`.
fn entry(line: &str) -> Option<Entry<'_>> {
    let (before, rest) = line.split_once('[')?;
    let (stamp, rest) = rest.split_once(']')?;
    let at_s = clf_time(stamp)?;
    let rest = rest.trim_start().strip_prefix('"')?;
    let (request, rest) = split_quoted(rest)?;
    let mut words = request.split(' ');
    let (method, path) = (words.next()?, words.next().unwrap_or(""));
    let mut after = rest.split_ascii_whitespace();
    let status = after.next().filter(|word| word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit()))?;
    let bytes = after.next();
    let last = rest.rsplit([' ', '\t']).next().map(|word| word.trim_matches(['"', '\'']));
    let is_last = rest.split_ascii_whitespace().count() > 2 && bytes.is_some();
    let is_duration = |word: &&str| text::number(word).is_some_and(|value| value >= 0.0);
    let duration =
        last.filter(|word| is_last && is_duration(word)).or_else(|| named_duration(rest).filter(is_duration));
    (!before.is_empty()).then_some(Entry { at_s, method, path, status, duration })
}

/// A duration with its name, as in `rt=0.012` of many nginx set-ups.
fn named_duration(rest: &str) -> Option<&str> {
    let value = |word: &'_ str, key: &str| word.strip_prefix(key).is_some_and(|rest| rest.starts_with(['=', ':']));
    let keys = ["rt", "request_time", "request-time", "duration", "time"];
    let word = rest.split_ascii_whitespace().find(|word| keys.iter().any(|key| value(word, key)))?;
    word.split_once(['=', ':']).map(|(_, value)| value.trim_matches(['"', '\'']))
}

/// The text up to the closing quote, and what follows.
fn split_quoted(rest: &str) -> Option<(&str, &str)> {
    let bytes = rest.as_bytes();
    let mut place = 0;
    loop {
        let offset = memchr::memchr2(b'"', b'\\', bytes.get(place..)?)?;
        if bytes[place + offset] == b'"' {
            let end = place + offset;
            return Some((&rest[..end], &rest[end + 1..]));
        }
        place += offset + 2;
    }
}

/// `10/Oct/2000:13:55:36 -0700` in seconds since the Unix epoch; what follows a bracket is not looked at.
pub(super) fn clf_time(stamp: &str) -> Option<f64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (day, month, year) = (stamp.get(0..2)?, stamp.get(3..6)?, stamp.get(7..11)?);
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let (clock, zone) =
        (stamp.get(12..20)?, stamp.get(20..).map_or("", |rest| rest.split(']').next().unwrap_or("")).trim());
    crate::read::time::parse(&format!("{year}-{month:02}-{day}T{clock}{zone}")).map(|(seconds, _)| seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries() {
        let line = r#"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a\"b?x=1 HTTP/1.0" 200 2326 "http://x/" "Mozilla (X11; rv 1)" 0.123"#;
        let found = entry(line).unwrap();
        assert_eq!((found.at_s, found.method, found.path), (971_211_336.0, "GET", "/a\\\"b?x=1"));
        assert_eq!((found.status, found.duration), ("200", Some("0.123")));
        assert_eq!(entry(r#"::1 - - [10/Oct/2000:13:55:36 +0000] "-" 408 -"#).unwrap().duration, None);
        assert!(entry("2026-01-01 [INFO] \"hello\" 200").is_none());
    }
}
