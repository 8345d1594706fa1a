//! `headroom sensitivity`: what moves the headroom, and what to measure next.

use crate::arguments::Sensitivity;
use crate::failure::{Done, Failure};
use crate::{input, output};

/// Answers.
pub(crate) fn run(arguments: &Sensitivity) -> Result<Done, Failure> {
    let scenario = input::scenario(&arguments.scenario)?;
    let sensitivity = study::sensitivity(&scenario)?;
    if arguments.json {
        output::json(&sensitivity)?
    } else {
        output::text(&sensitivity.text())?
    }
    Ok(Done::Fine)
}
