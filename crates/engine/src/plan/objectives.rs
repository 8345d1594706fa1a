//! Objectives against an answer.

use super::loss;
use crate::{
    cost,
    model::{Goal, System},
    solve::{Answer, Options, Solver},
};

/// One objective at one multiple.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// Position in the scenario's `slos`.
    pub index: usize,
    /// Whether it holds.
    pub met: bool,
    /// Distance to the limit as a share of it, negative when missed; `None` when the figure is unbounded or not known, nobody asks,
    /// or the limit is 0.
    pub margin: Option<f64>,
}

/// Every objective of the system at the answer's multiple. The answer needs percentiles where latency objectives are.
pub fn objectives(solver: &mut Solver, system: &System, answer: &Answer) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = plain(system, answer);
    if cost::moves(system) {
        for (verdict, objective) in verdicts.iter_mut().zip(&system.objectives) {
            if let Goal::MonthlyCost { at_most } = objective.goal {
                *verdict = against(objective.index, Some(cost::over_time(solver, system, answer).monthly()), at_most);
            }
        }
    }
    if !system.objectives.iter().any(|o| matches!(o.goal, Goal::SurviveReplica | Goal::SurviveZone)) {
        return verdicts;
    }
    for (verdict, objective) in verdicts.iter_mut().zip(&system.objectives) {
        verdict.met = match objective.goal {
            Goal::SurviveReplica | Goal::SurviveZone => survives(solver, system, answer, objective.goal),
            _ => continue,
        };
    }
    verdicts
}

/// Whether an objective is missed that can be judged without percentiles and without solving anything else.
pub(super) fn unmet_without_percentiles(system: &System, answer: &Answer) -> bool {
    let told =
        |goal: &Goal| matches!(goal, Goal::ErrorRatio { .. } | Goal::Utilization { .. } | Goal::BacklogAge { .. });
    let verdicts = plain(system, answer);
    verdicts.iter().zip(&system.objectives).any(|(verdict, objective)| told(&objective.goal) && !verdict.met)
}

/// Whether nothing is saturated and every objective is met, by figures that settled: an answer that did not promises nothing.
#[must_use]
pub fn feasible(answer: &Answer, verdicts: &[Verdict]) -> bool {
    answer.convergence.converged && !saturated(answer) && verdicts.iter().all(|verdict| verdict.met)
}

/// Whether a class or a resource is beyond its capacity, or nobody of a class is answered: parts that refuse or calls that are given
/// up keep every line short, and yet nothing passes.
pub(super) fn saturated(answer: &Answer) -> bool {
    answer.classes.iter().any(|class| !class.stable)
        || answer.stations.iter().any(is_saturated)
        || unanswered(answer).is_some()
}

/// The first class that asks and of which every request fails.
#[must_use]
pub fn unanswered(answer: &Answer) -> Option<usize> {
    answer.classes.iter().position(|class| class.offered > 0.0 && class.stable && class.mean.is_none())
}

/// Whether work piles up at a station without end. What refuses instead of queueing does not saturate.
fn is_saturated(station: &crate::solve::StationAnswer) -> bool {
    station.passing < 1.0 || station.queue.is_some_and(|queue| queue.age.is_none())
}

/// The first queue whose backlog grows without end.
#[must_use]
pub fn piling_up(answer: &Answer) -> Option<usize> {
    answer.stations.iter().position(|station| station.queue.is_some_and(|queue| queue.age.is_none()))
}

/// A figure against its limit; an unbounded figure is above any.
fn against(index: usize, value: Option<f64>, at_most: f64) -> Verdict {
    Verdict {
        index,
        met: value.is_some_and(|value| value <= at_most),
        margin: value.filter(|_| at_most > 0.0).map(|value| (at_most - value) / at_most),
    }
}

/// An objective that nothing is against.
const fn held(index: usize) -> Verdict {
    Verdict { index, met: true, margin: None }
}

/// All objectives but those about losses, which count as met.
fn plain(system: &System, answer: &Answer) -> Vec<Verdict> {
    let verdict = against;
    let check = |objective: &crate::model::Objective| match objective.goal {
        // Nobody asks: nothing is missed.
        Goal::Latency { class, .. } | Goal::ErrorRatio { class, .. } if answer.classes[class].offered <= 0.0 => {
            held(objective.index)
        }
        Goal::Latency { class, percentile, at_most } => {
            verdict(objective.index, answer.classes[class].percentile(percentile), at_most)
        }
        Goal::ErrorRatio { class, at_most } => {
            // Of what gets more than can pass the failed share of those that are answered says nothing.
            let class = &answer.classes[class];
            verdict(objective.index, class.stable.then_some(class.error_ratio), at_most)
        }
        Goal::Utilization { station, at_most } => {
            let at = &answer.stations[station];
            let load = at.utilization.or(at.slot_utilization).or(at.busiest.map(|(_, load)| load));
            // What has no limit is never full, and how far it is from it cannot be told.
            load.map_or(held(objective.index), |load| verdict(objective.index, Some(load), at_most))
        }
        Goal::BacklogAge { station, at_most } => {
            let age = answer.stations[station].queue.map_or(Some(0.0), |queue| queue.age);
            verdict(objective.index, age, at_most)
        }
        Goal::MonthlyCost { at_most } => verdict(objective.index, Some(cost::month(system, answer).monthly()), at_most),
        Goal::SurviveReplica | Goal::SurviveZone => held(objective.index),
    };
    system.objectives.iter().map(check).collect()
}

/// Whether everything else but the budget holds after each loss that an objective is about: what a month costs is judged as it
/// stands.
fn survives(solver: &mut Solver, system: &System, answer: &Answer, goal: Goal) -> bool {
    let percentiles = system.objectives.iter().any(|o| matches!(o.goal, Goal::Latency { .. }));
    let options = Options { percentiles, ..Options::default() };
    let running = loss::running(system, answer);
    !loss::is_fatal(system, goal, &running)
        && loss::losses(system, goal).into_iter().all(|lost| {
            let mut left = loss::without(system, lost, &running);
            left.objectives.retain(|objective| !matches!(objective.goal, Goal::MonthlyCost { .. }));
            let answer = solver.solve(&left, answer.multiple, &options);
            !saturated(answer) && plain(&left, answer).iter().all(|verdict| verdict.met)
        })
}
