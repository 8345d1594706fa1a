//! autocannon's JSON.

use crate::measurements::{Endpoint, Figures, LatencyOf, LoadModel, Measurements, Warning};
use crate::read::{json, time};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Shape};
use crate::sense::names;
use serde_json::Value;

/// The format.
pub const FORMAT: Format = Format {
    kind: "autocannon",
    title: "autocannon: --json",
    shape: Shape::Json { fits, read },
    docs: Docs {
        versions: "9.0.0",
        used: "requests, failures, rate, connections, mean, extremes, percentiles",
        traps: "whole milliseconds; no p95; `errors` leaves out error statuses; with -R the latencies are corrected for omission and \
                their count is not that of the requests",
        evidence: "own run",
    },
};

fn fits(document: &Value) -> Fit {
    Fit::from(json::has(document, &["2xx", "non2xx", "latency", "requests", "throughput"]))
}

fn read(document: &Value, _context: &Context) -> Result<Measurements, Refusal> {
    let figure = |path: &[&str]| json::count(document, path).unwrap_or(0);
    let requests = json::count(document, &["requests", "total"])
        .or_else(|| Some(["1xx", "2xx", "3xx", "4xx", "5xx"].iter().map(|class| figure(&[class])).sum()));
    let transport = figure(&["errors"]);
    let failed = figure(&["4xx"]) + figure(&["5xx"]);
    let duration_s = json::number(document, &["duration"]).filter(|seconds| *seconds > 0.0);
    let mut figures = Figures {
        rps: requests.zip(duration_s).map(|(requests, length)| requests as f64 / length),
        users: json::number(document, &["connections"]),
        latency_of: Some(LatencyOf::All),
        ..Figures::default()
    };
    for (key, value) in json::members(document, &["latency"]) {
        let name = match key {
            "average" | "mean" => Some("mean".to_owned()),
            "min" | "max" => Some(key.to_owned()),
            // Older versions write `p999` for 99.9.
            "p999" => Some("p99_9".to_owned()),
            "p9999" => Some("p99_99".to_owned()),
            _ => key.strip_prefix('p').and_then(|number| names::percentile(&number.replace('_', "."))),
        };
        if let Some(name) = name {
            figures = figures.with(&name, json::as_number(value));
        }
    }
    for (code, count) in json::members(document, &["statusCodeStats"]) {
        if let (Ok(400..), Some(count)) = (code.parse::<u32>(), json::count(count, &["count"])) {
            figures.errors_by.insert(code.to_owned(), count);
        }
    }
    if figures.errors_by.is_empty() {
        figures = figures.caused("4xx", figure(&["4xx"])).caused("5xx", figure(&["5xx"]));
    }
    let figures = figures
        .caused("transport", transport)
        .counted(requests.map(|requests| requests + transport), Some(failed + transport));
    let mut found = Measurements {
        model: Some(LoadModel::Closed),
        started: json::text(document, &["start"]).and_then(time::parse).and_then(|(seconds, _)| time::rfc3339(seconds)),
        duration_s,
        ..Measurements::default()
    };
    let counted = json::count(document, &["latency", "totalCount"]);
    if let (Some(counted), Some(requests)) = (counted, requests)
        && counted > requests + requests / 20
    {
        found.model = Some(LoadModel::Open);
        let text = "With a fixed rate (-R) autocannon adds latencies for requests it should have sent: the percentiles are corrected \
                    for coordinated omission and are of more values than requests.";
        found
            .warnings
            .push(Warning::new("omission-corrected", text).with("latencies", counted).with("requests", requests));
    }
    if let Some(url) = json::text(document, &["url"]) {
        found.endpoints.push(Endpoint { name: names::endpoint("", url), figures: figures.clone() });
    }
    found.totals = Some(figures);
    Ok(found)
}
