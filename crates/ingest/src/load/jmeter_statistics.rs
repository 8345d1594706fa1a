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
                sub-samples to the requests in them; the rate of all is that of the whole span, whatever ran one after another or was merged in it, which is said where labels or \
                pauses show it",
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
    found.warnings.extend(several_runs(&found));
    Ok(found)
}

/// Seconds from which on hardly anything under way means runs with nothing between them.
const LONG_S: f64 = 86_400.0;
/// How much longer the whole may last than its longest label.
const LONGER: f64 = 1.5;

/// Signs that the report spans more than one load: several runs with the time between them, or labels one after another.
fn several_runs(found: &Measurements) -> Option<Warning> {
    let totals = found.totals.as_ref()?;
    let whole_s = found.duration_s?;
    let under_way = totals.rps? * totals.latency_ms.get("mean")? / 1e3;
    let of_label = |endpoint: &Endpoint| Some(endpoint.figures.requests? as f64 / endpoint.figures.rps?);
    let longest_s =
        found.endpoints.iter().filter_map(of_label).filter(|seconds| seconds.is_finite()).fold(0.0, f64::max);
    let apart = longest_s > 0.0 && whole_s > LONGER * longest_s;
    let idle = whole_s > LONG_S && under_way < 1.0;
    let what = if apart {
        format!(
            "Labels ran one after another, or several runs are merged in this report (the whole lasted {whole_s:.0} s, no label longer \
             than {longest_s:.0} s)"
        )
    } else {
        format!(
            "Several runs are merged in this report, or hardly anything ran in it ({:.1} days with {under_way:.2} requests under way on \
             average)",
            whole_s / 86_400.0
        )
    };
    let text = format!(
        "{what}: its rates of all labels are those of the whole span. Import the results file itself, which says when each ran; of merged \
         runs make a report each (jmeter -g)."
    );
    (apart || idle)
        .then(|| Warning::new("runs-appended", &text).with("duration_s", whole_s).with("under_way", under_way))
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
