//! M/M/c/K: Poisson arrivals, exponential service, c servers, at most K requests in service and waiting; others are lost.
//!
//! Any service distribution gives the same loss when K = c (Erlang B). Seconds and per second.
//! Source: Gross, Shortle, Thompson, Harris, 4th ed., §2.5.

/// Steady state of a finite room.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Mmck {
    /// Share of arrivals lost.
    pub loss: f64,
    /// Mean number in the room.
    pub in_system: f64,
    /// Mean wait of the admitted, seconds.
    pub mean_wait: f64,
    /// Probability that an admitted request waits.
    pub wait_probability: f64,
    /// Squared coefficient of variation of the wait of those who wait.
    pub wait_scv: f64,
    /// Busy share of the servers.
    pub utilization: f64,
}

/// Solves the room; stable at every load. `room` is the largest number present (at least `servers`).
#[must_use]
pub fn solve(arrival_rate: f64, service_time: f64, servers: f64, room: f64) -> Mmck {
    let load = arrival_rate * service_time;
    if load <= 0.0 {
        return Mmck::default();
    }
    let servers = servers.floor().max(1.0);
    let waiting = (room - servers).floor().max(0.0);
    // Relative to the state "all servers busy, none waits": the states below sum to 1 / B - 1, those above are geometric.
    let inverse = super::erlang::inverse_loss(servers, load);
    let ratio = load / servers;
    // Above waiting = 1e6 and below saturation the geometric tail is complete; beyond it the room is simply full.
    let (tail, tail_mean, last) = geometric(ratio, waiting);
    let total = inverse + tail;
    let loss = last / total;
    let queue = tail_mean / total;
    let served = arrival_rate * (1.0 - loss);
    let busy = served * service_time;
    let waits = (1.0 + tail - last) / total;
    Mmck {
        loss,
        in_system: queue + busy,
        mean_wait: if served > 0.0 { queue / served } else { 0.0 },
        wait_probability: if loss < 1.0 { (waits / (1.0 - loss)).clamp(0.0, 1.0) } else { 1.0 },
        wait_scv: wait_scv(ratio, waiting),
        utilization: busy / servers,
    }
}

/// Variation of the wait of those who wait: who finds j waiting waits for j + 1 departures, j below the room with weights r^j.
fn wait_scv(ratio: f64, waiting: f64) -> f64 {
    let (mut weight, mut sum, mut first, mut second, mut j) = (1.0_f64, 0.0, 0.0, 0.0, 0.0);
    while j < waiting.min(4096.0) && weight > 1.0e-12 * sum {
        let ahead = j + 1.0;
        sum += weight;
        first += weight * ahead;
        second += weight * ahead * (ahead + 1.0);
        weight *= ratio;
        j = ahead;
        if weight > 1.0e200 {
            for value in [&mut weight, &mut sum, &mut first, &mut second] {
                *value *= 1.0e-200;
            }
        }
    }
    if first > 0.0 { (second * sum / (first * first) - 1.0).max(0.0) } else { 1.0 }
}

/// Sum of r^j, of j r^j over 1..=n, and r^n; stable for every ratio.
pub(super) fn geometric(r: f64, n: f64) -> (f64, f64, f64) {
    if n <= 0.0 {
        return (0.0, 0.0, 1.0);
    }
    if (r - 1.0).abs() < 1.0e-6 {
        return (n, n * (n + 1.0) / 2.0, 1.0);
    }
    let last = crate::math::pow(r, n);
    if !last.is_finite() || last > 1.0e200 {
        // Scaled by the last term: everything else is nothing beside it.
        let (sum, mean) = (1.0e200 / (1.0 - 1.0 / r), 1.0e200 * (n / (1.0 - 1.0 / r)));
        return (sum, mean, 1.0e200);
    }
    let sum = r * (1.0 - last) / (1.0 - r);
    let mean = (sum - n * last * r) / (1.0 - r);
    (sum, mean, last)
}
