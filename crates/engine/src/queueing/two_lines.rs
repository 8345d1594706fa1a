//! Two groups of users at one station of several servers, one group before the other: the exact Markov chain.
//!
//! Users of each group are away for an exponential time and come back to servers where the first group goes first, first come first
//! served within a group; either whoever is in service stays, or the first group takes the place of the second, which goes on later.
//! States are (users of the group that may have more here, of the other one, servers with the second), so that moves go no further than
//! the smaller of both; stationary probabilities by elimination without subtractions within that band, as exact for times of seconds
//! beside days as for alike ones. Users may be fractional: the last part of one comes at that part of the rate. Seconds and per second.
//! Source: Grassmann, Taksar & Heyman, "Regenerative analysis and steady state distributions for Markov chains", Operations Research 33
//! (1985).

use super::convolution::refill;

/// Probability relative to the first state's from which all are scaled down: their ratios may be beyond any number.
const LARGE: f64 = 1.0e150;

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

/// Memory of a chain, kept from one to the next.
#[derive(Debug, Clone, Default)]
pub struct Space {
    /// First state of each pair of numbers here.
    first: Vec<u32>,
    states: Vec<[u32; 3]>,
    p: Vec<f64>,
    /// Rates from each state to those no further than the band before and after it; eliminated in place.
    rates: Vec<f64>,
    /// Rates out of the state that is eliminated.
    row: Vec<f64>,
}

/// A chain at hand.
struct Chain {
    groups: [Group; 2],
    most: [u32; 2],
    servers: u32,
    preemptive: bool,
}

/// How many of each group fit into a chain that so many multiplications solve: all of them, or as many of both, more than the servers.
#[must_use]
pub fn room(preemptive: bool, servers: f64, groups: [Group; 2], steps: f64) -> Option<[u32; 2]> {
    let fits = |most: [f64; 2]| {
        let served = if preemptive { 1.0 } else { servers.min(most[0]).min(most[1]) + 1.0 };
        let band = (most[0].min(most[1]) + 1.0) * served;
        (most[0].max(most[1]) + 1.0) * band * band * band <= steps
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

    /// Whether the states are listed by the number of the first group, then by that of the second.
    fn by_first(&self) -> bool {
        self.most[0] >= self.most[1]
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
        let pair =
            if chain.by_first() { first * (chain.most[1] + 1) + second } else { second * (chain.most[0] + 1) + first };
        (self.first[pair as usize] + served - chain.second_served([first, second]).start()) as usize
    }

    /// Lists the states and the moves out of each; returns how far one goes.
    fn lay_out(&mut self, chain: &Chain) -> usize {
        self.first.clear();
        self.states.clear();
        let (outer, inner) = if chain.by_first() { (0, 1) } else { (1, 0) };
        for outside in 0..=chain.most[outer] {
            for inside in 0..=chain.most[inner] {
                let here = if chain.by_first() { [outside, inside] } else { [inside, outside] };
                self.first.push(self.states.len() as u32);
                self.states.extend(chain.second_served(here).map(|served| [here[0], here[1], served]));
            }
        }
        let count = self.states.len();
        let mut band = 1;
        for at in 0..count {
            chain.moves(self.states[at], |to, _| band = band.max(self.position(chain, to).abs_diff(at)));
        }
        let mut rates = core::mem::take(&mut self.rates);
        refill(&mut rates, count * (2 * band + 1), 0.0);
        for at in 0..count {
            chain.moves(self.states[at], |to, rate| {
                rates[at * (2 * band + 1) + band + self.position(chain, to) - at] += rate;
            });
        }
        self.rates = rates;
        band
    }

    /// Takes the states away from the last to the second, then finds their probabilities from the first on.
    fn eliminate(&mut self, band: usize) -> Option<()> {
        let (count, width) = (self.states.len(), 2 * band + 1);
        for last in (1..count).rev() {
            let low = last.saturating_sub(band);
            let near = last - low;
            self.row.clear();
            self.row.extend_from_slice(&self.rates[last * width + band - near..last * width + band]);
            let leaving: f64 = self.row.iter().sum();
            if !(leaving > 0.0 && leaving.is_finite()) {
                return None;
            }
            for at in low..last {
                let row = &mut self.rates[at * width..(at + 1) * width];
                let into = row[band + last - at];
                if into > 0.0 {
                    let part = into / leaving;
                    row[band + last - at] = part;
                    // Back to where it came from is no move; that place of the row is never read.
                    let to = &mut row[band + low - at..band + last - at];
                    to.iter_mut().zip(&self.row).for_each(|(to, rate)| *to += part * rate);
                }
            }
        }
        refill(&mut self.p, count, 0.0);
        self.p[0] = 1.0;
        for at in 1..count {
            let low = at.saturating_sub(band);
            let p = (low..at).map(|from| self.p[from] * self.rates[from * width + band + at - from]).sum();
            self.p[at] = p;
            if p > LARGE {
                self.p[..=at].iter_mut().for_each(|p| *p /= LARGE);
            }
        }
        let all: f64 = self.p.iter().sum();
        self.p.iter_mut().for_each(|p| *p /= all);
        (all > 0.0 && all.is_finite()).then_some(())
    }

    /// Probability that more of a group could come than there is room for.
    fn left_out(&self, chain: &Chain) -> f64 {
        let full = |group: usize, here: u32| here == chain.most[group] && chain.arrivals(group, here) > 0.0;
        let states = self.states.iter().zip(&self.p);
        states.filter(|(state, _)| full(0, state[0]) || full(1, state[1])).map(|(_, p)| p).sum()
    }

    fn found(&self, chain: &Chain) -> [Found; 2] {
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
/// also returns the probability that one is full of them though more could come. `None` where a rate is none, or beyond any number.
pub fn solve_in(
    space: &mut Space,
    preemptive: bool,
    servers: u32,
    groups: [Group; 2],
    most: [u32; 2],
) -> Option<([Found; 2], f64)> {
    let chain = Chain { groups, most, servers, preemptive };
    let band = space.lay_out(&chain);
    space.eliminate(band)?;
    Some((space.found(&chain), space.left_out(&chain)))
}
