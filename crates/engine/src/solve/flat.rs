//! Closed classes over queues and delays only: one network of centers, solved by [`super::populations`].
//!
//! Every node of a database is a center of its own with the share of the visits that reaches it; limited slots, and pools, over calls
//! that do not queue are one center with the whole hold. Open classes slow a center by what they use of it; they wait for what they
//! find there. Memory is kept from one solution to the next.

pub(super) use super::groups::{Group, Part, groups, is_shared, write_ratio};
use super::{Solver, closed::found_wait, ordered, populations, report::Shared, state::VisitState};
use crate::{
    model::{Arrivals, Discipline, Kind, Mode, System, Usl},
    queueing::{
        convolution::{Center, refill},
        mixed, usl,
    },
};

/// Memory of a flat network.
#[derive(Debug, Clone, Default)]
pub(super) struct Flat {
    /// Stations below which nothing queues.
    delay_below: Vec<bool>,
    /// Closed classes that have users.
    pub(super) closed: Vec<usize>,
    pub(super) populations: Vec<f64>,
    /// Closed class x station.
    pub(super) visits: Vec<f64>,
    delays: Vec<f64>,
    /// Centers at hand; more may be kept for their memory.
    pub(super) centers: Vec<Center>,
    pub(super) used: usize,
    /// Per center: what it stands for, the share that open classes leave of it, and what they take where the center reckons with it.
    pub(super) parts: Vec<(Part, f64, f64)>,
    pub(super) lines: ordered::Lines,
    pub(super) solver: populations::Space,
}

impl Flat {
    /// Whether nothing below a station's synchronous calls queues, by its own servers or by pools.
    pub fn is_delay_below(&self, id: usize) -> bool {
        self.delay_below[id]
    }

    /// The next center's memory.
    fn center(&mut self, part: Part, left: f64, servers: f64, usl: Option<Usl>) -> &mut Vec<f64> {
        if self.used == self.centers.len() {
            self.centers.push(Center::default());
        }
        self.parts.push((part, left, 0.0));
        let center = &mut self.centers[self.used];
        self.used += 1;
        (center.servers, center.usl, center.alike, center.open) = (servers, usl, 1.0, 0.0);
        center.table.clear();
        center.demands.clear();
        &mut center.demands
    }
}

impl Flat {
    /// Lets the last center be shared with an open load.
    fn share(&mut self, open: f64) {
        let (center, users) = (&mut self.centers[self.used - 1], self.populations.iter().sum());
        self.parts[self.used - 1].2 = mixed::taken(center.servers, open);
        mixed::share(center, open, users);
    }
}

impl Solver {
    /// Notes for every station whether anything queues below its synchronous calls.
    pub(super) fn look_below(&mut self, system: &System) {
        refill(&mut self.flat.delay_below, self.structure.stations, true);
        for position in (0..self.structure.order.len()).rev() {
            let id = self.structure.order[position];
            self.flat.delay_below[id] = self.structure.legs_of[id].clone().all(|leg| {
                let callee = self.structure.legs[leg].callee;
                self.structure.legs[leg].mode == Mode::Async
                    || matches!(system.stations[callee].kind, Kind::Queue { .. })
                    || self.is_delay(system, callee)
            });
        }
    }

    /// Whether neither a station nor anything below it queues, by servers or by pools.
    pub(super) fn is_delay(&self, system: &System, id: usize) -> bool {
        let station = &system.stations[id];
        let queues = match &station.kind {
            Kind::Service { cpu_cores, .. } => cpu_cores.is_some(),
            Kind::Database(node) => node.usl.is_some(),
            _ => false,
        };
        !self.state.stations[id].servers.is_finite()
            && !queues
            && station.pools.iter().all(|pool| pool.size.is_none())
            && self.state.stations[id].own_is_plain
            && self.flat.delay_below[id]
    }

    /// Whether limited slots are held over calls that do not queue: one center with the whole hold.
    fn holds_calls(&self, system: &System, id: usize) -> bool {
        matches!(system.stations[id].kind, Kind::Service { cpu_cores: None, .. })
            && self.state.stations[id].servers.is_finite()
            && !self.structure.legs_of[id].is_empty()
            && self.flat.is_delay_below(id)
    }

    /// Seconds a visit of a class holds connections of a pool, without waiting; notes its calls through the pool.
    fn pool_demand(&mut self, system: &System, id: usize, pool: usize, class: usize) -> f64 {
        let classes = self.structure.classes;
        let (mut demand, mut calls) = (0.0, 0.0);
        for leg in self.structure.legs_of[id].clone() {
            let call = self.structure.call(system, leg);
            if call.pool == Some(pool) {
                let count = self.calls_per_visit(system, leg, class, id, Shared::Made);
                calls += count;
                let visit = &self.state.visits[self.structure.legs[leg].callee * classes + class];
                demand += count * (visit.admitted * visit.bare + call.network_time());
            }
        }
        self.pool_calls[(self.state.pools_of[id] + pool) * classes + class] = calls;
        demand
    }

    /// One exact (or Linearizer) solution with the open load at hand; sets rates and waits. Returns how far the rates moved, relatively;
    /// `None` where a line by priority is too large.
    pub(super) fn solve_flat(&mut self, system: &System) -> Option<f64> {
        let mut flat = core::mem::take(&mut self.flat);
        let stations = self.structure.stations;
        flat.closed.clear();
        flat.closed.extend((0..self.structure.classes).filter(|&class| self.users_now[class] > 0.0));
        refill(&mut flat.visits, flat.closed.len() * stations, 0.0);
        flat.delays.clear();
        flat.populations.clear();
        flat.parts.clear();
        flat.used = 0;
        flat.lines.clear();
        self.flat = flat;
        for position in 0..self.flat.closed.len() {
            let class = self.flat.closed[position];
            let Arrivals::Closed { think_time, .. } = system.classes[class].arrivals else { continue };
            let mut visits = core::mem::take(&mut self.flat.visits);
            // What limited slots hold over their calls is one center with the whole hold.
            let own = &mut visits[position * stations..(position + 1) * stations];
            let network = self.path_visits(system, class, own, |id| self.holds_calls(system, id));
            self.flat.visits = visits;
            self.flat.delays.push(think_time + network);
            self.flat.populations.push(self.users_now[class]);
        }
        let mut flat = core::mem::take(&mut self.flat);
        // What is held over calls is asked of the stations below.
        self.flat.delay_below = core::mem::take(&mut flat.delay_below);
        for id in 0..stations {
            self.add_station(system, id, &mut flat);
        }
        for id in 0..stations {
            for pool in 0..system.stations[id].pools.len() {
                self.add_pool(system, id, pool, &mut flat);
            }
        }
        let delays = core::mem::take(&mut flat.delays);
        flat.center(Part::Pool(usize::MAX), 1.0, f64::INFINITY, None).extend(delays.iter().map(|delay| delay.max(0.0)));
        flat.delays = delays;
        if flat.populate().is_none() {
            flat.delay_below = core::mem::take(&mut self.flat.delay_below);
            self.flat = flat;
            return None;
        }
        let mut moved = 0.0_f64;
        for (&class, &rate) in flat.closed.iter().zip(&flat.solver.solved.throughput) {
            moved = moved.max((self.closed_rates[class] - rate).abs() / rate.max(1e-300));
            self.closed_rates[class] = rate;
        }
        let mut first = 0;
        while first < flat.used {
            let mut end = first + 1;
            match flat.parts[first].0 {
                Part::Node(id, _) => {
                    while matches!(flat.parts[end].0, Part::Node(other, _) if other == id) {
                        end += 1;
                    }
                    self.place_waits(system, id, &flat, first..end);
                }
                Part::Pool(at) if at < self.state.pools.len() => self.place_pool(at, &flat, first),
                Part::Pool(_) => {}
            }
            first = end;
        }
        flat.delay_below = core::mem::take(&mut self.flat.delay_below);
        self.flat = flat;
        Some(moved)
    }

    /// The centers of a station, or its delay.
    fn add_station(&self, system: &System, id: usize, flat: &mut Flat) {
        let (classes, stations) = (self.structure.classes, self.structure.stations);
        let count = |flat: &Flat, position: usize| flat.visits[position * stations + id];
        if (0..flat.closed.len()).all(|position| count(flat, position) <= 0.0) {
            return;
        }
        let holds = self.holds_calls(system, id);
        let own = |class: usize| {
            let visit = &self.state.visits[id * classes + class];
            if holds { visit.bare } else { visit.own.mean }
        };
        let state = &self.state.stations[id];
        let groups = groups(system, id, state.servers, state.replicas);
        if groups.iter().all(|group| group.count <= 0.0) {
            for position in 0..flat.closed.len() {
                flat.delays[position] += count(flat, position) * own(flat.closed[position]);
            }
            return;
        }
        for group in groups {
            let share =
                |class: usize| group.share(&self.state.visits[id * classes + class], write_ratio(system, id, class));
            // Open visits, and asynchronous ones of closed classes, take their share of the servers.
            let mut other = 0.0;
            for class in 0..classes {
                let inside = flat
                    .closed
                    .iter()
                    .position(|&c| c == class)
                    .map_or(0.0, |p| self.closed_rates[class] * count(flat, p));
                let visit = &self.state.visits[id * classes + class];
                other += (visit.served - inside).max(0.0) * own(class) * share(class);
            }
            if group.count <= 0.0 {
                continue;
            }
            let open = other * group.slow;
            let shared = open > 0.0 && is_shared(&group) && state.discipline == Discipline::Fifo;
            let left = if shared { 1.0 } else { (1.0 - open / group.capacity()).max(1.0e-6) };
            let mut demands = core::mem::take(flat.center(Part::Node(id, group), left, group.servers, group.usl));
            for position in 0..flat.closed.len() {
                let class = flat.closed[position];
                demands.push(count(flat, position) * own(class) * share(class) * group.slow / left);
            }
            let center = &mut flat.centers[flat.used - 1];
            (center.demands, center.alike) = (demands, group.count);
            if shared {
                flat.share(open);
            }
            if state.discipline != Discipline::Fifo {
                self.add_line(system, id, flat, group, own);
            }
        }
    }

    /// A pool over calls that do not queue.
    fn add_pool(&mut self, system: &System, id: usize, pool: usize, flat: &mut Flat) {
        let (classes, stations) = (self.structure.classes, self.structure.stations);
        let Some(size) = system.stations[id].pools[pool].size.map(f64::from).filter(|_| self.flat.is_delay_below(id))
        else {
            return;
        };
        let mut demands = core::mem::take(&mut self.weights);
        demands.clear();
        for (position, &class) in flat.closed.iter().enumerate() {
            demands.push(self.pool_demand(system, id, pool, class) * flat.visits[position * stations + id]);
        }
        if demands.iter().any(|&demand| demand > 0.0) {
            let mut other = 0.0;
            for (class, c) in system.classes.iter().enumerate() {
                if let Arrivals::Open { .. } = c.arrivals {
                    other += self.state.visits[id * classes + class].served * self.pool_demand(system, id, pool, class);
                }
            }
            let shared = other > 0.0 && size > 1.0;
            let left = if shared { 1.0 } else { (1.0 - other / size).max(1.0e-6) };
            for (delay, demand) in flat.delays.iter_mut().zip(&demands) {
                *delay -= demand;
            }
            let part = Part::Pool(self.state.pools_of[id] + pool);
            flat.center(part, left, size, None).extend(demands.iter().map(|demand| demand / left));
            if shared {
                flat.share(other);
            }
        }
        refill(&mut demands, stations, 0.0);
        self.weights = demands;
    }

    /// Turns numbers at a pool into the wait per call through it.
    fn place_pool(&mut self, at: usize, flat: &Flat, center: usize) {
        let (classes, (_, left, open)) = (self.structure.classes, flat.parts[center]);
        let counts = &flat.solver.solved.in_system[center * flat.closed.len()..];
        let center = &flat.centers[center];
        // Without those that an open load takes where there are too many to be summed.
        let servers = if center.open > 0.0 { center.servers } else { center.servers + open };
        let (mut waiting, mut rate, mut busy) = (0.0, 0.0, 1.0 - left + open / servers);
        for (p, &class) in flat.closed.iter().enumerate() {
            let work = self.closed_rates[class] * center.demands[p];
            waiting += (counts[p] - work * left).max(0.0);
            busy += work * left / servers;
            if center.demands[p] > 0.0 {
                rate += self.closed_rates[class] * self.pool_calls[at * classes + class];
            }
        }
        let mean = if rate > 0.0 { waiting / rate } else { 0.0 };
        self.state.pools[at].found = Some(found_wait(mean, busy.clamp(0.0, 1.0), 1.0));
    }

    /// Turns numbers at a station's centers into waits per visit: of closed classes by Little's law, of open ones by what they find.
    fn place_waits(&mut self, system: &System, id: usize, flat: &Flat, centers: core::ops::Range<usize>) {
        let (classes, closed) = (self.structure.classes, flat.closed.len());
        let holds = self.holds_calls(system, id);
        let own = |visit: &VisitState| if holds { visit.bare } else { visit.own.mean };
        for class in 0..classes {
            self.state.visits[id * classes + class].found = None;
        }
        let shared = matches!(system.stations[id].kind, Kind::Service { cpu_cores: Some(_), .. });
        // In one line all wait for whatever stands in front of them.
        let (rate, work) = self.state.visits[id * classes..(id + 1) * classes]
            .iter()
            .fold((0.0, 0.0), |(rate, work), visit| (rate + visit.served, work + visit.served * own(visit)));
        let whole = if rate > 0.0 { work / rate } else { 0.0 };
        let (mut busiest, mut all, mut waiting, mut slow) = (0.0_f64, 0.0, 0.0, 1.0);
        let nodes = centers.clone();
        for at in centers {
            let (Part::Node(_, group), left, open) = flat.parts[at] else { continue };
            let counts = &flat.solver.solved.in_system[at * closed..(at + 1) * closed];
            let center = &flat.centers[at];
            let capacity = group.capacity();
            // Less than a core takes that much longer, which is no wait.
            slow = group.slow;
            let (mut busy, mut work_found, mut number_found) = (1.0 - left + open / capacity, 0.0, 0.0);
            for (position, &class) in flat.closed.iter().enumerate() {
                let visit = &mut self.state.visits[id * classes + class];
                busy += self.closed_rates[class] * center.demands[position] * left / capacity;
                work_found += counts[position] * own(visit);
                number_found += counts[position];
                // Numbers first; per visit below.
                visit.found = Some(visit.found.unwrap_or(0.0) + group.count * counts[position]);
            }
            let closed_work = (busy * capacity - open).max(0.0);
            let stretch = || mixed::stretch(center, flat.populations.iter().sum(), number_found, closed_work);
            let stretch = if open > 0.0 { stretch() } else { 1.0 };
            let busy = busy.clamp(0.0, 1.0);
            for (class, c) in system.classes.iter().enumerate() {
                if !matches!(c.arrivals, Arrivals::Open { .. }) {
                    continue;
                }
                let visit = &mut self.state.visits[id * classes + class];
                let mean = own(visit);
                // Work in front of an open arrival, slowed by the open load itself; processor sharing scales with the own time.
                if open > 0.0 {
                    let own = if shared { mean } else { whole };
                    let share = group.share(visit, write_ratio(system, id, class));
                    visit.found = Some(visit.found.unwrap_or(0.0) + group.count * share * own * slow * (stretch - 1.0));
                    continue;
                }
                let wait = if let Some(law) = &group.usl {
                    let there = number_found + 1.0;
                    mean * (there / usl::speed(law, there.min(group.servers)) - 1.0).max(0.0)
                } else {
                    let work = if shared { number_found * mean } else { work_found };
                    (work / center.servers - busy * (center.servers - 1.0) * mean / center.servers).max(0.0)
                };
                let share = group.share(visit, write_ratio(system, id, class));
                let seen = (wait + (1.0 - left) * mean / capacity) / left;
                visit.found = Some(visit.found.unwrap_or(0.0) + group.count * share * seen);
            }
            busiest = busiest.max(busy);
            all += group.count * number_found;
            waiting += group.count * (number_found - (busy * capacity - open)).max(0.0);
        }
        for (position, &class) in flat.closed.iter().enumerate() {
            let per_cycle = flat.visits[position * self.structure.stations + id];
            let rate = self.closed_rates[class] * per_cycle;
            let visit = &mut self.state.visits[id * classes + class];
            let residence = visit.found.filter(|_| rate > 0.0).map(|count| count / rate);
            visit.found = residence.map(|residence| (residence - own(visit) * slow).max(0.0));
        }
        self.place_ordered(system, id, flat, nodes);
        self.state.stations[id].found = Some(busiest);
        let elsewhere = (flat.populations.iter().sum::<f64>() - all).max(0.0);
        self.state.stations[id].found_scv = self.line_variation(id, waiting / busiest.clamp(1.0e-9, 1.0), elsewhere);
    }

    /// Squared coefficient of variation of the wait of those who wait: how many wait varies like a geometric number, but no more than
    /// the number of customers who are elsewhere.
    pub(super) fn line_variation(&self, id: usize, waiting: f64, elsewhere: f64) -> f64 {
        if waiting <= 0.0 {
            return 1.0;
        }
        let (_, times) = self.mixture(id, |visit| visit.own);
        ((waiting * times.scv() + (waiting * waiting).min(elsewhere)) / (waiting * waiting)).clamp(0.0, 1.0)
    }

    /// Synchronous visits per request of a class that every station takes, not beyond those where it `stops`; returns the network
    /// time per request.
    pub(super) fn path_visits(
        &self,
        system: &System,
        class: usize,
        visits: &mut [f64],
        stops: impl Fn(usize) -> bool,
    ) -> f64 {
        visits[system.classes[class].entry] = 1.0;
        let mut network = 0.0;
        for &id in &self.structure.order {
            // Who is refused takes no time there.
            visits[id] *= self.state.visits[id * self.structure.classes + class].admitted;
            let weight = visits[id];
            if weight <= 0.0 || matches!(system.stations[id].kind, Kind::Queue { .. }) || stops(id) {
                continue;
            }
            for leg in self.structure.legs_of[id].clone() {
                if self.structure.legs[leg].mode == Mode::Async {
                    continue;
                }
                let calls = weight * self.calls_per_visit(system, leg, class, id, Shared::Made);
                visits[self.structure.legs[leg].callee] += calls;
                network += calls * self.structure.call(system, leg).network_time();
            }
        }
        network
    }
}
