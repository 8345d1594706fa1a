//! Kinds of components and the parameters that only they have.

/// What a station is. `docs/model.md` states what each kind means in both engines.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A program whose slot is held for its own time and all its synchronous calls.
    Service {
        /// Slots per replica (threads, workers, tasks).
        concurrency: Option<u32>,
        /// Cores per replica; own time is then CPU work under processor sharing at speed min(n, cores) / n.
        cpu_cores: Option<f64>,
        /// Requests that may wait for a slot per replica, refused beyond.
        queue_limit: Option<u32>,
    },
    /// A function as a service: a slot per request up to the limit, refused beyond.
    Function {
        /// Slots in all.
        concurrency_limit: Option<u32>,
        /// Extra seconds of a cold start.
        cold_start: f64,
        /// Seconds after which an idle instance goes away.
        idle_timeout: f64,
        /// Memory in GB (for GB-second prices).
        memory_gb: f64,
    },
    /// A delay, and the rule by which each callee's replicas are chosen.
    LoadBalancer {
        /// The rule.
        balance: Balance,
    },
    /// Answers hits itself; misses go to its own `When::Miss` calls.
    Cdn {
        /// Share of hits per class.
        hit_ratio: Vec<f64>,
        /// Life of an entry in seconds.
        ttl: Option<f64>,
    },
    /// A cache: hit or miss after its own time.
    Cache {
        /// Where the hit ratio comes from.
        hits: HitRatio,
        /// Slots per node.
        concurrency: Option<u32>,
        /// Nodes.
        nodes: u32,
        /// Whether concurrent misses of one key share one fetch.
        coalesce: bool,
        /// Share of visits that bypass it (always a miss, not stored).
        bypass_ratio: f64,
    },
    /// A database.
    Database(DatabaseNode),
    /// A broker with the messages' consumers; its calls are made per message by a consumer.
    Queue {
        /// Consumers at most one a partition.
        partitions: Option<u32>,
        /// Consumers; `None` leaves it to the partitions and the callee's slots.
        consumers: Option<u32>,
        /// Messages handed to one consumer ahead.
        prefetch: Option<u32>,
        /// Messages kept at most; refused beyond.
        max_length: Option<u64>,
        /// Seconds before a message may be consumed.
        delay: f64,
        /// Deliveries of one message at most.
        max_attempts: u32,
        /// Where messages go after the last attempt.
        dead_letter: Option<super::StationId>,
        /// Share of messages delivered twice.
        duplicate_ratio: f64,
    },
    /// Refuses what is beyond the limit at once.
    RateLimiter {
        /// The algorithm.
        window: LimiterWindow,
        /// Admitted per window.
        limit: f64,
        /// Window in seconds.
        seconds: f64,
        /// Whose requests are counted together.
        scope: LimiterScope,
    },
    /// Someone else's system: pure delay, refused beyond its quota.
    External {
        /// Calls a second.
        rate_limit: Option<f64>,
    },
    /// Object or block storage: delay plus size over throughput.
    Storage {
        /// Megabytes a second.
        throughput_mb_s: Option<f64>,
        /// Gigabytes stored.
        gb: f64,
        /// Growth of what is stored, gigabytes a month.
        gb_growth_per_month: f64,
    },
}

/// How replicas of a callee are chosen.
#[derive(Debug, Clone, PartialEq)]
pub enum Balance {
    /// In turn: one queue per replica.
    RoundRobin,
    /// At random: one queue per replica.
    Random,
    /// The replica with the fewest requests.
    LeastConnections,
    /// The emptier of two random replicas.
    PowerOfTwo,
    /// By hash of the client: the largest replica gets `skew`, the rest evenly.
    IpHash {
        /// Share of the largest replica.
        skew: f64,
    },
    /// Fixed weights over replicas (normalised); or shares over callees on the calls.
    Weighted {
        /// Weight of each replica; empty when the calls carry shares.
        weights: Vec<f64>,
    },
}

/// Where a cache's hit ratio comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum HitRatio {
    /// Given per class.
    Given(Vec<f64>),
    /// Derived from keys and capacity.
    Keys(CacheKeys),
}

/// Key population and capacity of a cache.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CacheKeys {
    /// Distinct keys.
    pub keys: u64,
    /// Zipf exponent of their popularity (0 uniform).
    pub zipf: f64,
    /// Items that fit.
    pub capacity: u64,
    /// Life of an entry in seconds.
    pub ttl: Option<f64>,
    /// What is thrown out.
    pub eviction: Eviction,
}

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

/// A database: nodes = shards x (1 + read replicas), each of `cores` FCFS servers.
#[derive(Debug, Clone, PartialEq)]
pub struct DatabaseNode {
    /// Queries at once per node.
    pub cores: Option<u32>,
    /// Queries in service and waiting per node; refused beyond.
    pub max_connections: Option<u32>,
    /// Read replicas per shard.
    pub read_replicas: u32,
    /// Share of writes per class, where the call does not say.
    pub write_ratio: Vec<f64>,
    /// Shards.
    pub shards: u32,
    /// Share of the hottest shard, the rest even; `None` is even.
    pub hot_shard_share: Option<f64>,
    /// Contention among queries in service.
    pub usl: Option<Usl>,
    /// Provisioned request units a second; throttled beyond.
    pub request_units: Option<RequestUnits>,
    /// Gigabytes stored.
    pub gb: f64,
    /// Growth of what is stored, gigabytes a month.
    pub gb_growth_per_month: f64,
}

/// Universal Scalability Law: n at once progress at n / (1 + contention (n - 1) + coherency n (n - 1)).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usl {
    /// Serial share.
    pub contention: f64,
    /// Cost of keeping each other coherent.
    pub coherency: f64,
}

/// Provisioned throughput of a database, units (= queries) a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RequestUnits {
    /// Reads a second.
    pub read: f64,
    /// Writes a second.
    pub write: f64,
}

/// How a rate limiter counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LimiterWindow {
    /// Tokens refill evenly; at most `burst` saved.
    TokenBucket {
        /// Tokens kept at most.
        burst: f64,
    },
    /// Requests in the last window are counted.
    Sliding,
}

/// Whose requests a limiter counts together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LimiterScope {
    /// Everybody's.
    All,
    /// Each client's, with clients drawn by Zipf.
    Client {
        /// Clients.
        clients: u64,
        /// Zipf exponent of their activity (0 uniform).
        zipf: f64,
    },
}

impl Kind {
    /// The scenario format's name of this kind.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Service { .. } => "service",
            Self::Function { .. } => "function",
            Self::LoadBalancer { .. } => "load_balancer",
            Self::Cdn { .. } => "cdn",
            Self::Cache { .. } => "cache",
            Self::Database(_) => "database",
            Self::Queue { .. } => "queue",
            Self::RateLimiter { .. } => "rate_limiter",
            Self::External { .. } => "external",
            Self::Storage { .. } => "storage",
        }
    }

    /// Megabytes a second that pass, where the kilobytes of a call take time; `None` where they take none.
    #[must_use]
    pub const fn transfer_mb_s(&self) -> Option<f64> {
        match self {
            Self::Storage { throughput_mb_s, .. } => *throughput_mb_s,
            _ => None,
        }
    }

    /// Lets kilobytes pass without taking time.
    pub(crate) fn lift_transfer(&mut self) {
        if let Self::Storage { throughput_mb_s, .. } = self {
            *throughput_mb_s = None;
        }
    }

    /// Gigabytes stored now, and added a month.
    #[must_use]
    pub const fn stored_gb(&self) -> (f64, f64) {
        match self {
            Self::Database(node) => (node.gb, node.gb_growth_per_month),
            Self::Storage { gb, gb_growth_per_month, .. } => (*gb, *gb_growth_per_month),
            _ => (0.0, 0.0),
        }
    }

    /// Whether it has replicas of ours that can be lost; what has none is lost by not being reached.
    #[must_use]
    pub const fn has_own_replicas(&self) -> bool {
        !matches!(self, Self::External { .. } | Self::Cdn { .. } | Self::Storage { .. })
    }

    /// Whether it has a limit beyond which it refuses requests.
    #[must_use]
    pub const fn refuses(&self) -> bool {
        match self {
            Self::RateLimiter { .. } => true,
            Self::Service { queue_limit, .. } => queue_limit.is_some(),
            Self::Function { concurrency_limit, .. } => concurrency_limit.is_some(),
            Self::Database(node) => node.max_connections.is_some() || node.request_units.is_some(),
            Self::External { rate_limit } => rate_limit.is_some(),
            Self::Queue { max_length, .. } => max_length.is_some(),
            _ => false,
        }
    }

    /// Whether it can refuse requests by a limit of its own.
    #[must_use]
    pub const fn can_refuse(&self) -> bool {
        !matches!(self, Self::LoadBalancer { .. } | Self::Cdn { .. } | Self::Cache { .. } | Self::Storage { .. })
    }
}
