//! loadtest (npm): the report.

use crate::measurements::{Endpoint, Figures, LatencyOf, LoadModel, Measurements};
use crate::read::text::{after, count_after, duration_ms, leading_number, number_after};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::names;

/// The format.
pub const FORMAT: Format = Format {
    kind: "loadtest",
    title: "loadtest (npm): the report",
    shape: Shape::Text { fits, read },
    docs: Docs {
        versions: "8.2.1",
        used: "requests, failures, rate, clients, mean, percentiles",
        traps: "`-1: n errors` are error statuses; whole milliseconds; lines may carry the prefix INFO",
        evidence: "own run",
    },
};

fn fits(head: &Head<'_>) -> Fit {
    Fit::from(head.text().contains("Target URL:") && head.text().contains("Effective rps:"))
}

fn read(report: &str, _context: &Context) -> Result<Measurements, Refusal> {
    let Some(requests) = count_after(report, "Completed requests:") else {
        return Err(Refusal::new("the line `Completed requests:`", "a report without it"));
    };
    let duration_s =
        after(report, "Total time:").and_then(duration_ms).map(|ms| ms / 1e3).filter(|seconds| *seconds > 0.0);
    let mut figures = Figures {
        rps: duration_s.map(|length| requests as f64 / length).or(number_after(report, "Effective rps:")),
        users: number_after(report, "Concurrent clients:"),
        latency_of: Some(LatencyOf::All),
        ..Figures::default()
    }
    .counted(Some(requests), count_after(report, "Total errors:"))
    .with("mean", after(report, "Mean latency:").and_then(duration_ms));
    for line in report.split_once("served within a certain time").map_or("", |(_, rest)| rest).lines().skip(1) {
        let Some((percent, value)) = line.split_once('%') else { continue };
        let percent = percent.rsplit(' ').next().unwrap_or("");
        match names::percentile(percent) {
            Some(name) => figures = figures.with(&name, leading_number(value)),
            None if percent.trim() == "100" => figures = figures.with("max", leading_number(value)),
            None => {}
        }
    }
    let open = number_after(report, "Target rps:").is_some_and(|rate| rate > 0.0);
    let model = Some(if open { LoadModel::Open } else { LoadModel::Closed });
    let mut found = Measurements { model, duration_s, ..Measurements::default() };
    if let Some(url) = after(report, "Target URL:") {
        found.endpoints.push(Endpoint { name: names::endpoint("", url), figures: figures.clone() });
    }
    found.totals = Some(figures);
    Ok(found)
}
