//! What no series shows: own times and shapes are fitted so that the model's mean and percentiles match those of the load test
//! at every level. What the series did show stays as it is: its sampling noise is the same requests' and cancels.
//!
//! Weighted least squares in logarithms, with a weak prior on what the scenario said before: two times that only ever occur
//! together are determined in their sum, and the prior decides how it splits.

use super::at_level::load;
use super::doubt::{self, Figure, figures};
use super::finding::{Finding, Target};
use super::levels::SteadyLevel;
use super::structure::waited_for;
use engine::fit::Estimate;
use engine::fit::least_squares::{self, Fitted, Parameter};
use engine::math;
use engine::model::{Distribution, System};
use engine::solve::{Answer, Options, Solver};
use scenario::Scenario;

/// Weight of what the scenario said before: a factor e^1.5 off costs as much as one standard error of a measured figure.
const PRIOR_OF_MEAN: f64 = 1.5;
/// The same for the coefficient of variation.
const PRIOR_OF_VARIATION: f64 = 0.7;
/// Share of that prior's variance by which a variation that the data leave open is drawn: half the prior's width.
const DOUBT_OF_VARIATION: f64 = 0.25;
/// Gain of a step, as a share of the misfit, below which the fit has settled: a hundredth of what one figure can tell.
const SETTLED: f64 = 1e-5;
/// Degrees of freedom of an error that is known.
const CERTAIN: f64 = 1e6;
/// A time that makes up less than this share of what its class waits for keeps the format's own family.
const HEAVY: f64 = 0.15;

/// The result of the fit.
#[derive(Debug, Clone, Default)]
pub struct Joint {
    /// The findings, in the order of the covariance.
    pub findings: Vec<Finding>,
    /// Covariance of their logarithms, row-major. Smaller than the findings' own errors where only the prior splits a sum: draws
    /// must keep the sum.
    pub covariance: Vec<f64>,
    /// Whether the covariance rests on the residuals, and so on their few degrees of freedom.
    pub by_misfit: bool,
    /// By known finding: what one standard error of it moves each logarithm by. The load test's mean holds the sum: what the series
    /// counted too high over some of the requests, the fit of the rest has too low.
    pub responses: Vec<Vec<f64>>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum What {
    Mean,
    Variation,
}

pub(super) struct Unknown {
    pub station: usize,
    pub class: usize,
    pub what: What,
    pub start: f64,
}

/// Fits the unknown own times; `known` are the findings already written into the scenario.
pub fn fit(scenario: &Scenario, system: &System, levels: &[SteadyLevel], known: &[Finding]) -> Option<Joint> {
    let mut figures = figures(system, levels);
    let unknowns = unknowns(scenario, system, &figures, known);
    if figures.is_empty() || unknowns.is_empty() {
        return None;
    }
    let mut loaded: Vec<System> = levels
        .iter()
        .map(|level| {
            let mut system = system.clone();
            load(&mut system, scenario, level);
            for f in figures.iter().filter_map(|f| Some((f.class, f.probability?))) {
                ask(&mut system, f.0, f.1);
            }
            system
        })
        .collect();
    let solver = Solver::new(&loaded[0]).ok()?;
    let effects = |figures: &[Figure], at: &dyn Fn(&mut System)| {
        doubt::effects(figures, scenario, known, &loaded, levels, solver.clone(), at)
    };
    let expected = effects(&figures, &|_| ());
    doubt::widen(&mut figures, &expected);
    let parameters: Vec<Parameter> = unknowns
        .iter()
        .map(|u| {
            let center = math::ln(u.start);
            match u.what {
                What::Mean => Parameter { start: center, low: center - 12.0, high: center + 12.0 },
                What::Variation => Parameter { start: center, low: math::ln(0.05), high: math::ln(4.0) },
            }
        })
        .collect();
    let roughly = |logarithms: &[f64]| residuals(logarithms, &unknowns, &figures, &loaded, solver.clone());
    let first = least_squares::minimize_until(roughly, &parameters, SETTLED).ok()?;
    // Now that the model is about right, it says how far the mean of so many requests scatters.
    let about: Vec<System> = loaded.iter().map(|s| at(s, &unknowns, &first.parameters)).collect();
    let mut sweep = solver.clone();
    let answers: Vec<Answer> = about.iter().map(|s| sweep.solve(s, 1.0, &Options::default()).clone()).collect();
    let mut seen = doubt::means(&mut figures, scenario, &about, &answers, &unknowns, known);
    let misfits = residuals(&first.parameters, &unknowns, &figures, &loaded, solver.clone());
    doubt::shapeless(&mut figures, &misfits);
    let effects = effects(&figures, &|system| set(system, &unknowns, &first.parameters));
    let overlaps: Vec<f64> = known.iter().map(|finding| doubt::overlap(scenario, levels, finding)).collect();
    let both = doubt::shared(&figures, seen.len(), &effects, &overlaps);
    seen.iter_mut().zip(both).for_each(|(seen, both)| *seen *= both);
    let figures = figures;
    let residuals = |logarithms: &[f64]| residuals(logarithms, &unknowns, &figures, &loaded, solver.clone());
    let again = warm(&parameters, &first.parameters);
    let mut fitted = least_squares::minimize_until(residuals, &again, SETTLED).ok()?;
    let mut shapes: Vec<Option<Distribution>> = vec![None; unknowns.len()];
    for candidate in heavy(&unknowns, system) {
        let trial = as_lognormal(&loaded, &unknowns[candidate]);
        let other = |logarithms: &[f64]| self::residuals(logarithms, &unknowns, &figures, &trial, solver.clone());
        let again = warm(&parameters, &fitted.parameters);
        if let Ok(better) = least_squares::minimize_until(other, &again, SETTLED)
            && better.residual_sum < fitted.residual_sum
        {
            shapes[candidate] = Some(Distribution::lognormal(1.0, math::exp(better.parameters[candidate])));
            (fitted, loaded) = (better, trial);
        }
    }
    let (mut covariance, by_misfit) =
        fitted.covariance_of_data(figures.len(), |i, j| match (figures.get(i), figures.get(j)) {
            (Some(a), Some(b)) => doubt::together(&figures, &seen, (i, a), (j, b)),
            (None, None) if i == j && unknowns[i - figures.len()].what == What::Variation => DOUBT_OF_VARIATION,
            // Of two times known in sum the prior only says how the sum splits.
            _ => 0.0,
        });
    for (place, unknown) in unknowns.iter().enumerate() {
        // A variation that ran into its bound is as open as one that no datum tells.
        if unknown.what == What::Variation && fitted.standard_errors[place].is_none() {
            covariance[place * unknowns.len() + place] = DOUBT_OF_VARIATION * PRIOR_OF_VARIATION * PRIOR_OF_VARIATION;
        }
    }
    let mut findings = findings(system, levels, &unknowns, &fitted);
    for (place, (finding, shape)) in findings.iter_mut().zip(shapes).enumerate() {
        finding.shape = shape;
        // What is drawn is also what is stated.
        let drawn = finding.estimate.value * covariance[place * unknowns.len() + place].max(0.0).sqrt();
        if !by_misfit && drawn >= finding.estimate.standard_error {
            // Known from the figures' own errors, not from how few of them scatter.
            finding.estimate.degrees_of_freedom = CERTAIN;
        }
        finding.estimate.standard_error = finding.estimate.standard_error.max(drawn);
    }
    let response = |(effect, overlap): (&Vec<f64>, &f64)| {
        let shift: Vec<f64> = effect.iter().zip(&figures).map(|(e, f)| (1.0 - overlap) * e / f.error).collect();
        fitted.response(&shift)
    };
    let responses = effects.iter().zip(&overlaps).map(response).collect();
    Some(Joint { findings, covariance, by_misfit, responses })
}

/// The parameters, started from values found before.
fn warm(parameters: &[Parameter], found: &[f64]) -> Vec<Parameter> {
    parameters.iter().zip(found).map(|(p, at)| Parameter { start: *at, ..*p }).collect()
}

/// A loaded system at trial values.
fn at(system: &System, unknowns: &[Unknown], logarithms: &[f64]) -> System {
    let mut system = system.clone();
    set(&mut system, unknowns, logarithms);
    system
}

/// Times with an unknown shape that make up most of a response, largest first, at most four: for these a lognormal is tried
/// beside the format's own family. Who stated a family keeps it.
fn heavy(unknowns: &[Unknown], system: &System) -> Vec<usize> {
    let of = |u: &Unknown| &system.stations[u.station].service[u.class];
    let all = |class: usize| -> f64 { system.stations.iter().map(|s| s.service[class].mean()).sum() };
    let mut found: Vec<usize> = (0..unknowns.len())
        .filter(|&i| unknowns[i].what == What::Variation && !matches!(of(&unknowns[i]), Distribution::Lognormal { .. }))
        .filter(|&i| of(&unknowns[i]).mean() > HEAVY * all(unknowns[i].class))
        .collect();
    found.sort_by(|&a, &b| of(&unknowns[b]).mean().total_cmp(&of(&unknowns[a]).mean()));
    found.truncate(4);
    found
}

/// The loaded systems with one time as a lognormal of the same mean and variation.
fn as_lognormal(loaded: &[System], unknown: &Unknown) -> Vec<System> {
    let mut trial = loaded.to_vec();
    for system in &mut trial {
        let service = &mut system.stations[unknown.station].service[unknown.class];
        *service = Distribution::lognormal(service.mean(), service.scv().sqrt().max(0.05));
    }
    trial
}

/// What no series showed of the stations that a measured class waits for.
fn unknowns(scenario: &Scenario, system: &System, figures: &[Figure], known: &[Finding]) -> Vec<Unknown> {
    let mut unknowns = Vec::new();
    for (class, c) in system.classes.iter().enumerate() {
        let Some(with_percentiles) =
            figures.iter().filter(|f| f.class == class).map(|f| f.probability.is_some()).reduce(|a, b| a || b)
        else {
            continue;
        };
        for (position, id) in waited_for(scenario, &c.id).iter().enumerate() {
            let Some(station) = system.station(id) else { continue };
            let of_this = |target: &Target, mean: bool| match target {
                Target::ServiceMean(k, only) if mean => k == id && only.as_ref().is_none_or(|o| *o == c.id),
                Target::ServiceVariation(k, only) if !mean => k == id && only.as_ref().is_none_or(|o| *o == c.id),
                _ => false,
            };
            let service = &system.stations[station].service[class];
            let seen = known.iter().any(|f| of_this(&f.target, true));
            let mut own = service.mean();
            if !seen {
                // The entry always does some work, even if the scenario drew it with none.
                if own <= 0.0 && position == 0 {
                    own = 0.001;
                }
                if own > 0.0 {
                    unknowns.push(Unknown { station, class, what: What::Mean, start: own });
                }
            }
            let shaped = known.iter().any(|f| of_this(&f.target, false));
            if own > 0.0 && !shaped && with_percentiles && !matches!(service, Distribution::Empirical { .. }) {
                let start = service.scv().sqrt().clamp(0.1, 2.0);
                unknowns.push(Unknown { station, class, what: What::Variation, start });
            }
        }
    }
    unknowns
}

/// Makes the solver answer a percentile: it answers those of the objectives.
fn ask(system: &mut System, class: usize, probability: f64) {
    use engine::model::{Goal, Objective};
    let goal = Goal::Latency { class, percentile: 100.0 * probability, at_most: 1e9 };
    if !system.objectives.iter().any(|o| o.goal == goal) {
        system.objectives.push(Objective { index: usize::MAX, goal });
    }
}

fn residuals(
    logarithms: &[f64],
    unknowns: &[Unknown],
    figures: &[Figure],
    loaded: &[System],
    mut solver: Solver,
) -> Vec<f64> {
    let mut values = Vec::with_capacity(figures.len() + unknowns.len());
    let options = Options { percentiles: figures.iter().any(|f| f.probability.is_some()), ..Options::default() };
    for (level, system) in loaded.iter().enumerate() {
        if !figures.iter().any(|f| f.level == level) {
            continue;
        }
        let system = at(system, unknowns, logarithms);
        let answer = solver.solve(&system, 1.0, &options);
        for figure in figures.iter().filter(|f| f.level == level) {
            let class = &answer.classes[figure.class];
            let model = match figure.probability {
                None => class.mean,
                Some(p) => class.percentile(100.0 * p),
            };
            // A level that was measured steady cannot be unstable: as bad as a hundredfold time.
            let ratio = model.filter(|m| *m > 0.0).map_or(100.0, |m| m / figure.measured);
            values.push(math::ln(ratio) / figure.error);
        }
    }
    for (unknown, logarithm) in unknowns.iter().zip(logarithms) {
        let prior = if unknown.what == What::Mean { PRIOR_OF_MEAN } else { PRIOR_OF_VARIATION };
        values.push((logarithm - math::ln(unknown.start)) / prior);
    }
    values
}

/// Puts trial values into the system.
fn set(system: &mut System, unknowns: &[Unknown], logarithms: &[f64]) {
    for (unknown, logarithm) in unknowns.iter().zip(logarithms) {
        let value = math::exp(*logarithm);
        let service = &mut system.stations[unknown.station].service[unknown.class];
        let (mean, cv) = (service.mean(), service.scv().sqrt());
        *service = match unknown.what {
            What::Mean if mean > 0.0 => service.scaled(value / mean),
            What::Mean => Distribution::from_mean_cv(value, 1.0),
            What::Variation => match service {
                Distribution::Lognormal { .. } => Distribution::lognormal(mean, value),
                _ => Distribution::from_mean_cv(mean, value),
            },
        };
        let _ = cv;
    }
}

fn findings(system: &System, levels: &[SteadyLevel], unknowns: &[Unknown], fitted: &Fitted) -> Vec<Finding> {
    let mut from: Vec<String> = levels.iter().map(|l| l.import.clone()).collect();
    from.sort();
    from.dedup();
    unknowns
        .iter()
        .zip(&fitted.parameters)
        .zip(&fitted.standard_errors)
        .map(|((unknown, logarithm), error)| {
            let station = system.stations[unknown.station].id.clone();
            let class = Some(system.classes[unknown.class].id.clone());
            let (target, scale, how) = match unknown.what {
                What::Mean => {
                    (Target::ServiceMean(station, class), 1000.0, "own time left over by the load test's latency")
                }
                What::Variation => {
                    (Target::ServiceVariation(station, class), 1.0, "spread that matches the load test's percentiles")
                }
            };
            let value = scale * math::exp(*logarithm);
            Finding {
                target,
                estimate: Estimate {
                    value,
                    standard_error: value * error.unwrap_or(0.0),
                    degrees_of_freedom: fitted.degrees_of_freedom.max(1) as f64,
                },
                shape: None,
                counted: 0.0,
                measured: false,
                from: from.clone(),
                how: how.into(),
            }
        })
        .collect()
}
