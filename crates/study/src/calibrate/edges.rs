//! What traces and a resource's own counters say: calls per visit, own times, time on the wire, hit ratios; used where no series
//! says it better.

use super::finding::{Finding, Target};
use super::guess::words;
use super::report::Note;
use engine::fit::Estimate;
use ingest::Measurements;
use scenario::Scenario;
use scenario::v1::{Call, CallMode, Component, ComponentKind, Quantity};

/// Visits behind a figure whose file does not count them.
const FEW: f64 = 100.0;
/// Difference of calls per visit that is worth writing.
const OTHER: f64 = 0.02;

/// Adds what only these files say to the findings; what they contradict is named.
pub fn findings(
    scenario: &Scenario,
    data: &[Measurements],
    ids: &[String],
    found: &mut Vec<Finding>,
    contradictions: &mut Vec<Note>,
) {
    for (measurements, import) in data.iter().zip(ids) {
        let traces = measurements.totals.as_ref().and_then(|t| t.requests).map_or(FEW, |n| n as f64);
        for edge in &measurements.calls {
            let place = format!("{} to {}", edge.from, edge.to);
            let Some(to) = named(scenario, &edge.to) else {
                let text = "the traces show this call, but no component has the callee's name; rename or draw it";
                contradictions.push(Note::new("unknown-call", place, text));
                continue;
            };
            let calls = edge.calls.map_or(traces, |n| n as f64).max(1.0);
            let one = |target, value: f64, standard_error: f64, how: &str| Finding {
                target,
                estimate: Estimate { value, standard_error, degrees_of_freedom: traces.max(1.0) },
                shape: None,
                counted: calls,
                measured: true,
                from: vec![import.clone()],
                how: how.to_owned(),
            };
            let timed = |f: &Finding| matches!(&f.target, Target::ServiceMean(id, _) if *id == to.id);
            if let Some(own) = edge.own_ms.filter(|ms| *ms > 0.0 && ms.is_finite())
                && !found.iter().any(timed)
            {
                // One visit's time is about as wide as its mean.
                let error = own / calls.sqrt();
                found.push(one(Target::ServiceMean(to.id.clone(), None), own, error, "own time in the traces"));
            }
            // Who calls from outside is traffic, not a component.
            let Some(from) = named(scenario, &edge.from) else { continue };
            if let Some(wire) = edge.network_ms.filter(|ms| *ms > 0.0 && ms.is_finite())
                && waited_for(&from.calls, &to.id)
                && !over_a_known_pool(from, &to.id, found)
            {
                // One call's time on the wire is about as wide as its mean.
                let error = wire / calls.sqrt();
                let target = Target::CallNetwork(from.id.clone(), to.id.clone());
                found.push(one(target, wire, error, "time on the wire in the traces"));
            }
            let Some(per) = edge.per_request.filter(|p| *p > 0.0 && p.is_finite()) else { continue };
            match drawn(from, &to.id) {
                Drawn::Plain(index, value) if (per - value).abs() > OTHER * value => {
                    let address = Target::Address(format!("components.{}.calls[{index}].per_request", from.id));
                    found.push(one(address, per, (per / traces).sqrt(), "calls per visit in the traces"));
                }
                Drawn::Nowhere => {
                    let text =
                        format!("the traces show {per:.2} calls per visit, but the scenario draws none; draw it");
                    contradictions.push(Note::new("call-not-drawn", place, text));
                }
                _ => {}
            }
        }
        for resource in &measurements.resources {
            let figure = |name: &str| resource.figures.get(name).copied().filter(|v| v.is_finite());
            let Some(cache) = cache(scenario, &resource.name) else { continue };
            let known = |f: &Finding| matches!(&f.target, Target::HitRatio(id, _) if *id == cache.id);
            let Some(ratio) = figure("hit_ratio").filter(|r| (0.0..=1.0).contains(r)) else { continue };
            if found.iter().any(known) {
                continue;
            }
            let count = figure("hits").zip(figure("misses")).map_or(FEW, |(hits, misses)| (hits + misses).max(1.0));
            found.push(Finding {
                target: Target::HitRatio(cache.id.clone(), None),
                estimate: Estimate {
                    value: ratio,
                    standard_error: (ratio * (1.0 - ratio) / count).sqrt(),
                    degrees_of_freedom: count,
                },
                shape: None,
                counted: count,
                measured: true,
                from: vec![import.clone()],
                how: "the cache's own counters since its start, warm-up included".into(),
            });
        }
    }
}

/// Writes out the calls per visit that a drawn call leaves to its default, where traces may say another number.
pub fn make_room(scenario: &mut Scenario, data: &[Measurements]) {
    if data.iter().all(|m| m.calls.is_empty()) {
        return;
    }
    for call in scenario.components.iter_mut().flat_map(|c| &mut c.calls) {
        call.per_request.get_or_insert_with(|| Quantity::bare(1.0));
    }
}

/// Whether some call to the component is waited for, on a miss too.
fn waited_for(calls: &[Call], to: &str) -> bool {
    calls.iter().any(|call| call.to == to && call.mode != Some(CallMode::Async) || waited_for(&call.on_miss, to))
}

/// Whether a pool's own series already says what its connections are held beyond these calls: the wire is in it.
fn over_a_known_pool(from: &Component, to: &str, found: &[Finding]) -> bool {
    found.iter().any(|finding| match &finding.target {
        Target::PoolNetwork(id, pool) => {
            *id == from.id && super::structure::pool_callees(from, pool).iter().any(|callee| callee == to)
        }
        _ => false,
    })
}

/// Where a call stands in the scenario.
enum Drawn {
    /// Among the caller's own calls, made at every visit: its position and its calls per visit.
    Plain(usize, f64),
    /// Under a condition, on a miss, or several times: its figure is not the traces' one.
    Otherwise,
    /// Not at all.
    Nowhere,
}

fn drawn(from: &Component, to: &str) -> Drawn {
    let direct: Vec<usize> = (0..from.calls.len()).filter(|&i| from.calls[i].to == to).collect();
    let aside = from.calls.iter().any(|c| c.on_miss.iter().any(|m| m.to == to));
    match direct.as_slice() {
        [] if aside => Drawn::Otherwise,
        [] => Drawn::Nowhere,
        [one] if !aside => {
            let call = &from.calls[*one];
            if call.when.is_some() || call.classes.is_some() || from.kind == ComponentKind::LoadBalancer {
                return Drawn::Otherwise;
            }
            Drawn::Plain(*one, call.per_request.as_ref().map_or(1.0, |q| q.value))
        }
        _ => Drawn::Otherwise,
    }
}

/// The component of that id or label, else the only one that shares a word with the name.
fn named<'a>(scenario: &'a Scenario, name: &str) -> Option<&'a Component> {
    let same = |c: &&Component| {
        c.id.eq_ignore_ascii_case(name) || c.label.as_ref().is_some_and(|l| l.eq_ignore_ascii_case(name))
    };
    if let Some(found) = scenario.components.iter().find(same) {
        return Some(found);
    }
    let wanted = words(name);
    let shares = |c: &&Component| {
        let mut own = words(&c.id);
        own.extend(c.label.as_deref().map(words).unwrap_or_default());
        own.iter().any(|w| wanted.contains(w))
    };
    let mut sharing = scenario.components.iter().filter(shares);
    sharing.next().filter(|_| sharing.next().is_none())
}

/// The cache that a resource is: by name, else the only one.
fn cache<'a>(scenario: &'a Scenario, name: &str) -> Option<&'a Component> {
    let is_cache = |c: &&Component| c.kind == ComponentKind::Cache;
    if let Some(found) = named(scenario, name) {
        return Some(found).filter(is_cache);
    }
    let mut caches = scenario.components.iter().filter(is_cache);
    caches.next().filter(|_| caches.next().is_none())
}
