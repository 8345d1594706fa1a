//! OpenCost and Kubecost: the answers of the allocation and asset APIs.

use super::{MONTH_HOURS, dates};
use crate::measurements::{CostLine, Measurements, Resource, Warning};
use crate::read::list::{Gather, Paths};
use crate::read::{json, time};
use crate::refusal::Refusal;
use crate::registry::{Docs, Fit, Format, Shape};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The format.
pub const FORMAT: Format = Format {
    kind: "opencost",
    title: "OpenCost and Kubecost: allocation or assets (JSON)",
    shape: Shape::List { fits, paths: PATHS, gather: |_| Box::<Steps>::default() },
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
/// Most allocations told apart; further ones are one.
const MOST_ITEMS: usize = 20_000;
/// Where the steps stand; a list without keys where the answer was unwrapped.
const PATHS: Paths = &[&["data", "sets"], &["data"], &["sets"], &[]];

fn fits(document: &Value) -> Fit {
    Fit::from(steps(document).next().is_some())
}

/// Maps of allocations, one a step. `data` is a list of maps, one map, or absent where the answer was unwrapped.
fn steps(document: &Value) -> impl Iterator<Item = &serde_json::Map<String, Value>> {
    let data = document.get("data").or_else(|| document.get("sets")).unwrap_or(document);
    let data = data.get("sets").unwrap_or(data);
    data.as_array().map_or(std::slice::from_ref(data), Vec::as_slice).iter().filter_map(step)
}

fn step(step: &Value) -> Option<&serde_json::Map<String, Value>> {
    let priced =
        |item: &Value| item.get("totalCost").is_some() && (item.get("start").is_some() || item.get("window").is_some());
    let map = step.get("allocations").unwrap_or(step).as_object();
    map.filter(|map| map.values().next().is_some_and(priced))
}

#[derive(Default)]
struct Item {
    amount: f64,
    hours: f64,
    figures: BTreeMap<&'static str, f64>,
    tags: BTreeMap<String, String>,
}

/// Allocations of all steps.
#[derive(Default)]
struct Steps {
    items: BTreeMap<String, Item>,
    /// Starts and ends of the windows, as their bits, which for times after 1970 are in order.
    windows: BTreeSet<(u64, u64)>,
    unpriced: u64,
}

impl Gather for Steps {
    fn item(&mut self, item: &Value) {
        for (name, value) in step(item).into_iter().flatten() {
            let (Some(cost), Some((from, to))) = (json::number(value, &["totalCost"]), window(value)) else {
                self.unpriced += 1;
                continue;
            };
            if self.windows.len() < 10_000 {
                self.windows.insert((from.to_bits(), to.to_bits()));
            }
            let known = self.items.contains_key(name) || self.items.len() < MOST_ITEMS;
            let name = if known { name.as_str() } else { "(other)" };
            if let Some(item) = self.items.get_mut(name) {
                item.add(value, cost);
            } else {
                self.items.entry(name.to_owned()).or_default().add(value, cost);
            }
        }
    }

    fn finish(self: Box<Self>, _beside: &Value) -> Result<Measurements, Refusal> {
        self.measurements()
    }
}

impl Steps {
    fn measurements(&self) -> Result<Measurements, Refusal> {
        let Self { items, unpriced, .. } = self;
        let windows = self.windows.iter().map(|(from, to)| (f64::from_bits(*from), f64::from_bits(*to)));
        // Windows of steps follow each other; those of one step are equal.
        let hours: f64 = windows.clone().map(|(from, to)| (to - from) / 3600.0).sum();
        let from = windows.clone().map(|window| window.0).reduce(f64::min);
        let to = windows.map(|window| window.1).reduce(f64::max);
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
                service: name.clone(),
                amount: item.amount,
                period: Some(period.clone()),
                monthly: Some(item.amount * MONTH_HOURS / hours),
                category: Some(if name == "__idle__" { "Idle" } else { "Usage" }.to_owned()),
                tags: item.tags.clone(),
                ..CostLine::default()
            })
            .collect();
        if *unpriced > 0 {
            let text = "These allocations have no cost or no window and are left out.";
            found.warnings.push(Warning::new("rows-skipped", text).with("rows", *unpriced));
        }
        if hours < 24.0 * 7.0 {
            let text = "The window is shorter than a week: the monthly figures are scaled up from it and miss the rhythm of the week.";
            found.warnings.push(Warning::new("partial-month", text).with("hours", hours));
        }
        Ok(found)
    }
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
