//! GI/G/c by two moments: the wait of a first-come first-served queue with general service and renewal arrivals.
//!
//! Mean wait for Poisson arrivals: Boxma, Cohen and Huffels' interpolation between M/M/c (exact) and M/D/c (Cosmetatos):
//! W = (1 + s) / (2 a / W_M + (1 - a) / W_D), s the squared coefficient of variation of service. With a = s it is Kimura's, exact for
//! one server (Pollaczek-Khinchine) and for exponential service, but up to 6 % too long at low loads and small s. There a follows from
//! the limit of light traffic; a = s + (1 - s) s^0.63 / (1 + 0.36 c) is within 0.01 of it for Erlang times of 2 and 4 stages and 2 to 8
//! servers. One server and s above 1 keep a = s.
//! Other arrivals: Allen-Cunneen's factor (a + s) / (1 + s) with the correction of Kraemer and Langenbach-Belz, a the squared
//! coefficient of variation of the gaps, times what that misses at exponential service by [`super::gimc`]: exact for a = 1 and for
//! exponential service. The wait of those who wait has Whitt's squared coefficient of
//! variation from the third moment of service, exact for M/G/1. Times in seconds.
//!
//! Sources: Boxma, Cohen, Huffels, "Approximations of the mean waiting time in an M/G/s queueing system", Operations Research 27
//! (1979); Tijms, A First Course in Stochastic Models, §9.6 (its limit of light traffic); Kimura, "A two-moment approximation for the mean waiting time in the GI/G/s queue", Management Science 32 (1986),
//! eq. (9); Cosmetatos, OR Quarterly 26 (1975); Allen, Probability, Statistics and Queueing Theory, 2nd ed., p. 341;
//! Kraemer & Langenbach-Belz, ITC 8 (1976); Whitt, "The Queueing Network Analyzer", Bell System Technical Journal 62 (1983), §5.

use super::{erlang, gimc};
use crate::{math, stats::Moments};

/// A waiting time: none with some probability, else a positive time with known mean and variation.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Wait {
    /// Probability of waiting at all.
    pub probability: f64,
    /// Mean over everybody, seconds.
    pub mean: f64,
    /// Squared coefficient of variation of the wait of those who wait.
    pub scv: f64,
}

impl Wait {
    /// Nobody waits.
    pub const NONE: Self = Self { probability: 0.0, mean: 0.0, scv: 0.0 };

    /// Mean over those who wait, seconds.
    #[must_use]
    pub fn conditional_mean(&self) -> f64 {
        if self.probability > 0.0 { self.mean / self.probability } else { 0.0 }
    }

    /// Moments over everybody; the conditional part is taken as gamma for the third.
    #[must_use]
    pub fn moments(&self) -> Moments {
        if self.mean <= 0.0 || self.probability <= 0.0 {
            return Moments::ZERO;
        }
        let mean = self.conditional_mean();
        let variance = self.scv * mean * mean;
        let waiting = Moments { mean, variance, third: 2.0 * self.scv * variance * mean };
        waiting.with_probability(self.probability)
    }
}

/// The wait in front of `servers` servers; `None` when they are saturated. `arrival_scv` is 1 for Poisson arrivals.
#[must_use]
pub fn wait(arrival_rate: f64, arrival_scv: f64, service: &Moments, servers: f64) -> Option<Wait> {
    let offered_load = arrival_rate * service.mean;
    let utilization = offered_load / servers;
    if utilization >= 1.0 {
        return None;
    }
    if offered_load <= 0.0 {
        return Some(Wait::NONE);
    }
    let probability = erlang::delay(servers, offered_load);
    if probability <= 0.0 {
        return Some(Wait::NONE);
    }
    let exponential = probability * service.mean / (servers * (1.0 - utilization));
    let scv = service.scv();
    let mut mean =
        exponential * variation_factor(utilization, servers, scv) * arrival_factor(utilization, arrival_scv, scv);
    if mean <= 0.0 {
        return Some(Wait::NONE);
    }
    let mut waits = probability * arrival_wait_factor(utilization, arrival_scv, scv);
    if arrival_scv != 1.0
        && let Some(exact) = gimc::wait(utilization, arrival_scv, servers)
    {
        mean *= exact.1 * service.mean
            / (exponential * arrival_factor(utilization, arrival_scv, 1.0)).max(f64::MIN_POSITIVE);
        waits *= exact.0 / (probability * arrival_wait_factor(utilization, arrival_scv, 1.0)).max(f64::MIN_POSITIVE);
    }
    let probability = waits.clamp(1.0e-9, 1.0);
    let relative_third = service.raw_third() / (service.mean * service.mean * service.mean);
    let conditional =
        2.0 * utilization - 1.0 + 4.0 * (1.0 - utilization) * relative_third / (3.0 * (scv + 1.0) * (scv + 1.0));
    Some(Wait { probability, mean, scv: conditional.max(0.0) })
}

/// Mean wait over that of M/M/c with the same load.
fn variation_factor(utilization: f64, servers: f64, scv: f64) -> f64 {
    let deterministic = deterministic_factor(utilization, servers);
    let weight = if servers > 1.0 && scv > 0.0 && scv < 1.0 {
        scv + (1.0 - scv) * math::pow(scv, 0.63) / (1.0 + 0.36 * servers)
    } else {
        scv
    };
    (1.0 + scv) / (2.0 * weight + (1.0 - weight) / deterministic)
}

/// Mean wait of M/D/c over that of M/M/c (Cosmetatos), at most its light-traffic limit c / (c + 1).
fn deterministic_factor(utilization: f64, servers: f64) -> f64 {
    let correction =
        (1.0 - utilization) * (servers - 1.0) * ((4.0 + 5.0 * servers).sqrt() - 2.0) / (16.0 * utilization * servers);
    (0.5 * (1.0 + correction)).min(servers / (servers + 1.0)).max(0.5)
}

/// Probability of waiting over that with Poisson arrivals, for one server (Whitt, §5.1); within 2 % of GI/M/1.
fn arrival_wait_factor(utilization: f64, arrival_scv: f64, scv: f64) -> f64 {
    if arrival_scv == 1.0 {
        return 1.0;
    }
    let square = utilization * utilization * (4.0 * arrival_scv + scv);
    let shape = if arrival_scv < 1.0 {
        (1.0 + arrival_scv + utilization * scv) / (1.0 + utilization * (scv - 1.0) + square)
    } else {
        4.0 * utilization / (arrival_scv + square)
    };
    1.0 + (arrival_scv - 1.0) * (1.0 - utilization) * shape
}

/// Mean wait over that with Poisson arrivals.
fn arrival_factor(utilization: f64, arrival_scv: f64, scv: f64) -> f64 {
    if arrival_scv == 1.0 {
        return 1.0;
    }
    let variation = arrival_scv + scv;
    if variation <= 0.0 {
        return 0.0;
    }
    let distance = arrival_scv - 1.0;
    let exponent = if arrival_scv < 1.0 {
        -2.0 * (1.0 - utilization) * distance * distance / (3.0 * utilization * variation)
    } else {
        -(1.0 - utilization) * distance / (arrival_scv + 4.0 * scv)
    };
    variation / (1.0 + scv) * math::exp(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_is_pollaczek_khinchine() {
        for scv in [0.0, 0.3, 1.0, 4.0, 25.0] {
            let service = Moments { mean: 1.0, variance: scv, third: 2.0 * scv * scv };
            let wait = wait(0.8, 1.0, &service, 1.0).unwrap();
            assert!((wait.mean - 0.8 / 0.2 * (1.0 + scv) / 2.0).abs() < 1e-12, "scv {scv}: {}", wait.mean);
            let second = 2.0 * wait.mean * wait.mean + 0.8 * service.raw_third() / (3.0 * 0.2);
            assert!((wait.moments().raw_second() / second - 1.0).abs() < 1e-12, "scv {scv}");
        }
    }

    #[test]
    fn erlang_service_in_light_traffic() {
        // c times the integral of the c-th power of the equilibrium tail: E2 e^(-2t) (1 + t), E4 e^(-4t) (1 + 3t + 4t^2 + 8/3 t^3).
        for (scv, servers, exact) in
            [(0.5, 2.0, 0.812_5), (0.25, 2.0, 0.727_56), (0.5, 4.0, 0.870_12), (0.5, 8.0, 0.917_08)]
        {
            let got = variation_factor(1e-9, servers, scv);
            assert!((got / exact - 1.0).abs() < 0.006, "{scv} {servers}: {got} is not {exact}");
        }
    }

    #[test]
    fn a_fixed_service_time_on_many_servers_is_near_the_exact_sum() {
        // Exact mean waits of M/D/c in service times, by Crommelin's sum (1932) in independent arithmetic.
        for (servers, utilization, exact) in
            [(2.0, 0.5, 0.176_741), (4.0, 0.6, 0.098_376), (5.0, 0.8, 0.289_060), (10.0, 0.9, 0.344_582)]
        {
            let service = Moments::constant(1.0);
            let wait = wait(servers * utilization, 1.0, &service, servers).unwrap();
            assert!((wait.mean / exact - 1.0).abs() < 0.02, "{servers} {utilization}: {}", wait.mean);
        }
    }
}
