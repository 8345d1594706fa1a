//! What the page knows: one document, one answer, and what a person is looking at.

mod app;
mod awaited;
mod board;
pub mod deed;
pub mod document;
pub mod edits;
mod effects;
mod entries;
mod group;
mod importing;
mod ledger;
mod notice;
mod place;
mod pull;
mod saved;
pub mod share;
pub mod simulating;
mod studies;
pub mod tree;

pub use crate::view_model::selection::Selection;
pub use app::{App, Fresh, Tab};
pub use deed::Deed;
pub use notice::Notice;
pub use saved::{KEPT, Recent};
pub use studies::Beside;
