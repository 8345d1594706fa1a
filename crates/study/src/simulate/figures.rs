//! Figures of classes and components under the contract's names.

use super::full::FULL;
use crate::result::{Band, Bottleneck, ClassPoint, ComponentPoint, Named, PoolPoint, TimelinePoint};
use engine::model::{Call, Kind, Mode, System};
use engine::sim::{Estimate, Estimates, Measure, ReplicationReport, Summary};
use std::collections::BTreeMap;

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

/// One class.
pub(super) fn class_point(estimates: &Estimates) -> ClassPoint {
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

/// One component.
pub(super) fn component_point(system: &System, at: usize, summary: &Summary) -> ComponentPoint {
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
            (Measure::Oldest, "oldest_s", 1.0),
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
    let can_refuse = station.kind.can_refuse();
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
        oldest_s: all.get("oldest_s"),
        dead_letter_rps: all.get("dead_letter_rps"),
        refused_rps: all.get("refused_rps").filter(|r| can_refuse || *r > 0.0),
        ci95: all.intervals(),
        ..ComponentPoint::default()
    }
}

/// The busiest resource of all. Of two that are full what is called is the cause: the caller is full of waiting for it.
pub(super) fn bottleneck(system: &System, summary: &Summary) -> Option<Bottleneck> {
    let mut best: Option<(usize, Bottleneck)> = None;
    // By the names of the components, of equals the first.
    let mut places: Vec<usize> = (0..system.stations.len()).collect();
    places.sort_by(|a, b| system.stations[*a].id.cmp(&system.stations[*b].id));
    for at in places {
        let station = &system.stations[at];
        let mut consider = |resource: String, estimates: &Estimates, measure| {
            let Some(utilization) = estimates.get(&measure).map(|e| e.mean) else { return };
            let is_busier = best.as_ref().is_none_or(|(other, b)| match utilization.min(b.utilization) >= FULL {
                true if *other == at || waits_for(system, *other, at) => true,
                true if waits_for(system, at, *other) => false,
                _ => utilization > b.utilization,
            });
            if is_busier {
                best = Some((at, Bottleneck { component: station.id.clone(), resource, utilization }));
            }
        };
        // What is held, then what it is held for.
        let of = &summary.stations[at];
        consider("slots".into(), of, Measure::SlotUtilization);
        consider(own_resource(&station.kind).into(), of, Measure::Utilization);
        consider("units".into(), of, Measure::UnitUtilization);
        for (pool, estimates) in station.pools.iter().zip(&summary.pools[at]) {
            consider(format!("pool:{}", pool.id), estimates, Measure::Utilization);
        }
    }
    best.map(|(_, bottleneck)| bottleneck)
}

/// Whether visits of one component wait for another, by its calls or by those of what it calls. Nobody waits for a queue's consumers.
fn waits_for(system: &System, from: usize, to: usize) -> bool {
    let (mut seen, mut next) = (vec![false; system.stations.len()], vec![from]);
    while let Some(at) = next.pop() {
        let station = &system.stations[at];
        if std::mem::replace(&mut seen[at], true) || matches!(station.kind, Kind::Queue { .. }) {
            continue;
        }
        let mut made: Vec<&Call> = station.calls.iter().collect();
        while let Some(call) = made.pop() {
            next.extend((call.mode != Mode::Async).then_some(call.to));
            made.extend(&call.on_miss);
        }
    }
    from != to && seen[to]
}

/// What the utilization of a kind is of, as the closed form names it.
fn own_resource(kind: &Kind) -> &'static str {
    match kind {
        Kind::Service { cpu_cores: None, .. } | Kind::Function { .. } | Kind::Cache { .. } => "slots",
        Kind::Queue { .. } => "consumers",
        Kind::RateLimiter { .. } | Kind::External { .. } => "quota",
        Kind::Database(node) => {
            let even = 1.0 / f64::from(node.shards.max(1));
            let cores = node.cores.unwrap_or(u32::MAX);
            if node.hot_shard_share.is_some_and(|share| node.shards > 1 && share > even * (1.0 + 1e-9)) {
                "shard"
            } else if node.max_connections.is_some_and(|most| most <= cores) {
                "connections"
            } else {
                "cores"
            }
        }
        kind if kind.transfer_mb_s().is_some() => "throughput",
        _ => "cores",
    }
}

/// The series of one replication under the contract's names.
pub(super) fn timeline(system: &System, report: &ReplicationReport) -> TimelinePoint {
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
        (Measure::Oldest, "oldest_s", 1.0),
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
