//! Own times: from the ways a scenario states them to a distribution in seconds.

use super::Lowering;
use crate::path::Path;
use crate::v1::{DistKind, Quantity, Service, ServiceTime};
use engine::model::Distribution;

/// Standard normal quantiles of the percentiles that a scenario can state.
const Z_P50: f64 = 0.0;
const Z_P95: f64 = 1.644_853_626_951_472_7;
const Z_P99: f64 = 2.326_347_874_040_841;

impl Lowering<'_> {
    /// One distribution per class.
    pub(super) fn service(&mut self, service: Option<&Service>, path: &Path) -> Vec<Distribution> {
        let classes = self.scenario.traffic.len();
        match service {
            None => vec![Distribution::ZERO; classes],
            Some(Service::All(time)) => vec![self.time(time, path); classes],
            Some(Service::By(map)) => {
                let rest = map.get("*").map_or(Distribution::ZERO, |time| self.time(time, &path.key("*")));
                let mut times = vec![rest; classes];
                for (id, time) in map.iter().filter(|(id, _)| *id != "*") {
                    let time = self.time(time, &path.key(id));
                    if let Some(class) = self.class_id(id, &path.key(id)) {
                        times[class] = time;
                    }
                }
                times
            }
        }
    }

    fn time(&mut self, time: &ServiceTime, path: &Path) -> Distribution {
        let percentiles = self.percentiles(time, path);
        if !percentiles.is_empty() {
            return lognormal_from_percentiles(&percentiles);
        }
        if !time.points.is_empty() {
            return self.empirical(&time.points, &path.key("points"));
        }
        let Some(mean) = &time.mean_ms else {
            let remedy = "give mean_ms, or two of p50_ms, p95_ms and p99_ms, or points";
            self.problem(path, "the own time is not stated".into(), remedy);
            return Distribution::ZERO;
        };
        let mean = self.number(mean, &path.key("mean_ms")) / 1000.0;
        let cv = time.cv.as_ref().map(|cv| self.number(cv, &path.key("cv")));
        family(time.dist, mean, cv)
    }

    /// (standard normal quantile, seconds) of the stated percentiles.
    fn percentiles(&mut self, time: &ServiceTime, path: &Path) -> Vec<(f64, f64)> {
        let stated: [(&str, f64, Option<&Quantity>); 3] = [
            ("p50_ms", Z_P50, time.p50_ms.as_ref()),
            ("p95_ms", Z_P95, time.p95_ms.as_ref()),
            ("p99_ms", Z_P99, time.p99_ms.as_ref()),
        ];
        let mut points = Vec::new();
        for (key, z, quantity) in stated {
            let Some(quantity) = quantity else { continue };
            let ms = self.number(quantity, &path.key(key));
            if ms > 0.0 {
                points.push((z, ms / 1000.0));
            } else {
                self.problem(
                    &path.key(key),
                    format!("{ms} ms is no percentile of a lognormal time"),
                    "give more than 0",
                );
            }
        }
        if points.len() == 1 {
            self.problem(
                path,
                "one percentile does not fix a lognormal".into(),
                "give two of p50_ms, p95_ms and p99_ms",
            );
        }
        points
    }

    fn empirical(&mut self, points: &[(f64, f64)], path: &Path) -> Distribution {
        let points: Vec<(f64, f64)> = points
            .iter()
            .enumerate()
            .map(|(i, &(ms, p))| (self.finite(ms, &path.index(i)) / 1000.0, self.finite(p, &path.index(i))))
            .collect();
        let ascending = points.windows(2).all(|w| w[0].0 <= w[1].0 && w[0].1 <= w[1].1);
        if !ascending || points.last().is_none_or(|last| last.1 != 1.0) {
            let remedy = "give [milliseconds, cumulative probability] ascending, the last probability 1";
            self.problem(path, "the points are not a distribution".into(), remedy);
        }
        Distribution::Empirical { points }
    }
}

/// The distribution of a family with a mean in seconds. Without a family the coefficient of variation chooses it
/// (default 1, exponential); the default for a stated family is 1 where the family leaves it open.
fn family(dist: Option<DistKind>, mean: f64, cv: Option<f64>) -> Distribution {
    if mean == 0.0 {
        return Distribution::ZERO;
    }
    match (dist, cv) {
        (Some(DistKind::Deterministic), _) => Distribution::Deterministic { mean },
        (Some(DistKind::Exponential), _) => Distribution::Exponential { mean },
        (Some(_), Some(0.0)) => Distribution::Deterministic { mean },
        (Some(DistKind::Lognormal), cv) => Distribution::lognormal(mean, cv.unwrap_or(1.0)),
        (Some(DistKind::Gamma), cv) => {
            let cv = cv.unwrap_or(1.0);
            Distribution::Gamma { mean, scv: cv * cv }
        }
        (Some(DistKind::Hyperexponential | DistKind::Empirical) | None, cv) => {
            Distribution::from_mean_cv(mean, cv.unwrap_or(1.0))
        }
    }
}

/// Lognormal by least squares of ln(percentile) on the standard normal quantile, as the format states.
fn lognormal_from_percentiles(points: &[(f64, f64)]) -> Distribution {
    let n = points.len() as f64;
    let logs: Vec<f64> = points.iter().map(|&(_, seconds)| engine::math::ln(seconds)).collect();
    let mean_z = points.iter().map(|&(z, _)| z).sum::<f64>() / n;
    let mean_log = logs.iter().sum::<f64>() / n;
    let covariance: f64 = points.iter().zip(&logs).map(|(&(z, _), log)| (z - mean_z) * (log - mean_log)).sum();
    let variance: f64 = points.iter().map(|&(z, _)| (z - mean_z) * (z - mean_z)).sum();
    let sigma = if variance > 0.0 { (covariance / variance).max(0.0) } else { 0.0 };
    let mu = mean_log - sigma * mean_z;
    if sigma == 0.0 {
        return Distribution::Deterministic { mean: engine::math::exp(mu) };
    }
    Distribution::Lognormal { mu, sigma }
}
