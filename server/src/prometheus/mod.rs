//! A read-only way to the metrics servers that the operator lists: Prometheus, Thanos, Mimir, VictoriaMetrics.
//!
//! A visitor names a target by its name in the list and sends a query and times, nothing else: no host, path or header of an
//! outgoing request is a visitor's. What the listed name resolves to is looked at on every connection ([`guard`]), redirects
//! are not followed, proxies of the environment are not used, and credentials stay here.

mod client;
mod guard;
mod target;

pub(crate) use client::{Asked, Proxy, Window};
pub use target::{Credentials, Target, TargetError};

/// Bounds on what is asked of a metrics server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyRules {
    /// Most bytes of an answer.
    pub answer_bytes: u64,
    /// Seconds until an answer is not waited for any more.
    pub patience: u64,
    /// Most points in time of a range query.
    pub points: u64,
    /// Most seconds between start and end.
    pub window: u64,
    /// Queries at once, by all visitors together.
    pub at_once: usize,
    /// Queries a minute from one address.
    pub per_minute: crate::quota::PerMinute,
}

impl Default for ProxyRules {
    fn default() -> Self {
        Self {
            answer_bytes: 16 << 20,
            patience: 15,
            points: 11_000,
            window: 32 * 86_400,
            at_once: 8,
            per_minute: crate::quota::PerMinute(std::num::NonZeroU32::new(60)),
        }
    }
}
