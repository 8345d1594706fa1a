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

/// From this weight of the states without a line on, in units of the one where all servers are busy, there never is a line.
const NEVER_BUSY: f64 = 1.0e100;

/// M/M/c behind a delay, with at most `places` in the delay and in line together; those in service take none. `delayed` is how many
/// would be in the delay, were none lost. As if the states without a limit were cut where the places end: with d in the delay and
/// j in line their weights are delayed^d / d! and ratio^j. Without a delay it is [`solve`].
#[must_use]
pub fn delayed(arrival_rate: f64, delayed: f64, service_time: f64, servers: f64, places: f64) -> Mmck {
    if delayed <= 0.0 || arrival_rate <= 0.0 {
        return solve(arrival_rate, service_time, servers, servers + places);
    }
    let load = arrival_rate * service_time;
    let servers = servers.floor().max(1.0);
    let places = places.floor().max(0.0);
    let (ratio, below) = (load / servers, super::erlang::inverse_loss(servers, load));
    if load <= 0.0 || below > NEVER_BUSY {
        let loss = super::erlang::loss(places, delayed);
        let busy = load * (1.0 - loss);
        return Mmck { loss, in_system: busy, utilization: busy / servers, ..Mmck::default() };
    }
    // From the likeliest number in the delay both ways, in units of its weight; beyond saturation with the longest line there, so
    // that no weight grows.
    let step = delayed / ratio.max(1.0);
    let most = step.floor().min(places);
    let mut sums = Delayed { ratio, below, places, total: 0.0, lost: 0.0, line: 0.0, waits: 0.0, delay: 0.0 };
    let (mut weight, mut d) = (1.0, most);
    while d <= places && sums.add(weight, d) {
        d += 1.0;
        weight *= step / d;
    }
    (weight, d) = (1.0, most);
    while d > 0.0 {
        weight *= d / step;
        d -= 1.0;
        if !sums.add(weight, d) {
            break;
        }
    }
    let loss = (sums.lost / sums.total).clamp(0.0, 1.0);
    let served = arrival_rate * (1.0 - loss);
    let queue = sums.line / sums.total;
    Mmck {
        loss,
        in_system: queue + served * service_time,
        mean_wait: if served > 0.0 { queue / served } else { 0.0 },
        wait_probability: if loss < 1.0 { (sums.waits / sums.total / (1.0 - loss)).clamp(0.0, 1.0) } else { 1.0 },
        wait_scv: wait_scv(ratio, (places - sums.delay / sums.total).max(0.0)),
        utilization: (served * service_time / servers).min(1.0),
    }
}

/// Sums over the numbers in the delay.
struct Delayed {
    ratio: f64,
    /// Weight of the states without a line, in units of the one where all servers are busy.
    below: f64,
    places: f64,
    total: f64,
    lost: f64,
    line: f64,
    waits: f64,
    delay: f64,
}

impl Delayed {
    /// Adds the states with `d` in the delay; whether they still matter.
    fn add(&mut self, weight: f64, d: f64) -> bool {
        let (room, ratio) = (self.places - d, self.ratio);
        let power = crate::math::pow(ratio, if ratio > 1.0 { -room } else { room });
        // Weights without a line and with the longest one; the larger is 1.
        let (one, last) = if ratio > 1.0 { (power, 1.0) } else { (1.0, power) };
        let near = (ratio - 1.0).abs() < 1.0e-6;
        // Sums of ratio^j and of j ratio^j over the line.
        let sum = if near { room * one } else { ratio * (one - last) / (1.0 - ratio) };
        let line = if near { room * (room + 1.0) / 2.0 * one } else { (sum - room * last * ratio) / (1.0 - ratio) };
        let all = weight * (self.below * one + sum);
        self.total += all;
        self.delay += all * d;
        self.line += weight * line;
        if room > 0.0 {
            self.lost += weight * last;
            self.waits += weight * (one + sum - last);
        } else {
            self.lost += weight * self.below * one;
        }
        all > 1.0e-17 * self.total
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_in_front_takes_places() {
        // Rate, delayed, service time, servers, places.
        let rows = [
            (50.0, 50.0, 0.05, 5.0, 20.0),
            (95.0, 19.0, 0.05, 5.0, 20.0),
            (100.0, 30.0, 0.05, 5.0, 20.0),
            (300.0, 60.0, 0.05, 5.0, 40.0),
            (10.0, 0.5, 0.05, 5.0, 40.0),
            (2000.0, 400.0, 0.001, 1.0, 300.0),
        ];
        for (rate, delay, time, servers, places) in rows {
            let found = delayed(rate, delay, time, servers, places);
            // State by state: in the delay, in line or served.
            let (mut total, mut lost, mut line, mut waits) = (0.0, 0.0, 0.0, 0.0);
            let mut first = 1.0;
            for d in 0..=places as u32 {
                let mut weight: f64 = first;
                for n in 0..=(servers + places) as u32 - d {
                    let waiting = (f64::from(n) - servers).max(0.0);
                    total += weight;
                    line += weight * waiting;
                    if f64::from(d) + waiting >= places {
                        lost += weight;
                    } else if f64::from(n) >= servers {
                        waits += weight;
                    }
                    weight *= rate * time / f64::from(n + 1).min(servers);
                }
                first *= delay / f64::from(d + 1);
            }
            let wanted = [lost / total, line / total / (rate * (1.0 - lost / total)), waits / (total - lost)];
            for (found, wanted) in [found.loss, found.mean_wait, found.wait_probability].into_iter().zip(wanted) {
                assert!((found - wanted).abs() <= 1e-9 * wanted.max(1e-6), "{rate} {delay}: {found} is not {wanted}");
            }
        }
        assert_eq!(delayed(10.0, 0.5, 0.05, 1.0, 0.0).loss, 1.0);
        let plain = solve(10.0, 0.09, 1.0, 8.0);
        let short = delayed(10.0, 1e-9, 0.09, 1.0, 7.0);
        assert!((plain.loss - short.loss).abs() < 1e-9 && (plain.mean_wait - short.mean_wait).abs() < 1e-9);
        // Many places beyond saturation: what passes is what the consumers can.
        for places in [10_000.0, 20_000.0] {
            let loss = delayed(3000.0, 30_000.0, 0.01, 10.0, places).loss;
            assert!((loss - 2.0 / 3.0).abs() < 0.01, "{places}: {loss}");
        }
        // More consumers than ever are busy: only the delay fills.
        let found = delayed(10.0, 100.0, 0.001, 1000.0, 20.0);
        assert!((found.loss - crate::queueing::erlang::loss(20.0, 100.0)).abs() < 1e-12, "{found:?}");
    }
}
