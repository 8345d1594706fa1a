//! CloudWatch: `aws cloudwatch get-metric-data` and `get-metric-statistics`, with what SQS, DynamoDB and balancers are read for.
//!
//! Source: Amazon CloudWatch API reference (GetMetricData, GetMetricStatistics, MetricDatum units); "Available CloudWatch metrics" of
//! Amazon SQS, "DynamoDB Metrics and dimensions".

use super::kept::Kept;
use crate::measurements::{Measurements, Resource, Series, Warning};
use crate::read::list::Gather;
use crate::read::{json, time};
use crate::refusal::Refusal;
use crate::registry::{Docs, Fit, Format, Shape};
use serde_json::Value;
use std::collections::BTreeMap;

/// The format.
pub const FORMAT: Format = Format {
    kind: "cloudwatch",
    title: "CloudWatch: aws cloudwatch get-metric-data or get-metric-statistics (JSON)",
    shape: Shape::List { fits, paths: &[&["MetricDataResults"]], gather: |_| Box::<Answer>::default() },
    docs: Docs {
        versions: "API of 2010-08-01 (documentation)",
        used: "series per metric and statistic, in order of time; SQS and DynamoDB metrics by name also as figures of the queue or table",
        traps: "newest first or unsorted; get-metric-data says neither unit nor statistic nor period (the period is the shortest distance of \
                points); a Sum is per period and is divided by it only where the statistic is known, in figures of a resource and in a fitted rate",
        evidence: "documented shape",
    },
};

fn fits(document: &Value) -> Fit {
    let statistics = document.get("Datapoints").is_some_and(Value::is_array) && document.get("Label").is_some();
    Fit::from(document.get("MetricDataResults").is_some_and(Value::is_array) || statistics)
}

/// Statistics of a data point.
const STATISTICS: [&str; 5] = ["Average", "Sum", "Minimum", "Maximum", "SampleCount"];

/// Metric, component kind, figure, and whether it is a count whose sum over a period makes a rate.
const KNOWN: [(&str, &str, &str, bool); 15] = [
    ("ApproximateNumberOfMessagesVisible", "queue", "messages_ready", false),
    ("ApproximateNumberOfMessagesNotVisible", "queue", "messages_unacknowledged", false),
    ("ApproximateAgeOfOldestMessage", "queue", "age_s", false),
    ("NumberOfMessagesSent", "queue", "publish_rps", true),
    ("NumberOfMessagesReceived", "queue", "deliver_rps", true),
    ("NumberOfMessagesDeleted", "queue", "ack_rps", true),
    ("ConsumedReadCapacityUnits", "database", "read_units_per_s", true),
    ("ConsumedWriteCapacityUnits", "database", "write_units_per_s", true),
    ("ProvisionedReadCapacityUnits", "database", "read_units_provisioned", false),
    ("ProvisionedWriteCapacityUnits", "database", "write_units_provisioned", false),
    ("ThrottledRequests", "database", "throttled_rps", true),
    ("ReadThrottleEvents", "database", "read_throttled_rps", true),
    ("WriteThrottleEvents", "database", "write_throttled_rps", true),
    ("ConcurrentExecutions", "function", "in_flight", false),
    ("DatabaseConnections", "database", "connections", false),
];

/// Most queues, tables and functions told apart.
const MOST_RESOURCES: usize = 2_000;

/// Series and figures of an answer.
#[derive(Default)]
struct Answer {
    series: Kept,
    resources: Vec<Resource>,
    places: BTreeMap<String, usize>,
    /// Metrics of resources beyond the most.
    beyond: u64,
}

impl Gather for Answer {
    fn item(&mut self, item: &Value) {
        if item.get("Datapoints").is_some() {
            return self.statistics(item);
        }
        let label = json::text(item, &["Label"]).or_else(|| json::text(item, &["Id"])).unwrap_or("metric");
        let times = json::list(item, &["Timestamps"]).iter().map(at);
        let values = json::list(item, &["Values"]).iter().map(json::as_number);
        let points = times.zip(values).filter_map(|(at, value)| at.zip(value)).collect();
        self.series(label, None, None, points);
    }

    fn finish(self: Box<Self>, document: &Value) -> Result<Measurements, Refusal> {
        if self.series.is_empty() {
            return Err(Refusal::new("at least one data point", "none")
                .remedy("ask for a time range in which the metric has data"));
        }
        let mut found = Measurements { resources: self.resources, ..Measurements::default() };
        found.resources.retain(|resource| !resource.figures.is_empty());
        self.series.finish(&mut found);
        if self.beyond > 0 {
            let text = "More queues, tables and functions than are told apart; the figures of these metrics are left out, their series stay.";
            found.warnings.push(Warning::new("resources-left-out", text).with("metrics", self.beyond));
        }
        if document.get("NextToken").is_some() {
            found
                .warnings
                .push(Warning::new("one-page", "The answer has further pages (NextToken); this is one of them."));
        }
        if document.get("MetricDataResults").is_some() {
            let text = "get-metric-data answers say neither unit nor statistic: a Sum must be divided by its period, times may be seconds or \
                        milliseconds. Say so in the map (`scale`), or use get-metric-statistics.";
            found.warnings.push(Warning::new("units-unknown", text));
        }
        Ok(found)
    }
}

impl Answer {
    /// An answer of get-metric-statistics.
    fn statistics(&mut self, document: &Value) {
        let label = json::text(document, &["Label"]).unwrap_or("metric");
        let mut statistics: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
        let mut unit = None;
        for point in json::list(document, &["Datapoints"]) {
            let Some(at) = point.get("Timestamp").and_then(at) else { continue };
            unit = unit.or(json::text(point, &["Unit"]));
            let plain = STATISTICS.iter().filter_map(|name| Some(((*name).to_owned(), json::number(point, &[name])?)));
            let extended = json::members(point, &["ExtendedStatistics"]);
            let extended = extended.filter_map(|(name, value)| Some((name.to_owned(), json::as_number(value)?)));
            for (name, value) in plain.chain(extended) {
                statistics.entry(name).or_default().push((at, value));
            }
        }
        for (statistic, points) in statistics {
            self.series(label, Some(&statistic), unit, points);
        }
    }

    /// The resource of that name; nothing where it would be one too many.
    fn resource(&mut self, name: &str, kind: &str) -> Option<&mut Resource> {
        let place = match self.places.get(name) {
            Some(place) => *place,
            None if self.resources.len() >= MOST_RESOURCES => return None,
            None => {
                self.places.insert(name.to_owned(), self.resources.len());
                self.resources.push(Resource::new(name, kind));
                self.resources.len() - 1
            }
        };
        self.resources.get_mut(place)
    }

    fn series(&mut self, label: &str, statistic: Option<&str>, unit: Option<&str>, mut points: Vec<(f64, f64)>) {
        points.retain(|(at, value)| at.is_finite() && value.is_finite());
        points.sort_by(|one, other| one.0.total_cmp(&other.0));
        let Some(last) = points.last().copied() else { return };
        let period =
            points.windows(2).map(|pair| pair[1].0 - pair[0].0).filter(|gap| *gap > 0.0).min_by(f64::total_cmp);
        let mut labels: BTreeMap<String, String> = BTreeMap::new();
        labels.extend(statistic.map(|name| ("statistic".to_owned(), name.to_owned())));
        labels.extend(period.map(|seconds| ("period_s".to_owned(), seconds.to_string())));
        // `SQS orders NumberOfMessagesSent` and `orders:NumberOfMessagesSent` are labels people give.
        let word =
            |metric: &str| label.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|part| part == metric);
        if let Some((metric, kind, figure, counted)) = KNOWN.iter().find(|(metric, ..)| word(metric)) {
            let mean = points.iter().map(|point| point.1).sum::<f64>() / points.len() as f64;
            let value = match (counted, statistic) {
                (true, Some("Sum")) => period.map(|seconds| mean / seconds),
                (true, _) => None,
                (false, Some("Average" | "Maximum") | None) => Some(last.1),
                (false, _) => None,
            };
            let rest = label.replace(metric, " ");
            let name = rest.trim_matches(|letter: char| !letter.is_ascii_alphanumeric());
            match self.resource(if name.is_empty() { kind } else { name }, kind) {
                Some(resource) => resource.set(figure, value),
                None => self.beyond += 1,
            }
        }
        let unit = unit.map(|unit| match unit {
            "Seconds" => "s",
            "Milliseconds" => "ms",
            "Microseconds" => "us",
            "Percent" => "percent",
            "Bytes" => "bytes",
            "Count" => "count",
            "Count/Second" => "1/s",
            other => other,
        });
        self.series.take(Series { name: label.to_owned(), labels, unit: unit.map(str::to_owned), points });
    }
}

/// A point in time, as text or as Unix time.
fn at(value: &Value) -> Option<f64> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    time::any(&text).map(|(seconds, _)| seconds)
}
