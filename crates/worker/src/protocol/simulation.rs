//! A simulation as the page shows it, while it runs and when it is over.

use serde::{Deserialize, Serialize};

/// What is known of a simulation so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Simulation {
    /// Share of the replications played.
    pub share: f64,
    /// Whether it is over.
    pub done: bool,
    /// Growth multiple.
    pub multiple: f64,
    /// Figures with their 95 % intervals.
    pub figures: Vec<SimulatedFigure>,
    /// Seconds since the measured part began.
    pub times: Vec<f64>,
    /// Series over those times: name (`db.utilization`) and values.
    pub series: Vec<(String, Vec<f64>)>,
    /// Seconds dropped at the start.
    pub warmup_s: Option<f64>,
    /// Complete replications.
    pub replications: u32,
    /// Events played.
    pub events: u64,
    /// What ended it.
    pub stopped_by: String,
    /// What became of the system after its events.
    pub verdict: Option<VerdictView>,
    /// What the slowest requests of each class waited for.
    pub slow: Vec<SlowView>,
}

/// The slowest requests of a class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct SlowView {
    /// Class id.
    pub class: String,
    /// How many were followed.
    pub requests: u32,
    /// The quickest of them, milliseconds.
    pub from_ms: f64,
    /// Where their mean time went: component, what, milliseconds.
    pub hops: Vec<(String, String, f64)>,
}

/// What became of a system after its events ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum VerdictView {
    /// Back to what it was, so many seconds after the last event.
    Recovers(f64),
    /// Not yet back; at its pace in so many seconds.
    Draining(f64),
    /// It stays collapsed although the load is back to what it was.
    Metastable,
}

/// One simulated figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct SimulatedFigure {
    /// Class or component id.
    pub of: String,
    /// Whether `of` is a class.
    pub class: bool,
    /// `mean`, `p95`, `throughput_rps`, `utilization`, …
    pub name: String,
    /// The figure.
    pub value: f64,
    /// 95 % interval, from two replications on.
    pub interval: Option<(f64, f64)>,
}
