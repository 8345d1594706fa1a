//! Objectives that neither less load nor any number of the plan can mend.

use super::contradiction::{IDLE, warning, words};
use super::job::Field;
use crate::headline::times;
use crate::result::Warning;
use engine::model::{Goal, Objective, System};
use engine::plan::objectives;
use engine::solve::{Answer, Options, Part, Solver};

/// Parts of an unreachable time that are named.
const NAMED: usize = 3;
/// What load makes better (a cache that stays warm) is told where it is better by this factor.
const BETTER: f64 = 0.999;

/// An objective that is missed wherever it was looked, where it came nearest.
struct Missed {
    objective: Objective,
    nearest: Option<Nearest>,
}

struct Nearest {
    figure: f64,
    multiple: f64,
    answer: Answer,
}

/// Objectives that are missed with nobody waiting and at every multiple, both as it stands and with every number at its highest: some
/// things get better with load, and some worse with more of a number. All are kept in the field; of one figure only the one that
/// decides is told.
pub(super) fn unreachable(field: &mut Field, covered: &[(usize, usize)]) -> Vec<Warning> {
    let missed = missed(field);
    field.unreachable = missed.iter().map(|m| m.objective.index).collect();
    let deciding = missed.iter().filter(|m| !covered.iter().any(|(index, _)| *index == m.objective.index));
    deciding
        .filter_map(|m| {
            let why = why(&field.system, &m.objective.goal, m.nearest.as_ref()?)?;
            let text = format!(
                "{} cannot be met by any number of the plan: {why}; change the design or the work itself, or relax it",
                words(field, m.objective.index)
            );
            Some(warning("objective-unreachable", m.objective.index, text))
        })
        .collect()
}

fn missed(field: &mut Field) -> Vec<Missed> {
    let asked: Vec<Objective> =
        field.system.objectives.iter().filter(|at| !matches!(at.goal, Goal::MonthlyCost { .. })).copied().collect();
    let mut most = field.system.clone();
    for lever in &field.levers {
        lever.set(&field.system, &mut most, lever.levels);
    }
    let mut today = field.system.clone();
    let mut left: Vec<Missed> = asked.iter().map(|at| Missed { objective: *at, nearest: None }).collect();
    for multiple in std::iter::once(IDLE).chain(field.system.multiples.iter().copied()) {
        for system in [&mut most, &mut today] {
            if left.is_empty() {
                return left;
            }
            let (answer, held) = held(&mut field.solver, system, &asked, multiple);
            left.retain_mut(|m| {
                let figure = figure(&m.objective.goal, &answer);
                if m.nearest.as_ref().is_none_or(|nearest| figure < BETTER * nearest.figure) {
                    m.nearest = Some(Nearest { figure, multiple, answer: answer.clone() });
                }
                !held.contains(&m.objective.index)
            });
        }
    }
    left
}

/// The answer at a multiple, and the places in `slos` of the objectives that hold. A loss is judged by what holds without it: it is not
/// to blame for the rest.
fn held(solver: &mut Solver, system: &mut System, asked: &[Objective], multiple: f64) -> (Answer, Vec<usize>) {
    let (losses, plain): (Vec<Objective>, Vec<Objective>) =
        asked.iter().partition(|at| matches!(at.goal, Goal::SurviveReplica | Goal::SurviveZone));
    system.objectives = plain;
    let answer = solver.solve(system, multiple, &Options::default()).clone();
    let mut met = |system: &System| -> Vec<usize> {
        objectives(solver, system, &answer).iter().filter(|verdict| verdict.met).map(|verdict| verdict.index).collect()
    };
    let mut held = met(system);
    if !losses.is_empty() {
        system.objectives.retain(|at| held.contains(&at.index));
        system.objectives.extend(losses);
        held = met(system);
    }
    (answer, held)
}

/// What is compared between loads; the same everywhere for what has no figure of its own.
fn figure(goal: &Goal, answer: &Answer) -> f64 {
    match *goal {
        Goal::Latency { class, percentile, .. } => {
            answer.classes[class].percentile(percentile).unwrap_or(f64::INFINITY)
        }
        Goal::ErrorRatio { class, .. } => answer.classes[class].error_ratio,
        _ => 0.0,
    }
}

/// Why it is missed even where it comes nearest; `None` where a time has no bound.
fn why(system: &System, goal: &Goal, nearest: &Nearest) -> Option<String> {
    let at = |idle: &str| {
        if nearest.multiple <= IDLE { idle.into() } else { format!("at its best, at {},", times(nearest.multiple)) }
    };
    Some(match *goal {
        Goal::Latency { .. } if !nearest.figure.is_finite() => return None,
        Goal::Latency { class, .. } => {
            let parts = parts(system, &nearest.answer, class);
            let when = at("with nobody waiting");
            format!("{when} it is {:.1} ms (in the mean: {})", 1000.0 * nearest.figure, parts.join(", "))
        }
        Goal::ErrorRatio { .. } => format!("{} {:.3} % fail", at("with hardly any load"), 100.0 * nearest.figure),
        Goal::SurviveReplica | Goal::SurviveZone => {
            "with hardly any load some loss takes a component away altogether, or breaks an objective that holds without it"
                .into()
        }
        _ => "it is missed with hardly any load".into(),
    })
}

/// The largest parts of a class's mean time that are no wait.
fn parts(system: &System, answer: &Answer, class: usize) -> Vec<String> {
    let own = |part: Part| matches!(part, Part::Own | Part::Network);
    let waterfall = &answer.classes[class].waterfall;
    let mut shares: Vec<_> = waterfall.iter().filter(|share| own(share.part) && share.seconds > 0.0).collect();
    shares.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
    let named = shares.into_iter().take(NAMED).map(|share| {
        let what = if share.part == Part::Network { "network from " } else { "" };
        format!("{what}{} {:.1} ms", system.stations[share.station].id, 1000.0 * share.seconds)
    });
    named.collect()
}
