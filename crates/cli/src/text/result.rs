//! A result document as text.

use super::Table;
use super::number::{milliseconds, per_second, percent, significant};
use crate::failure::warning_line;
use scenario::Scenario;
use study::headline::{currency, money};
use study::result::{ClassPoint, Point, ResultDoc};

/// A simulation: figures with their 95 % intervals.
///
/// Without the scenario objectives have their number only, and amounts no currency.
pub(crate) fn simulated(answer: &ResultDoc, scenario: Option<&Scenario>) -> String {
    let mut out = String::new();
    title(scenario.map_or("", |scenario| &scenario.name), &mut out);
    let mut table = Table::new(["growth", "class", "throughput", "errors", "mean", "95 %", "p95", "95 %", "p99"]);
    for point in &answer.points {
        for (class, figures) in &point.classes {
            let (mean, p95) = (with_interval(figures, "mean"), with_interval(figures, "p95"));
            let rate = per_second(figures.throughput_rps);
            let errors = percent(figures.error_ratio);
            let p99 = latency(figures, "p99");
            table.row([growth(point), class.clone(), rate, errors, mean.0, mean.1, p95.0, p95.1, p99]);
        }
    }
    table.write("", &mut out);
    out.push('\n');
    busy(answer, &mut out);
    spend(answer, scenario, &mut out);
    for point in &answer.points {
        super::slow::slow(point, &growth(point), &mut out);
        if let Some(verdict) = &point.run.verdict {
            out.push_str(&format!("\n{}: {}\n", growth(point), super::losses::verdict(verdict)));
        }
    }
    warn(answer, scenario);
    out
}

/// Money at each multiple, where anything is priced, and the objectives that are missed.
fn spend(answer: &ResultDoc, scenario: Option<&Scenario>, out: &mut String) {
    let priced = if answer.is_priced() { answer.points.as_slice() } else { &[] };
    for point in priced {
        let amount = |value: f64| match scenario {
            Some(scenario) => money(value, Some(currency(scenario))),
            None => significant(value),
        };
        let run = point.cost.run.map_or_else(String::new, |run| format!(", {} for the time simulated", amount(run)));
        out.push_str(&format!("\n{}: {} a month at this pace{run}\n", growth(point), amount(point.cost.monthly)));
    }
    for point in &answer.points {
        let numbers = || point.slos.iter().filter(|slo| !slo.met).map(|slo| format!("objective {}", slo.index + 1));
        let missed = scenario.map_or_else(|| numbers().collect(), |scenario| study::text::missed(point, scenario));
        if !missed.is_empty() {
            out.push_str(&format!("\n{}: missed {}\n", growth(point), missed.join(", ")));
        }
    }
}

/// Utilization of every component at each multiple.
fn busy(answer: &ResultDoc, out: &mut String) {
    let Some(first) = answer.points.first() else { return };
    let headings = std::iter::once("utilization".to_owned()).chain(answer.points.iter().map(growth));
    let mut table = Table::new(headings);
    let mut add = |name: String, read: &dyn Fn(&Point) -> Option<f64>| {
        let cells: Vec<Option<f64>> = answer.points.iter().map(read).collect();
        // What has no limit has no utilization.
        if cells.iter().any(Option::is_some) {
            let cells = cells.into_iter().map(|cell| cell.map(percent).unwrap_or_default());
            table.row(std::iter::once(name).chain(cells));
        }
    };
    for (id, component) in &first.components {
        add(id.clone(), &|point| point.components.get(id)?.utilization);
        add(format!("{id} slots"), &|point| point.components.get(id)?.slot_utilization);
        for pool in component.pools.keys() {
            add(format!("{id} pool {pool}"), &|point| point.components.get(id)?.pools.get(pool)?.utilization);
        }
    }
    if !table.is_empty() {
        table.write("", out);
    }
}

fn title(name: &str, out: &mut String) {
    if !name.is_empty() {
        out.push_str(&format!("{name}\n\n"));
    }
}

fn growth(point: &Point) -> String {
    format!("×{}", significant(point.multiple))
}

fn latency(figures: &ClassPoint, name: &str) -> String {
    match &figures.latency_ms {
        None => "unstable".to_owned(),
        Some(latency) => latency.get(name).copied().map(milliseconds).unwrap_or_default(),
    }
}

fn with_interval(figures: &ClassPoint, name: &str) -> (String, String) {
    let interval =
        figures.ci95.as_ref().and_then(|all| all.get(&format!("latency_ms.{name}")).or_else(|| all.get(name)));
    let interval = interval.map(|[low, high]| format!("{} to {}", significant(*low), significant(*high)));
    (latency(figures, name), interval.unwrap_or_default())
}

/// What a reader must know, on standard error.
pub(crate) fn warn(answer: &ResultDoc, scenario: Option<&Scenario>) {
    let named = |path: &str| scenario.map_or_else(|| path.to_owned(), |scenario| study::text::place(path, scenario));
    for warning in &answer.warnings {
        let place = if warning.path.is_empty() { String::new() } else { format!("{}: ", named(&warning.path)) };
        warning_line(&format!("{place}{}", warning.text));
    }
}
