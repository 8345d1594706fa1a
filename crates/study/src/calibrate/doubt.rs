//! How far the load test's figures may lie from the truth: sampling, rounding, and what the series' own noise adds to them.

use super::at_level::{load, probability};
use super::finding::{Finding, Target};
use super::levels::SteadyLevel;
use super::residual::{Unknown, What};
use super::structure::{pool_callees, visits_per_request, waited_for};
use crate::noise;
use engine::math;
use engine::model::System;
use engine::solve::{Answer, Options, Solver};
use scenario::Scenario;
use scenario::v1::ComponentKind;
use std::collections::BTreeMap;

/// The model itself is not exact: no percentile counts as surer than this.
const LEAST_RELATIVE_ERROR: f64 = 0.01;
/// The same for a mean, which has no shape to get wrong.
const LEAST_ERROR_OF_MEAN: f64 = 0.002;
/// Probability of one standard error above a figure.
pub const ONE_ERROR: f64 = 0.841_344_7;
/// Of the noise of percentiles, the part that moves them with the mean.
const SEEN_OF_PERCENTILES: f64 = 0.3;
/// Percentiles that lie further off than so many standard errors, in the root mean square, have a shape that no family at hand has.
const NO_SHAPE: f64 = 2.0;
/// Means further off than so many standard errors, in the root mean square, are pulled there by something.
const PULLED: f64 = 1.5;

/// A latency figure of a level.
pub struct Figure {
    /// Position of the level.
    pub level: usize,
    /// Position of the class.
    pub class: usize,
    /// Probability of a percentile; `None` for the mean.
    pub probability: Option<f64>,
    /// Measured seconds.
    pub measured: f64,
    /// Standard error of its logarithm.
    pub error: f64,
    /// Requests behind it.
    pub requests: f64,
    /// Seconds it was measured.
    pub seconds: f64,
    /// Share of the error that is sampling noise.
    pub noise: f64,
}

/// Every latency figure of every level with its standard error.
pub fn figures(system: &System, levels: &[SteadyLevel]) -> Vec<Figure> {
    let mut figures = Vec::new();
    for (level, steady) in levels.iter().enumerate() {
        for (class, measured) in &steady.classes {
            let Some(class) = system.class(class) else { continue };
            let mut percentiles: Vec<(f64, f64)> = measured
                .latency_ms
                .iter()
                .filter_map(|(name, ms)| Some((probability(name)?, *ms)))
                .filter(|(_, ms)| *ms > 0.0)
                // Beyond, one outlier decides.
                .filter(|(p, _)| (1.0 - p) * measured.requests >= 10.0)
                .collect();
            percentiles.sort_by(|a, b| a.0.total_cmp(&b.0));
            let whole = percentiles.iter().all(|(_, ms)| ms.fract() == 0.0);
            // Neighbouring percentiles are nearly one figure: all of a level together count as about two.
            let shared = (percentiles.len() as f64 / 2.0).max(1.0).sqrt();
            for (index, &(p, ms)) in percentiles.iter().enumerate() {
                let below = percentiles[index.saturating_sub(1)];
                let above = percentiles[(index + 1).min(percentiles.len() - 1)];
                let width = above.0 - below.0;
                let slope = if width > 0.0 { math::ln(above.1 / below.1) / width } else { 1.0 / (1.0 - p) };
                let sampling = slope * (p * (1.0 - p) / measured.requests).sqrt();
                // Whole milliseconds (tens of them from 100 on) are rounded: a uniform error.
                let unit = if ms >= 100.0 { 10.0 } else { 1.0 };
                let rounding = if whole { 0.289 * unit / ms } else { 0.0 };
                // What neighbours share is their sampling; each is rounded on its own.
                let sampled = shared * sampling.max(LEAST_RELATIVE_ERROR);
                let error = (sampled * sampled + rounding * rounding).sqrt();
                let (requests, seconds) = (measured.requests, measured.seconds);
                let measured = ms / 1000.0;
                figures.push(Figure {
                    level,
                    class,
                    probability: Some(p),
                    measured,
                    error,
                    requests,
                    seconds,
                    noise: 1.0,
                });
            }
            if let Some(&mean) = measured.latency_ms.get("mean").filter(|m| **m > 0.0) {
                let error = (1.0 / measured.requests.sqrt()).max(LEAST_RELATIVE_ERROR);
                let (requests, seconds) = (measured.requests, measured.seconds);
                let measured = mean / 1000.0;
                figures.push(Figure {
                    level,
                    class,
                    probability: None,
                    measured,
                    error,
                    requests,
                    seconds,
                    noise: 1.0,
                });
            }
        }
    }
    figures
}

/// What one standard error of each finding moves each figure's logarithm by, at the values of the unknowns that `at` sets.
pub fn effects(
    figures: &[Figure],
    scenario: &Scenario,
    known: &[Finding],
    loaded: &[System],
    levels: &[SteadyLevel],
    mut solver: Solver,
    at: &dyn Fn(&mut System),
) -> Vec<Vec<f64>> {
    let mut model = |systems: Vec<System>| -> Vec<Option<f64>> {
        let answers: Vec<Answer> = systems
            .into_iter()
            .map(|mut system| {
                at(&mut system);
                solver.solve(&system, 1.0, &Options::default()).clone()
            })
            .collect();
        let of = |f: &Figure| match f.probability {
            None => answers[f.level].classes[f.class].mean,
            Some(p) => answers[f.level].classes[f.class].percentile(100.0 * p),
        };
        figures.iter().map(|f| of(f).filter(|m| *m > 0.0)).collect()
    };
    let base = model(loaded.to_vec());
    let effect = |finding: &Finding| {
        let none = vec![0.0; figures.len()];
        let mut moved = scenario.clone();
        let mut shifted = finding.clone();
        shifted.estimate.value = finding.draw(ONE_ERROR);
        if finding.estimate.standard_error <= 0.0 || super::apply::write(&mut moved, &shifted).is_empty() {
            return none;
        }
        let Ok(system) = scenario::lower_checked(&moved) else { return none };
        let of_level = |(level, asked): (&SteadyLevel, &System)| {
            let mut system = System { objectives: asked.objectives.clone(), ..system.clone() };
            load(&mut system, scenario, level);
            system
        };
        let moved = model(levels.iter().zip(loaded).map(of_level).collect());
        let ratio = |(base, moved): (&Option<f64>, Option<f64>)| base.zip(moved).map_or(0.0, |(b, m)| math::ln(m / b));
        base.iter().zip(moved).map(ratio).collect()
    };
    known.iter().map(effect).collect()
}

/// Percentiles next to a step of the distribution (a hit or a miss) hang on what the series showed far more than a mean does:
/// what one standard error of each finding moves a percentile by, adds to the percentile's own error.
pub fn widen(figures: &mut [Figure], effects: &[Vec<f64>]) {
    for (place, figure) in figures.iter_mut().enumerate().filter(|(_, figure)| figure.probability.is_some()) {
        let added: f64 = effects.iter().map(|effect| effect[place] * effect[place]).sum();
        figure.error = (figure.error * figure.error + added).sqrt();
    }
}

/// Share of the load test's requests that a finding was counted over: 1 where it says nothing of visits.
pub fn overlap(scenario: &Scenario, levels: &[SteadyLevel], finding: &Finding) -> f64 {
    let visits_of = |id: &str, only: Option<&str>| -> f64 {
        let per = visits_per_request(scenario, id);
        let of = |level: &SteadyLevel| -> f64 {
            let of_class = |(class, per): &(String, f64)| level.classes.get(class).map_or(0.0, |c| c.requests * per);
            per.iter().filter(|(class, _)| only.is_none_or(|only| only == class)).map(of_class).sum()
        };
        levels.iter().map(of).sum()
    };
    let all = match &finding.target {
        Target::ServiceMean(id, class) | Target::HitRatio(id, class) => visits_of(id, class.as_deref()),
        Target::CallNetwork(_, to) => visits_of(to, None),
        Target::PoolNetwork(id, pool) => {
            let caller = scenario.components.iter().find(|c| c.id == *id);
            let callees = caller.map(|caller| pool_callees(caller, pool)).unwrap_or_default();
            callees.iter().map(|callee| visits_of(callee, None)).sum()
        }
        _ => 0.0,
    };
    if all > 0.0 && finding.counted > 0.0 { (finding.counted / all).min(1.0) } else { 1.0 }
}

/// Of the noise that series and load test could share, the part that they do, by class: weighed by what each finding's requests
/// move the means by.
pub fn shared(figures: &[Figure], classes: usize, effects: &[Vec<f64>], overlaps: &[f64]) -> Vec<f64> {
    let of = |class: usize| {
        let (mut all, mut both) = (0.0, 0.0);
        for (place, _) in figures.iter().enumerate().filter(|(_, f)| f.class == class && f.probability.is_none()) {
            for (effect, overlap) in effects.iter().zip(overlaps) {
                // The noise of all requests is that of the counted ones times their share.
                let noise = effect[place] * effect[place] * overlap;
                (all, both) = (all + noise, both + noise * overlap);
            }
        }
        if all > 0.0 { both / all } else { 1.0 }
    };
    (0..classes).map(of).collect()
}

/// Sets the errors of the means to what the model says of the scatter of so many requests. Returns, per class, the share of
/// that scatter that the series saw too: the times and misses of the same requests, which cancels over all levels.
pub fn means(
    figures: &mut [Figure],
    scenario: &Scenario,
    systems: &[System],
    answers: &[Answer],
    unknowns: &[Unknown],
    known: &[Finding],
) -> Vec<f64> {
    let classes = systems.first().map_or(0, |s| s.classes.len());
    let mut sums = vec![(0.0, 0.0); classes];
    for figure in figures.iter_mut().filter(|f| f.probability.is_none()) {
        let (system, answer) = (&systems[figure.level], &answers[figure.level]);
        let class = &answer.classes[figure.class];
        let (Some(mean), Some(variance)) = (class.mean, class.variance) else { continue };
        let (of_waits, scatter_of_waits) =
            noise::of_waits(system, answer, figure.class, figure.requests, figure.seconds);
        let total = (variance - of_waits).max(0.0) / figure.requests + scatter_of_waits;
        let own: f64 = unknowns
            .iter()
            .filter(|u| u.class == figure.class && u.what == What::Mean)
            .map(|u| {
                let service = &system.stations[u.station].service[u.class];
                let visits =
                    answer.stations[u.station].visits_by_class[u.class] / class.throughput.max(f64::MIN_POSITIVE);
                visits * service.scv() * service.mean() * service.mean()
            })
            .sum();
        let unseen = own / figure.requests + scatter_of_waits;
        let sum = &mut sums[figure.class];
        (sum.0, sum.1) = (sum.0 + unseen * figure.requests, sum.1 + total * figure.requests);
        let scatter = total.sqrt() / mean;
        figure.error = scatter.max(LEAST_ERROR_OF_MEAN);
        figure.noise = scatter / figure.error;
    }
    let share = |(class, (unseen, total)): (usize, &(f64, f64))| {
        let all = systems.first().is_some_and(|s| everything_seen(scenario, s, class, unknowns, known));
        if all && *total > 0.0 { (1.0 - unseen / total).clamp(0.0, 1.0) } else { 0.0 }
    };
    sums.iter().enumerate().map(share).collect()
}

/// Widens the errors of percentiles that no shape at hand meets (two modes, as hits and misses behind one figure) where they pull
/// the mean away from what was measured: they tell of the shape, not of the mean, which requests hold by their number whatever
/// the shape. `misfits` are in standard errors, one per figure.
pub fn shapeless(figures: &mut [Figure], misfits: &[f64]) {
    // By class: squares and number of the percentiles' misfits, then of the means'.
    let mut of_class: BTreeMap<usize, [f64; 4]> = BTreeMap::new();
    for (figure, misfit) in figures.iter().zip(misfits) {
        let sums = of_class.entry(figure.class).or_default();
        let at = if figure.probability.is_some() { 0 } else { 2 };
        (sums[at], sums[at + 1]) = (sums[at] + misfit * misfit, sums[at + 1] + 1.0);
    }
    for figure in figures.iter_mut().filter(|figure| figure.probability.is_some()) {
        let Some([squares, count, of_means, means]) = of_class.get(&figure.class) else { continue };
        let (off, pulled) = ((squares / count).sqrt(), (of_means / means).sqrt());
        if off > NO_SHAPE && pulled > PULLED {
            figure.error *= off;
            figure.noise /= off;
        }
    }
}

/// Whether every part that a class waits for is fitted here or stands in the series.
fn everything_seen(
    scenario: &Scenario,
    system: &System,
    class: usize,
    unknowns: &[Unknown],
    known: &[Finding],
) -> bool {
    waited_for(scenario, &system.classes[class].id).iter().all(|id| {
        let Some(station) = system.station(id) else { return true };
        let fitted = unknowns.iter().any(|u| u.station == station && u.class == class && u.what == What::Mean);
        let read = known.iter().any(|f| matches!(&f.target, Target::ServiceMean(of, _) if of == id));
        let cache = scenario.components.iter().any(|c| c.id == *id && c.kind == ComponentKind::Cache);
        let hits = known.iter().any(|f| matches!(&f.target, Target::HitRatio(of, _) if of == id));
        (fitted || read || system.stations[station].service[class].mean() <= 0.0) && (!cache || hits)
    })
}

/// Covariance of the noise of two figures (with their positions) in units of their errors: the share that the series saw
/// cancels over the levels.
pub fn together(figures: &[Figure], seen: &[f64], (i, a): (usize, &Figure), (j, b): (usize, &Figure)) -> f64 {
    let same = f64::from(i == j);
    if a.probability != b.probability || a.class != b.class {
        return same;
    }
    let of_class = figures.iter().filter(|f| f.class == a.class && f.probability == a.probability);
    let requests: f64 = of_class.map(|f| f.requests).sum();
    let seen =
        seen.get(a.class).copied().unwrap_or(0.0) * if a.probability.is_some() { SEEN_OF_PERCENTILES } else { 1.0 };
    let shared = seen * (a.requests * b.requests).sqrt() / requests;
    // What is not noise, the least error of all, stands alone.
    same * (1.0 - a.noise * a.noise) + a.noise * b.noise * (same - shared)
}
