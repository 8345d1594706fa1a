//! Calls.

use super::Lowering;
use crate::path::Path;
use crate::v1::{Call, CallMode, CallWhen, Component};
use engine::model;

impl Lowering<'_> {
    pub(super) fn calls(&mut self, caller: &Component, calls: &[Call], path: &Path) -> Vec<model::Call> {
        calls.iter().enumerate().map(|(i, call)| self.call(caller, call, &path.index(i))).collect()
    }

    fn call(&mut self, caller: &Component, call: &Call, path: &Path) -> model::Call {
        model::Call {
            to: self.station_id(&call.to, &path.key("to")).unwrap_or_default(),
            per_request: self.number_or(call.per_request.as_ref(), 1.0, &path.key("per_request")),
            mode: match call.mode {
                None | Some(CallMode::Sync) => model::Mode::Sync,
                Some(CallMode::Parallel) => model::Mode::Parallel,
                Some(CallMode::Async) => model::Mode::Async,
            },
            when: match call.when {
                None | Some(CallWhen::Always) => model::When::Always,
                Some(CallWhen::Hit) => model::When::Hit,
                Some(CallWhen::Miss) => model::When::Miss,
                Some(CallWhen::Read) => model::When::Read,
                Some(CallWhen::Write) => model::When::Write,
            },
            classes: call.classes.as_ref().map(|ids| self.call_classes(ids, &path.key("classes"))),
            network: self.seconds_of_ms(call.network_ms.as_ref(), 0.0, &path.key("network_ms")),
            kb: self.number_or(call.kb.as_ref(), 0.0, &path.key("kb")),
            network_mbit_s: self.optional(call.network_mbit_s.as_ref(), &path.key("network_mbit_s")),
            pool: call.pool.as_ref().and_then(|name| self.pool(caller, name, &path.key("pool"))),
            timeout: call.timeout_ms.as_ref().map(|q| self.number(q, &path.key("timeout_ms")) / 1000.0),
            on_miss: self.calls(caller, &call.on_miss, &path.key("on_miss")),
            retry: call.retry.as_ref().map(|retry| {
                let path = path.key("retry");
                model::Retry {
                    max: self.count(&retry.max, &path.key("max")),
                    backoff: self.seconds_of_ms(retry.backoff_ms.as_ref(), 0.0, &path.key("backoff_ms")),
                    jitter: self.number_or(retry.jitter.as_ref(), 0.0, &path.key("jitter")),
                    budget_ratio: self.optional(retry.budget_ratio.as_ref(), &path.key("budget_ratio")),
                }
            }),
            breaker: call.breaker.as_ref().map(|breaker| {
                let path = path.key("breaker");
                model::Breaker {
                    failures: self.count(&breaker.failures, &path.key("failures")),
                    open: self.number(&breaker.open_s, &path.key("open_s")),
                }
            }),
            max_in_flight: self.limit(call.max_in_flight.as_ref(), &path.key("max_in_flight")),
            share: self.optional(call.share.as_ref(), &path.key("share")),
        }
    }

    fn call_classes(&mut self, ids: &[String], path: &Path) -> Vec<usize> {
        ids.iter().enumerate().filter_map(|(i, id)| self.class_id(id, &path.index(i))).collect()
    }

    /// Position of a pool among the caller's; the pools are in the order of their names.
    fn pool(&mut self, caller: &Component, name: &str, path: &Path) -> Option<usize> {
        let found = caller.pools.keys().position(|pool| pool == name);
        if found.is_none() {
            self.problem(path, format!("{:?} has no pool {name:?}", caller.id), "add it to the caller's pools");
        }
        found
    }
}
