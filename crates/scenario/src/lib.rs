//! What outlives a page load: the scenario format with its versions, checks and migrations, its lowering to the engine's
//! model, and the link form.

mod lower;
mod parse;
mod path;
mod problem;
pub mod v1;

pub use lower::{DEFAULT_MULTIPLES, lower};
pub use parse::{Parsed, parse, parse_value};
pub use problem::Problem;
pub use v1::Scenario;
