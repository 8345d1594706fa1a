//! What a field can be chosen from.

use super::{Row, shown};
use crate::view_model::system::{list_at, text_at};
use scenario::catalogue::{Target, Type};
use serde_json::Value;
use std::collections::BTreeSet;

/// One choice of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// What stands in the document.
    pub value: String,
    /// What is shown for it.
    pub label: String,
    /// What it means.
    pub about: String,
}

/// The choices of a field with what stands there, which is shown although it may be none of them.
pub fn offered(root: &Value, row: &Row, here: Option<&Value>) -> Option<Vec<Choice>> {
    let mut all = choices(root, row)?;
    let mut known = BTreeSet::new();
    all.retain(|choice| known.insert(choice.value.clone()));
    let held = shown(row, here).text;
    if !held.is_empty() && !known.contains(&held) {
        all.push(Choice { label: held.clone(), value: held, about: String::new() });
    }
    Some(all)
}

/// The choices of a field; those of a place are the components and zones of the document.
pub(super) fn choices(root: &Value, row: &Row) -> Option<Vec<Choice>> {
    let word =
        |word: &str, about: &str| Choice { value: word.into(), label: crate::text::word(word), about: about.into() };
    match row.value {
        Type::Choice(words) => Some(words.iter().map(|(name, about)| word(name, about)).collect()),
        Type::Flag => Some(vec![word("true", ""), word("false", "")]),
        Type::Reference(Target::Component | Target::Place) => {
            let component = |component: &Value| {
                let id = text_at(component, "id");
                let label = component.get("label").and_then(Value::as_str).unwrap_or(id);
                Choice { value: id.into(), label: label.into(), about: String::new() }
            };
            let zone = |zone: &Value| {
                let name = zone.as_str().unwrap_or_default();
                Choice { value: name.into(), label: crate::text::zone(name), about: String::new() }
            };
            if event_kind(root, row) == Some("lose_zone") {
                return Some(list_at(root, "zones").iter().map(zone).collect());
            }
            Some(list_at(root, "components").iter().map(component).collect())
        }
        _ => None,
    }
}

/// The kind of the event that a row is of.
fn event_kind<'a>(root: &'a Value, row: &Row) -> Option<&'a str> {
    let (index, _) = row.path.strip_prefix("events[")?.split_once(']')?;
    Some(text_at(list_at(root, "events").get(index.parse::<usize>().ok()?)?, "kind"))
}
