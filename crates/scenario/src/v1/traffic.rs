//! Traffic classes.

use super::Quantity;
use serde::{Deserialize, Serialize};

/// A traffic class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Traffic {
    /// Identifier.
    pub id: String,
    /// Shown instead of the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Component where requests enter.
    pub entry: String,
    /// How they arrive.
    pub arrivals: Arrivals,
    /// 1 follows the business, 0 stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub growth: Option<Quantity>,
    /// Load over time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// Active users, for cost per user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_users: Option<Quantity>,
}

/// Arrivals: exactly one of `open` and `closed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrivals {
    /// By rate.
    Open {
        /// Requests per second at the peak.
        rate: Quantity,
        /// Variation of the gaps, default 1 (Poisson).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cv: Option<Quantity>,
    },
    /// By users.
    Closed {
        /// Users in the loop.
        users: Quantity,
        /// Mean think time.
        think_time_s: Quantity,
    },
}

/// Load over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Profile {
    /// 24 or 168 hourly factors of the peak.
    Factors(Vec<f64>),
    /// A spike or a recorded series.
    Shape(ProfileShape),
}

/// A spike or a recorded series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProfileShape {
    /// A single spike.
    Spike {
        /// Start.
        at_s: f64,
        /// Rise and fall time.
        ramp_s: f64,
        /// Time at the top.
        hold_s: f64,
        /// Load at the top as a factor.
        factor: f64,
    },
    /// (seconds, factor of the peak).
    Recorded(Vec<(f64, f64)>),
}
