//! What the closed form does not model yet: named with its place, never ignored.

use super::structure::refusal;
use crate::model::{Arrivals, Call, Goal, Kind, Mode, Place, Refusal, System};

/// Every part of a system that the closed form cannot answer for.
#[must_use]
pub fn refusals(system: &System) -> Vec<Refusal> {
    let mut found = Vec::new();
    for (id, class) in system.classes.iter().enumerate() {
        if matches!(class.arrivals, Arrivals::Closed { .. }) {
            found.push(refusal(Place::Class(id), "arrivals.closed", LATER));
        }
    }
    for (id, class) in system.classes.iter().enumerate() {
        if matches!(class.arrivals, Arrivals::Open { cv, .. } if cv != 1.0) {
            found.push(refusal(Place::Class(id), "arrivals.open.cv", LATER));
        }
    }
    for (id, station) in system.stations.iter().enumerate() {
        if let Kind::LoadBalancer { .. } = station.kind {
            let split = |call: &Call| {
                let callee = &system.stations[call.to];
                callee.replicas > 1 && super::prepare::servers(callee, 1.0).is_finite()
            };
            if station.calls.iter().any(split) {
                found.push(refusal(Place::Station(id), "policy", LATER));
            }
        }
        kind(&mut found, id, &station.kind);
        if station.autoscale.is_some() {
            found.push(refusal(Place::Station(id), "autoscale", LATER));
        }
        calls(&mut found, id, &station.calls, &[]);
    }
    for objective in &system.objectives {
        if matches!(objective.goal, Goal::SurviveReplica | Goal::SurviveZone) {
            found.push(refusal(Place::Objective(objective.index), "survive", LATER));
        }
    }
    found
}

const LATER: &str = "the closed form does not model this yet; leave it out or simulate";

fn kind(found: &mut Vec<Refusal>, id: usize, kind: &Kind) {
    let mut refuse = |given: bool, key| {
        if given {
            found.push(refusal(Place::Station(id), key, LATER));
        }
    };
    match kind {
        Kind::Service { queue_limit, .. } => refuse(queue_limit.is_some(), "queue_limit"),
        Kind::Function { .. } => refuse(true, "kind"),
        Kind::LoadBalancer { .. } => {}
        Kind::Cdn { ttl, .. } => refuse(ttl.is_some(), "ttl_s"),
        Kind::Cache { hits, coalesce, .. } => {
            refuse(matches!(hits, crate::model::HitRatio::Keys(_)), "hit_ratio.keys");
            refuse(*coalesce, "coalesce");
        }
        Kind::Database(node) => {
            refuse(node.max_connections.is_some(), "max_connections");
            refuse(node.read_replicas > 0, "read_replicas");
            refuse(node.shards > 1, "shards");
            refuse(node.usl.is_some(), "usl");
            refuse(node.request_units.is_some(), "request_units");
        }
        Kind::Queue { prefetch, max_length, max_attempts, duplicate_ratio, .. } => {
            refuse(prefetch.is_some_and(|p| p > 1), "prefetch");
            refuse(max_length.is_some(), "max_length");
            // Unlimited is the default; deliveries only repeat where handling fails.
            refuse(*max_attempts > 1 && *max_attempts != u32::MAX, "max_attempts");
            refuse(*duplicate_ratio > 0.0, "duplicate_ratio");
        }
        Kind::RateLimiter { .. } => refuse(true, "kind"),
        Kind::External { rate_limit } => refuse(rate_limit.is_some(), "rate_limit"),
        Kind::Storage { throughput_mb_s, .. } => refuse(throughput_mb_s.is_some(), "throughput_mb_s"),
    }
}

fn calls(found: &mut Vec<Refusal>, id: usize, list: &[Call], path: &[usize]) {
    for (position, call) in list.iter().enumerate() {
        let mut at = path.to_vec();
        at.push(position);
        let mut refuse = |given: bool, key| {
            if given {
                found.push(refusal(Place::Call(id, at.clone()), key, LATER));
            }
        };
        refuse(call.mode == Mode::Parallel, "mode");
        refuse(call.timeout.is_some(), "timeout_ms");
        refuse(call.retry.is_some(), "retry");
        refuse(call.breaker.is_some(), "breaker");
        refuse(call.max_in_flight.is_some(), "max_in_flight");
        calls(found, id, &call.on_miss, &at);
    }
}
