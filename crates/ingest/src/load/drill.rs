//! drill with `--stats`: a block per request name and one for all.

use crate::measurements::{Endpoint, Figures, LatencyOf, LoadModel, Measurements};
use crate::read::text::{count_after, duration_ms, leading_number, number_after};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use std::collections::BTreeMap;

/// The format.
pub const FORMAT: Format = Format {
    kind: "drill",
    title: "drill: --stats",
    shape: Shape::Text { fits, read },
    docs: Docs {
        versions: "0.9.1",
        used: "per name and in total: requests, failures, mean, median, p99, maximum; rate",
        traps: "whole milliseconds; no p90 or p95; the duration has steps of 0.1 s, so it is requests over rate",
        evidence: "own run",
    },
};

const LABELS: [&str; 10] = [
    "Total requests",
    "Successful requests",
    "Failed requests",
    "Median time per request",
    "Average time per request",
    "Sample standard deviation",
    "99.0'th percentile",
    "99.5'th percentile",
    "99.9'th percentile",
    "Max time per request",
];

fn fits(head: &Head<'_>) -> Fit {
    Fit::from(head.text().contains("Median time per request") && head.text().contains("'th percentile"))
}

fn read(report: &str, _context: &Context) -> Result<Measurements, Refusal> {
    let mut blocks: Vec<(String, BTreeMap<&str, &str>)> = Vec::new();
    for line in report.lines() {
        let Some((label, place)) = LABELS.iter().find_map(|label| Some((*label, line.find(label)?))) else { continue };
        let name = line[..place].trim();
        let value = line[place + label.len()..].trim();
        match blocks.iter_mut().find(|(known, _)| known == name) {
            Some((_, values)) => {
                values.insert(label, value);
            }
            None => blocks.push((name.to_owned(), BTreeMap::from([(label, value)]))),
        }
    }
    let mut found = Measurements { model: Some(LoadModel::Closed), ..Measurements::default() };
    let rate = number_after(report, "Requests per second");
    for (name, values) in &blocks {
        let figures = figures(values);
        if name.is_empty() {
            found.totals = Some(Figures { rps: rate, users: number_after(report, "Concurrency"), ..figures });
        } else {
            found.endpoints.push(Endpoint { name: crate::sense::names::endpoint("", name), figures });
        }
    }
    let requests = count_after(report, "\nTotal requests ");
    let Some(requests) = requests.or_else(|| found.totals.as_ref().and_then(|totals| totals.requests)) else {
        return Err(
            Refusal::new("the block of totals", "a report without it").remedy("run drill with --stats to its end")
        );
    };
    found.duration_s = rate.filter(|rate| *rate > 0.0).map(|rate| requests as f64 / rate);
    Ok(found)
}

fn figures(values: &BTreeMap<&str, &str>) -> Figures {
    let count =
        |label: &str| values.get(label).and_then(|text| leading_number(text)).and_then(crate::read::text::count);
    let time = |label: &str| values.get(label).and_then(|text| duration_ms(text));
    Figures { latency_of: Some(LatencyOf::All), ..Figures::default() }
        .counted(count("Total requests"), count("Failed requests"))
        .with("mean", time("Average time per request"))
        .with("p50", time("Median time per request"))
        .with("p99", time("99.0'th percentile"))
        .with("p99_5", time("99.5'th percentile"))
        .with("p99_9", time("99.9'th percentile"))
        .with("max", time("Max time per request"))
}
