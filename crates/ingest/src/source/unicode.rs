//! Byte order marks and UTF-16. Other bytes pass through unchanged.

use super::Sink;
use crate::refusal::Refusal;

/// Decodes text as it comes.
#[derive(Default)]
pub struct Text {
    start: Vec<u8>,
    encoding: Option<Encoding>,
    odd_byte: Option<u8>,
    high_surrogate: Option<u16>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Bytes,
    Utf16 { big_endian: bool },
}

impl Text {
    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8], sink: Sink<'_>) -> Result<(), Refusal> {
        if self.encoding.is_some() {
            return self.decode(bytes, sink);
        }
        self.start.extend_from_slice(bytes);
        if self.start.len() < 4 {
            return Ok(());
        }
        self.begin(sink)
    }

    /// Gives what is left.
    pub fn finish(&mut self, sink: Sink<'_>) -> Result<(), Refusal> {
        if self.encoding.is_none() {
            self.begin(sink)?;
        }
        Ok(())
    }

    fn begin(&mut self, sink: Sink<'_>) -> Result<(), Refusal> {
        let start = std::mem::take(&mut self.start);
        let (encoding, mark) = match start.as_slice() {
            [0xef, 0xbb, 0xbf, ..] => (Encoding::Bytes, 3),
            [0xff, 0xfe, ..] => (Encoding::Utf16 { big_endian: false }, 2),
            [0xfe, 0xff, ..] => (Encoding::Utf16 { big_endian: true }, 2),
            // Without a mark: two ASCII letters in UTF-16. A Gatling log begins with three zero bytes and is none of these.
            [first, 0, second, 0, ..] if *first != 0 && *second != 0 => (Encoding::Utf16 { big_endian: false }, 0),
            [0, first, 0, second, ..] if *first != 0 && *second != 0 => (Encoding::Utf16 { big_endian: true }, 0),
            _ => (Encoding::Bytes, 0),
        };
        self.encoding = Some(encoding);
        if start.is_empty() { Ok(()) } else { self.decode(&start[mark..], sink) }
    }

    fn decode(&mut self, bytes: &[u8], sink: Sink<'_>) -> Result<(), Refusal> {
        let Some(Encoding::Utf16 { big_endian }) = self.encoding else { return sink(bytes) };
        let mut out = String::with_capacity(bytes.len());
        for &byte in bytes {
            let Some(first) = self.odd_byte.take() else {
                self.odd_byte = Some(byte);
                continue;
            };
            let unit = if big_endian { u16::from_be_bytes([first, byte]) } else { u16::from_le_bytes([first, byte]) };
            let pair = self.high_surrogate.take();
            if (0xd800..0xdc00).contains(&unit) {
                self.high_surrogate = Some(unit);
                continue;
            }
            let units = pair.into_iter().chain([unit]);
            out.extend(char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)));
        }
        sink(out.as_bytes())
    }
}
