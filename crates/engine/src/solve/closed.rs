//! Closed classes: users who wait for the answer, think, and ask again.
//!
//! Where nothing is held over calls the system is a network of queues and delays, solved exactly (mean value analysis, or
//! normalisation constants with several servers) up to the populations that allow it, and by Linearizer beyond; open classes
//! slow its queues by what they use. Elsewhere (slots, pools, retries …) the throughput X solves users = X (think + response(X)) with
//! the response at the rate an arriving user sees, X (users - 1) / users: Schweitzer's approximation on the layered model.

use super::populations::populate;
use super::{Options, Solver};
use crate::{
    model::{Arrivals, Kind, Mode, System},
    queueing::{convolution::Center, mgc::Wait},
};

impl Solver {
    /// Users of each closed class at this multiple; 0 for open ones.
    fn users(&self, system: &System) -> Vec<f64> {
        let users = |class: &crate::model::Class| match class.arrivals {
            Arrivals::Closed { users, .. } => users * class.load_factor(self.multiple),
            Arrivals::Open { .. } => 0.0,
        };
        system.classes.iter().map(users).collect()
    }

    /// Finds the throughput of every closed class and iterates to the fixed point with it.
    pub(super) fn solve_closed(&mut self, system: &System, options: &Options) -> super::Convergence {
        let users = self.users(system);
        self.users_now.clone_from(&users);
        self.closed_rates.fill(0.0);
        let mut convergence = self.iterate(system, options);
        if self.is_flat(system, &users) {
            for _ in 0..20 {
                let before = self.closed_rates.clone();
                self.solve_flat(system, &users);
                let step = self.iterate(system, options);
                convergence = super::Convergence { iterations: convergence.iterations + step.iterations, ..step };
                let moved = before
                    .iter()
                    .zip(&self.closed_rates)
                    .map(|(a, b)| (a - b).abs() / b.max(1e-300))
                    .fold(0.0, f64::max);
                if moved < 1.0e-10 {
                    return convergence;
                }
            }
            convergence.converged = false;
            return convergence;
        }
        self.solve_layered(system, &users, options, convergence)
    }

    /// Whether no station holds anything over a call that closed users wait for, and no limit binds.
    fn is_flat(&self, system: &System, users: &[f64]) -> bool {
        let classes = self.structure.classes;
        let all: f64 = users.iter().sum();
        let open = system.classes.iter().any(|class| matches!(class.arrivals, Arrivals::Open { .. }));
        let binds = |limit: f64| limit.is_finite() && (open || limit < all);
        for (id, station) in system.stations.iter().enumerate() {
            let reached = (0..classes).any(|class| users[class] > 0.0 && self.structure.reaches[id * classes + class]);
            if !reached {
                continue;
            }
            let has_calls = !self.structure.legs_of[id].is_empty();
            let cores = matches!(station.kind, Kind::Service { cpu_cores: Some(_), .. });
            let state = &self.state.stations[id];
            let limited = match &station.kind {
                Kind::Service { queue_limit, .. } => {
                    queue_limit.is_some()
                        || (cores && binds(state.servers))
                        || (has_calls && binds(state.servers) && !self.is_delay_below(system, id))
                }
                Kind::Function { .. } => true,
                Kind::Database(node) => !state.own_is_plain || node.max_connections.is_some(),
                _ => false,
            };
            let pooled =
                station.pools.iter().any(|pool| pool.size.is_some_and(|size| binds(f64::from(size) * state.replicas)))
                    && !(state.replicas <= 1.0 && state.servers.is_infinite() && self.is_delay_below(system, id));
            if limited || pooled || station.failure_ratio > 0.0 || state.split || station.autoscale.is_some() {
                return false;
            }
        }
        (0..self.structure.legs.len()).all(|leg| {
            let call = self.structure.call(system, leg);
            call.mode != Mode::Parallel
                && call.timeout.is_none()
                && call.retry.is_none()
                && call.max_in_flight.is_none()
        })
    }

    /// Whether limited slots are held over calls that do not queue: one center with the whole hold.
    fn holds_calls(&self, system: &System, id: usize) -> bool {
        matches!(system.stations[id].kind, Kind::Service { cpu_cores: None, .. })
            && self.state.stations[id].servers.is_finite()
            && !self.structure.legs_of[id].is_empty()
            && self.is_delay_below(system, id)
    }

    /// Seconds a visit of a class holds connections of a pool, without waiting; notes its calls through the pool.
    fn pool_demand(&mut self, system: &System, id: usize, pool: usize, class: usize) -> f64 {
        let classes = self.structure.classes;
        let (mut demand, mut calls) = (0.0, 0.0);
        for leg in self.structure.legs_of[id].clone() {
            let call = self.structure.call(system, leg);
            if call.pool == Some(pool) {
                let count = self.calls_per_visit(system, leg, class, id);
                calls += count;
                demand += count
                    * (self.state.visits[self.structure.legs[leg].callee * classes + class].bare + call.network_time());
            }
        }
        self.pool_calls[(self.state.pools_of[id] + pool) * classes + class] = calls;
        demand
    }

    /// Whether nothing below a station's synchronous calls queues, by its own servers or by pools.
    fn is_delay_below(&self, system: &System, id: usize) -> bool {
        let mut stack = vec![id];
        let mut seen = vec![false; self.structure.stations];
        while let Some(at) = stack.pop() {
            for leg in self.structure.legs_of[at].clone() {
                let callee = self.structure.legs[leg].callee;
                if self.structure.legs[leg].mode == Mode::Async
                    || matches!(system.stations[callee].kind, Kind::Queue { .. })
                {
                    continue;
                }
                let cores = matches!(system.stations[callee].kind, Kind::Service { cpu_cores: Some(_), .. });
                let pools = system.stations[callee].pools.iter().any(|pool| pool.size.is_some());
                if self.state.stations[callee].servers.is_finite()
                    || cores
                    || pools
                    || !self.state.stations[callee].own_is_plain
                {
                    return false;
                }
                if !core::mem::replace(&mut seen[callee], true) {
                    stack.push(callee);
                }
            }
        }
        true
    }

    /// One exact (or Linearizer) solution with the open load at hand; sets rates and waits.
    fn solve_flat(&mut self, system: &System, users: &[f64]) {
        let classes = self.structure.classes;
        let closed: Vec<usize> = (0..classes).filter(|&class| users[class] > 0.0).collect();
        let mut centers = Vec::new();
        let mut placed = Vec::new();
        let mut delays = vec![0.0; closed.len()];
        let mut visits = vec![0.0; closed.len() * self.structure.stations];
        for (position, &class) in closed.iter().enumerate() {
            if let Arrivals::Closed { think_time, .. } = system.classes[class].arrivals {
                delays[position] = think_time;
            }
            delays[position] += self.path_visits(system, class, &mut visits[position * self.structure.stations..]);
        }
        for id in 0..self.structure.stations {
            let count = |position: usize| visits[position * self.structure.stations + id];
            if (0..closed.len()).all(|position| count(position) <= 0.0) {
                continue;
            }
            let holds = self.holds_calls(system, id);
            let demand = |position: usize| {
                let visit = &self.state.visits[id * classes + closed[position]];
                count(position) * if holds { visit.bare } else { visit.own.mean }
            };
            let (servers, speed) =
                center_servers(system, id, self.state.stations[id].servers, self.state.stations[id].replicas);
            if servers.is_infinite() {
                for (position, delay) in delays.iter_mut().enumerate() {
                    *delay += demand(position);
                }
                continue;
            }
            // Open visits, and asynchronous ones of closed classes, take their share of the servers.
            let mut other = 0.0;
            for class in 0..classes {
                let visit = &self.state.visits[id * classes + class];
                let inside =
                    closed.iter().position(|&c| c == class).map_or(0.0, |p| self.closed_rates[class] * count(p));
                other += (visit.served - inside).max(0.0) * if holds { visit.bare } else { visit.own.mean };
            }
            let left = (1.0 - other / servers * speed).max(1.0e-6);
            centers.push(Center { servers, demands: (0..closed.len()).map(|p| demand(p) * speed / left).collect() });
            placed.push((id, left));
        }
        let stations = centers.len();
        let mut pools = Vec::new();
        for id in 0..self.structure.stations {
            for pool in 0..system.stations[id].pools.len() {
                let Some(size) =
                    system.stations[id].pools[pool].size.map(f64::from).filter(|_| self.is_delay_below(system, id))
                else {
                    continue;
                };
                let demands: Vec<f64> = closed
                    .iter()
                    .enumerate()
                    .map(|(p, &class)| {
                        self.pool_demand(system, id, pool, class) * visits[p * self.structure.stations + id]
                    })
                    .collect();
                if demands.iter().all(|&demand| demand <= 0.0) {
                    continue;
                }
                let mut other = 0.0;
                for (class, c) in system.classes.iter().enumerate() {
                    if let Arrivals::Open { .. } = c.arrivals {
                        other +=
                            self.state.visits[id * classes + class].served * self.pool_demand(system, id, pool, class);
                    }
                }
                let left = (1.0 - other / size).max(1.0e-6);
                for (delay, demand) in delays.iter_mut().zip(&demands) {
                    *delay -= demand;
                }
                centers.push(Center { servers: size, demands: demands.iter().map(|demand| demand / left).collect() });
                pools.push((self.state.pools_of[id] + pool, left));
            }
        }
        for delay in &mut delays {
            *delay = delay.max(0.0);
        }
        centers.push(Center { servers: f64::INFINITY, demands: delays });
        let populations: Vec<f64> = closed.iter().map(|&class| users[class]).collect();
        let solved = populate(&populations, &centers);
        for (position, &class) in closed.iter().enumerate() {
            self.closed_rates[class] = solved.throughput[position];
        }
        for (position, &(at, left)) in pools.iter().enumerate() {
            let center = &centers[stations + position];
            let counts = &solved.in_system[(stations + position) * closed.len()..];
            let (mut waiting, mut rate, mut busy) = (0.0, 0.0, 1.0 - left);
            for (p, &class) in closed.iter().enumerate() {
                let work = self.closed_rates[class] * center.demands[p];
                waiting += (counts[p] - work * left).max(0.0);
                busy += work * left / center.servers;
                rate += self.closed_rates[class]
                    * if center.demands[p] > 0.0 { self.pool_calls[at * classes + class] } else { 0.0 };
            }
            let mean = if rate > 0.0 { waiting / rate } else { 0.0 };
            self.state.pools[at].found = Some(found_wait(mean, busy.clamp(0.0, 1.0), 1.0));
        }
        for (station, &(id, left)) in placed.iter().enumerate() {
            self.place_waits(
                system,
                id,
                left,
                &closed,
                &visits,
                &centers[station],
                &solved.in_system[station * closed.len()..],
            );
        }
    }

    /// Turns numbers at a station into waits per visit: of closed classes by Little's law, of open ones by what they find.
    #[allow(clippy::too_many_arguments)]
    fn place_waits(
        &mut self,
        system: &System,
        id: usize,
        left: f64,
        closed: &[usize],
        visits: &[f64],
        center: &Center,
        counts: &[f64],
    ) {
        let classes = self.structure.classes;
        let holds = self.holds_calls(system, id);
        let (mut busy, mut work_found, mut number_found) = (1.0 - left, 0.0, 0.0);
        for (position, &class) in closed.iter().enumerate() {
            let rate = self.closed_rates[class];
            busy += rate * center.demands[position] * left / center.servers;
            let per_cycle = visits[position * self.structure.stations + id];
            let visit = &self.state.visits[id * classes + class];
            let own = if holds { visit.bare } else { visit.own.mean };
            work_found += counts[position] * own;
            number_found += counts[position];
            if per_cycle > 0.0 && rate > 0.0 {
                let residence = counts[position] / (rate * per_cycle);
                self.state.visits[id * classes + class].found = Some((residence - own).max(0.0));
            }
        }
        for (class, c) in system.classes.iter().enumerate() {
            if let Arrivals::Open { .. } = c.arrivals {
                // Work in front of an open arrival, slowed by the open load itself; processor sharing scales with the own time.
                let shared = matches!(system.stations[id].kind, Kind::Service { cpu_cores: Some(_), .. });
                let visit = &mut self.state.visits[id * classes + class];
                let work_found = if shared { number_found * visit.own.mean } else { work_found };
                let queued = (work_found / center.servers
                    - busy.min(1.0) * (center.servers - 1.0) * visit.own.mean / center.servers)
                    .max(0.0);
                visit.found = Some((queued + (1.0 - left) * visit.own.mean / center.servers) / left);
            }
        }
        self.state.stations[id].found = Some(busy.clamp(0.0, 1.0));
        // How many wait varies like a geometric number, but no more than the number of users who are elsewhere.
        let all: f64 = counts.iter().take(closed.len()).sum();
        let waiting = (all - busy.min(1.0) * center.servers).max(0.0) / busy.clamp(1.0e-9, 1.0);
        let elsewhere: f64 = closed.iter().enumerate().map(|(p, &class)| self.users_now[class] - counts[p]).sum();
        let (_, own) = self.mixture(id, |visit| visit.own);
        let scv = if waiting > 0.0 {
            (waiting * own.scv() + (waiting * waiting).min(elsewhere.max(0.0))) / (waiting * waiting)
        } else {
            1.0
        };
        self.state.stations[id].found_scv = scv.clamp(0.0, 1.0);
    }

    /// Synchronous visits per request of a class to every station; returns the network time per request.
    fn path_visits(&mut self, system: &System, class: usize, visits: &mut [f64]) -> f64 {
        let classes = self.structure.classes;
        visits[..self.structure.stations].fill(0.0);
        visits[system.classes[class].entry] = 1.0;
        let mut network = 0.0;
        for position in 0..self.structure.order.len() {
            let id = self.structure.order[position];
            let weight = visits[id];
            // What limited slots hold over their calls is one center with the whole hold.
            if weight <= 0.0 || matches!(system.stations[id].kind, Kind::Queue { .. }) || self.holds_calls(system, id) {
                continue;
            }
            for leg in self.structure.legs_of[id].clone() {
                if self.structure.legs[leg].mode == Mode::Async {
                    continue;
                }
                let calls = weight * self.calls_per_visit(system, leg, class, id);
                visits[self.structure.legs[leg].callee] += calls;
                network += calls * self.structure.call(system, leg).network_time();
            }
        }
        let _ = classes;
        network
    }

    /// Throughput by bisection on users = X (think + response), classes in turn.
    fn solve_layered(
        &mut self,
        system: &System,
        users: &[f64],
        options: &Options,
        mut convergence: super::Convergence,
    ) -> super::Convergence {
        let closed: Vec<usize> = (0..self.structure.classes).filter(|&class| users[class] > 0.0).collect();
        let rounds = if closed.len() == 1 { 1 } else { 12 };
        for round in 0..rounds {
            let mut moved = 0.0_f64;
            for &class in &closed {
                let Arrivals::Closed { think_time, .. } = system.classes[class].arrivals else {
                    continue;
                };
                let population = users[class];
                let before = self.closed_rates[class];
                let share = (population - 1.0).max(0.0) / population;
                let entry = system.classes[class].entry * self.structure.classes + class;
                let bare = think_time + self.state.visits[entry].bare;
                let (mut low, mut high) = (0.0, if bare > 0.0 { population / bare } else { 1.0e15 });
                for _ in 0..60 {
                    let middle = 0.5 * (low + high);
                    self.closed_rates[class] = middle * share;
                    let step = self.iterate(system, options);
                    convergence = super::Convergence { iterations: convergence.iterations + step.iterations, ..step };
                    let visit = &self.state.visits[entry];
                    let passes =
                        self.state.stations[system.classes[class].entry].passing * visit.through >= 1.0 - 1.0e-12;
                    if passes && middle * (think_time + visit.hold.mean) <= population {
                        low = middle;
                    } else {
                        high = middle;
                    }
                    if high - low < 1.0e-12 * high {
                        break;
                    }
                }
                self.closed_rates[class] = low * share;
                self.iterate(system, options);
                moved = moved.max((low * share - before).abs() / low.max(f64::MIN_POSITIVE));
            }
            if moved < 1.0e-9 && round > 0 {
                break;
            }
        }
        let step = self.iterate(system, options);
        self.whole_rates(system, users, &closed);
        super::Convergence { iterations: convergence.iterations + step.iterations, ..step }
    }

    /// The times stay as an arriving user finds them; the flows become those of all users.
    fn whole_rates(&mut self, system: &System, users: &[f64], closed: &[usize]) {
        let classes = self.structure.classes;
        let served = |solver: &Self, id: usize| -> f64 {
            solver.state.visits[id * classes..(id + 1) * classes].iter().map(|visit| visit.served).sum()
        };
        let before: Vec<f64> = (0..self.structure.stations).map(|id| served(self, id)).collect();
        for &class in closed {
            // From users = X (think + response), which also serves a single user, who finds nobody.
            let Arrivals::Closed { think_time, .. } = system.classes[class].arrivals else { continue };
            let hold = self.state.visits[system.classes[class].entry * classes + class].hold.mean;
            let cycle = think_time + hold;
            self.closed_rates[class] = if cycle > 0.0 { users[class] / cycle } else { 0.0 };
        }
        self.flow(system);
        for (id, before) in before.into_iter().enumerate() {
            let factor = if before > 0.0 { served(self, id) / before } else { 1.0 };
            let state = &mut self.state.stations[id];
            let scaled = |load: f64| if load < 1.0 { (load * factor).min(1.0) } else { load };
            state.work_load = state.work_load.map(scaled);
            state.slot_load = state.slot_load.map(scaled);
            state.busiest = state.busiest.map(|(resource, load)| (resource, scaled(load)));
            for pool in 0..system.stations[id].pools.len() {
                let at = self.state.pools_of[id] + pool;
                self.state.pools[at].load = scaled(self.state.pools[at].load);
                self.state.pools[at].blame = scaled(self.state.pools[at].blame);
            }
        }
    }
}

/// Servers of a station as a center, and the factor on its work (1 unless one core is slower than one).
fn center_servers(system: &System, id: usize, servers: f64, replicas: f64) -> (f64, f64) {
    match &system.stations[id].kind {
        Kind::Service { cpu_cores: Some(cores), .. } => {
            let slow = cores.min(1.0);
            ((cores * replicas / slow).max(1.0), 1.0 / slow)
        }
        Kind::Service { .. } | Kind::Function { .. } | Kind::Cache { .. } | Kind::Database(_) => (servers, 1.0),
        _ => (f64::INFINITY, 1.0),
    }
}

/// The wait of a closed user as a law: it waits about as often as the station is busy.
pub(super) fn found_wait(mean: f64, busy: f64, scv: f64) -> Wait {
    if mean <= 0.0 { Wait::NONE } else { Wait { probability: busy.clamp(1.0e-9, 1.0), mean, scv } }
}
