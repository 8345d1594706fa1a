//! HdrHistogram percentile tables (`.hgrm`), alone or inside a report of wrk2.

use crate::measurements::{Figures, LatencyOf, Measurements, Warning};
use crate::read::text;
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};

/// The format.
pub const FORMAT: Format = Format {
    kind: "hdr-histogram",
    title: "HdrHistogram percentile table (.hgrm); vegeta report -type=hdrplot",
    shape: Shape::Text { fits, read },
    docs: Docs {
        versions: "wrk2, vegeta",
        used: "the whole distribution; mean and maximum from the footer",
        traps: "the unit is not in the file unless the header says `Value(ms)`: it is asked; counts are cumulative",
        evidence: "public sample",
    },
};

fn fits(head: &Head<'_>) -> Fit {
    let first = head.first_line();
    Fit::from(first.starts_with("Value") && first.contains("Percentile") && first.contains("TotalCount"))
}

/// Whether the unit of the values is unknown.
pub fn lacks_unit(head: &Head<'_>) -> bool {
    !head.first_line().starts_with("Value(")
}

fn read(report: &str, context: &Context) -> Result<Measurements, Refusal> {
    let in_ms = match (report.split_once('(').filter(|(before, _)| before.trim() == "Value"), context.options.unit) {
        (Some((_, rest)), _) => rest.split(')').next().and_then(text::unit_ms).unwrap_or(1.0),
        (None, unit) => unit.map_or(1.0, crate::TimeUnit::in_ms),
    };
    let figures = figures(report, in_ms).ok_or_else(|| {
        Refusal::new("lines of value, percentile and count", "none").remedy("save the whole percentile table")
    })?;
    let mut found = Measurements { totals: Some(figures), ..Measurements::default() };
    if found.totals.as_ref().is_some_and(|totals| totals.requests.is_none()) {
        let text = "The table ends before the last percentile: the requests, the maximum and the tail are missing. The percentiles before are kept.";
        found.warnings.push(Warning::new("truncated", text));
    }
    Ok(found)
}

/// The distribution of a percentile table; values times `in_ms` are milliseconds.
pub fn figures(table: &str, in_ms: f64) -> Option<Figures> {
    let rows: Vec<(f64, f64, u64)> = table.lines().filter_map(row).collect();
    // A table that is cut ends before the whole: its last value is no maximum, its last count not that of all.
    let whole = rows.last().filter(|(_, percentile, _)| *percentile >= 1.0);
    let (last, count) = whole.map(|(value, _, count)| (*value, *count)).unzip();
    rows.last()?;
    let mut figures = Figures { latency_of: Some(LatencyOf::All), ..Figures::default() }
        .with("min", rows.first().filter(|(_, percentile, _)| *percentile == 0.0).map(|(value, ..)| value * in_ms))
        .with(
            "mean",
            text::number_after(table, "#[Mean")
                .map(|mean| mean * in_ms)
                .or_else(|| footer(table, "Mean").map(|mean| mean * in_ms)),
        )
        .with("max", footer(table, "Max").or(last).map(|max| max * in_ms));
    for (name, quantile) in [("p50", 0.5), ("p75", 0.75), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p99_9", 0.999)]
    {
        let value =
            rows.iter().find(|(_, percentile, _)| *percentile >= quantile - 1e-9).map(|(value, ..)| value * in_ms);
        figures = figures.with(name, value);
    }
    figures.requests = footer(table, "Total count").and_then(text::count).or(count);
    let mut before = 0;
    for (value, _, count) in &rows {
        let upper = value * in_ms;
        match figures.histogram.last_mut() {
            Some(bucket) if bucket.0 == upper => bucket.1 += count.saturating_sub(before),
            _ if *count > before => figures.histogram.push((upper, count - before)),
            _ => {}
        }
        before = before.max(*count);
    }
    if figures.requests.is_none() {
        figures.histogram.clear();
    }
    Some(figures)
}

/// A figure of the footer: `#[Mean    =       10.043, StdDeviation   =        6.217]`.
fn footer(table: &str, name: &str) -> Option<f64> {
    let lines = table.lines().filter(|line| line.starts_with("#["));
    lines.flat_map(|line| line.trim_matches(['#', '[', ']']).split(',')).find_map(|part| {
        let (label, value) = part.split_once('=')?;
        (label.trim() == name).then(|| text::leading_number(value))?
    })
}

/// Value, percentile (0..=1) and cumulative count.
fn row(line: &str) -> Option<(f64, f64, u64)> {
    let mut words = line.split_ascii_whitespace();
    let (value, percentile, count) = (words.next()?, words.next()?, words.next()?);
    let row = (text::number(value)?, text::number(percentile)?, count.parse().ok()?);
    (words.count() <= 1 && (0.0..=1.0).contains(&row.1)).then_some(row)
}
