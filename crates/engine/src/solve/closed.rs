//! Closed classes: users who wait for the answer, think, and ask again.
//!
//! Where nothing is held over calls the system is a network of queues and delays, solved exactly (mean value analysis, or
//! normalisation constants with several servers) up to the populations that allow it, and by Linearizer beyond; open classes
//! slow its queues by what they use. Slots and pools that queue over queues are a tree of such networks
//! ([`super::nested`]). Elsewhere (open classes over the same slots, retries …) the throughput X solves users = X (think + response(X)) with
//! the response at the rate an arriving user sees, X (users - 1) / users: Schweitzer's approximation on the layered model. Several classes
//! are scaled together, in the mix users / (think + response) that the responses of the mix before make: one after the other each would
//! take what the others leave of a full part.

use super::{Options, Solver, state::VisitState};
use crate::{
    math,
    model::{Arrivals, Kind, Mode, Station, System},
    queueing::mgc::Wait,
};

/// How often the most that users can ask for is doubled.
const MOST_DOUBLINGS: u32 = 40;

/// Mixes of several closed classes that are tried.
const MIXES: u32 = 60;

/// Share of the way to the next mix: where one class takes what another leaves whole steps swing to and fro.
fn stride(round: u32) -> f64 {
    match round {
        ..=8 => 1.0,
        9..=30 => 0.5,
        _ => 0.2,
    }
}

/// Users over the time of their cycle; finite also where that is none.
pub(super) fn most_rate(users: f64, cycle: f64) -> f64 {
    if cycle > 0.0 { (users / cycle).min(1.0e15) } else { 1.0e15 }
}

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
        self.nested.forget();
        self.flat.lines.forget();
        let mut convergence = self.iterate(system, options);
        if self.users_now.iter().all(|users| *users <= 0.0) {
            return convergence;
        }
        self.look_below(system);
        let flat = self.is_flat(system);
        if !flat && !self.may_nest(system) {
            return self.solve_layered(system, options, convergence);
        }
        for _ in 0..MIXES {
            let moved = if flat { self.solve_flat(system) } else { self.solve_nested(system) };
            let Some(moved) = moved else {
                // Some station is below two holders, or a network is too large.
                self.state.unfind();
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

    /// Throughput by bisection on users = X (think + response): all classes together in a mix, which follows from the responses found.
    fn solve_layered(
        &mut self,
        system: &System,
        options: &Options,
        mut convergence: super::Convergence,
    ) -> super::Convergence {
        let closed = self.users_now.iter().filter(|&&users| users > 0.0).count();
        let (mut scale, mut moved, mut round) = (0.0, f64::INFINITY, 0);
        self.mix(system, 1.0, |visit| visit.bare);
        while moved > options.tolerance && round < MIXES {
            let (mut low, mut high) = (0.0, self.most_scale(system));
            // Who is refused or given up is back sooner than anybody is without load.
            for _ in 0..if may_fail(system) { MOST_DOUBLINGS } else { 0 } {
                self.at_scale(system, options, high);
                if !self.fits(system, high) {
                    break;
                }
                (low, high) = (high, 2.0 * high);
            }
            for _ in 0..60 {
                let middle = 0.5 * (low + high);
                let step = self.at_scale(system, options, middle);
                convergence = super::Convergence { iterations: convergence.iterations + step.iterations, ..step };
                if self.fits(system, middle) {
                    low = middle;
                } else {
                    high = middle;
                }
                if high - low < 1.0e-12 * high {
                    break;
                }
            }
            self.at_scale(system, options, low);
            scale = low;
            round += 1;
            let kept = (round == MIXES).then(|| self.mixed.clone());
            moved = if closed == 1 { 0.0 } else { self.mix(system, stride(round), |visit| visit.spent().mean) };
            if let Some(kept) = kept.filter(|_| moved > options.tolerance) {
                // The scale was found for this mix: another one might ask for more than there is.
                self.mixed = kept;
            }
        }
        let step = self.at_scale(system, options, scale);
        self.whole_rates(system);
        convergence = super::Convergence { iterations: convergence.iterations + step.iterations, ..step };
        if moved > options.tolerance {
            (convergence.converged, convergence.residual) = (false, moved.max(convergence.residual));
        }
        convergence
    }

    /// Takes the classes' rates in proportion to users over cycles, the first one's as 1, by a share of the way from those before, in
    /// logarithms; returns how far one moved, relatively.
    fn mix(&mut self, system: &System, stride: f64, response: impl Fn(&VisitState) -> f64) -> f64 {
        let (mut first, mut moved) = (None, 0.0_f64);
        self.mixed.resize(self.structure.classes, 0.0);
        for class in 0..self.structure.classes {
            let Arrivals::Closed { think_time, .. } = system.classes[class].arrivals else { continue };
            if self.users_now[class] <= 0.0 {
                continue;
            }
            let visit = &self.state.visits[system.classes[class].entry * self.structure.classes + class];
            let rate = most_rate(self.users_now[class], think_time + response(visit));
            let found = rate / *first.get_or_insert(rate);
            let before = self.mixed[class];
            let weight = if stride < 1.0 { before * math::pow(found / before, stride) } else { found };
            moved = moved.max((weight / self.mixed[class] - 1.0).abs());
            self.mixed[class] = weight;
        }
        moved
    }

    /// The scale of the mix at which some class would find nobody.
    fn most_scale(&self, system: &System) -> f64 {
        let mut most = 0.0_f64;
        for (class, of) in system.classes.iter().enumerate() {
            if let Arrivals::Closed { think_time, .. } = of.arrivals
                && self.users_now[class] > 0.0
            {
                let bare = think_time + self.state.visits[of.entry * self.structure.classes + class].bare;
                most = most.max(most_rate(self.users_now[class], bare) / self.mixed[class]);
            }
        }
        most
    }

    /// Solves with the rates that arriving users see at a scale of the mix.
    fn at_scale(&mut self, system: &System, options: &Options, scale: f64) -> super::Convergence {
        for class in 0..self.structure.classes {
            let users = self.users_now[class];
            if users > 0.0 {
                self.closed_rates[class] = scale * self.mixed[class] * ((users - 1.0).max(0.0) / users);
            }
        }
        self.iterate(system, options)
    }

    /// Whether no more users are on their way at a scale of the mix than there are, and everything passes.
    fn fits(&self, system: &System, scale: f64) -> bool {
        let (mut present, mut all) = (0.0, 0.0);
        for (class, of) in system.classes.iter().enumerate() {
            let Arrivals::Closed { think_time, .. } = of.arrivals else { continue };
            if self.users_now[class] <= 0.0 {
                continue;
            }
            let visit = &self.state.visits[of.entry * self.structure.classes + class];
            if self.state.stations[of.entry].passing * visit.through < 1.0 - 1.0e-12 || !self.pools_pass(system, class)
            {
                return false;
            }
            present += scale * self.mixed[class] * (think_time + visit.spent().mean);
            all += self.users_now[class];
        }
        present <= all
    }

    /// Whether every pool that a class waits for gives out connections as fast as they are asked for: no wait is known of the others.
    fn pools_pass(&self, system: &System, class: usize) -> bool {
        let classes = self.structure.classes;
        self.structure.legs.iter().enumerate().all(|(leg, at)| {
            let used =
                self.structure.waited[leg * classes + class] && self.state.calls[leg * classes + class].rate > 0.0;
            let pool = if used { self.structure.call(system, leg).pool } else { None };
            pool.is_none_or(|pool| self.state.pools[self.state.pools_of[at.caller] + pool].stable)
        })
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
            let response = self.state.visits[system.classes[class].entry * classes + class].spent().mean;
            let cycle = think_time + response;
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

/// Whether anything fails, refuses or is given up: then a cycle can be shorter under load than without.
fn may_fail(system: &System) -> bool {
    let calls = |station: &Station| station.calls.iter().any(|call| call.timeout.is_some() || call.breaker.is_some());
    system.stations.iter().any(|station| station.failure_ratio > 0.0 || station.kind.refuses() || calls(station))
}

/// The wait of a closed user as a law: it waits about as often as the station is busy.
pub(super) fn found_wait(mean: f64, busy: f64, scv: f64) -> Wait {
    if mean <= 0.0 { Wait::NONE } else { Wait { probability: busy.clamp(1.0e-9, 1.0), mean, scv } }
}
