//! A calibration waiting for its turn.

use super::{report, troubles};
use crate::protocol::{Imported, Response};
use ingest::Measurements;
use scenario::Scenario;
use scenario::v1::Map;
use study::{CalibrateInput, backtest, calibrate};

/// What is to be fitted to what.
pub(super) struct Calibrating {
    base: Option<Scenario>,
    map: Option<Map>,
    fresh: bool,
    found: Imported,
}

impl Calibrating {
    pub fn new(base: Option<Scenario>, map: Option<Map>, fresh: bool, found: Imported) -> Self {
        Self { base, map, fresh, found }
    }

    /// The number of the import or fit it is for.
    pub fn asked(&self) -> u32 {
        self.found.asked
    }

    /// Fits; when the data do not allow it, the scenario is shown as it was drawn and the reason is said.
    pub fn run(self, data: &[Measurements]) -> Response {
        let Self { base, map, fresh, mut found } = self;
        let input = CalibrateInput { scenario: base.as_ref(), data, map: map.as_ref(), only_up_to_rps: None };
        match calibrate(&input) {
            Ok(calibration) => {
                found.document = Some(calibration.scenario.to_json());
                // Too few levels to hold one out is no fault of the data: there is just no back-test to show.
                let tested = backtest(&input, None).ok();
                let stated = map.as_ref().or(base.as_ref().and_then(|base| base.map.as_ref()));
                found.fit = Some(report::fit(&calibration.report, tested.as_ref(), stated));
                found.fresh = fresh || base.is_none();
            }
            Err(problems) => {
                found.problems.extend(troubles("", &problems));
                found.document = base.filter(|_| fresh).map(|base| base.to_json());
            }
        }
        Response::Imported(Box::new(found))
    }
}
