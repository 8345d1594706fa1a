//! Zstandard. Blocks are handed to the decoder one at a time: a block gives at most 128 KB, so a file of repeated blocks cannot
//! fill the memory.

use super::Sink;
use crate::refusal::Refusal;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// Largest back window accepted, in bytes (`zstd --ultra -22` needs 128 MB and is refused).
const WINDOW: u64 = 64 * 1024 * 1024;
/// Whether these bytes open a frame (a data frame or one to skip).
pub fn is_frame(start: &[u8]) -> bool {
    start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) || skippable(start)
}

fn skippable(start: &[u8]) -> bool {
    matches!(start, [low, 0x2a, 0x4d, 0x18, ..] if low & 0xf0 == 0x50)
}

/// Inflates a zstd file as it comes.
pub struct Inflater {
    decoder: FrameDecoder,
    pending: Vec<u8>,
    place: Place,
}

enum Place {
    Header,
    Skip(u64),
    Block { checksum: bool },
}

impl Default for Inflater {
    fn default() -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(WINDOW);
        Self { decoder, pending: Vec::new(), place: Place::Header }
    }
}

impl Inflater {
    /// Takes compressed bytes, gives inflated ones.
    pub fn push(&mut self, bytes: &[u8], sink: Sink<'_>) -> Result<(), Refusal> {
        self.pending.extend_from_slice(bytes);
        let mut start = 0;
        loop {
            let used = self.step(start, sink)?;
            if used == 0 {
                break;
            }
            start += used;
        }
        self.pending.drain(..start);
        Ok(())
    }

    /// Whether the file ended inside a frame.
    pub fn is_cut(&self) -> bool {
        !self.pending.is_empty() || !matches!(self.place, Place::Header)
    }

    /// Reads the next header or block from `start`; the number of bytes used, 0 when more are needed.
    fn step(&mut self, start: usize, sink: Sink<'_>) -> Result<usize, Refusal> {
        let rest = &self.pending[start..];
        match self.place {
            Place::Header if skippable(rest) && rest.len() >= 8 => {
                self.place = Place::Skip(u64::from(u32::from_le_bytes([rest[4], rest[5], rest[6], rest[7]])));
                Ok(8)
            }
            Place::Header if header_length(rest).is_none_or(|length| rest.len() < length) => Ok(0),
            Place::Header => {
                let mut source = rest;
                self.decoder.reset(&mut source).map_err(|error| broken(&error.to_string()))?;
                self.place = Place::Block { checksum: rest[4] & 4 != 0 };
                Ok(rest.len() - source.len())
            }
            Place::Skip(left) => {
                let used = left.min(rest.len() as u64);
                self.place = if used == left { Place::Header } else { Place::Skip(left - used) };
                // An empty frame uses no byte, yet the next header must be looked at.
                if left == 0 && !rest.is_empty() { self.step(start, sink) } else { Ok(used as usize) }
            }
            Place::Block { checksum } => {
                let Some(length) = block_length(rest, checksum) else { return Ok(0) };
                let mut source = &rest[..length];
                self.decoder
                    .decode_blocks(&mut source, BlockDecodingStrategy::UptoBlocks(1))
                    .map_err(|error| broken(&error.to_string()))?;
                if self.decoder.is_finished() {
                    self.place = Place::Header;
                }
                match self.decoder.collect() {
                    Some(out) if !out.is_empty() => sink(&out)?,
                    _ => {}
                }
                Ok(length)
            }
        }
    }
}

/// Bytes of the frame header at the start of `rest` by its descriptor (RFC 8878, 3.1.1.1.1).
fn header_length(rest: &[u8]) -> Option<usize> {
    let descriptor = *rest.get(4)?;
    let single_segment = descriptor & 0x20 != 0;
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let content_size = match descriptor >> 6 {
        0 => usize::from(single_segment),
        flag => 1 << flag,
    };
    Some(5 + usize::from(!single_segment) + dictionary + content_size)
}

/// Bytes of the block at the start of `rest` (with the frame's checksum after the last one); nothing when they are not all there.
fn block_length(rest: &[u8], checksum: bool) -> Option<usize> {
    let [low, middle, high, ..] = rest else { return None };
    let header = u32::from_le_bytes([*low, *middle, *high, 0]);
    let repeated = (header >> 1) & 3 == 1;
    let content = if repeated { 1 } else { (header >> 3) as usize };
    let trailer = if header & 1 == 1 && checksum { 4 } else { 0 };
    let length = 3 + content + trailer;
    (rest.len() >= length).then_some(length)
}

fn broken(error: &str) -> Refusal {
    Refusal::new("zstd data", format!("broken or unsupported zstd data ({error})"))
        .remedy("copy the file again, or pack it with `zstd -19` or gzip")
}
