//! The shape of a tree of closed networks: which places are held over what, walked from the users down. Solved in [`super::nested`].
//!
//! Places that call the same part (two pools over one database) are one level with the places of both: while either can keep the servers
//! below busy it does not matter whose they are, if all classes use them in the same shares.

use super::{
    Solver,
    flat::{Group, groups, write_ratio},
    report::Shared,
    state::VisitState,
    structure::Structure,
};
use crate::{
    model::{Arrivals, Kind, Mode, System},
    queueing::{
        convolution::{Center, refill},
        one_class,
    },
};

/// No network has this number.
const NOWHERE: usize = usize::MAX;
/// How far the places per visit of one that calls a part may be from those of all that call it, to be taken as one.
const ALIKE: f64 = 1.25;

/// Memory of a tree of networks.
#[derive(Debug, Clone, Default)]
pub(super) struct Nested {
    /// Callers before what they hold; more may be kept for their memory.
    pub(super) levels: Vec<Level>,
    pub(super) used: usize,
    /// The level each station is called in.
    pub(super) of_station: Vec<usize>,
    pub(super) of_pool: Vec<usize>,
    /// Closed classes, and the share of the requests that is theirs.
    pub(super) classes: Vec<(usize, f64)>,
    /// Visits per request of any of them, by class among them and station.
    pub(super) visits: Vec<f64>,
    pub(super) stack: Vec<usize>,
    /// Stations that somebody calls without waiting.
    pub(super) aside: Vec<bool>,
    pub(super) mix: Vec<f64>,
    /// Figures of all the networks that are solved, and of those that are asked for.
    pub(super) known: Vec<f64>,
    pub(super) asked: Vec<f64>,
}

/// One network: what is inside its places.
#[derive(Debug, Clone, Default)]
pub(super) struct Level {
    pub(super) above: usize,
    pub(super) holder: Holder,
    /// The level that this one is part of, where both call the same part.
    pub(super) joined: Option<usize>,
    pub(super) places: f64,
    /// Its own places and times one is taken per request, without those of levels that joined it.
    pub(super) own: (f64, f64),
    /// The same times by class.
    pub(super) by_class: Vec<f64>,
    /// Times a place is taken per request.
    pub(super) visits: f64,
    /// Seconds of delay per request.
    pub(super) delay: f64,
    pub(super) centers: Vec<Center>,
    pub(super) parts: Vec<Part>,
    pub(super) space: one_class::Space,
    /// Probability of each number in front and inside.
    pub(super) present: Vec<f64>,
}

/// Who holds a level's places.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) enum Holder {
    #[default]
    Users,
    Slots(usize),
    /// Position among all pools.
    Pool(usize),
}

/// What a center stands for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    Node(usize, Group),
    Level(usize),
    Delay,
}

impl Part {
    pub(super) fn node(&self) -> Option<(usize, Group)> {
        if let Self::Node(id, group) = self { Some((*id, *group)) } else { None }
    }
}

impl Level {
    /// The next center's memory.
    pub(super) fn center(&mut self, part: Part, servers: f64, demand: f64) -> &mut Center {
        if self.parts.len() == self.centers.len() {
            self.centers.push(Center::default());
        }
        let center = &mut self.centers[self.parts.len()];
        self.parts.push(part);
        (center.servers, center.usl, center.alike) = (servers, None, 1.0);
        center.table.clear();
        center.demands.clear();
        center.demands.push(demand);
        center
    }
}

impl Nested {
    /// Opens the network below a holder's places.
    fn open(&mut self, above: usize, holder: Holder, places: f64) -> usize {
        if self.used == self.levels.len() {
            self.levels.push(Level::default());
        }
        let level = &mut self.levels[self.used];
        (level.above, level.holder, level.places) = (above, holder, places);
        (level.visits, level.delay, level.joined, level.own) = (0.0, 0.0, None, (places, 0.0));
        level.parts.clear();
        refill(&mut level.by_class, self.classes.len(), 0.0);
        self.used += 1;
        self.used - 1
    }

    /// The level that one is part of.
    pub(super) fn whole(&self, mut at: usize) -> usize {
        while let Some(next) = self.levels[at].joined {
            at = next;
        }
        at
    }

    /// Whether a level that is joined can keep all servers below busy alone, or has about as many places for its visits as all of them: else
    /// it would be full while others are not, and those servers idle.
    fn fits_its_whole(&self, at: usize) -> bool {
        let (level, whole) = (&self.levels[at], &self.levels[self.whole(at)]);
        let per_visit = |(places, visits): (f64, f64)| places / visits.max(1.0e-300);
        let ratio = per_visit(level.own) / per_visit((whole.places, whole.visits));
        let servers = whole.parts.iter().zip(&whole.centers).filter(|(part, _)| part.node().is_some());
        let most = servers.map(|(_, center)| center.servers).fold(0.0, f64::max);
        // Servers that only stand deeper down are not known here.
        let alone = most > 0.0 && level.own.0 >= most;
        let fits = level.own.0 >= whole.places || alone || (1.0 / ALIKE..=ALIKE).contains(&ratio);
        fits && self.is_used_alike(at)
    }

    /// Whether every class takes about the same share of a level's places as of the whole's: the servers below are divided as the places
    /// are, and who has few of them waits longer than who has many.
    fn is_used_alike(&self, at: usize) -> bool {
        let whole = self.whole(at);
        let of_whole = |position: usize| -> f64 {
            let levels = (0..self.used).filter(|&level| self.whole(level) == whole);
            levels.map(|level| self.levels[level].by_class[position]).sum()
        };
        let own: f64 = self.levels[at].by_class.iter().sum();
        let all: f64 = (0..self.classes.len()).map(of_whole).sum();
        // Nobody holds the places of the users themselves.
        own <= 0.0
            || self.levels[at].by_class.iter().enumerate().all(|(position, visits)| {
                let (share, of_all) = (visits / own, of_whole(position) / all);
                share <= ALIKE * of_all && of_all <= ALIKE * share
            })
    }

    /// Makes two holders of the same level above one that has the places of both; whether it can.
    fn join(&mut self, a: usize, b: usize) -> bool {
        let (a, b) = (self.whole(a), self.whole(b));
        if a == b {
            return true;
        }
        let (to, from) = (a.min(b), a.max(b));
        let [above_to, above_from] = [to, from].map(|at| self.levels[at].above);
        let holds = |level: &Level| match level.holder {
            Holder::Users => false,
            // Cores shared inside slots are told from those below by their slots.
            Holder::Slots(id) => level.parts.iter().all(|part| part.node().is_none_or(|(other, _)| other != id)),
            Holder::Pool(_) => true,
        };
        if to == 0
            || self.whole(above_to) != self.whole(above_from)
            || ![to, from].iter().all(|&at| holds(&self.levels[at]))
        {
            return false;
        }
        let (before, rest) = self.levels.split_at_mut(from);
        let (to_level, level) = (&mut before[to], &mut rest[0]);
        to_level.places += level.places;
        to_level.visits += level.visits;
        to_level.delay += level.delay;
        for (part, center) in level.parts.iter().zip(&level.centers) {
            to_level.center(*part, center.servers, 0.0).clone_from(center);
        }
        level.joined = Some(to);
        true
    }
}

impl Solver {
    /// Walks from the users through everything they wait for.
    pub(super) fn nest(&self, system: &System, to: &mut Nested) -> Option<()> {
        let stations = self.structure.stations;
        to.used = 0;
        refill(&mut to.of_station, stations, NOWHERE);
        refill(&mut to.of_pool, self.state.pools.len(), NOWHERE);
        refill(&mut to.visits, to.classes.len() * stations, 0.0);
        let users: f64 = self.users_now.iter().sum();
        let top = to.open(NOWHERE, Holder::Users, users.ceil());
        for (position, &(class, share)) in to.classes.iter().enumerate() {
            let Arrivals::Closed { think_time, .. } = system.classes[class].arrivals else { return None };
            to.levels[top].delay += share * think_time;
            let entry = system.classes[class].entry;
            (to.of_station[entry], to.visits[position * stations + entry]) = (top, share);
        }
        self.called_aside(system, to);
        for &id in &self.structure.order {
            if to.of_station[id] != NOWHERE {
                if to.aside[id] && !self.is_delay(system, id) {
                    return None;
                }
                self.nest_station(system, id, to)?;
            }
        }
        (0..to.used).all(|at| to.fits_its_whole(at)).then_some(())
    }

    /// A station's own time and calls, in the level that calls it or below its slots.
    fn nest_station(&self, system: &System, id: usize, to: &mut Nested) -> Option<()> {
        let station = &system.stations[id];
        let state = &self.state.stations[id];
        let mut at = to.whole(to.of_station[id]);
        let work = to.over(self, id, |visit| visit.own.mean);
        if matches!(station.kind, Kind::Queue { .. }) {
            to.levels[at].delay += work;
            return Some(());
        }
        let shares = is_shared(&station.kind);
        let calls = !self.structure.legs_of[id].is_empty();
        let holds =
            matches!(station.kind, Kind::Service { .. }) && state.servers < to.levels[at].places && (calls || shares);
        if holds {
            at = to.open(at, Holder::Slots(id), state.servers);
            to.levels[at].visits = to.over(self, id, |_| 1.0);
            to.levels[at].own.1 = to.levels[at].visits;
            for position in 0..to.classes.len() {
                to.levels[at].by_class[position] = to.visits[position * self.structure.stations + id];
            }
        }
        let groups = groups(system, id, state.servers, state.replicas);
        if (holds && !shares) || groups.iter().all(|group| group.count <= 0.0) {
            to.levels[at].delay += work;
        } else {
            for group in groups.into_iter().filter(|group| group.count > 0.0) {
                let mut demand = 0.0;
                for (position, &(class, _)) in to.classes.iter().enumerate() {
                    let visit = &self.state.visits[id * self.structure.classes + class];
                    let share = group.share(visit, write_ratio(system, id, class));
                    demand += to.visits[position * self.structure.stations + id] * visit.own.mean * share * group.slow;
                }
                let center = to.levels[at].center(Part::Node(id, group), group.servers, demand);
                (center.usl, center.alike) = (group.usl, group.count);
            }
        }
        for leg in self.structure.legs_of[id].clone() {
            if self.structure.legs[leg].mode == Mode::Async {
                continue;
            }
            for position in 0..to.classes.len() {
                let weight = to.visits[position * self.structure.stations + id];
                let calls = weight * self.calls_per_visit(system, leg, to.classes[position].0, id, Shared::Made);
                if calls > 0.0 {
                    self.nest_call(system, position, leg, calls, to.whole(at), to)?;
                }
            }
        }
        Some(())
    }

    /// A call, through its pool where it has one that can be short.
    fn nest_call(
        &self,
        system: &System,
        position: usize,
        leg: usize,
        calls: f64,
        from: usize,
        to: &mut Nested,
    ) -> Option<()> {
        let call = self.structure.call(system, leg);
        let (caller, callee) = (self.structure.legs[leg].caller, self.structure.legs[leg].callee);
        let mut at = from;
        if let Some(pool) = call.pool
            && let Some(size) = system.stations[caller].pools[pool].size
        {
            let places = f64::from(size) * self.state.stations[caller].replicas;
            let pool = self.state.pools_of[caller] + pool;
            if places < to.levels[from].places {
                if to.of_pool[pool] == NOWHERE {
                    to.of_pool[pool] = to.open(from, Holder::Pool(pool), places);
                }
                to.levels[to.of_pool[pool]].own.1 += calls;
                to.levels[to.of_pool[pool]].by_class[position] += calls;
                at = to.whole(to.of_pool[pool]);
                to.levels[at].visits += calls;
            }
        }
        to.levels[at].delay += calls * call.network_time();
        if self.is_delay(system, callee) {
            let class = to.classes[position].0;
            let visit = &self.state.visits[callee * self.structure.classes + class];
            to.levels[at].delay += calls * visit.admitted * visit.bare;
            return Some(());
        }
        if to.of_station[callee] != NOWHERE && !to.join(to.of_station[callee], at) {
            return None;
        }
        to.of_station[callee] = at;
        to.visits[position * self.structure.stations + callee] += calls;
        Some(())
    }

    /// Marks the stations that a class also reaches without waiting for them.
    fn called_aside(&self, system: &System, to: &mut Nested) {
        refill(&mut to.aside, self.structure.stations, false);
        to.stack.clear();
        for leg in &self.structure.legs {
            let waits = leg.mode != Mode::Async && !matches!(system.stations[leg.caller].kind, Kind::Queue { .. });
            let comes = |class: usize| self.structure.reaches[leg.caller * self.structure.classes + class];
            if !waits && to.classes.iter().any(|&(class, _)| comes(class)) {
                to.stack.push(leg.callee);
            }
        }
        while let Some(id) = to.stack.pop() {
            if !core::mem::replace(&mut to.aside[id], true) {
                to.stack.extend(self.structure.legs_of[id].clone().map(|leg| self.structure.legs[leg].callee));
                if let Kind::Queue { dead_letter: Some(dead), .. } = system.stations[id].kind {
                    to.stack.push(dead);
                }
            }
        }
    }
}

impl Nested {
    /// A figure of a station's visits, summed up over a request.
    pub(super) fn over(&self, solver: &Solver, id: usize, of: impl Fn(&VisitState) -> f64) -> f64 {
        let Structure { stations, classes, .. } = solver.structure;
        let classes_here = self.classes.iter().enumerate();
        let one = |(position, &(class, _)): (usize, &(usize, f64))| {
            self.visits[position * stations + id] * of(&solver.state.visits[id * classes + class])
        };
        classes_here.map(one).sum()
    }
}

/// Whether those in service slow each other down in proportion to their work.
pub(super) fn is_shared(kind: &Kind) -> bool {
    matches!(kind, Kind::Service { cpu_cores: Some(_), .. })
}
