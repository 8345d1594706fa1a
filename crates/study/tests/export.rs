//! What is exported, read back by a parser of its format, says what the planned scenario says.
#![allow(clippy::unwrap_used)]

use ingest::read::yaml;
use scenario::Scenario;
use serde_json::{Value, json};
use study::export::{Target, Unwritten, export};

/// Twice the load is 80 a second that hold a slot for 20 ms of work and 5 ms of a call: 2 slots' work, three replicas. The callee
/// scales by itself. One name ends as none of Kubernetes may, one YAML would take for a truth.
fn shop() -> Scenario {
    let value = json!({
        "format": "headroom/1", "name": "shop\nof two lines",
        "traffic": [{"id": "browse", "entry": "web-app-", "arrivals": {"open": {"rate": 40}}}],
        "components": [
            {"id": "web-app-", "kind": "service", "concurrency": 1, "service": {"mean_ms": 20}, "pools": {"pg": 8, "pg: \"main\" it's": 4},
             "calls": [{"to": "on", "pool": "pg"}, {"to": "jobs", "mode": "async"}], "price": {"per_replica_hour": 0.1}},
            {"id": "on", "kind": "service", "concurrency": 64, "cpu_cores": 1, "service": {"mean_ms": 5},
             "autoscale": {"min": 1, "max": 3, "target": 0.6, "stabilization_down_s": 120}},
            {"id": "jobs", "kind": "queue", "consumers": 8, "calls": [{"to": "worker"}]},
            {"id": "worker", "kind": "service", "concurrency": 4, "service": {"mean_ms": 5},
             "autoscale": {"min": 2, "max": 9, "metric": "queue_length_per_replica", "target": 20}}],
        "slos": [{"traffic": "browse", "percentile": 99, "latency_ms": 900}, {"traffic": "browse", "max_error_ratio": 0.02},
                 {"component": "on", "max_utilization": 0.9}, {"component": "jobs", "max_backlog_age_s": 30}],
        "growth": {"multiples": [1, 2]}
    });
    scenario::parse_value(value).unwrap().scenario
}

/// All documents of an export; nothing of it may be unreadable.
fn documents(target: Target) -> Vec<Value> {
    let text = export(&shop(), target, 2.0).unwrap();
    let found = yaml::documents(&text);
    assert_eq!(found.stopped, None, "{text}");
    found.values
}

#[test]
fn kubernetes_reads_the_planned_numbers() {
    let found = documents(Target::Kubernetes);
    let rows = [
        (0, "/kind", json!("Deployment")),
        (0, "/metadata/name", json!("web-app")),
        (0, "/spec/replicas", json!(3)),
        (1, "/apiVersion", json!("autoscaling/v2")),
        (1, "/kind", json!("HorizontalPodAutoscaler")),
        (1, "/metadata/name", json!("on")),
        (1, "/spec/scaleTargetRef/name", json!("on")),
        (1, "/spec/minReplicas", json!(1)),
        (1, "/spec/maxReplicas", json!(3)),
        (1, "/spec/metrics/0/resource/name", json!("cpu")),
        (1, "/spec/metrics/0/resource/target/averageUtilization", json!(60)),
        (1, "/spec/behavior/scaleDown/stabilizationWindowSeconds", json!(120)),
        (2, "/spec/minReplicas", json!(2)),
        (2, "/spec/maxReplicas", json!(9)),
        (2, "/spec/metrics/0/pods/metric/name", json!("queue_length")),
        (2, "/spec/metrics/0/pods/target/averageValue", json!("20000m")),
    ];
    assert_eq!(found.len(), 3, "{found:?}");
    for (document, path, wanted) in rows {
        assert_eq!(found[document].pointer(path), Some(&wanted), "{path} of {}", found[document]);
    }
    // What the importer of manifests reads is what was written.
    let text = export(&shop(), Target::Kubernetes, 2.0).unwrap();
    let ingest::Outcome::Measured(read) = ingest::import_bytes("k8s.yaml", text.as_bytes()) else {
        unreachable!("{text}")
    };
    let of = |name: &str| read.resources.iter().find(|r| r.name == name).unwrap();
    assert_eq!(of("web-app").figures["replicas"], 3.0);
    assert_eq!((of("on").figures["autoscale_min"], of("on").figures["autoscale_max"]), (1.0, 3.0));
}

#[test]
fn prometheus_reads_a_rule_for_every_objective() {
    let found = documents(Target::Prometheus);
    let rules = found[0].pointer("/groups/0/rules").and_then(Value::as_array).unwrap();
    let rows = [
        (
            "BrowseLatency",
            "histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{traffic=\"browse\"}[5m]))) > 0.9",
        ),
        ("BrowseErrors", "/ sum(rate(http_requests_total{traffic=\"browse\"}[5m])) > 0.02"),
        ("OnBusy", "utilization{component=\"on\"} > 0.9"),
        // 30 s at 80 messages a second.
        ("JobsBacklog", "rabbitmq_queue_messages_ready{queue=\"jobs\"} > 2400"),
        // A name that is neither YAML nor PromQL as it stands.
        ("WebAppPgMainItSPool", r#"db_pool_in_use{app="web-app-",pool="pg: \"main\" it's"} > 3.2"#),
        ("WebAppPgPool", "db_pool_in_use{app=\"web-app-\",pool=\"pg\"} > 6.4"),
    ];
    for (name, expression) in rows {
        let rule = rules.iter().find(|rule| rule["alert"] == name).unwrap_or(&Value::Null);
        let found = rule["expr"].as_str().unwrap_or_default();
        assert!(found.contains(expression), "{name}: {found:?} of {rules:?}");
        assert!(rule["for"].as_str().unwrap().ends_with('m') && !rule["annotations"]["summary"].is_null(), "{rule}");
    }
}

#[test]
fn counts_and_figures_are_whole() {
    let counts: Value = serde_json::from_str(&export(&shop(), Target::Json, 2.0).unwrap()).unwrap();
    for (path, wanted) in [
        ("/multiple", json!(2)),
        ("/components/web-app-/replicas", json!(3)),
        ("/components/web-app-/pools/pg", json!(8)),
        ("/components/on/autoscale/max", json!(3)),
        ("/components/jobs/consumers", json!(8)),
    ] {
        assert_eq!(counts.pointer(path), Some(&wanted), "{path} of {counts}");
    }
    let table = export(&shop(), Target::Csv, 2.0).unwrap();
    let columns = table.lines().next().unwrap().split(',').count();
    assert!(columns >= 5 && table.lines().skip(1).all(|line| line.split(',').count() >= columns), "{table}");
    let offered: Vec<&str> = table.lines().filter(|line| line.contains(",browse,offered_rps,")).collect();
    assert!(offered.len() == 1 && offered[0].starts_with("2,class,browse,offered_rps,80"), "{offered:?}");
}

/// 50 requests a second to a part of 20 ms, beside a quota of 100/s that it may call.
fn designed(multiple: f64, front: Value, slos: Value) -> Vec<Result<String, Unwritten>> {
    let value = json!({"format": "headroom/1", "name": "q", "growth": {"multiples": [1]}, "slos": slos,
        "traffic": [{"id": "u", "entry": "w", "arrivals": {"open": {"rate": 50}}}],
        "components": [front, {"id": "e", "kind": "external", "service": {"mean_ms": 40}, "rate_limit": 100}]});
    let scenario = scenario::parse_value(value).unwrap().scenario;
    [Target::Kubernetes, Target::Prometheus, Target::Json, Target::Csv]
        .map(|target| export(&scenario, target, multiple))
        .into()
}

/// Numbers that hold only behind a CDN nobody has are not written as settings; an autoscaler's target is one, and is named.
#[test]
fn what_settings_alone_do_not_reach_is_refused_with_its_assumption() {
    let slos =
        json!([{"traffic": "u", "percentile": 95, "latency_ms": 600}, {"traffic": "u", "max_error_ratio": 0.01}]);
    let slots = json!({"id": "w", "kind": "service", "replicas": 2, "concurrency": 8, "service": {"mean_ms": 20},
        "calls": [{"to": "e"}]});
    for found in designed(2.5, slots.clone(), slos.clone()) {
        let Err(Unwritten::Unmet(problem)) = found else { unreachable!("{found:?}") };
        let said = problem.to_string();
        for wanted in ["at 2.5×: no settings alone", "a CDN before u that answers 50 % of it", "are assumed"] {
            assert!(said.contains(wanted), "{said}");
        }
    }
    assert!(designed(1.0, slots, slos).iter().all(Result::is_ok));
    // 200 a second keep four slots busy: five replicas at 90 %, and too slow so.
    let scaled = json!({"id": "w", "kind": "service", "concurrency": 1, "service": {"mean_ms": 20},
        "autoscale": {"min": 1, "max": 20, "target": 0.9, "metric": "slots"}});
    let few = json!([{"traffic": "u", "percentile": 95, "latency_ms": 66}]);
    let [yaml, rules, counts, table] = &designed(4.0, scaled, few)[..] else { unreachable!() };
    for written in [yaml, rules] {
        assert!(written.as_ref().unwrap().contains("\n# Part of it: w scales at "), "{written:?}");
    }
    let counts: Value = serde_json::from_str(counts.as_ref().unwrap()).unwrap();
    assert!(counts["designs"][0]["what"].as_str().unwrap().starts_with("w scales at "), "{counts}");
    let target = counts["components"]["w"]["autoscale"]["target"].as_f64().unwrap();
    assert!(
        target < 0.85 && yaml.as_ref().unwrap().contains(&format!("averageValue: {:.0}m", 1000.0 * target)),
        "{counts}"
    );
    assert!(table.as_ref().unwrap().contains("4,class,u,offered_rps,200,"), "{table:?}");
}
