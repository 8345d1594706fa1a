//! `headroom validate`: all problems of a scenario.

use crate::arguments::Validate;
use crate::failure::{Done, Failure};
use crate::{input, output};
use serde_json::json;

/// Reads the scenario; with `--json` the problems are also the answer.
pub(crate) fn run(arguments: &Validate) -> Result<Done, Failure> {
    let result = input::scenario(&arguments.scenario);
    if arguments.json {
        let problems = match &result {
            Ok(_) => &[][..],
            Err(Failure::Input(problems)) => problems,
            Err(_) => return result.map(|_| Done::Fine),
        };
        output::json(&json!({ "valid": problems.is_empty(), "problems": problems }))?;
    } else if let Ok(scenario) = &result {
        let called = if scenario.name.is_empty() { input::name(&arguments.scenario) } else { &scenario.name };
        let (components, classes) = (scenario.components.len(), scenario.traffic.len());
        output::text(&format!("{called}: valid, {components} components, {classes} traffic classes\n"))?;
    }
    result.map(|_| Done::Fine)
}
