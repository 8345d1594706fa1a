//! Traffic classes: the endpoints of the traces, at the rates of the load test.

use super::graph::Graph;
use super::{Desk, slug, three_digits, unused};
use crate::rates::{is_load, lowest_rates};
use ingest::Measurements;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A class.
pub struct Class {
    /// Its id.
    pub id: String,
    /// Endpoints it stands for.
    pub endpoints: Vec<String>,
    /// Places of these in the graph's entries.
    pub entries: Vec<usize>,
    /// As it stands in the scenario.
    pub written: Value,
}

/// Classes at most; the rarer endpoints of the same entry are joined into one.
const MOST_CLASSES: usize = 12;

/// The classes of a graph.
pub fn classes(graph: &Graph, desk: &mut Desk) -> Vec<Class> {
    let rates = rates(desk);
    let requests: f64 = graph.entries.iter().map(|entry| entry.1).sum();
    let named: f64 = graph.entries.iter().filter_map(|entry| rates.by_endpoint.get(&entry.0)).sum();
    let visited =
        graph.entries.first().and_then(|entry| graph.nodes[entry.2].resource.figures.get("visits_rps").copied());
    let total = rates.total.or(visited.filter(|rate| *rate > 0.0));
    if named <= 0.0 && total.is_none() {
        let text = "no file says how many requests come: 10 a second are assumed in all; add a load test's results or set the rates";
        desk.note("rate-assumed", "traffic", text);
    }
    let mut order: Vec<usize> = (0..graph.entries.len()).collect();
    order.sort_by(|one, other| graph.entries[*other].1.total_cmp(&graph.entries[*one].1));
    let mut classes: Vec<(Class, f64, usize)> = Vec::new();
    for (rank, index) in order.into_iter().enumerate() {
        let (name, count, entry) = &graph.entries[index];
        let rate = match rates.by_endpoint.get(name) {
            Some(rate) => *rate,
            None if named > 0.0 => {
                let text = format!("the load test has no endpoint {name:?}: it gets its share of the traces");
                desk.note("rate-assumed", format!("traffic.{}", slug(name)), text);
                named * count / requests
            }
            None => total.unwrap_or(10.0) * count / requests,
        };
        let shared = classes.iter().rposition(|(_, _, other)| other == entry).filter(|_| rank >= MOST_CLASSES);
        match shared {
            Some(place) => {
                classes[place].0.endpoints.push(name.clone());
                classes[place].0.entries.push(index);
                classes[place].1 += rate;
            }
            None => {
                let id = unused(slug(name), |id| classes.iter().any(|(class, ..)| class.id == id));
                let class = Class { id, endpoints: vec![name.clone()], entries: vec![index], written: Value::Null };
                classes.push((class, rate, *entry));
            }
        }
    }
    let finish = |(mut class, rate, entry): (Class, f64, usize)| {
        class.written = json!({"id": class.id, "label": class.endpoints[0], "entry": graph.nodes[entry].id,
            "arrivals": {"open": {"rate": three_digits(rate.max(1e-3))}}});
        class
    };
    classes.into_iter().map(finish).collect()
}

/// Rates of the load tests at their lowest level: what the scenario stands for at once.
struct Rates {
    by_endpoint: BTreeMap<String, f64>,
    total: Option<f64>,
}

fn rates(desk: &Desk) -> Rates {
    // Rates of a server's benchmark are no load of the system.
    let load = |file: &&Measurements| file.calls.is_empty() && is_load(file);
    let mut all = lowest_rates(desk.data.iter().filter(load));
    let total = all.remove(&None);
    Rates { by_endpoint: all.into_iter().filter_map(|(name, rate)| Some((name?, rate))).collect(), total }
}
