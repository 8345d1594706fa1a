//! What is left out before sharing, and what changed between versions.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use scenario::compare::{Kind, compare};
use scenario::edit::{Edit, apply};
use scenario::redact::{LeaveOut, redact};
use scenario::v1::{Call, Fit, ImportRecord, MeasuredPoint};
use scenario::{Scenario, check, gallery, lower, parse};
use serde_json::{Value, json};

/// The shop with everything a team could have in it.
fn shop() -> Scenario {
    let mut scenario = parse(include_str!("../../../tests/fixtures/shop-stack/scenario.json")).unwrap().scenario;
    scenario.map = serde_json::from_str(include_str!("../../../tests/fixtures/shop-stack/map.json")).unwrap();
    let point = MeasuredPoint { traffic: "browse".into(), multiple: 1.0, rps: 24.0, ..MeasuredPoint::default() };
    scenario.imports = vec![ImportRecord {
        id: "acme-k6".into(),
        kind: "k6-summary".into(),
        file: Some("acme.json".into()),
        points: vec![point],
        monthly_costs: [("db".to_owned(), 812.4)].into(),
        unexplained_costs: [("Amazon plants".to_owned(), 14.25)].into(),
        ..ImportRecord::default()
    }];
    let mean = json!({"value": 10.0, "source": "fitted", "from": "acme-k6"});
    let set = Edit::Set { path: "components.db.service.*.mean_ms".into(), value: mean };
    scenario = apply(&scenario, &set).unwrap();
    scenario.fit = Some(Fit {
        paths: vec!["components.db.service.*.mean_ms".into(), "components.db.price.per_replica_hour".into()],
        draws: vec![vec![10.0, 0.3]],
    });
    assert_eq!(check(&scenario), []);
    scenario
}

#[test]
fn what_is_left_out_is_out() {
    let all = LeaveOut { money: true, names: true, notes: true, imports: true };
    let rows: [(LeaveOut, &[&str], &[&str]); 5] = [
        (LeaveOut::default(), &[], &["Shop", "acme", "per_replica_hour", "Redis"]),
        (
            LeaveOut { money: true, ..LeaveOut::default() },
            &["price", "812.4", "14.25", "USD", "monthly", "AmazonRDS", "Elastic"],
            &["Shop", "acme-k6"],
        ),
        (
            LeaveOut { names: true, ..LeaveOut::default() },
            &["Shop", "acme", "Redis", "redis", "\"db\"", "browse", "pg", "receipt", "aiohttp", "/items", "Amazon"],
            &[
                "per_replica_hour",
                "812.4",
                "\"line-1\":14.25",
                "database-1",
                "class-1",
                "pool-1",
                "components.database-1.service.*.mean_ms",
            ],
        ),
        (
            LeaveOut { imports: true, ..LeaveOut::default() },
            &["acme", "draws", "\"rps\"", "/items", "812.4"],
            &["Shop", "\"fitted\"", "per_replica_hour"],
        ),
        (all, &["Shop", "acme", "price", "redis", "USD", "812.4", "aiohttp", "draws"], &["service-1", "mean_ms"]),
    ];
    for (leave_out, out, kept) in rows {
        let redacted = redact(&shop(), leave_out);
        let text = serde_json::to_string(&redacted.scenario).unwrap();
        for word in out {
            assert!(!text.contains(word), "{leave_out:?}: {word} in {text}");
        }
        for word in kept {
            assert!(text.contains(word), "{leave_out:?}: no {word} in {text}");
        }
        assert_eq!(check(&redacted.scenario), [], "{leave_out:?}");
    }
}

#[test]
fn what_is_left_is_told() {
    let told = redact(&shop(), LeaveOut::default()).left;
    for words in [
        "6 components with their times and limits",
        "6 prices",
        "1 budget",
        "1 import",
        "1 measured point",
        "1 bill",
        "2 endpoint names",
        "the notes",
        "6 labels",
    ] {
        assert!(told.iter().any(|t| t == words), "{words}: {told:?}");
    }
    let told = redact(&shop(), LeaveOut { money: true, names: true, notes: true, imports: true }).left;
    assert_eq!(
        told,
        ["6 components with their times and limits", "2 traffic classes with their rates", "4 objectives"]
    );
}

/// Names are only names: the same system is solved.
#[test]
fn a_redacted_scenario_solves_alike() {
    for entry in gallery::entries() {
        let scenario = entry.scenario().unwrap();
        let redacted = redact(&scenario, LeaveOut { names: true, imports: true, ..LeaveOut::default() }).scenario;
        let (mut before, mut after) = (lower(&scenario).unwrap(), lower(&redacted).unwrap());
        for system in [&mut before, &mut after] {
            system.stations.iter_mut().for_each(|s| s.id.clear());
            system.stations.iter_mut().flat_map(|s| &mut s.pools).for_each(|p| p.id.clear());
            system.stations.iter_mut().flat_map(|s| &mut s.price.purchase).for_each(|p| p.label = None);
            system.classes.iter_mut().for_each(|c| c.id.clear());
            system.zones.clear();
        }
        assert_eq!(before, after, "{}", entry.id);
    }
}

fn changes(edits: Vec<Edit>) -> Vec<String> {
    let before = shop();
    let after = apply(&before, &Edit::Many(edits)).unwrap();
    compare(&before, &after).into_iter().map(|change| change.text).collect()
}

fn set(path: &str, value: Value) -> Edit {
    Edit::Set { path: path.into(), value }
}

#[test]
fn changes_are_told_in_words() {
    let rows: [(Edit, &[&str]); 14] = [
        (set("name", json!("Shop 2")), &["Name Shop → Shop 2"]),
        (set("components.receipt-worker.replicas", json!(4)), &["Receipt worker: Replicas 2 → 4"]),
        (set("components.db.cores", json!(4)), &["PostgreSQL: Cores 4, was not stated"]),
        (set("components.receipts.prefetch", Value::Null), &["Receipts: Prefetch not stated any more, was 1"]),
        (set("components.payment.service.mean_ms", json!(25)), &["Payment API: Own time: Mean 10 ms → 25 ms"]),
        (
            set("components.app.service.browse", json!({"mean_ms": 3})),
            &["Shop app: Own time browse mean ms 3, was not stated"],
        ),
        (
            set("components.app.calls[0].on_miss[0].timeout_ms", json!(50)),
            &["Shop app: call to redis: on a miss call to db: Timeout 50 ms, was not stated"],
        ),
        (set("components.app.calls[3].mode", json!("sync")), &["Shop app: call to receipts: Mode async → sync"]),
        (set("components.app.pools.pg", json!(8)), &["Shop app: Pools pg 4 → 8"]),
        (set("traffic.browse.arrivals.open.rate", json!(30)), &["browse: Arrivals: At a rate: Rate 24 /s → 30 /s"]),
        (set("slos[0].latency_ms", json!(80)), &["objective 1: Latency 100 ms → 80 ms"]),
        (
            set("components.payment.price.per_million_requests", json!({"value": 5, "source": "measured"})),
            &["Payment API: Price: Per million requests: assumed → measured"],
        ),
        (
            Edit::Connect { from: "payment".into(), call: Box::new(Call { to: "db".into(), ..Call::default() }) },
            &["Payment API: call to db: added"],
        ),
        (Edit::Move(vec![("db".into(), 1.0, 2.0)]), &[]),
    ];
    for (edit, expected) in rows {
        assert_eq!(changes(vec![edit.clone()]), expected, "{edit:?}");
    }
    let removed = changes(vec![Edit::RemoveComponents(vec!["payment".into()])]);
    assert_eq!(removed[..2], ["Payment API: removed (external)", "Shop app: call to payment: removed"]);
}

#[test]
fn compared_with_itself_nothing_changed() {
    for entry in gallery::entries() {
        let scenario = entry.scenario().unwrap();
        assert_eq!(compare(&scenario, &scenario), [], "{}", entry.id);
    }
    let (far, near) = (gallery::entry("ad-server-far").unwrap(), gallery::entry("ad-server-near").unwrap());
    let told = compare(&far.scenario().unwrap(), &near.scenario().unwrap());
    assert!(
        told.iter().any(|c| c.text.contains("call to redis: Network 25 ms → 3.5 ms") && c.kind == Kind::Changed),
        "{told:#?}"
    );
    assert!(
        told.iter().any(|c| c.path == "components.events.label" && c.text == "LavinMQ: Label RabbitMQ → LavinMQ"),
        "{told:#?}"
    );
}
