//! Objectives, events, and growth.

use super::names::Names;
use super::problems::Findings;
use crate::path::Path;
use crate::v1::{ComponentKind, Event, EventKind, Slo};

/// Own times that vanish, or all but, are no slow-down that anybody means.
const LEAST_FACTOR: f64 = 0.001;

pub(super) fn check(names: &Names, findings: &mut Findings) {
    let root = Path::ROOT;
    let (slos, events) = (root.key("slos"), root.key("events"));
    for (i, slo) in names.scenario.slos.iter().enumerate() {
        objective(names, slo, &slos.index(i), findings);
    }
    for (i, event) in names.scenario.events.iter().enumerate() {
        check_event(names, event, &events.index(i), findings);
    }
}

/// Exactly one of the shapes of the contract.
fn objective(names: &Names, slo: &Slo, path: &Path, findings: &mut Findings) {
    if let Some(class) = &slo.traffic {
        names.want_class(class, &path.key("traffic"), findings);
    }
    if let Some(component) = &slo.component {
        names.want_component(component, &path.key("component"), findings);
    }
    let stated = [
        slo.traffic.is_some(),
        slo.percentile.is_some(),
        slo.latency_ms.is_some(),
        slo.max_error_ratio.is_some(),
        slo.component.is_some(),
        slo.max_utilization.is_some(),
        slo.max_backlog_age_s.is_some(),
        slo.survive.is_some(),
        slo.max_monthly_cost.is_some(),
    ];
    const SHAPES: [[usize; 3]; 6] = [[0, 1, 2], [0, 3, 3], [4, 5, 5], [4, 6, 6], [7, 7, 7], [8, 8, 8]];
    let fits = |shape: &[usize; 3]| stated.iter().enumerate().all(|(i, stands)| *stands == shape.contains(&i));
    if !SHAPES.iter().any(fits) {
        findings.problem(
            path,
            "the objective is none of the known shapes",
            "give exactly: traffic, percentile, latency_ms; or traffic, max_error_ratio; or component, max_utilization; or \
             component, max_backlog_age_s; or survive; or max_monthly_cost",
        );
    }
    let kind = slo.component.as_ref().and_then(|id| names.kind_of(id));
    if slo.max_backlog_age_s.is_some() && kind.is_some_and(|kind| kind != ComponentKind::Queue) {
        findings.problem(&path.key("component"), "only a queue has a backlog", "name a queue");
    }
    if slo.survive.as_deref() == Some("zone") && names.zones.is_empty() {
        findings.problem(
            &path.key("survive"),
            "there is no zone that could be lost",
            "list zones, and place components in them",
        );
    }
}

fn check_event(names: &Names, event: &Event, path: &Path, findings: &mut Findings) {
    let place = path.key("component");
    let kind = event.component.as_ref().and_then(|id| names.kind_of(id));
    let wants = |wanted: &[ComponentKind]| kind.is_some_and(|kind| !wanted.contains(&kind));
    match (event.kind, &event.component) {
        (EventKind::LoseZone, Some(zone)) => names.want_zone(zone, &place, findings),
        (EventKind::LoseZone, None) => findings.problem(&place, "which zone is lost is not said", "name a zone"),
        (EventKind::TrafficSpike, None) => {}
        (EventKind::TrafficSpike, Some(_)) => {
            findings.problem(&place, "a traffic spike concerns the whole system", "leave component out");
        }
        (_, None) => findings.problem(&place, "where it happens is not said", "name a component"),
        (_, Some(id)) => names.want_component(id, &place, findings),
    }
    if event.kind == EventKind::FlushCache && wants(&[ComponentKind::Cache, ComponentKind::Cdn]) {
        findings.problem(&place, "only a cache or CDN can be flushed", "name one");
    }
    if event.kind == EventKind::ExclusiveLock && wants(&[ComponentKind::Database]) {
        findings.problem(&place, "only a database can be locked", "name one");
    }
    let amount = path.key("amount");
    match (event.kind, event.amount) {
        (EventKind::LoseReplicas, Some(lost)) if lost.fract() != 0.0 || lost < 1.0 => {
            findings.problem(&amount, format!("{lost} replicas cannot be lost"), "give a whole number, 1 or more");
        }
        (EventKind::SlowDown | EventKind::TrafficSpike, None) => {
            findings.problem(&amount, "how much is not said", "give a factor such as 3");
        }
        (EventKind::SlowDown, Some(factor)) if factor < LEAST_FACTOR => {
            findings.problem(&amount, format!("own times cannot be times {factor}"), "give 0.001 or more, such as 3");
        }
        _ => {}
    }
}
