//! Reading a scenario.

use crate::Problem;
use crate::check::{self, Opened};
use crate::v1::{Map, Scenario};
use serde_json::{Value, json};

/// A scenario that was read and is free of problems, with what a reader should know about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The scenario, lifted to the current version.
    pub scenario: Scenario,
    /// What was not understood, has no effect or looks odd; none of it keeps the scenario from being used.
    pub notes: Vec<Problem>,
}

/// Reads a scenario from JSON text.
///
/// # Errors
/// Every problem of the document, each with its path, its value and what is allowed.
pub fn parse(text: &str) -> Result<Parsed, Vec<Problem>> {
    parse_value(crate::json::read(text)?)
}

/// Reads a scenario from a JSON value, however it was written (the command also reads YAML).
///
/// # Errors
/// As [`parse`].
pub fn parse_value(value: Value) -> Result<Parsed, Vec<Problem>> {
    let Opened { scenario, problems, notes } = check::open_value(value).map_err(|problem| vec![problem])?;
    if problems.is_empty() { Ok(Parsed { scenario, notes }) } else { Err(problems) }
}

/// Reads a map that is to be used without a scenario: what its names refer to is checked with the scenario that is made.
///
/// # Errors
/// Every problem of the map itself.
pub fn parse_map(map: Value) -> Result<Map, Vec<Problem>> {
    let around = json!({"format": crate::FORMAT, "traffic": [], "components": [], "map": map});
    let (opened, unfit) = check::open_counting(around).map_err(|problem| vec![problem])?;
    let problems: Vec<Problem> =
        opened.problems.into_iter().take(unfit).filter(|problem| problem.path.starts_with("map")).collect();
    if problems.is_empty() { Ok(opened.scenario.map.unwrap_or_default()) } else { Err(problems) }
}

/// Opens what can be read of a document and says what is wrong with the rest, for an editor in which it is mended.
///
/// # Errors
/// When nothing can be read: no JSON, another kind of document, or a newer major version.
pub fn open(text: &str) -> Result<Opened, Vec<Problem>> {
    check::open_value(crate::json::read(text)?).map_err(|problem| vec![problem])
}
