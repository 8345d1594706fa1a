//! Prices.

use super::Quantity;
use crate::record::record;

/// What a component costs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Price {
    /// Per replica (node) and hour.
    pub per_replica_hour: Option<Quantity>,
    /// Per million visits.
    pub per_million_requests: Option<Quantity>,
    /// Per stored GB and month.
    pub per_gb_month: Option<Quantity>,
    /// Stored GB, where the kind has no `gb` of its own (the shop's scenario writes it here).
    pub gb: Option<Quantity>,
    /// Per GB moved.
    pub per_gb_transfer: Option<Quantity>,
    /// Per GB out.
    pub egress_per_gb: Option<Quantity>,
    /// Per request unit and hour.
    pub per_request_unit_hour: Option<Quantity>,
    /// Per GB-second.
    pub per_gb_second: Option<Quantity>,
    /// Per month.
    pub fixed_monthly: Option<Quantity>,
    /// Price tiers.
    pub tiers: Vec<Tier>,
    /// Purchase mix.
    pub purchase: Vec<Purchase>,
}

record! {
    Price {
        per_replica_hour, per_million_requests, per_gb_month, gb, per_gb_transfer, egress_per_gb, per_request_unit_hour,
        per_gb_second, fixed_monthly, tiers, purchase,
    }
}

/// A price tier.
#[derive(Debug, Clone, PartialEq)]
pub struct Tier {
    /// Upper end in visits a month.
    pub up_to: Option<f64>,
    /// Per visit.
    pub price: f64,
}

record!(Tier { up_to, price });

/// One part of a purchase mix.
#[derive(Debug, Clone, PartialEq)]
pub struct Purchase {
    /// Share of replica hours.
    pub share: f64,
    /// Discount.
    pub discount: f64,
    /// Name.
    pub label: Option<String>,
    /// Interruptions per instance and hour.
    pub interruptions_per_hour: Option<f64>,
}

record!(Purchase { share, discount: Written, label, interruptions_per_hour });
