//! Components with their own times and calls, as the traces have them.

use super::graph::{Graph, Node};
use super::traffic::Class;
use super::{mean, measured};
use crate::calibrate::Note;
use ingest::measurements::CallEdge;
use serde_json::{Map, Value, json};

/// Shares that differ less count as one.
const SAME: f64 = 0.02;

/// The components of a graph, by the order of its nodes.
pub fn components(graph: &Graph, classes: &[Class], notes: &mut Vec<Note>) -> Vec<Map<String, Value>> {
    let mut components: Vec<Map<String, Value>> =
        graph.nodes.iter().enumerate().map(|(place, node)| component(graph, place, node, classes)).collect();
    for place in 0..graph.nodes.len() {
        let calls = graph.edges.iter().filter(|edge| edge.0 == place);
        let calls: Vec<Value> = calls.flat_map(|(_, to, edge)| call(graph, classes, place, *to, edge)).collect();
        if !calls.is_empty() {
            components[place].insert("calls".into(), Value::Array(calls));
        }
        aside(graph, place, &mut components, notes);
    }
    for (node, component) in graph.nodes.iter().zip(&mut components) {
        if node.kind == "cache" && !component.contains_key("hit_ratio") {
            component.insert("hit_ratio".into(), json!({"value": 0.0, "source": "assumed"}));
            let text = "no file says its hit ratio; the calls behind it are drawn as if it had none";
            notes.push(Note::new("hit-ratio-unknown", format!("components.{}.hit_ratio", node.id), text));
        }
    }
    components
}

fn component(graph: &Graph, place: usize, node: &Node, classes: &[Class]) -> Map<String, Value> {
    let figure = |name: &str| node.resource.figures.get(name).copied();
    let mut found = Map::new();
    found.insert("id".into(), json!(node.id));
    found.insert("kind".into(), json!(node.kind));
    if node.resource.name != node.id {
        found.insert("label".into(), json!(node.resource.name));
    }
    if let Some(own_ms) = figure("own_ms") {
        let (cv, count) = (figure("own_cv"), figure("visits").unwrap_or(1.0));
        let time = |value: f64, count: f64| {
            let mut time = json!({"mean_ms": mean(value, cv, count, &graph.from)});
            if let Some(cv) = cv {
                time["cv"] = measured(cv.min(4.0), &graph.from);
            }
            time
        };
        let by_class: Vec<(&Class, f64, f64)> = classes
            .iter()
            .filter_map(|class| own_of(graph, place, node, class).map(|own| (class, own.0, own.1)))
            .collect();
        let differ = by_class.iter().any(|(_, own, _)| (own - own_ms).abs() > 0.1 * own_ms);
        // The variation over all is mostly that between the classes.
        let plain = |(class, own, count): &(&Class, f64, f64)| {
            (class.id.clone(), json!({"mean_ms": mean(*own, None, *count, &graph.from)}))
        };
        let service = if by_class.len() > 1 && differ && node.kind != "queue" {
            let mut service: Map<String, Value> = by_class.iter().map(plain).collect();
            if by_class.len() < classes.len() {
                service.insert("*".into(), time(own_ms, count));
            }
            Value::Object(service)
        } else {
            time(own_ms, count)
        };
        found.insert("service".into(), service);
    }
    let failures = figure("error_ratio").filter(|ratio| *ratio > 0.0 && *ratio < 1.0 && node.kind == "external");
    if let Some(ratio) = failures {
        found.insert("failure_ratio".into(), measured(ratio, &graph.from));
    }
    found
}

/// Own time of a class's visit and the visits behind it.
fn own_of(graph: &Graph, place: usize, node: &Node, class: &Class) -> Option<(f64, f64)> {
    let part = |index: &usize| {
        let (name, requests, _) = &graph.entries[*index];
        let visits = requests * graph.visits[place][*index];
        Some((node.resource.own_ms_by_endpoint.get(name)? * visits, visits))
    };
    let (total, visits) =
        class.entries.iter().filter_map(part).fold((0.0, 0.0), |sum, (total, visits)| (sum.0 + total, sum.1 + visits));
    (visits > 0.0).then(|| (total / visits, visits))
}

/// One edge as calls: one for all classes that make it alike, else one per number of calls.
fn call(graph: &Graph, classes: &[Class], from: usize, to: usize, edge: &CallEdge) -> Vec<Value> {
    // A message is handed to the broker, which answers: that is waited for, its handling is not.
    let acknowledged = graph.nodes[to].kind == "queue" && edge.own_ms.is_some_and(|publish_ms| publish_ms > 0.0);
    let detached = edge.mode.as_deref() == Some("async") && !acknowledged;
    let base = |per_request: f64| {
        let mut call = json!({"to": graph.nodes[to].id});
        if (per_request - 1.0).abs() > 1e-9 {
            call["per_request"] = measured(per_request, &graph.from);
        }
        match edge.mode.as_deref() {
            _ if detached => call["mode"] = json!("async"),
            Some("parallel") => call["mode"] = json!("parallel"),
            _ => {}
        }
        if let Some(wire) = edge.network_ms.filter(|wire| *wire > 0.0 && !detached) {
            call["network_ms"] = measured(wire, &graph.from);
        }
        call
    };
    if edge.by_endpoint.is_empty() {
        return vec![base(edge.per_request.unwrap_or(1.0))];
    }
    let mut made: Vec<(f64, Vec<String>)> = Vec::new();
    let mut all_alike = true;
    for class in classes {
        let weigh = |values: &dyn Fn(usize) -> f64| {
            class.entries.iter().map(|index| values(*index) * graph.entries[*index].1).sum::<f64>()
        };
        let visits = weigh(&|index| graph.visits[from][index]);
        if visits <= 0.0 {
            continue;
        }
        let calls = weigh(&|index| edge.by_endpoint.get(&graph.entries[index].0).copied().unwrap_or(0.0)) / visits;
        match made.iter_mut().find(|(other, _)| (*other - calls).abs() <= SAME * calls) {
            _ if calls <= 0.0 => all_alike = false,
            Some((_, ids)) => ids.push(class.id.clone()),
            None => made.push((calls, vec![class.id.clone()])),
        }
    }
    all_alike &= made.len() == 1;
    let written = |(calls, ids): (f64, Vec<String>)| {
        let mut call = base(calls);
        if !all_alike {
            call["classes"] = json!(ids);
        }
        call
    };
    made.into_iter().map(written).collect()
}

/// A cache asked first and a database asked less often after it: the caller goes to the database on a miss.
fn aside(graph: &Graph, place: usize, components: &mut [Map<String, Value>], notes: &mut Vec<Note>) {
    let Some(calls) = components[place].get_mut("calls").and_then(Value::as_array_mut) else { return };
    let of = |kind: &str, calls: &[Value]| {
        let is = |call: &Value| {
            graph.nodes.iter().any(|node| node.kind == kind && call["to"] == node.id.as_str())
                && call.get("mode").is_none()
        };
        let places: Vec<usize> =
            calls.iter().enumerate().filter(|(_, call)| is(call)).map(|(place, _)| place).collect();
        if let [one] = places.as_slice() { Some(*one) } else { None }
    };
    let (Some(cache), Some(database)) = (of("cache", &calls[..]), of("database", &calls[..])) else { return };
    let times = |call: &Value| call["per_request"]["value"].as_f64().unwrap_or(1.0);
    let share = times(&calls[database]) / times(&calls[cache]);
    if database < cache
        || !(share > 0.0 && share < 1.0)
        || calls[cache].get("classes") != calls[database].get("classes")
    {
        return;
    }
    let mut missed = calls.remove(database);
    if let Some(missed) = missed.as_object_mut() {
        missed.remove("per_request");
        missed.remove("classes");
    }
    calls[cache]["on_miss"] = json!([missed]);
    let id = calls[cache]["to"].clone();
    let Some(target) = graph.nodes.iter().position(|node| id == node.id.as_str()) else { return };
    let text = format!(
        "{} asks it and, in {:.0} % of the cases, {} after it: taken as a miss; correct it if these are different data",
        graph.nodes[place].id,
        100.0 * share,
        missed["to"].as_str().unwrap_or("")
    );
    notes.push(Note::new("cache-aside", format!("components.{}.hit_ratio", graph.nodes[target].id), text));
    components[target].entry("hit_ratio").or_insert_with(|| measured(1.0 - share, &graph.from));
}
