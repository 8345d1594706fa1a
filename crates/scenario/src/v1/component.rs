//! Components, calls, policies and prices.

use super::Quantity;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Kinds of component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComponentKind {
    /// A program with slots.
    Service,
    /// A function as a service.
    Function,
    /// A balancer.
    LoadBalancer,
    /// A content delivery network.
    Cdn,
    /// A cache.
    Cache,
    /// A database.
    Database,
    /// A broker queue with its consumers.
    Queue,
    /// A rate limiter.
    RateLimiter,
    /// Someone else's system.
    External,
    /// Object or block storage.
    Storage,
}

/// A value for all classes, or by class id with `"*"` for the rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PerClass<T> {
    /// For all.
    All(T),
    /// By class.
    By(BTreeMap<String, T>),
}

/// A component. One flat type for all kinds: `check` refuses keys of other kinds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Component {
    /// Identifier: `[a-z0-9-]`, unique.
    pub id: String,
    /// What it is.
    pub kind: ComponentKind,
    /// Shown instead of the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Replicas, default 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<Quantity>,
    /// Own time of one visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// Calls in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<Call>,
    /// Connections per replica by pool name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pools: BTreeMap<String, Quantity>,
    /// Replica scaling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autoscale: Option<Autoscale>,
    /// What it costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// Zone name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Place on the canvas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<(f64, f64)>,
    /// Share of visits that fail after the full service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_ratio: Option<Quantity>,

    /// Slots per replica (service), per node (cache).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<Quantity>,
    /// Cores per replica (service).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_cores: Option<Quantity>,
    /// Waiting requests per replica (service).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue_limit: Option<Quantity>,

    /// Slots in all (function).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency_limit: Option<Quantity>,
    /// Extra time of a cold start (function).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cold_start_ms: Option<Quantity>,
    /// Life of an idle instance (function).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_timeout_s: Option<Quantity>,
    /// Memory (function).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_gb: Option<Quantity>,

    /// How replicas are chosen (load balancer).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<BalancePolicy>,
    /// Largest replica's share (load balancer, `ip_hash`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skew: Option<Quantity>,
    /// Weights over replicas (load balancer, `weighted`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<f64>,

    /// Hit ratio (cache, CDN).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hit_ratio: Option<HitRatio>,
    /// Life of an entry (CDN).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_s: Option<Quantity>,
    /// Nodes (cache).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<Quantity>,
    /// One fetch for concurrent misses of a key (cache).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coalesce: Option<bool>,
    /// Share of visits that bypass (cache).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bypass_ratio: Option<Quantity>,

    /// Queries at once per node (database).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cores: Option<Quantity>,
    /// Connections per node (database).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_connections: Option<Quantity>,
    /// Read replicas (database).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_replicas: Option<Quantity>,
    /// Share of writes (database).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write_ratio: Option<PerClass<Quantity>>,
    /// Shards (database).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shards: Option<Quantity>,
    /// Share of the hottest shard (database).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hot_shard_share: Option<Quantity>,
    /// Contention (database).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usl: Option<Usl>,
    /// Provisioned throughput (database).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_units: Option<RequestUnits>,
    /// Stored GB (database, storage).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gb: Option<Quantity>,
    /// Growth of stored GB (database, storage).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gb_growth_per_month: Option<Quantity>,

    /// Partitions (queue).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partitions: Option<Quantity>,
    /// Consumers (queue).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consumers: Option<Quantity>,
    /// Messages handed out ahead (queue).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefetch: Option<Quantity>,
    /// Messages at most (queue).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<Quantity>,
    /// Delay before consumption (queue).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_s: Option<Quantity>,
    /// Deliveries at most (queue).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_attempts: Option<Quantity>,
    /// Queue of given-up messages (queue).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_letter: Option<String>,
    /// Share delivered twice (queue).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_ratio: Option<Quantity>,

    /// How it counts (rate limiter).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<LimiterAlgorithm>,
    /// Requests per window (rate limiter).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Quantity>,
    /// Window (rate limiter).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_s: Option<Quantity>,
    /// Saved tokens (rate limiter).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst: Option<Quantity>,
    /// Whose requests count together (rate limiter).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<LimiterPer>,
    /// Clients (rate limiter).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clients: Option<Quantity>,
    /// Zipf exponent of client activity (rate limiter).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_zipf: Option<Quantity>,

    /// Calls a second (external).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<Quantity>,
    /// Megabytes a second (storage).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throughput_mb_s: Option<Quantity>,
}

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

/// A call to another component.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Call {
    /// Callee.
    pub to: String,
    /// Calls per visit, default 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_request: Option<Quantity>,
    /// How the caller waits, default `sync`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<CallMode>,
    /// When it is made, default `always`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<CallWhen>,
    /// Only these classes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classes: Option<Vec<String>>,
    /// One round trip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_ms: Option<Quantity>,
    /// Bandwidth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_mbit_s: Option<Quantity>,
    /// Kilobytes moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kb: Option<Quantity>,
    /// Pool of the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// Patience.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<Quantity>,
    /// Calls of the caller on a miss.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on_miss: Vec<Call>,
    /// Repetition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// Breaker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaker: Option<Breaker>,
    /// Bulkhead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_in_flight: Option<Quantity>,
    /// Share under a weighted balancer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Quantity>,
}

/// How a caller waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallMode {
    /// One after another.
    Sync,
    /// At once with its neighbours.
    Parallel,
    /// Not waited for.
    Async,
}

/// When a call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallWhen {
    /// Always.
    Always,
    /// On a hit.
    Hit,
    /// On a miss.
    Miss,
    /// A read.
    Read,
    /// A write.
    Write,
}

/// Repetition of failed attempts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Retry {
    /// Extra attempts.
    pub max: Quantity,
    /// First backoff, default 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backoff_ms: Option<Quantity>,
    /// Relative jitter, default 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jitter: Option<Quantity>,
    /// Share of first attempts that may be retried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_ratio: Option<Quantity>,
}

/// Circuit breaker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Breaker {
    /// Consecutive failures.
    pub failures: Quantity,
    /// Seconds open.
    pub open_s: Quantity,
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

/// What a component costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Price {
    /// Per replica (node) and hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_replica_hour: Option<Quantity>,
    /// Per million visits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_million_requests: Option<Quantity>,
    /// Per stored GB and month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_gb_month: Option<Quantity>,
    /// Stored GB, where the kind has no `gb` of its own (the shop's scenario writes it here).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gb: Option<Quantity>,
    /// Per GB moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_gb_transfer: Option<Quantity>,
    /// Per GB out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub egress_per_gb: Option<Quantity>,
    /// Per request unit and hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_request_unit_hour: Option<Quantity>,
    /// Per GB-second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_gb_second: Option<Quantity>,
    /// Per month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed_monthly: Option<Quantity>,
    /// Price tiers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<Tier>,
    /// Purchase mix.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub purchase: Vec<Purchase>,
}

/// A price tier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tier {
    /// Upper end in visits a month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<f64>,
    /// Per visit.
    pub price: f64,
}

/// One part of a purchase mix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Purchase {
    /// Share of replica hours.
    pub share: f64,
    /// Discount.
    #[serde(default)]
    pub discount: f64,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Interruptions per instance and hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interruptions_per_hour: Option<f64>,
}
