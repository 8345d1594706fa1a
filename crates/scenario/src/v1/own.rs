//! What components have of their own: times, caches, contention, limits, scaling.

use super::Quantity;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Own time: one for all classes, or by class id with `"*"` for the rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Service {
    /// For all.
    All(Box<ServiceTime>),
    /// By class.
    By(BTreeMap<String, ServiceTime>),
}

/// Own time of one visit. `check` makes sure that exactly one way of stating it is used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct ServiceTime {
    /// Family, where not implied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dist: Option<DistKind>,
    /// Mean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_ms: Option<Quantity>,
    /// Coefficient of variation, default 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cv: Option<Quantity>,
    /// Median.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p50_ms: Option<Quantity>,
    /// 95th percentile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p95_ms: Option<Quantity>,
    /// 99th percentile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p99_ms: Option<Quantity>,
    /// Empirical distribution: (milliseconds, cumulative probability).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<(f64, f64)>,
}

/// Families of distributions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

/// How replicas are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

/// A hit ratio: given (for all or per class), or derived from keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum HitRatio {
    /// Given for all classes.
    Ratio(Quantity),
    /// Derived.
    Keys(Box<CacheKeys>),
    /// Given per class.
    By(BTreeMap<String, Quantity>),
}

/// Keys and capacity of a cache.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CacheKeys {
    /// Distinct keys.
    pub keys: Quantity,
    /// Zipf exponent, default 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zipf: Option<Quantity>,
    /// Items that fit.
    pub capacity_items: Quantity,
    /// Life of an entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_s: Option<Quantity>,
    /// What is thrown out, default `lru`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eviction: Option<Eviction>,
}

/// What a full cache throws out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

/// Universal Scalability Law.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Usl {
    /// Serial share.
    pub contention: Quantity,
    /// Coherency, default 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coherency: Option<Quantity>,
}

/// Provisioned throughput.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequestUnits {
    /// Reads a second.
    pub read: Quantity,
    /// Writes a second.
    pub write: Quantity,
}

/// How a limiter counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimiterAlgorithm {
    /// Tokens.
    TokenBucket,
    /// Last window.
    Sliding,
}

/// Whose requests count together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimiterPer {
    /// Everybody's.
    All,
    /// Each client's.
    Client,
}

/// Replica scaling.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Autoscale {
    /// Least.
    pub min: Quantity,
    /// Most.
    pub max: Quantity,
    /// What is watched, default `cpu`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<AutoscaleMetric>,
    /// Wanted value, default 0.7.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Quantity>,
    /// Default 0.1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<Quantity>,
    /// Default 15.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval_s: Option<Quantity>,
    /// Default 30.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric_delay_s: Option<Quantity>,
    /// Default 40.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub startup_s: Option<Quantity>,
    /// Default 300.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stabilization_down_s: Option<Quantity>,
}

/// What an autoscaler watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AutoscaleMetric {
    /// Busy cores.
    Cpu,
    /// Held slots.
    Slots,
    /// Waiting per replica.
    QueueLengthPerReplica,
}
