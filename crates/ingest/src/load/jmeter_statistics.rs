//! JMeter `statistics.json` of the HTML report: an entry per label and a `Total`.

use crate::measurements::{Endpoint, Figures, LatencyOf, LoadModel, Measurements, Warning};
use crate::read::json;
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Shape};
use serde_json::Value;
use std::collections::HashSet;

/// The format.
pub const FORMAT: Format = Format {
    kind: "jmeter-statistics",
    title: "JMeter: statistics.json of the HTML report",
    shape: Shape::Json { fits, read },
    docs: Docs {
        versions: "5.x",
        used: "per label: requests, failures, rate, mean, median, extremes, three percentiles",
        traps: "the percentiles are 90, 95, 99 unless configured otherwise, which the file does not say; `Total` adds transactions and \
                sub-samples to the requests in them; the rate is meaningless for merged runs",
        evidence: "public sample",
    },
};

fn fits(document: &Value) -> Fit {
    Fit::from(
        json::members(document, &[]).next().is_some_and(|(_, entry)| json::has(entry, &["transaction", "sampleCount"])),
    )
}

fn read(document: &Value, _context: &Context) -> Result<Measurements, Refusal> {
    let names: HashSet<&str> = json::members(document, &[]).map(|(name, _)| name).collect();
    let is_part = |name: &str| {
        name.rsplit_once('-').is_some_and(|(parent, number)| number.parse::<u32>().is_ok() && names.contains(parent))
    };
    let mut found = Measurements { model: Some(LoadModel::Closed), ..Measurements::default() };
    let mut parts = 0;
    for (name, entry) in json::members(document, &[]) {
        if name == "Total" {
            found.totals = Some(figures(entry));
        } else if is_part(name) {
            parts += 1;
        } else {
            found.endpoints.push(Endpoint { name: crate::sense::names::endpoint("", name), figures: figures(entry) });
        }
    }
    if parts > 0 {
        // `Total` counts them too: the sum of the rest is right, its percentiles are unknown.
        let sum = found
            .endpoints
            .iter()
            .map(|endpoint| endpoint.figures.clone())
            .reduce(|one, two| crate::sense::tidy::sum(&one, &two));
        found.totals = sum;
        let text = "Entries named like another with `-0`, `-1`, … (redirects, embedded resources) repeat its time and are left out; \
                    so is the report's `Total`, which adds them.";
        found.warnings.push(Warning::new("sub-samples-dropped", text).with("entries", parts));
    }
    let text = "pct1, pct2 and pct3 are taken as 90, 95 and 99 %, JMeter's default; if aggregate_rpt_pct1..3 were changed, they are \
                something else. Transactions may be counted beside the requests in them.";
    found.warnings.push(Warning::new("percentiles-assumed", text));
    found.duration_s =
        found.totals.as_ref().and_then(|totals| Some(totals.requests? as f64 / totals.rps.filter(|rate| *rate > 0.0)?));
    Ok(found)
}

fn figures(entry: &Value) -> Figures {
    let figure = |name: &str| json::number(entry, &[name]);
    Figures { rps: figure("throughput"), latency_of: Some(LatencyOf::All), ..Figures::default() }
        .counted(json::count(entry, &["sampleCount"]), json::count(entry, &["errorCount"]))
        .with("mean", figure("meanResTime"))
        .with("p50", figure("medianResTime"))
        .with("min", figure("minResTime"))
        .with("max", figure("maxResTime"))
        .with("p90", figure("pct1ResTime"))
        .with("p95", figure("pct2ResTime"))
        .with("p99", figure("pct3ResTime"))
}
