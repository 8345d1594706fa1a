//! What to run with at one multiple: numbers first, then numbers with one or two changes of the design.

use super::change::{Change, apply, changes, path};
use super::design::Candidate;
use super::job::Field;
use super::{Budget, Step};
use crate::headline::{money, times};
use crate::spend::is_priced;
use engine::model::System;
use engine::plan::{Effort, Sized, piling_up, size, unanswered};
use engine::solve::Answer;
use scenario::Scenario;
use scenario::edit::Edit;

/// Candidates of which pairs are tried.
const PAIRED: usize = 8;
/// Said of a part that has no price here.
const UNPRICED: &str = " (not in the price)";

/// The cheapest way at a multiple.
pub(super) fn step(field: &mut Field, multiple: f64, candidates: &[Candidate]) -> Step {
    let monthly_as_it_stands = field.month(multiple);
    let sized = sized(field, multiple);
    let mut step = if sized.found.levels.is_some() {
        described(field, &sized, &[])
    } else {
        match with_designs(field, multiple, candidates) {
            Some(step) => step,
            None => nothing(field, &sized, monthly_as_it_stands),
        }
    };
    step.multiple = multiple;
    step.monthly_as_it_stands = monthly_as_it_stands;
    step.date = crate::solve::date(&field.scenario, Some(multiple));
    if let Some(limit) = field.budget() {
        let over = if step.feasible { (step.monthly - limit).max(0.0) } else { 0.0 };
        step.budget = Some(Budget { limit, over, buys: None });
    }
    finish(&mut step, &field.scenario);
    step
}

/// The search at a multiple.
pub(super) fn sized(field: &mut Field, multiple: f64) -> Sized {
    size(&mut field.solver, &field.system, &field.levers, multiple, Effort::default())
}

fn described(field: &Field, sized: &Sized, designs: &[&Candidate]) -> Step {
    let priced = is_priced(&field.scenario);
    let changes = changes(&field.system, &field.levers, &sized.levels, sized.answer.multiple);
    let edits: Vec<Edit> =
        designs.iter().map(|d| d.edit.clone()).chain(changes.iter().filter_map(|c| c.edit.clone())).collect();
    Step {
        feasible: true,
        monthly: sized.monthly,
        complete: sized.found.complete,
        gap: sized.gap,
        designs: designs.iter().map(|d| d.what.clone() + if d.unpriced && priced { UNPRICED } else { "" }).collect(),
        cautions: designs.iter().map(|d| d.caution.clone()).collect(),
        edit: (!edits.is_empty()).then_some(Edit::Many(edits)),
        changes,
        ..Step::default()
    }
}

/// The cheapest step with one change of the design, else with two. What has no price here comes after what has: free of charge it
/// would always be the cheapest.
fn with_designs(field: &Field, multiple: f64, candidates: &[Candidate]) -> Option<Step> {
    let few = candidates.iter().take(PAIRED);
    let pairs = few
        .clone()
        .enumerate()
        .flat_map(|(place, first)| few.clone().skip(place + 1).map(move |second| vec![first, second]));
    let alone = candidates.iter().map(|candidate| vec![candidate]);
    let unpriced = |designs: &Vec<&Candidate>| designs.iter().any(|design| design.unpriced);
    let (free, priced): (Vec<_>, Vec<_>) = alone.partition(unpriced);
    let (free_pairs, priced_pairs): (Vec<_>, Vec<_>) = pairs.partition(unpriced);
    [priced, priced_pairs, free, free_pairs].iter().find_map(|sets| cheapest(field, multiple, sets))
}

fn cheapest(field: &Field, multiple: f64, sets: &[Vec<&Candidate>]) -> Option<Step> {
    let mut cheapest: Option<Step> = None;
    for designs in sets {
        let edits: Vec<Edit> = designs.iter().map(|d| d.edit.clone()).collect();
        let changed = apply(&field.scenario, &edits).ok().and_then(|s| Field::new(&s, &field.system.multiples).ok());
        let Some(mut changed) = changed else { continue };
        let sized = sized(&mut changed, multiple);
        if sized.found.levels.is_some() && cheapest.as_ref().is_none_or(|best| sized.monthly < best.monthly) {
            cheapest = Some(described(&changed, &sized, designs));
        }
    }
    cheapest
}

/// Nothing meets the objectives: what is missed even with every number at its highest.
fn nothing(field: &Field, sized: &Sized, monthly: f64) -> Step {
    Step { feasible: false, monthly, complete: sized.found.complete, text: missed(field, sized), ..Step::default() }
}

/// Why nothing helps where no objective is missed.
fn unmet(system: &System, answer: &Answer) -> String {
    if let Some(class) = unanswered(answer) {
        format!("every request of {} fails", system.classes[class].id)
    } else if let Some(station) = piling_up(answer) {
        format!("the backlog of {} grows", system.stations[station].id)
    } else if !answer.convergence.converged {
        "the solver did not settle, simulate it".into()
    } else {
        "the search ended before it found any".into()
    }
}

fn missed(field: &Field, sized: &Sized) -> String {
    let unstable = sized.answer.classes.iter().position(|class| !class.stable);
    if let Some(class) = unstable {
        let stuck = sized.answer.bottleneck.map_or_else(String::new, |b| {
            let resource = engine::plan::resource_name(&field.system, b.station, b.resource);
            let ended = field.levers.iter().filter(|lever| lever.station == b.station && lever.widens(b.resource));
            let ends: Vec<String> = ended
                .map(|lever| {
                    let path = path(&field.system, lever);
                    format!("{} {}", path.trim_start_matches("components."), lever.value(lever.levels))
                })
                .collect();
            let why = if ends.is_empty() {
                "and no number here widens it".to_owned()
            } else {
                format!("and nothing within {} widens it enough", ends.join(", "))
            };
            format!(": {} {resource} is full {why}", field.system.stations[b.station].id)
        });
        return format!("{} gets more requests than can pass{stuck}", field.system.classes[class].id);
    }
    let Some(verdict) = sized.verdicts.iter().find(|v| !v.met) else {
        return unmet(&field.system, &sized.answer);
    };
    let words = field
        .scenario
        .slos
        .get(verdict.index)
        .map(|slo| crate::check::objective(slo, &field.scenario))
        .unwrap_or_default();
    let by = verdict.margin.map_or_else(String::new, |m| format!(" by {:.0} %", -100.0 * m));
    // The warning about it says why.
    let alone = if field.unreachable.contains(&verdict.index) { ", as it is with nobody waiting" } else { "" };
    format!("with every number at its highest, \"{words}\" is still missed{by}{alone}")
}

/// The sentence of a step, and what the budget makes of it.
pub(super) fn finish(step: &mut Step, scenario: &Scenario) {
    let at = times(step.multiple);
    let money = |amount| money(amount, scenario.currency.as_deref());
    let month = if is_priced(scenario) { format!(", {} a month", money(step.monthly)) } else { String::new() };
    if !step.feasible && step.budget.is_none_or(|b| b.over == 0.0) {
        step.text = format!("at {at}: nothing found that meets the objectives: {}", step.text);
        return;
    }
    let what: Vec<String> = step.designs.iter().cloned().chain(step.changes.iter().map(Change::words)).collect();
    let what = if what.is_empty() { "it holds as it stands".into() } else { what.join(", ") };
    step.text = format!("at {at}: {what}{month}");
    if step.gap > 0.005 {
        step.text.push_str(&format!(" (within {:.0} % of the cheapest)", (100.0 * step.gap).ceil()));
    }
    if let Some(budget) = step.budget.filter(|b| b.over > 0.0) {
        step.feasible = false;
        step.text.push_str(&format!(
            "; this is the cheapest that meets everything else and takes nothing away, and {} over the budget of {}",
            money(budget.over),
            money(budget.limit)
        ));
        if let Some(buys) = budget.buys {
            step.text.push_str(&format!(", which pays for {}", times(buys)));
        }
    }
}

/// What a step changes against the one before.
pub(super) fn added(before: Option<&Step>, now: &Step) -> Vec<String> {
    let none = Step::default();
    let before = before.unwrap_or(&none);
    let designs = now.designs.iter().filter(|d| !before.designs.contains(d)).cloned();
    let numbers = now.changes.iter().filter_map(|change| {
        let was = before.changes.iter().find(|b| b.path == change.path).map_or(change.from, |b| b.to);
        let name = change.path.trim_start_matches("components.");
        (was != change.to).then(|| format!("{name} {was} to {}", change.to))
    });
    let dropped = before.changes.iter().filter(|b| !now.changes.iter().any(|c| c.path == b.path));
    let dropped = dropped.map(|b| format!("{} {} to {}", b.path.trim_start_matches("components."), b.to, b.from));
    designs.chain(numbers).chain(dropped).collect()
}
