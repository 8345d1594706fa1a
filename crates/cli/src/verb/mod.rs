//! One file per verb.

mod serve;
mod validate;

use crate::arguments::Verb;
use crate::failure::{Done, Failure};

/// Runs a verb.
pub(crate) fn run(verb: Verb) -> Result<Done, Failure> {
    match verb {
        Verb::Validate(arguments) => validate::run(&arguments),
        Verb::Serve(arguments) => serve::run(arguments),
    }
}
