//! Making a link that holds everything, less what its sender wants to keep.

use super::troubles;
use crate::protocol::{LeaveOut, Response};
use scenario::Scenario;
use scenario::link::{View, encode};
use serde_json::Value;

/// The link of a document.
pub(super) fn link(document: &str, leave_out: LeaveOut) -> Response {
    let mut scenario = match scenario::open(document) {
        Ok(opened) => opened.scenario,
        Err(problems) => return Response::Failed { problems: troubles("", &problems) },
    };
    if leave_out.money {
        without_money(&mut scenario);
    }
    if leave_out.names {
        scenario = without_names(&scenario).unwrap_or(scenario);
    }
    match encode(&scenario, &View::default()) {
        Ok(link) => {
            let left = link.left_out.iter().map(|path| format!("{path} was left out to keep the link short"));
            let losses = left.chain(link.warning.map(|warning| warning.to_string())).collect();
            Response::Link { fragment: link.fragment, losses }
        }
        Err(problem) => Response::Failed { problems: troubles("", &[problem]) },
    }
}

fn without_money(scenario: &mut Scenario) {
    for component in &mut scenario.components {
        component.price = None;
    }
    for import in &mut scenario.imports {
        import.monthly_costs.clear();
    }
    scenario.costs.clear();
    scenario.price_book.clear();
    scenario.slos.retain(|slo| slo.max_monthly_cost.is_none());
    if let Some(map) = &mut scenario.map {
        map.costs.clear();
    }
}

/// Ids become `c1`, `t1`, … everywhere they stand; labels, notes, file names and the map go.
fn without_names(scenario: &Scenario) -> Option<Scenario> {
    let mut plain = scenario.clone();
    plain.name = "Shared scenario".into();
    plain.notes.clear();
    plain.map = None;
    for import in &mut plain.imports {
        import.file = None;
        import.sha256 = None;
        import.monthly_costs.clear();
    }
    plain.components.iter_mut().for_each(|component| component.label = None);
    plain.traffic.iter_mut().for_each(|class| class.label = None);
    let components = scenario
        .components
        .iter()
        .enumerate()
        .map(|(index, component)| (component.id.clone(), format!("c{}", index + 1)));
    let classes =
        scenario.traffic.iter().enumerate().map(|(index, class)| (class.id.clone(), format!("t{}", index + 1)));
    let names: Vec<(String, String)> = components.chain(classes).collect();
    let mut value = serde_json::to_value(&plain).ok()?;
    rename(&mut value, &names);
    serde_json::from_value(value).ok()
}

fn rename(value: &mut Value, names: &[(String, String)]) {
    let new = |old: &str| names.iter().find(|(name, _)| name == old).map(|(_, new)| new.clone());
    match value {
        Value::String(text) => {
            if let Some(new) = new(text) {
                *text = new;
            } else {
                *text = in_path(text, names);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|entry| rename(entry, names)),
        Value::Object(map) => {
            for (key, mut inner) in std::mem::take(map) {
                rename(&mut inner, names);
                map.insert(new(&key).unwrap_or(key), inner);
            }
        }
        _ => {}
    }
}

/// Addresses of fitted quantities hold ids as their parts: `components.db.service.mean_ms`.
fn in_path(text: &str, names: &[(String, String)]) -> String {
    if !text.starts_with("components.") && !text.starts_with("traffic.") {
        return text.to_owned();
    }
    let part = |part: &str| names.iter().find(|(name, _)| name == part).map_or(part.to_owned(), |(_, new)| new.clone());
    text.split('.').map(part).collect::<Vec<_>>().join(".")
}
