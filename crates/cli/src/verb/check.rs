//! `headroom check`: objectives at a growth multiple; exit code 1 when one is missed.

use crate::arguments::Check;
use crate::failure::{Done, Failure};
use crate::{input, output};
use study::CheckOptions;

/// Checks; the reports are written whatever the outcome.
pub(crate) fn run(arguments: &Check) -> Result<Done, Failure> {
    let scenario = input::scenario(&arguments.scenario)?;
    let base = arguments.base.as_deref().map(input::scenario).transpose()?;
    let options =
        CheckOptions { growth: arguments.growth, probability: arguments.probability, ..CheckOptions::default() };
    let check = study::check(&scenario, base.as_ref(), &options)?;
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
