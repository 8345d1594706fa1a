//! Prometheus text exposition and OpenMetrics: the counters of one moment.

use crate::measurements::{Measurements, Series, Warning};
use crate::read::Reader;
use crate::read::lines::{LineSink, Lines, LinesEnd};
use crate::read::text;
use crate::refusal::{Refusal, excerpt};
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::warn;
use std::collections::{BTreeMap, HashMap};

/// The format.
pub const FORMAT: Format = Format {
    kind: "prometheus-text",
    title: "Prometheus text exposition and OpenMetrics (a saved /metrics page)",
    shape: Shape::Stream { fits, open },
    docs: Docs {
        versions: "text format 0.0.4, OpenMetrics 1.0 (prometheus_client), node_exporter 1.5, RabbitMQ 3.10",
        used: "every sample as a series of one point with its labels",
        traps: "one moment only: rates need two; `_created` samples are times and are left out; exemplars and timestamps are cut off; \
                label escapes",
        evidence: "own run",
    },
};

/// Most samples kept of one page.
const MOST_SERIES: usize = 50_000;

fn fits(head: &Head<'_>) -> Fit {
    let text = head.text();
    let comment = |line: &str| line.starts_with("# HELP ") || line.starts_with("# TYPE ");
    if text.lines().take(5).any(comment) {
        return Fit::Yes;
    }
    let sample = text.lines().next().and_then(sample);
    if sample.is_some_and(|sample| !sample.labels.is_empty()) { Fit::Maybe } else { Fit::No }
}

fn open(_context: &Context) -> Box<dyn Reader> {
    Box::new(Lines::new(Box::new(Page::default())))
}

impl Page {
    /// One more series, or what a known one is by now: pages that are written one behind the other are of later moments.
    fn take(&mut self, sample: Sample<'_>) {
        let key = (sample.name.to_owned(), sample.labels);
        if let Some(series) = self.places.get(&key).and_then(|place| self.series.get_mut(*place)) {
            series.points = vec![(0.0, sample.value)];
            self.again += 1;
        } else if self.series.len() >= MOST_SERIES {
            self.beyond += 1;
        } else {
            let (name, labels) = key.clone();
            let unit = super::prometheus::unit(&name).map(str::to_owned);
            self.series.push(Series { unit, name, labels, points: vec![(0.0, sample.value)] });
            self.places.insert(key, self.series.len() - 1);
        }
    }
}

#[derive(Default)]
struct Page {
    series: Vec<Series>,
    /// Where the series of a name and its labels stands.
    places: HashMap<(String, BTreeMap<String, String>), usize>,
    /// Samples of a series that was there already: of a later page.
    again: u64,
    dropped: u64,
    beyond: u64,
    unread: u64,
    first_unread: Option<(u64, String)>,
    complete: bool,
}

impl LineSink for Page {
    fn line(&mut self, line: &[u8], number: u64) -> Result<(), Refusal> {
        let text = text::valid_prefix(line).trim();
        self.complete |= text == "# EOF";
        if text.is_empty() || text.starts_with('#') {
            return Ok(());
        }
        match sample(text) {
            None => {
                self.unread += 1;
                self.first_unread.get_or_insert_with(|| (number, excerpt(line)));
            }
            Some(sample) if sample.name.ends_with("_created") => {}
            Some(sample) if !sample.value.is_finite() => self.dropped += 1,
            Some(sample) => self.take(sample),
        }
        Ok(())
    }

    fn finish(self: Box<Self>, end: LinesEnd) -> Result<Measurements, Refusal> {
        if self.series.is_empty() {
            return Err(Refusal::new("samples such as `http_requests_total 17`", "none"));
        }
        let mut found = Measurements { series: self.series, ..Measurements::default() };
        let text = "These are counters of one moment: totals since the process started. Rates over the test need two pages, or a \
                    query_range answer.";
        found.warnings.push(Warning::new("single-moment", text).with("samples", found.series.len()));
        crate::trace::service_graph::add(&mut found);
        super::exporters::add(&mut found);
        if self.again > 0 {
            let text = "The same series stand in it several times, as in pages written one behind the other: the last value of each counts.";
            found.warnings.push(Warning::new("several-pages", text).with("samples", self.again));
        }
        if self.beyond > 0 {
            let text = "The page has more samples than are kept.";
            found.warnings.push(Warning::new("samples-dropped", text).with("samples", self.beyond));
        }
        if self.dropped > 0 {
            let text = "Samples without a finite value are left out.";
            found.warnings.push(Warning::new("points-dropped", text).with("points", self.dropped));
        }
        warn::skipped_lines(&mut found, self.unread, self.first_unread, &end);
        Ok(found)
    }
}

/// One sample line.
pub struct Sample<'a> {
    /// Metric name.
    pub name: &'a str,
    /// Labels, unescaped.
    pub labels: BTreeMap<String, String>,
    /// Value.
    pub value: f64,
}

/// Reads `name{label="value",…} value [timestamp] [# exemplar]`.
pub fn sample(line: &str) -> Option<Sample<'_>> {
    let name_end = line.find(|letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '_' | ':')))?;
    let (name, mut rest) = line.split_at(name_end);
    if name.is_empty() || name.as_bytes()[0].is_ascii_digit() {
        return None;
    }
    let mut labels = BTreeMap::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = labels_of(inside, &mut labels)?;
    } else if !rest.starts_with([' ', '\t']) {
        return None;
    }
    let mut words = rest.split_ascii_whitespace();
    let value = match words.next()? {
        "+Inf" | "Inf" => f64::INFINITY,
        "-Inf" => f64::NEG_INFINITY,
        "NaN" => f64::NAN,
        word => text::number(word)?,
    };
    match words.next() {
        Some(word) if word != "#" && text::number(word).is_none() => None,
        _ => Some(Sample { name, labels, value }),
    }
}

/// Reads labels up to the closing brace; what follows it.
fn labels_of<'a>(mut rest: &'a str, labels: &mut BTreeMap<String, String>) -> Option<&'a str> {
    loop {
        rest = rest.trim_start_matches([' ', ',']);
        if let Some(after) = rest.strip_prefix('}') {
            return Some(after);
        }
        let (name, after) = rest.split_once('=')?;
        let quoted = after.trim_start().strip_prefix('"')?;
        let mut value = String::new();
        let mut letters = quoted.char_indices();
        let end = loop {
            match letters.next()? {
                (place, '"') => break place,
                (_, '\\') => value.push(match letters.next()?.1 {
                    'n' => '\n',
                    other => other,
                }),
                (_, letter) => value.push(letter),
            }
        };
        labels.insert(name.trim().trim_matches('"').to_owned(), value);
        rest = &quoted[end + 1..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples() {
        let found =
            sample(r#"http_requests_total{method="GET",path="/a\"b,}\n"} 17.5 1795294440000 # {trace="x"} 1"#).unwrap();
        assert_eq!((found.name, found.value), ("http_requests_total", 17.5));
        assert_eq!(found.labels["path"], "/a\"b,}\n");
        assert_eq!(sample("up 1").unwrap().value, 1.0);
        assert!(sample("temperature NaN").unwrap().value.is_nan());
        for wrong in ["", "up", "1up 3", "a{b=\"c} 1", "hello world", "up one"] {
            assert!(sample(wrong).is_none(), "{wrong}");
        }
    }
}
