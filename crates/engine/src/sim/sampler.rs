//! Samples of times: exact methods, no tables of the distribution itself.
//!
//! Exponential and normal: the ziggurat of 256 layers (Marsaglia & Tsang 2000), with the layer taken from other bits than the
//! position in it (Doornik 2005). Gamma: Marsaglia & Tsang's squeeze (2000). Hyperexponential: two phases with balanced means.
//! Empirical: inversion. The tables come from [`crate::math`], so samples are the same bits everywhere.

use super::rng::Rng;
use crate::math;
use crate::model::Distribution;

/// Start of the exponential's tail, and the area of one of 256 layers.
const EXPONENTIAL: (f64, f64) = (7.697_117_470_131_05, 0.003_949_659_822_581_557);
/// Start of the normal's tail, and the area of one of 256 layers.
const NORMAL: (f64, f64) = (3.654_152_885_361_009, 0.004_928_673_233_992_336);

/// The high 53 bits as a number in [0, 1). By way of i64: V8 converts an unsigned number with a branch.
#[inline(always)]
fn fraction(bits: u64) -> f64 {
    (bits >> 11) as i64 as f64 * (1.0 / 9_007_199_254_740_992.0)
}

/// Layers of both ziggurats.
#[derive(Debug)]
pub(crate) struct Ziggurat {
    exponential: [f64; 257],
    exponential_height: [f64; 257],
    normal: [f64; 257],
    normal_height: [f64; 257],
}

impl Ziggurat {
    /// Builds the tables.
    pub(crate) fn new() -> Box<Self> {
        let mut z = Box::new(Self {
            exponential: [0.0; 257],
            exponential_height: [0.0; 257],
            normal: [0.0; 257],
            normal_height: [0.0; 257],
        });
        let (tail, area) = EXPONENTIAL;
        z.exponential[0] = area / math::exp(-tail);
        z.exponential[1] = tail;
        for i in 2..256 {
            let x = z.exponential[i - 1];
            z.exponential[i] = -math::ln(area / x + math::exp(-x));
        }
        let (tail, area) = NORMAL;
        z.normal[0] = area / math::exp(-0.5 * tail * tail);
        z.normal[1] = tail;
        for i in 2..256 {
            let x = z.normal[i - 1];
            z.normal[i] = (-2.0 * math::ln(area / x + math::exp(-0.5 * x * x))).sqrt();
        }
        for i in 0..257 {
            z.exponential_height[i] = math::exp(-z.exponential[i]);
            z.normal_height[i] = math::exp(-0.5 * z.normal[i] * z.normal[i]);
        }
        z
    }

    /// Exponential of mean 1.
    #[inline(always)]
    pub(crate) fn exponential(&self, rng: &mut Rng) -> f64 {
        let bits = rng.bits();
        let layer = (bits & 255) as usize;
        let x = fraction(bits) * self.exponential[layer];
        if x < self.exponential[layer + 1] { x } else { self.exponential_edge(rng, layer, x) }
    }

    /// The one sample in about 90 that does not fall inside its layer.
    #[cold]
    #[inline(never)]
    fn exponential_edge(&self, rng: &mut Rng, mut layer: usize, mut x: f64) -> f64 {
        loop {
            if layer == 0 {
                return EXPONENTIAL.0 - math::ln(rng.uniform());
            }
            let (low, high) = (self.exponential_height[layer], self.exponential_height[layer + 1]);
            if low + (high - low) * rng.uniform() < math::exp(-x) {
                return x;
            }
            let bits = rng.bits();
            layer = (bits & 255) as usize;
            x = fraction(bits) * self.exponential[layer];
            if x < self.exponential[layer + 1] {
                return x;
            }
        }
    }

    /// Standard normal.
    #[inline]
    pub(crate) fn normal(&self, rng: &mut Rng) -> f64 {
        loop {
            let bits = rng.bits();
            let layer = (bits & 255) as usize;
            let sign = if bits & 256 == 0 { 1.0 } else { -1.0 };
            let x = fraction(bits) * self.normal[layer];
            if x < self.normal[layer + 1] {
                return sign * x;
            }
            if layer == 0 {
                return sign * Self::normal_tail(rng);
            }
            let (low, high) = (self.normal_height[layer], self.normal_height[layer + 1]);
            if low + (high - low) * rng.uniform() < math::exp(-0.5 * x * x) {
                return sign * x;
            }
        }
    }

    /// Normal beyond the last layer (Marsaglia 1964).
    #[cold]
    fn normal_tail(rng: &mut Rng) -> f64 {
        loop {
            let x = -math::ln(rng.uniform()) / NORMAL.0;
            let y = -math::ln(rng.uniform());
            if y + y >= x * x {
                return NORMAL.0 + x;
            }
        }
    }

    /// Gamma of this shape (at least 1) and scale 1, by its two constants d = shape - 1/3 and c = 1 / sqrt(9 d).
    fn gamma(&self, rng: &mut Rng, d: f64, c: f64) -> f64 {
        loop {
            let x = self.normal(rng);
            let v = 1.0 + c * x;
            if v <= 0.0 {
                continue;
            }
            let (v, u, x2) = (v * v * v, rng.uniform(), x * x);
            if u < 1.0 - 0.0331 * x2 * x2 || math::ln(u) < 0.5 * x2 + d * (1.0 - v + math::ln(v)) {
                return d * v;
            }
        }
    }
}

/// A distribution compiled for sampling. Times in seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sampler {
    /// Always this.
    Fixed(f64),
    /// Exponential of this mean.
    Exponential(f64),
    /// Lognormal by mean and deviation of the logarithm.
    Lognormal(f64, f64),
    /// Gamma: d, c of the squeeze, scale.
    Gamma(f64, f64, f64),
    /// Two phases: probability of the first, both means.
    Hyperexponential(f64, f64, f64),
    /// Points of a cumulative distribution: first and number in the table.
    Empirical(u32, u32),
}

/// Points of all empirical distributions of a system, one after another: (seconds, cumulative probability).
pub(crate) type Points = Vec<(f64, f64)>;

impl Sampler {
    /// Compiles a distribution; empirical points are appended to the table.
    pub(crate) fn new(distribution: &Distribution, points: &mut Points) -> Self {
        match distribution {
            Distribution::Deterministic { mean } => Self::Fixed(*mean),
            Distribution::Exponential { mean } => Self::Exponential(*mean),
            Distribution::Gamma { mean, scv } => {
                let d = 1.0 / scv - 1.0 / 3.0;
                Self::Gamma(d, 1.0 / (9.0 * d).sqrt(), mean * scv)
            }
            Distribution::Lognormal { mu, sigma } => Self::Lognormal(*mu, *sigma),
            Distribution::Hyperexponential { mean, scv } => {
                let p = 0.5 * (1.0 + ((scv - 1.0) / (scv + 1.0)).sqrt());
                Self::Hyperexponential(p, mean / (2.0 * p), mean / (2.0 * (1.0 - p)))
            }
            Distribution::Empirical { points: own } => {
                let first = points.len() as u32;
                points.extend_from_slice(own);
                Self::Empirical(first, own.len() as u32)
            }
        }
    }

    /// One sample in seconds.
    #[inline(always)]
    pub(crate) fn sample(&self, rng: &mut Rng, ziggurat: &Ziggurat, points: &Points) -> f64 {
        match *self {
            Self::Exponential(mean) => mean * ziggurat.exponential(rng),
            Self::Fixed(value) => value,
            _ => self.sample_rarer(rng, ziggurat, points),
        }
    }

    /// The families whose own work dwarfs a call.
    #[inline(never)]
    fn sample_rarer(&self, rng: &mut Rng, ziggurat: &Ziggurat, points: &Points) -> f64 {
        match *self {
            Self::Lognormal(mu, sigma) => math::exp(mu + sigma * ziggurat.normal(rng)),
            Self::Gamma(d, c, scale) => scale * ziggurat.gamma(rng, d, c),
            Self::Hyperexponential(p, first, second) => {
                let mean = if rng.coin(p) { first } else { second };
                mean * ziggurat.exponential(rng)
            }
            Self::Empirical(first, len) => invert(&points[first as usize..(first + len) as usize], rng.uniform()),
            Self::Exponential(mean) => mean * ziggurat.exponential(rng),
            Self::Fixed(value) => value,
        }
    }
}

/// The value at which a piecewise linear cumulative distribution reaches u; mass before the first point sits on it.
fn invert(points: &[(f64, f64)], u: f64) -> f64 {
    let after = points.partition_point(|&(_, p)| p < u);
    match (after.checked_sub(1).and_then(|i| points.get(i)), points.get(after)) {
        (Some(&(a, pa)), Some(&(b, pb))) => a + (b - a) * (u - pa) / (pb - pa),
        (None, Some(&(a, _))) | (Some(&(a, _)), None) => a,
        (None, None) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::rng::Purpose;

    /// Mean and squared coefficient of variation of 400,000 samples against the model's own, within 5 standard errors
    /// (the variance's by the sample's fourth moment).
    #[test]
    fn samples_have_the_moments_of_their_distribution() {
        let rows = [
            Distribution::Deterministic { mean: 0.3 },
            Distribution::Exponential { mean: 0.01 },
            Distribution::Gamma { mean: 2.0, scv: 0.25 },
            Distribution::Gamma { mean: 2.0, scv: 0.9 },
            Distribution::lognormal(0.005, 0.8),
            Distribution::Hyperexponential { mean: 1.0, scv: 4.0 },
            Distribution::Empirical { points: vec![(0.0, 0.0), (1.0, 0.5), (1.0, 0.75), (3.0, 1.0)] },
        ];
        let ziggurat = Ziggurat::new();
        for distribution in rows {
            let mut points = Points::new();
            let sampler = Sampler::new(&distribution, &mut points);
            let mut rng = Rng::stream(1, 0, "row", Purpose::Service);
            let n = 400_000;
            let x: Vec<f64> = (0..n).map(|_| sampler.sample(&mut rng, &ziggurat, &points)).collect();
            let mean = x.iter().sum::<f64>() / f64::from(n);
            let moment = |k: i32| x.iter().map(|v| (v - mean).powi(k)).sum::<f64>() / f64::from(n);
            let (m2, m4) = (moment(2), moment(4));
            let want = distribution.mean();
            let variance = distribution.scv() * want * want;
            assert!((mean - want).abs() <= 5.0 * (m2 / f64::from(n)).sqrt() + 1e-9, "{distribution:?} mean {mean}");
            let error = 5.0 * ((m4 - m2 * m2).max(0.0) / f64::from(n)).sqrt() + 1e-12;
            assert!((m2 - variance).abs() <= error, "{distribution:?} variance {m2} for {variance}");
        }
    }

    /// Kolmogorov's distance of the exponential ziggurat, at its 99.9 % point 1.95 / sqrt(n).
    #[test]
    fn the_exponential_ziggurat_is_exponential() {
        let ziggurat = Ziggurat::new();
        let mut rng = Rng::stream(3, 0, "z", Purpose::Service);
        let n = 200_000;
        let mut x: Vec<f64> = (0..n).map(|_| ziggurat.exponential(&mut rng)).collect();
        x.sort_by(f64::total_cmp);
        let distance = x
            .iter()
            .enumerate()
            .map(|(i, &v)| (1.0 - math::exp(-v) - (i as f64 + 0.5) / f64::from(n)).abs())
            .fold(0.0, f64::max);
        assert!(distance < 1.95 / f64::from(n).sqrt(), "{distance}");
    }
}
