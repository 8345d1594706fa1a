//! The forms of what is edited where it belongs and selected by itself too: a component's price and autoscaler, and events.

use super::{Row, Section, Take, component, event};
use crate::text;
use crate::view_model::events;
use crate::view_model::system::label_of;
use serde_json::Value;

/// The form of what a component costs.
pub fn price(root: &Value, id: &str) -> Vec<Section> {
    part(
        root,
        id,
        "price",
        Take { path: String::new(), button: text::TAKE_PRICE, name: text::take_price(&label_of(root, id)) },
    )
}

/// The form of what scales a component.
pub fn autoscaler(root: &Value, id: &str) -> Vec<Section> {
    let name = text::take_autoscaler(&label_of(root, id));
    part(root, id, "autoscale", Take { path: String::new(), button: text::TAKE_AUTOSCALER, name })
}

/// Those of a component's fields that stand under a key.
fn part(root: &Value, id: &str, key: &str, take: Take) -> Vec<Section> {
    let end = format!("].{key}");
    let own = |section: &Section| section.path.strip_suffix(&end).is_some_and(|of| !of.contains('.'));
    let found = component(root, id).into_iter().find(own);
    found
        .map(|section| Section { take: Some(Take { path: section.path.clone(), ..take }), ..section })
        .into_iter()
        .collect()
}

/// The form of a disturbance.
pub fn event_form(root: &Value, index: usize) -> Vec<Section> {
    let rows: Vec<Row> = event(root, index);
    if rows.is_empty() {
        return Vec::new();
    }
    let (path, title) = (format!("events[{index}]"), events::in_words(root, index));
    let take = Take { path: path.clone(), button: text::TAKE_EVENT, name: text::take_event(&title) };
    vec![Section { path, title, rows, take: Some(take) }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_has_its_own_fields_and_goes_alone() {
        let root = json!({
            "components": [{"id": "app", "kind": "service", "label": "Shop app"},
                {"id": "db", "kind": "service", "price": {"per_replica_hour": 0.2}, "autoscale": {"min": 1, "max": 4}}],
            "events": [{"at_s": 60, "kind": "slow_down", "component": "db"}]
        });
        // The forms, the place of what goes, its button's name, a field that is set and one that is not.
        let rows = [
            (
                price(&root, "db"),
                "components[1].price",
                "Take away the price of db",
                "per_replica_hour",
                "fixed_monthly",
            ),
            (autoscaler(&root, "db"), "components[1].autoscale", "Take away the autoscaler of db", "max", "target"),
            (
                event_form(&root, 0),
                "events[0]",
                "Take away this event: slow down · db, at 60 s to the end",
                "at_s",
                "for_s",
            ),
        ];
        for (forms, path, name, set, unset) in rows {
            let [form] = forms.as_slice() else { panic!("{path}: {forms:?}") };
            let take = form.take.as_ref().expect("it can go");
            assert_eq!((form.path.as_str(), take.path.as_str(), take.name.as_str()), (path, path, name));
            assert!(take.name.starts_with(take.button), "what is read is what is said");
            for (key, stands) in [(set, true), (unset, false)] {
                let row = form.rows.iter().find(|row| row.path == format!("{path}.{key}"));
                assert_eq!(row.map(|row| row.set), Some(stands), "{key}");
            }
        }
        assert!(event_form(&root, 1).is_empty() && price(&root, "nobody").is_empty());
    }
}
