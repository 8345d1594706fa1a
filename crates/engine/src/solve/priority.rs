//! Stations whose line is ordered by priority: slots, nodes of a database, consumers. What their classes find there: [`super::levels`].

use super::{
    Resource, Solver,
    bare::Bare,
    holding,
    levels::{Level, Line},
    nodes,
    state::{Pressure, VisitState},
};
use crate::{
    model::{DatabaseNode, Discipline, Kind, System},
    queueing::{
        dispatch::{self, Mixture},
        mgc::{self, Wait},
        priority::{self, Stream},
    },
    stats::Moments,
};

/// Sweeps after which shares take half steps.
const SWINGING: u32 = 24;

/// What reads, or writes, of a class find over all nodes of a database.
#[derive(Debug, Clone, Copy, Default)]
struct Found {
    wait: Mixture,
    kept: f64,
    grows: bool,
    each: Moments,
}

impl Found {
    fn add(&mut self, weight: f64, level: &Level) {
        self.wait.add(weight, &level.wait);
        self.kept += weight * level.kept;
        self.grows |= weight > 0.0 && level.grows;
        let sum = |to: f64, from: f64| to + weight * from;
        self.each = Moments {
            mean: sum(self.each.mean, level.each.mean),
            variance: sum(self.each.variance, level.each.variance),
            third: sum(self.each.third, level.each.third),
        };
    }
}

/// Memory of the lines, kept from one to the next.
#[derive(Debug, Clone, Default)]
pub(super) struct Space {
    /// Level of each class.
    of: Vec<usize>,
    levels: Vec<Level>,
    /// Writes and reads of each class.
    found: Vec<[Found; 2]>,
}

impl Space {
    /// Takes the levels of a system's classes.
    pub fn prepare(&mut self, system: &System) {
        self.of.clear();
        self.of.extend((0..system.classes.len()).map(|class| system.level(class)));
        let levels = self.of.iter().max().map_or(0, |last| last + 1);
        self.levels.clear();
        self.levels.resize(levels, Level::default());
        self.found.clear();
        self.found.resize(self.of.len(), [Found::default(); 2]);
    }

    /// The level of a class: how many different priorities are above its own.
    pub fn level(&self, class: usize) -> usize {
        self.of[class]
    }

    fn clear(&mut self) {
        self.levels.fill(Level::default());
    }

    fn add(&mut self, class: usize, rate: f64, service: &Moments) {
        self.levels[self.of[class]].offered.add(rate, service);
    }
}

impl Solver {
    /// Slots of a service or a cache with a line by priority.
    pub(super) fn slots_by_priority(&mut self, system: &System, id: usize, below: Pressure) {
        let work = &system.stations[id];
        let classes = self.structure.classes;
        self.hits(system, id);
        let (rate, own) = self.mixture(id, |visit| visit.own);
        if let Some(autoscale) = &work.autoscale {
            let offered = self.state.visits[id * classes..(id + 1) * classes].iter().map(|v| v.offered).sum();
            self.autoscale(system, id, autoscale, offered, own.mean);
        }
        let holds = matches!(work.kind, Kind::Service { .. });
        let below_slots = if holds { below } else { Pressure::default() };
        let (_, held) = self.mixture(id, |visit| held(visit, holds));
        let bare = if holds { self.bare(id) } else { Bare::of(&own) };
        let balance = self.balance(system, id);
        let mut station = self.state.stations[id];
        let (slots, scv) = (station.servers, station.arrival_scv);
        let used = rate * held.mean / slots;
        let line = holding::line(rate, 1.0, &held, bare, slots, &below_slots, scv);
        let held_over_queues = line.load > used * (1.0 + 1.0e-9) || line.hold.is_some();
        let parts = if balance.is_some() { station.replicas } else { 1.0 };
        let fifo = |arrivals: &Stream| match balance {
            Some(balance) => {
                let held = arrivals.service();
                let group = dispatch::group(balance, arrivals.rate, scv, &held, parts as u32, slots / parts);
                (group.load < 1.0).then_some(group.wait)
            }
            None if held_over_queues => (line.load < 1.0).then_some(line.wait),
            None => mgc::wait(arrivals.rate, scv, &arrivals.service(), slots),
        };
        let load = if balance.is_some() { used } else { line.load };
        let crowded = |load: f64| if used > 0.0 { load / used } else { 1.0 };
        let mut all = Stream::default();
        all.add(rate, &held);
        let whole = fifo(&all).unwrap_or(Wait::NONE);
        let cut = station.shielded.then(|| holding::cut(whole, rate, load, station.bound - slots));
        let mut space = core::mem::take(&mut self.lines);
        space.clear();
        for class in 0..classes {
            let visit = &self.state.visits[id * classes + class];
            space.add(class, visit.offered * visit.admitted, &self::held(visit, holds));
        }
        let discipline = station.discipline;
        let (crowding, thinning) = (crowded(load), crowded(load.max(below_slots.load)));
        let found = Line { discipline, servers: slots, crowding, thinning, held: held_over_queues, fifo: &fifo, cut }
            .solve(&mut space.levels);
        for class in 0..classes {
            let level = &space.levels[space.of[class]];
            self.place(id, class, (level.kept, level.grows), level.wait, &level.each);
        }
        self.lines = space;
        station.split = balance.is_some();
        station.own_is_plain = discipline != Discipline::Preemptive;
        station.work_load = Some(rate * own.mean / slots);
        station.slot_load = holds.then_some(used);
        let blame = line.blame.max(load) * if load > 0.0 { found.offered / load.max(below_slots.load) } else { 1.0 };
        station.busiest = Some((Resource::Slots, if below_slots.load > load { blame.min(1.0) } else { blame }));
        station.stable = found.offered < 1.0;
        station.wait = self.mean_wait(id);
        let own = Pressure { load, wait_probability: found.probability, ..line.pressure() };
        station.pressure = below.or(own);
        self.state.stations[id] = station;
    }

    /// A database whose nodes have lines by priority.
    pub(super) fn database_by_priority(&mut self, id: usize, node: &DatabaseNode, cores: f64, below: Pressure) {
        let classes = self.structure.classes;
        let (units_read, units_write) = self.unit_losses(id, node);
        let mut station = self.state.stations[id];
        let single = nodes::alike(node).map(|alike| alike.count()).sum::<f64>() <= 1.0;
        let (mut busiest, mut busy, mut hottest, mut probability) = (0.0_f64, 0.0_f64, false, 0.0);
        let mut space = core::mem::take(&mut self.lines);
        space.found.fill([Found::default(); 2]);
        for alike in nodes::alike(node) {
            space.clear();
            for class in 0..classes {
                let visit = &self.state.visits[id * classes + class];
                let written = visit.writes * (1.0 - units_write) * alike.write_share();
                let read = (visit.offered - visit.writes).max(0.0) * (1.0 - units_read) * alike.read_share();
                space.add(class, written + read, &visit.own);
            }
            let bound = if single { station.bound } else { station.bound * alike.share };
            let bound = bound / alike.each;
            let fifo = |arrivals: &Stream| mgc::wait(arrivals.rate, station.arrival_scv, &arrivals.service(), cores);
            let all = space.levels.iter().fold(Stream::default(), |sum, level| sum.with(level.offered));
            let load = all.load / cores;
            let cut =
                station.shielded.then(|| holding::cut(fifo(&all).unwrap_or(Wait::NONE), all.rate, load, bound - cores));
            let line = Line {
                discipline: station.discipline,
                servers: cores,
                crowding: 1.0,
                thinning: 1.0,
                held: false,
                fifo: &fifo,
                cut,
            };
            let whole = line.solve(&mut space.levels);
            if whole.offered > busiest {
                (busiest, hottest, probability) = (whole.offered, alike.hottest, whole.probability);
            }
            busy = busy.max(load.min(1.0));
            for class in 0..classes {
                let level = space.levels[space.of[class]];
                let [write, read] = &mut space.found[class];
                if alike.writes {
                    write.add(alike.share * alike.shards, &level);
                }
                if alike.reads {
                    read.add(alike.share * alike.shards, &level);
                }
            }
        }
        for class in 0..classes {
            let visit = &mut self.state.visits[id * classes + class];
            let share = if visit.offered > 0.0 {
                (visit.writes / visit.offered).clamp(0.0, 1.0)
            } else {
                node.write_ratio[class]
            };
            visit.admitted = (1.0 - share * units_write - (1.0 - share) * units_read).clamp(0.0, 1.0);
            let [write, read] = space.found[class];
            let mut wait = Mixture::default();
            wait.add(share, &write.wait.wait());
            wait.add(1.0 - share, &read.wait.wait());
            let both = |write: f64, read: f64| share * write + (1.0 - share) * read;
            let each = Moments {
                mean: both(write.each.mean, read.each.mean),
                variance: both(write.each.variance, read.each.variance),
                third: both(write.each.third, read.each.third),
            };
            let grows = (share > 0.0 && write.grows) || (share < 1.0 && read.grows);
            self.place(id, class, (both(write.kept, read.kept), grows), wait.wait(), &each);
        }
        self.lines = space;
        station.own_is_plain = station.discipline != Discipline::Preemptive;
        station.work_load = Some(busy);
        station.busiest = Some((if hottest { Resource::Shard } else { Resource::Cores }, busiest));
        station.stable = busiest < 1.0;
        station.wait = self.mean_wait(id);
        let passing = if station.shielded { busiest } else { busiest.min(1.0) };
        let (rate, own) = self.mixture(id, |visit| visit.own);
        let own = Pressure {
            load: passing,
            wait_probability: probability,
            servers: station.servers,
            rate,
            scv: own.scv(),
            ..Pressure::default()
        };
        station.pressure = below.or(own);
        self.state.stations[id] = station;
    }

    /// Consumers who take the message of the highest priority next. `handling` is over all classes, `bare` it without any waiting.
    pub(super) fn consumers_by_priority(
        &mut self,
        id: usize,
        consumers: f64,
        below: &Pressure,
        (rate, handling, bare): (f64, Moments, Bare),
    ) {
        let classes = self.structure.classes;
        let mut station = self.state.stations[id];
        let scv = station.arrival_scv;
        let line = holding::line(rate, 1.0, &handling, bare, consumers, below, scv);
        let used = rate * handling.mean / consumers;
        let crowding = if used > 0.0 { line.load / used } else { 1.0 };
        let held_over_queues = line.load > used * (1.0 + 1.0e-9) || line.hold.is_some();
        let mut space = core::mem::take(&mut self.lines);
        space.clear();
        for class in 0..classes {
            let visit = &self.state.visits[id * classes + class];
            let messages = visit.offered * visit.admitted * visit.deliveries;
            space.add(class, messages, &visit.calls_held());
        }
        let fifo = |messages: &Stream| {
            if held_over_queues {
                (line.load < 1.0).then_some(line.wait)
            } else {
                mgc::wait(messages.rate, scv, &messages.service(), consumers)
            }
        };
        let whole = Line {
            discipline: station.discipline,
            servers: consumers,
            crowding,
            thinning: crowding,
            held: held_over_queues,
            fifo: &fifo,
            cut: None,
        }
        .solve(&mut space.levels);
        for class in 0..classes {
            let level = &space.levels[space.of[class]];
            self.place(id, class, (level.kept, level.grows), level.wait, &Moments::ZERO);
        }
        self.lines = space;
        station.busiest = Some((Resource::Consumers, whole.offered));
        station.work_load = Some(if whole.offered < 1.0 { used } else { used.max(1.0) });
        station.stable = whole.offered < 1.0;
        station.wait = self.mean_wait(id);
        // What consumers take is what they can handle: overload stays in the queue, and nobody upstream notices.
        station.pressure = Pressure::default();
        self.state.stations[id] = station;
    }

    /// Notes what a class finds in a line.
    fn place(&mut self, id: usize, class: usize, (kept, grows): (f64, bool), wait: Wait, each: &Moments) {
        let visit = &mut self.state.visits[id * self.structure.classes + class];
        let before = visit.kept;
        visit.grows = grows;
        visit.kept = if self.sweeps < SWINGING { kept } else { halfway(before, kept) };
        visit.wait = Some(wait);
        visit.own_stay = if each.mean > 0.0 { priority::interrupted(&visit.own, each) } else { visit.own };
        let after = visit.kept;
        self.state.moved(before, after);
    }

    /// The wait over all visits that pass.
    fn mean_wait(&self, id: usize) -> Wait {
        let classes = self.structure.classes;
        let mut all = Mixture::default();
        for visit in &self.state.visits[id * classes..(id + 1) * classes] {
            if let Some(wait) = &visit.wait {
                all.add(visit.served, wait);
            }
        }
        all.wait()
    }

    /// Whether a class's line at a station does not grow.
    pub(super) fn is_stable(&self, id: usize, class: usize) -> bool {
        let station = &self.state.stations[id];
        if station.discipline == Discipline::Fifo {
            return station.stable;
        }
        !self.state.visits[id * self.structure.classes + class].grows
    }

    /// Share of a class's admitted visits that pass a station.
    pub(super) fn passing(&self, id: usize, class: usize) -> f64 {
        self.state.stations[id].passing * self.state.visits[id * self.structure.classes + class].kept
    }

    /// Share of all admitted visits that pass a station.
    pub(super) fn passing_of_all(&self, id: usize) -> f64 {
        let classes = self.structure.classes;
        let station = &self.state.stations[id];
        if station.discipline == Discipline::Fifo {
            return station.passing;
        }
        let visits = &self.state.visits[id * classes..(id + 1) * classes];
        let admitted: f64 = visits.iter().map(|v| v.offered * v.admitted).sum();
        let passing: f64 = visits.iter().map(|v| v.offered * v.admitted * v.kept).sum();
        if admitted > 0.0 { (passing / admitted).min(1.0) } else { 1.0 }
    }
}

/// Half the way to a share; the last bit of the way to all of it at once, which half steps would never reach.
fn halfway(from: f64, to: f64) -> f64 {
    let half = 0.5 * (from + to);
    if to >= 1.0 && half > 1.0 - 1.0e-9 { to } else { half }
}

/// How long a visit holds its slot, answered or not.
fn held(visit: &VisitState, holds: bool) -> Moments {
    if !holds {
        return visit.own;
    }
    visit.own.then(visit.calls_held())
}
