//! Does the system come back after its trigger? Compares the series before the first event with what follows the last one.

use super::intensity::Intensity;
use super::report::{Measure, ReplicationReport, Timeline};
use crate::model::{ClassId, Event, EventKind, System};
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

/// The verdict on one replication; `None` where nothing was seen before the trigger or after it, and where the system is not back
/// but its profile asks more of it than before the trigger (see [`rises`]): what is more then need not come of the trigger.
#[must_use]
pub fn verdict(system: &System, report: &ReplicationReport, ends: (f64, f64)) -> Option<Verdict> {
    let timeline = &report.timeline;
    let (before, after) = around(timeline, ends)?;
    let more = more_than_before(system, timeline, &before);
    let back = |intervals: &[usize]| {
        let well = recovers(timeline, &before, intervals)?;
        let at_once = well == after[0];
        Some(Verdict::Recovers { after: if at_once { 0.0 } else { timeline.times[well - 1] - ends.1 } })
    };
    let Some(rise) = after.iter().position(|&at| more(at).is_some()) else {
        return Some(back(&after).unwrap_or_else(|| left(timeline, &before, &after)));
    };
    let alike: Vec<usize> = after.iter().copied().filter(|&at| more(at).is_none()).collect();
    back(&after[..rise]).or_else(|| back(&alike))
}

/// The first class of which the profile asks more after the trigger than at any time before it.
#[must_use]
pub fn rises(system: &System, report: &ReplicationReport, ends: (f64, f64)) -> Option<ClassId> {
    let (before, after) = around(&report.timeline, ends)?;
    after.into_iter().find_map(more_than_before(system, &report.timeline, &before))
}

/// The intervals before the trigger and after it; `None` where there are none.
fn around(timeline: &Timeline, (start, end): (f64, f64)) -> Option<(Vec<usize>, Vec<usize>)> {
    let before = indices(timeline, |from, to| from >= 0.0 && to <= start + 1e-9);
    let after = indices(timeline, |from, _| from >= end - 1e-9);
    (!before.is_empty() && !after.is_empty()).then_some((before, after))
}

/// Of which class the profile asks more in an interval than in any of those before the trigger.
fn more_than_before(system: &System, timeline: &Timeline, before: &[usize]) -> impl Fn(usize) -> Option<ClassId> {
    let times = timeline.times.clone();
    let level = move |profile: &Intensity, at: usize| {
        let from = if at == 0 { 0.0 } else { times[at - 1] };
        profile.area(from, times[at]) / (times[at] - from)
    };
    let profiles = system.classes.iter().enumerate().filter(|(_, class)| class.profile.is_some());
    let known: Vec<(ClassId, Intensity, f64)> = profiles
        .map(|(id, class)| {
            let profile = Intensity::new(class.profile.as_ref(), 0.0, false);
            let most = before.iter().map(|&at| level(&profile, at)).fold(0.0, f64::max);
            (id, profile, most)
        })
        .collect();
    move |at| known.iter().find(|(_, profile, most)| level(profile, at) > most * (1.0 + 1e-6)).map(|known| known.0)
}

/// The interval from which on all is well again, of those given.
fn recovers(timeline: &Timeline, before: &[usize], after: &[usize]) -> Option<usize> {
    let series = watched(timeline);
    let limits: Vec<f64> = series.iter().map(|s| limit(s, before)).collect();
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
    back.map(|at| after[at])
}

/// Of a system that is not back: whether what piled up is going away.
fn left(timeline: &Timeline, before: &[usize], after: &[usize]) -> Verdict {
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
        return Verdict::Draining { left: now * elapsed / (then - now) };
    }
    Verdict::Metastable
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
