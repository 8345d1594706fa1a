//! Findings into the scenario: every fitted figure with its value, interval, source and import, and the addresses of what was
//! written, so that draws find it again.

use super::finding::{Finding, Target};
use crate::address;
use engine::model::Distribution;
use scenario::Scenario;
use scenario::v1::{Call, CallMode, Component, DistKind, HitRatio, Quantity, Service, ServiceTime, Source};
use std::collections::BTreeMap;

/// Probability inside the intervals of quantities: 5–95 %.
const INTERVAL: f64 = 0.9;

/// Largest coefficient of variation that an interval or a draw reaches.
pub const WIDEST_VARIATION: f64 = 20.0;

/// The finding as a quantity of the scenario.
#[must_use]
pub fn quantity(finding: &Finding) -> Quantity {
    let estimate = &finding.estimate;
    let (low, high) = if finding.is_share() {
        (finding.draw(0.05), finding.draw(0.95))
    } else {
        estimate.positive_interval(INTERVAL)
    };
    // What the data do not determine has no interval in truth: it ends at a factor of fifty, and at a variation nobody has seen.
    let most = if matches!(finding.target, Target::ServiceVariation(..)) { WIDEST_VARIATION } else { f64::INFINITY };
    let (low, high) = (low.max(estimate.value / 50.0), high.min(50.0 * estimate.value).min(most));
    Quantity {
        value: estimate.value,
        low: Some(low.min(estimate.value)),
        high: Some(high.max(estimate.value)),
        source: Some(if finding.measured { Source::Measured } else { Source::Fitted }),
        from: finding.from.first().cloned(),
    }
}

/// Writes one finding; the addresses it now stands at (empty when the scenario has no such place).
pub fn write(scenario: &mut Scenario, finding: &Finding) -> Vec<String> {
    let value = quantity(finding);
    match &finding.target {
        Target::ServiceMean(id, class) => service(scenario, id, class.as_deref(), |time| {
            let shape = Shape::of(time);
            *time =
                ServiceTime { mean_ms: Some(value.clone()), dist: shape.dist, cv: shape.cv, ..ServiceTime::default() };
            "mean_ms"
        }),
        Target::ServiceVariation(id, class) => service(scenario, id, class.as_deref(), |time| {
            let dist = finding.shape.as_ref().map(family);
            let mean = time.mean_ms.clone();
            *time =
                ServiceTime { mean_ms: mean, dist: dist.flatten(), cv: Some(value.clone()), ..ServiceTime::default() };
            "cv"
        }),
        Target::HitRatio(id, class) => {
            let classes = class_ids(scenario);
            let Some(component) = component(scenario, id) else { return Vec::new() };
            match class {
                None => component.hit_ratio = Some(HitRatio::Ratio(value)),
                Some(class) => {
                    let mut map = match component.hit_ratio.take() {
                        Some(HitRatio::By(map)) => map,
                        Some(HitRatio::Ratio(all)) => classes.into_iter().map(|c| (c, all.clone())).collect(),
                        _ => BTreeMap::new(),
                    };
                    map.insert(class.clone(), value);
                    component.hit_ratio = Some(HitRatio::By(map));
                }
            }
            vec![with_class(&format!("components.{id}.hit_ratio"), class.as_deref())]
        }
        Target::FailureRatio(id) => {
            let Some(component) = component(scenario, id) else { return Vec::new() };
            component.failure_ratio = Some(value);
            vec![format!("components.{id}.failure_ratio")]
        }
        Target::PoolSize(id, pool) => {
            let address = format!("components.{id}.pools.{pool}");
            let exact = Quantity { low: None, high: None, ..value };
            if address::write(scenario, &address, &exact) { vec![address] } else { Vec::new() }
        }
        Target::PoolNetwork(id, pool) => {
            let of_pool = |call: &Call| call.pool.as_deref() == Some(pool);
            networks(scenario, id, &of_pool, &value)
        }
        Target::CallNetwork(id, to) => {
            let waited_for = |call: &Call| call.to == *to && call.mode != Some(CallMode::Async);
            networks(scenario, id, &waited_for, &value)
        }
        Target::Address(address) => {
            if address::write(scenario, address, &value) {
                vec![address.clone()]
            } else {
                Vec::new()
            }
        }
    }
}

/// The value that stands at a target now, where it is a single number.
#[must_use]
pub fn before(scenario: &Scenario, target: &Target) -> Option<f64> {
    let paths = match target {
        Target::ServiceMean(id, class) => service_paths(id, class.as_deref(), "mean_ms"),
        Target::ServiceVariation(id, class) => service_paths(id, class.as_deref(), "cv"),
        Target::HitRatio(id, class) => vec![
            with_class(&format!("components.{id}.hit_ratio"), class.as_deref()),
            format!("components.{id}.hit_ratio"),
        ],
        Target::FailureRatio(id) => vec![format!("components.{id}.failure_ratio")],
        Target::PoolSize(id, pool) => vec![format!("components.{id}.pools.{pool}")],
        Target::PoolNetwork(..) | Target::CallNetwork(..) => return None,
        Target::Address(address) => vec![address.clone()],
    };
    paths.iter().find_map(|p| address::read(scenario, p)).map(|q| q.value)
}

fn service_paths(id: &str, class: Option<&str>, key: &str) -> Vec<String> {
    let base = format!("components.{id}.service");
    class
        .map(|c| format!("{base}.{c}.{key}"))
        .into_iter()
        .chain([format!("{base}.{key}"), format!("{base}.*.{key}")])
        .collect()
}

fn with_class(base: &str, class: Option<&str>) -> String {
    class.map_or_else(|| base.to_owned(), |c| format!("{base}.{c}"))
}

fn class_ids(scenario: &Scenario) -> Vec<String> {
    scenario.traffic.iter().map(|t| t.id.clone()).collect()
}

fn component<'a>(scenario: &'a mut Scenario, id: &str) -> Option<&'a mut Component> {
    scenario.components.iter_mut().find(|c| c.id == id)
}

/// What is known of the shape of a stated time.
struct Shape {
    dist: Option<DistKind>,
    cv: Option<Quantity>,
}

impl Shape {
    /// Keeps family and variation where they are stated; what percentiles or points implied is kept as a lognormal's variation.
    fn of(time: &ServiceTime) -> Self {
        let dist = time.dist.filter(|d| *d != DistKind::Empirical);
        if time.cv.is_none() && (time.p50_ms.is_some() || time.p95_ms.is_some()) {
            let spread = time.p50_ms.as_ref().zip(time.p95_ms.as_ref().or(time.p99_ms.as_ref()));
            let cv = spread.filter(|(a, b)| a.value > 0.0 && b.value > a.value).map(|(a, b)| {
                let sigma = engine::math::ln(b.value / a.value) / 1.645;
                Quantity::bare(engine::math::exp_m1(sigma * sigma).sqrt())
            });
            return Self { dist: Some(DistKind::Lognormal), cv };
        }
        Self { dist, cv: time.cv.clone() }
    }
}

/// Edits the own time of a component for one class or all; a time of one class splits off from what stood for all.
fn service(
    scenario: &mut Scenario,
    id: &str,
    class: Option<&str>,
    edit: impl Fn(&mut ServiceTime) -> &'static str,
) -> Vec<String> {
    let Some(component) = component(scenario, id) else { return Vec::new() };
    let base = format!("components.{id}.service");
    let stood = component.service.take().unwrap_or_else(|| Service::All(Box::default()));
    match (class, stood) {
        (None, Service::All(mut time)) => {
            let key = edit(&mut time);
            component.service = Some(Service::All(time));
            vec![format!("{base}.{key}")]
        }
        (None, Service::By(mut map)) => {
            if map.is_empty() {
                map.insert("*".into(), ServiceTime::default());
            }
            let written = map.iter_mut().map(|(class, time)| format!("{base}.{class}.{}", edit(time))).collect();
            component.service = Some(Service::By(map));
            written
        }
        (Some(class), stood) => {
            let mut map = match stood {
                Service::By(map) => map,
                Service::All(time) => BTreeMap::from([("*".to_owned(), *time)]),
            };
            let mut time = map.get(class).or_else(|| map.get("*")).cloned().unwrap_or_default();
            let key = edit(&mut time);
            map.insert(class.to_owned(), time);
            component.service = Some(Service::By(map));
            vec![format!("{base}.{class}.{key}")]
        }
    }
}

/// Writes the network time of the calls of a component that are meant, those on a miss too; where they stand.
fn networks(scenario: &mut Scenario, id: &str, meant: &dyn Fn(&Call) -> bool, value: &Quantity) -> Vec<String> {
    let mut written = Vec::new();
    if let Some(component) = component(scenario, id) {
        network(&mut component.calls, meant, value, &format!("components.{id}.calls"), &mut written);
    }
    written
}

fn network(calls: &mut [Call], meant: &dyn Fn(&Call) -> bool, value: &Quantity, path: &str, written: &mut Vec<String>) {
    for (index, call) in calls.iter_mut().enumerate() {
        let path = format!("{path}[{index}]");
        if meant(call) {
            call.network_ms = Some(value.clone());
            written.push(format!("{path}.network_ms"));
        }
        network(&mut call.on_miss, meant, value, &format!("{path}.on_miss"), written);
    }
}

fn family(distribution: &Distribution) -> Option<DistKind> {
    match distribution {
        Distribution::Lognormal { .. } => Some(DistKind::Lognormal),
        Distribution::Gamma { .. } => Some(DistKind::Gamma),
        Distribution::Hyperexponential { .. } => Some(DistKind::Hyperexponential),
        Distribution::Exponential { .. } => Some(DistKind::Exponential),
        // The format's own choice by the variation.
        Distribution::Deterministic { .. } | Distribution::Empirical { .. } => None,
    }
}
