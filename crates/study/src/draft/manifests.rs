//! A first drawing from manifests alone: whom the settings of a program name, or what a compose file starts it after, stands for whom
//! it calls. Both are only hints of calls, so everything about them is assumed and said to be.

use super::{Desk, assumed, slug};
use crate::calibrate::Note;
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

/// Files that say what is deployed.
pub const KINDS: [&str; 4] = ["kubernetes", "kubernetes-json", "docker-compose", "docker-compose-json"];
/// Names of programs that work off what others queue.
const WORKERS: [&str; 8] = ["worker", "consumer", "processor", "celery", "sidekiq", "job", "mailer", "listener"];
/// Names of programs that requests come to first.
const FRONTS: [&str; 8] = ["gateway", "frontend", "front", "web", "nginx", "proxy", "api", "app"];

/// What manifests say of a system without its traces.
pub struct Drawn {
    /// The parts with assumed calls, as if one file held them; the part that requests enter is the first.
    pub graph: Measurements,
    /// Place of the first manifest among the files.
    pub place: usize,
    /// Parts that requests might enter as well.
    pub other_entries: Vec<String>,
}

/// Whether a file says what is deployed.
pub fn is_one(file: &Measurements) -> bool {
    KINDS.contains(&file.kind.as_str())
}

/// Draws the manifests; nothing where some file holds calls, or nothing names anything and there are several programs.
pub fn drawn(data: &[Measurements]) -> Option<Drawn> {
    let place = data.iter().position(is_one).filter(|_| data.iter().all(|file| file.calls.is_empty()))?;
    let mut parts = parts(data);
    let mut calls: Vec<CallEdge> = Vec::new();
    for place in 0..parts.len() {
        if matches!(parts[place].kind.as_deref(), Some("service" | "load_balancer")) {
            let from = parts[place].name.clone();
            for to in named_by(place, &mut parts) {
                calls.push(CallEdge { from: from.clone(), to, per_request: Some(1.0), ..CallEdge::default() });
            }
        }
    }
    turn_workers(&parts, &mut calls);
    if calls.is_empty() {
        // One program alone is a drawing too.
        parts.retain(|part| part.kind.as_deref() == Some("service"));
        if parts.len() != 1 {
            return None;
        }
    }
    let other_entries = entry_first(&mut parts, &calls);
    let graph = Measurements {
        kind: data[place].kind.clone(),
        resources: parts,
        calls,
        endpoints: endpoints(data),
        ..Measurements::default()
    };
    Some(Drawn { graph, place, other_entries })
}

/// What is deployed, each once.
fn parts(data: &[Measurements]) -> Vec<Resource> {
    let mut parts: Vec<Resource> = Vec::new();
    for resource in data.iter().filter(|file| is_one(file)).flat_map(|file| &file.resources) {
        let known = parts.iter().any(|part| part.name == resource.name);
        if !known && resource.kind.as_deref() != Some("autoscaler") {
            parts.push(resource.clone());
        }
    }
    parts
}

/// Whom a part names, by their names; who is in no manifest is added.
fn named_by(place: usize, parts: &mut Vec<Resource>) -> Vec<String> {
    let list = |label: &str| {
        let written = parts[place].labels.get(label).map_or("", String::as_str);
        written.split(", ").filter(|name| !name.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    let mut found: Vec<String> = Vec::new();
    let (needed, connected) = (list("depends_on"), list("connects_to"));
    for name in needed.into_iter().filter(|name| parts.iter().any(|part| part.name == *name)) {
        found.push(name);
    }
    for address in connected {
        let Some((kind, host)) = address.split_once(':') else { continue };
        let first = host.split('.').next().unwrap_or(host);
        let answers = |part: &&Resource| {
            let services = part.labels.get("services").map_or("", String::as_str);
            part.name == first || services.split(", ").any(|service| service == first)
        };
        let name = match parts.iter().find(answers) {
            Some(part) => part.name.clone(),
            None => {
                let numeric = host.chars().all(|letter| letter.is_ascii_digit() || letter == '.');
                let outside = kind == "service" && host.contains('.') && !host.contains(".svc");
                let name = if numeric {
                    kind
                } else if outside {
                    host
                } else {
                    first
                };
                if !parts.iter().any(|part| part.name == name) {
                    parts.push(Resource::new(name, if outside { "external" } else { kind }));
                }
                name.to_owned()
            }
        };
        if !found.contains(&name) && name != parts[place].name {
            found.push(name);
        }
    }
    found
}

/// A program that nobody calls and that is called like one that works off a queue is fed by it.
fn turn_workers(parts: &[Resource], calls: &mut [CallEdge]) {
    let kind = |name: &str| parts.iter().find(|part| part.name == name).and_then(|part| part.kind.clone());
    let called: Vec<String> = calls.iter().map(|call| call.to.clone()).collect();
    for call in calls.iter_mut() {
        let works = WORKERS.iter().any(|word| call.from.to_ascii_lowercase().contains(word));
        if works && !called.contains(&call.from) && kind(&call.to).as_deref() == Some("queue") {
            std::mem::swap(&mut call.from, &mut call.to);
        }
    }
    for call in calls.iter_mut().filter(|call| kind(&call.to).as_deref() == Some("queue")) {
        call.mode = Some("async".into());
    }
}

/// Puts the part that requests enter first: of those nobody calls the one open to the outside, then the one that reaches the most,
/// then the one called like it. Returns the others.
fn entry_first(parts: &mut Vec<Resource>, calls: &[CallEdge]) -> Vec<String> {
    let reached = |name: &str| {
        let mut seen = vec![name.to_owned()];
        let mut next = 0;
        while let Some(at) = seen.get(next).cloned() {
            let more = calls.iter().filter(|call| call.from == at).map(|call| call.to.clone());
            let more: Vec<String> = more.filter(|to| !seen.contains(to)).collect();
            seen.extend(more);
            next += 1;
        }
        seen.len()
    };
    let rank = |part: &Resource| {
        let name = part.name.to_ascii_lowercase();
        let works = WORKERS.iter().any(|word| name.contains(word));
        let front = FRONTS.iter().rposition(|word| name.contains(word)).map_or(0, |place| FRONTS.len() - place);
        (!works, part.labels.contains_key("exposed"), reached(&part.name), front)
    };
    let enters = |part: &Resource| {
        let store = matches!(part.kind.as_deref(), Some("database" | "cache" | "queue" | "storage" | "external"));
        !store && !calls.iter().any(|call| call.to == part.name)
    };
    let mut able: Vec<usize> = (0..parts.len()).filter(|place| enters(&parts[*place])).collect();
    able.sort_by_key(|place| std::cmp::Reverse(rank(&parts[*place])));
    let others = able.iter().skip(1).map(|place| parts[*place].name.clone()).collect();
    if let Some(first) = able.first() {
        let first = parts.remove(*first);
        parts.insert(0, first);
    }
    others
}

/// The endpoints of the load tests, with their requests: classes that all enter at the same place.
fn endpoints(data: &[Measurements]) -> Vec<Endpoint> {
    let mut all: BTreeMap<&str, u64> = BTreeMap::new();
    for file in data.iter().filter(|file| !is_one(file) && !file.kind.starts_with("redis-benchmark")) {
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
    let from = desk.ids[drawn.place].clone();
    let text = "calls are drawn to whom a program's settings name or what it is started after, once per visit, and own times are assumed to be \
                1 ms; correct the calls and add a load test, or traces, which give both";
    desk.note("calls-assumed", from.as_str(), text);
    if let (Some(entry), false) = (drawn.graph.resources.first(), drawn.other_entries.is_empty()) {
        let text = format!(
            "requests are taken to enter at {}; nobody calls {} either: set `entry` where they do",
            entry.name,
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
    let programs = |file: &Measurements| {
        let names = file.resources.iter().filter(|part| part.kind.as_deref() == Some("service"));
        names.map(|part| slug(&part.name)).collect::<Vec<_>>().join(", ")
    };
    let manifests = data.iter().zip(ids).filter(|(file, _)| is_one(file));
    let text = |file| {
        format!(
            "no file says who calls whom, so {} are not drawn and one service stands for all; add traces, or settings that name hosts",
            programs(file)
        )
    };
    manifests.map(|(file, id)| Note::new("manifest-not-drawn", id.as_str(), text(file))).collect()
}
