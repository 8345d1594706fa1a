//! redis-benchmark: its CSV and its text report.

use crate::measurements::{Endpoint, Figures, LatencyOf, LoadModel, Measurements, Warning};
use crate::read::table::header_of;
use crate::read::text;
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};

const DOCS: Docs = Docs {
    versions: "7.0.15; before 6.2 by the documentation",
    used: "per command: rate, mean, extremes, percentiles (from 6.2)",
    traps: "the latency includes waiting behind the benchmark's own connections; before 6.2 there is a rate only; commands are run one \
            after another, so their rates do not add and are no load; closed model",
    evidence: "own run",
};

/// CSV.
pub const CSV: Format = Format {
    kind: "redis-benchmark-csv",
    title: "redis-benchmark --csv",
    shape: Shape::Text { fits: fits_csv, read: read_csv },
    docs: DOCS,
};

/// The report.
pub const FORMAT: Format = Format {
    kind: "redis-benchmark",
    title: "redis-benchmark: the report, also with -q",
    shape: Shape::Text { fits, read },
    docs: DOCS,
};

/// Commands it runs unless told otherwise.
const TESTS: [&str; 20] = [
    "PING_INLINE",
    "PING_BULK",
    "PING_MBULK",
    "SET",
    "GET",
    "INCR",
    "LPUSH",
    "RPUSH",
    "LPOP",
    "RPOP",
    "SADD",
    "HSET",
    "SPOP",
    "ZADD",
    "ZPOPMIN",
    "LRANGE_100",
    "LRANGE_300",
    "LRANGE_500",
    "LRANGE_600",
    "MSET",
];

fn old_row(line: &str) -> bool {
    let (fields, _) = header_of(line);
    let test = |name: &str| TESTS.iter().any(|test| name == *test || name.starts_with(&format!("{test} (")));
    matches!(fields.as_slice(), [name, rate] if line.starts_with('"') && test(name) && text::number(rate).is_some())
}

fn fits_csv(head: &Head<'_>) -> Fit {
    Fit::from(head.has_columns(&["test", "rps", "avg_latency_ms"]) || old_row(head.first_line()))
}

fn fits(head: &Head<'_>) -> Fit {
    let text = head.text();
    let long =
        text.contains("====== ") && text.contains(" requests completed in ") && text.contains("requests per second");
    Fit::from(long || quiet_lines(text).next().is_some_and(|(name, ..)| TESTS.contains(&name)))
}

/// Name, rate and median in milliseconds of the lines of a quiet run: `SET: 100000.00 requests per second, p50=0.063 msec`. Its
/// progress stands before them, ended by carriage returns.
fn quiet_lines(text: &str) -> impl Iterator<Item = (&str, f64, Option<f64>)> {
    text.split(['\r', '\n']).filter_map(|line| {
        let (name, rest) = line.trim().split_once(": ")?;
        let (rate, rest) = rest.split_once(" requests per second")?;
        let median = rest.split_once("p50=").and_then(|(_, rest)| text::leading_number(rest));
        Some((name.split(" (").next().unwrap_or(name), text::number(rate)?, median))
    })
}

fn read_csv(text: &str, _context: &Context) -> Result<Measurements, Refusal> {
    let mut columns: Vec<String> = Vec::new();
    let mut endpoints = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (fields, _) = header_of(line);
        if fields.first().is_some_and(|name| name == "test") {
            columns = fields;
            continue;
        }
        let name = fields.first().cloned().unwrap_or_default();
        let field =
            |wanted: &str| columns.iter().position(|column| column == wanted).and_then(|place| fields.get(place));
        let number = |wanted: &str| field(wanted).and_then(|value| text::number(value));
        let mut figures = Figures { rps: number("rps"), latency_of: Some(LatencyOf::All), ..Figures::default() };
        if columns.is_empty() {
            figures = Figures { rps: fields.get(1).and_then(|value| text::number(value)), ..Figures::default() };
        }
        for (column, statistic) in
            [("avg", "mean"), ("min", "min"), ("p50", "p50"), ("p95", "p95"), ("p99", "p99"), ("max", "max")]
        {
            figures = figures.with(statistic, number(&format!("{column}_latency_ms")));
        }
        if figures.rps.is_some() {
            endpoints.push(Endpoint { name, figures });
        }
    }
    measurements(endpoints)
}

fn read(text: &str, _context: &Context) -> Result<Measurements, Refusal> {
    let mut endpoints = Vec::new();
    for block in text.split("====== ").skip(1) {
        let Some((name, rest)) = block.split_once(" ======") else { continue };
        let before = |label: &str| rest.lines().find(|line| line.contains(label)).and_then(text::leading_number);
        let rate = |line: &&str| line.contains("requests per second");
        let words =
            rest.lines().find(rate).map(|line| line.trim_start().trim_start_matches("throughput summary:").trim());
        let mut figures = Figures {
            requests: before("requests completed in").and_then(text::count),
            users: before("parallel clients"),
            rps: words.and_then(text::leading_number),
            latency_of: Some(LatencyOf::All),
            ..Figures::default()
        };
        // The names of the statistics stand in the line above their values.
        let lines: Vec<&str> = rest.lines().collect();
        let place = lines.iter().position(|line| line.split_ascii_whitespace().next() == Some("avg"));
        if let Some((names, values)) = place.and_then(|place| Some((lines[place], lines.get(place + 1)?))) {
            for (name, value) in names.split_ascii_whitespace().zip(values.split_ascii_whitespace()) {
                figures = figures.with(if name == "avg" { "mean" } else { name }, text::number(value));
            }
        }
        if figures.rps.is_some() {
            endpoints.push(Endpoint { name: name.trim().to_owned(), figures });
        }
    }
    if endpoints.is_empty() {
        let quiet = quiet_lines(text).map(|(name, rate, median)| Endpoint {
            name: name.to_owned(),
            figures: Figures { rps: Some(rate), latency_of: median.map(|_| LatencyOf::All), ..Figures::default() }
                .with("p50", median),
        });
        endpoints.extend(quiet);
    }
    measurements(endpoints)
}

fn measurements(endpoints: Vec<Endpoint>) -> Result<Measurements, Refusal> {
    if endpoints.is_empty() {
        return Err(Refusal::new("at least one command with its rate", "none")
            .remedy("save a run that finished: `redis-benchmark --csv`"));
    }
    let mut found = Measurements { model: Some(LoadModel::Closed), endpoints, ..Measurements::default() };
    let text = "redis-benchmark runs one command after another, as fast as its connections allow: each rate is the most the server gave to \
                that command alone, not a load of your application.";
    found.warnings.push(Warning::new("benchmark-rates", text));
    Ok(found)
}
