//! One call with its policies: a timeout, a limit on those in flight, a breaker, retries.

use super::state::CallState;
use crate::{
    model::{Call, Distribution},
    queueing::{attempts, erlang},
    stats::{Law, Moments, truncated},
};

/// The times of a plain call.
pub(super) struct Times<'a> {
    /// When it is answered.
    pub time: Moments,
    /// When it fails.
    pub failed: Moments,
    /// The law of the first where it is known, and what is always added to it.
    pub law: Option<(&'a Distribution, f64)>,
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

/// Attempts that a caller's replica makes of a call, of one class or several.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sent {
    /// Attempts a second, refused ones included.
    rate: f64,
    /// How many of them would be in flight, were none refused.
    flight: f64,
    /// How many a second would fail, likewise.
    failed: f64,
}

impl Sent {
    /// What was made of a call before, by one of so many replicas.
    pub fn before(state: &CallState, replicas: f64) -> Self {
        Self::of(state, state.flight, state.lost, replicas)
    }

    fn of(state: &CallState, flight: f64, lost: f64, replicas: f64) -> Self {
        let rate = state.calls * state.tried / replicas;
        Self { rate, flight: rate * flight, failed: rate * lost }
    }

    pub fn with(self, other: Self) -> Self {
        Self { rate: self.rate + other.rate, flight: self.flight + other.flight, failed: self.failed + other.failed }
    }

    /// Share of those sent that fail.
    fn failure(&self, otherwise: f64) -> f64 {
        if self.rate > 0.0 { (self.failed / self.rate).min(1.0) } else { otherwise }
    }
}

/// One call with its policies. The times are those of a plain call; `success` is the callee's, `before` the state of the last sweep,
/// `others` what other classes send: a limit and a breaker count whatever the replica calls.
pub(super) fn attempt(
    call: &Call,
    before: &CallState,
    times: &Times,
    (success, through): (f64, f64),
    replicas: f64,
    others: Sent,
) -> CallState {
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
    let flight = (1.0 - sent_failure) * good.mean + sent_failure * bad.mean;
    let sent = others.with(Sent::of(before, flight, sent_failure, replicas));
    let mut refused = 0.0;
    if let Some(limit) = call.max_in_flight {
        refused = erlang::loss(f64::from(limit), sent.flight);
    }
    if let Some(breaker) = &call.breaker {
        // What finds too many in flight is no failure of the callee.
        let open = attempts::breaker_open(sent.rate * (1.0 - refused), sent.failure(sent_failure), breaker);
        refused = 1.0 - (1.0 - refused) * (1.0 - open);
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
    (state.flight, state.lost) = (flight, sent_failure);
    state.failure = failure;
    state.retried = outcome.retried;
    state.good = good;
    state.bad = bad;
    state
}
