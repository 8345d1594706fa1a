//! Sampling noise of one run: how far the figures of a run of this length lie from the long-run ones.
//!
//! Times of requests that do not wait are independent: variance over n. Waits are not: those of a busy queue come in spells.
//! The time average of a queue's wait over T has about the variance of the wait times 2 (1 + u) / (c m (1 - u)² T), with
//! utilization u, c servers of rate m each (the integrated autocorrelation time of M/M/1 at the same total speed; Whitt 1989,
//! "Planning queueing simulations").

use crate::generator::per_replica;
use engine::fit::estimate::normal;
use engine::math;
use engine::model::{ClassId, Kind, System};
use engine::solve::{Answer, ClassAnswer, Part};

/// What the closed form itself may be off by, relative: approximations of waits behind holds, pools and queues, seen as the
/// distance between it and simulations of the same parameters.
pub const MODEL_ERROR: f64 = 0.02;

/// What a percentile hangs on beside the fitted numbers: which family a time is of, which a fit cannot tell from a few
/// percentiles. Relative standard error of a percentile without waits, and more by this much times the share of waits in the
/// mean; by 200 synthetic systems of known truth (`study`'s example `coverage`).
const SHAPE: (f64, f64) = (0.007, 0.04);

/// A mean wait hangs on the variation of what is waited for (Pollaczek and Khinchine), and a variation that is fitted to percentiles
/// is off by a tenth as a rule, now and then by much more: relative standard error of the waits, by the same systems.
const SHAPE_OF_WAITS: f64 = 0.22;

/// Relative standard errors of a fitted class's figures by the shapes that nobody knows: of its percentiles alone, and, by its
/// waits, of all its figures together.
#[must_use]
pub fn of_shape(at: &ClassAnswer) -> (f64, f64) {
    let waits = at.waterfall.iter().filter(|s| matches!(s.part, Part::Queue | Part::Pool(_)));
    let share = waits.map(|s| s.seconds).sum::<f64>() / at.mean.filter(|m| *m > 0.0).unwrap_or(f64::INFINITY);
    let share = share.clamp(0.0, 1.0);
    (SHAPE.0 + SHAPE.1 * share, SHAPE_OF_WAITS * share)
}

/// Relative standard errors of one class's figures over a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Noise {
    /// Of the mean.
    pub mean: f64,
    /// (percentile, relative standard error).
    pub percentiles: Vec<(f64, f64)>,
}

/// The noise of a run of `seconds`; `None` for a class that is unstable or has no requests.
#[must_use]
pub fn of_run(system: &System, answer: &Answer, class: ClassId, seconds: f64) -> Option<Noise> {
    let at = &answer.classes[class];
    let (mean, variance) = (at.mean?, at.variance?);
    let requests = at.throughput * seconds;
    if requests.is_nan() || requests < 1.0 || mean <= 0.0 {
        return None;
    }
    let (of_waits, correlated) = of_waits(system, answer, class, requests, seconds);
    let of_mean = (variance - of_waits).max(0.0) / requests + correlated;
    let spell = (of_mean / (variance / requests).max(f64::MIN_POSITIVE)).max(1.0);
    let model = MODEL_ERROR * MODEL_ERROR;
    let percentiles = at
        .percentiles
        .iter()
        .enumerate()
        .map(|(index, &(percentile, _))| {
            let p = percentile / 100.0;
            let scatter = (p * (1.0 - p) * spell / requests).sqrt() / density(normal(p));
            let relative = slope(&at.percentiles, index) * scatter;
            (percentile, (relative * relative + model).sqrt())
        })
        .collect();
    Some(Noise { mean: (of_mean / (mean * mean) + model).sqrt(), percentiles })
}

/// Variance in seconds² of a request's waits, and of their mean over a run of so many requests and seconds.
#[must_use]
pub fn of_waits(system: &System, answer: &Answer, class: ClassId, requests: f64, seconds: f64) -> (f64, f64) {
    let waits = waits(system, answer, class);
    let correlated = waits.iter().map(|(v, time)| v * (time / seconds).max(1.0 / requests).min(1.0)).sum();
    (waits.iter().map(|(variance, _)| variance).sum(), correlated)
}

/// (variance of the wait per request, integrated autocorrelation time in seconds) for each wait on a class's way.
fn waits(system: &System, answer: &Answer, class: ClassId) -> Vec<(f64, f64)> {
    answer.classes[class]
        .waterfall
        .iter()
        .filter(|share| share.seconds > 0.0)
        .filter_map(|share| {
            let station = &answer.stations[share.station];
            let (servers, utilization, busy) = match share.part {
                Part::Pool(pool) => {
                    let at = station.pools.get(pool)?;
                    let servers = f64::from(at.size?) * f64::from(station.replicas.max(1));
                    (servers, at.utilization?, servers * at.utilization?)
                }
                Part::Queue => {
                    let servers = servers(&system.stations[share.station].kind, station.replicas)?;
                    let utilization = station.utilization?;
                    (servers, utilization, servers * utilization)
                }
                _ => return None,
            };
            let utilization = utilization.clamp(0.0, 0.999);
            let visits = station.visits.max(f64::MIN_POSITIVE);
            // Mean holding time per visit by the utilization law; the pool's callers are this station's visits as a bound.
            let hold = (busy / visits).max(1e-9);
            let speed = servers / hold;
            let time = 2.0 * (1.0 + utilization) / (speed * (1.0 - utilization) * (1.0 - utilization));
            // Probability to wait (Sakasegawa 1977) turns the mean wait into its variance: exponential when there is one.
            let waiting = engine::math::pow(utilization, (2.0 * (servers + 1.0)).sqrt() - 1.0).clamp(0.01, 1.0);
            Some((share.seconds * share.seconds * (2.0 / waiting - 1.0), time))
        })
        .collect()
}

/// Rise of the logarithm of the percentiles over the normal score at one of them: the harmonic mean of both sides, which a
/// step between two modes on one side moves little; at an end the one there is.
fn slope(percentiles: &[(f64, f64)], index: usize) -> f64 {
    let between = |low: usize, high: usize| {
        let ((low_p, low), (high_p, high)) = (percentiles[low], percentiles[high]);
        let width = normal(high_p / 100.0) - normal(low_p / 100.0);
        (width > 0.0 && low > 0.0 && high > low).then(|| math::ln(high / low) / width)
    };
    let below = index.checked_sub(1).and_then(|low| between(low, index));
    let above = (index + 1 < percentiles.len()).then(|| between(index, index + 1)).flatten();
    match (below, above) {
        (Some(below), Some(above)) => 2.0 * below * above / (below + above),
        (one, other) => one.or(other).unwrap_or(0.0),
    }
}

/// Density of the normal distribution.
fn density(score: f64) -> f64 {
    math::exp(-0.5 * score * score) / (2.0 * core::f64::consts::PI).sqrt()
}

fn servers(kind: &Kind, replicas: u32) -> Option<f64> {
    if let Kind::Function { concurrency_limit: Some(limit), .. } = kind {
        return Some(f64::from(*limit));
    }
    Some(per_replica(kind)? * f64::from(replicas.max(1)))
}
