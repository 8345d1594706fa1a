//! What a program does, guessed by its name and its place: works off a queue, watches the others, or is where requests come in.

use super::manifests::is_program;
use super::slug;
use ingest::measurements::{CallEdge, Resource};

/// Words of programs that work off what others queue.
const WORKERS: [&str; 8] = ["worker", "workers", "consumer", "consumers", "celery", "sidekiq", "mailer", "listener"];
/// Words of programs that watch: they name everybody and serve nobody.
const WATCHERS: [&str; 8] = ["prometheus", "grafana", "exporter", "jaeger", "otel", "fluentd", "loki", "alertmanager"];
/// Words of programs that requests come to first, the likeliest first.
const FRONTS: [&str; 8] = ["gateway", "frontend", "front", "web", "nginx", "proxy", "api", "app"];

fn has_word(name: &str, words: &[&str]) -> bool {
    slug(name).split('-').any(|word| words.contains(&word))
}

/// A program that nobody calls, that is not open to the outside and that is called like one that works off a queue is fed by it, where
/// somebody else sends to that queue. Messages are not waited for. Returns who was turned, with the queue.
pub fn turn_workers(parts: &[Resource], calls: &mut [CallEdge]) -> Vec<(String, String)> {
    let part = |name: &str| parts.iter().find(|part| part.name == name);
    let is_queue = |name: &str| part(name).is_some_and(|part| part.kind.as_deref() == Some("queue"));
    let works =
        |name: &str| has_word(name, &WORKERS) && part(name).is_some_and(|part| !part.labels.contains_key("exposed"));
    let before: Vec<(String, String)> = calls.iter().map(|call| (call.from.clone(), call.to.clone())).collect();
    let mut turned = Vec::new();
    for call in calls.iter_mut().filter(|call| is_queue(&call.to)) {
        let called = before.iter().any(|(_, to)| *to == call.from);
        let fed = before.iter().any(|(from, to)| *to == call.to && *from != call.from && !works(from));
        if works(&call.from) && !called && fed {
            turned.push((call.from.clone(), call.to.clone()));
            std::mem::swap(&mut call.from, &mut call.to);
        } else {
            call.mode = Some("async".into());
        }
    }
    turned
}

/// Puts the part that requests enter first: of the programs that nobody calls the one open to the outside, then the one that reaches
/// the most, then the one called like it. Returns the ids of the others that are drawn.
pub fn entry_first(parts: &mut Vec<Resource>, calls: &[CallEdge]) -> Vec<String> {
    let rank = |part: &Resource| {
        let slow = has_word(&part.name, &WORKERS) || has_word(&part.name, &WATCHERS);
        let words = slug(&part.name);
        let front = FRONTS.iter().position(|front| words.split('-').any(|word| word == *front));
        let front = front.map_or(0, |place| FRONTS.len() - place);
        (!slow, part.labels.contains_key("exposed"), reached(&part.name, calls).len(), front)
    };
    let drawn = |part: &Resource| {
        is_program(part)
            && (calls.is_empty() || calls.iter().any(|call| call.from == part.name || call.to == part.name))
    };
    let uncalled = |part: &Resource| !calls.iter().any(|call| call.to == part.name);
    let mut able: Vec<usize> =
        (0..parts.len()).filter(|place| drawn(&parts[*place]) && uncalled(&parts[*place])).collect();
    if able.is_empty() {
        // They call each other in a circle: one of them is where it starts.
        able = (0..parts.len()).filter(|place| drawn(&parts[*place])).collect();
    }
    able.sort_by_key(|place| std::cmp::Reverse(rank(&parts[*place])));
    let others = able.iter().skip(1).map(|place| slug(&parts[*place].name)).collect();
    if let Some(first) = able.first() {
        let first = parts.remove(*first);
        parts.insert(0, first);
    }
    others
}

/// Orders calls as they are come to from the entry: of a circle the call back to it is the last, and left out.
pub fn from_entry(entry: &str, calls: &mut [CallEdge]) {
    let order: Vec<String> = reached(entry, calls).into_iter().map(str::to_owned).collect();
    calls.sort_by_key(|call| order.iter().position(|name| *name == call.from).unwrap_or(order.len()));
}

/// Parts reached from one, itself the first.
fn reached<'a>(name: &'a str, calls: &'a [CallEdge]) -> Vec<&'a str> {
    let mut seen = vec![name];
    let mut next = 0;
    while let Some(at) = seen.get(next).copied() {
        for call in calls.iter().filter(|call| call.from == at) {
            if !seen.contains(&call.to.as_str()) {
                seen.push(&call.to);
            }
        }
        next += 1;
    }
    seen
}
