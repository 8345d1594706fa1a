//! Settings for other systems: Kubernetes, Prometheus alerts, JSON counts, CSV.

use crate::plan::Step;
use crate::result::ResultDoc;
use crate::text::percent;
use engine::model::System;
use scenario::edit::Edit;
use scenario::v1::{Autoscale, AutoscaleMetric, Component, ComponentKind};
use scenario::{Problem, Scenario};
use std::fmt::Write;

/// Where to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Deployment replicas and autoscalers as Kubernetes YAML.
    Kubernetes,
    /// An alert rule file for Prometheus.
    Prometheus,
    /// Counts by component, for Terraform and scripts.
    Json,
    /// The projection's figures.
    Csv,
}

/// Why there are no settings to write.
#[derive(Debug, Clone, PartialEq)]
pub enum Unwritten {
    /// All problems of the scenario, or what the closed form does not model.
    Bad(Vec<Problem>),
    /// Nothing meets the objectives at the multiple, or no settings alone do: an answer, the input is fine.
    Unmet(Problem),
}

impl From<Vec<Problem>> for Unwritten {
    fn from(problems: Vec<Problem>) -> Self {
        Self::Bad(problems)
    }
}

/// The scenario with the plan's changes.
struct Planned {
    scenario: Scenario,
    /// Settings among them that trade something, each with what it takes.
    trades: Vec<[String; 2]>,
}

/// Writes the settings that meet the objectives at a multiple.
///
/// # Errors
/// All problems of the scenario, what the closed form does not model, or that no settings meet the objectives there: nothing does, or
/// only with a change of the design, which none of the targets makes.
pub fn export(scenario: &Scenario, target: Target, multiple: f64) -> Result<String, Unwritten> {
    let planned = planned(scenario, multiple)?;
    let doc = crate::solve(&planned.scenario, &[multiple])?;
    Ok(match target {
        Target::Kubernetes => kubernetes(&planned, multiple),
        Target::Prometheus => prometheus(&planned, &scenario::lower(&planned.scenario)?, &doc, multiple),
        Target::Json => json(&planned, multiple),
        Target::Csv => crate::text::csv(&doc),
    })
}

/// The scenario with the plan's changes for the multiple. Numbers that hold only after a change of the design are not written:
/// whoever applies them has not made that change.
fn planned(scenario: &Scenario, multiple: f64) -> Result<Planned, Unwritten> {
    let mut planned = Planned { scenario: scenario.clone(), trades: Vec::new() };
    for step in crate::plan::steps(scenario, &[multiple])? {
        if !step.feasible {
            let remedy = "choose a smaller multiple, or relax the objective";
            return Err(Unwritten::Unmet(Problem::new("growth", step.text, remedy)));
        }
        planned.trades = trades(&step);
        if !step.designs.is_empty() && !only_settings(&step) {
            let designs: Vec<String> =
                planned.trades.iter().map(|[what, caution]| format!("{what} ({caution})")).collect();
            let text = format!(
                "at {}: no settings alone meet the objectives; the plan's also need {}, which an export does not make",
                crate::headline::times(multiple),
                designs.join(" and ")
            );
            let remedy =
                "put that change into the scenario with your own figures and export that, or choose a smaller multiple";
            return Err(Unwritten::Unmet(Problem::new("growth", text, remedy)));
        }
        if let Some(edit) = step.edit {
            planned.scenario = crate::plan::apply(scenario, &[edit])?;
        }
    }
    Ok(planned)
}

fn trades(step: &Step) -> Vec<[String; 2]> {
    step.designs.iter().cloned().zip(step.cautions.iter().cloned()).map(|(what, caution)| [what, caution]).collect()
}

/// Whether all that a step changes beside its numbers are an autoscaler's, which are settings too.
fn only_settings(step: &Step) -> bool {
    let numbers: Vec<&Edit> = step.changes.iter().filter_map(|change| change.edit.as_ref()).collect();
    let scaling = |edit: &Edit| match edit {
        Edit::Set { path, .. } => path.rsplit('.').nth(1) == Some("autoscale"),
        _ => false,
    };
    let fine = |edit: &Edit| numbers.contains(&edit) || scaling(edit);
    match &step.edit {
        Some(Edit::Many(edits)) => edits.iter().all(fine),
        Some(edit) => fine(edit),
        None => true,
    }
}

/// What the settings trade, as comments.
fn traded(planned: &Planned) -> String {
    let said = |[what, caution]: &[String; 2]| format!("# Part of it: {}; {}.\n", line(what), line(caution));
    planned.trades.iter().map(said).collect()
}

fn services(scenario: &Scenario) -> impl Iterator<Item = &Component> {
    scenario.components.iter().filter(|c| c.kind == ComponentKind::Service)
}

fn kubernetes(planned: &Planned, multiple: f64) -> String {
    let scenario = &planned.scenario;
    let mut out =
        format!("# Settings that meet the objectives of {} at {multiple} times its load.\n", line(&scenario.name));
    out.push_str(&traded(planned));
    for component in services(scenario) {
        let replicas = component.replicas.as_ref().map_or(1.0, |r| r.value);
        let id = kube_name(&component.id);
        match &component.autoscale {
            Some(scale) => {
                let by_cpu = matches!(scale.metric, None | Some(AutoscaleMetric::Cpu));
                let cores = component.cpu_cores.as_ref().filter(|_| by_cpu).map_or_else(String::new, |cores| {
                    format!("# Its share is of the CPU requests: {} a replica.\n", cores.value)
                });
                let _ = write!(
                    out,
                    "---\n{cores}apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: {id}\nspec:\n  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: {id}\n  minReplicas: {}\n  maxReplicas: {}\n  metrics:\n{}  behavior:\n    scaleDown:\n      stabilizationWindowSeconds: {:.0}\n",
                    scale.min.value,
                    scale.max.value,
                    metric(scale),
                    scale.stabilization_down_s.as_ref().map_or(300.0, |s| s.value)
                );
            }
            None => {
                let _ = write!(
                    out,
                    "---\n# kubectl patch deployment {id} --patch-file <this document>\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {id}\nspec:\n  replicas: {replicas}\n"
                );
            }
        }
    }
    out
}

/// What an autoscaler watches, as `autoscaling/v2` says it. Slots and queue length need a metrics adapter that serves these names.
fn metric(scale: &Autoscale) -> String {
    let target = scale.target.as_ref().map_or(0.7, |target| target.value);
    let of_pods = |name: &str, value: String| {
        format!(
            "    - type: Pods\n      pods:\n        metric:\n          name: {name}\n        target:\n          type: AverageValue\n          averageValue: {value}\n"
        )
    };
    match scale.metric {
        Some(AutoscaleMetric::Slots) => of_pods("slots_in_use_ratio", format!("{:.0}m", 1000.0 * target)),
        Some(AutoscaleMetric::QueueLengthPerReplica) => of_pods("queue_length", format!("{:.0}m", 1000.0 * target)),
        Some(AutoscaleMetric::Cpu) | None => format!(
            "    - type: Resource\n      resource:\n        name: cpu\n        target:\n          type: Utilization\n          averageUtilization: {:.0}\n",
            100.0 * target
        ),
    }
}

/// An id as a name that Kubernetes takes (RFC 1123: no dash at its ends, 63 characters) and YAML reads as a text.
fn kube_name(id: &str) -> String {
    let name: String = id.trim_matches('-').chars().take(63).collect();
    let name = name.trim_end_matches('-');
    let other = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"].contains(&name);
    let bare = name.starts_with(|c: char| c.is_ascii_lowercase()) && !other;
    if bare { name.to_owned() } else { format!("\"{name}\"") }
}

/// One line of a comment: no line breaks from a name.
fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn prometheus(planned: &Planned, system: &System, doc: &ResultDoc, multiple: f64) -> String {
    let scenario = &planned.scenario;
    let mut out = format!(
        "# Alert rules from the objectives, for the settings that meet them at {multiple} times the load.\n{}# Metric and label names are the usual ones: change them to yours.\ngroups:\n  - name: headroom\n    rules:\n",
        traded(planned)
    );
    let mut rule = |name: String, expression: String, minutes: u32, text: String| {
        let expression = expression.replace('\'', "''");
        let _ = write!(
            out,
            "      - alert: {name}\n        expr: '{expression}'\n        for: {minutes}m\n        labels:\n          severity: page\n        annotations:\n          summary: \"{}\"\n",
            line(&text).replace('\\', "\\\\").replace('"', "\\\"")
        );
    };
    for slo in &scenario.slos {
        if let (Some(class), Some(percentile), Some(ms)) = (&slo.traffic, slo.percentile, slo.latency_ms) {
            rule(
                camel(&[class, "latency"]),
                format!(
                    "histogram_quantile({}, sum by (le) (rate(http_request_duration_seconds_bucket{{traffic=\"{class}\"}}[5m]))) > {}",
                    percentile / 100.0,
                    ms / 1000.0
                ),
                5,
                format!("{class}: p{percentile} above {ms} ms"),
            );
        } else if let (Some(class), Some(ratio)) = (&slo.traffic, slo.max_error_ratio) {
            rule(
                camel(&[class, "errors"]),
                format!(
                    "sum(rate(http_requests_total{{traffic=\"{class}\",status=~\"5..\"}}[5m])) / sum(rate(http_requests_total{{traffic=\"{class}\"}}[5m])) > {ratio}"
                ),
                5,
                format!("{class}: more than {} % errors", percent(ratio)),
            );
        } else if let (Some(component), Some(ratio)) = (&slo.component, slo.max_utilization) {
            rule(
                camel(&[component, "busy"]),
                format!("utilization{{component=\"{component}\"}} > {ratio}"),
                10,
                format!("{component}: more than {} % busy", percent(ratio)),
            );
        } else if let (Some(component), Some(age)) = (&slo.component, slo.max_backlog_age_s) {
            // By Little's law the objective's age is this many messages at the rate of the chosen multiple.
            let rate = doc.points.first().and_then(|p| p.components.get(component)).map_or(0.0, |c| c.visits_rps);
            rule(
                camel(&[component, "backlog"]),
                format!("rabbitmq_queue_messages_ready{{queue=\"{component}\"}} > {:.0}", (age * rate).ceil()),
                5,
                format!("{component}: messages older than {age} s at {rate:.1} a second"),
            );
        }
    }
    // The load at which something breaks, a tenth before it: the warning that leaves time.
    if let Some(multiple) = doc.headroom.as_ref().and_then(|h| h.multiple) {
        let reached = doc.points.first().map_or(1.0, |p| p.multiple);
        for class in &system.classes {
            let Some(offered) = doc.points.first().and_then(|p| p.classes.get(&class.id)).map(|c| c.offered_rps) else {
                continue;
            };
            // A class follows the business by its own growth; of one that stays the rate says nothing of how far it has grown.
            let by_then = class.load_factor(reached);
            if class.growth <= 0.0 || by_then <= 0.0 {
                continue;
            }
            let limit = offered * class.load_factor(0.9 * multiple) / by_then;
            rule(
                camel(&[&class.id, "headroom"]),
                format!("sum(rate(http_requests_total{{traffic=\"{}\"}}[5m])) > {limit:.3}", class.id),
                30,
                format!("{}: within a tenth of {}, where something breaks", class.id, crate::headline::times(multiple)),
            );
        }
    }
    for component in &scenario.components {
        for (pool, size) in &component.pools {
            rule(
                camel(&[&component.id, pool, "pool"]),
                format!(
                    "db_pool_in_use{{app=\"{}\",pool=\"{}\"}} > {:.1}",
                    component.id,
                    label_value(pool),
                    0.8 * size.value
                ),
                5,
                format!("{}: pool {pool} more than 80 % in use", component.id),
            );
        }
    }
    out
}

/// A name inside a quoted text of PromQL, on one line of YAML.
fn label_value(name: &str) -> String {
    let mut out = String::new();
    for character in name.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            // YAML takes none of them as they are, or ends a line there.
            '\u{2028}' | '\u{2029}' | '\u{feff}' => _ = write!(out, "\\u{:04x}", u32::from(character)),
            control if control.is_control() => _ = write!(out, "\\u{:04x}", u32::from(control)),
            plain => out.push(plain),
        }
    }
    out
}

fn camel(parts: &[&str]) -> String {
    let mut name = String::new();
    for word in parts.iter().flat_map(|p| p.split(|c: char| !c.is_ascii_alphanumeric())).filter(|w| !w.is_empty()) {
        let mut letters = word.chars();
        name.extend(letters.next().map(|c| c.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

/// A whole number without a point, so that Terraform's `number` and `count` take it as it is.
fn whole(value: f64) -> serde_json::Value {
    if value.fract() == 0.0 && value.abs() < 9e15 { serde_json::json!(value as i64) } else { serde_json::json!(value) }
}

/// Counts by component. As a file named `….auto.tfvars.json` it sets Terraform's variables `scenario`, `multiple` and `components`.
fn json(planned: &Planned, multiple: f64) -> String {
    let scenario = &planned.scenario;
    let counts: serde_json::Map<String, serde_json::Value> = scenario
        .components
        .iter()
        .map(|c| {
            let number = |q: &Option<scenario::v1::Quantity>| q.as_ref().map(|q| q.value);
            let mut entry = serde_json::Map::new();
            for (key, value) in [
                ("replicas", number(&c.replicas)),
                ("concurrency", number(&c.concurrency)),
                ("cpu_cores", number(&c.cpu_cores)),
                ("concurrency_limit", number(&c.concurrency_limit)),
                ("consumers", number(&c.consumers)),
                ("partitions", number(&c.partitions)),
                ("nodes", number(&c.nodes)),
                ("cores", number(&c.cores)),
                ("read_replicas", number(&c.read_replicas)),
                ("shards", number(&c.shards)),
            ] {
                if let Some(value) = value {
                    entry.insert(key.into(), whole(value));
                }
            }
            if !c.pools.is_empty() {
                let pools: serde_json::Map<_, _> =
                    c.pools.iter().map(|(name, size)| (name.clone(), whole(size.value))).collect();
                entry.insert("pools".into(), pools.into());
            }
            if let Some(scale) = &c.autoscale {
                let mut bounds = serde_json::json!({"min": whole(scale.min.value), "max": whole(scale.max.value)});
                if let Some(target) = &scale.target {
                    bounds["target"] = whole(target.value);
                }
                entry.insert("autoscale".into(), bounds);
            }
            (c.id.clone(), entry.into())
        })
        .collect();
    let mut document =
        serde_json::json!({"scenario": scenario.name, "multiple": whole(multiple), "components": counts});
    if !planned.trades.is_empty() {
        let trade = |[what, caution]: &[String; 2]| serde_json::json!({"what": what, "caution": caution});
        document["designs"] = planned.trades.iter().map(trade).collect();
    }
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_speaks_of_the_planned_system() {
        let text = include_str!("../../../tests/fixtures/shop-stack/scenario.json");
        let mut shop: Scenario = serde_json::from_str(text).unwrap();
        assert!(crate::address::write(&mut shop, "components.receipt-worker.service.mean_ms", &60.0.into()));
        let rows = [
            (Target::Kubernetes, "name: receipt-worker\nspec:\n  replicas: 3\n"),
            (
                Target::Prometheus,
                "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{traffic=\"browse\"}[5m]))) > 0.1",
            ),
            (Target::Prometheus, "rabbitmq_queue_messages_ready{queue=\"receipts\"} > 1440"),
            (Target::Json, "\"receipt-worker\": {\n      \"concurrency\": 1,\n      \"replicas\": 3"),
            (Target::Prometheus, "alert: BrowseHeadroom"),
            // Of the planned system: two workers would be 144 % busy.
            (Target::Csv, "8,class,browse,offered_rps,192,"),
            (Target::Csv, "8,component,receipt-worker,utilization,0.96"),
        ];
        for (target, want) in rows {
            let got = export(&shop, target, 8.0).unwrap();
            assert!(got.contains(want), "{target:?}: {got}");
        }
    }
}
