//! Jaeger: the answer of `/api/traces`, the file that its page downloads, and its page's own joined form.

use super::span::{Attributes, Kind, Written, from_microseconds};
use super::spans::Traces;
use crate::measurements::Measurements;
use crate::read::each::each;
use crate::read::json;
use crate::read::list::{Gather, Paths, Taken};
use crate::refusal::Refusal;
use crate::registry::{Docs, Fit, Format, Shape};
use serde_json::Value;

/// The format.
pub const FORMAT: Format = Format {
    kind: "jaeger",
    title: "Jaeger: the answer of /api/traces or a downloaded trace (JSON)",
    shape: Shape::List { fits, paths: PATHS, gather: |_| Box::<Gathered>::default() },
    docs: Docs {
        versions: "1.x: the UI's fixtures (ride-sharing example) and the API's by its documentation",
        used: "calls per visit and per endpoint, own time per service, parallel or serial, messages, failures, time on the wire",
        traps: "microseconds; FOLLOWS_FROM is not waited for; clocks of hosts differ; traces are a sample, so rates are not taken",
        evidence: "public sample",
    },
};

/// An answer, or a list or one of its traces by itself.
const PATHS: Paths = &[&["data"], &[]];

fn fits(document: &Value) -> Fit {
    let data = document.get("data").unwrap_or(document);
    Fit::from(data.as_array().map_or(std::slice::from_ref(data), Vec::as_slice).iter().any(is_trace))
}

fn is_trace(trace: &Value) -> bool {
    let span = json::list(trace, &["spans"]).first();
    span.is_some_and(|span| json::has(span, &["traceID", "spanID", "operationName"]))
}

#[derive(Default)]
struct Gathered(Traces);

impl Gather for Gathered {
    fn item(&mut self, trace: &Value) {
        let processes = trace.get("processes").unwrap_or(&Value::Null);
        json::list(trace, &["spans"]).iter().for_each(|item| span(item, processes, &mut self.0));
    }

    /// Span by span: as a [`Value`] a trace takes many times its text.
    fn text(&mut self, text: &[u8]) -> Taken {
        let mut processes = Value::Null;
        // They stand behind the spans; what is cut shows again below.
        let _ = each(text, &[&["processes"]], &mut |value| processes = value.clone());
        each(text, &[&["spans"]], &mut |item| span(item, &processes, &mut self.0))
    }

    fn finish(self: Box<Self>, _beside: &Value) -> Result<Measurements, Refusal> {
        self.0.measurements()
    }
}

fn span(item: &Value, processes: &Value, found: &mut Traces) {
    let text = |path: &[&str]| json::text(item, path);
    let (Some(id), Some(duration_ns)) = (text(&["spanID"]), item.get("duration").and_then(from_microseconds)) else {
        return;
    };
    let process = text(&["processID"]).and_then(|id| processes.get(id)).or(item.get("process"));
    let (parent, follows) = cause(item);
    let mut attributes = Attributes::default();
    for tag in json::list(item, &["tags"]) {
        if let (Some(key), Some(value)) = (json::text(tag, &["key"]), tag.get("value")) {
            attributes.add(key, &plain(value));
        }
    }
    found.push(&Written {
        trace: text(&["traceID"]).unwrap_or(""),
        id,
        parent,
        follows,
        service: process.and_then(|process| json::text(process, &["serviceName"])).unwrap_or(""),
        operation: text(&["operationName"]).unwrap_or(""),
        kind: attributes.get(&["span.kind"]).map_or(Kind::Internal, Kind::named),
        start_ns: item.get("startTime").and_then(from_microseconds).unwrap_or(0),
        duration_ns,
        error: attributes.get(&["otel.status_code"]).is_some_and(|status| status == "ERROR"),
        attributes,
        ..Written::default()
    });
}

/// The span that caused it, and whether that one did not wait. References into other traces are links, not causes.
fn cause(item: &Value) -> (Option<&str>, bool) {
    let trace = json::text(item, &["traceID"]);
    let of = |wanted: fn(&str) -> bool| {
        json::list(item, &["references"])
            .iter()
            .filter(|reference| json::text(reference, &["traceID"]) == trace)
            .find(|reference| json::text(reference, &["refType"]).is_some_and(wanted))
            .and_then(|reference| json::text(reference, &["spanID"]))
    };
    let child = of(|kind| kind == "CHILD_OF");
    let after = of(|kind| kind == "FOLLOWS_FROM");
    // Before 1.6 the parent stood in the span itself.
    (child.or(after).or_else(|| json::text(item, &["parentSpanID"])), child.is_none() && after.is_some())
}

/// A tag's value as text.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
