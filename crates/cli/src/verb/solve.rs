//! `headroom solve`: the analytic answer at each multiple.

use crate::arguments::Solve;
use crate::failure::{Done, Failure};
use crate::{input, output};

/// Solves.
pub(crate) fn run(arguments: &Solve) -> Result<Done, Failure> {
    let scenario = input::scenario(&arguments.scenario)?;
    let multiples = arguments.growth.as_ref().map_or(&[][..], |growth| &growth.0);
    let answer = study::solve(&scenario, multiples)?;
    if arguments.json {
        output::json(&answer)?
    } else {
        output::text(&study::text::projection(&answer, &scenario))?
    }
    Ok(Done::Fine)
}
