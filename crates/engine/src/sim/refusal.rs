//! What the simulator does not model: refused with its place, never ignored.

use super::compile::MOST_COPIES;
use crate::model::{Call, EventKind, Eviction, HitRatio, Kind, LimiterScope, Place, Refusal, StationId, System};

/// Most keys or clients that a 32-bit number tells apart, most stored items that fit in a browser's memory.
const MOST_KEYS: u64 = 4_000_000_000;
const MOST_ITEMS: u64 = 20_000_000;
/// Components, by the 16 bits that name one.
const MOST_STATIONS: usize = 65_000;
/// Replicas with a line of their own, or nodes, of one component.
const MOST_LINES: u64 = 1_000_000;

/// All parts of a system that the simulator cannot play.
#[must_use]
pub fn refusals(system: &System) -> Vec<Refusal> {
    let mut all = crate::model::discipline::refusals(system);
    if system.stations.len() > MOST_STATIONS {
        let why = "the simulator plays at most 65,000 components; leave out what the question does not need";
        all.push(Refusal { place: Place::Station(MOST_STATIONS), key: "", why });
    }
    for (id, event) in system.events.iter().enumerate() {
        let given = event.station.is_some_and(|s| match &system.stations[s].kind {
            Kind::Cache { hits, .. } => matches!(hits, HitRatio::Given(_)),
            Kind::Cdn { .. } => true,
            _ => false,
        });
        if event.kind == EventKind::FlushCache && given && event.duration > 1e300 {
            let why =
                "a cache with a given hit ratio does not say how fast it fills; give for_s, the time it stays cold";
            all.push(Refusal { place: Place::Event(id), key: "for_s", why });
        }
    }
    for (id, station) in system.stations.iter().enumerate() {
        let mut refuse = |key, why| all.push(Refusal { place: Place::Station(id), key, why });
        if station.autoscale.is_some() && !matches!(station.kind, Kind::Service { .. } | Kind::Cache { .. }) {
            refuse("autoscale", "the simulator scales services and caches; give the replicas");
        }
        match &station.kind {
            Kind::Cache { hits: HitRatio::Given(_), coalesce: true, .. } => refuse("coalesce", crate::solve::COALESCE),
            Kind::Queue { prefetch: Some(ahead), consumers, partitions, .. }
                if *ahead > 1 && consumers.or(*partitions).is_some_and(|n| u64::from(n) > MOST_LINES) =>
            {
                refuse("consumers", "the simulator plays at most a million consumers with lines of their own");
            }
            Kind::Cache { hits: HitRatio::Keys(keys), .. } => {
                if keys.keys > MOST_KEYS {
                    refuse("hit_ratio.keys", "the simulator keeps at most 4 billion keys; give the hit ratio instead");
                }
                if keys.eviction == Eviction::Lfu && keys.keys > MOST_ITEMS {
                    refuse(
                        "hit_ratio.eviction",
                        "the simulator counts the requests of at most 20 million keys; give lru",
                    );
                }
                if keys.capacity.min(keys.keys) > MOST_ITEMS {
                    refuse(
                        "hit_ratio.capacity_items",
                        "the simulator stores at most 20 million items; give the hit ratio instead",
                    );
                }
            }
            Kind::RateLimiter { scope: LimiterScope::Client { clients, .. }, .. } if *clients > MOST_KEYS => {
                refuse("clients", "the simulator tells at most 4 billion clients apart; give fewer");
            }
            Kind::Service { .. } => {
                let most = station.autoscale.map_or(station.replicas, |a| a.max.max(station.replicas));
                if u64::from(most) > MOST_LINES {
                    refuse("replicas", "the simulator plays at most a million replicas of a component");
                }
            }
            Kind::Database(node) if u64::from(node.shards) * (1 + u64::from(node.read_replicas)) > MOST_LINES => {
                refuse("shards", "the simulator plays at most a million nodes of a database");
            }
            _ => {}
        }
        calls(id, &station.calls, &mut Vec::new(), &mut all);
    }
    all
}

/// Calls of a station, also those on a miss.
fn calls(station: StationId, list: &[Call], path: &mut Vec<usize>, all: &mut Vec<Refusal>) {
    for (at, call) in list.iter().enumerate() {
        path.push(at);
        if call.per_request > MOST_COPIES {
            let why =
                "the simulator makes at most 1000 calls of one kind per visit; make it one call with a longer own time";
            all.push(Refusal { place: Place::Call(station, path.clone()), key: "per_request", why });
        }
        calls(station, &call.on_miss, path, all);
        path.pop();
    }
}
