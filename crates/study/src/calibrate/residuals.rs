//! Model against measurement at every level.

use super::at_level::{load, multiple, probability};
use super::levels::SteadyLevel;
use super::report::ResidualRow;
use engine::model::{Goal, Objective};
use engine::solve::{Options, Solver};
use scenario::{Problem, Scenario};

/// The figures that are compared, where measured.
const FIGURES: [&str; 5] = ["mean", "p50", "p90", "p95", "p99"];

/// One row per level, class and figure; `held_out` says which levels the fit did not see.
///
/// # Errors
/// All problems of the scenario.
pub fn rows(
    scenario: &Scenario,
    levels: &[SteadyLevel],
    held_out: impl Fn(&SteadyLevel) -> bool,
) -> Result<Vec<ResidualRow>, Vec<Problem>> {
    let mut rows = Vec::new();
    let system = scenario::lower(scenario)?;
    for level in levels {
        let mut system = system.clone();
        load(&mut system, scenario, level);
        for class in 0..system.classes.len() {
            let percentiles = FIGURES.iter().filter_map(|f| probability(f));
            system.objectives.extend(percentiles.map(|p| Objective {
                index: usize::MAX,
                goal: Goal::Latency { class, percentile: 100.0 * p, at_most: 1e9 },
            }));
        }
        let Ok(mut solver) = Solver::new(&system) else { return Ok(rows) };
        let answer = solver.solve(&system, 1.0, &Options::default());
        for (id, measured) in &level.classes {
            let Some(class) = system.class(id) else { continue };
            for figure in FIGURES {
                let Some(&measured_ms) = measured.latency_ms.get(figure) else { continue };
                let class = &answer.classes[class];
                let seconds = match probability(figure) {
                    None => class.mean,
                    Some(p) => class.percentile(100.0 * p),
                };
                let model_ms = seconds.map(|s| 1000.0 * s);
                rows.push(ResidualRow {
                    traffic: id.clone(),
                    multiple: multiple(scenario, id, measured).unwrap_or(1.0),
                    figure: figure.into(),
                    measured_ms,
                    model_ms,
                    error: model_ms.filter(|_| measured_ms > 0.0).map(|m| m / measured_ms - 1.0),
                    held_out: held_out(level),
                });
            }
        }
    }
    Ok(rows)
}
