//! Importers: whatever file a team has, streamed in bounded memory into one [`Measurements`].
//!
//! An [`Import`] takes a file in chunks of any size: `source` inflates and decodes it, the table in [`registry`] recognises it by
//! content (never by name), a reader from `load`, `metrics`, `trace`, `topology` or `money` turns it into figures with the help of `read` (lines,
//! tables, JSON, numbers, times) and `sense` (distributions, endpoint names, steady levels, warnings). One module per format.

pub mod import;
pub mod load;
pub mod measurements;
pub mod metrics;
pub mod money;
pub mod read;
pub mod refusal;
pub mod registry;
pub mod sense;
pub mod source;
pub mod topology;
pub mod trace;
mod unknown;

pub use import::{Candidate, Import, Options, Outcome, Question, import_bytes, import_bytes_with};
pub use measurements::Measurements;
pub use read::table::ColumnMapping;
pub use read::text::TimeUnit;
pub use refusal::Refusal;
pub use sense::merge::merge_runs;
