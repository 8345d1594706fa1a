//! hey: the text summary and `-o csv`.

use super::raw::{self, Rows, State};
use crate::measurements::{Figures, LatencyOf, LoadModel, Measurements};
use crate::read::Reader;
use crate::read::table::Row;
use crate::read::text::{after, duration_ms, leading_number, number_after};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::names;
use crate::sense::recorder::Request;

/// The summary.
pub const FORMAT: Format = Format {
    kind: "hey",
    title: "hey: the summary",
    shape: Shape::Text { fits, read },
    docs: Docs {
        versions: "0.1.4",
        used: "requests, rate, failures by status, mean, extremes, percentiles, histogram",
        traps: "seconds; statuses from 400 on count as failures though hey calls them responses; closed model",
        evidence: "own run",
    },
};

/// The summary of oha, which has the shape of hey's.
pub const OHA: Format = Format {
    kind: "oha-text",
    title: "oha: the summary (text)",
    shape: Shape::Text { fits: fits_oha, read },
    docs: Docs {
        versions: "1.16.0",
        used: "requests, failures by status, rate, mean, extremes, percentiles, histogram",
        traps: "units per value; the success rate ignores the status; `aborted due to deadline` is the normal end of -z and no failure",
        evidence: "own run",
    },
};

/// The rows.
pub const CSV: Format = Format {
    kind: "hey-csv",
    title: "hey: -o csv",
    shape: Shape::Stream { fits: fits_csv, open },
    docs: Docs {
        versions: "0.1.4",
        used: "every answered request: latency, status, time from the start",
        traps: "seconds in steps of 0.1 ms; transport errors are absent",
        evidence: "own run",
    },
};

fn fits(head: &Head<'_>) -> Fit {
    let text = head.text();
    let summary = text.contains("Summary:") && text.contains("Requests/sec:") && text.contains("Slowest:");
    Fit::from(summary && !text.contains("Success rate:"))
}

fn fits_oha(head: &Head<'_>) -> Fit {
    let text = head.text();
    Fit::from(text.contains("Success rate:") && text.contains("Requests/sec:") && text.contains("Slowest:"))
}

/// A time with its unit, in seconds without one.
fn milliseconds(text: &str) -> Option<f64> {
    duration_ms(text).or_else(|| leading_number(text).map(|seconds| seconds * 1e3))
}

fn read(report: &str, _context: &Context) -> Result<Measurements, Refusal> {
    let time = |label: &str| after(report, label).and_then(milliseconds);
    let section =
        |title: &str| report.split_once(title).map_or("", |(_, rest)| rest.split("\n\n").next().unwrap_or(""));
    let mut figures =
        Figures { rps: number_after(report, "Requests/sec:"), latency_of: Some(LatencyOf::All), ..Figures::default() }
            .with("mean", time("Average:"))
            .with("min", time("Fastest:"))
            .with("max", time("Slowest:"));
    let titles = ["Latency distribution:", "Response time distribution:"];
    let latencies = titles.iter().find_map(|title| Some(report.split_once(title)?.1)).unwrap_or("");
    for line in latencies.lines().skip(1).take_while(|line| !line.trim().is_empty()) {
        if let Some((percent, value)) = line.split_once(" in ")
            && let Some(name) = names::percentile(percent)
        {
            figures = figures.with(&name, milliseconds(value));
        }
    }
    let (mut requests, mut errors) = (0, 0);
    for line in section("Status code distribution:").lines() {
        let Some((code, count)) = bracketed(line) else { continue };
        let count = leading_number(count).map_or(0.0, |count| count.min(9e15)) as u64;
        requests += count;
        if code.parse().is_ok_and(|code: u32| code >= 400) {
            errors += count;
            *figures.errors_by.entry(code.to_owned()).or_default() += count;
        }
    }
    for line in section("Error distribution:").lines() {
        let Some((count, cause)) = bracketed(line) else { continue };
        let count = count.parse().map_or(0, |count: u64| count.min(9_000_000_000_000_000));
        if cause == "aborted due to deadline" {
            continue;
        }
        (requests, errors) = (requests + count, errors + count);
        *figures.errors_by.entry(cause.to_owned()).or_default() += count;
    }
    if requests == 0 {
        return Err(Refusal::new("the section `Status code distribution`", "a summary without it")
            .remedy("save the whole summary of hey"));
    }
    figures = figures.counted(Some(requests), Some(errors));
    let histogram = section("Response time histogram:");
    figures.histogram = histogram.lines().filter_map(bucket).collect();
    let duration_s = time("Total:").map(|milliseconds| milliseconds / 1e3);
    Ok(Measurements { model: Some(LoadModel::Closed), duration_s, totals: Some(figures), ..Measurements::default() })
}

/// `[200] 775 responses`.
fn bracketed(line: &str) -> Option<(&str, &str)> {
    let (inside, rest) = line.trim().strip_prefix('[')?.split_once(']')?;
    Some((inside, rest.trim()))
}

/// `0.033 [379] |■■■`; oha writes the unit.
fn bucket(line: &str) -> Option<(f64, u64)> {
    let (bound, rest) = line.trim().split_once('[')?;
    let count = rest.split(']').next()?.parse().ok()?;
    Some((milliseconds(bound)?, count)).filter(|(_, count)| *count > 0)
}

const ROWS: Rows = Rows {
    header: true,
    columns: &[("response-time", true), ("status-code", true), ("offset", true)],
    model: Some(LoadModel::Closed),
    joinable: false,
    row,
    close: |_, _| {},
};

fn fits_csv(head: &Head<'_>) -> Fit {
    Fit::from(head.has_columns(&["response-time", "status-code", "offset"]))
}

fn open(context: &Context) -> Box<dyn Reader> {
    raw::table(context, ROWS, |_| {})
}

fn row(row: &Row<'_>, places: &[Option<usize>], state: &mut State) -> bool {
    let number = |index: usize| places[index].and_then(|place| row.number(place));
    let Some(seconds) = number(0) else { return false };
    let status = places[1].map_or("", |place| row.text(place));
    state.recorder.request(&Request {
        start_s: number(2),
        method: "",
        name: "",
        latency_ms: seconds * 1e3,
        failure: super::status::failure(status),
    });
    true
}
