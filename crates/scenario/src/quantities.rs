//! All quantities of a scenario with their paths: what a calibration sets, what a Monte Carlo run draws, what the page of
//! assumptions lists.
//!
//! Each quantity has two paths: by position (`components[2].service.mean_ms`), as problems name it, and by id
//! (`components.db.service.mean_ms`), which outlives a change of order and stands in `fit.paths`.

use crate::catalogue::{Range, Type};
use crate::path::Path;
use crate::v1::{Arrivals, Call, Component, HitRatio, PerClass, Price, Quantity, Scenario, Service, ServiceTime};
use std::collections::BTreeMap;

/// A quantity and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Located {
    /// Path by position.
    pub path: String,
    /// Path by id.
    pub path_by_id: String,
    /// The quantity.
    pub quantity: Quantity,
}

/// All quantities, in the document's order.
#[must_use]
pub fn list(scenario: &Scenario) -> Vec<Located> {
    let mut found = Vec::new();
    visit(&mut scenario.clone(), &mut |path, path_by_id, quantity| {
        let (path, path_by_id) = (path.to_string(), path_by_id.to_string());
        found.push(Located { path, path_by_id, quantity: quantity.clone() });
    });
    found
}

/// What the quantity at a path (by position or by id) may be; `None` where none of the format stands there.
#[must_use]
pub fn range(scenario: &Scenario, path: &str) -> Option<Range> {
    number(scenario, path)?.range()
}

/// Whether the quantity at a path (by position or by id) is counted: nobody has half a replica, so its interval is not drawn from.
/// The users of a closed class are estimated like a rate.
#[must_use]
pub fn is_counted(scenario: &Scenario, path: &str) -> bool {
    matches!(number(scenario, path), Some(Type::Count(_))) && !path.ends_with(".arrivals.closed.users")
}

fn number(scenario: &Scenario, path: &str) -> Option<Type> {
    let is_class = |key: &str| scenario.traffic.iter().any(|class| class.id == key);
    crate::catalogue::number_at(&crate::path::parse(path)?, &is_class)
}

/// Names the draws of a calibration by the id of what is drawn, where a document names them by position: a class or a
/// component that goes takes the positions after it along.
pub fn name_draws_by_id(scenario: &mut Scenario) {
    let Some(mut fit) = scenario.fit.take() else { return };
    let mut by_id = BTreeMap::new();
    visit(scenario, &mut |path, path_by_id, _| {
        by_id.insert(path.to_string(), path_by_id.to_string());
    });
    for path in &mut fit.paths {
        if let Some(named) = by_id.get(path) {
            named.clone_into(path);
        }
    }
    scenario.fit = Some(fit);
}

/// Whether any quantity says from which import it comes.
pub(crate) fn any_from(scenario: &Scenario) -> bool {
    let mut any = false;
    visit(&mut scenario.clone(), &mut |_, _, quantity| any |= quantity.from.is_some());
    any
}

/// Calls a function with both paths (by position, by id) of every quantity, which it may change.
pub fn visit(scenario: &mut Scenario, each: &mut Each) {
    let root = Path::ROOT;
    let (traffic, components) = (root.key("traffic"), root.key("components"));
    for (i, class) in scenario.traffic.iter_mut().enumerate() {
        let place = Place { path: traffic.index(i), by_id: traffic.key(&class.id) };
        match &mut class.arrivals {
            Arrivals::Open { rate, cv } => place.within("arrivals", |place| {
                place.within("open", |place| {
                    place.one("rate", rate, each);
                    place.maybe("cv", cv, each);
                });
            }),
            Arrivals::Closed { users, think_time_s } => place.within("arrivals", |place| {
                place.within("closed", |place| {
                    place.one("users", users, each);
                    place.one("think_time_s", think_time_s, each);
                });
            }),
        }
        place.maybe("growth", &mut class.growth, each);
        place.maybe("active_users", &mut class.active_users, each);
    }
    for (i, component) in scenario.components.iter_mut().enumerate() {
        let id = component.id.clone();
        visit_component(component, Place { path: components.index(i), by_id: components.key(&id) }, each);
    }
    if let Some(growth) = &mut scenario.growth {
        Place::at_root("growth").maybe("per_month", &mut growth.per_month, each);
    }
    let costs = root.key("costs");
    for (i, cost) in scenario.costs.iter_mut().enumerate() {
        Place { path: costs.index(i), by_id: costs.key(&cost.id) }.one("monthly", &mut cost.monthly, each);
    }
}

/// What is done with each quantity: its path by position, its path by id, the quantity.
pub type Each<'e> = dyn FnMut(&Path, &Path, &mut Quantity) + 'e;

/// A place in the scenario, by position and by id.
#[derive(Clone, Copy)]
struct Place<'p> {
    path: Path<'p>,
    by_id: Path<'p>,
}

impl Place<'_> {
    fn at_root(key: &'static str) -> Place<'static> {
        static ROOT: Path<'static> = Path::ROOT;
        Place { path: ROOT.key(key), by_id: ROOT.key(key) }
    }

    fn within(&self, key: &str, inner: impl FnOnce(Place)) {
        inner(Place { path: self.path.key(key), by_id: self.by_id.key(key) });
    }

    fn one(&self, key: &str, quantity: &mut Quantity, each: &mut Each) {
        each(&self.path.key(key), &self.by_id.key(key), quantity);
    }

    fn maybe(&self, key: &str, quantity: &mut Option<Quantity>, each: &mut Each) {
        if let Some(quantity) = quantity {
            self.one(key, quantity, each);
        }
    }
}

fn visit_component(c: &mut Component, place: Place, each: &mut Each) {
    place.maybe("replicas", &mut c.replicas, each);
    match &mut c.service {
        None => {}
        Some(Service::All(time)) => place.within("service", |place| visit_time(time, place, each)),
        Some(Service::By(map)) => place.within("service", |place| {
            map.iter_mut().for_each(|(class, time)| place.within(class, |place| visit_time(time, place, each)));
        }),
    }
    visit_calls(&mut c.calls, "calls", place, each);
    place.within("pools", |place| c.pools.iter_mut().for_each(|(name, size)| place.one(name, size, each)));
    if let Some(a) = &mut c.autoscale {
        place.within("autoscale", |place| {
            place.one("min", &mut a.min, each);
            place.one("max", &mut a.max, each);
            place.maybe("target", &mut a.target, each);
            place.maybe("tolerance", &mut a.tolerance, each);
            place.maybe("interval_s", &mut a.interval_s, each);
            place.maybe("metric_delay_s", &mut a.metric_delay_s, each);
            place.maybe("startup_s", &mut a.startup_s, each);
            place.maybe("stabilization_down_s", &mut a.stabilization_down_s, each);
        });
    }
    if let Some(price) = &mut c.price {
        place.within("price", |place| visit_price(price, place, each));
    }
    visit_own(c, place, each);
}

/// What only some kinds have.
fn visit_own(c: &mut Component, place: Place, each: &mut Each) {
    match &mut c.hit_ratio {
        None => {}
        Some(HitRatio::Ratio(ratio)) => place.one("hit_ratio", ratio, each),
        Some(HitRatio::By(map)) => {
            place.within("hit_ratio", |place| map.iter_mut().for_each(|(class, ratio)| place.one(class, ratio, each)));
        }
        Some(HitRatio::Keys(keys)) => place.within("hit_ratio", |place| {
            place.one("keys", &mut keys.keys, each);
            place.maybe("zipf", &mut keys.zipf, each);
            place.one("capacity_items", &mut keys.capacity_items, each);
            place.maybe("ttl_s", &mut keys.ttl_s, each);
        }),
    }
    match &mut c.write_ratio {
        None => {}
        Some(PerClass::All(ratio)) => place.one("write_ratio", ratio, each),
        Some(PerClass::By(map)) => {
            place
                .within("write_ratio", |place| map.iter_mut().for_each(|(class, ratio)| place.one(class, ratio, each)));
        }
    }
    if let Some(usl) = &mut c.usl {
        place.within("usl", |place| {
            place.one("contention", &mut usl.contention, each);
            place.maybe("coherency", &mut usl.coherency, each);
        });
    }
    if let Some(units) = &mut c.request_units {
        place.within("request_units", |place| {
            place.one("read", &mut units.read, each);
            place.one("write", &mut units.write, each);
        });
    }
    let plain = [
        ("failure_ratio", &mut c.failure_ratio),
        ("concurrency", &mut c.concurrency),
        ("cpu_cores", &mut c.cpu_cores),
        ("queue_limit", &mut c.queue_limit),
        ("concurrency_limit", &mut c.concurrency_limit),
        ("cold_start_ms", &mut c.cold_start_ms),
        ("idle_timeout_s", &mut c.idle_timeout_s),
        ("memory_gb", &mut c.memory_gb),
        ("skew", &mut c.skew),
        ("ttl_s", &mut c.ttl_s),
        ("nodes", &mut c.nodes),
        ("bypass_ratio", &mut c.bypass_ratio),
        ("cores", &mut c.cores),
        ("max_connections", &mut c.max_connections),
        ("read_replicas", &mut c.read_replicas),
        ("shards", &mut c.shards),
        ("hot_shard_share", &mut c.hot_shard_share),
        ("gb", &mut c.gb),
        ("gb_growth_per_month", &mut c.gb_growth_per_month),
        ("partitions", &mut c.partitions),
        ("consumers", &mut c.consumers),
        ("prefetch", &mut c.prefetch),
        ("max_length", &mut c.max_length),
        ("delay_s", &mut c.delay_s),
        ("max_attempts", &mut c.max_attempts),
        ("duplicate_ratio", &mut c.duplicate_ratio),
        ("limit", &mut c.limit),
        ("window_s", &mut c.window_s),
        ("burst", &mut c.burst),
        ("clients", &mut c.clients),
        ("client_zipf", &mut c.client_zipf),
        ("rate_limit", &mut c.rate_limit),
        ("throughput_mb_s", &mut c.throughput_mb_s),
    ];
    for (key, quantity) in plain {
        place.maybe(key, quantity, each);
    }
}

fn visit_time(time: &mut ServiceTime, place: Place, each: &mut Each) {
    place.maybe("mean_ms", &mut time.mean_ms, each);
    place.maybe("cv", &mut time.cv, each);
    place.maybe("p50_ms", &mut time.p50_ms, each);
    place.maybe("p95_ms", &mut time.p95_ms, each);
    place.maybe("p99_ms", &mut time.p99_ms, each);
}

fn visit_calls(calls: &mut [Call], key: &str, place: Place, each: &mut Each) {
    let (list, by_id) = (place.path.key(key), place.by_id.key(key));
    for (i, call) in calls.iter_mut().enumerate() {
        let place = Place { path: list.index(i), by_id: by_id.index(i) };
        place.maybe("per_request", &mut call.per_request, each);
        place.maybe("network_ms", &mut call.network_ms, each);
        place.maybe("network_mbit_s", &mut call.network_mbit_s, each);
        place.maybe("kb", &mut call.kb, each);
        place.maybe("timeout_ms", &mut call.timeout_ms, each);
        visit_calls(&mut call.on_miss, "on_miss", place, each);
        if let Some(retry) = &mut call.retry {
            place.within("retry", |place| {
                place.one("max", &mut retry.max, each);
                place.maybe("backoff_ms", &mut retry.backoff_ms, each);
                place.maybe("jitter", &mut retry.jitter, each);
                place.maybe("budget_ratio", &mut retry.budget_ratio, each);
            });
        }
        if let Some(breaker) = &mut call.breaker {
            place.within("breaker", |place| {
                place.one("failures", &mut breaker.failures, each);
                place.one("open_s", &mut breaker.open_s, each);
            });
        }
        place.maybe("max_in_flight", &mut call.max_in_flight, each);
        place.maybe("share", &mut call.share, each);
    }
}

fn visit_price(price: &mut Price, place: Place, each: &mut Each) {
    place.maybe("per_replica_hour", &mut price.per_replica_hour, each);
    place.maybe("per_million_requests", &mut price.per_million_requests, each);
    place.maybe("per_gb_month", &mut price.per_gb_month, each);
    place.maybe("gb", &mut price.gb, each);
    place.maybe("per_gb_transfer", &mut price.per_gb_transfer, each);
    place.maybe("egress_per_gb", &mut price.egress_per_gb, each);
    place.maybe("per_request_unit_hour", &mut price.per_request_unit_hour, each);
    place.maybe("per_gb_second", &mut price.per_gb_second, each);
    place.maybe("fixed_monthly", &mut price.fixed_monthly, each);
}
