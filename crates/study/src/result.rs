//! The result document, `headroom-result/1`: what `solve`, `project` and `simulate` answer with, in the contract's words.
//!
//! Times are milliseconds here, as everywhere outside the engine. Nothing is NaN or infinite; unknown is absent.

pub use crate::spend::{CostGrowth, MonthSpend, Spend};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The format name written into every document.
pub const FORMAT: &str = "headroom-result/1";

/// Figures by name (`mean`, `p50`, `p99_9`, …).
pub type Named = BTreeMap<String, f64>;
/// Low and high end of a 5–95 % interval.
pub type Band = [f64; 2];

/// A whole answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct ResultDoc {
    /// Always [`FORMAT`].
    pub format: String,
    /// `analytic` or `simulation`.
    pub engine: String,
    /// Seed of every random choice in it.
    pub seed: u64,
    /// One point per growth multiple.
    pub points: Vec<Point>,
    /// How far the system can grow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headroom: Option<Headroom>,
    /// What breaks next, after each fix.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub next: Vec<NextBottleneck>,
    /// Where each objective breaks by itself, in the scenario's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objectives: Vec<ObjectiveBreak>,
    /// Money along time; absent when nothing costs anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spend: Option<Spend>,
    /// What a reader must know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// How it was simulated, where all points share it (one point, or their sums).
    #[serde(flatten)]
    pub run: RunPoint,
    /// The raw replications of one shard, for `merge`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<ShardDoc>,
}

/// How a simulated answer came about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct RunPoint {
    /// Figures over time (of the first replication).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeline: Option<TimelinePoint>,
    /// Mean simulated seconds dropped at the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warmup_s: Option<f64>,
    /// Independent replications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replications: Option<u32>,
    /// Events played.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<u64>,
    /// What became of it after its events ended (of the first replication).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<engine::sim::Verdict>,
    /// `replications`, `half_width`, or the budget that ended it: `events`, `in_flight`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_by: Option<String>,
}

impl ResultDoc {
    /// Whether anything has a price, or costs anything at one of the points (simulated results do not say which have one); else
    /// nothing is known about money, and no amount is shown.
    #[must_use]
    pub fn is_priced(&self) -> bool {
        self.spend.is_some() || self.points.iter().any(|point| point.cost.monthly != 0.0)
    }
}

/// Series over simulated time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct TimelinePoint {
    /// Seconds since the measured part began; each value is of the interval that ends there.
    pub t_s: Vec<f64>,
    /// By `id.figure`.
    pub series: BTreeMap<String, Vec<f64>>,
}

/// What one shard of a study simulated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShardDoc {
    /// Which part, from 0.
    pub index: u32,
    /// Of how many.
    pub of: u32,
    /// Replications of the whole study.
    pub replications: u32,
    /// Relative half-width at which the study stops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub half_width: Option<f64>,
    /// Seconds that each replication measures; absent in results from before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// Seconds dropped at the start; absent where the run finds them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warmup: Option<f64>,
    /// The scenario, so that `merge` can answer alone and refuse parts of another.
    pub scenario: serde_json::Value,
    /// By point: the replications of this shard.
    pub reports: Vec<Vec<engine::sim::ReplicationReport>>,
    /// By point: what this shard played of the losses that the objectives speak of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub losses: Vec<Vec<LossDoc>>,
}

/// The system with one replica lost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LossDoc {
    /// Which of the losses, from 0.
    pub index: u32,
    /// What was found.
    pub report: engine::sim::ReplicationReport,
}

/// The answer at one growth multiple.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Point {
    /// Growth multiple.
    pub multiple: f64,
    /// Whether nothing is saturated and every objective is met.
    pub feasible: bool,
    /// The solver did not settle: its figures are approximate, and it cannot be said to hold.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unsettled: bool,
    /// Per traffic class.
    pub classes: BTreeMap<String, ClassPoint>,
    /// Per component.
    pub components: BTreeMap<String, ComponentPoint>,
    /// Money.
    pub cost: CostPoint,
    /// The busiest resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bottleneck: Option<Bottleneck>,
    /// Objectives in the scenario's order; an interim answer leaves out those that it cannot judge yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slos: Vec<SloPoint>,
    /// How it was simulated.
    #[serde(flatten)]
    pub run: RunPoint,
}

/// One class at one multiple.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct ClassPoint {
    /// Requests offered per second.
    pub offered_rps: f64,
    /// Requests completed per second.
    pub throughput_rps: f64,
    /// Successful and within the latency objectives, per second.
    pub goodput_rps: f64,
    /// Failed share.
    pub error_ratio: f64,
    /// Response time of successful requests; `null` when the class is unstable.
    pub latency_ms: Option<Named>,
    /// 5–95 % of the long-run figures under the parameters' uncertainty.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub bands: BTreeMap<String, Band>,
    /// The 5 % end of figures whose upper end is open, because more than 5 % of the draws overload the class.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub open_bands: BTreeMap<String, f64>,
    /// Share of the draws that overload the class; left out where none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overloaded_draws: Option<f64>,
    /// The bands with the sampling noise of one run as long as the measured ones.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub prediction: BTreeMap<String, Band>,
    /// 95 % half-intervals of a simulation, by the same names as the figures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci95: Option<BTreeMap<String, Band>>,
    /// Bounds from the class's demands alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bounds: Option<BoundsPoint>,
    /// Where a request's mean time goes: milliseconds by `component` and what it is there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waterfall: Vec<Hop>,
    /// What the slowest requests of a simulation spent their time on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slow: Option<SlowPoint>,
}

/// The slow requests of a class: "what killed this p99". Of every so many requests of the first replication one is followed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct SlowPoint {
    /// Followed requests at or above the 99th percentile (of which the slowest are kept).
    pub requests: u32,
    /// The quickest of them, milliseconds.
    pub from_ms: f64,
    /// Where their mean time went; sums to their mean response.
    pub waterfall: Vec<Hop>,
    /// A few of them hop by hop: the quickest first, then the slowest.
    pub samples: Vec<SlowRequestPoint>,
}

/// One slow request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct SlowRequestPoint {
    /// When it began, seconds of the measured part.
    pub at_s: f64,
    /// Its response time.
    pub latency_ms: f64,
    /// Its hops, callers before what they call.
    pub spans: Vec<SpanPoint>,
}

/// One hop of a slow request; times since the request began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct SpanPoint {
    /// Component id.
    pub component: String,
    /// Position of the caller's hop; absent for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<u32>,
    /// When the caller asked.
    pub start_ms: f64,
    /// When it was over; absent when the request did not wait for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_ms: Option<f64>,
    /// The caller's pool that it went through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// In line for a connection of that pool.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub pool_wait_ms: f64,
    /// On the network.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub network_ms: f64,
    /// In line for a slot.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub wait_ms: f64,
    /// In its own time.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub own_ms: f64,
    /// Whether it failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub failed: bool,
}

fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

/// The straight lines that a class's curves stay between, whatever waits: by asymptotes and balanced jobs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct BoundsPoint {
    /// Throughput at least (closed classes).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throughput_low_rps: Option<f64>,
    /// Throughput at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throughput_high_rps: Option<f64>,
    /// Mean response at least.
    pub latency_low_ms: f64,
    /// Mean response at most (closed classes).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_high_ms: Option<f64>,
    /// Throughput at most at any load.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity_rps: Option<f64>,
    /// Users at which the asymptotes cross (closed classes).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saturation_users: Option<f64>,
}

/// One share of a request's mean time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Hop {
    /// Component id.
    pub component: String,
    /// `own`, `queue`, `pool:NAME`, `network`, `backoff`, or `other` (between attempts, or another request's fetch).
    pub what: String,
    /// Mean milliseconds per request of the class.
    pub ms: f64,
}

/// One component at one multiple.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct ComponentPoint {
    /// Visits served per second.
    pub visits_rps: f64,
    /// Busy share, capped at 1; absent for kinds that have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utilization: Option<f64>,
    /// Slots held over slots, where the kind has slots; 1 also where what they wait for is saturated, whose own share is that of the
    /// bottleneck.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot_utilization: Option<f64>,
    /// Replicas at this multiple.
    pub replicas: u32,
    /// Mean requests here, waiting or in service; absent when saturated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_system: Option<f64>,
    /// Mean wait per visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_ms: Option<f64>,
    /// Mean wait and own time per visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub residence_ms: Option<f64>,
    /// Residence with the synchronous calls below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_ms: Option<f64>,
    /// Pools held by this component.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pools: BTreeMap<String, PoolPoint>,
    /// Hit ratio of a cache or CDN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hit_ratio: Option<f64>,
    /// Growth of a queue's backlog, messages per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub growth_per_s: Option<f64>,
    /// Mean waiting messages of a stable queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backlog: Option<f64>,
    /// Mean age of a message when a consumer takes it, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_s: Option<f64>,
    /// Age of the oldest message that waited at any time of a simulation, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_s: Option<f64>,
    /// Seconds to drain an hour's backlog at multiple 1's load; 0 when nothing piles up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drain_s: Option<f64>,
    /// Messages given up per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_letter_rps: Option<f64>,
    /// Refused visits per second, where the kind can refuse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_rps: Option<f64>,
    /// Money a month, where priced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly_cost: Option<f64>,
    /// 95 % intervals of a simulation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci95: Option<BTreeMap<String, Band>>,
}

/// A connection pool at one multiple.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct PoolPoint {
    /// Connections per replica; absent when unlimited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u32>,
    /// Held share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utilization: Option<f64>,
    /// Mean wait for a connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_ms: Option<f64>,
    /// 95 % intervals of a simulation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci95: Option<BTreeMap<String, Band>>,
}

/// Money at one multiple.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct CostPoint {
    /// A month (730 hours).
    pub monthly: f64,
    /// Part that does not move.
    pub fixed: f64,
    /// Part that moves in steps (replicas).
    pub stepped: f64,
    /// Part that follows usage.
    pub usage: f64,
    /// Per million served requests of all classes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_million_requests: Option<f64>,
    /// Per active user, where the scenario says how many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_user: Option<f64>,
    /// Costs of no component by id; with the components' they add up to `monthly`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub others: BTreeMap<String, f64>,
    /// 5–95 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub band: Option<Band>,
    /// The cheapest plan found that meets the objectives here; where it holds as it stands, that month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned_monthly: Option<f64>,
    /// What the simulated time itself cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<f64>,
    /// 95 % intervals of a simulation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci95: Option<BTreeMap<String, Band>>,
}

/// The busiest resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Bottleneck {
    /// Component id.
    pub component: String,
    /// `slots`, `cores`, `pool:NAME`, `shard`, `consumers`, `quota`, `units`, `connections`.
    pub resource: String,
    /// Its utilization, capped at 1.
    pub utilization: f64,
}

/// One objective at one multiple.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct SloPoint {
    /// Position in the scenario's `slos`.
    pub index: usize,
    /// Whether it holds.
    pub met: bool,
    /// Distance to the limit as a share of it (negative when missed); absent when the figure is unbounded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
    /// Share of the draws in which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
}

/// Where one objective breaks, whatever else breaks before it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct ObjectiveBreak {
    /// Position in the scenario's `slos`.
    pub index: usize,
    /// The smallest multiple at which it is missed; `null` when it holds up to `at_least`.
    pub multiple: Option<f64>,
    /// The largest multiple looked at.
    pub at_least: f64,
    /// Month in which growth reaches it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

/// How far the system can grow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Headroom {
    /// The multiple at which something first breaks; `null` when nothing does.
    pub multiple: Option<f64>,
    /// With `multiple` null: nothing breaks up to here.
    pub at_least: Option<f64>,
    /// With `multiple`: the least multiple looked at does not hold either, which `multiple` then is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
    /// No part of the model that the load meets has a limit: how far it can grow is not known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_limit: bool,
    /// With `no_limit`: no load comes in at all.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_load: bool,
    /// 5–95 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub band: Option<Band>,
    /// With `multiple` null: share of the draws in which something breaks up to `at_least` all the same, where it is 5 % or more;
    /// `band` then is of all draws, those in which nothing breaks counted at `at_least`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaks_in: Option<f64>,
    /// What breaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// Which resource of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// The objective missed; `null` for plain saturation.
    pub objective: Option<usize>,
    /// The cause in one sentence.
    pub why: String,
    /// Month in which growth reaches it (`2027-08`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// 5–95 % of that month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_band: Option<[String; 2]>,
}

/// What breaks after a fix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct NextBottleneck {
    /// `component/resource` assumed unlimited.
    pub after_fixing: String,
    /// The next multiple.
    pub multiple: f64,
    /// What breaks then.
    pub component: String,
    /// Which resource of it.
    pub resource: String,
    /// The objective missed there with the resource as its cause; absent when the resource itself is full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objective: Option<usize>,
}

/// A warning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Warning {
    /// Stable code in kebab case.
    pub code: String,
    /// Path in the scenario, where it has one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// What it means and what to do.
    pub text: String,
}
