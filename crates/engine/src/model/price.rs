//! What a component costs. A month is 730 hours.

/// Prices of one component; zero where not given.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Price {
    /// Per replica (or database node, cache node) and hour.
    pub per_replica_hour: f64,
    /// Per million served visits.
    pub per_million_requests: f64,
    /// Per stored GB and month.
    pub per_gb_month: f64,
    /// Stored GB priced by `per_gb_month` (a database's or storage's own `gb` where this is absent).
    pub gb: Option<f64>,
    /// Per GB moved on calls to this component.
    pub per_gb_transfer: f64,
    /// Per GB that leaves the system on calls to this component.
    pub egress_per_gb: f64,
    /// Per provisioned request unit and hour.
    pub per_request_unit_hour: f64,
    /// Per GB-second of a function.
    pub per_gb_second: f64,
    /// Fixed amount a month.
    pub fixed_monthly: f64,
    /// Price tiers over served visits in a month, replacing `per_million_requests`; prices per visit.
    pub tiers: Vec<Tier>,
    /// How replica hours are bought; empty is all at list price.
    pub purchase: Vec<Purchase>,
    /// Whether any price was given at all.
    pub given: bool,
}

/// One price tier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tier {
    /// Upper end in visits a month; `None` is open.
    pub up_to: Option<f64>,
    /// Price per visit inside.
    pub price: f64,
}

/// One part of a purchase mix.
#[derive(Debug, Clone, PartialEq)]
pub struct Purchase {
    /// Share of the replica hours.
    pub share: f64,
    /// Discount on the list price, ratio.
    pub discount: f64,
    /// Name, such as spot.
    pub label: Option<String>,
    /// Interruptions per instance and hour.
    pub interruptions_per_hour: f64,
}

/// A cost that belongs to no component.
#[derive(Debug, Clone, PartialEq)]
pub struct FixedCost {
    /// The scenario's id.
    pub id: String,
    /// Amount a month at multiple 1.
    pub monthly: f64,
    /// Whether it grows with traffic.
    pub follows_traffic: bool,
}
