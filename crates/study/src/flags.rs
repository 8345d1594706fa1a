//! What a reader must know before betting on a projection: how far beyond the measured it goes, and where small errors grow.

use crate::result::{ComponentPoint, Point, ResultDoc, Warning};
use crate::text::short;
use scenario::Scenario;
use scenario::v1::{Arrivals, Component, ComponentKind, Source};
use std::collections::BTreeMap;

/// Load beyond the measured is called so from this factor on.
const BEYOND: f64 = 1.15;

/// What was never measured at the loads that are projected.
#[must_use]
pub fn extrapolation(scenario: &Scenario, doc: &ResultDoc) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let measured = scenario.imports.iter().flat_map(|i| i.points.iter().map(|p| p.multiple));
    let most = measured.fold(0.0, f64::max);
    let Some(last) = doc.points.last() else { return warnings };
    if most <= 0.0 {
        warnings.push(warning(
            "not-measured",
            "",
            "no measured level stands behind this projection: it is the scenario's assumptions carried on".into(),
        ));
    } else if last.multiple > BEYOND * most {
        warnings.push(warning(
            "extrapolated",
            "",
            format!("the highest measured level is ×{most:.2}: everything beyond is the model's, nothing else"),
        ));
    }
    if most <= 0.0 {
        return warnings;
    }
    // Peak rate of each class that was measured; what no class measured adds nothing.
    let mut peak: BTreeMap<&str, f64> = BTreeMap::new();
    for point in scenario.imports.iter().flat_map(|i| &i.points) {
        let rate = peak.entry(point.traffic.as_str()).or_insert(0.0);
        *rate = rate.max(point.rps);
    }
    for component in &scenario.components {
        let visits = crate::calibrate::visits_per_request(scenario, &component.id);
        let loaded: f64 =
            visits.iter().map(|(class, per)| per * peak.get(class.as_str()).copied().unwrap_or(0.0)).sum();
        let projected = last.components.get(&component.id).map_or(0.0, |c| c.visits_rps);
        let path = format!("components.{}", component.id);
        if is_unlimited(component) && projected > BEYOND * loaded && loaded > 0.0 {
            let text = format!(
                "{} was never loaded above {}/s and its limit is not known; ×{} asks {}/s of it",
                component.label.as_deref().unwrap_or(&component.id),
                short(loaded),
                last.multiple,
                short(projected)
            );
            warnings.push(warning("never-loaded", &path, text));
        }
        if is_bottleneck(doc, component) && !has_datum(component) {
            let text = format!("{} limits the growth, but no datum touches it: its time is assumed", component.id);
            warnings.push(warning("untouched-bottleneck", &path, text));
        }
    }
    if let Some(multiple) = doc.headroom.as_ref().and_then(|h| h.multiple).filter(|m| *m > BEYOND * most) {
        let classes = scenario.traffic.iter().filter(|t| matches!(t.arrivals, Arrivals::Open { .. })).count();
        let text = format!(
            "the headroom of ×{multiple:.2} lies {:.1} times above the highest measured level ({classes} open classes): measure nearer to it before relying on it",
            multiple / most
        );
        warnings.push(warning("headroom-extrapolated", "", text));
    }
    warnings
}

/// Where the band says that small errors of the fit grow large.
#[must_use]
pub fn near_saturation(doc: &ResultDoc) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for point in &doc.points {
        for (id, class) in &point.classes {
            let (Some(band), Some(value)) =
                (class.bands.get("p95"), class.latency_ms.as_ref().and_then(|l| l.get("p95")))
            else {
                continue;
            };
            let Some((name, utilization)) = busiest(point) else { continue };
            if utilization > 0.7 && *value > 0.0 && band[1] / value > 1.25 {
                warnings.push(warning(
                    "near-saturation",
                    "",
                    format!(
                        "{id} at ×{}: {name} is {:.0} % busy, and so near to its limit every error grows: p95 may be {:.0} to {:.0} ms",
                        point.multiple,
                        100.0 * utilization,
                        band[0],
                        band[1]
                    ),
                ));
            }
        }
    }
    warnings
}

/// The busiest part that requests wait for: what is saturated already queues beside their way, or they would have no latency.
fn busiest(point: &Point) -> Option<(String, f64)> {
    let of = |(id, c): (&String, &ComponentPoint)| {
        let own = c.utilization.map(|u| (id.clone(), u));
        let pools = c.pools.iter().filter_map(move |(name, p)| Some((format!("{id} pool:{name}"), p.utilization?)));
        own.into_iter().chain(pools).collect::<Vec<_>>()
    };
    point.components.iter().flat_map(of).filter(|(_, u)| *u < 0.999).max_by(|a, b| a.1.total_cmp(&b.1))
}

/// Kinds that are pure delays in the model until somebody says where they end.
fn is_unlimited(component: &Component) -> bool {
    match component.kind {
        ComponentKind::External => component.rate_limit.is_none(),
        ComponentKind::Cache => component.concurrency.is_none(),
        ComponentKind::Database => component.cores.is_none(),
        ComponentKind::Service => component.concurrency.is_none() && component.cpu_cores.is_none(),
        _ => false,
    }
}

fn is_bottleneck(doc: &ResultDoc, component: &Component) -> bool {
    doc.headroom.as_ref().and_then(|h| h.component.as_ref()) == Some(&component.id)
}

/// Whether any quantity of the component, or of what it calls when it is only a queue or pool, was measured or fitted.
fn has_datum(component: &Component) -> bool {
    if component.kind == ComponentKind::Queue || !component.pools.is_empty() {
        return true;
    }
    let text = component.to_json();
    [Source::Measured, Source::Fitted].iter().any(|source| text.contains(&format!("\"source\":{}", source.to_json())))
}

fn warning(code: &str, path: &str, text: String) -> Warning {
    Warning { code: code.into(), path: path.into(), text }
}
