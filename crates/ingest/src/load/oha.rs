//! oha's JSON.

use crate::measurements::{Figures, LatencyOf, Measurements};
use crate::read::json;
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Shape};
use crate::sense::names;
use serde_json::Value;

/// The format.
pub const FORMAT: Format = Format {
    kind: "oha",
    title: "oha: --output-format json (formerly -j)",
    shape: Shape::Json { fits, read },
    docs: Docs {
        versions: "1.16.0",
        used: "requests and failures by status, rate, mean, extremes, percentiles, histogram",
        traps: "seconds; `successRate` ignores the status; `aborted due to deadline` is the normal end of -z and no failure",
        evidence: "own run",
    },
};

fn fits(document: &Value) -> Fit {
    let summary = json::at(document, &["summary", "requestsPerSec"]).is_some();
    Fit::from(summary && json::has(document, &["latencyPercentiles", "statusCodeDistribution"]))
}

fn read(document: &Value, _context: &Context) -> Result<Measurements, Refusal> {
    let seconds = |name: &str| json::number(document, &["summary", name]).map(|value| value * 1e3);
    let mut figures = Figures {
        rps: json::number(document, &["summary", "requestsPerSec"]),
        latency_of: Some(LatencyOf::All),
        ..Figures::default()
    }
    .with("mean", seconds("average"))
    .with("min", seconds("fastest"))
    .with("max", seconds("slowest"));
    for (key, value) in json::members(document, &["latencyPercentiles"]) {
        if let Some(name) = key.strip_prefix('p').and_then(names::percentile) {
            figures = figures.with(&name, json::as_number(value).map(|value| value * 1e3));
        }
    }
    let (mut requests, mut errors) = (0, 0);
    for (code, count) in json::members(document, &["statusCodeDistribution"]) {
        let count = json::as_count(count).unwrap_or(0);
        requests += count;
        if code.parse().is_ok_and(|code: u32| code >= 400) {
            errors += count;
            figures.errors_by.insert(code.to_owned(), count);
        }
    }
    for (cause, count) in json::members(document, &["errorDistribution"]) {
        let count = json::as_count(count).unwrap_or(0);
        if cause != "aborted due to deadline" {
            (requests, errors) = (requests + count, errors + count);
            figures.errors_by.insert(cause.to_owned(), count);
        }
    }
    let mut buckets: Vec<(f64, u64)> = json::members(document, &["responseTimeHistogram"])
        .filter_map(|(bound, count)| Some((bound.parse::<f64>().ok()? * 1e3, json::as_count(count)?)))
        .filter(|(bound, count)| bound.is_finite() && *count > 0)
        .collect();
    buckets.sort_by(|left, right| left.0.total_cmp(&right.0));
    figures.histogram = buckets;
    let found = Measurements {
        duration_s: json::number(document, &["summary", "total"]),
        totals: Some(figures.counted(Some(requests), Some(errors))),
        ..Measurements::default()
    };
    Ok(found)
}
