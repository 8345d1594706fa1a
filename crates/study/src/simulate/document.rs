//! From replications to the result document.

use super::figures::{bottleneck, class_point, component_point, timeline};
use super::full::saturated;
use super::judge::{Evidence, histograms, objectives, unanswered};
use super::{SimulateOptions, money, slow, survive};
use crate::result::{CostPoint, FORMAT, LossDoc, Point, ResultDoc, RunPoint, Warning};
use engine::model::{Event, Place, Profile, System};
use engine::sim::{ReplicationReport, StoppedBy, filled, needed, rises, summarize, trigger, verdict};
use std::collections::BTreeMap;

/// The document of a simulation: one point per multiple for which there are replications.
pub(super) fn answer(
    system: &System,
    options: &SimulateOptions,
    reports: &[Vec<ReplicationReport>],
    losses: &[Vec<LossDoc>],
) -> ResultDoc {
    let points: Vec<Point> = options
        .multiples
        .iter()
        .zip(reports)
        .enumerate()
        .filter(|(_, (_, reports))| !reports.is_empty())
        .map(|(at, (&multiple, reports))| {
            let losses = losses.get(at).map_or(&[][..], Vec::as_slice);
            point(system, options, multiple, reports, losses)
        })
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
    let mut warnings: Vec<Warning> = points.iter().filter_map(cut_short).collect();
    warnings.extend(pace(system, reports));
    warnings.extend(beyond(system, reports));
    warnings.extend(unfilled(system, reports));
    warnings.extend(risen(system, reports));
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

/// A warning of each event that begins or ends after the run; one cut short says so itself, and has nothing more to tell of them.
fn beyond(system: &System, reports: &[Vec<ReplicationReport>]) -> Vec<Warning> {
    let whole = reports.iter().flatten().filter(|report| report.stopped_by == StoppedBy::Time);
    let Some(seconds) = whole.map(|report| report.seconds).reduce(f64::max) else { return Vec::new() };
    // The clock carries the warm-up.
    let run = seconds * (1.0 + 1e-9);
    let lasting = |event: &Event| Some(event.duration).filter(|duration| *duration < 1e300);
    let enough = scenario::run_seconds(0.0, system.events.iter().map(|event| (event.at, lasting(event))));
    let late = system.events.iter().enumerate().filter_map(|(place, event)| {
        let at = event.at;
        let what = match lasting(event) {
            _ if at >= seconds * (1.0 - 1e-9) => format!("Nothing is seen of the event at {at} s"),
            Some(duration) if at + duration > run => format!("What comes of the event at {at} s is not seen"),
            _ => return None,
        };
        let end = (seconds * 1e3).round() / 1e3;
        let text = format!("{what}: the run ends at {end} s; simulate {} s or more.", enough.ceil());
        Some(Warning { code: "event-beyond-run".into(), path: scenario::place_path(&Place::Event(place), ""), text })
    });
    late.collect()
}

/// A warning where a limiter counts over more time than was dropped: it admits at first what it will refuse later.
fn unfilled(system: &System, reports: &[Vec<ReplicationReport>]) -> Option<Warning> {
    let window = filled(system);
    let warmup = reports.iter().flatten().map(|report| report.warmup).reduce(f64::min)?;
    (warmup < window * (1.0 - 1e-9)).then(|| Warning {
        code: "window-not-full".into(),
        path: String::new(),
        text: format!(
            "A rate limit counts over {window} s, and {} s were dropped before measuring: at first it admits what it refuses later, which can look as if an event stayed; simulate {} s or more, or drop the window (--warmup {}).",
            warmup.round(),
            (window / 10.0).ceil(),
            window.ceil()
        ),
    })
}

/// A warning where a system is not back after its events, but is asked for more than before them.
fn risen(system: &System, reports: &[Vec<ReplicationReport>]) -> Option<Warning> {
    let ends = trigger(system)?;
    let first = reports.iter().filter_map(|point| point.first());
    let unknown = first.filter(|report| verdict(system, report, ends).is_none());
    let class = unknown.filter_map(|report| rises(system, report, ends)).next()?;
    Some(Warning {
        code: "load-rises-after-event".into(),
        path: scenario::place_path(&Place::Class(class), "profile"),
        text: format!(
            "Whether the system comes back after its events is not said: the profile of {} asks for more after them than before, which makes figures worse as well; play the events at a steady load.",
            system.classes[class].id
        ),
    })
}

/// A warning where a month at the run's pace is not a month of the profile.
fn pace(system: &System, reports: &[Vec<ReplicationReport>]) -> Option<Warning> {
    let seconds = reports.iter().flatten().map(|r| r.seconds).next()?;
    if !system.stations.iter().any(|s| s.price.given) {
        return None;
    }
    let period = system.classes.iter().filter_map(|class| match &class.profile {
        Some(Profile::Periodic { step, factors }) => Some(step * factors.len() as f64),
        _ => None,
    });
    let period = period.fold(0.0, f64::max);
    let off = period > 0.0 && ((seconds / period).fract().min(1.0 - (seconds / period).fract()) > 0.01);
    (off || seconds < 0.99 * period).then(|| Warning {
        code: "cost-of-part-of-the-profile".into(),
        path: String::new(),
        text: format!(
            "A month is priced at the pace of the {seconds} simulated seconds, which are no whole number of the profile's periods of {period} s: simulate one to price it."
        ),
    })
}

fn point(
    system: &System,
    options: &SimulateOptions,
    multiple: f64,
    reports: &[ReplicationReport],
    losses: &[LossDoc],
) -> Point {
    let count = needed(reports, options.half_width);
    let reports = &reports[..count];
    let summary = summarize(reports);
    let bills = money::bills(system, multiple, reports);
    let mut classes = BTreeMap::new();
    for (at, (class, estimates)) in system.classes.iter().zip(&summary.classes).enumerate() {
        let mut point = class_point(estimates);
        point.slow = reports.first().and_then(|r| slow::slow(system, r, at));
        classes.insert(class.id.clone(), point);
    }
    let mut components = BTreeMap::new();
    for (at, station) in system.stations.iter().enumerate() {
        let mut point = component_point(system, at, &summary);
        point.monthly_cost = money::of_component(system, at, &bills);
        components.insert(station.id.clone(), point);
    }
    let seconds = reports.iter().map(|r| r.seconds).sum::<f64>() / count.max(1) as f64;
    let cost: CostPoint = money::cost(&bills, seconds);
    let slos = objectives(&Evidence {
        system,
        summary: &summary,
        histograms: &histograms(system, reports),
        monthly: cost.monthly,
        running: &survive::running(system, multiple),
        losses,
    });
    let cut = summary.cut_short;
    // What is not decided yet is not promised.
    let all_met = slos.len() == system.objectives.len() && slos.iter().all(|slo| slo.met);
    let stopped_by = match cut {
        Some(StoppedBy::InFlight) => "in_flight",
        Some(StoppedBy::Events) => "events",
        Some(StoppedBy::Running) => "cancelled",
        _ if options.half_width.is_some() && (count as u32) < options.replications => "half_width",
        _ => "replications",
    };
    Point {
        multiple,
        unsettled: false,
        feasible: cut.is_none() && all_met && !saturated(system, &summary) && !unanswered(&summary),
        bottleneck: bottleneck(system, &summary),
        classes,
        components,
        cost,
        slos,
        run: RunPoint {
            timeline: reports.first().map(|r| timeline(system, r)),
            warmup_s: Some(summary.warmup),
            replications: Some(summary.replications),
            events: Some(summary.events),
            verdict: trigger(system).and_then(|ends| verdict(system, reports.first()?, ends)),
            stopped_by: Some(stopped_by.into()),
        },
    }
}
