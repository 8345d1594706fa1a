//! Closed classes: users who wait for the answer, think, and ask again.
//!
//! Where nothing is held over calls the system is a network of queues and delays, solved exactly (mean value analysis, or
//! normalisation constants with several servers) up to the populations that allow it, and by Linearizer beyond; open classes
//! slow its queues by what they use. One class whose slots and pools queue over queues is a tree of such networks ([`super::nested`]).
//! Elsewhere (several classes over slots, retries …) the throughput X solves users = X (think + response(X)) with
//! the response at the rate an arriving user sees, X (users - 1) / users: Schweitzer's approximation on the layered model.

use super::{Options, Solver};
use crate::{
    model::{Arrivals, Kind, Mode, System},
    queueing::mgc::Wait,
};

impl Solver {
    /// Finds the throughput of every closed class and iterates to the fixed point with it.
    pub(super) fn solve_closed(&mut self, system: &System, options: &Options) -> super::Convergence {
        let mut users = core::mem::take(&mut self.users_now);
        users.clear();
        users.extend(system.classes.iter().map(|class| match class.arrivals {
            Arrivals::Closed { users, .. } => users * class.load_factor(self.multiple),
            Arrivals::Open { .. } => 0.0,
        }));
        self.users_now = users;
        self.closed_rates.fill(0.0);
        let mut convergence = self.iterate(system, options);
        self.look_below(system);
        let flat = self.is_flat(system);
        if !flat && !self.may_nest(system) {
            return self.solve_layered(system, options, convergence);
        }
        for _ in 0..20 {
            let moved = if flat { Some(self.solve_flat(system)) } else { self.solve_nested(system) };
            let Some(moved) = moved else {
                // Some station is below two holders, or a network is too large.
                return self.solve_layered(system, options, convergence);
            };
            let step = self.iterate(system, options);
            convergence = super::Convergence { iterations: convergence.iterations + step.iterations, ..step };
            if moved < 1.0e-10 {
                return convergence;
            }
        }
        convergence.converged = false;
        convergence
    }

    /// Whether no station holds anything over a call that closed users wait for, and no limit binds.
    fn is_flat(&self, system: &System) -> bool {
        let classes = self.structure.classes;
        let users = &self.users_now;
        let all: f64 = users.iter().sum();
        let open = system.classes.iter().any(|class| matches!(class.arrivals, Arrivals::Open { .. }));
        let binds = |limit: f64| limit.is_finite() && (open || limit < all);
        for (id, station) in system.stations.iter().enumerate() {
            let reached = (0..classes).any(|class| users[class] > 0.0 && self.structure.reaches[id * classes + class]);
            if !reached {
                continue;
            }
            let has_calls = !self.structure.legs_of[id].is_empty();
            let state = &self.state.stations[id];
            let limited = match &station.kind {
                Kind::Service { cpu_cores, .. } => {
                    binds(state.servers) && (cpu_cores.is_some() || (has_calls && !self.flat.is_delay_below(id)))
                }
                _ => false,
            };
            let pooled =
                station.pools.iter().any(|pool| pool.size.is_some_and(|size| binds(f64::from(size) * state.replicas)))
                    && !(state.replicas <= 1.0 && state.servers.is_infinite() && self.flat.is_delay_below(id));
            if limited || pooled || !self.is_plain(system, id) {
                return false;
            }
        }
        self.legs_are_plain(system)
    }

    /// Whether a station neither refuses, fails, divides its line nor changes its size.
    pub(super) fn is_plain(&self, system: &System, id: usize) -> bool {
        let station = &system.stations[id];
        let limited = match &station.kind {
            Kind::Service { queue_limit, .. } => queue_limit.is_some(),
            Kind::Function { .. } => true,
            Kind::Database(node) => node.max_connections.is_some() || node.request_units.is_some(),
            _ => false,
        };
        !limited && station.failure_ratio <= 0.0 && !self.state.stations[id].split && station.autoscale.is_none()
    }

    /// Whether every call waits for its answer, once.
    pub(super) fn legs_are_plain(&self, system: &System) -> bool {
        (0..self.structure.legs.len()).all(|leg| {
            let call = self.structure.call(system, leg);
            call.mode != Mode::Parallel
                && call.timeout.is_none()
                && call.retry.is_none()
                && call.max_in_flight.is_none()
        })
    }

    /// Throughput by bisection on users = X (think + response), classes in turn.
    fn solve_layered(
        &mut self,
        system: &System,
        options: &Options,
        mut convergence: super::Convergence,
    ) -> super::Convergence {
        let closed = self.users_now.iter().filter(|&&users| users > 0.0).count();
        let rounds = if closed == 1 { 1 } else { 12 };
        for round in 0..rounds {
            let mut moved = 0.0_f64;
            for class in 0..self.structure.classes {
                let population = self.users_now[class];
                let Arrivals::Closed { think_time, .. } = system.classes[class].arrivals else {
                    continue;
                };
                if population <= 0.0 {
                    continue;
                }
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
        self.whole_rates(system);
        super::Convergence { iterations: convergence.iterations + step.iterations, ..step }
    }

    /// The times stay as an arriving user finds them; the flows become those of all users.
    fn whole_rates(&mut self, system: &System) {
        let classes = self.structure.classes;
        let served = |solver: &Self, id: usize| -> f64 {
            solver.state.visits[id * classes..(id + 1) * classes].iter().map(|visit| visit.served).sum()
        };
        for id in 0..self.structure.stations {
            self.weights[id] = served(self, id);
        }
        for class in 0..classes {
            if self.users_now[class] <= 0.0 {
                continue;
            }
            // From users = X (think + response), which also serves a single user, who finds nobody.
            let Arrivals::Closed { think_time, .. } = system.classes[class].arrivals else { continue };
            let hold = self.state.visits[system.classes[class].entry * classes + class].hold.mean;
            let cycle = think_time + hold;
            self.closed_rates[class] = if cycle > 0.0 { self.users_now[class] / cycle } else { 0.0 };
        }
        self.flow(system);
        for id in 0..self.structure.stations {
            let before = self.weights[id];
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

/// The wait of a closed user as a law: it waits about as often as the station is busy.
pub(super) fn found_wait(mean: f64, busy: f64, scv: f64) -> Wait {
    if mean <= 0.0 { Wait::NONE } else { Wait { probability: busy.clamp(1.0e-9, 1.0), mean, scv } }
}
