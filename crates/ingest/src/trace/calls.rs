//! What one visit waited for: its calls, which of them ran at once, and what is left as its own time.

use super::span::{Kind, Peer, Span};
use super::tree::{Tree, Visit};

/// Whom a call goes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Callee {
    /// A visit of the same trace.
    Visit(usize),
    /// Something that writes no spans.
    Peer(Peer),
    /// A queue or topic by the number of its name, with the visits that handle the message.
    Queue(u32, Vec<usize>),
}

/// One call of a visit.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Whom it goes to.
    pub to: Callee,
    /// Name by which the caller knows a callee that does write spans.
    pub alias: Option<u32>,
    /// Start and end in nanoseconds from the start of the visit, on the caller's clock.
    pub span_ns: (i64, i64),
    /// The visit does not wait for its answer.
    pub detached: bool,
    /// Another call of the visit runs at the same time.
    pub overlaps: bool,
    /// It failed.
    pub error: bool,
    /// What the caller waited beyond what the callee took.
    pub network_ns: Option<i64>,
}

/// The calls of one visit.
#[derive(Debug, Default)]
pub struct Calls {
    /// In the order of their starts.
    pub calls: Vec<Call>,
    /// The visit's time without the calls it waited for.
    pub own_ns: i64,
    /// Calls to somebody without a name, whose time counts as the visit's own.
    pub unnamed: u64,
}

/// Share of the shorter of two calls that must overlap for them to run at once; less is the clock's grain.
const OVERLAP: f64 = 0.05;
/// A call that ends later than the visit by more than this is not waited for.
const OUTLIVES_NS: i64 = 1_000_000;

/// The calls of a visit.
pub fn calls(tree: &Tree, visit: &Visit, spans: &[Span]) -> Calls {
    let root = &spans[visit.root];
    let mut found = Calls::default();
    for &index in std::iter::once(&visit.root).chain(&visit.inner) {
        match tree.effects.get(&index) {
            Some(effects) => found.answered(index, effects, tree, spans),
            // The covering span of a visit with a cause is the visit, whatever its kind says.
            None if index == visit.root && visit.cause.is_some() => {}
            None if tree.calls_below[index] => {}
            None => found.unanswered(&spans[index]),
        }
    }
    found.settle(root);
    found
}

impl Calls {
    /// A span that other visits in the file were caused by.
    fn answered(&mut self, index: usize, effects: &[usize], tree: &Tree, spans: &[Span]) {
        let span = &spans[index];
        let root_of = |visit: usize| &spans[tree.visits[visit].root];
        let (messages, others): (Vec<usize>, Vec<usize>) =
            effects.iter().partition(|visit| root_of(**visit).kind == Kind::Consumer);
        let queue = span.destination.or_else(|| messages.iter().find_map(|visit| root_of(*visit).destination));
        match queue {
            Some(queue) if !messages.is_empty() || span.kind == Kind::Producer => {
                self.publish(span, queue, messages);
            }
            _ => messages.iter().for_each(|visit| self.detached(*visit, root_of(*visit))),
        }
        for visit in others.iter().copied() {
            let callee = root_of(visit);
            let alone = span.kind == Kind::Client && effects.len() == 1;
            let (interval, detached) =
                if alone { ((span.start_ns, span.end_ns()), false) } else { within(callee, span) };
            let network = alone.then(|| span.duration_ns - callee.duration_ns).filter(|wire| *wire >= 0);
            self.calls.push(Call {
                to: Callee::Visit(visit),
                alias: span.peer.map(|peer| peer.name),
                span_ns: interval,
                detached: detached || callee.follows,
                overlaps: false,
                error: callee.error || (alone && span.error),
                network_ns: network,
            });
        }
    }

    /// A span that nothing in the file answers.
    fn unanswered(&mut self, span: &Span) {
        let sends = matches!(span.kind, Kind::Producer | Kind::Client) && !span.receives;
        let stored = span.peer.is_some_and(|peer| peer.kind != "external");
        match (span.destination, span.peer) {
            (Some(queue), _) if sends => self.publish(span, queue, Vec::new()),
            (_, Some(peer)) if (span.kind == Kind::Client || stored) && peer.name != span.service => {
                self.calls.push(Call { to: Callee::Peer(peer), ..waited(span) });
            }
            (_, None) if sends => self.unnamed += 1,
            _ => {}
        }
    }

    /// A message sent: the broker's answer is waited for, its handling is not.
    fn publish(&mut self, span: &Span, queue: u32, handlers: Vec<usize>) {
        let mut call = Call { to: Callee::Queue(queue, handlers), ..waited(span) };
        if !matches!(span.kind, Kind::Producer | Kind::Client) {
            call.span_ns.1 = call.span_ns.0;
        }
        self.calls.push(call);
    }

    fn detached(&mut self, visit: usize, callee: &Span) {
        self.calls.push(Call { to: Callee::Visit(visit), detached: true, ..waited(callee) });
    }

    /// Puts the calls on the visit's clock and finds what ran at once and what is left.
    fn settle(&mut self, root: &Span) {
        let length = root.duration_ns;
        for call in &mut self.calls {
            call.span_ns.0 = call.span_ns.0.saturating_sub(root.start_ns);
            call.span_ns.1 = call.span_ns.1.saturating_sub(root.start_ns);
            let late = call.span_ns.1 > length.saturating_add(OUTLIVES_NS.max(length / 50));
            call.detached |= late || call.span_ns.0 > length;
        }
        self.calls.sort_by_key(|call| call.span_ns);
        let waited = |call: &Call| !call.detached;
        let mut latest: Option<usize> = None;
        let mut covered = 0;
        let mut reached = 0;
        for index in 0..self.calls.len() {
            if !waited(&self.calls[index]) {
                continue;
            }
            let (start, end) = self.calls[index].span_ns;
            if let Some(other) = latest.filter(|other| at_once(self.calls[*other].span_ns, (start, end))) {
                self.calls[other].overlaps = true;
                self.calls[index].overlaps = true;
            }
            if latest.is_none_or(|other| self.calls[other].span_ns.1 < end) {
                latest = Some(index);
            }
            let (start, end) = (start.clamp(reached, length.max(reached)), end.clamp(reached, length.max(reached)));
            covered += end - start;
            reached = end;
        }
        self.own_ns = (length - covered).max(0);
    }
}

/// A call as long as its span.
fn waited(span: &Span) -> Call {
    Call {
        to: Callee::Queue(0, Vec::new()),
        alias: None,
        span_ns: (span.start_ns, span.end_ns()),
        detached: false,
        overlaps: false,
        error: span.error,
        network_ns: None,
    }
}

/// The callee's time on the clock of the span that caused it, and whether that did not wait. A callee that took no longer but
/// lies outside has another clock: half of the difference is taken as the way there. One that took longer was not waited for.
fn within(callee: &Span, cause: &Span) -> ((i64, i64), bool) {
    let inside = callee.start_ns >= cause.start_ns && callee.end_ns() <= cause.end_ns();
    if inside || callee.duration_ns > cause.duration_ns {
        return ((callee.start_ns, callee.end_ns()), !inside);
    }
    let start = cause.start_ns.saturating_add((cause.duration_ns - callee.duration_ns) / 2);
    ((start, start.saturating_add(callee.duration_ns)), false)
}

/// Whether two calls ran at once, the first having started first.
fn at_once(first: (i64, i64), second: (i64, i64)) -> bool {
    let shorter = (first.1 - first.0).min(second.1 - second.0);
    let overlap = first.1.min(second.1) - second.0;
    overlap > 0 && overlap as f64 > OVERLAP * shorter as f64
}
