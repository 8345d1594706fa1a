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

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A whole scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scenario {
    /// `headroom/1`, or `headroom/1.N`.
    pub format: String,
    /// Shown as the title.
    #[serde(default)]
    pub name: String,
    /// Markdown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub notes: String,
    /// ISO 4217 code of all money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Date (`YYYY-MM-DD`) at which multiple 1 holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// Traffic classes.
    pub traffic: Vec<Traffic>,
    /// Components.
    pub components: Vec<Component>,
    /// Objectives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slos: Vec<Slo>,
    /// Growth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub growth: Option<Growth>,
    /// Costs that belong to no component.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub costs: Vec<Cost>,
    /// Price book rows: provider, region, type and price, for reference by the price of a component.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub price_book: Vec<PriceBookRow>,
    /// Where figures came from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub imports: Vec<ImportRecord>,
    /// What means what in the imported files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub map: Option<Map>,
    /// Timed disturbances for the simulation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
    /// Joint uncertainty of a calibration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit: Option<Fit>,
    /// Zones that components and events refer to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<String>,
}

/// An objective; exactly one of the shapes of the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Slo {
    /// Class of a latency or error objective.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traffic: Option<String>,
    /// Percentile in (0, 100), with `latency_ms`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percentile: Option<f64>,
    /// Milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<f64>,
    /// Ratio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_error_ratio: Option<f64>,
    /// Component of a utilization or backlog objective.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// Ratio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_utilization: Option<f64>,
    /// Seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_backlog_age_s: Option<f64>,
    /// `replica` or `zone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub survive: Option<String>,
    /// Money a month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_monthly_cost: Option<f64>,
}

/// Growth of the business.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Growth {
    /// Multiples to report.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub multiples: Vec<f64>,
    /// Ratio a month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_month: Option<Quantity>,
}

/// A cost that belongs to no component.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Identifier.
    pub id: String,
    /// Money a month at multiple 1.
    pub monthly: Quantity,
    /// `fixed` or `traffic`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drive: Option<String>,
}

/// One row of a price book.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PriceBookRow {
    /// Provider.
    pub provider: String,
    /// Region.
    pub region: String,
    /// Instance type.
    #[serde(rename = "type")]
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

/// An imported file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct ImportRecord {
    /// Name that quantities refer to in `from`.
    pub id: String,
    /// Kind of the file.
    pub kind: String,
    /// Hash of its content, hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// File name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Requests it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<u64>,
    /// When it was measured, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Measured points per class for the projection chart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<MeasuredPoint>,
    /// Monthly bill per component, for the spend page.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub monthly_costs: BTreeMap<String, f64>,
}

/// A measured level of a class, drawn over the model's line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct MeasuredPoint {
    /// Class id.
    pub traffic: String,
    /// Growth multiple it stands at.
    pub multiple: f64,
    /// Measured requests per second.
    pub rps: f64,
    /// Requests behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<u64>,
    /// Length of the measured level in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// Users of the load generator at this level, of all classes together, where they waited for answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<f64>,
    /// Measured latency by name (`mean`, `p95`, …).
    pub latency_ms: BTreeMap<String, f64>,
}

/// What means what in imported files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Map {
    /// Endpoint name to class id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub endpoints: BTreeMap<String, String>,
    /// Series to quantities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub series: Vec<MapSeries>,
    /// Bill service to component or components.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub costs: BTreeMap<String, OneOrMany>,
}

/// One series of the map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct MapSeries {
    /// File name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Metric name, where one file holds several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Labels that must be present.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Component id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// Pool name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// Class id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// What it is: `visits_rps`, `busy_servers`, … (see the contract).
    pub is: String,
    /// Factor that turns it into the unit of `is`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<f64>,
}

/// One name or a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

/// A timed disturbance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Start in seconds.
    pub at_s: f64,
    /// Length in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_s: Option<f64>,
    /// What happens.
    pub kind: EventKind,
    /// Where (a zone's name for `lose_zone`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// How much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<f64>,
}

/// Kinds of disturbance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

/// Joint uncertainty of a calibration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Fit {
    /// Paths of the drawn quantities.
    pub paths: Vec<String>,
    /// Draws, each with one value per path; at most 200.
    pub draws: Vec<Vec<f64>>,
}
