//! Backward pass: how long everything takes, callees first.
//!
//! A slot of a service is held for its own time and for every synchronous call, waits included; so the wait in front of a
//! caller follows from the times of what it calls. A pool's connection is held over network and callee. A station whose
//! callers are all limited (by slots, pools or users) never holds more than they let in, and its wait is cut there.

use super::{Resource, Solver, flow, state::StationState};
use crate::{
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
            let (mut rate, mut first, mut second, mut third) = (0.0, 0.0, 0.0, 0.0);
            let (mut through, mut pressure) = (1.0_f64, 0.0_f64);
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
                    pressure = pressure.max(self.state.stations[callee].pressure);
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
            let load = own.max(pressure);
            state.load = load / state.passing;
            state.stable = state.load < 1.0;
            state.wait = if state.stable { holder_wait(rate / replicas, &held, size, pressure) } else { Wait::NONE };
            let before = state.passing;
            state.passing = if bounded || state.load <= 1.0 { 1.0 } else { 1.0 / state.load };
            let after = state.passing;
            self.state.moved(before, after);
        }
    }

    /// Time, success and passage of the calls below each class's visit; returns the largest pressure below.
    fn calls_below(&mut self, system: &System, id: usize) -> f64 {
        let classes = self.structure.classes;
        let mut pressure = 0.0_f64;
        for class in 0..classes {
            if !self.structure.reaches[id * classes + class] {
                continue;
            }
            let visit = self.state.visits[id * classes + class];
            let work = &system.stations[id];
            let mut below = Moments::ZERO;
            let (mut success, mut through, mut held) = (1.0 - work.failure_ratio, 1.0, 0.0);
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
            visit.success = success;
            visit.through = through;
        }
        pressure
    }

    /// All calls of a leg on one visit: time of successful ones, success and passage; updates the leg's own call.
    fn leg_times(
        &mut self,
        system: &System,
        leg: usize,
        class: usize,
        used: bool,
        pressure: &mut f64,
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
            *pressure = pressure.max(self.state.stations[callee].pressure);
        }
        if let Some(pool) = call.pool {
            let pool = self.state.pools[self.state.pools_of[caller] + pool];
            time = time.then(pool.wait.moments());
            through *= pool.passing;
            if used && mode != Mode::Async {
                *pressure = pressure.max(pool.load);
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
    fn station_times(&mut self, system: &System, id: usize, below: f64) {
        let classes = self.structure.classes;
        let kind = &system.stations[id].kind;
        let holds_calls = matches!(kind, Kind::Service { .. } | Kind::Function { .. });
        let (rate, own) = self.mixture(id, |visit| visit.own);
        let mut station = self.state.stations[id];
        let cores = match kind {
            Kind::Service { cpu_cores: Some(cores), .. } => Some(*cores),
            _ => None,
        };
        let mut load = 0.0;
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
            station.wait = if load < 1.0 { holder_wait(rate, &held, slots, below) } else { Wait::NONE };
            station.wait = bounded_wait(station.wait, rate, &held, slots, station.bound);
        }
        self.settle(id, station, load, below);
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
    fn settle(&mut self, id: usize, mut station: StationState, load: f64, below: f64) {
        // Only a station that limits what it lets in feels what is overloaded below it.
        let felt = if station.servers.is_finite() { load.max(below) } else { load };
        let raw = felt / station.passing;
        station.stable = raw < 1.0;
        for figure in [&mut station.work_load, &mut station.slot_load] {
            *figure = figure.map(|load| load / station.passing);
        }
        station.busiest = station.busiest.map(|(resource, load)| (resource, load / station.passing));
        let before = station.passing;
        station.passing = if station.shielded || raw <= 1.0 { 1.0 } else { 1.0 / raw };
        station.pressure = load.max(below) / before * station.passing;
        let after = station.passing;
        self.state.stations[id] = station;
        self.state.moved(before, after);
    }
}

/// The wait for one of `limit` holders' places. When what they hold is itself slowed by a busy callee (`pressure` is its load over
/// capacity), a full house drains at the rate of that callee, not at limit / hold.
fn holder_wait(rate: f64, held: &Moments, limit: f64, pressure: f64) -> Wait {
    let load = rate * held.mean / limit;
    if load >= pressure || pressure >= 1.0 || load >= 1.0 {
        return mgc::wait(rate, 1.0, held, limit).unwrap_or(Wait::NONE);
    }
    let probability = erlang::delay(limit, rate * held.mean);
    let drain = rate / pressure - rate;
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
    let kept = 1.0 - crate::math::pow(load, places);
    Wait { probability: wait.probability * kept.min(1.0), mean: wait.mean * kept, scv: wait.scv }
}
