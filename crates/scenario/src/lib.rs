//! What outlives a page load: the scenario format with its versions, checks and migrations, its lowering to the engine's
//! model, and the link form.

pub mod catalogue;
mod check;
pub mod compare;
mod date;
pub mod docs;
pub mod edit;
pub mod gallery;
mod json;
pub mod link;
mod lower;
mod parse;
pub mod path;
mod place;
mod problem;
pub mod quantities;
pub mod redact;
mod schema;
pub mod seal;
pub mod v1;
mod version;

pub use check::{Opened, check};
pub use lower::{DEFAULT_MULTIPLES, lower, lower_checked};
pub use parse::{Parsed, open, parse, parse_value};
pub use path::{Path, Step};
pub use place::{place_path, refused};
pub use problem::Problem;
pub use schema::schema;
pub use v1::Scenario;
pub use version::FORMAT;
