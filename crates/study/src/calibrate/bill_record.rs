//! The bill as the scenario keeps it, beside those of earlier calibrations.

use super::report::{FitReport, Note};
use ingest::Measurements;
use scenario::Scenario;
use scenario::v1::ImportRecord;
use std::collections::BTreeMap;

/// Days as dates: the first, and the one after the last.
type Days = (String, String);

/// Keeps a bill of this run's `ids` with the import `id`. Bills of one kind that were calibrated one after the other are months of one
/// bill; what an earlier one says of days that this one bills too would count twice, and goes.
pub(super) fn keep(
    scenario: &mut Scenario,
    (bill, id, ids): (&Measurements, &str, &[String]),
    components: BTreeMap<String, f64>,
    unexplained: BTreeMap<String, f64>,
    report: &mut FitReport,
) {
    let days = days(bill);
    for old in scenario.imports.iter_mut().filter(|old| old.kind == bill.kind && !ids.contains(&old.id)) {
        let of_both = old.monthly_costs.keys().any(|component| components.contains_key(component))
            || old.unexplained_costs.keys().any(|line| unexplained.contains_key(line));
        if of_both && meet(days_of(old).as_ref(), days.as_ref()) {
            let text = format!(
                "{} bills the same for the same days: what was kept of this file's bill is replaced; calibrate with both files at once to add them up",
                bill.file
            );
            report.notes.push(Note::new("bill-replaced", old.file.as_ref().unwrap_or(&old.id), text));
            old.monthly_costs.clear();
            old.unexplained_costs.clear();
            (old.billed_from, old.billed_until) = (None, None);
        }
    }
    if let Some(record) = scenario.imports.iter_mut().find(|record| record.id == id) {
        record.monthly_costs = components;
        record.unexplained_costs = unexplained;
        (record.billed_from, record.billed_until) = days.unzip();
    }
}

/// From the first to the last day of a bill's lines.
fn days(bill: &Measurements) -> Option<Days> {
    let periods = || bill.costs.iter().filter_map(|line| line.period.as_ref());
    let (from, until) = (periods().map(|period| &period.0).min()?, periods().map(|period| &period.1).max()?);
    let date = |text: &String| text.get(..10).filter(|date| scenario::days(date).is_some()).map(str::to_owned);
    date(from).zip(date(until)).filter(|(from, until)| from < until)
}

fn days_of(record: &ImportRecord) -> Option<Days> {
    record.billed_from.clone().zip(record.billed_until.clone())
}

/// Whether two times have a day in common; what has no time may be of any.
fn meet(one: Option<&Days>, other: Option<&Days>) -> bool {
    let (Some((from, until)), Some((start, end))) = (one, other) else { return true };
    // Dates of one notation compare as text.
    from < end && start < until
}
