//! What may be turned up: numbers of a system that a plan may raise, each over a range of levels from how it stands.

use crate::model::{Balance, Goal, HitRatio, Kind, StationId, System};
use crate::solve::{Options, Resource, Solver};

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
    /// A larger machine, with its own price; level 1 is the first of the list. Within the list a larger one is dearer; the first may cost
    /// less than today's.
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

    /// The number at a level as the system has it: machines may have parts of a core, and what is stated need not be whole.
    #[must_use]
    pub fn amount(&self, system: &System, level: u32) -> f64 {
        let station = &system.stations[self.station];
        let machine = |list: &[Machine]| Some(list.get(level.checked_sub(1)? as usize)?.cores);
        match (&self.what, level) {
            (What::Machine(list), 1..) => machine(list),
            (What::Machine(_), 0) => match &station.kind {
                Kind::Service { cpu_cores, .. } => *cpu_cores,
                _ => None,
            },
            (What::ReadUnits, 0) => Some(units_of(station).0),
            (What::WriteUnits, 0) => Some(units_of(station).1),
            _ => None,
        }
        .unwrap_or_else(|| f64::from(self.value(level)))
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
        0.1 + weight * (f64::from(self.value(level)) / f64::from(self.now.max(1)) - 1.0).max(0.0)
    }

    /// Whether more of it gives a resource of its station more room.
    #[must_use]
    pub fn widens(&self, resource: Resource) -> bool {
        match resource {
            Resource::Slots => matches!(
                self.what,
                What::Replicas | What::AutoscaleMost | What::Threads | What::Nodes | What::FunctionLimit
            ),
            Resource::Cores => {
                matches!(self.what, What::Replicas | What::AutoscaleMost | What::ReadReplicas | What::Shards)
            }
            Resource::Pool(pool) => self.what == What::Pool(pool),
            Resource::Shard => self.what == What::Shards,
            Resource::Consumers => matches!(self.what, What::Consumers | What::Partitions),
            Resource::Connections => matches!(self.what, What::ReadReplicas | What::Shards),
            Resource::Units => matches!(self.what, What::ReadUnits | What::WriteUnits),
            _ => false,
        }
    }

    /// Whether it is a count of what serves, in which room grows in proportion.
    const fn counts(&self) -> bool {
        !matches!(self.what, What::Capacity | What::Machine(_) | What::AutoscaleLeast)
    }

    /// The levels up to so many times today's number, and a few more.
    fn levels_for(&self, times: f64) -> u32 {
        let levels = match self.what {
            What::ReadUnits | What::WriteUnits => 4.0 * (times - 1.0),
            _ => f64::from(self.now.max(1)) * (times - 1.0) + 4.0,
        };
        levels.clamp(4.0, MOST.into()).ceil() as u32
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

/// The highest count that is looked at: nobody runs more of one thing, and each level is a system to solve.
const MOST: u32 = 20_000;
/// Load up to which a part at its highest has the room that the search takes for granted: half of it stays free.
const ROOMY: f64 = 0.5;
/// Share of its load that a part must lose by more levels, for them to be worth it.
const EASED: f64 = 0.05;
/// Times that the levels of one part are doubled to see whether it loses load.
const TRIED: usize = 4;
/// Times that a range is widened at most.
const WIDENED: usize = 24;
/// Stations looked at by themselves at most.
const ALONE: usize = 64;
/// Load from which on a part is full.
const FULL: f64 = 0.99;

/// Each station's busiest resource and its load over capacity.
type Busiest = Vec<Option<(Resource, f64)>>;

/// Widens ranges until the load at `top` times today's fits with room to spare. [`levers`] takes it that today's load fits; where it
/// does not, the need is beyond what it foresees.
pub fn widen(solver: &mut Solver, system: &System, levers: &mut [Lever], top: f64) {
    let options = Options { percentiles: false, ..Options::default() };
    let fits = solver.solve(system, 1.0, &options).bottleneck.is_none_or(|part| part.load < FULL);
    let mut work = system.clone();
    // What each station's busiest part is asked for, with every number at its highest but those of a station that stays as it is.
    let mut loads = |levers: &[Lever], stays: Option<StationId>| -> Busiest {
        for lever in levers {
            lever.set(system, &mut work, if stays == Some(lever.station) { 0 } else { lever.levels });
        }
        solver.solve(&work, top, &options).stations.iter().map(|station| station.busiest).collect()
    };
    let widened = all_at_once(system, levers, &mut |levers| loads(levers, None));
    if fits && !widened {
        return;
    }
    let mut stations: Vec<StationId> =
        levers.iter().filter(|lever| lever.counts()).map(|lever| lever.station).collect();
    stations.dedup();
    for station in stations.into_iter().take(ALONE) {
        let Some((_, load)) = loads(levers, Some(station))[station] else { continue };
        for lever in levers.iter_mut().filter(|lever| lever.station == station && lever.counts()) {
            lever.levels = lever.levels.max(lever.levels_for(2.0 * load.max(1.0)));
        }
        // How far a full pool is over its end is not known: it alone may have to do what it does on more replicas.
        let replicas =
            levers.iter().find(|l| l.station == station && matches!(l.what, What::Replicas | What::AutoscaleMost));
        let more = replicas.map_or(1.0, |l| f64::from(l.value(l.levels)) / f64::from(l.now.max(1)));
        for pool in levers.iter_mut().filter(|l| l.station == station && matches!(l.what, What::Pool(_))) {
            let times = f64::from(pool.value(pool.levels)) / f64::from(pool.now.max(1));
            pool.levels = pool.levels.max(pool.levels_for(times * more));
        }
    }
}

/// Widens until all numbers at their highest have room together, and says whether it did. The busiest part first: what stands behind
/// it is offered more with it.
fn all_at_once(system: &System, levers: &mut [Lever], loads: &mut dyn FnMut(&[Lever]) -> Busiest) -> bool {
    let mut widened = false;
    let mut now = loads(levers);
    let mut settled: Vec<(StationId, Resource)> = Vec::new();
    for _ in 0..WIDENED {
        let tight = |(station, busiest): (StationId, &Option<(Resource, f64)>)| {
            let (resource, load) = (*busiest)?;
            // An autoscaler runs what its target asks for, up to its most.
            let roomy = if system.stations[station].autoscale.is_some() { 1.0 } else { ROOMY };
            let more = |lever: &Lever| lever.station == station && lever.widens(resource) && lever.levels < MOST;
            let open = load > roomy && !settled.contains(&(station, resource)) && levers.iter().any(more);
            open.then_some((station, resource, load))
        };
        let most = |a: &(StationId, Resource, f64), b: &(StationId, Resource, f64)| a.2.total_cmp(&b.2);
        let Some((station, resource, load)) = now.iter().enumerate().filter_map(tight).max_by(most) else { break };
        let before = levers.to_vec();
        let mut eased = None;
        // What refuses is as busy with twice as much, and with four times, until it no longer has to refuse.
        for _ in 0..TRIED {
            for lever in levers.iter_mut().filter(|lever| lever.station == station && lever.widens(resource)) {
                lever.levels = lever.levels.saturating_mul(2).min(MOST.max(lever.levels));
            }
            let then = loads(levers);
            if then[station].is_none_or(|(next, after)| next != resource || after < (1.0 - EASED) * load) {
                eased = Some(then);
                break;
            }
        }
        if let Some(then) = eased {
            (now, widened) = (then, true);
        } else {
            settled.push((station, resource));
            levers.clone_from_slice(&before);
        }
    }
    widened
}

/// Every number of the system that may be raised, up to what `top` times the load can need where today's fits ([`widen`] where it
/// does not). Machines are not among them: the system does not know what else there is to run on.
#[must_use]
pub fn levers(system: &System, top: f64) -> Vec<Lever> {
    let mut levers = Vec::new();
    let survives = system.objectives.iter().any(|objective| objective.goal == Goal::SurviveReplica);
    for (station, s) in system.stations.iter().enumerate() {
        let mut add = |what, now: u32| {
            let lever = Lever { station, what, now, levels: 0 };
            let levels = lever.levels_for(2.0 * top.max(1.0));
            levers.push(Lever { levels, ..lever });
        };
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
        if let (What::AutoscaleLeast, Some(autoscale)) = (&lever.what, &system.stations[lever.station].autoscale) {
            lever.levels = autoscale.max - autoscale.min;
        }
    }
    levers
}
