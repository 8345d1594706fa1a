//! How irregularly K customers leave who hold their tokens for a delay and perhaps a visit to c servers: the asymptotic index of
//! dispersion of their departures, lim Var N(t) / E N(t), were all tokens always held.
//!
//! The number n at the callee is a birth-death chain: up at p (K - n) / Z, down at min(n, c) / S, and (1 - p) (K - n) / Z leave
//! without a visit. With D_n = g(n + 1) - g(n) of its Poisson equation every event moves N(t) - X t by a known step, so the variance
//! is a sum over events, each by its source: the timing of delays and of visits, whose exponential shares are replaced by their own
//! squared coefficients of variation, and the choice to visit. Exact for one token (the renewal process of its holds), for
//! exponential times, and without a delay for one server.
//! Source: Asmussen, Applied Probability and Queues (2003), I.7 and IV (Poisson's equation, martingale central limit theorem).

use super::holder::{Hold, MOST};

const STATES: usize = MOST as usize + 2;
/// Numbers at the callee that are rarer than this, against the most frequent, are left out.
const RARE: f64 = 1.0e-13;
/// A delay shorter than this against the time at the callee is none.
const NO_DELAY: f64 = 1.0e-6;

/// The chain of the number at the callee.
struct Chain {
    tokens: f64,
    /// Delays that end, per second and customer in one.
    ends: f64,
    /// Probability of a visit then.
    visits: f64,
    /// Visits that a busy server ends, per second.
    served: f64,
    servers: f64,
}

impl Chain {
    fn ended(&self, there: usize) -> f64 {
        (self.tokens - there as f64) * self.ends
    }

    fn up(&self, there: usize) -> f64 {
        self.ended(there) * self.visits
    }

    fn down(&self, there: usize) -> f64 {
        (there as f64).min(self.servers) * self.served
    }

    /// Departures.
    fn leave(&self, there: usize) -> f64 {
        self.ended(there) * (1.0 - self.visits) + self.down(there)
    }

    /// The most frequent number: from there on more leave than come.
    fn mode(&self) -> usize {
        let (mut low, mut high) = (0, self.tokens as usize);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.up(middle) >= self.down(middle + 1) { low = middle + 1 } else { high = middle }
        }
        low
    }
}

/// The index of dispersion of the departures of `tokens` (1 to [`MOST`]) customers who hold theirs for `hold`.
#[must_use]
pub fn of(tokens: usize, hold: &Hold) -> f64 {
    let tokens = tokens.clamp(1, MOST as usize);
    let (visits, scv) = hold.work();
    let time = hold.demand / visits;
    if hold.delay <= NO_DELAY * hold.demand {
        return hold.work_scv();
    }
    let chain =
        Chain { tokens: tokens as f64, ends: 1.0 / hold.delay, visits, served: 1.0 / time, servers: hold.servers };
    let mode = chain.mode();
    // Weights around the most frequent number, which has 1.
    let mut weight = [0.0; STATES];
    weight[mode] = 1.0;
    let (mut first, mut last) = (mode, mode);
    while first > 0 && weight[first] > RARE {
        weight[first - 1] = weight[first] * chain.down(first) / chain.up(first - 1);
        first -= 1;
    }
    while last < tokens && weight[last] > RARE {
        weight[last + 1] = weight[last] * chain.up(last) / chain.down(last + 1);
        last += 1;
    }
    let all: f64 = weight[first..=last].iter().sum();
    let rate = (first..=last).map(|n| weight[n] * chain.leave(n)).sum::<f64>() / all;
    let step = steps(&chain, &weight, (first, mode, last), rate);
    let mut variance = 0.0;
    for n in first..=last {
        let visit = if n < last { step[n] } else { step[last.saturating_sub(1)] };
        let end = (1.0 - visits) + visits * visit;
        let choice = visits * (1.0 - visits) * (1.0 - visit) * (1.0 - visit);
        variance += weight[n] * chain.ended(n) * (hold.delay_scv * end * end + choice);
        if n > 0 {
            let left = 1.0 - step[(n - 1).max(first)];
            variance += weight[n] * chain.down(n) * scv * left * left;
        }
    }
    let found = variance / all / rate;
    if found.is_finite() { found } else { hold.work_scv() }
}

/// g(n + 1) - g(n), summed from both ends towards the most frequent number, where the terms shrink.
fn steps(
    chain: &Chain,
    weight: &[f64; STATES],
    (first, mode, last): (usize, usize, usize),
    rate: f64,
) -> [f64; STATES] {
    let mut step = [0.0; STATES];
    let mut below = 0.0;
    for n in first..mode {
        let before = if n > first { below * weight[n - 1] / weight[n] } else { 0.0 };
        below = before + chain.leave(n) - rate;
        step[n] = -below / chain.up(n);
    }
    let mut above = 0.0;
    for n in (mode..last).rev() {
        above = weight[n + 1] / weight[n] * (above + chain.leave(n + 1) - rate);
        step[n] = above / chain.up(n);
    }
    step
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(delay: (f64, f64), demand: f64, servers: f64, visits: f64, scv: f64) -> Hold {
        Hold { delay: delay.0, delay_scv: delay.1, demand, servers, visits, scv, scv_of_all: scv, shared: false }
    }

    #[test]
    fn known_answers() {
        // One token: the scv of a hold. No delay: that of its work. Everything a delay: the delay's, whatever the tokens.
        let rare = hold((0.010, 0.5), 0.3 * 0.035, 2.0, 0.3, 1.0);
        let mean = 0.010 + 0.3 * 0.035;
        let variance = 0.5 * 1e-4 + 0.3 * 2.0 * 0.035 * 0.035 - (0.3 * 0.035_f64).powi(2);
        let rows = [
            ("one token", 1, rare, variance / (mean * mean)),
            ("one token, always a visit", 1, hold((0.01, 0.0), 0.02, 1.0, 1.0, 4.0), 4.0 * 4e-4 / 9e-4),
            ("no delay", 6, hold((0.0, 0.0), 0.3 * 0.035, 1.0, 0.3, 1.0), 2.0 / 0.3 - 1.0),
            ("hardly a delay", 6, hold((1e-7, 0.0), 0.3 * 0.035, 1.0, 0.3, 1.0), 2.0 / 0.3 - 1.0),
            ("hardly a demand", 40, hold((0.01, 3.0), 1e-9, 1.0, 1.0, 1.0), 3.0),
            ("as many servers as tokens", 5, hold((0.01, 1.0), 0.01, 5.0, 1.0, 1.0), 0.5),
            ("three visits", 4, hold((0.0, 0.0), 0.03, 1.0, 3.0, 1.0), 1.0 / 3.0),
        ];
        for (name, tokens, hold, expected) in rows {
            let found = of(tokens, &hold);
            assert!((found / expected - 1.0).abs() < 1e-4, "{name}: {found}, not {expected}");
        }
    }

    #[test]
    fn hundreds_of_tokens_are_as_exact_as_few() {
        // Two halves of the same system: the callee far from busy, and the callee the bottleneck.
        let idle = hold((0.02, 1.0), 0.3 * 0.02, 512.0, 0.3, 1.0);
        let each = of(1, &idle);
        assert!((of(512, &idle) / each - 1.0).abs() < 1e-6, "{} {each}", of(512, &idle));
        let busy = hold((0.001, 1.0), 0.3 * 0.02, 2.0, 0.3, 1.0);
        assert!((of(512, &busy) / busy.work_scv() - 1.0).abs() < 1e-3, "{}", of(512, &busy));
    }
}
