//! Gatling's `simulation.log` as binary (from 3.12).
//!
//! Big-endian records: 0 run, 1 request, 2 user, 3 group, 4 error. Names are cached: a positive index brings a new string, a
//! negative one refers to an earlier.

use crate::measurements::{Measurements, Warning};
use crate::read::{Ending, Reader};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::recorder::{Recorder, Request};
use std::collections::HashMap;

/// The format.
pub const FORMAT: Format = Format {
    kind: "gatling-binary",
    title: "Gatling: simulation.log (binary, from 3.12)",
    shape: Shape::Stream { fits, open },
    docs: Docs {
        versions: "3.12.1",
        used: "every request, users over time",
        traps: "a log cut in a record keeps what came before; unmatched events have no end and are left out",
        evidence: "public sample",
    },
};

/// Longest string accepted.
const STRING_LIMIT: i32 = 4 * 1024 * 1024;
/// Longest record accepted: one is held until all of it is there.
const RECORD_LIMIT: usize = 16 * 1024 * 1024;
/// Most cached names.
const NAMES_LIMIT: usize = 200_000;
/// Most scenarios or assertions of a run, and most groups around a request.
const RUN_LIMIT: i32 = 10_000;
const GROUPS_LIMIT: i32 = 1000;

fn fits(head: &Head<'_>) -> Fit {
    let [0, 0, 0, 0, length, rest @ ..] = head.bytes else { return Fit::No };
    let version = rest.get(..usize::from(*length)).unwrap_or(b"");
    Fit::from((1..32).contains(length) && version.first().is_some_and(u8::is_ascii_digit) && version.contains(&b'.'))
}

fn open(context: &Context) -> Box<dyn Reader> {
    Box::new(Log { recorder: Recorder::new(context.options.keep_names), ..Log::default() })
}

#[derive(Default)]
struct Log {
    pending: Vec<u8>,
    /// Bytes that the record at the start of `pending` has at least: it is not looked at before they are there.
    wanted: usize,
    names: HashMap<i32, String>,
    recorder: Recorder,
    version: String,
    start_ms: i64,
    began: bool,
    users: i64,
    errors: u64,
    unmatched: u64,
    offset: u64,
}

/// A record that is not complete yet, or one that cannot be.
enum Stop {
    /// It has at least so many bytes.
    More(usize),
    Broken(&'static str),
}

impl Reader for Log {
    fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.pending.extend_from_slice(bytes);
        if self.pending.len() < self.wanted {
            return Ok(());
        }
        let mut pending = std::mem::take(&mut self.pending);
        let mut used = 0;
        self.wanted = 0;
        let result = loop {
            let mut cursor = Cursor { bytes: &pending[used..], place: 0, names: &mut self.names, new: Vec::new() };
            if cursor.bytes.is_empty() {
                break Ok(());
            }
            match record(&mut cursor, self.began) {
                Ok(event) => {
                    let (length, new) = (cursor.place, std::mem::take(&mut cursor.new));
                    for (index, name) in new {
                        if self.names.len() < NAMES_LIMIT {
                            self.names.insert(index, name);
                        }
                    }
                    used += length;
                    self.event(event);
                }
                Err(Stop::More(length)) => {
                    self.wanted = length;
                    break Ok(());
                }
                Err(Stop::Broken(what)) => {
                    let found = format!("{what} at byte {}", self.offset + used as u64);
                    break Err(Refusal::new("a record of a Gatling log", found)
                        .remedy("copy the log again; versions from 3.12 are read"));
                }
            }
        };
        self.offset += used as u64;
        pending.drain(..used);
        self.pending = pending;
        result
    }

    fn finish(self: Box<Self>, _ending: Ending) -> Result<Measurements, Refusal> {
        if self.recorder.requests() == 0 {
            return Err(Refusal::new("at least one request", "a log without"));
        }
        let mut found = self.recorder.finish();
        found.tool_version = Some(self.version);
        if !self.pending.is_empty() {
            let text = "The log ends in the middle of a record; the figures cover what came before.";
            found.warnings.push(Warning::new("truncated", text).with("byte", self.offset));
        }
        if self.errors > 0 {
            let text = "The scenario itself reported errors: users may have done less than planned.";
            found.warnings.push(Warning::new("script-exceptions", text).with("errors", self.errors));
        }
        if self.unmatched > 0 {
            let text = "Requests without an end (the run was stopped before their answer) are left out.";
            found.warnings.push(Warning::new("unfinished-requests", text).with("requests", self.unmatched));
        }
        Ok(found)
    }
}

enum Event {
    Run { version: String, start_ms: i64 },
    Request { name: String, start: i32, end: i32, ok: bool, message: String },
    User { start: bool, at: i32 },
    Group,
    Error,
}

impl Log {
    fn event(&mut self, event: Event) {
        let at_s = |offset: i32| (self.start_ms as f64 + f64::from(offset)) / 1e3;
        match event {
            Event::Run { version, start_ms } => (self.version, self.start_ms, self.began) = (version, start_ms, true),
            Event::Request { start, end, .. } if end < start => self.unmatched += 1,
            Event::Request { name, start, end, ok, message } => {
                let cause = if message.is_empty() { "KO" } else { message.as_str() };
                let request = Request {
                    start_s: Some(at_s(start)),
                    method: "",
                    name: &name,
                    latency_ms: f64::from(end - start),
                    failure: (!ok).then_some(cause),
                };
                self.recorder.request(&request);
            }
            Event::User { start, at } => {
                self.users += if start { 1 } else { -1 };
                let at = at_s(at);
                self.recorder.users(at, self.users.max(0) as f64);
            }
            Event::Group => {}
            Event::Error => self.errors += 1,
        }
    }
}

fn record(cursor: &mut Cursor<'_>, began: bool) -> Result<Event, Stop> {
    match cursor.byte()? {
        0 if !began => {
            let version = cursor.string()?;
            cursor.string()?;
            let start_ms = cursor.long()?;
            cursor.string()?;
            for _ in 0..cursor.count(RUN_LIMIT)? {
                cursor.string()?;
            }
            for _ in 0..cursor.count(RUN_LIMIT)? {
                let length = cursor.count(STRING_LIMIT)?;
                cursor.take(length as usize)?;
            }
            Ok(Event::Run { version, start_ms })
        }
        1 if began => {
            for _ in 0..cursor.count(GROUPS_LIMIT)? {
                cursor.cached()?;
            }
            let name = cursor.cached()?;
            let (start, end, ok) = (cursor.int()?, cursor.int()?, cursor.flag()?);
            Ok(Event::Request { name, start, end, ok, message: cursor.cached()? })
        }
        2 if began => {
            cursor.int()?;
            Ok(Event::User { start: cursor.flag()?, at: cursor.int()? })
        }
        3 if began => {
            for _ in 0..cursor.count(GROUPS_LIMIT)? {
                cursor.cached()?;
            }
            cursor.take(3 * 4)?;
            cursor.flag()?;
            Ok(Event::Group)
        }
        4 if began => {
            cursor.cached()?;
            cursor.int()?;
            Ok(Event::Error)
        }
        _ => Err(Stop::Broken("a record of unknown kind")),
    }
}

struct Cursor<'a> {
    bytes: &'a [u8],
    place: usize,
    names: &'a mut HashMap<i32, String>,
    /// Names this record brings; kept only when it is complete.
    new: Vec<(i32, String)>,
}

impl Cursor<'_> {
    fn take(&mut self, length: usize) -> Result<&[u8], Stop> {
        let end = self.place.checked_add(length).filter(|end| *end <= RECORD_LIMIT);
        let end = end.ok_or(Stop::Broken("a record of more than 16 MB"))?;
        let part = self.bytes.get(self.place..end).ok_or(Stop::More(end))?;
        self.place = end;
        Ok(part)
    }

    fn byte(&mut self) -> Result<u8, Stop> {
        Ok(self.take(1)?[0])
    }

    fn flag(&mut self) -> Result<bool, Stop> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Stop::Broken("a flag that is neither 0 nor 1")),
        }
    }

    fn int(&mut self) -> Result<i32, Stop> {
        let mut word = [0; 4];
        word.copy_from_slice(self.take(4)?);
        Ok(i32::from_be_bytes(word))
    }

    fn long(&mut self) -> Result<i64, Stop> {
        let mut word = [0; 8];
        word.copy_from_slice(self.take(8)?);
        Ok(i64::from_be_bytes(word))
    }

    fn count(&mut self, most: i32) -> Result<i32, Stop> {
        let count = self.int()?;
        if (0..=most).contains(&count) { Ok(count) } else { Err(Stop::Broken("an impossible length")) }
    }

    fn string(&mut self) -> Result<String, Stop> {
        let length = self.count(STRING_LIMIT)? as usize;
        if length == 0 {
            return Ok(String::new());
        }
        let bytes = self.take(length)?.to_vec();
        match self.byte()? {
            0 => Ok(bytes.iter().map(|byte| char::from(*byte)).collect()),
            1 => {
                let units: Vec<u16> =
                    bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
                Ok(String::from_utf16_lossy(&units))
            }
            _ => Err(Stop::Broken("text of unknown coding")),
        }
    }

    fn cached(&mut self) -> Result<String, Stop> {
        let index = self.int()?;
        if index > 0 {
            let name = self.string()?;
            self.new.push((index, name.clone()));
            return Ok(name);
        }
        let wanted = index.checked_neg().ok_or(Stop::Broken("an impossible name"))?;
        let new = self.new.iter().find(|(known, _)| *known == wanted).map(|(_, name)| name.clone());
        new.or_else(|| self.names.get(&wanted).cloned()).ok_or(Stop::Broken("a name that was not given before"))
    }
}
