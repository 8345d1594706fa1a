//! Changes of the way from one component to another: a queue in front, patience, a budget for retries, a shorter way, other shares.

use super::change::set;
use super::design::Candidate;
use super::job::Field;
use engine::model::{Balance, Kind};
use engine::solve::{Answer, Options, Part};
use scenario::edit::Edit;
use scenario::v1::{Call, CallMode, Component, ComponentKind, Quantity};
use serde_json::json;

/// A callee's own time from which on waiting for it is worth avoiding, in seconds.
const SLOW: f64 = 0.02;
/// A round trip from which on it crosses more than a data centre, in milliseconds.
const FAR_MS: f64 = 5.0;
/// The round trip within one cloud and zone that is taken instead, in milliseconds.
const NEAR_MS: f64 = 2.0;
/// Retries as a share of first attempts (Site Reliability Engineering, 2016, ch. 22).
const RETRY_BUDGET: f64 = 0.1;
/// Patience as a multiple of what a call takes in the mean.
const PATIENCE: f64 = 5.0;

/// Candidates on all calls.
pub(super) fn calls(field: &Field, answer: &Answer, found: &mut Vec<Candidate>) {
    for component in &field.scenario.components {
        for (place, call) in component.calls.iter().enumerate() {
            let path = format!("components.{}.calls[{place}]", component.id);
            one(field, answer, component, call, &path, found);
            queue(field, answer, component, call, &path, found);
        }
        shares(field, component, found);
    }
}

fn one(field: &Field, answer: &Answer, from: &Component, call: &Call, path: &str, found: &mut Vec<Candidate>) {
    let callee = field.scenario.components.iter().find(|c| c.id == call.to);
    let way = format!("{} to {}", from.id, call.to);
    if call.retry.as_ref().is_some_and(|retry| retry.budget_ratio.is_none()) {
        let what = format!("retries of {way} at most {:.0} % of the calls", 100.0 * RETRY_BUDGET);
        let edit = set(format!("{path}.retry.budget_ratio"), json!(RETRY_BUDGET));
        found.push(Candidate::new(what, "in an outage fewer requests are saved by trying again", edit));
    }
    let external = callee.is_some_and(|c| c.kind == ComponentKind::External);
    if external && call.timeout_ms.is_none() && call.mode != Some(CallMode::Async) {
        let mean = field.system.station(&call.to).and_then(|id| answer.stations[id].residence);
        let network = call.network_ms.as_ref().map_or(0.0, |q| q.value);
        if let Some(mean) = mean.filter(|mean| *mean > 0.0) {
            let limit = (PATIENCE * (1000.0 * mean + network)).ceil();
            let what = format!("{way} is waited for {limit} ms at most");
            found.push(Candidate::new(
                what,
                "slower answers become errors",
                set(format!("{path}.timeout_ms"), json!(limit)),
            ));
        }
    }
    let far = call.network_ms.as_ref().map_or(0.0, |q| q.value);
    let movable = callee.is_some_and(|c| !matches!(c.kind, ComponentKind::External | ComponentKind::Cdn));
    if far >= FAR_MS && movable && from.kind != ComponentKind::Cdn {
        let what = format!(
            "{} in the same zone and cloud as {}: {NEAR_MS} ms on the way instead of {far} ms",
            call.to, from.id
        );
        let mut edits = vec![set(format!("{path}.network_ms"), json!(NEAR_MS))];
        if let Some(zone) = &from.zone {
            edits.push(set(format!("components.{}.zone", call.to), json!(zone)));
        }
        found.push(Candidate::new(what, "it has to be moved, and falls with that zone", Edit::Many(edits)));
    }
    for (place, call) in call.on_miss.iter().enumerate() {
        one(field, answer, from, call, &format!("{path}.on_miss[{place}]"), found);
    }
}

/// Slow work that the caller need not wait for.
fn queue(field: &Field, answer: &Answer, from: &Component, call: &Call, path: &str, found: &mut Vec<Candidate>) {
    let waited = matches!(from.kind, ComponentKind::Service | ComponentKind::Function)
        && call.mode.is_none_or(|m| m == CallMode::Sync);
    let Some(callee) = field.scenario.components.iter().find(|c| c.id == call.to) else { return };
    let kinds = matches!(callee.kind, ComponentKind::Service | ComponentKind::Function | ComponentKind::External);
    if !waited || !kinds || !call.on_miss.is_empty() {
        return;
    }
    let Some(station) = field.system.station(&call.to) else { return };
    let own = answer.classes.iter().flat_map(|class| &class.waterfall);
    let slow =
        own.filter(|share| share.station == station && share.part == Part::Own).any(|share| share.seconds >= SLOW);
    let id = format!("{}-queue", call.to);
    if !slow || field.scenario.components.iter().any(|c| c.id == id) {
        return;
    }
    let at = &answer.stations[station];
    // Consumers hold a slot of the callee each; where it has no limit, twice what is at work today.
    let busy = (2.0 * at.visits * at.hold.unwrap_or(0.0)).ceil().max(2.0);
    let mut onward = json!({"to": call.to});
    for (key, quantity) in [("network_ms", &call.network_ms), ("kb", &call.kb)] {
        if let Some(Quantity { value, .. }) = quantity {
            onward[key] = json!(value);
        }
    }
    let mut broker = json!({"id": id, "kind": "queue", "service": {"mean_ms": 1, "cv": 1}, "calls": [onward]});
    if callee.concurrency.is_none() {
        broker["consumers"] = json!(busy);
    }
    let mut sent = json!({"to": id, "mode": "async"});
    if let Some(classes) = &call.classes {
        sent["classes"] = json!(classes);
    }
    if let Some(per) = &call.per_request {
        sent["per_request"] = json!(per.value);
    }
    let Ok(broker) = serde_json::from_value::<Component>(broker) else { return };
    let what = format!("a queue between {} and {}", from.id, call.to);
    let caution = format!("only where the answer does not need what {} returns; the queue has no price here", call.to);
    let edit = Edit::Many(vec![Edit::AddComponent(Box::new(broker)), set(path.to_owned(), sent)]);
    found.push(Candidate::unpriced(what, &caution, edit));
}

/// The shares of a weighted balancer over two callees at which the mean answer is soonest.
fn shares(field: &Field, from: &Component, found: &mut Vec<Candidate>) {
    let Some(id) = field.system.station(&from.id) else { return };
    let station = &field.system.stations[id];
    let Kind::LoadBalancer { balance: Balance::Weighted { weights } } = &station.kind else { return };
    let [first, second] = &station.calls[..] else { return };
    let (Some(now), Some(_), true) = (first.share, second.share, weights.is_empty()) else { return };
    let (mut system, mut solver) = (field.system.clone(), field.solver.clone());
    let mut mean = |share: f64| {
        system.stations[id].calls[0].share = Some(share);
        system.stations[id].calls[1].share = Some(1.0 - share);
        let answer = solver.solve(&system, 1.0, &Options { percentiles: false, ..Options::default() });
        let all: f64 = answer.classes.iter().map(|class| class.throughput).sum();
        let total: Option<f64> = answer.classes.iter().map(|class| Some(class.mean? * class.throughput)).sum();
        total.filter(|_| all > 0.0).map_or(f64::INFINITY, |total| total / all)
    };
    let golden = 0.618_033_988_749_894_9;
    let (mut low, mut high) = (0.01_f64, 0.99_f64);
    while high - low > 1e-3 {
        let (left, right) = (high - golden * (high - low), low + golden * (high - low));
        if mean(left) <= mean(right) {
            high = right;
        } else {
            low = left;
        }
    }
    let share = (1000.0 * low.midpoint(high)).round() / 1000.0;
    if (share - now).abs() < 0.01 {
        return;
    }
    let what = format!("{} sends {:.1} % to {}", from.id, 100.0 * share, from.calls[0].to);
    let edits = [(0, share), (1, 1.0 - share)]
        .map(|(place, share)| set(format!("components.{}.calls[{place}].share", from.id), json!(share)));
    found.push(Candidate::new(
        what,
        "the best split moves with the load: this one is today's",
        Edit::Many(edits.to_vec()),
    ));
}
