//! Calls between stations.

use super::{ClassId, StationId};

/// Whether and how a caller waits for a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// One after another; the caller holds what it holds.
    Sync,
    /// Neighbouring parallel calls run at once and join at the slowest.
    Parallel,
    /// Started and not waited for.
    Async,
}

/// Under which outcome of its own work a station makes a call, or what a call to a database does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// On every visit.
    Always,
    /// A cache's or CDN's own call, on a hit.
    Hit,
    /// A cache's or CDN's own call, on a miss (read-through).
    Miss,
    /// A call to a database that reads.
    Read,
    /// A call to a database that writes.
    Write,
}

/// One call of a station.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The callee.
    pub to: StationId,
    /// Mean number of calls per visit; a fraction is the probability of one more.
    pub per_request: f64,
    /// How the caller waits.
    pub mode: Mode,
    /// When it is made.
    pub when: When,
    /// Only for these classes; `None` is all.
    pub classes: Option<Vec<ClassId>>,
    /// One network round trip in seconds, inside the slot and the pool hold.
    pub network: f64,
    /// Kilobytes (1000 bytes) moved per call, for transfer price and bandwidth.
    pub kb: f64,
    /// Bandwidth of the link in megabits a second, shared by nobody; adds kb / bandwidth to the network time.
    pub network_mbit_s: Option<f64>,
    /// Position in the caller's [`super::Station::pools`].
    pub pool: Option<usize>,
    /// Seconds over pool wait, network and callee after which the caller goes on; the work below continues.
    pub timeout: Option<f64>,
    /// Calls the caller makes when this call to a cache misses (cache-aside).
    pub on_miss: Vec<Call>,
    /// Repetition of failed attempts.
    pub retry: Option<Retry>,
    /// Circuit breaker per caller replica.
    pub breaker: Option<Breaker>,
    /// At most this many in flight per caller replica, refused beyond.
    pub max_in_flight: Option<u32>,
    /// Share of a weighted balancer's traffic that goes here, when given per callee.
    pub share: Option<f64>,
}

/// Repetition of failed attempts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Retry {
    /// Extra attempts at most.
    pub max: u32,
    /// First backoff in seconds; doubles each time.
    pub backoff: f64,
    /// Backoff is times 1 ± jitter.
    pub jitter: f64,
    /// Share of first attempts that may be retried; `None` is unlimited.
    pub budget_ratio: Option<f64>,
}

/// Circuit breaker.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Breaker {
    /// Consecutive failures that open it.
    pub failures: u32,
    /// Seconds it stays open before one probe.
    pub open: f64,
}

impl Call {
    /// Whether a class makes this call.
    #[must_use]
    pub fn applies_to(&self, class: ClassId) -> bool {
        self.classes.as_ref().is_none_or(|c| c.contains(&class))
    }

    /// Network time of one call in seconds: the round trip plus the transfer.
    #[must_use]
    pub fn network_time(&self) -> f64 {
        self.network + self.network_mbit_s.map_or(0.0, |m| self.kb * 8.0e-3 / m)
    }
}
