//! What the data do not say: components without a datum, classes without a level, loads that no level reached.

use super::at_level::mean_multiple;
use super::guess::is_asynchronous;
use super::levels::{SteadyLevel, total_rate};
use super::observe::Observations;
use super::report::{FitReport, Note};
use crate::text::short;
use scenario::Scenario;
use scenario::v1::{Component, ComponentKind, Service};

/// Adds what is missing, and what to measure, to the report.
pub fn notes(
    scenario: &Scenario,
    observations: &Observations,
    all: &[SteadyLevel],
    used: &[SteadyLevel],
    report: &mut FitReport,
) {
    components(scenario, observations, used, report);
    for traffic in &scenario.traffic {
        if !used.iter().any(|l| l.classes.contains_key(&traffic.id)) {
            let text = "no steady level holds its requests: its latency is the model's word alone; load it, or name its endpoint in map.endpoints";
            report.missing.push(Note::new("no-level", format!("traffic.{}", traffic.id), text));
        }
    }
    for component in &scenario.components {
        cores(scenario, component, observations, used, report);
    }
    levels(all, report);
}

/// CPU that grows with load in a component without a limit: where a core would be full.
fn cores(
    scenario: &Scenario,
    component: &Component,
    observations: &Observations,
    used: &[SteadyLevel],
    report: &mut FitReport,
) {
    let unlimited = component.cpu_cores.is_none() && component.kind == ComponentKind::Service;
    let Some(samples) = observations.samples(&component.id, None, None, "cpu_cores").filter(|_| unlimited) else {
        return;
    };
    let by_level = used.iter().zip(samples.level_means(used));
    let points: Vec<(f64, f64)> = by_level.filter_map(|(l, m)| Some((mean_multiple(scenario, l), m?))).collect();
    let (Some(&(low, least)), Some(&(high, most))) = (points.first(), points.last()) else { return };
    let slope = (most - least) / (high - low);
    if high < 1.15 * low || slope.is_nan() || slope <= 0.0 || most >= 1.0 {
        return;
    }
    let text = format!(
        "it used {most:.2} cores at ×{high:.2}, {slope:.3} more for each ×1: a process that can use one core is full at ×{:.0}; give cpu_cores if it has a limit, the model has none",
        high + (1.0 - most) / slope
    );
    report.notes.push(Note::new("cpu-without-limit", format!("components.{}", component.id), text));
}

fn components(scenario: &Scenario, observations: &Observations, used: &[SteadyLevel], report: &mut FitReport) {
    let latency = used.iter().flat_map(|level| level.classes.values()).any(|class| !class.latency_ms.is_empty());
    for component in &scenario.components {
        let free = matches!(component.kind, ComponentKind::LoadBalancer | ComponentKind::RateLimiter);
        let own = format!("components.{}.service", component.id);
        let measured = report.fitted.iter().any(|row| row.source == "measured" && row.path.starts_with(&own));
        if observations.touches(&component.id) || measured || free {
            continue;
        }
        let place = format!("components.{}", component.id);
        if is_asynchronous(scenario, &component.id) || !latency {
            let own = match &component.service {
                Some(Service::All(time)) => time.mean_ms.as_ref().map(|mean| format!(" of {} ms", short(mean.value))),
                _ => None,
            };
            let text = format!(
                "no datum touches it: its time{} is assumed, and all latency that comes of it; measure its rate and busy time (or mean time) under load",
                own.unwrap_or_default()
            );
            report.missing.push(Note::new("no-data", place, text));
        } else if !scenario.traffic.iter().any(|t| t.entry == component.id) {
            let text =
                "no datum of its own: its time is only known in sum with what it is called by; measure its mean time";
            report.missing.push(Note::new("only-in-sum", place, text));
        }
    }
}

/// Levels that cannot carry a curve.
fn levels(all: &[SteadyLevel], report: &mut FitReport) {
    let rates: Vec<f64> = all.iter().map(total_rate).collect();
    let (low, high) = (rates.first().copied().unwrap_or(0.0), rates.last().copied().unwrap_or(0.0));
    if all.is_empty() {
        let text =
            "no load test with a steady level: latency cannot be checked; run one with at least three levels of 60 s";
        report.missing.push(Note::new("no-levels", "", text));
    } else if all.len() == 1 {
        let text = format!(
            "a single level at {} requests/s shows no growth: how latency rises with load is the model's word alone; measure a second level at {}/s",
            short(high),
            short(2.0 * high)
        );
        report.missing.push(Note::new("one-level", "", text));
    } else if high < 1.15 * low {
        let text = format!(
            "all levels lie at nearly the same load ({low:.1} to {high:.1} requests/s) and count as one; measure a level at {:.0}/s",
            2.0 * high
        );
        report.missing.push(Note::new("same-levels", "", text));
    }
    let classes: Vec<&String> = all.iter().flat_map(|l| l.classes.keys()).collect();
    let mut seen: Vec<&String> = Vec::new();
    for class in classes {
        if seen.contains(&class) {
            continue;
        }
        seen.push(class);
        let of: Vec<_> = all.iter().filter_map(|l| l.classes.get(class)).collect();
        if of.iter().all(|c| c.error_ratio > 0.5) {
            let text = "more than half of its requests failed at every level: the latency of failures says nothing of the work; repair the test first";
            report.missing.push(Note::new("all-errors", format!("traffic.{class}"), text));
        }
        let means: Vec<(f64, f64, f64)> =
            of.iter().filter_map(|c| Some((c.rate, *c.latency_ms.get("mean")?, c.requests))).collect();
        let falling = means.windows(2).all(|w| w[1].1 < w[0].1 && w[1].0 > w[0].0);
        if let (true, Some(first), Some(last)) = (falling && means.len() > 1, means.first(), means.last()) {
            // More than chance: three standard errors of exponential-like times.
            if last.1 < first.1 * (1.0 - 3.0 * (1.0 / first.2 + 1.0 / last.2).sqrt()) {
                let text = format!(
                    "its mean falls with load ({:.1} ms at {:.1}/s, {:.1} ms at {:.1}/s): the first level was still warming up (caches, connections, compilation); repeat it after a warm-up",
                    first.1, first.0, last.1, last.0
                );
                report.contradictions.push(Note::new("falling-latency", format!("traffic.{class}"), text));
            }
        }
    }
}
