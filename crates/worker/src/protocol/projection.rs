//! A projection by columns: what the slider looks up and the charts draw.
//!
//! Every column has one entry per multiple of [`Projection::multiples`]. Unknown and unbounded figures are `None`.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Share of overloaded draws above which a band has no upper end because of them, as `study` has it.
pub const UNBOUNDED: f64 = 0.05;

/// A column of figures.
pub type Column = Vec<Option<f64>>;
/// A column of 5–95 % intervals.
pub type BandColumn = Vec<Option<(f64, f64)>>;
/// The same of latencies: no upper end where too many draws are overloaded to have one.
pub type LatencyBandColumn = Vec<Option<(f64, Option<f64>)>>;

/// The whole answer over growth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Projection {
    /// Growth multiples, ascending.
    pub multiples: Vec<f64>,
    /// Whether everything holds there.
    pub feasible: Vec<bool>,
    /// Classes in the scenario's order.
    pub classes: Vec<ClassColumns>,
    /// Components in the scenario's order.
    pub components: Vec<ComponentColumns>,
    /// Money.
    pub cost: CostColumns,
    /// Objectives in the scenario's order.
    pub objectives: Vec<ObjectiveColumns>,
    /// The busiest resource: component, resource, utilization.
    pub bottleneck: Vec<Option<(String, String, f64)>>,
    /// How far the system can grow.
    pub headroom: Option<HeadroomView>,
    /// What breaks next, after each fix.
    pub next: Vec<NextView>,
    /// Measured levels to draw over the lines.
    pub measured: Vec<MeasuredView>,
    /// Warnings.
    pub warnings: Vec<WarningView>,
    /// Whether the bands are drawn yet: false in the first, quick answer.
    pub banded: bool,
}

/// One class over growth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct ClassColumns {
    /// Class id.
    pub id: String,
    /// Offered requests per second.
    pub offered_rps: Column,
    /// Completed per second.
    pub throughput_rps: Column,
    /// In time and without error, per second.
    pub goodput_rps: Column,
    /// Failed share.
    pub error_ratio: Column,
    /// Milliseconds by `mean`, `p50`, …; `None` where the class is unstable.
    pub latency_ms: BTreeMap<String, Column>,
    /// Bands of the same.
    pub bands: BTreeMap<String, LatencyBandColumn>,
    /// Share of the draws that overload the class, where bands are drawn; empty where none does anywhere.
    pub overloaded_draws: Column,
    /// What throughput and mean latency cannot pass, whatever waits.
    pub bounds: BoundColumns,
    /// Where a request's mean time goes, one list per multiple: component, what, milliseconds.
    pub waterfall: Vec<Vec<(String, String, f64)>>,
}

/// The straight lines that a class's curves stay between: by asymptotes and balanced jobs, from its demands alone. A column is empty
/// where the class has no such bound at any multiple.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct BoundColumns {
    /// Completed per second at least (closed classes).
    pub throughput_low_rps: Column,
    /// Completed per second at most.
    pub throughput_high_rps: Column,
    /// Mean response at least, milliseconds.
    pub latency_low_ms: Column,
    /// Mean response at most, milliseconds (closed classes).
    pub latency_high_ms: Column,
}

/// One component over growth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct ComponentColumns {
    /// Component id.
    pub id: String,
    /// Visits served per second.
    pub visits_rps: Column,
    /// Busy share.
    pub utilization: Column,
    /// Slots held over slots.
    pub slot_utilization: Column,
    /// Replicas.
    pub replicas: Column,
    /// Mean wait per visit, milliseconds.
    pub wait_ms: Column,
    /// Wait and own time, milliseconds.
    pub residence_ms: Column,
    /// Residence and the synchronous calls below, milliseconds.
    pub hold_ms: Column,
    /// Hit ratio.
    pub hit_ratio: Column,
    /// Waiting messages.
    pub backlog: Column,
    /// Growth of the backlog per second.
    pub growth_per_s: Column,
    /// Money a month.
    pub monthly_cost: Column,
    /// Pools by name: utilization and wait in milliseconds.
    pub pools: BTreeMap<String, (Column, Column)>,
}

/// Money over growth, a month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct CostColumns {
    /// All of it.
    pub monthly: Column,
    /// Part that does not move.
    pub fixed: Column,
    /// Part that moves in steps.
    pub stepped: Column,
    /// Part that follows usage.
    pub usage: Column,
    /// Per million requests.
    pub per_million_requests: Column,
    /// 5–95 %.
    pub band: BandColumn,
    /// The cheapest plan found.
    pub planned_monthly: Column,
}

/// One objective over growth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct ObjectiveColumns {
    /// Whether it holds.
    pub met: Vec<bool>,
    /// Distance to the limit as a share of it.
    pub margin: Column,
    /// Share of the draws in which it holds.
    pub probability: Column,
    /// First multiple at which it fails, to the grid's precision.
    pub breaks_at: Option<f64>,
}

/// How far the system can grow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct HeadroomView {
    /// Where something first breaks.
    pub multiple: Option<f64>,
    /// Otherwise: nothing breaks up to here.
    pub at_least: Option<f64>,
    /// With `multiple`: not even this, the least multiple looked at, holds.
    pub at_most: Option<f64>,
    /// Nothing could: no part of the model that the load meets has a limit.
    pub no_limit: bool,
    /// Nothing could, because no load comes in.
    pub no_load: bool,
    /// 5–95 %.
    pub band: Option<(f64, f64)>,
    /// Where nothing breaks: share of the draws in which something does all the same; the band's lower end is where 5 % have broken.
    pub breaks_in: Option<f64>,
    /// Component that breaks.
    pub component: Option<String>,
    /// Its resource.
    pub resource: Option<String>,
    /// Objective missed.
    pub objective: Option<usize>,
    /// The cause in a sentence.
    pub why: String,
    /// Month in which growth reaches it, `2027-08`.
    pub date: Option<String>,
    /// Where nothing breaks: what is at its end all the same.
    pub silent: Option<SilentView>,
    /// Whether retries can hold it in collapse after a disturbance, at any multiple looked at.
    pub collapses: bool,
    /// Multiples at which the solver did not settle.
    pub unsettled: Vec<f64>,
    /// Multiples below today's load at which something breaks although today's holds.
    pub fails_below: Vec<f64>,
}

/// What is at its end although nothing breaks: it refuses, or users in a loop fill it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum SilentView {
    /// A part that is full.
    Full {
        /// Component.
        component: String,
        /// Its resource.
        resource: String,
        /// The first multiple at which it is.
        multiple: f64,
        /// Whether what comes beyond it is refused; else users wait for each other.
        refuses: bool,
    },
    /// A class of which many requests fail, on whose errors there is no objective.
    Failing {
        /// Class.
        class: String,
        /// Share of its requests that fail, 0 to 1.
        share: f64,
        /// The first multiple at which they do.
        multiple: f64,
    },
}

/// What breaks after a fix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct NextView {
    /// `component/resource` assumed unlimited.
    pub after_fixing: String,
    /// The next multiple.
    pub multiple: f64,
    /// What breaks then.
    pub component: String,
    /// Which resource of it.
    pub resource: String,
    /// The objective missed there with the resource as its cause; none when the resource itself is full.
    pub objective: Option<usize>,
}

/// A measured level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct MeasuredView {
    /// Class id.
    pub class: String,
    /// Growth multiple it stands at.
    pub multiple: f64,
    /// Requests per second.
    pub rps: f64,
    /// Milliseconds by name.
    pub latency_ms: BTreeMap<String, f64>,
    /// The import.
    pub from: String,
}

/// A warning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct WarningView {
    /// Stable code.
    pub code: String,
    /// Path in the scenario.
    pub path: String,
    /// What it means and what to do.
    pub text: String,
}
