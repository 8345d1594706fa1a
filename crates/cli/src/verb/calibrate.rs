//! `headroom calibrate`: a scenario fitted to measurements.

use crate::arguments::Calibrate;
use crate::failure::{Done, Failure};
use crate::{input, measurements, output, text};
use scenario::Scenario;
use std::io::{self, Write};
use study::calibrate::{CalibrateInput, calibrate};

/// Fits; the scenario is the answer, the report goes beside it.
pub(crate) fn run(arguments: &Calibrate) -> Result<Done, Failure> {
    let scenario = scenario(arguments)?;
    let data = measurements::read(&arguments.data, &arguments.reading)?;
    if data.measurements.is_empty() {
        return Err(Failure::Input(data.refused));
    }
    data.name_refused();
    data.warn();
    let input =
        CalibrateInput { scenario: scenario.as_ref(), data: &data.measurements, map: None, only_up_to_rps: None };
    let calibration = calibrate(&input)?;
    match &arguments.report {
        Some(path) => output::to(Some(path), &output::to_json(&calibration.report)?)?,
        None => {
            // A closed standard error must not cost the answer.
            let _ = io::stderr().write_all(text::fit::report(&calibration.report).as_bytes());
        }
    }
    output::to(arguments.output.as_deref(), &output::to_json(&calibration.scenario)?)?;
    Ok(Done::Fine)
}

/// The scenario with the map in it, so that one check sees both and names every problem's place.
fn scenario(arguments: &Calibrate) -> Result<Option<Scenario>, Failure> {
    let Some(path) = &arguments.scenario else { return Ok(None) };
    let mut document = input::document(path)?;
    if let Some(map) = &arguments.map {
        let map = input::document(map)?;
        if let Some(document) = document.as_object_mut() {
            document.insert("map".to_owned(), map);
        }
    }
    input::parsed(path, document).map(Some)
}
