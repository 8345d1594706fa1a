//! The bill: lines to components, against the model's price; prices read off it where the scenario has none.

use super::bill_groups::{Billed, Group, groups};
use super::bill_month::{Month, by_month};
use super::bill_pool::{Pool, pools};
use super::bill_price::{Line, Running, price_from};
use super::bill_record;
use super::bill_split::{self, BillSplit};
use super::mapping::Mapping;
use super::report::{BillRow, FitReport, Note};
use crate::headline::{CURRENCY, exact};
use crate::spend::is_priced;
use engine::cost;
use engine::solve::{Options, Solver};
use ingest::Measurements;
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
    for measurements in data {
        prices(scenario, measurements, report);
    }
    // Before the first bill prices anything: prices that were read off it are in its currency.
    let stated = states_amounts(scenario);
    for Pool { bill: measurements, id } in &pools(data, ids, report) {
        currency(scenario, measurements, stated, report);
        // What one file is in the others are too: amounts of several currencies are never added up.
        let code = scenario.currency.clone().or_else(|| stated.then(|| CURRENCY.to_owned()));
        let code = code.or_else(|| report.currency.clone());
        let code = code.or_else(|| largest_currency(measurements));
        report.currency.clone_from(&code);
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
        let lines: Vec<Billed> = bill
            .services
            .iter()
            .map(|(service, billed)| {
                let split = split(scenario, service);
                // The model is of today: several months say what today's bill is.
                let today = split.as_ref().map_or(*billed, BillSplit::today);
                let components = mapping.components_of(service);
                Billed { service: service.clone(), components, monthly: *billed, today, split }
            })
            .collect();
        let groups = groups(&lines);
        contradictions(&lines, &groups, &modelled, report);
        notes(&lines, report);
        let mut unexplained = bill.unexplained_beside();
        for line in lines.iter().filter(|line| line.components.is_empty()) {
            *unexplained.entry(named(&line.service)).or_insert(0.0) += line.monthly;
        }
        bill_record::keep(scenario, (measurements, id, ids), by_component(&lines, &modelled), unexplained, report);
        report.bill.extend(rows(lines, &groups, &modelled));
    }
}

/// What the bill says of each component: a line is divided as the model divides what it pays for.
fn by_component(lines: &[Billed], modelled: &BTreeMap<String, f64>) -> BTreeMap<String, f64> {
    let mut monthly: BTreeMap<String, f64> = BTreeMap::new();
    for line in lines {
        let part = |component: &String| modelled.get(component).copied().unwrap_or(0.0);
        let sum: f64 = line.components.iter().map(part).sum();
        for component in &line.components {
            let share = if sum > 0.0 { part(component) / sum } else { 1.0 / line.components.len() as f64 };
            *monthly.entry(component.clone()).or_insert(0.0) += line.monthly * share;
        }
    }
    monthly
}

/// Groups whose bill is not what their components come to.
fn contradictions(lines: &[Billed], groups: &[Group], modelled: &BTreeMap<String, f64>, report: &mut FitReport) {
    for group in groups {
        let (billed, modelled) = (group.billed(lines), group.modelled(modelled));
        if modelled > 0.0 && billed > 0.0 && (billed / modelled - 1.0).abs() > AGREE {
            let components: Vec<&str> = group.components.iter().map(String::as_str).collect();
            let text = format!(
                "billed {} a month, but {} at their replicas and prices come to {}; correct replicas or prices",
                exact(billed, report.currency.as_deref()),
                components.join(" and "),
                exact(modelled, report.currency.as_deref())
            );
            let names: Vec<&str> = group.lines.iter().map(|line| lines[*line].service.as_str()).collect();
            report.contradictions.push(Note::new("bill", names.join(" and "), text));
        }
    }
}

/// Lines that nothing in the model stands against.
fn notes(lines: &[Billed], report: &mut FitReport) {
    for line in lines {
        let billed = line.monthly;
        if line.components.is_empty() {
            let text = format!(
                "{} a month that no component explains; map the line in map.costs, or add it to costs",
                exact(billed, report.currency.as_deref())
            );
            report.notes.push(Note::new("unexplained-cost", &line.service, text));
        } else if billed < 0.0 {
            let text =
                format!("a credit of {} a month: shown, not modelled", exact(-billed, report.currency.as_deref()));
            report.notes.push(Note::new("credit", &line.service, text));
        }
    }
}

/// The lines beside the model: what their group comes to there is divided as the bill divides it, evenly where nothing is billed, so
/// that all rows together hold each component once.
fn rows(lines: Vec<Billed>, groups: &[Group], modelled: &BTreeMap<String, f64>) -> Vec<BillRow> {
    let of_line = |place: usize| {
        let group = groups.iter().find(|group| group.lines.contains(&place))?;
        let billed = group.billed(&lines);
        let share = if billed > 0.0 { lines[place].today / billed } else { 1.0 / group.lines.len() as f64 };
        Some(group.modelled(modelled) * share)
    };
    let shares: Vec<Option<f64>> = (0..lines.len()).map(of_line).collect();
    let row = |(line, modelled_monthly): (Billed, Option<f64>)| BillRow {
        service: line.service,
        components: line.components,
        billed_monthly: line.monthly,
        modelled_monthly,
        split: line.split,
    };
    lines.into_iter().zip(shares).map(row).collect()
}

/// Signs of a name in a scenario at most.
const LONGEST_NAME: usize = 1000;

/// A bill line's name as the scenario may hold it.
fn named(service: &str) -> String {
    if service.is_empty() { "unnamed".to_owned() } else { service.chars().take(LONGEST_NAME).collect() }
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

/// Whether the scenario states any amount of money.
fn states_amounts(scenario: &Scenario) -> bool {
    is_priced(scenario)
        || !scenario.price_book.is_empty()
        || scenario.slos.iter().any(|slo| slo.max_monthly_cost.is_some())
}

/// The bill's currency becomes the scenario's where no amount there is in another one; else it is a contradiction.
fn currency(scenario: &mut Scenario, measurements: &Measurements, stated: bool, report: &mut FitReport) {
    let mut seen: Vec<&String> = measurements.costs.iter().filter_map(|c| c.currency.as_ref()).collect();
    seen.sort();
    seen.dedup();
    let free = |code: &str| code == CURRENCY || !stated;
    match (seen.as_slice(), &scenario.currency) {
        ([], _) => {}
        ([one], None) if free(one) => scenario.currency = Some((*one).clone()),
        ([one], Some(own)) if *one == own => {}
        (_, own) => {
            let own = own.as_deref().unwrap_or(if stated { CURRENCY } else { "no currency" });
            let codes: Vec<&str> = seen.iter().map(|s| s.as_str()).collect();
            let text = format!(
                "the bill is in {}, the scenario in {own}; nothing is converted: convert it first",
                codes.join(" and "),
            );
            report.contradictions.push(Note::new("currency", &measurements.file, text));
        }
    }
}

/// The model's month per component at multiple 1; empty when it cannot be solved.
fn modelled(scenario: &Scenario) -> BTreeMap<String, f64> {
    let Ok(system) = scenario::lower(scenario) else { return BTreeMap::new() };
    let Ok(mut solver) = Solver::new(&system) else { return BTreeMap::new() };
    let answer = solver.solve(&system, 1.0, &Options { percentiles: false, ..Options::default() }).clone();
    let bill = cost::over_time(&mut solver, &system, &answer);
    system.stations.iter().map(|s| s.id.clone()).zip(bill.stations.iter().map(cost::StationBill::monthly)).collect()
}
