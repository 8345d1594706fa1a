//! The bill: lines to components, and against the model's price.

use super::mapping::Mapping;
use super::report::{BillRow, FitReport, Note};
use ingest::Measurements;
use scenario::Scenario;
use std::collections::BTreeMap;

/// Records the monthly bill per component and names what no component explains. A line on several components is split evenly
/// until the projection knows their modelled cost.
pub fn compare(
    scenario: &mut Scenario,
    data: &[Measurements],
    ids: &[String],
    mapping: &Mapping,
    report: &mut FitReport,
) {
    for (measurements, id) in data.iter().zip(ids) {
        let mut monthly_costs: BTreeMap<String, f64> = BTreeMap::new();
        for (service, monthly) in monthly(measurements) {
            let components = mapping.components_of(&service);
            if components.is_empty() {
                let text = format!(
                    "{monthly:.2} a month that no component explains; map the line in map.costs, or add it to costs"
                );
                report.notes.push(Note::new("unexplained-cost", &service, text));
            }
            for component in &components {
                *monthly_costs.entry(component.clone()).or_insert(0.0) += monthly / components.len() as f64;
            }
            report.bill.push(BillRow { service, components, billed_monthly: monthly, modelled_monthly: None });
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
