//! Lowering: from the scenario, in milliseconds and names, to the engine's [`System`], in seconds and positions.
//!
//! Every default of the format is applied here and nowhere else. What cannot be translated (an unknown name, a number that
//! is no count) is a [`Problem`] with its path, so that a scenario built by a program is as safe as one that was read.

mod call;
mod component;
mod event;
mod kind;
mod objective;
mod price;
mod service;
mod traffic;

use crate::Problem;
use crate::path::Path;
use crate::v1::{PerClass, Quantity, Scenario};
use engine::model::{FixedCost, System};
use engine::order;
use std::collections::BTreeMap;

/// Multiples that are reported when a scenario states none.
pub const DEFAULT_MULTIPLES: [f64; 6] = [1.0, 2.0, 3.0, 5.0, 8.0, 10.0];

/// Checks a scenario and translates it into what the engine solves.
///
/// # Errors
/// All problems of the scenario, each with its path.
pub fn lower(scenario: &Scenario) -> Result<System, Vec<Problem>> {
    let problems = crate::check(scenario);
    if problems.is_empty() { lower_checked(scenario) } else { Err(problems) }
}

/// Translates a scenario that passed [`crate::check()`] (or was parsed), a hundred times faster than [`lower`]: for a scenario
/// of which only numbers changed, within their ranges, as a Monte Carlo run does.
///
/// # Errors
/// Names that do not exist and numbers that are not finite or no counts; nothing else is checked.
pub fn lower_checked(scenario: &Scenario) -> Result<System, Vec<Problem>> {
    let mut lowering = Lowering::new(scenario);
    let system = lowering.system();
    if lowering.problems.is_empty() { Ok(system) } else { Err(lowering.problems) }
}

/// The names of a scenario and the problems found so far.
struct Lowering<'s> {
    scenario: &'s Scenario,
    stations: BTreeMap<&'s str, usize>,
    classes: BTreeMap<&'s str, usize>,
    zones: BTreeMap<&'s str, usize>,
    problems: Vec<Problem>,
}

impl<'s> Lowering<'s> {
    fn new(scenario: &'s Scenario) -> Self {
        let positions = |ids: Vec<&'s str>| order::map(ids.into_iter().enumerate().map(|(i, id)| (id, i)));
        Self {
            scenario,
            stations: positions(scenario.components.iter().map(|c| c.id.as_str()).collect()),
            classes: positions(scenario.traffic.iter().map(|t| t.id.as_str()).collect()),
            zones: positions(scenario.zones.iter().map(String::as_str).collect()),
            problems: Vec::new(),
        }
    }

    fn system(&mut self) -> System {
        let s = self.scenario;
        let root = Path::ROOT;
        let (traffic, components, events) = (root.key("traffic"), root.key("components"), root.key("events"));
        let (slos, costs) = (root.key("slos"), root.key("costs"));
        System {
            classes: s.traffic.iter().enumerate().map(|(i, t)| self.class(t, &traffic.index(i))).collect(),
            stations: s.components.iter().enumerate().map(|(i, c)| self.station(c, &components.index(i))).collect(),
            objectives: s
                .slos
                .iter()
                .enumerate()
                .filter_map(|(i, slo)| self.objective(i, slo, &slos.index(i)))
                .collect(),
            multiples: self.multiples(),
            growth_per_month: self.growth_per_month(),
            fixed_costs: s
                .costs
                .iter()
                .enumerate()
                .map(|(i, c)| FixedCost {
                    id: c.id.clone(),
                    monthly: self.number(&c.monthly, &costs.index(i).key("monthly")),
                    follows_traffic: c.drive.as_deref() == Some("traffic"),
                })
                .collect(),
            zones: s.zones.clone(),
            events: s.events.iter().enumerate().map(|(i, e)| self.event(e, &events.index(i))).collect(),
        }
    }

    fn multiples(&self) -> Vec<f64> {
        let stated = self.scenario.growth.as_ref().map_or(&[][..], |g| &g.multiples);
        let mut multiples = if stated.is_empty() { DEFAULT_MULTIPLES.to_vec() } else { stated.to_vec() };
        multiples.retain(|m| m.is_finite() && *m > 0.0);
        order::numbers(&mut multiples);
        multiples.dedup();
        multiples
    }

    fn growth_per_month(&mut self) -> Option<f64> {
        let per_month = self.scenario.growth.as_ref()?.per_month.as_ref()?;
        Some(self.number(per_month, &Path::ROOT.key("growth").key("per_month")))
    }

    /// The value of a quantity; a problem when it is not finite.
    fn number(&mut self, quantity: &Quantity, path: &Path) -> f64 {
        self.finite(quantity.value, path)
    }

    fn finite(&mut self, value: f64, path: &Path) -> f64 {
        if value.is_finite() {
            return value;
        }
        self.problem(path, format!("{value} is not a number that can be used"), "give a finite number");
        0.0
    }

    fn number_or(&mut self, quantity: Option<&Quantity>, default: f64, path: &Path) -> f64 {
        quantity.map_or(default, |q| self.number(q, path))
    }

    fn optional(&mut self, quantity: Option<&Quantity>, path: &Path) -> Option<f64> {
        quantity.map(|q| self.number(q, path))
    }

    /// Milliseconds to seconds, with a default in milliseconds.
    fn seconds_of_ms(&mut self, quantity: Option<&Quantity>, default_ms: f64, path: &Path) -> f64 {
        self.number_or(quantity, default_ms, path) / 1000.0
    }

    /// A whole number; a problem when it is none or does not fit.
    fn whole(&mut self, quantity: &Quantity, path: &Path) -> u64 {
        /// The largest count whose every neighbour is still a whole double.
        const LARGEST: f64 = 9_007_199_254_740_992.0;
        let value = quantity.value;
        if (0.0..=LARGEST).contains(&value) && value.fract() == 0.0 {
            return value as u64;
        }
        self.problem(path, format!("{value} is not a count"), "give a whole number, 0 or more");
        0
    }

    fn count(&mut self, quantity: &Quantity, path: &Path) -> u32 {
        let whole = self.whole(quantity, path);
        u32::try_from(whole).unwrap_or_else(|_| {
            self.problem(path, format!("{whole} is more than can be counted here"), "give at most 4294967295");
            0
        })
    }

    fn count_or(&mut self, quantity: Option<&Quantity>, default: u32, path: &Path) -> u32 {
        quantity.map_or(default, |q| self.count(q, path))
    }

    fn limit(&mut self, quantity: Option<&Quantity>, path: &Path) -> Option<u32> {
        quantity.map(|q| self.count(q, path))
    }

    /// One number per class of the system; what is not stated is the default.
    fn per_class(&mut self, stated: Option<&PerClass<Quantity>>, default: f64, path: &Path) -> Vec<f64> {
        let classes = self.scenario.traffic.len();
        match stated {
            None => vec![default; classes],
            Some(PerClass::All(q)) => vec![self.number(q, path); classes],
            Some(PerClass::By(map)) => self.by_class(map, default, path),
        }
    }

    fn by_class(&mut self, map: &BTreeMap<String, Quantity>, default: f64, path: &Path) -> Vec<f64> {
        let rest = map.get("*").map_or(default, |q| self.number(q, &path.key("*")));
        let mut values = vec![rest; self.scenario.traffic.len()];
        for (id, quantity) in map.iter().filter(|(id, _)| *id != "*") {
            let value = self.number(quantity, &path.key(id));
            if let Some(class) = self.class_id(id, &path.key(id)) {
                values[class] = value;
            }
        }
        values
    }

    fn station_id(&mut self, id: &str, path: &Path) -> Option<usize> {
        let found = self.stations.get(id).copied();
        if found.is_none() {
            self.problem(path, format!("there is no component {id:?}"), "name a component of this scenario");
        }
        found
    }

    fn class_id(&mut self, id: &str, path: &Path) -> Option<usize> {
        let found = self.classes.get(id).copied();
        if found.is_none() {
            self.problem(path, format!("there is no traffic class {id:?}"), "name a class of this scenario");
        }
        found
    }

    fn zone_id(&mut self, id: &str, path: &Path) -> Option<usize> {
        let found = self.zones.get(id).copied();
        if found.is_none() {
            self.problem(path, format!("there is no zone {id:?}"), "list it in zones, or name one that is");
        }
        found
    }

    fn problem(&mut self, path: &Path, text: String, remedy: &str) {
        self.problems.push(Problem::new(path.to_string(), text, remedy));
    }
}
