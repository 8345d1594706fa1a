//! Text line by line: for logs and for JSON lines.

use super::{Ending, Reader};
use crate::measurements::Measurements;
use crate::refusal::Refusal;

/// Longest line held, in bytes; longer ones are passed over and counted.
pub const LINE_LIMIT: usize = 8 * 1024 * 1024;

/// Takes the lines of a file.
pub trait LineSink {
    /// One line without its line break; `number` counts from 1.
    ///
    /// # Errors
    /// The file cannot be read further.
    fn line(&mut self, line: &[u8], number: u64) -> Result<(), Refusal>;

    /// The measurements of all lines.
    ///
    /// # Errors
    /// Nothing usable came.
    fn finish(self: Box<Self>, end: LinesEnd) -> Result<Measurements, Refusal>;
}

/// What happened to the lines.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LinesEnd {
    /// Number of lines, the last one without line break included.
    pub lines: u64,
    /// The last line had no line break.
    pub open: bool,
    /// The last byte of such a last line.
    pub last_byte: u8,
    /// Lines passed over because they were too long.
    pub too_long: u64,
    /// How the file ended.
    pub ending: Ending,
    /// What stands around the list that items were read from, the list empty; nothing where that is too long.
    pub beside: Vec<u8>,
}

/// Splits bytes into lines.
pub struct Lines {
    sink: Box<dyn LineSink>,
    carry: Vec<u8>,
    skipping: bool,
    end: LinesEnd,
}

impl Lines {
    /// Lines for that sink.
    pub fn new(sink: Box<dyn LineSink>) -> Self {
        Self { sink, carry: Vec::new(), skipping: false, end: LinesEnd::default() }
    }

    fn give(&mut self, line: &[u8]) -> Result<(), Refusal> {
        self.end.lines += 1;
        self.sink.line(line.strip_suffix(b"\r").unwrap_or(line), self.end.lines)
    }

    fn keep(&mut self, part: &[u8]) {
        if self.carry.len() + part.len() > LINE_LIMIT {
            self.skipping = true;
            self.carry = Vec::new();
        } else if !self.skipping {
            self.carry.extend_from_slice(part);
        }
    }
}

impl Reader for Lines {
    fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', bytes) {
            let part = &bytes[start..end];
            start = end + 1;
            if self.carry.is_empty() && !self.skipping {
                self.give(part)?;
                continue;
            }
            self.keep(part);
            if std::mem::take(&mut self.skipping) {
                self.end.lines += 1;
                self.end.too_long += 1;
                continue;
            }
            let mut line = std::mem::take(&mut self.carry);
            self.give(&line)?;
            line.clear();
            self.carry = line;
        }
        self.keep(&bytes[start..]);
        Ok(())
    }

    fn finish(mut self: Box<Self>, ending: Ending) -> Result<Measurements, Refusal> {
        self.end.ending = ending;
        if !self.carry.is_empty() {
            let line = std::mem::take(&mut self.carry);
            self.end.open = true;
            self.end.last_byte = line.last().copied().unwrap_or(0);
            self.give(&line)?;
        }
        self.sink.finish(self.end)
    }
}
