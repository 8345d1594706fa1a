//! The calls below a visit: sequences, branches on hit and miss, parallel groups, repeated attempts.

use super::{
    Solver,
    attempt::{Sent, Times, attempt},
    bare::Bare,
    flow,
    state::Pressure,
    structure::Leg,
};
use crate::{
    model::{Balance, Call, Kind, Mode, Station, System, When},
    queueing::join,
    stats::Moments,
};

/// What a call, or several of them, mean to the visit that makes them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outcome {
    /// Time when it succeeds.
    pub time: Moments,
    /// Mean time whether it succeeds or not.
    pub mean_of_all: f64,
    /// Share that succeeds.
    pub success: f64,
    /// Share that gets through saturated parts.
    pub through: f64,
}

impl Outcome {
    const NOTHING: Self = Self { time: Moments::ZERO, mean_of_all: 0.0, success: 1.0, through: 1.0 };

    /// The time whether it succeeds or not; of what fails only the mean is known.
    fn whatever_comes(&self) -> Moments {
        if self.success >= 1.0 {
            return self.time;
        }
        let failed = (self.mean_of_all - self.success * self.time.mean) / (1.0 - self.success);
        Moments::mixed(self.success, self.time, Moments::constant(failed.max(0.0)))
    }

    /// One after another; what failed does not go on.
    fn then(self, next: Self) -> Self {
        Self {
            time: self.time.then(next.time),
            mean_of_all: self.mean_of_all + self.success * next.mean_of_all,
            success: self.success * next.success,
            through: self.through * next.through,
        }
    }

    /// This with a probability, else nothing.
    fn with_probability(self, probability: f64) -> Self {
        Self::mixed(probability, self, Self::NOTHING)
    }

    fn mixed(probability: f64, first: Self, second: Self) -> Self {
        if probability >= 1.0 {
            return first;
        }
        let other = 1.0 - probability;
        // The time of successful ones weighs each side by how often it succeeds.
        let success = probability * first.success + other * second.success;
        let share = if success > 0.0 { probability * first.success / success } else { probability };
        Self {
            time: Moments::mixed(share, first.time, second.time),
            mean_of_all: probability * first.mean_of_all + other * second.mean_of_all,
            success,
            through: probability * first.through + other * second.through,
        }
    }

    /// Of those who miss a share makes these calls; the others find them made and wait for what is left of them.
    fn shared(self, leads: f64) -> Self {
        if leads >= 1.0 {
            return self;
        }
        let rest = self.time.remaining();
        Self {
            time: Moments::mixed(leads, self.time, rest),
            mean_of_all: self.mean_of_all * self.shared_time(leads),
            ..self
        }
    }

    /// How long that takes, compared with the calls.
    fn shared_time(&self, leads: f64) -> f64 {
        if leads >= 1.0 || self.time.mean <= 0.0 {
            return 1.0;
        }
        leads + (1.0 - leads) * self.time.remaining().mean / self.time.mean
    }

    fn repeated(self, count: f64) -> Self {
        if count == 1.0 {
            return self;
        }
        let whole = count.floor();
        let all = Self {
            time: self.time.repeated(whole),
            mean_of_all: self.mean_of_all * flow::calls_made(self.success, whole),
            success: flow::repeated_share(self.success, whole),
            through: flow::repeated_share(self.through, whole),
        };
        all.then(self.with_probability(count - whole))
    }
}

impl Solver {
    /// Time, success and passage of the calls below each class's visit; returns the largest pressure below.
    pub(super) fn calls_below(&mut self, system: &System, id: usize) -> Pressure {
        let classes = self.structure.classes;
        let mut pressure = Pressure::default();
        for class in 0..classes {
            let at = id * classes + class;
            if !self.structure.reaches[at] {
                continue;
            }
            let visit = self.state.visits[at];
            let used = visit.served > 0.0;
            let (below, bare) = self.visit_calls(system, id, class, used, &mut pressure);
            let visit = &mut self.state.visits[at];
            let (goes_on, speed) = work_of(&system.stations[id]);
            visit.below = below.time;
            visit.held = goes_on * below.mean_of_all;
            let bare = Bare::of(&visit.own).at_speed(speed).then(bare.calls(1.0, goes_on));
            (visit.bare, visit.bare_variance) = (bare.mean, bare.variance);
            visit.success = goes_on * below.success;
            visit.through = below.through;
        }
        if pressure.load > 0.0 {
            pressure.visits *= self.visits_each(id, pressure.through);
        }
        pressure
    }

    /// All synchronous calls of a visit after its own work, and their time without waiting.
    fn visit_calls(
        &mut self,
        system: &System,
        id: usize,
        class: usize,
        used: bool,
        pressure: &mut Pressure,
    ) -> (Outcome, Bare) {
        let hits = self.state.visits[id * self.structure.classes + class].hits;
        let leads = self.state.stations[id].leads;
        let work = &system.stations[id];
        let (mut always, mut hit, mut miss) = (Outcome::NOTHING, Outcome::NOTHING, Outcome::NOTHING);
        let (mut chosen, mut chosen_share) = (Outcome::NOTHING, 0.0);
        let mut bare = Bare::default();
        let legs = self.structure.legs_of[id].clone();
        let mut leg = legs.start;
        let mut outcomes_differ = false;
        while leg < legs.end {
            let Leg { end, mode, .. } = self.structure.legs[leg];
            if !self.structure.applies(leg, class) {
                leg = end;
                continue;
            }
            let call = self.structure.call(system, leg);
            if mode == Mode::Async {
                self.leg_times(system, call, leg, class, used, pressure);
                leg = end;
                continue;
            }
            let share = flow::call_share(&work.kind, &work.calls, call) * flow::outcome_share(call.when, hits);
            let (one, alone, count, next) = if mode == Mode::Parallel {
                let (one, alone, next) = self.parallel_group(system, leg, legs.end, class, used, pressure);
                (one, alone, call.per_request, next)
            } else {
                let (one, alone) = self.leg_times(system, call, leg, class, used, pressure);
                (one.repeated(call.per_request), alone, flow::calls_made(one.success, call.per_request), end)
            };
            // Those before it in its branch have to succeed first.
            let before = match call.when {
                When::Hit => always.success * hit.success,
                When::Miss => always.success * miss.success,
                _ => always.success,
            };
            let waited = if call.when == When::Miss { one.shared_time(leads) } else { 1.0 };
            bare = bare.then(alone.calls(count, (share * before * waited).min(1.0)));
            outcomes_differ |= matches!(call.when, When::Hit | When::Miss);
            if is_chosen(&work.kind, call) {
                // Exactly one of the weighted calls is made.
                let before = chosen_share;
                chosen_share += share;
                if chosen_share > 0.0 {
                    chosen = Outcome::mixed(before / chosen_share, chosen, one);
                }
            } else {
                let branch = match call.when {
                    When::Hit => &mut hit,
                    When::Miss => &mut miss,
                    _ => &mut always,
                };
                *branch = branch.then(one);
            }
            leg = next;
        }
        if chosen_share > 0.0 {
            always = always.then(chosen.with_probability(chosen_share.min(1.0)));
        }
        let visit = &mut self.state.visits[id * self.structure.classes + class];
        (visit.fetch, visit.shared) = (miss.time.mean, miss.shared_time(leads));
        (if outcomes_differ { always.then(Outcome::mixed(hits, hit, miss.shared(leads))) } else { always }, bare)
    }

    /// Neighbouring parallel calls join at the slowest; with the time of the first without any waiting, and the leg after them.
    fn parallel_group(
        &mut self,
        system: &System,
        first: usize,
        end: usize,
        class: usize,
        used: bool,
        pressure: &mut Pressure,
    ) -> (Outcome, Bare, usize) {
        let mut branches = core::mem::take(&mut self.branches);
        branches.clear();
        let mut held = core::mem::take(&mut self.held_branches);
        held.clear();
        let (mut success, mut through, mut longest, mut bare) = (1.0, 1.0, 0.0_f64, Bare::default());
        let mut leg = first;
        let when = self.structure.call(system, first).when;
        while leg < end && self.structure.legs[leg].mode == Mode::Parallel {
            let call = self.structure.call(system, leg);
            if call.when != when {
                break;
            }
            if self.structure.applies(leg, class) {
                let (one, alone) = self.leg_times(system, call, leg, class, used, pressure);
                if leg == first {
                    bare = alone;
                }
                branches.push((one.time, call.per_request));
                held.push((one.whatever_comes(), call.per_request));
                success *= flow::repeated_share(one.success, call.per_request);
                through *= flow::repeated_share(one.through, call.per_request);
                longest = longest.max(one.mean_of_all);
            }
            leg = self.structure.legs[leg].end;
        }
        let time = join::slowest(&branches);
        // Who fails is waited for too: late by a timeout, early by a refusal.
        let all = if success < 1.0 { join::slowest(&held) } else { time };
        (self.branches, self.held_branches) = (branches, held);
        self.state.calls[first * self.structure.classes + class].joined = time;
        (Outcome { time, mean_of_all: all.mean.max(longest), success, through }, bare, leg)
    }

    /// One call of a leg with all its attempts and, after a miss, the calls below it, and their time without any waiting; notes the
    /// call itself.
    fn leg_times(
        &mut self,
        system: &System,
        call: &Call,
        leg: usize,
        class: usize,
        used: bool,
        pressure: &mut Pressure,
    ) -> (Outcome, Bare) {
        let classes = self.structure.classes;
        let Leg { caller, callee, mode, end, .. } = self.structure.legs[leg];
        let target = self.state.visits[callee * classes + class];
        let hits = target.hits;
        // A caller that gives up in time is not held by what is overloaded below.
        let waits = used && mode != Mode::Async && call.timeout.is_none();
        let network = Moments::constant(call.network_time());
        let (mut time, mut failed) = (target.hold.then(network), target.failed().then(network));
        let mut through = target.through * self.passing(callee, class);
        if matches!(system.stations[callee].kind, Kind::Queue { .. }) {
            through = 1.0;
        } else if waits {
            let felt = self.state.stations[callee].pressure;
            *pressure = pressure.or(felt.through(callee));
        }
        if let Some(pool) = call.pool {
            let pool = self.state.pools[self.state.pools_of[caller] + pool];
            let wait = pool.wait.moments();
            (time, failed) = (time.then(wait), failed.then(wait));
            through *= pool.passing;
            if waits {
                *pressure = pressure.or(pool.pressure.through(callee));
            }
        }
        let replicas = self.state.stations[caller].replicas;
        let others = self.sent_by_others(call, leg, class, replicas);
        let before = &mut self.state.calls[leg * classes + class];
        // A time of which nothing is waiting keeps its own law.
        let alone =
            target.hold == target.own && self.state.stations[callee].own_is_plain && time == target.hold.then(network);
        let law = alone.then(|| (&system.stations[callee].service[class], network.mean));
        let times = Times { time, failed, law };
        let mut state = attempt(call, before, &times, (target.success * target.admitted, through), replicas, others);
        (state.calls, state.rate) = (before.calls, before.rate);
        state.joined = before.joined;
        let (time_before, attempts_before) = (before.time.mean, before.attempts);
        *before = state;
        self.state.moved(time_before, state.time.mean);
        self.state.moved(attempts_before, state.attempts);
        let mut bare = Bare::call(call, &state, &target);
        let (mut branch, leads) = (Outcome::NOTHING, self.state.stations[callee].leads);
        let mut child = leg + 1;
        while child < end {
            if self.structure.applies(child, class) {
                let call = self.structure.call(system, child);
                let (one, alone) = self.leg_times(system, call, child, class, used && hits < 1.0, pressure);
                if self.structure.legs[child].mode != Mode::Async {
                    let made = state.success * (1.0 - hits) * branch.success * one.shared_time(leads);
                    bare = bare.then(alone.calls(flow::calls_made(one.success, call.per_request), made));
                    branch = branch.then(one.repeated(call.per_request));
                }
            }
            child = self.structure.legs[child].end;
        }
        let noted = &mut self.state.calls[leg * classes + class];
        (noted.fetch, noted.shared) = (branch.time.mean, branch.shared_time(leads));
        let one = Outcome {
            time: state.time,
            mean_of_all: state.mean_of_all,
            success: state.success,
            through: state.through,
        };
        (if end > leg + 1 { one.then(branch.shared(leads).with_probability(1.0 - hits)) } else { one }, bare)
    }
}

impl Solver {
    /// What the classes beside one send by a call, where anything counts it.
    fn sent_by_others(&self, call: &Call, leg: usize, class: usize, replicas: f64) -> Sent {
        let classes = self.structure.classes;
        let mut sent = Sent::default();
        if call.max_in_flight.is_none() && call.breaker.is_none() {
            return sent;
        }
        for (other, state) in self.state.calls[leg * classes..(leg + 1) * classes].iter().enumerate() {
            if other != class {
                sent = sent.with(Sent::before(state, replicas));
            }
        }
        sent
    }

    /// Calls that a visit of `caller` makes of `callee` in the mean, attempts included.
    fn visits_each(&self, caller: usize, callee: usize) -> f64 {
        let classes = self.structure.classes;
        let (mut calls, mut visits) = (0.0, 0.0);
        for leg in self.structure.legs_of[caller].clone() {
            if self.structure.legs[leg].callee == callee && self.structure.legs[leg].mode != Mode::Async {
                calls += (0..classes).map(|class| self.state.calls[leg * classes + class].rate).sum::<f64>();
            }
        }
        for visit in &self.state.visits[caller * classes..(caller + 1) * classes] {
            // A queue holds a consumer for each delivery.
            visits += visit.served * visit.deliveries;
        }
        if visits > 0.0 { calls / visits } else { 1.0 }
    }
}

/// Share of a station's visits that go on to their calls, and how fast its work is done by one of its cores at most. What is published
/// has gone on already when a queue delivers it.
fn work_of(station: &Station) -> (f64, f64) {
    match station.kind {
        Kind::Queue { .. } => (1.0, 1.0),
        Kind::Service { cpu_cores: Some(cores), .. } => (1.0 - station.failure_ratio, cores.min(1.0)),
        _ => (1.0 - station.failure_ratio, 1.0),
    }
}

/// Whether a weighted balancer chooses between calls rather than making all.
pub(super) fn is_chosen(kind: &Kind, call: &Call) -> bool {
    call.share.is_some() && matches!(kind, Kind::LoadBalancer { balance: Balance::Weighted { .. } })
}
