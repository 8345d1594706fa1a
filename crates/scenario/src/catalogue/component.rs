//! Fields of components: first what all kinds have, then what only some have.

use super::kind::{KIND_WORDS, KindEntry};
use super::{
    AUTOSCALE, CACHE_KEYS, CALL, Field, Looks, PRICE, Preset, REQUEST_UNITS, Range, SERVICE_TIME, Shape, Target, Type,
    USL, Unit, prose,
};
use crate::v1::ComponentKind::{
    Cache, Cdn, Database, External, Function, LoadBalancer, Queue, RateLimiter, Service, Storage,
};

/// The kinds of component, in the order of [`crate::v1::ComponentKind`].
pub static KINDS: [KindEntry; 10] = [
    KindEntry {
        kind: Service,
        name: "service",
        about: prose("A program: a slot is held for the own time and for every synchronous call, waits included."),
        called: &[],
        billed: &[
            "compute",
            "ec2",
            "amazonec2",
            "kubernete",
            "container",
            "ecs",
            "amazonec",
            "amazoneks",
            "eks",
            "fargate",
            "machine",
            "instance",
        ],
    },
    KindEntry {
        kind: Function,
        name: "function",
        about: prose("A function as a service: a slot per request up to the limit, then refused; cold starts."),
        called: &["lambda", "function"],
        billed: &["lambda", "awslambda", "function"],
    },
    KindEntry {
        kind: LoadBalancer,
        name: "load_balancer",
        about: prose("A delay, and the rule by which each callee's replicas are chosen."),
        called: &["lb", "balancer", "haproxy", "nginx"],
        billed: &[],
    },
    KindEntry {
        kind: Cdn,
        name: "cdn",
        about: prose("A content delivery network: a hit is answered here, a miss goes to its calls with when: miss."),
        called: &["cdn", "edge"],
        billed: &["cloudfront", "amazoncloudfront", "cdn"],
    },
    KindEntry {
        kind: Cache,
        name: "cache",
        about: prose("A cache: hit or miss after its own time."),
        called: &["cache", "redi", "redis", "memcached", "valkey"],
        billed: &["elasticache", "amazonelasticache", "redi", "redis", "memorystore", "memorydb", "valkey", "cache"],
    },
    KindEntry {
        kind: Database,
        name: "database",
        about: prose("Nodes = shards x (1 + read replicas), each of cores first-come-first-served servers."),
        called: &[
            "db",
            "database",
            "pg",
            "postgre",
            "postgresql",
            "mysql",
            "maria",
            "mongo",
            "mongodb",
            "sql",
            "query",
            "dynamo",
            "dynamodb",
        ],
        billed: &[
            "relational",
            "rds",
            "amazonrd",
            "aurora",
            "dynamodb",
            "amazondynamodb",
            "sql",
            "cosmo",
            "documentdb",
            "spanner",
            "database",
            "db",
            "postgresql",
            "postgre",
            "mysql",
            "mariadb",
            "mongodb",
            "firestore",
            "bigtable",
        ],
    },
    KindEntry {
        kind: Queue,
        name: "queue",
        about: prose("A broker queue; its calls are made per message by a consumer, who holds it until they answer."),
        called: &["queue", "rabbitmq", "rabbit", "amqp", "kafka", "sqs", "broker", "lavinmq"],
        billed: &[
            "mq",
            "amazonmq",
            "sqs",
            "awsqueueservice",
            "queue",
            "kafka",
            "msk",
            "amazonmsk",
            "pub",
            "bus",
            "rabbitmq",
        ],
    },
    KindEntry {
        kind: RateLimiter,
        name: "rate_limiter",
        about: prose("Refuses at once (429) what is beyond the limit."),
        called: &[],
        billed: &[],
    },
    KindEntry {
        kind: External,
        name: "external",
        about: prose("Someone else's system: a pure delay, refused beyond its quota."),
        called: &[],
        billed: &[],
    },
    KindEntry {
        kind: Storage,
        name: "storage",
        about: prose("Object or block storage: a delay plus size over throughput."),
        called: &["storage", "s3", "bucket", "disk"],
        billed: &["s3", "amazons3", "storage"],
    },
];

const TIME: Type = Type::Quantity(Range::TIME);
const RATIO: Type = Type::Quantity(Range::RATIO);
const MANY: Type = Type::Count(Range::ONE_OR_MORE);
const MACHINES: Type = Type::Count(Range::MACHINES);

/// A component.
pub static COMPONENT: Shape = Shape {
    name: "Component",
    about: prose("A part of the system: its replicas, its own work, and the calls it makes."),
    exactly_one: false,
    fields: &[
        Field::new("id", "Id", Type::Id, "Name of the component; calls and objectives refer to it.").required(),
        Field::new("kind", "Kind", Type::Choice(&KIND_WORDS), "What it is.").required(),
        Field::new("label", "Label", Type::Text(200), "Shown instead of the id.").default(Preset::Told("the id")),
        Field::new("replicas", "Replicas", MACHINES, "Copies of the deployment. A cache's are its nodes.")
            .default(Preset::Told("1, or the autoscaler's least"))
            .only(&[Service, Function, LoadBalancer, Cdn, Cache, Queue, RateLimiter, External, Storage]),
        Field::new(
            "service",
            "Own time",
            Type::PerClass(&Type::Object(&SERVICE_TIME)),
            "Own time of one visit, without any waiting and without its calls; for all classes, or by class id with * for the rest.",
        )
        .default(Preset::Told("no time")),
        Field::new(
            "calls",
            "Calls",
            Type::List(&Type::Object(&CALL), 10_000),
            "Calls it makes after its own time, in order.",
        ),
        Field::new(
            "pools",
            "Pools",
            Type::Map(Target::Name, &MANY),
            "Connection pools by name, each with its connections per replica; calls refer to them.",
        ),
        Field::new("autoscale", "Autoscaling", Type::Object(&AUTOSCALE), "Scales the replicas.").default(Preset::Told("none")),
        Field::new("price", "Price", Type::Object(&PRICE), "What it costs.").default(Preset::Told("not known")),
        Field::new("zone", "Zone", Type::Reference(Target::Zone), "Zone it runs in."),
        Field::new(
            "position",
            "Position",
            Type::Tuple(&[Type::Number(Range::ANY), Type::Number(Range::ANY)]),
            "Place on the canvas, [x, y].",
        )
        .default(Preset::Told("laid out")),
        Field::new("failure_ratio", "Failures", RATIO, "Share of visits that fail, decided after the full own time.")
            .unit(Unit::Ratio)
            .default(Preset::Number(0.0)),
        Field::new("concurrency", "Slots", MANY, "Threads, workers or tasks at once: per replica of a service, per node of a cache.")
            .limit()
            .only(&[Service, Cache]),
        Field::new(
            "cpu_cores",
            "CPU cores",
            Type::Quantity(Range::above(0.0, 100_000.0)),
            "Cores per replica. With them own time is CPU work shared by all in a slot; without them it passes in the slot.",
        )
        .default(Preset::Told("own time passes in the slot"))
        .only(&[Service]),
        Field::new(
            "queue_limit",
            "Queue limit",
            Type::Count(Range::ZERO_OR_MORE),
            "Requests that may wait for a slot, per replica; refused beyond.",
        )
        .limit()
        .only(&[Service]),
        Field::new(
            "discipline",
            "Order of the line",
            Type::Choice(&[
                ("fifo", prose("First come, first served.")),
                (
                    "priority",
                    prose("The class of the highest priority first, first come first served among equals; whoever is served stays."),
                ),
                (
                    "preemptive",
                    prose("As priority, and an arrival takes the place of a visit of lower priority, which goes on later where it stopped."),
                ),
            ]),
            "Who is served next: of those in line for a slot, for a core of a database's node, or of a queue's messages.",
        )
        .default(Preset::Word("fifo"))
        .only(&[Service, Cache, Database, Queue]),
        Field::new("concurrency_limit", "Concurrency limit", MANY, "Slots in all; refused beyond.").limit().only(&[Function]),
        Field::new("cold_start_ms", "Cold start", TIME, "Extra time of a request that finds no idle instance.")
            .unit(Unit::Milliseconds)
            .default(Preset::Number(0.0))
            .only(&[Function]),
        Field::new("idle_timeout_s", "Idle timeout", Type::Quantity(Range::POSITIVE), "Time after which an idle instance goes away.")
            .unit(Unit::Seconds)
            .default(Preset::Number(600.0))
            .only(&[Function]),
        Field::new("memory_gb", "Memory", TIME, "Memory of one instance, for prices per GB-second.")
            .unit(Unit::Gigabytes)
            .default(Preset::Number(0.0))
            .only(&[Function]),
        Field::new(
            "policy",
            "Policy",
            Type::Choice(&[
                ("round_robin", prose("In turn: one queue per replica.")),
                ("random", prose("At random: one queue per replica.")),
                ("least_connections", prose("The replica with the fewest requests.")),
                ("power_of_two", prose("The emptier of two random replicas.")),
                ("ip_hash", prose("By the client's address: skew is the largest replica's share.")),
                ("weighted", prose("By weights over the replicas, or by the share on each call.")),
            ]),
            "How the replicas of each callee are chosen.",
        )
        .default(Preset::Word("round_robin"))
        .only(&[LoadBalancer]),
        Field::new(
            "skew",
            "Skew",
            Type::Quantity(Range::above(0.0, 1.0)),
            "With ip_hash: share of the largest replica, the rest equal.",
        )
        .unit(Unit::Ratio)
        .only(&[LoadBalancer]),
        Field::new(
            "weights",
            "Weights",
            Type::List(&Type::Number(Range::from_to(0.0, 1e6)), 100_000),
            "With weighted: one weight per replica of the callee.",
        )
        .only(&[LoadBalancer]),
        Field::new(
            "hit_ratio",
            "Hit ratio",
            Type::Either(&[
                (Looks::Like(&CACHE_KEYS), Type::Object(&CACHE_KEYS)),
                (Looks::Otherwise, Type::PerClass(&RATIO)),
            ]),
            "Share of hits, for all classes or by class id; a cache's may follow from its keys and capacity instead.",
        )
        .unit(Unit::Ratio)
        .only(&[Cdn, Cache]),
        Field::new("ttl_s", "Time to live", Type::Quantity(Range::POSITIVE), "Life of an entry.")
            .unit(Unit::Seconds)
            .limit()
            .only(&[Cdn]),
        Field::new("nodes", "Nodes", MACHINES, "Nodes of the cache.").default(Preset::Number(1.0)).only(&[Cache]),
        Field::new("coalesce", "Coalesce misses", Type::Flag, "Concurrent misses of one key share one fetch.")
            .default(Preset::Flag(false))
            .only(&[Cache]),
        Field::new("bypass_ratio", "Bypass", RATIO, "Share of visits that go past the cache: always a miss, not stored.")
            .unit(Unit::Ratio)
            .default(Preset::Number(0.0))
            .only(&[Cache]),
        Field::new("cores", "Cores", MANY, "Queries at once per node.").limit().only(&[Database]),
        Field::new(
            "max_connections",
            "Connections",
            MANY,
            "Queries in service and waiting per node; refused beyond.",
        )
        .limit()
        .only(&[Database]),
        Field::new("read_replicas", "Read replicas", Type::Count(Range::from_to(0.0, 10_000.0)), "Read replicas per shard; reads go to them.")
            .default(Preset::Number(0.0))
            .only(&[Database]),
        Field::new(
            "write_ratio",
            "Writes",
            Type::PerClass(&RATIO),
            "Share of queries that write, for all classes or by class id; a call's when: read or write overrides it.",
        )
        .unit(Unit::Ratio)
        .default(Preset::Number(0.0))
        .only(&[Database]),
        Field::new("shards", "Shards", MACHINES, "Parts the data is split into.").default(Preset::Number(1.0)).only(&[Database]),
        Field::new("hot_shard_share", "Hot shard", Type::Quantity(Range::above(0.0, 1.0)), "Share of the queries that the hottest shard gets.")
            .unit(Unit::Ratio)
            .default(Preset::Told("all shards alike"))
            .only(&[Database]),
        Field::new("usl", "Contention", Type::Object(&USL), "How much queries in service slow each other down.")
            .default(Preset::Told("not at all"))
            .only(&[Database]),
        Field::new("request_units", "Request units", Type::Object(&REQUEST_UNITS), "Provisioned throughput; throttled beyond.")
            .limit()
            .only(&[Database]),
        Field::new("gb", "Stored", TIME, "Gigabytes stored.")
            .unit(Unit::Gigabytes)
            .default(Preset::Number(0.0))
            .only(&[Database, Storage]),
        Field::new("gb_growth_per_month", "Storage growth", TIME, "Gigabytes added a month.")
            .unit(Unit::GigabytesPerMonth)
            .default(Preset::Number(0.0))
            .only(&[Database, Storage]),
        Field::new("partitions", "Partitions", MANY, "Each is read by one consumer at most.").limit().only(&[Queue]),
        Field::new("consumers", "Consumers", MANY, "Consumers of the messages.")
            .default(Preset::Told("as many as the partitions and the called service's slots allow"))
            .only(&[Queue]),
        Field::new("prefetch", "Prefetch", MANY, "Messages handed to one consumer ahead.").limit().only(&[Queue]),
        Field::new("max_length", "Longest", Type::Count(Range::POPULATION), "Messages kept at most; refused beyond.").limit().only(&[Queue]),
        Field::new("delay_s", "Delay", TIME, "Time before a message may be consumed.")
            .unit(Unit::Seconds)
            .default(Preset::Number(0.0))
            .only(&[Queue]),
        Field::new("max_attempts", "Attempts", Type::Count(Range::from_to(1.0, 1e6)), "Deliveries of one message at most.").limit().only(&[Queue]),
        Field::new(
            "dead_letter",
            "Dead letters to",
            Type::Reference(Target::Component),
            "Where a message goes after its last attempt.",
        )
        .default(Preset::Told("dropped"))
        .only(&[Queue]),
        Field::new("duplicate_ratio", "Duplicates", RATIO, "Share of messages delivered twice.")
            .unit(Unit::Ratio)
            .default(Preset::Number(0.0))
            .only(&[Queue]),
        Field::new(
            "algorithm",
            "Algorithm",
            Type::Choice(&[
                ("token_bucket", prose("Tokens refill evenly; at most burst are saved.")),
                ("sliding", prose("Requests in the last window are counted.")),
            ]),
            "How it counts.",
        )
        .default(Preset::Word("token_bucket"))
        .only(&[RateLimiter]),
        Field::new("limit", "Limit", Type::Quantity(Range::POSITIVE), "Requests admitted per window.").only(&[RateLimiter]),
        Field::new("window_s", "Window", Type::Quantity(Range::POSITIVE), "Length of the window.")
            .unit(Unit::Seconds)
            .default(Preset::Number(1.0))
            .only(&[RateLimiter]),
        Field::new("burst", "Burst", Type::Quantity(Range::from_to(1.0, 1e12)), "With token_bucket: tokens saved at most.")
            .default(Preset::Told("the limit"))
            .only(&[RateLimiter]),
        Field::new(
            "per",
            "Counted",
            Type::Choice(&[("all", prose("All requests together.")), ("client", prose("Each client's own."))]),
            "Whose requests are counted together.",
        )
        .default(Preset::Word("all"))
        .only(&[RateLimiter]),
        Field::new("clients", "Clients", Type::Count(Range::POPULATION), "With per: client, how many clients there are.").only(&[RateLimiter]),
        Field::new(
            "client_zipf",
            "Client skew",
            Type::Quantity(Range::from_to(0.0, 10.0)),
            "With per: client, the Zipf exponent of their activity; 0 is even.",
        )
        .default(Preset::Number(0.0))
        .only(&[RateLimiter]),
        Field::new("rate_limit", "Quota", Type::Quantity(Range::POSITIVE), "Calls a second; refused beyond, counted as errors.")
            .unit(Unit::PerSecond)
            .limit()
            .only(&[External]),
        Field::new("throughput_mb_s", "Throughput", Type::Quantity(Range::POSITIVE), "Megabytes a second.")
            .unit(Unit::MegabytesPerSecond)
            .limit()
            .only(&[Storage]),
    ],
};
