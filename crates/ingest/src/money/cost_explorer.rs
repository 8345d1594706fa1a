//! AWS Cost Explorer: the answer of `aws ce get-cost-and-usage`.

use super::{MONTH_HOURS, dates};
use crate::measurements::{CostLine, Measurements, Warning};
use crate::read::{json, time};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Shape};
use serde_json::Value;

/// The format.
pub const FORMAT: Format = Format {
    kind: "aws-cost-explorer",
    title: "AWS Cost Explorer: aws ce get-cost-and-usage (JSON)",
    shape: Shape::Json { fits, read },
    docs: Docs {
        versions: "API 2017-10-25",
        used: "cost per period and group; unblended before blended before amortized",
        traps: "`End` is exclusive; `Total` is empty when grouped; amounts are text; an estimated period is not complete",
        evidence: "documented shape",
    },
};

/// Cost metrics in the order of preference: what a month really costs.
const METRICS: [&str; 6] =
    ["UnblendedCost", "BlendedCost", "AmortizedCost", "NetUnblendedCost", "NetAmortizedCost", "NetBlendedCost"];

fn fits(document: &Value) -> Fit {
    Fit::from(document.get("ResultsByTime").is_some_and(Value::is_array))
}

/// The day of a time as written by --granularity HOURLY; an end within a day is that of the next.
fn day(written: &str, end: bool) -> String {
    let within = written.get(11..19).is_some_and(|clock| clock != "00:00:00");
    let midnight = time::parse(written.get(..10).unwrap_or(written));
    match midnight.filter(|_| within && end) {
        Some((at, _)) => dates::written(at + dates::DAY_S),
        None => written.get(..10).unwrap_or(written).to_owned(),
    }
}

fn read(document: &Value, _context: &Context) -> Result<Measurements, Refusal> {
    let mut found = Measurements::default();
    let mut estimated = Vec::new();
    for result in json::list(document, &["ResultsByTime"]) {
        let (Some(start), Some(end)) =
            (json::text(result, &["TimePeriod", "Start"]), json::text(result, &["TimePeriod", "End"]))
        else {
            continue;
        };
        let hours = hours(start, end);
        if result.get("Estimated").and_then(Value::as_bool) == Some(true) {
            estimated.push(format!("{start} to {end}"));
        }
        let line = |service: String, metrics: &Value| {
            let (amount, currency) = METRICS.iter().find_map(|metric| cost(metrics.get(metric)?))?;
            Some(CostLine {
                service,
                amount,
                currency,
                period: Some((day(start, false), day(end, true))),
                monthly: hours.map(|hours| amount * MONTH_HOURS / hours),
                ..CostLine::default()
            })
        };
        let groups = json::list(result, &["Groups"]);
        found.costs.extend(groups.iter().filter_map(|group| line(keys(group), group.get("Metrics")?)));
        if groups.is_empty() {
            found.costs.extend(result.get("Total").and_then(|total| line("all services".to_owned(), total)));
        }
    }
    if found.costs.is_empty() {
        return Err(Refusal::new("costs grouped by service", "no period with an amount")
            .remedy("aws ce get-cost-and-usage --granularity MONTHLY --metrics UnblendedCost --group-by Type=DIMENSION,Key=SERVICE"));
    }
    if document.get("NextPageToken").is_some_and(Value::is_string) {
        let text = "The answer is one page of several: costs are missing. Ask again with --next-page-token and import all pages.";
        found.warnings.push(Warning::new("more-pages", text));
    }
    if !estimated.is_empty() {
        let text = "These periods are estimated: the month is not over or not billed yet. The monthly figures of them are too low \
                    or will change.";
        found.warnings.push(Warning::new("partial-month", text).with("periods", estimated));
    }
    Ok(found)
}

/// Service (or other key) of a group; several keys joined.
fn keys(group: &Value) -> String {
    let keys: Vec<&str> = json::list(group, &["Keys"]).iter().filter_map(Value::as_str).collect();
    keys.join(" / ")
}

fn cost(metric: &Value) -> Option<(f64, Option<String>)> {
    Some((json::number(metric, &["Amount"])?, json::text(metric, &["Unit"]).map(str::to_owned)))
}

/// Hours between two dates.
fn hours(start: &str, end: &str) -> Option<f64> {
    let (start, end) = (time::parse(start)?.0, time::parse(end)?.0);
    Some((end - start) / 3600.0).filter(|hours| *hours > 0.0)
}
