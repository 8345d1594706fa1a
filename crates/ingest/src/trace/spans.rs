//! The spans of a file, held in little memory until all of it has come.

use super::graph::Graph;
use super::span::{Names, Peer, Span, Written, identifier};
use crate::measurements::{Measurements, Warning};
use crate::read::time;
use crate::refusal::Refusal;

/// Most spans held of one file.
const MOST_SPANS: usize = 400_000;
/// Latest point in time told apart, in nanoseconds since the epoch (the year 2096); keeps differences in range.
const LATEST_NS: i64 = 4_000_000_000_000_000_000;
/// Most spans of one trace among which causes are looked for.
const MOST_NESTED: usize = 2_000;
/// By how many spans the room for them grows; doubling would hold them twice.
const STEP: usize = 32 * 1024;

/// The spans of a file, of all traces or, when they are too many, of an equal share of the traces over the whole file.
#[derive(Debug, Default)]
pub struct Traces {
    names: Names,
    spans: Vec<Span>,
    /// Spans of more than one trace are held.
    several: bool,
    beyond: u64,
    /// Of two to the power of this many traces one is kept.
    halved: u32,
}

/// Whether a trace is among the share that is kept; traces of the half share are among those of the whole.
fn kept(trace: u64, halved: u32) -> bool {
    halved == 0 || trace.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - halved.min(63)) == 0
}

impl Traces {
    /// Adds a span.
    pub fn push(&mut self, written: &Written<'_>) {
        let trace = identifier(written.trace);
        if !self.room() || !kept(trace, self.halved) {
            return;
        }
        let attributes = &written.attributes;
        let peer = attributes.peer().map(|(name, kind)| Peer { name: self.names.number(&name), kind });
        let destination = attributes.destination().map(|name| self.names.number(name));
        let parent = written.parent.map(|parent| parent.trim_matches('0')).filter(|parent| !parent.is_empty());
        let service = if written.service.is_empty() { "(unnamed)" } else { written.service };
        self.several |= self.spans.first().is_some_and(|first| first.trace != trace);
        self.spans.push(Span {
            trace,
            id: identifier(written.id),
            parent: parent.and(written.parent).map(identifier),
            shared: written.shared,
            follows: written.follows,
            service: self.names.number(service),
            operation: self.names.number(&attributes.endpoint(written.operation)),
            kind: written.kind,
            start_ns: written.start_ns.clamp(0, LATEST_NS),
            duration_ns: written.duration_ns.clamp(0, LATEST_NS / 40),
            error: written.error || attributes.failed(),
            peer,
            destination,
            receives: attributes.receives(),
        });
    }

    /// Makes room for a span: when there is none, half of the traces go; one trace alone keeps what came first.
    fn room(&mut self) -> bool {
        if self.spans.len() >= MOST_SPANS {
            if self.halved >= 40 || !self.several {
                self.beyond += 1;
                return false;
            }
            self.halved += 1;
            self.spans.retain(|span| kept(span.trace, self.halved));
            self.several = self.spans.windows(2).any(|pair| pair[0].trace != pair[1].trace);
        }
        if self.spans.len() == self.spans.capacity() {
            self.spans.reserve_exact(STEP);
        }
        true
    }

    /// Gives each span without a parent the shortest other one of its trace, of another service, in whose time it lies; clocks may
    /// differ by the tolerance.
    pub fn nest(&mut self, tolerance_ns: i64) {
        self.spans.sort_unstable_by_key(|span| (span.trace, -span.duration_ns, span.start_ns, span.id, span.service));
        for spans in self.spans.chunk_by_mut(|one, other| one.trace == other.trace) {
            // Longest first: of those before a span that hold it, the last one is the shortest.
            for index in 1..spans.len().min(MOST_NESTED) {
                let span = &spans[index];
                let holds = |other: &&Span| {
                    other.service != span.service
                        && other.start_ns - tolerance_ns <= span.start_ns
                        && other.end_ns() + tolerance_ns >= span.end_ns()
                };
                let cause = spans[..index].iter().rev().find(holds).map(|other| other.id);
                if spans[index].parent.is_none() {
                    spans[index].parent = cause;
                }
            }
        }
    }

    /// Number of spans.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The call graph of all traces.
    ///
    /// # Errors
    /// There is no span.
    pub fn measurements(mut self) -> Result<Measurements, Refusal> {
        if self.spans.is_empty() {
            return Err(Refusal::new("at least one span", "none")
                .remedy("save the answer of a search that found traces, with their spans"));
        }
        // In place: a stable sort would hold half of the spans twice.
        let order = |span: &Span| (span.trace, span.start_ns, -span.duration_ns, span.id, span.service, span.kind);
        self.spans.sort_unstable_by_key(order);
        let key = |span: &Span| (span.trace, span.start_ns, span.duration_ns, span.id, span.service, span.kind);
        self.spans.dedup_by(|next, span| key(next) == key(span));
        let mut graph = Graph::default();
        for spans in self.spans.chunk_by(|one, other| one.trace == other.trace) {
            graph.add(spans);
        }
        graph.merge_aliases(&self.names);
        let mut found = graph.written(&self.names);
        let start = self.spans.iter().map(|span| span.start_ns).filter(|start| *start > 0).min();
        found.started = start.and_then(|start| time::rfc3339(start as f64 / 1e9));
        if self.halved > 0 {
            let text = "The file has more spans than are held: of so many traces, chosen evenly over the file, only one is counted.";
            found.warnings.push(Warning::new("traces-thinned", text).with("one_of", 1_u64 << self.halved));
        }
        if self.beyond > 0 {
            let text = "One trace has more spans than are held; the figures cover those that came first.";
            found.warnings.push(Warning::new("spans-dropped", text).with("spans", self.beyond));
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Spans of one trace, spans of each of so many traces after them; spans that are dropped; of how many traces one is kept.
    #[test]
    fn beyond_the_most_spans() {
        for (one, traces, dropped, one_of) in [
            (MOST_SPANS - 1, 1, None, None),
            // Looking at all spans for each of these would take minutes.
            (MOST_SPANS + 50_000, 0, Some(50_000), None),
            (1, MOST_SPANS, None, Some(2)),
        ] {
            let mut found = Traces::default();
            let names = (0..one).map(|_| "1".to_owned()).chain((0..traces).map(|trace| format!("{:x}", trace + 2)));
            for (index, trace) in names.enumerate() {
                let id = format!("{:x}", index + 1);
                found.push(&Written { trace: &trace, id: &id, service: "a", duration_ns: 1, ..Written::default() });
            }
            assert!(found.len() <= MOST_SPANS);
            let found = found.measurements().unwrap();
            let evidence = |code: &str, key: &str| {
                found
                    .warnings
                    .iter()
                    .find(|warning| warning.code == code)
                    .and_then(|warning| warning.evidence[key].as_u64())
            };
            assert_eq!(evidence("spans-dropped", "spans"), dropped, "{one} and {traces}");
            assert_eq!(evidence("traces-thinned", "one_of"), one_of, "{one} and {traces}");
        }
    }
}
