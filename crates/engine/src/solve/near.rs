//! Many systems that are nearly alike, such as the draws of a projection: percentiles looked for where those of a near answer lie.

use super::{Answer, Options, Solver, percentile::Workspace};
use crate::{
    model::System,
    stats::{TailSearch, transform::Nodes},
};

impl Solver {
    /// [`Solver::solve`] for one of many systems that are nearly alike, such as the draws of a projection: percentiles to about a
    /// thousandth, looked for where those of `near` lie in proportion to the mean. Means and everything else are the same.
    pub fn solve_near(&mut self, system: &System, multiple: f64, options: &Options, near: &Answer) -> &Answer {
        let mut known = core::mem::take(&mut self.near);
        known.resize(near.classes.len(), (0.0, Vec::new()));
        for ((mean, percentiles), class) in known.iter_mut().zip(&near.classes) {
            *mean = class.mean.unwrap_or(0.0);
            percentiles.clear();
            if *mean > 0.0 {
                percentiles.extend(class.percentiles.iter().map(|at| at.1));
            }
        }
        self.near = known;
        self.solve(system, multiple, options);
        // The memory stays, the knowledge goes.
        self.near.iter_mut().for_each(|at| at.1.clear());
        &self.answer
    }

    /// Looks where the percentiles of a near answer, in proportion to the mean, say that those of this one are.
    /// Returns the shift.
    pub(super) fn look(&self, system: &System, class: usize, space: &mut Workspace, search: &mut TailSearch) -> f64 {
        let hold = self.state.visits[system.classes[class].entry * self.structure.classes + class].hold.mean;
        let (mean, percentiles) = &self.near[class];
        let mut shift = 0.0;
        for seconds in percentiles {
            let time = seconds * hold / mean - shift;
            if time > 0.0 {
                search.look(time, |time| {
                    let nodes = Nodes::at(time);
                    let (wave, fixed) = self.class_wave(system, class, space, &nodes);
                    shift = fixed;
                    wave.tail_and_density(&nodes)
                });
            }
        }
        shift
    }
}
