//! OpenCost and Kubecost: the answers of the allocation and asset APIs.

use super::{MONTH_HOURS, dates};
use crate::measurements::{CostLine, Measurements, Resource, Warning};
use crate::read::{json, time};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Shape};
use serde_json::Value;
use std::collections::BTreeMap;

/// The format.
pub const FORMAT: Format = Format {
    kind: "opencost",
    title: "OpenCost and Kubecost: allocation or assets (JSON)",
    shape: Shape::Json { fits, read },
    docs: Docs {
        versions: "OpenCost 1.x by its source",
        used: "total cost per allocation over all steps, scaled to a month by the window; cores and memory used and requested",
        traps: "one map a step, which may be null; `totalCost` holds the adjustments already; `__idle__` is capacity nobody asked \
                for; no currency in the file",
        evidence: "documented shape",
    },
};

/// Gibibyte in bytes.
const GIB: f64 = 1_073_741_824.0;

fn fits(document: &Value) -> Fit {
    Fit::from(steps(document).next().is_some())
}

/// Maps of allocations, one a step. `data` is a list of maps, one map, or absent where the answer was unwrapped.
fn steps(document: &Value) -> impl Iterator<Item = &serde_json::Map<String, Value>> {
    let data = document.get("data").or_else(|| document.get("sets")).unwrap_or(document);
    let data = data.get("sets").unwrap_or(data);
    let (list, one) = match data {
        Value::Array(steps) => (steps.as_slice(), None),
        one => (&[][..], Some(one)),
    };
    list.iter().chain(one).filter_map(|step| step.get("allocations").unwrap_or(step).as_object()).filter(|step| {
        let priced = |item: &Value| {
            item.get("totalCost").is_some() && (item.get("start").is_some() || item.get("window").is_some())
        };
        step.values().next().is_some_and(priced)
    })
}

#[derive(Default)]
struct Item {
    amount: f64,
    hours: f64,
    figures: BTreeMap<&'static str, f64>,
    tags: BTreeMap<String, String>,
}

fn read(document: &Value, _context: &Context) -> Result<Measurements, Refusal> {
    let mut items: BTreeMap<&str, Item> = BTreeMap::new();
    let mut windows: Vec<(f64, f64)> = Vec::new();
    let mut unpriced = 0_u64;
    for (name, value) in steps(document).flatten() {
        let (Some(cost), Some(window)) = (json::number(value, &["totalCost"]), window(value)) else {
            unpriced += 1;
            continue;
        };
        if !windows.contains(&window) && windows.len() < 10_000 {
            windows.push(window);
        }
        items.entry(name).or_default().add(value, cost);
    }
    // Windows of steps follow each other; those of one step are equal.
    let hours: f64 = windows.iter().map(|(from, to)| (to - from) / 3600.0).sum();
    let from = windows.iter().map(|window| window.0).reduce(f64::min);
    let to = windows.iter().map(|window| window.1).reduce(f64::max);
    let (Some(from), Some(to)) = (from, to) else {
        return Err(Refusal::new("allocations with a total cost and a window", "none")
            .remedy("curl 'http://opencost:9003/allocation/compute?window=30d&aggregate=controller'"));
    };
    let mut found = Measurements {
        started: time::rfc3339(from),
        resources: items.iter().filter_map(|(name, item)| item.resource(name)).collect(),
        ..Measurements::default()
    };
    let period = (dates::written(from), dates::written(to + dates::DAY_S - 1.0));
    found.costs = items
        .iter()
        .map(|(name, item)| CostLine {
            service: (*name).to_owned(),
            amount: item.amount,
            period: Some(period.clone()),
            monthly: Some(item.amount * MONTH_HOURS / hours),
            category: Some(if *name == "__idle__" { "Idle" } else { "Usage" }.to_owned()),
            tags: item.tags.clone(),
            ..CostLine::default()
        })
        .collect();
    if unpriced > 0 {
        let text = "These allocations have no cost or no window and are left out.";
        found.warnings.push(Warning::new("rows-skipped", text).with("rows", unpriced));
    }
    if hours < 24.0 * 7.0 {
        let text = "The window is shorter than a week: the monthly figures are scaled up from it and miss the rhythm of the week.";
        found.warnings.push(Warning::new("partial-month", text).with("hours", hours));
    }
    Ok(found)
}

/// Start and end of the window an item was priced over.
fn window(item: &Value) -> Option<(f64, f64)> {
    let date = |path: &[&str]| time::parse(json::text(item, path)?).map(|(at, _)| at);
    let whole = date(&["window", "start"]).zip(date(&["window", "end"]));
    whole.or_else(|| date(&["start"]).zip(date(&["end"]))).filter(|(from, to)| to > from)
}

impl Item {
    fn add(&mut self, value: &Value, cost: f64) {
        self.amount += cost;
        let hours = json::number(value, &["minutes"]).unwrap_or(0.0) / 60.0;
        self.hours += hours;
        for (key, name, factor) in [
            ("cpuCoreUsageAverage", "cpu_cores", hours),
            ("cpuCoreRequestAverage", "cpu_cores_requested", hours),
            ("ramByteUsageAverage", "memory_gib", hours / GIB),
            ("ramByteRequestAverage", "memory_gib_requested", hours / GIB),
        ] {
            if let Some(figure) = json::number(value, &[key]) {
                *self.figures.entry(name).or_default() += figure * factor;
            }
        }
        for key in ["cluster", "namespace", "controller", "controllerKind", "node"] {
            if let Some(text) = json::text(value, &["properties", key]).filter(|text| !text.is_empty()) {
                self.tags.insert(key.to_owned(), text.to_owned());
            }
        }
    }

    /// Mean cores and memory over the time the item ran.
    fn resource(&self, name: &str) -> Option<Resource> {
        let mean = |(key, sum): (&&str, &f64)| ((*key).to_owned(), sum / self.hours);
        (self.hours > 0.0 && !self.figures.is_empty()).then(|| Resource {
            name: name.to_owned(),
            figures: self.figures.iter().map(mean).collect(),
            ..Resource::default()
        })
    }
}
