//! Does the system come back after its trigger? Compares the series before the first event with what follows the last one.

use super::report::{Measure, ReplicationReport, Timeline};
use crate::model::{Event, EventKind, System};
use serde::{Deserialize, Serialize};

/// What became of a system after its events ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Verdict {
    /// Response, errors and requests in the system are what they were before.
    Recovers {
        /// Seconds from the end of the last event.
        after: f64,
    },
    /// Not yet back when the simulation ended, but what piled up shrinks.
    Draining {
        /// Seconds until it is gone, at the pace seen.
        left: f64,
    },
    /// The load is back to what it was, the system is not, and nothing gets better: a metastable failure.
    Metastable,
}

/// How far a figure may lie above the worst seen before the trigger and still count as back.
const SLACK: f64 = 1.25;
/// Error ratio that counts as none.
const FEW_ERRORS: f64 = 0.01;

/// Start of the first and end of the last event, seconds of the measured part; `None` without events that end.
#[must_use]
pub fn trigger(system: &System) -> Option<(f64, f64)> {
    let first = system.events.iter().map(|e| e.at).fold(f64::INFINITY, f64::min);
    let last = system.events.iter().map(end).fold(0.0, f64::max);
    (first.is_finite() && last < 1e300).then_some((first, last))
}

/// When an event is over, seconds. A flush without a length is over at once: what it leaves is a cache that fills.
fn end(event: &Event) -> f64 {
    let at_once = event.kind == EventKind::FlushCache && event.duration > 1e300;
    if at_once { event.at } else { event.at + event.duration }
}

/// The verdict on one replication; `None` where nothing was seen before the trigger or after it.
#[must_use]
pub fn verdict(report: &ReplicationReport, (start, end): (f64, f64)) -> Option<Verdict> {
    let timeline = &report.timeline;
    let before: Vec<usize> = indices(timeline, |from, to| from >= 0.0 && to <= start + 1e-9);
    let after: Vec<usize> = indices(timeline, |from, _| from >= end - 1e-9);
    if before.is_empty() || after.is_empty() {
        return None;
    }
    let series = watched(timeline);
    let limits: Vec<f64> = series.iter().map(|s| limit(s, &before)).collect();
    let well = |at: usize| series.iter().zip(&limits).all(|(s, limit)| s.get(at).is_none_or(|v| v <= limit));
    // Back from the first interval on after which nine in ten are well: noise alone may spoil one later.
    let fine: Vec<bool> = after.iter().map(|&at| well(at)).collect();
    let mut rest = 0;
    let mut back = None;
    for (at, &is_well) in fine.iter().enumerate().rev() {
        rest += usize::from(is_well);
        let seen = fine.len() - at;
        if is_well && 10 * rest >= 9 * seen && seen >= fine.len().min(3) {
            back = Some(at);
        }
    }
    match back {
        Some(0) => return Some(Verdict::Recovers { after: 0.0 }),
        Some(at) => return Some(Verdict::Recovers { after: timeline.times[after[at - 1]] - end }),
        None => {}
    }
    // Not back: is what piled up going away?
    let present = |at: usize| -> f64 {
        let of = |m: Measure| timeline.stations.iter().filter_map(|s| s.get(&m)?.get(at)).sum::<f64>();
        of(Measure::InSystem)
    };
    let normal = before.iter().map(|&at| present(at)).sum::<f64>() / before.len() as f64;
    let half = after[after.len() / 2];
    let last = after[after.len() - 1];
    let (then, now) = (present(half) - normal, present(last) - normal);
    let elapsed = timeline.times[last] - timeline.times[half];
    if elapsed > 0.0 && now < 0.9 * then && now > 0.0 {
        return Some(Verdict::Draining { left: now * elapsed / (then - now) });
    }
    Some(Verdict::Metastable)
}

/// Positions of the intervals that satisfy a condition on their ends.
fn indices(timeline: &Timeline, wanted: impl Fn(f64, f64) -> bool) -> Vec<usize> {
    let from = |at: usize| if at == 0 { 0.0 } else { timeline.times[at - 1] };
    (0..timeline.times.len()).filter(|&at| wanted(from(at), timeline.times[at])).collect()
}

/// The series that must come back: response and errors of every class, requests present and backlog of every station.
fn watched(timeline: &Timeline) -> Vec<&Vec<f64>> {
    let of_classes = timeline.classes.iter().flat_map(|c| [Measure::Mean, Measure::ErrorRatio].map(|m| c.get(&m)));
    let of_stations = timeline.stations.iter().flat_map(|s| [Measure::InSystem, Measure::Backlog].map(|m| s.get(&m)));
    of_classes.chain(of_stations).flatten().collect()
}

/// What a series may be when all is well: a quarter above its worst before the trigger, and its noise above that.
fn limit(series: &[f64], before: &[usize]) -> f64 {
    let values: Vec<f64> = before.iter().filter_map(|&at| series.get(at).copied()).collect();
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    let deviation = (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n).sqrt();
    let worst = values.iter().copied().fold(0.0, f64::max);
    (SLACK * worst).max(mean + 6.0 * deviation).max(FEW_ERRORS)
}
