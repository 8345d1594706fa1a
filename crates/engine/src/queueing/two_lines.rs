//! Two groups of users at one station of several servers, one group before the other: the exact Markov chain.
//!
//! Users of each group are away for an exponential time and come back to servers where the first group goes first, first come first
//! served within a group; either whoever is in service stays, or the first group takes the place of the second, which goes on later.
//! States are (users of the first here, users of the second here, servers with the second); stationary probabilities by Gauss-Seidel sweeps
//! over the balance equations, forward and back. Users may be fractional: the last part of one comes at that part of the rate. Seconds and
//! per second. Source: the balance equations; Stewart, Introduction to the Numerical Solution of Markov Chains (1994), ch. 3 for the sweeps.

use super::convolution::refill;

/// Sweeps at most.
const SWEEPS: u32 = 3000;
/// Relative change of the numbers present below which they stand still.
const TOLERANCE: f64 = 1.0e-10;

/// A group of users, and of arrivals at a rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Group {
    /// How many users, at the station and away.
    pub users: f64,
    /// Mean seconds away.
    pub away: f64,
    /// Arrivals a second beside the users'.
    pub rate: f64,
    /// Share of users among those who come.
    pub share: f64,
    /// Mean seconds of service.
    pub service: f64,
}

/// What a group finds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Found {
    /// Mean number here.
    pub present: f64,
    /// Mean number in service.
    pub served: f64,
    /// Probability that one who comes finds all servers taken.
    pub waits: f64,
}

/// Memory of a chain, kept from one to the next; probabilities are where the next one of the same size begins.
#[derive(Debug, Clone, Default)]
pub struct Space {
    /// First state of each (first, second) and one past the last.
    first: Vec<u32>,
    states: Vec<[u32; 3]>,
    p: Vec<f64>,
    leaving: Vec<f64>,
    /// Incoming moves of each state: where its list starts, from where, at what rate.
    starts: Vec<u32>,
    from: Vec<u32>,
    rates: Vec<f64>,
}

/// A chain at hand.
struct Chain {
    groups: [Group; 2],
    most: [u32; 2],
    servers: u32,
    preemptive: bool,
}

/// How many of each group fit into a chain of so many states: all of them, or as many of both, more than the servers.
#[must_use]
pub fn room(preemptive: bool, servers: f64, groups: [Group; 2], states: f64) -> Option<[u32; 2]> {
    let fits = |most: [f64; 2]| {
        let served = if preemptive { 1.0 } else { servers.min(most[0]).min(most[1]) + 1.0 };
        (most[0] + 1.0) * (most[1] + 1.0) * served <= states
    };
    let all = groups.map(|group| if group.rate > 0.0 { f64::INFINITY } else { group.users.ceil() });
    let mut most = all.map(|all| all.min(1.0));
    let mut wider = true;
    while wider {
        wider = false;
        for group in [0, 1] {
            let mut more = most;
            more[group] += 1.0;
            if more[group] <= all[group] && fits(more) {
                (most, wider) = (more, true);
            }
        }
    }
    let holds = |group: usize| most[group] >= all[group] || most[group] > servers;
    (holds(0) && holds(1)).then_some(most.map(|most| most as u32))
}

impl Chain {
    /// Servers that the second group can have with so many here.
    fn second_served(&self, here: [u32; 2]) -> core::ops::RangeInclusive<u32> {
        let busy = self.servers.min(here[0] + here[1]);
        let least = busy - busy.min(here[0]);
        if self.preemptive { least..=least } else { least..=busy.min(here[1]) }
    }

    fn arrivals(&self, group: usize, here: u32) -> f64 {
        let group = &self.groups[group];
        (group.users - group.share * f64::from(here)).max(0.0) / group.away + group.rate
    }

    /// Calls `add` with every move out of a state.
    fn moves(&self, [first, second, served]: [u32; 3], mut add: impl FnMut([u32; 3], f64)) {
        let busy = self.servers.min(first + second);
        let (idle, ahead) = (busy < self.servers, busy - served);
        let place = |here: [u32; 2], served: u32| {
            let served = if self.preemptive { *self.second_served(here).start() } else { served };
            [here[0], here[1], served]
        };
        if first < self.most[0] {
            add(place([first + 1, second], served), self.arrivals(0, first));
        }
        if second < self.most[1] {
            add(place([first, second + 1], served + u32::from(idle)), self.arrivals(1, second));
        }
        let (waits, also_waits) = (first > ahead, second > served);
        if ahead > 0 {
            let next = served + u32::from(!waits && also_waits);
            add(place([first - 1, second], next), f64::from(ahead) / self.groups[0].service);
        }
        if served > 0 {
            let next = if !waits && also_waits { served } else { served - 1 };
            add(place([first, second - 1], next), f64::from(served) / self.groups[1].service);
        }
    }
}

impl Space {
    fn position(&self, chain: &Chain, [first, second, served]: [u32; 3]) -> usize {
        let numbers = self.first[(second * (chain.most[0] + 1) + first) as usize];
        (numbers + served - chain.second_served([first, second]).start()) as usize
    }

    /// Lists the states and the moves into each.
    fn lay_out(&mut self, chain: &Chain) {
        self.first.clear();
        self.states.clear();
        for second in 0..=chain.most[1] {
            for first in 0..=chain.most[0] {
                self.first.push(self.states.len() as u32);
                self.states.extend(chain.second_served([first, second]).map(|served| [first, second, served]));
            }
        }
        let count = self.states.len();
        if self.p.len() != count {
            refill(&mut self.p, count, 1.0 / count as f64);
        }
        refill(&mut self.leaving, count, 0.0);
        refill(&mut self.starts, count + 1, 0);
        let mut moves = 0;
        for at in 0..count {
            chain.moves(self.states[at], |to, rate| {
                let to = self.position(chain, to);
                self.starts[to + 1] += 1;
                self.leaving[at] += rate;
                moves += 1;
            });
        }
        for at in 0..count {
            self.starts[at + 1] += self.starts[at];
        }
        refill(&mut self.from, moves, 0);
        refill(&mut self.rates, moves, 0.0);
        for at in 0..count {
            chain.moves(self.states[at], |to, rate| {
                // The start of a list moves on while it fills, and is that of the next one at the end.
                let to = self.position(chain, to);
                let place = self.starts[to] as usize;
                self.starts[to] += 1;
                (self.from[place], self.rates[place]) = (at as u32, rate);
            });
        }
    }

    /// One balance equation.
    fn balance(&mut self, at: usize) {
        let list = if at == 0 { 0 } else { self.starts[at - 1] as usize }..self.starts[at] as usize;
        let into: f64 = self.from[list.clone()]
            .iter()
            .zip(&self.rates[list])
            .map(|(&from, rate)| self.p[from as usize] * rate)
            .sum();
        if self.leaving[at] > 0.0 {
            self.p[at] = into / self.leaving[at];
        }
    }

    /// Nothing is solved yet.
    pub fn forget(&mut self) {
        self.p.clear();
    }

    /// Probability that more of a group could come than there is room for.
    fn left_out(&self, chain: &Chain) -> f64 {
        let full = |group: usize, here: u32| here == chain.most[group] && chain.arrivals(group, here) > 0.0;
        let states = self.states.iter().zip(&self.p);
        states.filter(|(state, _)| full(0, state[0]) || full(1, state[1])).map(|(_, p)| p).sum()
    }

    fn found(&mut self, chain: &Chain) -> [Found; 2] {
        let all: f64 = self.p.iter().sum();
        self.p.iter_mut().for_each(|p| *p /= all);
        let (mut found, mut all_come) = ([Found::default(); 2], [0.0; 2]);
        for (&[first, second, served], p) in self.states.iter().zip(&self.p) {
            let busy = chain.servers.min(first + second);
            found[0].present += p * f64::from(first);
            found[0].served += p * f64::from(busy - served);
            found[1].present += p * f64::from(second);
            found[1].served += p * f64::from(served);
            let comes = [p * chain.arrivals(0, first), p * chain.arrivals(1, second)];
            for group in [0, 1] {
                all_come[group] += comes[group];
                found[group].waits += if busy < chain.servers { 0.0 } else { comes[group] };
            }
        }
        for group in [0, 1] {
            found[group].waits = if all_come[group] > 0.0 { found[group].waits / all_come[group] } else { 0.0 };
        }
        found
    }
}

/// Solves the chain: the first group goes first. Away and service times above 0. Of each group at most so many are here ([`room`]);
/// also returns the probability that one is full of them though more could come. `None` where it does not come to a standstill.
pub fn solve_in(
    space: &mut Space,
    preemptive: bool,
    servers: u32,
    groups: [Group; 2],
    most: [u32; 2],
) -> Option<([Found; 2], f64)> {
    let chain = Chain { groups, most, servers, preemptive };
    space.lay_out(&chain);
    let mut last = [Found::default(); 2];
    for _ in 0..SWEEPS {
        for at in 0..space.states.len() {
            space.balance(at);
        }
        for at in (0..space.states.len()).rev() {
            space.balance(at);
        }
        let found = space.found(&chain);
        let moved = |now: f64, then: f64| (now - then).abs() <= TOLERANCE * now;
        let still = found.iter().zip(&last).all(|(a, b)| moved(a.present, b.present) && moved(a.served, b.served));
        last = found;
        if still {
            return Some((found, space.left_out(&chain)));
        }
    }
    None
}
