//! The bill: lines to components, against the model's price; prices read off it where the scenario has none.

use super::mapping::Mapping;
use super::report::{BillRow, FitReport, FittedRow, Note};
use engine::cost::{HOURS_PER_MONTH, month};
use engine::solve::{Options, Solver};
use ingest::Measurements;
use scenario::Scenario;
use scenario::v1::{ComponentKind, Price, Quantity, Source};
use std::collections::BTreeMap;

/// Bill and model may differ by this share before it is called a contradiction: hours of a month, taxes, rounding.
const AGREE: f64 = 0.15;

/// Prices what has no price from the bill, records the monthly bill per component, and names what does not add up.
pub fn compare(
    scenario: &mut Scenario,
    data: &[Measurements],
    ids: &[String],
    mapping: &Mapping,
    report: &mut FitReport,
) {
    for (measurements, id) in data.iter().zip(ids) {
        let lines = monthly(measurements);
        if lines.is_empty() {
            continue;
        }
        currency(scenario, measurements, report);
        for (service, billed) in &lines {
            price_from(scenario, service, *billed, mapping, id, report);
        }
        let modelled = modelled(scenario);
        let mut monthly_costs: BTreeMap<String, f64> = BTreeMap::new();
        for (service, billed) in lines {
            let components = mapping.components_of(&service);
            let parts: Vec<f64> = components.iter().map(|c| modelled.get(c).copied().unwrap_or(0.0)).collect();
            let sum: f64 = parts.iter().sum();
            for (component, part) in components.iter().zip(&parts) {
                let share = if sum > 0.0 { part / sum } else { 1.0 / components.len() as f64 };
                *monthly_costs.entry(component.clone()).or_insert(0.0) += billed * share;
            }
            if components.is_empty() {
                let text = format!(
                    "{billed:.2} a month that no component explains; map the line in map.costs, or add it to costs"
                );
                report.notes.push(Note::new("unexplained-cost", &service, text));
            } else if sum > 0.0 && billed > 0.0 && (billed / sum - 1.0).abs() > AGREE {
                let text = format!(
                    "billed {billed:.2} a month, but {} at their replicas and prices come to {sum:.2}; correct replicas or prices",
                    components.join(" and ")
                );
                report.contradictions.push(Note::new("bill", &service, text));
            } else if billed < 0.0 {
                let text = format!("a credit of {:.2} a month: shown, not modelled", -billed);
                report.notes.push(Note::new("credit", &service, text));
            }
            report.bill.push(BillRow {
                modelled_monthly: (!components.is_empty()).then_some(sum),
                service,
                components,
                billed_monthly: billed,
            });
        }
        if let Some(record) = scenario.imports.iter_mut().find(|i| i.id == *id) {
            record.monthly_costs = monthly_costs;
        }
    }
}

/// Mean month per service over the periods of the file.
fn monthly(measurements: &Measurements) -> BTreeMap<String, f64> {
    let mut sums: BTreeMap<String, (f64, Vec<&str>)> = BTreeMap::new();
    for line in &measurements.costs {
        let sum = sums.entry(line.service.clone()).or_default();
        sum.0 += line.monthly.unwrap_or(line.amount);
        if let Some((start, _)) = &line.period
            && !sum.1.contains(&start.as_str())
        {
            sum.1.push(start);
        }
    }
    sums.into_iter().map(|(service, (sum, periods))| (service, sum / periods.len().max(1) as f64)).collect()
}

/// The bill's currency becomes the scenario's where it has none; another one is a contradiction.
fn currency(scenario: &mut Scenario, measurements: &Measurements, report: &mut FitReport) {
    let mut seen: Vec<&String> = measurements.costs.iter().filter_map(|c| c.currency.as_ref()).collect();
    seen.sort();
    seen.dedup();
    match (seen.as_slice(), &scenario.currency) {
        ([], _) => {}
        ([one], None) => scenario.currency = Some((*one).clone()),
        ([one], Some(own)) if *one == own => {}
        _ => {
            let codes: Vec<&str> = seen.iter().map(|s| s.as_str()).collect();
            let text = format!(
                "the bill is in {}, the scenario in {}; nothing is converted: convert it first",
                codes.join(" and "),
                scenario.currency.as_deref().unwrap_or("no currency")
            );
            report.contradictions.push(Note::new("currency", &measurements.file, text));
        }
    }
}

/// A line on components of which none has a price sets it: by replica and hour for what runs on machines, else fixed.
fn price_from(
    scenario: &mut Scenario,
    service: &str,
    billed: f64,
    mapping: &Mapping,
    import: &str,
    report: &mut FitReport,
) {
    let ids = mapping.components_of(service);
    let unpriced = scenario.components.iter().filter(|c| ids.contains(&c.id) && c.price.is_none()).count();
    if ids.is_empty() || unpriced < ids.len() || billed <= 0.0 {
        return;
    }
    let each = billed / ids.len() as f64;
    for component in scenario.components.iter_mut().filter(|c| ids.contains(&c.id)) {
        let by_replica =
            matches!(component.kind, ComponentKind::Service | ComponentKind::Cache | ComponentKind::Database);
        let count = |q: &Option<Quantity>| q.as_ref().map_or(1.0, |q| q.value);
        let nodes = match component.kind {
            ComponentKind::Cache => count(&component.nodes),
            ComponentKind::Database => {
                count(&component.shards) * (1.0 + component.read_replicas.as_ref().map_or(0.0, |q| q.value))
            }
            _ => count(&component.replicas),
        };
        let value = if by_replica { each / (HOURS_PER_MONTH * nodes.max(1.0)) } else { each };
        let quantity =
            Quantity { source: Some(Source::Measured), from: Some(import.to_owned()), ..Quantity::bare(value) };
        let (key, price) = if by_replica {
            ("per_replica_hour", Price { per_replica_hour: Some(quantity), ..Price::default() })
        } else {
            ("fixed_monthly", Price { fixed_monthly: Some(quantity), ..Price::default() })
        };
        component.price = Some(price);
        report.fitted.push(FittedRow {
            path: format!("components.{}.price.{key}", component.id),
            before: None,
            value,
            low: value,
            high: value,
            source: "measured".into(),
            from: import.to_owned(),
            how: format!("the bill's line {service:?}"),
        });
    }
}

/// The model's month per component at multiple 1; empty when it cannot be solved.
fn modelled(scenario: &Scenario) -> BTreeMap<String, f64> {
    let Ok(system) = scenario::lower(scenario) else { return BTreeMap::new() };
    let Ok(mut solver) = Solver::new(&system) else { return BTreeMap::new() };
    let answer = solver.solve(&system, 1.0, &Options { percentiles: false, ..Options::default() });
    let bill = month(&system, answer);
    system
        .stations
        .iter()
        .map(|s| s.id.clone())
        .zip(bill.stations.iter().map(engine::cost::StationBill::monthly))
        .collect()
}
