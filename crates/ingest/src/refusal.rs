//! Why a file gave no measurements, said so that its owner can act.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A file (or what is left of it) that cannot be read: where, what was expected, what was found, what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Refusal {
    /// The file's name as given.
    pub file: String,
    /// Line, from 1, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Column in that line in characters or fields, from 1, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// What a readable file has in this place.
    pub expected: String,
    /// What stands there.
    pub found: String,
    /// What to do, usually what to export instead.
    pub remedy: String,
}

impl Refusal {
    /// A refusal without place; `Import` adds the file's name.
    pub fn new(expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self { expected: expected.into(), found: found.into(), ..Self::default() }
    }

    /// Adds the line, from 1.
    #[must_use]
    pub fn at_line(mut self, line: u64) -> Self {
        self.line = u32::try_from(line).ok();
        self
    }

    /// Adds the column, from 1.
    #[must_use]
    pub fn at_column(mut self, column: u64) -> Self {
        self.column = u32::try_from(column).ok();
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = remedy.into();
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: ", self.file)?;
        match (self.line, self.column) {
            (Some(line), Some(column)) => write!(formatter, "line {line}, column {column}: ")?,
            (Some(line), None) => write!(formatter, "line {line}: ")?,
            (None, Some(column)) => write!(formatter, "column {column}: ")?,
            (None, None) => {}
        }
        write!(formatter, "expected {}, found {}", self.expected, self.found)?;
        if self.remedy.is_empty() { Ok(()) } else { write!(formatter, "; {}", self.remedy) }
    }
}

impl std::error::Error for Refusal {}

/// A short, printable excerpt of bytes for a message.
pub fn excerpt(bytes: &[u8]) -> String {
    let cut = &bytes[..bytes.len().min(60)];
    let text: String =
        String::from_utf8_lossy(cut).chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let dots = if bytes.len() > cut.len() { "…" } else { "" };
    format!("`{}{dots}`", text.trim())
}
