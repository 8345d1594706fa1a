//! A time as something with a transform: a fixed shift and a phase-type rest.
//!
//! Gamma times below an scv of 1 become a mixture of two Erlang times with the same mean and variance (Tijms, A First Course in
//! Stochastic Models, app. B); lognormal ones a mixture of seven Erlang times on Gauss-Hermite nodes of the logarithm with the
//! right mean and variance; very narrow ones a shift and 64 stages. Empirical ones keep every piece. Seconds.

use super::{
    Moments,
    moments::balanced_share,
    transform::{NODES, Nodes, Wave},
};
use crate::{math, model::Distribution};

/// Nodes and weights of Gauss-Hermite quadrature for a standard normal variable. Source: Abramowitz & Stegun, table 25.10.
const HERMITE: [(f64, f64); 7] = [
    (-3.750_439_717_725_742, 0.000_548_268_855_972_218),
    (-2.366_759_410_734_541, 0.030_757_123_967_586_5),
    (-1.154_405_394_739_968, 0.240_123_178_605_012_7),
    (0.0, 0.457_142_857_142_857_1),
    (1.154_405_394_739_968, 0.240_123_178_605_012_7),
    (2.366_759_410_734_541, 0.030_757_123_967_586_5),
    (3.750_439_717_725_742, 0.000_548_268_855_972_218),
];

/// Below this scv a time is taken as nearly fixed, with a nearly symmetric rest.
const NARROW: f64 = 1.0 / 64.0;

/// The varying part of a time.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Shape {
    /// Nothing varies.
    #[default]
    Fixed,
    /// `stages` exponential stages; with probability `short` one fewer.
    Erlang {
        /// Mean of a stage.
        stage: f64,
        /// Stages.
        stages: u32,
        /// Probability of one stage fewer.
        short: f64,
    },
    /// Exponential with mean `first` with probability `share`, else `second`.
    Hyper {
        /// Probability of the first.
        share: f64,
        /// Mean of the first.
        first: f64,
        /// Mean of the second.
        second: f64,
    },
    /// Erlang times with these means of a stage, in Gauss-Hermite weights.
    Spread {
        /// Mean of a stage by node.
        stage: [f64; 7],
        /// Stages.
        stages: u32,
    },
    /// The pieces of an empirical distribution, times a factor.
    Pieces {
        /// Factor on every time.
        factor: f64,
    },
}

/// A time: a shift that never varies, and the rest.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Law {
    /// Seconds that are always there.
    pub shift: f64,
    /// The rest.
    pub shape: Shape,
}

impl Law {
    /// No time at all.
    pub const ZERO: Self = Self { shift: 0.0, shape: Shape::Fixed };

    /// The law of a distribution, every time multiplied by a factor.
    #[must_use]
    pub fn of(distribution: &Distribution, factor: f64) -> Self {
        match distribution {
            Distribution::Deterministic { mean } => Self { shift: mean * factor, shape: Shape::Fixed },
            Distribution::Empirical { .. } => Self { shift: 0.0, shape: Shape::Pieces { factor } },
            Distribution::Lognormal { mu, sigma } if sigma * sigma > NARROW => {
                Self { shift: 0.0, shape: lognormal(*mu, *sigma, factor) }
            }
            other => Self::fit(&Moments::of(other).scaled(factor)),
        }
    }

    /// A law with this mean and variance: deterministic, nearly fixed, mixed Erlang, exponential or balanced hyperexponential.
    #[must_use]
    pub fn fit(moments: &Moments) -> Self {
        let (mean, scv) = (moments.mean, moments.scv());
        if mean <= 0.0 || scv <= 1.0e-12 {
            return Self { shift: mean.max(0.0), shape: Shape::Fixed };
        }
        if scv < NARROW {
            // A shift of mean - 8 deviations and 64 stages of an eighth of one: nearly symmetric.
            let stage = moments.variance.sqrt() / 8.0;
            return Self { shift: mean - 64.0 * stage, shape: Shape::Erlang { stage, stages: 64, short: 0.0 } };
        }
        let shape = if (scv - 1.0).abs() < 1.0e-9 {
            Shape::Erlang { stage: mean, stages: 1, short: 0.0 }
        } else if scv < 1.0 {
            let stages = (1.0 / scv).ceil().max(2.0);
            let root = (stages * (1.0 + scv) - stages * stages * scv).max(0.0).sqrt();
            let short = ((stages * scv - root) / (1.0 + scv)).clamp(0.0, 1.0);
            Shape::Erlang { stage: mean / (stages - short), stages: stages as u32, short }
        } else {
            let share = balanced_share(scv);
            Shape::Hyper { share, first: mean / (2.0 * share), second: mean / (2.0 * (1.0 - share)) }
        };
        Self { shift: 0.0, shape }
    }

    /// Probability that the time exceeds `time`, and the mean of the time cut there; not for empirical laws.
    #[must_use]
    pub fn beyond(&self, time: f64) -> (f64, f64) {
        let rest = time - self.shift;
        if rest <= 0.0 {
            return (1.0, time.max(0.0));
        }
        if self.shape == Shape::Fixed {
            return (0.0, self.shift);
        }
        let nodes = Nodes::at(rest);
        let wave = self.wave(&nodes, None);
        (wave.tail(&nodes), self.shift + wave.mean_below(&nodes))
    }

    /// A time as the sum of an exponential one with this mean and a rest, right in three moments: the last of several that run at once
    /// ends like the longest of them. `None` where no such sum has these moments.
    #[must_use]
    pub fn with_tail(moments: &Moments) -> Option<(f64, Self)> {
        let (mean, variance) = (moments.mean, moments.variance);
        // Third moment of the sum with tail b, the rest being gamma with what is left of mean and variance; sought from the longest b down.
        let miss = |b: f64| {
            let left = (variance - b * b).max(0.0);
            2.0 * b * b * b + 2.0 * left * left / (mean - b) - moments.third
        };
        let longest = variance.sqrt().min(mean * (1.0 - 1.0e-9));
        if longest <= 0.0 || moments.third <= 0.0 || variance >= mean * mean || miss(longest) < 0.0 {
            return None;
        }
        let (mut low, mut high) = (longest, longest);
        for _ in 0..32 {
            low -= longest / 32.0;
            if miss(low.max(0.0)) <= 0.0 {
                break;
            }
            high = low;
        }
        if low < 0.0 || miss(low) > 0.0 {
            return None;
        }
        for _ in 0..50 {
            let middle = low.midpoint(high);
            if miss(middle) > 0.0 { high = middle } else { low = middle }
        }
        let rest = Moments { mean: mean - high, variance: (variance - high * high).max(0.0), third: 0.0 };
        Some((high, Self::fit(&rest)))
    }

    /// Adds the varying part, spent with a probability, to a transform. `pieces` as in [`Law::wave`].
    pub fn onto(&self, wave: &mut Wave, nodes: &Nodes, probability: f64, pieces: Option<&Distribution>) {
        match &self.shape {
            Shape::Fixed => {}
            Shape::Erlang { stage, stages: 1, .. } => wave.multiply_exponential(nodes, *stage, probability),
            Shape::Hyper { share, first, second } => wave.multiply_two(nodes, probability, *share, *first, *second),
            _ => {
                let mut own = self.wave(nodes, pieces);
                if probability < 1.0 {
                    own.with_probability(probability);
                }
                wave.multiply(&own);
            }
        }
    }

    /// The transform of the varying part. `pieces` is the distribution this is the law of; only empirical ones need it.
    #[must_use]
    pub fn wave(&self, nodes: &Nodes, pieces: Option<&Distribution>) -> Wave {
        match &self.shape {
            Shape::Fixed => Wave::ONE,
            Shape::Erlang { stage, stages: 1, .. } => Wave::exponential(nodes, *stage),
            Shape::Erlang { stage, stages, short } => {
                let one = Wave::exponential(nodes, *stage);
                let mut all = one;
                all.power(stages - 1);
                if *short >= 1.0 {
                    return all;
                }
                let mut last = one;
                last.mix(1.0 - short, *short, &Wave::ONE);
                all.multiply(&last);
                all
            }
            Shape::Hyper { share, first, second } => {
                let mut wave = Wave::exponential(nodes, *first);
                wave.mix(*share, 1.0 - share, &Wave::exponential(nodes, *second));
                wave
            }
            Shape::Spread { stage, stages } => {
                let mut wave = Wave { re: [0.0; NODES], im: [0.0; NODES] };
                for (stage, (_, weight)) in stage.iter().zip(HERMITE) {
                    let mut one = Wave::exponential(nodes, *stage);
                    one.power(*stages);
                    wave.mix(1.0, weight, &one);
                }
                wave
            }
            Shape::Pieces { factor } => match pieces {
                Some(Distribution::Empirical { points }) => empirical(nodes, points, *factor),
                _ => Wave::ONE,
            },
        }
    }
}

fn lognormal(mu: f64, sigma: f64, factor: f64) -> Shape {
    let spread = sigma * sigma;
    // As few stages as leave about half of the spread to the mixture: more would make it lumpy, fewer would skew it.
    let mut stages = 1_u32;
    while math::ln_1p(1.0 / f64::from(stages)) > 0.4 * spread && stages < 1024 {
        stages *= 2;
    }
    let rest = (spread - math::ln_1p(1.0 / f64::from(stages))).max(0.0).sqrt();
    let mut stage = HERMITE.map(|(x, _)| math::exp(rest * x));
    let mean: f64 = stage.iter().zip(HERMITE).map(|(s, (_, w))| s * w).sum::<f64>() * f64::from(stages);
    let scale = factor * math::exp(mu + spread / 2.0) / mean;
    stage.iter_mut().for_each(|s| *s *= scale);
    Shape::Spread { stage, stages }
}

/// Uniform pieces between points: mass (e^(-s a) - e^(-s b)) / (s (b - a)); mass at one point is a blurred jump.
fn empirical(nodes: &Nodes, points: &[(f64, f64)], factor: f64) -> Wave {
    let mut wave = Wave { re: [0.0; NODES], im: [0.0; NODES] };
    let Some(&(first, mass)) = points.first() else {
        return Wave::ONE;
    };
    let (mut from, mut below) = (first * factor, mass);
    if mass > 0.0 {
        wave.mix(1.0, mass, &Wave::jump(nodes, from));
    }
    let mut start = Wave::delay(nodes, from);
    for &(to, cumulative) in &points[1..] {
        let to = to * factor;
        let mass = cumulative - below;
        let end = Wave::delay(nodes, to);
        if to > from && mass > 0.0 {
            let scale = mass / (to - from);
            for k in 0..NODES {
                let (a, b) = (nodes.real, k as f64 * nodes.step);
                let (re, im) = (start.re[k] - end.re[k], start.im[k] - end.im[k]);
                let size = scale / (a * a + b * b);
                wave.re[k] += (re * a + im * b) * size;
                wave.im[k] += (im * a - re * b) * size;
            }
        } else if mass > 0.0 {
            wave.mix(1.0, mass, &Wave::jump(nodes, to));
        }
        (from, below, start) = (to, cumulative, end);
    }
    wave
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tail of a law at a time, shift included.
    fn tail(distribution: &Distribution, time: f64) -> f64 {
        let law = Law::of(distribution, 1.0);
        let nodes = Nodes::at(time - law.shift);
        law.wave(&nodes, Some(distribution)).tail(&nodes)
    }

    #[test]
    fn lognormal_tails_are_close() {
        // Tail probability at the p-quantile, exact by definition: exp(mu + sigma z).
        for cv in [0.25, 0.5, 1.0, 2.0] {
            let distribution = Distribution::lognormal(1.0, cv);
            let Distribution::Lognormal { mu, sigma } = distribution else { unreachable!() };
            for (z, exact) in [(0.0, 0.5), (1.281_552, 0.1), (1.644_854, 0.05), (2.326_348, 0.01), (3.090_232, 0.001)] {
                let got = tail(&distribution, (mu + sigma * z).exp());
                // A tenth of tail probability is about 2 % of time at these quantiles.
                let allowed = if z > 3.0 { 0.35 } else { 0.1 };
                assert!((got / exact - 1.0).abs() < allowed, "cv {cv} z {z}: {got} is not {exact}");
            }
        }
    }

    #[test]
    fn the_last_of_two_exponentials_has_its_tail() {
        // Exponential times 1 and 1: their maximum is the sum of exponential times 1 and 1/2; of three, 1, 1/2 and 1/3.
        let two = Moments { mean: 1.5, variance: 1.25, third: 2.25 };
        let (tail, rest) = Law::with_tail(&two).unwrap();
        assert!((tail - 1.0).abs() < 1e-9, "{tail}");
        assert!(matches!(rest.shape, Shape::Erlang { stage, stages: 1, .. } if (stage - 0.5).abs() < 1e-9), "{rest:?}");
        let three = Moments { mean: 11.0 / 6.0, variance: 49.0 / 36.0, third: 2.0 * (1.0 + 1.0 / 8.0 + 1.0 / 27.0) };
        assert!((Law::with_tail(&three).unwrap().0 - 1.0).abs() < 0.02);
        assert!(Law::with_tail(&Moments::constant(1.0)).is_none());
        assert!(Law::with_tail(&Moments { mean: 1.0, variance: 4.0, third: 60.0 }).is_none());
    }

    #[test]
    fn empirical_pieces_come_back() {
        let distribution = Distribution::Empirical { points: vec![(0.1, 0.0), (0.2, 0.5), (0.4, 0.9), (2.0, 1.0)] };
        for (time, exact) in [(0.15, 0.75), (0.3, 0.3), (1.2, 0.05)] {
            let got = tail(&distribution, time);
            assert!((got - exact).abs() < 5e-3, "{time}: {got}");
        }
    }

    #[test]
    fn fits_keep_mean_and_variance() {
        for scv in [0.001, 0.03, 0.3, 0.5, 0.77, 1.0, 3.0, 10.0] {
            let moments = Moments { mean: 2.0, variance: 4.0 * scv, third: 0.0 };
            let law = Law::fit(&moments);
            // Moments by the transform near zero time scale: numeric integral of the tail.
            let (mut mean, mut second, step) = (law.shift, law.shift * law.shift, 0.01);
            let mut time = step / 2.0;
            while time < 400.0 {
                let nodes = Nodes::at(time);
                let tail = law.wave(&nodes, None).tail(&nodes);
                mean += tail * step;
                second += 2.0 * (time + law.shift) * tail * step;
                time += step;
            }
            assert!((mean / 2.0 - 1.0).abs() < 0.01, "scv {scv}: mean {mean}");
            assert!((second / (4.0 * (1.0 + scv)) - 1.0).abs() < 0.03, "scv {scv}: second {second}");
        }
    }
}
