//! The types of format `headroom/1`, as they stand in JSON. They only hold; `check` judges and `lower` translates.

mod call;
mod component;
mod own;
mod price;
mod quantity;
mod traffic;

pub use call::*;
pub use component::*;
pub use own::*;
pub use price::*;
pub use quantity::{Quantity, Source};
pub use traffic::*;

use crate::record::{Fault, Part, Tree, record, through_tree, words};
use serde_json::Value;
use std::collections::BTreeMap;

/// A whole scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// `headroom/1`, or `headroom/1.N`.
    pub format: String,
    /// Shown as the title.
    pub name: String,
    /// Markdown.
    pub notes: String,
    /// ISO 4217 code of all money.
    pub currency: Option<String>,
    /// Date (`YYYY-MM-DD`) at which multiple 1 holds.
    pub as_of: Option<String>,
    /// Traffic classes.
    pub traffic: Vec<Traffic>,
    /// Components.
    pub components: Vec<Component>,
    /// Objectives.
    pub slos: Vec<Slo>,
    /// Growth.
    pub growth: Option<Growth>,
    /// Costs that belong to no component.
    pub costs: Vec<Cost>,
    /// Price book rows: provider, region, type and price, for reference by the price of a component.
    pub price_book: Vec<PriceBookRow>,
    /// Where figures came from.
    pub imports: Vec<ImportRecord>,
    /// What means what in the imported files.
    pub map: Option<Map>,
    /// Timed disturbances for the simulation.
    pub events: Vec<Event>,
    /// Joint uncertainty of a calibration.
    pub fit: Option<Fit>,
    /// Zones that components and events refer to.
    pub zones: Vec<String>,
}

record! {
    Scenario {
        format, name: Written, notes: Spare, currency, as_of, traffic: Needed, components: Needed, slos, growth, costs,
        price_book, imports, map, events, fit, zones,
    }
}

/// An objective; exactly one of the shapes of the contract.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Slo {
    /// Class of a latency or error objective.
    pub traffic: Option<String>,
    /// Percentile in (0, 100), with `latency_ms`.
    pub percentile: Option<f64>,
    /// Milliseconds.
    pub latency_ms: Option<f64>,
    /// Ratio.
    pub max_error_ratio: Option<f64>,
    /// Component of a utilization or backlog objective.
    pub component: Option<String>,
    /// Ratio.
    pub max_utilization: Option<f64>,
    /// Seconds.
    pub max_backlog_age_s: Option<f64>,
    /// `replica` or `zone`.
    pub survive: Option<String>,
    /// Money a month.
    pub max_monthly_cost: Option<f64>,
}

record! {
    Slo {
        traffic, percentile, latency_ms, max_error_ratio, component, max_utilization, max_backlog_age_s, survive,
        max_monthly_cost,
    }
}

/// Growth of the business.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Growth {
    /// Multiples to report.
    pub multiples: Vec<f64>,
    /// Ratio a month.
    pub per_month: Option<Quantity>,
}

record!(Growth { multiples, per_month });

/// A cost that belongs to no component.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    /// Identifier.
    pub id: String,
    /// Money a month at multiple 1.
    pub monthly: Quantity,
    /// `fixed` or `traffic`.
    pub drive: Option<String>,
}

record!(Cost { id, monthly, drive });

/// One row of a price book.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceBookRow {
    /// Provider.
    pub provider: String,
    /// Region.
    pub region: String,
    /// Instance type.
    pub kind: String,
    /// Virtual processors.
    pub vcpu: f64,
    /// Memory in GiB.
    pub mem_gib: f64,
    /// List price.
    pub usd_per_hour: f64,
    /// Date of the price.
    pub as_of: String,
    /// Where the price was read.
    pub source: String,
}

record!(PriceBookRow { provider, region, kind as "type", vcpu, mem_gib, usd_per_hour, as_of, source });

/// An imported file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ImportRecord {
    /// Name that quantities refer to in `from`.
    pub id: String,
    /// Kind of the file.
    pub kind: String,
    /// Hash of its content, hexadecimal.
    pub sha256: Option<String>,
    /// File name.
    pub file: Option<String>,
    /// Requests it holds.
    pub requests: Option<u64>,
    /// When it was measured, RFC 3339.
    pub at: Option<String>,
    /// Measured points per class for the projection chart.
    pub points: Vec<MeasuredPoint>,
    /// Monthly bill per component, for the spend page.
    pub monthly_costs: BTreeMap<String, f64>,
    /// Money a month of each bill line that no component explains, negative for credits; with `monthly_costs` the whole bill.
    pub unexplained_costs: BTreeMap<String, f64>,
    /// First day of that bill.
    pub billed_from: Option<String>,
    /// Day after its last.
    pub billed_until: Option<String>,
}

record!(ImportRecord {
    id,
    kind,
    sha256,
    file,
    requests,
    at,
    points,
    monthly_costs,
    unexplained_costs,
    billed_from,
    billed_until,
});

/// A measured level of a class, drawn over the model's line.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MeasuredPoint {
    /// Class id.
    pub traffic: String,
    /// Growth multiple it stands at.
    pub multiple: f64,
    /// Measured requests per second.
    pub rps: f64,
    /// Requests behind it.
    pub requests: Option<u64>,
    /// Length of the measured level in seconds.
    pub seconds: Option<f64>,
    /// Users of the load generator at this level, of all classes together, where they waited for answers.
    pub users: Option<f64>,
    /// Measured latency by name (`mean`, `p95`, …).
    pub latency_ms: BTreeMap<String, f64>,
}

record!(MeasuredPoint { traffic, multiple, rps, requests, seconds, users, latency_ms: Needed });

/// What means what in imported files.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Map {
    /// Endpoint name to class id.
    pub endpoints: BTreeMap<String, String>,
    /// Series to quantities.
    pub series: Vec<MapSeries>,
    /// Bill service to component or components.
    pub costs: BTreeMap<String, OneOrMany>,
}

record!(Map { endpoints, series, costs });

/// One series of the map.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MapSeries {
    /// File name.
    pub file: Option<String>,
    /// Metric name, where one file holds several.
    pub name: Option<String>,
    /// Labels that must be present.
    pub labels: BTreeMap<String, String>,
    /// Component id.
    pub component: Option<String>,
    /// Pool name.
    pub pool: Option<String>,
    /// Class id.
    pub class: Option<String>,
    /// What it is: `visits_rps`, `busy_servers`, … (see the contract).
    pub is: String,
    /// Factor that turns it into the unit of `is`.
    pub scale: Option<f64>,
}

record!(MapSeries { file, name, labels, component, pool, class, is, scale });

/// One name or a list.
#[derive(Debug, Clone, PartialEq)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl Part for OneOrMany {
    fn read(value: &Value, fault: &mut Fault) -> Self {
        if value.is_array() { Self::Many(Vec::read(value, fault)) } else { Self::One(String::read(value, fault)) }
    }

    fn tree(&self) -> Tree<'_> {
        match self {
            Self::One(one) => one.tree(),
            Self::Many(many) => many.tree(),
        }
    }
}

through_tree!(OneOrMany);

/// A timed disturbance.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Start in seconds.
    pub at_s: f64,
    /// Length in seconds.
    pub for_s: Option<f64>,
    /// What happens.
    pub kind: EventKind,
    /// Where (a zone's name for `lose_zone`).
    pub component: Option<String>,
    /// How much.
    pub amount: Option<f64>,
}

record!(Event { at_s, for_s, kind, component, amount });

/// Kinds of disturbance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// Replicas vanish.
    LoseReplicas,
    /// A zone vanishes.
    LoseZone,
    /// Own times are times the amount.
    SlowDown,
    /// A cache is emptied.
    FlushCache,
    /// Calls fail.
    Partition,
    /// Traffic is times the amount.
    TrafficSpike,
    /// Replicas restart one after another.
    Deploy,
    /// Only one query at a time.
    ExclusiveLock,
}

words! {
    EventKind {
        LoseReplicas = "lose_replicas", LoseZone = "lose_zone", SlowDown = "slow_down", FlushCache = "flush_cache",
        Partition = "partition", TrafficSpike = "traffic_spike", Deploy = "deploy", ExclusiveLock = "exclusive_lock",
    }
}

/// Joint uncertainty of a calibration.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fit {
    /// Paths of the drawn quantities.
    pub paths: Vec<String>,
    /// Draws, each with one value per path; at most 200.
    pub draws: Vec<Vec<f64>>,
}

record!(Fit { paths: Needed, draws: Needed });
