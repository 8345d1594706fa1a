//! vegeta's histogram: `report -type='hist[0,10ms,20ms]'`.

use crate::measurements::{Figures, LatencyOf, LoadModel, Measurements, Warning};
use crate::read::text::{self, duration_ms, leading_number};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};

/// The format.
pub const FORMAT: Format = Format {
    kind: "vegeta-hist",
    title: "vegeta: report -type=hist[...] (text)",
    shape: Shape::Text { fits, read },
    docs: Docs {
        versions: "12 (README)",
        used: "requests and the histogram",
        traps: "neither failures, rate nor exact percentiles are in it: report -type=json has them; the last bucket has no upper bound",
        evidence: "documented shape",
    },
};

fn fits(head: &Head<'_>) -> Fit {
    let first = head.first_line();
    Fit::from(first.starts_with("Bucket") && first.contains('#') && first.contains("Histogram"))
}

/// Upper bound, where there is one, and count of `[10ms,  20ms]  5530  30.88%  ###`.
fn bucket(line: &str) -> Option<(Option<f64>, u64)> {
    let (bounds, rest) = line.trim().strip_prefix('[')?.split_once(']')?;
    let (_, upper) = bounds.split_once(',')?;
    let upper = upper.trim();
    let upper = if upper == "+Inf" { None } else { Some(duration_ms(upper)?) };
    Some((upper, text::count(leading_number(rest)?)?))
}

fn read(report: &str, _context: &Context) -> Result<Measurements, Refusal> {
    let buckets: Vec<(Option<f64>, u64)> = report.lines().filter_map(bucket).collect();
    let requests: u64 = buckets.iter().map(|(_, count)| count).sum();
    if requests == 0 {
        return Err(Refusal::new("buckets with their counts", "none").remedy("save the whole report of vegeta"));
    }
    let beyond: u64 = buckets.iter().filter(|(upper, _)| upper.is_none()).map(|(_, count)| count).sum();
    let figures = Figures {
        latency_of: Some(LatencyOf::All),
        histogram: buckets.into_iter().filter_map(|(upper, count)| Some((upper?, count))).collect(),
        ..Figures::default()
    };
    let totals = Some(figures.counted(Some(requests), None));
    let mut found = Measurements { model: Some(LoadModel::Open), totals, ..Measurements::default() };
    if beyond > 0 {
        let text = "These requests lie in the last bucket, which has no upper bound: they are not in the histogram. Name larger bounds.";
        found.warnings.push(Warning::new("histogram-open", text).with("requests", beyond));
    }
    Ok(found)
}
