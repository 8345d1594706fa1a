//! `headroom report`: one page with the projection, the plan and the assumptions.

use crate::arguments::Report;
use crate::failure::{Done, Failure};
use crate::{input, output};
use study::ProjectOptions;

/// Writes the page.
pub(crate) fn run(arguments: &Report) -> Result<Done, Failure> {
    let scenario = input::scenario(&arguments.scenario)?;
    let multiples = arguments.growth.as_ref().map(|growth| growth.0.clone()).unwrap_or_default();
    let options = ProjectOptions {
        multiples: multiples.clone(),
        samples: arguments.samples as usize,
        ..ProjectOptions::default()
    };
    let answer = study::project(&scenario, &options)?;
    let plan = study::plan(&scenario, &multiples)?;
    output::to(arguments.output.as_deref(), &study::report::html(&answer, &scenario, Some(&plan)))?;
    Ok(Done::Fine)
}
