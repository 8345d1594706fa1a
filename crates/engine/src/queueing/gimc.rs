//! GI/M/c: renewal arrivals, exponential service, c servers, one first-come first-served queue.
//!
//! With a(s) the transform of the gaps between arrivals, w the root below 1 of w = a(c m (1 - w)), m the rate of a server,
//! f_j = a(j m) and C_j the product of f_i / (1 - f_i) up to j: an arrival waits with probability A / (1 - w), on average
//! A / (c m (1 - w)^2), where 1 / A = 1 / (1 - w) + sum over j of binomial(c, j) / (C_j (1 - f_j)) x (c (1 - f_j) - j) / (c (1 - w) - j).
//! Exact. Gaps as everywhere: fixed, gamma below an scv of 1, hyperexponential with balanced means above. In units of the service time.
//! Sources: Takács, Introduction to the Theory of Queues (1962), ch. 2; Gross, Shortle, Thompson, Harris, 4th ed., §5.3.

use super::erlang;
use crate::{math, stats::balanced_share};

/// Servers up to which the sum is walked through.
const MOST_SERVERS: f64 = 512.0;
/// How near its root, per server, a term of the sum is taken as its limit.
const NEAR: f64 = 1.0e-8;
/// The sum beyond which nobody waits.
const NOBODY: f64 = 1.0e250;

/// Probability of waiting and mean wait, both over those of Poisson arrivals (M/M/c) at the same load. Beyond 512 servers those of 512
/// as near saturation, (1 - utilization) sqrt(servers) being the same (Halfin and Whitt); `None` for parts of servers and where nobody
/// waits anyway.
#[must_use]
pub fn over_poisson(utilization: f64, arrival_scv: f64, servers: f64) -> Option<(f64, f64)> {
    let (walked, load) = if servers > MOST_SERVERS {
        (MOST_SERVERS, 1.0 - (1.0 - utilization) * (servers / MOST_SERVERS).sqrt())
    } else {
        (servers, utilization)
    };
    let poisson = erlang::delay(walked, walked * load.max(0.0));
    if poisson <= 0.0 {
        return None;
    }
    let (probability, mean) = wait(load, arrival_scv, walked)?;
    Some((probability / poisson, mean * walked * (1.0 - load) / poisson))
}

/// Probability of waiting and mean wait in service times; `None` beyond 512 servers, for parts of servers and at saturation.
#[must_use]
pub fn wait(utilization: f64, arrival_scv: f64, servers: f64) -> Option<(f64, f64)> {
    if !(1.0..=MOST_SERVERS).contains(&servers) || servers.fract() != 0.0 || !(0.0..1.0).contains(&utilization) {
        return None;
    }
    let gap = 1.0 / (utilization * servers);
    let root = root(gap, arrival_scv, servers)?;
    // Every term is positive (a is convex, so numerator and denominator change sign together): no digits are lost.
    let (mut inverse, mut choose) = (1.0 / (1.0 - root), 1.0);
    let mut j = 0.0;
    while j < servers {
        j += 1.0;
        let f = transform(gap, arrival_scv, j);
        choose *= (servers - j + 1.0) / j * (1.0 - f) / f;
        let below = servers * (1.0 - root) - j;
        let ratio = if below.abs() < NEAR * servers {
            // Both vanish where j = c (1 - w): the ratio of their slopes.
            1.0 + servers * slope(gap, arrival_scv, j)
        } else {
            (servers * (1.0 - f) - j) / below
        };
        inverse += choose / (1.0 - f) * ratio;
        if inverse.is_nan() || inverse > NOBODY {
            return Some((0.0, 0.0));
        }
    }
    let probability = 1.0 / (inverse * (1.0 - root));
    (probability <= 1.0 + 1.0e-6).then(|| (probability.min(1.0), probability / (servers * (1.0 - root))))
}

/// Derivative of the transform.
fn slope(mean: f64, scv: f64, s: f64) -> f64 {
    transform_and_slope(mean, scv, s).1
}

/// Transform of the gaps between arrivals with this mean and scv.
fn transform(mean: f64, scv: f64, s: f64) -> f64 {
    transform_and_slope(mean, scv, s).0
}

/// The same with its derivative.
fn transform_and_slope(mean: f64, scv: f64, s: f64) -> (f64, f64) {
    let x = s * mean;
    if scv < 1.0e-6 {
        let value = math::exp(-x);
        (value, -mean * value)
    } else if scv <= 1.0 {
        let value = math::exp(-math::ln_1p(x * scv) / scv);
        (value, -mean * value / (1.0 + x * scv))
    } else {
        let share = balanced_share(scv);
        let (first, second) = (1.0 / (2.0 * share), 1.0 / (2.0 * (1.0 - share)));
        let (one, two) = (1.0 + x * first, 1.0 + x * second);
        // Both shares times their means are a half.
        (share / one + (1.0 - share) / two, -0.5 * mean * (1.0 / (one * one) + 1.0 / (two * two)))
    }
}

/// The root below 1, by Newton's steps from 0: w - a(c (1 - w)) is concave, so that they rise to the root and never pass it.
fn root(gap: f64, scv: f64, servers: f64) -> Option<f64> {
    let mut at = 0.0;
    for _ in 0..200 {
        let (value, slope) = transform_and_slope(gap, scv, servers * (1.0 - at));
        let rise = 1.0 + servers * slope;
        let next = at + (value - at) / rise;
        // Past the top only rounding leads there, or there is no root below 1.
        if rise <= 0.0 || next.is_nan() {
            return None;
        }
        if next <= at * (1.0 + 1.0e-15) {
            break;
        }
        at = next;
    }
    (at < 1.0 - 1.0e-9).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queueing::erlang;

    #[test]
    fn known_answers() {
        // Poisson arrivals: Erlang's formula. D/M/1 at 0.7: root of w = exp(-(1 - w) / 0.7), wait w / (1 - w).
        for (servers, utilization) in [(1.0, 0.3), (2.0, 0.7), (5.0, 0.9), (16.0, 0.8), (100.0, 0.9), (512.0, 0.97)] {
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
        assert_eq!(wait(0.05, 0.0, 512.0), Some((0.0, 0.0)));
    }

    #[test]
    fn it_has_no_steps() {
        // From server to server, through 512, and where a term of the sum is 0 / 0: where a(1) = 1 / 2 the root at two servers is 1 / 2.
        let ratio = |servers: f64| over_poisson(1.0 - 0.5 / servers.sqrt(), 4.0, servers).unwrap().1;
        for servers in [23.0, 24.0, 25.0, 100.0, 511.0, 512.0, 513.0, 2000.0] {
            let (here, next) = (ratio(servers), ratio(servers + 1.0));
            assert!((next / here - 1.0).abs() < 0.3 / servers, "{servers}: {here} then {next}");
        }
        for scv in [0.0, 0.25, 4.0] {
            // The gap's mean for which w = 1 / 2 at two servers, found by halving: a(1) = 1 / 2.
            let (mut low, mut high) = (0.01, 100.0);
            for _ in 0..200 {
                let middle = 0.5 * (low + high);
                if transform(middle, scv, 1.0) > 0.5 { low = middle } else { high = middle }
            }
            let near = wait(0.5 / low * 1.000_01, scv, 2.0).unwrap();
            let at = wait(0.5 / low, scv, 2.0).unwrap();
            assert!((at.0 / near.0 - 1.0).abs() < 1e-4 && (at.1 / near.1 - 1.0).abs() < 1e-4, "{at:?} {near:?}");
        }
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
