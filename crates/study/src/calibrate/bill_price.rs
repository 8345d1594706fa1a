//! Prices read off the bill, for components that have none.
//!
//! What runs on machines is priced by replica and hour, with the hours that replicas run at multiple 1 in a month that follows the
//! profile. Anything else is priced by what
//! several months tell: a fixed part, and a part by request for what moved with the traffic. One month does not tell it; the line is
//! then taken as fixed, and the rest is asked for.

use super::bill_split::BillSplit;
use super::mapping::Mapping;
use super::report::{FitReport, FittedRow, Note};
use engine::cost::{HOURS_PER_MONTH, Used, use_over_time};
use engine::solve::{Options, Solver};
use scenario::Scenario;
use scenario::v1::{Component, ComponentKind, Quantity, Source};
use std::collections::{BTreeMap, BTreeSet};

/// What each component uses in a month at multiple 1; empty when it cannot be solved.
pub struct Running(BTreeMap<String, Used>);

/// A bill line in its mean month.
pub struct Line<'a> {
    pub service: &'a str,
    pub billed: f64,
    pub split: Option<&'a BillSplit>,
    /// The import it came from.
    pub import: &'a str,
}

impl Running {
    pub fn of(scenario: &Scenario) -> Self {
        let Ok(system) = scenario::lower(scenario) else { return Self(BTreeMap::new()) };
        let Ok(mut solver) = Solver::new(&system) else { return Self(BTreeMap::new()) };
        let options = Options { percentiles: false, ..Options::default() };
        let answer = solver.solve(&system, 1.0, &options).clone();
        let used = use_over_time(&mut solver, &system, &answer).stations;
        Self(system.stations.iter().map(|s| s.id.clone()).zip(used).collect())
    }

    /// Machines that are billed by the hour.
    fn machines(&self, component: &Component) -> f64 {
        let count = |q: &Option<Quantity>| q.as_ref().map_or(1.0, |q| q.value);
        let machines = match component.kind {
            ComponentKind::Cache => count(&component.nodes),
            ComponentKind::Database => {
                count(&component.shards) * (1.0 + component.read_replicas.as_ref().map_or(0.0, |q| q.value))
            }
            _ => {
                let hours = self.0.get(&component.id).map(|used| used.replica_hours);
                hours.map_or_else(|| count(&component.replicas), |hours| hours / HOURS_PER_MONTH)
            }
        };
        machines.max(1.0)
    }
}

/// A line on components of which none has a price sets it; a further line of the same bill, which has `priced` them, adds to it.
pub fn price_from(
    scenario: &mut Scenario,
    line: &Line<'_>,
    mapping: &Mapping,
    (running, priced): (&Running, &mut BTreeSet<String>),
    report: &mut FitReport,
) {
    let ids = mapping.components_of(line.service);
    let open = |c: &&Component| ids.contains(&c.id) && (c.price.is_none() || priced.contains(&c.id));
    let unpriced = scenario.components.iter().filter(open).count();
    if ids.is_empty() || unpriced < ids.len() || line.billed <= 0.0 {
        return;
    }
    let many = ids.len() as f64;
    let by_replica =
        |c: &Component| matches!(c.kind, ComponentKind::Service | ComponentKind::Cache | ComponentKind::Database);
    // Which part of a line that machines share with others moves with whom, its months do not tell.
    let machines = scenario.components.iter().any(|c| ids.contains(&c.id) && by_replica(c));
    let visits: f64 = ids.iter().filter_map(|id| running.0.get(id)).map(|used| used.visits).sum();
    let today = line.split.map_or(line.billed, BillSplit::today);
    for component in scenario.components.iter_mut().filter(|c| ids.contains(&c.id)) {
        let mut price = component.price.take().unwrap_or_default();
        if by_replica(component) {
            let hour = today / many / (HOURS_PER_MONTH * running.machines(component));
            add(component, ("per_replica_hour", hour), line, &mut price.per_replica_hour, report);
        } else if let Some(split) = line.split.filter(|split| split.usage_today > 0.0 && visits > 0.0 && !machines) {
            let (fixed, million) = ((split.fixed + split.stepped) / many, split.usage_today / visits * 1.0e6);
            add(component, ("per_million_requests", million), line, &mut price.per_million_requests, report);
            if fixed > 0.0 {
                add(component, ("fixed_monthly", fixed), line, &mut price.fixed_monthly, report);
            }
        } else {
            add(component, ("fixed_monthly", today / many), line, &mut price.fixed_monthly, report);
        }
        component.price = Some(price);
        priced.insert(component.id.clone());
    }
    let fixed = scenario.components.iter().filter(|c| ids.contains(&c.id));
    let fixed = fixed.filter(|c| c.price.as_ref().is_some_and(|price| price.fixed_monthly.is_some()));
    let moves = line.split.is_some_and(|split| split.usage_today > 0.0) && (machines || visits <= 0.0);
    if fixed.count() > 0 && (line.split.is_none() || moves) {
        let text = if moves {
            "taken as fixed although its months say that it moves with traffic: no request that reaches its components alone can carry the price; map it to one that is called, or give a price per million requests"
        } else {
            "taken as fixed: it cannot be told how it moves with traffic; give three months or more of the bill over which traffic grew (growth.per_month and as_of say by how much), or a price per million requests"
        };
        report.notes.push(Note::new("how-it-moves", line.service, text));
    }
}

/// Adds a line's amount to a price, and tells where it is from.
fn add(
    component: &Component,
    (key, amount): (&str, f64),
    line: &Line<'_>,
    price: &mut Option<Quantity>,
    report: &mut FitReport,
) {
    let path = format!("components.{}.price.{key}", component.id);
    let value = price.as_ref().map_or(0.0, |before| before.value) + amount;
    *price =
        Some(Quantity { source: Some(Source::Measured), from: Some(line.import.to_owned()), ..Quantity::bare(value) });
    if let Some(row) = report.fitted.iter_mut().find(|row| row.path == path) {
        (row.value, row.low, row.high) = (value, value, value);
        row.how = format!("{} and {:?}", row.how, line.service);
        return;
    }
    report.fitted.push(FittedRow {
        path,
        before: None,
        value,
        low: value,
        high: value,
        source: "measured".into(),
        from: line.import.to_owned(),
        how: format!("the bill's line {:?}", line.service),
    });
}
