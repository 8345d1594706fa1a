//! Counters of classes and stations, from the last reset on.

use super::histogram::Histogram;

/// What happened to a class's requests.
#[derive(Debug, Clone, Default)]
pub(crate) struct ClassTally {
    /// Requests that entered.
    pub offered: u64,
    /// Requests that failed.
    pub failed: u64,
    /// Successful within the class's latency objectives.
    pub good: u64,
    /// Strictest latency objective in seconds; infinite without one.
    pub good_limit: f64,
    /// The request that is followed next, and every how many one is.
    pub follow_at: u64,
    pub follow_gap: u64,
    /// Response times of successful requests.
    pub responses: Histogram,
}

impl ClassTally {
    /// Forgets what happened, keeping the objective.
    pub(crate) fn reset(&mut self) {
        (self.offered, self.failed, self.good) = (0, 0, 0);
        self.follow_at = if self.follow_gap > 0 { 1 } else { u64::MAX };
        self.responses.clear();
    }
}

/// What happened at a station, beside what its groups count.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct StationTally {
    /// Visits refused at arrival.
    pub refused: u64,
    /// Visits that took a write unit.
    pub written: u64,
    /// Look-ups.
    pub looked_up: u64,
    /// Look-ups that missed.
    pub missed: u64,
    /// Visits that failed after their own time.
    pub failed: u64,
    /// Messages given up.
    pub dead: u64,
    /// Messages delivered again.
    pub redelivered: u64,
    /// Messages taken by a consumer.
    pub taken: u64,
    /// Sum of their ages when taken, seconds.
    pub age_sum: f64,
    /// Age of the oldest message taken since measuring began, seconds.
    pub oldest: f64,
    /// Cold starts.
    pub cold: u64,
    /// Kilobytes moved on calls to the station, where bytes have a price.
    pub kilobytes: f64,
    /// Own time of the visits that began on a shared processor; transfer time of those at storage. Seconds.
    pub own: f64,
}
