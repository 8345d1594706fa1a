//! Edits of the structure: adding, removing and renaming with all that follows.

use super::refer;
use crate::Problem;
use crate::v1::{Component, EventKind, HitRatio, OneOrMany, PerClass, Scenario, Service};
use std::collections::{BTreeMap, BTreeSet};

type Outcome<T> = Result<T, Vec<Problem>>;

fn nothing(what: &str, id: &str) -> Vec<Problem> {
    vec![Problem::new("", format!("there is no {what} {id:?}"), format!("name a {what} of this scenario"))]
}

pub(super) fn component_mut<'s>(scenario: &'s mut Scenario, id: &str) -> Outcome<&'s mut Component> {
    scenario.components.iter_mut().find(|c| c.id == id).ok_or_else(|| nothing("component", id))
}

pub(super) fn move_components(scenario: &mut Scenario, moves: &[(String, f64, f64)]) -> Outcome<()> {
    let places: BTreeMap<&str, (f64, f64)> = moves.iter().map(|(id, x, y)| (id.as_str(), (*x, *y))).collect();
    if let Some((id, _)) = places.iter().find(|(_, (x, y))| !x.is_finite() || !y.is_finite()) {
        return Err(vec![Problem::new("", format!("{id} has no place there"), "give finite coordinates")]);
    }
    for component in &mut scenario.components {
        if let Some(place) = places.get(component.id.as_str()) {
            component.position = Some(*place);
        }
    }
    Ok(())
}

pub(super) fn remove_components(scenario: &mut Scenario, ids: &[String]) -> Outcome<()> {
    let gone: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
    if let Some(id) = gone.iter().find(|id| !scenario.components.iter().any(|c| c.id == **id)) {
        return Err(nothing("component", id));
    }
    move_entries(scenario, &gone);
    scenario.components.retain(|c| !gone.contains(c.id.as_str()));
    for component in &mut scenario.components {
        refer::retain_calls(&mut component.calls, &mut |call| !gone.contains(call.to.as_str()));
        component.dead_letter = component.dead_letter.take().filter(|id| !gone.contains(id.as_str()));
    }
    let named = |id: &Option<String>| id.as_ref().is_some_and(|id| gone.contains(id.as_str()));
    scenario.slos.retain(|slo| !named(&slo.component));
    // The loss of a zone names a zone, which may be called as a component is.
    scenario.events.retain(|event| event.kind == EventKind::LoseZone || !named(&event.component));
    if let Some(map) = &mut scenario.map {
        map.series.retain(|series| !named(&series.component));
        map.costs.retain(|_, to| match to {
            OneOrMany::One(id) => !gone.contains(id.as_str()),
            OneOrMany::Many(ids) => {
                ids.retain(|id| !gone.contains(id.as_str()));
                !ids.is_empty()
            }
        });
    }
    for import in &mut scenario.imports {
        // A bill stays as long as it was: what a component explained, none does any more.
        for id in &gone {
            if let Some(amount) = import.monthly_costs.remove(*id) {
                *import.unexplained_costs.entry((*id).to_owned()).or_insert(0.0) += amount;
            }
        }
    }
    let heads: Vec<String> = gone.iter().map(|id| format!("components.{id}.")).collect();
    refer::drop_draws(scenario, |path| heads.iter().any(|head| path.starts_with(head)));
    Ok(())
}

/// A class that entered at a removed component enters at the first component that one called, else at the first that is
/// left; without any, the class goes too.
fn move_entries(scenario: &mut Scenario, gone: &BTreeSet<&str>) {
    let left: Vec<String> =
        scenario.components.iter().map(|c| c.id.clone()).filter(|id| !gone.contains(id.as_str())).collect();
    let heirs: BTreeMap<String, String> = scenario
        .components
        .iter()
        .filter(|c| gone.contains(c.id.as_str()))
        .filter_map(|c| {
            let called = c.calls.iter().map(|call| &call.to).find(|to| left.contains(to));
            Some((c.id.clone(), called.or(left.first())?.clone()))
        })
        .collect();
    let orphans: Vec<String> = scenario
        .traffic
        .iter()
        .filter(|class| gone.contains(class.entry.as_str()) && !heirs.contains_key(&class.entry))
        .map(|class| class.id.clone())
        .collect();
    for class in &mut scenario.traffic {
        if let Some(heir) = heirs.get(&class.entry) {
            class.entry.clone_from(heir);
        }
    }
    for id in orphans {
        let _ = remove_traffic(scenario, &id);
    }
}

pub(super) fn rename_component(scenario: &mut Scenario, id: &str, to: &str) -> Outcome<()> {
    if scenario.components.iter().any(|c| c.id == to) {
        return Err(vec![Problem::new("", format!("{to:?} is taken"), "choose another id")]);
    }
    to.clone_into(&mut component_mut(scenario, id)?.id);
    refer::component_names(scenario, &mut |name| {
        if name == id {
            to.clone_into(name);
        }
    });
    refer::rename_draws(scenario, "components", id, to);
    Ok(())
}

pub(super) fn duplicate(scenario: &mut Scenario, ids: &[String]) -> Outcome<()> {
    let mut taken: BTreeSet<String> = scenario.components.iter().map(|c| c.id.clone()).collect();
    let mut copies: BTreeMap<String, String> = BTreeMap::new();
    for id in ids {
        let copy = (2..).map(|n| format!("{id}-{n}")).find(|copy| !taken.contains(copy)).unwrap_or_default();
        taken.insert(copy.clone());
        copies.insert(id.clone(), copy);
    }
    for id in ids {
        let mut component = component_mut(scenario, id)?.clone();
        component.id.clone_from(&copies[id]);
        // The copy stands a little beside the original.
        component.position = component.position.map(|(x, y)| (x + 24.0, y + 24.0));
        component.label = component.label.map(|label| format!("{label} 2"));
        refer::calls(&mut component.calls, &mut |call| {
            if let Some(copy) = copies.get(&call.to) {
                call.to.clone_from(copy);
            }
        });
        scenario.components.push(component);
    }
    Ok(())
}

pub(super) fn remove_traffic(scenario: &mut Scenario, id: &str) -> Outcome<()> {
    if !scenario.traffic.iter().any(|class| class.id == id) {
        return Err(nothing("traffic class", id));
    }
    scenario.traffic.retain(|class| class.id != id);
    for component in &mut scenario.components {
        // A call that was made for this class only goes with it.
        refer::retain_calls(&mut component.calls, &mut |call| call.classes.as_deref() != Some(&[id.to_owned()]));
        refer::calls(&mut component.calls, &mut |call| call.classes.iter_mut().for_each(|ids| ids.retain(|i| i != id)));
        if let Some(Service::By(map)) = &mut component.service {
            map.remove(id);
        }
        if let Some(HitRatio::By(map)) = &mut component.hit_ratio {
            map.remove(id);
        }
        if let Some(PerClass::By(map)) = &mut component.write_ratio {
            map.remove(id);
        }
        forget_empty(component);
    }
    scenario.slos.retain(|slo| slo.traffic.as_deref() != Some(id));
    if let Some(map) = &mut scenario.map {
        map.endpoints.retain(|_, class| class != id);
        map.series.retain(|series| series.class.as_deref() != Some(id));
    }
    scenario.imports.iter_mut().for_each(|import| import.points.retain(|point| point.traffic != id));
    let own = format!("traffic.{id}.");
    refer::drop_draws(scenario, |path| path.starts_with(&own) || refer::class_in_path(path, id).is_some());
    Ok(())
}

/// Values per class of which none is left become values for all.
fn forget_empty(component: &mut Component) {
    if matches!(&component.service, Some(Service::By(map)) if map.is_empty()) {
        component.service = None;
    }
    if matches!(&component.hit_ratio, Some(HitRatio::By(map)) if map.is_empty()) {
        component.hit_ratio = Some(HitRatio::Ratio(0.0.into()));
    }
    if matches!(&component.write_ratio, Some(PerClass::By(map)) if map.is_empty()) {
        component.write_ratio = None;
    }
}

pub(super) fn rename_traffic(scenario: &mut Scenario, id: &str, to: &str) -> Outcome<()> {
    if scenario.traffic.iter().any(|class| class.id == to) {
        return Err(vec![Problem::new("", format!("{to:?} is taken"), "choose another id")]);
    }
    let class = scenario.traffic.iter_mut().find(|class| class.id == id).ok_or_else(|| nothing("traffic class", id))?;
    to.clone_into(&mut class.id);
    refer::class_names(scenario, &mut |name| {
        if name == id {
            to.clone_into(name);
        }
    });
    refer::rename_draws(scenario, "traffic", id, to);
    for path in scenario.fit.iter_mut().flat_map(|fit| &mut fit.paths) {
        if let Some((head, rest)) = refer::class_in_path(path, id) {
            *path = format!("{head}{to}{rest}");
        }
    }
    Ok(())
}
