//! Distributions of service times. Every one knows its mean and squared coefficient of variation; sampling is the simulator's.

use crate::math;

/// A distribution of a non-negative time in seconds.
#[derive(Debug, Clone, PartialEq)]
pub enum Distribution {
    /// Always the same.
    Deterministic {
        /// Seconds.
        mean: f64,
    },
    /// Exponential.
    Exponential {
        /// Seconds.
        mean: f64,
    },
    /// Gamma, by mean and squared coefficient of variation (shape = 1 / scv).
    Gamma {
        /// Seconds.
        mean: f64,
        /// Squared coefficient of variation.
        scv: f64,
    },
    /// Lognormal, by the mean and deviation of the logarithm of seconds.
    Lognormal {
        /// Mean of ln(seconds).
        mu: f64,
        /// Standard deviation of ln(seconds).
        sigma: f64,
    },
    /// Two exponential phases with balanced means (p1 m1 = p2 m2), scv above 1.
    Hyperexponential {
        /// Seconds.
        mean: f64,
        /// Squared coefficient of variation, above 1.
        scv: f64,
    },
    /// Linear between points of the cumulative distribution.
    Empirical {
        /// (seconds, cumulative probability), both ascending, the last probability 1.
        points: Vec<(f64, f64)>,
    },
}

impl Distribution {
    /// No time at all.
    pub const ZERO: Self = Self::Deterministic { mean: 0.0 };

    /// The family that the scenario format means by a mean and a coefficient of variation: deterministic at 0, gamma below 1,
    /// exponential at 1, balanced hyperexponential above.
    #[must_use]
    pub fn from_mean_cv(mean: f64, cv: f64) -> Self {
        if cv == 0.0 || mean == 0.0 {
            Self::Deterministic { mean }
        } else if cv < 1.0 {
            Self::Gamma { mean, scv: cv * cv }
        } else if cv == 1.0 {
            Self::Exponential { mean }
        } else {
            Self::Hyperexponential { mean, scv: cv * cv }
        }
    }

    /// Lognormal with this mean and coefficient of variation.
    #[must_use]
    pub fn lognormal(mean: f64, cv: f64) -> Self {
        let s2 = math::ln_1p(cv * cv);
        Self::Lognormal { mu: math::ln(mean) - s2 / 2.0, sigma: s2.sqrt() }
    }

    /// Mean in seconds.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match self {
            Self::Deterministic { mean }
            | Self::Exponential { mean }
            | Self::Gamma { mean, .. }
            | Self::Hyperexponential { mean, .. } => *mean,
            Self::Lognormal { mu, sigma } => math::exp(mu + sigma * sigma / 2.0),
            Self::Empirical { points } => empirical_moments(points).0,
        }
    }

    /// Squared coefficient of variation (variance over squared mean); 0 for a zero time.
    #[must_use]
    pub fn scv(&self) -> f64 {
        match self {
            Self::Deterministic { .. } => 0.0,
            Self::Exponential { .. } => 1.0,
            Self::Gamma { scv, .. } | Self::Hyperexponential { scv, .. } => *scv,
            Self::Lognormal { sigma, .. } => math::exp_m1(sigma * sigma),
            Self::Empirical { points } => {
                let (m, m2) = empirical_moments(points);
                if m > 0.0 { (m2 / (m * m) - 1.0).max(0.0) } else { 0.0 }
            }
        }
    }

    /// The same shape with every time multiplied by a factor (0 or more).
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        if factor == 0.0 {
            return Self::ZERO;
        }
        match self {
            Self::Deterministic { mean } => Self::Deterministic { mean: mean * factor },
            Self::Exponential { mean } => Self::Exponential { mean: mean * factor },
            Self::Gamma { mean, scv } => Self::Gamma { mean: mean * factor, scv: *scv },
            Self::Lognormal { mu, sigma } => Self::Lognormal { mu: mu + math::ln(factor), sigma: *sigma },
            Self::Hyperexponential { mean, scv } => Self::Hyperexponential { mean: mean * factor, scv: *scv },
            Self::Empirical { points } => {
                Self::Empirical { points: points.iter().map(|&(x, p)| (x * factor, p)).collect() }
            }
        }
    }
}

/// First and second moment of a piecewise linear distribution; mass before the first point sits on it.
fn empirical_moments(points: &[(f64, f64)]) -> (f64, f64) {
    let Some(&(x0, p0)) = points.first() else {
        return (0.0, 0.0);
    };
    let (mut m, mut m2) = (x0 * p0, x0 * x0 * p0);
    for w in points.windows(2) {
        let ((a, pa), (b, pb)) = (w[0], w[1]);
        let mass = pb - pa;
        m += mass * (a + b) / 2.0;
        m2 += mass * (a * a + a * b + b * b) / 3.0;
    }
    (m, m2)
}
