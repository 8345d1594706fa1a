//! Closed classes at lines by priority, in a flat network: every such line is a delay whose length follows from the chain of its own.
//!
//! A line with its servers alone, its users away for as long as the rest of the network holds them, is a Markov chain of two groups
//! ([`two_lines`]); the rest of the network with the line as a delay is solved as ever ([`super::populations`]); both in turn until the delays
//! stand still. Exact for one line with exponential times and thinking elsewhere; approximate in that what is elsewhere counts as a
//! delay too, whatever queues there, and of more than two levels those above (and below) count as one group. A line whose chain takes more
//! than [`MOST_STEPS`], or of more than [`MOST_LEVELS`], is for the layered approximation; so is what has not come to a standstill after
//! [`MOST_CHAINS`], and the answer says so. Source: Jacobson & Lazowska, "Analyzing queueing networks with simultaneous
//! resource possession", CACM 25 (1982), for the delays in turn.

use super::{
    Solver,
    flat::{Flat, Group as Nodes, Part, write_ratio},
    populations,
};
use crate::{
    model::{Discipline, System},
    queueing::{
        convolution::{Center, refill},
        dispatch::Mixture,
        mgc::Wait,
        priority::{self, Stream},
        two_lines::{self, Found, Group},
    },
};

/// Multiplications up to which a line's chain is solved.
const MOST_STEPS: f64 = 2.0e6;
/// Chains solved at most for one answer.
const MOST_CHAINS: u32 = 300;
/// Levels up to which a line's are solved.
const MOST_LEVELS: usize = 8;
/// Shortest service time beside the longest one of a line.
const SHORTEST: f64 = 1.0e-6;
/// Relative change of times below which they stand still.
const TOLERANCE: f64 = 1.0e-10;
/// Probability of the numbers that are left out, at most.
const LEFT_OUT: f64 = 1.0e-7;

/// A class at a line.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Visitor {
    pub class: usize,
    pub level: usize,
    /// Its place among the closed classes, and visits per cycle at one node; none for arrivals at a rate.
    pub closed: Option<(usize, f64)>,
    /// Visits a second at one node that no user waits for in a loop.
    pub rate: f64,
    /// Seconds of service.
    pub service: f64,
}

/// What a level finds.
#[derive(Debug, Clone, Copy, Default)]
struct Level {
    /// Seconds beside the service.
    delay: f64,
    /// Probability of waiting.
    waits: f64,
}

/// One line by priority of the network at hand.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    center: usize,
    preemptive: bool,
    servers: f64,
    visitors: Vec<Visitor>,
    /// The center as it was.
    as_was: Center,
    levels: Vec<Level>,
    next: Vec<Level>,
}

/// The chains of one answer.
#[derive(Debug, Clone, Default)]
struct Chains {
    space: two_lines::Space,
    solved: u32,
    /// How far a time still moved, relatively, when as many were solved as may be.
    unsettled: Option<f64>,
}

/// The lines of a network; kept from one solution to the next.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines {
    lines: Vec<Line>,
    used: usize,
    chains: Chains,
    known: Vec<f64>,
    asked: Vec<f64>,
}

impl Lines {
    /// Nothing is solved yet.
    pub fn forget(&mut self) {
        self.known.clear();
        self.lines.iter_mut().for_each(|line| line.levels.clear());
        (self.chains.solved, self.chains.unsettled) = (0, None);
    }

    /// How far a time of the lines still moved, relatively, when they were given up.
    pub fn unsettled(&self) -> Option<f64> {
        self.chains.unsettled
    }

    /// No line is added yet.
    pub fn clear(&mut self) {
        self.used = 0;
    }

    /// Takes a center as a line, if several levels get there and some of them in a loop.
    pub fn add(&mut self, center: usize, preemptive: bool, servers: f64, visitors: impl Iterator<Item = Visitor>) {
        if self.used == self.lines.len() {
            self.lines.push(Line::default());
        }
        let line = &mut self.lines[self.used];
        (line.center, line.preemptive, line.servers) = (center, preemptive, servers);
        line.visitors.clear();
        line.visitors.extend(visitors);
        let mut there = line.visitors.iter().map(|visitor| visitor.level);
        let first = there.next();
        if there.any(|level| Some(level) != first) && line.visitors.iter().any(|visitor| visitor.closed.is_some()) {
            let levels = line.visitors.iter().map(|visitor| visitor.level + 1).max().unwrap_or(0);
            if line.levels.len() != levels {
                refill(&mut line.levels, levels, Level::default());
            }
            self.used += 1;
        }
    }

    fn line(&self, center: usize) -> Option<&Line> {
        self.lines[..self.used].iter().find(|line| line.center == center)
    }

    /// What a level finds at a center: the probability of waiting and the mean seconds beside the service.
    pub fn found(&self, center: usize, level: usize) -> Option<(f64, f64)> {
        self.line(center)?.levels.get(level).map(|level| (level.waits, level.delay))
    }
}

impl Line {
    fn has_too_many_levels(&self) -> bool {
        let there = |level: &usize| self.visitors.iter().any(|visitor| visitor.level == *level);
        (0..self.levels.len()).filter(there).count() > MOST_LEVELS
    }

    /// Classes of some levels as one group, by what they do at these throughputs, and its visits a second; nobody where none gets here.
    fn group(&self, rates: &[f64], users: &[f64], levels: impl Fn(usize) -> bool) -> (Group, f64) {
        let (mut all, mut looping, mut arriving, mut work, mut here) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for visitor in self.visitors.iter().filter(|visitor| levels(visitor.level)) {
            let mut rate = visitor.rate;
            if let Some((class, visits)) = visitor.closed {
                let passing = rates[class] * visits;
                all += users[class];
                looping += passing;
                here += passing * (visitor.service + self.levels[visitor.level].delay);
                rate += passing;
            }
            arriving += visitor.rate;
            work += rate * visitor.service;
        }
        let rate = looping + arriving;
        if rate <= 0.0 {
            return (Group { users: 0.0, away: 1.0, rate: 0.0, share: 1.0, service: 1.0 }, 0.0);
        }
        let service = work / rate;
        let away = if looping > 0.0 { ((all - here) / looping).max(1.0e-6 * service) } else { 1.0 };
        (Group { users: all, away, rate: arriving, share: looping / rate, service }, rate)
    }

    /// What two groups find; nothing is waited for where no service takes any time.
    fn chain(&self, mut groups: [Group; 2], chains: &mut Chains) -> Option<[Level; 2]> {
        let there = |group: &Group| group.users > 0.0 || group.rate > 0.0;
        let longest = groups.iter().filter(|g| there(g)).map(|group| group.service).fold(0.0, f64::max);
        if longest <= 0.0 {
            return Some([Level::default(); 2]);
        }
        for group in &mut groups {
            group.service = group.service.max(SHORTEST * longest);
            group.away = group.away.max(SHORTEST * group.service);
        }
        if chains.solved >= MOST_CHAINS {
            return None;
        }
        chains.solved += 1;
        let room = two_lines::room(self.preemptive, self.servers, groups, MOST_STEPS)?;
        let servers = self.servers as u32;
        let (found, left_out) = two_lines::solve_in(&mut chains.space, self.preemptive, servers, groups, room)?;
        let level = |group: usize| {
            let Found { present, served, waits } = found[group];
            let delay = if served > 0.0 { ((present - served) / served * groups[group].service).max(0.0) } else { 0.0 };
            Level { delay, waits }
        };
        (left_out <= LEFT_OUT).then(|| [level(0), level(1)])
    }

    /// Takes what follows from the throughputs; returns how far a time moved, relatively. `None` where a chain is too large, or a figure
    /// is beyond any number.
    fn follow(&mut self, rates: &[f64], users: &[f64], chains: &mut Chains) -> Option<f64> {
        let mut next = core::mem::take(&mut self.next);
        refill(&mut next, self.levels.len(), Level::default());
        let moved = self.next_levels(rates, users, chains, &mut next);
        self.next = core::mem::replace(&mut self.levels, next);
        moved
    }

    fn next_levels(&self, rates: &[f64], users: &[f64], chains: &mut Chains, next: &mut [Level]) -> Option<f64> {
        let (mut before, mut moved) = (0.0, 0.0_f64);
        for (level, next) in next.iter_mut().enumerate() {
            let (own, rate) = self.group(rates, users, |l| l == level);
            if rate <= 0.0 {
                continue;
            }
            let found = self.level(level, (own, rate), &mut before, rates, users, chains)?;
            let last = self.levels[level].delay;
            let change = (found.delay - last).abs() / (own.service + found.delay).max(1.0e-300);
            if !(change.is_finite() && found.waits.is_finite()) {
                return None;
            }
            moved = moved.max(change);
            *next = found;
        }
        Some(moved)
    }

    /// One level, those above it as one group. Who cannot interrupt waits as the levels down to here do, less those above (`before` sums
    /// up their waits a second).
    fn level(
        &self,
        level: usize,
        (own, rate): (Group, f64),
        before: &mut f64,
        rates: &[f64],
        users: &[f64],
        chains: &mut Chains,
    ) -> Option<Level> {
        let (above, _) = self.group(rates, users, |l| l < level);
        let (lower, below) = self.group(rates, users, |l| l > level);
        if self.preemptive || (below <= 0.0 && level > 0) {
            return self.chain([above, own], chains).map(|[_, found]| found);
        }
        let (upper, all) = self.group(rates, users, |l| l <= level);
        let [found, _] = self.chain([upper, lower], chains)?;
        let here = found.delay * all;
        let delay = ((here - *before) / rate).max(0.0);
        *before = here;
        Some(Level { delay, ..found })
    }

    /// Stands in for the center.
    fn as_delay(&self, center: &mut Center) {
        (center.servers, center.usl, center.alike) = (f64::INFINITY, None, 1.0);
        center.demands.fill(0.0);
        for visitor in &self.visitors {
            if let Some((class, visits)) = visitor.closed {
                let time = visitor.service + self.levels[visitor.level].delay;
                center.demands[class] = self.as_was.alike * visits * time;
            }
        }
    }
}

impl Flat {
    /// Solves the network at hand, its lines by priority included; `None` where one of them is too large, or does not settle.
    pub fn populate(&mut self) -> Option<()> {
        let Self { lines, centers, used, populations, solver, .. } = self;
        let centers = &mut centers[..*used];
        if lines.used == 0 {
            solver.populate(populations, centers);
            return Some(());
        }
        if lines.lines[..lines.used].iter().any(Line::has_too_many_levels) {
            return None;
        }
        lines.asked.clear();
        lines.asked.extend(populations.iter());
        centers.iter().for_each(|center| lines.asked.extend(center.key()));
        for line in &lines.lines[..lines.used] {
            let visits = |visitor: &Visitor| visitor.closed.map_or(0.0, |(_, visits)| visits);
            lines.asked.extend(line.visitors.iter().flat_map(|v| [v.level as f64, visits(v), v.rate, v.service]));
        }
        core::mem::swap(&mut lines.asked, &mut lines.known);
        if lines.asked == lines.known {
            return Some(());
        }
        for line in &mut lines.lines[..lines.used] {
            line.as_was.clone_from(&centers[line.center]);
        }
        let still = in_turn(&mut lines.lines[..lines.used], centers, populations, solver, &mut lines.chains);
        for line in &mut lines.lines[..lines.used] {
            centers[line.center].clone_from(&line.as_was);
            let classes = populations.len();
            for count in &mut solver.solved.in_system[line.center * classes..(line.center + 1) * classes] {
                *count /= line.as_was.alike;
            }
        }
        // What is divided among alike nodes here is not what was solved.
        solver.forget();
        if still.is_none() {
            lines.known.clear();
        }
        still
    }
}

impl Solver {
    /// Takes the last center as a line by priority of a station's nodes, where `own` is a class's time there.
    pub(super) fn add_line(
        &self,
        system: &System,
        id: usize,
        flat: &mut Flat,
        nodes: Nodes,
        own: impl Fn(usize) -> f64,
    ) {
        let (classes, stations) = (self.structure.classes, self.structure.stations);
        let mut lines = core::mem::take(&mut flat.lines);
        let visitors = (0..classes).filter_map(|class| {
            let visit = &self.state.visits[id * classes + class];
            let share = nodes.share(visit, write_ratio(system, id, class));
            let position = flat.closed.iter().position(|&c| c == class);
            let visits = position.map_or(0.0, |position| flat.visits[position * stations + id]) * share;
            let served = visit.served * share;
            let rate = served - self.closed_rates[class] * visits;
            let visitor = Visitor {
                class,
                level: self.lines.level(class),
                closed: position.filter(|_| visits > 0.0).map(|position| (position, visits)),
                rate: if rate > 1.0e-9 * served { rate } else { 0.0 },
                service: own(class) * nodes.slow,
            };
            (visitor.closed.is_some() || visitor.rate > 0.0).then_some(visitor)
        });
        let preemptive = self.state.stations[id].discipline == Discipline::Preemptive;
        lines.add(flat.used - 1, preemptive, nodes.servers, visitors);
        flat.lines = lines;
    }

    /// Waits in lines by priority, over all nodes of a station.
    pub(super) fn place_ordered(&mut self, system: &System, id: usize, flat: &Flat, nodes: core::ops::Range<usize>) {
        let classes = self.structure.classes;
        for class in 0..classes {
            let mut wait = Mixture::default();
            let level = self.lines.level(class);
            for at in nodes.clone() {
                let (Part::Node(_, group), ..) = flat.parts[at] else { continue };
                let share = group.share(&self.state.visits[id * classes + class], write_ratio(system, id, class));
                let Some((waits, mean)) = flat.lines.found(at, level) else { continue };
                let scv = self.ordered_variation(id, level, flat, at);
                wait.add(group.count * share, &Wait { probability: waits, mean, scv });
            }
            let visit = &mut self.state.visits[id * classes + class];
            if wait.is_some() {
                let wait = wait.wait();
                (visit.found, visit.found_law) = (Some(wait.mean), (wait.probability, wait.scv));
            }
        }
    }

    /// Squared coefficient of variation of the wait of those of a level who wait: that of arrivals at these rates, at one server as fast as
    /// all together; as an exponential one's where that has no end.
    fn ordered_variation(&self, id: usize, level: usize, flat: &Flat, center: usize) -> f64 {
        let Some(line) = flat.lines.line(center) else { return 1.0 };
        let [mut above, mut own, mut below] = [Stream::default(); 3];
        for visitor in &line.visitors {
            let rate =
                visitor.rate + visitor.closed.map_or(0.0, |(_, visits)| self.closed_rates[visitor.class] * visits);
            let time = self.state.visits[id * self.structure.classes + visitor.class].own;
            let time = if time.mean > 0.0 { time.scaled(visitor.service / time.mean) } else { time };
            match visitor.level.cmp(&level) {
                core::cmp::Ordering::Less => above.add(rate, &time),
                core::cmp::Ordering::Equal => own.add(rate, &time),
                core::cmp::Ordering::Greater => below.add(rate, &time),
            }
        }
        let [above, own, below] = [above, own, below].map(|stream| stream.stretched(1.0 / line.servers));
        let alone = if self.state.stations[id].discipline == Discipline::Preemptive {
            priority::preemptive(&above, &own)
        } else {
            priority::non_preemptive(&above, &own, &below)
        };
        alone.map_or(1.0, |wait| wait.scv.clamp(0.1, 4.0))
    }
}

/// Network and lines in turn until the delays stand still.
fn in_turn(
    lines: &mut [Line],
    centers: &mut [Center],
    populations: &[f64],
    solver: &mut populations::Space,
    chains: &mut Chains,
) -> Option<()> {
    let mut last = 1.0;
    loop {
        lines.iter().for_each(|line| line.as_delay(&mut centers[line.center]));
        solver.populate(populations, centers);
        let mut moved = 0.0_f64;
        for line in &mut *lines {
            let Some(line_moved) = line.follow(&solver.solved.throughput, populations, chains) else {
                if chains.solved >= MOST_CHAINS {
                    chains.unsettled = Some(last);
                }
                return None;
            };
            moved = moved.max(line_moved);
        }
        if moved < TOLERANCE {
            return Some(());
        }
        last = moved;
    }
}
