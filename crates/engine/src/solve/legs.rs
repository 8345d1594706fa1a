//! The calls below a visit: sequences, branches on hit and miss, parallel groups, repeated attempts.

use super::{
    Solver,
    bare::Bare,
    flow,
    state::{CallState, Pressure},
    structure::Leg,
};
use crate::{
    model::{Balance, Call, Distribution, Kind, Mode, System, When},
    queueing::{attempts, erlang, join},
    stats::{Law, Moments, truncated},
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

    fn repeated(self, count: f64) -> Self {
        if count == 1.0 {
            return self;
        }
        let whole = count.floor();
        let all = Self {
            time: self.time.repeated(whole),
            mean_of_all: self.mean_of_all * self.calls_made(whole),
            success: flow::repeated_share(self.success, whole),
            through: flow::repeated_share(self.through, whole),
        };
        all.then(self.with_probability(count - whole))
    }

    /// How many of `count` in a row are made: later ones only while all earlier succeeded.
    fn calls_made(&self, count: f64) -> f64 {
        if self.success >= 1.0 {
            return count;
        }
        let whole = count.floor();
        let all = flow::repeated_share(self.success, whole);
        (1.0 - all) / (1.0 - self.success) + (count - whole) * all
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
            let goes_on = 1.0 - system.stations[id].failure_ratio;
            visit.below = below.time;
            visit.held = goes_on * below.mean_of_all;
            let bare = Bare::of(&visit.own).then(bare.calls(1.0, goes_on));
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
                (one.repeated(call.per_request), alone, one.calls_made(call.per_request), end)
            };
            // Those before it in its branch have to succeed first.
            let before = match call.when {
                When::Hit => always.success * hit.success,
                When::Miss => always.success * miss.success,
                _ => always.success,
            };
            bare = bare.then(alone.calls(count, (share * before).min(1.0)));
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
        (if outcomes_differ { always.then(Outcome::mixed(hits, hit, miss)) } else { always }, bare)
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
        let before = &mut self.state.calls[leg * classes + class];
        let replicas = self.state.stations[caller].replicas;
        // A time of which nothing is waiting keeps its own law.
        let alone =
            target.hold == target.own && self.state.stations[callee].own_is_plain && time == target.hold.then(network);
        let law = alone.then(|| (&system.stations[callee].service[class], network.mean));
        let times = Times { time, failed, law };
        let mut state = attempt(call, before, &times, target.success * target.admitted, through, replicas);
        state.rate = before.rate;
        state.joined = before.joined;
        let (time_before, attempts_before) = (before.time.mean, before.attempts);
        *before = state;
        self.state.moved(time_before, state.time.mean);
        self.state.moved(attempts_before, state.attempts);
        let mut bare = Bare::call(call, &state, &target);
        let mut branch = Outcome::NOTHING;
        let mut child = leg + 1;
        while child < end {
            if self.structure.applies(child, class) {
                let call = self.structure.call(system, child);
                let (one, alone) = self.leg_times(system, call, child, class, used && hits < 1.0, pressure);
                if self.structure.legs[child].mode != Mode::Async {
                    let made = state.success * (1.0 - hits) * branch.success;
                    bare = bare.then(alone.calls(one.calls_made(call.per_request), made));
                    branch = branch.then(one.repeated(call.per_request));
                }
            }
            child = self.structure.legs[child].end;
        }
        let one = Outcome {
            time: state.time,
            mean_of_all: state.mean_of_all,
            success: state.success,
            through: state.through,
        };
        (if end > leg + 1 { one.then(branch.with_probability(1.0 - hits)) } else { one }, bare)
    }
}

impl Solver {
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

/// Whether a weighted balancer chooses between calls rather than making all.
pub(super) fn is_chosen(kind: &Kind, call: &Call) -> bool {
    call.share.is_some() && matches!(kind, Kind::LoadBalancer { balance: Balance::Weighted { .. } })
}

/// The times of a plain call.
struct Times<'a> {
    /// When it is answered.
    time: Moments,
    /// When it fails.
    failed: Moments,
    /// The law of the first where it is known, and what is always added to it.
    law: Option<(&'a Distribution, f64)>,
}

impl Times<'_> {
    /// Share of what is answered that comes after a timeout, and the time of what comes before.
    fn answered_in(&self, timeout: f64) -> (f64, Moments) {
        let exact = self.law.and_then(|(law, added)| {
            let (beyond, kept) = truncated::within(law, timeout - added)?;
            Some((beyond, kept.then(Moments::constant(added.min(timeout)))))
        });
        exact.unwrap_or_else(|| cut(&self.time, timeout))
    }
}

/// Share of a time beyond a timeout, and the time of what is within it.
fn cut(time: &Moments, timeout: f64) -> (f64, Moments) {
    let (beyond, mean) = Law::fit(time).beyond(timeout);
    if beyond <= 1.0e-9 {
        return (beyond, *time);
    }
    let within = if beyond < 1.0 { ((mean - timeout * beyond) / (1.0 - beyond)).clamp(0.0, timeout) } else { timeout };
    let mut kept = time.with_mean(within);
    kept.variance *= 1.0 - beyond;
    kept.third *= (1.0 - beyond) * (1.0 - beyond);
    (beyond, kept)
}

/// One call with its policies. The times are those of a plain call; `success` is the callee's, `before` the state of the last sweep.
fn attempt(call: &Call, before: &CallState, times: &Times, success: f64, through: f64, replicas: f64) -> CallState {
    let (time, failed) = (times.time, times.failed);
    let plain =
        call.timeout.is_none() && call.retry.is_none() && call.breaker.is_none() && call.max_in_flight.is_none();
    let mean_of_all = success * time.mean + (1.0 - success) * failed.mean;
    let mut state = CallState { attempts: 1.0, time, mean_of_all, success, through, ..CallState::default() };
    if plain {
        return state;
    }
    let (mut late, mut good, mut bad) = (0.0, time, failed);
    if let Some(timeout) = call.timeout {
        state.through = 1.0;
        if through < 1.0 {
            // Behind a growing queue everybody waits longer than any timeout.
            (late, good, bad) = (1.0, Moments::constant(timeout), Moments::constant(timeout));
        } else {
            (late, good) = times.answered_in(timeout);
            let (failed_late, within) = if success < 1.0 { cut(&failed, timeout) } else { (0.0, failed) };
            let timed_out = success * late + (1.0 - success) * failed_late;
            let all = 1.0 - success * (1.0 - late);
            let share = if all > 0.0 { timed_out / all } else { 0.0 };
            bad = Moments::mixed(share.min(1.0), Moments::constant(timeout), within);
        }
    }
    let sent_failure = 1.0 - success * (1.0 - late);
    // Attempts this replica makes a second, as of the last sweep.
    let sent = before.rate / before.attempts.max(f64::MIN_POSITIVE) * before.tried / replicas;
    let mut refused = 0.0;
    if let Some(limit) = call.max_in_flight {
        let flight = (1.0 - sent_failure) * good.mean + sent_failure * bad.mean;
        refused = erlang::loss(f64::from(limit), sent * flight);
    }
    if let Some(breaker) = &call.breaker {
        let failure = refused + (1.0 - refused) * sent_failure;
        refused = 1.0 - (1.0 - refused) * (1.0 - attempts::breaker_open(sent, failure, breaker));
    }
    let failure = (refused + (1.0 - refused) * sent_failure).clamp(0.0, 1.0);
    let fast = if failure > 0.0 { refused / failure } else { 0.0 };
    let bad = Moments::mixed(fast, Moments::ZERO, bad);
    let outcome = attempts::attempts(failure, call.retry.as_ref());
    let took = attempts::time(failure, &outcome, call.retry.as_ref(), &good, &bad);
    state.tried = outcome.per_call;
    state.attempts = outcome.per_call * (1.0 - refused);
    state.time = took.success;
    state.mean_of_all = took.mean_of_all;
    state.pauses = took.pauses;
    state.success = outcome.success;
    state.late = late;
    state.failure = failure;
    state.retried = outcome.retried;
    state.good = good;
    state.bad = bad;
    state
}
