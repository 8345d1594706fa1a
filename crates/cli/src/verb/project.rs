//! `headroom project`: latency, bottleneck and spend over growth, with bands.

use crate::arguments::{Format, Project};
use crate::failure::{Done, Failure};
use crate::{input, output};
use study::ProjectOptions;

/// Projects.
pub(crate) fn run(arguments: &Project) -> Result<Done, Failure> {
    let scenario = input::scenario(&arguments.scenario)?;
    let options = ProjectOptions {
        multiples: arguments.growth.as_ref().map(|growth| growth.0.clone()).unwrap_or_default(),
        samples: arguments.samples as usize,
        seed: arguments.seed,
        ..ProjectOptions::default()
    };
    let answer = study::project(&scenario, &options)?;
    let format = if arguments.json { Format::Json } else { arguments.format };
    let written = match format {
        Format::Text => study::text::projection(&answer, &scenario),
        Format::Json => output::to_json(&answer)?,
        Format::Csv => study::text::csv(&answer),
        Format::Markdown => study::text::markdown(&answer, &scenario),
        Format::Svg => study::report::svg(&answer, &scenario),
        Format::Html => study::report::html(&answer, &scenario, None),
    };
    output::to(arguments.output.as_deref(), &written)?;
    Ok(Done::Fine)
}
