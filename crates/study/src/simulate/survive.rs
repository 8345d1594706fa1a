//! What "survives the loss of one replica" asks the simulator to play: the same load with one replica of a component fewer, once per component that has more than one. A component whose only replica goes is lost altogether, which no
//! objective survives; no need to play it.

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
    system.stations.iter().any(|s| s.zone.is_some() && replicas(s).is_some())
}

/// The components whose losses must be played.
pub(super) fn components(system: &System) -> Vec<usize> {
    if replica_is_fatal(system) || !system.objectives.iter().any(|o| o.goal == Goal::SurviveReplica) {
        return Vec::new();
    }
    let several = |&at: &usize| replicas(&system.stations[at]).is_some_and(|n| n > 1);
    (0..system.stations.len()).filter(several).collect()
}

/// The system with one replica of a component fewer; an autoscaler may not replace it.
pub(super) fn without_one(system: &System, station: usize) -> System {
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
