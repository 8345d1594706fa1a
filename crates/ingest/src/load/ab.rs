//! ApacheBench: the report, `-e` (percentiles as CSV) and `-g` (a row per request).

use super::raw::{self, Rows, State};
use crate::measurements::{Endpoint, Figures, LatencyOf, LoadModel, Measurements, Warning};
use crate::read::Reader;
use crate::read::table::{Columns, Row, RowSink, RowsEnd, Table};
use crate::read::text::{after, count_after, leading_number, number_after};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::recorder::Request;
use crate::sense::{names, warn};

/// The report.
pub const FORMAT: Format = Format {
    kind: "ab",
    title: "ab (ApacheBench): the report",
    shape: Shape::Text { fits, read },
    docs: Docs {
        versions: "2.3",
        used: "requests, failures, rate, concurrency, mean, extremes, percentiles",
        traps: "`Failed requests` counts bodies of another length and is not used: failures are non-2xx, connect, receive and exceptions; \
                the first `Time per request` is the mean; closed model",
        evidence: "own run",
    },
};

/// `-e`.
pub const PERCENTILES: Format = Format {
    kind: "ab-percentiles",
    title: "ab (ApacheBench): -e (CSV)",
    shape: Shape::Stream { fits: fits_percentiles, open: open_percentiles },
    docs: Docs { versions: "2.3", used: "percentiles", traps: "no counts and no rate", evidence: "own run" },
};

/// `-g`.
pub const ROWS_FORMAT: Format = Format {
    kind: "ab-gnuplot",
    title: "ab (ApacheBench): -g (TSV)",
    shape: Shape::Stream { fits: fits_rows, open: open_rows },
    docs: Docs {
        versions: "2.3",
        used: "every request: start (whole seconds) and total time",
        traps: "sorted by time taken, not by start; whole milliseconds; no status, so failures are unknown",
        evidence: "own run",
    },
};

fn fits(head: &Head<'_>) -> Fit {
    Fit::from(head.text().contains("This is ApacheBench") || head.text().contains("Complete requests:"))
}

fn read(report: &str, _context: &Context) -> Result<Measurements, Refusal> {
    let Some(requests) = count_after(report, "Complete requests:") else {
        let html = report.contains("<table");
        let remedy = if html { "run ab without -w" } else { "save the whole report of ab" };
        return Err(Refusal::new("the line `Complete requests:`", "a report without it").remedy(remedy));
    };
    let part = |name: &str| {
        after(report, "(Connect:").map_or(0, |line| count_after(&format!("Connect:{line}"), name).unwrap_or(0))
    };
    let transport = part("Connect:") + part("Receive:") + part("Exceptions:");
    // With -t it may also count answers that came after the end.
    let non_2xx = count_after(report, "Non-2xx responses:").unwrap_or(0).min(requests);
    let length = part("Length:");
    let mut figures = Figures {
        rps: number_after(report, "Requests per second:"),
        users: number_after(report, "Concurrency Level:"),
        latency_of: Some(LatencyOf::All),
        ..Figures::default()
    }
    .counted(Some(requests), Some((non_2xx + transport).min(requests)))
    .caused("non-2xx", non_2xx)
    .caused("transport", transport)
    .with("mean", number_after(report, "Time per request:"));
    let total: Vec<f64> =
        after(report, "\nTotal:  ").unwrap_or("").split_whitespace().filter_map(leading_number).collect();
    figures = figures.with("min", total.first().copied()).with("max", total.last().copied());
    for line in report.split_once("served within a certain time").map_or("", |(_, rest)| rest).lines().skip(1) {
        let Some((percent, value)) = line.split_once('%') else { continue };
        if let Some(name) = names::percentile(percent) {
            figures = figures.with(&name, leading_number(value));
        }
    }
    let mut found = Measurements {
        model: Some(LoadModel::Closed),
        duration_s: number_after(report, "Time taken for tests:"),
        ..Measurements::default()
    };
    if length > 0 {
        let text = "ab counts answers of another length than the first as failed; with pages of varying length that is no failure, so \
                    they are not counted here.";
        found.warnings.push(Warning::new("length-not-error", text).with("answers", length));
    }
    if let Some(path) = after(report, "Document Path:") {
        found.endpoints.push(Endpoint { name: names::endpoint("", path), figures: figures.clone() });
    }
    found.totals = Some(figures);
    Ok(found)
}

fn fits_percentiles(head: &Head<'_>) -> Fit {
    Fit::from(head.has_columns(&["Percentage served", "Time in ms"]))
}

fn open_percentiles(_context: &Context) -> Box<dyn Reader> {
    Box::new(Table::new(Box::new(Percentiles::default())))
}

#[derive(Default)]
struct Percentiles {
    figures: Figures,
}

impl RowSink for Percentiles {
    fn header(&mut self, _columns: &Columns) -> Result<(), Refusal> {
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> Result<(), Refusal> {
        let name = match row.count(0) {
            Some(0) => Some("min".to_owned()),
            Some(100) => Some("max".to_owned()),
            Some(50 | 75 | 90 | 95 | 98 | 99) => names::percentile(row.text(0)),
            _ => None,
        };
        if let Some(name) = name {
            self.figures = std::mem::take(&mut self.figures).with(&name, row.number(1));
        }
        Ok(())
    }

    fn finish(self: Box<Self>, end: RowsEnd) -> Result<Measurements, Refusal> {
        if self.figures.latency_ms.is_empty() {
            return Err(Refusal::new("rows of percentage and time", "none"));
        }
        let mut found =
            Measurements { model: Some(LoadModel::Closed), totals: Some(self.figures), ..Measurements::default() };
        warn::cut_rows(&mut found, &end);
        Ok(found)
    }
}

const ROWS: Rows = Rows {
    header: true,
    columns: &[("seconds", true), ("ttime", true)],
    model: Some(LoadModel::Closed),
    joinable: false,
    row,
    close: |_, _| {},
};

fn fits_rows(head: &Head<'_>) -> Fit {
    Fit::from(head.has_columns(&["starttime", "seconds", "ctime", "ttime"]))
}

fn open_rows(context: &Context) -> Box<dyn Reader> {
    raw::table(context, ROWS, crate::sense::recorder::Recorder::without_errors)
}

fn row(row: &Row<'_>, places: &[Option<usize>], state: &mut State) -> bool {
    let number = |index: usize| places[index].and_then(|place| row.number(place));
    let Some(latency_ms) = number(1) else { return false };
    state.recorder.request(&Request { start_s: number(0), latency_ms, ..Request::default() });
    true
}
