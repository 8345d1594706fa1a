//! The model at a measured level: the system loaded with exactly the rates that were measured.

use super::levels::{ClassLevel, SteadyLevel};
use engine::model::{Arrivals, System};
use scenario::Scenario;
use scenario::v1;

/// Sets every class of the system to what was measured at a level; classes the level does not hold keep their load times the
/// mean multiple of the others.
pub fn load(system: &mut System, scenario: &Scenario, level: &SteadyLevel) {
    let others = mean_multiple(scenario, level);
    for class in &mut system.classes {
        let traffic = scenario.traffic.iter().find(|t| t.id == class.id);
        class.arrivals = match (class.arrivals, level.classes.get(&class.id), traffic.map(|t| &t.arrivals)) {
            (Arrivals::Open { cv, .. }, Some(measured), _) => Arrivals::Open { rate: measured.rate, cv },
            (Arrivals::Closed { think_time, .. }, Some(measured), _) => {
                Arrivals::Closed { users: users(measured, think_time), think_time }
            }
            (Arrivals::Open { cv, .. }, None, Some(v1::Arrivals::Open { rate, .. })) => {
                Arrivals::Open { rate: rate.value * others, cv }
            }
            (Arrivals::Closed { think_time, .. }, None, Some(v1::Arrivals::Closed { users, .. })) => {
                Arrivals::Closed { users: users.value * others, think_time }
            }
            (same, _, _) => same,
        };
    }
}

/// Users in the loop: as measured, else by Little's law, N = X (R + Z).
fn users(measured: &ClassLevel, think_time: f64) -> f64 {
    if let Some(users) = measured.users {
        return users;
    }
    measured.rate * (think_time + measured.latency_ms.get("mean").copied().unwrap_or(0.0) / 1000.0)
}

/// The growth multiple at which a class stands at a level: its measured load over the scenario's. A class that grows by
/// another factor than the business counts back to the business.
#[must_use]
pub fn multiple(scenario: &Scenario, class: &str, measured: &ClassLevel) -> Option<f64> {
    let traffic = scenario.traffic.iter().find(|t| t.id == class)?;
    let ratio = match &traffic.arrivals {
        v1::Arrivals::Open { rate, .. } => measured.rate / rate.value,
        v1::Arrivals::Closed { users: drawn, think_time_s } => users(measured, think_time_s.value) / drawn.value,
    };
    let growth = traffic.growth.as_ref().map_or(1.0, |g| g.value);
    let multiple = if growth > 0.0 { 1.0 + (ratio - 1.0) / growth } else { 1.0 };
    multiple.is_finite().then_some(multiple)
}

/// Mean multiple of a level's classes; 1 where none can tell.
#[must_use]
pub fn mean_multiple(scenario: &Scenario, level: &SteadyLevel) -> f64 {
    let of: Vec<f64> = level.classes.iter().filter_map(|(id, c)| multiple(scenario, id, c)).collect();
    if of.is_empty() { 1.0 } else { of.iter().sum::<f64>() / of.len() as f64 }
}

/// Probability in (0, 1) that a figure's name means: `p95` 0.95, `p99_9` 0.999; `None` for `mean`, `min`, `max`.
#[must_use]
pub fn probability(figure: &str) -> Option<f64> {
    let digits = figure.strip_prefix('p')?.replace('_', ".");
    let percentile: f64 = digits.parse().ok()?;
    (percentile > 0.0 && percentile < 100.0).then_some(percentile / 100.0)
}
