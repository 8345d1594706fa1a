//! A problem in a document: where, what, and what to do.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One problem of an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Path in the document, such as `components[2].calls[0].retry.max`; empty for the whole.
    pub path: String,
    /// What is wrong, with the offending value.
    pub text: String,
    /// What to do instead.
    pub remedy: String,
}

impl Problem {
    /// A problem at a path.
    #[must_use]
    pub fn new(path: impl Into<String>, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{}; {}", self.text, self.remedy)
    }
}
