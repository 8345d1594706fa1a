//! A projection on its way: first the lines on a dense grid, then bands that sharpen draw by draw.
//!
//! The dense grid is what the slider looks up; it costs one solve per point. Bands cost hundreds of solves per point, so they
//! are drawn on a coarse grid and carried over to the dense one (see [`super::columns`]).

use super::{columns, troubles};
use crate::protocol::Response;
use scenario::{Problem, Scenario};
use study::project::{ProjectJob, ProjectOptions};
use study::result::ResultDoc;

/// Steps of the dense grid between its ends.
const DENSE: usize = 90;
/// Dense steps per coarse one.
const COARSE: usize = 6;
/// Draws behind the bands.
const SAMPLES: usize = 200;
/// Draws after which the page is told again.
const TELL_AT: [usize; 4] = [16, 48, 100, SAMPLES];

/// A projection in progress.
pub(super) struct Projecting {
    generation: u64,
    scenario: Scenario,
    dense: Option<ResultDoc>,
    bands: Option<ProjectJob>,
    drawn: usize,
    done: bool,
}

impl Projecting {
    /// Checks the document.
    pub fn new(generation: u64, text: &str) -> Result<Self, Vec<Problem>> {
        let scenario = scenario::parse(text)?.scenario;
        Ok(Self { generation, scenario, dense: None, bands: None, drawn: 0, done: false })
    }

    /// Whether nothing is left to do.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// One slice of work, and what there is to say after it.
    pub fn step(&mut self) -> Option<Response> {
        match self.slice() {
            Ok(answer) => answer,
            Err(problems) => {
                self.done = true;
                Some(Response::Refused { generation: self.generation, problems: troubles("", &problems) })
            }
        }
    }

    fn slice(&mut self) -> Result<Option<Response>, Vec<Problem>> {
        if self.dense.is_none() {
            let options =
                ProjectOptions { multiples: grid(&self.scenario), samples: SAMPLES, ..ProjectOptions::default() };
            let dense = ProjectJob::new(&self.scenario, &options)?;
            self.dense = Some(dense.result());
            return Ok(self.answer(false));
        }
        let Some(bands) = &mut self.bands else {
            let multiples = grid(&self.scenario).into_iter().step_by(COARSE).collect();
            let options = ProjectOptions { multiples, samples: SAMPLES, ..ProjectOptions::default() };
            let bands = ProjectJob::new(&self.scenario, &options)?;
            self.done = bands.is_done();
            self.bands = Some(bands);
            return Ok(if self.done { self.answer(true) } else { None });
        };
        let more = bands.step(1)?;
        self.drawn += 1;
        self.done = !more;
        Ok(if self.done || TELL_AT.contains(&self.drawn) { self.answer(self.done) } else { None })
    }

    fn answer(&self, complete: bool) -> Option<Response> {
        let dense = self.dense.as_ref()?;
        let bands = self.bands.as_ref().map(ProjectJob::result);
        let mut projection = columns::projection(&self.scenario, dense, bands.as_ref());
        projection.banded = complete;
        Some(Response::Projection { generation: self.generation, projection: Box::new(projection) })
    }
}

/// From 1 to the scenario's largest multiple (10 when it names none), in steps that people's figures fall on.
fn grid(scenario: &Scenario) -> Vec<f64> {
    let stated = scenario.growth.iter().flat_map(|growth| growth.multiples.iter().copied());
    let most = stated.fold(1.0, f64::max);
    let most = if most > 1.0 { most } else { 10.0 };
    let step = (most - 1.0) / DENSE as f64;
    // Tenths where the range allows it: 0.1 for the usual 1 to 10.
    (0..=DENSE).map(|index| ((1.0 + index as f64 * step) * 1e6).round() / 1e6).collect()
}
