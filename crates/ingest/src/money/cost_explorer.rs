//! AWS Cost Explorer: the answer of `aws ce get-cost-and-usage`.

use super::{MONTH_HOURS, dates};
use crate::measurements::{CostLine, Measurements, Warning};
use crate::read::{json, time};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Shape};
use serde_json::Value;
use std::collections::HashMap;

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
    let mut by_hour = Hours::default();
    for result in json::list(document, &["ResultsByTime"]) {
        let (Some(start), Some(end)) =
            (json::text(result, &["TimePeriod", "Start"]), json::text(result, &["TimePeriod", "End"]))
        else {
            continue;
        };
        let hours = hours(start, end);
        let period = (day(start, false), day(end, true));
        // Of a period within a day, the day is all that a line can say: its hours are joined.
        let within = hours.filter(|hours| *hours < 24.0);
        if let Some(hours) = within {
            *by_hour.covered.entry(period.0.clone()).or_default() += hours;
        }
        if result.get("Estimated").and_then(Value::as_bool) == Some(true) {
            estimated.push(format!("{start} to {end}"));
        }
        let line = |service: String, metrics: &Value| {
            let (amount, currency) = METRICS.iter().find_map(|metric| cost(metrics.get(metric)?))?;
            Some(CostLine {
                service,
                amount,
                currency,
                period: Some(period.clone()),
                monthly: hours.map(|hours| amount * MONTH_HOURS / hours),
                ..CostLine::default()
            })
        };
        let groups = json::list(result, &["Groups"]);
        let mut lines: Vec<CostLine> =
            groups.iter().filter_map(|group| line(keys(group), group.get("Metrics")?)).collect();
        if groups.is_empty() {
            lines.extend(result.get("Total").and_then(|total| line("all services".to_owned(), total)));
        }
        match within {
            Some(_) => lines.into_iter().for_each(|line| by_hour.join(line, &mut found.costs)),
            None => found.costs.extend(lines),
        }
    }
    by_hour.finish(&mut found.costs);
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

/// Lines of hours, joined to one a day for each key and currency.
#[derive(Default)]
struct Hours {
    /// Hours of each day that the answer covers: a key that is in one of them only cost nothing in the others.
    covered: HashMap<String, f64>,
    /// Where the line of a day, key and currency stands.
    places: HashMap<(String, String, Option<String>), usize>,
}

impl Hours {
    fn join(&mut self, line: CostLine, lines: &mut Vec<CostLine>) {
        let day = line.period.as_ref().map_or(String::new(), |(day, _)| day.clone());
        let key = (day, line.service.clone(), line.currency.clone());
        match self.places.get(&key).and_then(|place| lines.get_mut(*place)) {
            Some(first) => first.amount += line.amount,
            None => {
                self.places.insert(key, lines.len());
                lines.push(line);
            }
        }
    }

    fn finish(&self, lines: &mut [CostLine]) {
        for ((day, ..), place) in &self.places {
            if let (Some(line), Some(hours)) = (lines.get_mut(*place), self.covered.get(day)) {
                line.monthly = Some(line.amount * MONTH_HOURS / hours);
            }
        }
    }
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
