//! Fields of traffic classes.

use super::{Field, Looks, Preset, Range, Shape, Target, Type, Unit, prose};

/// A traffic class.
pub static TRAFFIC: Shape = Shape {
    name: "Traffic",
    about: prose("A class of requests that enters at one component."),
    exactly_one: false,
    fields: &[
        Field::new("id", "Id", Type::Id, "Name of the class; calls, objectives and own times refer to it.").required(),
        Field::new("label", "Label", Type::Text(200), "Shown instead of the id.").default(Preset::Told("the id")),
        Field::new(
            "entry",
            "Enters at",
            Type::Reference(Target::Component),
            "The component where its requests enter the system.",
        )
        .required(),
        Field::new(
            "arrivals",
            "Arrivals",
            Type::Object(&ARRIVALS),
            "How requests arrive: at a rate (open) or from users who wait for the answer (closed).",
        )
        .required(),
        Field::new(
            "priority",
            "Priority",
            Type::Whole(Range::from_to(0.0, 1000.0)),
            "Higher is served first. Only components whose order of the line looks at priorities follow it; its messages and calls keep it.",
        )
        .default(Preset::Number(0.0)),
        Field::new(
            "growth",
            "Follows growth",
            Type::Quantity(Range::from_to(0.0, 100.0)),
            "At multiple m the load is times 1 + growth (m - 1): 1 follows the business, 0 stays.",
        )
        .default(Preset::Number(1.0)),
        Field::new(
            "profile",
            "Load over time",
            Type::Either(&[
                (Looks::List, Type::List(&Type::Number(Range::from_to(0.0, 1000.0)), 168)),
                (Looks::Otherwise, Type::Object(&PROFILE)),
            ]),
            "24 or 168 hourly factors of the peak, a spike, or a recorded series. The rate is the peak.",
        )
        .default(Preset::Told("the peak, all the time")),
        Field::new(
            "active_users",
            "Active users",
            Type::Quantity(Range::RATE),
            "Users behind this class at multiple 1, for the cost per user.",
        ),
    ],
};

/// How requests arrive.
pub static ARRIVALS: Shape = Shape {
    name: "Arrivals",
    about: prose("How requests arrive: exactly one of open and closed."),
    exactly_one: true,
    fields: &[
        Field::new(
            "open",
            "At a rate",
            Type::Object(&OPEN),
            "Requests arrive whether or not earlier ones were answered.",
        ),
        Field::new("closed", "From users", Type::Object(&CLOSED), "Users wait for the answer, think, and ask again."),
    ],
};

/// Open arrivals.
pub static OPEN: Shape = Shape {
    name: "OpenArrivals",
    about: prose("Requests that arrive at a rate."),
    exactly_one: false,
    fields: &[
        Field::new("rate", "Rate", Type::Quantity(Range::RATE), "Requests per second at the peak, at multiple 1.")
            .required()
            .unit(Unit::PerSecond),
        Field::new(
            "cv",
            "Variation",
            Type::Quantity(Range::VARIATION),
            "Coefficient of variation of the gaps between requests: 0 fixed spacing, 1 random (Poisson), above 1 bursts.",
        )
        .default(Preset::Number(1.0)),
    ],
};

/// Closed arrivals.
pub static CLOSED: Shape = Shape {
    name: "ClosedArrivals",
    about: prose("Users who wait for the answer, think, and ask again."),
    exactly_one: false,
    fields: &[
        Field::new("users", "Users", Type::Count(Range::ZERO_OR_MORE), "Users in the loop at multiple 1.").required(),
        Field::new(
            "think_time_s",
            "Think time",
            Type::Quantity(Range::TIME),
            "Mean time between an answer and the next request.",
        )
        .required()
        .unit(Unit::Seconds),
    ],
};

/// A load over time that is no list of hours.
pub static PROFILE: Shape = Shape {
    name: "Profile",
    about: prose("Load over time: exactly one of a spike and a recorded series."),
    exactly_one: true,
    fields: &[
        Field::new("spike", "Spike", Type::Object(&SPIKE), "A single rise and fall."),
        Field::new(
            "recorded",
            "Recorded series",
            Type::List(&Type::Tuple(&[Type::Number(Range::TIME), Type::Number(Range::from_to(0.0, 1000.0))]), 100_000),
            "[seconds, factor of the peak], ascending in time; a factor holds until the next.",
        ),
    ],
};

/// A spike.
pub static SPIKE: Shape = Shape {
    name: "Spike",
    about: prose("A single rise and fall of the load."),
    exactly_one: false,
    fields: &[
        Field::new("at_s", "Starts at", Type::Number(Range::TIME), "Start of the rise.").required().unit(Unit::Seconds),
        Field::new("ramp_s", "Ramp", Type::Number(Range::TIME), "Time to rise, and again to fall.")
            .required()
            .unit(Unit::Seconds),
        Field::new("hold_s", "Hold", Type::Number(Range::TIME), "Time at the top.").required().unit(Unit::Seconds),
        Field::new(
            "factor",
            "Factor",
            Type::Number(Range::from_to(0.0, 1000.0)),
            "Load at the top as a factor of the base.",
        )
        .required(),
    ],
};
