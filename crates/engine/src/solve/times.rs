//! Backward pass: how long everything takes, callees first.
//!
//! A slot of a service is held for its own time and for every synchronous call, waits included; so the wait in front of a
//! caller follows from the times of what it calls. A pool's connection is held over network and callee. A station whose
//! callers are all limited (by slots, pools or users) never holds more than they let in, and its wait is cut there.

use super::{
    Solver,
    bare::{Bare, Mixed},
    holding,
    state::Pressure,
    track,
};
use crate::{
    model::{Kind, System},
    queueing::{
        mgc::Wait,
        patience::{self, Impatient},
    },
    stats::Moments,
};

/// A pool that leaves less than this of itself is full.
const FULL: f64 = 1.0e-9;

/// The calls that want a pool's connections, as long as every one of them has a timeout.
#[derive(Default)]
struct Patience {
    rate: f64,
    /// Rate times raw moments of the time a call holds a connection that it does not give up.
    held: [f64; 3],
    /// Rate times timeout; `None` once a call has none.
    timeouts: Option<f64>,
}

impl Patience {
    fn add(&mut self, rate: f64, held: &Moments, timeout: Option<f64>) {
        let before = if self.rate > 0.0 { self.timeouts } else { Some(0.0) };
        self.timeouts = before.zip(timeout).map(|(sum, timeout)| sum + rate * timeout);
        self.rate += rate;
        for (sum, raw) in self.held.iter_mut().zip([held.mean, held.raw_second(), held.raw_third()]) {
            *sum += rate * raw;
        }
    }

    /// Calls wait for one of `size` connections until their timeout, the mean one where they differ.
    fn solve(&self, rate: f64, size: f64) -> Option<Impatient> {
        let timeout = self.timeouts.filter(|_| self.rate > 0.0)? / self.rate;
        let [first, second, third] = self.held.map(|sum| sum / self.rate);
        Some(patience::solve(rate, &Moments::from_raw(first, second, third), size, timeout))
    }
}

impl Solver {
    pub(super) fn times(&mut self, system: &System) {
        for position in (0..self.structure.order.len()).rev() {
            let id = self.structure.order[position];
            if !self.is_stale(id) {
                continue;
            }
            self.pool_times(system, id);
            let below = self.calls_below(system, id);
            match &system.stations[id].kind {
                Kind::Queue { .. } => self.queue_times(system, id, &below),
                _ => self.station_times(system, id, below),
            }
            self.looked(id);
        }
    }

    /// Wait for a connection of each of a station's pools.
    fn pool_times(&mut self, system: &System, id: usize) {
        let classes = self.structure.classes;
        for pool in 0..system.stations[id].pools.len() {
            let (mut rate, mut first, mut second, mut third) = (0.0, 0.0, 0.0, 0.0);
            let mut bare = Mixed::default();
            let (mut through, mut pressure) = (1.0_f64, Pressure::default());
            let mut patient = Patience::default();
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
                    let mut held = visit.spent().then(Moments::constant(call.network_time()));
                    patient.add(calls, &held, call.timeout);
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
                    let one = Bare::visit(visit).calls(1.0, visit.admitted);
                    bare.add(calls, Bare { mean: one.mean + call.network_time(), ..one });
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
            if self.state.pools[at].found.is_none()
                && let Some(found) = patient.solve(rate / replicas, size)
            {
                self.leave_in_time(at, &found, size);
                continue;
            }
            let state = &mut self.state.pools[at];
            let own = rate * held.mean / (size * replicas);
            let mut line = holding::line(rate, replicas, &held, bare.bare(), size, &pressure, arrival_scv);
            // A limited callee may hold every connection: then its capacity is the pool's.
            let mut raw = line.load.max(pressure.load) / state.passing;
            if state.found.is_some() {
                // A closed network fills its bottleneck without ever overloading it.
                (line.load, raw) = (line.load.min(1.0 - 1.0e-12), raw.min(1.0 - 1.0e-12));
            }
            state.blame = blamed(line.blame, pressure.load, state.passing);
            // What passes a full part fills its pools up to the last digits, which must not matter.
            state.stable = raw < 1.0 - if state.found.is_some() { 0.0 } else { FULL };
            state.load = if state.stable { own } else { own.max(1.0) };
            state.wait = state.found.unwrap_or(if state.stable { line.wait } else { Wait::NONE });
            let mut factor = 1.0;
            if self.sweeps >= track::PATIENCE && state.found.is_none() && state.wait.mean > 0.0 {
                factor = state.track.next(state.wait.mean) / state.wait.mean;
                state.wait.mean *= factor;
            }
            let before = state.passing;
            let target = if bounded || raw <= 1.0 { 1.0 } else { 1.0 / raw };
            state.passing = state.share.share(target, self.sweeps);
            let wait_probability = state.wait.probability;
            state.pressure = pressure.or(Pressure { wait_probability, ..line.pressure() });
            let after = state.passing;
            self.state.moved(before, after);
            self.state.moved(1.0, factor);
        }
    }

    /// A pool whose callers all give up in time has no line that grows: they leave it.
    fn leave_in_time(&mut self, pool: usize, found: &Impatient, size: f64) {
        let state = &mut self.state.pools[pool];
        let before = state.wait.mean;
        state.wait = found.wait;
        if self.sweeps >= track::PATIENCE && before > 0.0 && found.wait.mean > 0.0 {
            state.wait.mean *= state.track.next(found.wait.mean) / found.wait.mean;
        }
        state.load = found.busy / size;
        state.blame = state.load;
        (state.stable, state.passing) = (true, 1.0);
        state.pressure = Pressure::default();
        let after = state.wait.mean;
        self.state.moved(before, after);
    }

    /// Decides what passes: an overloaded station thins its visits, unless its callers are limited and queue instead. `holds` says
    /// whether it is held over its calls.
    pub(super) fn settle(&mut self, id: usize, own: Pressure, below: Pressure, holds: bool) {
        let mut station = self.state.stations[id];
        let mut own = own;
        if station.found.is_some() && own.load < 1.0 + 1.0e-6 {
            // A closed network fills its bottleneck without ever overloading it.
            own.load = own.load.min(1.0 - 1.0e-12);
        }
        // Only a station that limits what it lets in feels what is overloaded below it.
        let felt_below = if holds && station.servers.is_finite() { below.load } else { 0.0 };
        let raw = own.load.max(felt_below) / station.passing;
        station.stable = raw < 1.0;
        if !station.stable && !station.shielded {
            // No wait is known of a growing line; what passes is at its capacity and the last digits must not matter.
            station.wait = Wait::NONE;
            for visit in &mut self.state.visits[id * self.structure.classes..(id + 1) * self.structure.classes] {
                visit.wait = None;
                if !station.own_is_plain {
                    visit.own_stay = visit.own;
                }
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
        station.passing = station.share.share(target, self.sweeps);
        station.pressure = below.or(own);
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
