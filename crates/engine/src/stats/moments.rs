//! The first three moments of a non-negative time, and how they add up.
//!
//! For independent times mean, variance and third central moment are cumulants and add in a sum; in a mixture the raw
//! moments average. Seconds, seconds², seconds³. Source: Kendall's Advanced Theory of Statistics, vol. 1, ch. 3.

use crate::{math, model::Distribution};

/// Mean, variance and third central moment of a time.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Moments {
    /// Mean in seconds.
    pub mean: f64,
    /// Variance in seconds².
    pub variance: f64,
    /// Third central moment in seconds³.
    pub third: f64,
}

impl Moments {
    /// No time at all.
    pub const ZERO: Self = Self { mean: 0.0, variance: 0.0, third: 0.0 };

    /// Always the same time in seconds.
    #[must_use]
    pub const fn constant(mean: f64) -> Self {
        Self { mean, variance: 0.0, third: 0.0 }
    }

    /// An exponential time with this mean in seconds.
    #[must_use]
    pub fn exponential(mean: f64) -> Self {
        Self { mean, variance: mean * mean, third: 2.0 * mean * mean * mean }
    }

    /// From the first three raw moments.
    #[must_use]
    pub fn from_raw(mean: f64, second: f64, third: f64) -> Self {
        let variance = (second - mean * mean).max(0.0);
        Self { mean, variance, third: third - 3.0 * mean * variance - mean * mean * mean }
    }

    /// Of a distribution of the model.
    #[must_use]
    pub fn of(distribution: &Distribution) -> Self {
        match distribution {
            Distribution::Deterministic { mean } => Self::constant(*mean),
            Distribution::Exponential { mean } => Self::exponential(*mean),
            Distribution::Gamma { mean, scv } => {
                Self { mean: *mean, variance: scv * mean * mean, third: 2.0 * scv * scv * mean * mean * mean }
            }
            Distribution::Hyperexponential { mean, scv } => {
                let p = balanced_share(*scv);
                let (a, b) = (mean / (2.0 * p), mean / (2.0 * (1.0 - p)));
                let (q, aa, bb) = (1.0 - p, a * a, b * b);
                Self::from_raw(*mean, 2.0 * (p * aa + q * bb), 6.0 * (p * aa * a + q * bb * b))
            }
            Distribution::Lognormal { mu, sigma } => {
                let w = math::exp(sigma * sigma);
                let mean = math::exp(*mu) * w.sqrt();
                let variance = (w - 1.0) * mean * mean;
                Self { mean, variance, third: (w + 2.0) * (w - 1.0) * (w - 1.0) * mean * mean * mean }
            }
            Distribution::Empirical { points } => empirical(points),
        }
    }

    /// The sum with an independent time.
    #[must_use]
    pub fn then(self, next: Self) -> Self {
        Self { mean: self.mean + next.mean, variance: self.variance + next.variance, third: self.third + next.third }
    }

    /// The sum of `count` independent ones; a fraction is the probability of one more.
    #[must_use]
    pub fn repeated(self, count: f64) -> Self {
        let whole = count.floor();
        let part = self.with_probability(count - whole);
        Self {
            mean: whole * self.mean + part.mean,
            variance: whole * self.variance + part.variance,
            third: whole * self.third + part.third,
        }
    }

    /// This time with a probability, else none.
    #[must_use]
    pub fn with_probability(self, probability: f64) -> Self {
        if probability == 1.0 { self } else { Self::mixed(probability, self, Self::ZERO) }
    }

    /// `first` with a probability, else `second`.
    #[must_use]
    pub fn mixed(probability: f64, first: Self, second: Self) -> Self {
        let other = 1.0 - probability;
        let raw = |f: fn(&Self) -> f64| probability * f(&first) + other * f(&second);
        Self::from_raw(raw(|m| m.mean), raw(Self::raw_second), raw(Self::raw_third))
    }

    /// Every time multiplied by a factor.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        let square = factor * factor;
        Self { mean: self.mean * factor, variance: self.variance * square, third: self.third * square * factor }
    }

    /// The same shape with another mean; always that time where there is no shape.
    #[must_use]
    pub fn with_mean(self, mean: f64) -> Self {
        if self.mean > 0.0 { self.scaled(mean / self.mean) } else { Self::constant(mean) }
    }

    /// What is left of it at a random instant in it. Its third moment takes the fourth of a gamma time: exact for a constant and an
    /// exponential one.
    #[must_use]
    pub fn remaining(&self) -> Self {
        if self.mean <= 0.0 {
            return Self::ZERO;
        }
        let (mean, scv) = (self.mean, self.scv());
        let fourth = mean * mean * mean * (1.0 + scv) * (1.0 + 2.0 * scv) * (1.0 + 3.0 * scv);
        Self::from_raw(self.raw_second() / (2.0 * mean), self.raw_third() / (3.0 * mean), fourth / 4.0)
    }

    /// Squared coefficient of variation; 0 for no time.
    #[must_use]
    pub fn scv(&self) -> f64 {
        if self.mean > 0.0 { self.variance / (self.mean * self.mean) } else { 0.0 }
    }

    /// Mean of the square.
    #[must_use]
    pub fn raw_second(&self) -> f64 {
        self.variance + self.mean * self.mean
    }

    /// Mean of the cube.
    #[must_use]
    pub fn raw_third(&self) -> f64 {
        self.third + 3.0 * self.mean * self.variance + self.mean * self.mean * self.mean
    }
}

/// Probability of the first phase of a two-phase hyperexponential with balanced means (p1 m1 = p2 m2); its mean is
/// mean / (2 p). Source: Tijms, A First Course in Stochastic Models, app. B.
#[must_use]
pub(crate) fn balanced_share(scv: f64) -> f64 {
    (1.0 + ((scv - 1.0) / (scv + 1.0)).max(0.0).sqrt()) / 2.0
}

/// Of a piecewise linear cumulative distribution; mass before the first point sits on it.
fn empirical(points: &[(f64, f64)]) -> Moments {
    let Some(&(x0, p0)) = points.first() else {
        return Moments::ZERO;
    };
    let (mut first, mut second, mut third) = (x0 * p0, x0 * x0 * p0, x0 * x0 * x0 * p0);
    for pair in points.windows(2) {
        let ((a, pa), (b, pb)) = (pair[0], pair[1]);
        let mass = pb - pa;
        first += mass * (a + b) / 2.0;
        second += mass * (a * a + a * b + b * b) / 3.0;
        third += mass * (a * a * a + a * a * b + a * b * b + b * b * b) / 4.0;
    }
    Moments::from_raw(first, second, third)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() <= 1e-12 * b.abs().max(1e-12), "{a} is not {b}");
    }

    #[test]
    fn what_is_left_of_a_time() {
        let even = Moments { mean: 1.0, variance: 1.0 / 3.0, third: 0.0 };
        for (whole, left) in [
            (Moments::constant(2.0), even),
            (Moments::exponential(3.0), Moments::exponential(3.0)),
            (Moments::ZERO, Moments::ZERO),
        ] {
            let found = whole.remaining();
            close(found.mean, left.mean);
            close(found.variance, left.variance);
            assert!((found.third - left.third).abs() < 1e-9, "{found:?}");
        }
    }

    #[test]
    fn every_family_agrees_with_the_model_on_mean_and_scv() {
        for distribution in [
            Distribution::Deterministic { mean: 2.0 },
            Distribution::Exponential { mean: 3.0 },
            Distribution::Gamma { mean: 0.5, scv: 0.3 },
            Distribution::Hyperexponential { mean: 0.7, scv: 5.0 },
            Distribution::lognormal(40.0, 0.5),
            Distribution::Empirical { points: vec![(1.0, 0.2), (2.0, 0.9), (10.0, 1.0)] },
        ] {
            let moments = Moments::of(&distribution);
            close(moments.mean, distribution.mean());
            assert!((moments.scv() - distribution.scv()).abs() < 1e-12, "{distribution:?}");
        }
    }

    #[test]
    fn a_sum_of_two_exponentials_is_erlang() {
        let erlang = Moments::exponential(1.0).repeated(2.0);
        close(erlang.scv(), 0.5);
        close(erlang.raw_third(), 24.0);
    }

    #[test]
    fn a_mixture_averages_raw_moments() {
        let mixture = Moments::mixed(0.25, Moments::exponential(2.0), Moments::constant(1.0));
        close(mixture.mean, 1.25);
        close(mixture.raw_second(), 0.25 * 8.0 + 0.75);
        close(mixture.raw_third(), 0.25 * 48.0 + 0.75);
    }
}
