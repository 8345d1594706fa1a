//! Answers of the Prometheus HTTP API (`query` and `query_range`).

use super::kept::Kept;
use super::native_histogram::Native;
use crate::measurements::{Measurements, Series, Warning};
use crate::read::each::each;
use crate::read::json;
use crate::read::list::{Gather, Taken};
use crate::refusal::Refusal;
use crate::registry::{Docs, Fit, Format, Shape};
use serde_json::Value;
use std::collections::BTreeMap;

/// The format.
pub const FORMAT: Format = Format {
    kind: "prometheus-query",
    title: "Prometheus: answers of /api/v1/query and /api/v1/query_range (JSON)",
    shape: Shape::List { fits, paths: &[&["data", "result"]], gather: |_| Box::<Answer>::default() },
    docs: Docs {
        versions: "2.42; native histograms by the API's documentation",
        used: "matrix, vector and scalar as series with their labels; native histograms as classic buckets, count and sum",
        traps: "values are text; `NaN` and `±Inf` are left out; gaps are absent points; the unit comes from the metric's name only",
        evidence: "own run",
    },
};

fn fits(document: &Value) -> Fit {
    let answer = json::text(document, &["status"]).is_some();
    Fit::from(
        answer && (json::text(document, &["data", "resultType"]).is_some() || document.get("errorType").is_some()),
    )
}

/// Series of a matrix or vector.
#[derive(Default)]
struct Answer {
    series: Kept,
    dropped: u64,
}

/// The labels of a series; nothing for what is none.
fn labels(metric: &Value) -> Option<BTreeMap<String, String>> {
    let labels = metric.as_object()?.iter();
    Some(labels.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect())
}

impl Answer {
    fn take(&mut self, labels: BTreeMap<String, String>, native: Native, points: Points) {
        self.dropped += native.dropped + points.dropped;
        for series in native.series(&labels) {
            self.series.take(series);
        }
        if let Some(series) = points.series(labels) {
            self.series.take(series);
        }
    }
}

impl Gather for Answer {
    fn item(&mut self, item: &Value) {
        let Some(labels) = item.get("metric").and_then(labels) else { return };
        let (mut native, mut points) = (Native::default(), Points::default());
        json::list(item, &["histograms"]).iter().chain(item.get("histogram")).for_each(|point| native.add(point));
        json::list(item, &["values"]).iter().chain(item.get("value")).for_each(|point| points.add(point));
        self.take(labels, native, points);
    }

    /// Point by point: as a [`Value`] a series takes many times its text.
    fn text(&mut self, text: &[u8]) -> Taken {
        let (mut found, mut native, mut points) = (None, Native::default(), Points::default());
        let mut single = |value: &Value| found = labels(value);
        // What is cut behind the labels shows again below.
        let _ = each(text, &[&["metric"]], &mut single);
        let Some(labels) = found else { return each(text, &[&["metric"]], &mut |_| {}) };
        let _ = each(text, &[&["histograms"]], &mut |point| native.add(point));
        let taken = each(text, &[&["values"]], &mut |point| points.add(point));
        let mut pair = Vec::new();
        let _ = each(text, &[&["histogram", "value"]], &mut |part| pair.push(part.clone()));
        if let [at, figure] = pair.as_slice() {
            let point = Value::from(vec![at.clone(), figure.clone()]);
            if figure.is_object() { native.add(&point) } else { points.add(&point) }
        }
        self.take(labels, native, points);
        taken
    }

    fn finish(self: Box<Self>, document: &Value) -> Result<Measurements, Refusal> {
        if let Some(error) = json::text(document, &["error"]) {
            return Err(Refusal::new("an answer with data", format!("the server's error `{error}`"))
                .remedy("correct the query and save its answer"));
        }
        let mut found = Measurements::default();
        let mut dropped = self.dropped;
        match json::text(document, &["data", "resultType"]) {
            Some("scalar") => {
                let scalar = json::at(document, &["data", "result"]);
                let mut points = Points::default();
                scalar.into_iter().for_each(|point| points.add(point));
                dropped += points.dropped;
                found.series.extend(points.series(BTreeMap::new()));
            }
            Some("matrix" | "vector") => self.series.finish(&mut found),
            // What says so may be longer than is kept beside the series.
            None if !self.series.is_empty() => self.series.finish(&mut found),
            kind => {
                return Err(Refusal::new("a matrix, vector or scalar", format!("`{}`", kind.unwrap_or("")))
                    .remedy("save the answer of query or query_range"));
            }
        }
        if found.series.is_empty() {
            return Err(Refusal::new("at least one series with a value", "an empty result")
                .remedy("check the query and its time range; it matched nothing"));
        }
        crate::trace::service_graph::add(&mut found);
        super::exporters::add(&mut found);
        if dropped > 0 {
            let text = "Points without a finite value (NaN, Inf: usually a division by zero before the first event) are left out.";
            found.warnings.push(Warning::new("points-dropped", text).with("points", dropped));
        }
        let notes: Vec<&str> = json::list(document, &["warnings"]).iter().filter_map(Value::as_str).collect();
        if !notes.is_empty() {
            found
                .warnings
                .push(Warning::new("source-warnings", "The server answered with warnings.").with("warnings", notes));
        }
        Ok(found)
    }
}

/// The points of a series so far.
#[derive(Default)]
struct Points {
    finite: Vec<(f64, f64)>,
    dropped: u64,
}

impl Points {
    fn add(&mut self, point: &Value) {
        match (point.get(0).and_then(json::as_number), point.get(1).and_then(json::as_number)) {
            (Some(at), Some(value)) => self.finite.push((at, value)),
            _ => self.dropped += 1,
        }
    }

    /// The series; nothing when no point has a finite value.
    fn series(self, mut labels: BTreeMap<String, String>) -> Option<Series> {
        let name = labels.remove("__name__").unwrap_or_default();
        let unit = unit(&name).map(str::to_owned);
        (!self.finite.is_empty()).then_some(Series { name, labels, unit, points: self.finite })
    }
}

/// The unit a metric's name says by convention.
pub fn unit(name: &str) -> Option<&'static str> {
    let base = ["_total", "_sum", "_bucket", "_count", "_created"].iter().find_map(|suffix| name.strip_suffix(suffix));
    let base = if name.ends_with("_count") || name.ends_with("_bucket") { return None } else { base.unwrap_or(name) };
    [
        ("_milliseconds", "ms"),
        ("_ms", "ms"),
        ("_microseconds", "us"),
        ("_seconds", "s"),
        ("_bytes", "bytes"),
        ("_ratio", "ratio"),
        ("_percent", "percent"),
    ]
    .into_iter()
    .find_map(|(suffix, unit)| base.ends_with(suffix).then_some(unit))
}
