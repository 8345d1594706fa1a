//! Calls and what makes them resilient.

use super::Quantity;
use serde::{Deserialize, Serialize};

/// A call to another component.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Call {
    /// Callee.
    pub to: String,
    /// Calls per visit, default 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_request: Option<Quantity>,
    /// How the caller waits, default `sync`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<CallMode>,
    /// When it is made, default `always`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<CallWhen>,
    /// Only these classes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classes: Option<Vec<String>>,
    /// One round trip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_ms: Option<Quantity>,
    /// Bandwidth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_mbit_s: Option<Quantity>,
    /// Kilobytes moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kb: Option<Quantity>,
    /// Pool of the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// Patience.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<Quantity>,
    /// Calls of the caller on a miss.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on_miss: Vec<Call>,
    /// Repetition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// Breaker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaker: Option<Breaker>,
    /// Bulkhead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_in_flight: Option<Quantity>,
    /// Share under a weighted balancer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Quantity>,
}

/// How a caller waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallMode {
    /// One after another.
    Sync,
    /// At once with its neighbours.
    Parallel,
    /// Not waited for.
    Async,
}

/// When a call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallWhen {
    /// Always.
    Always,
    /// On a hit.
    Hit,
    /// On a miss.
    Miss,
    /// A read.
    Read,
    /// A write.
    Write,
}

/// Repetition of failed attempts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Retry {
    /// Extra attempts.
    pub max: Quantity,
    /// First backoff, default 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backoff_ms: Option<Quantity>,
    /// Relative jitter, default 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jitter: Option<Quantity>,
    /// Share of first attempts that may be retried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_ratio: Option<Quantity>,
}

/// Circuit breaker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Breaker {
    /// Consecutive failures.
    pub failures: Quantity,
    /// Seconds open.
    pub open_s: Quantity,
}
