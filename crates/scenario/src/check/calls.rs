//! Calls: whom they name, and what stands only where it has a meaning.

use super::names::Names;
use super::problems::Findings;
use crate::path::Path;
use crate::v1::{BalancePolicy, Call, CallMode, CallWhen, Component, ComponentKind};
use engine::order;
use std::collections::BTreeSet;

pub(super) fn check(names: &Names, findings: &mut Findings) {
    let root = Path::ROOT;
    let list = root.key("components");
    let misses = names.scenario.components.iter();
    let misses = misses.filter(|c| c.calls.iter().any(|call| call.when == Some(CallWhen::Miss)));
    let read_through = order::set(misses.map(|c| c.id.as_str()));
    for (i, component) in names.scenario.components.iter().enumerate() {
        let path = list.index(i);
        let caller = Caller { names, component, kind: names.kind(i), read_through: &read_through };
        for (j, call) in component.calls.iter().enumerate() {
            caller.call(call, true, &path.key("calls").index(j), findings);
        }
    }
}

struct Caller<'c> {
    names: &'c Names<'c>,
    component: &'c Component,
    kind: Option<ComponentKind>,
    read_through: &'c BTreeSet<&'c str>,
}

impl Caller<'_> {
    fn call(&self, call: &Call, outermost: bool, path: &Path, findings: &mut Findings) {
        self.names.want_component(&call.to, &path.key("to"), findings);
        for (k, class) in call.classes.iter().flatten().enumerate() {
            self.names.want_class(class, &path.key("classes").index(k), findings);
        }
        if call.classes.as_ref().is_some_and(Vec::is_empty) {
            findings.note(&path.key("classes"), "no class makes this call", "leave classes out for all, or name some");
        }
        self.pool(call, path, findings);
        self.when(call, outermost, path, findings);
        self.on_miss(call, path, findings);
        self.share(call, outermost, path, findings);
        let waits = call.mode != Some(CallMode::Async);
        if call.timeout_ms.is_some() && !waits {
            findings.problem(
                &path.key("timeout_ms"),
                "nobody waits for an async call",
                "remove it, or make the call sync",
            );
        }
        if call.network_mbit_s.is_some() && call.kb.is_none() {
            findings.note(&path.key("network_mbit_s"), "without kb the bandwidth has no effect", "give kb");
        }
        for (k, inner) in call.on_miss.iter().enumerate() {
            self.call(inner, false, &path.key("on_miss").index(k), findings);
        }
    }

    fn pool(&self, call: &Call, path: &Path, findings: &mut Findings) {
        let Some(pool) = call.pool.as_ref().filter(|pool| !self.component.pools.contains_key(*pool)) else {
            return;
        };
        let near = findings.suggestions.nearest(pool, self.component.pools.keys().map(String::as_str));
        let remedy = match near {
            Some(near) => format!("did you mean {near}?"),
            None => format!("add it to the pools of {:?}", self.component.id),
        };
        findings.problem(&path.key("pool"), format!("{:?} has no pool {pool:?}", self.component.id), remedy);
    }

    fn when(&self, call: &Call, outermost: bool, path: &Path, findings: &mut Findings) {
        let path = path.key("when");
        match call.when {
            Some(CallWhen::Hit | CallWhen::Miss) => {
                let caches = matches!(self.kind, None | Some(ComponentKind::Cache | ComponentKind::Cdn));
                if !outermost || !caches {
                    let text = "hit and miss stand only in a cache's or CDN's own calls";
                    findings.problem(
                        &path,
                        text,
                        "use on_miss on the call to the cache, or move the call to the cache",
                    );
                }
            }
            Some(CallWhen::Read | CallWhen::Write)
                if self.names.kind_of(&call.to).is_some_and(|kind| kind != ComponentKind::Database) =>
            {
                findings.problem(&path, format!("{:?} is no database to read or write", call.to), "leave when out");
            }
            _ => {}
        }
    }

    fn on_miss(&self, call: &Call, path: &Path, findings: &mut Findings) {
        if call.on_miss.is_empty() {
            return;
        }
        let path = path.key("on_miss");
        if self.names.kind_of(&call.to).is_some_and(|kind| kind != ComponentKind::Cache) {
            findings.problem(
                &path,
                format!("{:?} is no cache that could miss", call.to),
                "call a cache, or move these calls out",
            );
        }
        if self.read_through.contains(call.to.as_str()) {
            let text = format!("{:?} already calls on a miss by itself (when: miss)", call.to);
            findings.problem(&path, text, "keep one: on_miss here, or when: miss there");
        }
        if call.mode == Some(CallMode::Async) {
            findings.problem(&path, "nobody waits for the miss of an async call", "make the call sync");
        }
    }

    fn share(&self, call: &Call, outermost: bool, path: &Path, findings: &mut Findings) {
        let weighted = self.kind.is_none_or(|kind| kind == ComponentKind::LoadBalancer)
            && self.component.policy == Some(BalancePolicy::Weighted);
        if call.share.is_some() && !(weighted && outermost) {
            let text = "share stands only on the calls of a weighted load balancer";
            findings.problem(&path.key("share"), text, "remove it; per_request says how often a call is made");
        }
    }
}
