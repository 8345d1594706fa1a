//! The Universal Scalability Law (Gunther): X(N) = scale N / (1 + contention (N - 1) + coherency N (N - 1)).
//!
//! Fitted by bounded non-linear least squares on the throughputs themselves: contention and coherency never below zero, no
//! point at load 1 required (the scale is a parameter), standard errors with n - p degrees of freedom.

use super::estimate::{Estimate, TooLittle};
use super::least_squares::{self, Parameter};
use super::nonnegative;

/// A fitted law.
#[derive(Debug, Clone, PartialEq)]
pub struct UslFit {
    /// Throughput of one unit of load.
    pub scale: Estimate,
    /// Serial share, 0 or more.
    pub contention: Estimate,
    /// Cost of coherency, 0 or more.
    pub coherency: Estimate,
    /// Load and throughput of the peak; `None` when coherency is zero: throughput only flattens.
    pub peak: Option<(f64, f64)>,
    /// Ceiling of the throughput without coherency, scale / contention; `None` when there is none.
    pub ceiling: Option<f64>,
    /// Coefficient of determination.
    pub r_squared: f64,
    /// Sum of squared residuals.
    pub residual_sum: f64,
}

/// Which coefficients are free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Law {
    /// Throughput in proportion to load.
    Linear,
    /// Contention only (Amdahl).
    Amdahl,
    /// Both.
    Usl,
}

impl Law {
    /// Free parameters of the law.
    #[must_use]
    pub fn parameters(self) -> usize {
        match self {
            Self::Linear => 1,
            Self::Amdahl => 2,
            Self::Usl => 3,
        }
    }
}

/// Throughput at a load.
#[must_use]
pub fn throughput(scale: f64, contention: f64, coherency: f64, load: f64) -> f64 {
    scale * load / (1.0 + contention * (load - 1.0) + coherency * load * (load - 1.0))
}

/// Fits a law to (load, throughput) points.
///
/// # Errors
/// [`TooLittle`] with fewer distinct loads than free parameters, or values that are not positive and finite.
pub fn fit(points: &[(f64, f64)], law: Law) -> Result<UslFit, TooLittle> {
    if let Some((n, x)) = points.iter().find(|(n, x)| !(n.is_finite() && x.is_finite() && *n > 0.0 && *x >= 0.0)) {
        return Err(TooLittle::new(format!(
            "load {n} with throughput {x} is not a measurement; loads must be above 0"
        )));
    }
    let mut loads: Vec<f64> = points.iter().map(|p| p.0).collect();
    loads.sort_by(f64::total_cmp);
    loads.dedup();
    if loads.len() < law.parameters() {
        let found = if loads.len() == 1 { "one load".to_owned() } else { format!("{} different loads", loads.len()) };
        return Err(TooLittle::new(format!(
            "{found} cannot determine {} coefficients; measure more levels",
            law.parameters()
        )));
    }
    let start = linearized(points);
    let coefficients = |p: &[f64]| (p[0], p.get(1).copied().unwrap_or(0.0), p.get(2).copied().unwrap_or(0.0));
    let residuals = |p: &[f64]| -> Vec<f64> {
        let (scale, contention, coherency) = coefficients(p);
        points.iter().map(|&(n, x)| throughput(scale, contention, coherency, n) - x).collect()
    };
    let bounded = |start: f64| Parameter { start, low: 0.0, high: f64::INFINITY };
    let parameters: Vec<Parameter> = start.into_iter().take(law.parameters()).map(bounded).collect();
    let fitted = least_squares::minimize(residuals, &parameters)?;
    let (scale, contention, coherency) = coefficients(&fitted.parameters);
    let estimate = |index: usize, value: f64| Estimate {
        value,
        standard_error: fitted.standard_errors.get(index).copied().flatten().unwrap_or(0.0),
        degrees_of_freedom: fitted.degrees_of_freedom.max(1) as f64,
    };
    let mean = points.iter().map(|p| p.1).sum::<f64>() / points.len() as f64;
    let spread: f64 = points.iter().map(|p| (p.1 - mean) * (p.1 - mean)).sum();
    let top = (coherency > 0.0 && contention < 1.0).then(|| ((1.0 - contention) / coherency).sqrt());
    Ok(UslFit {
        scale: estimate(0, scale),
        contention: estimate(1, contention),
        coherency: estimate(2, coherency),
        peak: top.map(|n| (n, throughput(scale, contention, coherency, n))),
        ceiling: (coherency == 0.0 && contention > 0.0).then(|| scale / contention),
        r_squared: if spread > 0.0 { 1.0 - fitted.residual_sum / spread } else { 1.0 },
        residual_sum: fitted.residual_sum,
    })
}

/// Feasible first guess: N / X = (1 + contention (N - 1) + coherency N (N - 1)) / scale is linear with non-negative terms.
/// Rows are weighted by X²/N, which turns errors of N / X back into errors of X.
fn linearized(points: &[(f64, f64)]) -> [f64; 3] {
    let usable: Vec<(f64, f64)> = points.iter().copied().filter(|p| p.1 > 0.0).collect();
    let weight = |n: f64, x: f64| x * x / n;
    let rows: Vec<Vec<f64>> =
        usable.iter().map(|&(n, x)| [1.0, n - 1.0, n * (n - 1.0)].map(|v| v * weight(n, x)).to_vec()).collect();
    let right: Vec<f64> = usable.iter().map(|&(n, x)| n / x * weight(n, x)).collect();
    let solution = nonnegative::solve(&rows, &right);
    match solution.as_slice() {
        [base, a, b] if *base > 0.0 => [1.0 / base, a / base, b / base],
        _ => [points.iter().map(|(n, x)| x / n).fold(0.0, f64::max), 0.01, 0.0],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    include!("../../tests/data/usl.rs");

    fn near(got: f64, want: f64, relative: f64, what: &str) {
        assert!((got / want - 1.0).abs() < relative, "{what}: {got} is not {want}");
    }

    /// Case 16: SPEC SDM91, coefficients and standard errors as published for R's `usl`.
    #[test]
    fn spec_sdm91() {
        let fit = fit(&SDM91, Law::Usl).unwrap();
        near(fit.contention.value, 0.027_728_4, 2e-5, "contention");
        near(fit.coherency.value, 0.000_104_365, 2e-5, "coherency");
        near(fit.scale.value, 89.995_16, 2e-5, "scale");
        near(fit.contention.standard_error, 0.009_121_8, 1e-3, "error of contention");
        near(fit.coherency.standard_error, 0.000_019_88, 1e-3, "error of coherency");
        near(fit.scale.standard_error, 14.213_6, 1e-3, "error of scale");
        assert_eq!(fit.scale.degrees_of_freedom, 4.0);
        let (load, top) = fit.peak.unwrap();
        near(load, 96.52, 1e-4, "peak load");
        near(top, 1884.0, 1e-3, "peak throughput");
    }

    /// Case 17: an unconstrained fit drives coherency to -0.000201.
    #[test]
    fn ray_tracer_is_bounded_and_has_no_peak() {
        for points in [&RAY_TRACER[..], &RAY_TRACER[1..]] {
            let fit = fit(points, Law::Usl).unwrap();
            assert_eq!(fit.coherency.value, 0.0);
            assert_eq!(fit.peak, None);
            assert!(fit.contention.value > 0.04 && fit.contention.value < 0.06, "{fit:?}");
            assert!(fit.ceiling.unwrap() > 310.0);
            assert!(fit.r_squared > 0.98);
        }
    }

    /// Case 18, with and without the point at load 1.
    #[test]
    fn synthetic() {
        for points in [&SYNTHETIC[..], &SYNTHETIC[1..]] {
            let fit = fit(points, Law::Usl).unwrap();
            near(fit.contention.value, 0.02, 5e-3, "contention");
            near(fit.coherency.value, 0.02, 5e-3, "coherency");
            near(fit.scale.value, 1.0, 1e-3, "scale");
        }
    }

    #[test]
    fn too_little() {
        let rows: [&[(f64, f64)]; 4] =
            [&[], &[(1.0, 2.0)], &[(1.0, 2.0), (1.0, 2.1), (1.0, 1.9), (2.0, 3.0)], &[(1.0, f64::NAN)]];
        for points in rows {
            assert!(fit(points, Law::Usl).is_err(), "{points:?}");
        }
        assert!(fit(&[(1.0, 2.0), (2.0, 4.0)], Law::Linear).is_ok());
    }
}
