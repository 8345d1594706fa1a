//! Compiles calls: where they go, with which policy, and by which rule the callee's group is chosen.

use super::compile::Compiler;
use super::program::*;
use crate::model::{Balance, Call, ClassId, Kind, StationId, When};

/// A guest's event names its group in 24 bits.
const MOST_GUEST_GROUPS: u32 = 1 << 24;

impl Compiler<'_> {
    /// A plain call to a pooled leaf needs no visit of its own.
    pub(crate) fn call_operation(&self, site: u32) -> Operation {
        let at = &self.program.sites[site as usize];
        let plan = &self.program.plans[at.plan as usize];
        let plain = at.policy == u32::MAX
            && at.network == 0.0
            && at.route == Route::Pooled
            && at.write_ratio == 0.0
            && at.kilobytes == 0.0;
        let leaf = plan.flags & !GUEST_FLAGS == 0 && plan.flags & (LEAF | BARE) == LEAF | BARE;
        let place = &self.layout.stations[at.station as usize];
        let steady = !self.loses_work && place.groups == 1;
        if plain && leaf && steady && !self.traced && place.first < MOST_GUEST_GROUPS {
            Operation::Guest { plan: at.plan, group: place.first }
        } else {
            Operation::Call(site)
        }
    }

    /// The site of a call as a class makes it.
    pub(crate) fn site(&mut self, caller: StationId, class: ClassId, call: &Call) -> u32 {
        let mut plan = self.plan(call.to, class);
        let (id, policy) = self.call(caller, call);
        if let Some(megabytes) = self.system.stations[call.to].kind.transfer_mb_s()
            && call.kb > 0.0
        {
            let base = self.program.plans[plan as usize];
            let transfer = call.kb / 1000.0 / megabytes;
            plan = self.add_plan(Plan { transfer, flags: base.flags | PACED, ..base });
            self.pending.push(plan);
        }
        let write_ratio = match call.when {
            When::Read => 0.0,
            When::Write => 1.0,
            _ => self.program.plans[plan as usize].write_ratio,
        };
        let site = Site {
            plan,
            station: call.to as u16,
            policy,
            network: call.network_time(),
            route: self.route(Some(caller), call.to),
            group: self.layout.stations[call.to].first,
            write_ratio,
            call: id,
            kilobytes: self.priced_kilobytes(call),
        };
        self.program.sites.push(site);
        self.program.sites.len() as u32 - 1
    }

    /// What a call moves, where somebody pays for it.
    pub(crate) fn priced_kilobytes(&self, call: &Call) -> f64 {
        let price = &self.system.stations[call.to].price;
        if price.per_gb_transfer + price.egress_per_gb > 0.0 { call.kb } else { 0.0 }
    }

    /// A call's number and policy, the same for every class.
    pub(crate) fn call(&mut self, caller: StationId, call: &Call) -> (u32, u32) {
        let classes = self.system.classes.len() as u32;
        let address: *const Call = call;
        if let Some(&known) = self.calls.get(&address) {
            return known;
        }
        let pool = call.pool.filter(|&p| self.system.stations[caller].pools[p].size.is_some());
        let plain = pool.is_none()
            && call.timeout.is_none()
            && call.retry.is_none()
            && call.breaker.is_none()
            && call.max_in_flight.is_none();
        let policy = if plain {
            u32::MAX
        } else {
            let base = self.program.policies.last().map_or(0, |p| p.base + p.guards);
            let place = &self.layout.stations[caller];
            let guarded = call.breaker.is_some() || call.max_in_flight.is_some();
            let guards = if place.pooled && guarded { place.most.max(1) } else { place.groups };
            self.program.policies.push(Policy {
                pool: call.pool.map(|p| p as u32),
                timeout: call.timeout,
                retry: call.retry,
                breaker: call.breaker,
                max_in_flight: call.max_in_flight,
                caller: caller as u16,
                base,
                guards,
            });
            self.program.policies.len() as u32 - 1
        };
        let number = classes + self.calls.len() as u32;
        self.calls.insert(address, (number, policy));
        (number, policy)
    }

    /// How a caller's visits spread over a callee's groups.
    pub(crate) fn route(&mut self, caller: Option<StationId>, callee: StationId) -> Route {
        if matches!(self.system.stations[callee].kind, Kind::Database(_)) && self.layout.stations[callee].groups > 1 {
            return Route::Node;
        }
        if self.layout.stations[callee].groups == 1 {
            return Route::Pooled;
        }
        match caller.map(|c| &self.system.stations[c].kind) {
            Some(Kind::LoadBalancer { balance }) => match balance {
                Balance::RoundRobin => Route::RoundRobin,
                Balance::Random => Route::Random,
                Balance::LeastConnections => Route::Least,
                Balance::PowerOfTwo => Route::PowerOfTwo,
                Balance::IpHash { skew } => Route::Skewed(*skew),
                Balance::Weighted { weights } if !weights.is_empty() => {
                    let total: f64 = weights.iter().sum();
                    let first = self.program.weights.len() as u32;
                    let mut sum = 0.0;
                    self.program.weights.extend(weights.iter().map(|w| {
                        sum += w / total;
                        sum
                    }));
                    Route::Weighted(first, weights.len() as u32)
                }
                Balance::Weighted { .. } => Route::Least,
            },
            // A caller past the balancer reaches the replicas as if they were one line: the least loaded.
            _ => Route::Least,
        }
    }
}
