//! Log lines of several services with one identifier per request and a duration: the call graph by which line lies within which.

use super::span::{Kind, Written};
use super::spans::Traces;
use crate::load::json_lines::{self, Keys};
use crate::measurements::{Measurements, Warning};
use crate::read::lines::{LineSink, Lines, LinesEnd};
use crate::read::text::{self, TimeUnit};
use crate::read::{Reader, json};
use crate::refusal::{Refusal, excerpt};
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::warn;
use serde_json::Value;
use std::collections::BTreeMap;

/// The format.
pub const FORMAT: Format = Format {
    kind: "json-log-traces",
    title: "JSON logs of several services with a correlation identifier and durations",
    shape: Shape::Stream { fits, open },
    docs: Docs {
        versions: "trace_id, correlation_id or request_id beside service, time and duration, by any logger",
        used: "as Jaeger; endpoints by method and path",
        traps: "without span identifiers a line lying within another one's time is taken as its call, which is said; calls of a \
                service to itself are not seen; the duration's unit is that of the key or asked",
        evidence: "documented shape",
    },
};

/// Keys that identify a request over services.
const IDS: [&str; 12] = [
    "trace_id",
    "traceid",
    "trace.id",
    "dd.trace_id",
    "correlation_id",
    "correlationid",
    "correlation-id",
    "x-correlation-id",
    "request_id",
    "requestid",
    "x-request-id",
    "logging.googleapis.com/trace",
];
/// Keys that name the service.
const SERVICES: [&str; 9] = [
    "service",
    "service_name",
    "servicename",
    "service.name",
    "app",
    "application",
    "component",
    "container_name",
    "container",
];
const SPANS: [&str; 4] = ["span_id", "spanid", "span.id", "dd.span_id"];
const PARENTS: [&str; 5] = ["parent_span_id", "parentspanid", "parent_id", "parentid", "parent.id"];

/// Where a line keeps what is needed.
struct Places {
    keys: Keys,
    id: Vec<String>,
    service: Vec<String>,
    span: Option<Vec<String>>,
    parent: Option<Vec<String>>,
}

fn places(value: &Value) -> Option<Places> {
    let paths = json_lines::paths(value);
    let find = |names: &[&str]| {
        let named = |path: &&Vec<String>, name: &str| {
            path.last().is_some_and(|key| key.eq_ignore_ascii_case(name)) || path.join(".").eq_ignore_ascii_case(name)
        };
        names.iter().find_map(|name| paths.iter().find(|path| named(path, name))).cloned()
    };
    let keys = json_lines::keys(value)?;
    keys.time.as_ref()?;
    Some(Places { id: find(&IDS)?, service: find(&SERVICES)?, span: find(&SPANS), parent: find(&PARENTS), keys })
}

fn field(value: &Value, path: &[String]) -> String {
    match json_lines::at(value, path) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// Sure when lines of different services share an identifier.
fn fits(head: &Head<'_>) -> Fit {
    if !head.is_json_lines() {
        return Fit::No;
    }
    let mut services: BTreeMap<String, String> = BTreeMap::new();
    for line in head.text().lines().take(200) {
        let Ok(value) = serde_json::from_str::<Value>(line) else { continue };
        let Some(places) = places(&value) else { continue };
        let (id, service) = (field(&value, &places.id), field(&value, &places.service));
        match services.get(&id) {
            Some(known) if *known != service && !id.is_empty() => return Fit::Yes,
            _ => services.insert(id, service),
        };
    }
    Fit::No
}

fn open(context: &Context) -> Box<dyn Reader> {
    Box::new(Lines::new(Box::new(Log {
        unit: context.options.unit,
        zone_minutes: context.options.zone_minutes,
        ..Log::default()
    })))
}

#[derive(Default)]
struct Log {
    unit: Option<TimeUnit>,
    zone_minutes: Option<i32>,
    /// A time said no zone, and nobody chose one.
    zone_guessed: bool,
    found: Traces,
    inferred: u64,
    other: u64,
    unread: u64,
    first_unread: Option<(u64, String)>,
    whole_seconds: bool,
    last: Option<f64>,
}

impl LineSink for Log {
    fn line(&mut self, line: &[u8], number: u64) -> Result<(), Refusal> {
        if line.trim_ascii().is_empty() {
            return Ok(());
        }
        let Some(value) = json::value(line) else {
            self.unread += 1;
            self.first_unread.get_or_insert_with(|| (number, excerpt(line)));
            return Ok(());
        };
        // Other lines of the log: messages without a duration.
        if self.request(&value, number).is_none() {
            self.other += 1;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, end: LinesEnd) -> Result<Measurements, Refusal> {
        if self.inferred > 0 {
            self.found.nest(if self.whole_seconds { 1_000_000_000 } else { 5_000_000 });
        }
        let mut found = self.found.measurements()?;
        if self.inferred > 0 {
            let text = "The lines have no span identifiers: a line that lies within the time of another service's line with the \
                        same identifier is taken as its call. Check the call graph.";
            found.warnings.push(Warning::new("nesting-inferred", text).with("lines", self.inferred));
        }
        if self.other > 0 {
            let text = "Lines without identifier, service, time and duration are passed over.";
            found.warnings.push(Warning::new("lines-passed-over", text).with("lines", self.other));
        }
        if self.zone_guessed {
            warn::zone_guessed(&mut found, "the time of the lines");
        }
        warn::skipped_lines(&mut found, self.unread, self.first_unread, &end);
        Ok(found)
    }
}

impl Log {
    fn request(&mut self, value: &Value, number: u64) -> Option<()> {
        let places = places(value)?;
        let keys = &places.keys;
        let duration = json_lines::at(value, &keys.duration)?;
        let unit = keys.unit.or(self.unit).unwrap_or(TimeUnit::Milliseconds);
        let written = || duration.as_str().and_then(text::duration_ms);
        let duration_ms = json::as_number(duration).map(|amount| amount * unit.in_ms()).or_else(written)?;
        let (at_s, zoned) = json_lines::moment(&field(value, keys.time.as_ref()?))?;
        self.zone_guessed |= !zoned && self.zone_minutes.is_none();
        let at_s = if zoned { at_s } else { at_s - f64::from(self.zone_minutes.unwrap_or(0)) * 60.0 };
        self.whole_seconds = at_s.fract() == 0.0 && (self.whole_seconds || self.last.is_none());
        self.last = Some(at_s);
        let duration_ns = (duration_ms * 1e6) as i64;
        let stamp_ns = (at_s * 1e9) as i64;
        let optional = |path: &Option<Vec<String>>| path.as_ref().map(|path| field(value, path)).unwrap_or_default();
        let (span, parent) = (optional(&places.span), optional(&places.parent));
        let nested = span.is_empty();
        self.inferred += u64::from(nested);
        let (method, path) = (optional(&keys.method), optional(&keys.path));
        let operation = if path.is_empty() { field(value, &places.service) } else { format!("{method} {path}") };
        let status = optional(&keys.status);
        self.found.push(&Written {
            trace: &field(value, &places.id),
            id: &if nested { format!("line {number}") } else { span },
            parent: (!parent.is_empty()).then_some(parent.as_str()),
            service: &field(value, &places.service),
            operation: operation.trim(),
            kind: Kind::Server,
            start_ns: if keys.at_end { stamp_ns.saturating_sub(duration_ns) } else { stamp_ns },
            duration_ns,
            error: crate::load::status::failure(&status).is_some(),
            ..Written::default()
        });
        Some(())
    }
}
