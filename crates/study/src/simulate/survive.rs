//! What "survives the loss of one replica, of one zone" asks the simulator to play: the same load with one replica of a component
//! fewer, once per component that has more than one, and without what stands in a zone, once per zone. A component whose only
//! replica goes is lost altogether, which no objective survives; no need to play it. As the closed form has it, a database's
//! read replicas stand in other zones than its primary, one of them takes over.

use engine::model::{Goal, Kind, Station, System};

/// Whether an objective is about losses.
pub(super) fn is_about_losses(goal: &Goal) -> bool {
    matches!(goal, Goal::SurviveReplica | Goal::SurviveZone)
}

/// Replicas of its own that a component can lose; `None` for kinds without.
fn replicas(station: &Station) -> Option<u32> {
    match &station.kind {
        Kind::Service { .. } => Some(station.replicas),
        Kind::Cache { nodes, .. } => Some(*nodes),
        // A replica takes over for a lost node of its shard.
        Kind::Database(node) => Some(1 + node.read_replicas),
        _ => None,
    }
}

/// Whether some component is lost with its only replica.
pub(super) fn replica_is_fatal(system: &System) -> bool {
    system.stations.iter().any(|s| replicas(s) == Some(1))
}

/// Whether some zone holds all of a component: a component stands in one zone.
pub(super) fn zone_is_fatal(system: &System) -> bool {
    let alone = |s: &Station| !matches!(s.kind, Kind::Database(_)) || replicas(s) == Some(1);
    system.stations.iter().any(|s| s.zone.is_some() && replicas(s).is_some() && alone(s))
}

/// Something that is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lost {
    /// One replica of a component.
    Replica(usize),
    /// A zone.
    Zone(usize),
}

/// The losses that must be played.
pub(super) fn losses(system: &System) -> Vec<Lost> {
    let asked = |goal: Goal| system.objectives.iter().any(|o| o.goal == goal);
    let mut all = Vec::new();
    if asked(Goal::SurviveReplica) && !replica_is_fatal(system) {
        let several = |&at: &usize| replicas(&system.stations[at]).is_some_and(|n| n > 1);
        all.extend((0..system.stations.len()).filter(several).map(Lost::Replica));
    }
    if asked(Goal::SurviveZone) && !zone_is_fatal(system) {
        all.extend((0..system.zones.len()).map(Lost::Zone));
    }
    all
}

/// The system after a loss.
pub(super) fn without(system: &System, lost: Lost) -> System {
    match lost {
        Lost::Replica(station) => without_one(system, station),
        Lost::Zone(zone) => {
            let mut left = system.clone();
            for station in left.stations.iter_mut().filter(|s| s.zone == Some(zone)) {
                if let Kind::Database(node) = &mut station.kind {
                    node.read_replicas = 0;
                }
            }
            left
        }
    }
}

/// The system with one replica of a component fewer; an autoscaler may not replace it.
fn without_one(system: &System, station: usize) -> System {
    let mut left = system.clone();
    let station = &mut left.stations[station];
    match &mut station.kind {
        Kind::Cache { nodes, .. } => *nodes -= 1,
        Kind::Database(node) => node.read_replicas -= 1,
        _ => station.replicas -= 1,
    }
    if let Some(autoscale) = &mut station.autoscale {
        autoscale.max = autoscale.max.saturating_sub(1).max(1);
        autoscale.min = autoscale.min.min(autoscale.max);
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system(zone: &str, replicas: u32, survive: &str) -> System {
        let text = format!(
            r#"{{"format": "headroom/1", "name": "zones", "zones": ["a", "b"], "slos": [{{"survive": "{survive}"}}],
              "traffic": [{{"id": "web", "entry": "app", "arrivals": {{"open": {{"rate": 10}}}}}}],
              "components": [
                {{"id": "app", "kind": "service", "service": {{"mean_ms": 5, "cv": 1}}, "concurrency": 4, "replicas": 2 {zone},
                  "calls": [{{"to": "db", "mode": "sync"}}]}},
                {{"id": "db", "kind": "database", "service": {{"mean_ms": 5, "cv": 1}}, "cores": 2, "read_replicas": {replicas}, "zone": "b"}}]}}"#
        );
        let scenario = scenario::parse(&text).map(|parsed| parsed.scenario);
        scenario.and_then(|scenario| scenario::lower(&scenario)).unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    #[test]
    fn what_a_lost_zone_takes_along() {
        // A service stands in its zone with all its replicas; a database's read replicas stand elsewhere.
        for (zone, replicas, fatal) in [(r#", "zone": "a""#, 1, true), ("", 0, true), ("", 1, false)] {
            let system = system(zone, replicas, "zone");
            assert_eq!(zone_is_fatal(&system), fatal, "{zone} {replicas}");
            let played = if fatal { Vec::new() } else { vec![Lost::Zone(0), Lost::Zone(1)] };
            assert_eq!(losses(&system), played);
        }
        let system = system("", 2, "zone");
        let nodes = |system: &System| super::replicas(&system.stations[1]);
        assert_eq!([0, 1].map(|zone| nodes(&without(&system, Lost::Zone(zone)))), [Some(3), Some(1)]);
    }

    #[test]
    fn only_what_is_asked_is_played() {
        assert_eq!(losses(&system("", 1, "replica")), [Lost::Replica(0), Lost::Replica(1)]);
        assert!(losses(&system("", 0, "replica")).is_empty(), "a database without replicas is lost altogether");
    }
}
