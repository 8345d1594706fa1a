//! `headroom backtest`: fit on the low levels, predict the high ones.

use crate::arguments::Backtest;
use crate::failure::{Done, Failure};
use crate::{input, measurements, output};
use study::CalibrateInput;

/// Back-tests.
pub(crate) fn run(arguments: &Backtest) -> Result<Done, Failure> {
    let scenario = input::scenario_with_map(&arguments.scenario, arguments.map.as_deref())?;
    let data = measurements::read(&arguments.data, &arguments.reading)?;
    if data.measurements.is_empty() {
        return Err(Failure::Input(data.refused));
    }
    data.warn();
    let input = CalibrateInput { scenario: Some(&scenario), data: &data.measurements, map: None, only_up_to_rps: None };
    let result = study::backtest(&input, arguments.holdout_above).inspect_err(|_| data.name_refused())?;
    if arguments.json {
        output::json(&result)?
    } else {
        output::text(&study::text::backtest(&result))?
    }
    data.name_refused();
    Ok(Done::Fine)
}
