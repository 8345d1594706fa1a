//! GI/G/c by two moments: the wait of a first-come first-served queue with general service and renewal arrivals.
//!
//! Mean wait for Poisson arrivals: Boxma, Cohen and Huffels' interpolation between M/M/c (exact) and M/D/c (Cosmetatos):
//! W = (1 + s) / (2 a / W_M + (1 - a) / W_D), s the squared coefficient of variation of service. With a = s it is Kimura's, exact for
//! one server (Pollaczek-Khinchine) and for exponential service, but up to 6 % too long at low loads and small s. There a follows from
//! the limit of light traffic; a = s + (1 - s) s^0.63 / (1 + 0.36 c) is within 0.01 of it for Erlang times of 2 and 4 stages and 2 to 8
//! servers. One server and s above 1 keep a = s.
//! Other arrivals: Allen-Cunneen's factor (a + s) / (1 + s) with the correction of Kraemer and Langenbach-Belz, a the squared
//! coefficient of variation of the gaps, times what that misses at exponential service by [`super::gimc`], to the power 1 / max(1, s)
//! where a < 1: exact for a = 1 and for exponential service; never on the other side of the wait of Poisson arrivals. The wait of those who wait has Whitt's squared coefficient of
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
    let poisson = exponential * variation_factor(utilization, servers, scv);
    let mut mean = poisson;
    let mut waits = probability;
    if arrival_scv != 1.0 {
        let (mut factor, mut exponent) = arrival_factor(utilization, arrival_scv, scv);
        waits *= arrival_wait_factor(utilization, arrival_scv, scv);
        if let Some((exact_waits, exact)) = gimc::over_poisson(utilization, arrival_scv, servers) {
            // What the factor misses at exponential service. Regular arrivals are further off the less service varies: beyond
            // exponential service long ones make the wait, and the correction fades.
            let (plain, plain_exponent) = arrival_factor(utilization, arrival_scv, 1.0);
            let part = if arrival_scv < 1.0 { 1.0 / scv.max(1.0) } else { 1.0 };
            factor *= math::pow(exact / plain, part);
            exponent -= plain_exponent * part;
            waits *= exact_waits / arrival_wait_factor(utilization, arrival_scv, 1.0).max(f64::MIN_POSITIVE);
        }
        mean *= factor * math::exp(exponent.min(500.0));
        // Arrivals that vary less never wait longer than Poisson's, nor bursts shorter.
        mean = if arrival_scv < 1.0 { mean.min(poisson) } else { mean.max(poisson) };
    }
    if mean <= 0.0 {
        return Some(Wait::NONE);
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

/// Mean wait over that with Poisson arrivals: a factor and the exponent of another, which may be far below what a double holds.
fn arrival_factor(utilization: f64, arrival_scv: f64, scv: f64) -> (f64, f64) {
    let variation = arrival_scv + scv;
    if variation <= 0.0 {
        return (0.0, 0.0);
    }
    let distance = arrival_scv - 1.0;
    let exponent = if arrival_scv < 1.0 {
        -2.0 * (1.0 - utilization) * distance * distance / (3.0 * utilization * variation)
    } else {
        -(1.0 - utilization) * distance / (arrival_scv + 4.0 * scv)
    };
    (variation / (1.0 + scv), exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (arrival scv, service scv, utilization, servers, mean wait in service times, tolerance).
    const ROWS: [(f64, f64, f64, f64, f64, f64); 14] = [
        (0.25, 4.0, 0.05, 1.0, 0.0263, 0.35),
        (0.25, 4.0, 0.1, 1.0, 0.1085, 0.12),
        (0.5, 4.0, 0.02, 1.0, 0.012, 0.4),
        (0.25, 25.0, 0.1, 1.0, 1.219, 0.05),
        (0.25, 4.0, 0.3, 1.0, 0.715, 0.03),
        (0.5, 4.0, 0.6, 1.0, 3.214, 0.03),
        (0.0, 4.0, 0.6, 1.0, 2.692, 0.03),
        (0.5, 0.25, 0.6, 1.0, 0.459, 0.03),
        (4.0, 4.0, 0.8, 1.0, 16.13, 0.03),
        (0.25, 4.0, 0.3, 2.0, 0.1059, 0.08),
        (0.5, 4.0, 0.6, 2.0, 1.052, 0.05),
        (4.0, 4.0, 0.8, 2.0, 7.278, 0.04),
        (0.25, 4.0, 0.8, 5.0, 0.951, 0.05),
        (0.5, 0.25, 0.8, 5.0, 0.1797, 0.05),
    ];

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
    fn arrivals_and_service_that_vary_apart() {
        // Mean waits in service times: (arrival scv, service scv, utilization, servers), gamma below 1 and balanced hyperexponential
        // above, simulated by the recursion of Lindley (Kiefer and Wolfowitz for two servers and more), 8 to 20 million arrivals, 1 to 3 %.
        for (arrivals, scv, utilization, servers, exact, tolerance) in ROWS {
            let variance: f64 = scv;
            let service = Moments::of(&crate::model::Distribution::from_mean_cv(1.0, variance.sqrt()));
            let found = wait(utilization * servers, arrivals, &service, servers).unwrap();
            assert!(
                (found.mean / exact - 1.0).abs() < tolerance,
                "{arrivals} {scv} {utilization} {servers}: {} is not {exact}",
                found.mean
            );
        }
    }

    #[test]
    fn arrivals_that_vary_less_never_wait_longer() {
        for utilization in [1e-6, 1e-3, 0.01, 0.1, 0.5, 0.9, 0.999] {
            for servers in [1.0, 2.0, 24.0, 25.0, 400.0, 1000.0] {
                for scv in [0.0, 0.5, 1.0, 4.0, 100.0] {
                    let service = Moments { mean: 1.0, variance: scv, third: 2.0 * scv * scv };
                    let of = |arrivals| wait(utilization * servers, arrivals, &service, servers).unwrap();
                    let poisson = of(1.0).mean;
                    for arrivals in [0.0, 0.1, 0.25, 0.9] {
                        let got = of(arrivals);
                        assert!(
                            got.mean <= poisson,
                            "{arrivals} {scv} {utilization} {servers}: {got:?} beyond {poisson}"
                        );
                    }
                    assert!(of(9.0).mean >= poisson, "{scv} {utilization} {servers}: {:?} {poisson}", of(9.0));
                }
            }
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
