//! Opening pasted text and links: always as a document of its own, never over what is open.

use super::not_done;
use crate::protocol::{Example, Origin, Response};
use scenario::{Opened, Problem};
use scenario::{gallery, link as links};
use serde_json::Value;

/// Pasted text: a scenario, or a link that holds one.
pub(super) fn text(text: &str) -> Response {
    if text.trim_start().starts_with('{') {
        return match scenario::open(text) {
            Ok(opened) => opened_as(opened, Origin::File, None),
            Err(problems) => not_done(&problems),
        };
    }
    link(text)
}

/// A link, its fragment, or the fragment's value.
pub(super) fn link(fragment: &str) -> Response {
    match links::decode(fragment) {
        Ok(linked) => match (opened_as(linked.opened, Origin::Link, linked.lost.as_ref()), &linked.view) {
            (Response::Opened { text, origin, losses, .. }, view) => {
                Response::Opened { text, origin, losses, view: view.to_json() }
            }
            (other, _) => other,
        },
        Err(problem) => not_done(&[problem]),
    }
}

fn opened_as(opened: Opened, origin: Origin, lost: Option<&Problem>) -> Response {
    let faults = opened.problems.iter().map(|problem| format!("{problem}"));
    let losses = lost.map(ToString::to_string).into_iter().chain(faults).collect();
    Response::Opened { text: opened.scenario.to_json(), origin, losses, view: String::new() }
}

/// The list of ready scenarios. Only names and notes are read here: the documents are checked by their own crate's tests.
pub(super) fn examples() -> Vec<Example> {
    let example = |entry: &gallery::Entry| {
        let document = entry.value()?;
        let lesson = document.get("notes").and_then(Value::as_str).unwrap_or_default();
        Some(Example {
            id: entry.id.into(),
            topic: entry.topic.into(),
            title: document.get("name")?.as_str()?.into(),
            lesson: first_sentence(lesson).into(),
            components: document.get("components")?.as_array()?.len(),
        })
    };
    gallery::entries().iter().filter_map(example).collect()
}

fn first_sentence(text: &str) -> &str {
    let paragraph = text.split("\n\n").next().unwrap_or(text);
    paragraph.split_once(". ").map_or(paragraph, |(first, _)| first).trim_end_matches('.')
}

/// A ready scenario as a document of its own.
pub(super) fn example(id: &str) -> Response {
    match gallery::entry(id) {
        Some(entry) => Response::Opened {
            text: entry.json.into(),
            origin: Origin::Example,
            losses: Vec::new(),
            view: String::new(),
        },
        None => {
            let problem = Problem::new("", format!("there is no ready scenario `{id}`"), "choose one of the list");
            not_done(&[problem])
        }
    }
}

/// The text of a ready scenario.
pub(super) fn example_text(id: &str) -> Option<&'static str> {
    gallery::entry(id).map(|entry| entry.json)
}
