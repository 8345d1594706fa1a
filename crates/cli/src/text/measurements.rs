//! Measurements of one file as text.

use super::Table;
use super::number::{milliseconds, per_second, significant, whole};
use ingest::Measurements;
use ingest::measurements::{CallEdge, Figures};

/// Most endpoints that are listed; the JSON has all.
const ENDPOINTS: usize = 12;
/// Most edges of a call graph that are listed.
const EDGES: usize = 30;

/// Writes what a file holds.
pub(crate) fn write(measurements: &Measurements, out: &mut String) {
    let version = measurements.tool_version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
    let length = measurements.duration_s.map(|seconds| format!(", {} s", significant(seconds))).unwrap_or_default();
    out.push_str(&format!("{}: {}{version}{length}\n", measurements.file, measurements.kind));
    let mut table = Table::new(["", "requests", "errors", "rate", "mean", "p50", "p95", "p99"]);
    if let Some(totals) = &measurements.totals {
        table.row(cells("all".to_owned(), totals));
    }
    for endpoint in measurements.endpoints.iter().take(ENDPOINTS) {
        table.row(cells(endpoint.name.clone(), &endpoint.figures));
    }
    for level in measurements.levels.iter().filter(|level| level.steady && level.endpoint.is_none()) {
        let name = format!("{} to {} s", significant(level.from_s), significant(level.to_s));
        table.row(cells(name, &level.figures));
    }
    if !table.is_empty() {
        table.write("  ", out);
    }
    others(measurements, out);
    for warning in &measurements.warnings {
        out.push_str(&format!("  warning: {}\n", warning.text));
    }
}

/// What has no row of its own.
fn others(measurements: &Measurements, out: &mut String) {
    if measurements.endpoints.len() > ENDPOINTS {
        out.push_str(&format!("  and {} more endpoints\n", measurements.endpoints.len() - ENDPOINTS));
    }
    if !measurements.series.is_empty() {
        let points: usize = measurements.series.iter().map(|series| series.points.len()).sum();
        let (series, points) = (measurements.series.len() as u64, points as u64);
        out.push_str(&format!("  {} series, {} points\n", whole(series), whole(points)));
    }
    for resource in &measurements.resources {
        let figures = resource.figures.iter().map(|(name, value)| format!("{name} {}", significant(*value)));
        out.push_str(&format!("  {}: {}\n", resource.name, figures.collect::<Vec<_>>().join(", ")));
    }
    if !measurements.calls.is_empty() {
        out.push_str(&format!("  {} edges of the call graph\n", measurements.calls.len()));
        measurements.calls.iter().take(EDGES).for_each(|call| out.push_str(&edge(call)));
    }
    for cost in &measurements.costs {
        let currency = cost.currency.as_deref().unwrap_or("");
        let amount = format!("{} {currency}", significant(cost.amount));
        let period = cost.period.as_ref().map(|(from, to)| format!(" from {from} to {to}")).unwrap_or_default();
        out.push_str(&format!("  {}: {}{period}\n", cost.service, amount.trim_end()));
    }
}

/// A call: how often, how, and how long the callee takes by itself.
fn edge(call: &CallEdge) -> String {
    let times = call.per_request.map(|calls| format!(", {} a visit", significant(calls))).unwrap_or_default();
    let mode = call.mode.as_ref().map(|mode| format!(", {mode}")).unwrap_or_default();
    let own = call.own_ms.map(|own| format!(", own time {}", milliseconds(own))).unwrap_or_default();
    format!("    {} -> {}{times}{mode}{own}\n", call.from, call.to)
}

fn cells(name: String, figures: &Figures) -> Vec<String> {
    let count = |value: Option<u64>| value.map(whole).unwrap_or_default();
    let latency = |name: &str| figures.latency_ms.get(name).copied().map(milliseconds).unwrap_or_default();
    let rate = figures.rps.map(per_second).unwrap_or_default();
    let (requests, errors) = (count(figures.requests), count(figures.errors));
    vec![name, requests, errors, rate, latency("mean"), latency("p50"), latency("p95"), latency("p99")]
}
