//! What components have of their own: times, caches, contention, limits, scaling.

use super::Quantity;
use crate::record::{Fault, Part, Tree, attempt, record, through_tree, words};
use serde_json::Value;
use std::collections::BTreeMap;

/// Own time: one for all classes, or by class id with `"*"` for the rest.
#[derive(Debug, Clone, PartialEq)]
pub enum Service {
    /// For all.
    All(Box<ServiceTime>),
    /// By class.
    By(BTreeMap<String, ServiceTime>),
}

impl Part for Service {
    fn read(value: &Value, fault: &mut Fault) -> Self {
        // A class may be called like a key of a time: it is one only where everything fits.
        let keys = value.as_object().is_some_and(|map| map.keys().all(|key| ServiceTime::KEYS.contains(&key.as_str())));
        match attempt(value).filter(|_| keys) {
            Some(time) => Self::All(time),
            None => {
                let by = BTreeMap::read(value, fault);
                unknown_keys(value, fault);
                Self::By(by)
            }
        }
    }

    fn tree(&self) -> Tree<'_> {
        match self {
            Self::All(time) => time.tree(),
            Self::By(by) => by.tree(),
        }
    }
}

through_tree!(Service);

/// Faults keys of a class's time that no time has: what is dropped from it would be simulated as something else.
fn unknown_keys(by: &Value, fault: &mut Fault) {
    for (class, time) in by.as_object().into_iter().flatten() {
        let mut keys = time.as_object().into_iter().flatten().map(|(key, _)| key);
        let before = fault.is_none();
        if let Some(key) = keys.find(|key| !ServiceTime::KEYS.contains(&key.as_str())) {
            fault.note(format!("unknown field `{key}`"));
        }
        fault.under(class, before);
    }
}

/// Own time of one visit. `check` makes sure that exactly one way of stating it is used.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ServiceTime {
    /// Family, where not implied.
    pub dist: Option<DistKind>,
    /// Mean.
    pub mean_ms: Option<Quantity>,
    /// Coefficient of variation, default 1.
    pub cv: Option<Quantity>,
    /// Median.
    pub p50_ms: Option<Quantity>,
    /// 95th percentile.
    pub p95_ms: Option<Quantity>,
    /// 99th percentile.
    pub p99_ms: Option<Quantity>,
    /// Empirical distribution: (milliseconds, cumulative probability).
    pub points: Vec<(f64, f64)>,
}

record!(ServiceTime { dist, mean_ms, cv, p50_ms, p95_ms, p99_ms, points });

/// Families of distributions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DistKind {
    /// Lognormal.
    Lognormal,
    /// Gamma.
    Gamma,
    /// Exponential.
    Exponential,
    /// Always the same.
    Deterministic,
    /// Two-phase, balanced means.
    Hyperexponential,
    /// By points.
    Empirical,
}

words! {
    DistKind {
        Lognormal = "lognormal", Gamma = "gamma", Exponential = "exponential", Deterministic = "deterministic",
        Hyperexponential = "hyperexponential", Empirical = "empirical",
    }
}

/// How replicas are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BalancePolicy {
    /// In turn.
    RoundRobin,
    /// At random.
    Random,
    /// Fewest requests.
    LeastConnections,
    /// Emptier of two.
    PowerOfTwo,
    /// By client hash.
    IpHash,
    /// By weight.
    Weighted,
}

words! {
    BalancePolicy {
        RoundRobin = "round_robin", Random = "random", LeastConnections = "least_connections",
        PowerOfTwo = "power_of_two", IpHash = "ip_hash", Weighted = "weighted",
    }
}

/// Who of those in line is served next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discipline {
    /// First come, first served.
    Fifo,
    /// The highest priority.
    Priority,
    /// The highest priority, which also takes the place of a lower one.
    Preemptive,
}

words!(Discipline { Fifo = "fifo", Priority = "priority", Preemptive = "preemptive" });

/// A hit ratio: given (for all or per class), or derived from keys.
#[derive(Debug, Clone, PartialEq)]
pub enum HitRatio {
    /// Given for all classes.
    Ratio(Quantity),
    /// Derived.
    Keys(Box<CacheKeys>),
    /// Given per class.
    By(BTreeMap<String, Quantity>),
}

impl Part for HitRatio {
    fn read(value: &Value, fault: &mut Fault) -> Self {
        if let Some(ratio) = attempt(value) {
            return Self::Ratio(ratio);
        }
        match attempt(value) {
            Some(keys) => Self::Keys(keys),
            None => Self::By(BTreeMap::read(value, fault)),
        }
    }

    fn tree(&self) -> Tree<'_> {
        match self {
            Self::Ratio(ratio) => ratio.tree(),
            Self::Keys(keys) => keys.tree(),
            Self::By(by) => by.tree(),
        }
    }
}

through_tree!(HitRatio);

/// Keys and capacity of a cache.
#[derive(Debug, Clone, PartialEq)]
pub struct CacheKeys {
    /// Distinct keys.
    pub keys: Quantity,
    /// Zipf exponent, default 0.
    pub zipf: Option<Quantity>,
    /// Items that fit.
    pub capacity_items: Quantity,
    /// Life of an entry.
    pub ttl_s: Option<Quantity>,
    /// What is thrown out, default `lru`.
    pub eviction: Option<Eviction>,
}

record!(CacheKeys { keys, zipf, capacity_items, ttl_s, eviction });

/// What a full cache throws out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Eviction {
    /// Least recently used.
    Lru,
    /// Least frequently used.
    Lfu,
    /// First in, first out.
    Fifo,
    /// Any.
    Random,
}

words!(Eviction { Lru = "lru", Lfu = "lfu", Fifo = "fifo", Random = "random" });

/// Universal Scalability Law.
#[derive(Debug, Clone, PartialEq)]
pub struct Usl {
    /// Serial share.
    pub contention: Quantity,
    /// Coherency, default 0.
    pub coherency: Option<Quantity>,
}

record!(Usl { contention, coherency });

/// Provisioned throughput.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestUnits {
    /// Reads a second.
    pub read: Quantity,
    /// Writes a second.
    pub write: Quantity,
}

record!(RequestUnits { read, write });

/// How a limiter counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimiterAlgorithm {
    /// Tokens.
    TokenBucket,
    /// Last window.
    Sliding,
}

words!(LimiterAlgorithm { TokenBucket = "token_bucket", Sliding = "sliding" });

/// Whose requests count together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimiterPer {
    /// Everybody's.
    All,
    /// Each client's.
    Client,
}

words!(LimiterPer { All = "all", Client = "client" });

/// Replica scaling.
#[derive(Debug, Clone, PartialEq)]
pub struct Autoscale {
    /// Least.
    pub min: Quantity,
    /// Most.
    pub max: Quantity,
    /// What is watched, default `cpu`.
    pub metric: Option<AutoscaleMetric>,
    /// Wanted value, default 0.7.
    pub target: Option<Quantity>,
    /// Default 0.1.
    pub tolerance: Option<Quantity>,
    /// Default 15.
    pub interval_s: Option<Quantity>,
    /// Default 30.
    pub metric_delay_s: Option<Quantity>,
    /// Default 40.
    pub startup_s: Option<Quantity>,
    /// Default 300.
    pub stabilization_down_s: Option<Quantity>,
}

record!(Autoscale { min, max, metric, target, tolerance, interval_s, metric_delay_s, startup_s, stabilization_down_s });

/// What an autoscaler watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AutoscaleMetric {
    /// Busy cores.
    Cpu,
    /// Held slots.
    Slots,
    /// Waiting per replica.
    QueueLengthPerReplica,
}

words!(AutoscaleMetric { Cpu = "cpu", Slots = "slots", QueueLengthPerReplica = "queue_length_per_replica" });
