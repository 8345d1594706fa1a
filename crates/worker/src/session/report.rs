//! Measurements and fits in the words of the data page.

use crate::protocol::{Backtest, FileReport, FileRole, FitReport, FittedQuantity, Mapping, Residual};
use ingest::Measurements;
use scenario::v1::{Map, OneOrMany};
use study::calibrate::{self, ResidualRow};

/// What a file gave.
pub(super) fn file(name: &str, measurements: &Measurements) -> FileReport {
    let several = |count: usize, one: &str, many: &str| {
        (count > 0).then(|| format!("{count} {}", if count == 1 { one } else { many }))
    };
    let totals = measurements.totals.as_ref();
    let steady = measurements.levels.iter().filter(|level| level.steady && level.endpoint.is_none()).count();
    let points: usize = measurements.series.iter().map(|series| series.points.len()).sum();
    let series = several(measurements.series.len(), "series", "series").zip(several(points, "point", "points"));
    let series = series.map(|(series, points)| format!("{series}, {points}"));
    let requests = totals
        .and_then(|totals| totals.requests)
        .map(|requests| format!("{requests} {}", if requests == 1 { "request" } else { "requests" }));
    let found = [
        requests,
        totals.and_then(|totals| totals.rps).map(|rate| format!("{rate:.1} per second")),
        totals.and_then(|totals| totals.latency_ms.get("p95")).map(|p95| format!("p95 {p95:.1} ms")),
        several(measurements.endpoints.len(), "endpoint", "endpoints"),
        several(steady, "steady level", "steady levels"),
        series,
        several(measurements.resources.len(), "resource", "resources"),
        several(measurements.calls.len(), "call", "calls"),
        several(measurements.costs.len(), "bill line", "bill lines"),
    ];
    let warnings = measurements.warnings.iter().map(|warning| (warning.code.clone(), warning.text.clone())).collect();
    FileReport {
        file: name.to_owned(),
        kind: measurements.kind.clone(),
        role: FileRole::Measurements,
        found: found.into_iter().flatten().collect(),
        warnings,
        question: None,
    }
}

/// What a calibration found.
pub(super) fn fit(report: &calibrate::FitReport, tested: Option<&study::Backtest>, stated: Option<&Map>) -> FitReport {
    let quantities = report.fitted.iter().map(|row| FittedQuantity {
        path: row.path.clone(),
        value: row.value,
        low: Some(row.low),
        high: Some(row.high),
        source: row.source.clone(),
        from: row.from.clone(),
    });
    // What has a name in a file can be given its meaning on the page; of the rest the words tell.
    let named = |note: &&calibrate::Note| matches!(note.code.as_str(), "endpoint" | "file");
    let told = report.unmatched.iter().filter(|note| !named(note));
    let notes = report.contradictions.iter().chain(told).chain(&report.missing).chain(&report.notes);
    let place = |note: &calibrate::Note| {
        if note.place.is_empty() { note.text.clone() } else { format!("{}: {}", note.place, note.text) }
    };
    let endpoints = report.unmatched.iter().filter(|note| note.code == "endpoint");
    FitReport {
        quantities: quantities.collect(),
        residuals: residuals(&report.residuals),
        mapping: mapping(&report.map, stated),
        unmatched: report.unmatched.iter().filter(named).map(|note| note.place.clone()).collect(),
        unmatched_endpoints: endpoints.map(|note| note.place.clone()).collect(),
        backtest: tested.map(backtest),
        warnings: notes.map(|note| (note.code.clone(), place(note))).collect(),
    }
}

fn residuals(rows: &[ResidualRow]) -> Vec<Residual> {
    let row = |row: &ResidualRow| {
        let what = format!("{} {} at ×{}", row.traffic, row.figure.replace('_', "."), short(row.multiple));
        Some(Residual { what, measured: row.measured_ms, modelled: row.model_ms? })
    };
    rows.iter().filter_map(row).collect()
}

fn backtest(tested: &study::Backtest) -> Backtest {
    Backtest {
        worst_error: tested.worst_error,
        held_out_multiple: tested.rows.iter().map(|row| row.multiple).fold(0.0, f64::max),
        verdict: tested.verdict.clone(),
        residuals: residuals(&tested.rows),
    }
}

fn short(multiple: f64) -> String {
    let text = format!("{multiple:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What each name was taken for; what the stated map does not hold was guessed.
fn mapping(used: &Map, stated: Option<&Map>) -> Vec<Mapping> {
    let row = |what: &str, name: String, means: String, known: bool| Mapping {
        what: what.into(),
        name,
        means,
        guessed: !known,
    };
    let endpoints = used.endpoints.iter().map(|(name, class)| {
        let known = stated.is_some_and(|map| map.endpoints.contains_key(name));
        row("endpoint", name.clone(), format!("class {class}"), known)
    });
    let series = used.series.iter().map(|entry| {
        let labels: Vec<&str> = entry.labels.values().map(String::as_str).collect();
        let source = entry.file.clone().or(entry.name.clone()).unwrap_or_default();
        let name = if labels.is_empty() { source } else { format!("{source} ({})", labels.join(", ")) };
        let parts =
            [entry.component.as_deref(), entry.pool.as_deref(), entry.class.as_deref(), Some(entry.is.as_str())];
        let known = stated.is_some_and(|map| map.series.contains(entry));
        row("series", name, parts.into_iter().flatten().collect::<Vec<_>>().join(" · "), known)
    });
    let costs = used.costs.iter().map(|(name, components)| {
        let means = match components {
            OneOrMany::One(id) => id.clone(),
            OneOrMany::Many(ids) => ids.join(", "),
        };
        row("cost", name.clone(), means, stated.is_some_and(|map| map.costs.contains_key(name)))
    });
    endpoints.chain(series).chain(costs).collect()
}
