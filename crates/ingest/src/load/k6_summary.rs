//! The summary of a k6 run: what `handleSummary` gets, and the older `--summary-export`.
//!
//! The first nests figures under `values` and says how long the run was; the second has them flat, without duration. In both
//! `http_req_failed.passes` counts the FAILED requests.

use crate::measurements::{Endpoint, Figures, LatencyOf, LoadModel, Measurements, Warning};
use crate::read::json;
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Shape};
use serde_json::Value;
use std::collections::BTreeMap;

/// The data of `handleSummary`.
pub const FORMAT: Format = Format {
    kind: "k6-summary",
    title: "k6: data of handleSummary (JSON)",
    shape: Shape::Json { fits, read },
    docs: Docs {
        versions: "1.1.0",
        used: "requests, failures, rate, latency, VUs; endpoints from sub-metrics of `http_req_duration`, the requests without one as an \
               endpoint of their own",
        traps: "`passes` of `http_req_failed` are failures; `{expected_response:true}` is no endpoint; p99 only when configured",
        evidence: "own run",
    },
};

/// The file of `--summary-export`.
pub const LEGACY: Format = Format {
    kind: "k6-summary-export",
    title: "k6: --summary-export (JSON)",
    shape: Shape::Json { fits: fits_legacy, read },
    docs: Docs {
        versions: "1.1.0",
        used: "as the summary; duration from count and rate",
        traps: "no duration; threshold values are inverted (not used)",
        evidence: "own run",
    },
};

fn fits(document: &Value) -> Fit {
    let nested = json::members(document, &["metrics"]).any(|(_, metric)| metric.get("values").is_some());
    Fit::from(
        nested
            && (document.get("root_group").is_some() || json::at(document, &["state", "testRunDurationMs"]).is_some()),
    )
}

fn fits_legacy(document: &Value) -> Fit {
    let flat = json::members(document, &["metrics"])
        .any(|(name, metric)| metric.get("values").is_none() && (name.starts_with("http_req") || name == "iterations"));
    Fit::from(flat && document.get("root_group").is_some())
}

fn read(document: &Value, _context: &Context) -> Result<Measurements, Refusal> {
    let metrics: BTreeMap<&str, &Value> = json::members(document, &["metrics"])
        .map(|(name, metric)| (name, metric.get("values").unwrap_or(metric)))
        .collect();
    let figure = |metric: &str, field: &str| metrics.get(metric).and_then(|values| json::number(values, &[field]));
    let duration_s = json::number(document, &["state", "testRunDurationMs"]).map(|ms| ms / 1e3).or_else(|| {
        let rate = figure("http_reqs", "rate").filter(|rate| *rate > 0.0)?;
        Some(figure("http_reqs", "count")? / rate)
    });
    let Some(duration) = metrics.get("http_req_duration") else {
        return Err(Refusal::new("the metric `http_req_duration`", "a k6 summary without HTTP requests")
            .remedy("run a script that makes HTTP requests; other protocols are not read yet"));
    };
    let requests = metrics.get("http_reqs").and_then(|values| json::count(values, &["count"]));
    let mut totals = trend(duration);
    totals.requests = requests.or(totals.requests);
    totals.errors = metrics.get("http_req_failed").and_then(|values| json::count(values, &["passes"]));
    totals.rps = figure("http_reqs", "rate");
    totals.users = figure("vus", "max").or_else(|| figure("vus_max", "max"));
    let mut found = Measurements { duration_s, totals: Some(totals), ..Measurements::default() };
    found.endpoints = endpoints(&metrics, duration_s, requests);
    add_unnamed(&mut found);
    if let Some(dropped) = figure("dropped_iterations", "count") {
        found.model = Some(LoadModel::Open);
        if dropped > 0.0 {
            found.warnings.push(dropped_iterations(dropped, figure("vus_max", "max")));
        }
    }
    Ok(found)
}

/// The warning of a generator that could not keep its rate.
pub fn dropped_iterations(dropped: f64, users: Option<f64>) -> Warning {
    let text = "k6 could not start all iterations its rate asked for: the system saw less load than planned, and latency under the \
                planned load is worse than shown. Give the run more VUs or a lower rate.";
    let warning = Warning::new("generator-saturated", text).with("dropped_iterations", dropped);
    match users {
        Some(users) => warning.with("vus_max", users),
        None => warning,
    }
}

/// Endpoints from sub-metrics such as `http_req_duration{name:checkout}`, and from those of URLs (`{url:…}`) as far as they can be of
/// other requests: one that has a name has a URL too.
fn endpoints(metrics: &BTreeMap<&str, &Value>, duration_s: Option<f64>, all: Option<u64>) -> Vec<Endpoint> {
    let mut endpoints = tagged(metrics, "name:", duration_s);
    let mut urls = tagged(metrics, "url:", duration_s);
    urls.retain(|url| endpoints.iter().all(|named| named.name != url.name));
    let counted: u64 =
        endpoints.iter().chain(&urls).filter_map(|one| one.figures.requests).fold(0, u64::saturating_add);
    if endpoints.is_empty() || all.is_none_or(|all| counted <= all) {
        endpoints.append(&mut urls);
    }
    endpoints
}

/// Endpoints of the sub-metrics of one tag.
fn tagged(metrics: &BTreeMap<&str, &Value>, key: &str, duration_s: Option<f64>) -> Vec<Endpoint> {
    let mut endpoints = Vec::new();
    for (metric, values) in metrics {
        let Some(tags) = tags(metric) else { continue };
        let Some(name) = tags.strip_prefix(key) else { continue };
        let beside = |base: &str, field: &str| {
            metrics.get(format!("{base}{{{tags}}}").as_str()).and_then(|values| json::count(values, &[field]))
        };
        let mut figures = trend(values);
        figures.requests = beside("http_reqs", "count").or(figures.requests);
        figures.errors = beside("http_req_failed", "passes");
        figures.rps = figures.requests.zip(duration_s).map(|(requests, length)| requests as f64 / length);
        endpoints.push(Endpoint { name: crate::sense::names::endpoint("", name), figures });
    }
    endpoints
}

/// The tags of a sub-metric of the duration.
fn tags(metric: &str) -> Option<&str> {
    metric.strip_prefix("http_req_duration{")?.strip_suffix('}')
}

/// What requests without a name of their own are called.
pub const UNNAMED: &str = "(without a name)";
/// Share of the requests from which on those without a name are told apart; a login before the run is not.
const LEAST_UNNAMED: f64 = 0.01;

/// Adds the requests that no sub-metric names, as one endpoint: their number, failures and mean are what is left of all. Nothing where
/// all are named, or where some endpoint does not say how many it had. Sub-metrics of one tag share no request, those of several may.
pub fn add_unnamed(found: &mut Measurements) {
    let Some(totals) = &found.totals else { return };
    let named = |figure: &dyn Fn(&Figures) -> Option<f64>| -> Option<f64> {
        found.endpoints.iter().map(|endpoint| figure(&endpoint.figures)).sum()
    };
    let requests = |figures: &Figures| figures.requests.map(|requests| requests as f64);
    let rest = |figure: &dyn Fn(&Figures) -> Option<f64>| Some(figure(totals)? - named(figure)?);
    let all = requests(totals).unwrap_or(0.0);
    let Some(left) = rest(&requests).filter(|left| !found.endpoints.is_empty() && *left > LEAST_UNNAMED * all) else {
        return;
    };
    let spent_ms = |figures: &Figures| Some(requests(figures)? * figures.latency_ms.get("mean")?);
    let errors = rest(&|figures| figures.errors.map(|errors| errors as f64)).filter(|errors| *errors >= 0.0);
    let figures = Figures {
        rps: found.duration_s.filter(|length| *length > 0.0).map(|length| left / length),
        latency_of: totals.latency_of,
        ..Figures::default()
    }
    .counted(Some(left as u64), errors.map(|errors| errors as u64))
    // What is left of rounded means may be nothing at all.
    .with("mean", rest(&spent_ms).map(|spent| spent / left).filter(|mean| *mean > 0.0));
    let text = format!(
        "{left} of {all} requests have no name of their own: they are an endpoint \"{UNNAMED}\" with their mean. A threshold on each tag \
         (http_req_duration{{name:…}}) names them."
    );
    found.warnings.push(Warning::new("unnamed-requests", &text).with("requests", left));
    found.endpoints.push(Endpoint { name: UNNAMED.to_owned(), figures });
}

/// Figures of a trend metric in milliseconds.
fn trend(values: &Value) -> Figures {
    let latency_ms = json::members(values, &[])
        .filter_map(|(key, value)| Some((statistic(key)?, json::as_number(value)?)))
        .collect();
    let requests = json::count(values, &["count"]);
    Figures { requests, latency_ms, latency_of: Some(LatencyOf::All), ..Figures::default() }
}

/// The name of a k6 statistic in the measurements: `avg`, `med`, `p(99.9)`.
pub fn statistic(key: &str) -> Option<String> {
    match key {
        "avg" => Some("mean".to_owned()),
        "med" => Some("p50".to_owned()),
        "min" | "max" => Some(key.to_owned()),
        _ => {
            let number = key.strip_prefix("p(")?.strip_suffix(')')?;
            crate::sense::names::percentile(number)
        }
    }
}
