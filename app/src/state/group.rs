//! Edits of several components at once: moving, deleting, copying, arranging.

use super::document::Command;
use super::edits::{fresh_id, move_entries, take_out};
use super::tree::{Edit, Step, path};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The key that marks components on the clipboard.
const CLIPPING: &str = "headroom-components";

fn components(root: &Value) -> &[Value] {
    root.get("components").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn id(value: &Value) -> &str {
    value.get("id").and_then(Value::as_str).unwrap_or_default()
}

/// Puts every component where it stands now, so that moving one moves no other.
pub fn place_all(root: &Value, places: &[(String, (f64, f64))], label: &str) -> Option<Command> {
    let places: BTreeMap<&str, (f64, f64)> = places.iter().map(|(id, place)| (id.as_str(), *place)).collect();
    let edit = |(index, component): (usize, &Value)| {
        let (x, y) = places.get(id(component))?;
        let place = json!([x.round(), y.round()]);
        let steps = vec![Step::Key("components".into()), Step::Index(index), Step::Key("position".into())];
        (component.get("position") != Some(&place)).then_some(Edit::Set(steps, place))
    };
    let edits: Vec<Edit> = components(root).iter().enumerate().filter_map(edit).collect();
    (!edits.is_empty()).then(|| Command::new(label, edits))
}

/// Forgets where components were put.
pub fn arrange(root: &Value, label: &str) -> Option<Command> {
    let placed = components(root).iter().enumerate().filter(|(_, component)| component.get("position").is_some());
    let edits: Vec<Edit> =
        placed.map(|(index, _)| Edit::Remove(path(&format!("components[{index}].position")))).collect();
    (!edits.is_empty()).then(|| Command::new(label, edits))
}

/// Takes components away with all that names them.
pub fn remove_all(root: &Value, gone: &[String], label: &str) -> Option<Command> {
    let mut changed = root.clone();
    move_entries(&mut changed, &gone.iter().map(String::as_str).collect::<Vec<_>>());
    // What is not there takes nothing along, not even the draws of the fit.
    let known: Vec<&String> =
        gone.iter().filter(|one| components(root).iter().any(|component| id(component) == one.as_str())).collect();
    known.into_iter().for_each(|one| take_out(&mut changed, one));
    (changed != *root).then(|| Command::new(label, vec![Edit::Set(Vec::new(), changed)]))
}

/// Components as they go onto the clipboard.
pub fn clipping(root: &Value, ids: &[String]) -> String {
    let chosen: Vec<&Value> =
        components(root).iter().filter(|one| ids.iter().any(|wanted| wanted == id(one))).collect();
    json!({ CLIPPING: chosen }).to_string()
}

/// Whether a text is components from the clipboard.
pub fn read_clipping(text: &str) -> Option<Vec<Value>> {
    let mut value: Value = serde_json::from_str(text.trim()).ok()?;
    let Value::Array(list) = value.get_mut(CLIPPING)?.take() else { return None };
    let all_named = list.iter().all(|one| !id(one).is_empty() && one.get("kind").is_some_and(Value::is_string));
    (!list.is_empty() && list.len() <= 500 && all_named).then_some(list)
}

/// Adds components under names of their own; calls among them, and what is given up, lead to the copies, others to whom they led
/// if they are here.
pub fn paste(root: &Value, clipped: &[Value], label: &str) -> Option<(Command, Vec<String>)> {
    let mut changed = root.clone();
    let mut names: Vec<(String, String)> = Vec::new();
    for one in clipped {
        let new = fresh_id(&changed, id(one));
        names.push((id(one).to_owned(), new.clone()));
        let mut copy = one.clone();
        copy["id"] = json!(new);
        if let Some(object) = copy.as_object_mut() {
            object.remove("position");
        }
        changed.get_mut("components")?.as_array_mut()?.push(copy);
    }
    let known: Vec<String> = components(&changed).iter().map(|one| id(one).to_owned()).collect();
    let first = components(root).len();
    let list = changed.get_mut("components")?.as_array_mut()?;
    for copy in list.iter_mut().skip(first) {
        if let Some(calls) = copy.get_mut("calls").and_then(Value::as_array_mut) {
            lead(calls, &names, &known);
        }
        if let Some(component) = copy.as_object_mut() {
            lead_given_up(component, &names, &known);
        }
    }
    let added: Vec<Value> = list.split_off(first);
    let edits = added
        .into_iter()
        .enumerate()
        .map(|(index, one)| Edit::Insert(vec![Step::Key("components".into()), Step::Index(first + index)], one));
    Some((Command::new(label, edits.collect()), names.into_iter().map(|(_, new)| new).collect()))
}

fn lead(calls: &mut Vec<Value>, names: &[(String, String)], known: &[String]) {
    for call in calls.iter_mut() {
        let to = call.get("to").and_then(Value::as_str).unwrap_or_default().to_owned();
        if let Some((_, new)) = names.iter().find(|(old, _)| *old == to) {
            call["to"] = json!(new);
        }
        if let Some(misses) = call.get_mut("on_miss").and_then(Value::as_array_mut) {
            lead(misses, names, known);
        }
    }
    calls.retain(|call| known.iter().any(|id| Some(id.as_str()) == call.get("to").and_then(Value::as_str)));
}

/// Where a queue's messages go that are given up: as a call, or its name would lead nowhere.
fn lead_given_up(component: &mut Map<String, Value>, names: &[(String, String)], known: &[String]) {
    let Some(to) = component.get("dead_letter").and_then(Value::as_str) else { return };
    let to = names.iter().find(|(old, _)| old == to).map_or(to, |(_, new)| new).to_owned();
    if known.contains(&to) {
        component.insert("dead_letter".into(), to.into());
    } else {
        component.remove("dead_letter");
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::Document;
    use super::*;

    fn root() -> Value {
        json!({"components": [
            {"id": "app", "kind": "service", "position": [0, 0], "calls": [{"to": "db"}, {"to": "mail", "on_miss": [{"to": "db"}]}]},
            {"id": "db", "kind": "database"}, {"id": "mail", "kind": "external"}]})
    }

    fn done(command: &Command) -> Value {
        let mut document = Document::new("k".into(), root());
        assert!(document.run(command, 0.0));
        let changed = document.root.clone();
        assert!(document.undo());
        assert_eq!(document.root, root(), "undo gives back what was");
        changed
    }

    #[test]
    fn copies_call_each_other() {
        let clipped = read_clipping(&clipping(&root(), &["app".into(), "db".into()])).unwrap();
        let (command, new) = paste(&root(), &clipped, "Paste").unwrap();
        assert_eq!(new, ["app-2", "db-2"]);
        let copy = done(&command)["components"][3].clone();
        assert_eq!(copy["calls"][0]["to"], "db-2");
        assert_eq!(
            (copy["calls"][1]["to"].as_str(), copy["calls"][1]["on_miss"][0]["to"].as_str()),
            (Some("mail"), Some("db-2"))
        );
        let elsewhere = json!({"components": []});
        let (command, _) = paste(&elsewhere, &clipped, "Paste").unwrap();
        let mut other = Document::new("k".into(), elsewhere);
        assert!(other.run(&command, 0.0));
        assert_eq!(other.root["components"][0]["calls"].as_array().unwrap().len(), 1, "a call to nobody is left out");
    }

    #[test]
    fn what_is_given_up_goes_to_the_copy_or_nowhere() {
        let root = json!({"components": [
            {"id": "jobs", "kind": "queue", "dead_letter": "lost"}, {"id": "lost", "kind": "queue"}]});
        // What is copied, into what; where the copied queue's messages go then.
        let rows: [(&[&str], Value, Option<&str>); 4] = [
            (&["jobs", "lost"], root.clone(), Some("lost-2")),
            (&["jobs"], root.clone(), Some("lost")),
            (&["jobs", "lost"], json!({"components": [{"id": "lost", "kind": "service"}]}), Some("lost-2")),
            (&["jobs"], json!({"components": []}), None),
        ];
        for (ids, into, expected) in rows {
            let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
            let clipped = read_clipping(&clipping(&root, &ids)).unwrap();
            let (command, new) = paste(&into, &clipped, "Paste").unwrap();
            let mut document = Document::new("k".into(), into.clone());
            assert!(document.run(&command, 0.0));
            let copy = components(&document.root).iter().find(|one| id(one) == new[0]).unwrap();
            assert_eq!(copy.get("dead_letter").and_then(Value::as_str), expected, "{ids:?} into {into}");
        }
    }

    #[test]
    fn what_is_no_clipping_is_refused() {
        for text in [
            "",
            "{}",
            "[1]",
            r#"{"headroom-components": []}"#,
            r#"{"headroom-components": [{"id": ""}]}"#,
            r#"{"headroom-components": 3}"#,
        ] {
            assert!(read_clipping(text).is_none(), "{text}");
        }
    }

    #[test]
    fn places_are_kept_and_forgotten() {
        let places: Vec<(String, (f64, f64))> = vec![("app".into(), (0.0, 0.0)), ("db".into(), (8.0, 100.2))];
        let moved = done(&place_all(&root(), &places, "Move").unwrap());
        assert_eq!(
            (moved["components"][1]["position"].clone(), moved["components"][2].get("position")),
            (json!([8.0, 100.0]), None)
        );
        assert!(done(&arrange(&root(), "Arrange").unwrap())["components"][0].get("position").is_none());
    }

    #[test]
    fn several_go_at_once() {
        let gone = done(&remove_all(&root(), &["db".into(), "mail".into()], "Delete").unwrap());
        assert_eq!(gone["components"].as_array().unwrap().len(), 1);
        assert_eq!(gone["components"][0]["calls"], json!([]));
    }
}
