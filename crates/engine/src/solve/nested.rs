//! One closed class whose slots and pools queue over queues: a tree of closed networks.
//!
//! Who holds a slot (or a connection) is a customer of the network below it: its own time, the queues it visits, and the slots held
//! further down. That network alone with 1, 2, ... customers up to all the slots has a throughput each (exact, [`one_class`]), and is
//! from then on one center of the network above, at that speed (Norton's theorem for queues). At the top are the users. Numbers come
//! back down: how many are inside follows from the level above, and how many of them wait in front is what the slots leave over.
//! Approximate only in that what is inside the slots counts as settled whenever their number changes: against the chain 2 % in the mean
//! at worst ("3 slots over 2 cores" in `crates/study/tests/exact.rs`), 0.3 % in throughput. Pools of several replicas count as one.
//! Elsewhere (several closed classes, open ones on the same stations, a station below two holders) the layered approximation of
//! [`super::closed`] answers.
//! Source: Chandy, Herzog, Woo, IBM J. Res. Dev. 19 (1975); Lazowska et al., Quantitative System Performance, ch. 8 and §9.3.

use super::{
    Solver,
    closed::{found_wait, most_rate},
    flat::{Group, groups, write_ratio},
    populations::COUNTABLE,
    state::VisitState,
    structure::Structure,
};
use crate::{
    model::{Arrivals, Discipline, Kind, Mode, System},
    queueing::{
        convolution::{Center, refill},
        one_class,
    },
};

/// No network has this number.
const NOWHERE: usize = usize::MAX;
/// Slots up to which what is below them is solved for every number inside.
const MOST_PLACES: f64 = 512.0;
/// Steps up to which a network is solved.
const MOST_STEPS: f64 = 1.0e7;

/// Memory of a tree of networks.
#[derive(Debug, Clone, Default)]
pub(super) struct Nested {
    /// Callers before what they hold; more may be kept for their memory.
    levels: Vec<Level>,
    used: usize,
    /// The level each station is called in.
    of_station: Vec<usize>,
    of_pool: Vec<usize>,
    /// Closed classes, and the share of the requests that is theirs.
    classes: Vec<(usize, f64)>,
    /// Visits per request of any of them, by class among them and station.
    visits: Vec<f64>,
    stack: Vec<usize>,
    /// Stations that somebody calls without waiting.
    aside: Vec<bool>,
    mix: Vec<f64>,
    /// Figures of all the networks that are solved, and of those that are asked for.
    known: Vec<f64>,
    asked: Vec<f64>,
}

/// One network: what is inside its places.
#[derive(Debug, Clone, Default)]
struct Level {
    above: usize,
    holder: Holder,
    places: f64,
    /// Times a place is taken per request.
    visits: f64,
    /// Seconds of delay per request.
    delay: f64,
    centers: Vec<Center>,
    parts: Vec<Part>,
    space: one_class::Space,
    /// Probability of each number in front and inside.
    present: Vec<f64>,
}

/// Who holds a level's places.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Holder {
    #[default]
    Users,
    Slots(usize),
    /// Position among all pools.
    Pool(usize),
}

/// What a center stands for.
#[derive(Debug, Clone, Copy)]
enum Part {
    Node(usize, Group),
    Level(usize),
    Delay,
}

impl Part {
    fn node(&self) -> Option<(usize, Group)> {
        if let Self::Node(id, group) = self { Some((*id, *group)) } else { None }
    }
}

impl Level {
    /// The next center's memory.
    fn center(&mut self, part: Part, servers: f64, demand: f64) -> &mut Center {
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
        (level.visits, level.delay) = (0.0, 0.0);
        level.parts.clear();
        self.used += 1;
        self.used - 1
    }
}

impl Solver {
    /// Whether the closed classes have their stations to themselves, with nothing that refuses, repeats, divides or is by priority.
    pub(super) fn may_nest(&self, system: &System) -> bool {
        let classes = self.structure.classes;
        let reached = |id: usize, by: &dyn Fn(usize) -> bool| {
            (0..classes).any(|class| by(class) && self.structure.reaches[id * classes + class])
        };
        let open = |class: usize| matches!(system.classes[class].arrivals, Arrivals::Open { .. });
        self.legs_are_plain(system)
            && (0..self.structure.stations).filter(|&id| reached(id, &|class| self.users_now[class] > 0.0)).all(|id| {
                let ordered = self.state.stations[id].discipline != Discipline::Fifo;
                !ordered && !reached(id, &open) && self.is_plain(system, id)
            })
    }

    /// One solution; sets the rates and the waits. `None` where the shape does not allow it, else how far a rate moved, relatively.
    pub(super) fn solve_nested(&mut self, system: &System) -> Option<f64> {
        let mut nested = core::mem::take(&mut self.nested);
        self.mix_nested(system, &mut nested.classes);
        let users = self.users_now.iter().sum();
        let shape = self.nest(system, &mut nested);
        if shape.is_some() && nested.is_known(users) {
            self.nested = nested;
            return Some(0.0);
        }
        let rate = shape.and_then(|()| nested.solve(users));
        let moved = rate.map(|rate| {
            let mut moved = 0.0_f64;
            for &(class, share) in &nested.classes {
                let before = core::mem::replace(&mut self.closed_rates[class], rate * share);
                moved = moved.max((before - rate * share).abs() / (rate * share).max(1e-300));
            }
            nested.spread();
            self.place_nested(system, rate, &mut nested);
            moved
        });
        self.nested = nested;
        moved
    }

    /// The closed classes with their shares of the requests, which follow from how long each cycle takes.
    fn mix_nested(&self, system: &System, to: &mut Vec<(usize, f64)>) {
        to.clear();
        let mut all = 0.0;
        for (class, of) in system.classes.iter().enumerate() {
            if let Arrivals::Closed { think_time, .. } = of.arrivals
                && self.users_now[class] > 0.0
            {
                let response = self.state.visits[of.entry * self.structure.classes + class].hold.mean;
                let rate = most_rate(self.users_now[class], think_time + response);
                all += rate;
                to.push((class, rate));
            }
        }
        to.iter_mut().for_each(|(_, share)| *share /= all);
    }

    /// Walks from the users through everything they wait for.
    fn nest(&self, system: &System, to: &mut Nested) -> Option<()> {
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
        Some(())
    }

    /// A station's own time and calls, in the level that calls it or below its slots.
    fn nest_station(&self, system: &System, id: usize, to: &mut Nested) -> Option<()> {
        let station = &system.stations[id];
        let state = &self.state.stations[id];
        let mut at = to.of_station[id];
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
                let calls = weight * self.calls_per_visit(system, leg, to.classes[position].0, id);
                if calls > 0.0 {
                    self.nest_call(system, position, leg, calls, at, to)?;
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
                at = to.of_pool[pool];
                to.levels[at].visits += calls;
            }
        }
        to.levels[at].delay += calls * call.network_time();
        if self.is_delay(system, callee) {
            let class = to.classes[position].0;
            to.levels[at].delay += calls * self.state.visits[callee * self.structure.classes + class].bare;
            return Some(());
        }
        if to.of_station[callee] != NOWHERE && to.of_station[callee] != at {
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
    fn over(&self, solver: &Solver, id: usize, of: impl Fn(&VisitState) -> f64) -> f64 {
        let Structure { stations, classes, .. } = solver.structure;
        let classes_here = self.classes.iter().enumerate();
        let one = |(position, &(class, _)): (usize, &(usize, f64))| {
            self.visits[position * stations + id] * of(&solver.state.visits[id * classes + class])
        };
        classes_here.map(one).sum()
    }

    /// Nothing is solved yet.
    pub fn forget(&mut self) {
        self.known.clear();
    }

    /// Whether these networks are those that were solved before; takes them for the next time.
    fn is_known(&mut self, users: f64) -> bool {
        core::mem::swap(&mut self.asked, &mut self.known);
        self.known.clear();
        self.known.push(users);
        for level in &self.levels[..self.used] {
            self.known.extend([level.above as f64, level.places, level.visits, level.delay]);
            for (part, center) in level.parts.iter().zip(&level.centers) {
                let (id, slow) = part.node().map_or((-1.0, 0.0), |(id, group)| (id as f64, group.slow));
                self.known.extend([id, slow].into_iter().chain(center.key()));
            }
        }
        self.asked == self.known
    }

    /// Solves every level, the deepest first; returns the throughput of `users`.
    fn solve(&mut self, users: f64) -> Option<f64> {
        for at in (0..self.used).rev() {
            let (before, rest) = self.levels.split_at_mut(at);
            let level = &mut rest[0];
            let delay = level.delay.max(0.0);
            level.center(Part::Delay, f64::INFINITY, delay);
            let too_large = level.places > if at > 0 { MOST_PLACES } else { COUNTABLE };
            let Level { centers, parts, space, .. } = level;
            let centers = &centers[..parts.len()];
            if too_large || one_class::steps(level.places, centers) > MOST_STEPS {
                return None;
            }
            if !space.prepare(level.places as u32, centers) {
                return None;
            }
            if at > 0 {
                let first = space.throughput(1);
                let above = before[level.above].center(Part::Level(at), 1.0, 1.0 / first);
                above.table.extend((1..=level.places as usize).map(|n| space.throughput(n) / first));
                if !(first.is_finite() && above.table.iter().all(|speed| speed.is_finite() && *speed > 0.0)) {
                    return None;
                }
            }
        }
        // Between two whole numbers of users.
        let top = &mut self.levels[0];
        let (floor, part, first) = (users.floor() as usize, users.fract(), top.space.first());
        refill(&mut top.present, top.places as usize + 1 - first, 0.0);
        top.present[floor - first] += 1.0 - part;
        let mut rate = (1.0 - part) * top.space.throughput(floor);
        if part > 0.0 {
            top.present[floor + 1 - first] += part;
            rate += part * top.space.throughput(floor + 1);
        }
        Some(rate)
    }

    /// How many are at each level, from the level above.
    fn spread(&mut self) {
        for at in 0..self.used {
            self.levels[at].inside(&mut self.mix);
            for center in 0..self.levels[at].parts.len() {
                if let Part::Level(below) = self.levels[at].parts[center] {
                    let mut present = core::mem::take(&mut self.levels[below].present);
                    let Level { centers, parts, space, .. } = &mut self.levels[at];
                    space.distribution(center, &centers[..parts.len()], &self.mix, &mut present);
                    self.levels[below].present = present;
                }
            }
        }
    }
}

impl Level {
    /// Places of those that are walked through.
    fn walked(&self) -> usize {
        self.places as usize - self.space.first()
    }

    /// Probability of each number that holds a place.
    fn inside(&self, to: &mut Vec<f64>) {
        let places = self.walked();
        refill(to, places + 1, 0.0);
        for (n, p) in self.present.iter().enumerate() {
            to[n.min(places)] += p;
        }
    }

    /// The line in front: mean number, probability that all places are held, and the squared coefficient of variation of the wait of
    /// those who find them so, who wait for one more departure than wait before them.
    fn line(&self) -> (f64, f64, f64) {
        let places = self.walked();
        let (mut full, mut first, mut second) = (0.0, 0.0, 0.0);
        for (n, p) in self.present.iter().enumerate().skip(places) {
            let line = (n - places) as f64;
            full += p;
            first += p * line;
            second += p * line * line;
        }
        if full <= 0.0 {
            return (0.0, 0.0, 1.0);
        }
        let mean = first / full;
        let variance = (second / full - mean * mean).max(0.0);
        (first, full.min(1.0), (mean + 1.0 + variance) / ((mean + 1.0) * (mean + 1.0)))
    }
}

/// Whether those in service slow each other down in proportion to their work.
fn is_shared(kind: &Kind) -> bool {
    matches!(kind, Kind::Service { cpu_cores: Some(_), .. })
}

impl Solver {
    /// Turns numbers into waits per visit.
    fn place_nested(&mut self, system: &System, rate: f64, nested: &mut Nested) {
        let classes = self.structure.classes;
        for at in 0..nested.used {
            nested.levels[at].inside(&mut nested.mix);
            let (waiting, full, scv) = nested.levels[at].line();
            let per_call = rate * nested.levels[at].visits;
            let wait = if per_call > 0.0 { waiting / per_call } else { 0.0 };
            match nested.levels[at].holder {
                Holder::Users => {}
                Holder::Pool(pool) => self.state.pools[pool].found = Some(found_wait(wait, full, scv)),
                Holder::Slots(id) => {
                    let station = &mut self.state.stations[id];
                    (station.found, station.found_scv) = (Some(full), scv);
                    for &(class, _) in &nested.classes {
                        self.state.visits[id * classes + class].found = Some(wait);
                    }
                }
            }
            let mut level = core::mem::take(&mut nested.levels[at]);
            self.place_centers(system, rate, &mut level, nested, full);
            nested.levels[at] = level;
        }
    }

    /// The queues of one level: all that is there is its residence, of which the own time is no wait.
    fn place_centers(&mut self, system: &System, rate: f64, level: &mut Level, nested: &Nested, full: f64) {
        let classes = self.structure.classes;
        let mut first = 0;
        while first < level.parts.len() {
            let Some((id, Group { slow, .. })) = level.parts[first].node() else {
                first += 1;
                continue;
            };
            let (mut number, mut waiting, mut busiest, mut swing, mut end) = (0.0, 0.0, 0.0_f64, 0.0, first);
            while let Some((_, group)) = level.parts.get(end).and_then(Part::node).filter(|(other, _)| *other == id) {
                let Level { centers, parts, space, .. } = &mut *level;
                let centers = &centers[..parts.len()];
                let (here, square) = space.moments(end, centers, &nested.mix);
                let busy = rate * centers[end].demands[0] / group.capacity();
                number += group.count * here;
                waiting += group.count * (here - busy * group.capacity()).max(0.0);
                busiest = busiest.max(busy);
                swing = if here > 0.0 { (square / (here * here) - 1.0).max(0.0) } else { 0.0 };
                end += 1;
            }
            first = end;
            let visits = nested.over(self, id, |_| 1.0);
            let own = if visits > 0.0 { nested.over(self, id, |visit| visit.own.mean) * slow / visits } else { 0.0 };
            let here = rate * visits;
            let residence = if here > 0.0 { (number / here).max(own) } else { own };
            if level.holder == Holder::Slots(id) {
                // Own time on shared cores, inside the slot. While all slots are held as many are inside as ever, and who finds more of
                // them on the cores finds fewer elsewhere.
                let stretch = if own > 0.0 { slow * residence / own } else { slow };
                self.state.stations[id].found_stretch = Some((stretch, 2.0 * swing * (1.0 - full)));
                continue;
            }
            for &(class, _) in &nested.classes {
                let visit = &mut self.state.visits[id * classes + class];
                let part =
                    if is_shared(&system.stations[id].kind) && own > 0.0 { visit.own.mean * slow / own } else { 1.0 };
                visit.found = Some((residence - own) * part);
            }
            let busy = busiest.clamp(0.0, 1.0);
            let scv = self.line_variation(id, waiting / busy.max(1.0e-9), (level.places - number).max(0.0));
            (self.state.stations[id].found, self.state.stations[id].found_scv) = (Some(busy), scv);
        }
    }
}
