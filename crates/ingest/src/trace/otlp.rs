//! OpenTelemetry traces as OTLP JSON: one document (an export request, Tempo's answer) or one request a line (the Collector's file
//! exporter).

use super::span::{Attributes, Kind, Written};
use super::spans::Traces;
use crate::measurements::Measurements;
use crate::read::lines::{LineSink, Lines, LinesEnd};
use crate::read::{Reader, json};
use crate::refusal::{Refusal, excerpt};
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::warn;
use serde_json::Value;

const DOCS: Docs = Docs {
    versions: "OTLP 1.x as the JavaScript exporter 0.223 writes it; the Collector's and Tempo's shapes by their documentation",
    used: "as Jaeger",
    traps: "64-bit numbers may be text; the kind may be a number or its name; client and server span of one call are one call; \
            `instrumentationLibrarySpans` in old files; links are not causes; metrics and logs in the same file are passed over",
    evidence: "own run",
};

/// One document.
pub const FORMAT: Format = Format {
    kind: "otlp-json",
    title: "OpenTelemetry traces: OTLP JSON (an export request, Tempo's answer for a trace)",
    shape: Shape::Json { fits, read },
    docs: DOCS,
};

/// One request a line.
pub const LINES: Format = Format {
    kind: "otlp-ndjson",
    title: "OpenTelemetry traces: OTLP JSON, one request a line (the Collector's file exporter)",
    shape: Shape::Stream { fits: fits_lines, open },
    docs: Docs { used: "as Jaeger, of up to 400,000 spans", ..DOCS },
};

/// Keys under which batches of spans stand, with Tempo's.
const BATCHES: [&str; 3] = ["resourceSpans", "batches", "resource_spans"];

fn batches(document: &Value) -> impl Iterator<Item = &Value> {
    let document = document.get("trace").filter(|trace| trace.is_object()).unwrap_or(document);
    let document = document.get("result").filter(|result| result.is_object()).unwrap_or(document);
    BATCHES.iter().flat_map(|key| json::list(document, &[key]))
}

fn scopes(batch: &Value) -> impl Iterator<Item = &Value> {
    ["scopeSpans", "instrumentationLibrarySpans", "scope_spans"].into_iter().flat_map(|key| json::list(batch, &[key]))
}

fn fits(document: &Value) -> Fit {
    Fit::from(batches(document).any(|batch| scopes(batch).next().is_some()))
}

fn read(document: &Value, _context: &Context) -> Result<Measurements, Refusal> {
    let mut found = Traces::default();
    add(document, &mut found);
    found.measurements()
}

fn fits_lines(head: &Head<'_>) -> Fit {
    let text = head.text();
    let first: String = text.chars().take(40).filter(|letter| !letter.is_whitespace()).collect();
    // A line may be longer than the head; a document spread over lines is for the other format.
    let opens = ["{\"resourceSpans\":[{\"", "{\"batches\":[{\""].iter().any(|start| first.starts_with(start));
    let lines = head.is_json_lines() || (text.lines().next().is_some_and(|line| line.len() > 40) && !head.whole);
    let other = ["{\"resourceMetrics\":", "{\"resourceLogs\":"].iter().any(|start| first.starts_with(start));
    let mixed = other && text.lines().any(|line| line.starts_with("{\"resourceSpans\":"));
    Fit::from((opens && lines) || mixed)
}

fn open(_context: &Context) -> Box<dyn Reader> {
    Box::new(Lines::new(Box::new(Requests::default())))
}

#[derive(Default)]
struct Requests {
    found: Traces,
    unread: u64,
    first_unread: Option<(u64, String)>,
}

impl LineSink for Requests {
    fn line(&mut self, line: &[u8], number: u64) -> Result<(), Refusal> {
        if line.trim_ascii().is_empty() {
            return Ok(());
        }
        match json::document(line) {
            // The last line of a file that was cut.
            Ok(document) if document.cut_at.is_some() => {
                add(&document.value, &mut self.found);
                self.unread += 1;
                self.first_unread.get_or_insert_with(|| (number, excerpt(line)));
            }
            Ok(document) => add(&document.value, &mut self.found),
            Err(_) => {
                self.unread += 1;
                self.first_unread.get_or_insert_with(|| (number, excerpt(line)));
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>, end: LinesEnd) -> Result<Measurements, Refusal> {
        let mut found = self.found.measurements()?;
        warn::skipped_lines(&mut found, self.unread, self.first_unread, &end);
        Ok(found)
    }
}

/// Adds the spans of one request.
fn add(document: &Value, found: &mut Traces) {
    for batch in batches(document) {
        let mut resource = Attributes::default();
        attributes(json::list(batch, &["resource", "attributes"]), &mut resource);
        let service = resource.get(&["service.name", "k8s.deployment.name", "host.name"]).unwrap_or("");
        for item in scopes(batch).flat_map(|scope| json::list(scope, &["spans"])) {
            span(item, service, found);
        }
    }
}

fn span(item: &Value, service: &str, found: &mut Traces) {
    let text = |keys: [&str; 2]| keys.iter().find_map(|key| json::text(item, &[key]));
    let time = |keys: [&str; 2]| keys.iter().find_map(|key| item.get(key).and_then(nanoseconds));
    let start = time(["startTimeUnixNano", "start_time_unix_nano"]);
    let (Some(id), Some(start_ns)) = (text(["spanId", "span_id"]), start) else { return };
    let Some(end_ns) = time(["endTimeUnixNano", "end_time_unix_nano"]) else { return };
    let mut own = Attributes::default();
    attributes(json::list(item, &["attributes"]), &mut own);
    let status = json::at(item, &["status", "code"]).map(Value::to_string).unwrap_or_default();
    found.push(&Written {
        trace: text(["traceId", "trace_id"]).unwrap_or(""),
        id,
        parent: text(["parentSpanId", "parent_span_id"]),
        service,
        operation: text(["name", "name"]).unwrap_or(""),
        kind: item.get("kind").map_or(Kind::Internal, |kind| match kind {
            Value::String(name) => Kind::named(name),
            number => Kind::named(&number.to_string()),
        }),
        start_ns,
        duration_ns: end_ns.saturating_sub(start_ns),
        error: status == "2" || status.contains("ERROR"),
        attributes: own,
        ..Written::default()
    });
}

/// Nanoseconds as a number or as text, without loss.
fn nanoseconds(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|value| value as i64)),
        _ => None,
    }
}

/// Attributes in OTLP's notation: `{"key": …, "value": {"stringValue": …}}`.
fn attributes(list: &[Value], into: &mut Attributes) {
    for item in list {
        let value = item.get("value").and_then(Value::as_object).and_then(|value| value.values().next());
        let (Some(key), Some(value)) = (json::text(item, &["key"]), value) else { continue };
        match value {
            Value::String(text) => into.add(key, text),
            Value::Number(_) | Value::Bool(_) => into.add(key, &value.to_string()),
            _ => {}
        }
    }
}
