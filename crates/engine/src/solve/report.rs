//! From the state of the fixed point to an [`Answer`].

use super::{
    Answer, Bottleneck, ClassAnswer, Options, Part, PoolAnswer, QueueAnswer, Resource, Share, Solver, StationAnswer,
    flow, percentile::latency_limit,
};
use crate::model::{Arrivals, Goal, Kind, Mode, System, When};

/// The percentiles of every answer; objectives add theirs.
pub const PERCENTILES: [f64; 5] = [50.0, 90.0, 95.0, 99.0, 99.9];

/// An answer with every vector at its final length.
pub(super) fn blank(system: &System) -> Answer {
    let classes = system
        .classes
        .iter()
        .enumerate()
        .map(|(class, _)| {
            let mut percentiles: Vec<(f64, f64)> = PERCENTILES.iter().map(|&p| (p, 0.0)).collect();
            for objective in &system.objectives {
                if let Goal::Latency { class: of, percentile, .. } = objective.goal
                    && of == class
                    && !percentiles.iter().any(|(p, _)| (p - percentile).abs() < 1e-9)
                {
                    percentiles.push((percentile, 0.0));
                }
            }
            ClassAnswer { percentiles, ..ClassAnswer::default() }
        })
        .collect();
    let stations = system
        .stations
        .iter()
        .map(|station| StationAnswer {
            visits_by_class: vec![0.0; system.classes.len()],
            pools: vec![PoolAnswer::default(); station.pools.len()],
            ..StationAnswer::default()
        })
        .collect();
    Answer { classes, stations, ..Answer::default() }
}

impl Solver {
    pub(super) fn report(&mut self, system: &System, options: &Options) {
        for id in 0..self.structure.stations {
            self.report_station(system, id);
        }
        for class in 0..self.structure.classes {
            self.report_class(system, class, options);
        }
        let piles = self.answer.classes.iter().any(|class| !class.stable)
            || self
                .answer
                .stations
                .iter()
                .any(|at| at.passing < 1.0 || at.queue.is_some_and(|queue| queue.age.is_none()));
        // Where work piles up, a part that is full because it refuses is not what it waits for.
        let waited_for = piles.then(|| self.fullest(|id, resource| !self.only_refuses(system, id, resource))).flatten();
        self.answer.bottleneck = waited_for.or_else(|| self.fullest(|_, _| true));
    }

    /// The part with the highest load among some.
    fn fullest(&self, among: impl Fn(usize, Resource) -> bool) -> Option<Bottleneck> {
        let mut bottleneck: Option<Bottleneck> = None;
        for (id, answer) in self.answer.stations.iter().enumerate() {
            let Some((resource, load)) = answer.busiest.filter(|&(resource, _)| among(id, resource)) else { continue };
            // Of two that are equally full the callee is the cause: the caller is full of waiting for it.
            let deeper = |b: &Bottleneck| load >= b.load * (1.0 - 1.0e-9) && self.rank[id] > self.rank[b.station];
            if bottleneck.is_none_or(|b| load > b.load * (1.0 + 1.0e-9) || deeper(&b)) {
                bottleneck = Some(Bottleneck { station: id, resource, load });
            }
        }
        bottleneck
    }

    /// Whether a resource turns away what it has no room for, and all it lets in passes.
    fn only_refuses(&self, system: &System, id: usize, resource: Resource) -> bool {
        let refuses = match &system.stations[id].kind {
            Kind::RateLimiter { .. } | Kind::External { .. } => resource == Resource::Quota,
            Kind::Service { .. } => self.room(system, id).is_some() && !matches!(resource, Resource::Pool(_)),
            Kind::Function { .. } => self.room(system, id).is_some() && resource == Resource::Slots,
            Kind::Database(node) => {
                let full = node.max_connections.is_some_and(|most| self.state.stations[id].most > f64::from(most));
                resource == Resource::Units || (full && !matches!(resource, Resource::Pool(_)))
            }
            _ => false,
        };
        refuses
            && self.answer.stations[id].passing >= 1.0
            && self.state.stations[id].stable
            && !self.is_asked_again(system, id)
    }

    /// Whether a queue that never gives up waits for a part that refuses its messages: its backlog grows for want of it.
    fn is_asked_again(&self, system: &System, id: usize) -> bool {
        self.structure.callers_of[id].iter().any(|&leg| {
            let caller = self.structure.legs[leg].caller;
            let endless = matches!(system.stations[caller].kind, Kind::Queue { max_attempts: u32::MAX, .. });
            endless && !self.state.stations[caller].stable
        })
    }

    fn report_station(&mut self, system: &System, id: usize) {
        let classes = self.structure.classes;
        let state = self.state.stations[id];
        let visits = &self.state.visits[id * classes..(id + 1) * classes];
        let offered: f64 = visits.iter().map(|v| v.offered).sum();
        let served: f64 = visits.iter().map(|v| v.served).sum();
        let mean = |of: fn(&super::state::VisitState) -> f64| {
            if served > 0.0 {
                visits.iter().map(|v| v.served / served * of(v)).sum()
            } else {
                let seen = visits.iter().filter(|v| v.own.mean > 0.0);
                let count = seen.clone().count().max(1) as f64;
                seen.map(of).sum::<f64>() / count
            }
        };
        let is_queue = matches!(system.stations[id].kind, Kind::Queue { .. });
        let wait = if is_queue { state.wait.mean } else { mean(|v| v.residence.mean - v.own.mean) };
        let residence = wait + mean(|v| v.own.mean);
        let hold = residence + if is_queue { mean(|v| v.handling.mean) } else { mean(|v| v.below.mean) };
        let refused: f64 = visits.iter().map(|v| v.offered * (1.0 - v.admitted)).sum();
        let refuses = system.stations[id].kind.refuses();
        let stable = state.stable;
        let hits = matches!(system.stations[id].kind, Kind::Cache { .. } | Kind::Cdn { .. }).then(|| mean(|v| v.hits));
        let queue = is_queue.then(|| self.report_queue(system, id, served));
        let steady =
            self.state.stations[id].stable && visits.iter().all(|v| v.served <= 0.0 || v.through >= 1.0 || is_queue);
        let kilobytes = self.structure.callers_of[id].iter().map(|&leg| {
            let rate: f64 = self.state.calls[leg * classes..(leg + 1) * classes].iter().map(|c| c.rate).sum();
            rate * self.structure.call(system, leg).kb
        });
        let kilobytes = kilobytes.sum();
        let gb_seconds = match system.stations[id].kind {
            Kind::Function { memory_gb, .. } => {
                memory_gb * visits.iter().map(|v| v.served * (v.own_stay.mean + v.held)).sum::<f64>()
            }
            _ => 0.0,
        };
        let passing = self.passing_of_all(id);
        let answer = &mut self.answer.stations[id];
        answer.kilobytes = kilobytes;
        answer.gb_seconds = gb_seconds;
        answer.visits = served;
        answer.offered = offered;
        for (to, visit) in answer.visits_by_class.iter_mut().zip(visits) {
            *to = visit.served;
        }
        answer.utilization = state.work_load.map(|load| (load * state.passing).clamp(0.0, 1.0));
        answer.slot_utilization = state.slot_load.map(|load| if steady { load.clamp(0.0, 1.0) } else { 1.0 });
        answer.replicas = state.replicas as u32;
        answer.wait = stable.then_some(wait.max(0.0));
        answer.residence = stable.then_some(residence);
        answer.hold = steady.then_some(hold);
        answer.in_system = stable.then_some(served * residence);
        answer.hit_ratio = hits;
        answer.queue = queue;
        answer.refused = refuses.then_some(refused);
        answer.passing = passing;
        answer.busiest = state.busiest;
        for (pool, at) in self.answer.stations[id].pools.iter_mut().zip(self.state.pools_of[id]..) {
            let state = self.state.pools[at];
            let size = system.stations[id].pools[at - self.state.pools_of[id]].size;
            *pool = PoolAnswer {
                size,
                utilization: size.map(|_| state.load.clamp(0.0, 1.0)),
                wait: state.stable.then_some(state.wait.mean),
            };
        }
        for position in 0..system.stations[id].pools.len() {
            let load = self.state.pools[self.state.pools_of[id] + position].blame;
            let answer = &mut self.answer.stations[id];
            let limited = system.stations[id].pools[position].size.is_some();
            if limited && answer.busiest.is_none_or(|(_, busiest)| load > busiest) {
                answer.busiest = Some((Resource::Pool(position), load));
            }
        }
    }

    fn report_queue(&self, system: &System, id: usize, served: f64) -> QueueAnswer {
        let classes = self.structure.classes;
        let state = self.state.stations[id];
        let visits = &self.state.visits[id * classes..(id + 1) * classes];
        let admitted: f64 = visits.iter().map(|v| v.offered * v.admitted).sum();
        let deliveries: f64 = visits.iter().map(|v| v.served * v.deliveries).sum();
        let growth = (admitted - served).max(0.0);
        let Kind::Queue { delay, duplicate_ratio, .. } = system.stations[id].kind else {
            return QueueAnswer::default();
        };
        let messages = served * (1.0 - system.stations[id].failure_ratio) * (1.0 + duplicate_ratio);
        // Load of multiple 1, by undoing each class's growth.
        let base: f64 = system
            .classes
            .iter()
            .enumerate()
            .map(|(class, c)| {
                let factor = c.load_factor(self.multiple);
                if factor > 0.0 { self.state.visits[id * classes + class].offered / factor } else { 0.0 }
            })
            .sum();
        let spare = served - base;
        let drain = if growth <= 0.0 { Some(0.0) } else { (spare > 0.0).then(|| growth * 3600.0 / spare) };
        QueueAnswer {
            growth,
            // Each delivery waits, those again too.
            backlog: state.stable.then_some(deliveries * state.wait.mean + messages * delay),
            age: state.stable.then_some(state.wait.mean + delay),
            drain,
            dead_letters: visits.iter().map(|v| v.served * v.dead).sum(),
            consumers: state.servers.is_finite().then_some(state.servers),
        }
    }

    fn report_class(&mut self, system: &System, class: usize, options: &Options) {
        let c = &system.classes[class];
        let entry = c.entry * self.structure.classes + class;
        let visit = self.state.visits[entry];
        let through = visit.through * self.passing(c.entry, class);
        let stable = through >= 1.0 && self.is_stable(c.entry, class) && self.class_stable(system, class);
        let offered = match c.arrivals {
            Arrivals::Open { rate, .. } => rate * c.load_factor(self.multiple),
            Arrivals::Closed { .. } => visit.offered,
        };
        let success = visit.success * visit.admitted;
        let throughput = offered * through;
        let answer = &mut self.answer.classes[class];
        answer.offered = offered;
        answer.throughput = throughput;
        answer.error_ratio = 1.0 - success;
        answer.goodput = throughput * success;
        answer.stable = stable;
        answer.percentiles.clear();
        let answered = stable && success > 0.0;
        answer.mean = answered.then_some(visit.hold.mean);
        answer.variance = answered.then_some(visit.hold.variance);
        if options.percentiles {
            if answered {
                self.percentiles(system, class);
            } else if latency_limit(system, class).is_finite() {
                // Behind a line that grows without end nothing is in time.
                self.answer.classes[class].goodput = 0.0;
            }
        }
        self.waterfall(system, class);
    }

    /// Whether every part that a request of the class waits for is stable.
    fn class_stable(&self, system: &System, class: usize) -> bool {
        let classes = self.structure.classes;
        // Users in a loop wait for a full pool, each for the others.
        let is_open = matches!(system.classes[class].arrivals, Arrivals::Open { .. });
        self.structure.legs.iter().enumerate().all(|(leg, at)| {
            let call = &self.state.calls[leg * classes + class];
            if !self.structure.waited[leg * classes + class] || call.rate <= 0.0 {
                return true;
            }
            // What is exactly full lets everything pass, and its line grows all the same.
            let grows = !self.state.stations[at.callee].shielded && !self.is_stable(at.callee, class);
            let made = self.structure.call(system, leg);
            let timed = made.timeout.is_some();
            let full = made.pool.filter(|_| is_open && !timed);
            let full = full.is_some_and(|pool| !self.state.pools[self.state.pools_of[at.caller] + pool].stable);
            call.through >= 1.0
                && !full
                && (!grows || timed || matches!(system.stations[at.callee].kind, Kind::Queue { .. }))
        })
    }

    /// Mean seconds per request on each part, by how often a request gets there without leaving its path.
    fn waterfall(&mut self, system: &System, class: usize) {
        let classes = self.structure.classes;
        let mut shares = core::mem::take(&mut self.answer.classes[class].waterfall);
        shares.clear();
        self.weights.fill(0.0);
        let entry = system.classes[class].entry;
        self.weights[entry] = 1.0;
        let mut add = |station, part, seconds: f64| {
            if seconds > 0.0 {
                shares.push(Share { station, part, seconds });
            }
        };
        if self.answer.classes[class].stable {
            for position in 0..self.structure.order.len() {
                let id = self.structure.order[position];
                let weight = self.weights[id];
                if weight <= 0.0 {
                    continue;
                }
                let visit = self.state.visits[id * classes + class];
                add(id, Part::Own, weight * visit.own.mean);
                add(id, Part::Queue, weight * (visit.residence.mean - visit.own.mean));
                if matches!(system.stations[id].kind, Kind::Queue { .. }) {
                    continue;
                }
                let (mut network, legs) = (0.0, self.structure.legs_of[id].clone());
                for leg in legs {
                    let calls = self.calls_per_visit(system, leg, class, id, Shared::Waited) * weight;
                    if calls <= 0.0 || self.structure.legs[leg].mode == Mode::Async {
                        continue;
                    }
                    let call = self.structure.call(system, leg);
                    network += calls * call.network_time();
                    self.weights[self.structure.legs[leg].callee] += calls;
                    if let Some(pool) = call.pool {
                        add(id, Part::Pool(pool), calls * self.state.pools[self.state.pools_of[id] + pool].wait.mean);
                    }
                }
                add(id, Part::Network, network);
            }
        }
        self.answer.classes[class].waterfall = shares;
    }

    /// Calls of a leg on a successful visit of its caller.
    pub(super) fn calls_per_visit(
        &self,
        system: &System,
        leg: usize,
        class: usize,
        caller: usize,
        shared: Shared,
    ) -> f64 {
        if !self.structure.applies(leg, class) {
            return 0.0;
        }
        let classes = self.structure.classes;
        let call = self.structure.call(system, leg);
        let work = &system.stations[caller];
        let share = match self.structure.legs[leg].parent {
            Some(parent) => {
                let cache = self.structure.legs[parent].callee;
                let missed = 1.0 - self.state.visits[cache * classes + class].hits;
                let each = match shared {
                    Shared::Made => self.state.stations[cache].leads,
                    Shared::Waited => self.state.calls[parent * classes + class].shared,
                };
                self.calls_per_visit(system, parent, class, caller, shared) * missed * each
            }
            None => {
                let visit = &self.state.visits[caller * classes + class];
                let each = match shared {
                    _ if call.when != When::Miss => 1.0,
                    Shared::Made => self.state.stations[caller].leads,
                    Shared::Waited => visit.shared,
                };
                flow::call_share(&work.kind, &work.calls, call) * flow::outcome_share(call.when, visit.hits) * each
            }
        };
        share * call.per_request
    }
}

/// What calls count for that are made once for several that miss.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shared {
    /// For as many as are made.
    Made,
    /// For as long as those who miss wait for them.
    Waited,
}
