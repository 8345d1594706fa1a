//! From the bytes of a file to UTF-8 text (or plain binary): gzip and zstd are inflated, UTF-16 and byte order marks decoded.
//! Everything is pushed through in small steps, so memory stays bounded whatever the file claims.

mod gzip;
mod unicode;
mod zstd;

use crate::refusal::Refusal;

/// Where decoded bytes go.
pub type Sink<'a> = &'a mut dyn FnMut(&[u8]) -> Result<(), Refusal>;

/// Inflated bytes allowed per compressed byte once more than [`BOMB_FLOOR`] bytes came out.
const BOMB_RATIO: u64 = 400;
/// Below this many inflated bytes any ratio is fine.
const BOMB_FLOOR: u64 = 512 * 1024 * 1024;
/// Bytes needed to tell the packings apart.
const MAGIC: usize = 4;

/// Inflates and decodes one file.
#[derive(Default)]
pub struct Decoder {
    packing: Packing,
    text: unicode::Text,
    taken: u64,
    given: u64,
}

#[derive(Default)]
enum Packing {
    #[default]
    None,
    Unknown(Vec<u8>),
    Plain,
    Gzip(Box<gzip::Inflater>),
    Zstd(Box<zstd::Inflater>),
}

impl Decoder {
    /// Takes the next bytes of the file and gives what can be decoded.
    ///
    /// # Errors
    /// Broken compression, a decompression bomb, or whatever the sink refuses.
    pub fn push(&mut self, bytes: &[u8], sink: Sink<'_>) -> Result<(), Refusal> {
        self.taken += bytes.len() as u64;
        if let Packing::None = self.packing {
            self.packing = Packing::Unknown(Vec::new());
        }
        if let Packing::Unknown(start) = &mut self.packing {
            start.extend_from_slice(bytes);
            if start.len() < MAGIC {
                return Ok(());
            }
            let start = std::mem::take(start);
            self.packing = packing_of(&start)?;
            return self.unpack(&start, sink);
        }
        self.unpack(bytes, sink)
    }

    /// Gives what is left and says whether the packed data ended early.
    ///
    /// # Errors
    /// As [`Decoder::push`].
    pub fn finish(&mut self, sink: Sink<'_>) -> Result<bool, Refusal> {
        if let Packing::Unknown(start) = &mut self.packing {
            let start = std::mem::take(start);
            self.packing = Packing::Plain;
            self.unpack(&start, sink)?;
        }
        let Self { packing, text, .. } = self;
        let cut = match packing {
            Packing::Gzip(inflater) => inflater.finish(&mut |part| text.push(part, sink))?,
            Packing::Zstd(inflater) => inflater.is_cut(),
            _ => false,
        };
        text.finish(sink)?;
        Ok(cut)
    }

    fn unpack(&mut self, bytes: &[u8], sink: Sink<'_>) -> Result<(), Refusal> {
        let Self { packing, text, taken, given } = self;
        let counted = &mut |part: &[u8]| {
            *given += part.len() as u64;
            is_bomb(*given, *taken)?;
            text.push(part, sink)
        };
        match packing {
            Packing::Gzip(inflater) => inflater.push(bytes, counted),
            Packing::Zstd(inflater) => inflater.push(bytes, counted),
            _ => text.push(bytes, sink),
        }
    }
}

/// Refuses what inflates beyond all measure: bytes given, of so many bytes taken.
///
/// # Errors
/// It is a decompression bomb.
pub fn is_bomb(given: u64, taken: u64) -> Result<(), Refusal> {
    if given > BOMB_FLOOR && given / BOMB_RATIO > taken {
        return Err(Refusal::new("a compressed log", "a file that inflates without end (a decompression bomb)"));
    }
    Ok(())
}

/// How the file is packed, by its first bytes.
fn packing_of(start: &[u8]) -> Result<Packing, Refusal> {
    let packed_otherwise: [(&[u8], &str, &str); 7] = [
        (b"PK\x03\x04", "a zip archive or a spreadsheet", "unpack it, or save the sheet as CSV"),
        (b"BZh", "a bzip2 file", "unpack it, or pack it with gzip or zstd"),
        (b"\xfd7zX", "an xz file", "unpack it, or pack it with gzip or zstd"),
        (
            b"PAR1",
            "a Parquet file",
            "export it as CSV: AWS Data Exports as text/csv with gzip, Azure exports as CSV, BigQuery as CSV or JSON lines",
        ),
        (b"ORC", "an ORC file", "export it as CSV (optionally with gzip)"),
        (b"Obj\x01", "an Avro file", "export it as CSV or JSON lines"),
        (b"%PDF", "a PDF document", "export the data as CSV or JSON"),
    ];
    if let Some((_, found, remedy)) = packed_otherwise.into_iter().find(|(magic, ..)| start.starts_with(magic)) {
        return Err(Refusal::new("text, gzip or zstd", found).remedy(remedy));
    }
    Ok(if start.starts_with(&[0x1f, 0x8b]) {
        Packing::Gzip(Box::default())
    } else if zstd::is_frame(start) {
        Packing::Zstd(Box::default())
    } else {
        Packing::Plain
    })
}

#[cfg(test)]
mod tests;
