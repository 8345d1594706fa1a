//! Which server groups a system has: how many per station, how large, and how callers choose among them.

use super::cores::{Cores, Speed};
use super::group::Group;
use super::lanes::Lanes;
use super::visit::NONE;
use crate::model::{Balance, Discipline, Kind, Mode, Station, StationId, System};

/// A station's place among the groups, and what scales with its replicas.
#[derive(Debug, Clone)]
pub(crate) struct StationLayout {
    /// First group.
    pub first: u32,
    /// Groups of visits.
    pub groups: u32,
    /// Groups of messages that come right after: a queue's store, then its consumers where each has a line of its own.
    pub lines: u32,
    /// Whether all replicas are one pooled group.
    pub pooled: bool,
    /// Replicas at the start.
    pub replicas: u32,
    /// Most replicas it may get.
    pub most: u32,
    /// Slots per replica.
    pub slots: Option<u32>,
    /// Cores per replica.
    pub cores: Option<f64>,
    /// Waiting room per replica.
    pub queue_limit: Option<u32>,
    /// Consumers at work at most (queues), as things stand.
    pub consumers: Option<u32>,
    /// Consumers and partitions alone, and the services whose slots limit them further.
    pub given: Option<u32>,
    pub fed: Vec<StationId>,
    /// Pools of the model per group.
    pub pools: u32,
    /// First pool; groups x pools of the model, group by group.
    pub first_pool: u32,
}

impl StationLayout {
    /// A queue's groups of messages.
    pub(crate) fn message_lines(&self) -> core::ops::Range<usize> {
        let first = (self.first + self.groups) as usize;
        first..first + self.lines as usize
    }
}

/// All stations' places.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    /// By station.
    pub stations: Vec<StationLayout>,
    /// Groups.
    pub groups: Vec<Group>,
    /// Shared processors.
    pub cores: Vec<Cores>,
    /// Connections of each pool; `u32::MAX` is unlimited.
    pub pool_sizes: Vec<u32>,
}

/// Whether the station's slots are held for own time only, and own time passes in the slot.
pub(crate) fn is_bare(station: &Station) -> bool {
    match &station.kind {
        Kind::Service { cpu_cores, .. } => cpu_cores.is_none() && station.calls.is_empty(),
        Kind::Function { .. } => station.calls.is_empty(),
        Kind::Database(node) => node.usl.is_none(),
        _ => true,
    }
}

/// Whether visits stay beyond their slot, in calls made without one.
pub(crate) fn lingers(station: &Station) -> bool {
    !matches!(station.kind, Kind::Service { .. } | Kind::Function { .. } | Kind::Queue { .. })
        && !station.calls.is_empty()
}

/// Product of a per-replica limit and a number of replicas, saturating at unlimited.
pub(crate) fn times(per_replica: Option<u32>, replicas: u32) -> u32 {
    per_replica.map_or(u32::MAX, |n| n.saturating_mul(replicas))
}

impl Layout {
    /// Lays out the groups of a system.
    pub(crate) fn new(system: &System) -> Self {
        let balanced = balanced_callees(system);
        let orders = system.disciplines();
        let mut layout = Self::default();
        for (id, station) in system.stations.iter().enumerate() {
            layout.add(system, id, balanced[id]);
            let place = &layout.stations[id];
            let range = place.first as usize..(place.first + place.groups) as usize;
            for group in &mut layout.groups[range] {
                (group.leaf, group.brief) = (is_bare(station), !lingers(station));
            }
            if orders[id] != Discipline::Fifo {
                // A queue's line is that of its store.
                let lines = match &station.kind {
                    Kind::Queue { .. } => place.first + 1..place.first + 2,
                    _ => place.first..place.first + place.groups,
                };
                let levels = (0..system.classes.len()).map(|class| system.level(class) + 1).max().unwrap_or(1);
                for group in &mut layout.groups[lines.start as usize..lines.end as usize] {
                    group.lanes = Some(Box::new(Lanes::new(levels)));
                }
            }
            let shared = if place.pooled { place.replicas } else { 1 };
            for _ in 0..place.groups {
                layout.pool_sizes.extend(station.pools.iter().map(|p| times(p.size, shared)));
            }
        }
        layout
    }

    /// Adds one station.
    fn add(&mut self, system: &System, id: StationId, balanced: bool) {
        let station = &system.stations[id];
        let most = station.autoscale.map_or(station.replicas, |a| a.max.max(station.replicas));
        let mut place = StationLayout {
            first: self.groups.len() as u32,
            groups: 1,
            lines: 0,
            pooled: true,
            replicas: station.replicas,
            most,
            slots: None,
            cores: None,
            queue_limit: None,
            consumers: None,
            given: None,
            fed: Vec::new(),
            pools: station.pools.len() as u32,
            first_pool: self.pool_sizes.len() as u32,
        };
        let own = id as u16;
        match &station.kind {
            Kind::Service { concurrency, cpu_cores, queue_limit } => {
                (place.slots, place.cores, place.queue_limit) = (*concurrency, *cpu_cores, *queue_limit);
                if balanced && most > 1 {
                    (place.pooled, place.groups) = (false, most);
                }
                let share = if place.pooled { station.replicas } else { 1 };
                for replica in 0..place.groups {
                    let cores = cpu_cores.map_or(NONE, |c| self.share(Speed::shared(c, share)));
                    let mut group = Group::new(own, times(*concurrency, share), times(*queue_limit, share), cores);
                    group.up = place.pooled || replica < station.replicas;
                    self.groups.push(group);
                }
            }
            Kind::Function { concurrency_limit, .. } => {
                place.slots = *concurrency_limit;
                self.groups.push(Group::new(own, times(*concurrency_limit, 1), 0, NONE));
            }
            Kind::Cache { concurrency, nodes, .. } => {
                place.slots = *concurrency;
                (place.replicas, place.most) = (*nodes, *nodes);
                self.groups.push(Group::new(own, times(*concurrency, *nodes), u32::MAX, NONE));
            }
            Kind::Database(node) => {
                place.groups = node.shards * (1 + node.read_replicas);
                (place.pooled, place.replicas, place.most) = (false, place.groups, place.groups);
                let most = node.max_connections.unwrap_or(u32::MAX);
                let capacity = node.cores.unwrap_or(u32::MAX).min(most);
                let limit = node.max_connections.map_or(u32::MAX, |m| m - capacity);
                place.slots = (capacity < u32::MAX).then_some(capacity);
                for _ in 0..place.groups {
                    let cores = node.usl.map_or(NONE, |u| self.share(Speed::Contended(u)));
                    self.groups.push(Group::new(own, capacity, limit, cores));
                }
            }
            Kind::Queue { partitions, consumers, prefetch, .. } => {
                place.given = [*partitions, *consumers].into_iter().flatten().min();
                place.fed = limiting(system, id);
                let slots = |most: bool| place.fed.iter().filter_map(|&s| slots(&system.stations[s], most)).min();
                let usable = place.given.into_iter().chain(slots(false)).min();
                place.consumers = usable;
                let ever = place.given.into_iter().chain(slots(true)).min();
                self.groups.push(Group::new(own, u32::MAX, u32::MAX, NONE));
                let ahead = prefetch.unwrap_or(1).max(1);
                // With messages handed out ahead each consumer has a line of its own, and the store serves nobody itself.
                let lines = ever.filter(|_| ahead > 1).unwrap_or(0);
                let capacity = if lines > 0 { 0 } else { usable.unwrap_or(u32::MAX) };
                let mut store = Group::new(own, capacity, u32::MAX, NONE);
                // Present are the messages that no consumer took yet.
                store.brief = false;
                self.groups.push(store);
                self.groups.extend((0..lines).map(|n| {
                    let mut hand = Group::new(own, 1, ahead - 1, NONE);
                    hand.up = usable.is_none_or(|most| n < most);
                    hand
                }));
                place.lines = 1 + lines;
            }
            _ => self.groups.push(Group::new(own, u32::MAX, u32::MAX, NONE)),
        }
        self.stations.push(place);
    }

    /// Adds a shared processor and names it.
    fn share(&mut self, speed: Speed) -> u32 {
        self.cores.push(Cores::new(speed));
        self.cores.len() as u32 - 1
    }
}

/// How many lines each station gets: replicas behind a balancer, nodes of a database, consumers that take messages ahead.
pub(crate) fn lines(system: &System) -> Vec<u64> {
    let balanced = balanced_callees(system);
    let of = |(id, station): (StationId, &Station)| match &station.kind {
        Kind::Service { .. } if balanced[id] => {
            u64::from(station.autoscale.map_or(station.replicas, |a| a.max.max(station.replicas)))
        }
        Kind::Database(node) => u64::from(node.shards) * (1 + u64::from(node.read_replicas)),
        Kind::Queue { partitions, consumers, prefetch: Some(2..), .. } => {
            let given = [*partitions, *consumers].into_iter().flatten();
            let fed = limiting(system, id).into_iter().filter_map(|s| slots(&system.stations[s], true));
            u64::from(given.chain(fed).min().unwrap_or(0))
        }
        _ => 1,
    };
    system.stations.iter().enumerate().map(of).collect()
}

/// Stations that some balancer calls: one queue per replica.
fn balanced_callees(system: &System) -> Vec<bool> {
    let mut balanced = vec![false; system.stations.len()];
    for station in &system.stations {
        let by_replica = match &station.kind {
            Kind::LoadBalancer { balance: Balance::Weighted { weights } } => !weights.is_empty(),
            Kind::LoadBalancer { .. } => true,
            _ => false,
        };
        for call in station.calls.iter().filter(|_| by_replica) {
            balanced[call.to] = true;
        }
    }
    balanced
}

/// The services whose slots limit a queue's consumers: those beyond would only wait there.
fn limiting(system: &System, queue: StationId) -> Vec<StationId> {
    let calls = system.stations[queue].calls.iter().filter(|c| c.mode != Mode::Async);
    calls.map(|call| call.to).filter(|&to| slots(&system.stations[to], false).is_some()).collect()
}

/// Slots of a service, with the most replicas it may get or those at the start.
fn slots(station: &Station, most: bool) -> Option<u32> {
    let ever = station.autoscale.map_or(station.replicas, |a| a.max.max(station.replicas));
    match station.kind {
        Kind::Service { concurrency: Some(slots), .. } => {
            Some(slots.saturating_mul(if most { ever } else { station.replicas }))
        }
        _ => None,
    }
}
