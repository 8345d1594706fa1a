//! All traces of a file added up: services with their own time, edges with calls per visit.

use super::calls::{self, Callee, Calls};
use super::span::{Kind, Names, Span};
use super::tree::{self, Tree};
use crate::measurements::{CallEdge, Endpoint, Figures, LatencyOf, Measurements, Resource, Warning};
use crate::sense::latency::Latency;
use std::collections::BTreeMap;

/// Latencies per endpoint kept exactly.
const EXACT: usize = 20_000;
const NS_PER_MS: f64 = 1e6;

/// A node of the call graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Service(u32),
    Queue(u32),
    Peer(u32, &'static str),
}

#[derive(Debug, Default, Clone)]
struct NodeSum {
    visits: u64,
    errors: u64,
    own_ms: f64,
    own_ms_squared: f64,
    timed: u64,
    depth: u32,
    /// Some of its visits answer somebody.
    answers: bool,
    /// It is the name under which a store is called.
    store: Option<&'static str>,
    /// Visits and their own time by endpoint.
    by_endpoint: BTreeMap<u32, (u64, f64)>,
}

#[derive(Debug, Default, Clone)]
struct EdgeSum {
    calls: u64,
    errors: u64,
    overlapping: u64,
    offset_ms: f64,
    own_ms: f64,
    timed: u64,
    network_ms: f64,
    wired: u64,
    by_endpoint: BTreeMap<u32, u64>,
}

struct EndpointSum {
    latency: Latency,
    errors: u64,
}

/// Sums over all traces.
#[derive(Default)]
pub struct Graph {
    nodes: BTreeMap<Node, NodeSum>,
    /// By caller, callee and whether the caller does not wait.
    edges: BTreeMap<(Node, Node, bool), EdgeSum>,
    endpoints: BTreeMap<u32, EndpointSum>,
    /// Services that answered calls to a name.
    aliases: BTreeMap<u32, Vec<u32>>,
    traces: u64,
    orphans: u64,
    unnamed: u64,
    unanswered: u64,
}

impl Graph {
    /// Adds the spans of one trace.
    pub fn add(&mut self, spans: &[Span]) {
        let tree = tree::tree(spans);
        let calls: Vec<Calls> = tree.visits.iter().map(|visit| calls::calls(&tree, visit, spans)).collect();
        self.traces += 1;
        self.orphans += tree.orphans;
        let mut endpoint_of: Vec<Option<u32>> = vec![None; tree.visits.len()];
        let mut depth_of = vec![0_u32; tree.visits.len()];
        for entry in &tree.entries {
            let root = &spans[tree.visits[*entry].root];
            endpoint_of[*entry] = Some(root.operation);
            let new = || EndpointSum { latency: Latency::new(EXACT), errors: 0 };
            let endpoint = self.endpoints.entry(root.operation).or_insert_with(new);
            endpoint.latency.add(root.duration_ns as f64 / NS_PER_MS);
            endpoint.errors += u64::from(root.error);
        }
        for (index, visit) in tree.visits.iter().enumerate() {
            self.visit(index, &tree, &calls, spans, (depth_of[index], endpoint_of[index]));
            for call in &calls[index].calls {
                let reached = match &call.to {
                    Callee::Visit(callee) => std::slice::from_ref(callee),
                    Callee::Queue(_, handlers) => handlers.as_slice(),
                    Callee::Peer(_) => &[],
                };
                for callee in reached {
                    endpoint_of[*callee] = endpoint_of[index];
                    depth_of[*callee] = depth_of[index].saturating_add(1);
                }
            }
            let from = Node::Service(spans[visit.root].service);
            self.calls(from, endpoint_of[index], depth_of[index], &tree, &calls, index, spans);
        }
    }

    /// Adds one visit to its service.
    fn visit(&mut self, index: usize, tree: &Tree, calls: &[Calls], spans: &[Span], at: (u32, Option<u32>)) {
        let visit = &tree.visits[index];
        let root = &spans[visit.root];
        let node = Node::Service(root.service);
        let sum = self.node(node, at.0);
        sum.visit(calls[index].own_ns as f64 / NS_PER_MS, root.error, at.1);
        sum.answers |= visit.cause.is_some() || matches!(root.kind, Kind::Server | Kind::Consumer);
        if visit.cause.is_some() && root.kind == Kind::Client {
            sum.store = root.peer.map(|peer| peer.kind).filter(|kind| *kind != "external");
        }
        self.unnamed += calls[index].unnamed;
        // A message whose sender is in another trace.
        if let (None, Kind::Consumer, Some(queue)) = (visit.cause, root.kind, root.destination) {
            let edge = self.edges.entry((Node::Queue(queue), node, false)).or_default();
            edge.call(calls[index].own_ns, root.error, None);
            self.node(Node::Queue(queue), 0);
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn calls(
        &mut self,
        from: Node,
        endpoint: Option<u32>,
        depth: u32,
        tree: &Tree,
        calls: &[Calls],
        index: usize,
        spans: &[Span],
    ) {
        for call in &calls[index].calls {
            let length = call.span_ns.1 - call.span_ns.0;
            let (to, own) = match &call.to {
                Callee::Visit(callee) => {
                    let service = spans[tree.visits[*callee].root].service;
                    if let Some(alias) = call.alias {
                        let services = self.aliases.entry(alias).or_default();
                        if !services.contains(&service) && services.len() < 8 {
                            services.push(service);
                        }
                    }
                    (Node::Service(service), calls[*callee].own_ns)
                }
                Callee::Peer(peer) => (Node::Peer(peer.name, peer.kind), length),
                Callee::Queue(queue, _) => (Node::Queue(*queue), length),
            };
            if !matches!(to, Node::Service(_)) {
                self.node(to, depth.saturating_add(1)).visit(length as f64 / NS_PER_MS, call.error, endpoint);
            }
            let detached = call.detached || matches!(to, Node::Queue(_));
            let edge = self.edges.entry((from, to, detached)).or_default();
            edge.call(own, call.error, endpoint);
            edge.overlapping += u64::from(call.overlaps);
            edge.offset_ms += call.span_ns.0 as f64 / NS_PER_MS;
            if let Some(wire) = call.network_ns {
                edge.network_ms += wire as f64 / NS_PER_MS;
                edge.wired += 1;
            }
            if let Callee::Queue(queue, handlers) = &call.to {
                for handler in handlers {
                    let root = &spans[tree.visits[*handler].root];
                    let key = (Node::Queue(*queue), Node::Service(root.service), false);
                    self.edges.entry(key).or_default().call(calls[*handler].own_ns, root.error, endpoint);
                }
            }
        }
    }

    fn node(&mut self, node: Node, depth: u32) -> &mut NodeSum {
        let sum = self.nodes.entry(node).or_insert_with(|| NodeSum { depth, ..NodeSum::default() });
        sum.depth = sum.depth.min(depth);
        sum
    }

    /// Calls to a name whose answering span is missing belong to the service that answers that name elsewhere in the file.
    pub fn merge_aliases(&mut self, names: &Names) {
        let named: BTreeMap<&str, u32> = self.nodes.keys().filter_map(|node| service_of(*node, names)).collect();
        let target = |node: Node| match node {
            Node::Peer(name, "external") => match self.aliases.get(&name).map(Vec::as_slice) {
                Some([service]) => Some(*service),
                _ => named.get(names.text(name)).copied(),
            },
            _ => None,
        };
        let moved: Vec<(Node, u32)> = self.nodes.keys().filter_map(|node| Some((*node, target(*node)?))).collect();
        for (node, service) in moved {
            self.nodes.remove(&node);
            let keys: Vec<(Node, Node, bool)> = self.edges.keys().filter(|key| key.1 == node).copied().collect();
            for key in keys {
                let Some(edge) = self.edges.remove(&key) else { continue };
                self.unanswered += edge.calls;
                self.edges.entry((key.0, Node::Service(service), key.2)).or_default().untimed(edge);
            }
        }
    }

    /// What the sums say.
    pub fn written(&self, names: &Names) -> Measurements {
        let mut found = Measurements::default();
        let requests: u64 = self.endpoints.values().map(|endpoint| endpoint.latency.count()).sum();
        let mut all = Latency::new(EXACT);
        for (name, endpoint) in &self.endpoints {
            all.merge(&endpoint.latency);
            found.endpoints.push(Endpoint { name: names.text(*name).to_owned(), figures: endpoint.figures() });
        }
        if requests > 0 {
            let errors = self.endpoints.values().map(|endpoint| endpoint.errors).sum();
            found.totals = Some(EndpointSum { latency: all, errors }.figures());
        }
        let mut nodes: Vec<(&Node, &NodeSum)> = self.nodes.iter().collect();
        nodes.sort_by_key(|(node, sum)| (sum.depth, name_of(**node, names)));
        found.resources = nodes.iter().map(|(node, sum)| self.resource(**node, sum, requests, names)).collect();
        let order: BTreeMap<Node, usize> = nodes.iter().enumerate().map(|(place, (node, _))| (**node, place)).collect();
        let mut edges: Vec<(&(Node, Node, bool), &EdgeSum)> = self.edges.iter().collect();
        edges.sort_by(|(one, a), (other, b)| {
            let place = |key: &(Node, Node, bool)| order.get(&key.0).copied();
            place(one).cmp(&place(other)).then(a.mean_offset().total_cmp(&b.mean_offset()))
        });
        found.calls = edges.iter().map(|(key, sum)| self.edge(key, sum, names)).collect();
        found.warnings = self.warnings(requests);
        found
    }

    fn resource(&self, node: Node, sum: &NodeSum, requests: u64, names: &Names) -> Resource {
        let kind = match node {
            Node::Service(_) if sum.answers => sum.store.unwrap_or("service"),
            Node::Service(_) if self.edges.keys().any(|key| key.0 == node) => "client",
            Node::Service(_) => "service",
            Node::Queue(_) => "queue",
            Node::Peer(_, kind) => kind,
        };
        let visits = sum.visits as f64;
        let counted = (sum.visits > 0).then_some(visits);
        let mean = (sum.timed > 0).then(|| sum.own_ms / sum.timed as f64);
        let variance = mean.map(|mean| (sum.own_ms_squared / sum.timed as f64 - mean * mean).max(0.0));
        let cv = variance.zip(mean).filter(|(_, mean)| sum.timed > 9 && *mean > 0.0);
        let mut found = Resource::new(&name_of(node, names), kind);
        if self.endpoints.len() > 1 {
            let mean =
                |(name, (visits, total)): (&u32, &(u64, f64))| (names.text(*name).to_owned(), total / *visits as f64);
            found.own_ms_by_endpoint = sum.by_endpoint.iter().map(mean).collect();
        }
        found
            .with("visits", counted)
            .with("visits_per_request", counted.filter(|_| requests > 0).map(|visits| visits / requests as f64))
            .with("own_ms", mean)
            .with("own_cv", cv.map(|(variance, mean)| variance.sqrt() / mean))
            .with("error_ratio", counted.map(|visits| sum.errors as f64 / visits))
    }

    fn edge(&self, key: &(Node, Node, bool), sum: &EdgeSum, names: &Names) -> CallEdge {
        let (from, to, detached) = *key;
        let visits = self.nodes.get(&from).map_or(0, |node| node.visits);
        let mode = match () {
            () if detached => "async",
            () if sum.overlapping * 2 > sum.calls => "parallel",
            () => "sync",
        };
        let mean = |total: f64, count: u64| (count > 0).then(|| total / count as f64);
        let share = |(endpoint, calls): (&u32, &u64)| {
            let requests = self.endpoints.get(endpoint)?.latency.count();
            Some((names.text(*endpoint).to_owned(), *calls as f64 / requests as f64))
        };
        let several = self.endpoints.len() > 1;
        CallEdge {
            from: name_of(from, names),
            to: name_of(to, names),
            per_request: mean(sum.calls as f64, visits),
            mode: Some(mode.to_owned()),
            own_ms: mean(sum.own_ms, sum.timed),
            network_ms: mean(sum.network_ms, sum.wired),
            error_ratio: mean(sum.errors as f64, sum.calls),
            calls: Some(sum.calls),
            by_endpoint: sum.by_endpoint.iter().filter(|_| several).filter_map(share).collect(),
        }
    }

    fn warnings(&self, requests: u64) -> Vec<Warning> {
        let text = "Traces are a sample as a rule: calls per request and times hold, rates do not. Take the rates from the load \
                    test or the metrics.";
        let mut warnings =
            vec![Warning::new("sampled-traces", text).with("traces", self.traces).with("requests", requests)];
        if self.orphans > 0 {
            let text = "Spans name a cause that is not in the file: traces are incomplete, and calls may be missing.";
            warnings.push(Warning::new("missing-spans", text).with("spans", self.orphans));
        }
        if self.unanswered > 0 {
            let text = "Calls to services whose answering spans are missing: they count as calls, but not in the callee's times.";
            warnings.push(Warning::new("missing-answers", text).with("calls", self.unanswered));
        }
        if self.unnamed > 0 {
            let text = "Calls whose callee has no name in the trace (no peer.service, server.address or db.system): their time \
                        counts as the caller's own.";
            warnings.push(Warning::new("unnamed-callee", text).with("calls", self.unnamed));
        }
        warnings
    }
}

impl NodeSum {
    fn visit(&mut self, own_ms: f64, error: bool, endpoint: Option<u32>) {
        if let Some(endpoint) = endpoint {
            let (visits, total) = self.by_endpoint.entry(endpoint).or_default();
            *visits += 1;
            *total += own_ms;
        }
        self.visits += 1;
        self.timed += 1;
        self.own_ms += own_ms;
        self.own_ms_squared += own_ms * own_ms;
        self.errors += u64::from(error);
    }
}

impl EdgeSum {
    fn call(&mut self, own_ns: i64, error: bool, endpoint: Option<u32>) {
        self.calls += 1;
        self.timed += 1;
        self.errors += u64::from(error);
        self.own_ms += own_ns as f64 / NS_PER_MS;
        if let Some(endpoint) = endpoint {
            *self.by_endpoint.entry(endpoint).or_default() += 1;
        }
    }

    /// Adds calls of which only the caller's side is known.
    fn untimed(&mut self, other: Self) {
        self.calls += other.calls;
        self.errors += other.errors;
        self.overlapping += other.overlapping;
        self.offset_ms += other.offset_ms;
        other.by_endpoint.into_iter().for_each(|(name, calls)| *self.by_endpoint.entry(name).or_default() += calls);
    }

    fn mean_offset(&self) -> f64 {
        self.offset_ms / self.calls.max(1) as f64
    }
}

impl EndpointSum {
    fn figures(&self) -> Figures {
        Figures {
            latency_ms: self.latency.summary(),
            latency_of: Some(LatencyOf::All),
            ..Figures::default().counted(Some(self.latency.count()), Some(self.errors))
        }
    }
}

fn service_of(node: Node, names: &Names) -> Option<(&str, u32)> {
    if let Node::Service(name) = node { Some((names.text(name), name)) } else { None }
}

fn name_of(node: Node, names: &Names) -> String {
    let (Node::Service(name) | Node::Queue(name) | Node::Peer(name, _)) = node;
    names.text(name).to_owned()
}
