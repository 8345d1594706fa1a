//! Own times that traces show, for the components that bear their names: read off, not fitted.

use super::finding::{Finding, Target};
use super::guess::words;
use super::mapping::Mapping;
use engine::fit::Estimate;
use ingest::Measurements;
use ingest::measurements::Resource;
use scenario::Scenario;
use scenario::v1::{Component, ComponentKind};

/// Visits below which a mean is too unsure to stand as measured.
const FEWEST_VISITS: f64 = 10.0;

/// Adds what traces show and the series do not.
pub fn add(scenario: &Scenario, data: &[Measurements], ids: &[String], mapping: &Mapping, found: &mut Vec<Finding>) {
    for (file, id) in data.iter().zip(ids).filter(|(file, _)| !file.calls.is_empty()) {
        for component in scenario.components.iter().filter(|component| component.kind != ComponentKind::Queue) {
            let of_name = words(component.label.as_deref().unwrap_or(&component.id));
            let same = |resource: &&Resource| {
                let name = words(&resource.name);
                name == of_name || name == words(&component.id)
            };
            let Some(resource) = file.resources.iter().find(same) else { continue };
            for finding in times(component, resource, file, id, mapping) {
                let Target::ServiceMean(place, _) = &finding.target else { continue };
                let known = |other: &Finding| {
                    matches!(&other.target, Target::ServiceMean(other, _) if other == place)
                        && other.from != finding.from
                };
                if !found.iter().any(known) {
                    found.push(finding);
                }
            }
        }
    }
}

/// The mean of all visits, or that of each class where the classes differ.
fn times(component: &Component, resource: &Resource, file: &Measurements, id: &str, mapping: &Mapping) -> Vec<Finding> {
    let figure = |name: &str| resource.figures.get(name).copied();
    let (Some(own_ms), Some(visits)) = (figure("own_ms"), figure("visits")) else { return Vec::new() };
    let finding = |class: Option<&str>, mean: f64, cv: f64, visits: f64| Finding {
        target: Target::ServiceMean(component.id.clone(), class.map(str::to_owned)),
        estimate: Estimate {
            value: mean,
            standard_error: mean * cv / visits.sqrt(),
            degrees_of_freedom: (visits - 1.0).max(1.0),
        },
        shape: None,
        counted: visits,
        measured: true,
        from: vec![id.to_owned()],
        how: format!("own time of {visits:.0} traced visits"),
    };
    let requests = |endpoint: &str| {
        let named = file.endpoints.iter().find(|other| other.name == endpoint);
        named.and_then(|endpoint| endpoint.figures.requests).unwrap_or(0) as f64
    };
    let calls = |endpoint: &str| {
        let inbound = file.calls.iter().filter(|call| call.to == resource.name);
        let sum: f64 = inbound.filter_map(|call| call.by_endpoint.get(endpoint)).sum();
        if sum > 0.0 { sum } else { 1.0 }
    };
    let mut by_class: Vec<(&str, f64, f64)> = Vec::new();
    for (endpoint, mean) in &resource.own_ms_by_endpoint {
        let Some(class) = mapping.class_of(endpoint) else { continue };
        let count = requests(endpoint) * calls(endpoint);
        match by_class.iter_mut().find(|other| other.0 == class) {
            Some(other) => *other = (class, other.1 + mean * count, other.2 + count),
            None => by_class.push((class, mean * count, count)),
        }
    }
    let differ = by_class.iter().any(|(_, total, count)| (total / count - own_ms).abs() > 0.1 * own_ms);
    let usable = |mean: f64, visits: f64| mean > 0.0 && visits >= FEWEST_VISITS;
    if by_class.len() > 1 && differ {
        let all = by_class.iter().filter(|(_, total, count)| usable(total / count, *count));
        return all.map(|(class, total, count)| finding(Some(class), total / count, 1.0, *count)).collect();
    }
    let cv = figure("own_cv").unwrap_or(1.0).max(0.01);
    if usable(own_ms, visits) { vec![finding(None, own_ms, cv, visits)] } else { Vec::new() }
}
