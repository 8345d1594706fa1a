//! `headroom plan`: the cheapest changes that meet the objectives at each multiple.

use crate::arguments::Plan;
use crate::failure::{Done, Failure};
use crate::{input, output};

/// Plans; exit code 1 when nothing meets the objectives at one of the multiples.
pub(crate) fn run(arguments: &Plan) -> Result<Done, Failure> {
    let scenario = input::scenario(&arguments.scenario)?;
    let plan = study::plan(&scenario, arguments.growth.as_ref().map_or(&[][..], |growth| &growth.0))?;
    if arguments.json {
        output::json(&plan)?
    } else {
        output::text(&plan.text(&scenario))?
    }
    Ok(if plan.steps.iter().all(|step| step.feasible) { Done::Fine } else { Done::Missed })
}
