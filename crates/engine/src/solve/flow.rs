//! Forward pass: how many visits and calls a second everything gets, callers first.
//!
//! Flow conservation: what a station offers a callee is what it serves, times calls per visit, times the chance that earlier
//! calls succeeded and got through. A saturated part hands on what passes, split in proportion to what each class offers.

use super::Solver;
use crate::model::{Arrivals, Balance, Call, Kind, Mode, System, When};

impl Solver {
    pub(super) fn flow(&mut self, system: &System) {
        let classes = self.structure.classes;
        for visit in &mut self.state.visits {
            visit.arriving = visit.carried;
            visit.carried = 0.0;
            visit.writes = 0.0;
        }
        for (class, c) in system.classes.iter().enumerate() {
            let rate = match c.arrivals {
                Arrivals::Open { rate, .. } => rate * c.load_factor(self.multiple),
                Arrivals::Closed { .. } => self.closed_rates[class],
            };
            self.state.visits[c.entry * classes + class].arriving += rate;
        }
        for call in &mut self.state.calls {
            call.rate = 0.0;
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
    }

    fn station_flow(&mut self, system: &System, station: usize, class: usize) {
        let at = station * self.structure.classes + class;
        let visit = self.state.visits[at];
        let served = visit.arriving * visit.admitted * self.state.stations[station].passing;
        self.state.moved(visit.offered, visit.arriving);
        self.state.visits[at].offered = visit.arriving;
        self.state.visits[at].served = served;
        let work = &system.stations[station];
        let mut alive = served * (1.0 - work.failure_ratio);
        let legs = self.structure.legs_of[station].clone();
        let mut leg = legs.start;
        while leg < legs.end {
            let end = self.structure.legs[leg].end;
            if self.structure.applies(leg, class) {
                let call = self.structure.call(system, leg);
                let share = call_share(&work.kind, &work.calls, call) * outcome_share(call.when, visit.hits);
                let passed = self.leg_flow(system, leg, class, alive * share);
                if self.structure.legs[leg].mode != Mode::Async {
                    alive *= 1.0 - share * (1.0 - passed);
                }
            }
            leg = end;
        }
    }

    /// Sends the calls of a leg for `visits` visits a second that make it; returns the share of those visits that go on after it.
    fn leg_flow(&mut self, system: &System, leg: usize, class: usize, visits: f64) -> f64 {
        let classes = self.structure.classes;
        let call = self.structure.call(system, leg);
        let callee = self.structure.legs[leg].callee;
        let state = self.state.calls[leg * classes + class];
        let pool = call
            .pool
            .map_or(1.0, |pool| self.state.pools[self.state.pools_of[self.structure.legs[leg].caller] + pool].passing);
        let rate = visits * call.per_request * state.attempts * pool;
        self.state.calls[leg * classes + class].rate = rate;
        let target = &mut self.state.visits[callee * classes + class];
        if self.rank[callee] > self.position_of_sweep {
            target.arriving += rate;
        } else {
            target.carried += rate;
        }
        let writes = match call.when {
            When::Write => 1.0,
            When::Read => 0.0,
            _ => match &system.stations[callee].kind {
                Kind::Database(node) => node.write_ratio[class],
                _ => 0.0,
            },
        };
        target.writes += rate * writes;
        let one = state.success * state.through;
        let hits = self.state.visits[callee * classes + class].hits;
        // Calls on a miss are made once per miss of this call.
        let answered = visits * call.per_request * one;
        let mut branch = 1.0;
        let (mut child, end) = (leg + 1, self.structure.legs[leg].end);
        while child < end {
            if self.structure.applies(child, class) {
                let passed = self.leg_flow(system, child, class, answered * (1.0 - hits) * branch);
                if self.structure.legs[child].mode != Mode::Async {
                    branch *= passed;
                }
            }
            child = self.structure.legs[child].end;
        }
        repeated_share(one * (hits + (1.0 - hits) * branch), call.per_request)
    }
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
