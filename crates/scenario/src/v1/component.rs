//! Components.

use super::{
    Autoscale, BalancePolicy, Call, Discipline, HitRatio, LimiterAlgorithm, LimiterPer, Price, Quantity, RequestUnits,
    Service, Usl,
};
use crate::record::{Fault, Part, Tree, attempt, record, words};
use serde_json::Value;
use std::collections::BTreeMap;

/// Kinds of component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

words! {
    ComponentKind {
        Service = "service", Function = "function", LoadBalancer = "load_balancer", Cdn = "cdn", Cache = "cache",
        Database = "database", Queue = "queue", RateLimiter = "rate_limiter", External = "external", Storage = "storage",
    }
}

/// A value for all classes, or by class id with `"*"` for the rest.
#[derive(Debug, Clone, PartialEq)]
pub enum PerClass<T> {
    /// For all.
    All(T),
    /// By class.
    By(BTreeMap<String, T>),
}

impl<T: Part> Part for PerClass<T> {
    fn read(value: &Value, fault: &mut Fault) -> Self {
        match attempt(value) {
            Some(all) => Self::All(all),
            None => Self::By(BTreeMap::read(value, fault)),
        }
    }

    fn tree(&self) -> Tree<'_> {
        match self {
            Self::All(all) => all.tree(),
            Self::By(by) => by.tree(),
        }
    }
}

/// A component. One flat type for all kinds: `check` refuses keys of other kinds.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// Identifier: `[a-z0-9-]`, unique.
    pub id: String,
    /// What it is.
    pub kind: ComponentKind,
    /// Shown instead of the id.
    pub label: Option<String>,
    /// Replicas, default 1.
    pub replicas: Option<Quantity>,
    /// Own time of one visit.
    pub service: Option<Service>,
    /// Calls in order.
    pub calls: Vec<Call>,
    /// Connections per replica by pool name.
    pub pools: BTreeMap<String, Quantity>,
    /// Replica scaling.
    pub autoscale: Option<Autoscale>,
    /// What it costs.
    pub price: Option<Price>,
    /// Zone name.
    pub zone: Option<String>,
    /// Place on the canvas.
    pub position: Option<(f64, f64)>,
    /// Share of visits that fail after the full service.
    pub failure_ratio: Option<Quantity>,

    /// Slots per replica (service), per node (cache).
    pub concurrency: Option<Quantity>,
    /// Cores per replica (service).
    pub cpu_cores: Option<Quantity>,
    /// Waiting requests per replica (service).
    pub queue_limit: Option<Quantity>,

    /// Order of the line, default `fifo` (service, cache, database, queue).
    pub discipline: Option<Discipline>,

    /// Slots in all (function).
    pub concurrency_limit: Option<Quantity>,
    /// Extra time of a cold start (function).
    pub cold_start_ms: Option<Quantity>,
    /// Life of an idle instance (function).
    pub idle_timeout_s: Option<Quantity>,
    /// Memory (function).
    pub memory_gb: Option<Quantity>,

    /// How replicas are chosen (load balancer).
    pub policy: Option<BalancePolicy>,
    /// Largest replica's share (load balancer, `ip_hash`).
    pub skew: Option<Quantity>,
    /// Weights over replicas (load balancer, `weighted`).
    pub weights: Vec<f64>,

    /// Hit ratio (cache, CDN).
    pub hit_ratio: Option<HitRatio>,
    /// Life of an entry (CDN).
    pub ttl_s: Option<Quantity>,
    /// Nodes (cache).
    pub nodes: Option<Quantity>,
    /// One fetch for concurrent misses of a key (cache).
    pub coalesce: Option<bool>,
    /// Share of visits that bypass (cache).
    pub bypass_ratio: Option<Quantity>,

    /// Queries at once per node (database).
    pub cores: Option<Quantity>,
    /// Connections per node (database).
    pub max_connections: Option<Quantity>,
    /// Read replicas (database).
    pub read_replicas: Option<Quantity>,
    /// Share of writes (database).
    pub write_ratio: Option<PerClass<Quantity>>,
    /// Shards (database).
    pub shards: Option<Quantity>,
    /// Share of the hottest shard (database).
    pub hot_shard_share: Option<Quantity>,
    /// Contention (database).
    pub usl: Option<Usl>,
    /// Provisioned throughput (database).
    pub request_units: Option<RequestUnits>,
    /// Stored GB (database, storage).
    pub gb: Option<Quantity>,
    /// Growth of stored GB (database, storage).
    pub gb_growth_per_month: Option<Quantity>,

    /// Partitions (queue).
    pub partitions: Option<Quantity>,
    /// Consumers (queue).
    pub consumers: Option<Quantity>,
    /// Messages handed out ahead (queue).
    pub prefetch: Option<Quantity>,
    /// Messages at most (queue).
    pub max_length: Option<Quantity>,
    /// Delay before consumption (queue).
    pub delay_s: Option<Quantity>,
    /// Deliveries at most (queue).
    pub max_attempts: Option<Quantity>,
    /// Queue of given-up messages (queue).
    pub dead_letter: Option<String>,
    /// Share delivered twice (queue).
    pub duplicate_ratio: Option<Quantity>,

    /// How it counts (rate limiter).
    pub algorithm: Option<LimiterAlgorithm>,
    /// Requests per window (rate limiter).
    pub limit: Option<Quantity>,
    /// Window (rate limiter).
    pub window_s: Option<Quantity>,
    /// Saved tokens (rate limiter).
    pub burst: Option<Quantity>,
    /// Whose requests count together (rate limiter).
    pub per: Option<LimiterPer>,
    /// Clients (rate limiter).
    pub clients: Option<Quantity>,
    /// Zipf exponent of client activity (rate limiter).
    pub client_zipf: Option<Quantity>,

    /// Calls a second (external).
    pub rate_limit: Option<Quantity>,
    /// Megabytes a second (storage).
    pub throughput_mb_s: Option<Quantity>,
}

record! {
    Component {
        id, kind, label, replicas, service, calls, pools, autoscale, price, zone, position, failure_ratio, concurrency,
        cpu_cores, queue_limit, discipline, concurrency_limit, cold_start_ms, idle_timeout_s, memory_gb, policy, skew, weights,
        hit_ratio, ttl_s, nodes, coalesce, bypass_ratio, cores, max_connections, read_replicas, write_ratio, shards,
        hot_shard_share, usl, request_units, gb, gb_growth_per_month, partitions, consumers, prefetch, max_length,
        delay_s, max_attempts, dead_letter, duplicate_ratio, algorithm, limit, window_s, burst, per, clients, client_zipf,
        rate_limit, throughput_mb_s,
    }
}
