//! Prices.

use super::Quantity;
use serde::{Deserialize, Serialize};

/// What a component costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Price {
    /// Per replica (node) and hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_replica_hour: Option<Quantity>,
    /// Per million visits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_million_requests: Option<Quantity>,
    /// Per stored GB and month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_gb_month: Option<Quantity>,
    /// Stored GB, where the kind has no `gb` of its own (the shop's scenario writes it here).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gb: Option<Quantity>,
    /// Per GB moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_gb_transfer: Option<Quantity>,
    /// Per GB out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub egress_per_gb: Option<Quantity>,
    /// Per request unit and hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_request_unit_hour: Option<Quantity>,
    /// Per GB-second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_gb_second: Option<Quantity>,
    /// Per month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed_monthly: Option<Quantity>,
    /// Price tiers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<Tier>,
    /// Purchase mix.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub purchase: Vec<Purchase>,
}

/// A price tier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tier {
    /// Upper end in visits a month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<f64>,
    /// Per visit.
    pub price: f64,
}

/// One part of a purchase mix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Purchase {
    /// Share of replica hours.
    pub share: f64,
    /// Discount.
    #[serde(default)]
    pub discount: f64,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Interruptions per instance and hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interruptions_per_hour: Option<f64>,
}
