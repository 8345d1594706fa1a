//! The machine-readable summary of newer k6 (`--new-machine-readable-summary`, from 1.5).

use crate::measurements::{Endpoint, Figures, LatencyOf, LoadModel, Measurements};
use crate::read::json;
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Shape};
use serde_json::Value;

/// The format.
pub const FORMAT: Format = Format {
    kind: "k6-machine-summary",
    title: "k6: --new-machine-readable-summary (JSON)",
    shape: Shape::Json { fits, read },
    docs: Docs {
        versions: "format 1.0.0 (k6 2.x source)",
        used: "requests, failures, rate (count over duration), latency, VUs",
        traps: "metrics are a list; counters have no rate; failures are the `matches` of `http_req_failed`; duration is in seconds",
        evidence: "unverified",
    },
};

fn fits(document: &Value) -> Fit {
    let metrics = json::at(document, &["results", "metrics"]).is_some_and(Value::is_array);
    Fit::from(metrics && json::at(document, &["config", "duration"]).is_some())
}

fn read(document: &Value, _context: &Context) -> Result<Measurements, Refusal> {
    let metrics = json::list(document, &["results", "metrics"]);
    let named = |name: &str| {
        metrics
            .iter()
            .find(|metric| json::text(metric, &["name"]) == Some(name))
            .and_then(|metric| metric.get("values"))
    };
    let Some(duration) = named("http_req_duration") else {
        return Err(Refusal::new("the metric `http_req_duration`", "a k6 summary without HTTP requests"));
    };
    let duration_s = json::number(document, &["config", "duration"]).filter(|seconds| *seconds > 0.0);
    let requests = named("http_reqs").and_then(|values| json::count(values, &["count"]));
    let mut totals = figures(duration, duration_s, requests);
    totals.errors = named("http_req_failed").and_then(|values| json::count(values, &["matches"]));
    totals.users = named("vus").or(named("vus_max")).and_then(|values| json::number(values, &["max"]));
    let mut found = Measurements {
        tool_version: json::text(document, &["metadata", "k6Version"]).map(str::to_owned),
        duration_s,
        totals: Some(totals),
        ..Measurements::default()
    };
    for metric in metrics {
        let name = json::text(metric, &["name"]).unwrap_or("");
        let tags = name.strip_prefix("http_req_duration{name:").and_then(|rest| rest.strip_suffix('}'));
        if let (Some(name), Some(values)) = (tags, metric.get("values")) {
            let figures = figures(values, duration_s, json::count(values, &["count"]));
            found.endpoints.push(Endpoint { name: crate::sense::names::endpoint("", name), figures });
        }
    }
    super::k6_summary::add_unnamed(&mut found);
    let dropped = named("dropped_iterations").and_then(|values| json::number(values, &["count"]));
    if let Some(dropped) = dropped {
        found.model = Some(LoadModel::Open);
        if dropped > 0.0 {
            found.warnings.push(super::k6_summary::dropped_iterations(dropped, None));
        }
    }
    Ok(found)
}

fn figures(values: &Value, duration_s: Option<f64>, requests: Option<u64>) -> Figures {
    let statistic = |(key, value): (&str, &Value)| Some((super::k6_summary::statistic(key)?, json::as_number(value)?));
    Figures {
        requests,
        rps: requests.zip(duration_s).map(|(requests, length)| requests as f64 / length),
        latency_ms: json::members(values, &[]).filter_map(statistic).collect(),
        latency_of: Some(LatencyOf::All),
        ..Figures::default()
    }
}
