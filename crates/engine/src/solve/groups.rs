//! What centers of a closed network stand for: nodes of a station that are alike, and pools.

use super::{nodes, state::VisitState};
use crate::{
    model::{DatabaseNode, Kind, System, Usl},
    queueing::usl,
};

/// What a center stands for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    Node(usize, Group),
    Pool(usize),
}

/// Nodes of a station that are alike.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    pub count: f64,
    pub servers: f64,
    pub usl: Option<Usl>,
    /// Factor on the work: 1 unless one core is slower than one.
    pub slow: f64,
    /// Share of the writes, and of the reads, that each gets.
    writes: f64,
    reads: f64,
}

impl Group {
    const NONE: Self = Self { count: 0.0, servers: 1.0, usl: None, slow: 1.0, writes: 0.0, reads: 0.0 };

    fn whole(servers: f64, slow: f64) -> Self {
        Self { count: 1.0, servers, usl: None, slow, writes: 1.0, reads: 1.0 }
    }

    /// Share of a class's visits that each node gets.
    pub fn share(&self, visit: &VisitState, write_ratio: f64) -> f64 {
        let writes = if visit.offered > 0.0 { (visit.writes / visit.offered).clamp(0.0, 1.0) } else { write_ratio };
        writes * self.writes + (1.0 - writes) * self.reads
    }

    /// Work it can do at once at most.
    pub fn capacity(&self) -> f64 {
        self.usl.map_or(self.servers, |law| usl::speed(&law, self.servers.min(usl::peak(&law).floor().max(1.0))))
    }
}

/// The nodes of a station: shards with primaries and read replicas for a database, all servers together elsewhere; none for a delay.
pub(super) fn groups(system: &System, id: usize, servers: f64, replicas: f64) -> [Group; 4] {
    let one = |group| [group, Group::NONE, Group::NONE, Group::NONE];
    match &system.stations[id].kind {
        Kind::Service { cpu_cores: Some(cores), .. } => {
            let alone = cores.min(1.0);
            one(Group::whole((cores * replicas / alone).max(1.0), 1.0 / alone))
        }
        Kind::Database(node) if node.cores.is_some() || node.usl.is_some() => database_nodes(node),
        Kind::Service { .. } | Kind::Function { .. } | Kind::Cache { .. } if servers.is_finite() => {
            one(Group::whole(servers, 1.0))
        }
        _ => [Group::NONE; 4],
    }
}

fn database_nodes(node: &DatabaseNode) -> [Group; 4] {
    let servers = node.cores.map_or(f64::INFINITY, f64::from);
    let mut groups = [Group::NONE; 4];
    for (group, alike) in groups.iter_mut().zip(nodes::alike(node)) {
        *group = Group {
            count: alike.count(),
            servers,
            usl: node.usl,
            slow: 1.0,
            writes: alike.write_share(),
            reads: alike.read_share(),
        };
    }
    groups
}

/// Whether an open load on these nodes is in the way only where all servers are busy.
pub(super) fn is_shared(group: &Group) -> bool {
    group.usl.is_none() && group.servers > 1.0 && group.servers.is_finite()
}

pub(super) fn write_ratio(system: &System, id: usize, class: usize) -> f64 {
    if let Kind::Database(node) = &system.stations[id].kind { node.write_ratio[class] } else { 0.0 }
}
