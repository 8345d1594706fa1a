//! A queue whose customers leave a fixed time after they came, served or not: callers with a timeout in front of a pool.
//!
//! Poisson arrivals (rate r), c servers, first come first served; who starts after a wait v is served for the least of S and what is
//! left of the patience. One server and exponential service (rate m): the wait has the density r p e^(v (r - m)) below the patience, p
//! the probability of an idle server, at every load (Barrer). With more servers those that are busy besides the next free one are held
//! for h(v) each, the mean of that least, so the exponent grows by r - m - (c - 1) / h(v) a second; with many of them the wait gathers
//! where r h(v) = c, as in Whitt's fluid limit. Another variation of service scales the exponent by 2 / (1 + scv), as in heavy traffic.
//! Seconds and per second.
//!
//! Sources: Barrer, "Queuing with impatient customers and ordered service", Operations Research 5 (1957); Whitt, "Fluid models for
//! multiserver queues with abandonments", Operations Research 54 (2006).

use super::{erlang, mgc::Wait};
use crate::{
    math,
    stats::{Law, Moments},
};

/// Steps in which the wait is walked through.
const STEPS: u32 = 64;

/// What the queue does in steady state.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Impatient {
    /// The wait for a server, never beyond the patience.
    pub wait: Wait,
    /// Servers busy in the mean.
    pub busy: f64,
}

/// Solves the queue at any load; `service` is the time a patient customer is served.
#[must_use]
pub fn solve(rate: f64, service: &Moments, servers: f64, patience: f64) -> Impatient {
    let idle = Impatient { wait: Wait::NONE, busy: 0.0 };
    if rate <= 0.0 || service.mean <= 0.0 || patience <= 0.0 || servers < 1.0 {
        return idle;
    }
    let law = Law::fit(service);
    let speed = 2.0 / (1.0 + service.scv());
    let step = patience / f64::from(STEPS);
    // Weights relative to the state in which all are busy and none waits, the largest exponent out.
    let (mut exponent, mut rows) = (0.0, [(0.0, 0.0, 0.0); STEPS as usize]);
    let mut top = 0.0_f64;
    for (i, row) in (0..STEPS).zip(&mut rows) {
        let wait = (f64::from(i) + 0.5) * step;
        let held = law.beyond(patience - wait).1.max(f64::MIN_POSITIVE);
        let slope = (speed * (rate - 1.0 / service.mean - (servers - 1.0) / held)).clamp(-700.0 / step, 700.0 / step);
        exponent += 0.5 * slope * step;
        *row = (wait, held, exponent);
        top = top.max(exponent);
        exponent += 0.5 * slope * step;
    }
    let scale = math::exp(-top);
    let none = (erlang::inverse_loss(servers, rate * service.mean) - 1.0) * scale;
    let (mut all, mut first, mut second, mut held_by_waiting) = (0.0, 0.0, 0.0, 0.0);
    for (wait, held, exponent) in rows {
        let weight = servers / service.mean * step * math::exp(exponent - top);
        all += weight;
        first += weight * wait;
        second += weight * wait * wait;
        held_by_waiting += weight * held;
    }
    let total = none + all;
    if !(total.is_finite() && all > 0.0) {
        return idle;
    }
    let mean = first / all;
    let scv = (second / all / (mean * mean) - 1.0).max(0.0);
    let probability = all / total;
    let busy = rate * (none * law.beyond(patience).1 + held_by_waiting) / total;
    Impatient { wait: Wait { probability, mean: mean * probability, scv }, busy: busy.min(servers) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One server, exponential: the density in closed form; infinite patience: M/M/c.
    #[test]
    fn known_queues() {
        for (rate, mean, patience) in
            [(5.0_f64, 0.1_f64, 0.3_f64), (15.0, 0.1, 0.3), (30.0, 0.1, 0.5), (9.99, 0.1, 1.0)]
        {
            let slope = rate - 1.0 / mean;
            let e = (slope * patience).exp();
            let mass = rate * (e - 1.0) / slope;
            let probability = mass / (1.0 + mass);
            let first = rate * (e * (slope * patience - 1.0) + 1.0) / (slope * slope);
            let found = solve(rate, &Moments::exponential(mean), 1.0, patience);
            assert!((found.wait.probability - probability).abs() < 2e-3, "{rate}: {found:?} {probability}");
            assert!((found.wait.mean / (first / (1.0 + mass)) - 1.0).abs() < 5e-3, "{rate}: {found:?}");
            assert!((found.busy - probability).abs() < 1e-2, "what arrives and works is what is busy: {found:?}");
        }
        let patient = solve(60.0, &Moments::exponential(0.04), 3.0, 2.0);
        let plain = crate::queueing::mgc::wait(60.0, 1.0, &Moments::exponential(0.04), 3.0).unwrap();
        assert!((patient.wait.mean / plain.mean - 1.0).abs() < 0.02, "{patient:?} {plain:?}");
        assert!((patient.busy - 2.4).abs() < 0.02);
    }

    /// Far beyond capacity the wait gathers where arrivals times the time left is what the servers can give.
    #[test]
    fn many_servers_gather() {
        let (rate, mean, servers, patience) = (1500.0, 0.04_f64, 30.0, 0.1);
        let found = solve(rate, &Moments::exponential(mean), servers, patience);
        let left = -mean * (1.0 - servers / (rate * mean)).ln();
        assert!((found.wait.mean - (patience - left)).abs() < 0.004, "{found:?} {left}");
        assert!((found.busy / servers - 1.0).abs() < 0.02, "{found:?}");
    }

    #[test]
    fn extremes_have_answers() {
        for (rate, mean, servers, patience) in [
            (0.0, 1.0, 1.0, 1.0),
            (1e9, 1.0, 1.0, 1.0),
            (1e-9, 1e-9, 1e6, 1e-9),
            (1e4, 10.0, 3.0, 1e-3),
            (1.0, 0.0, 1.0, 1.0),
        ] {
            for service in [Moments::exponential(mean), Moments::constant(mean)] {
                let found = solve(rate, &service, servers, patience);
                assert!(found.wait.mean.is_finite() && (0.0..=1.0).contains(&found.wait.probability), "{found:?}");
                assert!(found.wait.mean <= patience && found.busy <= servers, "{found:?}");
            }
        }
    }
}
