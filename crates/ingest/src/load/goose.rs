//! Goose (the Rust crate): the request log as CSV or JSON lines.

use super::raw::{self, LineFormat, Rows, State};
use crate::measurements::LoadModel;
use crate::read::Reader;
use crate::read::table::Row;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::recorder::Request;
use serde::Deserialize;
use std::borrow::Cow;

/// CSV.
pub const FORMAT: Format = Format {
    kind: "goose-csv",
    title: "goose: --request-log with --request-format csv",
    shape: Shape::Stream { fits, open },
    docs: Docs {
        versions: "0.19.0; 0.17 by its documentation",
        used: "every request: time from the start, latency, status, success, method and name",
        traps: "whole milliseconds before 0.19, whose microseconds stand in a column of their own; rows that only change an earlier one \
                (`update`) are left out",
        evidence: "own run",
    },
};

/// JSON lines.
pub const LINES: Format = Format {
    kind: "goose-ndjson",
    title: "goose: --request-log (JSON lines)",
    shape: Shape::Stream { fits: fits_lines, open: open_lines },
    docs: Docs {
        versions: "0.19.0; 0.17 by its documentation",
        used: "as the CSV",
        traps: "as the CSV; microseconds stand beside the milliseconds as their fraction",
        evidence: "own run",
    },
};

const ROWS: Rows = Rows {
    header: true,
    columns: &[
        ("elapsed", true),
        ("name", true),
        ("response_time", true),
        ("status_code", true),
        ("success", true),
        ("update", false),
        ("error", false),
        ("response_time_us", false),
        ("raw", false),
    ],
    model: Some(LoadModel::Closed),
    joinable: false,
    row,
    close: |_, _| {},
};

fn fits(head: &Head<'_>) -> Fit {
    Fit::from(head.has_columns(&["elapsed", "final_url", "response_time", "user_cadence"]))
}

fn open(context: &Context) -> Box<dyn Reader> {
    raw::table(context, ROWS, |_| {})
}

fn row(row: &Row<'_>, places: &[Option<usize>], state: &mut State) -> bool {
    let field = |index: usize| places[index].map_or("", |place| row.text(place));
    let number = |index: usize| places[index].and_then(|place| row.number(place));
    let (Some(elapsed_ms), Some(latency_ms)) = (number(0), number(2)) else { return false };
    // What Rust prints of the request: `GooseRawRequest { method: Get, …`.
    let method = field(8).split_once("method: ").and_then(|(_, rest)| rest.split([',', ' ']).next()).unwrap_or("");
    let answer = Answer {
        elapsed_ms,
        latency_ms: number(7).map_or(latency_ms, |microseconds| microseconds / 1e3),
        method,
        name: field(1),
        status: field(3),
        success: field(4) == "true",
        error: field(6),
    };
    if field(5) != "true" {
        add(state, &answer);
    }
    true
}

struct Answer<'a> {
    elapsed_ms: f64,
    latency_ms: f64,
    method: &'a str,
    name: &'a str,
    status: &'a str,
    success: bool,
    error: &'a str,
}

fn add(state: &mut State, answer: &Answer<'_>) {
    let status = answer.status.parse::<u32>().unwrap_or(0);
    let failure = match status {
        400.. => Some(answer.status),
        _ if answer.success => None,
        _ if answer.error.is_empty() => Some("failed"),
        _ => Some(answer.error),
    };
    // Older versions write the method into the name.
    let named = answer.name.split_once(' ').filter(|(method, _)| crate::sense::names::is_method(method));
    let method = answer.method.to_ascii_uppercase();
    let (method, name) = named.unwrap_or((&method, answer.name));
    let (start_s, latency_ms) = (Some(answer.elapsed_ms / 1e3), answer.latency_ms);
    state.recorder.request(&Request { start_s, method, name, latency_ms, failure });
}

#[derive(Deserialize)]
struct Entry<'a> {
    elapsed: f64,
    #[serde(borrow)]
    name: Cow<'a, str>,
    response_time: f64,
    #[serde(default)]
    response_time_fraction_us: f64,
    #[serde(borrow, default)]
    raw: Raw<'a>,
    #[serde(default)]
    status_code: u32,
    success: bool,
    #[serde(default)]
    update: bool,
    #[serde(borrow, default)]
    error: Cow<'a, str>,
}

#[derive(Deserialize, Default)]
struct Raw<'a> {
    #[serde(borrow, default)]
    method: Cow<'a, str>,
}

fn fits_lines(head: &Head<'_>) -> Fit {
    let first = head.first_line();
    Fit::from(
        first.starts_with('{')
            && ["\"user_cadence\"", "\"response_time\"", "\"elapsed\""].iter().all(|key| first.contains(key)),
    )
}

fn open_lines(context: &Context) -> Box<dyn Reader> {
    let line = |line: &[u8], state: &mut State| {
        let Ok(entry) = serde_json::from_slice::<Entry<'_>>(line) else { return false };
        let status = entry.status_code.to_string();
        let answer = Answer {
            elapsed_ms: entry.elapsed,
            latency_ms: entry.response_time + entry.response_time_fraction_us / 1e3,
            method: &entry.raw.method,
            name: &entry.name,
            status: &status,
            success: entry.success,
            error: &entry.error,
        };
        if !entry.update {
            add(state, &answer);
        }
        true
    };
    raw::lines(context, LineFormat { model: Some(LoadModel::Closed), line: Box::new(line), close: |_, _| {} })
}
