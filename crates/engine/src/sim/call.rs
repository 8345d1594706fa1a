//! Calls with policies: pools, timeouts, retries, breakers, bulkheads. A plain call has none of this state.
//!
//! One attempt after another: breaker, then bulkhead, then the timer starts, then the pool, the network, the callee. A timeout
//! ends the attempt for the caller (the connection goes back, the bulkhead opens) while the work below goes on: its answer
//! carries an old token and is dropped. Timers of one policy have one length, so they stand in a plain line with a single
//! event for its head: arming and disarming cost nothing.

use super::calendar::Event;
use super::flow::{Core, Next, RETRIES, TIMES_OUT};
use super::visit::{CALL, FAILED, NONE};
use crate::math;
use std::collections::VecDeque;

/// Where an attempt stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// In line for a connection.
    Waiting,
    /// Sent.
    Sent,
    /// Between attempts.
    Between,
}

/// One call in flight.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallState {
    /// The waiting visit, [`NONE`] for an asynchronous call.
    parent: u32,
    site: u32,
    /// Changes whenever an attempt ends, so that late answers and timers are recognised.
    token: u32,
    /// Group of the caller, for its pools.
    group: u32,
    /// Breaker and bulkhead of the caller's replica.
    guard: u32,
    /// Next in a pool's line or in the free list.
    pub next: u32,
    /// Previous in a pool's line.
    pub previous: u32,
    retries: u16,
    phase: Phase,
    /// When the attempt began, seconds.
    pub asked: f64,
    /// Whether the attempt is the one that an open breaker let through.
    probes: bool,
}

impl CallState {
    /// An unused call.
    pub(crate) const EMPTY: Self = Self {
        parent: NONE,
        site: 0,
        token: 0,
        group: NONE,
        guard: 0,
        next: NONE,
        previous: NONE,
        retries: 0,
        phase: Phase::Between,
        asked: 0.0,
        probes: false,
    };

    /// Who waits for it, [`NONE`] when nobody does.
    pub(crate) fn parent(&self) -> u32 {
        self.parent
    }

    /// Where it is made.
    pub(crate) fn site(&self) -> u32 {
        self.site
    }
}

/// A slab of calls.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    slab: Vec<CallState>,
    free: Vec<u32>,
}

impl Calls {
    fn insert(&mut self, call: CallState) -> u32 {
        if let Some(id) = self.free.pop() {
            let token = self.slab[id as usize].token;
            self.slab[id as usize] = CallState { token, ..call };
            return id;
        }
        self.slab.push(call);
        self.slab.len() as u32 - 1
    }

    /// Most calls in flight at once: the slab grows only when every place is taken.
    #[inline(always)]
    pub(crate) fn peak(&self) -> usize {
        self.slab.len()
    }

    /// Whether each place of the slab holds a call in flight.
    pub(crate) fn alive(&self) -> Vec<bool> {
        let mut alive = vec![true; self.slab.len()];
        self.free.iter().for_each(|&id| alive[id as usize] = false);
        alive
    }
}

impl core::ops::Index<u32> for Calls {
    type Output = CallState;
    fn index(&self, id: u32) -> &CallState {
        &self.slab[id as usize]
    }
}

impl core::ops::IndexMut<u32> for Calls {
    fn index_mut(&mut self, id: u32) -> &mut CallState {
        &mut self.slab[id as usize]
    }
}

/// State of one policy, shared by all callers.
#[derive(Debug, Clone, Default)]
pub(crate) struct PolicyState {
    /// Retries that may still be made, earned by first attempts.
    tokens: f64,
    /// (due, call, token), by due time.
    timers: VecDeque<(f64, u32, u32)>,
    armed: bool,
    /// Counters since the start.
    pub counts: PolicyCounts,
}

/// What happened to the calls of a policy.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct PolicyCounts {
    /// First attempts.
    pub calls: u64,
    /// Extra attempts.
    pub retries: u64,
    /// Attempts given up at their timeout.
    pub timeouts: u64,
    /// Attempts refused by an open breaker or a full bulkhead.
    pub refused: u64,
    /// Calls that failed for good.
    pub failed: u64,
}

/// Breaker and bulkhead of one policy in one caller group.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Guard {
    in_flight: u32,
    failures: u32,
    open_until: f64,
    open: bool,
    probing: bool,
}

impl Guard {
    /// Closed and empty.
    pub(crate) const CLOSED: Self = Self { in_flight: 0, failures: 0, open_until: 0.0, open: false, probing: false };
}

/// First attempts whose unused budget may be saved up.
const BUDGET_WINDOW: f64 = 100.0;

impl Core {
    /// A visit calls a site with a policy and waits for it.
    pub(crate) fn start_call(&mut self, site: u32, parent: u32) -> Next {
        let group = self.visits[parent].group;
        self.start_call_from(site, parent, group)
    }

    /// A call by a group; `parent` may be [`NONE`].
    pub(crate) fn start_call_from(&mut self, site: u32, parent: u32, group: u32) -> Next {
        let policy = self.program.sites[site as usize].policy as usize;
        let state = &mut self.policies[policy];
        state.counts.calls += 1;
        if let Some(ratio) = self.program.policies[policy].retry.and_then(|r| r.budget_ratio) {
            state.tokens = (state.tokens + ratio).min((BUDGET_WINDOW * ratio).max(1.0));
        }
        let guard = self.program.policies[policy].base + self.calling_replica(policy, group);
        let id = self.calls.insert(CallState { parent, site, group, guard, ..CallState::EMPTY });
        self.attempt(id)
    }

    /// The replica that makes a call. In a pooled deployment any that serves may be the one.
    fn calling_replica(&mut self, policy: usize, group: u32) -> u32 {
        let model = &self.program.policies[policy];
        let caller = usize::from(model.caller);
        let layout = &self.layout[caller];
        if !layout.pooled || model.guards <= 1 {
            // A queue's consumers stand in groups after its first, but are one caller.
            return (group - layout.first).min(layout.groups - 1);
        }
        let serving = self.fleets[caller].serving().clamp(1, model.guards);
        self.choice_rng[caller].below(serving)
    }

    /// Position of a call's policy and of its caller's guard.
    fn places(&self, id: u32) -> (usize, usize) {
        let call = &self.calls[id];
        (self.program.sites[call.site as usize].policy as usize, call.guard as usize)
    }

    /// The pool of a call, if it has one.
    fn pool(&self, id: u32) -> Option<usize> {
        let call = &self.calls[id];
        let policy = &self.program.policies[self.program.sites[call.site as usize].policy as usize];
        let layout = &self.layout[policy.caller as usize];
        let replica = (call.group - layout.first).min(layout.groups - 1);
        policy.pool.map(|p| (layout.first_pool + replica * layout.pools + p) as usize)
    }

    /// One attempt begins.
    fn attempt(&mut self, id: u32) -> Next {
        let (policy, guard) = self.places(id);
        let model = self.program.policies[policy];
        let guard = &mut self.guards[guard];
        let shut = guard.open && (self.now < guard.open_until || guard.probing);
        if shut || model.max_in_flight.is_some_and(|most| guard.in_flight >= most) {
            self.policies[policy].counts.refused += 1;
            return self.failed_attempt(id);
        }
        guard.probing |= guard.open;
        guard.in_flight += 1;
        self.calls[id].probes = guard.open;
        self.calls[id].asked = self.now;
        if let Some(timeout) = model.timeout {
            let state = &mut self.policies[policy];
            let due = self.now + timeout;
            // Timers of calls that were answered go as soon as they are the oldest: the line is as long as what was asked since the oldest call
            // in flight.
            while state.timers.front().is_some_and(|&(_, call, token)| self.calls[call].token != token) {
                state.timers.pop_front();
            }
            state.timers.push_back((due, id, self.calls[id].token));
            if !state.armed {
                state.armed = true;
                self.calendar.push(Event { time: due, subject: policy as u32, kind: TIMES_OUT });
            }
        }
        if let Some(pool) = self.pool(id) {
            self.calls[id].phase = Phase::Waiting;
            if !self.pools[pool].take(self.now, id, &mut self.calls) {
                return Next::Idle;
            }
        }
        self.dispatch(id)
    }

    /// The attempt has all it needs and is sent.
    fn dispatch(&mut self, id: u32) -> Next {
        let call = &mut self.calls[id];
        call.phase = Phase::Sent;
        let (site, token) = (call.site as usize, call.token);
        self.send(site, id | CALL, token)
    }

    /// Calls in line take the connections that are free.
    pub(crate) fn fill_pool(&mut self, pool: usize) {
        while let Some(next) = self.pools[pool].grant(self.now, &mut self.calls) {
            let step = self.dispatch(next);
            if step != Next::Idle {
                self.ready.push(step);
            }
        }
    }

    /// Ends the running attempt: old token, connection and bulkhead given back, breaker told.
    fn end_attempt(&mut self, id: u32, failed: bool) {
        let (policy, guard) = self.places(id);
        let call = &mut self.calls[id];
        call.token = call.token.wrapping_add(1);
        let (phase, probes) = (call.phase, call.probes);
        call.phase = Phase::Between;
        let guard = &mut self.guards[guard];
        guard.in_flight -= 1;
        // What was sent before it opened says nothing about now: while it is open only its probe counts.
        if let Some(breaker) = self.program.policies[policy].breaker
            && (!guard.open || probes)
        {
            guard.failures = if failed { guard.failures + 1 } else { 0 };
            let opens = failed && (probes || guard.failures >= breaker.failures);
            (guard.open, guard.probing) = (opens, false);
            if opens {
                guard.open_until = self.now + breaker.open;
            }
        }
        if let Some(pool) = self.pool(id) {
            if phase == Phase::Waiting {
                self.pools[pool].leave(self.now, id, &mut self.calls);
            } else {
                let next = self.pools[pool].release(self.now, &mut self.calls);
                if next != NONE {
                    let step = self.dispatch(next);
                    if step != Next::Idle {
                        self.ready.push(step);
                    }
                }
            }
        }
    }

    /// The caller of a call is lost: the call ends at once and answers nobody. Connections are given back, not handed on.
    pub(crate) fn give_up(&mut self, id: u32) {
        let (_, guard) = self.places(id);
        let pool = self.pool(id);
        let call = &mut self.calls[id];
        let (phase, probes) = (call.phase, call.probes);
        call.token = call.token.wrapping_add(1);
        if phase != Phase::Between {
            let guard = &mut self.guards[guard];
            guard.in_flight -= 1;
            guard.probing &= !probes;
        }
        match (pool, phase) {
            (Some(pool), Phase::Waiting) => self.pools[pool].leave(self.now, id, &mut self.calls),
            (Some(pool), Phase::Sent) => self.pools[pool].drop_connection(self.now),
            _ => {}
        }
        self.calls.free.push(id);
    }

    /// The callee answers an attempt.
    pub(crate) fn answer_call(&mut self, id: u32, token: u32, child: u16) -> Next {
        if self.calls[id].token != token {
            return Next::Idle;
        }
        let failed = child & FAILED != 0;
        self.end_attempt(id, failed);
        if failed { self.failed_attempt(id) } else { self.end_call(id, child) }
    }

    /// An attempt failed: once more, or for good.
    fn failed_attempt(&mut self, id: u32) -> Next {
        let (policy, _) = self.places(id);
        let state = &mut self.policies[policy];
        if let Some(retry) = self.program.policies[policy].retry {
            let call = &mut self.calls[id];
            let affordable = retry.budget_ratio.is_none() || state.tokens >= 1.0;
            if u32::from(call.retries) < retry.max && affordable {
                if retry.budget_ratio.is_some() {
                    state.tokens -= 1.0;
                }
                state.counts.retries += 1;
                let spread = 1.0 + retry.jitter * (2.0 * self.jitter_rng.uniform() - 1.0);
                let backoff = retry.backoff * math::pow(2.0, f64::from(call.retries)) * spread.max(0.0);
                call.retries += 1;
                self.calendar.push(Event { time: self.now + backoff, subject: id, kind: RETRIES });
                return Next::Idle;
            }
        }
        state.counts.failed += 1;
        self.end_call(id, FAILED)
    }

    /// A backoff is over.
    pub(crate) fn retry(&mut self, id: u32) -> Next {
        self.attempt(id)
    }

    /// The call is over; the parent goes on.
    fn end_call(&mut self, id: u32, child: u16) -> Next {
        let call = self.calls[id];
        self.calls[id].token = call.token.wrapping_add(1);
        self.calls.free.push(id);
        if call.parent == NONE { Next::Idle } else { self.answer(call.parent, 0, child) }
    }

    /// The oldest timer of a policy is due.
    pub(crate) fn times_out(&mut self, policy: usize) -> Next {
        while let Some(&(due, id, token)) = self.policies[policy].timers.front() {
            let live = self.calls[id].token == token;
            if live && due > self.now {
                self.calendar.push(Event { time: due, subject: policy as u32, kind: TIMES_OUT });
                return Next::Idle;
            }
            self.policies[policy].timers.pop_front();
            if live {
                self.policies[policy].counts.timeouts += 1;
                self.end_attempt(id, true);
                let step = self.failed_attempt(id);
                if step != Next::Idle {
                    self.ready.push(step);
                }
            }
        }
        self.policies[policy].armed = false;
        Next::Idle
    }
}
