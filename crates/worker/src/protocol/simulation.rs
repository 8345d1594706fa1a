//! A simulation as the page shows it, while it runs and when it is over.

use serde::{Deserialize, Serialize};

/// What is known of a simulation so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Simulation {
    /// Number of the run.
    pub run: u64,
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
    /// What must be known of it once it is over, such as events that it did not reach; not what ended it.
    pub warnings: Vec<String>,
    /// What became of the system after its events.
    pub verdict: Option<VerdictView>,
    /// What the slowest requests of each class waited for.
    pub slow: Vec<SlowView>,
    /// What it costs.
    pub cost: Option<SimulatedCost>,
}

/// What a system costs as it was simulated, in the scenario's currency.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SimulatedCost {
    /// A month at the pace of the simulated time.
    pub monthly: f64,
    /// The simulated time itself.
    pub run: Option<f64>,
    /// A million served requests.
    pub per_million_requests: Option<f64>,
}

/// What losing each component once does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct LossesView {
    /// Number of the table, as it was asked for.
    pub asked: u32,
    /// Share of the table played.
    pub share: f64,
    /// Growth multiples, one column each.
    pub multiples: Vec<f64>,
    /// Cells so far, component by component, multiple by multiple.
    pub cells: Vec<LossView>,
}

/// One component lost at one multiple.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LossView {
    /// Component id.
    pub component: String,
    /// Failed share of all requests during the loss.
    pub error_ratio: f64,
    /// Mean response of successful requests before and during the loss, milliseconds.
    pub mean_ms: (f64, f64),
    /// What became of it.
    pub verdict: Option<VerdictView>,
    /// What ended it when it was not its time: `events` or `in_flight`.
    pub stopped_by: Option<String>,
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
