//! Fields of prices. A month is 730 hours.

use super::{Field, Preset, Range, Shape, Type, Unit, prose};

const fn amount(key: &'static str, label: &'static str, per: &'static str, help: &'static str) -> Field {
    Field::new(key, label, Type::Quantity(Range::MONEY), help).unit(Unit::Money(per)).default(Preset::Number(0.0))
}

/// What a component costs.
pub static PRICE: Shape = Shape {
    name: "Price",
    about: prose("What a component costs; usage is priced on served visits, a month is 730 hours."),
    exactly_one: false,
    fields: &[
        amount("per_replica_hour", "Per replica hour", "an hour", "Per replica, database node or cache node and hour."),
        amount("per_million_requests", "Per million requests", "a million", "Per million served visits."),
        amount("per_gb_month", "Per stored GB", "a GB and month", "Per stored GB and month."),
        Field::new(
            "gb",
            "Stored",
            Type::Quantity(Range::TIME),
            "GB priced by per_gb_month, where the component has no gb of its own.",
        )
        .unit(Unit::Gigabytes)
        .default(Preset::Told("the component's gb")),
        amount("per_gb_transfer", "Per GB moved", "a GB", "Per GB moved on calls to this component."),
        amount("egress_per_gb", "Per GB out", "a GB", "Per GB that leaves the system on calls to this component."),
        amount(
            "per_request_unit_hour",
            "Per request unit",
            "a unit and hour",
            "Per provisioned request unit and hour.",
        ),
        amount("per_gb_second", "Per GB-second", "a GB-second", "Per GB of a function's memory and second it runs."),
        amount("fixed_monthly", "Fixed", "a month", "A fixed amount a month."),
        Field::new(
            "tiers",
            "Tiers",
            Type::List(&Type::Object(&TIER), 100),
            "Price tiers over served visits in a month, in place of per_million_requests.",
        ),
        Field::new(
            "purchase",
            "How it is bought",
            Type::List(&Type::Object(&PURCHASE), 20),
            "Parts of the replica hours with their discounts; the shares add up to 1.",
        )
        .default(Preset::Told("all at list price")),
    ],
};

/// One tier.
pub static TIER: Shape = Shape {
    name: "Tier",
    about: prose("One price tier; tiers ascend, the last is open."),
    exactly_one: false,
    fields: &[
        Field::new("up_to", "Up to", Type::Number(Range::POSITIVE), "Upper end in served visits a month.").limit(),
        Field::new("price", "Price", Type::Number(Range::MONEY), "Per served visit inside the tier.")
            .required()
            .unit(Unit::Money("a visit")),
    ],
};

/// One part of a purchase mix.
pub static PURCHASE: Shape = Shape {
    name: "Purchase",
    about: prose("One part of the replica hours and how it is bought."),
    exactly_one: false,
    fields: &[
        Field::new("share", "Share", Type::Number(Range::RATIO), "Share of the replica hours.")
            .required()
            .unit(Unit::Ratio),
        Field::new("discount", "Discount", Type::Number(Range::RATIO), "Discount on the list price.")
            .unit(Unit::Ratio)
            .default(Preset::Number(0.0)),
        Field::new("label", "Label", Type::Text(200), "Its name, such as spot or reserved."),
        Field::new(
            "interruptions_per_hour",
            "Interruptions",
            Type::Number(Range::from_to(0.0, 3600.0)),
            "How often one instance is taken away, per hour.",
        )
        .default(Preset::Number(0.0)),
    ],
};
