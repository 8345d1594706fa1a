//! `headroom compare`: scenarios side by side.

use crate::arguments::Compare;
use crate::failure::{Done, Failure};
use crate::{input, output};

/// Compares.
pub(crate) fn run(arguments: &Compare) -> Result<Done, Failure> {
    let scenarios = input::scenarios(&arguments.scenarios)?;
    let mut comparison = study::compare(&scenarios, arguments.growth.as_ref().map_or(&[][..], |growth| &growth.0))?;
    comparison.tell_apart(&arguments.scenarios);
    if arguments.json {
        output::json(&comparison)?
    } else {
        output::text(&comparison.text())?
    }
    Ok(Done::Fine)
}
