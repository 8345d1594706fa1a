//! Addresses of the quantities of a scenario, as `fit.paths` names them: `components.db.service.browse.mean_ms`. Components
//! and traffic classes go by id, so that an address survives reordering; other list entries by position.

use scenario::Scenario;
use scenario::v1::{Arrivals, Call, Component, HitRatio, PerClass, Price, Quantity, Service, ServiceTime, Traffic};

/// Calls `see(address, quantity)` for every quantity of the scenario, always in the same order.
pub fn visit(scenario: &mut Scenario, see: &mut dyn FnMut(&str, &mut Quantity)) {
    let mut walk = Walk { path: String::new(), see };
    for traffic in &mut scenario.traffic {
        let id = traffic.id.clone();
        walk.below("traffic", |walk| walk.below(&id, |walk| walk.traffic(traffic)));
    }
    for component in &mut scenario.components {
        let id = component.id.clone();
        walk.below("components", |walk| walk.below(&id, |walk| walk.component(component)));
    }
    for cost in &mut scenario.costs {
        let id = cost.id.clone();
        walk.below("costs", |walk| walk.below(&id, |walk| walk.quantity("monthly", &mut cost.monthly)));
    }
    if let Some(growth) = &mut scenario.growth {
        walk.below("growth", |walk| walk.optional("per_month", &mut growth.per_month));
    }
}

/// Position of each address in the order of [`visit`]; `None` for one that is not there.
#[must_use]
pub fn positions(scenario: &Scenario, addresses: &[String]) -> Vec<Option<usize>> {
    let mut found = vec![None; addresses.len()];
    let mut position = 0;
    visit(&mut scenario.clone(), &mut |path, _| {
        for (slot, address) in found.iter_mut().zip(addresses) {
            if address == path {
                *slot = Some(position);
            }
        }
        position += 1;
    });
    found
}

/// The quantity at an address.
#[must_use]
pub fn read(scenario: &Scenario, address: &str) -> Option<Quantity> {
    let mut found = None;
    visit(&mut scenario.clone(), &mut |path, quantity| {
        if path == address {
            found = Some(quantity.clone());
        }
    });
    found
}

/// Replaces the quantity at an address; false when there is none.
pub fn write(scenario: &mut Scenario, address: &str, value: &Quantity) -> bool {
    let mut written = false;
    visit(scenario, &mut |path, quantity| {
        if path == address {
            *quantity = value.clone();
            written = true;
        }
    });
    written
}

struct Walk<'a> {
    path: String,
    see: &'a mut dyn FnMut(&str, &mut Quantity),
}

impl Walk<'_> {
    fn below(&mut self, key: &str, inside: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(key);
        inside(self);
        self.path.truncate(length);
    }

    fn quantity(&mut self, key: &str, quantity: &mut Quantity) {
        self.below(key, |walk| (walk.see)(&walk.path, quantity));
    }

    fn optional(&mut self, key: &str, quantity: &mut Option<Quantity>) {
        if let Some(quantity) = quantity {
            self.quantity(key, quantity);
        }
    }

    fn traffic(&mut self, traffic: &mut Traffic) {
        match &mut traffic.arrivals {
            Arrivals::Open { rate, cv } => {
                self.quantity("rate", rate);
                self.optional("cv", cv);
            }
            Arrivals::Closed { users, think_time_s } => {
                self.quantity("users", users);
                self.quantity("think_time_s", think_time_s);
            }
        }
        self.optional("growth", &mut traffic.growth);
        self.optional("active_users", &mut traffic.active_users);
    }

    fn component(&mut self, c: &mut Component) {
        match &mut c.service {
            Some(Service::All(time)) => self.below("service", |walk| walk.service_time(time)),
            Some(Service::By(map)) => self.below("service", |walk| {
                for (class, time) in map {
                    walk.below(class, |walk| walk.service_time(time));
                }
            }),
            None => {}
        }
        match &mut c.hit_ratio {
            Some(HitRatio::Ratio(ratio)) => self.quantity("hit_ratio", ratio),
            Some(HitRatio::By(map)) => self.below("hit_ratio", |walk| {
                for (class, ratio) in map {
                    walk.quantity(class, ratio);
                }
            }),
            Some(HitRatio::Keys(keys)) => self.below("hit_ratio", |walk| {
                walk.quantity("keys", &mut keys.keys);
                walk.optional("zipf", &mut keys.zipf);
                walk.quantity("capacity_items", &mut keys.capacity_items);
                walk.optional("ttl_s", &mut keys.ttl_s);
            }),
            None => {}
        }
        match &mut c.write_ratio {
            Some(PerClass::All(ratio)) => self.quantity("write_ratio", ratio),
            Some(PerClass::By(map)) => self.below("write_ratio", |walk| {
                for (class, ratio) in map {
                    walk.quantity(class, ratio);
                }
            }),
            None => {}
        }
        self.plain(c);
        self.below("pools", |walk| {
            for (name, size) in &mut c.pools {
                walk.quantity(name, size);
            }
        });
        self.calls("calls", &mut c.calls);
        if let Some(price) = &mut c.price {
            self.below("price", |walk| walk.price(price));
        }
    }

    /// Limits and settings that are one quantity each.
    fn plain(&mut self, c: &mut Component) {
        for (key, quantity) in [
            ("replicas", &mut c.replicas),
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
        ] {
            self.optional(key, quantity);
        }
        if let Some(usl) = &mut c.usl {
            self.below("usl", |walk| {
                walk.quantity("contention", &mut usl.contention);
                walk.optional("coherency", &mut usl.coherency);
            });
        }
        if let Some(units) = &mut c.request_units {
            self.below("request_units", |walk| {
                walk.quantity("read", &mut units.read);
                walk.quantity("write", &mut units.write);
            });
        }
    }

    fn service_time(&mut self, time: &mut ServiceTime) {
        self.optional("mean_ms", &mut time.mean_ms);
        self.optional("cv", &mut time.cv);
        self.optional("p50_ms", &mut time.p50_ms);
        self.optional("p95_ms", &mut time.p95_ms);
        self.optional("p99_ms", &mut time.p99_ms);
    }

    fn calls(&mut self, key: &str, calls: &mut [Call]) {
        for (index, call) in calls.iter_mut().enumerate() {
            self.below(&format!("{key}[{index}]"), |walk| {
                walk.optional("per_request", &mut call.per_request);
                walk.optional("network_ms", &mut call.network_ms);
                walk.optional("network_mbit_s", &mut call.network_mbit_s);
                walk.optional("kb", &mut call.kb);
                walk.optional("timeout_ms", &mut call.timeout_ms);
                walk.optional("max_in_flight", &mut call.max_in_flight);
                walk.optional("share", &mut call.share);
                walk.calls("on_miss", &mut call.on_miss);
            });
        }
    }

    fn price(&mut self, price: &mut Price) {
        for (key, quantity) in [
            ("per_replica_hour", &mut price.per_replica_hour),
            ("per_million_requests", &mut price.per_million_requests),
            ("per_gb_month", &mut price.per_gb_month),
            ("gb", &mut price.gb),
            ("per_gb_transfer", &mut price.per_gb_transfer),
            ("egress_per_gb", &mut price.egress_per_gb),
            ("per_request_unit_hour", &mut price.per_request_unit_hour),
            ("per_gb_second", &mut price.per_gb_second),
            ("fixed_monthly", &mut price.fixed_monthly),
        ] {
            self.optional(key, quantity);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_the_shop_has_an_address_that_reads_and_writes() {
        let text = include_str!("../../../tests/fixtures/shop-stack/scenario.json");
        let mut shop: Scenario = serde_json::from_str(text).unwrap();
        for (address, want) in [
            ("traffic.browse.rate", 24.0),
            ("components.app.service.*.mean_ms", 1.0),
            ("components.app.pools.pg", 4.0),
            ("components.app.calls[0].on_miss[0].per_request", 1.0),
            ("components.redis.hit_ratio", 0.5),
            ("components.db.price.gb", 100.0),
            ("components.receipts.prefetch", 1.0),
            ("growth.per_month", 0.08),
        ] {
            assert_eq!(read(&shop, address).map(|q| q.value), Some(want), "{address}");
            assert!(write(&mut shop, address, &Quantity::bare(7.0)));
            assert_eq!(read(&shop, address).map(|q| q.value), Some(7.0), "{address}");
        }
        assert!(!write(&mut shop, "components.nowhere.hit_ratio", &Quantity::bare(1.0)));
        assert_eq!(positions(&shop, &["traffic.browse.rate".into(), "x".into()]), [Some(0), None]);
    }
}
