//! Zipkin: the answer of `/api/v2/traces` or `/api/v2/trace/ID`, or what its reporters send; version 1 by its annotations.

use super::span::{Attributes, Kind, Written, from_microseconds};
use super::spans::Traces;
use crate::measurements::Measurements;
use crate::read::each::each;
use crate::read::json;
use crate::read::list::{Gather, Taken};
use crate::refusal::Refusal;
use crate::registry::{Docs, Fit, Format, Shape};
use serde_json::Value;

/// The format.
pub const FORMAT: Format = Format {
    kind: "zipkin",
    title: "Zipkin: the answer of /api/v2/traces or a downloaded trace (JSON)",
    shape: Shape::List { fits, paths: &[&[]], gather: |_| Box::<Gathered>::default() },
    docs: Docs {
        versions: "v2 as the OpenTelemetry exporter 2.12 writes it; shared span identifiers and v1 by the documentation",
        used: "as Jaeger",
        traps: "microseconds; client and server may share one span identifier; a callee without spans is named by `remoteEndpoint`; \
                spans without a duration are left out",
        evidence: "own run",
    },
};

fn fits(document: &Value) -> Fit {
    let first = spans(document).next();
    Fit::from(first.is_some_and(|span| {
        json::has(span, &["traceId", "id"])
            && ["localEndpoint", "annotations", "binaryAnnotations", "timestamp"]
                .iter()
                .any(|key| span.get(key).is_some())
    }))
}

/// A list of spans, or a list of traces that are lists of spans.
fn spans(document: &Value) -> impl Iterator<Item = &Value> {
    let items = document.as_array().map_or(&[][..], Vec::as_slice);
    items.iter().flat_map(|item| item.as_array().map_or(std::slice::from_ref(item), Vec::as_slice))
}

#[derive(Default)]
struct Gathered(Traces);

impl Gather for Gathered {
    /// A span, or a trace as a list of them.
    fn item(&mut self, item: &Value) {
        if let Value::Array(spans) = item {
            spans.iter().filter(|span| span.is_object()).for_each(|span| self.item(span));
        } else if item.get("binaryAnnotations").is_some() || first_version(item) {
            version_1(item, &mut self.0);
        } else {
            version_2(item, &mut self.0);
        }
    }

    /// Span by span: as a [`Value`] a trace takes many times its text.
    fn text(&mut self, text: &[u8]) -> Taken {
        each(text, &[], &mut |span| {
            if span.is_object() {
                self.item(span);
            }
        })
    }

    fn finish(self: Box<Self>, _beside: &Value) -> Result<Measurements, Refusal> {
        self.0.measurements()
    }
}

fn first_version(item: &Value) -> bool {
    item.get("localEndpoint").is_none()
        && json::list(item, &["annotations"]).iter().any(|note| note.get("endpoint").is_some())
}

fn version_2(item: &Value, found: &mut Traces) {
    let text = |path: &[&str]| json::text(item, path);
    let (Some(id), Some(duration_ns)) = (text(&["id"]), item.get("duration").and_then(from_microseconds)) else {
        return;
    };
    let mut attributes = Attributes::default();
    for (key, value) in json::members(item, &["tags"]) {
        attributes.add(key, value.as_str().unwrap_or_default());
    }
    let kind = text(&["kind"]).map_or(Kind::Internal, Kind::named);
    let remote = text(&["remoteEndpoint", "serviceName"]);
    if let Some(remote) = remote.filter(|_| matches!(kind, Kind::Client)) {
        attributes.add("peer.service", remote);
    }
    if let Some(remote) = remote.filter(|_| matches!(kind, Kind::Producer | Kind::Consumer)) {
        attributes.add("messaging.system", remote);
    }
    store_by_tags(&mut attributes);
    found.push(&Written {
        trace: text(&["traceId"]).unwrap_or(""),
        id,
        parent: text(&["parentId"]),
        shared: item.get("shared").and_then(Value::as_bool).unwrap_or(false),
        service: text(&["localEndpoint", "serviceName"]).unwrap_or(""),
        operation: text(&["name"]).unwrap_or(""),
        kind,
        start_ns: item.get("timestamp").and_then(from_microseconds).unwrap_or(0),
        duration_ns,
        attributes,
        ..Written::default()
    });
}

/// Brave's database spans have no system tag, only the query.
fn store_by_tags(attributes: &mut Attributes) {
    if attributes.get(&["db.system", "db.type"]).is_none() {
        if attributes.get(&["sql.query"]).is_some() {
            attributes.add("db.system", "sql");
        } else if attributes.get(&["redis.command", "redis.args"]).is_some() {
            attributes.add("db.system", "redis");
        }
    }
}

/// Version 1: client and server are told by the annotations `cs`, `cr`, `sr`, `ss` of one shared span.
fn version_1(item: &Value, found: &mut Traces) {
    let note = |wanted: &str| {
        json::list(item, &["annotations"]).iter().find(|note| json::text(note, &["value"]) == Some(wanted))
    };
    let mut attributes = Attributes::default();
    let mut peer = None;
    for tag in json::list(item, &["binaryAnnotations"]) {
        match (json::text(tag, &["key"]), tag.get("value")) {
            (Some("sa"), _) => peer = json::text(tag, &["endpoint", "serviceName"]),
            (Some(key), Some(Value::String(value))) => attributes.add(key, value),
            _ => {}
        }
    }
    for (begin, end, kind) in [("cs", "cr", Kind::Client), ("sr", "ss", Kind::Server)] {
        let (Some(first), Some(last)) = (note(begin), note(end)) else { continue };
        let at = |note: &Value| note.get("timestamp").and_then(from_microseconds).unwrap_or(0);
        let mut own = attributes.clone();
        if let Some(peer) = peer.filter(|_| kind == Kind::Client) {
            own.add("peer.service", peer);
            store_by_tags(&mut own);
        }
        found.push(&Written {
            trace: json::text(item, &["traceId"]).unwrap_or(""),
            id: json::text(item, &["id"]).unwrap_or(""),
            parent: json::text(item, &["parentId"]),
            shared: kind == Kind::Server,
            service: json::text(first, &["endpoint", "serviceName"]).unwrap_or(""),
            operation: json::text(item, &["name"]).unwrap_or(""),
            kind,
            start_ns: at(first),
            duration_ns: at(last).saturating_sub(at(first)),
            attributes: own,
            ..Written::default()
        });
    }
}
