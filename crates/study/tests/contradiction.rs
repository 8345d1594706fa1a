//! Objectives that contradict each other or what the scenario fixes: `plan` and `check` say which, and why.
#![allow(clippy::unwrap_used)]

use scenario::Scenario;
use serde_json::{Value, json};
use study::CheckOptions;
use study::plan::plan;

/// 90 requests/s through an API whose pool of 4 holds a query of 40 ms for 3.6 connections' work, and a payment of 42 ms that
/// fails in 2 of 100. One replica at 0.1 an hour is 73 a month, beside 300 that are fixed. The database takes 10 connections. Every
/// request is written down, so that no CDN may answer it.
fn shop(edit: &dyn Fn(&mut Value)) -> Scenario {
    let mut value = json!({
        "format": "headroom/1", "name": "shop", "currency": "USD",
        "traffic": [{"id": "browse", "entry": "api", "arrivals": {"open": {"rate": 90}}}],
        "components": [
            {"id": "api", "kind": "service", "replicas": 1, "concurrency": 64, "service": {"mean_ms": 2}, "pools": {"pg": 4},
             "calls": [{"to": "db", "pool": "pg"}, {"to": "audit", "mode": "async"}], "price": {"per_replica_hour": 0.1}},
            {"id": "db", "kind": "database", "read_replicas": 1, "max_connections": 5, "service": {"mean_ms": 40, "dist": "exponential"}},
            {"id": "audit", "kind": "external", "service": {"mean_ms": 1}},
            {"id": "pay", "kind": "external", "failure_ratio": 0.02, "service": {"mean_ms": 42, "dist": "deterministic"}}],
        "costs": [{"id": "office", "monthly": 300, "drive": "fixed"}],
        "growth": {"multiples": [1]}
    });
    edit(&mut value);
    scenario::parse_value(value).unwrap().scenario
}

fn with_payment(value: &mut Value) {
    value["components"][0]["calls"].as_array_mut().unwrap().push(json!({"to": "pay"}));
}

/// 1.8 cores of work: three replicas at 60 %, where two would be at 90 %.
fn scaled(value: &mut Value) {
    value["components"][0]["cpu_cores"] = json!(1);
    value["components"][0]["service"] = json!({"mean_ms": 20});
    value["components"][0]["autoscale"] = json!({"min": 1, "max": 4, "metric": "cpu", "target": 0.7});
}

type Row = (&'static str, fn(&mut Value), Value, &'static str, &'static str, &'static [&'static str]);

/// What holds at any load: the case, the change of the shop, its objectives, and the code, place and words of what is said.
#[test]
fn what_contradicts_at_any_load_is_said() {
    let rows: [Row; 9] = [
        (
            "p99 asks for more than p95",
            |_| (),
            json!([{"traffic": "browse", "percentile": 95, "latency_ms": 900}, {"traffic": "browse", "percentile": 99, "latency_ms": 800}]),
            "objective-void",
            "slos[0]",
            &["\"browse p95 at most 900 ms\" decides nothing", "\"browse p99 at most 800 ms\""],
        ),
        (
            "one utilization twice",
            |_| (),
            json!([{"component": "api", "max_utilization": 0.6}, {"component": "api", "max_utilization": 0.8}]),
            "objective-void",
            "slos[1]",
            &["\"api at most 80 % busy\" decides nothing", "\"api at most 60 % busy\""],
        ),
        (
            "the same twice: the first stands",
            |_| (),
            json!([{"component": "api", "max_utilization": 0.6}, {"component": "api", "max_utilization": 0.6}]),
            "objective-void",
            "slos[1]",
            &["decides nothing"],
        ),
        (
            "a fixed time above the limit",
            with_payment,
            json!([{"traffic": "browse", "percentile": 50, "latency_ms": 40}]),
            "objective-unreachable",
            "slos[0]",
            &[
                "cannot be met by any number of the plan: with nobody waiting it is",
                "pay 42.0 ms",
                "db 40.0 ms",
                "api 2.0 ms",
                "change the design",
            ],
        ),
        (
            "someone else's failures",
            with_payment,
            json!([{"traffic": "browse", "max_error_ratio": 0.001}]),
            "objective-unreachable",
            "slos[0]",
            &["2.000 % fail", "relax it"],
        ),
        (
            "all in one zone",
            |value| {
                value["zones"] = json!(["a"]);
                value["components"][0]["zone"] = json!("a");
            },
            json!([{"survive": "zone"}]),
            "objective-unreachable",
            "slos[0]",
            &["takes a component away altogether", "any number"],
        ),
        (
            "an autoscaler that aims higher",
            scaled,
            json!([{"component": "api", "max_utilization": 0.5}]),
            "objective-against-autoscaler",
            "slos[0]",
            &[
                "\"api at most 50 % busy\" contradicts its autoscaler",
                "aims at 70 %",
                "at 1× it runs 3, and its least is 1",
            ],
        ),
        (
            "a budget below what is fixed",
            |_| (),
            json!([{"max_monthly_cost": 200}]),
            "budget-below-fixed",
            "slos[0]",
            &["$373 a month are spent before the first request", "$300 fixed", "no change of a number"],
        ),
        (
            "a budget below what stands",
            |_| (),
            json!([{"max_monthly_cost": 320}]),
            "budget-below-fixed",
            "slos[0]",
            &["cannot be met with what stands today", "$73.00 for what stands", "only fewer or smaller replicas can"],
        ),
    ];
    for (name, edit, slos, code, path, words) in rows {
        let scenario = shop(&|value| {
            edit(value);
            value["slos"] = slos.clone();
        });
        let planned = plan(&scenario, &[]).unwrap();
        let found: Vec<_> = planned.warnings.iter().filter(|w| w.code == code).collect();
        assert_eq!(found.len(), 1, "{name}: {:?}", planned.warnings);
        assert_eq!(found[0].path, path, "{name}");
        let check = study::check(&scenario, None, &CheckOptions { samples: 1, ..CheckOptions::default() }).unwrap();
        assert_eq!(check.contradictions, found.into_iter().cloned().collect::<Vec<_>>(), "{name}");
        for text in [planned.text(&scenario), check.text(&scenario), check.markdown(&scenario)] {
            for word in words {
                assert!(text.contains(word), "{name}: {word:?} is not in\n{text}");
            }
        }
    }
}

/// A p95 of 5 ms, of which 42 are work: the step, the warning, and no third time. Beside it the other two contradict each other.
#[test]
fn what_cannot_be_met_by_itself_is_told_once() {
    let hopeless = json!({"traffic": "browse", "percentile": 50, "latency_ms": 5});
    let latency = json!({"traffic": "browse", "percentile": 95, "latency_ms": 140});
    let survive = json!({"survive": "replica"});
    for (name, slos, codes) in [
        ("alone", vec![&hopeless], vec!["objective-unreachable"]),
        ("beside a loss", vec![&hopeless, &survive], vec!["objective-unreachable"]),
        (
            "beside two that contradict each other",
            vec![&hopeless, &latency, &survive],
            vec!["objective-unreachable", "contradictory-objectives"],
        ),
    ] {
        let scenario = shop(&|value| value["slos"] = json!(slos));
        let planned = plan(&scenario, &[1.0]).unwrap();
        let found: Vec<&str> = planned.warnings.iter().map(|w| w.code.as_str()).collect();
        let found: Vec<&str> = found.into_iter().filter(|code| code.contains("objective")).collect();
        assert_eq!(found, codes, "{name}: {}", planned.text(&scenario));
        let text = planned.text(&scenario);
        assert_eq!(text.matches("browse p50 at most 5 ms").count(), 2, "{name}: {text}");
        assert!(planned.steps[0].text.ends_with(", as it is with nobody waiting"), "{name}: {text}");
    }
}

/// A function that starts anew after 30 s without work: at 20 requests/s hardly ever, with nobody there always.
fn function(value: &mut Value) {
    value["traffic"][0]["arrivals"]["open"]["rate"] = json!(20);
    value["components"] = json!([{"id": "api", "kind": "function", "service": {"mean_ms": 60}, "cold_start_ms": 1500, "idle_timeout_s": 30}]);
}

/// A cache of all 1000 keys for 60 s: at 2000 requests/s hardly any request is the first in a minute for its key, with nobody there
/// every one is.
fn cached(value: &mut Value) {
    value["traffic"][0]["arrivals"]["open"]["rate"] = json!(2000);
    value["components"] = json!([
        {"id": "api", "kind": "cache", "service": {"mean_ms": 1}, "calls": [{"to": "db", "when": "miss"}],
         "hit_ratio": {"keys": 1000, "capacity_items": 1000, "eviction": "lru", "ttl_s": 60}},
        {"id": "db", "kind": "database", "cores": 64, "service": {"mean_ms": 80}}]);
}

/// Two replicas, 146 a month.
fn web(value: &mut Value) {
    value["costs"] = json!([]);
    value["components"] = json!([{"id": "api", "kind": "service", "replicas": 2, "concurrency": 8, "service": {"mean_ms": 20}, "price": {"per_replica_hour": 0.1}}]);
}

/// 4.68 cores of work on ten replicas that always run, as many as a 67 % load would need: 47 % busy.
fn idling(value: &mut Value) {
    scaled(value);
    value["traffic"][0]["arrivals"]["open"]["rate"] = json!(234);
    value["components"][0]["autoscale"] = json!({"min": 10, "max": 12, "metric": "cpu", "target": 0.7});
    value["components"][0]["pools"]["pg"] = json!(20);
    value["components"][1]["cores"] = json!(64);
    value["components"][1]["max_connections"] = json!(5000);
}

/// What holds as it stands is not said to be impossible: load makes some things better, a bill is no part of a loss, an autoscaler at
/// its least aims at nothing. A loss is missed with whatever else is missed. `only`: the codes of what else is rightly said.
#[test]
fn what_holds_contradicts_nothing() {
    type Quiet = (&'static str, fn(&mut Value), Value, usize, &'static [&'static str]);
    let rows: [Quiet; 5] = [
        ("a cache kept warm", cached, json!([{"traffic": "browse", "percentile": 95, "latency_ms": 30}]), 0, &[]),
        ("instances kept warm", function, json!([{"traffic": "browse", "percentile": 95, "latency_ms": 200}]), 0, &[]),
        (
            "a loss within the budget",
            web,
            json!([{"survive": "replica"}, {"max_monthly_cost": 500}, {"traffic": "browse", "percentile": 95, "latency_ms": 100}]),
            0,
            &[],
        ),
        (
            "a loss beside what cannot be met",
            web,
            json!([{"survive": "replica"}, {"traffic": "browse", "percentile": 99, "latency_ms": 5}]),
            2,
            &["objective-unreachable"],
        ),
        ("an autoscaler at its least", idling, json!([{"component": "api", "max_utilization": 0.5}]), 0, &[]),
    ];
    for (name, edit, slos, missed, only) in rows {
        let scenario = shop(&|value| {
            edit(value);
            value["slos"] = slos.clone();
        });
        let check = study::check(&scenario, None, &CheckOptions { samples: 1, ..CheckOptions::default() }).unwrap();
        assert_eq!(check.rows.iter().filter(|row| !row.passed).count(), missed, "{name}: {}", check.text(&scenario));
        // What breaks with less load than today's is not called too much of it.
        assert_eq!(check.headline.contains("already too much"), missed > 0, "{name}: {}", check.headline);
        let codes: Vec<&str> = check.contradictions.iter().map(|w| w.code.as_str()).collect();
        assert_eq!(codes, only, "{name}: {}", check.text(&scenario));
        let planned = plan(&scenario, &[1.0]).unwrap();
        let said: Vec<_> = planned.warnings.iter().filter(|w| w.code.contains("objective")).cloned().collect();
        assert_eq!(said, check.contradictions, "{name}: {}", planned.text(&scenario));
    }
}

/// The pool of 4 keeps its callers waiting: 140 ms at p95 take six connections in whatever replicas are left, and twice six are more
/// than the ten that the database takes. Either objective alone can be met.
#[test]
fn two_that_cannot_be_met_together_are_named() {
    let latency = json!({"traffic": "browse", "percentile": 95, "latency_ms": 140});
    let survive = json!({"survive": "replica"});
    let idle = json!({"component": "api", "max_utilization": 0.9});
    for (name, slos, named) in [
        ("latency alone", vec![&latency, &idle], None),
        ("the loss alone", vec![&survive, &idle], None),
        ("both", vec![&idle, &latency, &survive], Some("slos[1]")),
    ] {
        let scenario = shop(&|value| value["slos"] = json!(slos));
        let planned = plan(&scenario, &[1.0]).unwrap();
        let found: Vec<_> = planned.warnings.iter().filter(|w| w.code == "contradictory-objectives").collect();
        assert_eq!(planned.steps[0].feasible, named.is_none(), "{name}: {}", planned.text(&scenario));
        assert_eq!(found.first().map(|w| w.path.as_str()), named, "{name}: {}", planned.text(&scenario));
        if let Some(found) = found.first() {
            let both = "\"browse p95 at most 140 ms\" and \"survives the loss of one replica\" contradict each other";
            assert!(found.text.contains(both) && !found.text.contains("busy"), "{name}: {}", found.text);
        }
    }
}

/// Two replicas cost 446 a month; a budget of 400 pays for one.
#[test]
fn what_a_budget_would_pay_for_without_one_objective() {
    let slos = json!([{"max_monthly_cost": 400}, {"survive": "replica"}, {"component": "api", "max_utilization": 0.9}]);
    let scenario = shop(&|value| value["slos"] = slos.clone());
    let planned = plan(&scenario, &[1.0]).unwrap();
    let found: Vec<_> = planned.warnings.iter().filter(|w| w.code == "contradictory-objectives").collect();
    assert_eq!(found.len(), 1, "{}", planned.text(&scenario));
    let text = &found[0].text;
    assert!(text.contains("without \"survives the loss of one replica\" $373 a month are enough"), "{text}");
    assert!(!text.contains("busy"), "{text}");
    assert!(planned.steps[0].text.contains("over the budget of $400"), "{}", planned.steps[0].text);
}

/// Nothing is said where nothing contradicts: of the gallery's scenarios only the ad server far from its cache asks for what four round
/// trips of 25 ms forbid, and that is its story.
#[test]
fn the_gallery_contradicts_itself_once() {
    for entry in scenario::gallery::entries() {
        let Ok(found) = study::plan::contradictions(&entry.scenario().unwrap(), &[]) else { continue };
        let codes: Vec<&str> = found.iter().map(|w| w.code.as_str()).collect();
        let expected: &[&str] = if entry.id == "ad-server-far" { &["objective-unreachable"] } else { &[] };
        assert_eq!(codes, expected, "{}: {found:?}", entry.id);
        assert!(found.iter().all(|w| w.text.contains("network from api 100.4 ms")), "{found:?}");
    }
}
