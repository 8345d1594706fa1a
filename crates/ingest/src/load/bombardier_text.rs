//! bombardier: the report it prints.

use crate::measurements::{Endpoint, Figures, LatencyOf, LoadModel, Measurements};
use crate::read::text::{after, duration_ms, leading_number};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::names;

/// The format.
pub const FORMAT: Format = Format {
    kind: "bombardier-text",
    title: "bombardier: the report (text)",
    shape: Shape::Text { fits, read },
    docs: Docs {
        versions: "1.2 (source)",
        used: "requests, failures, rate, connections, mean, maximum, percentiles (with -l)",
        traps: "units differ per value; requests are the sum over status classes; closed model",
        evidence: "unverified",
    },
};

fn fits(head: &Head<'_>) -> Fit {
    let text = head.text();
    Fit::from(text.contains("HTTP codes:") && text.contains("Reqs/sec") && text.contains("2xx - "))
}

fn read(report: &str, _context: &Context) -> Result<Measurements, Refusal> {
    // Class of answers and their count, such as `2xx - 240251`.
    let count = |class: &str| after(report, &format!("{class} - ")).and_then(leading_number).unwrap_or(0.0);
    let count = |class: &str| count(class).clamp(0.0, 9e15) as u64;
    let answered: u64 = ["1xx", "2xx", "3xx", "4xx", "5xx"].iter().map(|class| count(class)).sum();
    let others = count("others");
    let latency: Vec<&str> = after(report, "Latency ").unwrap_or("").split_ascii_whitespace().collect();
    let statistic = |index: usize| latency.get(index).and_then(|word| duration_ms(word));
    let mut figures = Figures {
        rps: after(report, "Reqs/sec").and_then(leading_number),
        users: after(report, " using ").and_then(leading_number),
        latency_of: Some(LatencyOf::All),
        ..Figures::default()
    }
    .counted(Some(answered + others), Some(count("4xx") + count("5xx") + others))
    .caused("4xx", count("4xx"))
    .caused("5xx", count("5xx"))
    .caused("others", others)
    .with("mean", statistic(0))
    .with("max", statistic(2));
    for line in report.lines() {
        let mut words = line.split_ascii_whitespace();
        if let (Some(percent), Some(value), None) = (words.next(), words.next(), words.next())
            && let Some(name) = percent.strip_suffix('%').and_then(names::percentile)
        {
            figures = figures.with(&name, duration_ms(value));
        }
    }
    if answered + others == 0 {
        return Err(Refusal::new("counts of answers by status class", "none").remedy("save the whole report"));
    }
    let mut found = Measurements { model: Some(LoadModel::Closed), ..Measurements::default() };
    found.duration_s = after(report, " for ").and_then(|rest| duration_ms(rest.split(' ').next()?)).map(|ms| ms / 1e3);
    if let Some(url) = after(report, "Bombarding ").and_then(|rest| rest.split(' ').next()) {
        found.endpoints.push(Endpoint { name: names::endpoint("", url), figures: figures.clone() });
    }
    found.totals = Some(figures);
    Ok(found)
}
