//! The system as the document draws it: components, calls, classes and objectives, read from the JSON tree.
//!
//! Readers never fail: a half-typed document shows what can be read of it.

use super::format::{amount, count, milliseconds, percent};
use crate::text;
use serde_json::Value;
use std::collections::BTreeMap;

/// A component as a box shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct ComponentView {
    /// Position in `components`.
    pub index: usize,
    pub id: String,
    pub kind: String,
    pub label: String,
    /// What it is, in a few words: `5 replicas · 40 slots`.
    pub detail: String,
    pub position: Option<(f64, f64)>,
}

impl ComponentView {
    /// What a row or box is redrawn for.
    pub fn key(self) -> (String, String, String) {
        (self.id, self.label, self.detail)
    }
}

/// A call as a line shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct EdgeView {
    pub from: String,
    pub to: String,
    pub label: String,
    pub asynchronous: bool,
    /// Calls per visit of the caller.
    pub per_request: f64,
}

/// A number, bare or with its source.
pub fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.get("value")?.as_f64())
}

/// A number under a key.
pub fn number_at(value: &Value, key: &str) -> Option<f64> {
    number(value.get(key)?)
}

/// A text under a key, empty when there is none.
pub fn text_at<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// A list under a key, empty when there is none.
pub fn list_at<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The currency of all money.
pub fn currency(root: &Value) -> &str {
    root.get("currency").and_then(Value::as_str).unwrap_or("USD")
}

/// All components.
pub fn components(root: &Value) -> Vec<ComponentView> {
    let list = list_at(root, "components").iter().enumerate();
    list.map(|(index, component)| {
        let id = text_at(component, "id").to_owned();
        let label = component.get("label").and_then(Value::as_str).unwrap_or(&id).to_owned();
        let place = list_at(component, "position");
        let position = place.first().and_then(Value::as_f64).zip(place.get(1).and_then(Value::as_f64));
        let kind = text_at(component, "kind").to_owned();
        ComponentView { index, detail: detail(component, &kind), id, kind, label, position }
    })
    .collect()
}

/// Components by their names: what goes over many of them looks each up once.
pub struct Index<'a>(BTreeMap<&'a str, &'a Value>);

impl<'a> Index<'a> {
    /// All components of a document; of two with one name the first.
    pub fn of(root: &'a Value) -> Self {
        Self(list_at(root, "components").iter().rev().map(|component| (text_at(component, "id"), component)).collect())
    }

    /// The component of that name.
    pub fn find(&self, id: &str) -> Option<&'a Value> {
        self.0.get(id).copied()
    }

    /// Its label, or its id.
    pub fn label(&self, id: &str) -> String {
        labelled(self.find(id), id)
    }

    /// A resource of it in words, as [`resource`] has it.
    pub fn resource(&self, component: &str, resource: &str) -> String {
        resource_by(|id| self.find(id), component, resource)
    }
}

/// A component's own label, or its id.
pub fn label(component: &Value) -> String {
    labelled(Some(component), text_at(component, "id"))
}

fn component<'a>(root: &'a Value, id: &str) -> Option<&'a Value> {
    list_at(root, "components").iter().find(|component| text_at(component, "id") == id)
}

fn labelled(component: Option<&Value>, id: &str) -> String {
    component.and_then(|component| component.get("label")?.as_str()).unwrap_or(id).to_owned()
}

/// The label of a component, or its id.
pub fn label_of(root: &Value, id: &str) -> String {
    labelled(component(root, id), id)
}

/// The label of a class, or its id.
pub fn class_label(root: &Value, id: &str) -> String {
    let found = list_at(root, "traffic").iter().find(|class| text_at(class, "id") == id);
    found.and_then(|class| class.get("label")?.as_str()).unwrap_or(id).to_owned()
}

fn detail(component: &Value, kind: &str) -> String {
    let at = |key: &str| number_at(component, key);
    let several = |value: Option<f64>, of: text::Noun| value.map(|value| text::several(value, &count(value), of));
    let hit = component.get("hit_ratio").and_then(number).map(|ratio| text::hits(&percent(ratio)));
    let parts: Vec<String> = match kind {
        "service" => [
            several(at("replicas").or(Some(1.0)), text::SOME_REPLICAS),
            several(at("concurrency"), text::SLOTS),
            several(at("cpu_cores"), text::CORES),
        ]
        .into_iter()
        .flatten()
        .take(2)
        .collect(),
        "function" => [Some(text::FUNCTION.into()), several(at("concurrency_limit"), text::AT_ONCE)]
            .into_iter()
            .flatten()
            .collect(),
        "load_balancer" => vec![text::BALANCER.into(), text::word(text_at(component, "policy"))],
        "cdn" => [text::CDN.to_owned()].into_iter().chain(hit).collect(),
        "cache" => [text::CACHE.to_owned()].into_iter().chain(hit).collect(),
        "database" => [
            Some(several(at("cores"), text::CORES).unwrap_or_else(|| text::DATABASE.into())),
            several(at("read_replicas").filter(|n| *n > 0.0), text::READ_REPLICAS),
            several(at("shards").filter(|n| *n > 1.0), text::SHARDS),
        ]
        .into_iter()
        .flatten()
        .take(2)
        .collect(),
        "queue" => {
            [Some(text::QUEUE.into()), several(at("consumers"), text::CONSUMERS)].into_iter().flatten().collect()
        }
        "rate_limiter" => {
            let limit = at("limit")
                .zip(at("window_s"))
                .map(|(limit, window)| format!("{} / {} s", amount(limit), amount(window)));
            [text::LIMITER.to_owned()].into_iter().chain(limit).collect()
        }
        "external" => [text::EXTERNAL.to_owned()].into_iter().chain(mean_time(component)).collect(),
        other => vec![other.to_owned()],
    };
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

fn mean_time(component: &Value) -> Option<String> {
    let service = component.get("service")?;
    let own = service.get("mean_ms").or_else(|| service.get("*")?.get("mean_ms"))?;
    number(own).map(milliseconds)
}

/// Whether a call is of the line to a callee of those that are waited for, or of those that are not.
pub fn is_of_line(call: &Value, to: &str, asynchronous: bool) -> bool {
    text_at(call, "to") == to && (text_at(call, "mode") == "async") == asynchronous
}

/// All calls, those on a miss included, one line per pair of components and whether the caller waits.
pub fn edges(root: &Value) -> Vec<EdgeView> {
    let mut edges: Vec<EdgeView> = Vec::new();
    for component in list_at(root, "components") {
        let from = text_at(component, "id");
        add_calls(&mut edges, from, list_at(component, "calls"), "");
    }
    edges
}

/// Calls with those on their misses, at any depth: the component makes them all.
fn add_calls(edges: &mut Vec<EdgeView>, from: &str, calls: &[Value], when: &str) {
    for call in calls {
        add_call(edges, from, call, when);
        add_calls(edges, from, list_at(call, "on_miss"), text::MISS);
    }
}

fn add_call(edges: &mut Vec<EdgeView>, from: &str, call: &Value, when: &str) {
    let to = text_at(call, "to");
    let per_request = number_at(call, "per_request").unwrap_or(1.0);
    let asynchronous = text_at(call, "mode") == "async";
    let when = match text_at(call, "when") {
        "" | "always" => when,
        stated => stated,
    };
    let share = if (per_request - 1.0).abs() > 1e-9 { amount(per_request) } else { String::new() };
    let mode = if asynchronous { text::ASYNC } else { "" };
    let label = [when, share.as_str(), mode].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    // All calls of a component stand together, at the end.
    let mut own = edges.iter_mut().rev().take_while(|edge| edge.from == from);
    if let Some(known) = own.find(|edge| edge.to == to && edge.asynchronous == asynchronous) {
        known.per_request += per_request;
        if known.label.is_empty() && when != text::MISS {
            known.label = label;
        } else if known.label == text::MISS && label.is_empty() {
            known.label.clear();
        }
        return;
    }
    edges.push(EdgeView { from: from.to_owned(), to: to.to_owned(), label, asynchronous, per_request });
}

/// An objective in words: `browse p95 ≤ 100 ms`.
pub fn objective(root: &Value, index: usize) -> String {
    let Some(slo) = list_at(root, "slos").get(index) else { return String::new() };
    let class = class_label(root, text_at(slo, "traffic"));
    let component = label_of(root, text_at(slo, "component"));
    let at = |key: &str| slo.get(key).and_then(Value::as_f64);
    if let (Some(percentile), Some(limit)) = (at("percentile"), at("latency_ms")) {
        text::latency_at_most(&class, &super::format::trim(percentile, 2), &milliseconds(limit))
    } else if let Some(ratio) = at("max_error_ratio") {
        text::errors_at_most(&class, &percent(ratio))
    } else if let Some(ratio) = at("max_utilization") {
        text::busy_at_most(&component, &percent(ratio))
    } else if let Some(age) = at("max_backlog_age_s") {
        text::backlog_at_most(&component, &amount(age))
    } else if let Some(cost) = at("max_monthly_cost") {
        text::spend_at_most(&super::format::money(cost, currency(root)))
    } else {
        text::survive(text_at(slo, "survive"))
    }
}

/// The latency objectives of a class: percentile name (`p95`) and limit in milliseconds.
pub fn latency_objectives(root: &Value, class: &str) -> Vec<(String, f64)> {
    let of_class = list_at(root, "slos").iter().filter(|slo| text_at(slo, "traffic") == class);
    of_class
        .filter_map(|slo| {
            let percentile = slo.get("percentile")?.as_f64()?;
            Some((
                format!("p{}", super::format::trim(percentile, 2).replace('.', "_")),
                slo.get("latency_ms")?.as_f64()?,
            ))
        })
        .collect()
}

/// All calls of a component with those on their misses, at any depth, as the document has them one after the other.
fn calls_of(component: &Value) -> Vec<&Value> {
    let mut calls = Vec::new();
    let mut open: Vec<&Value> = list_at(component, "calls").iter().rev().collect();
    while let Some(call) = open.pop() {
        calls.push(call);
        open.extend(list_at(call, "on_miss").iter().rev());
    }
    calls
}

/// A resource in words: `connection pool from Shop app to PostgreSQL`.
pub fn resource(root: &Value, of: &str, resource: &str) -> String {
    resource_by(|id| component(root, id), of, resource)
}

fn resource_by<'a>(find: impl Fn(&str) -> Option<&'a Value>, of: &str, resource: &str) -> String {
    let caller = find(of);
    let label = labelled(caller, of);
    if let Some(pool) = resource.strip_prefix("pool:") {
        let mut callees: Vec<String> = Vec::new();
        let calls = caller.map(calls_of).unwrap_or_default();
        for to in calls.into_iter().filter(|call| text_at(call, "pool") == pool).map(|call| text_at(call, "to")) {
            let callee = labelled(find(to), to);
            if !callees.contains(&callee) {
                callees.push(callee);
            }
        }
        return match callees.as_slice() {
            [] => text::pool_named(pool, &label),
            callees => text::pool_to(&label, callees),
        };
    }
    if resource.is_empty() { label } else { text::resource_of(resource, &label) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shop() -> Value {
        json!({
            "currency": "USD",
            "traffic": [{"id": "browse"}],
            "components": [
                {"id": "app", "kind": "service", "label": "Shop app", "replicas": 5, "concurrency": 40, "calls": [
                    {"to": "redis", "on_miss": [{"to": "db", "pool": "pg"}]},
                    {"to": "db", "pool": "pg", "classes": ["checkout"]},
                    {"to": "receipts", "mode": "async", "per_request": 0.2}]},
                {"id": "redis", "kind": "cache", "hit_ratio": {"value": 0.7, "source": "fitted"}},
                {"id": "db", "kind": "database", "cores": 4},
                {"id": "receipts", "kind": "queue", "consumers": 1}
            ],
            "slos": [{"traffic": "browse", "percentile": 95, "latency_ms": 200}, {"max_monthly_cost": 1500}]
        })
    }

    #[test]
    fn boxes_and_lines() {
        let root = shop();
        let details: Vec<String> = components(&root).into_iter().map(|component| component.detail).collect();
        assert_eq!(details, ["5 replicas · 40 slots", "cache · 70 % hits", "4 cores", "queue · 1 consumer"]);
        let lines: Vec<(String, String)> = edges(&root).into_iter().map(|edge| (edge.to, edge.label)).collect();
        let wanted = [("redis", ""), ("db", ""), ("receipts", "0.2 async")];
        assert_eq!(lines, wanted.map(|(to, label)| (to.to_owned(), label.to_owned())));
    }

    #[test]
    fn a_miss_within_a_miss_is_a_line_of_the_caller() {
        let root = json!({"components": [{"id": "a", "calls": [
            {"to": "b", "on_miss": [{"to": "c", "on_miss": [{"to": "d", "mode": "async"}, {"to": "e", "per_request": 2}]}]}, {"to": "f"}]}]});
        let lines: Vec<String> =
            edges(&root).iter().map(|edge| format!("{}-{} {}", edge.from, edge.to, edge.label)).collect();
        assert_eq!(lines, ["a-b ", "a-c miss", "a-d miss async", "a-e miss 2", "a-f "]);
    }

    #[test]
    fn a_pool_is_named_by_all_who_are_called_through_it() {
        let root = json!({"components": [{"id": "a", "calls": [
            {"to": "b", "on_miss": [{"to": "c", "pool": "p", "on_miss": [{"to": "d", "pool": "p"}, {"to": "e"}]}]},
            {"to": "f", "pool": "p"}]}]});
        assert_eq!(resource(&root, "a", "pool:p"), "connection pool from a to c and d and f");
    }

    #[test]
    fn words_for_limits() {
        let root = shop();
        assert_eq!(objective(&root, 0), "browse p95 ≤ 200 ms");
        assert_eq!(objective(&root, 1), "spend ≤ $1.5k a month");
        assert_eq!(resource(&root, "app", "pool:pg"), "connection pool from Shop app to db");
        assert_eq!(resource(&root, "receipts", "consumers"), "consumers of receipts");
        assert_eq!(latency_objectives(&root, "browse"), vec![("p95".to_owned(), 200.0)]);
    }

    #[test]
    fn half_typed_documents_are_read_as_far_as_they_go() {
        for root in
            [json!(null), json!({"components": 3}), json!({"components": [{}, 7, {"calls": [{}]}], "slos": [{}]})]
        {
            let _ = (components(&root), edges(&root), objective(&root, 0), currency(&root));
        }
    }
}
