//! Forward pass: how many visits and calls a second everything gets, callers first.
//!
//! Flow conservation: what a station offers a callee is what it serves, times calls per visit, times the chance that earlier
//! calls succeeded and got through. A saturated part hands on what passes, split in proportion to what each class offers.

use super::{
    Solver,
    state::{Stream, VisitState},
    structure::Leg,
};
use crate::model::{Arrivals, Balance, Call, Kind, Mode, System, When};

impl Solver {
    pub(super) fn flow(&mut self, system: &System) {
        let classes = self.structure.classes;
        if self.varied {
            self.arrival_variation(system);
        }
        for visit in &mut self.state.visits {
            visit.arriving = visit.carried;
            visit.brought = core::mem::take(&mut visit.carried);
            visit.wrote = core::mem::take(&mut visit.writes);
        }
        for (class, c) in system.classes.iter().enumerate() {
            let rate = match c.arrivals {
                Arrivals::Open { rate, .. } => rate * c.load_factor(self.multiple),
                Arrivals::Closed { .. } => self.closed_rates[class],
            };
            let visit = &mut self.state.visits[c.entry * classes + class];
            visit.arriving += rate;
            if let Kind::Database(node) = &system.stations[c.entry].kind {
                visit.writes += rate * node.write_ratio[class];
            }
        }
        self.position_of_sweep = 0;
        for position in 0..self.structure.order.len() {
            self.position_of_sweep = position;
            let station = self.structure.order[position];
            for class in 0..classes {
                if self.structure.reaches[station * classes + class] {
                    self.station_flow(system, station, class);
                }
            }
        }
        // What arrives in the next sweep only is part of the fixed point too.
        for at in 0..self.state.visits.len() {
            let VisitState { brought, carried, .. } = self.state.visits[at];
            if brought != carried {
                self.state.moved(brought, carried);
            }
        }
    }

    fn station_flow(&mut self, system: &System, station: usize, class: usize) {
        let at = station * self.structure.classes + class;
        let passing = self.state.stations[station].passing;
        let visit = &mut self.state.visits[at];
        let before = core::mem::replace(&mut visit.offered, visit.arriving);
        let served = visit.arriving * visit.admitted * (passing * visit.kept);
        if before != visit.arriving || visit.served != served || visit.wrote != visit.writes {
            self.stale.mark(station);
        }
        visit.served = served;
        let (arriving, hits, dead, deliveries) = (visit.arriving, visit.hits, visit.dead, visit.deliveries);
        self.state.moved(before, arriving);
        let work = &system.stations[station];
        let mut alive = served * (1.0 - work.failure_ratio);
        if let Kind::Queue { dead_letter, .. } = work.kind {
            if let Some(to) = dead_letter {
                self.send(to, class, served * dead);
            }
            alive = served * deliveries;
        }
        let leads = self.state.stations[station].leads;
        let legs = self.structure.legs_of[station].clone();
        // Parallel calls start together; of weighted ones exactly one is made.
        let (mut together, mut chosen, mut lost) = (alive, alive, 0.0);
        let mut leg = legs.start;
        while leg < legs.end {
            let end = self.structure.legs[leg].end;
            if self.structure.applies(leg, class) {
                let call = self.structure.call(system, leg);
                let mode = self.structure.legs[leg].mode;
                let mut share = call_share(&work.kind, &work.calls, call) * outcome_share(call.when, hits);
                if call.when == When::Miss {
                    share *= leads;
                }
                if super::legs::is_chosen(&work.kind, call) {
                    let passed = self.leg_flow(system, (leg, call), class, chosen * share);
                    if mode != Mode::Async {
                        lost += chosen * share * (1.0 - passed);
                    }
                } else if mode == Mode::Parallel {
                    let passed = self.leg_flow(system, (leg, call), class, together * share);
                    alive *= 1.0 - share * (1.0 - passed);
                } else {
                    alive = (alive - lost).max(0.0);
                    lost = 0.0;
                    let passed = self.leg_flow(system, (leg, call), class, alive * share);
                    if mode != Mode::Async {
                        alive *= 1.0 - share * (1.0 - passed);
                    }
                    (together, chosen) = (alive, alive);
                }
            }
            leg = end;
        }
    }

    /// Squared coefficients of variation of the gaps between visits, by the flows of the last sweep: split, superposed and
    /// passed through servers as in Whitt's Queueing Network Analyzer (Bell System Technical Journal 62, 1983, §4).
    fn arrival_variation(&mut self, system: &System) {
        let classes = self.structure.classes;
        for position in 0..self.structure.order.len() {
            let id = self.structure.order[position];
            let (mut all, mut weighted, mut squares, mut blurred) = (0.0, 0.0, 0.0, 0.0);
            let mut add = |rate: f64, stream: Stream| {
                all += rate;
                weighted += rate * stream.scv;
                squares += rate * rate / stream.streams;
                blurred += rate * stream.blur;
            };
            for class in &system.classes {
                if let Arrivals::Open { rate, cv } = class.arrivals
                    && class.entry == id
                {
                    add(rate * class.load_factor(self.multiple), Stream { scv: cv * cv, streams: 1.0, blur: 0.0 });
                }
            }
            // Calls of one caller, of several classes say, come out of one stream.
            let legs = &self.structure.legs;
            for together in self.structure.callers_of[id].chunk_by(|one, next| legs[*one].caller == legs[*next].caller)
            {
                let calls = together.iter().flat_map(|leg| &self.state.calls[leg * classes..(leg + 1) * classes]);
                let rate: f64 = calls.map(|call| call.rate).sum();
                let caller = legs[together[0]].caller;
                let from: f64 =
                    self.state.visits[caller * classes..(caller + 1) * classes].iter().map(|v| v.served).sum();
                if rate > 0.0 && from > 0.0 {
                    let kept = (rate / from).min(1.0);
                    let stream = self.departures(caller);
                    add(rate, Stream { scv: 1.0 + kept * (stream.scv - 1.0), ..stream });
                }
            }
            if all <= 0.0 {
                continue;
            }
            let stream = Stream { scv: weighted / all, streams: all * all / squares, blur: blurred / all };
            let load = self.state.stations[id].busiest.map_or(0.0, |(_, load)| load.min(1.0));
            let rest = (1.0 - load) * (1.0 - load);
            let weight = 1.0 / (1.0 + 4.0 * rest * (stream.streams - 1.0));
            // A delay of many gaps hides the pattern of the gaps from a line that is gone sooner, not from one that lasts longer.
            let spread = all * stream.blur.sqrt() * rest;
            let station = &mut self.state.stations[id];
            station.arrival_scv = 1.0 + weight * (stream.scv - 1.0) / (1.0 + 2.0 * spread * spread);
            station.stream = stream;
        }
    }

    /// The visits that a station hands on. How much many streams even each other out, and how much delays blur them, depends on the
    /// load where they wait, not on where they met: what nobody waits for only hands them on (Whitt, Towards Better Multi-class
    /// Parametric-Decomposition Approximations, Annals of Operations Research 48, 1994).
    fn departures(&self, id: usize) -> Stream {
        let station = &self.state.stations[id];
        let Stream { scv, streams, blur } = station.stream;
        let (rate, own) = self.mixture(id, |visit| visit.own);
        if station.servers.is_infinite() {
            return Stream { scv, streams, blur: blur + own.variance };
        }
        let load = (rate * own.mean / station.servers).min(1.0);
        let kept = 1.0 - load * load;
        Stream {
            scv: 1.0 + kept * (scv - 1.0) + load * load * (own.scv() - 1.0) / station.servers.sqrt(),
            streams: 1.0 + kept * (streams - 1.0),
            blur,
        }
    }

    /// Adds visits to a station: in this sweep if it is still to come, else in the next.
    fn send(&mut self, to: usize, class: usize, rate: f64) {
        let target = &mut self.state.visits[to * self.structure.classes + class];
        if self.rank[to] > self.position_of_sweep {
            target.arriving += rate;
        } else {
            target.carried += rate;
        }
    }

    /// Sends the calls of a leg for `visits` visits a second that make it; returns the share of those visits that go on after it.
    fn leg_flow(&mut self, system: &System, (leg, call): (usize, &Call), class: usize, visits: f64) -> f64 {
        let classes = self.structure.classes;
        let Leg { caller, callee, mode, .. } = self.structure.legs[leg];
        let pool = call.pool.map_or(1.0, |pool| self.state.pools[self.state.pools_of[caller] + pool].passing);
        // Calls in a row end with the first that fails.
        let in_a_row = mode == Mode::Sync && call.per_request != 1.0;
        let calls = if in_a_row {
            visits * calls_made(self.goes_on(system, leg, class), call.per_request)
        } else {
            visits * call.per_request
        };
        let state = &mut self.state.calls[leg * classes + class];
        state.calls = calls * pool;
        let rate = calls * state.attempts * pool;
        if core::mem::replace(&mut state.rate, rate) != rate {
            self.stale.mark(caller);
            self.stale.mark(callee);
        }
        let one = state.success * state.through;
        self.send(callee, class, rate);
        let target = &mut self.state.visits[callee * classes + class];
        let writes = match call.when {
            When::Write => 1.0,
            When::Read => 0.0,
            _ => match &system.stations[callee].kind {
                Kind::Database(node) => node.write_ratio[class],
                _ => 0.0,
            },
        };
        target.writes += rate * writes;
        let hits = self.state.visits[callee * classes + class].hits;
        // Calls on a miss are made once per miss of this call.
        let answered = calls * one * self.state.stations[callee].leads;
        let mut branch = 1.0;
        let (mut child, end) = (leg + 1, self.structure.legs[leg].end);
        while child < end {
            if self.structure.applies(child, class) {
                let call = self.structure.call(system, child);
                let passed = self.leg_flow(system, (child, call), class, answered * (1.0 - hits) * branch);
                if self.structure.legs[child].mode != Mode::Async {
                    branch *= passed;
                }
            }
            child = self.structure.legs[child].end;
        }
        repeated_share(one * (hits + (1.0 - hits) * branch), call.per_request)
    }
}

impl Solver {
    /// Share of the calls of a leg, with those on their misses, after which the caller goes on.
    fn goes_on(&self, system: &System, leg: usize, class: usize) -> f64 {
        let at = leg * self.structure.classes + class;
        let Leg { callee, end, .. } = self.structure.legs[leg];
        let (mut branch, mut child) = (1.0, leg + 1);
        while child < end {
            if self.structure.applies(child, class) && self.structure.legs[child].mode != Mode::Async {
                let count = self.structure.call(system, child).per_request;
                branch *= repeated_share(self.goes_on(system, child, class), count);
            }
            child = self.structure.legs[child].end;
        }
        let hits = self.state.visits[callee * self.structure.classes + class].hits;
        let call = &self.state.calls[at];
        call.success * call.through * (hits + (1.0 - hits) * branch)
    }
}

/// How many of `count` calls in a row are made: later ones only while each before was answered, which it is with probability `one`.
pub(super) fn calls_made(one: f64, count: f64) -> f64 {
    let whole = count.floor();
    if one >= 1.0 || whole < 1.0 {
        return count;
    }
    if one <= 0.0 {
        return 1.0;
    }
    // 1 - one^n, exact where one is nearly 1.
    let ends = -crate::math::exp_m1(whole * crate::math::ln_1p(one - 1.0));
    ends / (1.0 - one) + (count - whole) * (1.0 - ends)
}

/// Probability that `count` calls all succeed; a fraction is the probability of one more.
pub(super) fn repeated_share(one: f64, count: f64) -> f64 {
    if one == 1.0 {
        return 1.0;
    }
    let whole = count.floor();
    crate::math::pow(one, whole) * (1.0 - (count - whole) * (1.0 - one))
}

/// Share of visits that make a call under this outcome of their own work.
pub(super) fn outcome_share(when: When, hits: f64) -> f64 {
    match when {
        When::Hit => hits,
        When::Miss => 1.0 - hits,
        _ => 1.0,
    }
}

/// Share of a weighted balancer's traffic that a call gets; 1 elsewhere.
pub(super) fn call_share(kind: &Kind, calls: &[Call], call: &Call) -> f64 {
    match (kind, call.share) {
        (Kind::LoadBalancer { balance: Balance::Weighted { .. } }, Some(share)) => {
            let all: f64 = calls.iter().filter_map(|c| c.share).sum();
            if all > 0.0 { share / all } else { 0.0 }
        }
        _ => 1.0,
    }
}
