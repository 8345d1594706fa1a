//! Answers too long to be held whole, read one item of their big list at a time by the format that reads short ones.

use super::Reader;
use super::items::Items;
use super::lines::{LineSink, LinesEnd};
use crate::measurements::{Measurements, Series, Warning};
use crate::refusal::{Refusal, excerpt};
use crate::registry::{Context, Format, Shape};
use crate::sense::warn;
use serde_json::Value;

/// Documents from this size on are read item by item where that is possible, in bytes.
pub const FROM: usize = 4 * 1024 * 1024;
/// Most points kept over all series; beyond it every second one is left out, again and again.
const MOST_POINTS: usize = 1_000_000;
/// Most series kept.
const MOST_SERIES: usize = 20_000;
/// How much of a document tells what it is.
const HEAD: usize = 64 * 1024;

/// A format whose answers can be read in parts.
struct Long {
    kind: &'static str,
    /// Keys that lead to the list.
    path: &'static [&'static str],
    /// What makes a short answer of one item.
    before: &'static str,
    after: &'static str,
    /// Key and value that tell such an answer by its start.
    key: &'static str,
    value: &'static str,
}

const LONG: [Long; 1] = [Long {
    kind: "prometheus-query",
    path: &["data", "result"],
    before: r#"{"status":"success","data":{"resultType":"matrix","result":["#,
    after: "]}}",
    key: "\"resultType\"",
    value: "\"matrix\"",
}];

/// A reader for a document that starts so; nothing where it has to be held whole.
pub fn reader(start: &[u8], context: &Context) -> Option<(&'static Format, Box<dyn Reader>)> {
    let head = super::text::valid_prefix(&start[..start.len().min(HEAD)]);
    let says = |long: &&Long| {
        let after = head.split_once(long.key).map_or("", |(_, rest)| rest);
        after.trim_start().strip_prefix(':').is_some_and(|rest| rest.trim_start().starts_with(long.value))
    };
    let long = LONG.iter().find(says)?;
    let format = crate::registry::format(long.kind)?;
    let Shape::Json { read, .. } = format.shape else { return None };
    let parts = Parts {
        long,
        read,
        context: context.clone(),
        text: Vec::new(),
        found: Measurements::default(),
        points: 0,
        every: 1,
        left_out: 0,
        unread: 0,
        first_unread: None,
    };
    Some((format, Box::new(Items::new(long.path, Box::new(parts)))))
}

/// What to export instead of a document that is too long, by what stands at its start.
pub fn shorter(start: &[u8]) -> &'static str {
    const REMEDIES: [(&str, &str); 9] = [
        ("\"resultType\"", "ask for fewer series: sum by (the labels that matter), a shorter range or a longer step"),
        ("\"resourceSpans\"", "export JSON lines (the collector's file exporter): lines are read one by one"),
        ("\"traceID\"", "search for fewer traces, a few hundred are enough: /api/traces?limit=500"),
        ("\"response_times\"", "export Locust's CSV instead: --csv with --csv-full-history"),
        ("\"intermediate\"", "use Artillery's summary, or split the run"),
        ("\"totalCost\"", "aggregate the allocations: aggregate=controller and accumulate=true"),
        ("\"ResultsByTime\"", "ask with --granularity MONTHLY and one group: --group-by Type=DIMENSION,Key=SERVICE"),
        ("\"apiVersion\"", "export one namespace: kubectl get deploy,hpa -n NAMESPACE -o json"),
        ("\"frames\"", "export a shorter time range or fewer series from the panel"),
    ];
    let head = super::text::valid_prefix(&start[..start.len().min(HEAD)]);
    let known = REMEDIES.iter().find(|(key, _)| head.contains(key));
    known.map_or("export JSON lines or CSV, a shorter time range or fewer series", |(_, remedy)| remedy)
}

/// Collects the series of all items.
struct Parts {
    long: &'static Long,
    read: fn(&Value, &Context) -> Result<Measurements, Refusal>,
    context: Context,
    text: Vec<u8>,
    found: Measurements,
    points: usize,
    /// Of how many points one is kept.
    every: usize,
    left_out: u64,
    unread: u64,
    first_unread: Option<(u64, String)>,
}

impl Parts {
    fn take(&mut self, mut series: Series) {
        if self.found.series.len() >= MOST_SERIES {
            self.left_out += 1;
            return;
        }
        thin(&mut series, self.every);
        self.points += series.points.len();
        self.found.series.push(series);
        if self.points > MOST_POINTS {
            self.every *= 2;
            self.found.series.iter_mut().for_each(|series| thin(series, 2));
            self.points = self.found.series.iter().map(|series| series.points.len()).sum();
        }
    }
}

/// Keeps one point of so many.
fn thin(series: &mut Series, every: usize) {
    if every > 1 {
        let mut index = 0;
        series.points.retain(|_| {
            index += 1;
            (index - 1) % every == 0
        });
    }
    series.points.shrink_to_fit();
}

impl LineSink for Parts {
    fn line(&mut self, line: &[u8], number: u64) -> Result<(), Refusal> {
        self.text.clear();
        self.text.extend_from_slice(self.long.before.as_bytes());
        self.text.extend_from_slice(line);
        self.text.extend_from_slice(self.long.after.as_bytes());
        let Ok(document) = serde_json::from_slice::<Value>(&self.text) else {
            self.unread += 1;
            self.first_unread.get_or_insert_with(|| (number, excerpt(line)));
            return Ok(());
        };
        // An item without a finite value is refused by itself and no loss to the others.
        if let Ok(part) = (self.read)(&document, &self.context) {
            part.series.into_iter().for_each(|series| self.take(series));
            self.found.warnings.extend(part.warnings);
        }
        let mut points = 0;
        self.found.warnings.retain(|warning| {
            let dropped = warning.code == "points-dropped";
            points += if dropped { warning.evidence.get("points").and_then(Value::as_u64).unwrap_or(0) } else { 0 };
            !dropped
        });
        if points > 0 {
            let text = "Points without a finite value (NaN, Inf: usually a division by zero before the first event) are left out.";
            self.found.warnings.push(Warning::new("points-dropped", text).with("points", points));
        }
        Ok(())
    }

    fn finish(self: Box<Self>, end: LinesEnd) -> Result<Measurements, Refusal> {
        let mut found = self.found;
        // What only all series together show: graphs and resources of exporters.
        crate::trace::service_graph::add(&mut found);
        crate::metrics::exporters::add(&mut found);
        if found.series.is_empty() {
            return Err(Refusal::new("at least one series with a value", "an empty result")
                .remedy("check the query and its time range; it matched nothing"));
        }
        if self.every > 1 {
            let text =
                "More points than can be kept: of so many only one is left. Ask for a longer step to choose yourself.";
            found.warnings.push(Warning::new("points-thinned", text).with("one_of", self.every));
        }
        if self.left_out > 0 {
            let text = "More series than can be kept; these are left out. Sum them by the labels that matter.";
            found.warnings.push(Warning::new("series-left-out", text).with("series", self.left_out));
        }
        warn::skipped_lines(&mut found, self.unread, self.first_unread, &end);
        Ok(found)
    }
}
