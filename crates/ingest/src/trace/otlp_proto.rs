//! OpenTelemetry traces as OTLP protobuf: one export request, or the Collector's file exporter with `format: proto`, which writes each
//! request behind its length in four bytes, big end first. With `compression: zstd` each request is packed by itself.
//!
//! Source of the field numbers: opentelemetry-proto 1.x, `trace/v1/trace.proto`, `common/v1/common.proto`.

use super::otlp::{self, DOCS};
use super::span::{Attributes, Kind, Written};
use super::spans::Traces;
use crate::measurements::{Measurements, Warning};
use crate::read::lines::LINE_LIMIT;
use crate::read::wire::{self, Field, fields};
use crate::read::{Ending, Reader};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::source::{Decoder, is_bomb};
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

/// Bytes with which a file of any framing shows that it is one: a length or tag, and the longest number of variable length.
const OPENING: usize = 32;

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
        let length = wire::number(&mut rest)?;
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
    /// Bytes that came, and bytes that packed requests gave.
    taken: u64,
    inflated: u64,
}

fn wrong() -> Refusal {
    Refusal::new("an OTLP export request of traces", "other data").remedy("export it as JSON lines")
}

/// The place of the next request or batch in these bytes, and where it ends.
fn frame(framing: Framing, bytes: &[u8]) -> Result<Option<(usize, usize)>, Refusal> {
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
            match wire::number(&mut rest) {
                Some(length) => usize::try_from(length).unwrap_or(usize::MAX),
                None if bytes.len() < 11 => return Ok(None),
                None => return Err(wrong()),
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
        self.taken += bytes.len() as u64;
        let Some(framing) = self.framing.or_else(|| framing(&self.held)) else {
            return if self.held.len() < OPENING { Ok(()) } else { Err(wrong()) };
        };
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
                self.take(framing, &held[start..end])?;
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
    fn take(&mut self, framing: Framing, bytes: &[u8]) -> Result<(), Refusal> {
        if framing == Framing::Bare {
            self.read(batch(bytes, &mut |_| {}), |found| batch(bytes, &mut |span| push(span, found)));
        } else if bytes.starts_with(&ZSTD) {
            let unpacked = unpacked(bytes, &mut self.inflated);
            is_bomb(self.inflated, self.taken)?;
            match unpacked {
                // The exporter packs requests as JSON, too.
                Ok(text) if text.first() == Some(&b'{') => {
                    self.unread += u64::from(!otlp::request(&text, &mut self.found));
                }
                Ok(bytes) => self.request(&bytes),
                Err(true) => self.too_long += 1,
                Err(false) => self.unread += 1,
            }
        } else {
            self.request(bytes);
        }
        Ok(())
    }

    fn request(&mut self, bytes: &[u8]) {
        self.read(request(bytes, &mut |_| {}), |found| request(bytes, &mut |span| push(span, found)));
    }

    /// Takes the spans of what is a message to its end; a broken one gives none.
    fn read(&mut self, sound: Option<()>, take: impl FnOnce(&mut Traces) -> Option<()>) {
        if sound.and_then(|()| take(&mut self.found)).is_none() {
            self.unread += 1;
        }
    }
}

/// A packed request, with what it inflates to counted; the error says whether it is too long.
fn unpacked(bytes: &[u8], inflated: &mut u64) -> Result<Vec<u8>, bool> {
    let mut out = Vec::new();
    let mut too_long = false;
    let mut sink = |part: &[u8]| {
        *inflated += part.len() as u64;
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

/// A span where it stands.
#[derive(Default)]
struct Span<'a> {
    service: &'a str,
    trace: &'a [u8],
    id: &'a [u8],
    parent: &'a [u8],
    name: &'a [u8],
    kind: u64,
    start_ns: u64,
    end_ns: u64,
    failed: bool,
    attributes: Attributes,
}

/// The spans of an export request; nothing where it is none.
fn request(bytes: &[u8], each: &mut dyn FnMut(&Span<'_>)) -> Option<()> {
    for field in fields(bytes) {
        if let (1, Field::Bytes(bytes)) = field? {
            batch(bytes, each)?;
        }
    }
    Some(())
}

/// The spans of one resource.
fn batch(bytes: &[u8], each: &mut dyn FnMut(&Span<'_>)) -> Option<()> {
    let mut resource = Attributes::default();
    for field in fields(bytes) {
        if let (1, Field::Bytes(bytes)) = field? {
            for field in fields(bytes) {
                if let (1, Field::Bytes(bytes)) = field? {
                    attribute(bytes, &mut resource)?;
                }
            }
        }
    }
    let service = otlp::service(&resource);
    for field in fields(bytes) {
        // 1000: `instrumentationLibrarySpans` of old writers.
        let (2 | 1000, Field::Bytes(bytes)) = field? else { continue };
        for field in fields(bytes) {
            if let (2, Field::Bytes(bytes)) = field? {
                each(&span(bytes, service)?);
            }
        }
    }
    Some(())
}

fn span<'a>(bytes: &'a [u8], service: &'a str) -> Option<Span<'a>> {
    let mut span = Span { service, ..Span::default() };
    for field in fields(bytes) {
        match field? {
            (1, Field::Bytes(bytes)) => span.trace = bytes,
            (2, Field::Bytes(bytes)) => span.id = bytes,
            (4, Field::Bytes(bytes)) => span.parent = bytes,
            (5, Field::Bytes(bytes)) => span.name = bytes,
            (6, Field::Number(number)) => span.kind = number,
            (7, Field::Fixed(number)) => span.start_ns = number,
            (8, Field::Fixed(number)) => span.end_ns = number,
            (9, Field::Bytes(bytes)) => attribute(bytes, &mut span.attributes)?,
            (15, Field::Bytes(bytes)) => {
                for field in fields(bytes) {
                    let (tag, value) = field?;
                    span.failed |= (tag, value) == (3, Field::Number(2));
                }
            }
            _ => {}
        }
    }
    Some(span)
}

/// Adds a key with its value, where that is a text, a truth value or a number.
fn attribute(bytes: &[u8], into: &mut Attributes) -> Option<()> {
    let (mut key, mut value) = (&[][..], None);
    for field in fields(bytes) {
        match field? {
            (1, Field::Bytes(bytes)) => key = bytes,
            (2, Field::Bytes(bytes)) => {
                for field in fields(bytes) {
                    value = Some(field?);
                }
            }
            _ => {}
        }
    }
    let key = String::from_utf8_lossy(key);
    match value {
        Some((1, Field::Bytes(text))) => into.add(&key, &String::from_utf8_lossy(text)),
        Some((2, Field::Number(truth))) => into.add(&key, if truth == 0 { "false" } else { "true" }),
        Some((3, Field::Number(number))) => into.add(&key, &number.cast_signed().to_string()),
        Some((4, Field::Fixed(bits))) => into.add(&key, &f64::from_bits(bits).to_string()),
        _ => {}
    }
    Some(())
}

fn push(span: &Span<'_>, found: &mut Traces) {
    if span.id.is_empty() {
        return;
    }
    let nanoseconds = |time: u64| i64::try_from(time).unwrap_or(i64::MAX);
    let parent = hexadecimal(span.parent);
    found.push(&Written {
        trace: &hexadecimal(span.trace),
        id: &hexadecimal(span.id),
        parent: Some(parent.as_str()).filter(|parent| !parent.is_empty()),
        service: span.service,
        operation: &String::from_utf8_lossy(span.name),
        kind: Kind::named(&span.kind.to_string()),
        start_ns: nanoseconds(span.start_ns),
        duration_ns: nanoseconds(span.end_ns).saturating_sub(nanoseconds(span.start_ns)),
        error: span.failed,
        attributes: span.attributes.clone(),
        ..Written::default()
    });
}

/// An identifier as the other notations write it.
fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().take(32).fold(String::with_capacity(32), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
