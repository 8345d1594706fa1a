//! Lines by priority: which classes pass, how long each waits, and what interruptions add to its own time.
//!
//! Waits of the levels are those of one server as fast as all together ([`crate::queueing::priority`]), times what the same load first come
//! first served waits at the servers that are there over what it would wait at that one server (Bondi & Buzen, "The response times of
//! priority classes under preemptive resume in M/G/m queues", Performance Evaluation Review 12(3), 1984), level by level at the load down to
//! each, so that the loads times the waits add up to those first come first served. Exact for one server and
//! for several with one exponential service time (Kella & Yechiali 1985; Buzen & Bondi, Operations Research 31, 1983), where with preemption
//! the delays of the levels down to each one are those of M/M/c without the rest.
//!
//! Beyond capacity the lowest levels wait without end and pass what is left. Where the callers are limited nobody is lost: then the
//! stable levels wait as ever, and the lower ones share what is left of the whole line, by conservation of work.

use super::{Resource, Solver, holding, state::Pressure, state::VisitState};
use crate::{
    model::{DatabaseNode, Discipline, Kind, System},
    queueing::{
        dispatch::{self, Mixture},
        mgc::{self, Wait},
        priority::{self, Stream},
    },
    stats::Moments,
};

/// How far from the load down to a level to that of all several servers are compared with one: with other than exponential times, those
/// above wait for the first of the servers to be free, those below for all of the line. Fitted to own simulations of 3 to 8 servers with
/// times of scv 0 and 4 at 0.7 to 0.9: within 10 % of the wait, 25 % where the classes' mean times differ by five.
const REACH: f64 = 0.2;
/// Sweeps after which shares take half steps.
const SWINGING: u32 = 24;

/// What classes of one level find in a line.
#[derive(Debug, Clone, Copy, Default)]
struct Level {
    /// What arrives, passing or not.
    offered: Stream,
    /// Share that passes.
    kept: f64,
    /// Wait until service begins.
    wait: Wait,
    /// What interruptions add per second of service.
    each: Moments,
}

impl Level {
    /// Mean seconds beside the service itself.
    fn delay(&self) -> f64 {
        self.wait.mean + self.each.mean * self.offered.service().mean
    }
}

/// What reads, or writes, of a class find over all nodes of a database.
#[derive(Debug, Clone, Copy, Default)]
struct Found {
    wait: Mixture,
    kept: f64,
    each: Moments,
}

impl Found {
    fn add(&mut self, weight: f64, level: &Level) {
        self.wait.add(weight, &level.wait);
        self.kept += weight * level.kept;
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

    fn clear(&mut self) {
        self.levels.fill(Level::default());
    }

    fn add(&mut self, class: usize, rate: f64, service: &Moments) {
        self.levels[self.of[class]].offered.add(rate, service);
    }
}

/// Servers with a line.
struct Line<'f> {
    discipline: Discipline,
    servers: f64,
    /// Load over what the service times alone make: above 1 where servers are held over what queues itself.
    crowding: f64,
    /// The same with what is overloaded below and thins what passes.
    thinning: f64,
    /// Whether they are: then the wait is known for all that arrives only.
    held: bool,
    /// The wait first come first served of such arrivals alone; `None` when saturated.
    fifo: &'f dyn Fn(&Stream) -> Option<Wait>,
    /// Where the callers are limited: the wait of all first come first served.
    cut: Option<Wait>,
}

/// A line as a whole.
#[derive(Debug, Clone, Copy, Default)]
struct Whole {
    /// Load over capacity of all that arrives.
    offered: f64,
    /// Probability of waiting of those that pass.
    probability: f64,
}

impl Line<'_> {
    /// Finds every level's figures.
    fn solve(&self, levels: &mut [Level]) -> Whole {
        let (thinning, speed) = (self.thinning / self.servers, self.crowding / self.servers);
        let mut used = 0.0;
        let mut offered = 0.0;
        for level in &mut *levels {
            let load = level.offered.load * thinning;
            level.kept = if used + load <= 1.0 { 1.0 } else { ((1.0 - used) / load).max(0.0) };
            used += load * level.kept;
            offered += load;
        }
        let probability = match self.discipline {
            Discipline::Preemptive => self.interrupting(levels, speed),
            _ => self.patient(levels, speed),
        };
        if let Some(cut) = &self.cut {
            shorten(levels, cut, self.fifo, offered);
            levels.iter_mut().for_each(|level| level.kept = 1.0);
        }
        Whole { offered, probability }
    }

    /// Nobody's service is interrupted.
    fn patient(&self, levels: &mut [Level], speed: f64) -> f64 {
        let sum =
            |levels: &[Level]| levels.iter().fold(Stream::default(), |sum, l| sum.with(l.offered.thinned(l.kept)));
        let all = sum(levels);
        let fast = all.stretched(speed);
        let whole = (self.fifo)(&all).filter(|_| fast.load < 1.0);
        let probability = whole.map_or(1.0, |wait| wait.probability);
        let (mut above, mut before) = (Stream::default(), 0.0);
        for at in 0..levels.len() {
            let own = levels[at].offered.thinned(levels[at].kept).stretched(speed);
            let below = sum(&levels[at + 1..]).stretched(speed);
            let alone = priority::non_preemptive(&above, &own, &below).filter(|_| levels[at].kept >= 1.0);
            let load = above.load + own.load;
            // The levels down to here wait as one that is first come first served, before all that is below.
            let near = load + REACH * (fast.load - load);
            let together = self.against_one(&all, &fast, near) * fast.second / 2.0 / fast.load / (1.0 - load);
            let mean = if own.load > 1.0e-9 * load {
                (load * together - before) / own.load
            } else {
                together / (1.0 - above.load)
            };
            let mean = (probability * mean).max(0.0);
            levels[at].wait = match alone {
                Some(alone) if mean > 0.0 && mean.is_finite() => Wait { probability, mean, scv: alone.scv },
                _ => Wait::NONE,
            };
            before = load * together;
            above = above.with(own);
        }
        probability
    }

    /// How long those who wait first come first served wait at this load, over what they would wait at one server of the whole speed.
    fn against_one(&self, all: &Stream, fast: &Stream, load: f64) -> f64 {
        let share = if self.held { 1.0 } else { load / fast.load };
        let one = fast.thinned(share);
        match (self.fifo)(&all.thinned(share)) {
            Some(wait) if wait.probability > 0.0 && one.load < 1.0 && one.second > 0.0 => {
                wait.conditional_mean() * one.load / one.fifo_wait()
            }
            _ => 1.0,
        }
    }

    /// Levels above take the servers of those below.
    fn interrupting(&self, levels: &mut [Level], speed: f64) -> f64 {
        let (mut above, mut before, mut delays, mut probability) = (Stream::default(), Stream::default(), 0.0, 0.0);
        let mut done = 0.0;
        for level in levels {
            let own = level.offered.thinned(level.kept);
            let (all, fast) = (before.with(own), own.stretched(speed));
            let whole = above.with(fast);
            let stable = priority::preemptive(&above, &fast).filter(|_| level.kept >= 1.0);
            let fifo = (self.fifo)(&all).filter(|_| whole.load < 1.0);
            probability = fifo.map_or(1.0, |wait| wait.probability);
            if let (Some(alone), Some(fifo)) = (stable, fifo) {
                let service = fast.service().mean;
                let interruptions = priority::interruptions(&above);
                let delay = alone.mean + service * interruptions.mean;
                delays += fast.rate * delay;
                // Delays down to here as several servers make them; those of the levels above are known.
                let ratio = if whole.fifo_wait() > 0.0 { fifo.mean / whole.fifo_wait() } else { 0.0 };
                let here = if fast.rate > 0.0 { (delays * ratio - done) / fast.rate } else { delay * ratio };
                let here = here.max(0.0);
                done = delays * ratio;
                let waiting = if delay > 0.0 { alone.mean / delay } else { 1.0 };
                level.wait = Wait { probability, mean: here * waiting, scv: alone.scv };
                let mean = own.service().mean;
                let more = if mean > 0.0 { here * (1.0 - waiting) / mean } else { 0.0 };
                // Interruptions are as long as those of the fast server, but as many as fit the mean.
                level.each = Moments::ZERO;
                if interruptions.mean > 0.0 {
                    let count = more / interruptions.mean;
                    level.each = Moments {
                        mean: more,
                        variance: interruptions.variance * count,
                        third: interruptions.third * count,
                    };
                }
            } else {
                (level.wait, level.each) = (Wait::NONE, Moments::ZERO);
            }
            (above, before) = (whole, all);
        }
        probability
    }
}

/// A line that limited callers cut: what the cut takes is the lowest levels', and no level waits longer than those from it on do on average.
fn shorten(levels: &mut [Level], cut: &Wait, fifo: &dyn Fn(&Stream) -> Option<Wait>, load: f64) {
    let all = levels.iter().fold(Stream::default(), |sum, level| sum.with(level.offered));
    let uncut = fifo(&all).filter(|_| load < 1.0).map_or(f64::INFINITY, |wait| wait.mean);
    if cut.mean >= uncut * (1.0 - 1.0e-12) {
        return;
    }
    let mut left = if uncut.is_finite() {
        levels.iter().map(|level| level.offered.load * level.delay()).sum::<f64>() * cut.mean / uncut
    } else {
        all.load * cut.mean
    };
    let mut loads = all.load;
    for level in levels {
        let most = if loads > 0.0 { (left / loads).max(0.0) } else { 0.0 };
        let delay = level.delay();
        if level.kept < 1.0 {
            (level.wait, level.each) = (Wait { probability: 1.0, mean: most, scv: cut.scv }, Moments::ZERO);
        } else if delay > most {
            let factor = most / delay;
            level.wait.mean *= factor;
            let each = level.each;
            level.each =
                Moments { mean: each.mean * factor, variance: each.variance * factor, third: each.third * factor };
        }
        left -= level.offered.load * level.delay();
        loads -= level.offered.load;
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
        let bare = if holds { self.mean(id, |visit| visit.bare) } else { own.mean };
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
            self.place(id, class, level.kept, level.wait, &level.each);
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
        let own = Pressure { load, wait_probability: found.probability, servers: line.working };
        station.pressure = below.or(own);
        self.state.stations[id] = station;
    }

    /// A database whose nodes have lines by priority.
    pub(super) fn database_by_priority(&mut self, id: usize, node: &DatabaseNode, cores: f64, below: Pressure) {
        let classes = self.structure.classes;
        let shards = f64::from(node.shards.max(1));
        let hot = node.hot_shard_share.unwrap_or(1.0 / shards);
        let rest = if node.shards > 1 { (1.0 - hot) / (shards - 1.0) } else { 0.0 };
        let readers = f64::from(node.read_replicas);
        let (units_read, units_write) = self.unit_losses(id, node);
        let mut station = self.state.stations[id];
        let nodes = shards * (1.0 + readers);
        let (mut busiest, mut busy, mut hottest, mut probability) = (0.0_f64, 0.0_f64, false, 0.0);
        let mut space = core::mem::take(&mut self.lines);
        space.found.fill([Found::default(); 2]);
        for (share, count) in [(hot, 1.0), (rest, shards - 1.0)] {
            for reading in [false, true] {
                if count <= 0.0 || (reading && readers <= 0.0) {
                    continue;
                }
                let (writes, reads) = match (reading, readers > 0.0) {
                    (true, _) => (0.0, share / readers),
                    (false, true) => (share, 0.0),
                    (false, false) => (share, share),
                };
                space.clear();
                for class in 0..classes {
                    let visit = &self.state.visits[id * classes + class];
                    let written = visit.writes * (1.0 - units_write) * writes;
                    let read = (visit.offered - visit.writes).max(0.0) * (1.0 - units_read) * reads;
                    space.add(class, written + read, &visit.own);
                }
                let bound = if nodes > 1.0 { station.bound * share } else { station.bound };
                let bound = if reading { bound / readers.max(1.0) } else { bound };
                let fifo =
                    |arrivals: &Stream| mgc::wait(arrivals.rate, station.arrival_scv, &arrivals.service(), cores);
                let all = space.levels.iter().fold(Stream::default(), |sum, level| sum.with(level.offered));
                let load = all.load / cores;
                let cut = station
                    .shielded
                    .then(|| holding::cut(fifo(&all).unwrap_or(Wait::NONE), all.rate, load, bound - cores));
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
                    (busiest, hottest, probability) =
                        (whole.offered, share > 1.0 / shards * (1.0 + 1.0e-9), whole.probability);
                }
                busy = busy.max(load.min(1.0));
                for class in 0..classes {
                    let level = space.levels[space.of[class]];
                    let [write, read] = &mut space.found[class];
                    if !reading {
                        write.add(share * count, &level);
                    }
                    if reading || readers <= 0.0 {
                        read.add(share * count, &level);
                    }
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
            self.place(id, class, both(write.kept, read.kept), wait.wait(), &each);
        }
        self.lines = space;
        station.own_is_plain = station.discipline != Discipline::Preemptive;
        station.work_load = Some(busy);
        station.busiest = Some((if hottest { Resource::Shard } else { Resource::Cores }, busiest));
        station.stable = busiest < 1.0;
        station.wait = self.mean_wait(id);
        let passing = if station.shielded { busiest } else { busiest.min(1.0) };
        let own = Pressure { load: passing, wait_probability: probability, servers: station.servers };
        station.pressure = below.or(own);
        self.state.stations[id] = station;
    }

    /// Consumers who take the message of the highest priority next. `handling` is over all classes, `bare` its mean without any waiting.
    pub(super) fn consumers_by_priority(
        &mut self,
        id: usize,
        consumers: f64,
        below: &Pressure,
        (rate, handling, bare): (f64, Moments, f64),
    ) {
        let classes = self.structure.classes;
        let mut station = self.state.stations[id];
        let line = holding::line(rate, 1.0, &handling, bare, consumers, below, station.arrival_scv);
        let used = rate * handling.mean / consumers;
        let crowding = if used > 0.0 { line.load / used } else { 1.0 };
        let mut space = core::mem::take(&mut self.lines);
        space.clear();
        for class in 0..classes {
            let visit = &self.state.visits[id * classes + class];
            let factor = if visit.below.mean > 0.0 { visit.held / visit.below.mean } else { 1.0 };
            let messages = visit.offered * visit.admitted * visit.deliveries;
            space.add(class, messages, &visit.below.scaled(factor));
        }
        let fifo = |_: &Stream| (line.load < 1.0).then_some(line.wait);
        let whole = Line {
            discipline: station.discipline,
            servers: consumers,
            crowding,
            thinning: crowding,
            held: true,
            fifo: &fifo,
            cut: None,
        }
        .solve(&mut space.levels);
        for class in 0..classes {
            let level = &space.levels[space.of[class]];
            self.place(id, class, level.kept, level.wait, &Moments::ZERO);
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
    fn place(&mut self, id: usize, class: usize, kept: f64, wait: Wait, each: &Moments) {
        let visit = &mut self.state.visits[id * self.structure.classes + class];
        let before = visit.kept;
        visit.kept = if self.sweeps < SWINGING { kept } else { 0.5 * (before + kept) };
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
        self.state.visits[id * self.structure.classes + class].kept >= 1.0
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

/// How long a visit holds its slot: the mean is over failed ones too, the shape that of the successful.
fn held(visit: &VisitState, holds: bool) -> Moments {
    if !holds {
        return visit.own;
    }
    let factor = if visit.below.mean > 0.0 { visit.held / visit.below.mean } else { 0.0 };
    visit.own.then(visit.below.scaled(factor))
}
