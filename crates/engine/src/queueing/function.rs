//! Cold starts of a function as a service: the share of requests that find no warm instance.
//!
//! Requests take the first idle instance in a fixed order, so instance k sees what k - 1 busy ones overflow; it is cold when nothing
//! reached it for the idle time, its idle gaps taken as exponential. Poisson arrivals; exact for loads so small that one instance
//! serves all. Source: overflow of ordered servers, Cooper, Introduction to Queueing Theory, 2nd ed., §5.5; compare Mahmoudi & Khazaei,
//! "Performance modeling of serverless computing platforms", IEEE TCC 10 (2022).

use super::erlang;
use crate::math;

/// Share of cold starts. `hold` is the mean time an instance is held, `idle_timeout` seconds.
#[must_use]
pub fn cold_share(arrival_rate: f64, hold: f64, idle_timeout: f64) -> f64 {
    if arrival_rate <= 0.0 {
        return 1.0;
    }
    let load = arrival_rate * hold;
    // Instances far below the mean number busy are never idle for long.
    let mut servers = (load - 12.0 * load.sqrt() - 12.0).floor().max(0.0);
    let mut blocked = erlang::loss(servers, load);
    let mut cold = 0.0;
    for _ in 0..1_000_000 {
        servers += 1.0;
        let next = load * blocked / (servers + load * blocked);
        let served = blocked - next;
        let idle = 1.0 - load * served;
        if idle > 1.0e-12 {
            cold += served * math::exp(-arrival_rate * served / idle * idle_timeout);
        }
        blocked = next;
        if blocked < 1.0e-12 {
            break;
        }
    }
    cold.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_requests_start_cold_when_the_gap_is_longer() {
        let got = cold_share(0.01, 1e-6, 60.0);
        assert!((got - (-0.6_f64).exp()).abs() < 1e-4, "{got}");
        assert!(cold_share(1000.0, 0.1, 600.0) < 1e-3);
        assert!(cold_share(1.0e6, 0.1, 1.0) < 1e-2);
    }
}
