//! The table of losses on its way: each component lost once at several multiples.

use super::simulate::{TELL_EVERY, verdict};
use crate::protocol::{LossView, LossesView, Response};
use scenario::Problem;
use study::simulate::{LossTable, Losses};

/// Events per slice: a few milliseconds.
const SLICE: u64 = 20_000;

/// A table in progress.
pub(super) struct Losing {
    asked: u32,
    table: LossTable,
    multiples: Vec<f64>,
    tell_at: f64,
    done: bool,
}

impl Losing {
    /// Prepares it.
    pub fn new(asked: u32, document: &str, seed: u64) -> Result<Self, Vec<Problem>> {
        let scenario = scenario::parse(document)?.scenario;
        let options = Losses { seed, ..Losses::default() };
        let multiples = options.multiples.clone();
        Ok(Self { asked, table: LossTable::new(&scenario, &options)?, multiples, tell_at: 0.0, done: false })
    }

    /// Whether nothing is left to do.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// One slice, and what there is to say after it; `now` in milliseconds.
    pub fn step(&mut self, now: f64) -> Option<Response> {
        self.done = self.table.step(SLICE);
        if !self.done && now < self.tell_at {
            return None;
        }
        self.tell_at = now + TELL_EVERY;
        let cells = self.table.cells.iter().map(|cell| LossView {
            component: cell.component.clone(),
            error_ratio: cell.error_ratio[1],
            mean_ms: (cell.mean_ms[0], cell.mean_ms[1]),
            verdict: cell.verdict.as_ref().and_then(verdict),
            stopped_by: cell.stopped_by.clone(),
        });
        let cells: Vec<LossView> = cells.collect();
        let share = if self.done { 1.0 } else { cells.len() as f64 / self.table.size().max(1) as f64 };
        Some(Response::Losses(LossesView { asked: self.asked, share, multiples: self.multiples.clone(), cells }))
    }
}
