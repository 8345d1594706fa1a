//! GI/M/c: renewal arrivals, exponential service, c servers, one first-come first-served queue.
//!
//! With a(s) the transform of the gaps between arrivals, w the root below 1 of w = a(c m (1 - w)), m the rate of a server,
//! f_j = a(j m) and C_j the product of f_i / (1 - f_i) up to j: an arrival waits with probability A / (1 - w), on average
//! A / (c m (1 - w)^2), where 1 / A = 1 / (1 - w) + sum over j of binomial(c, j) / (C_j (1 - f_j)) x (c (1 - f_j) - j) / (c (1 - w) - j).
//! Exact. Gaps as everywhere: fixed, gamma below an scv of 1, hyperexponential with balanced means above. In units of the service time.
//! Sources: Takács, Introduction to the Theory of Queues (1962), ch. 2; Gross, Shortle, Thompson, Harris, 4th ed., §5.3.

use crate::{math, stats::balanced_share};

/// The sum's terms have both signs: beyond this its digits are lost.
const MOST_SERVERS: f64 = 24.0;

/// Probability of waiting and mean wait in service times; `None` beyond 24 servers, for parts of servers, and where digits are lost.
#[must_use]
pub fn wait(utilization: f64, arrival_scv: f64, servers: f64) -> Option<(f64, f64)> {
    if !(1.0..=MOST_SERVERS).contains(&servers) || servers.fract() != 0.0 || !(0.0..1.0).contains(&utilization) {
        return None;
    }
    let gap = 1.0 / (utilization * servers);
    let root = root(gap, arrival_scv, servers)?;
    let (mut inverse, mut product, mut choose, mut largest) = (1.0 / (1.0 - root), 1.0, 1.0, 1.0_f64);
    let mut j = 0.0;
    while j < servers {
        j += 1.0;
        let f = transform(gap, arrival_scv, j);
        product *= f / (1.0 - f);
        choose *= (servers - j + 1.0) / j;
        let below = servers * (1.0 - root) - j;
        if below.abs() < 1.0e-9 || product <= 0.0 {
            return None;
        }
        let term = choose / (product * (1.0 - f)) * (servers * (1.0 - f) - j) / below;
        inverse += term;
        largest = largest.max(term.abs());
    }
    if inverse.is_nan() || inverse <= largest * 1.0e-9 {
        return None;
    }
    let probability = 1.0 / (inverse * (1.0 - root));
    (probability <= 1.0 + 1.0e-9).then(|| (probability.min(1.0), probability / (servers * (1.0 - root))))
}

/// Transform of the gaps between arrivals with this mean and scv.
fn transform(mean: f64, scv: f64, s: f64) -> f64 {
    let x = s * mean;
    if scv < 1.0e-6 {
        math::exp(-x)
    } else if scv <= 1.0 {
        math::exp(-math::ln_1p(x * scv) / scv)
    } else {
        let share = balanced_share(scv);
        let (first, second) = (1.0 / (2.0 * share), 1.0 / (2.0 * (1.0 - share)));
        share / (1.0 + x * first) + (1.0 - share) / (1.0 + x * second)
    }
}

/// The root below 1, by halving.
fn root(gap: f64, scv: f64, servers: f64) -> Option<f64> {
    let (mut low, mut high) = (0.0, 1.0);
    // w - a(c (1 - w)) is negative below the root and positive above it.
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if middle < transform(gap, scv, servers * (1.0 - middle)) {
            low = middle
        } else {
            high = middle
        }
        if high - low < 1.0e-15 * high {
            break;
        }
    }
    (low < 1.0 - 1.0e-9).then_some(low)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queueing::erlang;

    #[test]
    fn known_answers() {
        // Poisson arrivals: Erlang's formula. D/M/1 at 0.7: root of w = exp(-(1 - w) / 0.7), wait w / (1 - w).
        for (servers, utilization) in [(1.0, 0.3), (2.0, 0.7), (5.0, 0.9), (16.0, 0.8)] {
            let (probability, mean) = wait(utilization, 1.0, servers).unwrap();
            let exact = erlang::delay(servers, servers * utilization);
            assert!((probability / exact - 1.0).abs() < 1e-7, "{servers} {utilization}: {probability} is not {exact}");
            assert!((mean * servers * (1.0 - utilization) / exact - 1.0).abs() < 1e-7);
        }
        let mut w = 0.5_f64;
        for _ in 0..200 {
            w = (-(1.0 - w) / 0.7).exp();
        }
        let (probability, mean) = wait(0.7, 0.0, 1.0).unwrap();
        assert!((probability - w).abs() < 1e-9 && (mean - w / (1.0 - w)).abs() < 1e-8, "{probability} {mean} {w}");
        assert!(wait(0.5, 0.3, 1000.0).is_none() && wait(0.5, 0.3, 1.5).is_none());
    }

    #[test]
    fn two_servers_by_their_chain() {
        // H2 gaps at two servers: a chain of (phase of the coming arrival, number present), swept until it stands still.
        let (scv, utilization, most) = (4.0, 0.8, 250);
        let share = balanced_share(scv);
        let arrivals = [2.0 * utilization * 2.0 * share, 2.0 * utilization * 2.0 * (1.0 - share)];
        let mut p = vec![[0.0; 2]; most + 1];
        p[0] = [share, 1.0 - share];
        for _ in 0..80_000 {
            let mut next = p.clone();
            for n in 0..=most {
                let served = n.min(2) as f64;
                for phase in 0..2 {
                    let (step, from) = (0.05, p[n][phase]);
                    if n < most {
                        next[n][phase] -= from * arrivals[phase] * step;
                        next[n + 1][0] += from * arrivals[phase] * share * step;
                        next[n + 1][1] += from * arrivals[phase] * (1.0 - share) * step;
                    }
                    next[n][phase] -= from * served * step;
                    if n > 0 {
                        next[n - 1][phase] += from * served * step;
                    }
                }
            }
            p = next;
        }
        let queued: f64 = (2..=most).map(|n| (n as f64 - 2.0) * (p[n][0] + p[n][1])).sum();
        let (_, mean) = wait(utilization, scv, 2.0).unwrap();
        let exact = queued / (2.0 * utilization);
        assert!((mean / exact - 1.0).abs() < 1e-4, "{mean} is not {exact}");
    }
}
