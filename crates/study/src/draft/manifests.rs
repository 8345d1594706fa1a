//! A first drawing from manifests alone: whom the settings of a program name, or what a compose file starts it after, stands for whom
//! it calls. Both are only hints of calls, so everything about them is assumed and said to be.

use super::deployment::{Workload, is_manifest};
use super::roles::{entry_first, from_entry, turn_workers};
use super::{Desk, assumed, slug};
use crate::calibrate::Note;
use crate::rates::is_load;
use ingest::Measurements;
use ingest::measurements::{CallEdge, Endpoint, Figures, Resource};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The scenario's name.
pub const NAME: &str = "Drafted from manifests";
/// What it says of itself.
pub const NOTES: &str = "Made from manifests: calls are drawn where a program's settings name another or it is started after it, once per \
    visit, and every own time is assumed until a load test says another. Correct the calls; traces would give both.";
/// Own time of a visit until a load test says another, in milliseconds.
const OWN_MS: f64 = 1.0;

/// What manifests say of a system without its traces.
pub struct Drawn {
    /// The parts with assumed calls, as if one file held them; the part that requests enter is the first.
    pub graph: Measurements,
    /// Import that the first part is from.
    pub from: String,
    /// Parts that requests might enter as well.
    other_entries: Vec<String>,
    /// Programs taken to work off a queue, with it.
    workers: Vec<(String, String)>,
}

/// Draws the workloads; nothing where some file holds calls, or nothing names anything and there are several programs.
pub fn drawn(data: &[Measurements], workloads: &[Workload]) -> Option<Drawn> {
    let from = workloads.first().filter(|_| data.iter().all(|file| file.calls.is_empty()))?.from.clone();
    let mut parts: Vec<Resource> = workloads.iter().map(|workload| workload.resource.clone()).collect();
    let mut calls: Vec<CallEdge> = Vec::new();
    let mut named: Vec<(String, String)> = Vec::new();
    for place in 0..parts.len() {
        if is_program(&parts[place]) {
            let from = parts[place].name.clone();
            for to in named_by(place, &mut parts, &mut named) {
                calls.push(CallEdge { from: from.clone(), to, per_request: Some(1.0), ..CallEdge::default() });
            }
        }
    }
    serve_as_queues(&mut parts, &named);
    let workers = turn_workers(&parts, &mut calls);
    if calls.is_empty() {
        // One program alone is a drawing too.
        parts.retain(is_program);
        if parts.len() != 1 {
            return None;
        }
    }
    let other_entries = entry_first(&mut parts, &calls);
    from_entry(&parts[0].name, &mut calls);
    let graph = Measurements { resources: parts, calls, endpoints: endpoints(data), ..Measurements::default() };
    Some(Drawn { graph, from, other_entries, workers })
}

/// Whether it runs a team's own code, as far as its image says.
pub fn is_program(part: &Resource) -> bool {
    matches!(part.kind.as_deref(), Some("service" | "function" | "load_balancer"))
}

/// Whom a part names, by their names; who is in no manifest is added. `named` gets everyone who was named by an address, with what for.
fn named_by(place: usize, parts: &mut Vec<Resource>, named: &mut Vec<(String, String)>) -> Vec<String> {
    let list = |label: &str| {
        let written = parts[place].labels.get(label).map_or("", String::as_str);
        written.split(", ").filter(|name| !name.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    let mut found: Vec<String> = Vec::new();
    let (needed, connected) = (list("depends_on"), list("connects_to"));
    let mut add = |name: String, own: &str| {
        if !found.contains(&name) && name != own {
            found.push(name);
        }
    };
    let own = parts[place].name.clone();
    for name in needed.into_iter().filter(|name| parts.iter().any(|part| part.name == *name)) {
        add(name, &own);
    }
    for address in connected {
        let Some((kind, host)) = address.split_once(':') else { continue };
        let name = match answering(parts, host) {
            Some(place) => parts[place].name.clone(),
            None => outside(parts, kind, host),
        };
        named.push((name.clone(), kind.to_owned()));
        add(name, &own);
    }
    found
}

/// The part behind a host: by its name or a Service's, with the cluster's endings or without, one pod of a set for all of it. A host
/// of the world outside is none, whatever its first word.
fn answering(parts: &[Resource], host: &str) -> Option<usize> {
    let labels: Vec<&str> = host.split('.').collect();
    let first = labels[0];
    let set =
        first.rsplit_once('-').filter(|(_, number)| number.bytes().all(|sign| sign.is_ascii_digit())).map(|set| set.0);
    let space = |name: &str| parts.iter().any(|part| part.labels.get("namespace").is_some_and(|space| space == name));
    let within = match labels.as_slice() {
        [_] => true,
        [_, other] => set.is_some() || space(other),
        [..] => labels.contains(&"svc"),
    };
    let called = |name: &str| {
        let service =
            |part: &Resource| part.labels.get("services").is_some_and(|all| all.split(", ").any(|one| one == name));
        parts.iter().position(|part| part.name == name || service(part))
    };
    let behind_set = || called(set?).or_else(|| called(labels.get(1)?));
    called(first).or_else(behind_set).filter(|_| within)
}

/// Adds who is in no manifest, by its first word where nobody has that name.
fn outside(parts: &mut Vec<Resource>, kind: &str, host: &str) -> String {
    let first = host.split('.').next().unwrap_or(host);
    let numeric = host.chars().all(|letter| letter.is_ascii_digit() || letter == '.');
    let external = kind == "service" && host.contains('.') && !host.contains(".svc");
    let taken = |name: &str| parts.iter().any(|part| part.name == name && part.labels.contains_key("workload"));
    let name = match () {
        () if numeric && !external => kind,
        () if external || taken(first) => host,
        () => first,
    };
    if !parts.iter().any(|part| part.name == name) {
        parts.push(Resource::new(name, if external { "external" } else { kind }));
    }
    name.to_owned()
}

/// A store that everybody names as a queue is one, such as Redis behind Celery.
fn serve_as_queues(parts: &mut [Resource], named: &[(String, String)]) {
    for part in parts.iter_mut().filter(|part| part.kind.as_deref() == Some("cache")) {
        let mut uses = named.iter().filter(|(name, _)| *name == part.name).peekable();
        if uses.peek().is_some() && uses.all(|(_, kind)| kind == "queue") {
            part.kind = Some("queue".into());
        }
    }
}

/// The endpoints of the load tests, with their requests: classes that all enter at the same place.
fn endpoints(data: &[Measurements]) -> Vec<Endpoint> {
    let mut all: BTreeMap<&str, u64> = BTreeMap::new();
    for file in data.iter().filter(|file| !is_manifest(&file.kind) && is_load(file)) {
        let listed = file.endpoints.iter().map(|endpoint| (endpoint.name.as_str(), endpoint.figures.requests));
        let of_levels =
            file.levels.iter().filter_map(|level| Some((level.endpoint.as_deref()?, level.figures.requests)));
        let counted = file.endpoints.iter().filter(|endpoint| endpoint.figures.requests.is_some());
        let known: Vec<&str> = counted.map(|endpoint| endpoint.name.as_str()).collect();
        for (name, requests) in listed.chain(of_levels.filter(|(name, _)| !known.contains(name))) {
            *all.entry(name).or_default() += requests.unwrap_or(1);
        }
    }
    let endpoint = |(name, requests): (&str, u64)| Endpoint {
        name: name.to_owned(),
        figures: Figures { requests: Some(requests.max(1)), ..Figures::default() },
    };
    all.into_iter().map(endpoint).collect()
}

/// Says what was assumed.
pub fn say(drawn: &Drawn, desk: &mut Desk) {
    let text = "calls are drawn to whom a program's settings name or what it is started after, once per visit, and own times are assumed to be \
                1 ms; correct the calls and add a load test, or traces, which give both";
    desk.note("calls-assumed", drawn.from.as_str(), text);
    for (worker, queue) in &drawn.workers {
        let text =
            format!("{worker} is taken to work off {queue}, by its name; if it sends to it, turn the call around");
        desk.note("worker-assumed", format!("components.{}", slug(worker)), text);
    }
    if let (Some(entry), false) = (drawn.graph.resources.first(), drawn.other_entries.is_empty()) {
        let text = format!(
            "requests are taken to enter at {}; nobody calls {} either: set `entry` where they do",
            slug(&entry.name),
            drawn.other_entries.join(", ")
        );
        desk.note("entry-assumed", "traffic", text);
    }
}

/// Gives every part the time that is assumed.
pub fn assume(from: &str, components: &mut [Map<String, Value>]) {
    for component in components.iter_mut() {
        component.entry("service").or_insert_with(|| json!({"mean_ms": assumed(OWN_MS, from)}));
    }
}

/// What is said where manifests are given but cannot be drawn.
pub fn not_drawn(data: &[Measurements], ids: &[String]) -> Vec<Note> {
    let manifests = data.iter().zip(ids).filter(|(file, _)| is_manifest(&file.kind));
    let note = |(file, id): (&Measurements, &String)| {
        let parts = file.resources.iter().filter(|part| part.kind.as_deref() != Some("autoscaler"));
        let names: Vec<String> = parts.map(|part| slug(&part.name)).collect();
        let text = format!(
            "no file says who calls whom, so {} in it are not drawn and one service stands for all; add traces, or settings that name hosts",
            names.join(", ")
        );
        (!names.is_empty()).then(|| Note::new("manifest-not-drawn", id.as_str(), text))
    };
    manifests.filter_map(note).collect()
}
