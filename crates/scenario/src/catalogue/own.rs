//! Fields of what components have of their own: times, caches, contention, limits, scaling.

use super::{Field, Preset, Range, Shape, Type, Unit, prose};

const TIME: Type = Type::Quantity(Range::TIME);
const RATIO: Type = Type::Quantity(Range::RATIO);
const MACHINES: Type = Type::Count(Range::MACHINES);

/// An own time.
pub static SERVICE_TIME: Shape = Shape {
    name: "ServiceTime",
    about: prose(
        "Own time of one visit: by mean and variation, by percentiles (lognormal), or by points of the distribution.",
    ),
    exactly_one: false,
    fields: &[
        Field::new(
            "dist",
            "Family",
            Type::Choice(&[
                ("lognormal", prose("Lognormal.")),
                ("gamma", prose("Gamma.")),
                ("exponential", prose("Exponential.")),
                ("deterministic", prose("Always the same.")),
                ("hyperexponential", prose("Two exponential phases with balanced means; cv above 1.")),
                ("empirical", prose("By points.")),
            ]),
            "Family of the distribution.",
        )
        .default(Preset::Told("by cv: 0 deterministic, below 1 gamma, 1 exponential, above 1 hyperexponential")),
        Field::new("mean_ms", "Mean", TIME, "Mean own time.").unit(Unit::Milliseconds),
        Field::new(
            "cv",
            "Variation",
            Type::Quantity(Range::VARIATION),
            "Coefficient of variation: standard deviation over mean.",
        )
        .default(Preset::Number(1.0)),
        Field::new("p50_ms", "Median", Type::Quantity(Range::POSITIVE), "Median; with p95_ms or p99_ms a lognormal.")
            .unit(Unit::Milliseconds),
        Field::new("p95_ms", "p95", Type::Quantity(Range::POSITIVE), "95th percentile.").unit(Unit::Milliseconds),
        Field::new("p99_ms", "p99", Type::Quantity(Range::POSITIVE), "99th percentile.").unit(Unit::Milliseconds),
        Field::new(
            "points",
            "Points",
            Type::List(&Type::Tuple(&[Type::Number(Range::TIME), Type::Number(Range::RATIO)]), 10_000),
            "[milliseconds, cumulative probability], ascending, the last probability 1; linear between.",
        ),
    ],
};

/// Keys of a cache.
pub static CACHE_KEYS: Shape = Shape {
    name: "CacheKeys",
    about: prose("Keys and capacity from which the hit ratio follows."),
    exactly_one: false,
    fields: &[
        Field::new("keys", "Keys", Type::Count(Range::POPULATION), "Distinct keys that are asked for.").required(),
        Field::new(
            "zipf",
            "Skew",
            Type::Quantity(Range::from_to(0.0, 10.0)),
            "Zipf exponent of their popularity; 0 is even.",
        )
        .default(Preset::Number(0.0)),
        Field::new("capacity_items", "Capacity", Type::Count(Range::POPULATION), "Items that fit.").required(),
        Field::new("ttl_s", "Time to live", Type::Quantity(Range::POSITIVE), "Life of an entry.")
            .unit(Unit::Seconds)
            .limit(),
        Field::new(
            "eviction",
            "Eviction",
            Type::Choice(&[
                ("lru", prose("The least recently used.")),
                ("lfu", prose("The least frequently used.")),
                ("fifo", prose("The oldest.")),
                ("random", prose("Any.")),
            ]),
            "What a full cache throws out.",
        )
        .default(Preset::Word("lru")),
    ],
};

/// Universal Scalability Law.
pub static USL: Shape = Shape {
    name: "Usl",
    about: prose("Universal Scalability Law: n queries progress at n / (1 + contention (n-1) + coherency n (n-1))."),
    exactly_one: false,
    fields: &[
        Field::new("contention", "Contention", RATIO, "Serial share.").required(),
        Field::new("coherency", "Coherency", RATIO, "Cost of keeping each other coherent.")
            .default(Preset::Number(0.0)),
    ],
};

/// Provisioned throughput.
pub static REQUEST_UNITS: Shape = Shape {
    name: "RequestUnits",
    about: prose("Provisioned throughput of a database."),
    exactly_one: false,
    fields: &[
        Field::new("read", "Reads", Type::Quantity(Range::RATE), "Reads a second.").required().unit(Unit::PerSecond),
        Field::new("write", "Writes", Type::Quantity(Range::RATE), "Writes a second.").required().unit(Unit::PerSecond),
    ],
};

/// Autoscaling.
pub static AUTOSCALE: Shape = Shape {
    name: "Autoscale",
    about: prose(
        "As Kubernetes' Horizontal Pod Autoscaler: desired = ceil(current x metric / target) outside the tolerance.",
    ),
    exactly_one: false,
    fields: &[
        Field::new("min", "Least", MACHINES, "Least replicas.").required(),
        Field::new("max", "Most", MACHINES, "Most replicas.").required(),
        Field::new(
            "metric",
            "Metric",
            Type::Choice(&[
                ("cpu", prose("Busy cores over cores.")),
                ("slots", prose("Held slots over slots.")),
                ("queue_length_per_replica", prose("Waiting requests, or messages of the feeding queue, per replica.")),
            ]),
            "What is watched.",
        )
        .default(Preset::Word("cpu")),
        Field::new("target", "Target", Type::Quantity(Range::POSITIVE), "Wanted value of the metric.")
            .default(Preset::Number(0.7)),
        Field::new("tolerance", "Tolerance", RATIO, "Relative distance from the target that causes no action.")
            .unit(Unit::Ratio)
            .default(Preset::Number(0.1)),
        Field::new("interval_s", "Interval", Type::Quantity(Range::TICK), "Time between decisions.")
            .unit(Unit::Seconds)
            .default(Preset::Number(15.0)),
        Field::new("metric_delay_s", "Metric delay", TIME, "Age of the metric.")
            .unit(Unit::Seconds)
            .default(Preset::Number(30.0)),
        Field::new("startup_s", "Start-up", TIME, "Time from the decision to the first request served; billed.")
            .unit(Unit::Seconds)
            .default(Preset::Number(40.0)),
        Field::new(
            "stabilization_down_s",
            "Stabilization down",
            TIME,
            "Time over which the highest recommendation holds before scaling down.",
        )
        .unit(Unit::Seconds)
        .default(Preset::Number(300.0)),
    ],
};
