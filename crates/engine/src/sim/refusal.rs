//! What the simulator does not model: refused with its place, never ignored.

use super::compile::MOST_COPIES;
use super::layout;
use crate::model::{
    Call, ClassId, EventKind, Eviction, HitRatio, Kind, LimiterScope, Mode, Place, Refusal, StationId, System,
};

/// Most keys or clients that a 32-bit number tells apart, most stored items that fit in a browser's memory.
const MOST_KEYS: u64 = 4_000_000_000;
const MOST_ITEMS: u64 = 20_000_000;
/// Components, by the 16 bits that name one.
const MOST_STATIONS: usize = 65_000;
/// Replicas with a line of their own, or nodes, of one component and of all together.
const MOST_LINES: u64 = 1_000_000;

/// Operations of the compiled calls of all components and classes.
const MOST_OPERATIONS: f64 = 5.0e6;
/// Parallel calls that one visit waits for, by the 16 bits that count them.
const MOST_FORKED: f64 = 60_000.0;

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
    let lines = layout::lines(system);
    for (id, station) in system.stations.iter().enumerate() {
        let mut refuse = |key, why| all.push(Refusal { place: Place::Station(id), key, why });
        if station.autoscale.is_some() && !matches!(station.kind, Kind::Service { .. } | Kind::Cache { .. }) {
            refuse("autoscale", "the simulator scales services and caches; give the replicas");
        }
        match &station.kind {
            Kind::Cache { hits: HitRatio::Given(_), coalesce: true, .. } => refuse("coalesce", crate::solve::COALESCE),
            Kind::Queue { .. } if lines[id] > MOST_LINES => {
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
            Kind::Database(_) if lines[id] > MOST_LINES => {
                refuse("shards", "the simulator plays at most a million nodes of a database");
            }
            _ => {}
        }
        calls(id, &station.calls, &mut Vec::new(), &mut all);
    }
    if lines.iter().all(|&n| n <= MOST_LINES) && lines.iter().sum::<u64>() > MOST_LINES + MOST_STATIONS as u64 {
        let longest = (0..lines.len()).max_by_key(|&id| lines[id]).unwrap_or_default();
        let why = "the simulator plays at most a million replicas and nodes with lines of their own; leave out what the question does not need";
        all.push(Refusal { place: Place::Station(longest), key: "", why });
    }
    unrolled(system, &mut all);
    all
}

/// Refuses what would be unrolled to more operations than a browser holds, and more parallel calls than a visit can wait for.
fn unrolled(system: &System, all: &mut Vec<Refusal>) {
    let mut sum = 0.0;
    for (id, station) in system.stations.iter().enumerate() {
        let place = Place::Station(id);
        // Calls of all classes together are the most that one of them makes; only where that is too much is it asked of each.
        let classes = |of: &dyn Fn(Option<ClassId>) -> f64, most: f64| match of(None) {
            n if n <= most => n,
            _ => (0..system.classes.len()).map(|class| of(Some(class))).fold(0.0, f64::max),
        };
        if classes(&|class| forked(&station.calls, class), MOST_FORKED) > MOST_FORKED {
            let why =
                "the simulator makes at most 60,000 parallel calls per visit; make them fewer with a longer own time";
            all.push(Refusal { place: place.clone(), key: "calls", why });
        }
        let before = sum;
        sum += operations(&station.calls, None) * system.classes.len() as f64;
        if sum > MOST_OPERATIONS {
            let each = (0..system.classes.len()).map(|class| operations(&station.calls, Some(class)));
            sum = before + each.sum::<f64>();
        }
        if before <= MOST_OPERATIONS && sum > MOST_OPERATIONS {
            let why = "calls times calls on a miss are more than the simulator holds, 5 million; make them fewer with a longer own time";
            all.push(Refusal { place, key: "calls", why });
        }
    }
}

/// Calls that a class makes, of a list; all of them for `None`.
fn made(list: &[Call], class: Option<ClassId>) -> impl Iterator<Item = (&Call, f64)> {
    let of = list.iter().filter(move |call| class.is_none_or(|class| call.applies_to(class)));
    of.map(|call| (call, call.per_request.clamp(0.0, MOST_COPIES).ceil()))
}

/// Operations that a list of calls is compiled to, roughly: each copy of a call that is waited for repeats what follows a miss.
fn operations(list: &[Call], class: Option<ClassId>) -> f64 {
    let of = |(call, copies): (&Call, f64)| {
        let once = 3.0 + operations(&call.on_miss, class);
        if call.mode == Mode::Sync { copies * once } else { copies + once }
    };
    made(list, class).map(of).sum()
}

/// The most parallel calls of one list, on a miss included.
fn forked(list: &[Call], class: Option<ClassId>) -> f64 {
    let own = made(list, class).filter(|(call, _)| call.mode == Mode::Parallel).map(|(_, copies)| copies).sum::<f64>();
    list.iter().map(|call| forked(&call.on_miss, class)).fold(own, f64::max)
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
