//! The call graph of a file as it can be a scenario: without who only asks, without loops.

use super::{slug, unused};
use crate::calibrate::Note;
use ingest::Measurements;
use ingest::measurements::{CallEdge, Resource};
use std::collections::BTreeMap;

/// A part of the system.
pub struct Node<'a> {
    /// Its id in the scenario.
    pub id: String,
    /// Its kind in the scenario.
    pub kind: &'static str,
    /// What the file says of it.
    pub resource: &'a Resource,
}

/// The graph.
pub struct Graph<'a> {
    /// The parts, callers before callees as far as the file knows.
    pub nodes: Vec<Node<'a>>,
    /// Calls between parts by their places in `nodes`, in the order in which they are made.
    pub edges: Vec<(usize, usize, &'a CallEdge)>,
    /// Endpoints the system was entered by, with their requests and the part that they enter.
    pub entries: Vec<(String, f64, usize)>,
    /// Visits to each part per request of each endpoint, in the order of `entries`.
    pub visits: Vec<Vec<f64>>,
    /// Import it is from.
    pub from: String,
}

const KINDS: [&str; 7] = ["service", "function", "database", "cache", "queue", "external", "storage"];

impl<'a> Graph<'a> {
    /// The graph of a file.
    pub fn new(file: &'a Measurements, from: &str, notes: &mut Vec<Note>) -> Self {
        let calls = |name: &str| file.calls.iter().any(|call| call.from == name);
        // Who is never called and answers nobody stands outside, unless it would leave nothing to enter.
        let outside = |resource: &&Resource| resource.kind.as_deref() == Some("client") && calls(&resource.name);
        let mut graph = Self {
            nodes: Vec::new(),
            edges: Vec::new(),
            entries: Vec::new(),
            visits: Vec::new(),
            from: from.to_owned(),
        };
        for resource in file.resources.iter().filter(|resource| !outside(resource)) {
            if !file.calls.iter().any(|call| call.from == resource.name || call.to == resource.name)
                && file.resources.len() > 1
            {
                continue;
            }
            let written = resource.kind.as_deref().unwrap_or("service");
            let kind = KINDS.into_iter().find(|kind| *kind == written).unwrap_or("service");
            let kind = if calls(&resource.name) && matches!(kind, "database" | "cache" | "external" | "storage") {
                "service"
            } else {
                kind
            };
            let id = unused(slug(&resource.name), |id| graph.nodes.iter().any(|node: &Node| node.id == id));
            graph.nodes.push(Node { id, kind, resource });
        }
        graph.connect(file, notes);
        graph.enter(file);
        graph.count();
        graph
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.resource.name == name)
    }

    /// Calls between parts; one that would close a loop of waiting calls is left out, for a scenario has none.
    fn connect(&mut self, file: &'a Measurements, notes: &mut Vec<Note>) {
        for call in &file.calls {
            let (Some(from), Some(to)) = (self.place(&call.from), self.place(&call.to)) else { continue };
            if from == to || self.reaches(to, from) {
                let text =
                    "this call goes back to a caller; a scenario has no loops: the visits it causes are left out";
                notes.push(Note::new("loop", format!("{} -> {}", call.from, call.to), text));
                continue;
            }
            self.edges.push((from, to, call));
        }
    }

    fn reaches(&self, from: usize, target: usize) -> bool {
        let (mut open, mut seen) = (vec![from], vec![false; self.nodes.len()]);
        while let Some(at) = open.pop() {
            if at == target {
                return true;
            }
            if !std::mem::replace(&mut seen[at], true) {
                open.extend(self.edges.iter().filter(|edge| edge.0 == at).map(|edge| edge.1));
            }
        }
        false
    }

    /// Which part each endpoint enters: the first one that is visited for it and that nobody calls for it.
    fn enter(&mut self, file: &Measurements) {
        let several = file.endpoints.len() > 1;
        let called = |place: usize, endpoint: Option<&str>| {
            let counts = |call: &CallEdge| {
                let stated = |name: &str| call.by_endpoint.get(name).is_some_and(|calls| *calls > 0.0);
                endpoint.is_none_or(|name| call.by_endpoint.is_empty() || stated(name))
            };
            self.edges.iter().any(|edge| edge.1 == place && counts(edge.2))
        };
        let nodes = &self.nodes;
        // Manifests know of no requests: all come in at the same place.
        let untold = nodes.iter().all(|node| node.resource.own_ms_by_endpoint.is_empty());
        let first = |endpoint: Option<&str>| {
            let visited =
                |node: &Node| endpoint.is_none_or(|name| untold || node.resource.own_ms_by_endpoint.contains_key(name));
            let fits = |place: &usize| visited(&self.nodes[*place]) && !called(*place, endpoint);
            let asked = |place: &usize| file.calls.iter().any(|call| call.to == self.nodes[*place].resource.name);
            let all = || nodes.iter().enumerate().filter(|(_, node)| node.kind != "queue").map(|(place, _)| place);
            all().find(fits).or_else(|| all().find(|place| visited(&self.nodes[*place]) && asked(place)))
        };
        let mut entries = Vec::new();
        for endpoint in &file.endpoints {
            let requests = endpoint.figures.requests.unwrap_or(1) as f64;
            if let Some(place) = first(several.then_some(endpoint.name.as_str())) {
                entries.push((endpoint.name.clone(), requests, place));
            }
        }
        if entries.is_empty()
            && let Some(place) = first(None)
        {
            entries.push(("requests".to_owned(), 1.0, place));
        }
        self.entries = entries;
    }

    /// Visits per request: the entry's one, and what the calls bring, callers first.
    fn count(&mut self) {
        let mut visits = vec![vec![0.0; self.entries.len()]; self.nodes.len()];
        for (class, entry) in self.entries.iter().enumerate() {
            visits[entry.2][class] = 1.0;
        }
        let single = self.entries.len() == 1;
        // Without loops every part is settled after as many rounds as there are parts.
        let mut inbound: BTreeMap<usize, Vec<(usize, &CallEdge)>> = BTreeMap::new();
        for (from, to, call) in &self.edges {
            inbound.entry(*to).or_default().push((*from, call));
        }
        for _ in 0..self.nodes.len().min(200) {
            for (to, calls) in &inbound {
                for (class, entry) in self.entries.iter().enumerate() {
                    let own = f64::from(u8::from(entry.2 == *to));
                    let brought = |(from, call): &(usize, &CallEdge)| {
                        let stated = call.by_endpoint.get(&entry.0).copied();
                        let share = call.per_request.unwrap_or(1.0) * visits[*from][class];
                        if single {
                            share
                        } else {
                            stated.unwrap_or(if call.by_endpoint.is_empty() { share } else { 0.0 })
                        }
                    };
                    let sum = own + calls.iter().map(brought).sum::<f64>();
                    visits[*to][class] = sum;
                }
            }
        }
        self.visits = visits;
    }
}
