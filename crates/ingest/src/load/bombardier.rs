//! bombardier's JSON.

use crate::measurements::{Endpoint, Figures, LatencyOf, LoadModel, Measurements};
use crate::read::json;
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Shape};
use crate::sense::names;
use serde_json::Value;

/// The format.
pub const FORMAT: Format = Format {
    kind: "bombardier",
    title: "bombardier: --format json --print result",
    shape: Shape::Json { fits, read },
    docs: Docs {
        versions: "1.2 (source)",
        used: "requests, failures, rate, connections, mean, maximum, percentiles (with -l)",
        traps: "microseconds; percentile keys may be padded; requests are the sum over status classes; closed model",
        evidence: "unverified",
    },
};

fn fits(document: &Value) -> Fit {
    Fit::from(
        json::at(document, &["spec", "numberOfConnections"]).is_some()
            || json::at(document, &["result", "req2xx"]).is_some(),
    )
}

fn read(document: &Value, _context: &Context) -> Result<Measurements, Refusal> {
    let count = |name: &str| json::count(document, &["result", name]).unwrap_or(0);
    let answered: u64 = ["req1xx", "req2xx", "req3xx", "req4xx", "req5xx"].iter().map(|class| count(class)).sum();
    let others = count("others");
    let latency = |name: &str| json::number(document, &["result", "latency", name]).map(|us| us / 1e3);
    let duration_s = json::number(document, &["result", "timeTakenSeconds"]).filter(|seconds| *seconds > 0.0);
    let mut figures = Figures {
        rps: duration_s.map(|length| (answered + others) as f64 / length),
        users: json::number(document, &["spec", "numberOfConnections"]),
        latency_of: Some(LatencyOf::All),
        ..Figures::default()
    }
    .counted(Some(answered + others), Some(count("req4xx") + count("req5xx") + others))
    .caused("4xx", count("req4xx"))
    .caused("5xx", count("req5xx"))
    .caused("others", others)
    .with("mean", latency("mean"))
    .with("max", latency("max"));
    for (percent, value) in json::members(document, &["result", "latency", "percentiles"]) {
        if let Some(name) = names::percentile(percent) {
            figures = figures.with(&name, json::as_number(value).map(|us| us / 1e3));
        }
    }
    let mut found = Measurements { model: Some(LoadModel::Closed), duration_s, ..Measurements::default() };
    if let Some(url) = json::text(document, &["spec", "url"]) {
        let method = json::text(document, &["spec", "method"]).unwrap_or("");
        found.endpoints.push(Endpoint { name: names::endpoint(method, url), figures: figures.clone() });
    }
    found.totals = Some(figures);
    Ok(found)
}
