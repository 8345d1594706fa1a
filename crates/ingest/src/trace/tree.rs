//! The spans of one trace as visits to services: which spans belong to one visit, and who caused it.

use super::span::{Kind, Span};
use std::collections::BTreeMap;

/// A visit: all spans of one service that answer one request, handle one message or do one job.
#[derive(Debug, Clone, PartialEq)]
pub struct Visit {
    /// The span that covers it.
    pub root: usize,
    /// The span that caused it.
    pub cause: Option<usize>,
    /// Its other spans.
    pub inner: Vec<usize>,
}

/// One trace, put in order.
#[derive(Debug, Default)]
pub struct Tree {
    /// The visits, causes before effects.
    pub visits: Vec<Visit>,
    /// Visits caused by each span.
    pub effects: BTreeMap<usize, Vec<usize>>,
    /// For each span: a span below it in the same visit calls somebody that has a name.
    pub calls_below: Vec<bool>,
    /// Visits that nothing in the file caused, the request's own first.
    pub entries: Vec<usize>,
    /// Spans whose cause is not in the file.
    pub orphans: u64,
}

/// Puts the spans of one trace in order.
pub fn tree(spans: &[Span]) -> Tree {
    let parents = parents(spans);
    let order = causes_first(&parents);
    let mut tree = Tree { calls_below: vec![false; spans.len()], ..Tree::default() };
    let carriers = carriers(spans, &parents);
    let mut visit_of: Vec<Option<usize>> = vec![None; spans.len()];
    for &index in &order {
        let cause = parents[index];
        if cause.is_none() && spans[index].parent.is_some() && !spans[index].shared {
            tree.orphans += 1;
        }
        if carriers[index] {
            continue;
        }
        match cause.filter(|cause| !opens(&spans[index], &spans[*cause])).and_then(|cause| visit_of[cause]) {
            Some(visit) => {
                visit_of[index] = Some(visit);
                tree.visits[visit].inner.push(index);
            }
            None => tree.open(index, cause, &mut visit_of),
        }
    }
    for &index in order.iter().rev() {
        let named = spans[index].peer.is_some() || spans[index].destination.is_some();
        let calls = named || tree.calls_below[index] || tree.effects.contains_key(&index);
        if let Some(cause) = parents[index].filter(|cause| calls && visit_of[*cause] == visit_of[index]) {
            tree.calls_below[cause] = true;
        }
    }
    tree.entries = entries(&tree, spans);
    tree
}

impl Tree {
    fn open(&mut self, root: usize, cause: Option<usize>, visit_of: &mut [Option<usize>]) {
        let visit = self.visits.len();
        visit_of[root] = Some(visit);
        // What waits for messages is no visit: what it hands out has no cause here.
        let cause = cause.filter(|cause| visit_of[*cause].is_some());
        if let Some(cause) = cause {
            self.effects.entry(cause).or_default().push(visit);
        }
        self.visits.push(Visit { root, cause, inner: Vec::new() });
    }
}

/// Whether a span begins a visit of its own rather than being part of its cause's.
fn opens(span: &Span, cause: &Span) -> bool {
    let handles = span.kind == Kind::Consumer && (cause.kind != Kind::Consumer || cause.receives);
    let calls_itself = span.kind == Kind::Server && matches!(cause.kind, Kind::Client | Kind::Producer);
    span.service != cause.service || calls_itself || (handles && !span.receives)
}

/// Spans that only wait for messages: polls, and receivers whose messages are handled in spans of their own.
fn carriers(spans: &[Span], parents: &[Option<usize>]) -> Vec<bool> {
    let mut has_child = vec![false; spans.len()];
    let mut hands_out = vec![false; spans.len()];
    for (index, parent) in parents.iter().enumerate() {
        if let Some(parent) = parent {
            has_child[*parent] = true;
            hands_out[*parent] |= spans[index].kind == Kind::Consumer && !spans[index].receives;
        }
    }
    let waits = |span: &Span| span.receives && matches!(span.kind, Kind::Consumer | Kind::Client);
    spans.iter().enumerate().map(|(index, span)| waits(span) && (hands_out[index] || !has_child[index])).collect()
}

/// The cause of each span, where it is in the file; no span is its own ancestor.
fn parents(spans: &[Span]) -> Vec<Option<usize>> {
    let mut by_id: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (index, span) in spans.iter().enumerate() {
        by_id.entry(span.id).or_default().push(index);
    }
    let mut parents: Vec<Option<usize>> =
        spans.iter().enumerate().map(|(index, span)| parent(index, span, spans, &by_id)).collect();
    let mut state = vec![0_u8; spans.len()];
    for start in 0..spans.len() {
        let (mut path, mut at) = (Vec::new(), start);
        while state[at] == 0 {
            state[at] = 1;
            path.push(at);
            match parents[at] {
                Some(next) if state[next] == 1 => parents[at] = None,
                Some(next) => at = next,
                None => {}
            }
        }
        path.into_iter().for_each(|index| state[index] = 2);
    }
    parents
}

fn parent(index: usize, span: &Span, spans: &[Span], by_id: &BTreeMap<u64, Vec<usize>>) -> Option<usize> {
    let with = |id: u64| by_id.get(&id).into_iter().flatten().copied().filter(|other| *other != index).take(64);
    let caller = span.shared.then(|| with(span.id).find(|other| !spans[*other].shared)).flatten();
    let candidates = || span.parent.into_iter().flat_map(with);
    caller
        .or_else(|| candidates().find(|other| spans[*other].service == span.service))
        .or_else(|| candidates().find(|other| spans[*other].shared))
        .or_else(|| candidates().next())
}

/// All spans, each after its cause.
fn causes_first(parents: &[Option<usize>]) -> Vec<usize> {
    let mut depth: Vec<Option<u32>> = vec![None; parents.len()];
    for start in 0..parents.len() {
        let (mut path, mut at) = (Vec::new(), Some(start));
        while let Some(index) = at.filter(|index| depth[*index].is_none()) {
            path.push(index);
            at = parents[index];
        }
        let below = at.and_then(|index| depth[index]).map_or(0, |depth| depth + 1);
        for (depth_of, index) in (below..).zip(path.into_iter().rev()) {
            depth[index] = Some(depth_of);
        }
    }
    let mut order: Vec<usize> = (0..parents.len()).collect();
    order.sort_by_key(|index| depth[*index]);
    order
}

/// Visits without a cause. A span without any parent begins the request; where the head of the trace is elsewhere, the first
/// span stands for it. Messages handled in a trace of their own are no request.
fn entries(tree: &Tree, spans: &[Span]) -> Vec<usize> {
    let uncaused = |visit: &Visit| visit.cause.is_none();
    let heads = |whole: bool| {
        let mut found: Vec<usize> = (0..tree.visits.len())
            .filter(|visit| uncaused(&tree.visits[*visit]))
            .filter(|visit| !whole || spans[tree.visits[*visit].root].parent.is_none())
            .filter(|visit| spans[tree.visits[*visit].root].kind != Kind::Consumer)
            .collect();
        found.sort_by_key(|visit| spans[tree.visits[*visit].root].start_ns);
        found
    };
    let whole = heads(true);
    if whole.is_empty() { heads(false).into_iter().take(1).collect() } else { whole }
}
