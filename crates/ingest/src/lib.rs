//! Importers: whatever file a team has, streamed in bounded memory into one [`Measurements`].
//!
//! An [`Import`] takes a file in chunks of any size and recognises it by content, never by name. One module per format.

pub mod measurements;

pub use measurements::Measurements;
