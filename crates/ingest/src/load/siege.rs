//! siege: the report, as text or (from 4.1) JSON.

use crate::measurements::{Figures, LatencyOf, LoadModel, Measurements, Warning};
use crate::read::json;
use crate::read::text::{after, duration_ms, number_after};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use serde_json::Value;

/// Text.
pub const FORMAT: Format = Format {
    kind: "siege",
    title: "siege: the report",
    shape: Shape::Text { fits, read },
    docs: Docs {
        versions: "4.0.7",
        used: "requests, failures, rate, concurrency; mean from concurrency and rate; extremes",
        traps: "`Transactions` are successes only; the response time has steps of 10 ms, so the mean is concurrency over rate; the report \
                goes to standard error; closed model",
        evidence: "own run",
    },
};

/// JSON.
pub const JSON: Format = Format {
    kind: "siege-json",
    title: "siege 4.1: the report as JSON",
    shape: Shape::Json { fits: fits_json, read: read_json },
    docs: Docs { versions: "4.1 (documentation)", used: "as the text", traps: "as the text", evidence: "unverified" },
};

fn fits(head: &Head<'_>) -> Fit {
    let text = head.text();
    Fit::from(
        !head.is_json()
            && text.contains("Transactions:")
            && text.contains("Availability:")
            && text.contains("Transaction rate:"),
    )
}

fn read(report: &str, _context: &Context) -> Result<Measurements, Refusal> {
    report_of(|label| {
        let label = format!("{label}:");
        // Version 4.1 writes times in milliseconds, older ones in seconds, of which some carry no unit.
        let timed = after(report, &label).filter(|text| text.ends_with(" ms")).and_then(duration_ms);
        timed.map(|ms| ms / 1e3).or_else(|| number_after(report, &label))
    })
}

fn fits_json(document: &Value) -> Fit {
    Fit::from(json::has(document, &["transactions", "availability", "transaction_rate"]))
}

fn read_json(document: &Value, _context: &Context) -> Result<Measurements, Refusal> {
    report_of(|label| json::number(document, &[label.to_ascii_lowercase().replace(' ', "_").as_str()]))
}

fn report_of(figure: impl Fn(&str) -> Option<f64>) -> Result<Measurements, Refusal> {
    let Some(good) = figure("Transactions").and_then(crate::read::text::count) else {
        return Err(Refusal::new("a number of transactions", "a report without it"));
    };
    // In a report that is cut before it nobody knows how many failed, so not how many requests there were.
    let failed = figure("Failed transactions").and_then(crate::read::text::count);
    let requests = failed.map(|failed| good + failed);
    let (concurrency, rate) = (figure("Concurrency"), figure("Transaction rate"));
    // Little's law over the successes siege measures.
    let mean = concurrency.zip(rate.filter(|rate| *rate > 0.0)).map(|(users, rate)| users / rate * 1e3);
    let duration_s = figure("Elapsed time").filter(|seconds| *seconds > 0.0);
    let figures = Figures {
        rps: requests.zip(duration_s).map(|(requests, length)| requests as f64 / length),
        users: concurrency,
        latency_of: Some(LatencyOf::Ok),
        ..Figures::default()
    }
    .counted(requests, failed)
    .with("mean", mean.or_else(|| figure("Response time").map(|seconds| seconds * 1e3)))
    .with("min", figure("Shortest transaction").map(|seconds| seconds * 1e3))
    .with("max", figure("Longest transaction").map(|seconds| seconds * 1e3));
    let mut found =
        Measurements { model: Some(LoadModel::Closed), duration_s, totals: Some(figures), ..Measurements::default() };
    let text = "siege rounds times to 10 ms; the mean is computed from concurrency and rate (Little's law) instead. There are no \
                percentiles.";
    found
        .warnings
        .extend(concurrency.map(|users| Warning::new("mean-by-littles-law", text).with("concurrency", users)));
    Ok(found)
}
