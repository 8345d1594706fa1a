//! The choice among plans when numbers are uncertain: the one that is regretted least over the draws.

use super::Choice;
use super::change::changes;
use super::job::Field;
use crate::sampling::Sampler;
use engine::plan::{Effort, Question, Sizing, size};
use scenario::Problem;
use std::collections::BTreeSet;

/// Draws looked at.
const DRAWS: usize = 12;
/// Plans reported.
const REPORTED: usize = 5;

/// Plans that are best in some draw, judged in all of them; empty when nothing is uncertain or nothing holds.
///
/// # Errors
/// Problems of a drawn value.
pub(super) fn choices(field: &mut Field, multiple: f64) -> Result<Vec<Choice>, Vec<Problem>> {
    let mut sampler = Sampler::new(&field.scenario, DRAWS, 1);
    if sampler.is_certain() {
        return Ok(Vec::new());
    }
    let effort = Effort { boxes: 40 };
    let mut systems = Vec::new();
    for draw in 0..sampler.distinct().min(DRAWS) {
        systems.push(sampler.system(draw)?.0);
    }
    let mut plans: BTreeSet<Vec<u32>> = BTreeSet::new();
    plans.extend(size(&mut field.solver, &field.system, &field.levers, multiple, effort).found.levels);
    let mut best = Vec::new();
    for system in &systems {
        let sized = size(&mut field.solver, system, &field.levers, multiple, effort);
        best.push(sized.found.levels.as_ref().map(|_| sized.monthly));
        plans.extend(sized.found.levels);
    }
    let mut choices: Vec<Choice> =
        plans.iter().map(|levels| judged(field, multiple, levels, &systems, &best)).collect();
    choices.sort_by(|a, b| {
        let regret = a.mean_regret.total_cmp(&b.mean_regret);
        regret.then(b.probability.total_cmp(&a.probability)).then(a.monthly.total_cmp(&b.monthly))
    });
    choices.truncate(REPORTED);
    Ok(choices)
}

fn judged(
    field: &mut Field,
    multiple: f64,
    levels: &[u32],
    systems: &[engine::model::System],
    best: &[Option<f64>],
) -> Choice {
    let (mut held, mut regrets) = (0_usize, Vec::new());
    for (system, best) in systems.iter().zip(best) {
        let mut sizing = Sizing::new(&mut field.solver, system, &field.levers, multiple);
        let holds = sizing.holds(levels);
        held += usize::from(holds);
        let monthly = sizing.judged(levels).2;
        regrets.push(match (holds, best) {
            (true, Some(best)) => (monthly - best).max(0.0),
            (false, Some(best)) => *best,
            // Nothing holds in this draw, or only this does: no plan is regretted.
            _ => 0.0,
        });
    }
    let (_, _, monthly) = Sizing::new(&mut field.solver, &field.system, &field.levers, multiple).judged(levels);
    let many = systems.len().max(1) as f64;
    Choice {
        multiple,
        changes: changes(&field.system, &field.levers, levels, multiple),
        monthly,
        probability: held as f64 / many,
        mean_regret: regrets.iter().sum::<f64>() / many,
        worst_regret: regrets.iter().copied().fold(0.0, f64::max),
    }
}
