//! The shape of a service time from a histogram or from percentiles: lognormal, gamma (Erlang among them), exponential or
//! balanced hyperexponential, whichever comes closest; the histogram itself where none comes close.
//!
//! Each family is fitted by least Hellinger distance, sum (sqrt(share in a bin) - sqrt(the family's share))²: as efficient as
//! maximum likelihood where the family is right, and not led astray by a few outliers in far bins where it is not (Beran 1977).
//! A known mean is kept exactly, so that only the shape is left to fit. Measured times hold a constant part as a rule (round trip,
//! driver), so a shift is fitted with each family and goes into the variation; a histogram also bounds the variation by itself.

use super::estimate::TooLittle;
use super::least_squares::{self, Parameter};
use crate::math;
use crate::model::Distribution;

/// A fitted shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// The distribution, in seconds.
    pub distribution: Distribution,
    /// Its family in words.
    pub family: &'static str,
    /// Largest distance between its cumulative distribution and the data (Kolmogorov's).
    pub distance: f64,
    /// The next best family and its distance.
    pub runner_up: Option<(&'static str, f64)>,
}

/// Largest distance at which a family still describes the data; beyond, the histogram itself is used.
const CLOSE_ENOUGH: f64 = 0.06;
/// Largest constant share of the mean that is looked for.
const MOST_CONSTANT: f64 = 0.5;
/// Bounds of the squared coefficient of variation that is looked for.
const SCV: (f64, f64) = (1e-3, 400.0);

/// From a cumulative histogram: (upper bound in seconds, count at or below), ascending; an infinite last bound is allowed.
/// `mean` in seconds where the file holds the sum.
///
/// # Errors
/// [`TooLittle`] with less than 20 observations or fewer than two occupied bounds.
pub fn from_histogram(cumulative: &[(f64, f64)], mean: Option<f64>) -> Result<Shape, TooLittle> {
    let total = cumulative.last().map_or(0.0, |b| b.1);
    if total < 20.0 {
        return Err(TooLittle::new(format!("{total} observations are too few to see a shape; measure longer")));
    }
    let points: Vec<(f64, f64)> = cumulative
        .iter()
        .filter(|(bound, count)| bound.is_finite() && *bound > 0.0 && *count > 0.0 && *count < total)
        .map(|&(bound, count)| (bound, count / total))
        .collect();
    let shape = fit(&points, mean)?;
    let shape = within_moments(shape, cumulative, total);
    if shape.distance <= CLOSE_ENOUGH {
        return Ok(shape);
    }
    let runner_up = Some((shape.family, shape.distance));
    let distribution = Distribution::Empirical { points: empirical(cumulative, total) };
    let factor = mean.filter(|m| *m > 0.0).map_or(1.0, |m| m / distribution.mean());
    Ok(Shape { distribution: distribution.scaled(factor), family: "empirical", distance: 0.0, runner_up })
}

/// From percentiles: (probability in (0, 1), seconds). `mean` in seconds where known.
///
/// # Errors
/// [`TooLittle`] with fewer than two percentiles (one, with a known mean), or times that are not positive.
pub fn from_percentiles(percentiles: &[(f64, f64)], mean: Option<f64>) -> Result<Shape, TooLittle> {
    let points: Vec<(f64, f64)> = percentiles
        .iter()
        .filter(|(p, x)| *p > 0.0 && *p < 1.0 && x.is_finite() && *x > 0.0)
        .map(|&(p, x)| (x, p))
        .collect();
    fit(&points, mean)
}

/// Share of times at or below x seconds.
#[must_use]
pub fn cumulative(distribution: &Distribution, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    match distribution {
        Distribution::Deterministic { mean } => f64::from(x >= *mean),
        Distribution::Exponential { mean } => -math::exp_m1(-x / mean),
        Distribution::Gamma { mean, scv } => statrs::function::gamma::gamma_lr(1.0 / scv, x / (mean * scv)),
        Distribution::Lognormal { mu, sigma } => {
            0.5 * math::erfc(-(math::ln(x) - mu) / (sigma * core::f64::consts::SQRT_2))
        }
        Distribution::Hyperexponential { mean, scv } => {
            let first = 0.5 * (1.0 + ((scv - 1.0) / (scv + 1.0)).max(0.0).sqrt());
            let phase = |p: f64| -p * math::exp_m1(-2.0 * p * x / mean);
            phase(first) + phase(1.0 - first)
        }
        Distribution::Empirical { points } => {
            let after = points.partition_point(|p| p.0 < x);
            match (after.checked_sub(1).map(|i| points[i]), points.get(after)) {
                (Some((a, pa)), Some(&(b, pb))) if b > a => pa + (pb - pa) * (x - a) / (b - a),
                (_, Some(&(b, pb))) => pb * f64::from(x >= b),
                (_, None) => 1.0,
            }
        }
    }
}

/// Builds a family's member from mean and squared coefficient of variation.
type Build = fn(f64, f64) -> Distribution;

const FAMILIES: [(&str, Build); 3] = [
    ("lognormal", |mean, scv| Distribution::lognormal(mean, scv.sqrt())),
    ("gamma", |mean, scv| Distribution::Gamma { mean, scv }),
    ("hyperexponential", |mean, scv| Distribution::Hyperexponential { mean, scv }),
];

/// The family's member, or the nearest family that has this variation.
fn member(build: Build, mean: f64, scv: f64) -> Distribution {
    match build(mean, scv) {
        Distribution::Hyperexponential { .. } if scv <= 1.0 => Distribution::Gamma { mean, scv },
        other => other,
    }
}

/// Keeps the variation inside what the histogram allows: every time at the low, or every time at the high end of its bin.
/// Coarse bins say little about a shape, and a family would make up the rest.
fn within_moments(mut shape: Shape, cumulative: &[(f64, f64)], total: f64) -> Shape {
    let (mut low, mut high, mut below) = (0.0, 0.0, (0.0, 0.0));
    for &(bound, count) in cumulative.iter().filter(|b| b.0.is_finite()) {
        let share = (count - below.1) / total;
        low += share * below.0 * below.0;
        high += share * bound * bound;
        below = (bound, count);
    }
    let mean = shape.distribution.mean();
    let scv = shape.distribution.scv();
    let inside = below.1 >= total;
    let bounded =
        scv.max(low / (mean * mean) - 1.0).min(if inside { (high / (mean * mean) - 1.0).max(1e-3) } else { scv });
    if bounded != scv {
        shape.distribution = if bounded > 1.0 {
            Distribution::Hyperexponential { mean, scv: bounded }
        } else {
            Distribution::Gamma { mean, scv: bounded }
        };
    }
    shape
}

/// The best family over (seconds, share at or below) points.
fn fit(points: &[(f64, f64)], mean: Option<f64>) -> Result<Shape, TooLittle> {
    let mean = mean.filter(|m| m.is_finite() && *m > 0.0);
    if points.len() + usize::from(mean.is_some()) < 2 {
        return Err(TooLittle::new("a shape needs two percentiles, or one and the mean; export more percentiles"));
    }
    let start = mean.unwrap_or_else(|| points.iter().map(|p| p.0).sum::<f64>() / points.len() as f64);
    // A few points cannot tell a constant part from the shape of the rest.
    let shifts: &[bool] = if points.len() > 5 { &[false, true] } else { &[false] };
    let mut shapes: Vec<(f64, Shape)> = Vec::new();
    for ((family, build), &shifted) in FAMILIES.iter().flat_map(|f| shifts.iter().map(move |s| (*f, s))) {
        // Nearer to 1 two phases cannot be told from one, and gamma covers that.
        let least = if family == "hyperexponential" { 1.05 } else { SCV.0 };
        // Parameters: ln scv of the moving part, its constant share of the mean, ln mean where it is not known.
        let constant = |p: &[f64]| if shifted { p[1] } else { 0.0 };
        let mean_of = |p: &[f64]| p.get(1 + usize::from(shifted)).map_or(start, |m| math::exp(*m));
        let moving = |p: &[f64]| build((1.0 - constant(p)) * mean_of(p), math::exp(p[0]));
        let residuals = |p: &[f64]| -> Vec<f64> {
            let (distribution, shift) = (moving(p), constant(p) * mean_of(p));
            let mut below = (0.0, 0.0);
            let shares = points.iter().map(|&(x, p)| (cumulative(&distribution, x - shift), p)).chain([(1.0, 1.0)]);
            shares
                .map(|(model, data)| {
                    let bin = ((model - below.0).max(0.0), (data - below.1).max(0.0));
                    below = (model, data);
                    bin.0.sqrt() - bin.1.sqrt()
                })
                .collect()
        };
        let (low, high) = (math::ln(least), math::ln(SCV.1));
        let mut parameters = vec![Parameter { start: if least > 1.0 { 0.7 } else { -0.7 }, low, high }];
        if shifted {
            parameters.push(Parameter { start: 0.1 * MOST_CONSTANT, low: 0.0, high: MOST_CONSTANT });
        }
        if mean.is_none() {
            let center = math::ln(start);
            parameters.push(Parameter { start: center, low: center - 7.0, high: center + 7.0 });
        }
        if let Ok(found) = least_squares::minimize(residuals, &parameters) {
            let (of_moving, mean) = (moving(&found.parameters), mean_of(&found.parameters));
            let shift = constant(&found.parameters) * mean;
            let distance =
                points.iter().map(|&(x, p)| (cumulative(&of_moving, x - shift) - p).abs()).fold(0.0, f64::max);
            let cv = (1.0 - constant(&found.parameters)) * of_moving.scv().sqrt();
            let distribution = member(build, mean, cv * cv);
            shapes.push((found.residual_sum, Shape { distribution, family, distance, runner_up: None }));
        }
    }
    shapes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut ranked = shapes.into_iter().map(|s| s.1);
    let mut best: Shape =
        ranked.next().ok_or_else(|| TooLittle::new("no family of distributions fits these percentiles"))?;
    best.runner_up = ranked.find(|s| s.family != best.family).map(|s| (s.family, s.distance));
    Ok(best)
}

/// Points of a piecewise linear distribution that ends at the last occupied bound.
fn empirical(cumulative: &[(f64, f64)], total: f64) -> Vec<(f64, f64)> {
    let mut points = vec![(0.0, 0.0)];
    for &(bound, count) in cumulative.iter().filter(|b| b.0.is_finite()) {
        points.push((bound, (count / total).min(1.0)));
        if count >= total {
            break;
        }
    }
    if let Some(last) = points.last_mut() {
        last.1 = 1.0;
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: [f64; 12] = [0.001, 0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.5];

    /// What a histogram of a known distribution would hold finds it again.
    #[test]
    fn known_shapes_are_found() {
        let rows = [
            ("lognormal", Distribution::lognormal(0.04, 0.5)),
            ("gamma", Distribution::Gamma { mean: 0.06, scv: 0.25 }),
            ("gamma", Distribution::Gamma { mean: 0.03, scv: 0.9 }),
            ("hyperexponential", Distribution::Hyperexponential { mean: 0.03, scv: 6.0 }),
        ];
        for (family, truth) in rows {
            let histogram: Vec<(f64, f64)> = BOUNDS
                .iter()
                .map(|&b| (b, (1e6 * cumulative(&truth, b)).round()))
                .chain([(f64::INFINITY, 1e6)])
                .collect();
            for mean in [None, Some(truth.mean())] {
                let shape = from_histogram(&histogram, mean).unwrap();
                assert_eq!(shape.family, family, "{truth:?}: {shape:?}");
                assert!((shape.distribution.mean() / truth.mean() - 1.0).abs() < 0.01, "{shape:?}");
                assert!((shape.distribution.scv() / truth.scv() - 1.0).abs() < 0.03, "{shape:?}");
            }
        }
    }

    #[test]
    fn percentiles_of_a_lognormal() {
        // Median 40 ms, sigma 0.5: p95 = 40 exp(0.5 x 1.644854) = 91.04 ms, p99 = 40 exp(0.5 x 2.326348) = 128.0 ms.
        let shape = from_percentiles(&[(0.5, 0.040), (0.95, 0.091_04), (0.99, 0.128)], None).unwrap();
        assert_eq!(shape.family, "lognormal");
        let Distribution::Lognormal { mu, sigma } = shape.distribution else { panic!("{shape:?}") };
        assert!((math::exp(mu) - 0.04).abs() < 1e-4 && (sigma - 0.5).abs() < 2e-3);
        assert!(from_percentiles(&[(0.5, 0.04)], None).is_err());
        assert!(from_percentiles(&[(0.5, -1.0), (0.9, f64::NAN)], None).is_err());
    }

    #[test]
    fn two_humps_stay_empirical_with_the_mean_kept() {
        let histogram = [(0.001, 700.0), (0.002, 700.0), (0.05, 705.0), (0.06, 1000.0), (0.1, 1000.0)];
        let shape = from_histogram(&histogram, Some(0.018)).unwrap();
        assert_eq!(shape.family, "empirical");
        assert!((shape.distribution.mean() - 0.018).abs() < 1e-9);
        assert!(from_histogram(&[(0.1, 3.0)], None).is_err());
    }
}
