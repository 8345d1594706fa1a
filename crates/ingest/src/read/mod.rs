//! Ways of reading that formats share: lines, tables, JSON, report text, numbers and times.

pub mod each;
pub mod items;
pub mod json;
pub mod lines;
pub mod list;
pub mod notation;
pub mod records;
pub mod table;
pub mod tags;
pub mod text;
pub mod time;
pub mod wire;
pub mod yaml;

use crate::measurements::Measurements;
use crate::refusal::Refusal;

/// Longest document (JSON or report) that is held whole, in bytes.
pub const WHOLE_LIMIT: usize = 48 * 1024 * 1024;

/// A document that outgrows this gets room for [`WHOLE_LIMIT`] at once, in bytes.
const SHORT: usize = 4 * 1024 * 1024;

/// Reads one file of a known format as its bytes come.
pub trait Reader {
    /// Takes the next decoded bytes.
    ///
    /// # Errors
    /// The file cannot be read further.
    fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal>;

    /// The measurements of all that came.
    ///
    /// # Errors
    /// Nothing usable came.
    fn finish(self: Box<Self>, ending: Ending) -> Result<Measurements, Refusal>;
}

/// How a file ended.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ending {
    /// The compressed data ended early.
    pub cut: bool,
    /// A document was cut there: line and column.
    pub cut_at: Option<(u64, u64)>,
    /// The bytes could not be decoded to the end.
    pub fault: Option<Refusal>,
}

/// Holds a file whole, up to [`WHOLE_LIMIT`].
#[derive(Debug, Default)]
pub struct Whole {
    /// The bytes so far.
    pub bytes: Vec<u8>,
}

impl Whole {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// The document is too long to be held.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        if self.bytes.len() + bytes.len() > WHOLE_LIMIT {
            let limit = WHOLE_LIMIT / 1024 / 1024;
            let found = format!("more than {limit} MB in one document");
            return Err(Refusal::new("a summary or report", found).remedy(list::shorter(&self.bytes)));
        }
        let length = self.bytes.len() + bytes.len();
        if length > SHORT && self.bytes.capacity() < length {
            // Memory is taken when it is written to, and a vector that grows step by step leaves each of its old places behind:
            // with an unlucky allocator twice the document.
            self.bytes.reserve_exact(WHOLE_LIMIT - self.bytes.len());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }
}
