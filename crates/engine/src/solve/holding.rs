//! Places (slots, connections) that are held over calls, and queues that limited callers cut.
//!
//! What places can carry is judged without the waits of the part they are held for: those waits exist because the places fill up,
//! and grow without end near its saturation. So the load of places over a busy callee is arrivals over the throughput of the closed
//! network of that many customers ([`holder`]), which stays smooth through saturation, and the fixed point settles there too.

use super::{bare::Bare, state::Pressure};
use crate::{
    math,
    queueing::{
        erlang, holder,
        mgc::{self, Wait},
    },
    stats::Moments,
};

/// Share of the fullest part's load that must come through the places for that part's queue to be theirs; else its waits are given.
const OWN_SHARE: f64 = 0.5;
/// A part this much loaded queues nobody.
pub(super) const UNFELT: f64 = 1.0e-3;
/// Visits of a part that differ by less than this share from all are all.
const SOLE: f64 = 1.0e-6;
/// Who holds a part for all but this share of a time holds it for all of it.
const ELSEWHERE: f64 = 0.02;
/// ln of a probability that is nothing.
const NOTHING: f64 = -37.0;

/// The line in front of places.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    /// Wait for a place.
    pub wait: Wait,
    /// Arrivals over what the places can carry.
    pub load: f64,
    /// The load to name when looking for what is short: at most the callee's where that is the shorter.
    pub blame: f64,
    /// Mean hold, where it is known better than from the waits below.
    pub hold: Option<f64>,
    /// Places at work when all are held: those that wait below are not.
    pub working: f64,
    /// Squared coefficient of variation of a hold without any waiting.
    pub scv: f64,
    /// Holds a second.
    pub rate: f64,
}

impl Line {
    /// What callers further up feel.
    pub fn pressure(&self) -> Pressure {
        let wait_probability = self.wait.probability;
        let (load, servers, rate, scv) = (self.load, self.working, self.rate, self.scv);
        Pressure { load, wait_probability, servers, rate, scv, ..Pressure::default() }
    }
}

/// The wait for one of `limit` places in each of `replicas` groups, held for `held`, of which `bare` is no waiting (seconds). Where what
/// they hold queues itself for `below`, by [`holder`]; else M/G/c.
pub(super) fn line(
    rate: f64,
    replicas: f64,
    held: &Moments,
    bare: Bare,
    limit: f64,
    below: &Pressure,
    arrival_scv: f64,
) -> Line {
    let places = limit * replicas;
    let used = rate * held.mean / places;
    let scv = bare.scv();
    let Some(callee) = Callee::seen(rate, bare.mean, below) else {
        let wait = mgc::wait(rate / replicas, arrival_scv, held, limit).unwrap_or(Wait::NONE);
        return Line { wait, load: used, blame: used, hold: None, working: places, scv, rate };
    };
    let pure = rate * bare.mean / places;
    let blamed = |load: f64| if pure >= below.load { load } else { used.min(below.load) };
    let plain = pure.max(below.load);
    let found =
        |wait, load, hold| Line { wait, load, blame: blamed(load), hold, working: places * pure / load, scv, rate };
    let hold = callee.hold(bare, below);
    let ratio = hold.ratio(rate);
    if callee.load() < 1.0 && never_full(rate * callee.delay, rate * callee.demand, ratio.max(callee.load()), places) {
        return found(Wait::NONE, plain, None);
    }
    if let Some(line) = holder::solve(rate, arrival_scv, places, &hold) {
        let wait = Wait { probability: line.wait_probability, mean: line.mean_wait, scv: 1.0 };
        let wait = if line.load < 1.0 { wait } else { Wait::NONE };
        return found(wait, line.load, Some(line.hold));
    }
    if plain >= 1.0 {
        return found(Wait::NONE, plain, None);
    }
    // Too many places to walk through: full as often as the callee, were its callers unlimited, would have that many, and drained at
    // the callee's rate.
    let queued = (places - callee.servers - rate * callee.delay).max(0.0);
    let callee_full = below.wait_probability * math::pow(ratio.min(1.0), queued);
    let probability = erlang::delay(places, rate * bare.mean).max(callee_full.min(1.0));
    let drain = rate / plain - rate;
    let wait = if probability <= 0.0 || drain <= 0.0 {
        Wait::NONE
    } else {
        // As much as its bottleneck's work varies.
        let short = (1.0 - below.load / plain).clamp(0.0, 1.0);
        let dispersion = short * scv + (1.0 - short) * hold.work_scv();
        Wait { probability, mean: probability / drain * (arrival_scv + dispersion) / 2.0, scv: 1.0 }
    };
    found(wait, plain, None)
}

/// The fullest part below as these places see it.
struct Callee {
    /// Seconds per hold elsewhere.
    delay: f64,
    /// Seconds per hold at its servers, and those while less than one of them is left.
    own: f64,
    demand: f64,
    /// Its servers that are left to them.
    servers: f64,
    rate: f64,
}

impl Callee {
    /// `None` where nothing below queues, or where most of its load comes from elsewhere.
    fn seen(rate: f64, bare: f64, below: &Pressure) -> Option<Self> {
        if below.load <= UNFELT || rate <= 0.0 || below.servers <= 0.0 || below.visits <= 0.0 {
            return None;
        }
        let demand = below.servers * below.load / rate;
        let mut seen = Self { delay: bare - demand, own: demand, demand, servers: below.servers, rate };
        // Of its visits those that come through these places.
        let own = if below.rate > 0.0 { (rate * below.visits / below.rate).min(1.0) } else { 1.0 };
        if seen.delay < -1.0e-9 * bare && bare - demand * own < ELSEWHERE * bare {
            // Others call it too: these places hold it for all of their time, and have what is left of its servers.
            if bare < OWN_SHARE * demand {
                return None;
            }
            let left = below.servers * (1.0 - below.load) + rate * bare;
            (seen.delay, seen.demand, seen.servers) = (0.0, bare, left);
            if left < rate * bare {
                // It is overloaded with them: their share of its servers.
                seen.servers = below.servers * bare / demand;
            }
        } else if own < OWN_SHARE {
            return None;
        } else if own < 1.0 - SOLE {
            // As much for who holds it for a part of their time.
            let left = below.servers * (1.0 - below.load * (1.0 - own));
            (seen.delay, seen.demand) = (bare - demand * own, demand * own);
            seen.servers = if left < rate * seen.demand { below.servers * own } else { left };
        }
        seen.delay = seen.delay.max(0.0);
        seen.own = seen.demand;
        if seen.servers < 1.0 {
            seen.demand /= seen.servers;
            seen.servers = 1.0;
        }
        Some(seen)
    }

    /// What a place is held for. What varies beside the callee's part is the rest's; the part itself varies no more than the whole
    /// hold, what is beyond are visits of others.
    fn hold(&self, bare: Bare, below: &Pressure) -> holder::Hold {
        let mut hold = holder::Hold {
            delay: self.delay,
            delay_scv: 0.0,
            demand: self.demand,
            servers: self.servers,
            visits: below.visits,
            scv: below.scv,
            scv_of_all: below.scv,
            shared: below.shared,
        };
        let most = bare.variance / (self.own * self.own);
        if hold.work_scv() > most * (1.0 + SOLE) {
            hold = hold.with_work_scv(most);
        }
        let rest = bare.variance - hold.work_scv() * self.demand * self.demand;
        if self.delay > 0.0 {
            hold.delay_scv = rest.max(0.0) / (self.delay * self.delay);
        }
        hold
    }

    fn load(&self) -> f64 {
        self.rate * self.demand / self.servers
    }
}

/// Whether all `places` are practically never held: Chernoff's bound on a Poisson number in delays plus that of M/M/c,
/// P(n >= K) <= 2 e^((z + a)(x - 1)) / (1 - r x) x^-K for 1 < x < 1 / r.
fn never_full(delays: f64, load: f64, utilization: f64, places: f64) -> bool {
    let present = delays + load;
    if places < 2.0 * present {
        return false;
    }
    let most = if utilization > 0.0 { 1.0 / utilization.sqrt() } else { f64::INFINITY };
    let x = (places / present.max(1.0e-12)).min(most);
    (x > 1.0) && present * (x - 1.0) - places * math::ln(x) - math::ln((1.0 - utilization * x).max(1.0e-300)) < NOTHING
}

/// The wait where at most `places` can wait at once: the queue is cut there. `load` is arrivals over capacity, the same that `wait` was
/// found with. Where it reaches 1 the room is full and a wait lasts `places` departures.
pub(super) fn cut(wait: Wait, rate: f64, load: f64, places: f64) -> Wait {
    if places.is_infinite() || rate <= 0.0 {
        return wait;
    }
    if places <= 0.0 {
        return Wait::NONE;
    }
    if load >= 1.0 {
        return Wait { probability: 1.0, mean: places * load / rate, scv: 1.0 / places };
    }
    if wait.mean <= 0.0 || wait.probability <= 0.0 {
        return Wait::NONE;
    }
    // The line falls off geometrically, by the ratio that its mean tells: 1 - ratio^places, exact near saturation.
    let kept = -math::exp_m1(-places * math::ln_1p(wait.probability / (rate * wait.mean)));
    let full = 1.0 - kept;
    // Who would find more in line finds the room full: as the room fills up the wait becomes that of so many departures.
    Wait { mean: wait.mean * kept, scv: wait.scv + (1.0 / places - wait.scv).min(0.0) * full, ..wait }
}
