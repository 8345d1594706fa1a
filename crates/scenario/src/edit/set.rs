//! Setting what stands at a path.

use crate::Problem;
use crate::path::{self, Owned};
use crate::v1::Scenario;
use serde_json::{Map, Value};

/// The scenario with another value at a path.
///
/// Whatever was not understood of the new value is a problem: the edit is checked as a document, not only its values.
pub(super) fn set(scenario: &Scenario, text: &str, value: &Value) -> Result<Scenario, Vec<Problem>> {
    let problem = |text: String, remedy: &str| vec![Problem::new("", text, remedy)];
    let steps = path::parse(text)
        .ok_or_else(|| problem(format!("{text:?} is no path"), "write it like components.db.cores"))?;
    let Some((last, way)) = steps.split_last() else {
        return Err(problem("the path is empty".to_owned(), "name what is to be set"));
    };
    if let (Owned::Key(key), [Owned::Key(list), Owned::Key(id)], Value::String(to)) = (last, way, value)
        && key == "id"
    {
        // An id is never set alone: what refers to it follows.
        let mut renamed = scenario.clone();
        match list.as_str() {
            "components" => super::structure::rename_component(&mut renamed, id, to)?,
            "traffic" => super::structure::rename_traffic(&mut renamed, id, to)?,
            _ => return Err(problem(format!("{text:?} cannot be renamed"), "set it in its list")),
        }
        return Ok(renamed);
    }
    let mut document = serde_json::to_value(scenario)
        .map_err(|error| problem(error.to_string(), "this is a fault of the program: report it"))?;
    let mut at = &mut document;
    for step in way {
        at = descend(at, step)
            .ok_or_else(|| problem(format!("{text:?} leads nowhere"), "name a place of this scenario"))?;
    }
    place(at, last, value)
        .ok_or_else(|| problem(format!("{text:?} leads nowhere"), "name a place of this scenario"))?;
    let (opened, unfit) = crate::check::open_counting(document).map_err(|p| vec![p])?;
    // What cannot stand as it is was left out on reading: that must be said here, it is gone afterwards.
    let added = super::added(&crate::check(scenario), &opened.problems[..unfit]);
    if added.is_empty() { Ok(opened.scenario) } else { Err(added) }
}

/// One step down; objects that are not there yet are made.
fn descend<'v>(at: &'v mut Value, step: &Owned) -> Option<&'v mut Value> {
    match (at, step) {
        (Value::Object(map), Owned::Key(key)) => {
            Some(map.entry(key.clone()).or_insert_with(|| Value::Object(Map::new())))
        }
        (Value::Array(list), step) => {
            let index = position(list, step)?;
            list.get_mut(index)
        }
        _ => None,
    }
}

fn position(list: &[Value], step: &Owned) -> Option<usize> {
    match step {
        Owned::Index(index) => Some(*index),
        Owned::Key(id) => list.iter().position(|entry| entry.get("id").and_then(Value::as_str) == Some(id)),
    }
}

fn place(at: &mut Value, step: &Owned, value: &Value) -> Option<()> {
    match (at, step) {
        (Value::Object(map), Owned::Key(key)) if value.is_null() => {
            map.remove(key);
        }
        (Value::Object(map), Owned::Key(key)) => {
            map.insert(key.clone(), value.clone());
        }
        (Value::Array(list), step) => {
            let index = position(list, step)?;
            match (index, value) {
                (index, Value::Null) if index < list.len() => drop(list.remove(index)),
                (index, _) if index < list.len() => list[index] = value.clone(),
                (index, value) if index == list.len() && !value.is_null() => list.push(value.clone()),
                _ => return None,
            }
        }
        _ => return None,
    }
    Some(())
}
