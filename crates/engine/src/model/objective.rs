//! Service level objectives.

use super::{ClassId, StationId};

/// One objective of the scenario.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Objective {
    /// Position in the scenario's `slos`.
    pub index: usize,
    /// What must hold.
    pub goal: Goal,
}

/// What must hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Goal {
    /// A percentile of a class's response time is at most this.
    Latency {
        /// The class.
        class: ClassId,
        /// Percentile in (0, 100).
        percentile: f64,
        /// Seconds.
        at_most: f64,
    },
    /// A class's share of failed requests is at most this.
    ErrorRatio {
        /// The class.
        class: ClassId,
        /// Ratio.
        at_most: f64,
    },
    /// A component's utilization is at most this.
    Utilization {
        /// The component.
        station: StationId,
        /// Ratio.
        at_most: f64,
    },
    /// The oldest waiting message of a queue is at most this old.
    BacklogAge {
        /// The queue.
        station: StationId,
        /// Seconds.
        at_most: f64,
    },
    /// All other objectives hold with one replica of any component lost.
    SurviveReplica,
    /// All other objectives hold with any one zone lost.
    SurviveZone,
    /// The month costs at most this.
    MonthlyCost {
        /// In the scenario's currency.
        at_most: f64,
    },
}
