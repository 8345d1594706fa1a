//! Texts of the system itself: what boxes, lines, resources and objectives are called, and months.

pub const BALANCER: &str = "balancer";
pub const CDN: &str = "CDN";
pub const CACHE: &str = "cache";
pub const DATABASE: &str = "database";
pub const EXTERNAL: &str = "external";
pub const FUNCTION: &str = "function";
pub const LIMITER: &str = "limiter";
pub const QUEUE: &str = "queue";
/// Where a line is of calls on a miss.
pub const MISS: &str = "miss";
/// Where a caller does not wait.
pub const ASYNC: &str = "async";

/// One of something, and several.
pub type Noun = (&'static str, &'static str);
pub const SOME_REPLICAS: Noun = ("replica", "replicas");
pub const SLOTS: Noun = ("slot", "slots");
pub const CORES: Noun = ("core", "cores");
pub const AT_ONCE: Noun = ("at once", "at once");
pub const READ_REPLICAS: Noun = ("read replica", "read replicas");
pub const SHARDS: Noun = ("shard", "shards");
pub const CONSUMERS: Noun = ("consumer", "consumers");

/// So many of something; `figure` is `number` as it is shown.
pub fn several(number: f64, figure: &str, (one, many): Noun) -> String {
    format!("{figure} {}", if number == 1.0 { one } else { many })
}

/// How many requests are answered from what is kept.
pub fn hits(share: &str) -> String {
    format!("{share} hits")
}

/// A word of the format (`load_balancer`, `traffic_spike`) as people read it.
pub fn word(of_format: &str) -> String {
    of_format.replace('_', " ")
}

/// The word for adding a component of a kind; without one, for adding any.
pub fn kind_word(kind: &str) -> String {
    match kind {
        "cdn" => CDN.into(),
        "" => super::ADD_COMPONENT.into(),
        kind => word(kind),
    }
}

/// A connection pool by its name, where no call uses it.
pub fn pool_named(pool: &str, of: &str) -> String {
    format!("connection pool {pool} of {of}")
}

/// A connection pool by what it leads to.
pub fn pool_to(from: &str, callees: &[String]) -> String {
    format!("connection pool from {from} to {}", callees.join(" and "))
}

/// A resource of a component: `processor cores of PostgreSQL`.
pub fn resource_of(resource: &str, component: &str) -> String {
    let words = match resource {
        "cores" => "processor cores",
        "shard" => "hottest shard",
        "units" => "request units",
        same => same,
    };
    format!("{words} of {component}")
}

pub fn latency_at_most(class: &str, percentile: &str, limit: &str) -> String {
    format!("{class} p{percentile} ≤ {limit}")
}

pub fn errors_at_most(class: &str, share: &str) -> String {
    format!("{class} errors ≤ {share}")
}

pub fn busy_at_most(component: &str, share: &str) -> String {
    format!("{component} at most {share} busy")
}

pub fn backlog_at_most(component: &str, seconds: &str) -> String {
    format!("{component} backlog ≤ {seconds} s old")
}

pub fn spend_at_most(money: &str) -> String {
    format!("spend ≤ {money} a month")
}

pub fn survive(what: &str) -> String {
    format!("survive the loss of a {what}")
}

/// Messages that are older than an objective allows.
pub fn messages_wait(component: &str, seconds: &str) -> String {
    format!("messages in {component} wait longer than {seconds} s")
}

/// A month that costs more than an objective allows.
pub fn spend_passes(money: &str) -> String {
    format!("spend passes {money} a month")
}

/// What happens, and at which multiple.
pub fn at(what: &str, multiple: &str) -> String {
    format!("{what} at {multiple}")
}

/// Names of a scenario and of what it is drawn from at first.
pub const NEW_SYSTEM: &str = "New system";

/// Months in their order.
pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Where a browser has no store.
pub const KEEPS_NOTHING: &str = "this browser keeps nothing";
/// Where the store gives no reason.
pub const STORE_REFUSED: &str = "the browser's store refused";
