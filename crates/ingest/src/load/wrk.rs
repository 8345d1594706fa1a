//! wrk and wrk2 reports.

use crate::measurements::{Endpoint, Figures, LatencyOf, LoadModel, Measurements, Warning};
use crate::read::text::{after, count_after, duration_ms, leading_number, number_after};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::names;

/// wrk.
pub const FORMAT: Format = Format {
    kind: "wrk",
    title: "wrk: the report",
    shape: Shape::Text { fits, read },
    docs: Docs {
        versions: "4.1.0",
        used: "requests, rate, failures, connections, mean, maximum, percentiles (with --latency)",
        traps: "units differ per value; no p95; failures are `Non-2xx or 3xx responses` and socket errors; closed model",
        evidence: "own run",
    },
};

/// wrk2.
pub const WRK2: Format = Format {
    kind: "wrk2",
    title: "wrk2: the report",
    shape: Shape::Text { fits: fits_wrk2, read },
    docs: Docs {
        versions: "2019 head",
        used: "as wrk, with the whole distribution; open model",
        traps: "latency leaves out the calibration of about 10 s once it is over; with --u_latency the first, corrected block is used",
        evidence: "own run",
    },
};

fn fits(head: &Head<'_>) -> Fit {
    Fit::from(is_wrk(head) && !is_wrk2(head))
}

fn fits_wrk2(head: &Head<'_>) -> Fit {
    Fit::from(is_wrk(head) && is_wrk2(head))
}

fn is_wrk(head: &Head<'_>) -> bool {
    let text = head.text();
    text.contains("Thread Stats")
        && text.lines().take(20).any(|line| line.starts_with("Running ") && line.contains(" test @ "))
}

fn is_wrk2(head: &Head<'_>) -> bool {
    ["Detailed Percentile spectrum", "Thread calibration", "HdrHistogram"]
        .iter()
        .any(|words| head.text().contains(words))
}

fn read(report: &str, _context: &Context) -> Result<Measurements, Refusal> {
    let wrk2 = report.contains("HdrHistogram") || report.contains("Thread calibration");
    let (requests, duration_s) = report.lines().find_map(total_line).unzip();
    let mut figures = latency(report);
    if requests.is_none() && figures.latency_ms.is_empty() {
        return Err(Refusal::new("latencies, or the line `N requests in …`", "a report without them")
            .remedy("save the whole report of wrk"));
    }
    figures.requests = requests;
    figures = figures.caused("non-2xx", count_after(report, "Non-2xx or 3xx responses:").unwrap_or(0));
    for part in after(report, "Socket errors:").unwrap_or("").split(',') {
        if let Some((cause, count)) = part.trim().split_once(' ') {
            figures = figures.caused(cause, leading_number(count).unwrap_or(0.0).clamp(0.0, 9e15) as u64);
        }
    }
    figures.errors = Some(figures.errors_by.values().sum());
    figures.rps = number_after(report, "Requests/sec:");
    figures.users = report.lines().find_map(|line| leading_number(line.split_once("threads and ")?.1));
    figures.latency_of = Some(LatencyOf::All);
    let mut found = Measurements {
        model: Some(if wrk2 { LoadModel::Open } else { LoadModel::Closed }),
        duration_s,
        ..Measurements::default()
    };
    if let Some(spectrum) = wrk2.then(|| first_spectrum(report)).flatten() {
        add_spectrum(&mut figures, &mut found, spectrum, requests);
    }
    if let Some(url) = after(report, " test @ ") {
        found.endpoints.push(Endpoint { name: names::endpoint("", url), figures: figures.clone() });
    }
    found.totals = Some(figures);
    Ok(found)
}

/// `4940 requests in 10.01s, 1.86MB read`.
fn total_line(line: &str) -> Option<(u64, f64)> {
    let (count, rest) = line.trim().split_once(" requests in ")?;
    Some((count.parse().ok()?, duration_ms(rest.split(',').next()?)? / 1e3))
}

/// Thread statistics and the short distribution.
fn latency(report: &str) -> Figures {
    let stats = report.lines().find(|line| line.trim_start().starts_with("Latency  ")).unwrap_or("");
    let words: Vec<&str> = stats.split_whitespace().collect();
    let word = |index: usize| words.get(index).and_then(|word| duration_ms(word));
    let mut figures = Figures::default().with("mean", word(1)).with("max", word(3));
    let distribution = report.split_once("Latency Distribution").map_or("", |(_, rest)| rest);
    for line in distribution.lines().skip(1) {
        let Some((percent, value)) = line.trim().split_once('%') else { break };
        if let Some(name) = names::percentile(percent) {
            figures = figures.with(&name, duration_ms(value));
        }
    }
    figures
}

/// The first (corrected) percentile table.
fn first_spectrum(report: &str) -> Option<&str> {
    let (_, rest) = report.split_once("Detailed Percentile spectrum")?;
    Some(rest.split("----------").next().unwrap_or(rest))
}

fn add_spectrum(figures: &mut Figures, found: &mut Measurements, spectrum: &str, requests: Option<u64>) {
    let Some(detailed) = super::hdr::figures(spectrum, 1.0) else { return };
    figures.latency_ms.extend(detailed.latency_ms);
    figures.histogram = detailed.histogram;
    // Of a report that is cut neither may be known.
    if let (Some(counted), Some(requests)) = (detailed.requests, requests)
        && counted < requests
    {
        let text = "wrk2 leaves its calibration phase out of the latencies: they cover fewer requests than the rate.";
        found
            .warnings
            .push(Warning::new("calibration-excluded", text).with("requests", requests).with("measured", counted));
    }
}
