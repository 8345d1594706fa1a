//! A scenario from what a team has anyway: traces give the call graph and the own times, manifests replicas and limits, broker and
//! balancer files their part, a load test the rates. What no file says stays open or is marked as assumed, and is listed.

mod calls;
mod deployed;
mod deployment;
mod graph;
mod manifests;
mod roles;
mod traffic;

use crate::calibrate::{Note, import_ids};
use deployment::Workload;
use graph::Graph;
use ingest::Measurements;
pub(crate) use manifests::not_drawn;
use scenario::v1::Map;
use scenario::{Problem, Scenario};
use serde_json::{Value, json};

/// A drafted scenario.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The scenario; measured quantities say which file they are from.
    pub scenario: Scenario,
    /// What was assumed, guessed or left out.
    pub notes: Vec<Note>,
}

/// Files and the notes taken while reading them.
struct Desk<'a> {
    data: &'a [Measurements],
    ids: Vec<String>,
    workloads: Vec<Workload>,
    notes: Vec<Note>,
}

impl Desk<'_> {
    fn note(&mut self, code: &str, place: impl Into<String>, text: impl Into<String>) {
        self.notes.push(Note::new(code, place, text));
    }

    /// All resources but workloads and those of the graph itself, with the import they are from.
    fn resources(&self, graph: Option<usize>) -> impl Iterator<Item = (&str, &str, &ingest::measurements::Resource)> {
        let others = self.data.iter().zip(&self.ids).enumerate().filter(move |(index, _)| Some(*index) != graph);
        let others = others.filter(|(_, (file, _))| !deployment::is_manifest(&file.kind));
        others.flat_map(|(_, (file, id))| {
            file.resources.iter().map(move |resource| (id.as_str(), file.kind.as_str(), resource))
        })
    }
}

/// Drafts a scenario; nothing when no file holds a call graph and no manifest names whom its programs talk to.
///
/// # Errors
/// What the drafted scenario cannot be: its problems.
pub fn draft(data: &[Measurements], given: Option<&Map>) -> Result<Option<Draft>, Vec<Problem>> {
    let (ids, mut notes) = (import_ids(data), Vec::new());
    let workloads = deployment::workloads(data, &ids, &mut notes);
    let mut desk = Desk { data, ids, workloads, notes };
    if let Some(drawn) = manifests::drawn(data, &desk.workloads) {
        let graph = Graph::new(&drawn.graph, &drawn.from, &mut desk.notes);
        manifests::say(&drawn, &mut desk);
        return written(&graph, None, &mut desk, given).map(Some);
    }
    let weight = |file: &Measurements| file.calls.iter().filter_map(|call| call.calls).sum::<u64>();
    let graphs = data.iter().enumerate().filter(|(_, file)| !file.calls.is_empty());
    let Some((chosen, file)) = graphs.max_by_key(|one| (weight(one.1), data.len() - one.0)) else {
        return Ok(None);
    };
    for (other, id) in data.iter().zip(&desk.ids.clone()) {
        if !other.calls.is_empty() && !std::ptr::eq(other, file) {
            desk.note("graph-not-used", id, "another file holds more calls; its call graph is used alone");
        }
    }
    let graph = Graph::new(file, &desk.ids[chosen], &mut desk.notes);
    if graph.nodes.is_empty() {
        return Ok(None);
    }
    written(&graph, Some(chosen), &mut desk, given).map(Some)
}

/// The scenario of a graph: of the file `chosen`, or of manifests where that is none.
fn written(graph: &Graph, chosen: Option<usize>, desk: &mut Desk, given: Option<&Map>) -> Result<Draft, Vec<Problem>> {
    let assumed = chosen.is_none();
    let classes = traffic::classes(graph, desk);
    let mut components = calls::components(graph, &classes, &mut desk.notes);
    if assumed {
        manifests::assume(&graph.from, &mut components);
    }
    deployed::apply(graph, chosen, &mut components, desk);
    let mut traffic: Vec<Value> = classes.iter().map(|class| class.written.clone()).collect();
    deployed::balancers(chosen, &mut components, &mut traffic, desk);
    let mut map = given.cloned().unwrap_or_default();
    for class in &classes {
        for endpoint in &class.endpoints {
            map.endpoints.entry(endpoint.clone()).or_insert_with(|| class.id.clone());
        }
    }
    let document = json!({
        "format": "headroom/1",
        "name": if assumed { manifests::NAME } else { "Drafted from traces" },
        "notes": if assumed { manifests::NOTES } else { NOTES },
        "traffic": traffic,
        "components": components,
        "growth": {"multiples": [1.0, 2.0, 3.0, 5.0, 8.0, 10.0]},
    });
    let mut drafted = scenario::parse_value(document)?.scenario;
    drafted.map = Some(map);
    Ok(Draft { scenario: drafted, notes: std::mem::take(&mut desk.notes) })
}

/// What a scenario drafted from traces says of itself.
const NOTES: &str = "Made from files: the call graph and own times are those of the traces, the rest of the files named at each \
    quantity. What no file says has no limit here: slots, cores and pools that are missing are to be filled in.";

/// A measured quantity.
fn measured(value: f64, from: &str) -> Value {
    json!({"value": three_digits(value), "source": "measured", "from": from})
}

/// An assumed quantity that a file suggests.
fn assumed(value: f64, from: &str) -> Value {
    json!({"value": value, "source": "assumed", "from": from})
}

/// A mean of `count` visits with its 5-95 % interval from the coefficient of variation.
fn mean(value: f64, cv: Option<f64>, count: f64, from: &str) -> Value {
    let value = value.max(1e-3);
    let relative = 1.645 * cv.unwrap_or(1.0) / count.max(1.0).sqrt();
    let (low, high) = (value / (1.0 + relative), value * (1.0 + relative));
    json!({"value": three_digits(value), "low": three_digits(low), "high": three_digits(high.max(value)), "source": "measured", "from": from})
}

/// Three significant digits and one to spare, as in the rest of a fit.
fn three_digits(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}

/// An id from a name: `postgresql shop` is `postgresql-shop`.
fn slug(name: &str) -> String {
    let mut id = String::new();
    for letter in name.chars() {
        if letter.is_ascii_alphanumeric() {
            id.push(letter.to_ascii_lowercase());
        } else if !id.is_empty() && !id.ends_with('-') {
            id.push('-');
        }
    }
    let id: String = id.trim_end_matches('-').chars().take(40).collect();
    if id.is_empty() { "part".into() } else { id.trim_end_matches('-').to_owned() }
}

/// An id that is not taken yet.
fn unused(id: String, taken: impl Fn(&str) -> bool) -> String {
    let mut free = id.clone();
    let mut number = 2;
    while taken(&free) {
        free = format!("{id}-{number}");
        number += 1;
    }
    free
}
