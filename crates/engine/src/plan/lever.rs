//! What may be turned up: numbers of a system that a plan may raise, each over a range of levels from how it stands.

use crate::model::{Balance, Goal, HitRatio, Kind, StationId, System};

/// What a lever moves.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// Replicas of a service.
    Replicas,
    /// Upper bound of an autoscaler; its bill follows what it runs.
    AutoscaleMost,
    /// Lower bound of an autoscaler, up to its upper one: those that run before a replica is lost.
    AutoscaleLeast,
    /// Connections per replica in a pool (position in the station's pools).
    Pool(usize),
    /// Slots per replica of a service whose work has cores of its own.
    Threads,
    /// Consumers of a queue.
    Consumers,
    /// Partitions of a queue.
    Partitions,
    /// Nodes of a cache.
    Nodes,
    /// Items that fit into a cache that knows its keys: doubled level by level, and the price of a node with it.
    Capacity,
    /// Read replicas of each shard.
    ReadReplicas,
    /// Shards of a database.
    Shards,
    /// A larger machine, with its own price; level 1 is the first of the list.
    Machine(Vec<Machine>),
    /// Provisioned reads, a quarter of today's more by level.
    ReadUnits,
    /// Provisioned writes, a quarter of today's more by level.
    WriteUnits,
    /// Slots of a function.
    FunctionLimit,
}

/// A machine that a service or a database node could run on.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// Name of the type; empty for one that is taken in proportion.
    pub name: String,
    /// Cores.
    pub cores: f64,
    /// Price of an hour in the scenario's currency.
    pub per_replica_hour: f64,
}

/// One number that may be raised.
#[derive(Debug, Clone, PartialEq)]
pub struct Lever {
    /// Where.
    pub station: StationId,
    /// What.
    pub what: What,
    /// The number as the system stands.
    pub now: u32,
    /// The highest level; level 0 is the system as it stands.
    pub levels: u32,
}

impl Lever {
    /// The number at a level.
    #[must_use]
    pub fn value(&self, level: u32) -> u32 {
        if level == 0 {
            return self.now;
        }
        match &self.what {
            What::Capacity => self.now.saturating_mul(1_u32.checked_shl(level).unwrap_or(u32::MAX)),
            What::Machine(list) => list.get(level as usize - 1).map_or(self.now, |machine| machine.cores as u32),
            What::ReadUnits | What::WriteUnits => (f64::from(self.now) * (1.0 + 0.25 * f64::from(level))).ceil() as u32,
            _ => self.now.saturating_add(level),
        }
    }

    /// How much of a change a level is, for the choice among plans of one price: the relative growth of the number, weighed by
    /// how deep the change goes.
    #[must_use]
    pub fn effort(&self, level: u32) -> f64 {
        if level == 0 {
            return 0.0;
        }
        let weight = match self.what {
            What::Pool(_) | What::Threads | What::Consumers | What::FunctionLimit | What::AutoscaleMost => 0.25,
            What::Machine(_) | What::Capacity | What::Partitions => 1.5,
            What::Shards => 4.0,
            _ => 1.0,
        };
        0.1 + weight * (f64::from(self.value(level)) / f64::from(self.now.max(1)) - 1.0)
    }

    /// Sets a level in a system; `base` is the system as it stands.
    pub fn set(&self, base: &System, system: &mut System, level: u32) {
        let value = self.value(level);
        if self.what == What::Replicas {
            more_weights(base, system, self.station, value);
        }
        let (before, station) = (&base.stations[self.station], &mut system.stations[self.station]);
        match (&self.what, &mut station.kind) {
            (What::Replicas, _) => station.replicas = value,
            (What::AutoscaleMost, _) => {
                if let Some(autoscale) = &mut station.autoscale {
                    autoscale.max = value;
                }
            }
            (What::AutoscaleLeast, _) => {
                if let Some(autoscale) = &mut station.autoscale {
                    autoscale.min = value;
                }
            }
            (What::Pool(pool), _) => station.pools[*pool].size = Some(value),
            (What::Threads, Kind::Service { concurrency, .. }) => *concurrency = Some(value),
            (What::Consumers, Kind::Queue { consumers, .. }) => *consumers = Some(value),
            (What::Partitions, Kind::Queue { partitions, .. }) => *partitions = Some(value),
            (What::Nodes, Kind::Cache { nodes, .. }) => *nodes = value,
            (What::Capacity, Kind::Cache { hits: HitRatio::Keys(keys), .. }) => {
                keys.capacity = u64::from(value);
                let times = f64::from(value) / f64::from(self.now.max(1));
                station.price.per_replica_hour = before.price.per_replica_hour * times;
            }
            (What::ReadReplicas, Kind::Database(node)) => node.read_replicas = value,
            (What::Shards, Kind::Database(node)) => node.shards = value,
            (What::FunctionLimit, Kind::Function { concurrency_limit, .. }) => *concurrency_limit = Some(value),
            (What::ReadUnits, Kind::Database(node)) => {
                if let Some(units) = &mut node.request_units {
                    units.read = if level == 0 { units_of(before).0 } else { f64::from(value) };
                }
            }
            (What::WriteUnits, Kind::Database(node)) => {
                if let Some(units) = &mut node.request_units {
                    units.write = if level == 0 { units_of(before).1 } else { f64::from(value) };
                }
            }
            (What::Machine(list), kind) => {
                let machine = level.checked_sub(1).and_then(|place| list.get(place as usize));
                station.price.per_replica_hour =
                    machine.map_or(before.price.per_replica_hour, |machine| machine.per_replica_hour);
                match (kind, &before.kind) {
                    (Kind::Database(node), Kind::Database(old)) => {
                        node.cores = machine.map_or(old.cores, |machine| Some(machine.cores as u32));
                    }
                    (Kind::Service { cpu_cores, .. }, Kind::Service { cpu_cores: old, .. }) => {
                        *cpu_cores = machine.map_or(*old, |machine| Some(machine.cores));
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

fn units_of(station: &crate::model::Station) -> (f64, f64) {
    match &station.kind {
        Kind::Database(node) => node.request_units.map_or((0.0, 0.0), |units| (units.read, units.write)),
        _ => (0.0, 0.0),
    }
}

/// New replicas behind a weighted balancer get the mean weight.
fn more_weights(base: &System, system: &mut System, station: StationId, replicas: u32) {
    for (before, caller) in base.stations.iter().zip(&mut system.stations) {
        let (Kind::LoadBalancer { balance: Balance::Weighted { weights: old } }, calls) = (&before.kind, &before.calls)
        else {
            continue;
        };
        let own = old.len() == base.stations[station].replicas as usize;
        if !own || old.is_empty() || !calls.iter().any(|call| call.to == station) {
            continue;
        }
        if let Kind::LoadBalancer { balance: Balance::Weighted { weights } } = &mut caller.kind {
            let mean = old.iter().sum::<f64>() / old.len() as f64;
            weights.clone_from(old);
            weights.resize(replicas as usize, mean);
        }
    }
}

/// Every number of the system that may be raised, up to what `top` times the load can need. Machines are not among them: the
/// system does not know what else there is to run on.
#[must_use]
pub fn levers(system: &System, top: f64) -> Vec<Lever> {
    let mut levers = Vec::new();
    let survives = system.objectives.iter().any(|objective| objective.goal == Goal::SurviveReplica);
    for (station, s) in system.stations.iter().enumerate() {
        let most =
            |now: u32| (f64::from(now.max(1)) * (2.0 * top.max(1.0) - 1.0) + 4.0).clamp(4.0, 20_000.0).ceil() as u32;
        let mut add = |what, now: u32| levers.push(Lever { station, what, now, levels: most(now) });
        match &s.kind {
            Kind::Service { concurrency, cpu_cores, .. } => {
                if let Some(autoscale) = &s.autoscale {
                    add(What::AutoscaleMost, autoscale.max);
                    // Without losses what runs is the target's matter.
                    if survives && autoscale.min < autoscale.max {
                        add(What::AutoscaleLeast, autoscale.min);
                    }
                } else if concurrency.is_some() || cpu_cores.is_some() {
                    add(What::Replicas, s.replicas);
                }
                if let (Some(slots), true) = (concurrency, cpu_cores.is_some()) {
                    add(What::Threads, *slots);
                }
            }
            Kind::Queue { consumers, partitions, .. } => {
                if let Some(consumers) = consumers {
                    add(What::Consumers, *consumers);
                }
                if let Some(partitions) = partitions {
                    add(What::Partitions, *partitions);
                }
            }
            Kind::Function { concurrency_limit: Some(limit), .. } => add(What::FunctionLimit, *limit),
            Kind::Cache { concurrency: Some(_), nodes, .. } => add(What::Nodes, *nodes),
            Kind::Database(node) if node.cores.is_some() || node.usl.is_some() => {
                add(What::ReadReplicas, node.read_replicas);
                add(What::Shards, node.shards);
            }
            _ => {}
        }
        if let Kind::Database(node) = &s.kind
            && let Some(units) = node.request_units
        {
            add(What::ReadUnits, units.read.ceil().clamp(1.0, 1e9) as u32);
            add(What::WriteUnits, units.write.ceil().clamp(1.0, 1e9) as u32);
        }
        for (pool, p) in s.pools.iter().enumerate() {
            if let Some(size) = p.size {
                add(What::Pool(pool), size);
            }
        }
        if let Kind::Cache { hits: HitRatio::Keys(keys), .. } = &s.kind
            && let Ok(capacity) = u32::try_from(keys.capacity)
            && keys.capacity < keys.keys
        {
            let doublings = (1..8).find(|&k| u64::from(capacity.saturating_mul(1 << k)) >= keys.keys).unwrap_or(8);
            levers.push(Lever { station, what: What::Capacity, now: capacity, levels: doublings });
        }
    }
    for lever in &mut levers {
        // A quarter of today's by level: eight times today's at most.
        if matches!(lever.what, What::ReadUnits | What::WriteUnits) {
            lever.levels = ((2.0 * top.max(1.0) - 1.0) * 4.0).clamp(4.0, 4000.0).ceil() as u32;
        }
        if let (What::AutoscaleLeast, Some(autoscale)) = (&lever.what, &system.stations[lever.station].autoscale) {
            lever.levels = autoscale.max - autoscale.min;
        }
    }
    levers
}
