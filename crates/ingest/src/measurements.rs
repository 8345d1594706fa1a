//! The common target of all importers: `headroom-measurements/1`. Only what a file really holds is present; nothing is null or
//! zero in place of unknown.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The format name written into every document.
pub const FORMAT: &str = "headroom-measurements/1";

/// What one file (or one run of several files) holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Measurements {
    /// Always [`FORMAT`].
    pub format: String,
    /// Kind of the file in kebab case, such as `k6-ndjson`.
    pub kind: String,
    /// The file's name as given.
    pub file: String,
    /// Version of the tool that wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_version: Option<String>,
    /// Start of the run, RFC 3339 in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<String>,
    /// Length of the run in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_s: Option<f64>,
    /// Whether the load generator was open or closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<LoadModel>,
    /// Figures over all requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totals: Option<Figures>,
    /// Figures per endpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub endpoints: Vec<Endpoint>,
    /// Steady (and other) levels of a stepped run, in time order; per endpoint levels carry its name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<Level>,
    /// Time series as recorded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub series: Vec<Series>,
    /// Fingerprints of single seconds of a load test, by which its requests are known again in another file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fingerprints: Vec<Fingerprint>,
    /// Figures of resources such as a cache or a queue.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<Resource>,
    /// Call graph edges from traces.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<CallEdge>,
    /// Bill lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub costs: Vec<CostLine>,
    /// Prices of machine types.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<MachinePrice>,
    /// What a reader must know before trusting the figures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

/// A second since the Unix epoch, and a hash of the requests that started in it: equal for equal requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint(pub u64, pub u32);

/// Whether arrivals depend on answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoadModel {
    /// Arrivals do not wait for answers.
    Open,
    /// A population of users that wait for answers.
    Closed,
}

/// Which requests latency figures cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LatencyOf {
    /// All requests, failed ones too.
    All,
    /// Successful requests only.
    Ok,
}

/// Counts, rates and latency over a set of requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Figures {
    /// Finished requests, failed ones included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<u64>,
    /// Failed requests: HTTP >= 400 or transport.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errors: Option<u64>,
    /// Failed requests by cause: HTTP status or the tool's error text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub errors_by: BTreeMap<String, u64>,
    /// Requests per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rps: Option<f64>,
    /// Concurrent users, connections or virtual users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<f64>,
    /// Latency in milliseconds by name: `mean`, `min`, `max`, `p50`, `p95`, `p99_9`, …
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub latency_ms: BTreeMap<String, f64>,
    /// Which requests the latency covers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_of: Option<LatencyOf>,
    /// Latency histogram: (upper bound in ms, count), ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub histogram: Vec<(f64, u64)>,
}

/// Figures of one endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Endpoint {
    /// Method and path with identifiers collapsed, or the tool's label.
    pub name: String,
    /// The figures.
    #[serde(flatten)]
    pub figures: Figures,
}

/// Figures over one stretch of time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Level {
    /// Seconds from the start of the run.
    pub from_s: f64,
    /// Seconds from the start of the run.
    pub to_s: f64,
    /// Endpoint the figures are of; absent for all requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Whether load and latency were steady.
    pub steady: bool,
    /// The figures.
    #[serde(flatten)]
    pub figures: Figures,
}

/// One time series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Series {
    /// Metric or column name.
    pub name: String,
    /// Labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Unit where the file or the name says it (`s`, `ms`, `bytes`, `ratio`, …).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// (seconds, value): seconds since the Unix epoch where the file has absolute time, else from the start.
    pub points: Vec<(f64, f64)>,
}

/// Figures of a resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Resource {
    /// What it is called.
    pub name: String,
    /// What it is, where the file says: a component kind of the scenario format (`service`, `database`, `queue`, …), `client` for
    /// what only sends requests, `server` for one server of a balancer, `autoscaler`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What the file says of it in words: image, policy, target, …
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Own time in milliseconds of a visit, per endpoint the system was entered by, where there is more than one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub own_ms_by_endpoint: BTreeMap<String, f64>,
    /// Figures by name: `hit_ratio`, `ops_per_s`, `utilization`, `queue_length`, `consumers`, …
    #[serde(flatten)]
    pub figures: BTreeMap<String, f64>,
}

/// An edge of the call graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct CallEdge {
    /// Caller.
    pub from: String,
    /// Callee.
    pub to: String,
    /// Calls per visit of the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_request: Option<f64>,
    /// `sync`, `parallel` or `async`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// Own time of the callee in milliseconds: what it took without the calls it waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_ms: Option<f64>,
    /// Time on the wire in milliseconds: what the caller waited beyond what the callee took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_ms: Option<f64>,
    /// Share of the calls that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_ratio: Option<f64>,
    /// Calls behind the figures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls: Option<u64>,
    /// Calls per request of each endpoint the system was entered by, where there is more than one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_endpoint: BTreeMap<String, f64>,
}

/// A bill line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct CostLine {
    /// Service or meter name.
    pub service: String,
    /// Amount over the period.
    pub amount: f64,
    /// Currency code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Start (inclusive) and end (exclusive) as dates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<(String, String)>,
    /// The amount scaled to 730 hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly: Option<f64>,
    /// Days from its charge on that `monthly` holds, where they go beyond the period: what was paid for a term.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term_days: Option<f64>,
    /// Charge category such as `Usage`, `Tax`, `Credit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Tags or labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

/// The list price of a machine type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct MachinePrice {
    /// Provider.
    pub provider: String,
    /// Region.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub region: String,
    /// Machine type.
    #[serde(rename = "type")]
    pub machine: String,
    /// Virtual processors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vcpu: Option<f64>,
    /// Memory in GiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mem_gib: Option<f64>,
    /// Price in US dollars an hour.
    pub usd_per_hour: f64,
    /// Date of the price.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub as_of: String,
    /// Where it was read.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
}

/// A warning with its evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Warning {
    /// Stable code in kebab case.
    pub code: String,
    /// What it means for the reader and what to do.
    pub text: String,
    /// The figures behind it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub evidence: BTreeMap<String, serde_json::Value>,
}

impl Figures {
    /// Adds a latency statistic in milliseconds; one that is absent or no number is left out. What is below zero is left out, and
    /// said, once the file is read.
    #[must_use]
    pub fn with(mut self, name: &str, latency_ms: Option<f64>) -> Self {
        if let Some(value) = latency_ms.filter(|value| value.is_finite()) {
            self.latency_ms.insert(name.to_owned(), value);
        }
        self
    }

    /// Notes failures of one cause; none where there were none.
    #[must_use]
    pub fn caused(mut self, cause: &str, count: u64) -> Self {
        if count > 0 {
            *self.errors_by.entry(cause.to_owned()).or_default() += count;
        }
        self
    }

    fn keep_finite(&mut self) {
        keep(&mut self.rps);
        keep(&mut self.users);
        self.latency_ms.retain(|_, value| value.is_finite());
        self.histogram.retain(|(upper, _)| upper.is_finite());
    }

    /// Sets how many requests finished and how many of these failed.
    #[must_use]
    pub fn counted(mut self, requests: Option<u64>, errors: Option<u64>) -> Self {
        (self.requests, self.errors) = (requests, errors);
        self
    }
}

impl Resource {
    /// A resource of that kind without figures yet.
    pub fn new(name: &str, kind: &str) -> Self {
        Self { name: name.to_owned(), kind: Some(kind.to_owned()), ..Self::default() }
    }

    /// Adds a figure; an absent one or one that is no finite number is left out.
    #[must_use]
    pub fn with(mut self, name: &str, value: Option<f64>) -> Self {
        self.set(name, value);
        self
    }

    /// Sets a figure; an absent one or one that is no finite number is left out.
    pub fn set(&mut self, name: &str, value: Option<f64>) {
        self.figures.extend(value.filter(|value| value.is_finite()).map(|value| (name.to_owned(), value)));
    }

    /// Adds what the file says in words; nothing for an absent or empty one.
    #[must_use]
    pub fn says(mut self, name: &str, value: Option<&str>) -> Self {
        let value = value.map(str::trim).filter(|value| !value.is_empty());
        self.labels.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        self
    }
}

impl Measurements {
    /// Leaves out every figure that is no finite number (a count over a rate of nearly zero, a value near the largest number): JSON
    /// cannot hold it and no reader could use it.
    pub fn keep_finite(&mut self) {
        keep(&mut self.duration_s);
        self.totals.iter_mut().for_each(Figures::keep_finite);
        self.endpoints.iter_mut().for_each(|endpoint| endpoint.figures.keep_finite());
        self.levels.retain(|level| level.from_s.is_finite() && level.to_s.is_finite());
        self.levels.iter_mut().for_each(|level| level.figures.keep_finite());
        for series in &mut self.series {
            series.points.retain(|(at, value)| at.is_finite() && value.is_finite());
        }
        for resource in &mut self.resources {
            resource.figures.retain(|_, value| value.is_finite());
            resource.own_ms_by_endpoint.retain(|_, value| value.is_finite());
        }
        for call in &mut self.calls {
            keep(&mut call.per_request);
            keep(&mut call.own_ms);
            keep(&mut call.network_ms);
            keep(&mut call.error_ratio);
            call.by_endpoint.retain(|_, calls| calls.is_finite());
        }
        self.costs.retain(|line| line.amount.is_finite());
        self.costs.iter_mut().for_each(|line| keep(&mut line.monthly));
        for warning in &mut self.warnings {
            warning.evidence.retain(|_, value| !value.is_null());
        }
    }
}

fn keep(figure: &mut Option<f64>) {
    *figure = figure.filter(|value| value.is_finite());
}

impl Warning {
    /// A warning without evidence yet.
    pub fn new(code: &str, text: &str) -> Self {
        Self { code: code.to_owned(), text: text.to_owned(), evidence: BTreeMap::new() }
    }

    /// Adds a figure behind it.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.evidence.insert(name.to_owned(), value.into());
        self
    }
}
