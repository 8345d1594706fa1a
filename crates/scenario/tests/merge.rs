//! What two people changed since the same version, brought together.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use scenario::compare::compare;
use scenario::edit::{Edit, apply};
use scenario::merge::{Prefer, merge};
use scenario::v1::Call;
use scenario::{Scenario, check, parse};
use serde_json::{Value, json};

fn shop() -> Scenario {
    parse(include_str!("../../../tests/fixtures/shop-stack/scenario.json")).unwrap().scenario
}

fn set(path: &str, value: Value) -> Edit {
    Edit::Set { path: path.into(), value }
}

fn remove(id: &str) -> Edit {
    Edit::RemoveComponents(vec![id.into()])
}

fn changes(after: &Scenario) -> Vec<String> {
    compare(&shop(), after).into_iter().map(|change| change.text).collect()
}

#[test]
fn what_two_people_changed() {
    let connect = Edit::Connect { from: "payment".into(), call: Box::new(Call { to: "db".into(), ..Call::default() }) };
    // mine, theirs, what is changed in the outcome (mine preferred), paths of conflicts
    let rows: Vec<(Edit, Edit, Vec<&str>, Vec<&str>)> = vec![
        (
            set("components.db.cores", json!(4)),
            set("name", json!("Shop 2")),
            vec!["Name Shop → Shop 2", "PostgreSQL: Cores 4, was not stated"],
            vec![],
        ),
        (
            set("components.db.cores", json!(4)),
            set("components.db.cores", json!(4)),
            vec!["PostgreSQL: Cores 4, was not stated"],
            vec![],
        ),
        (
            set("components.db.cores", json!(4)),
            set("components.db.cores", json!(8)),
            vec!["PostgreSQL: Cores 4, was not stated"],
            vec!["components.db.cores"],
        ),
        (
            set("components.app.pools.pg", json!(8)),
            set("components.app.pools.other", json!(2)),
            vec!["Shop app: Pools other 2, was not stated", "Shop app: Pools pg 4 → 8"],
            vec![],
        ),
        (
            connect,
            set("components.payment.service.mean_ms", json!(25)),
            vec!["Payment API: Own time: Mean 10 ms → 25 ms", "Payment API: call to db: added"],
            vec![],
        ),
        (
            set("components.payment.service.mean_ms", json!({"value": 25, "low": 20, "high": 30})),
            set("components.payment.service.mean_ms", json!({"value": 30, "low": 20, "high": 40})),
            vec!["Payment API: Own time: Mean 10 ms → 25 ms"],
            vec!["components.payment.service.mean_ms"],
        ),
        (Edit::Move(vec![("db".into(), 1.0, 2.0)]), Edit::Move(vec![("db".into(), 5.0, 2.0)]), vec![], vec![]),
    ];
    for (mine, theirs, changed, conflicts) in rows {
        let (mine, theirs) = (apply(&shop(), &mine).unwrap(), apply(&shop(), &theirs).unwrap());
        let merged = merge(&shop(), &mine, &theirs, Prefer::Mine).unwrap();
        assert_eq!(changes(&merged.scenario), changed);
        let paths: Vec<&str> = merged.conflicts.iter().map(|conflict| conflict.path.as_str()).collect();
        assert_eq!(paths, conflicts, "{changed:?}");
        assert_eq!(check(&merged.scenario), []);
        // The other way round it is the same, but for the conflicts.
        let other = merge(&shop(), &theirs, &mine, Prefer::Theirs).unwrap();
        assert_eq!(changes(&other.scenario), changed);
    }
}

#[test]
fn what_one_took_out_and_the_other_changed_is_a_conflict() {
    let mine = apply(&shop(), &remove("payment")).unwrap();
    let untouched = merge(&shop(), &mine, &shop(), Prefer::Theirs).unwrap();
    assert_eq!((untouched.scenario, untouched.conflicts), (mine.clone(), vec![]));
    let theirs = apply(&shop(), &set("components.payment.service.mean_ms", json!(25))).unwrap();
    let merged = merge(&shop(), &mine, &theirs, Prefer::Mine).unwrap();
    assert_eq!(merged.scenario, mine);
    assert_eq!(merged.conflicts[0].path, "components.payment");
    assert!(merged.conflicts[0].text.contains("taken out here"), "{}", merged.conflicts[0]);
}
