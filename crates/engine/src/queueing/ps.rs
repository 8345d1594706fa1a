//! Processor sharing: n at once progress at min(n, cores) / n each.
//!
//! The mean time in M/G/c processor sharing depends on the service only through its mean and equals that of M/M/c. Its variation is
//! taken from M/M/1-PS, whose time has an scv of (2 + u) / (2 - u) at utilization u, and M/D/1-PS; u is the utilization of the single
//! server with the same slow-down. `cores` may be fractional; below 1 a request alone is slowed as well.
//! Sources: Kleinrock, Queueing Systems vol. 2, §4.4; Coffman, Muntz, Trotter, JACM 17 (1970); Ott, J. Appl. Prob. 21 (1984).

use super::erlang;
use crate::stats::Moments;

/// Time under sharing over time alone, at an offered load (erlang of full-speed work); `None` when saturated.
#[must_use]
pub fn slow_down(offered_load: f64, cores: f64) -> Option<f64> {
    let alone = cores.min(1.0);
    // Work at the speed a request alone gets; below one core there is one server.
    let (load, servers) = (offered_load / alone, cores / alone);
    if load >= servers {
        return None;
    }
    let whole = servers.floor();
    if whole == servers {
        return Some((1.0 + erlang::delay(servers, load) / (servers - load)) / alone);
    }
    // Fractional: rates 1, 2, …, whole, then servers for ever; sums relative to the state `whole`.
    let (mut sum, mut mean, mut term, mut n) = (1.0, whole, 1.0, whole);
    while n >= 1.0 && term > sum * 1.0e-17 {
        term *= n / load;
        n -= 1.0;
        sum += term;
        mean += term * n;
    }
    let ratio = load / servers;
    let tail = ratio / (1.0 - ratio);
    mean += whole * tail + ratio / ((1.0 - ratio) * (1.0 - ratio));
    Some(mean / (sum + tail) / load / alone)
}

/// Moments of the time under sharing from those of the work and the slow-down of its mean.
#[must_use]
pub fn stay(work: &Moments, slow_down: f64) -> Moments {
    stay_among(work, slow_down, f64::INFINITY)
}

/// [`stay`] where the number of those who share varies no more than this: twice the squared coefficient of variation of the number, as
/// the open line has it under load.
#[must_use]
pub fn stay_among(work: &Moments, slow_down: f64, swing: f64) -> Moments {
    let plain = work.scaled(slow_down);
    let utilization = (1.0 - 1.0 / slow_down).max(0.0);
    let scv = work.scv();
    let shape = 0.6 + 0.4 * scv.min(1.0);
    let extra = plain.mean * plain.mean * (shape * 2.0 * utilization / (2.0 - utilization)).min(swing);
    let variance = plain.variance + extra;
    let third = if plain.mean > 0.0 { 2.0 * variance * variance / plain.mean } else { 0.0 };
    Moments { mean: plain.mean, variance, third }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_core_is_m_m_1() {
        assert!((slow_down(4.0 / 9.0, 1.0).unwrap() / 9.0 - 0.2).abs() < 1e-12);
        let stay = stay(&Moments::exponential(1.0 / 9.0), 1.8);
        let utilization: f64 = 4.0 / 9.0;
        assert!((stay.scv() - (2.0 + utilization) / (2.0 - utilization)).abs() < 1e-12);
    }

    #[test]
    fn half_a_core_halves_the_speed() {
        assert!((slow_down(1e-9, 0.5).unwrap() - 2.0).abs() < 1e-6);
        assert!((slow_down(0.25, 0.5).unwrap() - 4.0).abs() < 1e-12);
        let (below, between, above) =
            (slow_down(1.5, 2.0).unwrap(), slow_down(1.5, 2.5).unwrap(), slow_down(1.5, 3.0).unwrap());
        assert!(below > between && between > above, "{below} {between} {above}");
    }
}
