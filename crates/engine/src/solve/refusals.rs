//! What the closed form does not model: named with its place, never ignored.

use super::structure::refusal;
use crate::model::{Arrivals, Goal, HitRatio, Kind, Mode, Place, Refusal, System};

/// Every part of a system that the closed form cannot answer for. Timed events are the simulator's alone and no refusal: the
/// closed form answers for the time between them.
#[must_use]
pub fn refusals(system: &System) -> Vec<Refusal> {
    let mut found = Vec::new();
    for (id, class) in system.classes.iter().enumerate() {
        if let Arrivals::Closed { users, think_time } = class.arrivals
            && users > 0.0
            && think_time <= 0.0
            && !takes_time(system, id)
        {
            let why = "users who neither think nor find any work would ask infinitely often; give a think time or a service time";
            found.push(refusal(Place::Class(id), "arrivals.closed.think_time_s", why));
        }
    }
    for (id, station) in system.stations.iter().enumerate() {
        if station.autoscale.is_some() && !matches!(station.kind, Kind::Service { .. }) {
            let why = "the closed form scales services only; give the replicas, or simulate";
            found.push(refusal(Place::Station(id), "autoscale", why));
        }
        if let Kind::Cache { hits: HitRatio::Given(_), coalesce: true, .. } = station.kind {
            found.push(refusal(Place::Station(id), "coalesce", COALESCE));
        }
    }
    for objective in &system.objectives {
        if matches!(objective.goal, Goal::SurviveZone) && system.zones.is_empty() {
            let why = "no component has a zone; name the zones";
            found.push(refusal(Place::Objective(objective.index), "survive", why));
        }
    }
    found
}

/// Why sharing one fetch needs keys; the simulator refuses it in the same words.
pub const COALESCE: &str = "which misses fall together follows from the keys; give hit_ratio by keys, zipf and capacity_items, or leave it out";

/// Whether a request of the class spends time anywhere it waits for.
fn takes_time(system: &System, class: usize) -> bool {
    let mut seen = vec![false; system.stations.len()];
    let mut stack = vec![system.classes[class].entry];
    while let Some(id) = stack.pop() {
        if core::mem::replace(&mut seen[id], true) {
            continue;
        }
        let station = &system.stations[id];
        if station.service[class].mean() > 0.0 {
            return true;
        }
        let mut calls: Vec<&crate::model::Call> = station.calls.iter().collect();
        while let Some(call) = calls.pop() {
            if call.mode != Mode::Async && call.applies_to(class) {
                if call.network_time() > 0.0 {
                    return true;
                }
                stack.push(call.to);
            }
            calls.extend(&call.on_miss);
        }
    }
    false
}
