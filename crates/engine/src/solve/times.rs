//! Backward pass: how long everything takes, callees first.
//!
//! A slot of a service is held for its own time and for every synchronous call, waits included; so the wait in front of a
//! caller follows from the times of what it calls. A pool's connection is held over network and callee. A station whose
//! callers are all limited (by slots, pools or users) never holds more than they let in, and its wait is cut there.

use super::{
    Resource, Solver, flow,
    state::{Pressure, StationState},
};
use crate::{
    math,
    model::{Kind, Mode, System},
    queueing::{
        erlang,
        mgc::{self, Wait},
    },
    stats::Moments,
};

impl Solver {
    pub(super) fn times(&mut self, system: &System) {
        for position in (0..self.structure.order.len()).rev() {
            let id = self.structure.order[position];
            self.pool_times(system, id);
            let below = self.calls_below(system, id);
            match &system.stations[id].kind {
                Kind::Queue { .. } => self.queue_times(system, id),
                _ => self.station_times(system, id, below),
            }
        }
    }

    /// Wait for a connection of each of a station's pools.
    fn pool_times(&mut self, system: &System, id: usize) {
        let classes = self.structure.classes;
        for pool in 0..system.stations[id].pools.len() {
            let (mut rate, mut first, mut second, mut third, mut bare) = (0.0, 0.0, 0.0, 0.0, 0.0);
            let (mut through, mut pressure) = (1.0_f64, Pressure::default());
            for leg in self.structure.legs_of[id].clone() {
                let call = self.structure.call(system, leg);
                if call.pool != Some(pool) {
                    continue;
                }
                let callee = self.structure.legs[leg].callee;
                for class in 0..classes {
                    let calls = self.state.calls[leg * classes + class].rate;
                    if calls <= 0.0 {
                        continue;
                    }
                    let visit = &self.state.visits[callee * classes + class];
                    let held = visit.hold.then(Moments::constant(call.network_time()));
                    rate += calls;
                    first += calls * held.mean;
                    second += calls * held.raw_second();
                    third += calls * held.raw_third();
                    through = through.min(visit.through);
                    pressure = pressure.or(self.state.stations[callee].pressure);
                    bare += calls * (visit.bare + call.network_time());
                }
            }
            let at = self.state.pools_of[id] + pool;
            let Some(size) = system.stations[id].pools[pool].size.map(f64::from) else {
                continue;
            };
            let held =
                if rate > 0.0 { Moments::from_raw(first / rate, second / rate, third / rate) } else { Moments::ZERO };
            let replicas = self.state.stations[id].replicas;
            let bounded = self.state.stations[id].servers.is_finite() || self.state.stations[id].shielded;
            let state = &mut self.state.pools[at];
            let own = rate * held.mean / (size * replicas);
            // A limited callee may hold every connection: then its capacity is the pool's.
            let raw = own.max(pressure.load) / state.passing;
            state.load = blamed(own, pressure.load, state.passing);
            state.stable = raw < 1.0;
            state.wait = if state.stable {
                holder_wait(rate, replicas, &held, bare / rate.max(f64::MIN_POSITIVE), size, &pressure)
            } else {
                Wait::NONE
            };
            let before = state.passing;
            state.passing = if bounded || raw <= 1.0 { 1.0 } else { 1.0 / raw };
            let wait_probability = state.wait.probability;
            state.pressure = pressure.or(Pressure { load: own, wait_probability, servers: size * replicas });
            let after = state.passing;
            self.state.moved(before, after);
        }
    }

    /// Time, success and passage of the calls below each class's visit; returns the largest pressure below.
    fn calls_below(&mut self, system: &System, id: usize) -> Pressure {
        let classes = self.structure.classes;
        let mut pressure = Pressure::default();
        for class in 0..classes {
            if !self.structure.reaches[id * classes + class] {
                continue;
            }
            let visit = self.state.visits[id * classes + class];
            let work = &system.stations[id];
            let mut below = Moments::ZERO;
            let (mut success, mut through, mut held) = (1.0 - work.failure_ratio, 1.0, 0.0);
            let mut bare = visit.own.mean;
            let legs = self.structure.legs_of[id].clone();
            let mut leg = legs.start;
            while leg < legs.end {
                let end = self.structure.legs[leg].end;
                if self.structure.applies(leg, class) {
                    let call = self.structure.call(system, leg);
                    let share =
                        flow::call_share(&work.kind, &work.calls, call) * flow::outcome_share(call.when, visit.hits);
                    let (time, ok, passes) = self.leg_times(system, leg, class, visit.served > 0.0, &mut pressure);
                    if self.structure.legs[leg].mode != Mode::Async {
                        held += success * share * time.mean;
                        bare += share * self.bare_leg(system, leg, class);
                        below = below.then(time.with_probability(share));
                        success *= 1.0 - share * (1.0 - ok);
                        through *= 1.0 - share * (1.0 - passes);
                    }
                }
                leg = end;
            }
            let visit = &mut self.state.visits[id * classes + class];
            visit.below = below;
            visit.held = held;
            visit.bare = bare;
            visit.success = success;
            visit.through = through;
        }
        pressure
    }

    /// Mean time of all calls of a leg on one visit without any waiting.
    fn bare_leg(&self, system: &System, leg: usize, class: usize) -> f64 {
        let at = &self.structure.legs[leg];
        let call = self.structure.call(system, leg);
        let target = &self.state.visits[at.callee * self.structure.classes + class];
        let mut time = target.bare + call.network_time();
        let mut child = leg + 1;
        while child < at.end {
            if self.structure.applies(child, class) && self.structure.legs[child].mode != Mode::Async {
                time += (1.0 - target.hits) * self.bare_leg(system, child, class);
            }
            child = self.structure.legs[child].end;
        }
        time * call.per_request
    }

    /// All calls of a leg on one visit: time of successful ones, success and passage; updates the leg's own call.
    fn leg_times(
        &mut self,
        system: &System,
        leg: usize,
        class: usize,
        used: bool,
        pressure: &mut Pressure,
    ) -> (Moments, f64, f64) {
        let classes = self.structure.classes;
        let call = self.structure.call(system, leg);
        let at = &self.structure.legs[leg];
        let (caller, callee, mode, end) = (at.caller, at.callee, at.mode, at.end);
        let target = self.state.visits[callee * classes + class];
        let mut time = target.hold.then(Moments::constant(call.network_time()));
        let mut through = target.through * self.state.stations[callee].passing;
        if matches!(system.stations[callee].kind, Kind::Queue { .. }) {
            through = 1.0;
        } else if used && mode != Mode::Async {
            *pressure = pressure.or(self.state.stations[callee].pressure);
        }
        if let Some(pool) = call.pool {
            let pool = self.state.pools[self.state.pools_of[caller] + pool];
            time = time.then(pool.wait.moments());
            through *= pool.passing;
            if used && mode != Mode::Async {
                *pressure = pressure.or(pool.pressure);
            }
        }
        let state = &mut self.state.calls[leg * classes + class];
        let before = state.time.mean;
        state.time = time;
        state.success = target.success * target.admitted;
        state.through = through;
        let (success, after) = (state.success, time.mean);
        self.state.moved(before, after);
        let (mut branch, mut branch_success, mut branch_through) = (Moments::ZERO, 1.0, 1.0);
        let mut child = leg + 1;
        while child < end {
            if self.structure.applies(child, class) {
                let (time, ok, passes) = self.leg_times(system, child, class, used && target.hits < 1.0, pressure);
                if self.structure.legs[child].mode != Mode::Async {
                    branch = branch.then(time);
                    branch_success *= ok;
                    branch_through *= passes;
                }
            }
            child = self.structure.legs[child].end;
        }
        let misses = 1.0 - target.hits;
        let one = time.then(branch.with_probability(misses));
        let ok = success * (1.0 - misses * (1.0 - branch_success));
        let passes = through * (1.0 - misses * (1.0 - branch_through));
        (
            one.repeated(call.per_request),
            flow::repeated_share(ok, call.per_request),
            flow::repeated_share(passes, call.per_request),
        )
    }

    /// Wait, residence and hold of a station that is not a queue.
    fn station_times(&mut self, system: &System, id: usize, below: Pressure) {
        let classes = self.structure.classes;
        let kind = &system.stations[id].kind;
        let holds_calls = matches!(kind, Kind::Service { .. } | Kind::Function { .. });
        let (rate, own) = self.mixture(id, |visit| visit.own);
        let mut station = self.state.stations[id];
        let cores = match kind {
            Kind::Service { cpu_cores: Some(cores), .. } => Some(*cores),
            _ => None,
        };
        let (mut load, mut unbounded) = (0.0, 1.0);
        if let Some(cores) = cores {
            load = rate * own.mean / (cores * station.replicas);
            station.work_load = Some(load);
            station.busiest = Some((Resource::Cores, load));
        }
        let slots = station.servers;
        if slots.is_finite() {
            let (_, held) =
                self.mixture(id, |visit| if holds_calls { visit.own_stay.then(visit.below) } else { visit.own_stay });
            let slot_load = rate * held.mean / slots;
            station.slot_load = holds_calls.then_some(slot_load);
            if cores.is_none() {
                station.work_load = Some(rate * own.mean / slots);
            }
            let resource = if matches!(kind, Kind::Database(_)) { Resource::Cores } else { Resource::Slots };
            if slot_load > load {
                load = slot_load;
                station.busiest = Some((resource, load));
            } else if station.busiest.is_none() {
                station.busiest = Some((resource, load));
            }
            let (_, bare) = self.mixture(id, |visit| Moments::constant(visit.bare));
            station.wait =
                if load < 1.0 { holder_wait(rate, 1.0, &held, bare.mean, slots, &below) } else { Wait::NONE };
            unbounded = station.wait.probability;
            station.wait = bounded_wait(station.wait, rate, &held, slots, station.bound);
        }
        let own = Pressure { load, wait_probability: unbounded, servers: station.servers };
        self.settle(id, station, own, below);
        let station = self.state.stations[id];
        let wait = station.wait.moments();
        for class in 0..classes {
            let visit = &mut self.state.visits[id * classes + class];
            visit.residence = wait.then(visit.own_stay);
            let before = visit.hold.mean;
            visit.hold = visit.residence.then(visit.below);
            let after = visit.hold.mean;
            self.state.moved(before, after);
        }
    }

    /// Decides what passes: an overloaded station thins its visits, unless its callers are limited and queue instead.
    fn settle(&mut self, id: usize, mut station: StationState, own: Pressure, below: Pressure) {
        // Only a station that limits what it lets in feels what is overloaded below it.
        let felt = if station.servers.is_finite() { own.load.max(below.load) } else { own.load };
        let raw = felt / station.passing;
        station.stable = raw < 1.0;
        for figure in [&mut station.work_load, &mut station.slot_load] {
            *figure = figure.map(|load| load / station.passing);
        }
        let felt_below = if station.servers.is_finite() { below.load } else { 0.0 };
        station.busiest = station.busiest.map(|(resource, load)| (resource, blamed(load, felt_below, station.passing)));
        let before = station.passing;
        station.passing = if station.shielded || raw <= 1.0 { 1.0 } else { 1.0 / raw };
        station.pressure = own.or(below);
        station.pressure.load *= station.passing / before;
        let after = station.passing;
        self.state.stations[id] = station;
        self.state.moved(before, after);
    }
}

/// Load over capacity that a holder answers for: all that is offered, unless what it calls is at least as full, for then the
/// overload is the callee's.
fn blamed(own: f64, below: f64, passing: f64) -> f64 {
    if own > below * (1.0 + 1.0e-9) { own / passing } else { own.min(1.0) }
}

/// The wait for one of `limit` places in each of `replicas` groups, held for `held`, of which `bare` is no waiting (seconds).
///
/// When what they hold is itself slowed by a busier callee, a full house drains at that callee's rate, not at limit / hold; and it
/// is full as often as the callee, were its callers unlimited, would have that many: its queue has a geometric tail.
fn holder_wait(rate: f64, replicas: f64, held: &Moments, bare: f64, limit: f64, below: &Pressure) -> Wait {
    let load = rate * held.mean / (limit * replicas);
    if load >= below.load || below.load >= 1.0 || load >= 1.0 {
        return mgc::wait(rate / replicas, 1.0, held, limit).unwrap_or(Wait::NONE);
    }
    let elsewhere = rate * bare - below.servers * below.load;
    let queued = (limit * replicas - below.servers - elsewhere).max(0.0);
    let callee_full = below.wait_probability * math::pow(below.load, queued);
    let probability = erlang::delay(limit, rate / replicas * held.mean).max(callee_full.min(1.0));
    let drain = rate / below.load - rate;
    if probability <= 0.0 || drain <= 0.0 {
        return Wait::NONE;
    }
    Wait { probability, mean: probability / drain, scv: 1.0 }
}

/// The wait where at most `bound` requests can be at once: the queue is cut there.
fn bounded_wait(wait: Wait, rate: f64, held: &Moments, servers: f64, bound: f64) -> Wait {
    if bound.is_infinite() || rate <= 0.0 {
        return wait;
    }
    let places = (bound - servers).max(0.0);
    if places == 0.0 {
        return Wait::NONE;
    }
    let load = rate * held.mean / servers;
    if load >= 1.0 {
        let capacity = servers / held.mean;
        return Wait { probability: 1.0, mean: places / capacity, scv: 1.0 / places };
    }
    let kept = 1.0 - math::pow(load, places);
    Wait { probability: wait.probability * kept.min(1.0), mean: wait.mean * kept, scv: wait.scv }
}
