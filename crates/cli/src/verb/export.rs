//! `headroom export`: settings for other systems.

use crate::arguments::{Export, ExportTo};
use crate::failure::{Done, Failure};
use crate::{input, output};
use study::export::Target;

/// Exports to standard output.
pub(crate) fn run(arguments: &Export) -> Result<Done, Failure> {
    let scenario = input::scenario(&arguments.scenario)?;
    let target = match arguments.to {
        ExportTo::K8s => Target::Kubernetes,
        ExportTo::Prometheus => Target::Prometheus,
        ExportTo::Json => Target::Json,
        ExportTo::Csv => Target::Csv,
    };
    output::text(&study::export(&scenario, target, arguments.growth)?)?;
    Ok(Done::Fine)
}
