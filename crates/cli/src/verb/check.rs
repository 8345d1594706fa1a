//! `headroom check`: objectives at a growth multiple; exit code 1 when one is missed.

use crate::arguments::Check;
use crate::failure::{Done, Failure};
use crate::{input, output};
use scenario::{Problem, Scenario};
use study::CheckOptions;

/// Checks; the reports are written whatever the outcome.
pub(crate) fn run(arguments: &Check) -> Result<Done, Failure> {
    let (scenario, base) = read(arguments)?;
    let options =
        CheckOptions { growth: arguments.growth, probability: arguments.probability, ..CheckOptions::default() };
    let check = study::check(&scenario, base.as_ref(), &options).map_err(|problems| named(arguments, problems))?;
    if let Some(path) = &arguments.junit {
        output::to(Some(path), &check.junit(&scenario))?;
    }
    if let Some(path) = &arguments.markdown {
        output::to(Some(path), &check.markdown(&scenario))?;
    }
    if arguments.json {
        output::json(&check)?
    } else {
        output::text(&check.text(&scenario))?
    }
    Ok(if check.passed { Done::Fine } else { Done::Missed })
}

/// The scenario and the one it is compared with; of two files the problems of both, each with its file.
fn read(arguments: &Check) -> Result<(Scenario, Option<Scenario>), Failure> {
    let Some(base) = &arguments.base else { return Ok((input::scenario(&arguments.scenario)?, None)) };
    let mut both = input::scenarios(&[&arguments.scenario, base])?;
    let base = both.pop();
    let scenario = both.pop().ok_or_else(|| Failure::fault("headroom", "no scenario was read", "please report it"))?;
    Ok((scenario, base))
}

/// Problems of one of two files, each with its file.
fn named(arguments: &Check, problems: Vec<Problem>) -> Failure {
    let Some(base) = &arguments.base else { return Failure::Input(problems) };
    let of = |problem: Problem| match problem.path.strip_prefix(study::check::BASE) {
        Some(path) => input::prefixed(base, Problem { path: path.to_owned(), ..problem }),
        // What was typed is of no file.
        None if problem.path == "growth" => problem,
        None => input::prefixed(&arguments.scenario, problem),
    };
    Failure::Input(problems.into_iter().map(of).collect())
}
