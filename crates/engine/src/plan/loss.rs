//! What "survives the loss of one replica, of one zone" means, for the closed form and the simulator alike: the same load with one
//! replica of a component fewer, once per component, and without what stands in a zone, once per zone. A component whose only
//! replica goes is lost altogether, which no objective survives. A kind without replicas of its own (a queue, a function, a
//! balancer) has none to lose. A database's read replicas stand in other zones than its primary, one of them takes over.
//!
//! An autoscaled component loses one of those it runs at that load, and has to do with the rest: the loss is felt until a
//! replacement was decided on and has started.

use crate::model::{Goal, Kind, Station, StationId, System};
use crate::solve::Answer;

/// Something that is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// One replica of a component.
    Replica(StationId),
    /// A zone.
    Zone(usize),
}

/// Replicas by component before a loss, as in [`replicas`]: of an autoscaled one those it settles at by the answer, else as stated.
#[must_use]
pub fn running(system: &System, answer: &Answer) -> Vec<Option<u32>> {
    let settled = system.stations.iter().zip(&answer.stations);
    settled.map(|(s, at)| replicas(s).map(|own| if s.autoscale.is_some() { at.replicas } else { own })).collect()
}

/// Replicas of its own that a component can lose, as stated; `None` for kinds without.
#[must_use]
pub fn replicas(station: &Station) -> Option<u32> {
    match &station.kind {
        Kind::Service { .. } => Some(station.replicas),
        Kind::Cache { nodes, .. } => Some(*nodes),
        // A replica takes over for a lost node of its shard.
        Kind::Database(node) => Some(1 + node.read_replicas),
        _ => None,
    }
}

/// Whether a component that stands in a zone is lost altogether with it: all but a database with read replicas.
fn falls_with_its_zone(station: &Station) -> bool {
    replicas(station).is_some_and(|n| n <= 1 || !matches!(station.kind, Kind::Database(_)))
}

/// Whether an objective about losses is missed without asking any engine, because a component would be lost altogether;
/// `running` is [`running`]'s.
#[must_use]
pub fn is_fatal(system: &System, goal: Goal, running: &[Option<u32>]) -> bool {
    match goal {
        Goal::SurviveReplica => running.iter().flatten().any(|&n| n <= 1),
        Goal::SurviveZone => system.stations.iter().any(|s| s.zone.is_some() && falls_with_its_zone(s)),
        _ => false,
    }
}

/// All losses that an objective is about; none for one about anything else.
#[must_use]
pub fn losses(system: &System, goal: Goal) -> Vec<Lost> {
    match goal {
        Goal::SurviveReplica => {
            let own = |&at: &StationId| replicas(&system.stations[at]).is_some();
            (0..system.stations.len()).filter(own).map(Lost::Replica).collect()
        }
        Goal::SurviveZone => (0..system.zones.len()).map(Lost::Zone).collect(),
        _ => Vec::new(),
    }
}

/// The system after a loss that is not fatal; `running` is [`running`]'s.
#[must_use]
pub fn without(system: &System, lost: Lost, running: &[Option<u32>]) -> System {
    let mut left = system.clone();
    match lost {
        Lost::Replica(station) => {
            let had = running.get(station).copied().flatten().unwrap_or(1);
            lose_one(&mut left.stations[station], had);
        }
        Lost::Zone(zone) => {
            for station in left.stations.iter_mut().filter(|s| s.zone == Some(zone)) {
                if let Kind::Database(node) = &mut station.kind {
                    node.read_replicas = 0;
                }
            }
        }
    }
    left
}

/// One replica fewer than it had; no autoscaler replaces it.
fn lose_one(station: &mut Station, had: u32) {
    let rest = had.saturating_sub(1).max(1);
    match &mut station.kind {
        Kind::Cache { nodes, .. } => *nodes = rest,
        Kind::Database(node) => node.read_replicas = node.read_replicas.saturating_sub(1),
        _ => station.replicas = rest,
    }
    station.autoscale = None;
}
