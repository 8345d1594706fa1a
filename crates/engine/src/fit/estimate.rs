//! A fitted number, how sure it is, and the quantiles that turn one into the other.

use core::fmt;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// A fitted number with its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The value, in the unit of what was fitted.
    pub value: f64,
    /// Standard error in the same unit; 0 only when the data say exactly this.
    pub standard_error: f64,
    /// Degrees of freedom behind the standard error, 1 or more; large for a known sampling law.
    pub degrees_of_freedom: f64,
}

impl Estimate {
    /// The two-sided interval that holds the truth with this probability, by Student's t.
    #[must_use]
    pub fn interval(&self, probability: f64) -> (f64, f64) {
        let half = student_t(0.5 + probability / 2.0, self.degrees_of_freedom) * self.standard_error;
        (self.value - half, self.value + half)
    }

    /// The interval for a figure that cannot be negative: symmetric in the logarithm, so that its low end stays above zero.
    /// Falls back to the plain one when the value is not above zero.
    #[must_use]
    pub fn positive_interval(&self, probability: f64) -> (f64, f64) {
        if self.value <= 0.0 {
            let (low, high) = self.interval(probability);
            return (low.max(0.0), high.max(0.0));
        }
        let t = student_t(0.5 + probability / 2.0, self.degrees_of_freedom);
        let factor = crate::math::exp((t * self.standard_error / self.value).min(20.0));
        (self.value / factor, self.value * factor)
    }
}

/// Why a method has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TooLittle {
    /// What is missing and what to measure, in one sentence.
    pub why: String,
}

impl TooLittle {
    /// With this reason.
    #[must_use]
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into() }
    }
}

impl fmt::Display for TooLittle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

/// Quantile of Student's t with these degrees of freedom (raised to 1); the normal's above 10,000.
#[must_use]
pub fn student_t(probability: f64, degrees_of_freedom: f64) -> f64 {
    let degrees = degrees_of_freedom.clamp(1.0, 1e4);
    StudentsT::new(0.0, 1.0, degrees).map_or(0.0, |t| t.inverse_cdf(probability.clamp(1e-9, 1.0 - 1e-9)))
}

/// Quantile of the standard normal distribution.
#[must_use]
pub fn normal(probability: f64) -> f64 {
    core::f64::consts::SQRT_2 * statrs::function::erf::erf_inv(2.0 * probability.clamp(1e-12, 1.0 - 1e-12) - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables of Student's t and the normal distribution (NIST/SEMATECH e-Handbook, 1.3.6.7).
    #[test]
    fn quantiles() {
        let rows = [(0.975, 4.0, 2.776), (0.95, 1.0, 6.314), (0.95, 10.0, 1.812), (0.975, 1e9, 1.960)];
        for (p, df, want) in rows {
            assert!((student_t(p, df) - want).abs() < 1e-3, "t({p}, {df}) = {}", student_t(p, df));
        }
        assert!((normal(0.95) - 1.644_854).abs() < 1e-5);
        assert!(normal(0.5).abs() < 1e-9);
    }

    #[test]
    fn positive_interval_stays_positive() {
        let wide = Estimate { value: 1.0, standard_error: 2.0, degrees_of_freedom: 30.0 };
        let (low, high) = wide.positive_interval(0.9);
        assert!(low > 0.0 && low < 1.0 && high > 1.0);
        assert!(wide.interval(0.9).0 < 0.0);
    }
}
