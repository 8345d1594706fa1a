//! k6 `--out json`: one JSON object a line, about eleven points per request. Only the few kinds of points that matter are parsed.

use crate::measurements::{LoadModel, Measurements};
use crate::read::lines::{LineSink, Lines, LinesEnd};
use crate::read::time;
use crate::refusal::{Refusal, excerpt};
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::recorder::{Recorder, Request};
use serde::Deserialize;
use std::borrow::Cow;

/// The format.
pub const FORMAT: Format = Format {
    kind: "k6-ndjson",
    title: "k6: --out json (JSON lines)",
    shape: Shape::Stream { fits, open },
    docs: Docs {
        versions: "1.1.0",
        used: "`http_req_duration` points (latency, name, method, status, end time), `vus`, `dropped_iterations`: figures, levels, series",
        traps: "time is the END of a request; `status` 0 is a transport error; `expected_response` false is a failure; untagged URLs \
                are collapsed",
        evidence: "own run",
    },
};

fn fits(head: &Head<'_>) -> Fit {
    let first = head.first_line();
    // Other programs write the same lines with spaces.
    let first: String = first.chars().filter(|letter| *letter != ' ').collect();
    let marked = first.contains("\"type\":\"Metric\"") || first.contains("\"type\":\"Point\"");
    Fit::from(first.starts_with('{') && marked && first.contains("\"metric\":"))
}

fn open(context: &Context) -> Box<dyn crate::read::Reader> {
    Box::new(Lines::new(Box::new(Points {
        recorder: Recorder::new(context.options.keep_names),
        dropped: 0.0,
        unread: 0,
        first_unread: None,
    })))
}

struct Points {
    recorder: Recorder,
    dropped: f64,
    unread: u64,
    first_unread: Option<(u64, String)>,
}

#[derive(Deserialize)]
struct Point<'a> {
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    time: Cow<'a, str>,
    value: f64,
    #[serde(borrow)]
    tags: Option<Tags<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Tags<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    url: Cow<'a, str>,
    #[serde(borrow)]
    method: Cow<'a, str>,
    #[serde(borrow)]
    status: Cow<'a, str>,
    #[serde(borrow)]
    error_code: Cow<'a, str>,
    #[serde(borrow)]
    expected_response: Cow<'a, str>,
}

/// The metric of a line, found without parsing it. k6 writes it first in points and last in definitions, which are not needed;
/// other programs write it with spaces and anywhere.
fn metric(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"{\"metric\":\"").or_else(|| {
        let key = b"\"metric\"";
        let behind = memchr::memmem::rfind(line, key).map(|place| &line[place + key.len()..])?;
        behind.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start().strip_prefix(b"\"")
    })?;
    Some(&rest[..memchr::memchr(b'"', rest)?])
}

impl LineSink for Points {
    fn line(&mut self, line: &[u8], number: u64) -> Result<(), Refusal> {
        let wanted = match metric(line) {
            Some(b"http_req_duration") => Wanted::Request,
            Some(b"vus") => Wanted::Users,
            Some(b"dropped_iterations") => Wanted::Dropped,
            Some(_) => return Ok(()),
            None if line.trim_ascii().is_empty() => return Ok(()),
            None => return self.unreadable(line, number),
        };
        if line.starts_with(b"{\"type\":\"Metric\"") {
            return Ok(());
        }
        self.recorder.at_line(number);
        match serde_json::from_slice::<Point<'_>>(line) {
            Ok(point) => self.point(wanted, &point.data),
            Err(_) if memchr::memmem::find(line, b"\"Metric\"").is_some() => {}
            Err(_) => return self.unreadable(line, number),
        }
        Ok(())
    }

    fn finish(self: Box<Self>, end: LinesEnd) -> Result<Measurements, Refusal> {
        if self.recorder.requests() == 0 {
            let unread = self.first_unread.map(|(line, text)| format!("none; line {line} is {text}"));
            let found = unread.or(self.recorder.impossible()).unwrap_or("none".to_owned());
            return Err(
                Refusal::new("points of `http_req_duration`", found).remedy("export a run that makes HTTP requests")
            );
        }
        let mut found = self.recorder.finish();
        if self.dropped > 0.0 {
            found.model = Some(LoadModel::Open);
            found.warnings.push(super::k6_summary::dropped_iterations(self.dropped, None));
        }
        // Most lines are passed over by their metric alone, so a cut last one shows in its missing brace.
        let cut = end.open && end.last_byte != b'}';
        let first_unread = self.first_unread.or_else(|| cut.then(|| (end.lines, String::new())));
        crate::sense::warn::skipped_lines(&mut found, self.unread, first_unread, &end);
        Ok(found)
    }
}

#[derive(Clone, Copy)]
enum Wanted {
    Request,
    Users,
    Dropped,
}

impl Points {
    fn point(&mut self, wanted: Wanted, data: &Data<'_>) {
        let at = time::parse(&data.time).map(|(seconds, _)| seconds);
        match (wanted, at) {
            (Wanted::Users, Some(at)) => self.recorder.users(at, data.value),
            (Wanted::Users, None) => {}
            (Wanted::Dropped, _) => self.dropped += data.value,
            (Wanted::Request, _) => {
                let none = Tags::default();
                let tags = data.tags.as_ref().unwrap_or(&none);
                self.recorder.request(&Request {
                    start_s: at.map(|end| end - data.value / 1e3),
                    method: &tags.method,
                    name: if tags.name.is_empty() { &tags.url } else { &tags.name },
                    latency_ms: data.value,
                    failure: failure(&tags.status, &tags.error_code, &tags.expected_response),
                });
            }
        }
    }

    fn unreadable(&mut self, line: &[u8], number: u64) -> Result<(), Refusal> {
        self.unread += 1;
        self.first_unread.get_or_insert_with(|| (number, excerpt(line)));
        Ok(())
    }
}

/// Why a request failed, by k6's tags: no answer, a status from 400 on, or an answer the script did not expect.
pub fn failure<'a>(status: &'a str, error_code: &'a str, expected: &str) -> Option<&'a str> {
    match status.parse::<u32>() {
        Ok(0) => Some(if error_code.is_empty() { "transport" } else { error_code }),
        Ok(code) if code >= 400 => Some(status),
        _ if expected == "false" => Some(if status.is_empty() { "unexpected response" } else { status }),
        _ => None,
    }
}
