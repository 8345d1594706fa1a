//! What a person does to a system, as edits of its document.

use super::document::Command;
use super::tree::{Edit, Step, get, path};
use crate::view_model::events::happens_at;
use serde_json::{Value, json};

pub(super) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

pub(super) fn id(value: &Value) -> &str {
    value.get("id").and_then(Value::as_str).unwrap_or_default()
}

/// Puts a value into a field, or empties it. Draws of a calibration for that figure go: it is not the fitted one any more.
pub fn set_field(root: &Value, label: &str, place: &str, value: Option<Value>) -> Option<Command> {
    let steps = path(place);
    let old = get(root, &steps);
    let edit = match value {
        Some(value) if old != Some(&value) => Edit::Set(steps, value),
        None if old.is_some() => Edit::Remove(steps),
        _ => return None,
    };
    let figure = address(root, place);
    let edits = std::iter::once(edit).chain(without_draws(root, |known| known == figure)).collect();
    Some(Command::new(label, edits))
}

/// `components[2].service.mean_ms` as draws name it: `components.db.service.mean_ms`.
pub(super) fn address(root: &Value, place: &str) -> String {
    let steps = path(place);
    let named = match (steps.first(), steps.get(1)) {
        (Some(Step::Key(key)), Some(Step::Index(index))) => list(root, key).get(*index).map(|entry| (key, id(entry))),
        _ => None,
    };
    match named {
        Some((key, id)) => {
            let rest = place.split_once(']').map_or("", |(_, rest)| rest);
            format!("{key}.{id}{rest}")
        }
        None => place.to_owned(),
    }
}

/// What is left of the draws of a calibration without those of some figures, by their addresses; `None` where it has none of them.
pub(super) fn without_draws(root: &Value, gone: impl Fn(&str) -> bool) -> Option<Edit> {
    let fit = root.get("fit")?;
    let columns: Vec<usize> = list(fit, "paths")
        .iter()
        .enumerate()
        .filter(|(_, known)| known.as_str().is_some_and(&gone))
        .map(|(column, _)| column)
        .collect();
    if columns.is_empty() {
        return None;
    }
    let mut fit = fit.clone();
    for column in columns.into_iter().rev() {
        fit.get_mut("paths")?.as_array_mut()?.remove(column);
        for draw in fit.get_mut("draws")?.as_array_mut()? {
            if let Some(draw) = draw.as_array_mut().filter(|draw| draw.len() > column) {
                draw.remove(column);
            }
        }
    }
    Some(if list(&fit, "paths").is_empty() { Edit::Remove(path("fit")) } else { Edit::Set(path("fit"), fit) })
}

/// Classes that enter at a component that goes enter at the first one left that it calls, else at the first of all that are left,
/// as `scenario::edit` moves them. Without any they stay as they are: what they state is still wanted when one comes.
pub(super) fn move_entries(root: &mut Value, gone: &[&str]) {
    let left: Vec<String> =
        list(root, "components").iter().map(id).filter(|id| !gone.contains(id)).map(str::to_owned).collect();
    let stays = |to: &str| left.iter().any(|id| id == to);
    let heir = |one: &Value| {
        let mut called = list(one, "calls").iter().filter_map(|call| call.get("to")?.as_str());
        called.find(|to| stays(to)).or(left.first().map(String::as_str)).map(str::to_owned)
    };
    let heirs: Vec<(String, String)> = list(root, "components")
        .iter()
        .filter(|one| gone.contains(&id(one)))
        .filter_map(|one| Some((id(one).to_owned(), heir(one)?)))
        .collect();
    for class in root.get_mut("traffic").and_then(Value::as_array_mut).into_iter().flatten() {
        let entry = class.get("entry").and_then(Value::as_str);
        if let Some((_, heir)) = heirs.iter().find(|(gone, _)| entry == Some(gone.as_str())) {
            class["entry"] = json!(heir);
        }
    }
}

/// Takes a component away with every call to it and every objective about it. Classes that enter there are to be moved before.
pub(super) fn take_out(changed: &mut Value, gone: &str) {
    let Some(components) = changed.get_mut("components").and_then(Value::as_array_mut) else { return };
    components.retain(|component| id(component) != gone);
    for component in components.iter_mut() {
        if let Some(calls) = component.get_mut("calls").and_then(Value::as_array_mut) {
            remove_calls(calls, gone);
        }
        if component.get("dead_letter").and_then(Value::as_str) == Some(gone)
            && let Some(component) = component.as_object_mut()
        {
            component.remove("dead_letter");
        }
    }
    for key in ["slos", "events"] {
        if let Some(entries) = changed.get_mut(key).and_then(Value::as_array_mut) {
            entries.retain(|entry| happens_at(entry) != Some(gone));
        }
    }
    forget_measured(changed, gone);
    if let Some(object) = changed.as_object_mut() {
        // Draws belong to the system that was fitted.
        object.remove("fit");
    }
}

/// Takes a component out of the map of names; what it explained of a bill stays on the bill, unexplained.
fn forget_measured(root: &mut Value, gone: &str) {
    if let Some(map) = root.get_mut("map") {
        if let Some(series) = map.get_mut("series").and_then(Value::as_array_mut) {
            series.retain(|entry| entry.get("component").and_then(Value::as_str) != Some(gone));
        }
        if let Some(costs) = map.get_mut("costs").and_then(Value::as_object_mut) {
            costs.retain(|_, to| match to {
                Value::Array(ids) => {
                    ids.retain(|id| id.as_str() != Some(gone));
                    !ids.is_empty()
                }
                to => to.as_str() != Some(gone),
            });
        }
    }
    for import in root.get_mut("imports").and_then(Value::as_array_mut).into_iter().flatten() {
        let billed =
            import.get_mut("monthly_costs").and_then(Value::as_object_mut).and_then(|costs| costs.remove(gone));
        if let Some(amount) = billed.and_then(|amount| amount.as_f64()) {
            let before = import.get("unexplained_costs").and_then(|costs| costs.get(gone)?.as_f64()).unwrap_or(0.0);
            import["unexplained_costs"][gone] = json!(before + amount);
        }
    }
}

fn remove_calls(calls: &mut Vec<Value>, gone: &str) {
    calls.retain(|call| call.get("to").and_then(Value::as_str) != Some(gone));
    for call in calls {
        if let Some(misses) = call.get_mut("on_miss").and_then(Value::as_array_mut) {
            remove_calls(misses, gone);
        }
    }
}

/// A new component of a kind; answers the command and the new id.
pub fn add_component(root: &Value, kind: &str, label: &str) -> Option<(Command, String)> {
    let new = fresh_id(root, &kind.replace('_', "-"));
    let mut component = json!({"id": new, "kind": kind, "service": {"mean_ms": 5}});
    match kind {
        "service" => component["concurrency"] = json!(16),
        "database" => component["cores"] = json!(4),
        "cache" | "cdn" => component["hit_ratio"] = json!(0.8),
        "queue" => component["consumers"] = json!(2),
        "rate_limiter" => {
            component["limit"] = json!(1000);
            component["window_s"] = json!(1);
        }
        "load_balancer" => component["policy"] = json!("round_robin"),
        _ => {}
    }
    let end = list(root, "components").len();
    let edit = match root.get("components") {
        Some(_) => Edit::Insert(vec![Step::Key("components".into()), Step::Index(end)], component),
        None => Edit::Set(path("components"), json!([component])),
    };
    Some((Command::new(label, vec![edit]), new))
}

/// A call from one component to another.
pub fn connect(root: &Value, from: &str, to: &str, label: &str) -> Option<Command> {
    let index = list(root, "components").iter().position(|component| id(component) == from)?;
    let component = list(root, "components").get(index)?;
    let queue =
        list(root, "components").iter().any(|callee| id(callee) == to && callee.get("kind") == Some(&json!("queue")));
    let miss = matches!(component.get("kind").and_then(Value::as_str), Some("cdn" | "cache"));
    let mut call = json!({"to": to});
    if queue {
        call["mode"] = json!("async");
    }
    if miss {
        call["when"] = json!("miss");
    }
    let calls = list(component, "calls").len();
    let place = format!("components[{index}].calls");
    let edit = if calls == 0 {
        Edit::Set(path(&place), json!([call]))
    } else {
        Edit::Insert(path(&format!("{place}[{calls}]")), call)
    };
    Some(Command::new(label, vec![edit]))
}

/// A name like another that no component has.
pub(super) fn fresh_id(root: &Value, like: &str) -> String {
    fresh(root, "components", like)
}

/// A name like another that nothing in a list has.
pub(super) fn fresh(root: &Value, key: &str, like: &str) -> String {
    let taken = |name: &str| list(root, key).iter().any(|entry| id(entry) == name);
    if !taken(like) {
        return like.to_owned();
    }
    (2..).map(|number| format!("{like}-{number}")).find(|name| !taken(name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::document::Document;
    use super::super::group::remove_all;
    use super::*;

    fn shop() -> Value {
        json!({
            "components": [
                {"id": "app", "kind": "service", "service": {"mean_ms": 2}, "calls": [{"to": "redis", "on_miss": [{"to": "db"}]}, {"to": "db"}]},
                {"id": "redis", "kind": "cache"}, {"id": "db", "kind": "database"}, {"id": "jobs", "kind": "queue", "dead_letter": "db"}
            ],
            "slos": [{"component": "db", "max_utilization": 0.8}, {"max_monthly_cost": 100}],
            "fit": {"paths": ["components.app.service.mean_ms", "components.db.service.mean_ms"], "draws": [[2, 9], [3, 8]]}
        })
    }

    fn done(command: &Command) -> Value {
        let mut document = Document::new("k".into(), shop());
        assert!(document.run(command, 0.0));
        let changed = document.root.clone();
        assert!(document.undo());
        assert_eq!(document.root, shop(), "undo gives back what was");
        changed
    }

    fn removed(root: &Value, gone: &str) -> Option<Command> {
        remove_all(root, &[gone.to_owned()], "Delete")
    }

    #[test]
    fn a_component_goes_with_all_that_names_it() {
        let changed = done(&removed(&shop(), "db").unwrap());
        let components = changed["components"].to_string();
        assert!(!components.contains("\"db\""), "{components}");
        assert_eq!(changed["slos"].as_array().unwrap().len(), 1);
        assert!(!changed.to_string().contains("draws"), "they are of the system that was fitted");
        assert_eq!(removed(&shop(), "nobody"), None);
    }

    #[test]
    fn a_zone_of_the_same_name_is_still_lost() {
        let mut root = shop();
        root["events"] = json!([{"kind": "lose_zone", "component": "db"}, {"kind": "slow_down", "component": "db"}, {"kind": "traffic_spike"}]);
        let command = removed(&root, "db").unwrap();
        let mut document = Document::new("k".into(), root);
        assert!(document.run(&command, 0.0));
        let left = json!([{"kind": "lose_zone", "component": "db"}, {"kind": "traffic_spike"}]);
        assert_eq!(document.root["events"], left);
    }

    #[test]
    fn classes_enter_elsewhere_when_their_component_goes() {
        let mut root = shop();
        root["traffic"] = json!([{"id": "browse", "entry": "app"}, {"id": "pay", "entry": "jobs"}]);
        let all = ["app", "redis", "db", "jobs"];
        // What goes, where the classes enter then.
        let rows: [(&[&str], [&str; 2]); 5] = [
            (&["app"], ["redis", "jobs"]),
            (&["redis", "app"], ["db", "jobs"]),
            (&["jobs"], ["app", "app"]),
            (&["db"], ["app", "jobs"]),
            (&all, ["app", "jobs"]),
        ];
        for (gone, wanted) in rows {
            let ids: Vec<String> = gone.iter().map(|id| (*id).to_owned()).collect();
            let mut document = Document::new("k".into(), root.clone());
            assert!(document.run(&remove_all(&root, &ids, "Delete").unwrap(), 0.0));
            let entries: Vec<&str> =
                list(&document.root, "traffic").iter().filter_map(|class| class["entry"].as_str()).collect();
            assert_eq!(entries, wanted, "{gone:?}");
        }
    }

    #[test]
    fn names_and_bills_forget_a_component_that_goes() {
        let mut root = shop();
        root["map"] = json!({
            "series": [{"name": "busy", "component": "db", "is": "utilization"}, {"name": "hits", "component": "redis", "is": "hit_rps"}],
            "costs": {"RDS": "db", "EC2": ["db", "app"], "Storage": ["db"]}});
        root["imports"] = json!([{"id": "bill", "kind": "bill", "monthly_costs": {"db": 223.0, "app": 60.0}, "unexplained_costs": {"Support": 9.0}}]);
        let command = removed(&root, "db").unwrap();
        let mut document = Document::new("k".into(), root);
        assert!(document.run(&command, 0.0));
        let changed = &document.root;
        assert_eq!(changed["map"]["series"], json!([{"name": "hits", "component": "redis", "is": "hit_rps"}]));
        assert_eq!(changed["map"]["costs"], json!({"EC2": ["app"]}));
        assert_eq!(changed["imports"][0]["monthly_costs"], json!({"app": 60.0}));
        assert_eq!(changed["imports"][0]["unexplained_costs"], json!({"Support": 9.0, "db": 223.0}));
    }

    #[test]
    fn a_changed_figure_loses_its_draws() {
        let changed = done(&set_field(&shop(), "Mean", "components[0].service.mean_ms", Some(json!(4))).unwrap());
        assert_eq!(changed["fit"], json!({"paths": ["components.db.service.mean_ms"], "draws": [[9], [8]]}));
        assert_eq!(changed["components"][0]["service"]["mean_ms"], json!(4));
        assert!(
            set_field(&shop(), "Mean", "components[0].service.mean_ms", Some(json!(2))).is_none(),
            "nothing changes"
        );
        assert!(set_field(&shop(), "Cores", "components[2].cores", None).is_none());
    }

    #[test]
    fn new_ones_have_names_of_their_own() {
        let (command, new) = add_component(&shop(), "load_balancer", "Add").unwrap();
        assert_eq!(new, "load-balancer");
        assert_eq!(done(&command)["components"][4]["policy"], "round_robin");
    }

    #[test]
    fn calls_are_added_as_their_ends_want_them() {
        let rows = [("app", "jobs", "async"), ("redis", "db", "miss"), ("db", "app", "\"to\":\"app\"")];
        for (from, to, wanted) in rows {
            let changed = done(&connect(&shop(), from, to, "Connect").unwrap());
            let caller =
                changed["components"].as_array().unwrap().iter().find(|component| component["id"] == from).unwrap();
            let call = caller["calls"].as_array().unwrap().last().unwrap().to_string();
            assert!(call.contains(wanted), "{call}");
        }
    }
}
