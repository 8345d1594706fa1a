//! Measurements and fits in the words of the data page.

use crate::protocol::{Backtest, FileReport, FileRole, FitReport, FittedQuantity, Mapping, Residual};
use ingest::Measurements;
use scenario::v1::OneOrMany;
use study::calibrate::{self, ResidualRow};

/// What a file gave.
pub(super) fn file(name: &str, measurements: &Measurements) -> FileReport {
    let several = |count: usize, one: &str, many: &str| {
        (count > 0).then(|| format!("{count} {}", if count == 1 { one } else { many }))
    };
    let totals = measurements.totals.as_ref();
    let steady = measurements.levels.iter().filter(|level| level.steady && level.endpoint.is_none()).count();
    let points: usize = measurements.series.iter().map(|series| series.points.len()).sum();
    let series = several(measurements.series.len(), "series", "series").map(|text| format!("{text}, {points} points"));
    let found = [
        totals.and_then(|totals| totals.requests).map(|requests| format!("{requests} requests")),
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
    }
}

/// What a calibration found.
pub(super) fn fit(report: &calibrate::FitReport, tested: Option<&study::Backtest>) -> FitReport {
    let quantities = report.fitted.iter().map(|row| FittedQuantity {
        path: row.path.clone(),
        value: row.value,
        low: Some(row.low),
        high: Some(row.high),
        source: row.source.clone(),
        from: row.from.clone(),
    });
    let notes = report.contradictions.iter().chain(&report.missing).chain(&report.notes);
    let place = |note: &calibrate::Note| {
        if note.place.is_empty() { note.text.clone() } else { format!("{}: {}", note.place, note.text) }
    };
    FitReport {
        quantities: quantities.collect(),
        residuals: residuals(&report.residuals),
        mapping: mapping(report),
        unmatched: report.unmatched.iter().map(|note| note.place.clone()).collect(),
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

fn mapping(report: &calibrate::FitReport) -> Vec<Mapping> {
    let guessed = |name: &str| report.guesses.iter().any(|guess| guess.contains(name));
    let row =
        |what: &str, name: String, means: String| Mapping { what: what.into(), guessed: guessed(&name), name, means };
    let endpoints =
        report.map.endpoints.iter().map(|(name, class)| row("endpoint", name.clone(), format!("class {class}")));
    let series = report.map.series.iter().map(|entry| {
        let labels: Vec<&str> = entry.labels.values().map(String::as_str).collect();
        let source = entry.file.clone().or(entry.name.clone()).unwrap_or_default();
        let name = if labels.is_empty() { source } else { format!("{source} ({})", labels.join(", ")) };
        let parts =
            [entry.component.as_deref(), entry.pool.as_deref(), entry.class.as_deref(), Some(entry.is.as_str())];
        row("series", name, parts.into_iter().flatten().collect::<Vec<_>>().join(" · "))
    });
    let costs = report.map.costs.iter().map(|(name, components)| {
        let means = match components {
            OneOrMany::One(id) => id.clone(),
            OneOrMany::Many(ids) => ids.join(", "),
        };
        row("cost", name.clone(), means)
    });
    endpoints.chain(series).chain(costs).collect()
}
