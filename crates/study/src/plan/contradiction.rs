//! Objectives that contradict each other, or what the scenario fixes, in words: what no load and no number of the plan can mend.

use super::job::Field;
use super::step::sized;
use super::unreachable::unreachable;
use crate::check::objective;
use crate::headline::{money, times};
use crate::result::Warning;
use engine::cost;
use engine::model::{Autoscale, AutoscaleMetric, Goal, Kind, Objective, System};
use engine::plan::objectives;
use scenario::{Problem, Scenario};

/// Load at which nobody waits.
pub(super) const IDLE: f64 = 1e-3;
/// Objectives of which each is left out once, for what a budget would pay for.
const TRIED: usize = 8;

/// What contradicts before anything is planned: an objective beside which another says nothing, one that is missed with nobody waiting
/// and at every multiple with every number at its highest, a utilization below what its autoscaler aims at where it adds replicas, a
/// budget below what is spent without traffic. The multiples are those of growth (empty: the scenario's own).
///
/// # Errors
/// All problems of the scenario or the multiples, or what the closed form does not model, with paths.
pub fn contradictions(scenario: &Scenario, multiples: &[f64]) -> Result<Vec<Warning>, Vec<Problem>> {
    Ok(standing(&mut Field::new(scenario, multiples)?))
}

/// [`contradictions`] of a scenario that is lowered; what cannot be met is kept in the field.
pub(super) fn standing(field: &mut Field) -> Vec<Warning> {
    let covered = covered(field);
    let mut found = void(field, &covered);
    found.extend(unreachable(field, &covered));
    found.extend(against_autoscaler(field));
    found.extend(below_fixed(field));
    found
}

pub(super) fn warning(code: &str, index: usize, text: String) -> Warning {
    Warning { code: code.into(), path: format!("slos[{index}]"), text }
}

pub(super) fn words(field: &Field, index: usize) -> String {
    field.scenario.slos.get(index).map(|slo| format!("\"{}\"", objective(slo, &field.scenario))).unwrap_or_default()
}

/// Whether holding to the first leaves the second nothing to ask.
fn covers(first: &Goal, second: &Goal) -> bool {
    match (*first, *second) {
        (
            Goal::Latency { class: a, percentile: p, at_most: x },
            Goal::Latency { class: b, percentile: q, at_most: y },
        ) => a == b && p >= q && x <= y,
        (Goal::ErrorRatio { class: a, at_most: x }, Goal::ErrorRatio { class: b, at_most: y }) => a == b && x <= y,
        (Goal::Utilization { station: a, at_most: x }, Goal::Utilization { station: b, at_most: y })
        | (Goal::BacklogAge { station: a, at_most: x }, Goal::BacklogAge { station: b, at_most: y }) => {
            a == b && x <= y
        }
        (Goal::MonthlyCost { at_most: x }, Goal::MonthlyCost { at_most: y }) => x <= y,
        (Goal::SurviveReplica, Goal::SurviveReplica) | (Goal::SurviveZone, Goal::SurviveZone) => true,
        _ => false,
    }
}

/// Objectives on a figure of which another already asks as much or more: their places in `slos`, and the other's.
fn covered(field: &Field) -> Vec<(usize, usize)> {
    let all = &field.system.objectives;
    let by = |place: usize, second: &Objective| {
        // Of two that are the same the first stands.
        let mut others = all.iter().enumerate().filter(|(other, _)| *other != place);
        let first = others.find(|(other, first)| {
            covers(&first.goal, &second.goal) && (*other < place || !covers(&second.goal, &first.goal))
        });
        first.map(|(_, first)| (second.index, first.index))
    };
    all.iter().enumerate().filter_map(|(place, second)| by(place, second)).collect()
}

fn void(field: &Field, covered: &[(usize, usize)]) -> Vec<Warning> {
    let told = |&(second, first): &(usize, usize)| {
        let text = format!(
            "{} decides nothing: {} is on the same figure and asks as much or more; keep the one that is meant",
            words(field, second),
            words(field, first)
        );
        warning("objective-void", second, text)
    };
    covered.iter().map(told).collect()
}

/// Utilizations below what an autoscaler holds on purpose, where it runs more than its least and misses them.
fn against_autoscaler(field: &mut Field) -> Vec<Warning> {
    let mut found = Vec::new();
    for at in field.system.objectives.clone() {
        let Some((station, autoscale)) = aims_higher(&field.system, &at) else { continue };
        let least = autoscale.min.max(1);
        let multiples = field.system.multiples.clone();
        let mut runs = multiples.iter().filter_map(|&multiple| {
            let answer = field.answer(multiple);
            let verdicts = objectives(&mut field.solver, &field.system, &answer);
            let missed = verdicts.iter().any(|verdict| verdict.index == at.index && !verdict.met);
            missed.then_some((multiple, answer.stations[station].replicas))
        });
        let Some((multiple, replicas)) = runs.find(|(_, replicas)| *replicas > least) else { continue };
        let text = format!(
            "{} contradicts its autoscaler, which aims at {:.0} % and adds replicas only beyond it (at {} it runs {replicas}, and its least is {least}); aim lower or allow more",
            words(field, at.index),
            100.0 * autoscale.target,
            times(multiple)
        );
        found.push(warning("objective-against-autoscaler", at.index, text));
    }
    found
}

/// The component of a utilization objective and its autoscaler, where that aims above the objective by the same figure.
fn aims_higher(system: &System, at: &Objective) -> Option<(usize, Autoscale)> {
    let Goal::Utilization { station, at_most } = at.goal else { return None };
    let s = &system.stations[station];
    let autoscale = s.autoscale.filter(|a| a.max > a.min && a.target > at_most)?;
    let cores = matches!(s.kind, Kind::Service { cpu_cores: Some(_), .. });
    let same = match autoscale.metric {
        AutoscaleMetric::Cpu => true,
        AutoscaleMetric::Slots => !cores,
        AutoscaleMetric::QueueLengthPerReplica => false,
    };
    same.then_some((station, autoscale))
}

/// Budgets below what a month costs without traffic.
fn below_fixed(field: &mut Field) -> Vec<Warning> {
    let answer = field.answer(IDLE);
    let bill = cost::over_time(&mut field.solver, &field.system, &answer);
    let currency = field.scenario.currency.as_deref();
    let told = |at: &Objective| {
        let Goal::MonthlyCost { at_most } = at.goal else { return None };
        let standing = bill.fixed + bill.stepped;
        if standing <= at_most {
            return None;
        }
        let (met, way) = if bill.fixed > at_most {
            ("cannot be met", "no change of a number lowers the fixed part")
        } else {
            ("cannot be met with what stands today", "only fewer or smaller replicas can")
        };
        let text = format!(
            "{} {met}: {} a month are spent before the first request ({} fixed, {} for what stands); {way}",
            words(field, at.index),
            money(standing, currency),
            money(bill.fixed, currency),
            money(bill.stepped, currency)
        );
        Some(warning("budget-below-fixed", at.index, text))
    };
    field.system.objectives.iter().filter_map(told).collect()
}

/// Which objectives contradict each other at a multiple that nothing meets: each is left out in turn, for good where the rest is
/// still too much; what stays cannot be met together, but without any one of them. `None` where the search cannot tell, or where
/// what cannot be met by itself is the whole reason.
pub(super) fn together(field: &mut Field, multiple: f64) -> Option<Warning> {
    let all = field.system.objectives.clone();
    let alone = field.unreachable.clone();
    field.system.objectives.retain(|at| !matches!(at.goal, Goal::MonthlyCost { .. }) && !alone.contains(&at.index));
    let rest = alone.is_empty() || {
        let sized = sized(field, multiple);
        sized.found.levels.is_none() && sized.found.complete
    };
    let told = rest && smallest(field, multiple);
    let kept: Vec<usize> = field.system.objectives.iter().map(|at| at.index).collect();
    field.system.objectives = all;
    let (first, more) = kept.split_first().filter(|_| told)?;
    let first_words = words(field, *first);
    let text = if more.is_empty() {
        format!("at {}: no number here meets {first_words}, whatever else is asked", times(multiple))
    } else {
        let others: Vec<String> = more.iter().map(|index| words(field, *index)).collect();
        format!(
            "at {}: {first_words} and {} contradict each other: they cannot be met together, but without any one of them; relax one",
            times(multiple),
            others.join(" and ")
        )
    };
    Some(warning("contradictory-objectives", *first, text))
}

/// Leaves a smallest set of objectives that cannot be met; whether that is certain.
fn smallest(field: &mut Field, multiple: f64) -> bool {
    let mut place = 0;
    while place < field.system.objectives.len() {
        let tried = field.system.objectives.remove(place);
        let sized = sized(field, multiple);
        if sized.found.levels.is_some() {
            field.system.objectives.insert(place, tried);
            place += 1;
        } else if !sized.found.complete {
            return false;
        }
    }
    true
}

/// Which objective makes a budget too small at a multiple: what the cheapest month would be without it.
pub(super) fn with_budget(field: &mut Field, multiple: f64) -> Option<Warning> {
    let limit = field.budget()?;
    let budget = field.system.objectives.iter().find(|at| matches!(at.goal, Goal::MonthlyCost { .. }))?.index;
    let all = field.system.objectives.clone();
    let mut enough = Vec::new();
    for left_out in all.iter().filter(|at| !matches!(at.goal, Goal::MonthlyCost { .. })).take(TRIED) {
        field.system.objectives = all.iter().filter(|at| *at != left_out).copied().collect();
        let sized = sized(field, multiple);
        if sized.found.levels.is_some() && sized.monthly <= limit {
            enough.push((left_out.index, sized.monthly));
        }
    }
    field.system.objectives = all;
    let currency = field.scenario.currency.as_deref();
    let without: Vec<String> = enough
        .iter()
        .map(|(index, monthly)| {
            format!("without {} {} a month are enough", words(field, *index), money(*monthly, currency))
        })
        .collect();
    let text = format!(
        "at {}: {} contradicts other objectives: {}",
        times(multiple),
        words(field, budget),
        without.join(", or ")
    );
    (!enough.is_empty()).then(|| warning("contradictory-objectives", budget, text))
}
