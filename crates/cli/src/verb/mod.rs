//! One file per verb.

mod backtest;
mod backup;
mod calibrate;
mod check;
mod compare;
mod export;
mod import;
mod merge;
mod plan;
mod project;
mod pull;
mod push;
mod report;
mod sensitivity;
mod serve;
mod simulate;
mod solve;
mod validate;

use crate::arguments::Verb;
use crate::failure::{Done, Failure};
use crate::output;

/// Runs a verb.
pub(crate) fn run(verb: Verb) -> Result<Done, Failure> {
    match verb {
        Verb::Solve(arguments) => solve::run(&arguments),
        Verb::Project(arguments) => project::run(&arguments),
        Verb::Check(arguments) => check::run(&arguments),
        Verb::Backtest(arguments) => backtest::run(&arguments),
        Verb::Plan(arguments) => plan::run(&arguments),
        Verb::Compare(arguments) => compare::run(&arguments),
        Verb::Export(arguments) => export::run(&arguments),
        Verb::Report(arguments) => report::run(&arguments),
        Verb::Sensitivity(arguments) => sensitivity::run(&arguments),
        Verb::Import(arguments) => import::run(&arguments),
        Verb::Calibrate(arguments) => calibrate::run(&arguments),
        Verb::Simulate(arguments) => simulate::run(&arguments),
        Verb::Merge(arguments) => merge::run(&arguments),
        Verb::Validate(arguments) => validate::run(&arguments),
        Verb::Schema => output::json(&scenario::schema()).map(|()| Done::Fine),
        Verb::Serve(arguments) => serve::run(arguments),
        Verb::Push(arguments) => push::run(&arguments),
        Verb::Pull(arguments) => pull::run(&arguments),
        Verb::Backup(arguments) => backup::run(&arguments),
    }
}
