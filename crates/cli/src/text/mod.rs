//! Answers as text for people.

pub(crate) mod measurements;
pub(crate) mod number;
pub(crate) mod result;
mod table;

use table::Table;
