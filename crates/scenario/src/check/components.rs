//! Components: what belongs together within one of them.

use super::names::{Names, missing};
use super::problems::Findings;
use crate::path::Path;
use crate::v1::{
    Autoscale, AutoscaleMetric, BalancePolicy, Component, ComponentKind, HitRatio, LimiterAlgorithm, LimiterPer,
    Quantity,
};

pub(super) fn check(names: &Names, findings: &mut Findings) {
    let root = Path::ROOT;
    let list = root.key("components");
    for (i, component) in names.scenario.components.iter().enumerate() {
        let path = list.index(i);
        if let Some(zone) = &component.zone {
            names.want_zone(zone, &path.key("zone"), findings);
        }
        if let Some(service) = &component.service {
            super::service::check(service, &path.key("service"), findings);
        }
        if let Some(price) = &component.price {
            super::price::check(component, price, &path.key("price"), findings);
        }
        if let Some(autoscale) = &component.autoscale {
            check_autoscale(component, autoscale, &path, findings);
        }
        match names.kind(i) {
            Some(ComponentKind::LoadBalancer) => balancer(names, component, &path, findings),
            Some(ComponentKind::Cdn | ComponentKind::Cache) => cache(component, &path, findings),
            Some(ComponentKind::Database) => database(component, &path, findings),
            Some(ComponentKind::Queue) => queue(names, component, &path, findings),
            Some(ComponentKind::RateLimiter) => limiter(component, &path, findings),
            _ => {}
        }
    }
}

fn value(quantity: Option<&Quantity>, default: f64) -> f64 {
    quantity.map_or(default, |q| q.value)
}

fn check_autoscale(component: &Component, autoscale: &Autoscale, path: &Path, findings: &mut Findings) {
    let (min, max) = (autoscale.min.value, autoscale.max.value);
    let own = path.key("autoscale");
    if min > max {
        findings.problem(&own.key("min"), format!("min {min} is more than max {max}"), "give min <= max");
    } else if let Some(replicas) = component.replicas.as_ref().filter(|r| !(min..=max).contains(&r.value)) {
        let text = format!("{} replicas are outside of the autoscaler's {min} to {max}", replicas.value);
        findings.note(&path.key("replicas"), text, "the autoscaler moves them inside at its first decision");
    }
    let shares = !matches!(autoscale.metric, Some(AutoscaleMetric::QueueLengthPerReplica));
    if let Some(target) = autoscale.target.as_ref().filter(|target| shares && target.value > 1.0) {
        let text = format!("a target of {} can never be reached by a busy share", target.value);
        findings.problem(&own.key("target"), text, "give a ratio up to 1, such as 0.7");
    }
}

fn balancer(names: &Names, component: &Component, path: &Path, findings: &mut Findings) {
    let policy = component.policy.unwrap_or(BalancePolicy::RoundRobin);
    let callees = || component.calls.iter().filter_map(|call| names.component(&call.to));
    if policy == BalancePolicy::IpHash {
        match &component.skew {
            None => findings.problem(
                &path.key("skew"),
                "ip_hash has no skew",
                "give the share of the largest replica (1 / replicas when clients spread evenly)",
            ),
            Some(skew) => {
                for callee in callees().filter(|callee| callee.autoscale.is_none()) {
                    let replicas = value(callee.replicas.as_ref(), 1.0);
                    if skew.value * replicas < 1.0 - 1e-9 {
                        let text = format!(
                            "{} is less than an even share of the {replicas} replicas of {}",
                            skew.value, callee.id
                        );
                        findings.problem(&path.key("skew"), text, format!("give at least {}", 1.0 / replicas));
                    }
                }
            }
        }
    } else if component.skew.is_some() {
        findings.problem(&path.key("skew"), "skew belongs to ip_hash", "remove it, or set policy to ip_hash");
    }
    let has_shares = component.calls.iter().any(|call| call.share.is_some());
    if policy != BalancePolicy::Weighted {
        if !component.weights.is_empty() {
            findings.problem(
                &path.key("weights"),
                "weights belong to weighted",
                "remove them, or set policy to weighted",
            );
        }
        return;
    }
    match (component.weights.is_empty(), has_shares) {
        (true, false) => findings.problem(
            &path.key("weights"),
            "weighted has neither weights nor shares",
            "give one weight per replica, or a share on each call",
        ),
        (false, true) => findings.problem(
            &path.key("weights"),
            "weights over replicas and shares on calls exclude each other",
            "keep one of them",
        ),
        (false, false) => weights(component, callees(), path, findings),
        (true, true) => shares(names, component, path, findings),
    }
}

fn weights<'s>(
    component: &Component,
    callees: impl Iterator<Item = &'s Component>,
    path: &Path,
    findings: &mut Findings,
) {
    let path = path.key("weights");
    let count = component.weights.len();
    if component.weights.iter().sum::<f64>() <= 0.0 {
        findings.problem(&path, "every weight is 0", "give at least one weight above 0");
    }
    for callee in callees.filter(|callee| callee.autoscale.is_none()) {
        let replicas = value(callee.replicas.as_ref(), 1.0);
        if replicas != count as f64 {
            let text = format!("{count} weights do not fit the {replicas} replicas of {}", callee.id);
            findings.problem(&path, text, "give one weight per replica");
        }
    }
}

/// The shares of the calls that a class makes add up to 1.
fn shares(names: &Names, component: &Component, path: &Path, findings: &mut Findings) {
    for class in &names.scenario.traffic {
        let made = component.calls.iter().filter(|call| call.is_of(&class.id));
        let shares: Vec<f64> = made.filter_map(|call| call.share.as_ref().map(|share| share.value)).collect();
        let sum: f64 = shares.iter().sum();
        if !shares.is_empty() && (sum - 1.0).abs() > 1e-6 {
            let text = format!("the shares that {} gets add up to {sum}", class.id);
            findings.problem(&path.key("calls"), text, "give shares that add up to 1");
            return;
        }
    }
}

fn cache(component: &Component, path: &Path, findings: &mut Findings) {
    let hit_ratio = path.key("hit_ratio");
    match (&component.hit_ratio, component.kind) {
        (None, _) => findings.problem(&hit_ratio, "there is no hit ratio", "give a number from 0 to 1"),
        (Some(HitRatio::Keys(_)), ComponentKind::Cdn) => {
            findings.problem(
                &hit_ratio,
                "keys and capacity belong to a cache",
                "give a number from 0 to 1, or one per class",
            );
        }
        _ => {}
    }
    if component.nodes.is_some() && component.replicas.is_some() {
        let text = "a cache's replicas are its nodes; both are stated";
        findings.problem(&path.key("replicas"), text, "keep nodes");
    }
}

fn database(component: &Component, path: &Path, findings: &mut Findings) {
    let shards = value(component.shards.as_ref(), 1.0);
    if let Some(hot) = &component.hot_shard_share
        && hot.value * shards < 1.0 - 1e-9
    {
        let text = format!("{} is less than an even share of {shards} shards", hot.value);
        findings.problem(&path.key("hot_shard_share"), text, format!("give {} to 1", 1.0 / shards));
    }
}

fn queue(names: &Names, component: &Component, path: &Path, findings: &mut Findings) {
    if component.calls.is_empty() {
        findings.note(
            &path.key("calls"),
            "nobody handles the messages of this queue",
            "give it a call to its consumer",
        );
    }
    let Some(dead_letter) = &component.dead_letter else { return };
    let path = path.key("dead_letter");
    if *dead_letter == component.id {
        findings.problem(&path, "dead letters come back to the queue itself", "name another component");
    } else if !names.components.contains_key(dead_letter.as_str()) && !dead_letter.is_empty() {
        missing("component", dead_letter, names.components.keys().copied(), &path, findings);
    }
    if component.max_attempts.is_none() {
        findings.note(&path, "without max_attempts no message is ever given up", "give max_attempts");
    }
}

fn limiter(component: &Component, path: &Path, findings: &mut Findings) {
    if component.limit.is_none() {
        findings.problem(&path.key("limit"), "the limiter has no limit", "give the requests admitted per window");
    }
    if component.algorithm == Some(LimiterAlgorithm::Sliding) && component.burst.is_some() {
        findings.problem(
            &path.key("burst"),
            "a sliding window saves no tokens",
            "remove it, or set algorithm to token_bucket",
        );
    }
    let per_client = component.per == Some(LimiterPer::Client);
    if per_client && component.clients.is_none() {
        findings.problem(&path.key("clients"), "a limit per client needs clients", "give how many clients there are");
    }
    for (key, stated) in [("clients", component.clients.is_some()), ("client_zipf", component.client_zipf.is_some())] {
        if stated && !per_client {
            findings.problem(
                &path.key(key),
                format!("{key} belongs to a limit per client"),
                "remove it, or set per to client",
            );
        }
    }
}
