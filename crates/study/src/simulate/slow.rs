//! "What killed this p99": the slow requests of the first replication, their hops, and what they spent their time on.

use crate::result::{Hop, SlowPoint, SlowRequestPoint, SpanPoint};
use engine::model::System;
use engine::sim::{Measure, ReplicationReport, SlowRequest, Spent};
use std::collections::BTreeMap;

/// Requests told hop by hop.
const SAMPLES: usize = 4;

/// The slow requests of a class; `None` where none was followed.
pub(super) fn slow(system: &System, report: &ReplicationReport, class: usize) -> Option<SlowPoint> {
    let followed = report.slow.get(class)?;
    let p99 = report.classes.get(class)?.get(&Measure::P99).copied()?;
    // With few followed requests none may lie above the percentile: then the slowest stands for them.
    let count = followed.partition_point(|r| r.latency >= p99).max(1).min(followed.len());
    let slowest = &followed[..count];
    let quickest = slowest.last()?;
    let mut samples = vec![sample(system, quickest)];
    samples.extend(slowest.iter().take(SAMPLES.min(count) - 1).map(|r| sample(system, r)));
    Some(SlowPoint {
        requests: count as u32,
        from_ms: 1e3 * quickest.latency,
        waterfall: waterfall(system, slowest),
        samples,
    })
}

/// Where the mean of these requests went, most first.
fn waterfall(system: &System, requests: &[SlowRequest]) -> Vec<Hop> {
    let mut sums: BTreeMap<(u32, Spent), f64> = BTreeMap::new();
    for (station, spent, seconds) in requests.iter().flat_map(SlowRequest::waterfall) {
        *sums.entry((station, spent)).or_default() += seconds;
    }
    let hop = |((station, spent), sum): ((u32, Spent), f64)| Hop {
        component: name(system, station),
        what: match spent {
            Spent::Own => "own".into(),
            Spent::Queue => "queue".into(),
            Spent::Network => "network".into(),
            Spent::Other => "other".into(),
            Spent::Pool(pool) => format!("pool:{}", pool_name(system, station, pool)),
        },
        ms: 1e3 * sum / requests.len() as f64,
    };
    let mut hops: Vec<Hop> = sums.into_iter().map(hop).filter(|h| h.ms > 1e-9).collect();
    hops.sort_by(|a, b| b.ms.total_cmp(&a.ms));
    hops
}

fn sample(system: &System, request: &SlowRequest) -> SlowRequestPoint {
    let spans = request.spans.iter().map(|span| {
        let caller = span.parent.and_then(|p| request.spans.get(p as usize)).map_or(span.station, |p| p.station);
        SpanPoint {
            component: name(system, span.station),
            parent: span.parent,
            start_ms: 1e3 * span.asked,
            end_ms: span.ended.map(|t| 1e3 * t),
            pool: span.pool.map(|(pool, _)| pool_name(system, caller, pool)),
            pool_wait_ms: 1e3 * span.pool.map_or(0.0, |p| p.1),
            network_ms: 1e3 * span.network,
            wait_ms: 1e3 * span.wait,
            own_ms: 1e3 * span.own,
            failed: span.failed,
        }
    });
    SlowRequestPoint { at_s: request.at, latency_ms: 1e3 * request.latency, spans: spans.collect() }
}

fn name(system: &System, station: u32) -> String {
    system.stations.get(station as usize).map_or_else(String::new, |s| s.id.clone())
}

fn pool_name(system: &System, station: u32, pool: u32) -> String {
    let station = system.stations.get(station as usize);
    station.and_then(|s| s.pools.get(pool as usize)).map_or_else(String::new, |p| p.id.clone())
}
