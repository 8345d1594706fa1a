//! Objectives as the engine judges them, but for errors: of a class that gets more than can pass the failed share of those that
//! are answered says nothing, and an objective on it is missed.

use engine::model::{Goal, System};
use engine::plan::{self, Search, Verdict};
use engine::solve::{Answer, Options, Solver};

/// Every objective of the system at the answer's multiple.
pub(crate) fn verdicts(solver: &mut Solver, system: &System, answer: &Answer) -> Vec<Verdict> {
    let mut verdicts = plan::objectives(solver, system, answer);
    for (verdict, objective) in verdicts.iter_mut().zip(&system.objectives) {
        if matches!(objective.goal, Goal::ErrorRatio { class, .. } if !answer.classes[class].stable) {
            (verdict.met, verdict.margin) = (false, None);
        }
    }
    verdicts
}

/// For each objective of the system, in its order: the smallest multiple at which it is missed, `None` where it holds up to the
/// search's end.
pub(crate) fn breaks(solver: &mut Solver, system: &System, search: &Search) -> Vec<Option<f64>> {
    let mut breaks = plan::breaks(solver, system, search);
    for (found, objective) in breaks.iter_mut().zip(&system.objectives) {
        if let Goal::ErrorRatio { class, .. } = objective.goal {
            let unanswered = unanswered_from(solver, system, class, search);
            *found = found.map_or(unanswered, |at| Some(unanswered.map_or(at, |other| other.min(at))));
        }
    }
    breaks
}

/// The multiple from which on a class gets more than can pass: no load beyond it is answered again.
fn unanswered_from(solver: &mut Solver, system: &System, class: usize, search: &Search) -> Option<f64> {
    let options = Options { percentiles: false, ..Options::default() };
    let mut answered = |multiple: f64| solver.solve(system, multiple, &options).classes[class].stable;
    if answered(search.to) {
        return None;
    }
    let (mut low, mut high) = (search.from, search.to);
    while high - low > search.accuracy * high {
        let middle = low.midpoint(high);
        if answered(middle) { low = middle } else { high = middle }
    }
    Some(high)
}
