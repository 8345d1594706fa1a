//! Places held over a busy callee: K tokens (slots or connections), each held for delays and a visit to c servers; who finds all K
//! held waits in line.
//!
//! Norton: the held part drains like the closed network of K customers: with a_j the weights of the M/M/c queue at load D and b_i
//! those of the delay at load Z, p_n = sum a_j b_(n-j) up to K and a geometric tail of ratio r = p_K / p_(K-1) = arrivals / X(K)
//! beyond. Two corrections make it answer to how much holds vary:
//!
//! - beyond c the weights at the callee fall by the ratio s of the line that M/G/c has there, s / (1 - s) = (1 + scv) / 2 r / (1 - r);
//! - a line drains as regularly as K customers leave: its mean is that of exponential departures times (arrivals' scv + I) / 2, with I
//!   the asymptotic index of dispersion of departures ([`dispersion`]).
//!
//! Exact for one token (M/G/1), for exponential servers without a delay however rarely they are called, and where the callee is
//! M/M/c; elsewhere within some 8 % of simulations (`crates/engine/tests/held.rs`). Seconds and per second.
//! Source: Chandy, Herzog, Woo, IBM J. Res. Dev. 19 (1975); Lazowska et al., Quantitative System Performance, ch. 8 and §9.3; heavy
//! traffic: Whitt, Stochastic-Process Limits (2002), ch. 9.

use super::dispersion;
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

/// What a token is held for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hold {
    /// Mean seconds elsewhere.
    pub delay: f64,
    /// Squared coefficient of variation of those.
    pub delay_scv: f64,
    /// Mean seconds at the callee's servers, over all holds.
    pub demand: f64,
    /// The callee's servers.
    pub servers: f64,
    /// Visits to them for each hold; below 1 the probability of one.
    pub visits: f64,
    /// Squared coefficient of variation of one visit's time at a server.
    pub scv: f64,
    /// The same of all visits there, those of others too.
    pub scv_of_all: f64,
    /// Whether visits share the servers (processor sharing) rather than take turns.
    pub shared: bool,
}

impl Hold {
    /// Probability of work at the callee, and the squared coefficient of variation of that work.
    #[must_use]
    pub fn work(&self) -> (f64, f64) {
        if self.visits < 1.0 { (self.visits.max(RAREST), self.scv) } else { (1.0, self.scv / self.visits) }
    }

    /// Squared coefficient of variation of the work a hold brings to the callee, none included.
    #[must_use]
    pub fn work_scv(&self) -> f64 {
        let (probability, scv) = self.work();
        (1.0 - probability + scv) / probability
    }

    /// The same whose work has that squared coefficient of variation; at least what the choice to visit makes of it.
    #[must_use]
    pub fn with_work_scv(self, work_scv: f64) -> Self {
        let (probability, _) = self.work();
        let scv = (work_scv * probability - (1.0 - probability)).max(0.0);
        Self { scv: scv * self.visits.max(1.0), ..self }
    }

    /// Ratio at which the numbers in line at the callee fall off; that of M/M/c where visits share it, nearly so where a hold comes
    /// back often, as both take turns. At least 1 where it is overloaded.
    #[must_use]
    pub fn ratio(&self, arrival_rate: f64) -> f64 {
        let load = arrival_rate * self.demand / self.servers;
        let rest = 1.0 - load + load * self.stretch();
        if rest > 0.0 { load * self.stretch() / rest } else { load.max(1.0) }
    }

    /// (1 + scv) / 2 of the line at the callee.
    fn stretch(&self) -> f64 {
        let scv = if self.shared { 1.0 } else { 1.0 + (self.scv_of_all - 1.0) / self.visits.max(1.0) };
        0.5 * (1.0 + scv)
    }
}

/// Calls that fewer holds than this make are as rare as this.
const RAREST: f64 = 1.0e-9;

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

impl Weights {
    /// Probability of waiting and mean number of tokens held, with a tail that falls off by `ratio`.
    fn beyond(&self, tokens: f64, ratio: f64) -> (f64, f64) {
        let beyond = ratio / (1.0 - ratio);
        let total = self.all + self.last * beyond;
        (self.last * (1.0 + beyond) / total, (self.present + tokens * self.last * beyond) / total)
    }
}

/// Solves tokens with a waiting room of `room` places; stable at every load. Otherwise as [`solve`].
#[must_use]
pub fn solve_room(arrival_rate: f64, tokens: f64, delay: f64, demand: f64, servers: f64, room: f64) -> Option<Room> {
    let Weights { last, last_but_one, all, present } = weights(arrival_rate, tokens, delay, demand, servers, 1.0)?;
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

/// Solves the line: at most [`MOST`] `tokens`. `None` where the figures leave the range of doubles.
#[must_use]
pub fn solve(arrival_rate: f64, arrival_scv: f64, tokens: f64, hold: &Hold) -> Option<Line> {
    let of = |stretch: f64| weights(arrival_rate, tokens, hold.delay, hold.demand, hold.servers, stretch);
    let plain = of(1.0)?;
    let (tokens, load) = (tokens.floor(), plain.last / plain.last_but_one);
    if !load.is_finite() {
        return None;
    }
    if load >= 1.0 {
        return Some(Line { load, wait_probability: 1.0, mean_wait: 0.0, hold: tokens * load / arrival_rate });
    }
    let overloaded = arrival_rate * hold.demand >= hold.servers;
    let plainly = tokens <= hold.servers || overloaded || (hold.stretch() - 1.0).abs() < 1.0e-9;
    let found = if plainly { None } else { stretched(arrival_rate, tokens, hold) };
    let (waits, holding) = found.unwrap_or_else(|| plain.beyond(tokens, load));
    let uneven = 0.5 * (arrival_scv + dispersion::of(tokens as usize, hold));
    Some(Line {
        load,
        wait_probability: waits.min(1.0),
        mean_wait: waits * load / (1.0 - load) / arrival_rate * uneven,
        hold: holding / arrival_rate,
    })
}

/// Probability of waiting and mean number of tokens held where numbers at the callee fall off otherwise than M/M/c's. Between whole
/// numbers of servers, as busy, in proportion.
fn stretched(arrival_rate: f64, tokens: f64, hold: &Hold) -> Option<(f64, f64)> {
    let whole = |servers: f64| {
        let demand = hold.demand * servers / hold.servers;
        let found = weights(arrival_rate, tokens, hold.delay, demand, servers, hold.stretch())?;
        let ratio = found.last / found.last_but_one;
        (ratio < 1.0).then(|| found.beyond(tokens, ratio))
    };
    let (low, part) = (hold.servers.floor(), hold.servers - hold.servers.floor());
    let below = whole(low)?;
    if part < 1.0e-12 {
        return Some(below);
    }
    let above = whole(low + 1.0)?;
    Some((below.0 + part * (above.0 - below.0), below.1 + part * (above.1 - below.1)))
}

/// Walks from all customers at the callee down to none there, the rest in the delay. From all servers busy on, numbers there have the
/// weights of a line that is `stretch` times as long as that of M/M/c and as likely.
fn weights(arrival_rate: f64, tokens: f64, delay: f64, demand: f64, servers: f64, stretch: f64) -> Option<Weights> {
    let (elsewhere, load) = (arrival_rate * delay, arrival_rate * demand);
    if !(1.0..=MOST).contains(&tokens) || load <= 0.0 || elsewhere < 0.0 {
        return None;
    }
    let (most, servers) = (tokens as usize, servers.max(1.0));
    let busy = servers.min(most as f64) as usize;
    let full: f64 = RECIPROCALS[1..=busy].iter().fold(1.0, |weight, each| weight * (load * each));
    let utilization = load / servers;
    let likely = 1.0 / (1.0 - utilization + utilization * stretch);
    let ratio = utilization * stretch * likely;
    let mut walk = Walk {
        weight: full * likely * math::pow(ratio, (most - busy) as f64),
        one: math::exp(-elsewhere.min(600.0)),
        there: most as f64,
        ..Walk::default()
    };
    // Down to as many as there are servers all of them work, then one fewer each step.
    let queued = (most + 1).saturating_sub(servers.ceil() as usize);
    let (per_load, all_work) = (1.0 / load, 1.0 / ratio);
    for each in &RECIPROCALS[1..=queued] {
        walk.add();
        walk.step(all_work, elsewhere * each);
    }
    // Below, nothing is stretched.
    walk.weight *= ratio / (utilization * likely);
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

    /// Exponential times, one visit a hold.
    fn plain(delay: f64, demand: f64, servers: f64) -> Hold {
        Hold { delay, delay_scv: 1.0, demand, servers, visits: 1.0, scv: 1.0, scv_of_all: 1.0, shared: false }
    }

    #[test]
    fn tokens_over_fewer_servers_only_move_the_line() {
        // The whole wait, in front and inside, is that of M/M/2; in front it is the part beyond 4 present.
        let line = solve(160.0, 1.0, 4.0, &plain(0.0, 0.01, 2.0)).unwrap();
        let exact = mmc::solve(160.0, 0.01, 2).unwrap();
        let beyond = exact.wait_probability * 0.8_f64.powi(2);
        assert!((line.wait_probability - beyond).abs() < 1e-12, "{line:?} {beyond}");
        assert!((line.load - 0.8).abs() < 1e-12);
        assert!((line.hold + line.mean_wait - exact.response_time).abs() < 1e-12);
    }

    #[test]
    fn without_a_callee_worth_the_name_it_is_erlang() {
        // However much its visits vary.
        for scv in [0.0, 1.0, 25.0] {
            for servers in [1.0, 2.0, 2.5] {
                let hold = Hold { scv, scv_of_all: scv, ..plain(0.3, 1e-9, servers) };
                let line = solve(10.0, 1.0, 4.0, &hold).unwrap();
                let exact = mmc::solve(10.0, 0.3, 4).unwrap();
                assert!((line.mean_wait / exact.mean_wait - 1.0).abs() < 1e-6, "{scv} {servers}: {line:?}");
            }
        }
    }

    #[test]
    fn parts_of_a_server_make_no_steps() {
        let at = |servers: f64| {
            let hold = Hold { scv: 9.0, scv_of_all: 9.0, visits: 0.5, ..plain(0.01, 0.007 * servers, servers) };
            solve(100.0, 1.0, 8.0, &hold).unwrap().mean_wait
        };
        for servers in [2.0, 3.0] {
            for near in [at(servers - 1e-7), at(servers + 1e-7)] {
                assert!((near / at(servers) - 1.0).abs() < 1e-4, "{servers}: {near} {}", at(servers));
            }
        }
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
        let line = solve(140.0, 1.0, 6.0, &plain(0.02, 0.01, 2.0)).unwrap();
        assert!((line.load - 140.0 / capacity).abs() < 1e-12);
    }
}
