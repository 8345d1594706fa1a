//! Autoscaling and timed events.

use super::StationId;

/// Kubernetes' Horizontal Pod Autoscaler: desired = ceil(current x metric / target) outside the tolerance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Autoscale {
    /// Least replicas.
    pub min: u32,
    /// Most replicas.
    pub max: u32,
    /// What is watched.
    pub metric: AutoscaleMetric,
    /// Wanted value of the metric.
    pub target: f64,
    /// Relative distance that causes no action.
    pub tolerance: f64,
    /// Seconds between decisions.
    pub interval: f64,
    /// Age of the metric in seconds.
    pub metric_delay: f64,
    /// Seconds from decision to service; billed.
    pub startup: f64,
    /// Seconds over which the highest recommendation holds before scaling down.
    pub stabilization_down: f64,
}

/// What an autoscaler watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AutoscaleMetric {
    /// Busy cores over cores.
    Cpu,
    /// Held slots over slots.
    Slots,
    /// Waiting requests (or messages of the feeding queue) per replica.
    QueueLengthPerReplica,
}

/// A timed disturbance.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Start in seconds.
    pub at: f64,
    /// Length in seconds.
    pub duration: f64,
    /// What happens.
    pub kind: EventKind,
    /// Where; `None` for the whole system or a zone.
    pub station: Option<StationId>,
    /// Position in [`super::System::zones`], for the loss of a zone.
    pub zone: Option<usize>,
    /// How much: replicas lost, factor of slowness or of traffic.
    pub amount: f64,
}

/// Kinds of disturbance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// Replicas vanish.
    LoseReplicas,
    /// All replicas in a zone vanish.
    LoseZone,
    /// Own times are times the amount.
    SlowDown,
    /// A cache is emptied.
    FlushCache,
    /// Calls to the station fail.
    Partition,
    /// Traffic is times the amount.
    TrafficSpike,
    /// Replicas restart one after another.
    Deploy,
    /// Only one query at a time.
    ExclusiveLock,
}
