//! Artillery's JSON report, version 2 and (by its documentation) version 1.

use crate::measurements::{Endpoint, Figures, LatencyOf, LoadModel, Measurements, Series};
use crate::read::list::Gather;
use crate::read::{json, time};
use crate::refusal::Refusal;
use crate::registry::{Docs, Fit, Format, Shape};
use crate::sense::{names, warn};
use serde_json::Value;
use std::collections::BTreeMap;

/// The format.
pub const FORMAT: Format = Format {
    kind: "artillery",
    title: "Artillery: run --output (JSON)",
    shape: Shape::List { fits, paths: &[&["intermediate"]], gather: |_| Box::<Periods>::default() },
    docs: Docs {
        versions: "2.0; version 1 by its documentation",
        used: "requests, failures by status and error, rate from first to last metric, latency, endpoints of metrics-by-endpoint, series \
               of 10 s",
        traps: "`http.request_rate` is not the mean rate; latency is time to the first byte in rounded steps",
        evidence: "own run",
    },
};

const BY_ENDPOINT: &str = "plugins.metrics-by-endpoint.";

fn fits(document: &Value) -> Fit {
    let aggregate = document.get("aggregate");
    let known = |aggregate: &Value| aggregate.get("counters").is_some() || json::has(aggregate, &["latency", "codes"]);
    Fit::from(document.get("intermediate").is_some() && aggregate.is_some_and(known))
}

/// Most periods kept; neighbours are joined when there are more.
const MOST_PERIODS: usize = 20_000;

/// A stretch of time in milliseconds and its requests.
struct Period {
    first: f64,
    last: f64,
    requests: f64,
}

impl Period {
    fn join(&mut self, other: &Self) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.requests += other.requests;
    }
}

/// The intermediate periods.
#[derive(Default)]
struct Periods {
    kept: Vec<Period>,
    /// How often neighbours were joined.
    joined: u32,
    /// Periods of the file in the last one kept.
    in_last: u64,
}

impl Periods {
    fn add(&mut self, period: Period) {
        match self.kept.last_mut().filter(|_| self.in_last < 1 << self.joined.min(40)) {
            Some(last) => last.join(&period),
            None => {
                self.in_last = 0;
                self.kept.push(period);
            }
        }
        self.in_last += 1;
        if self.kept.len() > MOST_PERIODS {
            let pairs = self.kept.chunks_mut(2).map(|pair| {
                let [one, other @ ..] = pair else { return None };
                other.iter().for_each(|other| one.join(other));
                Some(Period { ..*one })
            });
            self.kept = pairs.flatten().collect();
            // The last one may have no neighbour yet.
            self.joined += 1;
        }
    }

    /// Requests per second in the middle of each.
    fn points(&self) -> Vec<(f64, f64)> {
        let point = |one: &Period| ((one.first + one.last) / 2e3, one.requests * 1e3 / (one.last - one.first));
        self.kept.iter().map(point).collect()
    }
}

impl Gather for Periods {
    fn item(&mut self, period: &Value) {
        let number = |key: &str| json::number(period, &[key]);
        // Names hold points, so this is no path.
        let requests = period.get("counters").and_then(|counters| counters.get("http.requests"));
        if let (Some(first), Some(last), Some(requests)) =
            (number("firstMetricAt"), number("lastMetricAt"), requests.and_then(json::as_number))
            && last > first
        {
            self.add(Period { first, last, requests });
        }
    }

    fn finish(self: Box<Self>, beside: &Value) -> Result<Measurements, Refusal> {
        let mut found = read(beside, self.points())?;
        warn::points_joined(&mut found, 1 << self.joined.min(40));
        Ok(found)
    }
}

fn read(document: &Value, points: Vec<(f64, f64)>) -> Result<Measurements, Refusal> {
    let Some(aggregate) = document.get("aggregate") else {
        return Err(Refusal::new("the key `aggregate`", "a report without it"));
    };
    // Version 1 has counters, too: those of the script.
    if aggregate.get("counters").is_none() || aggregate.get("requestsCompleted").is_some() {
        return version_1(aggregate);
    }
    let counters: BTreeMap<&str, u64> = json::members(aggregate, &["counters"])
        .filter_map(|(name, count)| Some((name, json::as_count(count)?)))
        .collect();
    let requests = counters.get("http.requests").copied();
    let (first, last) = (json::number(aggregate, &["firstMetricAt"]), json::number(aggregate, &["lastMetricAt"]));
    let duration_s = first.zip(last).map(|(first, last)| (last - first) / 1e3).filter(|length| *length > 0.0);
    let mut totals = summary(aggregate, "http.response_time");
    totals.rps = requests.zip(duration_s).map(|(requests, length)| requests as f64 / length);
    for (name, count) in &counters {
        let status = name.strip_prefix("http.codes.").filter(|code| code.parse().is_ok_and(|code: u32| code >= 400));
        if let Some(cause) = status.or_else(|| name.strip_prefix("errors.")) {
            totals.errors_by.insert(cause.to_owned(), *count);
        }
    }
    let errors = totals.errors_by.values().sum();
    let mut found = Measurements {
        model: Some(LoadModel::Open),
        started: first.and_then(|ms| time::rfc3339(ms / 1e3)),
        duration_s,
        totals: Some(totals.counted(requests, Some(errors))),
        ..Measurements::default()
    };
    found.endpoints = endpoints(aggregate, &counters, duration_s);
    if !points.is_empty() {
        let unit = Some("1/s".to_owned());
        found.series = vec![Series { name: "rps".to_owned(), unit, points, ..Series::default() }];
    }
    Ok(found)
}

fn summary(part: &Value, name: &str) -> Figures {
    let values = json::at(part, &["summaries", name]).or_else(|| json::at(part, &["histograms", name]));
    let mut figures = Figures { latency_of: Some(LatencyOf::All), ..Figures::default() };
    for (key, value) in values.into_iter().flat_map(|values| json::members(values, &[])) {
        let name = match key {
            "mean" | "min" | "max" => key,
            "median" => "p50",
            "p50" | "p75" | "p90" | "p95" | "p99" => key,
            "p999" => "p99_9",
            _ => continue,
        };
        figures = figures.with(name, json::as_number(value));
    }
    figures
}

fn endpoints(aggregate: &Value, counters: &BTreeMap<&str, u64>, duration_s: Option<f64>) -> Vec<Endpoint> {
    let mut endpoints = Vec::new();
    let prefix = format!("{BY_ENDPOINT}response_time.");
    for (key, values) in json::members(aggregate, &["summaries"]) {
        let Some(raw) = key.strip_prefix(prefix.as_str()) else { continue };
        let codes = format!("{BY_ENDPOINT}{raw}.codes.");
        let mut figures = summary(aggregate, key);
        for (name, count) in counters {
            if let Some(code) =
                name.strip_prefix(codes.as_str()).filter(|code| code.parse().is_ok_and(|code: u32| code >= 400))
            {
                figures.errors_by.insert(code.to_owned(), *count);
            }
        }
        let requests = json::count(values, &["count"]);
        let errors = figures.errors_by.values().sum();
        figures.rps = requests.zip(duration_s).map(|(requests, length)| requests as f64 / length);
        endpoints.push(Endpoint { name: names::endpoint("", raw), figures: figures.counted(requests, Some(errors)) });
    }
    endpoints
}

fn version_1(aggregate: &Value) -> Result<Measurements, Refusal> {
    let latency = |name: &str| json::number(aggregate, &["latency", name]);
    let mut figures = Figures {
        rps: json::number(aggregate, &["rps", "mean"]),
        latency_of: Some(LatencyOf::All),
        ..Figures::default()
    }
    .with("min", latency("min"))
    .with("max", latency("max"))
    .with("p50", latency("median"))
    .with("p95", latency("p95"))
    .with("p99", latency("p99"));
    for (code, count) in json::members(aggregate, &["codes"]).chain(json::members(aggregate, &["errors"])) {
        if code.parse().map_or(true, |code: u32| code >= 400) {
            figures.errors_by.insert(code.to_owned(), json::as_count(count).unwrap_or(0));
        }
    }
    let errors = figures.errors_by.values().sum();
    let requests = json::count(aggregate, &["requestsCompleted"]);
    let counted = json::number(aggregate, &["rps", "count"]).zip(figures.rps.filter(|rate| *rate > 0.0));
    Ok(Measurements {
        model: Some(LoadModel::Open),
        duration_s: counted.map(|(count, rate)| count / rate),
        totals: Some(figures.counted(requests, Some(errors))),
        ..Measurements::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_loses_no_request() {
        for (count, joined, length_s) in [(20_000, 0, 10.0), (20_001, 1, 20.0), (40_000, 1, 20.0), (90_000, 3, 80.0)] {
            let mut found = Periods::default();
            for period in 0..count {
                let first = f64::from(period) * 1e4;
                found.add(Period { first, last: first + 1e4, requests: 30.0 });
            }
            assert!(found.kept.len() <= MOST_PERIODS);
            assert_eq!(found.kept.iter().map(|one| one.requests).sum::<f64>(), 30.0 * f64::from(count));
            assert_eq!((found.joined, found.points()[0]), (joined, (length_s / 2.0, 3.0)), "{count}");
            let lengths = found.kept.iter().rev().skip(1).map(|one| one.last - one.first);
            assert!(lengths.into_iter().all(|length| length == length_s * 1e3), "{count}");
        }
    }
}
