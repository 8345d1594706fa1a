//! Call graphs that others have added up: service-graph metrics (Tempo, the OpenTelemetry Collector), Istio's request metrics and
//! Jaeger's dependencies.
//!
//! Source of the names: Grafana Tempo, "Service graph metrics" (`traces_service_graph_request_total` and its companions); Istio,
//! "Istio Standard Metrics" (`istio_requests_total`, `istio_request_duration_milliseconds`).

use crate::measurements::{CallEdge, Measurements, Resource, Series, Warning};
use crate::read::json;
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Shape};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Jaeger's dependencies.
pub const DEPENDENCIES: Format = Format {
    kind: "jaeger-dependencies",
    title: "Jaeger: the answer of /api/dependencies (JSON)",
    shape: Shape::Json { fits, read },
    docs: Docs {
        versions: "1.x (documentation)",
        used: "who calls whom and how often per call of the caller",
        traps: "counts over a look-back time that the answer does not hold: no rates; no times",
        evidence: "documented shape",
    },
};

fn fits(document: &Value) -> Fit {
    let data = document.get("data").unwrap_or(document);
    let first = data.as_array().and_then(|items| items.first());
    Fit::from(first.is_some_and(|item| json::has(item, &["parent", "child", "callCount"])))
}

fn read(document: &Value, _context: &Context) -> Result<Measurements, Refusal> {
    let data = document.get("data").unwrap_or(document);
    let mut edges = Edges::new();
    for item in data.as_array().into_iter().flatten() {
        let text = |key: &str| json::text(item, &[key]);
        if let (Some(parent), Some(child), Some(calls)) =
            (text("parent"), text("child"), json::number(item, &["callCount"]))
        {
            edges.entry((parent.to_owned(), child.to_owned())).or_default().calls += calls;
        }
    }
    let mut found = Measurements::default();
    write(&edges, None, &mut found);
    if found.calls.is_empty() { Err(Refusal::new("at least one dependency", "none")) } else { Ok(found) }
}

/// What metrics say of one edge; amounts are counts or, where only rates are known, rates.
#[derive(Debug, Default, Clone)]
struct Edge {
    calls: f64,
    failed: f64,
    connection: String,
    /// Seconds and calls as the callee and as the caller saw them.
    server: (f64, f64),
    client: (f64, f64),
}

/// What a metric adds to an edge.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Calls,
    Failed,
    Seconds { client: bool, scale: f64 },
    Count { client: bool },
}

/// The part a metric's name stands for.
fn part(name: &str) -> Option<Part> {
    if let Some(rest) = name.strip_prefix("istio_request") {
        return match rest {
            "s_total" => Some(Part::Calls),
            "_duration_milliseconds_sum" => Some(Part::Seconds { client: false, scale: 1e-3 }),
            "_duration_milliseconds_count" => Some(Part::Count { client: false }),
            _ => None,
        };
    }
    let rest = name.strip_prefix("traces_").unwrap_or(name).strip_prefix("service_graph_request_")?;
    let (side, rest) = rest.split_once('_').unwrap_or((rest, ""));
    let client = side == "client";
    match (side, rest) {
        ("total", "") => Some(Part::Calls),
        ("failed", "total") => Some(Part::Failed),
        ("server" | "client", "seconds_sum" | "sum") => Some(Part::Seconds { client, scale: 1.0 }),
        ("server" | "client", "milliseconds_sum") => Some(Part::Seconds { client, scale: 1e-3 }),
        ("server" | "client", "seconds_count" | "milliseconds_count" | "count") => Some(Part::Count { client }),
        _ => None,
    }
}

/// Caller and callee of a series.
fn ends(series: &Series) -> Option<(&str, &str)> {
    let label = |names: [&str; 2]| names.iter().find_map(|name| series.labels.get(*name)).map(String::as_str);
    Some((label(["client", "source_workload"])?, label(["server", "destination_workload"])?))
}

/// Adds the call graph that series of these names describe; nothing where there are none.
pub fn add(found: &mut Measurements) {
    let mut edges = Edges::new();
    let mut longest = 0.0_f64;
    // The same request as both sides report it counts once.
    let twice =
        found.series.iter().any(|series| series.labels.get("reporter").is_some_and(|side| side == "destination"));
    for series in &found.series {
        let Some(part) = part(&series.name) else { continue };
        let Some((client, server)) = ends(series) else { continue };
        if twice && series.labels.get("reporter").is_some_and(|side| side == "source") {
            continue;
        }
        let (amount, seconds) = increase(&series.points);
        longest = longest.max(seconds);
        let edge = edges.entry((client.to_owned(), server.to_owned())).or_default();
        edge.add(part, amount);
        if let Some(connection) = series.labels.get("connection_type").filter(|kind| !kind.is_empty()) {
            edge.connection.clone_from(connection);
        }
        let code = series.labels.get("response_code").and_then(|code| code.parse::<u32>().ok());
        if part == Part::Calls && code.is_some_and(|code| code >= 400 || code == 0) {
            edge.failed += amount;
        }
    }
    edges.retain(|_, edge| edge.calls > 0.0);
    if !edges.is_empty() {
        write(&edges, (longest > 0.0).then_some(longest), found);
    }
}

impl Edge {
    fn add(&mut self, part: Part, amount: f64) {
        match part {
            Part::Calls => self.calls += amount,
            Part::Failed => self.failed += amount,
            Part::Seconds { client: true, scale } => self.client.0 += amount * scale,
            Part::Seconds { client: false, scale } => self.server.0 += amount * scale,
            Part::Count { client: true } => self.client.1 += amount,
            Part::Count { client: false } => self.server.1 += amount,
        }
    }

    /// Mean milliseconds of a call: what the callee took, else what the caller waited.
    fn callee_ms(&self) -> Option<f64> {
        mean_ms(self.server).or_else(|| mean_ms(self.client))
    }
}

fn mean_ms((seconds, count): (f64, f64)) -> Option<f64> {
    (count > 0.0).then(|| 1e3 * seconds / count)
}

/// Growth of a counter over its points, resets counted as starts from zero, and the seconds between first and last. One point is a
/// total since the process started.
fn increase(points: &[(f64, f64)]) -> (f64, f64) {
    match points {
        [] => (0.0, 0.0),
        [(_, value)] => (value.max(0.0), 0.0),
        [first, .., last] => {
            let growth = |pair: &[(f64, f64)]| if pair[1].1 >= pair[0].1 { pair[1].1 - pair[0].1 } else { pair[1].1 };
            (points.windows(2).map(growth).sum(), last.0 - first.0)
        }
    }
}

type Edges = BTreeMap<(String, String), Edge>;

fn into<'a>(edges: &'a Edges, node: &'a str) -> impl Iterator<Item = &'a Edge> {
    edges.iter().filter(move |((_, to), _)| to == node).map(|(_, edge)| edge)
}

/// Time of a visit to a node without the calls it made, and whether these were several.
fn own_ms(edges: &Edges, node: &str) -> Option<(f64, bool)> {
    let timed = into(edges, node).filter_map(|edge| Some((edge.callee_ms()? * edge.calls, edge.calls)));
    let (total, calls) = timed.fold((0.0, 0.0), |sum, (total, calls)| (sum.0 + total, sum.1 + calls));
    let visits: f64 = into(edges, node).map(|edge| edge.calls).sum();
    let below: Vec<f64> = edges
        .iter()
        .filter(|((from, _), edge)| from == node && edge.connection != "messaging_system")
        .filter_map(|(_, edge)| Some(mean_ms(edge.client).or_else(|| edge.callee_ms())? * edge.calls))
        .collect();
    let own = total / calls - below.iter().sum::<f64>() / visits;
    (calls > 0.0).then_some((own.max(0.0), below.len() > 1))
}

/// Writes nodes and edges; `seconds` where the counts are of a known time.
fn write(edges: &Edges, seconds: Option<f64>, found: &mut Measurements) {
    let nodes: BTreeSet<&str> = edges.keys().flat_map(|(from, to)| [from.as_str(), to.as_str()]).collect();
    let own: BTreeMap<&str, (f64, bool)> =
        nodes.iter().filter_map(|node| Some((*node, own_ms(edges, node)?))).collect();
    let mut visits: BTreeMap<&str, f64> = BTreeMap::new();
    for node in &nodes {
        let sums = into(edges, node).fold((0.0, 0.0), |sum, edge| (sum.0 + edge.calls, sum.1 + edge.failed));
        let (calls, failed) = sums;
        visits.insert(node, calls);
        let connections: Vec<&str> = into(edges, node).map(|edge| edge.connection.as_str()).collect();
        let called = calls > 0.0;
        found.resources.push(
            Resource::new(node, kind(node, called, &connections))
                .with("visits", called.then_some(calls))
                .with("visits_rps", seconds.filter(|_| called).map(|seconds| calls / seconds))
                .with("own_ms", own.get(node).map(|own| own.0))
                .with("error_ratio", called.then(|| failed / calls)),
        );
    }
    for ((from, to), edge) in edges {
        let wire = mean_ms(edge.client).zip(mean_ms(edge.server)).map(|(client, server)| client - server);
        found.calls.push(CallEdge {
            from: from.clone(),
            to: to.clone(),
            per_request: visits.get(from.as_str()).filter(|visits| **visits > 0.0).map(|visits| edge.calls / visits),
            mode: Some(if edge.connection == "messaging_system" { "async" } else { "sync" }.to_owned()),
            own_ms: own.get(to.as_str()).map(|own| own.0),
            network_ms: wire.filter(|wire| *wire >= 0.0),
            error_ratio: Some(edge.failed / edge.calls),
            calls: crate::read::text::count(edge.calls.round()),
            ..CallEdge::default()
        });
    }
    if own.values().any(|own| own.1) {
        let text = "Own times are what a service took less the calls it made, taken one after another: where it makes them at once, \
                    its own time is understated. Traces tell.";
        found.warnings.push(Warning::new("serial-assumed", text));
    }
}

/// The component kind of a node.
fn kind(node: &str, called: bool, connections: &[&str]) -> &'static str {
    let name = node.to_ascii_lowercase();
    let cache = ["redis", "memcached", "valkey"].iter().any(|word| name.contains(word));
    match () {
        () if !called => "client",
        () if connections.contains(&"database") && cache => "cache",
        () if connections.contains(&"database") => "database",
        () if connections.contains(&"virtual_node") => "external",
        () => "service",
    }
}
