//! Everything in a scenario that names something else: to rename it, to remove it, to keep the draws of a calibration true.

use crate::v1::{Call, HitRatio, OneOrMany, PerClass, Scenario, Service};
use std::collections::BTreeMap;

/// Calls a function with every name of a component, except the components' own ids.
pub(crate) fn component_names(scenario: &mut Scenario, each: &mut dyn FnMut(&mut String)) {
    for class in &mut scenario.traffic {
        each(&mut class.entry);
    }
    for component in &mut scenario.components {
        calls(&mut component.calls, &mut |call| each(&mut call.to));
        component.dead_letter.iter_mut().for_each(&mut *each);
    }
    scenario.slos.iter_mut().filter_map(|slo| slo.component.as_mut()).for_each(&mut *each);
    let in_zone = |event: &&mut crate::v1::Event| event.kind != crate::v1::EventKind::LoseZone;
    scenario.events.iter_mut().filter(in_zone).filter_map(|event| event.component.as_mut()).for_each(&mut *each);
    if let Some(map) = &mut scenario.map {
        map.series.iter_mut().filter_map(|series| series.component.as_mut()).for_each(&mut *each);
        for to in map.costs.values_mut() {
            match to {
                OneOrMany::One(id) => each(id),
                OneOrMany::Many(ids) => ids.iter_mut().for_each(&mut *each),
            }
        }
    }
    for import in &mut scenario.imports {
        keys(&mut import.monthly_costs, each);
    }
}

/// Calls a function with every name of a traffic class, except the classes' own ids.
pub(crate) fn class_names(scenario: &mut Scenario, each: &mut dyn FnMut(&mut String)) {
    for component in &mut scenario.components {
        calls(&mut component.calls, &mut |call| call.classes.iter_mut().flatten().for_each(&mut *each));
        if let Some(Service::By(map)) = &mut component.service {
            keys(map, each);
        }
        if let Some(HitRatio::By(map)) = &mut component.hit_ratio {
            keys(map, each);
        }
        if let Some(PerClass::By(map)) = &mut component.write_ratio {
            keys(map, each);
        }
    }
    scenario.slos.iter_mut().filter_map(|slo| slo.traffic.as_mut()).for_each(&mut *each);
    if let Some(map) = &mut scenario.map {
        map.endpoints.values_mut().for_each(&mut *each);
        map.series.iter_mut().filter_map(|series| series.class.as_mut()).for_each(&mut *each);
    }
    for import in &mut scenario.imports {
        import.points.iter_mut().for_each(|point| each(&mut point.traffic));
    }
}

pub(crate) fn keys<T>(map: &mut BTreeMap<String, T>, each: &mut dyn FnMut(&mut String)) {
    for (mut key, value) in std::mem::take(map) {
        each(&mut key);
        map.insert(key, value);
    }
}

/// Calls a function with every call, through `on_miss`.
pub(crate) fn calls(list: &mut [Call], each: &mut dyn FnMut(&mut Call)) {
    for call in list {
        each(call);
        calls(&mut call.on_miss, each);
    }
}

/// Removes calls, through `on_miss`.
pub(crate) fn retain_calls(list: &mut Vec<Call>, keep: &mut dyn FnMut(&Call) -> bool) {
    list.retain(|call| keep(call));
    for call in list {
        retain_calls(&mut call.on_miss, keep);
    }
}

/// Removes from the draws of a calibration the quantities that an edit changed or removed: what a person has set is not
/// drawn from data any more.
pub(crate) fn without_stale_draws(before: &Scenario, mut after: Scenario) -> Scenario {
    if after.fit.is_none() || after.fit != before.fit {
        return after;
    }
    let values = |scenario: &Scenario| -> BTreeMap<String, f64> {
        let all = crate::quantities::list(scenario).into_iter();
        all.flat_map(|q| [(q.path, q.quantity.value), (q.path_by_id, q.quantity.value)]).collect()
    };
    let (old, new) = (values(before), values(&after));
    if let Some(fit) = &mut after.fit {
        let kept: Vec<bool> =
            fit.paths.iter().map(|path| new.contains_key(path) && old.get(path) == new.get(path)).collect();
        let mut keep = kept.iter();
        fit.paths.retain(|_| *keep.next().unwrap_or(&true));
        for draw in &mut fit.draws {
            let mut keep = kept.iter();
            draw.retain(|_| *keep.next().unwrap_or(&true));
        }
    }
    if after.fit.as_ref().is_some_and(|fit| fit.paths.is_empty()) {
        after.fit = None;
    }
    after
}

/// Renames the head of the draws' paths, so that they follow a renamed component or class.
pub(crate) fn rename_draws(scenario: &mut Scenario, list: &str, id: &str, to: &str) {
    let (old, new) = (format!("{list}.{id}."), format!("{list}.{to}."));
    for path in scenario.fit.iter_mut().flat_map(|fit| &mut fit.paths) {
        if let Some(rest) = path.strip_prefix(&old) {
            *path = format!("{new}{rest}");
        }
    }
}

/// What stands before and after a class's id in the path of a component's value per class: `components.db.service.browse.mean_ms`,
/// `components.cdn.hit_ratio.browse`. `None` where the path is of anything else, though a component or a key be called the same.
pub(crate) fn class_in_path<'p>(path: &'p str, id: &str) -> Option<(&'p str, &'p str)> {
    let component = path.strip_prefix("components")?.get(1..)?;
    let (_, field) = component.split_once('.')?;
    let (key, class) = field.split_once('.')?;
    let rest = class.strip_prefix(id)?;
    let fits = matches!(key, "service" | "hit_ratio" | "write_ratio") && (rest.is_empty() || rest.starts_with('.'));
    fits.then(|| (&path[..path.len() - class.len()], rest))
}

/// Removes the columns of the draws whose paths satisfy a condition.
pub(crate) fn drop_draws(scenario: &mut Scenario, gone: impl Fn(&str) -> bool) {
    let Some(fit) = &mut scenario.fit else { return };
    let keep: Vec<bool> = fit.paths.iter().map(|path| !gone(path)).collect();
    for draw in &mut fit.draws {
        let mut column = keep.iter();
        draw.retain(|_| *column.next().unwrap_or(&true));
    }
    let mut column = keep.iter();
    fit.paths.retain(|_| *column.next().unwrap_or(&true));
    if fit.paths.is_empty() {
        scenario.fit = None;
    }
}
