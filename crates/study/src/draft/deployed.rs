//! What manifests, brokers, caches and balancers say of the components: replicas, cores, scaling, consumers, hit ratio, policy.

use super::deployment::Workload;
use super::graph::{Graph, Node};
use super::{Desk, assumed, measured, slug, unused};
use ingest::measurements::Resource;
use serde_json::{Map, Value, json};

type Component = Map<String, Value>;

const BALANCERS: [&str; 2] = ["haproxy-config", "nginx-config"];

/// Applies everything but balancers.
pub fn apply(graph: &Graph, chosen: Option<usize>, components: &mut [Component], desk: &mut Desk) {
    let workloads = std::mem::take(&mut desk.workloads);
    let resources: Vec<&Resource> = workloads.iter().map(|workload| &workload.resource).collect();
    let mut applied = vec![false; workloads.len()];
    for (place, node) in graph.nodes.iter().enumerate() {
        let found = match chosen {
            Some(_) => matching(node, &resources, graph),
            None => resources.iter().position(|resource| resource.name == node.resource.name),
        };
        if let Some(index) = found {
            applied[index] = true;
            workload(graph, place, &workloads[index], components, desk);
        } else if node.kind == "service" && !workloads.is_empty() {
            let text = "no manifest has its name: one replica is assumed";
            desk.note("replicas-assumed", format!("components.{}.replicas", node.id), text);
        }
        for (from, _, resource) in desk.resources(chosen) {
            figures(node, graph, from, resource, &mut components[place]);
        }
    }
    for (workload, _) in workloads.iter().zip(&applied).filter(|(_, applied)| !**applied) {
        let (name, from) = (&workload.resource.name, &workload.from);
        if workload.resource.kind.as_deref() == Some("service") {
            let why = if chosen.is_some() { "is in no trace" } else { "names nobody and nobody names it" };
            desk.note("not-traced", from.as_str(), format!("{name} in {from} {why}: it is left out"));
        }
    }
}

/// The resource that is this component: the same name, else the only one with all its words, else the only store of its kind.
fn matching(node: &Node, resources: &[&Resource], graph: &Graph) -> Option<usize> {
    let only = |fits: &dyn Fn(&Resource) -> bool| {
        let mut places = resources.iter().enumerate().filter(|(_, resource)| fits(resource)).map(|(place, _)| place);
        let first = places.next();
        first.filter(|_| places.next().is_none())
    };
    let words = |name: &str| slug(name).split('-').map(str::to_owned).collect::<Vec<_>>();
    let own = words(&node.id);
    let within = |one: &[String], other: &[String]| one.iter().all(|word| other.contains(word));
    let stored = matches!(node.kind, "database" | "cache" | "queue");
    let alone = graph.nodes.iter().filter(|other| other.kind == node.kind).count() == 1;
    only(&|resource: &Resource| slug(&resource.name) == node.id)
        .or_else(|| {
            only(&|resource: &Resource| within(&words(&resource.name), &own) || within(&own, &words(&resource.name)))
        })
        .or_else(|| {
            (stored && alone).then(|| only(&|resource: &Resource| resource.kind.as_deref() == Some(node.kind)))?
        })
}

/// Replicas, cores and scaling of a workload.
fn workload(
    graph: &Graph,
    place: usize,
    Workload { from, scaled_by, resource }: &Workload,
    components: &mut [Component],
    desk: &mut Desk,
) {
    let node = &graph.nodes[place];
    let figure = |name: &str| resource.figures.get(name).copied().filter(|value| *value > 0.0);
    let address = |key: &str| format!("components.{}.{key}", node.id);
    let replicas = figure("replicas").or(figure("autoscale_replicas")).or(figure("autoscale_min"));
    match (node.kind, replicas) {
        ("service", Some(replicas)) => {
            components[place].insert("replicas".into(), measured(replicas, from));
        }
        ("service", None) if resource.figures.contains_key("replicas") => {
            let text = format!("{} is scaled to nothing; one replica is drawn", resource.name);
            desk.note("no-replicas", address("replicas"), text);
        }
        ("cache", Some(nodes)) if nodes > 1.0 => {
            components[place].insert("nodes".into(), measured(nodes, from));
        }
        ("database", Some(nodes)) if nodes > 1.0 => {
            let text = format!("{nodes} replicas run: say how many of them serve reads");
            desk.note("read-replicas", address("read_replicas"), text);
        }
        _ => {}
    }
    if let ("database", Some(limit)) = (node.kind, figure("cpu_limit_cores")) {
        let cores = limit.floor().max(1.0);
        components[place].insert("cores".into(), measured(cores, from));
        let text = format!(
            "its CPU limit of {limit} is taken as {cores} {} at once; disk and locks may allow fewer",
            if cores == 1.0 { "query" } else { "queries" }
        );
        desk.note("cores-by-limit", address("cores"), text);
    }
    if node.kind != "service" {
        return;
    }
    if let Some(cores) = figure("cpu_limit_cores") {
        components[place].insert("cpu_cores".into(), measured(cores, from));
        let text =
            "its own time is taken as work of the CPU, which the limit bounds; without it, set `concurrency` instead";
        desk.note("cpu-bound-assumed", address("cpu_cores"), text);
    }
    autoscale(resource, scaled_by, &mut components[place], &address("autoscale"), desk);
    pools(graph, place, resource, from, components, desk);
}

/// The autoscaler: Kubernetes' percentage is of the requests, the scenario's ratio of the cores that may be used.
fn autoscale(resource: &Resource, from: &str, component: &mut Component, address: &str, desk: &mut Desk) {
    let figure = |name: &str| resource.figures.get(name).copied();
    let Some(most) = figure("autoscale_max") else { return };
    let metric = resource.labels.get("autoscale_metric").map_or("", String::as_str);
    let cores = figure("cpu_request_cores").zip(figure("cpu_limit_cores")).filter(|(_, limit)| *limit > 0.0);
    let target = figure("autoscale_target").zip(cores).map(|(target, (request, limit))| target * request / limit);
    let (Some(target), "cpu") = (target.filter(|target| *target > 0.0), metric) else {
        let text = format!(
            "it is scaled from {} to {most} by {metric:?}, which is not carried over",
            figure("autoscale_min").unwrap_or(1.0)
        );
        desk.note("autoscale-left-out", address, text);
        return;
    };
    let least = figure("autoscale_min").unwrap_or(1.0).max(1.0);
    let mut scale = json!({"min": measured(least, from), "max": measured(most.max(least), from), "metric": "cpu",
        "target": measured(target.min(1.0), from)});
    if let Some(window) = figure("stabilization_down_s") {
        scale["stabilization_down_s"] = measured(window, from);
    }
    component.insert("autoscale".into(), scale);
}

/// A pool that the environment sets, where only one database is called.
fn pools(graph: &Graph, place: usize, resource: &Resource, from: &str, components: &mut [Component], desk: &mut Desk) {
    let sizes: Vec<(&String, f64)> = resource
        .figures
        .iter()
        .filter(|(name, value)| {
            name.starts_with("env.") && name.to_ascii_uppercase().contains("POOL") && **value >= 1.0
        })
        .map(|(name, value)| (name, *value))
        .collect();
    let databases: Vec<&str> = graph
        .edges
        .iter()
        .filter(|edge| edge.0 == place)
        .map(|edge| &graph.nodes[edge.1])
        .filter(|node| node.kind == "database")
        .map(|node| node.id.as_str())
        .collect();
    let ([(name, size)], [database]) = (sizes.as_slice(), databases.as_slice()) else { return };
    components[place]
        .insert("pools".into(), Value::Object([((*database).to_owned(), assumed(*size, from))].into_iter().collect()));
    if let Some(Value::Array(calls)) = components[place].get_mut("calls") {
        calls.iter_mut().for_each(|call| pooled(call, database));
    }
    let text = format!("{} is taken as the pool to {database}", name.trim_start_matches("env."));
    desk.note("pool-assumed", format!("components.{}.pools.{database}", graph.nodes[place].id), text);
}

/// Names the pool at every call to that component.
fn pooled(call: &mut Value, database: &str) {
    if call["to"] == database {
        call["pool"] = json!(database);
    }
    if let Some(Value::Array(missed)) = call.get_mut("on_miss") {
        missed.iter_mut().for_each(|call| pooled(call, database));
    }
}

/// Figures of brokers and caches.
fn figures(node: &Node, graph: &Graph, from: &str, resource: &Resource, component: &mut Component) {
    let figure = |name: &str| resource.figures.get(name).copied();
    let same = slug(&resource.name) == node.id;
    let alone = graph.nodes.iter().filter(|other| other.kind == node.kind).count() == 1;
    match node.kind {
        "queue" if same && resource.kind.as_deref() == Some("queue") => {
            for key in ["consumers", "partitions", "max_length"] {
                if let Some(value) = figure(key).filter(|value| *value >= 1.0) {
                    component.insert(key.into(), measured(value, from));
                }
            }
        }
        "cache" if (same || alone) && resource.kind.as_deref() == Some("cache") => {
            // What the traces show of the calls behind it says more than a ratio since the server's start.
            let known = component.get("hit_ratio").is_some_and(|ratio| ratio["source"] == "measured");
            if let (Some(ratio), false) = (figure("hit_ratio"), known) {
                component.insert("hit_ratio".into(), measured(ratio, from));
            }
        }
        _ => {}
    }
}

/// Balancers in front of the parts that requests enter.
pub fn balancers(
    chosen: Option<usize>,
    components: &mut Vec<Map<String, Value>>,
    traffic: &mut [Value],
    desk: &mut Desk,
) {
    let found: Vec<(String, Resource)> = desk
        .resources(chosen)
        .filter(|(_, kind, _)| BALANCERS.contains(kind))
        .map(|(id, _, resource)| (id.to_owned(), resource.clone()))
        .collect();
    for (from, balancer) in found.iter().filter(|(_, resource)| resource.kind.as_deref() == Some("load_balancer")) {
        let name = slug(&balancer.name);
        let entered = |component: &Component| {
            component["kind"] == "service" && traffic.iter().any(|class| class["entry"] == component["id"])
        };
        let Some(place) =
            components.iter().position(|component| component["id"] == name.as_str() && entered(component))
        else {
            desk.note(
                "balancer-left-out",
                from.as_str(),
                format!("{} balances nothing that requests enter by that name", balancer.name),
            );
            continue;
        };
        let mut policy =
            balancer.labels.get("policy").filter(|policy| !policy.is_empty()).cloned().unwrap_or("random".into());
        let weights: Vec<f64> = found
            .iter()
            .filter(|(_, one)| {
                one.kind.as_deref() == Some("server") && one.labels.get("upstream") == Some(&balancer.name)
            })
            .filter_map(|(_, one)| one.figures.get("weight").copied())
            .collect();
        let servers = balancer.figures.get("servers").copied().unwrap_or(1.0);
        let replicas = components[place].entry("replicas").or_insert_with(|| measured(servers, from));
        let replicas = replicas["value"].as_f64().unwrap_or(1.0);
        let autoscaled = components[place].contains_key("autoscale");
        if policy == "weighted" && (replicas != weights.len() as f64 || autoscaled) {
            let text = "its weights are not those of the replicas; they are left out";
            desk.note("weights-left-out", format!("components.{name}"), text);
            policy = "round_robin".into();
        }
        let id = unused(format!("{name}-lb"), |id| components.iter().any(|component| component["id"] == id));
        let mut written = json!({"id": id, "kind": "load_balancer", "label": balancer.name, "policy": policy,
            "service": {"mean_ms": {"value": 0.1, "source": "assumed"}}, "calls": [{"to": name}]});
        if policy == "weighted" {
            written["weights"] = json!(weights);
        }
        if policy == "ip_hash" {
            written["skew"] = assumed(((1.0 / replicas.max(1.0)) * 1.2).min(1.0), from);
            let text = "clients are not spread evenly: the largest replica is taken to get a fifth more than its share; measure it";
            desk.note("skew-assumed", format!("components.{id}.skew"), text);
        }
        for class in traffic.iter_mut().filter(|class| class["entry"] == name.as_str()) {
            class["entry"] = json!(id);
        }
        components.extend(written.as_object().cloned());
    }
}
