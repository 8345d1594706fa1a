//! Laplace transforms of times on the nodes of Abate and Whitt's Euler inversion.
//!
//! The transform of a sum of independent times is the product of theirs, of a mixture the weighted sum; so the distribution of a
//! whole request is a few multiplications per hop at 21 complex points, and its tail at one time t is one weighted sum of those.
//! With M = 10 the discretisation error is about 10^(-2M/3) = 2e-7 of probability for smooth tails.
//!
//! A fixed time is kept as a shift outside the transform; where a mixture makes that impossible its jump is blurred by 1 % so
//! that the inversion does not ring. Seconds and 1 / seconds. Source: Abate & Whitt, "A unified framework for numerically
//! inverting Laplace transforms", INFORMS Journal on Computing 18 (2006), §5.

use crate::math;

/// M of the Euler algorithm.
const ORDER: usize = 10;
/// Transform values per time.
pub const NODES: usize = 2 * ORDER + 1;
/// Relative deviation by which a jump inside a mixture is blurred.
const BLUR: f64 = 0.01;

/// Where transforms are evaluated for one time t: (M ln 10 / 3 + i pi k) / t.
#[derive(Debug, Clone, Copy)]
pub struct Nodes {
    /// The time in seconds.
    pub time: f64,
    /// Real part, the same for all.
    pub real: f64,
    /// Imaginary part of the first node after 0; the k-th is k times it.
    pub step: f64,
}

impl Nodes {
    /// For a time in seconds above 0.
    #[must_use]
    pub fn at(time: f64) -> Self {
        let real = ORDER as f64 * core::f64::consts::LN_10 / (3.0 * time);
        Self { time, real, step: core::f64::consts::PI / time }
    }
}

/// Values of a transform at all nodes.
#[derive(Debug, Clone, Copy)]
pub struct Wave {
    /// Real parts.
    pub re: [f64; NODES],
    /// Imaginary parts.
    pub im: [f64; NODES],
}

impl Wave {
    /// The transform of no time at all.
    pub const ONE: Self = Self { re: [1.0; NODES], im: [0.0; NODES] };

    /// Adds an independent time.
    pub fn multiply(&mut self, other: &Self) {
        for k in 0..NODES {
            let (a, b) = (self.re[k], self.im[k]);
            self.re[k] = a * other.re[k] - b * other.im[k];
            self.im[k] = a * other.im[k] + b * other.re[k];
        }
    }

    /// This time with a probability, else none.
    pub fn with_probability(&mut self, probability: f64) {
        let other = 1.0 - probability;
        for k in 0..NODES {
            self.re[k] = other + probability * self.re[k];
            self.im[k] *= probability;
        }
    }

    /// `weight` times this plus `other_weight` times `other`.
    pub fn mix(&mut self, weight: f64, other_weight: f64, other: &Self) {
        for k in 0..NODES {
            self.re[k] = weight * self.re[k] + other_weight * other.re[k];
            self.im[k] = weight * self.im[k] + other_weight * other.im[k];
        }
    }

    /// What is left of this time, of this mean, at a random instant in it: (1 - H) / (s mean).
    #[must_use]
    pub fn remaining(&self, nodes: &Nodes, mean: f64) -> Self {
        let mut wave = Self::ONE;
        for k in 0..NODES {
            let (a, b) = (nodes.real, k as f64 * nodes.step);
            let (re, im) = (1.0 - self.re[k], -self.im[k]);
            let scale = 1.0 / ((a * a + b * b) * mean);
            wave.re[k] = (re * a + im * b) * scale;
            wave.im[k] = (im * a - re * b) * scale;
        }
        wave
    }

    /// The sum of `count` independent ones.
    pub fn power(&mut self, mut count: u32) {
        if count == 1 {
            return;
        }
        let mut base = *self;
        *self = Self::ONE;
        while count > 0 {
            if count & 1 == 1 {
                self.multiply(&base);
            }
            count >>= 1;
            if count > 0 {
                let square = base;
                base.multiply(&square);
            }
        }
    }

    /// An exponential time with this mean: 1 / (1 + s mean).
    #[must_use]
    pub fn exponential(nodes: &Nodes, mean: f64) -> Self {
        let mut wave = Self::ONE;
        let (a, step) = (1.0 + nodes.real * mean, nodes.step * mean);
        for k in 0..NODES {
            let b = k as f64 * step;
            let scale = 1.0 / (a * a + b * b);
            wave.re[k] = a * scale;
            wave.im[k] = -b * scale;
        }
        wave
    }

    /// Adds an independent exponential time with this mean that is spent with a probability: in one pass, without a copy.
    pub fn multiply_exponential(&mut self, nodes: &Nodes, mean: f64, probability: f64) {
        let (a, step, other) = (1.0 + nodes.real * mean, nodes.step * mean, 1.0 - probability);
        for k in 0..NODES {
            let b = k as f64 * step;
            let scale = probability / (a * a + b * b);
            let (re, im) = (other + a * scale, -b * scale);
            let (x, y) = (self.re[k], self.im[k]);
            self.re[k] = x * re - y * im;
            self.im[k] = x * im + y * re;
        }
    }

    /// Adds an independent time, spent with a probability, that is exponential with mean `first` with probability `share`, else with
    /// mean `second`.
    pub fn multiply_two(&mut self, nodes: &Nodes, probability: f64, share: f64, first: f64, second: f64) {
        let (a, c, other) = (1.0 + nodes.real * first, 1.0 + nodes.real * second, 1.0 - probability);
        let (one, two) = (probability * share, probability * (1.0 - share));
        for k in 0..NODES {
            let (b, d) = (k as f64 * nodes.step * first, k as f64 * nodes.step * second);
            let (p, q) = (one / (a * a + b * b), two / (c * c + d * d));
            let (re, im) = (other + a * p + c * q, -(b * p + d * q));
            let (x, y) = (self.re[k], self.im[k]);
            self.re[k] = x * re - y * im;
            self.im[k] = x * im + y * re;
        }
    }

    /// A fixed time: exp(-s delay).
    #[must_use]
    pub fn delay(nodes: &Nodes, delay: f64) -> Self {
        let size = math::exp(-nodes.real * delay);
        let turn = nodes.step * delay;
        let (cos, sin) = (math::cos(turn), -math::sin(turn));
        let (mut re, mut im) = (size, 0.0);
        let mut wave = Self::ONE;
        for k in 0..NODES {
            wave.re[k] = re;
            wave.im[k] = im;
            (re, im) = (re * cos - im * sin, re * sin + im * cos);
        }
        wave
    }

    /// Blurs a jump: every node is damped by exp(-(deviation x Im s)^2 / 2).
    fn blur(&mut self, nodes: &Nodes, deviation: f64) {
        let c = nodes.step * deviation;
        let (mut damp, mut fall, square) = (1.0, math::exp(-c * c / 2.0), math::exp(-c * c));
        for k in 0..NODES {
            self.re[k] *= damp;
            self.im[k] *= damp;
            damp *= fall;
            fall *= square;
        }
    }

    /// A fixed time inside a mixture: a jump, blurred.
    #[must_use]
    pub fn jump(nodes: &Nodes, delay: f64) -> Self {
        let mut wave = Self::delay(nodes, delay);
        wave.blur(nodes, BLUR * delay);
        wave
    }

    /// Probability that the time exceeds the nodes' time.
    #[must_use]
    pub fn tail(&self, nodes: &Nodes) -> f64 {
        let mut sum = 0.0;
        for (k, weight) in WEIGHTS.iter().enumerate() {
            // Re of (1 - H) / s.
            let (a, b) = (nodes.real, k as f64 * nodes.step);
            let (re, im) = (1.0 - self.re[k], -self.im[k]);
            sum += weight * (re * a + im * b) / (a * a + b * b);
        }
        // 10^(M/3) / t
        (sum * SCALE / nodes.time).clamp(0.0, 1.0)
    }

    /// Probability that the time exceeds the nodes' time, and its density there (per second).
    #[must_use]
    pub fn tail_and_density(&self, nodes: &Nodes) -> (f64, f64) {
        let (mut tail, mut density) = (0.0, 0.0);
        for (k, weight) in WEIGHTS.iter().enumerate() {
            let (a, b) = (nodes.real, k as f64 * nodes.step);
            let (re, im) = (1.0 - self.re[k], -self.im[k]);
            tail += weight * (re * a + im * b) / (a * a + b * b);
            density += weight * self.re[k];
        }
        let scale = SCALE / nodes.time;
        ((tail * scale).clamp(0.0, 1.0), density * scale)
    }

    /// Mean of the time cut at the nodes' time: E min(T, t), by inverting (1 - H) / s^2.
    #[must_use]
    pub fn mean_below(&self, nodes: &Nodes) -> f64 {
        let mut sum = 0.0;
        for (k, weight) in WEIGHTS.iter().enumerate() {
            let (a, b) = (nodes.real, k as f64 * nodes.step);
            let (re, im) = (1.0 - self.re[k], -self.im[k]);
            let (square_re, square_im) = (a * a - b * b, 2.0 * a * b);
            sum += weight * (re * square_re + im * square_im) / (square_re * square_re + square_im * square_im);
        }
        (sum * SCALE / nodes.time).clamp(0.0, nodes.time)
    }
}

/// 10^(10/3).
const SCALE: f64 = 2_154.434_690_031_884;

/// (-1)^k times Euler's weights: 1/2, then ones, then the upper tail of a binomial distribution over M fair coins.
const WEIGHTS: [f64; NODES] = weights();

const fn weights() -> [f64; NODES] {
    let mut weights = [1.0; NODES];
    weights[0] = 0.5;
    let unit = 1.0 / (1_u64 << ORDER) as f64;
    weights[2 * ORDER] = unit;
    let (mut k, mut choose) = (1, 1.0);
    while k < ORDER {
        choose = choose * (ORDER - k + 1) as f64 / k as f64;
        weights[2 * ORDER - k] = weights[2 * ORDER - k + 1] + unit * choose;
        k += 1;
    }
    let mut k = 1;
    while k < NODES {
        weights[k] = -weights[k];
        k += 2;
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exponential_tail_comes_back() {
        for x in [0.01, 0.5, 1.0, 3.0, 7.0] {
            let nodes = Nodes::at(x * 0.2);
            let wave = Wave::exponential(&nodes, 0.2);
            let (tail, density) = wave.tail_and_density(&nodes);
            assert!((tail - (-x).exp()).abs() < 5e-7, "{x}: {tail}");
            assert!((density * 0.2 - (-x).exp()).abs() < 5e-6, "{x}: {density}");
            assert!((wave.tail(&nodes) - tail).abs() < 1e-15);
        }
    }

    #[test]
    fn what_is_left_of_a_time() {
        // As long as ever of an exponential one; evenly spread of a fixed one.
        let nodes = Nodes::at(0.15);
        let left = Wave::exponential(&nodes, 0.2).remaining(&nodes, 0.2).tail(&nodes);
        assert!((left - (-0.75_f64).exp()).abs() < 5e-7, "{left}");
        let left = Wave::delay(&nodes, 0.6).remaining(&nodes, 0.6).tail(&nodes);
        assert!((left - 0.75).abs() < 5e-7, "{left}");
    }

    #[test]
    fn products_in_one_pass_are_products() {
        let nodes = Nodes::at(0.7);
        let (mut one_pass, mut plain) = (Wave::exponential(&nodes, 0.3), Wave::exponential(&nodes, 0.3));
        one_pass.multiply_exponential(&nodes, 0.4, 0.25);
        one_pass.multiply_two(&nodes, 0.8, 0.6, 0.1, 2.0);
        let mut second = Wave::exponential(&nodes, 0.4);
        second.with_probability(0.25);
        let mut third = Wave::exponential(&nodes, 0.1);
        third.mix(0.6, 0.4, &Wave::exponential(&nodes, 2.0));
        third.with_probability(0.8);
        plain.multiply(&second);
        plain.multiply(&third);
        for k in 0..NODES {
            assert!((one_pass.re[k] - plain.re[k]).abs() < 1e-15 && (one_pass.im[k] - plain.im[k]).abs() < 1e-15);
        }
    }

    #[test]
    fn an_erlang_tail_comes_back() {
        let nodes = Nodes::at(3.0);
        let mut wave = Wave::exponential(&nodes, 0.25);
        wave.power(8);
        let exact: f64 =
            (0..8).map(|n| (-12.0_f64).exp() * 12.0_f64.powi(n) / (1..=n).map(f64::from).product::<f64>()).sum();
        assert!((wave.tail(&nodes) - exact).abs() < 1e-6);
    }

    #[test]
    fn a_jump_is_where_it_is() {
        for (x, expected) in [(0.8, 0.3), (0.95, 0.3), (1.05, 0.0), (1.3, 0.0)] {
            let nodes = Nodes::at(x);
            let mut wave = Wave::jump(&nodes, 1.0);
            wave.with_probability(0.3);
            let tail = wave.tail(&nodes);
            assert!((tail - expected).abs() < 0.02, "{x}: {tail}");
        }
    }
}
