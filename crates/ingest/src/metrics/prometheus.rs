//! Answers of the Prometheus HTTP API (`query` and `query_range`).

use super::kept::Kept;
use crate::measurements::{Measurements, Series, Warning};
use crate::read::json;
use crate::read::list::Gather;
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

impl Gather for Answer {
    fn item(&mut self, item: &Value) {
        if item.get("metric").is_none() {
            return;
        }
        let labels = json::members(item, &["metric"]);
        let labels: BTreeMap<String, String> =
            labels.filter_map(|(name, value)| Some((name.to_owned(), value.as_str()?.to_owned()))).collect();
        let native = json::list(item, &["histograms"]).iter().chain(item.get("histogram"));
        for series in super::native_histogram::series(&labels, native, &mut self.dropped) {
            self.series.take(series);
        }
        let points = json::list(item, &["values"]).iter().chain(item.get("value"));
        if let Some(series) = series(labels, points, &mut self.dropped) {
            self.series.take(series);
        }
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
                found.series.extend(scalar.and_then(|point| series(BTreeMap::new(), [point], &mut dropped)));
            }
            Some("matrix" | "vector") => self.series.finish(&mut found),
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

/// One series; nothing when no point has a finite value.
fn series<'a>(
    mut labels: BTreeMap<String, String>,
    points: impl IntoIterator<Item = &'a Value>,
    dropped: &mut u64,
) -> Option<Series> {
    let name = labels.remove("__name__").unwrap_or_default();
    let mut finite = Vec::new();
    for point in points {
        match (point.get(0).and_then(json::as_number), point.get(1).and_then(json::as_number)) {
            (Some(at), Some(value)) => finite.push((at, value)),
            _ => *dropped += 1,
        }
    }
    let unit = unit(&name).map(str::to_owned);
    (!finite.is_empty()).then_some(Series { name, labels, unit, points: finite })
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
