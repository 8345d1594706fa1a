//! What one replication found, and what several say together.

use super::statistics::{Estimate, estimate};
use super::trace::SlowRequest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A figure of a class, a station or a pool. Times are seconds, rates per second, shares 0..1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Requests that entered, per second.
    Offered,
    /// Requests that ended per second, failed ones included.
    Throughput,
    /// Successful and within the latency objectives, per second.
    Goodput,
    /// Failed share of the ended requests.
    ErrorRatio,
    /// Mean response time of successful requests.
    Mean,
    /// Percentile of the response time.
    P50,
    /// Percentile of the response time.
    P90,
    /// Percentile of the response time.
    P95,
    /// Percentile of the response time.
    P99,
    /// Percentile of the response time.
    P999,
    /// Visits served per second.
    Visits,
    /// Busy share as the contract defines it for the kind.
    Utilization,
    /// Slots (or connections) held over slots.
    SlotUtilization,
    /// Request units taken over those provided, of reads or of writes, whichever is more.
    UnitUtilization,
    /// Replicas, averaged over time.
    Replicas,
    /// Replicas paid for, booting ones included.
    Billed,
    /// Requests here, waiting or in their own time.
    InSystem,
    /// Wait per visit.
    Wait,
    /// Wait and own time per visit.
    Residence,
    /// Residence and the synchronous calls below.
    Hold,
    /// Visits refused per second.
    Refused,
    /// Share of look-ups that hit.
    HitRatio,
    /// Growth of a backlog, messages per second.
    Growth,
    /// Messages waiting.
    Backlog,
    /// Age of a message when a consumer takes it.
    Age,
    /// Age of the oldest message that waited at any time; over time the oldest one at that instant.
    Oldest,
    /// Messages given up per second.
    DeadLetters,
    /// Share of starts that were cold.
    ColdStarts,
    /// Extra attempts per second of the station's calls.
    Retries,
    /// Attempts given up at their timeout, per second.
    Timeouts,
    /// Kilobytes (1000 bytes) per second moved on calls to the station.
    Kilobytes,
    /// GB-seconds per second of a function.
    GbSeconds,
}

/// Figures by name; a figure that does not exist is absent.
pub type Figures = BTreeMap<Measure, f64>;

/// What ended a replication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoppedBy {
    /// It is still running.
    Running,
    /// The simulated time asked for is over.
    Time,
    /// The budget of events.
    Events,
    /// More requests in flight than allowed: the scenario explodes.
    InFlight,
}

/// One station in one replication.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct StationReport {
    /// Its figures.
    pub figures: Figures,
    /// Figures of its pools, in the model's order.
    pub pools: Vec<Figures>,
}

/// Figures over time: one value per instant, of the interval that ends there.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Timeline {
    /// Ends of the intervals, seconds since the measured part began.
    pub times: Vec<f64>,
    /// Series of each class: [`Measure::Offered`], throughput, error ratio, mean response.
    pub classes: Vec<BTreeMap<Measure, Vec<f64>>>,
    /// Series of each station: utilization, requests present, replicas, backlog.
    pub stations: Vec<BTreeMap<Measure, Vec<f64>>>,
}

/// What one replication found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReplicationReport {
    /// Its number, from 0.
    pub replication: u32,
    /// Simulated seconds dropped at the start.
    pub warmup: f64,
    /// Simulated seconds measured.
    pub seconds: f64,
    /// Events played, warm-up included.
    pub events: u64,
    /// Most requests and messages alive at once.
    pub most_in_flight: u64,
    /// What ended it.
    pub stopped_by: StoppedBy,
    /// By class.
    pub classes: Vec<Figures>,
    /// Response times by class: (bucket of the histogram, count).
    pub histograms: Vec<Vec<(u32, u64)>>,
    /// By station.
    pub stations: Vec<StationReport>,
    /// Figures over time.
    pub timeline: Timeline,
    /// By class: the slowest of the requests that were followed, slowest first; empty when none were.
    #[serde(default)]
    pub slow: Vec<Vec<SlowRequest>>,
}

/// Estimates by name.
pub type Estimates = BTreeMap<Measure, Estimate>;

/// What replications say together.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Replications summed up.
    pub replications: u32,
    /// Events of all.
    pub events: u64,
    /// Mean simulated seconds dropped at the start.
    pub warmup: f64,
    /// By class.
    pub classes: Vec<Estimates>,
    /// By station.
    pub stations: Vec<Estimates>,
    /// By station, by pool.
    pub pools: Vec<Vec<Estimates>>,
    /// Whether any replication ended before its time, and by what.
    pub cut_short: Option<StoppedBy>,
}

/// Means with 95 % intervals over replications. A figure counts over those replications that have it.
#[must_use]
pub fn summarize(reports: &[ReplicationReport]) -> Summary {
    let Some(first) = reports.first() else { return Summary::default() };
    let n = reports.len();
    Summary {
        replications: n as u32,
        events: reports.iter().map(|r| r.events).sum(),
        warmup: reports.iter().map(|r| r.warmup).sum::<f64>() / n as f64,
        classes: (0..first.classes.len()).map(|c| combine(reports.iter().map(|r| &r.classes[c]))).collect(),
        stations: (0..first.stations.len()).map(|s| combine(reports.iter().map(|r| &r.stations[s].figures))).collect(),
        pools: (0..first.stations.len())
            .map(|s| {
                let pools = first.stations[s].pools.len();
                (0..pools).map(|p| combine(reports.iter().map(|r| &r.stations[s].pools[p]))).collect()
            })
            .collect(),
        cut_short: reports.iter().map(|r| r.stopped_by).find(|s| *s != StoppedBy::Time),
    }
}

fn combine<'a>(all: impl Iterator<Item = &'a Figures>) -> Estimates {
    let mut values: BTreeMap<Measure, Vec<f64>> = BTreeMap::new();
    for figures in all {
        for (&measure, &value) in figures {
            values.entry(measure).or_default().push(value);
        }
    }
    values.into_iter().filter_map(|(measure, values)| Some((measure, estimate(&values)?))).collect()
}

/// The largest relative half-width of the classes' mean and 95th percentile; `None` when it cannot be told yet.
#[must_use]
pub fn relative_half_width(summary: &Summary) -> Option<f64> {
    let mut largest = None;
    for class in &summary.classes {
        for measure in [Measure::Mean, Measure::P95] {
            if let Some(e) = class.get(&measure) {
                let relative = if e.mean > 0.0 { e.half_width? / e.mean } else { 0.0 };
                largest = Some(relative.max(largest.unwrap_or(0.0)));
            }
        }
    }
    largest
}

/// How many of the replications (in the order of their numbers) count: all, or as many as reach the half-width asked for.
/// The same for any number of workers and shards, because it looks at complete prefixes only.
#[must_use]
pub fn needed(reports: &[ReplicationReport], half_width: Option<f64>) -> usize {
    let Some(wanted) = half_width else { return reports.len() };
    (LEAST_REPLICATIONS..=reports.len())
        .find(|&n| relative_half_width(&summarize(&reports[..n])).is_some_and(|w| w <= wanted))
        .unwrap_or(reports.len())
}

/// Replications before a half-width is believed.
pub const LEAST_REPLICATIONS: usize = 5;
