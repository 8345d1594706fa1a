//! OpenTelemetry traces as OTLP protobuf: one export request, or the Collector's file exporter with `format: proto`, which writes each
//! request behind its length in four bytes, big end first. With `compression: zstd` each request is packed by itself.
//!
//! Source of the field numbers: opentelemetry-proto 1.x, `trace/v1/trace.proto`, `common/v1/common.proto`.

use super::otlp::{self, DOCS};
use super::span::{Attributes, Kind, Written};
use super::spans::Traces;
use crate::measurements::{Measurements, Warning};
use crate::read::lines::LINE_LIMIT;
use crate::read::{Ending, Reader, json};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::source::Decoder;
use prost::Message;
use std::fmt::Write as _;

/// The format.
pub const FORMAT: Format = Format {
    kind: "otlp-protobuf",
    title: "OpenTelemetry traces: OTLP protobuf (an export request, the Collector's file exporter with format: proto)",
    shape: Shape::Stream { fits, open },
    docs: Docs {
        versions: "OTLP 1.x as the JavaScript exporter 0.223 writes it; the Collector's lengths and packing by its source",
        used: "as Jaeger",
        traps: "as the JSON; requests (and batches of a bare request) of more than 8 MB are left out; metrics and logs are no traces",
        ..DOCS
    },
};

/// Start of a zstd frame.
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// Longest length of a request that is believed.
const LONGEST: usize = 1 << 30;

#[derive(Clone, PartialEq, Message)]
struct Request {
    #[prost(message, repeated, tag = "1")]
    batches: Vec<Batch>,
}

#[derive(Clone, PartialEq, Message)]
struct Batch {
    #[prost(message, optional, tag = "1")]
    resource: Option<Resource>,
    #[prost(message, repeated, tag = "2")]
    scopes: Vec<Scope>,
    /// `instrumentationLibrarySpans` of old writers.
    #[prost(message, repeated, tag = "1000")]
    libraries: Vec<Scope>,
}

#[derive(Clone, PartialEq, Message)]
struct Resource {
    #[prost(message, repeated, tag = "1")]
    attributes: Vec<KeyValue>,
}

#[derive(Clone, PartialEq, Message)]
struct Scope {
    #[prost(message, repeated, tag = "2")]
    spans: Vec<Span>,
}

#[derive(Clone, PartialEq, Message)]
struct Span {
    #[prost(bytes = "vec", tag = "1")]
    trace: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    id: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    parent: Vec<u8>,
    #[prost(string, tag = "5")]
    name: String,
    #[prost(int32, tag = "6")]
    kind: i32,
    #[prost(fixed64, tag = "7")]
    start_ns: u64,
    #[prost(fixed64, tag = "8")]
    end_ns: u64,
    #[prost(message, repeated, tag = "9")]
    attributes: Vec<KeyValue>,
    #[prost(message, optional, tag = "15")]
    status: Option<Status>,
}

#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(int32, tag = "3")]
    code: i32,
}

#[derive(Clone, PartialEq, Message)]
struct KeyValue {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(message, optional, tag = "2")]
    value: Option<AnyValue>,
}

/// A value that is a list, a map or bytes has none of these.
#[derive(Clone, PartialEq, Message)]
struct AnyValue {
    #[prost(oneof = "Plain", tags = "1, 2, 3, 4")]
    plain: Option<Plain>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Plain {
    #[prost(string, tag = "1")]
    Text(String),
    #[prost(bool, tag = "2")]
    Truth(bool),
    #[prost(int64, tag = "3")]
    Whole(i64),
    #[prost(double, tag = "4")]
    Broken(f64),
}

/// How requests stand in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    /// One request, whose batches are read one by one.
    Bare,
    /// Each behind its length.
    Lengths,
}

fn framing(start: &[u8]) -> Option<Framing> {
    let batch = |rest: &[u8]| {
        let mut rest = rest.strip_prefix(&[0x0a])?;
        let length = prost::encoding::decode_varint(&mut rest).ok()?;
        let opens = matches!(rest.first(), Some(0x0a | 0x12 | 0x1a));
        (length > 2 && length < LONGEST as u64 && opens).then_some(())
    };
    if batch(start).is_some() {
        return Some(Framing::Bare);
    }
    let (length, rest) = start.split_first_chunk::<4>()?;
    let sound = (1..LONGEST).contains(&(u32::from_be_bytes(*length) as usize));
    (sound && (rest.starts_with(&ZSTD) || batch(rest).is_some())).then_some(Framing::Lengths)
}

fn fits(head: &Head<'_>) -> Fit {
    let packed = head.bytes.get(4..8) == Some(&ZSTD);
    // A span: an identifier of 16 bytes, then one of 8.
    let span = |start: usize| head.bytes.get(start + 18..start + 20) == Some(&[0x12, 0x08]);
    let spans = || memchr::memmem::find_iter(head.bytes, &[0x0a, 0x10]).any(span);
    Fit::from(framing(head.bytes).is_some() && (packed || spans()))
}

fn open(_context: &Context) -> Box<dyn Reader> {
    Box::<Frames>::default()
}

#[derive(Default)]
struct Frames {
    framing: Option<Framing>,
    held: Vec<u8>,
    /// Bytes of a request too long, still to be passed over.
    skip: usize,
    found: Traces,
    too_long: u64,
    unread: u64,
}

/// The place of the next request or batch in these bytes, and where it ends.
fn frame(framing: Framing, bytes: &[u8]) -> Result<Option<(usize, usize)>, Refusal> {
    let wrong =
        || Refusal::new("an OTLP export request of traces", "other binary data").remedy("export it as JSON lines");
    let mut rest = bytes;
    let length = match framing {
        Framing::Lengths => {
            let Some((length, after)) = bytes.split_first_chunk::<4>() else { return Ok(None) };
            rest = after;
            u32::from_be_bytes(*length) as usize
        }
        Framing::Bare => {
            if bytes.first().is_some_and(|tag| *tag != 0x0a) {
                return Err(wrong());
            }
            rest = rest.get(1..).unwrap_or(&[]);
            match prost::encoding::decode_varint(&mut rest) {
                Ok(length) => usize::try_from(length).unwrap_or(usize::MAX),
                Err(_) if bytes.len() < 11 => return Ok(None),
                Err(_) => return Err(wrong()),
            }
        }
    };
    let start = bytes.len() - rest.len();
    if length < LONGEST { Ok(Some((start, start + length))) } else { Err(wrong()) }
}

impl Reader for Frames {
    fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let skipped = self.skip.min(bytes.len());
        self.skip -= skipped;
        self.held.extend_from_slice(&bytes[skipped..]);
        let Some(framing) = self.framing.or_else(|| framing(&self.held)) else { return Ok(()) };
        self.framing = Some(framing);
        let held = std::mem::take(&mut self.held);
        let mut from = 0;
        while let Some((start, end)) = frame(framing, &held[from..])? {
            let (start, end) = (from + start, from + end);
            if end - start > LINE_LIMIT {
                self.too_long += 1;
                self.skip = end.saturating_sub(held.len());
                from = end.min(held.len());
            } else if end <= held.len() {
                self.take(framing, &held[start..end]);
                from = end;
            } else {
                break;
            }
        }
        self.held = held;
        self.held.drain(..from);
        Ok(())
    }

    fn finish(self: Box<Self>, ending: Ending) -> Result<Measurements, Refusal> {
        let cut = !self.held.is_empty() || self.skip > 0 || ending.cut;
        let mut found = self.found.measurements().map_err(|refusal| match (self.too_long, self.unread) {
            (0, 0) => refusal,
            (long, unread) => Refusal::new(
                "export requests of traces of at most 8 MB",
                format!("{long} longer and {unread} other ones"),
            )
            .remedy("export a traces pipeline, in smaller batches, or as JSON lines"),
        })?;
        if cut {
            let text = "The file ends in the middle of a request; the figures cover those before it.";
            found.warnings.push(Warning::new("truncated", text));
        }
        if self.unread > 0 {
            let text = "These parts are no traces in OTLP and are left out.";
            found.warnings.push(Warning::new("lines-skipped", text).with("requests", self.unread));
        }
        if self.too_long > 0 {
            let text = "Some requests are longer than 8 MB and are left out.";
            found.warnings.push(Warning::new("lines-too-long", text).with("requests", self.too_long));
        }
        Ok(found)
    }
}

impl Frames {
    fn take(&mut self, framing: Framing, bytes: &[u8]) {
        if framing == Framing::Bare {
            return match Batch::decode(bytes) {
                Ok(read) => batch(&read, &mut self.found),
                Err(_) => self.unread += 1,
            };
        }
        if !bytes.starts_with(&ZSTD) {
            return self.request(bytes);
        }
        match unpacked(bytes) {
            // The exporter packs requests as JSON, too.
            Ok(text) if text.first() == Some(&b'{') => match json::document(&text) {
                Ok(document) => otlp::add(&document.value, &mut self.found),
                Err(_) => self.unread += 1,
            },
            Ok(bytes) => self.request(&bytes),
            Err(true) => self.too_long += 1,
            Err(false) => self.unread += 1,
        }
    }

    fn request(&mut self, bytes: &[u8]) {
        match Request::decode(bytes) {
            Ok(request) => request.batches.iter().for_each(|read| batch(read, &mut self.found)),
            Err(_) => self.unread += 1,
        }
    }
}

/// A packed request; the error says whether it is too long.
fn unpacked(bytes: &[u8]) -> Result<Vec<u8>, bool> {
    let mut out = Vec::new();
    let mut too_long = false;
    let mut sink = |part: &[u8]| {
        too_long |= out.len() + part.len() > LINE_LIMIT;
        if too_long {
            return Err(Refusal::new("a request of at most 8 MB", "a longer one"));
        }
        out.extend_from_slice(part);
        Ok(())
    };
    let mut decoder = Decoder::default();
    let read = decoder.push(bytes, &mut sink).and_then(|()| decoder.finish(&mut sink));
    if matches!(read, Ok(false)) { Ok(out) } else { Err(too_long) }
}

fn batch(batch: &Batch, found: &mut Traces) {
    let mut resource = Attributes::default();
    if let Some(described) = &batch.resource {
        attributes(&described.attributes, &mut resource);
    }
    let service = otlp::service(&resource);
    for item in batch.scopes.iter().chain(&batch.libraries).flat_map(|scope| &scope.spans) {
        if !item.id.is_empty() {
            span(item, service, found);
        }
    }
}

fn span(item: &Span, service: &str, found: &mut Traces) {
    let mut own = Attributes::default();
    attributes(&item.attributes, &mut own);
    let nanoseconds = |time: u64| i64::try_from(time).unwrap_or(i64::MAX);
    let parent = hexadecimal(&item.parent);
    found.push(&Written {
        trace: &hexadecimal(&item.trace),
        id: &hexadecimal(&item.id),
        parent: Some(parent.as_str()).filter(|parent| !parent.is_empty()),
        service,
        operation: &item.name,
        kind: Kind::named(&item.kind.to_string()),
        start_ns: nanoseconds(item.start_ns),
        duration_ns: nanoseconds(item.end_ns).saturating_sub(nanoseconds(item.start_ns)),
        error: item.status.as_ref().is_some_and(|status| status.code == 2),
        attributes: own,
        ..Written::default()
    });
}

fn attributes(list: &[KeyValue], into: &mut Attributes) {
    for item in list {
        match item.value.as_ref().and_then(|value| value.plain.as_ref()) {
            Some(Plain::Text(text)) => into.add(&item.key, text),
            Some(Plain::Truth(truth)) => into.add(&item.key, &truth.to_string()),
            Some(Plain::Whole(number)) => into.add(&item.key, &number.to_string()),
            Some(Plain::Broken(number)) => into.add(&item.key, &number.to_string()),
            None => {}
        }
    }
}

/// An identifier as the other notations write it.
fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().take(32).fold(String::with_capacity(32), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
