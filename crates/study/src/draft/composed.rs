//! A first drawing from a compose file alone: who depends on whom stands for who calls whom. It is an order of starting and only
//! a hint of calls, so everything about it is assumed and said to be.

use super::graph::Graph;
use super::{Desk, assumed};
use ingest::Measurements;
use ingest::measurements::CallEdge;
use serde_json::{Map, Value, json};

/// The scenario's name.
pub const NAME: &str = "Drafted from a compose file";
/// What it says of itself.
pub const NOTES: &str = "Made from a compose file: calls are drawn where a service depends on another, once per visit, and every own time \
    is assumed. Correct the calls, then calibrate with a load test; traces would give both.";
/// Own time of a visit until a load test says another, in milliseconds.
const OWN_MS: f64 = 1.0;

/// Whether this is a compose file.
pub fn is_one(file: &Measurements) -> bool {
    matches!(file.kind.as_str(), "docker-compose" | "docker-compose-json")
}

/// The files with calls put into the compose files; nothing where some file holds calls already, or no service depends on another.
pub fn calls(data: &[Measurements]) -> Option<Vec<Measurements>> {
    if data.iter().any(|file| !file.calls.is_empty()) {
        return None;
    }
    let mut all = data.to_vec();
    for file in all.iter_mut().filter(|file| is_one(file)) {
        let edges = file.resources.iter().flat_map(|resource| {
            let needed = resource.labels.get("depends_on").map_or("", String::as_str).split(", ");
            let known = needed.filter(|name| file.resources.iter().any(|other| other.name == **name));
            known.map(|to| CallEdge {
                from: resource.name.clone(),
                to: to.to_owned(),
                per_request: Some(1.0),
                ..CallEdge::default()
            })
        });
        file.calls = edges.collect();
    }
    all.iter().any(|file| !file.calls.is_empty()).then_some(all)
}

/// Says what was assumed.
pub fn say(desk: &mut Desk, from: &str) {
    let text = "calls are drawn from depends_on, once per visit, and own times are assumed to be 1 ms; correct the calls and add a load test, \
                or traces, which give both";
    desk.note("calls-assumed", from, text);
}

/// Gives every part the time that is assumed.
pub fn assume(graph: &Graph, components: &mut [Map<String, Value>]) {
    for component in components.iter_mut() {
        component.entry("service").or_insert_with(|| json!({"mean_ms": assumed(OWN_MS, &graph.from)}));
    }
}
