//! httperf's report.

use crate::measurements::{Endpoint, Figures, LatencyOf, LoadModel, Measurements};
use crate::read::text::{after, leading_number, number_after};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::names;

/// The format.
pub const FORMAT: Format = Format {
    kind: "httperf",
    title: "httperf: the report",
    shape: Shape::Text { fits, read },
    docs: Docs {
        versions: "0.9.0",
        used: "requests, failures, rate, mean reply time; extremes and median of connections with one call each",
        traps: "error statuses are not in `Errors: total`; reply time leaves out connecting; open model with --rate",
        evidence: "own run",
    },
};

fn fits(head: &Head<'_>) -> Fit {
    Fit::from(head.text().contains("Total: connections ") && head.text().contains("Reply rate [replies/s]"))
}

fn read(report: &str, _context: &Context) -> Result<Measurements, Refusal> {
    let total = after(report, "Total: connections ").unwrap_or("");
    let Some(replies) = number_after(total, "replies ").and_then(crate::read::text::count) else {
        return Err(Refusal::new("the line `Total: connections …`", "a report without it"));
    };
    let status = after(report, "Reply status:").unwrap_or("");
    let class = |name: &str| number_after(status, name).unwrap_or(0.0).clamp(0.0, 9e15) as u64;
    let transport = after(report, "Errors: total ").and_then(leading_number).unwrap_or(0.0).clamp(0.0, 9e15) as u64;
    let duration_s = number_after(total, "test-duration ").filter(|seconds| *seconds > 0.0);
    let reply = after(report, "Reply time [ms]:").unwrap_or("");
    let mean = number_after(reply, "response ")
        .zip(number_after(reply, "transfer "))
        .map(|(response, transfer)| response + transfer);
    let mut figures =
        Figures { rps: number_after(report, "Request rate: "), latency_of: Some(LatencyOf::All), ..Figures::default() }
            .counted(Some(replies + transport), Some(class("4xx=") + class("5xx=") + transport))
            .caused("4xx", class("4xx="))
            .caused("5xx", class("5xx="))
            .caused("transport", transport)
            .with("mean", mean);
    // With one call a connection, the connection's time is that of its call.
    let single =
        number_after(report, "Connection length [replies/conn]:").is_some_and(|calls| (calls - 1.0).abs() < 1e-9);
    if single {
        let connection =
            after(report, "Connection time [ms]: min").map(|line| format!("min{line}")).unwrap_or_default();
        figures = figures
            .with("min", number_after(&connection, "min"))
            .with("max", number_after(&connection, "max "))
            .with("p50", number_after(&connection, "median "));
    }
    let open = after(report, "--rate=").and_then(leading_number).is_some_and(|rate| rate > 0.0);
    let mut found = Measurements { model: open.then_some(LoadModel::Open), duration_s, ..Measurements::default() };
    if let Some(path) = after(report, "--uri=").and_then(|rest| rest.split_whitespace().next()) {
        found.endpoints.push(Endpoint { name: names::endpoint("", path), figures: figures.clone() });
    }
    found.totals = Some(figures);
    Ok(found)
}
