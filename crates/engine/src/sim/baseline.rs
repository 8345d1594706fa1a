//! Everything that is counted, at one instant: figures are the differences of two of these.

use super::flow::Core;
use super::group::Areas;
use super::tally::StationTally;

/// All counters and areas at one instant.
#[derive(Debug, Clone, Default)]
pub(crate) struct Baseline {
    pub now: f64,
    pub areas: Vec<Areas>,
    pub arrived: Vec<u64>,
    pub cores: Vec<f64>,
    pub pools: Vec<(f64, f64, u64)>,
    pub stations: Vec<StationTally>,
    pub replicas: Vec<(f64, f64)>,
    pub retries: Vec<u64>,
    pub timeouts: Vec<u64>,
    pub backlog: Vec<f64>,
}

impl Baseline {
    /// All counters now.
    pub(crate) fn take(core: &mut Core) -> Self {
        for cores in &mut core.cores {
            cores.advance(core.now);
        }
        let mut this = Self::default();
        this.fill(core);
        this
    }

    /// No time has passed and nothing happened.
    pub(crate) fn zero(core: &Core) -> Self {
        Self {
            now: 0.0,
            areas: vec![Areas::default(); core.groups.len()],
            arrived: vec![0; core.groups.len()],
            cores: vec![0.0; core.cores.len()],
            pools: vec![(0.0, 0.0, 0); core.pools.len()],
            stations: vec![StationTally::default(); core.stations.len()],
            replicas: vec![(0.0, 0.0); core.stations.len()],
            retries: vec![0; core.stations.len()],
            timeouts: vec![0; core.stations.len()],
            backlog: vec![0.0; core.stations.len()],
        }
    }

    /// Reads the counters; shared processors are exact only where they were advanced to now.
    pub(crate) fn fill(&mut self, core: &Core) {
        *self = Self::zero(core);
        self.now = core.now;
        for (at, group) in core.groups.iter().enumerate() {
            self.areas[at] = group.areas(core.now);
            self.arrived[at] = group.arrived;
        }
        for (at, cores) in core.cores.iter().enumerate() {
            self.cores[at] = cores.area_until(core.now);
        }
        for (at, pool) in core.pools.iter().enumerate() {
            let (held, waited) = pool.areas(core.now);
            self.pools[at] = (held, waited, pool.asked);
        }
        self.stations.clone_from(&core.stations);
        for station in 0..core.stations.len() {
            self.replicas[station] = core.replica_seconds(station);
            if let Some(broker) = &core.messages[station] {
                self.backlog[station] = f64::from(core.groups[broker.group as usize].present);
            }
        }
        for (policy, state) in core.program.policies.iter().zip(&core.policies) {
            self.retries[policy.caller as usize] += state.counts.retries;
            self.timeouts[policy.caller as usize] += state.counts.timeouts;
        }
    }
}
