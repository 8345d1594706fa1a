//! The headroom: the smallest growth multiple at which an objective fails or a part saturates, and what breaks after it.
//!
//! Scanned, because some figures get better with load (cold starts, caches with a life span, autoscalers that have just added a
//! replica), then bisected between the last good and the first bad point. What holds at multiple 1 is looked at from there on.

use super::{
    explain, fix, objectives,
    scan::{self, TODAY},
};
use crate::{
    model::{Goal, Refusal, System},
    solve::{Answer, Options, Resource, Solver},
};

/// Where to look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Search {
    /// First multiple looked at.
    pub from: f64,
    /// Last multiple looked at.
    pub to: f64,
    /// Points of the scan, evenly apart as ratios; where it spans multiple 1, on the side of it where the break is.
    pub points: u32,
    /// Relative accuracy of the answer.
    pub accuracy: f64,
    /// Whether a monthly cost objective counts.
    pub with_cost: bool,
}

impl Search {
    /// As the contract says: from 0.1, or less where the scenario asks for less, to its largest multiple.
    #[must_use]
    pub fn of(system: &System) -> Self {
        let to = system.multiples.iter().copied().fold(1.0, f64::max);
        let from = system.multiples.iter().copied().filter(|multiple| *multiple > 0.0).fold(0.1, f64::min);
        Self { from, to, points: 48, accuracy: 1.0e-6, with_cost: true }
    }
}

/// What breaks at a multiple.
#[derive(Debug, Clone, PartialEq)]
pub struct Break {
    /// The station behind it, where there is one.
    pub station: Option<usize>,
    /// Its resource.
    pub resource: Option<Resource>,
    /// The objective missed, by its position in the scenario; `None` for plain saturation.
    pub objective: Option<usize>,
    /// The cause in one sentence.
    pub why: String,
}

/// How far the system can grow.
#[derive(Debug, Clone, PartialEq)]
pub struct Headroom {
    /// The multiple; `None` when nothing breaks up to [`Headroom::at_least`].
    pub multiple: Option<f64>,
    /// The last multiple looked at.
    pub at_least: f64,
    /// What breaks; `None` with `multiple`.
    pub cause: Option<Break>,
    /// Whether any part that the load meets has a limit at all; where none has, nothing can be said of how far it goes.
    pub limited: bool,
    /// Whether no load comes in at all; nothing can be said then either.
    pub idle: bool,
}

/// What breaks after a fix.
#[derive(Debug, Clone, PartialEq)]
pub struct Next {
    /// The station fixed.
    pub fixed: (usize, Resource),
    /// The next multiple.
    pub multiple: f64,
    /// What breaks then.
    pub station: usize,
    /// Which resource of it.
    pub resource: Resource,
    /// The objective missed there, by its position in the scenario; `None` when the resource itself is full.
    pub objective: Option<usize>,
}

/// Stations solved anew for links of the chain, all together: systems of thousands are answered in seconds.
const CHAIN_WORK: usize = 50_000;

/// Finds the headroom of a system.
///
/// # Errors
/// What the closed form does not model.
pub fn headroom(system: &System, search: &Search) -> Result<Headroom, Vec<Refusal>> {
    Ok(headroom_with(&mut Solver::new(system)?, system, search))
}

/// [`headroom`] with a solver at hand.
pub fn headroom_with(solver: &mut Solver, system: &System, search: &Search) -> Headroom {
    headroom_from(solver, system, search, 0.0)
}

/// Load of a part from which on it is what requests fail at where all of them fail.
const FULL: f64 = 1.0 - 1.0e-9;

/// The headroom of a system that holds below a multiple: points of the scan below it are not looked at again.
fn headroom_from(solver: &mut Solver, system: &System, search: &Search, holds_to: f64) -> Headroom {
    let options = Options {
        percentiles: system.objectives.iter().any(|o| matches!(o.goal, Goal::Latency { .. })),
        ..Options::default()
    };
    let idle = solver.solve(system, search.from, &options).clone();
    let mut look = |multiple: f64, next: f64| {
        let answer = solver.solve(system, multiple, &options).clone();
        let steps = scan::before_steps(system, &answer, next);
        (broken(solver, system, &answer, &idle, search.with_cost), steps)
    };
    let mut good: Option<f64> = None;
    let mut bad = None;
    let (mut from, mut to) = (search.from, search.to);
    // What breaks with less load than today's only is no end of growth.
    if scan::spans_today(search) {
        let known = (holds_to > TODAY).then_some(None);
        match known.unwrap_or_else(|| look(TODAY, TODAY).0) {
            None => (from, good) = (TODAY, Some(TODAY)),
            Some(cause) => (to, bad) = (TODAY, Some((TODAY, cause))),
        }
    }
    let mut ahead = scan::ahead(from, to, search.points);
    while let Some(multiple) = ahead.pop() {
        if multiple < holds_to {
            good = Some(good.map_or(multiple, |good| good.max(multiple)));
            continue;
        }
        let (cause, steps) = look(multiple, ahead.last().copied().unwrap_or(multiple));
        if let Some(cause) = cause {
            bad = Some((multiple, cause));
            break;
        }
        good = Some(multiple);
        ahead.extend(steps);
    }
    let Some((mut high, mut cause)) = bad else {
        let answer = solver.solve(system, search.to, &options);
        let idle = answer.classes.iter().all(|class| class.offered <= 0.0);
        let limited = answer.bottleneck.is_some_and(|part| part.load > 0.0);
        return Headroom { multiple: None, at_least: search.to, cause: None, limited, idle };
    };
    if let Some(mut low) = good {
        while high - low > search.accuracy * high {
            let middle = low.midpoint(high);
            match look(middle, middle).0 {
                Some(found) => (high, cause) = (middle, found),
                None => low = middle,
            }
        }
    }
    Headroom { multiple: Some(high), at_least: search.to, cause: Some(cause), limited: true, idle: false }
}

/// What is wrong at an answer, the most telling first: saturation, then the first missed objective.
fn broken(solver: &mut Solver, system: &System, answer: &Answer, idle: &Answer, with_cost: bool) -> Option<Break> {
    if objectives::saturated(answer) {
        let full = answer.bottleneck.filter(|part| part.load >= FULL);
        if let (Some(class), None) = (objectives::unanswered(answer), full) {
            // Nothing is full of it: what fails does so at any load.
            let why = format!("every request of {} fails", system.classes[class].id);
            return Some(Break { station: None, resource: None, objective: None, why });
        }
        if let (Some(station), None) = (objectives::piling_up(answer), full) {
            // The consumers are not busy either: what they call fails.
            let why = format!("the backlog of {} grows: what handles its messages fails", system.stations[station].id);
            return Some(Break { station: Some(station), resource: None, objective: None, why });
        }
        let Some((station, resource)) = answer.bottleneck.map(|b| (b.station, b.resource)) else {
            let why = "more arrives than can pass".to_owned();
            return Some(Break { station: None, resource: None, objective: None, why });
        };
        let why = explain::saturation(system, station, resource);
        return Some(Break { station: Some(station), resource: Some(resource), objective: None, why });
    }
    let verdicts = objectives::objectives(solver, system, answer);
    for (verdict, objective) in verdicts.iter().zip(&system.objectives) {
        if verdict.met || (!with_cost && matches!(objective.goal, Goal::MonthlyCost { .. })) {
            continue;
        }
        let cause = match objective.goal {
            Goal::Latency { class, .. } => explain::grown_wait(answer, idle, class),
            Goal::Utilization { station, .. } | Goal::BacklogAge { station, .. } => {
                answer.stations[station].busiest.map(|(resource, _)| (station, resource))
            }
            _ => None,
        };
        let why = explain::objective(system, objective.goal, answer, cause);
        return Some(Break {
            station: cause.map(|(station, _)| station),
            resource: cause.map(|(_, resource)| resource),
            objective: Some(verdict.index),
            why,
        });
    }
    None
}

/// What breaks after the first limit is lifted, and so on up to the largest multiple. Cost objectives do not count: no capacity
/// lifts them; an objective that no capacity can meet is left out once it was named. At most 200 links, in systems of more than 250
/// stations as many as 50,000 stations allow.
///
/// # Errors
/// What the closed form does not model.
pub fn next_bottlenecks(system: &System, search: &Search) -> Result<Vec<Next>, Vec<Refusal>> {
    let mut solver = Solver::new(system)?;
    let mut system = system.clone();
    let search = Search { with_cost: false, accuracy: 1.0e-4, ..*search };
    let mut chain: Vec<Next> = Vec::new();
    let mut fixed: Option<(usize, Resource)> = None;
    let limit = 4 * (system.stations.len() + system.objectives.len()) + 8;
    let most = (CHAIN_WORK / system.stations.len().max(1)).clamp(4, 200);
    let mut holds_to = 0.0;
    for _ in 0..limit.min(most) {
        let found = headroom_from(&mut solver, &system, &search, holds_to);
        let (Some(multiple), Some(cause)) = (found.multiple, found.cause) else {
            break;
        };
        // What held with the limit holds without it.
        holds_to = multiple;
        match (cause.station, cause.resource) {
            (Some(station), Some(resource)) => {
                if let Some(fixed) = fixed {
                    chain.push(Next { fixed, multiple, station, resource, objective: cause.objective });
                }
                let before = system.clone();
                fix::lift(&mut system, station, resource);
                if before == system {
                    break;
                }
                fixed = Some((station, resource));
            }
            _ => {
                let Some(index) = cause.objective else { break };
                system.objectives.retain(|objective| objective.index != index);
            }
        }
    }
    Ok(chain)
}
