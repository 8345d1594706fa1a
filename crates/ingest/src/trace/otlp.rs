//! OpenTelemetry traces as OTLP JSON: one document (an export request, Tempo's answer) or one request a line (the Collector's file
//! exporter).

use super::span::{Attributes, Kind, Written};
use super::spans::Traces;
use crate::measurements::Measurements;
use crate::read::each::{each, texts};
use crate::read::lines::{LineSink, Lines, LinesEnd};
use crate::read::list::{self, Gather, Paths, Taken};
use crate::read::{Ending, Reader, json};
use crate::refusal::{Refusal, excerpt};
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::warn;
use serde_json::Value;

/// What all notations of OTLP share.
pub(super) const DOCS: Docs = Docs {
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
    shape: Shape::List { fits, paths: PATHS, gather: |_| Box::<Batches>::default() },
    docs: DOCS,
};

/// One request a line.
pub const LINES: Format = Format {
    kind: "otlp-ndjson",
    title: "OpenTelemetry traces: OTLP JSON, one request a line (the Collector's file exporter)",
    shape: Shape::Stream { fits: fits_lines, open },
    docs: DOCS,
};

/// Keys under which batches of spans stand, with Tempo's.
const BATCHES: [&str; 3] = ["resourceSpans", "batches", "resource_spans"];
/// The same with Tempo's covers.
const PATHS: Paths = &[
    &["resourceSpans"],
    &["batches"],
    &["resource_spans"],
    &["trace", "resourceSpans"],
    &["trace", "batches"],
    &["trace", "resource_spans"],
    &["result", "resourceSpans"],
    &["result", "batches"],
    &["result", "resource_spans"],
];
/// Keys under which the spans of an instrumentation stand.
const SCOPES: [&str; 3] = ["scopeSpans", "instrumentationLibrarySpans", "scope_spans"];

fn batches(document: &Value) -> impl Iterator<Item = &Value> {
    let document = document.get("trace").filter(|trace| trace.is_object()).unwrap_or(document);
    let document = document.get("result").filter(|result| result.is_object()).unwrap_or(document);
    BATCHES.iter().flat_map(|key| json::list(document, &[key]))
}

fn scopes(batch: &Value) -> impl Iterator<Item = &Value> {
    SCOPES.into_iter().flat_map(|key| json::list(batch, &[key]))
}

fn fits(document: &Value) -> Fit {
    Fit::from(batches(document).any(|batch| scopes(batch).next().is_some()))
}

#[derive(Default)]
struct Batches(Traces);

impl Gather for Batches {
    fn item(&mut self, item: &Value) {
        batch(item, &mut self.0);
    }

    fn text(&mut self, text: &[u8]) -> Taken {
        batch_text(text, &mut self.0)
    }

    fn finish(self: Box<Self>, _beside: &Value) -> Result<Measurements, Refusal> {
        self.0.measurements()
    }
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
    Box::new(Opening(None))
}

/// Lines, or, where the first one has no end in sight (it may be the whole document), batches wherever they stand.
struct Opening(Option<Box<dyn Reader>>);

impl Reader for Opening {
    fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let open = || -> Box<dyn Reader> {
            let start = &bytes[..bytes.len().min(64 * 1024)];
            if memchr::memchr(b'\n', start).is_some() || start.len() < 64 * 1024 {
                return Box::new(Lines::new(Box::new(Requests::default())));
            }
            let key =
                if memchr::memmem::find(&start[..40], b"\"batches\"").is_some() { BATCHES[1] } else { BATCHES[0] };
            // No line break so far: it comes at the end of a request only.
            let mut items = list::items(&[key], Box::<Batches>::default());
            items.one_document_a_line();
            items
        };
        self.0.get_or_insert_with(open).push(bytes)
    }

    fn finish(self: Box<Self>, ending: Ending) -> Result<Measurements, Refusal> {
        match self.0 {
            Some(reader) => reader.finish(ending),
            None => Err(Refusal::new("export requests", "nothing")),
        }
    }
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
        if !request(line, &mut self.found) {
            self.unread += 1;
            self.first_unread.get_or_insert_with(|| (number, excerpt(line)));
        }
        Ok(())
    }

    fn finish(self: Box<Self>, end: LinesEnd) -> Result<Measurements, Refusal> {
        let mut found = self.found.measurements()?;
        warn::skipped_lines(&mut found, self.unread, self.first_unread, &end);
        Ok(found)
    }
}

/// Adds the spans of one request, batch by batch; false where it is cut or none. What came before that is taken.
pub(super) fn request(text: &[u8], found: &mut Traces) -> bool {
    let mut taken = 0;
    let whole = texts(text, &[&BATCHES], &mut |text| {
        // What is wrong with a batch is wrong with the request.
        let _ = batch_text(text, found);
        taken += 1;
    }) == Taken::Whole;
    if !whole && let Ok(document) = json::document(text) {
        batches(&document.value).skip(taken).for_each(|item| batch(item, found));
    }
    whole
}

/// Adds the spans of one batch span by span: as a [`Value`] it takes many times its text.
fn batch_text(text: &[u8], found: &mut Traces) -> Taken {
    let mut resource = Attributes::default();
    // What is cut behind the resource shows again below.
    let _ = each(text, &[&["resource"], &["attributes"]], &mut |item| attribute(item, &mut resource));
    let service = service(&resource);
    each(text, &[&SCOPES, &["spans"]], &mut |item| span(item, service, found))
}

fn batch(batch: &Value, found: &mut Traces) {
    let mut resource = Attributes::default();
    attributes(json::list(batch, &["resource", "attributes"]), &mut resource);
    let service = service(&resource);
    for item in scopes(batch).flat_map(|scope| json::list(scope, &["spans"])) {
        span(item, service, found);
    }
}

/// The name of the service whose resource that is.
pub(super) fn service(resource: &Attributes) -> &str {
    resource.get(&["service.name", "k8s.deployment.name", "host.name"]).unwrap_or("")
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
    list.iter().for_each(|item| attribute(item, into));
}

fn attribute(item: &Value, into: &mut Attributes) {
    let value = item.get("value").and_then(Value::as_object).and_then(|value| value.values().next());
    match (json::text(item, &["key"]), value) {
        (Some(key), Some(Value::String(text))) => into.add(key, text),
        (Some(key), Some(value @ (Value::Number(_) | Value::Bool(_)))) => into.add(key, &value.to_string()),
        _ => {}
    }
}
