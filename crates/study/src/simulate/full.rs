//! Which parts more is asked of than can pass, told by figures: they are full, and what does not fit waits without end.
//!
//! What refuses does not saturate, and users in a loop fill a part without anything piling up: they wait for the answer before
//! they ask again. Where others come there too, only their requests that stay away say that too much is asked of it.

use engine::model::{Arrivals, Call, ClassId, Kind, Mode, Station, StationId, System};
use engine::sim::{Estimates, Measure, Summary};

/// Busy share from which on a part counts as busy all the time.
pub(super) const FULL: f64 = 0.999;
/// Least share of a class's requests that comes back where nothing holds it up.
const PASSES: f64 = 0.95;

/// Whether some part is busy all the time and work piles up before it.
pub(super) fn saturated(system: &System, summary: &Summary) -> bool {
    let full = full(system, summary);
    if full.is_empty() {
        return false;
    }
    let [looping, coming] = callers(system);
    let is_open = |class: ClassId| matches!(system.classes[class].arrivals, Arrivals::Open { .. });
    let away = || (0..system.classes.len()).any(|class| is_open(class) && stays_away(summary, class));
    full.into_iter().any(|at| coming[at] && (!looping[at] || away()))
}

/// Whether requests of a class do not come back, as far as a run of some length can tell.
pub(super) fn stays_away(summary: &Summary, class: ClassId) -> bool {
    let rate = |measure| summary.classes[class].get(&measure).map_or(0.0, |e| e.mean);
    rate(Measure::Throughput) < PASSES * rate(Measure::Offered)
}

/// Components with a part that is busy all the time and lets wait what does not fit.
fn full(system: &System, summary: &Summary) -> Vec<StationId> {
    let is_full = |of: &Estimates, measure| of.get(&measure).is_some_and(|e| e.mean >= FULL);
    let full = |&at: &StationId| {
        let (station, of) = (&system.stations[at], &summary.stations[at]);
        let own =
            !refuses(&station.kind) && (is_full(of, Measure::Utilization) || is_full(of, Measure::SlotUtilization));
        own || (0..station.pools.len())
            .any(|pool| is_full(&summary.pools[at][pool], Measure::Utilization) && lets_wait(&station.calls, pool))
    };
    (0..system.stations.len()).filter(full).collect()
}

/// Whether what finds no room is turned away.
fn refuses(kind: &Kind) -> bool {
    // Of request units the busy share is a figure of its own.
    matches!(kind, Kind::Function { .. })
        || (kind.refuses() && !matches!(kind, Kind::Database(node) if node.max_connections.is_none()))
}

/// Whether a call waits for a connection of a pool until it gets one.
fn lets_wait(calls: &[Call], pool: usize) -> bool {
    calls.iter().any(|c| (c.pool == Some(pool) && c.timeout.is_none()) || lets_wait(&c.on_miss, pool))
}

/// The components whose line users in a loop stand in, and those that get what nobody in a loop waits for.
fn callers(system: &System) -> [Vec<bool>; 2] {
    let mut found = [vec![false; system.stations.len()], vec![false; system.stations.len()]];
    for (class, traffic) in system.classes.iter().enumerate() {
        let mut reached = [vec![false; system.stations.len()], vec![false; system.stations.len()]];
        let mut next = vec![(traffic.entry, matches!(traffic.arrivals, Arrivals::Open { .. }))];
        while let Some((at, comes)) = next.pop() {
            // Whoever publishes does not wait for the consumers.
            let comes = comes || matches!(system.stations[at].kind, Kind::Queue { .. });
            if !std::mem::replace(&mut reached[usize::from(comes)][at], true) {
                let station = &system.stations[at];
                follow(station, &station.calls, class, comes, &mut next);
                if let Kind::Queue { dead_letter: Some(to), .. } = station.kind {
                    next.push((to, true));
                }
            }
        }
        for (all, of) in found.iter_mut().zip(&reached) {
            all.iter_mut().zip(of).for_each(|(all, of)| *all |= of);
        }
    }
    found
}

/// What a component calls for a class, and whether nobody in a loop waits for it.
fn follow(station: &Station, calls: &[Call], class: ClassId, comes: bool, next: &mut Vec<(StationId, bool)>) {
    for call in calls.iter().filter(|call| call.applies_to(class)) {
        let left = call.mode == Mode::Async || matches!(station.kind, Kind::Queue { .. });
        next.push((call.to, comes || left));
        follow(station, &call.on_miss, class, comes, next);
    }
}
