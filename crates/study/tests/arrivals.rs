//! Uneven arrivals keep their pattern through what nobody waits for.
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

/// The mean wait for the database, in milliseconds.
fn wait(traffic: &Value, components: &Value) -> f64 {
    let text = json!({"format": "headroom/1", "name": "x", "traffic": traffic, "components": components, "growth": {"multiples": [1]}});
    let scenario = scenario::parse(&text.to_string()).unwrap().scenario;
    let doc = study::solve(&scenario, &[]).unwrap();
    doc.points[0].components["d"].wait_ms.unwrap()
}

/// 108/s with Poisson arrivals and 72/s in bursts (cv 2) on two cores of 9 ms. Directly they wait 26.55 ms in simulations, and as
/// long behind a balancer and behind a service of 2 ms (26.6 and 26.6 ms; `headroom simulate`, 600 s).
#[test]
fn arrivals_keep_their_pattern_through_delays() {
    let traffic = |entry: &str| {
        json!([
            {"id": "r", "entry": entry, "arrivals": {"open": {"rate": 108}}},
            {"id": "x", "entry": entry, "arrivals": {"open": {"rate": 72, "cv": 2}}},
        ])
    };
    let database = json!({"id": "d", "kind": "database", "cores": 2, "service": {"mean_ms": 9}});
    let direct = wait(&traffic("d"), &json!([database]));
    assert!((direct / 26.55 - 1.0).abs() < 0.03, "{direct}");
    for before in [
        json!({"id": "w", "kind": "load_balancer", "calls": [{"to": "d"}]}),
        json!({"id": "w", "kind": "service", "service": {"mean_ms": 2}, "calls": [{"to": "d"}]}),
        // A call of its own for each class is the same traffic.
        json!({"id": "w", "kind": "service", "service": {"mean_ms": 2}, "calls": [{"to": "d", "classes": ["r"]}, {"to": "d", "classes": ["x"]}]}),
    ] {
        let behind = wait(&traffic("w"), &json!([before, database]));
        assert!((behind / direct - 1.0).abs() < 0.01, "{behind} behind {before}, {direct} without");
    }
}

/// Long delays hide the pattern from a line that is short.
#[test]
fn long_delays_hide_the_pattern_of_a_light_load() {
    let traffic = |entry: &str| json!([{"id": "x", "entry": entry, "arrivals": {"open": {"rate": 80, "cv": 3}}}]);
    let database = json!({"id": "d", "kind": "database", "cores": 2, "service": {"mean_ms": 9}});
    let far = json!({"id": "w", "kind": "service", "service": {"mean_ms": 2000}, "calls": [{"to": "d"}]});
    let (direct, behind) = (wait(&traffic("d"), &json!([database])), wait(&traffic("w"), &json!([far, database])));
    assert!(behind < 0.5 * direct, "{behind} and {direct}");
}
