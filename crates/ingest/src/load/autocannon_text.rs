//! autocannon's tables, as it prints them to the terminal.

use crate::measurements::{Endpoint, Figures, LatencyOf, LoadModel, Measurements, Warning};
use crate::read::text::{self, after, duration_ms, leading_number};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::names;

/// The format.
pub const FORMAT: Format = Format {
    kind: "autocannon-text",
    title: "autocannon: the tables it prints (text)",
    shape: Shape::Text { fits, read },
    docs: Docs {
        versions: "9.0.0",
        used: "requests, failures, rate, connections, mean, maximum, percentiles",
        traps: "whole milliseconds; no p95; the count of requests is exact where some failed, else it is the mean rate times the \
                samples, which may be off by one or two and is said so",
        evidence: "own run",
    },
};

fn fits(head: &Head<'_>) -> Fit {
    let text = head.text();
    Fit::from(text.contains("│ Stat ") && text.contains("│ Latency") && text.contains("│ Req/Sec"))
}

/// The cells of a row of a table.
fn cells(line: &str) -> Vec<&str> {
    line.trim().trim_matches('│').split('│').map(str::trim).collect()
}

/// The cells of the row of that name, each with the name of its column.
fn row<'a>(report: &'a str, name: &str) -> Vec<(&'a str, &'a str)> {
    let mut header = Vec::new();
    for line in report.lines().filter(|line| line.contains('│')) {
        let found = cells(line);
        match found.first() {
            Some(&"Stat") => header = found,
            Some(first) if *first == name => return header.into_iter().zip(found).skip(1).collect(),
            _ => {}
        }
    }
    Vec::new()
}

/// A number that may have separators of thousands.
fn number(cell: &str) -> Option<f64> {
    leading_number(&cell.replace(',', ""))
}

fn latencies(report: &str) -> Figures {
    let mut figures = Figures { latency_of: Some(LatencyOf::All), ..Figures::default() };
    for (column, cell) in row(report, "Latency") {
        let name = match column {
            "Avg" => Some("mean".to_owned()),
            "Max" => Some("max".to_owned()),
            _ => column.strip_suffix('%').and_then(names::percentile),
        };
        if let Some(name) = name {
            figures = figures.with(&name, duration_ms(&cell.replace(',', "")));
        }
    }
    // With -l a table of all percentiles follows.
    for line in report.split_once("│ Percentile").map_or("", |(_, rest)| rest).lines() {
        if let [percent, value] = cells(line)[..]
            && let Some(name) = names::percentile(percent)
        {
            figures = figures.with(&name, number(value));
        }
    }
    figures
}

/// A count in the line that holds these words.
fn count(report: &str, words: &str) -> Option<u64> {
    let (before, _) = report.split_once(words)?;
    let start = before.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == ',').len();
    text::count(number(&before[start..])?)
}

/// The number of errors without an answer, and whether it is rounded to thousands or millions; nothing where it cannot be read.
fn transport(report: &str) -> Option<(u64, bool)> {
    let Some((before, _)) = report.split_once(" errors (") else { return Some((0, false)) };
    let written = before.rsplit(char::is_whitespace).next()?;
    let digits = written.trim_end_matches(['k', 'K', 'M']);
    let factor = match &written[digits.len()..] {
        "" => 1.0,
        "k" | "K" => 1e3,
        "M" => 1e6,
        _ => return None,
    };
    let plain = digits.replace(',', "").parse::<f64>().ok()?;
    Some((text::count((plain * factor).round())?, factor > 1.0))
}

fn read(report: &str, _context: &Context) -> Result<Measurements, Refusal> {
    let rate =
        row(report, "Req/Sec").into_iter().find(|(column, _)| *column == "Avg").and_then(|(_, cell)| number(cell));
    let lasted = report.lines().find_map(|line| line.split_once(" requests in ")).map(|(_, rest)| rest);
    let duration_s = lasted.and_then(|rest| duration_ms(rest.split(',').next()?)).map(|ms| ms / 1e3);
    let samples = after(report, "# of samples:").and_then(leading_number).or(duration_s.map(f64::round));
    let (good, bad) = (count(report, " 2xx responses,"), count(report, " non 2xx responses"));
    let errors = transport(report);
    let transport = errors.map_or(0, |(count, _)| count);
    let exact = good.zip(bad).map(|(good, bad)| good + bad);
    let counted = || text::count((rate? * samples?).round());
    let Some(answers) = exact.or_else(counted) else {
        return Err(Refusal::new("the row `Req/Sec` and the line of requests", "a table without them")
            .remedy("save the whole report, or run it with --json > result.json"));
    };
    let bad = bad.unwrap_or(0);
    let figures = Figures {
        rps: duration_s.filter(|length| *length > 0.0).map(|length| answers as f64 / length).or(rate),
        users: count(report, " connections").map(|connections| connections as f64),
        ..latencies(report)
    }
    .counted(Some(answers + transport), errors.map(|_| bad + transport))
    .caused("non-2xx", bad)
    .caused("transport", transport);
    let mut found = Measurements { model: Some(LoadModel::Closed), duration_s, ..Measurements::default() };
    if exact.is_none() {
        let text = "The number of requests is the mean rate times the samples: it may be off by one or two. --json has it exactly.";
        found.warnings.push(Warning::new("requests-rounded", text).with("requests", answers));
    }
    if errors.is_some_and(|(_, rounded)| rounded) {
        let text = "The number of errors is rounded to thousands or millions: it may be off by half of one. --json has it exactly.";
        found.warnings.push(Warning::new("errors-rounded", text).with("errors", transport));
    }
    if let Some(url) = after(report, " test @ ") {
        found.endpoints.push(Endpoint { name: names::endpoint("", url), figures: figures.clone() });
    }
    found.totals = Some(figures);
    Ok(found)
}
