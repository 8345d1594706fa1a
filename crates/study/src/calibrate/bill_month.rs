//! What a bill comes to in a mean month, and in each of its own.

use super::report::{BillRow, FitReport, Note};
use crate::headline::exact;
use ingest::Measurements;
use ingest::measurements::CostLine;
use std::collections::BTreeMap;

/// Money a month below which a charge is not one: half of the smallest coin.
const LEAST: f64 = 0.005;
/// Charges that no component's price explains, by what files call them, and their name here. Discounts on use stay with the use.
const BESIDE: [(&str, &str); 7] = [
    ("Tax", "tax"),
    ("Refund", "refund"),
    ("Credit", "credit"),
    ("Adjustment", "adjustment"),
    ("Rounding", "adjustment"),
    ("RoundingAdjustment", "adjustment"),
    ("rounding_error", "adjustment"),
];
/// Google Cloud's credits that are prices rather than presents.
const DISCOUNTS: [&str; 6] = [
    "SUSTAINED_USAGE_DISCOUNT",
    "COMMITTED_USAGE_DISCOUNT",
    "COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE",
    "DISCOUNT",
    "FREE_TIER",
    "RESELLER_MARGIN",
];

/// What a file bills in a mean month.
pub(super) struct Month {
    /// Use and commitments by service.
    pub services: BTreeMap<String, f64>,
    /// Taxes, refunds, credits and corrections, together.
    beside: BTreeMap<&'static str, f64>,
}

impl Month {
    /// Run rates weighted by how much of the file's time they hold: a service that is in one day of thirty counts for one, what is
    /// paid for a year for all of it.
    pub fn of(measurements: &Measurements, currency: Option<&str>) -> Self {
        let own =
            |line: &&CostLine| line.currency.is_none() || currency.is_none() || line.currency.as_deref() == currency;
        let lines: Vec<&CostLine> = measurements.costs.iter().filter(own).collect();
        let whole = covered(&lines);
        let mut found = Self { services: BTreeMap::new(), beside: BTreeMap::new() };
        for line in lines {
            let days = line.period.as_ref().and_then(|(start, end)| Some(day(end)? - day(start)?));
            let days = line.term_days.map(|term| term.min(whole)).or(days);
            let share = days.filter(|_| whole > 0.0).map_or(1.0, |days| days / whole);
            let monthly = line.monthly.unwrap_or(line.amount) * share;
            let kind = line.category.as_deref().and_then(|category| beside(category, line));
            match kind {
                Some(kind) => *found.beside.entry(kind).or_default() += monthly,
                None => *found.services.entry(line.service.clone()).or_default() += monthly,
            }
        }
        found
    }

    /// What is on the bill beside use, as far as it is money at all.
    pub fn unexplained_beside(&self) -> BTreeMap<String, f64> {
        let charges = self.beside.iter().filter(|(_, sum)| sum.abs() >= LEAST);
        charges.map(|(kind, sum)| ((*kind).to_owned(), *sum)).collect()
    }

    /// Says what is on the bill but not in the model.
    pub fn note_beside(&self, measurements: &Measurements, report: &mut FitReport) {
        for (kind, sum) in self.beside.iter().filter(|(_, sum)| sum.abs() >= LEAST) {
            let amount = exact(*sum, report.currency.as_deref());
            let text = format!("{amount} a month on the bill: shown, not modelled");
            report.notes.push(Note::new(kind, &measurements.file, text));
            report.bill.push(BillRow {
                service: (*kind).to_owned(),
                components: Vec::new(),
                billed_monthly: *sum,
                ..BillRow::default()
            });
        }
    }
}

/// The kind of a charge that no component's price explains.
fn beside(category: &str, line: &CostLine) -> Option<&'static str> {
    let discount = line.tags.get("credit").is_some_and(|credit| DISCOUNTS.contains(&credit.as_str()));
    let known = BESIDE.iter().find(|(name, _)| name.eq_ignore_ascii_case(category));
    known.filter(|_| !discount).map(|(_, kind)| *kind)
}

/// Days that the periods of the lines cover together.
fn covered(lines: &[&CostLine]) -> f64 {
    let mut spans: Vec<(f64, f64)> = lines
        .iter()
        .filter_map(|line| line.period.as_ref())
        .filter_map(|(start, end)| Some((day(start)?, day(end)?)))
        .collect();
    spans.sort_by(|one, two| one.0.total_cmp(&two.0));
    let (mut days, mut until) = (0.0, f64::NEG_INFINITY);
    for (start, end) in spans {
        days += (end - start.max(until)).max(0.0);
        until = until.max(end);
    }
    days
}

/// Number of a date's day.
fn day(date: &str) -> Option<f64> {
    ingest::read::time::parse(date).map(|(seconds, _)| seconds / 86_400.0)
}

/// Run rates per service by the first day of their month, for lines that have a period: days weigh by their length, and what is paid
/// for a term is in all of its months.
pub(super) fn by_month(measurements: &Measurements, code: Option<&str>) -> BTreeMap<String, BTreeMap<String, f64>> {
    let same = |line: &&CostLine| line.currency.is_none() || line.currency.as_deref() == code;
    let mut sums: BTreeMap<(String, String), (f64, BTreeMap<String, f64>)> = BTreeMap::new();
    for line in measurements.costs.iter().filter(same).filter(|line| line.term_days.is_none()) {
        let Some((start, end)) = &line.period else { continue };
        let (Some(days), Some(month)) = (day(end).zip(day(start)).map(|(end, start)| end - start), start.get(..7))
        else {
            continue;
        };
        let sum = sums.entry((line.service.clone(), format!("{month}-01"))).or_default();
        sum.0 += line.monthly.unwrap_or(line.amount) * days;
        sum.1.insert(start.clone(), days);
    }
    let mut months: BTreeMap<String, BTreeMap<String, f64>> = BTreeMap::new();
    for ((service, month), (sum, periods)) in sums {
        let days: f64 = periods.values().sum();
        if days > 0.0 {
            months.entry(service).or_default().insert(month, sum / days);
        }
    }
    for line in measurements.costs.iter().filter(same) {
        let (Some(term), Some((start, _)), Some(of_service)) =
            (line.term_days, &line.period, months.get_mut(&line.service))
        else {
            continue;
        };
        let until = day(start).map_or(f64::NEG_INFINITY, |start| start + term);
        let within = |month: &str| month.get(..7) >= start.get(..7) && day(month).is_some_and(|day| day < until);
        let paid = of_service.iter_mut().filter(|(month, _)| within(month));
        paid.for_each(|(_, sum)| *sum += line.monthly.unwrap_or(line.amount));
    }
    months
}
