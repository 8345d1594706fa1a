//! k6: the summary it prints when a run ends, as teams paste or save it.

use super::k6_summary::{dropped_iterations, statistic};
use crate::measurements::{Endpoint, Figures, LatencyOf, LoadModel, Measurements, Warning};
use crate::read::text::{self, leading_number};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::names;

/// The format.
pub const FORMAT: Format = Format {
    kind: "k6-console",
    title: "k6: the summary printed at the end of a run (text)",
    shape: Shape::Text { fits, read },
    docs: Docs {
        versions: "0.4x and 1.x by their documentation",
        used: "requests, failures, rate, latency, VUs; endpoints from sub-metrics of `http_req_duration`",
        traps: "the first count after `http_req_failed` is that of failures; figures are rounded for reading: export the summary \
                as JSON for exact ones",
        evidence: "documented shape",
    },
};

fn fits(head: &Head<'_>) -> Fit {
    let text = head.text();
    let metric = |name: &str| text.lines().any(|line| values(line, name).is_some());
    Fit::from(!head.is_json() && metric("http_req_duration") && (metric("http_reqs") || text.contains("p(95)=")))
}

/// What stands after the name of a metric and its dots.
fn values<'a>(line: &'a str, metric: &str) -> Option<&'a str> {
    let rest = line.trim_start_matches(|letter: char| !letter.is_ascii_alphanumeric()).strip_prefix(metric)?;
    let rest = rest.strip_prefix('.')?.trim_start_matches('.');
    rest.strip_prefix(':').map(str::trim)
}

/// The tags and values of a sub-metric: `{ name:checkout }...: avg=…`.
fn part(line: &str) -> Option<(&str, &str)> {
    // A threshold on it is marked before it.
    let line = line.trim_start_matches(|letter: char| letter.is_whitespace() || matches!(letter, '✓' | '✗' | '×'));
    let (tags, rest) = line.strip_prefix('{')?.split_once('}')?;
    Some((tags.trim(), rest.trim_start_matches('.').strip_prefix(':')?.trim()))
}

/// Latencies such as `avg=15.43ms p(95)=37.73ms`.
fn trend(values: &str) -> Figures {
    let pairs = || values.split_ascii_whitespace().filter_map(|pair| pair.split_once('='));
    // With `summaryTimeUnit: 's'` all below 5 ms is printed so.
    let known = pairs().filter(|(_, value)| *value != "0.00s");
    let named = known.filter_map(|(key, value)| Some((statistic(key)?, text::duration_ms(value)?)));
    let count = pairs().find(|(key, _)| *key == "count").and_then(|(_, count)| text::count(text::number(count)?));
    let figures = Figures { latency_ms: named.collect(), latency_of: Some(LatencyOf::All), ..Figures::default() };
    figures.counted(count, None)
}

/// Whether times below a second are printed in hundredths of one.
fn in_seconds(values: &str) -> bool {
    values.split_ascii_whitespace().any(|pair| {
        let hundredths = pair.split_once("=0.").and_then(|(_, rest)| rest.strip_suffix('s'));
        hundredths.is_some_and(|digits| digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit()))
    })
}

fn read(report: &str, _context: &Context) -> Result<Measurements, Refusal> {
    let find = |metric: &str| report.lines().find_map(|line| values(line, metric));
    let Some(duration) = find("http_req_duration") else {
        return Err(Refusal::new("the line `http_req_duration`", "none"));
    };
    let mut totals = trend(duration);
    if let Some(line) = find("http_reqs") {
        let mut words = line.split_ascii_whitespace();
        totals.requests = words.next().and_then(leading_number).and_then(text::count);
        totals.rps = words.next().filter(|word| word.ends_with("/s")).and_then(leading_number);
    }
    let failed = find("http_req_failed").map(|line| line.split_once('%').map_or("", |(_, rest)| rest));
    let first_count =
        |rest: &str| rest.split(|letter: char| !letter.is_ascii_digit()).find_map(|word| word.parse().ok());
    totals.errors = failed.and_then(first_count);
    let most = |line: &str| line.split("max=").nth(1).and_then(leading_number);
    totals.users = find("vus").and_then(most).or_else(|| find("vus_max").and_then(most));
    let mut found = Measurements {
        duration_s: totals
            .requests
            .zip(totals.rps)
            .filter(|(_, rate)| *rate > 0.0)
            .map(|(count, rate)| count as f64 / rate),
        ..Measurements::default()
    };
    let after = report.lines().skip_while(|line| values(line, "http_req_duration").is_none()).skip(1);
    for (tags, values) in after.map_while(part) {
        if let Some(name) = tags.strip_prefix("name:").or_else(|| tags.strip_prefix("url:")) {
            found.endpoints.push(Endpoint { name: names::endpoint("", name), figures: trend(values) });
        }
    }
    if in_seconds(duration) {
        let text = "The times are printed in seconds with two digits: shorter ones than 5 ms are unknown, all are that coarse. Leave \
                    summaryTimeUnit out, or export the summary as JSON.";
        found.warnings.push(Warning::new("percentiles-rounded", text).with("step_ms", 10.0));
    }
    if let Some(dropped) = find("dropped_iterations").and_then(leading_number) {
        found.model = Some(LoadModel::Open);
        if dropped > 0.0 {
            found.warnings.push(dropped_iterations(dropped, totals.users));
        }
    }
    found.totals = Some(totals);
    Ok(found)
}
