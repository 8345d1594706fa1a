//! Series of an answer of any length, in bounded memory.

use crate::measurements::{Measurements, Series, Warning};

/// Most points kept over all series; beyond it every second one is left out, again and again.
const MOST_POINTS: usize = 1_000_000;
/// Most series kept.
const MOST_SERIES: usize = 20_000;

/// The series so far.
#[derive(Debug)]
pub struct Kept {
    series: Vec<Series>,
    points: usize,
    /// Of how many points one is kept.
    every: usize,
    left_out: u64,
}

impl Default for Kept {
    fn default() -> Self {
        Self { series: Vec::new(), points: 0, every: 1, left_out: 0 }
    }
}

impl Kept {
    /// Adds one.
    pub fn take(&mut self, mut series: Series) {
        if self.series.len() >= MOST_SERIES {
            self.left_out += 1;
            return;
        }
        thin(&mut series, self.every);
        self.points += series.points.len();
        self.series.push(series);
        if self.points > MOST_POINTS {
            self.every *= 2;
            self.series.iter_mut().for_each(|series| thin(series, 2));
            self.points = self.series.iter().map(|series| series.points.len()).sum();
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    /// Writes the series and what had to be left out.
    pub fn finish(self, found: &mut Measurements) {
        found.series.extend(self.series);
        if self.every > 1 {
            let text =
                "More points than can be kept: of so many only one is left. Ask for a longer step to choose yourself.";
            found.warnings.push(Warning::new("points-thinned", text).with("one_of", self.every));
        }
        if self.left_out > 0 {
            let text = "More series than can be kept; these are left out. Sum them by the labels that matter.";
            found.warnings.push(Warning::new("series-left-out", text).with("series", self.left_out));
        }
    }
}

/// Keeps one point of so many.
fn thin(series: &mut Series, every: usize) {
    if every > 1 {
        let mut index = 0;
        series.points.retain(|_| {
            index += 1;
            (index - 1) % every == 0
        });
    }
    series.points.shrink_to_fit();
}
