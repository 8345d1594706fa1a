//! M/M/c: Poisson arrivals, exponential service, c servers, one first-come first-served queue.
//!
//! Waiting time: 0 with probability 1 - C, else exponential with mean service / (c (1 - utilization)), C from
//! [`super::erlang::delay`]. Times in seconds. Source: Gross, Shortle, Thompson, Harris, 4th ed., §2.3; Kleinrock, vol. 1, §3.5.

use super::erlang;

/// Steady state of an M/M/c queue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mmc {
    /// Busy share of the servers.
    pub utilization: f64,
    /// Probability that an arrival waits.
    pub wait_probability: f64,
    /// Mean wait in seconds.
    pub mean_wait: f64,
    /// Mean wait and service in seconds.
    pub response_time: f64,
    /// Mean number waiting or in service.
    pub in_system: f64,
    /// Seconds: mean of the wait of those who wait.
    pub wait_scale: f64,
}

/// Solves M/M/c; `None` when it is saturated.
#[must_use]
pub fn solve(arrival_rate: f64, service_time: f64, servers: u32) -> Option<Mmc> {
    let servers = f64::from(servers);
    let offered_load = arrival_rate * service_time;
    let utilization = offered_load / servers;
    if utilization >= 1.0 {
        return None;
    }
    let wait_probability = erlang::delay(servers, offered_load);
    let wait_scale = service_time / (servers * (1.0 - utilization));
    let mean_wait = wait_probability * wait_scale;
    let response_time = mean_wait + service_time;
    let in_system = arrival_rate * response_time;
    Some(Mmc { utilization, wait_probability, mean_wait, response_time, in_system, wait_scale })
}

impl Mmc {
    /// Wait in seconds that a share `probability` of arrivals stays below.
    #[must_use]
    pub fn wait_quantile(&self, probability: f64) -> f64 {
        let tail = 1.0 - probability;
        if tail >= self.wait_probability {
            0.0
        } else {
            self.wait_scale * crate::math::ln(self.wait_probability / tail)
        }
    }
}
