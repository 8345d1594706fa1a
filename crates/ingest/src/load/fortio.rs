//! fortio's JSON.

use crate::measurements::{Figures, LatencyOf, LoadModel, Measurements, Warning};
use crate::read::{json, time};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Shape};
use crate::sense::names;
use serde_json::Value;

/// The format.
pub const FORMAT: Format = Format {
    kind: "fortio",
    title: "fortio: -json",
    shape: Shape::Json { fits, read },
    docs: Docs {
        versions: "0.9.0 (README)",
        used: "requests, failures, rate, threads, mean, extremes, percentiles, histogram",
        traps: "the histogram is in seconds, `ActualDuration` in nanoseconds; only the percentiles asked for are there, p95 is \
                interpolated in its bucket and said so; the load is open where a rate was asked for; code -1 is a socket error",
        evidence: "public sample",
    },
};

fn fits(document: &Value) -> Fit {
    Fit::from(json::has(document, &["RunType", "ActualQPS", "DurationHistogram"]))
}

fn read(document: &Value, _context: &Context) -> Result<Measurements, Refusal> {
    let of = |name: &str| json::number(document, &["DurationHistogram", name]).map(|seconds| seconds * 1e3);
    let http = json::text(document, &["RunType"]).is_some_and(|kind| kind.starts_with("HTTP"));
    let mut figures = Figures {
        rps: json::number(document, &["ActualQPS"]),
        users: json::number(document, &["NumThreads"]),
        latency_of: Some(LatencyOf::All),
        ..Figures::default()
    }
    .with("mean", of("Avg"))
    .with("min", of("Min"))
    .with("max", of("Max"));
    for entry in json::list(document, &["DurationHistogram", "Percentiles"]) {
        let percent = json::number(entry, &["Percentile"]).map(|percent| percent.to_string());
        if let Some(name) = percent.as_deref().and_then(names::percentile) {
            figures = figures.with(&name, json::number(entry, &["Value"]).map(|seconds| seconds * 1e3));
        }
    }
    let buckets = json::list(document, &["DurationHistogram", "Data"]);
    let bucket = |bucket: &Value| Some((json::number(bucket, &["End"])? * 1e3, json::count(bucket, &["Count"])?));
    figures.histogram = buckets.iter().filter_map(bucket).collect();
    for (code, count) in json::members(document, &["RetCodes"]) {
        let failed =
            code.parse().map_or(code != "SERVING" && code != "OK", |code: i64| code < 0 || (http && code >= 400));
        if failed {
            figures.errors_by.insert(code.to_owned(), json::as_count(count).unwrap_or(0));
        }
    }
    let errors = figures.errors_by.values().sum();
    let requests = json::count(document, &["DurationHistogram", "Count"]);
    // "max", or 0 as it is asked for, is as fast as the threads can.
    let fixed_rate = json::number(document, &["RequestedQPS"]).is_some_and(|rate| rate > 0.0);
    let mut found = Measurements {
        tool_version: json::text(document, &["Version"]).map(str::to_owned),
        started: json::text(document, &["StartTime"])
            .and_then(time::parse)
            .and_then(|(seconds, _)| time::rfc3339(seconds)),
        duration_s: json::number(document, &["ActualDuration"]).map(|ns| ns / 1e9),
        model: Some(if fixed_rate { LoadModel::Open } else { LoadModel::Closed }),
        ..Measurements::default()
    };
    if !figures.latency_ms.contains_key("p95")
        && let Some(p95) = interpolated(buckets, 95.0)
    {
        // The tool interpolates otherwise: no percentile lies beyond its neighbours.
        let known = |name: &str| figures.latency_ms.get(name).copied();
        let least = ["p90", "p75", "p50"].into_iter().find_map(known).unwrap_or(0.0);
        let most = ["p99", "p99_9", "max"].into_iter().find_map(known).unwrap_or(f64::INFINITY);
        let p95 = p95.min(most).max(least);
        figures = figures.with("p95", Some(p95));
        let text = "The run was not asked for the 95th percentile; it is interpolated in its histogram bucket.";
        found.warnings.push(Warning::new("percentile-interpolated", text).with("p95", p95));
    }
    found.totals = Some(figures.counted(requests, Some(errors)));
    Ok(found)
}

/// The percentile inside its bucket; `Percent` is cumulative.
fn interpolated(buckets: &[Value], percent: f64) -> Option<f64> {
    let mut below = 0.0;
    for bucket in buckets {
        let cumulative = json::number(bucket, &["Percent"])?;
        if cumulative >= percent {
            let (start, end) = (json::number(bucket, &["Start"])?, json::number(bucket, &["End"])?);
            let share = (percent - below) / (cumulative - below).max(1e-9);
            return Some((start + (end - start) * share) * 1e3);
        }
        below = cumulative;
    }
    None
}
