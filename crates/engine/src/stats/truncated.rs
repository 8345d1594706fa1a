//! Times cut at a limit: the share beyond it, and the moments of what is within. Exact, where the fitted laws of [`super::Law`] know
//! only mean and variance: a timeout over a time with two humps or a long tail depends on more. Seconds. Source: partial moments by
//! Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions, vol. 1, ch. 14 (lognormal) and 19 (exponential).

use super::{Moments, moments::balanced_share};
use crate::{math, model::Distribution};

/// Probability and first three raw moments of a time over the part of its range that is within a limit.
type Partial = [f64; 4];

/// Probability that a time of this distribution exceeds `limit` seconds, and the moments of those within it; `None` for gamma and
/// fixed times, which the fitted law serves as well.
#[must_use]
pub fn within(distribution: &Distribution, limit: f64) -> Option<(f64, Moments)> {
    if limit <= 0.0 {
        return Some((1.0, Moments::ZERO));
    }
    let [share, first, second, third] = match distribution {
        Distribution::Exponential { mean } => exponential(*mean, limit),
        Distribution::Hyperexponential { mean, scv } => {
            let p = balanced_share(*scv);
            let short = exponential(mean / (2.0 * p), limit);
            let long = exponential(mean / (2.0 * (1.0 - p)), limit);
            [0, 1, 2, 3].map(|k| p * short[k] + (1.0 - p) * long[k])
        }
        Distribution::Lognormal { mu, sigma } if *sigma > 0.0 => lognormal(*mu, *sigma, limit),
        Distribution::Empirical { points } => empirical(points, limit),
        _ => return None,
    };
    if share <= 1.0e-12 {
        return Some((1.0, Moments::constant(limit)));
    }
    Some(((1.0 - share).clamp(0.0, 1.0), Moments::from_raw(first / share, second / share, third / share)))
}

fn exponential(mean: f64, limit: f64) -> Partial {
    let y = limit / mean;
    let gone = math::exp(-y);
    // Incomplete gamma functions of whole order.
    let mut sum = 1.0;
    let mut term = 1.0;
    let mut partial = [0.0; 4];
    let mut scale = 1.0;
    for (k, part) in partial.iter_mut().enumerate() {
        if k > 0 {
            term *= y / k as f64;
            sum += term;
            scale *= mean * k as f64;
        }
        *part = scale * (1.0 - gone * sum);
    }
    partial
}

fn lognormal(mu: f64, sigma: f64, limit: f64) -> Partial {
    let square = sigma * sigma;
    [0.0, 1.0, 2.0, 3.0].map(|k| {
        let z = (math::ln(limit) - mu - k * square) / sigma;
        math::exp(k * mu + k * k * square / 2.0) * 0.5 * math::erfc(-z / core::f64::consts::SQRT_2)
    })
}

/// Uniform pieces between points; mass before the first point sits on it.
fn empirical(points: &[(f64, f64)], limit: f64) -> Partial {
    let Some(&(x0, p0)) = points.first() else { return [1.0, 0.0, 0.0, 0.0] };
    let mut partial = if x0 <= limit { [p0, p0 * x0, p0 * x0 * x0, p0 * x0 * x0 * x0] } else { [0.0; 4] };
    for pair in points.windows(2) {
        let ((a, pa), (b, pb)) = (pair[0], pair[1]);
        if a > limit || pb <= pa {
            continue;
        }
        let end = b.min(limit);
        let mass = if b > a { (pb - pa) * (end - a) / (b - a) } else { pb - pa };
        partial[0] += mass;
        partial[1] += mass * (a + end) / 2.0;
        partial[2] += mass * (a * a + a * end + end * end) / 3.0;
        partial[3] += mass * (a + end) * (a * a + end * end) / 4.0;
    }
    partial
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_means_within_a_limit() {
        let ln = |p50: f64, p99: f64| Distribution::Lognormal { mu: p50.ln(), sigma: (p99 / p50).ln() / 2.326_347_874 };
        let humps = Distribution::Empirical { points: vec![(0.045, 0.0), (0.055, 0.9), (1.9, 0.9), (2.1, 1.0)] };
        let uniform = Distribution::Empirical { points: vec![(0.05, 0.0), (0.15, 1.0)] };
        let e = core::f64::consts::E;
        // Share beyond by definition; mean within by hand (uniform, exponential) or by numerical integration.
        for (distribution, limit, beyond, mean) in [
            (ln(0.05, 1.0), 1.0, 0.01, None),
            (humps, 1.0, 0.1, Some(0.05)),
            (uniform.clone(), 0.149, 0.01, Some(0.0995)),
            (uniform, 0.16, 0.0, Some(0.1)),
            (Distribution::Exponential { mean: 1.0 }, 1.0, 1.0 / e, Some((1.0 - 2.0 / e) / (1.0 - 1.0 / e))),
        ] {
            let (found, kept) = within(&distribution, limit).unwrap();
            assert!((found - beyond).abs() < 1e-6, "{distribution:?}: {found} is not {beyond}");
            assert!(mean.is_none_or(|mean: f64| (kept.mean - mean).abs() < 1e-9), "{distribution:?}: {kept:?}");
            assert!(kept.mean <= limit && kept.variance >= 0.0, "{distribution:?}: {kept:?}");
        }
    }

    /// Far beyond everything the moments are those of the whole.
    #[test]
    fn nothing_is_lost_below_a_high_limit() {
        for distribution in [
            Distribution::Exponential { mean: 0.2 },
            Distribution::Hyperexponential { mean: 0.2, scv: 4.0 },
            Distribution::lognormal(0.2, 0.7),
            Distribution::Empirical { points: vec![(0.1, 0.2), (0.2, 0.5), (0.2, 0.6), (2.0, 1.0)] },
        ] {
            let (beyond, kept) = within(&distribution, 1000.0).unwrap();
            let all = Moments::of(&distribution);
            let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * (1.0 + b.abs());
            assert!(beyond < 1e-9 && near(kept.mean, all.mean), "{distribution:?}: {kept:?}");
            assert!(near(kept.variance, all.variance) && near(kept.third, all.third), "{distribution:?}: {kept:?}");
        }
    }
}
