//! Opening pasted text and links: always as a document of its own, never over what is open.

use super::troubles;
use crate::protocol::{Origin, Response};
use scenario::link as links;
use scenario::{Opened, Problem, Scenario};

/// Pasted text: a scenario, or a link that holds one.
pub(super) fn text(text: &str) -> Response {
    if text.trim_start().starts_with('{') {
        return match scenario::open(text) {
            Ok(opened) => opened_as(opened, Origin::File, None),
            Err(problems) => Response::Failed { problems: troubles("", &problems) },
        };
    }
    link(text)
}

/// A link, its fragment, or the fragment's value.
pub(super) fn link(fragment: &str) -> Response {
    match links::decode(fragment) {
        Ok(linked) => opened_as(linked.opened, Origin::Link, linked.lost.as_ref()),
        Err(problem) => Response::Failed { problems: troubles("", &[problem]) },
    }
}

fn opened_as(opened: Opened, origin: Origin, lost: Option<&Problem>) -> Response {
    let faults = opened.problems.iter().map(|problem| format!("{problem}"));
    let losses = lost.map(ToString::to_string).into_iter().chain(faults).collect();
    match json(&opened.scenario) {
        Ok(text) => Response::Opened { text, origin, losses },
        Err(problem) => Response::Failed { problems: troubles("", &[problem]) },
    }
}

fn json(scenario: &Scenario) -> Result<String, Problem> {
    serde_json::to_string(scenario).map_err(|error| {
        Problem::new("", format!("the scenario cannot be written: {error}"), "report this as a fault of the program")
    })
}
