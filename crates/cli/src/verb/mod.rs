//! One file per verb.

mod calibrate;
mod import;
mod merge;
mod serve;
mod simulate;
mod validate;

use crate::arguments::Verb;
use crate::failure::{Done, Failure};

/// Runs a verb.
pub(crate) fn run(verb: Verb) -> Result<Done, Failure> {
    match verb {
        Verb::Import(arguments) => import::run(&arguments),
        Verb::Calibrate(arguments) => calibrate::run(&arguments),
        Verb::Simulate(arguments) => simulate::run(&arguments),
        Verb::Merge(arguments) => merge::run(&arguments),
        Verb::Validate(arguments) => validate::run(&arguments),
        Verb::Serve(arguments) => serve::run(arguments),
    }
}
