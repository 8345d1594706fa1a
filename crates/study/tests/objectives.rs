//! Every kind of objective: its margin today, the multiple and the month in which it breaks, by hand; and what a request and a user
//! cost along growth.
#![allow(clippy::unwrap_used)]

use scenario::Scenario;
use serde_json::{Value, json};

/// Three classes that share nothing: an API with four slots, a counter with one, a queue with two consumers; growth of 8 % a month from
/// 15 January 2026.
fn apart(slos: &Value) -> Scenario {
    let class =
        |id: &str, entry: &str, rate: u32| json!({"id": id, "entry": entry, "arrivals": {"open": {"rate": rate}}});
    let value = json!({"format": "headroom/1", "name": "apart", "as_of": "2026-01-15",
        "traffic": [
            {"id": "a", "entry": "api", "arrivals": {"open": {"rate": 100}}, "active_users": 5000},
            class("b", "counter", 20), class("c", "jobs", 10), class("d", "cold", 20)],
        "components": [
            {"id": "api", "kind": "service", "concurrency": 4, "service": {"mean_ms": 10}, "calls": [{"to": "geo", "mode": "async"}],
             "price": {"per_replica_hour": 0.1, "per_million_requests": 2}},
            {"id": "geo", "kind": "external", "service": {"mean_ms": 1}},
            {"id": "counter", "kind": "service", "concurrency": 1, "service": {"mean_ms": 10}, "failure_ratio": 0.01},
            {"id": "jobs", "kind": "queue", "consumers": 2, "calls": [{"to": "worker"}]},
            {"id": "worker", "kind": "service", "replicas": 2, "concurrency": 1, "service": {"mean_ms": 50}},
            {"id": "cold", "kind": "function", "service": {"mean_ms": 60}, "cold_start_ms": 1500, "idle_timeout_s": 30}],
        "slos": slos, "growth": {"multiples": [1, 5], "per_month": 0.08}});
    scenario::parse_value(value).unwrap().scenario
}

/// The objective, its margin at 1x, the multiple at which it breaks (none: holds to 5x), and how near; the month follows.
#[test]
fn margins_and_breaks_by_hand() {
    type Row = (Value, Option<f64>, Option<f64>, f64);
    let rows: [Row; 7] = [
        // A quarter of four slots is busy.
        (json!({"component": "api", "max_utilization": 0.7}), Some(0.45 / 0.7), Some(2.8), 1e-3),
        // M/M/1: the 95th percentile is ln 20 / (100 - 20 m).
        (
            json!({"traffic": "b", "percentile": 95, "latency_ms": 60}),
            Some(1.0 - 20.0_f64.ln() / 80.0 / 0.06),
            Some((100.0 - 20.0_f64.ln() / 0.06) / 20.0),
            2e-3,
        ),
        // One of a hundred fails, until the slot is full: then most get no answer at all.
        (json!({"traffic": "b", "max_error_ratio": 0.02}), Some(0.5), Some(5.0), 1e-3),
        // Two consumers of 50 ms take 40 a second, four times what arrives; half of it is left with one of them.
        (json!({"component": "jobs", "max_backlog_age_s": 5}), None, Some(4.0), 0.03),
        // 73 for the replica and 2 for each of 262.8 millions.
        (json!({"max_monthly_cost": 1500}), Some(1.0 - 598.6 / 1500.0), Some((1500.0 - 73.0) / 525.6), 1e-3),
        (json!({"component": "worker", "max_utilization": 0.5}), Some(0.5), Some(2.0), 1e-3),
        // Warm from 20 requests a second on: missed at a tenth of it, and no end of growth.
        (json!({"traffic": "d", "percentile": 95, "latency_ms": 300}), None, None, 0.0),
    ];
    let slos = Value::Array(rows.iter().map(|row| row.0.clone()).collect());
    let doc = study::solve(&apart(&slos), &[1.0]).unwrap();
    for (place, (objective, margin, breaks, tolerance)) in rows.iter().enumerate() {
        let (point, found) = (&doc.points[0].slos[place], &doc.objectives[place]);
        assert!(point.met && (point.index, found.index) == (place, place), "{objective}: {point:?}");
        if let Some(margin) = margin {
            assert!((point.margin.unwrap() - margin).abs() < 2e-3, "{objective}: {point:?} is not {margin}");
        }
        match (found.multiple, *breaks) {
            (Some(multiple), Some(wanted)) => {
                assert!((multiple / wanted - 1.0).abs() < *tolerance, "{objective}: {multiple} is not {wanted}");
                let months = multiple.ln() / 1.08_f64.ln();
                assert_eq!(found.date, study::time::month_after("2026-01-15", months), "{objective}");
            }
            (multiple, wanted) => assert_eq!(multiple, wanted, "{objective}"),
        }
    }
    // ln 2.8 / ln 1.08 are 13.4 months: the end of February of the next year.
    assert_eq!(doc.objectives[0].date.as_deref(), Some("2027-02"));
}

/// What is fixed is spread over more requests and users, what each of them costs is not.
#[test]
fn a_request_and_a_user_cost_less_with_growth() {
    let doc = study::solve(&apart(&json!([])), &[1.0, 2.0]).unwrap();
    for (point, multiple) in doc.points.iter().zip([1.0, 2.0]) {
        let monthly = 73.0 + 525.6 * multiple;
        // 150 requests a second of four classes.
        let millions = multiple * (100.0 + 20.0 + 10.0 + 20.0) * 2.628;
        let near = |found: Option<f64>, wanted: f64| {
            assert!((found.unwrap() / wanted - 1.0).abs() < 0.005, "{found:?} is not {wanted}")
        };
        near(Some(point.cost.monthly), monthly);
        near(point.cost.per_million_requests, monthly / millions);
        near(point.cost.per_user, monthly / (5000.0 * multiple));
    }
}

/// What is scaled, its objective, the multiples asked for; the headroom, and whether not even the least load looked at holds. Just before
/// a replica is added an autoscaled part is busiest, and what is between the multiples asked for is not stepped over.
#[test]
fn the_headroom_is_the_first_break() {
    // Cores of 40 ms at 50 requests a second: two busy, two in each replica; the third is added at 70 %.
    let scaled = |rate: u32, slo: &Value, multiples: &Value| {
        json!({"format": "headroom/1", "traffic": [{"id": "w", "entry": "api", "arrivals": {"open": {"rate": rate}}}],
            "components": [{"id": "api", "kind": "service", "cpu_cores": 2, "service": {"mean_ms": 40},
                "autoscale": {"min": 2, "max": 600, "metric": "cpu", "target": 0.7}, "price": {"per_replica_hour": 0.1}}],
            "slos": [slo], "growth": {"multiples": multiples}})
    };
    let busy = json!({"component": "api", "max_utilization": 0.65});
    for (rate, slo, multiples, multiple, never) in [
        (50, &busy, json!([1, 10, 100]), 1.3, false),
        (50, &busy, json!([1, 1.35, 1.5]), 1.3, false),
        (100, &busy, json!([1, 2, 3]), 0.65, false),
        (50, &json!({"max_monthly_cost": 100}), json!([1, 2]), 0.1, true),
        (50, &json!({"traffic": "w", "percentile": 95, "latency_ms": 1}), json!([0.05, 0.1]), 0.05, true),
    ] {
        let scenario = scenario::parse_value(scaled(rate, slo, &multiples)).unwrap().scenario;
        let doc = study::solve(&scenario, &[]).unwrap();
        let found = doc.headroom.clone().unwrap();
        let at = found.multiple.unwrap();
        assert!((at / multiple - 1.0).abs() < 1e-4, "{rate} {slo} {multiples}: {found:?} is not {multiple}");
        assert!((doc.objectives[0].multiple.unwrap() / multiple - 1.0).abs() < 2e-3, "{:?}", doc.objectives);
        assert_eq!(found.at_most, never.then_some(at), "{found:?}");
        let sentence = study::headline(&doc, &scenario).sentence;
        assert_eq!(sentence.contains("already too much, and so is"), never, "{sentence}");
    }
}

/// Messages a second of which 60 pass, attempts at most; whether the backlog grows, by how much, and what is given up. Without a limit
/// nothing is: what is refused again and again stays.
#[test]
fn what_a_queue_never_gives_up_piles_up() {
    for (rate, attempts, growth, dead) in
        [(50, None, 0.0, 0.0), (100, None, 40.0, 0.0), (240, None, 180.0, 0.0), (100, Some(1), 0.0, 40.0)]
    {
        let value = json!({"format": "headroom/1", "traffic": [{"id": "w", "entry": "api", "arrivals": {"open": {"rate": rate}}}],
            "components": [
                {"id": "api", "kind": "service", "concurrency": 16, "service": {"mean_ms": 2}, "calls": [{"to": "mail", "mode": "async"}]},
                {"id": "mail", "kind": "queue", "consumers": 8, "max_attempts": attempts, "calls": [{"to": "smtp"}]},
                {"id": "smtp", "kind": "external", "rate_limit": 60, "service": {"mean_ms": 20}}],
            "slos": [{"component": "mail", "max_backlog_age_s": 5}]});
        let mut value = value;
        if attempts.is_none() {
            value["components"][1].as_object_mut().unwrap().remove("max_attempts");
        }
        let scenario = scenario::parse_value(value).unwrap().scenario;
        let doc = study::solve(&scenario, &[1.0]).unwrap();
        let (point, grows) = (&doc.points[0], growth > 0.0);
        let mail = &point.components["mail"];
        assert!(
            (mail.growth_per_s.unwrap_or(0.0) - growth).abs() < 0.01 * (growth + 0.01),
            "{rate} {attempts:?}: {mail:?}"
        );
        assert!(
            (mail.dead_letter_rps.unwrap_or(0.0) - dead).abs() < 0.01 * (dead + 0.01),
            "{rate} {attempts:?}: {mail:?}"
        );
        assert!(!point.unsettled && point.feasible != grows && point.slos[0].met != grows, "{rate}: {point:?}");
        if grows {
            let found = doc.headroom.unwrap();
            assert_eq!(found.component.as_deref(), Some("smtp"), "{found:?}");
            // Just above, it takes many deliveries before one shows that it is too much.
            assert!((found.multiple.unwrap() * f64::from(rate) / 60.0 - 1.0).abs() < 0.03, "{found:?}");
        }
    }
}
