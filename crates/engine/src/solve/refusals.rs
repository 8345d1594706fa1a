//! What the closed form does not model: named with its place, never ignored.

use super::structure::refusal;
use crate::model::{Arrivals, Balance, DatabaseNode, Discipline, Goal, HitRatio, Kind, Mode, Place, Refusal, System};

/// Every part of a system that the closed form cannot answer for. Timed events are the simulator's alone and no refusal: the
/// closed form answers for the time between them.
#[must_use]
pub fn refusals(system: &System) -> Vec<Refusal> {
    let mut found = crate::model::discipline::refusals(system);
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
    found.extend(lines_by_priority(system));
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

/// What of the lines by priority the closed form has no formula for.
fn lines_by_priority(system: &System) -> Vec<Refusal> {
    let uneven = |id: usize| {
        system.stations.iter().any(|station| {
            let by_share = match &station.kind {
                Kind::LoadBalancer { balance: Balance::IpHash { .. } } => true,
                Kind::LoadBalancer { balance: Balance::Weighted { weights } } => !weights.is_empty(),
                _ => false,
            };
            by_share && station.calls.iter().any(|call| call.to == id)
        })
    };
    let why = |id: usize| match &system.stations[id].kind {
        Kind::Service { queue_limit: Some(_), .. } => {
            Some("the closed form knows no limited line by priority; leave out queue_limit, or simulate")
        }
        Kind::Database(DatabaseNode { max_connections: Some(_), .. }) => {
            Some("the closed form knows no limited line by priority; leave out max_connections, or simulate")
        }
        Kind::Queue { max_length: Some(_), .. } => {
            Some("the closed form knows no limited line by priority; leave out max_length, or simulate")
        }
        Kind::Queue { prefetch: Some(ahead), .. } if *ahead > 1 => {
            Some("messages handed out ahead have no order any more; give a prefetch of 1, or simulate")
        }
        Kind::Service { .. } if system.stations[id].replicas > 1 && uneven(id) => {
            Some("the closed form knows no lines by priority of uneven length; give another policy, or simulate")
        }
        Kind::Queue { .. } => None,
        _ => None,
    };
    let orders = system.disciplines();
    (0..system.stations.len())
        .filter(|&id| orders[id] != Discipline::Fifo)
        .filter_map(|id| Some(refusal(Place::Station(id), "discipline", why(id)?)))
        .collect()
}

/// Whether a request of the class spends time anywhere it waits for.
fn takes_time(system: &System, class: usize) -> bool {
    meets(system, class, |id, network| network > 0.0 || system.stations[id].service[class].mean() > 0.0)
}

/// Whether anything that a request of the class waits for fits: a station, with the network time on the way to it.
fn meets(system: &System, class: usize, fits: impl Fn(usize, f64) -> bool) -> bool {
    let mut seen = vec![false; system.stations.len()];
    let mut stack = vec![(system.classes[class].entry, 0.0)];
    while let Some((id, network)) = stack.pop() {
        if fits(id, network) {
            return true;
        }
        // Nobody waits for what consumers do.
        if core::mem::replace(&mut seen[id], true) || matches!(system.stations[id].kind, Kind::Queue { .. }) {
            continue;
        }
        let mut calls: Vec<&crate::model::Call> = system.stations[id].calls.iter().collect();
        while let Some(call) = calls.pop() {
            if call.mode != Mode::Async && call.applies_to(class) {
                stack.push((call.to, call.network_time()));
            }
            calls.extend(&call.on_miss);
        }
    }
    false
}
