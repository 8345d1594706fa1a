//! `headroom calibrate`: a scenario fitted to measurements.

use crate::arguments::Calibrate;
use crate::failure::{Done, Failure};
use crate::{input, measurements, output};
use std::io::{self, Write};
use study::{CalibrateInput, calibrate};

/// Fits; the scenario is the answer, the report goes beside it.
pub(crate) fn run(arguments: &Calibrate) -> Result<Done, Failure> {
    // With a scenario the map is checked as a part of it; without one it says how the parts of the one that is made are called.
    let (scenario, map) = match (arguments.scenario.as_deref(), arguments.map.as_deref()) {
        (Some(path), map) => (Some(input::scenario_with_map(path, map)?), None),
        (None, map) => (None, map.map(input::map).transpose()?),
    };
    let data = measurements::read(&arguments.data, &arguments.reading)?;
    if data.measurements.is_empty() {
        return Err(Failure::Input(data.refused));
    }
    data.warn();
    let input = CalibrateInput {
        scenario: scenario.as_ref(),
        data: &data.measurements,
        map: map.as_ref(),
        only_up_to_rps: None,
    };
    let calibration = calibrate(&input).inspect_err(|_| data.name_refused())?;
    match &arguments.report {
        Some(path) => output::to(Some(path), &output::to_json(&calibration.report)?)?,
        None => {
            // A closed standard error must not cost the answer.
            let _ = io::stderr().write_all(study::text::fit(&calibration.report).as_bytes());
        }
    }
    output::to(arguments.output.as_deref(), &output::to_json(&calibration.scenario)?)?;
    data.name_refused();
    Ok(Done::Fine)
}
