//! Places held over a busy callee: K tokens (slots or connections), each held for delays and a visit to c servers; who finds all K
//! held waits in line.
//!
//! Norton: the held part drains like the closed network of K customers, so the line in front is exact for exponential servers (and
//! for processor sharing): with a_j the weights of the M/M/c queue at load D and b_i those of the delay at load Z, p_n = sum a_j
//! b_(n-j) up to K and a geometric tail of ratio r = p_K / p_(K-1) = arrivals / X(K) beyond. Seconds and per second.
//! Source: Chandy, Herzog, Woo, IBM J. Res. Dev. 19 (1975); Lazowska et al., Quantitative System Performance, ch. 8 and §9.3.

use crate::math;

/// Most tokens walked through one by one.
pub const MOST: f64 = 512.0;

/// 1 / n, so that the walk never waits for a division.
const RECIPROCALS: [f64; MOST as usize + 2] = reciprocals();

const fn reciprocals() -> [f64; MOST as usize + 2] {
    let mut table = [0.0; MOST as usize + 2];
    let mut n = 1;
    while n < table.len() {
        table[n] = 1.0 / n as f64;
        n += 1;
    }
    table
}

/// The line in front of the tokens.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Line {
    /// Arrivals over what K tokens can carry.
    pub load: f64,
    /// Probability of waiting for a token; 1 when saturated.
    pub wait_probability: f64,
    /// Mean wait in seconds; 0 when saturated.
    pub mean_wait: f64,
    /// Mean time a token is held, seconds.
    pub hold: f64,
}

/// A room in front of the tokens that refuses when it is full.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Room {
    /// Share of arrivals refused.
    pub loss: f64,
    /// Probability of waiting for a token, of those let in.
    pub wait_probability: f64,
    /// Mean wait of those let in, seconds.
    pub mean_wait: f64,
    /// Mean time a token is held, seconds.
    pub hold: f64,
    /// Mean share of the tokens held.
    pub utilization: f64,
}

/// Weights of the states up to all tokens held.
struct Weights {
    /// All tokens held.
    last: f64,
    /// One fewer.
    last_but_one: f64,
    /// All states.
    all: f64,
    /// Each times its number.
    present: f64,
}

/// Solves tokens with a waiting room of `room` places; stable at every load. Otherwise as [`solve`].
#[must_use]
pub fn solve_room(arrival_rate: f64, tokens: f64, delay: f64, demand: f64, servers: f64, room: f64) -> Option<Room> {
    let Weights { last, last_but_one, all, present } = weights(arrival_rate, tokens, delay, demand, servers)?;
    let (tokens, ratio) = (tokens.floor(), last / last_but_one);
    if !ratio.is_finite() {
        return None;
    }
    let (tail, tail_mean, full) = super::mmck::geometric(ratio, room.floor());
    let total = all + last * tail;
    let loss = last * full / total;
    let served = arrival_rate * (1.0 - loss);
    if served <= 0.0 || served.is_nan() {
        return None;
    }
    let holding = (present + tokens * last * tail) / total;
    let waits = last * (1.0 + tail - full) / total;
    Some(Room {
        loss,
        wait_probability: (waits / (1.0 - loss)).clamp(0.0, 1.0),
        mean_wait: last * tail_mean / total / served,
        hold: holding / served,
        utilization: holding / tokens,
    })
}

/// Solves the line: `tokens` (at most [`MOST`]), `delay` and `demand` seconds per hold, `servers` of the callee. `None` where the figures
/// leave the range of doubles.
#[must_use]
pub fn solve(arrival_rate: f64, tokens: f64, delay: f64, demand: f64, servers: f64) -> Option<Line> {
    let Weights { last, last_but_one, all, present } = weights(arrival_rate, tokens, delay, demand, servers)?;
    let (tokens, load) = (tokens.floor(), last / last_but_one);
    if !load.is_finite() {
        return None;
    }
    if load >= 1.0 {
        return Some(Line { load, wait_probability: 1.0, mean_wait: 0.0, hold: tokens * load / arrival_rate });
    }
    let total = all + last * load / (1.0 - load);
    let waits = last / (1.0 - load) / total;
    // Those who wait find a geometric number ahead, who leave at the rate arrivals / load.
    let hold = (present + tokens * last * load / (1.0 - load)) / total / arrival_rate;
    Some(Line { load, wait_probability: waits, mean_wait: waits * load / (1.0 - load) / arrival_rate, hold })
}

/// Walks from all customers at the callee down to none there, the rest in the delay.
fn weights(arrival_rate: f64, tokens: f64, delay: f64, demand: f64, servers: f64) -> Option<Weights> {
    let (elsewhere, load) = (arrival_rate * delay, arrival_rate * demand);
    if !(1.0..=MOST).contains(&tokens) || load <= 0.0 || elsewhere < 0.0 {
        return None;
    }
    let (most, servers) = (tokens as usize, servers.max(1.0));
    let busy = servers.min(most as f64) as usize;
    let full: f64 = RECIPROCALS[1..=busy].iter().fold(1.0, |weight, each| weight * (load * each));
    let mut walk = Walk {
        weight: full * math::pow(load / servers, (most - busy) as f64),
        one: math::exp(-elsewhere.min(600.0)),
        there: most as f64,
        ..Walk::default()
    };
    // Down to as many as there are servers all of them work, then one fewer each step.
    let queued = (most + 1).saturating_sub(servers.ceil() as usize);
    let (per_load, all_work) = (1.0 / load, servers * (1.0 / load));
    for each in &RECIPROCALS[1..=queued] {
        walk.add();
        walk.step(all_work, elsewhere * each);
    }
    for each in &RECIPROCALS[queued + 1..=most] {
        walk.add();
        walk.step(walk.there * per_load, elsewhere * each);
    }
    walk.add();
    let Walk { last, last_but_one, all, present, .. } = walk;
    let fine = all.is_finite() && all > 0.0 && last > 0.0;
    fine.then_some(Weights { last, last_but_one, all, present })
}

/// Where the walk is, and the sums so far.
#[derive(Debug, Clone, Copy, Default)]
struct Walk {
    /// Customers at the callee, the rest in the delay, and the weights of so many.
    there: f64,
    away: f64,
    weight: f64,
    one: f64,
    /// Weight of one fewer in the delay, and of up to so many, plain and each times its number.
    before: f64,
    below: f64,
    counted: f64,
    last: f64,
    last_but_one: f64,
    all: f64,
    present: f64,
}

impl Walk {
    #[inline]
    fn add(&mut self) {
        self.below += self.one;
        self.last += self.weight * self.one;
        self.last_but_one += self.weight * self.before;
        self.counted += self.away * self.one;
        self.all += self.weight * self.below;
        self.present += self.weight * (self.there * self.below + self.counted);
    }

    /// One customer from the callee to the delay, by the ratios of their weights.
    #[inline]
    fn step(&mut self, there: f64, away: f64) {
        self.weight *= there;
        self.there -= 1.0;
        self.away += 1.0;
        self.before = self.one;
        self.one *= away;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queueing::{convolution, mmc};

    #[test]
    fn tokens_over_fewer_servers_only_move_the_line() {
        // The whole wait, in front and inside, is that of M/M/2; in front it is the part beyond 4 present.
        let line = solve(160.0, 4.0, 0.0, 0.01, 2.0).unwrap();
        let exact = mmc::solve(160.0, 0.01, 2).unwrap();
        let beyond = exact.wait_probability * 0.8_f64.powi(2);
        assert!((line.wait_probability - beyond).abs() < 1e-12, "{line:?} {beyond}");
        assert!((line.load - 0.8).abs() < 1e-12);
        assert!((line.hold + line.mean_wait - exact.response_time).abs() < 1e-12);
    }

    #[test]
    fn without_a_callee_worth_the_name_it_is_erlang() {
        let line = solve(10.0, 4.0, 0.3, 1e-9, 2.0).unwrap();
        let exact = mmc::solve(10.0, 0.3, 4).unwrap();
        assert!((line.mean_wait / exact.mean_wait - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_room_over_one_server_is_m_m_1_k() {
        for rate in [0.9, 1.0, 3.0] {
            let room = solve_room(rate, 4.0, 0.0, 1.0, 1.0, 6.0).unwrap();
            let exact = crate::queueing::mmck::solve(rate, 1.0, 1.0, 10.0);
            assert!((room.loss - exact.loss).abs() < 1e-9, "{rate}: {room:?}");
            let present = rate * (1.0 - room.loss) * (room.hold + room.mean_wait);
            assert!((present - exact.in_system).abs() < 1e-6, "{rate}: {room:?}");
        }
    }

    #[test]
    fn the_load_is_over_the_closed_throughput() {
        let center = |servers, demand: f64| convolution::Center::new(servers, vec![demand]);
        let capacity = convolution::solve(&[6], &[center(f64::INFINITY, 0.02), center(2.0, 0.01)]).throughput[0];
        let line = solve(140.0, 6.0, 0.02, 0.01, 2.0).unwrap();
        assert!((line.load - 140.0 / capacity).abs() < 1e-12);
    }
}
