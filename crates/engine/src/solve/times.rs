//! Backward pass: how long everything takes, callees first.
//!
//! A slot of a service is held for its own time and for every synchronous call, waits included; so the wait in front of a
//! caller follows from the times of what it calls. A pool's connection is held over network and callee. A station whose
//! callers are all limited (by slots, pools or users) never holds more than they let in, and its wait is cut there.

use super::{Solver, state::Pressure};
use crate::{
    math,
    model::{Kind, System},
    queueing::{
        erlang, holder,
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
                    let mut held = visit.hold.then(Moments::constant(call.network_time()));
                    if let Some(timeout) = call.timeout {
                        // A caller that gives up gives the connection back.
                        let kept = crate::stats::Law::fit(&held).beyond(timeout).1;
                        held = held.scaled(if held.mean > 0.0 { kept / held.mean } else { 1.0 });
                    }
                    rate += calls;
                    first += calls * held.mean;
                    second += calls * held.raw_second();
                    third += calls * held.raw_third();
                    through = through.min(visit.through);
                    if call.timeout.is_none() {
                        pressure = pressure.or(self.state.stations[callee].pressure);
                    }
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
            let arrival_scv = 1.0 + (self.state.stations[id].arrival_scv - 1.0) / replicas;
            let bounded = self.state.stations[id].servers.is_finite() || self.state.stations[id].shielded;
            let state = &mut self.state.pools[at];
            let own = rate * held.mean / (size * replicas);
            let bare = if rate > 0.0 { bare / rate } else { 0.0 };
            let (wait, carried, _) = holder_wait(rate, replicas, &held, bare, size, &pressure, arrival_scv);
            // A limited callee may hold every connection: then its capacity is the pool's.
            let mut raw = carried.max(pressure.load) / state.passing;
            if state.found.is_some() {
                raw = raw.min(1.0 - 1.0e-12);
            }
            state.load = blamed(own, pressure.load, state.passing);
            state.stable = raw < 1.0;
            if state.found.is_some() {
                state.stable = true;
            }
            state.wait = state.found.unwrap_or(if state.stable { wait } else { Wait::NONE });
            let own = own.max(carried);
            let before = state.passing;
            let target = if bounded || raw <= 1.0 { 1.0 } else { 1.0 / raw };
            state.passing = before + self.damping * (target - before);
            let wait_probability = state.wait.probability;
            state.pressure = pressure.or(Pressure { load: own, wait_probability, servers: size * replicas });
            let after = state.passing;
            self.state.moved(before, after);
        }
    }

    /// Decides what passes: an overloaded station thins its visits, unless its callers are limited and queue instead.
    pub(super) fn settle(&mut self, id: usize, own: Pressure, below: Pressure) {
        let mut station = self.state.stations[id];
        let mut own = own;
        if station.found.is_some() && own.load < 1.0 + 1.0e-6 {
            // A closed network fills its bottleneck without ever overloading it.
            own.load = own.load.min(1.0 - 1.0e-12);
        }
        // Only a station that limits what it lets in feels what is overloaded below it.
        let felt_below = if station.servers.is_finite() { below.load } else { 0.0 };
        let raw = own.load.max(felt_below) / station.passing;
        station.stable = raw < 1.0;
        if !station.stable && !station.shielded {
            // No wait is known of a growing line; what passes is at its capacity and the last digits must not matter.
            station.wait = Wait::NONE;
            for visit in &mut self.state.visits[id * self.structure.classes..(id + 1) * self.structure.classes] {
                visit.wait = None;
            }
        }
        for figure in [&mut station.work_load, &mut station.slot_load] {
            *figure = figure.map(|load| load / station.passing);
        }
        station.busiest = station.busiest.map(|(resource, load)| (resource, blamed(load, felt_below, station.passing)));
        let before = station.passing;
        let target = if station.shielded || raw <= 1.0 {
            1.0
        } else if station.split && raw * (1.0 - 1.0e-9) <= own.load / before {
            station.passing_share
        } else {
            1.0 / raw
        };
        station.passing = before + self.damping * (target - before);
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

/// The wait for one of `limit` places in each of `replicas` groups, held for `held`, of which `bare` is no waiting (seconds), and the
/// load over what the places can carry, and the mean hold where it is known. Where what they hold queues itself for `below`, by [`holder`]; else M/G/c.
#[allow(clippy::too_many_arguments)]
pub(super) fn holder_wait(
    rate: f64,
    replicas: f64,
    held: &Moments,
    bare: f64,
    limit: f64,
    below: &Pressure,
    arrival_scv: f64,
) -> (Wait, f64, Option<f64>) {
    let load = rate * held.mean / (limit * replicas);
    let demand = if rate > 0.0 { below.servers * below.load / rate } else { 0.0 };
    // Waits that are not the bottleneck's count as delay; they are what the mean holds beyond work and the bottleneck's wait.
    let delay = bare - demand;
    let queues_below = below.load > 1.0e-3 && demand > 0.0 && delay >= -1.0e-9 * bare;
    if queues_below && let Some(line) = holder::solve(rate, limit * replicas, delay.max(0.0), demand, below.servers) {
        // Variation matters as far as the places, not the callee, are what is short.
        let short = (1.0 - below.load / line.load).clamp(0.0, 1.0);
        let factor = 1.0 + short * ((1.0 + held.scv()) / 2.0 - 1.0);
        let wait = Wait { probability: line.wait_probability, mean: line.mean_wait * factor, scv: 1.0 };
        return (if line.load < 1.0 { wait } else { Wait::NONE }, line.load, Some(line.hold));
    }
    if load >= 1.0 || load >= below.load || below.load >= 1.0 {
        return (mgc::wait(rate / replicas, arrival_scv, held, limit).unwrap_or(Wait::NONE), load, None);
    }
    // Too many places to walk through: full as often as the callee, were its callers unlimited, would have that many, and drained at
    // the callee's rate.
    let elsewhere = rate * bare - below.servers * below.load;
    let queued = (limit * replicas - below.servers - elsewhere).max(0.0);
    let callee_full = below.wait_probability * math::pow(below.load, queued);
    let probability = erlang::delay(limit, rate / replicas * held.mean).max(callee_full.min(1.0));
    let drain = rate / below.load - rate;
    if probability <= 0.0 || drain <= 0.0 {
        return (Wait::NONE, load, None);
    }
    (Wait { probability, mean: probability / drain, scv: 1.0 }, load, None)
}

/// The wait where at most `bound` requests can be at once: the queue is cut there.
pub(super) fn bounded_wait(wait: Wait, rate: f64, held: &Moments, servers: f64, bound: f64, load: f64) -> Wait {
    if bound.is_infinite() || rate <= 0.0 {
        return wait;
    }
    let places = (bound - servers).max(0.0);
    if places == 0.0 {
        return Wait::NONE;
    }
    let own = rate * held.mean / servers;
    let load = own.max(load);
    if load >= 1.0 || wait.mean <= 0.0 && load > 0.999 {
        let capacity = servers / held.mean;
        return Wait { probability: 1.0, mean: places / capacity, scv: 1.0 / places };
    }
    let full = math::pow(load, places);
    let kept = 1.0 - full;
    // A full room waits places / capacity whatever the variation of the holds.
    let plain = wait.probability * held.mean / (servers * (1.0 - own));
    let factor = if wait.mean > 0.0 { 1.0 + (plain / wait.mean - 1.0) * full } else { 1.0 };
    let wait = Wait { mean: wait.mean * factor, ..wait };
    Wait { probability: wait.probability * kept.min(1.0), mean: wait.mean * kept, scv: wait.scv }
}
