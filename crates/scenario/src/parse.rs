//! Reading a scenario.

use crate::Problem;
use crate::v1::Scenario;
use serde_json::Value;

/// A scenario that was read, with what a reader should know about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The scenario, lifted to the current version.
    pub scenario: Scenario,
    /// What was not understood or looks odd; none of it keeps the scenario from being used.
    pub notes: Vec<Problem>,
}

/// Reads a scenario from JSON text.
///
/// # Errors
/// Every problem of the document, each with its path, its value and what is allowed.
pub fn parse(text: &str) -> Result<Parsed, Vec<Problem>> {
    match serde_json::from_str::<Value>(text) {
        Ok(value) => parse_value(value),
        Err(error) => Err(vec![Problem::new(
            "",
            format!("this is not JSON: {error}"),
            "check the text there, or export the scenario again",
        )]),
    }
}

/// Reads a scenario from a JSON value, however it was written (the command also reads YAML).
///
/// # Errors
/// As [`parse`].
pub fn parse_value(value: Value) -> Result<Parsed, Vec<Problem>> {
    let scenario: Scenario = serde_json::from_value(value)
        .map_err(|error| vec![Problem::new("", error.to_string(), "see the scenario format")])?;
    crate::lower(&scenario)?;
    Ok(Parsed { scenario, notes: Vec::new() })
}
