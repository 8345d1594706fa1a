//! Questions about the call graph of a scenario document.

use scenario::Scenario;
use scenario::v1::{Call, CallMode, CallWhen, Component, ComponentKind, HitRatio};

/// Visits to a component per request of each class, by the calls as drawn: asynchronous calls count, hit ratios as they stand.
/// Classes that never get there are absent. Calls deeper than 32 hops are not followed.
#[must_use]
pub fn visits_per_request(scenario: &Scenario, id: &str) -> Vec<(String, f64)> {
    let of = |class: &str, entry: &str| visits(scenario, class, entry, id, 0);
    scenario.traffic.iter().map(|t| (t.id.clone(), of(&t.id, &t.entry))).filter(|(_, visits)| *visits > 0.0).collect()
}

fn visits(scenario: &Scenario, class: &str, at: &str, target: &str, depth: usize) -> f64 {
    let own = f64::from(u8::from(at == target));
    let Some(component) = scenario.components.iter().find(|c| c.id == at) else { return own };
    if depth > 32 {
        return own;
    }
    own + through(scenario, class, component, &component.calls, target, depth)
}

fn through(scenario: &Scenario, class: &str, caller: &Component, calls: &[Call], target: &str, depth: usize) -> f64 {
    let hit = hit_ratio(caller, class);
    calls
        .iter()
        .filter(|call| call.is_of(class))
        .map(|call| {
            let when = match call.when {
                Some(CallWhen::Hit) => hit,
                Some(CallWhen::Miss) => 1.0 - hit,
                _ => 1.0,
            };
            let times = call.per_request.as_ref().map_or(1.0, |q| q.value) * when;
            let callee = scenario.components.iter().find(|c| c.id == call.to);
            let missed = callee.map_or(0.0, |c| 1.0 - hit_ratio(c, class));
            let below = visits(scenario, class, &call.to, target, depth + 1);
            let aside = if call.on_miss.is_empty() {
                0.0
            } else {
                missed * through(scenario, class, caller, &call.on_miss, target, depth + 1)
            };
            times * (below + aside)
        })
        .sum()
}

/// Hit ratio that stands in the scenario; 0 for kinds without one and for derived ones.
fn hit_ratio(component: &Component, class: &str) -> f64 {
    match &component.hit_ratio {
        Some(HitRatio::Ratio(q)) => q.value,
        Some(HitRatio::By(map)) => map.get(class).or_else(|| map.get("*")).map_or(0.0, |q| q.value),
        _ => 0.0,
    }
}

/// Components that a caller reaches over one of its pools.
#[must_use]
pub fn pool_callees(component: &Component, pool: &str) -> Vec<String> {
    let mut callees = Vec::new();
    let mut open: Vec<&Call> = component.calls.iter().collect();
    while let Some(call) = open.pop() {
        open.extend(&call.on_miss);
        if call.pool.as_deref() == Some(pool) && !callees.contains(&call.to) {
            callees.push(call.to.clone());
        }
    }
    callees.sort();
    callees
}

/// Components on the path that a request of a class waits for, in the order they are met.
#[must_use]
pub fn waited_for(scenario: &Scenario, class: &str) -> Vec<String> {
    let Some(traffic) = scenario.traffic.iter().find(|t| t.id == class) else { return Vec::new() };
    let mut met = vec![traffic.entry.clone()];
    let mut position = 0;
    while position < met.len() {
        let current = met[position].clone();
        position += 1;
        let Some(component) = scenario.components.iter().find(|c| c.id == current) else { continue };
        if component.kind == ComponentKind::Queue {
            continue;
        }
        let mut open: Vec<&Call> = component.calls.iter().rev().collect();
        while let Some(call) = open.pop() {
            let made = call.is_of(class);
            if !made || call.mode == Some(CallMode::Async) {
                continue;
            }
            if !met.contains(&call.to) {
                met.push(call.to.clone());
            }
            open.extend(call.on_miss.iter().rev());
        }
    }
    met
}
