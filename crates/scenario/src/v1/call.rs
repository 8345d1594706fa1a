//! Calls and what makes them resilient.

use super::Quantity;
use crate::record::{record, words};

/// A call to another component.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Call {
    /// Callee.
    pub to: String,
    /// Calls per visit, default 1.
    pub per_request: Option<Quantity>,
    /// How the caller waits, default `sync`.
    pub mode: Option<CallMode>,
    /// When it is made, default `always`.
    pub when: Option<CallWhen>,
    /// Only these classes.
    pub classes: Option<Vec<String>>,
    /// One round trip.
    pub network_ms: Option<Quantity>,
    /// Bandwidth.
    pub network_mbit_s: Option<Quantity>,
    /// Kilobytes moved.
    pub kb: Option<Quantity>,
    /// Pool of the caller.
    pub pool: Option<String>,
    /// Patience.
    pub timeout_ms: Option<Quantity>,
    /// Calls of the caller on a miss.
    pub on_miss: Vec<Call>,
    /// Repetition.
    pub retry: Option<Retry>,
    /// Breaker.
    pub breaker: Option<Breaker>,
    /// Bulkhead.
    pub max_in_flight: Option<Quantity>,
    /// Share under a weighted balancer.
    pub share: Option<Quantity>,
}

impl Call {
    /// Whether requests of a class make it.
    #[must_use]
    pub fn is_of(&self, class: &str) -> bool {
        self.classes.as_ref().is_none_or(|ids| ids.iter().any(|id| id == class))
    }
}

record! {
    Call {
        to, per_request, mode, when, classes, network_ms, network_mbit_s, kb, pool, timeout_ms, on_miss, retry, breaker,
        max_in_flight, share,
    }
}

/// How a caller waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallMode {
    /// One after another.
    Sync,
    /// At once with its neighbours.
    Parallel,
    /// Not waited for.
    Async,
}

words!(CallMode { Sync = "sync", Parallel = "parallel", Async = "async" });

/// When a call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

words!(CallWhen { Always = "always", Hit = "hit", Miss = "miss", Read = "read", Write = "write" });

/// Repetition of failed attempts.
#[derive(Debug, Clone, PartialEq)]
pub struct Retry {
    /// Extra attempts.
    pub max: Quantity,
    /// First backoff, default 0.
    pub backoff_ms: Option<Quantity>,
    /// Relative jitter, default 0.
    pub jitter: Option<Quantity>,
    /// Share of first attempts that may be retried.
    pub budget_ratio: Option<Quantity>,
}

record!(Retry { max, backoff_ms, jitter, budget_ratio });

/// Circuit breaker.
#[derive(Debug, Clone, PartialEq)]
pub struct Breaker {
    /// Consecutive failures.
    pub failures: Quantity,
    /// Seconds open.
    pub open_s: Quantity,
}

record!(Breaker { failures, open_s });
