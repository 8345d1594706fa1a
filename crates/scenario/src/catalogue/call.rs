//! Fields of calls.

use super::{Field, Preset, Range, Shape, Target, Type, Unit, prose};

/// A call.
pub static CALL: Shape = Shape {
    name: "Call",
    about: prose("A call from one component to another."),
    exactly_one: false,
    fields: &[
        Field::new("to", "To", Type::Reference(Target::Component), "The component that is called.").required(),
        Field::new(
            "per_request",
            "Calls per visit",
            Type::Quantity(Range::from_to(0.0, 10_000.0)),
            "Mean number of calls per visit: 2.3 is two calls and a third with probability 0.3.",
        )
        .default(Preset::Number(1.0)),
        Field::new(
            "mode",
            "Mode",
            Type::Choice(&[
                ("sync", prose("One after another; the caller waits.")),
                ("parallel", prose("At once with the neighbouring parallel calls; the caller waits for the slowest.")),
                ("async", prose("Started and not waited for.")),
            ]),
            "Whether and how the caller waits.",
        )
        .default(Preset::Word("sync")),
        Field::new(
            "when",
            "When",
            Type::Choice(&[
                ("always", prose("On every visit.")),
                ("hit", prose("Only in a cache's or CDN's own calls: on a hit.")),
                ("miss", prose("Only in a cache's or CDN's own calls: on a miss (read-through).")),
                ("read", prose("To a database: it reads.")),
                ("write", prose("To a database: it writes.")),
            ]),
            "When the call is made, or what it does to a database.",
        )
        .default(Preset::Word("always")),
        Field::new(
            "classes",
            "Only for",
            Type::List(&Type::Reference(Target::Class), 10_000),
            "Traffic classes that make this call.",
        )
        .default(Preset::Told("all classes")),
        Field::new(
            "network_ms",
            "Network",
            Type::Quantity(Range::TIME),
            "One round trip, inside the caller's slot and pool hold, in no component's residence.",
        )
        .unit(Unit::Milliseconds)
        .default(Preset::Number(0.0)),
        Field::new(
            "network_mbit_s",
            "Bandwidth",
            Type::Quantity(Range::POSITIVE),
            "Bandwidth of the link; adds kb over bandwidth to the network time.",
        )
        .unit(Unit::MegabitsPerSecond)
        .limit(),
        Field::new(
            "kb",
            "Size",
            Type::Quantity(Range::TIME),
            "Kilobytes moved per call, for transfer price and bandwidth.",
        )
        .unit(Unit::Kilobytes)
        .default(Preset::Number(0.0)),
        Field::new(
            "pool",
            "Pool",
            Type::Reference(Target::Pool),
            "A pool of the caller: the call waits for a connection and holds it over network and callee.",
        )
        .limit(),
        Field::new(
            "timeout_ms",
            "Timeout",
            Type::Quantity(Range::POSITIVE),
            "Covers pool wait, network and callee. The caller goes on; the work below continues and still loads.",
        )
        .unit(Unit::Milliseconds)
        .default(Preset::Told("never")),
        Field::new(
            "on_miss",
            "On a miss",
            Type::List(&Type::Object(&CALL), 1000),
            "On a call to a cache: calls that the caller makes when it misses (cache-aside).",
        ),
        Field::new("retry", "Retry", Type::Object(&RETRY), "Repetition of failed attempts.")
            .default(Preset::Told("none")),
        Field::new(
            "breaker",
            "Circuit breaker",
            Type::Object(&BREAKER),
            "Stops calling what keeps failing; per caller replica.",
        )
        .default(Preset::Told("none")),
        Field::new(
            "max_in_flight",
            "Most in flight",
            Type::Count(Range::ONE_OR_MORE),
            "Calls at once per caller replica (bulkhead); refused beyond.",
        )
        .limit(),
        Field::new(
            "share",
            "Share",
            Type::Quantity(Range::RATIO),
            "Under a weighted load balancer with several callees: the share that goes here. The shares add up to 1.",
        )
        .unit(Unit::Ratio),
    ],
};

/// Repetition.
pub static RETRY: Shape = Shape {
    name: "Retry",
    about: prose("Repetition of failed attempts; the connection is released before backing off."),
    exactly_one: false,
    fields: &[
        Field::new("max", "Extra attempts", Type::Count(Range::from_to(0.0, 100.0)), "Extra attempts at most.")
            .required(),
        Field::new(
            "backoff_ms",
            "Backoff",
            Type::Quantity(Range::TIME),
            "Wait before the first repetition; doubles each time.",
        )
        .unit(Unit::Milliseconds)
        .default(Preset::Number(0.0)),
        Field::new("jitter", "Jitter", Type::Quantity(Range::RATIO), "The backoff is times 1 ± jitter.")
            .unit(Unit::Ratio)
            .default(Preset::Number(0.0)),
        Field::new(
            "budget_ratio",
            "Budget",
            Type::Quantity(Range::RATIO),
            "Share of first attempts that may be retried.",
        )
        .unit(Unit::Ratio)
        .limit(),
    ],
};

/// Circuit breaker.
pub static BREAKER: Shape = Shape {
    name: "Breaker",
    about: prose("Circuit breaker, per caller replica."),
    exactly_one: false,
    fields: &[
        Field::new("failures", "Failures", Type::Count(Range::from_to(1.0, 1e6)), "Consecutive failures that open it.")
            .required(),
        Field::new("open_s", "Open for", Type::Quantity(Range::POSITIVE), "Time it stays open before one probe.")
            .required()
            .unit(Unit::Seconds),
    ],
};
