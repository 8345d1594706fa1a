//! Any table with named columns: a row per request, a row per interval of time, or a row per level of load.
//!
//! Columns are found by their usual names, with the unit in the name (`duration_ms`, `latency (s)`); what is missing is asked.

use super::status::failure;
use crate::measurements::{Figures, Level, LoadModel, Measurements, Series, Warning};
use crate::read::notation::{Notated, measure, time_ms};
use crate::read::table::{ColumnMapping, Columns, Row, RowSink, RowsEnd, Table};
use crate::read::text::TimeUnit;
use crate::read::{Reader, time};
use crate::refusal::{Refusal, excerpt};
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::latency::plausible_ms;
use crate::sense::levels::{Point, steady_levels};
use crate::sense::negative::Negative;
use crate::sense::recorder::{Recorder, Request};
use crate::sense::{names, warn};

/// The format.
pub const FORMAT: Format = Format {
    kind: "table",
    title: "Table with named columns (CSV, TSV, semicolons)",
    shape: Shape::Stream { fits, open },
    docs: Docs {
        versions: "any",
        used: "a row per request (time, duration, status, endpoint, users), per interval (time, rate, users, latency) or per level \
               (rate or users, latency)",
        traps: "without a unit in the column's name or its neighbours' the unit is asked; rates with users are those of a closed load; times \
                without zone are read as UTC",
        evidence: "own run",
    },
};

pub(super) const TIMES: [&str; 11] = [
    "timestamp",
    "time",
    "ts",
    "datetime",
    "date",
    "start",
    "start_time",
    "started_at",
    "@timestamp",
    "starttime",
    "epoch",
];
pub(super) const DURATIONS: [&str; 12] = [
    "duration",
    "elapsed",
    "latency",
    "response_time",
    "responsetime",
    "response time",
    "request_time",
    "took",
    "time_taken",
    "rt",
    "total_time",
    "service_time",
];
pub(super) const ENDPOINTS: [&str; 10] =
    ["endpoint", "path", "url", "uri", "route", "label", "name", "request", "operation", "transaction"];
pub(super) const METHODS: [&str; 4] = ["method", "verb", "http_method", "request_method"];
pub(super) const STATUSES: [&str; 9] =
    ["status", "status_code", "statuscode", "code", "http_status", "response_code", "responsecode", "success", "ok"];
const USERS: [&str; 9] =
    ["users", "vus", "threads", "concurrency", "connections", "active_users", "user_count", "clients", "virtual_users"];
const RATES: [&str; 11] = [
    "rps",
    "qps",
    "tps",
    "requests/s",
    "requests_per_second",
    "req/s",
    "throughput",
    "rate",
    "arrival_rate",
    "requests_per_s",
    "rate_rps",
];

/// The unit at the end of a column's name, and the name without it.
pub(super) fn split_unit(column: &str) -> (String, Option<TimeUnit>) {
    let lower = column.trim().to_ascii_lowercase();
    let units = [
        (TimeUnit::Milliseconds, &["milliseconds", "millis", "msec", "ms"][..]),
        (TimeUnit::Microseconds, &["microseconds", "micros", "usec", "us", "µs"][..]),
        (TimeUnit::Nanoseconds, &["nanoseconds", "nanos", "nsec", "ns"][..]),
        (TimeUnit::Seconds, &["seconds", "secs", "sec", "s"][..]),
    ];
    for (unit, names) in units {
        for name in names {
            let bare = lower.trim_end_matches([')', ']']);
            if let Some(rest) = bare.strip_suffix(name) {
                let base = rest.trim_end_matches([' ', '_', '(', '[', '.', '-', '/']);
                if base.len() < rest.len() && !base.is_empty() {
                    return (base.to_owned(), Some(unit));
                }
            }
        }
    }
    (lower, None)
}

/// The meaning of the columns by their names.
pub fn guess(columns: &Columns) -> ColumnMapping {
    let named = |wanted: &[&str]| columns.find(wanted).map(|index| columns.names[index].clone());
    let duration = columns.names.iter().find(|name| DURATIONS.contains(&split_unit(name).0.as_str()));
    ColumnMapping {
        time: named(&TIMES)
            .or_else(|| columns.names.iter().find(|name| TIMES.contains(&split_unit(name).0.as_str())).cloned()),
        duration: duration.cloned(),
        unit: duration.and_then(|name| split_unit(name).1),
        endpoint: named(&ENDPOINTS),
        method: named(&METHODS),
        status: named(&STATUSES),
        users: named(&USERS),
        rate: named(&RATES),
    }
}

fn fits(head: &Head<'_>) -> Fit {
    let (names, _) = head.columns();
    let columns = Columns { names };
    if columns.names.len() < 2 || head.is_json() || head.text().starts_with('<') {
        return Fit::No;
    }
    let mapping = guess(&columns);
    let requests = mapping.duration.is_some() && mapping.unit.is_some() && mapping.rate.is_none();
    let levels = mapping.rate.is_some() && (mapping.users.is_some() || !named_statistics(&columns).is_empty());
    if requests || levels { Fit::Maybe } else { Fit::No }
}

/// Columns that hold a statistic of latency: place, name, and the unit where the column says it.
fn named_statistics(columns: &Columns) -> Vec<(usize, String, Option<TimeUnit>)> {
    let statistic = |(index, column): (usize, &String)| {
        let (base, written) = split_unit(column);
        let base = base.trim_end_matches("_latency").trim_end_matches("_response_time").trim_start_matches("latency_");
        let name = match base {
            "mean" | "avg" | "average" | "latency" | "response_time" => "mean".to_owned(),
            "median" | "med" => "p50".to_owned(),
            "min" | "max" => base.to_owned(),
            _ => names::percentile(&base.strip_prefix('p')?.replace('_', "."))?,
        };
        Some((index, name, written))
    };
    columns.names.iter().enumerate().filter_map(statistic).collect()
}

/// Columns that hold a statistic of latency: its name and its factor to milliseconds. What one column says of its unit is true of
/// those beside it that say nothing; the unit of a duration, which may be how long a level lasted, is not.
fn statistics(columns: &Columns, stated: Option<TimeUnit>, otherwise: Option<TimeUnit>) -> Vec<(usize, String, f64)> {
    let named = named_statistics(columns);
    let beside = stated.or(named.iter().find_map(|(.., written)| *written)).or(otherwise);
    named.into_iter().filter_map(|(index, name, written)| Some((index, name, written.or(beside)?.in_ms()))).collect()
}

/// The first latency column of a table of levels none of which says its unit.
pub fn lacks_unit(columns: &Columns) -> Option<String> {
    let named = named_statistics(columns);
    let (first, ..) = named.first().filter(|_| guess(columns).rate.is_some())?;
    named.iter().all(|(.., written)| written.is_none()).then(|| columns.names[*first].clone())
}

fn open(context: &Context) -> Box<dyn Reader> {
    let rows = Rows { context: context.clone(), ..Rows::default() };
    Box::new(Table::new(Box::new(Notated::new(Box::new(rows)))))
}

#[derive(Default)]
struct Rows {
    context: Context,
    place: Places,
    recorder: Recorder,
    intervals: Vec<Interval>,
    local_time: Option<String>,
    negative: Negative,
    skipped: u64,
    first_skipped: Option<(u64, String)>,
    unread: u64,
    first_unread: Option<(u64, String)>,
}

#[derive(Default)]
struct Places {
    time: Option<usize>,
    time_in_s: Option<f64>,
    duration: Option<usize>,
    in_ms: f64,
    endpoint: Option<usize>,
    method: Option<usize>,
    status: Option<usize>,
    users: Option<usize>,
    rate: Option<usize>,
    statistics: Vec<(usize, String, f64)>,
}

struct Interval {
    at_s: Option<f64>,
    figures: Figures,
}

impl RowSink for Rows {
    fn header(&mut self, columns: &Columns) -> Result<(), Refusal> {
        let guessed = guess(columns);
        let mapping = self.context.options.columns.clone().unwrap_or_else(|| guessed.clone());
        let place = |name: &Option<String>| name.as_ref().map(|name| columns.require(name)).transpose();
        let written = mapping.duration.as_ref().and_then(|name| split_unit(name).1);
        // What the file says goes before what is said of all files.
        let in_ms = mapping.unit.or(written).or(self.context.options.unit).map(TimeUnit::in_ms);
        let stated = self.context.options.columns.as_ref().and_then(|chosen| chosen.unit);
        self.place = Places {
            time: place(&mapping.time)?,
            time_in_s: mapping.time.as_ref().and_then(|name| split_unit(name).1).map(|unit| unit.in_ms() / 1e3),
            duration: place(&mapping.duration)?,
            in_ms: in_ms.unwrap_or(1.0),
            endpoint: place(&mapping.endpoint)?,
            method: place(&mapping.method)?,
            status: place(&mapping.status)?,
            users: place(&mapping.users)?,
            rate: place(&mapping.rate)?,
            statistics: statistics(columns, stated, self.context.options.unit),
        };
        if mapping.rate.is_some() || (self.place.duration.is_some() && in_ms.is_some()) {
            self.recorder = Recorder::new(self.context.options.keep_names);
            if self.place.status.is_none() {
                self.recorder.without_errors();
            }
            return Ok(());
        }
        let found = format!("the columns {}", columns.names.join(", "));
        Err(Refusal::new("a column with durations and their unit, or one with rates", found)
            .at_line(1)
            .remedy("name them duration_ms (or duration_s) and rps, or say which columns they are"))
    }

    fn numbers(&self) -> Vec<usize> {
        let Places { duration, users, rate, statistics, .. } = &self.place;
        let named = [*duration, *users, *rate].into_iter().flatten();
        named.chain(statistics.iter().map(|(place, ..)| *place)).collect()
    }

    fn row(&mut self, row: &Row<'_>) -> Result<(), Refusal> {
        let at_s = match self.place.time.map(|index| (index, row.text(index))) {
            None => None,
            Some((index, text)) => match (row.number(index), time::any(text)) {
                (Some(number), _) if self.place.time_in_s.is_some() => self.place.time_in_s.map(|unit| number * unit),
                (_, Some((seconds, zoned))) => Some(self.zoned(seconds, zoned, text)),
                _ => return self.skip(row, index),
            },
        };
        if let Some(rate) = self.place.rate {
            let per_second = |(value, unit): (f64, &str)| PER_SECOND.contains(&unit).then_some(value);
            let read = measure(row, rate).and_then(per_second);
            let Some(rps) = read.filter(|rate| (0.0..1e12).contains(rate)) else {
                return self.skip(row, rate);
            };
            let mut figures = Figures { rps: Some(rps), users: self.users(row), ..Figures::default() };
            for place in 0..self.place.statistics.len() {
                let (index, ref name, factor) = self.place.statistics[place];
                let read = time_ms(row, index, factor);
                match read {
                    Some(value) if value < 0.0 => self.negative.note(value, row.line),
                    Some(value) => figures = figures.with(name, Some(plausible_ms(value))),
                    None => self.unread(row, index),
                }
            }
            if self.intervals.len() < 200_000 {
                self.intervals.push(Interval { at_s, figures });
            }
            return Ok(());
        }
        let Some(duration) = self.place.duration else { return Ok(()) };
        let Some(latency_ms) = time_ms(row, duration, self.place.in_ms) else { return self.skip(row, duration) };
        self.recorder.at_line(row.line);
        let field = |place: Option<usize>| place.map_or("", |index| row.text(index));
        self.recorder.request(&Request {
            start_s: at_s,
            method: field(self.place.method),
            name: field(self.place.endpoint),
            latency_ms,
            failure: failure(field(self.place.status)),
        });
        if let Some((at, users)) = at_s.zip(self.users(row)) {
            self.recorder.users(at, users);
        }
        Ok(())
    }

    fn finish(self: Box<Self>, end: RowsEnd) -> Result<Measurements, Refusal> {
        if self.recorder.requests() == 0 && self.intervals.is_empty() {
            let skipped = self.first_skipped.map(|(line, text)| format!("{text} in line {line}"));
            let found = skipped.or(self.recorder.impossible()).unwrap_or("no row".to_owned());
            return Err(
                Refusal::new("rows with figures", found).remedy("check which columns hold times, durations and rates")
            );
        }
        let mut found = if self.intervals.is_empty() { self.recorder.finish() } else { levels(&self.intervals) };
        if let Some(example) = self.local_time.filter(|_| self.context.options.zone_minutes.is_none()) {
            warn::zone_guessed(&mut found, &example);
        }
        if !self.intervals.is_empty() && self.intervals.iter().all(|interval| interval.figures.users.is_some()) {
            found.model = Some(LoadModel::Closed);
        }
        found.warnings.extend(self.negative.warning());
        warn::skipped_rows(&mut found, self.skipped, self.first_skipped);
        warn::skipped_values(&mut found, self.unread, self.first_unread);
        warn::cut_rows(&mut found, &end);
        Ok(found)
    }
}

impl Rows {
    fn zoned(&mut self, seconds: f64, zoned: bool, text: &str) -> f64 {
        if zoned {
            return seconds;
        }
        self.local_time.get_or_insert_with(|| text.to_owned());
        seconds - f64::from(self.context.options.zone_minutes.unwrap_or(0)) * 60.0
    }

    /// The users of a row.
    fn users(&mut self, row: &Row<'_>) -> Option<f64> {
        let index = self.place.users?;
        let users = measure(row, index).filter(|(_, unit)| unit.is_empty()).map(|(users, _)| users);
        if users.is_none() {
            self.unread(row, index);
        }
        users
    }

    /// Notes a value that cannot be read; an empty one is none.
    fn unread(&mut self, row: &Row<'_>, index: usize) {
        let field = row.get(index);
        if !field.trim_ascii().is_empty() {
            self.unread += 1;
            self.first_unread.get_or_insert_with(|| (row.line, excerpt(field)));
        }
    }

    fn skip(&mut self, row: &Row<'_>, index: usize) -> Result<(), Refusal> {
        self.skipped += 1;
        self.first_skipped.get_or_insert_with(|| (row.line, excerpt(row.get(index))));
        Ok(())
    }
}

/// What may stand behind a rate.
const PER_SECOND: [&str; 7] = ["", "/s", "req/s", "requests/s", "rps", "qps", "tps"];

/// Rows with times are a series that is split into levels; rows without are levels already.
fn levels(intervals: &[Interval]) -> Measurements {
    let mut found = Measurements::default();
    let times: Option<Vec<f64>> = intervals.iter().map(|interval| interval.at_s).collect();
    let Some(times) = times.filter(|times| times.len() > 1 && times.windows(2).all(|pair| pair[1] > pair[0])) else {
        let level = |(index, interval): (usize, &Interval)| Level {
            from_s: index as f64,
            to_s: index as f64 + 1.0,
            endpoint: None,
            steady: true,
            figures: interval.figures.clone(),
        };
        found.levels = intervals.iter().enumerate().map(level).collect();
        let text =
            "The rows have no rising times: each is taken as a steady level, a second long for want of its length.";
        found.warnings.push(Warning::new("levels-without-time", text).with("levels", intervals.len()));
        return found;
    };
    let start = times[0];
    found.started = (start > 1e8).then(|| time::rfc3339(start)).flatten();
    let mut steps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.sort_by(f64::total_cmp);
    let step = steps[steps.len() / 2];
    // A row before a pause does not speak of the pause.
    let end = |(at, next): (&f64, Option<&f64>)| {
        next.filter(|next| **next - at <= 3.0 * step).map_or(at + step, |next| *next)
    };
    let ends: Vec<f64> = times.iter().enumerate().map(|(place, at)| end((at, times.get(place + 1)))).collect();
    found.duration_s = Some(ends[ends.len() - 1] - start);
    let points: Vec<Point> = intervals
        .iter()
        .zip(times.iter().zip(&ends))
        .map(|(interval, (from, to))| Point {
            from_s: from - start,
            to_s: to - start,
            requests: interval.figures.rps.unwrap_or(0.0) * (to - from),
            mean_ms: interval.figures.latency_ms.get("mean").copied(),
            users: interval.figures.users,
        })
        .collect();
    for span in steady_levels(&points) {
        let inside = points.iter().filter(|point| point.from_s >= span.from_s - 1e-9 && point.to_s <= span.to_s + 1e-9);
        let requests: f64 = inside.clone().map(|point| point.requests).sum();
        let weighted: Option<f64> = inside.clone().map(|point| Some(point.mean_ms? * point.requests)).sum();
        let users: Vec<f64> = inside.filter_map(|point| point.users).collect();
        let mut figures = Figures { rps: Some(requests / (span.to_s - span.from_s)), ..Figures::default() };
        figures.users = (!users.is_empty()).then(|| users.iter().sum::<f64>() / users.len() as f64);
        if let Some(total) = weighted.filter(|_| requests > 0.0) {
            figures.latency_ms.insert("mean".to_owned(), total / requests);
        }
        found.levels.push(Level { from_s: span.from_s, to_s: span.to_s, endpoint: None, steady: span.steady, figures });
    }
    found.series = series(intervals, &times);
    found
}

fn series(intervals: &[Interval], times: &[f64]) -> Vec<Series> {
    let figure = |name: &str, unit: &str, value: &dyn Fn(&Figures) -> Option<f64>| Series {
        name: name.to_owned(),
        unit: Some(unit.to_owned()),
        points: times
            .iter()
            .zip(intervals)
            .filter_map(|(at, interval)| Some((*at, value(&interval.figures)?)))
            .collect(),
        ..Series::default()
    };
    let mut all = vec![figure("rps", "1/s", &|figures| figures.rps), figure("users", "1", &|figures| figures.users)];
    let names: std::collections::BTreeSet<&String> =
        intervals.iter().flat_map(|interval| interval.figures.latency_ms.keys()).collect();
    all.extend(
        names
            .into_iter()
            .map(|name| figure(&format!("{name}_ms"), "ms", &|figures| figures.latency_ms.get(name).copied())),
    );
    all.retain(|series| !series.points.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_in_column_names() {
        for (column, base, unit) in [
            ("duration_ms", "duration", Some(TimeUnit::Milliseconds)),
            ("Latency (s)", "latency", Some(TimeUnit::Seconds)),
            ("response_time [us]", "response_time", Some(TimeUnit::Microseconds)),
            ("elapsed", "elapsed", None),
            ("requests", "requests", None),
            ("users", "users", None),
            ("ms", "ms", None),
        ] {
            assert_eq!(split_unit(column), (base.to_owned(), unit), "{column}");
        }
    }
}
