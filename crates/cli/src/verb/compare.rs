//! `headroom compare`: scenarios side by side.

use crate::arguments::Compare;
use crate::failure::{Done, Failure};
use crate::{input, output};

/// Compares.
pub(crate) fn run(arguments: &Compare) -> Result<Done, Failure> {
    let mut scenarios = input::scenarios(&arguments.scenarios)?;
    study::tell_apart(&mut scenarios, &arguments.scenarios);
    let comparison = study::compare(&scenarios, arguments.growth.as_ref().map_or(&[][..], |growth| &growth.0))?;
    if arguments.json {
        output::json(&comparison)?
    } else {
        output::text(&comparison.text())?
    }
    Ok(Done::Fine)
}
