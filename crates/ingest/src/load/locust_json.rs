//! Locust `--json` and `--json-file`: per endpoint a histogram of response times and requests per second of the clock.

use crate::measurements::{Endpoint, Figures, LatencyOf, LoadModel, Measurements, Series};
use crate::read::list::Gather;
use crate::read::{json, time};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Shape};
use crate::sense::{names, warn};
use serde_json::Value;
use std::collections::BTreeMap;

/// The format.
pub const FORMAT: Format = Format {
    kind: "locust-json",
    title: "Locust: --json or --json-file",
    shape: Shape::List { fits, paths: &[&[]], gather },
    docs: Docs {
        versions: "2.47.0",
        used: "per endpoint: requests, failures, mean, extremes, percentiles and histogram; requests per second over time",
        traps: "no row of totals; times are rounded to two digits; log text may stand before the list",
        evidence: "own run",
    },
};

fn fits(document: &Value) -> Fit {
    let entry = |entry: &Value| json::has(entry, &["num_requests", "response_times"]);
    // Of several entries the last one may be cut.
    Fit::from(document.as_array().is_some_and(|list| match list.as_slice() {
        [] => false,
        [only] => entry(only),
        [whole @ .., _] => whole.iter().all(entry),
    }))
}

/// Most endpoints told apart.
const MOST_ENDPOINTS: usize = 1_000;
/// Most stretches of time kept; they begin as seconds and double when there are more.
const MOST_STRETCHES: usize = 20_000;
/// Longest response time told apart, in milliseconds.
const LONGEST_MS: f64 = 1e7;

/// A response time rounded as Locust rounds it, to two digits below 100 s and to seconds above: so there are few, whatever the file says.
fn rounded(ms: f64) -> u64 {
    let whole = ms.clamp(0.0, LONGEST_MS) as u64;
    let mut step = 1;
    while whole / step >= 100 && step < 1000 {
        step *= 10;
    }
    (whole + step / 2) / step * step
}

/// Requests over time, by second or, in long runs, by longer stretches.
struct Stretches {
    seconds: u64,
    counts: BTreeMap<u64, f64>,
}

impl Default for Stretches {
    fn default() -> Self {
        Self { seconds: 1, counts: BTreeMap::new() }
    }
}

impl Stretches {
    fn add(&mut self, second: u64, count: f64) {
        *self.counts.entry(second / self.seconds).or_default() += count;
        while self.counts.len() > MOST_STRETCHES {
            self.seconds *= 2;
            let mut joined = BTreeMap::new();
            for (place, count) in std::mem::take(&mut self.counts) {
                *joined.entry(place / 2).or_default() += count;
            }
            self.counts = joined;
        }
    }

    /// Requests per second.
    fn points(self) -> Vec<(f64, f64)> {
        let length = self.seconds as f64;
        self.counts.into_iter().map(|(place, count)| (place as f64 * length, count / length)).collect()
    }
}

#[derive(Default)]
struct Sum {
    requests: u64,
    errors: u64,
    total_ms: f64,
    least_ms: Option<f64>,
    most_ms: f64,
    times: BTreeMap<u64, u64>,
}

impl Sum {
    fn add(&mut self, entry: &Value) {
        let figure = |name: &str| json::number(entry, &[name]);
        self.requests += json::count(entry, &["num_requests"]).unwrap_or(0);
        self.errors += json::count(entry, &["num_failures"]).unwrap_or(0);
        self.total_ms += figure("total_response_time").filter(|total| *total < 1e15).unwrap_or(0.0);
        self.least_ms = [self.least_ms, figure("min_response_time")].into_iter().flatten().reduce(f64::min);
        self.most_ms = self.most_ms.max(figure("max_response_time").unwrap_or(0.0));
        for (ms, count) in json::members(entry, &["response_times"]) {
            if let (Ok(ms), Some(count)) = (ms.parse::<f64>(), json::as_count(count)) {
                *self.times.entry(rounded(ms)).or_default() += count;
            }
        }
    }

    /// The smallest rounded time that at least this share of requests did not exceed, as Locust itself computes it.
    fn quantile_ms(&self, quantile: f64) -> Option<f64> {
        let wanted = self.requests as f64 * quantile;
        let mut below = 0;
        self.times.iter().find_map(|(ms, count)| {
            below += count;
            (below as f64 >= wanted).then_some(*ms as f64)
        })
    }

    fn figures(&self, duration_s: Option<f64>) -> Figures {
        let mut figures = Figures {
            rps: duration_s.map(|length| self.requests as f64 / length),
            latency_of: Some(LatencyOf::All),
            histogram: self.times.iter().map(|(ms, count)| (*ms as f64, *count)).collect(),
            ..Figures::default()
        }
        .counted(Some(self.requests), Some(self.errors))
        .with("mean", (self.requests > 0).then(|| self.total_ms / self.requests as f64))
        .with("min", self.least_ms)
        .with("max", (self.requests > 0).then_some(self.most_ms));
        for (name, quantile) in
            [("p50", 0.5), ("p75", 0.75), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p99_9", 0.999)]
        {
            figures = figures.with(name, self.quantile_ms(quantile));
        }
        figures
    }
}

fn gather(context: &Context) -> Box<dyn Gather> {
    Box::new(Gathered { keep_names: context.options.keep_names, ..Gathered::default() })
}

#[derive(Default)]
struct Gathered {
    keep_names: bool,
    start: Option<f64>,
    end: Option<f64>,
    all: Sum,
    by_name: Vec<(String, Sum)>,
    places: BTreeMap<String, usize>,
    per_second: Stretches,
    collapsed: names::Collapsed,
}

impl Gather for Gathered {
    fn item(&mut self, entry: &Value) {
        self.start = [self.start, json::number(entry, &["start_time"])].into_iter().flatten().reduce(f64::min);
        self.end = [self.end, json::number(entry, &["last_request_timestamp"])].into_iter().flatten().reduce(f64::max);
        let (method, raw) = (json::text(entry, &["method"]).unwrap_or(""), json::text(entry, &["name"]).unwrap_or(""));
        let mut name = names::label(self.keep_names, method, raw);
        self.collapsed.note(raw, &name);
        if !self.places.contains_key(&name) && self.places.len() >= MOST_ENDPOINTS {
            "(other)".clone_into(&mut name);
        }
        let place = *self.places.entry(name.clone()).or_insert(self.by_name.len());
        if place == self.by_name.len() {
            self.by_name.push((name, Sum::default()));
        }
        self.by_name[place].1.add(entry);
        self.all.add(entry);
        for (second, count) in json::members(entry, &["num_reqs_per_sec"]) {
            if let (Ok(second), Some(count)) = (second.parse(), json::as_number(count)) {
                self.per_second.add(second, count);
            }
        }
    }

    fn finish(self: Box<Self>, _beside: &Value) -> Result<Measurements, Refusal> {
        if self.all.requests == 0 {
            return Err(Refusal::new("at least one request", "none"));
        }
        let duration_s = self.start.zip(self.end).map(|(start, end)| end - start).filter(|length| *length > 0.0);
        let seconds = self.per_second.seconds;
        let points = self.per_second.points();
        let endpoint = |(name, sum): &(String, Sum)| Endpoint { name: name.clone(), figures: sum.figures(duration_s) };
        let mut found = Measurements {
            model: Some(LoadModel::Closed),
            started: self.start.and_then(time::rfc3339),
            duration_s,
            totals: Some(self.all.figures(duration_s)),
            endpoints: self.by_name.iter().map(endpoint).collect(),
            series: vec![Series { name: "rps".to_owned(), unit: Some("1/s".to_owned()), points, ..Series::default() }],
            ..Measurements::default()
        };
        found.series.retain(|series| !series.points.is_empty());
        warn::points_joined(&mut found, seconds);
        warn::rounded_percentiles(
            &mut found,
            "Locust rounds to two digits (10 ms steps from 100 ms, 100 ms steps from 1 s)",
        );
        warn::collapsed(&mut found, &self.collapsed);
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `round(ms, -1)` and `round(ms, -2)` do in Locust's `stats.py`, but for halves, which it rounds to even.
    #[test]
    fn times_have_two_digits() {
        for (ms, expected) in [
            (0.0, 0),
            (99.9, 99),
            (100.0, 100),
            (104.0, 100),
            (996.0, 1000),
            (1240.0, 1200),
            (12_400.0, 12_000),
            (124_400.0, 124_000),
            (1e18, 10_000_000),
            (-3.0, 0),
        ] {
            assert_eq!(rounded(ms), expected, "{ms}");
        }
    }

    #[test]
    fn a_long_run_loses_no_request() {
        for (seconds, step, length) in [(20_000, 1, 1), (20_001, 1, 2), (100_000, 1, 8), (30_000, 1_000_000, 0)] {
            let mut found = Stretches::default();
            (0..seconds).for_each(|second| found.add(second * step, 3.0));
            assert!(found.counts.len() <= MOST_STRETCHES);
            assert_eq!(found.counts.values().sum::<f64>(), 3.0 * seconds as f64);
            assert!(length == 0 || found.seconds == length, "{} of {seconds}", found.seconds);
            if length > 0 {
                assert_eq!(found.points()[1], (length as f64, 3.0), "{seconds}");
            }
        }
    }
}
