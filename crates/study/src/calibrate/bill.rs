//! The bill: lines to components, against the model's price; prices read off it where the scenario has none.

use super::bill_price::{Line, Running, price_from};
use super::bill_split;
use super::mapping::Mapping;
use super::report::{BillRow, FitReport, Note};
use engine::cost::month;
use engine::solve::{Options, Solver};
use ingest::Measurements;
use ingest::measurements::CostLine;
use scenario::Scenario;
use scenario::v1::PriceBookRow;
use std::collections::{BTreeMap, BTreeSet};

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
        prices(scenario, measurements, report);
        if measurements.costs.is_empty() {
            continue;
        }
        currency(scenario, measurements, report);
        let code = scenario.currency.clone().or_else(|| largest_currency(measurements));
        let bill = Month::of(measurements, code.as_deref());
        bill.note_beside(measurements, report);
        let months = by_month(measurements, code.as_deref());
        let split = |scenario: &Scenario, service: &str| {
            months.get(service).and_then(|amounts| bill_split::split(scenario, amounts))
        };
        let (running, mut priced) = (Running::of(scenario), BTreeSet::new());
        for (service, billed) in &bill.services {
            let split = split(scenario, service);
            let line = Line { service, billed: *billed, split: split.as_ref(), import: id };
            price_from(scenario, &line, mapping, (&running, &mut priced), report);
        }
        let modelled = modelled(scenario);
        let mut monthly_costs: BTreeMap<String, f64> = BTreeMap::new();
        let mut unexplained_costs = bill.unexplained_beside();
        // The model is of today: several months say what today's bill is. Lines on the same components are one bill for them.
        let today_of = |scenario: &Scenario, service: &str, billed: f64| {
            split(scenario, service).map_or(billed, |split| split.today())
        };
        let mut together: BTreeMap<Vec<String>, (f64, Vec<String>)> = BTreeMap::new();
        for (service, billed) in bill.services.iter().filter(|(_, billed)| **billed > 0.0) {
            let (all, names) = together.entry(mapping.components_of(service)).or_default();
            *all += today_of(scenario, service, *billed);
            names.push(service.clone());
        }
        for (service, billed) in bill.services {
            let components = mapping.components_of(&service);
            let parts: Vec<f64> = components.iter().map(|c| modelled.get(c).copied().unwrap_or(0.0)).collect();
            let sum: f64 = parts.iter().sum();
            let own = today_of(scenario, &service, billed);
            let split = split(scenario, &service);
            let (today, lines) = together.get(&components).cloned().unwrap_or((own, Vec::new()));
            for (component, part) in components.iter().zip(&parts) {
                let share = if sum > 0.0 { part / sum } else { 1.0 / components.len() as f64 };
                *monthly_costs.entry(component.clone()).or_insert(0.0) += billed * share;
            }
            if components.is_empty() {
                *unexplained_costs.entry(named(&service)).or_insert(0.0) += billed;
                let text = format!(
                    "{billed:.2} a month that no component explains; map the line in map.costs, or add it to costs"
                );
                report.notes.push(Note::new("unexplained-cost", &service, text));
            } else if sum > 0.0
                && today > 0.0
                && (today / sum - 1.0).abs() > AGREE
                && lines.first().is_none_or(|first| *first == service)
            {
                let text = format!(
                    "billed {today:.2} a month, but {} at their replicas and prices come to {sum:.2}; correct replicas or prices",
                    components.join(" and ")
                );
                report.contradictions.push(Note::new("bill", lines.join(" and "), text));
            } else if billed < 0.0 {
                let text = format!("a credit of {:.2} a month: shown, not modelled", -billed);
                report.notes.push(Note::new("credit", &service, text));
            }
            report.bill.push(BillRow {
                modelled_monthly: (!components.is_empty()).then_some(if own > 0.0 && today > 0.0 {
                    sum * own / today
                } else {
                    sum
                }),
                split,
                service,
                components,
                billed_monthly: billed,
            });
        }
        if let Some(record) = scenario.imports.iter_mut().find(|i| i.id == *id) {
            record.monthly_costs = monthly_costs;
            record.unexplained_costs = unexplained_costs;
        }
    }
}

/// A bill line's name as the scenario may hold it.
fn named(service: &str) -> String {
    if service.is_empty() { "unnamed".to_owned() } else { service.chars().take(LONGEST_NAME).collect() }
}

/// Money a month below which a charge is not one: half of the smallest coin.
const LEAST: f64 = 0.005;
/// Signs of a name in a scenario at most.
const LONGEST_NAME: usize = 1000;

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
struct Month {
    /// Use and commitments by service.
    services: BTreeMap<String, f64>,
    /// Taxes, refunds, credits and corrections, together.
    beside: BTreeMap<&'static str, f64>,
}

impl Month {
    /// Run rates weighted by how much of the file's time they hold: a service that is in one day of thirty counts for one.
    fn of(measurements: &Measurements, currency: Option<&str>) -> Self {
        let own =
            |line: &&CostLine| line.currency.is_none() || currency.is_none() || line.currency.as_deref() == currency;
        let lines: Vec<&CostLine> = measurements.costs.iter().filter(own).collect();
        let whole = covered(&lines);
        let mut found = Self { services: BTreeMap::new(), beside: BTreeMap::new() };
        for line in lines {
            let days = line.period.as_ref().and_then(|(start, end)| Some(day(end)? - day(start)?));
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
    fn unexplained_beside(&self) -> BTreeMap<String, f64> {
        let charges = self.beside.iter().filter(|(_, sum)| sum.abs() >= LEAST);
        charges.map(|(kind, sum)| ((*kind).to_owned(), *sum)).collect()
    }

    /// Says what is on the bill but not in the model.
    fn note_beside(&self, measurements: &Measurements, report: &mut FitReport) {
        for (kind, sum) in self.beside.iter().filter(|(_, sum)| sum.abs() >= LEAST) {
            let text = format!("{sum:.2} a month on the bill: shown, not modelled");
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

/// Prices of machines come into the price book; of two dates the newer one stays.
fn prices(scenario: &mut Scenario, measurements: &Measurements, report: &mut FitReport) {
    let mut incomplete = 0_usize;
    for price in &measurements.prices {
        let (Some(vcpu), Some(mem_gib)) = (price.vcpu, price.mem_gib) else {
            incomplete += 1;
            continue;
        };
        let row = PriceBookRow {
            provider: price.provider.clone(),
            region: price.region.clone(),
            kind: price.machine.clone(),
            vcpu,
            mem_gib,
            usd_per_hour: price.usd_per_hour,
            as_of: price.as_of.clone(),
            source: price.source.clone(),
        };
        let same = |known: &&mut PriceBookRow| {
            (&known.provider, &known.region, &known.kind) == (&row.provider, &row.region, &row.kind)
        };
        match scenario.price_book.iter_mut().find(same) {
            Some(known) if row.as_of >= known.as_of => *known = row,
            Some(_) => {}
            None => scenario.price_book.push(row),
        }
    }
    if incomplete > 0 {
        let text = format!("{incomplete} machine types have no vcpu or mem_gib and are left out of the price book");
        report.notes.push(Note::new("price-book", &measurements.file, text));
    }
}

/// The currency in which most is billed; amounts of others are never added to it.
fn largest_currency(measurements: &Measurements) -> Option<String> {
    let mut sums: BTreeMap<&String, f64> = BTreeMap::new();
    for line in &measurements.costs {
        if let Some(code) = &line.currency {
            *sums.entry(code).or_default() += line.amount.abs();
        }
    }
    sums.into_iter().max_by(|one, two| one.1.total_cmp(&two.1)).map(|(code, _)| code.clone())
}

/// Run rates per service by the first day of their month, for lines that have a period: days weigh by their length.
fn by_month(measurements: &Measurements, code: Option<&str>) -> BTreeMap<String, BTreeMap<String, f64>> {
    let same = |line: &&CostLine| line.currency.is_none() || line.currency.as_deref() == code;
    let mut sums: BTreeMap<(String, String), (f64, BTreeMap<String, f64>)> = BTreeMap::new();
    for line in measurements.costs.iter().filter(same) {
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
    months
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
