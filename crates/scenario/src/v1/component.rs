//! Components.

use super::{
    Autoscale, BalancePolicy, Call, HitRatio, LimiterAlgorithm, LimiterPer, Price, Quantity, RequestUnits, Service, Usl,
};
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
