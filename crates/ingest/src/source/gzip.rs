//! Gzip, several members one after the other included.

use super::Sink;
use crate::refusal::Refusal;
use flate2::write::MultiGzDecoder;
use std::io::Write;

/// Compressed bytes inflated at a time: deflate grows at most about 1032 times, so at most 4 MB come out at once.
const STEP: usize = 4 * 1024;

/// Inflates a gzip file as it comes.
pub struct Inflater {
    inner: MultiGzDecoder<Vec<u8>>,
    failed: bool,
}

impl Default for Inflater {
    fn default() -> Self {
        Self { inner: MultiGzDecoder::new(Vec::new()), failed: false }
    }
}

impl Inflater {
    /// Takes compressed bytes, gives inflated ones.
    pub fn push(&mut self, bytes: &[u8], sink: Sink<'_>) -> Result<(), Refusal> {
        for step in bytes.chunks(STEP) {
            let written = self.inner.write_all(step);
            self.drain(sink)?;
            if let Err(error) = written {
                self.failed = true;
                return Err(
                    Refusal::new("gzip data", format!("broken gzip data ({error})")).remedy("copy the file again")
                );
            }
        }
        Ok(())
    }

    /// Gives the rest and says whether the file ends before its trailer.
    pub fn finish(&mut self, sink: Sink<'_>) -> Result<bool, Refusal> {
        let cut = !self.failed && self.inner.try_finish().is_err();
        self.drain(sink)?;
        Ok(cut)
    }

    fn drain(&mut self, sink: Sink<'_>) -> Result<(), Refusal> {
        let out = self.inner.get_mut();
        let result = if out.is_empty() { Ok(()) } else { sink(out) };
        out.clear();
        out.shrink_to(64 * 1024);
        result
    }
}
