//! vegeta: JSON and text reports, and the results of `encode` as CSV or JSON lines.

use super::raw::{self, LineFormat, Rows, State};
use crate::measurements::{Figures, LatencyOf, LoadModel, Measurements};
use crate::read::table::Row;
use crate::read::text::{self, after, duration_ms, leading_number};
use crate::read::{Reader, json, time};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::names;
use crate::sense::recorder::Request;
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;

/// `report -type=json`.
pub const FORMAT: Format = Format {
    kind: "vegeta-json",
    title: "vegeta: report -type=json",
    shape: Shape::Json { fits, read },
    docs: Docs {
        versions: "12 (README)",
        used: "requests, rate sent, failures by status, mean, extremes, percentiles",
        traps: "nanoseconds; status `0` is a transport error; `throughput` is of successes only; open model",
        evidence: "public sample",
    },
};

/// `report` as text.
pub const TEXT: Format = Format {
    kind: "vegeta-text",
    title: "vegeta: report (text)",
    shape: Shape::Text { fits: fits_text, read: read_text },
    docs: Docs {
        versions: "12 (README)",
        used: "as the JSON",
        traps: "columns stand in brackets and vary by version: read by their names",
        evidence: "public sample",
    },
};

/// `encode --to csv`.
pub const CSV: Format = Format {
    kind: "vegeta-csv",
    title: "vegeta: encode --to csv",
    shape: Shape::Stream { fits: fits_csv, open: open_csv },
    docs: Docs {
        versions: "12 (source)",
        used: "every request: start, latency, status, error, method, URL",
        traps: "no header; nanoseconds; older files have fewer columns; the default `.bin` is a Go dump and is refused",
        evidence: "unverified",
    },
};

/// `encode --to json`.
pub const LINES: Format = Format {
    kind: "vegeta-ndjson",
    title: "vegeta: encode --to json (JSON lines)",
    shape: Shape::Stream { fits: fits_lines, open: open_lines },
    docs: Docs {
        versions: "12 (source)",
        used: "as the CSV",
        traps: "latency in nanoseconds; code 0 is a transport error",
        evidence: "unverified",
    },
};

fn fits(document: &Value) -> Fit {
    Fit::from(json::has(document, &["latencies", "status_codes", "bytes_in"]))
}

fn read(document: &Value, _context: &Context) -> Result<Measurements, Refusal> {
    let latency = |name: &str| json::number(document, &["latencies", name]).map(|ns| ns / 1e6);
    let requests = json::count(document, &["requests"]);
    let mut figures =
        Figures { rps: json::number(document, &["rate"]), latency_of: Some(LatencyOf::All), ..Figures::default() };
    let mut errors = 0;
    for (code, count) in json::members(document, &["status_codes"]) {
        let count = json::as_count(count).unwrap_or(0);
        if code.parse().is_ok_and(|code: u32| code == 0 || code >= 400) {
            errors += count;
            figures.errors_by.insert(if code == "0" { "transport".to_owned() } else { code.to_owned() }, count);
        }
    }
    figures = figures
        .counted(requests, Some(errors))
        .with("mean", latency("mean"))
        .with("min", latency("min"))
        .with("max", latency("max"));
    figures.histogram = buckets(document, latency("max"));
    for name in ["50th", "90th", "95th", "99th"] {
        figures = figures.with(&format!("p{}", &name[..2]), latency(name));
    }
    let (start, end) = (json::text(document, &["earliest"]), json::text(document, &["end"]));
    let instant = |text: Option<&str>| text.and_then(time::parse).map(|(seconds, _)| seconds);
    let duration_s = instant(start).zip(instant(end)).map(|(start, end)| end - start);
    Ok(Measurements {
        model: Some(LoadModel::Open),
        started: instant(start).and_then(time::rfc3339),
        duration_s: duration_s.or_else(|| json::number(document, &["duration"]).map(|ns| ns / 1e9)),
        totals: Some(figures),
        ..Measurements::default()
    })
}

/// The histogram of `-buckets`, whose keys are the lower bounds; the last one has none above but the maximum.
fn buckets(document: &Value, most_ms: Option<f64>) -> Vec<(f64, u64)> {
    let members = json::members(document, &["buckets"]);
    let mut lower: Vec<(f64, u64)> =
        members.filter_map(|(from, count)| Some((text::number(from)? / 1e6, json::as_count(count)?))).collect();
    lower.sort_by(|one, other| one.0.total_cmp(&other.0));
    let upper = lower.iter().skip(1).map(|(from, _)| *from).chain(most_ms);
    upper.zip(&lower).map(|(upper, (from, count))| (upper.max(*from), *count)).collect()
}

fn fits_text(head: &Head<'_>) -> Fit {
    let text = head.text();
    Fit::from(
        text.contains("Latencies ")
            && text.lines().take(20).any(|line| line.starts_with("Requests") && line.contains("[total")),
    )
}

/// The values of a line by the names in its brackets: `Latencies  [min, mean, 50]  90ms, 113ms, 108ms`.
fn bracketed<'a>(report: &'a str, label: &str) -> Vec<(&'a str, &'a str)> {
    let line = report.lines().find(|line| line.starts_with(label)).unwrap_or("");
    let Some((names, values)) = line.split_once('[').and_then(|(_, rest)| rest.split_once(']')) else {
        return Vec::new();
    };
    names.split(',').map(str::trim).zip(values.split(',').map(str::trim)).collect()
}

fn read_text(report: &str, _context: &Context) -> Result<Measurements, Refusal> {
    let value = |label: &str, name: &str| {
        bracketed(report, label).into_iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    };
    let requests = value("Requests", "total").and_then(leading_number).and_then(crate::read::text::count);
    let Some(requests) = requests else {
        return Err(Refusal::new("the line `Requests [total, …]`", "a report without it"));
    };
    let rps = value("Requests", "rate").and_then(leading_number);
    let mut figures = Figures { rps, latency_of: Some(LatencyOf::All), ..Figures::default() };
    for (name, duration) in bracketed(report, "Latencies") {
        let name = names::percentile(name).unwrap_or_else(|| name.to_owned());
        figures = figures.with(&name, duration_ms(duration));
    }
    let mut errors = 0;
    for pair in after(report, "[code:count]").unwrap_or("").split_whitespace() {
        let Some((code, count)) = pair.split_once(':') else { continue };
        let count = count.parse().map_or(0, |count: u64| count.min(9_000_000_000_000_000));
        if code.parse().is_ok_and(|code: u32| code == 0 || code >= 400) {
            errors += count;
            figures.errors_by.insert(if code == "0" { "transport".to_owned() } else { code.to_owned() }, count);
        }
    }
    figures = figures.counted(Some(requests), Some(errors));
    let duration_s = value("Duration", "total").and_then(duration_ms).map(|ms| ms / 1e3);
    Ok(Measurements { model: Some(LoadModel::Open), duration_s, totals: Some(figures), ..Measurements::default() })
}

const ROWS: Rows = Rows {
    header: false,
    columns: &[
        ("start", true),
        ("code", true),
        ("latency", true),
        ("out", true),
        ("in", true),
        ("error", true),
        ("body", false),
        ("attack", false),
        ("sequence", false),
        ("method", false),
        ("url", false),
    ],
    model: Some(LoadModel::Open),
    joinable: true,
    row,
    close: |_, _| {},
};

fn fits_csv(head: &Head<'_>) -> Fit {
    let (fields, _) = head.columns();
    let digits = |index: usize| {
        fields.get(index).is_some_and(|field| !field.is_empty() && field.bytes().all(|byte| byte.is_ascii_digit()))
    };
    Fit::from(fields.len() >= 6 && fields[0].len() == 19 && fields[1].len() <= 3 && (0..5).all(digits))
}

fn open_csv(context: &Context) -> Box<dyn Reader> {
    raw::table(context, ROWS, |_| {})
}

fn row(row: &Row<'_>, _places: &[Option<usize>], state: &mut State) -> bool {
    let (Some(start_ns), Some(latency_ns)) = (row.text(0).parse::<f64>().ok(), row.number(2)) else { return false };
    state.recorder.request(&Request {
        start_s: Some(start_ns / 1e9),
        method: row.text(9),
        name: row.text(10),
        latency_ms: latency_ns / 1e6,
        failure: failure(row.text(1), row.text(5)),
    });
    true
}

fn failure<'a>(code: &'a str, error: &'a str) -> Option<&'a str> {
    match code.parse::<u32>() {
        Ok(0) => Some(if error.is_empty() { "transport" } else { error }),
        Ok(status) if status >= 400 => Some(code),
        _ => None,
    }
}

#[derive(Deserialize)]
struct Hit<'a> {
    code: u32,
    #[serde(borrow)]
    timestamp: Cow<'a, str>,
    latency: f64,
    #[serde(borrow, default)]
    error: Cow<'a, str>,
    #[serde(borrow, default)]
    method: Cow<'a, str>,
    #[serde(borrow, default)]
    url: Cow<'a, str>,
}

fn fits_lines(head: &Head<'_>) -> Fit {
    let first = head.first_line();
    Fit::from(
        first.starts_with('{')
            && ["\"attack\"", "\"seq\"", "\"bytes_in\"", "\"latency\""].iter().all(|key| first.contains(key)),
    )
}

fn open_lines(context: &Context) -> Box<dyn Reader> {
    let line = |line: &[u8], state: &mut State| {
        let Ok(hit) = serde_json::from_slice::<Hit<'_>>(line) else { return false };
        let code = hit.code.to_string();
        state.recorder.request(&Request {
            start_s: time::parse(&hit.timestamp).map(|(seconds, _)| seconds),
            method: &hit.method,
            name: &hit.url,
            latency_ms: hit.latency / 1e6,
            failure: failure(&code, &hit.error),
        });
        true
    };
    raw::lines(context, LineFormat { model: Some(LoadModel::Open), line: Box::new(line), close: |_, _| {} })
}
