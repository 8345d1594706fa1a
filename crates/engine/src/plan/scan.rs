//! The multiples at which a search looks before it bisects.
//!
//! Evenly apart as ratios, so that a scan up to a hundred times the load is as fine near today's as far away; and just before an
//! autoscaler adds a replica, where it is busier than before and after.

use super::Search;
use crate::{
    math,
    model::{AutoscaleMetric, System},
    order,
    solve::Answer,
};

/// The load as it stands.
pub(super) const TODAY: f64 = 1.0;
/// How far before an autoscaler's step is looked, as a share of the multiple: what else grows with load moves the step a little.
const BEFORE: f64 = 1.0e-3;
/// Steps looked at between two points of the scan, at most.
const MOST_STEPS: usize = 3;

/// Multiples of a scan from one to another, the largest first, as a stack of what is still to be looked at; both ends are in it.
pub(super) fn ahead(from: f64, to: f64, points: u32) -> Vec<f64> {
    if from >= to {
        return vec![to];
    }
    let points = points.max(1);
    let ratio = if from > 0.0 { math::ln(to / from) } else { 0.0 };
    let at = |point: u32| match point {
        0 => from,
        last if last == points => to,
        point if from > 0.0 => from * math::exp(ratio * f64::from(point) / f64::from(points)),
        point => from + (to - from) * f64::from(point) / f64::from(points),
    };
    (0..=points).rev().map(at).collect()
}

/// Whether the search looks at both less and more load than today's: then today's decides on which side of it.
pub(super) fn spans_today(search: &Search) -> bool {
    search.from < TODAY && search.to >= TODAY
}

/// Multiples before the next point of the scan at which autoscalers are about to add a replica, the largest first.
pub(super) fn before_steps(system: &System, answer: &Answer, next: f64) -> Vec<f64> {
    let here = answer.multiple;
    let mut found: Vec<f64> = Vec::new();
    for (station, at) in system.stations.iter().zip(&answer.stations) {
        let Some(scale) = station.autoscale.filter(|scale| at.replicas < scale.max) else { continue };
        let busy = match scale.metric {
            AutoscaleMetric::Cpu => at.utilization,
            AutoscaleMetric::Slots => at.slot_utilization,
            AutoscaleMetric::QueueLengthPerReplica => None,
        };
        let step = busy.filter(|busy| *busy > 0.0).map(|busy| here * scale.target / busy * (1.0 - BEFORE));
        found.extend(step.filter(|step| *step > here * (1.0 + BEFORE) && *step < next));
    }
    order::numbers(&mut found);
    found.truncate(MOST_STEPS);
    found.reverse();
    found
}
