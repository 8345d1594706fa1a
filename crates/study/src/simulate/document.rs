//! From replications to the result document.

use super::SimulateOptions;
use crate::result::{
    Band, Bottleneck, ClassPoint, ComponentPoint, FORMAT, Named, Point, PoolPoint, ResultDoc, RunPoint, SloPoint,
    TimelinePoint, Warning,
};
use engine::model::{Goal, Kind, System};
use engine::sim::histogram::Histogram;
use engine::sim::{
    Estimate, Estimates, Measure, ReplicationReport, StoppedBy, Summary, needed, summarize, trigger, verdict,
};
use scenario::v1::Scenario;
use std::collections::BTreeMap;

/// The document of a simulation: one point per multiple for which there are replications.
pub(super) fn answer(
    _scenario: &Scenario,
    system: &System,
    options: &SimulateOptions,
    reports: &[Vec<ReplicationReport>],
) -> ResultDoc {
    let points: Vec<Point> = options
        .multiples
        .iter()
        .zip(reports)
        .filter(|(_, reports)| !reports.is_empty())
        .map(|(&multiple, reports)| point(system, options, multiple, reports))
        .collect();
    let run = match points.as_slice() {
        [only] => only.run.clone(),
        all => RunPoint {
            timeline: None,
            verdict: None,
            warmup_s: all.first().and_then(|p| p.run.warmup_s),
            replications: all.first().and_then(|p| p.run.replications),
            events: Some(all.iter().filter_map(|p| p.run.events).sum()),
            stopped_by: all.iter().find_map(|p| p.run.stopped_by.clone()),
        },
    };
    let warnings = points.iter().filter_map(cut_short).collect();
    ResultDoc {
        format: FORMAT.into(),
        engine: "simulation".into(),
        seed: options.seed,
        points,
        run,
        warnings,
        ..ResultDoc::default()
    }
}

/// A warning where a budget ended a point.
fn cut_short(point: &Point) -> Option<Warning> {
    let budget = match point.run.stopped_by.as_deref() {
        Some("events") => "the budget of events",
        Some("in_flight") => "the limit of requests in flight (a backlog or a retry storm without end)",
        _ => return None,
    };
    let text = format!(
        "At multiple {} {budget} ended the simulation early: its figures are of the time up to there.",
        point.multiple
    );
    Some(Warning { code: "simulation-cut-short".into(), path: String::new(), text })
}

fn point(system: &System, options: &SimulateOptions, multiple: f64, reports: &[ReplicationReport]) -> Point {
    let count = needed(reports, options.half_width);
    let reports = &reports[..count];
    let summary = summarize(reports);
    let mut classes = BTreeMap::new();
    for (class, estimates) in system.classes.iter().zip(&summary.classes) {
        classes.insert(class.id.clone(), class_point(estimates));
    }
    let mut components = BTreeMap::new();
    for (at, station) in system.stations.iter().enumerate() {
        components.insert(station.id.clone(), component_point(system, at, &summary));
    }
    let histograms: Vec<Histogram> = (0..system.classes.len())
        .map(|class| {
            let mut all = Histogram::default();
            reports.iter().for_each(|r| all.add_occupied(&r.histograms[class]));
            all
        })
        .collect();
    let slos: Vec<SloPoint> =
        system.objectives.iter().filter_map(|o| objective(system, o.index, &o.goal, &summary, &histograms)).collect();
    let cut = summary.cut_short;
    let stopped_by = match cut {
        Some(StoppedBy::InFlight) => "in_flight",
        Some(StoppedBy::Events) => "events",
        Some(StoppedBy::Running) => "cancelled",
        _ if options.half_width.is_some() && (count as u32) < options.replications => "half_width",
        _ => "replications",
    };
    Point {
        multiple,
        feasible: cut.is_none() && slos.iter().all(|s| s.met) && !saturated(&summary),
        bottleneck: bottleneck(&components),
        classes,
        components,
        slos,
        run: RunPoint {
            timeline: reports.first().map(|r| timeline(system, r)),
            warmup_s: Some(summary.warmup),
            replications: Some(summary.replications),
            events: Some(summary.events),
            verdict: trigger(system).and_then(|ends| verdict(reports.first()?, ends)),
            stopped_by: Some(stopped_by.into()),
        },
        ..Point::default()
    }
}

/// Whether some part is busy all the time.
fn saturated(summary: &Summary) -> bool {
    let full = |e: &Estimates| e.get(&Measure::Utilization).is_some_and(|u| u.mean >= 0.999);
    summary.stations.iter().any(full) || summary.pools.iter().flatten().any(full)
}

/// Estimates collected under the contract's names.
struct Collected {
    values: BTreeMap<&'static str, f64>,
    intervals: BTreeMap<String, Band>,
}

impl Collected {
    fn new(estimates: &Estimates, names: &[(Measure, &'static str, f64)]) -> Self {
        let mut this = Self { values: BTreeMap::new(), intervals: BTreeMap::new() };
        for &(measure, name, scale) in names {
            if let Some(Estimate { mean, half_width }) = estimates.get(&measure) {
                this.values.insert(name, mean * scale);
                if let Some(h) = half_width {
                    this.intervals.insert(name.into(), [(mean - h) * scale, (mean + h) * scale]);
                }
            }
        }
        this
    }

    fn get(&self, name: &str) -> Option<f64> {
        self.values.get(name).copied()
    }

    fn rate(&self, name: &str) -> f64 {
        self.get(name).unwrap_or(0.0)
    }

    fn intervals(self) -> Option<BTreeMap<String, Band>> {
        (!self.intervals.is_empty()).then_some(self.intervals)
    }
}

const LATENCY: [(Measure, &str, f64); 6] = [
    (Measure::Mean, "mean", 1e3),
    (Measure::P50, "p50", 1e3),
    (Measure::P90, "p90", 1e3),
    (Measure::P95, "p95", 1e3),
    (Measure::P99, "p99", 1e3),
    (Measure::P999, "p99_9", 1e3),
];

fn class_point(estimates: &Estimates) -> ClassPoint {
    let mut names = vec![
        (Measure::Offered, "offered_rps", 1.0),
        (Measure::Throughput, "throughput_rps", 1.0),
        (Measure::Goodput, "goodput_rps", 1.0),
        (Measure::ErrorRatio, "error_ratio", 1.0),
    ];
    names.extend(LATENCY);
    let all = Collected::new(estimates, &names);
    let latency: Named = LATENCY.iter().filter_map(|(_, name, _)| Some(((*name).to_owned(), all.get(name)?))).collect();
    ClassPoint {
        offered_rps: all.rate("offered_rps"),
        throughput_rps: all.rate("throughput_rps"),
        goodput_rps: all.rate("goodput_rps"),
        error_ratio: all.rate("error_ratio"),
        latency_ms: (!latency.is_empty()).then_some(latency),
        ci95: all.intervals(),
        ..ClassPoint::default()
    }
}

fn component_point(system: &System, at: usize, summary: &Summary) -> ComponentPoint {
    let all = Collected::new(
        &summary.stations[at],
        &[
            (Measure::Visits, "visits_rps", 1.0),
            (Measure::Utilization, "utilization", 1.0),
            (Measure::SlotUtilization, "slot_utilization", 1.0),
            (Measure::Replicas, "replicas", 1.0),
            (Measure::InSystem, "in_system", 1.0),
            (Measure::Wait, "wait_ms", 1e3),
            (Measure::Residence, "residence_ms", 1e3),
            (Measure::Hold, "hold_ms", 1e3),
            (Measure::HitRatio, "hit_ratio", 1.0),
            (Measure::Growth, "growth_per_s", 1.0),
            (Measure::Backlog, "backlog", 1.0),
            (Measure::Age, "age_s", 1.0),
            (Measure::DeadLetters, "dead_letter_rps", 1.0),
            (Measure::Refused, "refused_rps", 1.0),
        ],
    );
    let station = &system.stations[at];
    let pools = station.pools.iter().zip(&summary.pools[at]).map(|(pool, estimates)| {
        let all =
            Collected::new(estimates, &[(Measure::Utilization, "utilization", 1.0), (Measure::Wait, "wait_ms", 1e3)]);
        let point = PoolPoint {
            size: pool.size,
            utilization: all.get("utilization"),
            wait_ms: all.get("wait_ms"),
            ci95: all.intervals(),
        };
        (pool.id.clone(), point)
    });
    let can_refuse = !matches!(
        station.kind,
        Kind::LoadBalancer { .. } | Kind::Cdn { .. } | Kind::Cache { .. } | Kind::Storage { .. }
    );
    ComponentPoint {
        visits_rps: all.rate("visits_rps"),
        utilization: all.get("utilization"),
        slot_utilization: all.get("slot_utilization"),
        replicas: all.rate("replicas").round() as u32,
        in_system: all.get("in_system"),
        wait_ms: all.get("wait_ms"),
        residence_ms: all.get("residence_ms"),
        hold_ms: all.get("hold_ms"),
        pools: pools.collect(),
        hit_ratio: all.get("hit_ratio"),
        growth_per_s: all.get("growth_per_s"),
        backlog: all.get("backlog"),
        age_s: all.get("age_s"),
        dead_letter_rps: all.get("dead_letter_rps"),
        refused_rps: all.get("refused_rps").filter(|r| can_refuse || *r > 0.0),
        ci95: all.intervals(),
        ..ComponentPoint::default()
    }
}

/// The busiest resource of all.
fn bottleneck(components: &BTreeMap<String, ComponentPoint>) -> Option<Bottleneck> {
    let mut best: Option<Bottleneck> = None;
    let mut consider = |component: &str, resource: String, utilization: Option<f64>| {
        if let Some(u) = utilization.filter(|u| best.as_ref().is_none_or(|b| *u > b.utilization)) {
            best = Some(Bottleneck { component: component.to_owned(), resource, utilization: u });
        }
    };
    for (id, c) in components {
        let own = match (c.backlog, c.slot_utilization) {
            (Some(_), _) => "consumers",
            (_, Some(_)) => "slots",
            _ => "cores",
        };
        consider(id, "slots".into(), c.slot_utilization);
        consider(id, own.into(), c.utilization);
        for (name, pool) in &c.pools {
            consider(id, format!("pool:{name}"), pool.utilization);
        }
    }
    best
}

/// Whether an objective holds; `None` for those a single run cannot judge.
fn objective(
    system: &System,
    index: usize,
    goal: &Goal,
    summary: &Summary,
    histograms: &[Histogram],
) -> Option<SloPoint> {
    let station = |at: usize, measure| summary.stations[at].get(&measure).map(|e| e.mean);
    let (value, limit) = match *goal {
        Goal::Latency { class, percentile, at_most } => (histograms[class].percentile(percentile / 100.0), at_most),
        Goal::ErrorRatio { class, at_most } => {
            (Some(summary.classes[class].get(&Measure::ErrorRatio).map_or(0.0, |e| e.mean)), at_most)
        }
        Goal::Utilization { station: at, at_most } => (station(at, Measure::Utilization), at_most),
        Goal::BacklogAge { station: at, at_most } => (station(at, Measure::Age).or(Some(0.0)), at_most),
        Goal::SurviveReplica | Goal::SurviveZone | Goal::MonthlyCost { .. } => return None,
    };
    let _ = system;
    let margin = value.and_then(|v| (limit > 0.0).then(|| 1.0 - v / limit));
    Some(SloPoint { index, met: value.is_none_or(|v| v <= limit), margin, probability: None })
}

/// The series of one replication under the contract's names.
fn timeline(system: &System, report: &ReplicationReport) -> TimelinePoint {
    let mut series = BTreeMap::new();
    let names = [
        (Measure::Offered, "offered_rps", 1.0),
        (Measure::Throughput, "throughput_rps", 1.0),
        (Measure::ErrorRatio, "error_ratio", 1.0),
        (Measure::Mean, "latency_ms", 1e3),
        (Measure::Utilization, "utilization", 1.0),
        (Measure::InSystem, "in_system", 1.0),
        (Measure::Replicas, "replicas", 1.0),
        (Measure::Backlog, "backlog", 1.0),
        (Measure::Age, "age_s", 1.0),
    ];
    let mut add = |id: &str, of: &BTreeMap<Measure, Vec<f64>>| {
        for (measure, name, scale) in names {
            if let Some(values) = of.get(&measure) {
                series.insert(format!("{id}.{name}"), values.iter().map(|v| v * scale).collect());
            }
        }
    };
    for (class, of) in system.classes.iter().zip(&report.timeline.classes) {
        add(&class.id, of);
    }
    for (station, of) in system.stations.iter().zip(&report.timeline.stations) {
        add(&station.id, of);
    }
    TimelinePoint { t_s: report.timeline.times.clone(), series }
}
