//! Objectives that contradict each other, or what the scenario fixes, in words: what no load and no number of the plan can mend.

use super::job::Field;
use super::step::sized;
use crate::check::objective;
use crate::headline::{money, times};
use crate::result::Warning;
use engine::cost;
use engine::model::{AutoscaleMetric, Goal, Kind, Objective};
use engine::plan::objectives;
use engine::solve::{Options, Part};
use scenario::{Problem, Scenario};

/// Load at which nobody waits.
const IDLE: f64 = 1e-3;
/// Objectives of which each is left out once, for what a budget would pay for.
const TRIED: usize = 8;
/// Parts of an unreachable time that are named.
const NAMED: usize = 3;

/// What contradicts whatever the growth: an objective beside which another says nothing, one that is missed with nobody waiting and
/// every number at its highest, a utilization below what its autoscaler aims at, a budget below what is spent without traffic.
///
/// # Errors
/// All problems of the scenario, or what the closed form does not model, with paths.
pub fn contradictions(scenario: &Scenario) -> Result<Vec<Warning>, Vec<Problem>> {
    Ok(standing(&mut Field::new(scenario, &[])?))
}

/// [`contradictions`] of a scenario that is lowered.
pub(super) fn standing(field: &mut Field) -> Vec<Warning> {
    let mut found = void(field);
    found.extend(unreachable(field));
    found.extend(against_autoscaler(field));
    found.extend(below_fixed(field));
    found
}

fn warning(code: &str, index: usize, text: String) -> Warning {
    Warning { code: code.into(), path: format!("slos[{index}]"), text }
}

fn words(field: &Field, index: usize) -> String {
    field.scenario.slos.get(index).map(|slo| format!("\"{}\"", objective(slo))).unwrap_or_default()
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

/// Objectives on a figure of which another already asks as much or more.
fn void(field: &Field) -> Vec<Warning> {
    let all = &field.system.objectives;
    let mut found = Vec::new();
    for (place, second) in all.iter().enumerate() {
        // Of two that are the same the first stands.
        let by = all.iter().enumerate().find(|(other, first)| {
            *other != place
                && covers(&first.goal, &second.goal)
                && (*other < place || !covers(&second.goal, &first.goal))
        });
        let Some((_, first)) = by else { continue };
        let text = format!(
            "{} decides nothing: {} is on the same figure and asks as much or more; keep the one that is meant",
            words(field, second.index),
            words(field, first.index)
        );
        found.push(warning("objective-void", second.index, text));
    }
    found
}

/// Objectives that are missed with nobody waiting and every number at its highest.
fn unreachable(field: &mut Field) -> Vec<Warning> {
    let mut most = field.system.clone();
    for lever in &field.levers {
        lever.set(&field.system, &mut most, lever.levels);
    }
    let answer = field.solver.solve(&most, IDLE, &Options::default()).clone();
    let verdicts = objectives(&mut field.solver, &most, &answer);
    // Of one figure only the objective that decides is named.
    let void: Vec<String> = void(field).into_iter().map(|w| w.path).collect();
    let mut found = Vec::new();
    for (verdict, at) in verdicts.iter().zip(&most.objectives) {
        if verdict.met || matches!(at.goal, Goal::MonthlyCost { .. }) || void.contains(&format!("slos[{}]", at.index)) {
            continue;
        }
        let why = match at.goal {
            Goal::Latency { class, percentile, .. } => {
                let Some(least) = answer.classes[class].percentile(percentile) else { continue };
                let mut parts: Vec<(f64, String)> = answer.classes[class]
                    .waterfall
                    .iter()
                    .filter(|share| matches!(share.part, Part::Own | Part::Network) && share.seconds > 0.0)
                    .map(|share| {
                        let id = &most.stations[share.station].id;
                        let what = if share.part == Part::Network { "network from " } else { "" };
                        (share.seconds, format!("{what}{id} {:.1} ms", 1000.0 * share.seconds))
                    })
                    .collect();
                parts.sort_by(|a, b| b.0.total_cmp(&a.0));
                let parts: Vec<String> = parts.into_iter().take(NAMED).map(|p| p.1).collect();
                format!("with nobody waiting it is {:.1} ms (in the mean: {})", 1000.0 * least, parts.join(", "))
            }
            Goal::ErrorRatio { class, .. } => {
                format!("with hardly any load {:.3} % fail", 100.0 * answer.classes[class].error_ratio)
            }
            Goal::SurviveReplica | Goal::SurviveZone => {
                "with hardly any load some loss takes a component away altogether, or breaks another objective".into()
            }
            _ => "it is missed with hardly any load".into(),
        };
        let text = format!(
            "{} cannot be met: {why}, and no number of the plan changes that; change the design or the work itself, or relax it",
            words(field, at.index)
        );
        found.push(warning("objective-unreachable", at.index, text));
    }
    found
}

/// Utilizations below what an autoscaler holds on purpose.
fn against_autoscaler(field: &Field) -> Vec<Warning> {
    let held = |at: &Objective| {
        let Goal::Utilization { station, at_most } = at.goal else { return None };
        let s = &field.system.stations[station];
        let autoscale = s.autoscale.filter(|a| a.max > a.min && a.target > at_most)?;
        let cores = matches!(s.kind, Kind::Service { cpu_cores: Some(_), .. });
        let same = match autoscale.metric {
            AutoscaleMetric::Cpu => true,
            AutoscaleMetric::Slots => !cores,
            AutoscaleMetric::QueueLengthPerReplica => false,
        };
        same.then(|| {
            let text = format!(
                "{} contradicts its autoscaler, which aims at {:.0} % and adds replicas only beyond it; aim lower or allow more",
                words(field, at.index),
                100.0 * autoscale.target
            );
            warning("objective-against-autoscaler", at.index, text)
        })
    };
    field.system.objectives.iter().filter_map(held).collect()
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
        let way = if bill.fixed > at_most {
            "no change of a number lowers the fixed part"
        } else {
            "only fewer or smaller replicas than today's can"
        };
        let text = format!(
            "{} cannot be met: {} a month are spent before the first request ({} fixed, {} for what stands); {way}",
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
/// still too much; what stays cannot be met together, but without any one of them. `None` where the search cannot tell.
pub(super) fn together(field: &mut Field, multiple: f64) -> Option<Warning> {
    let all = field.system.objectives.clone();
    field.system.objectives.retain(|at| !matches!(at.goal, Goal::MonthlyCost { .. }));
    let told = smallest(field, multiple);
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
