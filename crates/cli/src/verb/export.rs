//! `headroom export`: settings for other systems.

use crate::arguments::{Export, ExportTo};
use crate::failure::{Done, Failure, error_line};
use crate::{input, output};
use study::export::{Target, Unwritten};

/// Exports to standard output; exit code 1 when nothing meets the objectives.
pub(crate) fn run(arguments: &Export) -> Result<Done, Failure> {
    let scenario = input::scenario(&arguments.scenario)?;
    let target = match arguments.to {
        ExportTo::K8s => Target::Kubernetes,
        ExportTo::Prometheus => Target::Prometheus,
        ExportTo::Json => Target::Json,
        ExportTo::Csv => Target::Csv,
    };
    match study::export(&scenario, target, arguments.growth) {
        Ok(settings) => {
            output::text(&settings)?;
            Ok(Done::Fine)
        }
        Err(Unwritten::Unmet(problem)) => {
            error_line(&problem.to_string());
            Ok(Done::Missed)
        }
        Err(Unwritten::Bad(problems)) => Err(Failure::Input(problems)),
    }
}
