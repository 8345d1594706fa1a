//! Fields of the scenario itself, and of its small parts.

use super::{
    COMPONENT, FIT, Field, IMPORT, MAP, PRICE_BOOK_ROW, Preset, Range, Shape, TRAFFIC, Target, Type, Unit, prose,
};

/// The whole document.
pub static SCENARIO: Shape = Shape {
    name: "Scenario",
    about: prose("A system under load: its traffic, its components, what must hold and what it costs."),
    exactly_one: false,
    fields: &[
        Field::new("format", "Format", Type::Version, "headroom/1; a newer minor version (headroom/1.N) opens too.")
            .required(),
        Field::new("name", "Name", Type::Text(200), "Shown as the title.").default(Preset::Word("")),
        Field::new("notes", "Notes", Type::Text(100_000), "Markdown: what this is, what is assumed, what was learnt."),
        Field::new("currency", "Currency", Type::Currency, "ISO 4217 code of all money in the document.")
            .default(Preset::Word("USD")),
        Field::new(
            "as_of",
            "As of",
            Type::Date,
            "Date at which multiple 1 holds; growth a month turns multiples into dates from here.",
        )
        .default(Preset::Told("no dates")),
        Field::new("traffic", "Traffic", Type::List(&Type::Object(&TRAFFIC), 1000), "The traffic classes.").required(),
        Field::new("components", "Components", Type::List(&Type::Object(&COMPONENT), 100_000), "The components.")
            .required(),
        Field::new("slos", "Objectives", Type::List(&Type::Object(&SLO), 1000), "What must hold."),
        Field::new("growth", "Growth", Type::Object(&GROWTH), "Growth of the business."),
        Field::new(
            "costs",
            "Other costs",
            Type::List(&Type::Object(&COST), 1000),
            "Costs that belong to no component.",
        ),
        Field::new(
            "price_book",
            "Price book",
            Type::List(&Type::Object(&PRICE_BOOK_ROW), 10_000),
            "Prices of instance types, for reference.",
        ),
        Field::new("imports", "Imports", Type::List(&Type::Object(&IMPORT), 1000), "Files that figures came from."),
        Field::new("map", "Map", Type::Object(&MAP), "What means what in the imported files."),
        Field::new(
            "events",
            "Events",
            Type::List(&Type::Object(&EVENT), 1000),
            "Timed disturbances for the simulation.",
        ),
        Field::new("fit", "Fit", Type::Object(&FIT), "Joint uncertainty of a calibration."),
        Field::new("zones", "Zones", Type::List(&Type::Text(64), 100), "Zones that components and events refer to."),
    ],
};

/// A quantity that is more than a bare number.
pub static QUANTITY: Shape = Shape {
    name: "Quantity",
    about: prose("A number with its 5–95 % interval and its source."),
    exactly_one: false,
    fields: &[
        Field::new("value", "Value", Type::Number(Range::ANY), "The value, in the field's unit.").required(),
        Field::new("low", "Low", Type::Number(Range::ANY), "5 % end of its interval."),
        Field::new("high", "High", Type::Number(Range::ANY), "95 % end of its interval."),
        Field::new(
            "source",
            "Source",
            Type::Choice(&[
                ("measured", prose("Read off a measurement.")),
                ("fitted", prose("Fitted to measurements.")),
                ("assumed", prose("Stated by the author.")),
                ("default", prose("Nobody said; the format's default.")),
            ]),
            "Where the number comes from.",
        )
        .default(Preset::Word("assumed")),
        Field::new("from", "From", Type::Reference(Target::Import), "The import it came from."),
    ],
};

/// An objective.
pub static SLO: Shape = Shape {
    name: "Objective",
    about: prose(
        "What must hold: latency or errors of a class, utilization or backlog of a component, survival, or cost.",
    ),
    exactly_one: false,
    fields: &[
        Field::new("traffic", "Class", Type::Reference(Target::Class), "Class of a latency or error objective."),
        Field::new(
            "percentile",
            "Percentile",
            Type::Number(Range::PERCENTILE),
            "Percentile that latency_ms limits, such as 95.",
        ),
        Field::new(
            "latency_ms",
            "Latency",
            Type::Number(Range::POSITIVE),
            "The percentile of the response time is at most this.",
        )
        .unit(Unit::Milliseconds),
        Field::new(
            "max_error_ratio",
            "Errors",
            Type::Number(Range::RATIO),
            "The share of failed requests is at most this.",
        )
        .unit(Unit::Ratio),
        Field::new(
            "component",
            "Component",
            Type::Reference(Target::Component),
            "Component of a utilization or backlog objective.",
        ),
        Field::new(
            "max_utilization",
            "Utilization",
            Type::Number(Range::above(0.0, 1.0)),
            "The utilization is at most this.",
        )
        .unit(Unit::Ratio),
        Field::new(
            "max_backlog_age_s",
            "Backlog age",
            Type::Number(Range::TIME),
            "The oldest waiting message of the queue is at most this old.",
        )
        .unit(Unit::Seconds),
        Field::new(
            "survive",
            "Survive",
            Type::Choice(&[
                ("replica", prose("All else holds with one replica of any component lost.")),
                ("zone", prose("All else holds with any one zone lost.")),
            ]),
            "A loss under which all other objectives still hold.",
        ),
        Field::new("max_monthly_cost", "Monthly cost", Type::Number(Range::MONEY), "The month costs at most this.")
            .unit(Unit::Money("a month")),
    ],
};

/// Growth of the business.
pub static GROWTH: Shape = Shape {
    name: "Growth",
    about: prose("Growth of the business: the multiples to report, and how fast they come."),
    exactly_one: false,
    fields: &[
        Field::new(
            "multiples",
            "Multiples",
            Type::List(&Type::Number(Range::above(0.0, 1e6)), 1000),
            "Growth multiples to report.",
        )
        .default(Preset::Told("1, 2, 3, 5, 8, 10")),
        Field::new(
            "per_month",
            "Growth a month",
            Type::Quantity(Range::above(-1.0, 10.0)),
            "0.08 is 8 % a month; compounds monthly from as_of.",
        )
        .unit(Unit::Ratio)
        .default(Preset::Told("no dates")),
    ],
};

/// A cost that belongs to no component.
pub static COST: Shape = Shape {
    name: "Cost",
    about: prose("A cost that belongs to no component; a credit is negative."),
    exactly_one: false,
    fields: &[
        Field::new("id", "Id", Type::Id, "Name of the cost.").required(),
        Field::new("monthly", "Monthly", Type::Quantity(Range::from_to(-1e12, 1e12)), "Amount a month at multiple 1.")
            .required()
            .unit(Unit::Money("a month")),
        Field::new(
            "drive",
            "Driven by",
            Type::Choice(&[("fixed", prose("Stays as it is.")), ("traffic", prose("Grows with the traffic."))]),
            "What moves it.",
        )
        .default(Preset::Word("fixed")),
    ],
};

/// A timed disturbance.
pub static EVENT: Shape = Shape {
    name: "Event",
    about: prose("A timed disturbance; only the simulation plays it."),
    exactly_one: false,
    fields: &[
        Field::new("at_s", "At", Type::Number(Range::TIME), "When it starts.").required().unit(Unit::Seconds),
        Field::new("for_s", "For", Type::Number(Range::POSITIVE), "How long it lasts.")
            .unit(Unit::Seconds)
            .default(Preset::Told("to the end of the run")),
        Field::new(
            "kind",
            "What happens",
            Type::Choice(&[
                ("lose_replicas", prose("Replicas of the component vanish; amount is how many.")),
                ("lose_zone", prose("All replicas in the zone vanish; component names the zone.")),
                ("slow_down", prose("The component's own times are times the amount.")),
                ("flush_cache", prose("The cache is emptied.")),
                ("partition", prose("Calls to the component fail.")),
                ("traffic_spike", prose("Traffic is times the amount.")),
                ("deploy", prose("Replicas restart one after another.")),
                ("exclusive_lock", prose("The database works on one query at a time.")),
            ]),
            "The kind of disturbance.",
        )
        .required(),
        Field::new("component", "Where", Type::Reference(Target::Place), "The component; the zone for lose_zone.")
            .default(Preset::Told("the whole system")),
        Field::new(
            "amount",
            "How much",
            Type::Number(Range::from_to(0.0, 1e6)),
            "Replicas lost, or the factor of slowness or traffic.",
        )
        .default(Preset::Number(1.0)),
    ],
};
