//! Answers as text for people.

pub(crate) mod losses;
pub(crate) mod measurements;
pub(crate) mod number;
pub(crate) mod result;
mod slow;
mod table;

use table::Table;
