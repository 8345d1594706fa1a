//! Traffic classes, objectives and calls that come and go, as edits of the document.

use super::document::Command;
use super::edits::{address, fresh, id, list, without_draws};
use super::tree::{Edit, Step, get, path};
use crate::view_model::system::{is_of_line, number_at};
use serde_json::{Map, Value, json};

/// What a component may state by class.
const BY_CLASS: [&str; 3] = ["service", "hit_ratio", "write_ratio"];
/// Replicas at most, by the scenario format.
const MOST_REPLICAS: f64 = 100_000.0;
/// Percentiles that an added objective may be about, the usual one first.
const PERCENTILES: [u32; 4] = [95, 99, 90, 50];

/// A class at 10 requests a second that is served as the first one is: a class without own times would cost nothing.
/// `None` while there is no component at which it could enter.
pub fn add_class(root: &Value, label: &str) -> Option<Command> {
    let classes = list(root, "traffic");
    let first_of_all = list(root, "components").first().map(id);
    let entry = classes.first().and_then(|class| class.get("entry")?.as_str()).or(first_of_all)?;
    let new = fresh(root, "traffic", "requests");
    let class = json!({"id": new, "entry": entry, "arrivals": {"open": {"rate": 10}}});
    let mut changed = root.clone();
    if let Some(like) = classes.first().map(id) {
        serve_alike(&mut changed, like, &new);
    }
    match changed.get_mut("traffic").and_then(Value::as_array_mut) {
        Some(all) => all.push(class),
        None => {
            changed.as_object_mut()?.insert("traffic".into(), json!([class]));
        }
    }
    Some(Command::new(label, vec![Edit::Set(Vec::new(), changed)]))
}

/// Gives a new class the figures and calls of another, where nothing is stated for the rest. They are assumed for it,
/// wherever the other's came from.
fn serve_alike(root: &mut Value, like: &str, new: &str) {
    for component in root.get_mut("components").and_then(Value::as_array_mut).into_iter().flatten() {
        for key in BY_CLASS {
            if let Some(map) = component.get_mut(key).and_then(Value::as_object_mut)
                && !map.contains_key("*")
                && let Some(same) = map.get(like).map(bare)
            {
                map.insert(new.to_owned(), same);
            }
        }
        each_call_list(component, &mut |calls| {
            for of in calls.iter_mut().filter_map(|call| call.get_mut("classes")?.as_array_mut()) {
                if of.iter().any(|class| class.as_str() == Some(like)) {
                    of.push(json!(new));
                }
            }
        });
    }
}

/// Numbers without their source and interval.
fn bare(value: &Value) -> Value {
    match value {
        Value::Object(map) => match map.get("value") {
            Some(value) => value.clone(),
            None => map.iter().map(|(key, value)| (key.clone(), bare(value))).collect::<Map<_, _>>().into(),
        },
        other => other.clone(),
    }
}

/// Every list of calls of a component, those on a miss included.
fn each_call_list(of: &mut Value, each: &mut dyn FnMut(&mut Vec<Value>)) {
    for key in ["calls", "on_miss"] {
        if let Some(calls) = of.get_mut(key).and_then(Value::as_array_mut) {
            each(calls);
            calls.iter_mut().for_each(|call| each_call_list(call, each));
        }
    }
}

/// An objective of 200 ms for the first percentile and class that have none; `None` when all have one.
pub fn add_objective(root: &Value, label: &str) -> Option<Command> {
    let slos = list(root, "slos");
    let stands = |class: &str, percentile: u32| {
        let same = |slo: &&Value| slo.get("traffic").and_then(Value::as_str) == Some(class);
        let at = |slo: &Value| slo.get("percentile").and_then(Value::as_f64);
        slos.iter().filter(same).any(|slo| at(slo) == Some(f64::from(percentile)))
    };
    let classes = || list(root, "traffic").iter().map(id);
    let free = |percentile| classes().find(|class| !stands(class, percentile)).map(|class| (class, percentile));
    let (class, percentile) = PERCENTILES.into_iter().find_map(free)?;
    let slo = json!({"traffic": class, "percentile": percentile, "latency_ms": 200});
    let edit = match root.get("slos") {
        Some(_) => Edit::Insert(vec![Step::Key("slos".into()), Step::Index(slos.len())], slo),
        None => Edit::Set(path("slos"), json!([slo])),
    };
    Some(Command::new(label, vec![edit]))
}

/// What a component costs: nothing yet, for what its kind is paid by as a rule.
pub fn add_price(root: &Value, of: &str, label: &str) -> Option<Command> {
    let by_replica = |one: &Value| {
        one.get("kind").and_then(Value::as_str).is_some_and(|kind| matches!(kind, "service" | "database" | "cache"))
    };
    add_part(root, of, "price", label, |one| {
        if by_replica(one) { json!({"per_replica_hour": 0}) } else { json!({"fixed_monthly": 0}) }
    })
}

/// An autoscaler of as many replicas as there are to twice as many.
pub fn add_autoscaler(root: &Value, of: &str, label: &str) -> Option<Command> {
    add_part(root, of, "autoscale", label, |one| {
        let replicas = number_at(one, "replicas").filter(|count| *count >= 1.0).unwrap_or(1.0);
        json!({"min": replicas as u64, "max": (replicas * 2.0).min(MOST_REPLICAS) as u64})
    })
}

fn add_part(root: &Value, of: &str, key: &str, label: &str, make: impl Fn(&Value) -> Value) -> Option<Command> {
    let index = list(root, "components").iter().position(|one| id(one) == of)?;
    let one = list(root, "components").get(index)?;
    let place = path(&format!("components[{index}].{key}"));
    one.get(key).is_none().then(|| Command::new(label, vec![Edit::Set(place, make(one))]))
}

/// Takes away what a component costs or what scales it; one that is not scaled any more keeps the least replicas it had.
fn take_part(root: &Value, place: &str, label: &str) -> Option<Command> {
    let steps = path(place);
    let (last, way) = steps.split_last()?;
    let replicas = [way, &[Step::Key("replicas".into())]].concat();
    let is_service = get(root, way)?.get("kind").and_then(Value::as_str) == Some("service");
    let scaled = is_service && *last == Step::Key("autoscale".into()) && get(root, &replicas).is_none();
    let least = get(root, &steps)?.get("min").filter(|_| scaled).cloned();
    let of = format!("{}.", address(root, place));
    let kept = least.map(|least| Edit::Set(replicas, least));
    let draws = without_draws(root, |known| known.starts_with(&of));
    Some(Command::new(label, [Edit::Remove(steps.clone())].into_iter().chain(kept).chain(draws).collect()))
}

/// Takes away the class, objective, event, price, autoscaler or call at a place. The only class stays; another goes with all that
/// names it.
pub fn take(root: &Value, place: &str, label: &str) -> Option<Command> {
    let steps = path(place);
    get(root, &steps)?;
    match steps.as_slice() {
        [Step::Key(key), Step::Index(index)] if key == "traffic" => take_class(root, *index, label),
        [Step::Key(key), Step::Index(_)] if key == "slos" || key == "events" => {
            Some(Command::new(label, vec![Edit::Remove(steps)]))
        }
        [Step::Key(list), Step::Index(_), Step::Key(key)]
            if list == "components" && matches!(key.as_str(), "price" | "autoscale") =>
        {
            take_part(root, place, label)
        }
        [way @ .., Step::Index(_)] => {
            // A list without entries is not written.
            let only = get(root, way)?.as_array()?.len() == 1;
            let gone = Edit::Remove(if only { way.to_vec() } else { steps.clone() });
            // Draws belong to the system that was fitted, and name calls by position.
            let fit = root.get("fit").map(|_| Edit::Remove(path("fit")));
            Some(Command::new(label, [gone].into_iter().chain(fit).collect()))
        }
        _ => None,
    }
}

/// Takes away all calls of one component to another that it waits for, or that it does not, those on a miss included.
pub fn take_calls(root: &Value, from: &str, to: &str, asynchronous: bool, label: &str) -> Option<Command> {
    let index = list(root, "components").iter().position(|component| id(component) == from)?;
    let mut component = list(root, "components").get(index)?.clone();
    without_calls(&mut component, to, asynchronous);
    if list(root, "components").get(index) == Some(&component) {
        return None;
    }
    let way = vec![Step::Key("components".into()), Step::Index(index)];
    let fit = root.get("fit").map(|_| Edit::Remove(path("fit")));
    Some(Command::new(label, [Edit::Set(way, component)].into_iter().chain(fit).collect()))
}

/// A list of calls without entries is not written.
fn without_calls(of: &mut Value, to: &str, asynchronous: bool) {
    for key in ["calls", "on_miss"] {
        let Some(calls) = of.get_mut(key).and_then(Value::as_array_mut) else { continue };
        let before = calls.len();
        calls.retain(|call| !is_of_line(call, to, asynchronous));
        calls.iter_mut().for_each(|call| without_calls(call, to, asynchronous));
        if calls.is_empty() && before > 0 {
            of.as_object_mut().and_then(|of| of.remove(key));
        }
    }
}

fn take_class(root: &Value, index: usize, label: &str) -> Option<Command> {
    let mut changed = root.clone();
    let classes = changed.get_mut("traffic")?.as_array_mut()?;
    if classes.len() < 2 {
        return None;
    }
    let gone = id(&classes.remove(index)).to_owned();
    for component in changed.get_mut("components").and_then(Value::as_array_mut).into_iter().flatten() {
        forget_class(component, &gone);
    }
    let keep = |list: Option<&mut Value>, key: &str| {
        if let Some(list) = list.and_then(Value::as_array_mut) {
            list.retain(|entry| entry.get(key).and_then(Value::as_str) != Some(&gone));
        }
    };
    keep(changed.get_mut("slos"), "traffic");
    if let Some(map) = changed.get_mut("map") {
        keep(map.get_mut("series"), "class");
        if let Some(endpoints) = map.get_mut("endpoints").and_then(Value::as_object_mut) {
            endpoints.retain(|_, class| class.as_str() != Some(&gone));
        }
    }
    for import in changed.get_mut("imports").and_then(Value::as_array_mut).into_iter().flatten() {
        keep(import.get_mut("points"), "traffic");
    }
    changed.as_object_mut()?.remove("fit");
    Some(Command::new(label, vec![Edit::Set(Vec::new(), changed)]))
}

/// Takes a class out of what a component states by class, and the calls that were made for it only.
fn forget_class(component: &mut Value, gone: &str) {
    each_call_list(component, &mut |calls| {
        calls.retain(|call| {
            let of = list(call, "classes");
            of.is_empty() || of.iter().any(|class| class.as_str() != Some(gone))
        });
        for of in calls.iter_mut().filter_map(|call| call.get_mut("classes")?.as_array_mut()) {
            of.retain(|class| class.as_str() != Some(gone));
        }
    });
    let Some(component) = component.as_object_mut() else { return };
    for key in BY_CLASS {
        let Some(map) = component.get_mut(key).and_then(Value::as_object_mut) else { continue };
        if map.remove(gone).is_some() && map.is_empty() {
            // A cache must say how much it hits.
            if key == "hit_ratio" {
                component.insert(key.into(), json!(0));
            } else {
                component.remove(key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::Document;
    use super::*;

    fn shop() -> Value {
        json!({
            "traffic": [{"id": "browse", "entry": "app", "arrivals": {"open": {"rate": 24}}},
                {"id": "buy", "entry": "app", "arrivals": {"open": {"rate": 2}}}],
            "components": [
                {"id": "app", "kind": "service",
                 "service": {"browse": {"mean_ms": {"value": 1.5, "source": "fitted", "from": "k6"}}, "buy": {"mean_ms": 9}},
                 "calls": [{"to": "cdn", "classes": ["browse"], "on_miss": [{"to": "db"}]}, {"to": "db", "classes": ["buy"]}]},
                {"id": "cdn", "kind": "cdn", "hit_ratio": {"browse": 0.9}},
                {"id": "db", "kind": "database", "write_ratio": {"buy": 0.5}, "service": {"*": {"mean_ms": 4}}}
            ],
            "slos": [{"traffic": "browse", "percentile": 95, "latency_ms": 100}, {"traffic": "buy", "max_error_ratio": 0.01}],
            "map": {"endpoints": {"/": "browse", "/buy": "buy"}},
            "imports": [{"points": [{"traffic": "browse"}, {"traffic": "buy"}]}],
            "fit": {"paths": ["components.app.calls[1].per_request"], "draws": [[1]]}
        })
    }

    fn done(start: &Value, command: &Command) -> Value {
        let mut document = Document::new("k".into(), start.clone());
        assert!(document.run(command, 0.0));
        let changed = document.root.clone();
        assert!(document.undo());
        assert_eq!(&document.root, start, "undo gives back what was");
        changed
    }

    #[test]
    fn the_calls_of_a_line_go_together() {
        let rows = [
            ("app", "db", Some(json!([{"to": "cdn", "classes": ["browse"]}]))),
            ("app", "cdn", Some(json!([{"to": "db", "classes": ["buy"]}]))),
            ("app", "app", None),
            ("db", "app", None),
            ("nobody", "db", None),
        ];
        for (from, to, wanted) in rows {
            let command = take_calls(&shop(), from, to, false, "Delete");
            let changed = command.map(|command| done(&shop(), &command));
            assert_eq!(changed.as_ref().map(|root| root["components"][0]["calls"].clone()), wanted, "{from} {to}");
            assert!(changed.is_none_or(|root| root.get("fit").is_none()));
        }
        let one = json!({"components": [{"id": "a", "calls": [{"to": "b"}]}, {"id": "b"}]});
        let alone = done(&one, &take_calls(&one, "a", "b", false, "Delete").unwrap());
        assert_eq!(alone["components"][0], json!({"id": "a"}), "no list without entries is left");
        let (waits, sends) = (json!({"to": "b"}), json!({"to": "b", "mode": "async"}));
        let two = json!({"components": [{"id": "a", "calls": [waits, sends]}, {"id": "b"}]});
        for (asynchronous, left) in [(true, waits), (false, sends)] {
            let changed = done(&two, &take_calls(&two, "a", "b", asynchronous, "Delete").unwrap());
            assert_eq!(changed["components"][0]["calls"], json!([left]), "the other line stays");
        }
    }

    #[test]
    fn a_class_comes_served_as_the_first_one() {
        let changed = done(&shop(), &add_class(&shop(), "Add").unwrap());
        let rows = [
            ("traffic[2]", json!({"id": "requests", "entry": "app", "arrivals": {"open": {"rate": 10}}})),
            ("components[0].service.requests", json!({"mean_ms": 1.5})),
            ("components[0].calls[0].classes", json!(["browse", "requests"])),
            ("components[0].calls[1].classes", json!(["buy"])),
            ("components[1].hit_ratio.requests", json!(0.9)),
            ("components[2].service", json!({"*": {"mean_ms": 4}})),
        ];
        for (place, wanted) in rows {
            assert_eq!(get(&changed, &path(place)), Some(&wanted), "{place}");
        }
        let again = add_class(&changed, "Add").unwrap();
        assert_eq!(done(&changed, &again)["traffic"][3]["id"], "requests-2");
        let bare = json!({"components": [{"id": "app"}]});
        assert_eq!(done(&bare, &add_class(&bare, "Add").unwrap())["traffic"][0]["entry"], "app");
        assert!(add_class(&json!({}), "Add").is_none());
    }

    #[test]
    fn an_objective_is_one_that_does_not_stand_yet() {
        let mut root = shop();
        let rows = [("buy", 95), ("browse", 99), ("buy", 99), ("browse", 90), ("buy", 90), ("browse", 50), ("buy", 50)];
        for (class, percentile) in rows {
            root = done(&root, &add_objective(&root, "Add").unwrap());
            let last = root["slos"].as_array().unwrap().last().unwrap();
            assert_eq!(*last, json!({"traffic": class, "percentile": percentile, "latency_ms": 200}));
        }
        assert!(add_objective(&root, "Add").is_none());
        let bare = json!({"traffic": [{"id": "a"}]});
        assert_eq!(done(&bare, &add_objective(&bare, "Add").unwrap())["slos"][0]["traffic"], "a");
        assert!(add_objective(&json!({}), "Add").is_none());
    }

    #[test]
    fn a_class_goes_with_all_that_names_it() {
        for (index, gone) in [(0, "browse"), (1, "buy")] {
            let changed = done(&shop(), &take(&shop(), &format!("traffic[{index}]"), "Take").unwrap());
            assert!(!changed.to_string().contains(&format!("\"{gone}\"")), "{changed}");
            assert_eq!(changed["slos"].as_array().unwrap().len(), 1);
            assert_eq!(changed["components"][0]["calls"].as_array().unwrap().len(), 1);
            assert!(take(&changed, "traffic[0]", "Take").is_none(), "the only class stays");
        }
        let changed = done(&shop(), &take(&shop(), "traffic[0]", "Take").unwrap());
        assert_eq!(changed["components"][1]["hit_ratio"], json!(0));
        let changed = done(&shop(), &take(&shop(), "traffic[1]", "Take").unwrap());
        assert_eq!(changed["components"][2].get("write_ratio"), None);
    }

    #[test]
    fn prices_and_autoscalers_come_and_go() {
        let mut root = shop();
        root["components"][0]["replicas"] = json!({"value": 3, "source": "measured"});
        root["components"][2]["kind"] = json!("service");
        root["fit"]["paths"] = json!(["components.db.autoscale.target", "components.app.service.mean_ms"]);
        root["fit"]["draws"] = json!([[0.7, 2], [0.8, 3]]);
        // The component, its price, its autoscaler.
        let rows = [
            ("app", json!({"per_replica_hour": 0}), json!({"min": 3, "max": 6})),
            ("db", json!({"per_replica_hour": 0}), json!({"min": 1, "max": 2})),
            ("cdn", json!({"fixed_monthly": 0}), json!({"min": 1, "max": 2})),
        ];
        for (id, price, autoscale) in rows {
            let index = list(&root, "components").iter().position(|one| one["id"] == id).unwrap();
            let priced = done(&root, &add_price(&root, id, "Add").unwrap());
            assert_eq!(priced["components"][index]["price"], price, "{id}");
            assert!(add_price(&priced, id, "Add").is_none(), "it has one");
            let scaled = done(&priced, &add_autoscaler(&priced, id, "Add").unwrap());
            assert_eq!(scaled["components"][index]["autoscale"], autoscale, "{id}");
            let bare = done(&scaled, &take(&scaled, &format!("components[{index}].price"), "Take").unwrap());
            assert!(bare["components"][index].get("price").is_none());
            assert_eq!(bare["fit"], root["fit"], "no draw is of the price");
            let still = done(&bare, &take(&bare, &format!("components[{index}].autoscale"), "Take").unwrap());
            assert!(still["components"][index].get("autoscale").is_none());
            let stated = root["components"][index].get("replicas").cloned();
            let stated = stated.unwrap_or_else(|| if id == "db" { json!(1) } else { Value::Null });
            assert_eq!(still["components"][index]["replicas"], stated, "as many as there were at least");
            assert_eq!(still["fit"]["paths"].as_array().unwrap().len(), if id == "db" { 1 } else { 2 });
        }
        assert!(add_price(&root, "nobody", "Add").is_none() && take(&root, "components[0].price", "Take").is_none());
        let eventful = json!({"events": [{"kind": "deploy"}, {"kind": "traffic_spike"}], "fit": {"paths": []}});
        let changed = done(&eventful, &take(&eventful, "events[0]", "Take").unwrap());
        assert_eq!(changed, json!({"events": [{"kind": "traffic_spike"}], "fit": {"paths": []}}));
    }

    #[test]
    fn objectives_and_calls_go_alone() {
        let rows = [
            ("slos[0]", "slos", json!([{"traffic": "buy", "max_error_ratio": 0.01}]), true),
            ("components[0].calls[0]", "components[0].calls", json!([{"to": "db", "classes": ["buy"]}]), false),
            (
                "components[0].calls[0].on_miss[0]",
                "components[0].calls[0]",
                json!({"to": "cdn", "classes": ["browse"]}),
                false,
            ),
        ];
        for (place, there, wanted, fitted) in rows {
            let changed = done(&shop(), &take(&shop(), place, "Take").unwrap());
            assert_eq!(get(&changed, &path(there)), Some(&wanted), "{place}");
            assert_eq!(changed.get("fit").is_some(), fitted, "{place}");
        }
        for nothing in ["slos[7]", "traffic[7]", "components[1].calls[0]", "name"] {
            assert!(take(&shop(), nothing, "Take").is_none(), "{nothing}");
        }
    }
}
