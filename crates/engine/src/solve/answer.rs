//! What the closed form answers. Seconds and per second; unknown or unbounded is `None`, never NaN or infinity.

use crate::model::StationId;

/// The steady state at one growth multiple.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    /// Growth multiple.
    pub multiple: f64,
    /// How the fixed point ended.
    pub convergence: Convergence,
    /// Per class, in the system's order.
    pub classes: Vec<ClassAnswer>,
    /// Per station, in the system's order.
    pub stations: Vec<StationAnswer>,
    /// The resource with the highest load over capacity.
    pub bottleneck: Option<Bottleneck>,
    /// Two stable states exist at this load (retries can hold the system in collapse).
    pub metastable: bool,
}

/// How the fixed point ended.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Convergence {
    /// Whether the residual fell below the tolerance.
    pub converged: bool,
    /// Sweeps done.
    pub iterations: u32,
    /// Largest relative change of the last sweep.
    pub residual: f64,
}

/// One class.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ClassAnswer {
    /// Requests offered per second.
    pub offered: f64,
    /// Requests completed per second, failed ones included.
    pub throughput: f64,
    /// Successful and within the class's latency objectives, per second, none behind a line that grows; without percentiles all
    /// successful ones.
    pub goodput: f64,
    /// Failed share of the completed.
    pub error_ratio: f64,
    /// Whether everything offered gets through; an unstable class has no response time.
    pub stable: bool,
    /// Mean response time of successful requests in seconds.
    pub mean: Option<f64>,
    /// Variance of the response time of successful requests in seconds².
    pub variance: Option<f64>,
    /// (percentile, seconds) ascending: 50, 90, 95, 99, 99.9 and those of the objectives; empty when unstable or not asked for.
    pub percentiles: Vec<(f64, f64)>,
    /// Where the mean goes, per request of the class; sums to the mean for sequential requests.
    pub waterfall: Vec<Share>,
}

impl ClassAnswer {
    /// Seconds at a percentile that was asked for.
    #[must_use]
    pub fn percentile(&self, percentile: f64) -> Option<f64> {
        self.percentiles.iter().find(|(p, _)| (p - percentile).abs() < 1e-9).map(|&(_, seconds)| seconds)
    }
}

/// One part of a request's mean time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// Where.
    pub station: StationId,
    /// On what.
    pub part: Part,
    /// Mean seconds per request of the class.
    pub seconds: f64,
}

/// What a request's time is spent on at a station.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Own work.
    Own,
    /// Waiting for a slot, core or server.
    Queue,
    /// Waiting for a connection of the caller's pool (position in its pools).
    Pool(usize),
    /// On the way from this caller.
    Network,
    /// Waiting between attempts of this caller.
    Backoff,
}

/// One station.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StationAnswer {
    /// Visits served per second.
    pub visits: f64,
    /// Visits offered per second.
    pub offered: f64,
    /// Visits served per second by class.
    pub visits_by_class: Vec<f64>,
    /// Busy share (0 to 1), as the contract defines it per kind; `None` where the kind has none.
    pub utilization: Option<f64>,
    /// Slots held over slots (0 to 1).
    pub slot_utilization: Option<f64>,
    /// Replicas (nodes of a database or cache) at this multiple.
    pub replicas: u32,
    /// Mean requests waiting or in service.
    pub in_system: Option<f64>,
    /// Mean wait per visit.
    pub wait: Option<f64>,
    /// Mean wait and own time per visit.
    pub residence: Option<f64>,
    /// Residence with the synchronous calls below.
    pub hold: Option<f64>,
    /// In the station's order.
    pub pools: Vec<PoolAnswer>,
    /// Hit ratio of a cache or CDN over its visits.
    pub hit_ratio: Option<f64>,
    /// Only queues.
    pub queue: Option<QueueAnswer>,
    /// Refused visits per second, where the kind can refuse.
    pub refused: Option<f64>,
    /// The station's busiest resource and its load over capacity, not capped at 1.
    pub busiest: Option<(Resource, f64)>,
    /// Kilobytes (1000 bytes) a second moved on calls to this station.
    pub kilobytes: f64,
    /// Provisioned or used GB-seconds per second, of a function.
    pub gb_seconds: f64,
    /// Share of the offered visits that pass when a part is saturated; 1 when stable.
    pub passing: f64,
}

/// A connection pool of a caller.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PoolAnswer {
    /// Connections per replica.
    pub size: Option<u32>,
    /// Held share (0 to 1).
    pub utilization: Option<f64>,
    /// Mean wait for a connection; `None` when saturated.
    pub wait: Option<f64>,
}

/// A queue's messages.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct QueueAnswer {
    /// Growth of the backlog, messages per second; 0 when stable.
    pub growth: f64,
    /// Mean waiting messages of a stable queue.
    pub backlog: Option<f64>,
    /// Mean age when a consumer takes the message, seconds.
    pub age: Option<f64>,
    /// Seconds to drain one hour's backlog at multiple 1's load; 0 when nothing piles up, `None` when it never drains.
    pub drain: Option<f64>,
    /// Messages given up per second.
    pub dead_letters: f64,
    /// Consumers that can work at once; `None` is unlimited.
    pub consumers: Option<f64>,
}

/// A limited resource of a station.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// Slots of a service, function or cache.
    Slots,
    /// Cores of a service or database node.
    Cores,
    /// A connection pool of the station as caller (position in its pools).
    Pool(usize),
    /// The hottest shard of a database.
    Shard,
    /// Consumers of a queue.
    Consumers,
    /// A limit on calls.
    Quota,
    /// Provisioned request units.
    Units,
    /// Connections of a database node.
    Connections,
    /// Throughput of a storage.
    Throughput,
}

/// The busiest resource of the system.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bottleneck {
    /// Where.
    pub station: StationId,
    /// What.
    pub resource: Resource,
    /// Offered load over capacity; above 1 when saturated.
    pub load: f64,
}
