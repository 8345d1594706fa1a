//! Fields of what a scenario keeps of imported files.

use super::{Field, Looks, Preset, Range, Shape, Target, Type, Unit, prose};

/// An imported file.
pub static IMPORT: Shape = Shape {
    name: "Import",
    about: prose("A file that figures came from."),
    exactly_one: false,
    fields: &[
        Field::new("id", "Id", Type::Text(200), "Name that quantities refer to in from.").required(),
        Field::new("kind", "Kind", Type::Text(100), "Kind of the file, such as k6-summary.").required(),
        Field::new("sha256", "SHA-256", Type::Text(128), "Hash of its content, hexadecimal."),
        Field::new("file", "File", Type::Text(1000), "Its name."),
        Field::new("requests", "Requests", Type::Whole(Range::from_to(0.0, 1e15)), "Requests it holds."),
        Field::new("at", "Measured at", Type::Text(64), "When it was measured, RFC 3339."),
        Field::new(
            "points",
            "Measured points",
            Type::List(&Type::Object(&MEASURED_POINT), 10_000),
            "Measured levels, drawn over the model's line.",
        ),
        Field::new(
            "monthly_costs",
            "Monthly costs",
            Type::Map(Target::Component, &Type::Number(Range::ANY)),
            "Its monthly bill per component.",
        ),
        Field::new(
            "unexplained_costs",
            "Unexplained costs",
            Type::Map(Target::Name, &Type::Number(Range::ANY)),
            "Its monthly bill lines that no component explains, taxes and credits included.",
        ),
        Field::new("billed_from", "Billed from", Type::Date, "First day of its bill."),
        Field::new(
            "billed_until",
            "Billed until",
            Type::Date,
            "Day after the last of its bill; of bills of one kind, those of other times are months of one mean.",
        ),
    ],
};

/// A measured level.
pub static MEASURED_POINT: Shape = Shape {
    name: "MeasuredPoint",
    about: prose("A measured level of a class."),
    exactly_one: false,
    fields: &[
        Field::new("traffic", "Class", Type::Reference(Target::Class), "Its class.").required(),
        Field::new("multiple", "Multiple", Type::Number(Range::TIME), "Growth multiple it stands at.").required(),
        Field::new("rps", "Rate", Type::Number(Range::RATE), "Measured requests per second.")
            .required()
            .unit(Unit::PerSecond),
        Field::new("requests", "Requests", Type::Whole(Range::from_to(0.0, 1e15)), "Requests behind it."),
        Field::new("seconds", "Length", Type::Number(Range::TIME), "Length of the level.").unit(Unit::Seconds),
        Field::new(
            "users",
            "Users",
            Type::Number(Range::from_to(0.0, 1e9)),
            "Users of the load generator, of all classes together, where they waited for answers.",
        ),
        Field::new(
            "latency_ms",
            "Latency",
            Type::Map(Target::Name, &Type::Number(Range::TIME)),
            "Measured latency by name (mean, p95, …).",
        )
        .required()
        .unit(Unit::Milliseconds),
    ],
};

/// The map.
pub static MAP: Shape = Shape {
    name: "Map",
    about: prose("What means what in the imported files."),
    exactly_one: false,
    fields: &[
        Field::new(
            "endpoints",
            "Endpoints",
            Type::Map(Target::Name, &Type::Reference(Target::Class)),
            "Endpoint name to traffic class.",
        ),
        Field::new("series", "Series", Type::List(&Type::Object(&MAP_SERIES), 10_000), "Series to quantities."),
        Field::new(
            "costs",
            "Bill lines",
            Type::Map(
                Target::Name,
                &Type::Either(&[
                    (Looks::List, Type::List(&Type::Reference(Target::Component), 1000)),
                    (Looks::Otherwise, Type::Reference(Target::Component)),
                ]),
            ),
            "Service of the bill to one component or several; several split it by their modelled cost.",
        ),
    ],
};

/// One series of the map.
pub static MAP_SERIES: Shape = Shape {
    name: "MapSeries",
    about: prose("What one series of an imported file means."),
    exactly_one: false,
    fields: &[
        Field::new("file", "File", Type::Text(1000), "File name."),
        Field::new("name", "Metric", Type::Text(1000), "Metric name, where one file holds several."),
        Field::new("labels", "Labels", Type::Map(Target::Name, &Type::Text(1000)), "Labels that must be present."),
        Field::new("component", "Component", Type::Reference(Target::Component), "The component it tells about."),
        Field::new("pool", "Pool", Type::Text(64), "The component's pool."),
        Field::new("class", "Class", Type::Reference(Target::Class), "The class it tells about."),
        Field::new(
            "is",
            "Is",
            Type::Choice(&[
                ("visits_rps", prose("Visits per second.")),
                ("busy_servers", prose("Seconds of service per second.")),
                ("utilization", prose("Busy share.")),
                ("mean_ms", prose("Mean own time.")),
                ("p50_ms", prose("Median own time.")),
                ("p95_ms", prose("95th percentile of the own time.")),
                ("p99_ms", prose("99th percentile of the own time.")),
                ("wait_ms", prose("Mean wait.")),
                ("hit_rps", prose("Cache hits per second.")),
                ("miss_rps", prose("Cache misses per second.")),
                ("hit_ratio", prose("Share of hits.")),
                ("pool_busy", prose("Seconds a connection is held per second, release included.")),
                ("pool_size", prose("Connections of a pool.")),
                ("pool_wait_ms", prose("Mean wait for a connection.")),
                ("queue_length", prose("Messages waiting.")),
                ("consumer_lag", prose("Messages a consumer group is behind.")),
                ("replicas", prose("Replicas running.")),
                ("in_flight", prose("Requests inside.")),
                ("errors_rps", prose("Failed requests per second.")),
                ("cpu_cores", prose("Cores busy.")),
            ]),
            "What the series is.",
        )
        .required(),
        Field::new("scale", "Scale", Type::Number(Range::POSITIVE), "Factor that turns it into the unit of is.")
            .default(Preset::Number(1.0)),
    ],
};

/// One row of a price book.
pub static PRICE_BOOK_ROW: Shape = Shape {
    name: "PriceBookRow",
    about: prose("The price of one instance type."),
    exactly_one: false,
    fields: &[
        Field::new("provider", "Provider", Type::Text(100), "Who sells it.").required(),
        Field::new("region", "Region", Type::Text(100), "Where it runs.").required(),
        Field::new("type", "Type", Type::Text(100), "Instance type.").required(),
        Field::new("vcpu", "Virtual CPUs", Type::Number(Range::TIME), "Virtual processors.").required(),
        Field::new("mem_gib", "Memory", Type::Number(Range::TIME), "Memory in GiB.").required(),
        Field::new("usd_per_hour", "USD an hour", Type::Number(Range::MONEY), "List price in US dollars an hour.")
            .required(),
        Field::new("as_of", "As of", Type::Date, "Date of the price.").required(),
        Field::new("source", "Source", Type::Text(1000), "Where the price was read.").required(),
    ],
};

/// Joint uncertainty.
pub static FIT: Shape = Shape {
    name: "Fit",
    about: prose("Joint uncertainty of a calibration: draws of several quantities together."),
    exactly_one: false,
    fields: &[
        Field::new(
            "paths",
            "Paths",
            Type::List(&Type::Text(1000), 10_000),
            "Paths of the drawn quantities, such as components.db.service.mean_ms.",
        )
        .required(),
        Field::new(
            "draws",
            "Draws",
            Type::List(&Type::List(&Type::Number(Range::ANY), 10_000), 200),
            "Draws, each with one value per path; a link that grows too long drops them first.",
        )
        .required(),
    ],
};
