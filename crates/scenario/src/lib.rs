//! What outlives a page load: the scenario format, its checks, and everything that is done with a document as a document.
//!
//! ```
//! let text = r#"{"format": "headroom/1", "name": "Shop",
//!     "traffic": [{"id": "browse", "entry": "api", "arrivals": {"open": {"rate": 80}}}],
//!     "components": [{"id": "api", "kind": "service", "concurrency": 10, "service": {"mean_ms": 100, "cv": 1}}]}"#;
//! let parsed = scenario::parse(text).unwrap_or_else(|problems| panic!("{problems:#?}"));
//! let system = scenario::lower(&parsed.scenario).unwrap_or_else(|problems| panic!("{problems:#?}"));
//! assert_eq!(system.stations[0].service[0].mean(), 0.1); // seconds from here on
//! ```
//!
//! A document goes through these stations, each a module:
//!
//! | module | does | knows |
//! |---|---|---|
//! | [`json`] | text to value; keys that stand twice, the place where text stops being JSON | nothing of scenarios |
//! | `version` | lifts older documents, refuses newer ones | one function per version step |
//! | [`catalogue`] | says what every field is: label, unit, range, default, help | the single description that checks, schema, forms and docs share |
//! | `check` | walks the raw value against the catalogue, then judges the whole; **all** problems at once | the catalogue |
//! | [`v1`] | the types of a checked document | nothing; they only hold |
//! | `record` | reads and writes them, field by field | `v1` by lists of its fields |
//! | `lower` | applies defaults, milliseconds to seconds, names to positions | the engine's model |
//!
//! and around them: [`quantities`] (every number with its path), [`edit`] (commands, undo), [`link`] and [`seal`] (sharing),
//! [`redact`], [`compare`](mod@compare) and [`merge`](mod@merge) (before and after sharing), [`gallery`], [`schema`](fn@schema) and [`docs`] (generated).
//!
//! To add a field: one entry in the catalogue, one member in [`v1`] and its record, one line in `lower`, one in [`quantities`] if it is a
//! number; `tests/generated.rs` fails until they agree. No clock, no randomness, no files, no threads in here.

pub mod catalogue;
mod check;
pub mod compare;
mod date;
pub mod docs;
pub mod edit;
pub mod gallery;
pub mod json;
pub mod link;
mod lower;
pub mod merge;
mod parse;
pub mod path;
mod place;
mod problem;
pub mod quantities;
mod record;
pub mod redact;
mod run;
mod schema;
pub mod seal;
pub mod v1;
mod version;

pub use check::{Opened, check, nearest};
pub use date::days;
pub use lower::{DEFAULT_MULTIPLES, lower, lower_checked};
pub use parse::{Parsed, open, parse, parse_map, parse_value};
pub use path::{Path, Step};
pub use place::{place_path, refused};
pub use problem::Problem;
pub use run::run_seconds;
pub use schema::schema;
pub use v1::Scenario;
pub use version::FORMAT;
