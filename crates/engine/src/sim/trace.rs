//! "What killed this p99": of every so many requests one is followed from hop to hop, and the slowest of those are kept.
//!
//! A followed request walks through plans of its own, compiled a second time with [`TRACED`], whose
//! visits take the slow paths where they are noted. The others pay nothing for it, and the random numbers are the same.

use super::flow::Core;
use super::keys::KeyTable;
use super::program::TRACED;
use super::visit::{BRANCH, CALL, FAILED, NONE, ROOT};
use serde::{Deserialize, Serialize};

/// Requests of a class that are followed in one replication, about.
const FOLLOWED: f64 = 10_000.0;
/// Slowest of them that are kept.
const KEPT: usize = 64;
/// Most hops of one request that are noted.
const MOST_SPANS: usize = 250;

/// One hop of a slow request. Times are seconds since the request began.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// Where.
    pub station: u32,
    /// Position of the caller's hop; absent for the first.
    pub parent: Option<u32>,
    /// When the caller asked.
    pub asked: f64,
    /// Seconds in line for a connection, and position of the pool at the caller.
    pub pool: Option<(u32, f64)>,
    /// Seconds on the network.
    pub network: f64,
    /// Seconds in line for a slot.
    pub wait: f64,
    /// Seconds in the own time, with what sharing a processor or losing the slot meanwhile adds.
    pub own: f64,
    /// When it was over; absent when the request did not wait for it.
    pub ended: Option<f64>,
    /// Whether it failed.
    pub failed: bool,
}

/// One slow request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlowRequest {
    /// When it began, seconds of the measured part.
    pub at: f64,
    /// Its response time in seconds.
    pub latency: f64,
    /// Its hops, callers before what they call.
    pub spans: Vec<Span>,
}

/// On what a request's time was spent at a station.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spent {
    /// In its own time.
    Own,
    /// In line for a slot.
    Queue,
    /// In line for a connection of this pool of the station.
    Pool(u32),
    /// On the network to the station.
    Network,
    /// Between attempts, or waiting for what another request fetches.
    Other,
}

/// A hop while it lasts, on the simulation's clock.
#[derive(Debug, Clone, Copy)]
struct Hop {
    visit: u32,
    span: Span,
    arrived: f64,
    began: f64,
}

/// A followed request.
#[derive(Debug, Default)]
struct Trace {
    class: usize,
    began: f64,
    hops: Vec<Hop>,
}

/// All that is followed now, and the slowest of what was.
#[derive(Debug)]
pub(crate) struct Traces {
    /// By visit: position of its trace times 256 plus the hop's.
    places: KeyTable,
    active: Vec<Trace>,
    free: Vec<u32>,
    /// By class, slowest first.
    kept: Vec<Vec<SlowRequest>>,
}

impl Traces {
    /// Nothing followed yet.
    pub(crate) fn new(classes: usize) -> Self {
        Self {
            places: KeyTable::with_capacity(64),
            active: Vec::new(),
            free: Vec::new(),
            kept: vec![Vec::new(); classes],
        }
    }

    /// Every how many requests one is followed, when so many are expected.
    pub(crate) fn gap(expected: f64) -> u64 {
        (expected / FOLLOWED).ceil().clamp(1.0, 1e9) as u64
    }

    /// Forgets the slow requests so far.
    pub(crate) fn reset(&mut self) {
        self.kept.iter_mut().for_each(Vec::clear);
    }

    /// The slow requests of a class, slowest first, their beginnings counted from `origin`.
    pub(crate) fn slow(&self, class: usize, origin: f64) -> Vec<SlowRequest> {
        let from = |r: &SlowRequest| SlowRequest { at: r.at - origin, ..r.clone() };
        self.kept.get(class).map_or_else(Vec::new, |all| all.iter().map(from).collect())
    }

    fn hop(&mut self, visit: u32) -> Option<&mut Hop> {
        let place = self.places.get(visit)?;
        self.active[(place >> 8) as usize].hops.get_mut((place & 0xFF) as usize)
    }

    /// A new hop of a trace.
    fn add(&mut self, trace: u32, hop: Hop) {
        let hops = &mut self.active[trace as usize].hops;
        if hops.len() < MOST_SPANS {
            self.places.set(hop.visit, trace << 8 | hops.len() as u32);
            hops.push(hop);
        }
    }

    /// A trace for a request that begins.
    fn open(&mut self, class: usize, began: f64) -> u32 {
        let id = self.free.pop().unwrap_or_else(|| {
            self.active.push(Trace::default());
            self.active.len() as u32 - 1
        });
        let trace = &mut self.active[id as usize];
        (trace.class, trace.began) = (class, began);
        trace.hops.clear();
        id
    }

    /// A request is over: a slow one is kept.
    fn close(&mut self, id: u32, now: f64, failed: bool) {
        let trace = &mut self.active[id as usize];
        for hop in trace.hops.iter().filter(|h| h.span.ended.is_none()) {
            self.places.remove(hop.visit);
        }
        self.free.push(id);
        let latency = now - trace.began;
        let kept = &mut self.kept[trace.class];
        if failed || (kept.len() >= KEPT && kept.last().is_some_and(|k| k.latency >= latency)) {
            return;
        }
        kept.truncate(KEPT - 1);
        let began = trace.began;
        let spans = trace.hops.iter().map(|h| Span {
            asked: h.span.asked - began,
            ended: h.span.ended.map(|t| t - began),
            ..h.span
        });
        let at = kept.partition_point(|k| k.latency >= latency);
        kept.insert(at, SlowRequest { at: began, latency, spans: spans.collect() });
    }
}

impl Core {
    /// A followed visit reaches its station.
    pub(crate) fn trace_enter(&mut self, id: u32) {
        let visit = self.visits[id];
        let plan = &self.program.plans[visit.plan as usize];
        let (station, class) = (u32::from(plan.station), plan.class as usize);
        let (parent, asked, pool) = self.caller_of(visit.parent, visit.start);
        let Some(traces) = &mut self.traces else { return };
        let caller = if parent == NONE { None } else { traces.places.get(parent) };
        let (trace, parent) = match caller {
            Some(place) => (place >> 8, Some(place & 0xFF)),
            _ if visit.flags & ROOT != 0 => (traces.open(class, visit.start), None),
            _ => return,
        };
        let span = Span {
            station,
            parent,
            asked,
            pool: pool.map(|p| (p, visit.start - asked)),
            network: self.now - visit.start,
            wait: 0.0,
            own: 0.0,
            ended: None,
            failed: false,
        };
        traces.add(trace, Hop { visit: id, span, arrived: self.now, began: self.now });
    }

    /// The visit that waits for another one, when it asked, and through which pool.
    fn caller_of(&self, parent: u32, sent: f64) -> (u32, f64, Option<u32>) {
        let (mut visit, mut asked, mut pool) = (parent, sent, None);
        if parent != NONE && parent & CALL != 0 {
            let call = &self.calls[parent & !CALL];
            (visit, asked) = (call.parent(), call.asked);
            let policy = self.program.sites[call.site() as usize].policy;
            pool = self.program.policies.get(policy as usize).and_then(|p| p.pool);
        }
        // A side branch is part of its caller.
        while visit != NONE && visit & CALL == 0 && self.visits[visit].flags & BRANCH != 0 {
            visit = self.visits[visit].parent;
        }
        (visit, asked, pool)
    }

    /// A followed visit gets its slot.
    pub(crate) fn trace_begin(&mut self, id: u32) {
        let now = self.now;
        if let Some(hop) = self.traces.as_mut().and_then(|t| t.hop(id)) {
            hop.span.wait = now - hop.arrived;
            hop.began = now;
        }
    }

    /// A followed visit's own time is over.
    pub(crate) fn trace_worked(&mut self, id: u32) {
        let now = self.now;
        if let Some(hop) = self.traces.as_mut().and_then(|t| t.hop(id)) {
            hop.span.own = now - hop.began;
        }
    }

    /// A followed visit is over.
    pub(crate) fn trace_end(&mut self, id: u32) {
        let visit = &self.visits[id];
        if self.program.plans[visit.plan as usize].flags & TRACED == 0 {
            return;
        }
        let (now, failed) = (self.now, visit.flags & FAILED != 0);
        let Some(traces) = &mut self.traces else { return };
        let Some(place) = traces.places.get(id) else { return };
        if let Some(hop) = traces.hop(id) {
            (hop.span.ended, hop.span.failed) = (Some(now), failed);
        }
        traces.places.remove(id);
        if place & 0xFF == 0 {
            traces.close(place >> 8, now, failed);
        }
    }
}

impl SlowRequest {
    /// Where its time went, along the hops that it really waited for: (station, on what, seconds); sums to its latency.
    #[must_use]
    pub fn waterfall(&self) -> Vec<(u32, Spent, f64)> {
        let mut parts = Vec::new();
        if !self.spans.is_empty() {
            self.spend(0, self.latency, &mut parts, 0);
        }
        parts.retain(|part| part.2 > 0.0);
        parts
    }

    /// Adds the parts of one hop that lasted until `ended`, going back in time from its end.
    fn spend(&self, at: usize, ended: f64, parts: &mut Vec<(u32, Spent, f64)>, depth: usize) {
        let span = &self.spans[at];
        let caller = span.parent.and_then(|p| self.spans.get(p as usize)).map_or(span.station, |p| p.station);
        let asked = span.asked;
        let pool = span.pool.map_or(0.0, |p| p.1);
        let worked = asked + pool + span.network + span.wait + span.own;
        if let Some((id, seconds)) = span.pool {
            parts.push((caller, Spent::Pool(id), seconds));
        }
        parts.push((span.station, Spent::Network, span.network));
        parts.push((span.station, Spent::Queue, span.wait));
        parts.push((span.station, Spent::Own, span.own));
        let mut until = ended;
        // The child that ended last before `until` is what was waited for; before it was asked another one was.
        loop {
            let children = self.spans.iter().enumerate().skip(at + 1).filter(|(_, s)| s.parent == Some(at as u32));
            let last = children
                .filter_map(|(i, s)| Some((i, s.ended?, s.asked)))
                .filter(|c| depth < MOST_SPANS && c.1 <= until && c.2 < until && c.1 > worked)
                .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
            let Some((child, end, begun)) = last else { break };
            parts.push((span.station, Spent::Other, until - end));
            self.spend(child, end, parts, depth + 1);
            until = begun;
        }
        parts.push((span.station, Spent::Other, (until - worked).max(0.0)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A caller of 1 s that waits for two at once (the slower takes 4 s of wait and 1 s of work), then backs off for 2 s and
    /// calls once more over a pool.
    #[test]
    fn a_waterfall_follows_what_was_waited_for() {
        let span = |station, parent, asked, wait, own, ended| Span {
            station,
            parent,
            asked,
            pool: None,
            network: 0.0,
            wait,
            own,
            ended: Some(ended),
            failed: false,
        };
        let spans = vec![
            span(0, None, 0.0, 0.0, 1.0, 10.0),
            span(1, Some(0), 1.0, 0.0, 3.0, 4.0),
            span(2, Some(0), 1.0, 4.0, 1.0, 6.0),
            Span { pool: Some((0, 0.5)), ..span(3, Some(0), 8.0, 0.0, 1.5, 10.0) },
        ];
        let slow = SlowRequest { at: 0.0, latency: 10.0, spans };
        let mut parts = slow.waterfall();
        parts.sort_by_key(|part| (part.0, part.1));
        assert_eq!(
            parts,
            [
                (0, Spent::Own, 1.0),
                (0, Spent::Pool(0), 0.5),
                (0, Spent::Other, 2.0),
                (2, Spent::Own, 1.0),
                (2, Spent::Queue, 4.0),
                (3, Spent::Own, 1.5),
            ]
        );
        assert!((parts.iter().map(|p| p.2).sum::<f64>() - slow.latency).abs() < 1e-12);
    }
}
