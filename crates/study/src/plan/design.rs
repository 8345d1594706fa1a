//! Changes of the design worth trying, read off the scenario. None of them is taken on faith: each is solved before it is shown.

use super::change::set;
use super::job::Field;
use super::{Rejected, design_calls};
use engine::model::{Balance, Kind};
use engine::solve::Answer;
use scenario::Scenario;
use scenario::edit::Edit;
use scenario::v1::{AutoscaleMetric, Call, CallMode, Component, ComponentKind, HitRatio};
use serde_json::{Value, json};

/// A change of the design.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    pub what: String,
    pub caution: String,
    pub edit: Edit,
    /// It adds something that has no price here.
    pub unpriced: bool,
}

impl Candidate {
    pub fn new(what: String, caution: &str, edit: Edit) -> Self {
        Self { what, caution: caution.to_owned(), edit, unpriced: false }
    }

    /// A part that the scenario has no price for.
    pub fn unpriced(what: String, caution: &str, edit: Edit) -> Self {
        Self { unpriced: true, ..Self::new(what, caution, edit) }
    }
}

/// Discount of spot capacity where the scenario states none.
const SPOT_DISCOUNT: f64 = 0.6;
/// Share of worker hours bought on spot.
const SPOT_SHARE: f64 = 0.6;
/// Share of answers a CDN is taken to hold.
const CDN_HITS: f64 = 0.5;

/// All candidates, and those that the scenario itself rules out. The answer is of multiple 1.
pub(super) fn candidates(field: &Field, answer: &Answer) -> (Vec<Candidate>, Vec<Rejected>) {
    let scenario = &field.scenario;
    let (mut found, mut rejected) = (Vec::new(), Vec::new());
    for component in &scenario.components {
        found.extend(balancer(field, component));
        found.extend(scaling(component));
        found.extend(keeping(component));
        spot(scenario, component, &mut found, &mut rejected);
    }
    design_calls::calls(field, answer, &mut found);
    cdn(field, &mut found, &mut rejected);
    (found, rejected)
}

/// To the replica with the fewest requests.
fn balancer(field: &Field, component: &Component) -> Vec<Candidate> {
    let station = field.system.stations.iter().find(|s| s.id == component.id);
    let Some(Kind::LoadBalancer { balance }) = station.map(|s| &s.kind) else { return Vec::new() };
    let key = |key: &str| format!("components.{}.{key}", component.id);
    let mut edits = vec![set(key("policy"), json!("least_connections"))];
    match balance {
        Balance::RoundRobin | Balance::Random => {}
        Balance::IpHash { .. } => edits.push(set(key("skew"), Value::Null)),
        Balance::Weighted { weights } if !weights.is_empty() => edits.push(set(key("weights"), Value::Null)),
        _ => return Vec::new(),
    }
    let caution = "sessions kept in a replica's memory must move to a store first";
    vec![Candidate::new(
        format!("{} sends to the replica with the fewest requests", component.id),
        caution,
        Edit::Many(edits),
    )]
}

/// An autoscaler's target and least.
fn scaling(component: &Component) -> Vec<Candidate> {
    let Some(scale) = &component.autoscale else { return Vec::new() };
    let key = |key: &str| format!("components.{}.autoscale.{key}", component.id);
    let mut found = Vec::new();
    if scale.metric != Some(AutoscaleMetric::QueueLengthPerReplica) {
        let now = scale.target.as_ref().map_or(0.7, |target| target.value);
        for target in [0.5, 0.6, 0.7, 0.8] {
            if (target - now).abs() > 0.05 {
                let caution = if target < now {
                    "more replicas idle"
                } else {
                    "less room for a rise that is faster than new replicas boot: simulate the spike"
                };
                let what =
                    format!("{} scales at {:.0} % instead of {:.0} %", component.id, 100.0 * target, 100.0 * now);
                found.push(Candidate::new(what, caution, set(key("target"), json!(target))));
            }
        }
    }
    if scale.min.value > 1.0 {
        let what = format!("{} may scale down to 1 replica instead of {}", component.id, scale.min.value);
        found.push(Candidate::new(what, "one replica has no other to fail over to", set(key("min"), json!(1))));
    }
    found
}

/// How long a cache keeps what it has, and what happens to misses that fall together.
fn keeping(component: &Component) -> Vec<Candidate> {
    let Some(HitRatio::Keys(keys)) = &component.hit_ratio else { return Vec::new() };
    let mut found = Vec::new();
    if let Some(ttl) = &keys.ttl_s {
        let longer = 4.0 * ttl.value;
        let what = format!("{} keeps entries for {longer} s instead of {} s", component.id, ttl.value);
        let caution = format!("answers may be {longer} s old");
        found.push(Candidate::new(
            what,
            &caution,
            set(format!("components.{}.hit_ratio.ttl_s", component.id), json!(longer)),
        ));
    }
    if component.kind == ComponentKind::Cache && component.coalesce != Some(true) {
        let what = format!("{} fetches once for all who miss together", component.id);
        let edit = set(format!("components.{}.coalesce", component.id), json!(true));
        found.push(Candidate::new(what, "those who wait for the fetch fail together with it", edit));
    }
    found
}

/// Workers behind a queue on capacity that may be taken away.
fn spot(scenario: &Scenario, component: &Component, found: &mut Vec<Candidate>, rejected: &mut Vec<Rejected>) {
    let priced = component.price.as_ref().is_some_and(|p| p.per_replica_hour.is_some());
    if component.kind != ComponentKind::Service || !priced {
        return;
    }
    let price = component.price.as_ref();
    if price.is_some_and(|p| p.purchase.iter().any(|part| part.discount > 0.0)) {
        return;
    }
    let what = format!("{:.0} % of the hours of {} on spot", 100.0 * SPOT_SHARE, component.id);
    let callers = |kind| {
        scenario.components.iter().any(|c| (c.kind == ComponentKind::Queue) == kind && calls(&c.calls, &component.id))
    };
    let entry = scenario.traffic.iter().any(|class| class.entry == component.id);
    if entry || callers(false) || !callers(true) {
        if callers(true) {
            let why = "somebody waits for it: an interruption would be an error, not a later delivery".into();
            rejected.push(Rejected { what, why });
        }
        return;
    }
    let known = scenario.components.iter().filter_map(|c| c.price.as_ref()).flat_map(|p| &p.purchase);
    let stated = known.filter(|part| part.interruptions_per_hour.is_some()).map(|part| part.discount).next();
    let discount = stated.unwrap_or(SPOT_DISCOUNT);
    let purchase = json!([
        {"share": 1.0 - SPOT_SHARE, "discount": 0},
        {"share": SPOT_SHARE, "discount": discount, "label": "spot", "interruptions_per_hour": 0.05}
    ]);
    let caution = if stated.is_some() {
        "at this scenario's own spot discount; interrupted work is done again"
    } else {
        "at a discount of 60 %, which is assumed: look yours up; interrupted work is done again"
    };
    found.push(Candidate::new(what, caution, set(format!("components.{}.price.purchase", component.id), purchase)));
}

fn calls(list: &[Call], to: &str) -> bool {
    list.iter().any(|call| call.to == to || calls(&call.on_miss, to))
}

/// A CDN before what is only read.
fn cdn(field: &Field, found: &mut Vec<Candidate>, rejected: &mut Vec<Rejected>) {
    let scenario = &field.scenario;
    if scenario.components.iter().any(|c| c.kind == ComponentKind::Cdn || c.id == "cdn") {
        return;
    }
    for class in &scenario.traffic {
        let what = format!("a CDN before {} that answers {:.0} % of it", class.id, 100.0 * CDN_HITS);
        let mut seen = Vec::new();
        if changes_something(scenario, &class.entry, &class.id, &mut seen) {
            rejected.push(Rejected {
                what,
                why: format!("{} writes or starts work: its answers cannot be kept", class.id),
            });
            continue;
        }
        let edge: Result<Component, _> = serde_json::from_value(json!({
            "id": "cdn", "kind": "cdn", "hit_ratio": CDN_HITS, "service": {"mean_ms": 5, "cv": 0.5},
            "calls": [{"to": class.entry, "when": "miss"}]
        }));
        let Ok(edge) = edge else { continue };
        let entry = set(format!("traffic.{}.entry", class.id), json!("cdn"));
        let caution = "the share and its time are assumed, and it has no price here: measure how many answers may be kept, and price it";
        found.push(Candidate::unpriced(what, caution, Edit::Many(vec![Edit::AddComponent(Box::new(edge)), entry])));
    }
}

/// Whether a class's requests write, or start something asynchronous, anywhere on their way.
fn changes_something<'s>(scenario: &'s Scenario, at: &'s str, class: &str, seen: &mut Vec<&'s str>) -> bool {
    if seen.contains(&at) {
        return false;
    }
    seen.push(at);
    let Some(component) = scenario.components.iter().find(|c| c.id == at) else { return false };
    let writes = match &component.write_ratio {
        Some(scenario::v1::PerClass::All(ratio)) => ratio.value > 0.0,
        Some(scenario::v1::PerClass::By(map)) => map.get(class).or(map.get("*")).is_some_and(|ratio| ratio.value > 0.0),
        None => false,
    };
    writes || component.kind == ComponentKind::Queue || call_changes(scenario, &component.calls, class, seen)
}

fn call_changes<'s>(scenario: &'s Scenario, list: &'s [Call], class: &str, seen: &mut Vec<&'s str>) -> bool {
    list.iter().filter(|call| call.is_of(class)).any(|call| {
        call.mode == Some(CallMode::Async)
            || call.when == Some(scenario::v1::CallWhen::Write)
            || changes_something(scenario, &call.to, class, seen)
            || call_changes(scenario, &call.on_miss, class, seen)
    })
}
