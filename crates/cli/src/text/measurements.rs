//! Measurements of one file as text.

use super::Table;
use super::number::{milliseconds, per_second, significant, whole};
use ingest::Measurements;
use ingest::measurements::{CallEdge, CostLine, Figures};
use std::collections::BTreeMap;

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
    bill(&measurements.costs, out);
}

/// The lines of a bill in sum: one for each service, kind of charge, currency and period, in the order in which they come. The JSON has
/// all, apart by their tags too.
fn bill(costs: &[CostLine], out: &mut String) {
    let mut places = BTreeMap::new();
    let mut sums: Vec<(&CostLine, f64, u64)> = Vec::new();
    for cost in costs {
        let place = places.entry((&cost.service, &cost.category, &cost.currency, &cost.period)).or_insert(sums.len());
        if *place == sums.len() {
            sums.push((cost, 0.0, 0));
        }
        if let Some((_, amount, lines)) = sums.get_mut(*place) {
            *amount += cost.amount;
            *lines += 1;
        }
    }
    for (cost, amount, lines) in sums {
        let category = cost.category.as_ref().map(|category| format!(", {category}")).unwrap_or_default();
        let amount = format!("{} {}", significant(amount), cost.currency.as_deref().unwrap_or(""));
        let period = cost.period.as_ref().map(|(from, to)| format!(" from {from} to {to}")).unwrap_or_default();
        let lines = if lines > 1 { format!(" ({} lines)", whole(lines)) } else { String::new() };
        out.push_str(&format!("  {}{category}: {}{period}{lines}\n", cost.service, amount.trim_end()));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_one_service_and_month_are_one() {
        let line = |service: &str, category: &str, month: &str, amount: f64| CostLine {
            service: service.to_owned(),
            category: Some(category.to_owned()),
            currency: Some("USD".to_owned()),
            period: Some((format!("{month}-01"), format!("{month}-28"))),
            amount,
            ..CostLine::default()
        };
        let costs = [
            line("EC2", "Usage", "2026-10", 10.0),
            line("RDS", "Usage", "2026-10", 7.0),
            line("EC2", "Usage", "2026-10", 2.5),
            line("EC2", "Credit", "2026-10", -4.0),
            line("EC2", "Usage", "2026-11", 11.0),
            CostLine { currency: Some("EUR".to_owned()), ..line("EC2", "Usage", "2026-11", 9.0) },
            CostLine { tags: [("env".to_owned(), "test".to_owned())].into(), ..line("EC2", "Usage", "2026-10", 0.5) },
            CostLine { service: "Support".to_owned(), amount: 3.0, ..CostLine::default() },
        ];
        let mut out = String::new();
        bill(&costs, &mut out);
        let want = [
            "  EC2, Usage: 13 USD from 2026-10-01 to 2026-10-28 (3 lines)",
            "  RDS, Usage: 7 USD from 2026-10-01 to 2026-10-28",
            "  EC2, Credit: -4 USD from 2026-10-01 to 2026-10-28",
            "  EC2, Usage: 11 USD from 2026-11-01 to 2026-11-28",
            "  EC2, Usage: 9 EUR from 2026-11-01 to 2026-11-28",
            "  Support: 3",
        ];
        assert_eq!(out.lines().collect::<Vec<_>>(), want);
    }
}
