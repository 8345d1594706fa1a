//! What a simulation says of money, losses and slow requests, against the closed form and against what follows from the
//! definition.

use scenario::v1::Scenario;
use study::result::{Point, ResultDoc};
use study::simulate::{SimulateOptions, Warmup, merge, simulate};

fn scenario(text: &str) -> Scenario {
    scenario::parse(text).unwrap_or_else(|problems| panic!("{problems:?}")).scenario
}

fn options(seconds: f64) -> SimulateOptions {
    SimulateOptions { seconds, replications: 4, warmup: Warmup::Seconds(5.0), ..SimulateOptions::default() }
}

fn point(text: &str) -> Point {
    let document = simulate(&scenario(text), &options(200.0));
    document.unwrap_or_else(|problems| panic!("{problems:?}")).points.remove(0)
}

fn near(name: &str, got: f64, want: f64, tolerance: f64) {
    assert!((got / want - 1.0).abs() <= tolerance, "{name}: {got}, not {want}");
}

/// Two replicas, served queries, bytes on the way, GB-seconds of a function, a fixed cost.
const PRICED: &str = r#"{"format": "headroom/1", "name": "priced", "currency": "USD",
  "traffic": [{"id": "web", "entry": "app", "arrivals": {"open": {"rate": 200, "cv": 1}}}],
  "components": [
    {"id": "app", "kind": "service", "concurrency": 16, "replicas": 2, "service": {"mean_ms": 10, "cv": 1},
     "price": {"per_replica_hour": 0.1},
     "calls": [{"to": "db", "per_request": 0.5}, {"to": "files", "kb": 10}, {"to": "resize", "per_request": 0.1}]},
    {"id": "db", "kind": "database", "cores": 4, "service": {"mean_ms": 5, "cv": 1}, "price": {"per_million_requests": 1}},
    {"id": "files", "kind": "external", "service": {"mean_ms": 1, "cv": 0}, "price": {"per_gb_transfer": 0.05}},
    {"id": "resize", "kind": "function", "memory_gb": 2, "service": {"mean_ms": 100, "cv": 1}, "price": {"per_gb_second": 0.00001}}],
  "costs": [{"id": "support", "monthly": 300, "drive": "fixed"}], "slos": [{"max_monthly_cost": 1000}, {"max_monthly_cost": 1200}]}"#;

#[test]
fn a_month_costs_what_is_used() {
    let point = point(PRICED);
    let seconds = 730.0 * 3600.0;
    let parts = [
        ("app", 2.0 * 0.1 * 730.0, 1e-9),
        ("db", 100.0 * seconds / 1e6, 0.02),
        ("files", 200.0 * 10.0 / 1e6 * seconds * 0.05, 0.02),
        ("resize", 20.0 * 0.1 * 2.0 * seconds * 0.00001, 0.05),
    ];
    let mut all = 300.0;
    for (id, monthly, tolerance) in parts {
        near(id, point.components[id].monthly_cost.expect("priced"), monthly, tolerance);
        all += monthly;
    }
    near("monthly", point.cost.monthly, all, 0.02);
    near("run", point.cost.run.expect("simulated"), all * 200.0 / seconds, 0.02);
    assert_eq!((point.cost.fixed, point.cost.stepped), (300.0, 146.0));
    let interval = point.cost.ci95.as_ref().expect("four replications")["monthly"];
    assert!(interval[0] < point.cost.monthly && point.cost.monthly < interval[1]);
    near("per million", point.cost.per_million_requests.expect("requests"), all / (200.0 * seconds) * 1e6, 0.02);
    assert_eq!(point.slos.iter().map(|s| s.met).collect::<Vec<_>>(), [false, true]);
    let solved = study::solve(&scenario(PRICED), &[1.0]).expect("solved");
    near("closed form", point.cost.monthly, solved.points[0].cost.monthly, 0.02);
}

/// 60/s at 10 ms: 0.6 slots busy in all; what is left after a loss must stay at most half busy.
#[test]
fn surviving_a_loss_is_played() {
    let text = |replicas: u32, database: &str| {
        format!(
            r#"{{"format": "headroom/1", "name": "x", "traffic": [{{"id": "web", "entry": "app", "arrivals": {{"open": {{"rate": 60, "cv": 1}}}}}}],
            "components": [{{"id": "app", "kind": "service", "concurrency": 1, "replicas": {replicas}, "service": {{"mean_ms": 10, "cv": 1}},
              "calls": [{{"to": "db"}}]}},
              {{"id": "db", "kind": "database", "cores": 8, {database} "service": {{"mean_ms": 0, "cv": 0}}}}],
            "slos": [{{"component": "app", "max_utilization": 0.5}}, {{"survive": "replica"}}]}}"#
        )
    };
    for (replicas, database, met) in [
        (3, "\"read_replicas\": 1,", [true, true]),
        (2, "\"read_replicas\": 1,", [true, false]),
        // The only node of the database.
        (3, "", [true, false]),
    ] {
        let text = text(replicas, database);
        let point = point(&text);
        assert_eq!(point.slos.iter().map(|s| s.met).collect::<Vec<_>>(), met, "{replicas} {database}");
        assert_eq!(point.feasible, met[1]);
        // Shards split the losses as they split the replications.
        let whole =
            serde_json::to_string(&simulate(&scenario(&text), &options(20.0)).expect("simulated")).expect("text");
        let parts: Vec<ResultDoc> = (0..3)
            .map(|index| {
                let part = SimulateOptions { shard: Some((index, 3)), ..options(20.0) };
                let text = serde_json::to_string(&simulate(&scenario(&text), &part).expect("simulated")).expect("text");
                serde_json::from_str(&text).expect("read back")
            })
            .collect();
        assert_eq!(serde_json::to_string(&merge(&parts).expect("merged")).expect("text"), whole);
    }
}

/// Two slots of 40 ms a replica and 50/s: two replicas run, or three, and what is left has to do, whatever the budget says.
#[test]
fn an_autoscaler_does_not_replace_what_is_lost() {
    for (least, survived) in [(2, false), (3, true)] {
        let text = format!(
            r#"{{"format": "headroom/1", "name": "x", "traffic": [{{"id": "web", "entry": "app", "arrivals": {{"open": {{"rate": 50, "cv": 1}}}}}}],
            "components": [{{"id": "app", "kind": "service", "concurrency": 2, "service": {{"mean_ms": 40, "cv": 1}},
              "price": {{"per_replica_hour": 1}}, "autoscale": {{"min": {least}, "max": 6, "metric": "slots", "target": 0.6}}}}],
            "slos": [{{"traffic": "web", "percentile": 95, "latency_ms": 200}}, {{"survive": "replica"}}, {{"max_monthly_cost": 1000}}]}}"#
        );
        let point = point(&text);
        assert_eq!(point.slos.iter().map(|s| s.met).collect::<Vec<_>>(), [true, survived, false], "{least}");
        let solved = study::solve(&scenario(&text), &[1.0]).expect("solved").points.remove(0);
        assert_eq!(solved.slos.iter().map(|s| s.met).collect::<Vec<_>>(), [true, survived, false], "{least}");
    }
}

/// A slot of 10 ms at 0.8: the slow requests wait, and what they spent sums to their response.
#[test]
fn slow_requests_say_what_killed_them() {
    let point = point(
        r#"{"format": "headroom/1", "name": "x", "traffic": [{"id": "web", "entry": "app", "arrivals": {"open": {"rate": 80, "cv": 1}}}],
        "components": [{"id": "app", "kind": "service", "service": {"mean_ms": 1, "cv": 0}, "pools": {"pg": 2}, "calls": [{"to": "db", "pool": "pg", "network_ms": 1}]},
          {"id": "db", "kind": "service", "concurrency": 1, "service": {"mean_ms": 10, "cv": 1}}]}"#,
    );
    let slow = point.classes["web"].slow.as_ref().expect("followed");
    let p99 = point.classes["web"].latency_ms.as_ref().expect("stable")["p99"];
    assert!(slow.requests > 10 && slow.from_ms > 0.5 * p99 && slow.from_ms < 2.0 * p99, "{} {p99}", slow.from_ms);
    assert!(slow.samples.iter().all(|s| s.latency_ms >= slow.from_ms && s.spans.len() == 2));
    let total: f64 = slow.waterfall.iter().map(|h| h.ms).sum();
    let of = |component: &str, what: &str| {
        slow.waterfall.iter().find(|h| h.component == component && h.what == what).map_or(0.0, |h| h.ms)
    };
    near("own time", of("app", "own"), 1.0, 1e-6);
    near("network", of("db", "network"), 1.0, 1e-6);
    assert!(of("app", "pool:pg") + of("db", "queue") > 0.5 * total, "{:?}", slow.waterfall);
    assert!(total >= slow.from_ms);
    let sample = &slow.samples[0].spans[1];
    assert_eq!((sample.component.as_str(), sample.pool.as_deref(), sample.parent), ("db", Some("pg"), Some(0)));
}
