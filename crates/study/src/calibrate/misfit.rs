//! Percentiles that no shape at hand meets, said in words: their bands do not hold what was measured.

use super::at_level::multiple;
use super::doubt::{Figure, figures};
use super::levels::SteadyLevel;
use super::report::{FitReport, Note};
use engine::math;
use engine::model::System;
use scenario::Scenario;

/// Off by less than this is no matter.
const MATTERS: f64 = 0.1;
/// Standard errors beyond which it is no chance either.
const CHANCE: f64 = 3.0;

/// A percentile over all levels: how far the model lies from what was measured.
#[derive(Debug, Clone, Copy)]
struct Off {
    probability: f64,
    logarithm: f64,
}

/// A note for each class whose percentiles lie off in one direction at all levels, beyond what so few requests explain.
pub fn notes(scenario: &Scenario, system: &System, levels: &[SteadyLevel], report: &mut FitReport) {
    let figures = figures(system, levels);
    let at = |figure: &Figure, class: &str| multiple(scenario, class, levels[figure.level].classes.get(class)?);
    for (index, class) in system.classes.iter().enumerate() {
        let of_class: Vec<&Figure> = figures.iter().filter(|figure| figure.class == index).collect();
        let mut probabilities: Vec<f64> = of_class.iter().filter_map(|figure| figure.probability).collect();
        probabilities.sort_by(f64::total_cmp);
        probabilities.dedup();
        let all = probabilities.iter().filter_map(|&p| off(&of_class, p, &class.id, report, &at));
        let Some(worst) = all.max_by(|a, b| a.logarithm.abs().total_cmp(&b.logarithm.abs())) else { continue };
        let (percent, side) =
            (100.0 * math::exp_m1(worst.logarithm).abs(), if worst.logarithm < 0.0 { "below" } else { "above" });
        let text = format!(
            "its p{} lies {percent:.0} % {side} what was measured: no shape at hand spreads like it, as where two kinds of request share a name (hits and misses of a cache, say); the bands of its percentiles do not hold this: draw the kinds apart",
            100.0 * worst.probability
        );
        report.notes.push(Note::new("shape-misfit", format!("traffic.{}", class.id), text));
    }
}

/// The mean distance of one percentile, by the levels' weights; nothing where it is small or may be chance.
fn off(
    figures: &[&Figure],
    probability: f64,
    class: &str,
    report: &FitReport,
    at: &dyn Fn(&Figure, &str) -> Option<f64>,
) -> Option<Off> {
    let (mut sum, mut weights, mut sides) = (0.0, 0.0, 0.0);
    let mut levels = 0.0;
    for figure in figures.iter().filter(|figure| figure.probability == Some(probability)) {
        let measured_ms = 1000.0 * figure.measured;
        let level = at(figure, class).unwrap_or(1.0);
        let row = report.residuals.iter().filter(|row| row.traffic == class && !row.held_out).find(|row| {
            super::at_level::probability(&row.figure) == Some(probability)
                && (row.measured_ms - measured_ms).abs() <= 1e-9 * measured_ms
                && (row.multiple - level).abs() <= 1e-9 * level.abs()
        });
        let Some(error) = row.and_then(|row| row.error) else { continue };
        let weight = 1.0 / (figure.error * figure.error);
        (sum, weights) = (sum + weight * math::ln_1p(error), weights + weight);
        (sides, levels) = (sides + error.signum(), levels + 1.0);
    }
    let logarithm = sum / weights;
    let sure = logarithm.abs() > CHANCE / weights.sqrt();
    let one_side = f64::abs(sides) == levels;
    (weights > 0.0 && one_side && logarithm.abs() > MATTERS && sure).then_some(Off { probability, logarithm })
}
