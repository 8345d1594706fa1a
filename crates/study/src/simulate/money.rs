//! What the simulated time costs: served visits, bytes, GB-seconds, and every replica that is paid for, booting ones included.

use crate::result::{Band, CostPoint};
use engine::cost::{Bill, HOURS_PER_MONTH, Used, priced};
use engine::model::System;
use engine::sim::statistics::estimate;
use engine::sim::{Figures, Measure, ReplicationReport};
use std::collections::BTreeMap;

/// A month at the pace of each replication.
pub(super) fn bills(system: &System, multiple: f64, reports: &[ReplicationReport]) -> Vec<Bill> {
    let get = |of: &Figures, measure| of.get(&measure).copied().unwrap_or(0.0);
    let bill = |report: &ReplicationReport| {
        let seconds = HOURS_PER_MONTH * 3600.0;
        let used: Vec<Used> = report
            .stations
            .iter()
            .map(|station| Used {
                replica_hours: get(&station.figures, Measure::Billed) * HOURS_PER_MONTH,
                visits: get(&station.figures, Measure::Visits) * seconds,
                gigabytes: get(&station.figures, Measure::Kilobytes) * seconds / 1e6,
                gb_seconds: get(&station.figures, Measure::GbSeconds) * seconds,
            })
            .collect();
        let throughput: f64 = report.classes.iter().map(|class| get(class, Measure::Throughput)).sum();
        priced(system, multiple, &used, throughput * seconds)
    };
    reports.iter().map(bill).collect()
}

/// The mean over replications, with intervals.
pub(super) fn cost(bills: &[Bill], seconds: f64) -> CostPoint {
    let mut intervals: BTreeMap<String, Band> = BTreeMap::new();
    let mut mean = |name: &str, of: &dyn Fn(&Bill) -> Option<f64>| {
        let values: Vec<f64> = bills.iter().filter_map(of).collect();
        let found = estimate(&values)?;
        if let Some(half) = found.half_width {
            intervals.insert(name.to_owned(), [found.mean - half, found.mean + half]);
        }
        Some(found.mean)
    };
    let monthly = mean("monthly", &|b| Some(b.monthly())).unwrap_or(0.0);
    CostPoint {
        monthly,
        fixed: mean("fixed", &|b| Some(b.fixed)).unwrap_or(0.0),
        stepped: mean("stepped", &|b| Some(b.stepped)).unwrap_or(0.0),
        usage: mean("usage", &|b| Some(b.usage)).unwrap_or(0.0),
        per_million_requests: mean("per_million_requests", &Bill::per_million_requests),
        per_user: mean("per_user", &Bill::per_user),
        run: Some(monthly * seconds / (HOURS_PER_MONTH * 3600.0)),
        ci95: (!intervals.is_empty()).then_some(intervals),
        ..CostPoint::default()
    }
}

/// What a component costs a month, where it is priced.
pub(super) fn of_component(system: &System, at: usize, bills: &[Bill]) -> Option<f64> {
    let values: Vec<f64> = bills.iter().filter_map(|b| Some(b.stations.get(at)?.monthly())).collect();
    estimate(&values).map(|e| e.mean).filter(|_| system.stations[at].price.given)
}
