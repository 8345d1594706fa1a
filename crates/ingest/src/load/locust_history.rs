//! Locust `_stats_history.csv`: a row per second (and endpoint, with `--csv-full-history`).
//!
//! Its rate and percentile columns cover a sliding window of ten seconds, so they cannot be cut or averaged. The `Total` columns
//! count from the start: their differences give exact counts and means for any stretch. Percentiles of a level are those of the
//! mixture of its windows' distributions.

use super::locust_windows::Windows;
use crate::measurements::{Endpoint, Figures, LatencyOf, LoadModel, Measurements, Series, Warning};
use crate::read::table::{Columns, Row, RowSink, RowsEnd, Table};
use crate::read::{Reader, time};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::latency::plausible_ms;
use crate::sense::negative::Negative;
use crate::sense::recorder::View;
use crate::sense::timeline::Timeline;
use crate::sense::{names, warn};
use std::collections::HashMap;

/// The format.
pub const FORMAT: Format = Format {
    kind: "locust-history",
    title: "Locust: --csv, the file _stats_history.csv",
    shape: Shape::Stream { fits, open },
    docs: Docs {
        versions: "2.47.0",
        used: "users over time; exact counts and means per steady level and endpoint from differences of the `Total` columns; p90, p95 \
               and p99 of a level from the mixture of its windows' distributions",
        traps: "rates and percentiles are of a sliding window of 10 s: never averaged into a level, windows that do not overlap are \
                mixed by their requests; `N/A` before data; endpoints only with --csv-full-history",
        evidence: "own run",
    },
};

/// Most points kept of a percentile series.
const MOST_POINTS: usize = 2000;

fn fits(head: &Head<'_>) -> Fit {
    Fit::from(head.has_columns(&["Timestamp", "User Count", "Name", "Total Request Count"]))
}

fn open(context: &Context) -> Box<dyn Reader> {
    Box::new(Table::new(Box::new(History { keep_names: context.options.keep_names, ..History::default() })))
}

#[derive(Default)]
struct History {
    keep_names: bool,
    place: Places,
    keys: HashMap<(String, String), usize>,
    tracks: Vec<Track>,
    /// Endpoints as Locust writes them, or the aggregated rows where it writes no others.
    endpoints: Timeline,
    sums: Timeline,
    window: Vec<Series>,
    windows: Windows,
    first_s: Option<f64>,
    last_s: f64,
    /// When counts began anew.
    reset_s: Option<f64>,
    negative: Negative,
}

#[derive(Default)]
struct Places {
    time: usize,
    users: usize,
    kind: usize,
    name: usize,
    requests: usize,
    failures: usize,
    mean: usize,
    least: usize,
    most: usize,
    percentiles: Vec<(usize, String)>,
    /// Every percentile column with its cumulative probability, ascending.
    curve: Vec<(usize, f64)>,
}

/// Cumulative figures of one endpoint at its last row.
#[derive(Default, Clone)]
struct Track {
    name: String,
    sum: bool,
    at_s: f64,
    requests: u64,
    failures: u64,
    total_ms: f64,
    least_ms: f64,
    most_ms: f64,
    /// Where its counts began anew during the run.
    counted_from_s: Option<f64>,
}

impl RowSink for History {
    fn header(&mut self, columns: &Columns) -> Result<(), Refusal> {
        let percentile = |(index, name): (usize, &String)| {
            let name = name.strip_suffix('%').and_then(names::percentile)?;
            matches!(name.as_str(), "p50" | "p95" | "p99").then_some((index, name))
        };
        self.place = Places {
            time: columns.require("Timestamp")?,
            users: columns.require("User Count")?,
            kind: columns.find(&["Type", "Method"]).unwrap_or(usize::MAX),
            name: columns.require("Name")?,
            requests: columns.require("Total Request Count")?,
            failures: columns.require("Total Failure Count")?,
            mean: columns.require("Total Average Response Time")?,
            least: columns.require("Total Min Response Time")?,
            most: columns.require("Total Max Response Time")?,
            percentiles: columns.names.iter().enumerate().filter_map(percentile).collect(),
            curve: curve(columns),
        };
        let series = |(_, name): &(usize, String)| Series {
            name: format!("{name}_10s_ms"),
            unit: Some("ms".to_owned()),
            ..Series::default()
        };
        self.window = self.place.percentiles.iter().map(series).collect();
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> Result<(), Refusal> {
        let (Some(at_s), Some(requests)) = (row.number(self.place.time), row.count(self.place.requests)) else {
            return Err(Refusal::new("a time and a number of requests", format!("`{}`", row.text(self.place.time)))
                .at_line(row.line));
        };
        let (kind, name) = (row.text(self.place.kind), row.text(self.place.name));
        let mean = row.number(self.place.mean).unwrap_or(0.0);
        if mean < 0.0 {
            self.negative.note(mean, row.line);
            return Ok(());
        }
        let (index, mean) = (self.track(kind, name), plausible_ms(mean));
        let now = Track {
            at_s,
            requests,
            failures: row.count(self.place.failures).unwrap_or(0),
            total_ms: mean * requests as f64,
            least_ms: row.number(self.place.least).unwrap_or(0.0),
            most_ms: row.number(self.place.most).unwrap_or(0.0),
            ..self.tracks[index].clone()
        };
        let points = &self.place.curve;
        self.windows.row(index, at_s, requests, || {
            points.iter().filter_map(|(column, probability)| Some((*probability, row.number(*column)?))).collect()
        });
        self.first_s.get_or_insert(at_s);
        self.last_s = self.last_s.max(at_s);
        if now.sum {
            self.percentiles(row, at_s);
            let users = row.number(self.place.users).unwrap_or(0.0);
            self.endpoints.users(at_s, users);
            self.sums.users(at_s, users);
        }
        let before = std::mem::replace(&mut self.tracks[index], now.clone());
        if now.requests < before.requests {
            // `--reset-stats`: the counts begin anew once all users run.
            self.tracks[index].counted_from_s = Some(before.at_s);
            self.reset_s = Some(before.at_s);
        }
        // The row counts what finished since the row before: the second that ends with it.
        let timeline = if now.sum { &mut self.sums } else { &mut self.endpoints };
        if let Some(bin) =
            timeline.at(if before.requests == 0 && before.at_s == 0.0 { at_s - 1.0 } else { before.at_s })
        {
            let cell = bin.cell(index);
            cell.requests += now.requests.saturating_sub(before.requests);
            cell.errors += now.failures.saturating_sub(before.failures);
            cell.total_ms += (now.total_ms - before.total_ms).max(0.0);
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, end: RowsEnd) -> Result<Measurements, Refusal> {
        self.endpoints.settle();
        self.sums.settle();
        let Some(first_s) = self.first_s else {
            return Err(Refusal::new("rows", "only the header").remedy("let Locust run until requests were made"));
        };
        let singles: Vec<usize> = (0..self.tracks.len()).filter(|index| !self.tracks[*index].sum).collect();
        let sums: Vec<usize> = (0..self.tracks.len()).filter(|index| self.tracks[*index].sum).collect();
        let duration_s = Some(self.last_s - first_s).filter(|length| *length > 0.0);
        let mut found = Measurements {
            model: Some(LoadModel::Closed),
            started: time::rfc3339(first_s),
            duration_s,
            warnings: self.negative.warning().into_iter().collect(),
            ..Measurements::default()
        };
        let figures = |index: &usize| self.tracks[*index].figures(duration_s);
        found.totals = sums.first().map(figures);
        let endpoint = |index: &usize| Endpoint { name: self.tracks[*index].name.clone(), figures: figures(index) };
        found.endpoints = singles.iter().map(endpoint).collect();
        let (timeline, numbers) = if singles.is_empty() { (&self.sums, &sums) } else { (&self.endpoints, &singles) };
        let view = View { timeline, start_s: first_s, absolute: true, endpoints: numbers };
        found.levels =
            view.levels(|index| if singles.is_empty() { String::new() } else { self.tracks[index].name.clone() });
        for level in &mut found.levels {
            let endpoint = match &level.endpoint {
                Some(name) => singles.iter().find(|index| self.tracks[**index].name == *name),
                // A single endpoint's level is the whole's.
                None => sums.first().or(singles.first()),
            };
            if let Some(&endpoint) = endpoint {
                self.windows.describe(endpoint, first_s, level);
            }
        }
        found.series = view.series();
        found.series.extend(self.window.into_iter().filter(|series| !series.points.is_empty()));
        if let Some(totals) = &mut found.totals {
            totals.users = timeline.bins().filter_map(crate::sense::timeline::Bin::users).max_by(f64::total_cmp);
        }
        if let Some(at_s) = self.reset_s {
            let text = "The counts began anew during the run, as with --reset-stats: what is said of the whole run is of the time since.";
            found.warnings.push(Warning::new("counters-reset", text).with("after_s", at_s - first_s));
        }
        warn::cut_rows(&mut found, &end);
        Ok(found)
    }
}

/// The percentile columns (`50%` … `100%`) with their cumulative probabilities, ascending.
fn curve(columns: &Columns) -> Vec<(usize, f64)> {
    let probability = |name: &String| Some(name.strip_suffix('%')?.parse::<f64>().ok()? / 100.0);
    let mut curve: Vec<(usize, f64)> =
        columns.names.iter().enumerate().filter_map(|(index, name)| Some((index, probability(name)?))).collect();
    curve.retain(|(_, p)| *p > 0.0 && *p <= 1.0);
    curve.sort_by(|a, b| a.1.total_cmp(&b.1));
    curve.dedup_by(|a, b| a.1 == b.1);
    curve
}

impl History {
    fn track(&mut self, kind: &str, name: &str) -> usize {
        let key = (kind.to_owned(), name.to_owned());
        if let Some(index) = self.keys.get(&key) {
            return *index;
        }
        let sum = super::locust_stats::is_sum(kind, name);
        let name = names::label(self.keep_names, kind, name);
        self.tracks.push(Track { name, sum, ..Track::default() });
        self.keys.insert(key, self.tracks.len() - 1);
        self.tracks.len() - 1
    }

    fn percentiles(&mut self, row: &Row<'_>, at_s: f64) {
        for ((index, _), series) in self.place.percentiles.iter().zip(&mut self.window) {
            let value = row.number(*index).filter(|value| *value > 0.0);
            if let Some(value) = value.filter(|_| series.points.len() < MOST_POINTS) {
                series.points.push((at_s, value));
            }
        }
    }
}

impl Track {
    /// Seconds over which the requests were counted: of the whole run, or since its counts began anew.
    fn counted_s(&self, duration_s: Option<f64>) -> Option<f64> {
        match self.counted_from_s {
            Some(from) => Some(self.at_s - from).filter(|length| *length > 0.0),
            None => duration_s,
        }
    }

    fn figures(&self, duration_s: Option<f64>) -> Figures {
        let mut figures = Figures {
            requests: Some(self.requests),
            errors: Some(self.failures),
            rps: self.counted_s(duration_s).map(|length| self.requests as f64 / length),
            latency_of: Some(LatencyOf::All),
            ..Figures::default()
        };
        if self.requests > 0 {
            for (name, value) in
                [("mean", self.total_ms / self.requests as f64), ("min", self.least_ms), ("max", self.most_ms)]
            {
                figures.latency_ms.insert(name.to_owned(), value);
            }
        }
        figures
    }
}
