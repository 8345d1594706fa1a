//! Transforms of what a call is made of: waits, attempts, fetches that are shared, repetition.

use super::state::CallState;
use crate::{
    model::Call,
    queueing::{attempts, mgc::Wait},
    stats::{
        Law,
        transform::{Nodes, Wave},
    },
};

/// Share of those who wait from which all do, as far as a shift is concerned: kept inside the transform it would ring.
const ALL: f64 = 0.99;

/// Adds a wait to a transform; `law` is that of those who wait. Returns the shift.
pub(super) fn waits_onto(wait: &Wait, law: &Law, nodes: &Nodes, wave: &mut Wave) -> f64 {
    if wait.mean <= 0.0 {
        return 0.0;
    }
    if law.shift > 0.0 && wait.probability >= ALL {
        law.onto(wave, nodes, 1.0, None);
        return law.shift;
    }
    if law.shift > 0.0 {
        let mut waited = with_shift(law.wave(nodes, None), law.shift, nodes);
        waited.with_probability(wait.probability);
        wave.multiply(&waited);
    } else {
        law.onto(wave, nodes, wait.probability, None);
    }
    0.0
}

/// The time of a successful call over its attempts: how many failed first, how long those and the pauses took.
pub(super) fn attempts_wave(call: &Call, state: &CallState, wave: Wave, shift: f64, nodes: &Nodes) -> (Wave, f64) {
    let good = if state.late > 1.0e-3 {
        let law = Law::fit(&state.good);
        with_shift(law.wave(nodes, None), law.shift, nodes)
    } else {
        with_shift(wave, shift, nodes)
    };
    let Some(retry) = &call.retry else {
        return (good, 0.0);
    };
    let law = Law::fit(&state.bad);
    let bad = with_shift(law.wave(nodes, None), law.shift, nodes);
    let ratio = state.retried * state.failure;
    let (mut all, mut weight, mut total, mut before) = (good, 1.0, 1.0, Wave::ONE);
    for attempt in 0..retry.max.min(40) {
        weight *= ratio;
        if weight < 1.0e-9 {
            break;
        }
        let pause = attempts::backoff(retry, attempt);
        let law = Law::fit(&pause);
        before.multiply(&bad);
        before.multiply(&with_shift(law.wave(nodes, None), law.shift, nodes));
        let mut one = before;
        one.multiply(&good);
        total += weight;
        all.mix(1.0 - weight / total, weight / total, &one);
    }
    (all, 0.0)
}

/// A fetch that a share of those who miss makes; the others wait for what is left of it.
pub(super) fn shared(fetch: &Wave, leads: f64, mean: f64, nodes: &Nodes) -> Wave {
    let mut one = *fetch;
    if mean > 0.0 {
        one.mix(leads, 1.0 - leads, &fetch.remaining(nodes, mean));
    }
    one
}

/// The sum of `count` independent ones; a fraction is the probability of one more.
pub(super) fn repeated(wave: &mut Wave, shift: &mut f64, count: f64, nodes: &Nodes) {
    if count == 1.0 {
        return;
    }
    let whole = count.floor();
    let part = count - whole;
    let mut more = (part > 0.0).then(|| with_shift(*wave, *shift, nodes));
    wave.power(whole.min(4.0e9) as u32);
    if let Some(more) = &mut more {
        more.with_probability(part);
        wave.multiply(more);
    }
    *shift *= whole;
}

/// Takes a shift into the transform.
pub(super) fn with_shift(mut wave: Wave, shift: f64, nodes: &Nodes) -> Wave {
    if shift > 0.0 {
        wave.multiply(&Wave::jump(nodes, shift));
    }
    wave
}
