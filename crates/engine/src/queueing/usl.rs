//! A server whose n requests at once progress at n / (1 + contention (n - 1) + coherency n (n - 1)): the Universal Scalability Law as a
//! load-dependent queue.
//!
//! Birth and death: arrivals are Poisson, n in service leave at the rate of the law over the mean service time; beyond `servers` in
//! service the rest waits. Exponential service. Sources: Gunther, Guerrilla Capacity Planning, ch. 4-6; Gross, Shortle, Thompson,
//! Harris, 4th ed., §2.1.

use crate::model::Usl;

/// Requests walked through one by one at most.
const STATES: f64 = 200_000.0;

/// Throughput of n at once over that of one.
#[must_use]
pub fn speed(usl: &Usl, n: f64) -> f64 {
    n / (1.0 + usl.contention * (n - 1.0) + usl.coherency * n * (n - 1.0))
}

/// Requests at once at which the law peaks; infinite without coherency.
#[must_use]
pub fn peak(usl: &Usl) -> f64 {
    if usl.coherency > 0.0 { ((1.0 - usl.contention) / usl.coherency).max(1.0).sqrt() } else { f64::INFINITY }
}

/// Steady state of such a node.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Node {
    /// Load over the capacity with every server at work (unlimited ones at the peak).
    pub load: f64,
    /// Mean time here beyond the service time of one alone; 0 when saturated.
    pub mean_wait: f64,
    /// Probability of finding all servers at work.
    pub wait_probability: f64,
    /// Mean number in service.
    pub in_service: f64,
    /// Share of arrivals refused because the room is full.
    pub loss: f64,
    /// Whether the mean is bounded.
    pub stable: bool,
}

/// Solves a node with `servers` and at most `room` requests present (both may be infinite).
#[must_use]
pub fn solve(usl: &Usl, arrival_rate: f64, service_time: f64, servers: f64, room: f64) -> Node {
    let offered = arrival_rate * service_time;
    // Without a limit the node works best at the peak and is lost beyond it; states up to a few times it count. A room has its own end.
    let beyond = if room.is_finite() { f64::INFINITY } else { (8.0 * peak(usl)).max(64.0) };
    let most = servers.min(room).min(beyond).clamp(1.0, STATES).floor();
    let best = most.min(peak(usl).floor().max(1.0));
    let full = speed(usl, most);
    let capacity = if servers.is_finite() { full } else { speed(usl, best) };
    let load = offered / capacity;
    let stable = room.is_finite() || load < 1.0;
    if offered <= 0.0 || !stable {
        return Node { load, stable, in_service: if stable { 0.0 } else { most }, ..Node::default() };
    }
    let (mut sum, mut mean, mut busy, mut state, mut n) = (1.0, 0.0, 0.0, 1.0, 0.0);
    while n < most {
        n += 1.0;
        state *= offered / speed(usl, n);
        sum += state;
        mean += n * state;
        busy += n * state;
        if state > 1.0e250 {
            for value in [&mut sum, &mut mean, &mut busy, &mut state] {
                *value *= 1.0e-250;
            }
        }
    }
    let ratio = offered / full;
    let mut waiting = 0.0;
    let mut last = state;
    let rest = if servers.is_finite() { (room - most).max(0.0) } else { 0.0 };
    if rest > 0.0 && ratio < 1.0 && rest.is_infinite() {
        let tail = state * ratio / (1.0 - ratio);
        waiting = tail;
        mean += most * tail + state * ratio / ((1.0 - ratio) * (1.0 - ratio));
        last = 0.0;
    } else if rest > 0.0 {
        let (mut term, mut j) = (state, 0.0);
        while j < rest.min(STATES) {
            term *= ratio;
            j += 1.0;
            waiting += term;
            mean += (most + j) * term;
            if term > 1.0e250 {
                for value in [&mut sum, &mut mean, &mut busy, &mut state, &mut waiting, &mut term] {
                    *value *= 1.0e-250;
                }
            }
            if term < 1.0e-18 * sum && ratio < 1.0 {
                term = 0.0;
                break;
            }
        }
        last = term;
    }
    sum += waiting;
    busy += most * waiting;
    let loss = if room.is_finite() { last / sum } else { 0.0 };
    let served = arrival_rate * (1.0 - loss);
    let time = if served > 0.0 { mean / sum / served } else { service_time };
    Node {
        load,
        mean_wait: (time - service_time).max(0.0),
        wait_probability: if servers.is_finite() { ((state + waiting) / sum).min(1.0) } else { 1.0 },
        in_service: busy / sum,
        loss,
        stable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queueing::{mmc, mmck};

    #[test]
    fn without_contention_it_is_m_m_c() {
        let none = Usl { contention: 0.0, coherency: 0.0 };
        let node = solve(&none, 3.0, 1.0, 4.0, f64::INFINITY);
        let exact = mmc::solve(3.0, 1.0, 4).unwrap();
        assert!((node.mean_wait - exact.mean_wait).abs() < 1e-12);
        assert!((node.wait_probability - exact.wait_probability).abs() < 1e-12);
        assert!((node.in_service - 3.0).abs() < 1e-12);
        let room = solve(&none, 0.9, 1.0, 1.0, 10.0);
        let exact = mmck::solve(0.9, 1.0, 1.0, 10.0);
        assert!((room.loss - exact.loss).abs() < 1e-12);
    }

    #[test]
    fn a_full_room_works_at_the_speed_of_its_servers() {
        // Overloaded: nearly all of the room is taken, and what passes is what the servers do with it.
        let law = Usl { contention: 0.05, coherency: 0.002 };
        for (servers, room) in [(8.0, 5000.0_f64), (f64::INFINITY, 5000.0), (f64::INFINITY, 300.0), (20_000.0, 5000.0)]
        {
            let node = solve(&law, 10_000.0, 0.1, servers, room);
            let passing = 10_000.0 * (1.0 - node.loss);
            let exact = speed(&law, servers.min(room)) / 0.1;
            assert!((passing / exact - 1.0).abs() < 0.01, "{servers} {room}: {passing} is not {exact}");
            let time = room / exact;
            assert!(((node.mean_wait + 0.1) / time - 1.0).abs() < 0.02, "{servers} {room}: {node:?} is not {time}");
        }
    }

    #[test]
    fn beyond_the_peak_it_gets_slower() {
        let usl = Usl { contention: 0.02, coherency: 0.02 };
        assert!((peak(&usl) - 7.0).abs() < 1e-12);
        assert!(speed(&usl, 20.0) < speed(&usl, 7.0));
        assert!(!solve(&usl, 4.0, 1.0, f64::INFINITY, f64::INFINITY).stable);
        assert!(solve(&usl, 2.0, 1.0, f64::INFINITY, f64::INFINITY).stable);
    }
}
