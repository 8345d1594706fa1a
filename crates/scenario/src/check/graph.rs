//! The call graph: loops of synchronous calls, loops without end, components that nothing reaches, classes without an own time on their way.

use super::names::Names;
use super::problems::Findings;
use crate::path::Path;
use crate::v1::{Call, CallMode, CallWhen, Component, ComponentKind, Service};
use engine::order;

pub(super) fn check(names: &Names, findings: &mut Findings) {
    let waiting = edges(names, waits);
    let loops = cycles(&waiting);
    for cycle in &loops {
        let remedy = "remove one of these calls, or make it async; repeated visits are stated by per_request";
        report_loop(names, cycle, "synchronous calls go in a loop", remedy, findings);
    }
    if loops.is_empty() {
        without_end(names, findings);
    }
    let all = edges(names, |_, _| true);
    unreached(names, &all, findings);
    missing_times(names, findings);
}

/// Whether a caller waits for the callee. A queue's own calls are made later by a consumer: nobody waits for them.
fn waits(component: &Component, call: &Call) -> bool {
    component.kind != ComponentKind::Queue && call.mode != Some(CallMode::Async)
}

/// For each component the positions of those it calls, through `on_miss` too.
fn edges(names: &Names, counts: impl Fn(&Component, &Call) -> bool) -> Vec<Vec<usize>> {
    fn follow<'c>(calls: &'c [Call], visit: &mut impl FnMut(&'c Call)) {
        for call in calls {
            visit(call);
            follow(&call.on_miss, visit);
        }
    }
    let of = |component: &Component| {
        let mut to = Vec::new();
        follow(&component.calls, &mut |call| {
            if counts(component, call) {
                to.extend(names.components.get(call.to.as_str()));
            }
        });
        to
    };
    names.scenario.components.iter().map(of).collect()
}

/// One cycle of each strongly connected part: a shortest one through its first component.
fn cycles(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut cycles = Vec::new();
    for part in components(edges) {
        let start = part.iter().copied().min().unwrap_or_default();
        let in_part = order::set(part);
        if let Some(cycle) = shortest_cycle(edges, start, &in_part) {
            cycles.push(cycle);
        }
    }
    order::sort_by(&mut cycles, Vec::cmp);
    cycles
}

/// Breadth first from the start back to it.
fn shortest_cycle(edges: &[Vec<usize>], start: usize, part: &std::collections::BTreeSet<usize>) -> Option<Vec<usize>> {
    let mut came_from = std::collections::BTreeMap::new();
    let mut frontier = std::collections::VecDeque::from([start]);
    while let Some(at) = frontier.pop_front() {
        for &to in edges[at].iter().filter(|to| part.contains(to)) {
            if to == start {
                let mut cycle = vec![at];
                while cycle[cycle.len() - 1] != start {
                    cycle.push(came_from[&cycle[cycle.len() - 1]]);
                }
                cycle.reverse();
                return Some(cycle);
            }
            came_from.entry(to).or_insert_with(|| {
                frontier.push_back(to);
                at
            });
        }
    }
    None
}

/// Tarjan's strongly connected components, without recursion: a chain of 10,000 calls must not end the stack.
fn components(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    const UNSEEN: usize = usize::MAX;
    let n = edges.len();
    let (mut order, mut low, mut open) = (vec![UNSEEN; n], vec![0; n], vec![false; n]);
    let (mut next, mut stack, mut parts) = (0, Vec::new(), Vec::new());
    for root in 0..n {
        if order[root] != UNSEEN {
            continue;
        }
        let mut work = vec![(root, 0)];
        while let Some((at, edge)) = work.pop() {
            if edge == 0 {
                (order[at], low[at], open[at]) = (next, next, true);
                next += 1;
                stack.push(at);
            }
            let mut descended = false;
            for (k, &to) in edges[at].iter().enumerate().skip(edge) {
                if order[to] == UNSEEN {
                    work.push((at, k + 1));
                    work.push((to, 0));
                    descended = true;
                    break;
                }
                if open[to] {
                    low[at] = low[at].min(order[to]);
                }
            }
            if descended {
                continue;
            }
            if low[at] == order[at] {
                let mut part = Vec::new();
                while let Some(top) = stack.pop() {
                    open[top] = false;
                    part.push(top);
                    if top == at {
                        break;
                    }
                }
                parts.push(part);
            }
            if let Some(&(parent, _)) = work.last() {
                low[parent] = low[parent].min(low[at]);
            }
        }
    }
    parts
}

/// Loops in which every visit brings another one, so that a single request never ends. What refuses or fails some of them, is called
/// on a miss only or less than once a visit ends them in time.
fn without_end(names: &Names, findings: &mut Findings) {
    let all = &names.scenario.components;
    let of = |class: Option<&str>| -> Vec<Vec<usize>> {
        let calls = |component: &Component| {
            let made = component.calls.iter().filter(|call| passes_all(component) && brings_one(component, call));
            let made = made.filter(|call| class.is_none_or(|class| call.is_of(class)));
            made.filter_map(|call| names.components.get(call.to.as_str()).copied()).collect()
        };
        all.iter().map(calls).collect()
    };
    // Which class goes round is asked only where some may.
    let mut told = std::collections::BTreeSet::new();
    if cycles(&of(None)).is_empty() {
        return;
    }
    for class in &names.scenario.traffic {
        let reached = reach(names, &class.id, &class.entry);
        for cycle in cycles(&of(Some(&class.id))).into_iter().filter(|cycle| reached[cycle[0]]) {
            if told.insert(cycle.clone()) {
                let remedy = "remove one of these calls, or make it rarer, with per_request below 1";
                report_loop(names, &cycle, "every visit brings another one, without end", remedy, findings);
            }
        }
    }
}

/// Whether a component neither refuses nor fails visits by itself.
fn passes_all(component: &Component) -> bool {
    let limits = [
        &component.queue_limit,
        &component.concurrency_limit,
        &component.max_connections,
        &component.max_length,
        &component.rate_limit,
        &component.failure_ratio,
    ];
    limits.iter().all(|limit| limit.is_none())
        && component.request_units.is_none()
        && component.kind != ComponentKind::RateLimiter
}

/// Whether every visit of a component makes a call at least once.
fn brings_one(component: &Component, call: &Call) -> bool {
    let is_chosen = component.kind == ComponentKind::LoadBalancer && component.calls.len() > 1;
    !is_chosen
        && !matches!(call.when, Some(CallWhen::Hit | CallWhen::Miss))
        && call.per_request.as_ref().is_none_or(|n| n.value >= 1.0)
        && call.breaker.is_none()
        && call.max_in_flight.is_none()
}

fn report_loop(names: &Names, cycle: &[usize], what: &str, remedy: &str, findings: &mut Findings) {
    let components = &names.scenario.components;
    let id = |i: &usize| components[*i].id.as_str();
    let mut way: Vec<&str> = cycle.iter().map(id).collect();
    way.push(id(&cycle[0]));
    let last = cycle[cycle.len() - 1];
    let (root, first) = (Path::ROOT, id(&cycle[0]));
    let list = root.key("components");
    let path = list.index(last);
    let calls = path.key("calls");
    let position = components[last].calls.iter().position(|call| call.to == first);
    let text = format!("{what}: {}", way.join(" -> "));
    match position {
        Some(k) => findings.problem(&calls.index(k).key("to"), text, remedy),
        None => findings.problem(&calls, text, remedy),
    }
}

/// Components that no class gets to.
fn unreached(names: &Names, edges: &[Vec<usize>], findings: &mut Findings) {
    let entries = names.scenario.traffic.iter().filter_map(|t| names.components.get(t.entry.as_str()).copied());
    let mut reached = vec![false; edges.len()];
    let mut work: Vec<usize> = entries.collect();
    while let Some(at) = work.pop() {
        if std::mem::replace(&mut reached[at], true) {
            continue;
        }
        work.extend(&edges[at]);
        let dead_letter = names.scenario.components[at].dead_letter.as_deref();
        work.extend(dead_letter.and_then(|id| names.components.get(id)));
    }
    let root = Path::ROOT;
    let list = root.key("components");
    for (i, component) in names.scenario.components.iter().enumerate().filter(|(i, _)| !reached[*i]) {
        let text = format!("no request reaches {:?}", component.id);
        findings.note(&list.index(i), text, "call it from another component, make it an entry, or remove it");
    }
}

/// A class that gets to a component whose own times are stated per class, without one for it, would take no time there.
fn missing_times(names: &Names, findings: &mut Findings) {
    let root = Path::ROOT;
    let list = root.key("components");
    let partial: Vec<(usize, &Component, Vec<usize>)> = names
        .scenario
        .components
        .iter()
        .enumerate()
        .filter_map(|(i, component)| {
            let Some(Service::By(map)) = &component.service else { return None };
            let without = |id: &&str| !map.contains_key("*") && !map.contains_key(*id);
            let missing: Vec<usize> = names.classes.iter().filter(|(id, _)| without(id)).map(|(_, &k)| k).collect();
            (!missing.is_empty()).then_some((i, component, missing))
        })
        .collect();
    if partial.is_empty() {
        return;
    }
    let reached: Vec<Vec<bool>> =
        names.scenario.traffic.iter().map(|class| reach(names, &class.id, &class.entry)).collect();
    for (i, component, missing) in partial {
        for class in missing.into_iter().filter(|class| reached[*class][i]) {
            let id = &names.scenario.traffic[class].id;
            let text = format!("{:?} has no own time for {id}, which gets there", component.id);
            findings.problem(&list.index(i).key("service"), text, format!("add {id}, or * for the rest"));
        }
    }
}

/// The components that one class gets to.
fn reach(names: &Names, class: &str, entry: &str) -> Vec<bool> {
    fn follow(names: &Names, class: &str, calls: &[Call], work: &mut Vec<usize>) {
        for call in calls.iter().filter(|call| call.is_of(class)) {
            work.extend(names.components.get(call.to.as_str()));
            follow(names, class, &call.on_miss, work);
        }
    }
    let mut reached = vec![false; names.scenario.components.len()];
    let mut work: Vec<usize> = names.components.get(entry).copied().into_iter().collect();
    while let Some(at) = work.pop() {
        if !std::mem::replace(&mut reached[at], true) {
            follow(names, class, &names.scenario.components[at].calls, &mut work);
        }
    }
    reached
}
