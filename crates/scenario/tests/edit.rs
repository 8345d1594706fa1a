//! Editing: what each edit does, what it refuses, and that everything can be undone.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use proptest::prelude::*;
use scenario::edit::{Edit, History, apply, fresh_id};
use scenario::v1::{Call, Fit};
use scenario::{Scenario, check, parse, quantities};
use serde_json::{Value, json};

fn shop() -> Scenario {
    parse(include_str!("../../../tests/fixtures/shop-stack/scenario.json")).unwrap().scenario
}

fn set(path: &str, value: Value) -> Edit {
    Edit::Set { path: path.into(), value }
}

fn at(scenario: &Scenario, pointer: &str) -> Value {
    serde_json::to_value(scenario).unwrap().pointer(pointer).cloned().unwrap_or_default()
}

#[test]
fn setting_a_value() {
    let rows = [
        ("components.db.cores", json!(8), "/components/2/cores", json!(8.0)),
        (
            "components[2].cores",
            json!({"value": 8, "source": "measured"}),
            "/components/2/cores/source",
            json!("measured"),
        ),
        ("components.app.calls[1].retry.max", json!(2), "/components/0/calls/1/retry/max", json!(2.0)),
        (
            "components.app.calls[0].on_miss[0].network_ms",
            json!(0.5),
            "/components/0/calls/0/on_miss/0/network_ms",
            json!(0.5),
        ),
        ("components.app.service.browse.mean_ms", json!(3), "/components/0/service/browse/mean_ms", json!(3.0)),
        ("components.db.label", Value::Null, "/components/2/label", Value::Null),
        ("traffic.browse.arrivals.open.rate", json!(99), "/traffic/0/arrivals/open/rate", json!(99.0)),
        ("slos[0].latency_ms", json!(150), "/slos/0/latency_ms", json!(150.0)),
        ("slos[5]", json!({"survive": "replica"}), "/slos/5/survive", json!("replica")),
        ("slos[4]", Value::Null, "/slos/4", Value::Null),
        ("map.endpoints[\"GET /a\"]", json!("browse"), "/map/endpoints/GET ~1a", json!("browse")),
        ("name", json!("Other"), "/name", json!("Other")),
    ];
    for (path, value, pointer, expected) in rows {
        let edited = apply(&shop(), &set(path, value)).unwrap_or_else(|problems| panic!("{path}: {problems:?}"));
        assert_eq!(at(&edited, pointer), expected, "{path}");
        assert_eq!(check(&edited), []);
    }
}

#[test]
fn what_would_break_the_scenario_is_refused() {
    let rows = [
        (set("components.db.cores", json!(0)), "0 is out of range"),
        (set("components.db.cores", json!("many")), "is not what belongs here"),
        (set("components.db.kores", json!(3)), "not known"),
        (set("components.nobody.cores", json!(3)), "leads nowhere"),
        (set("components.db", json!(3)), "is not what belongs here"),
        (set("slos[17]", json!({"survive": "replica"})), "leads nowhere"),
        (set("a..b", json!(3)), "no path"),
        (set("", json!(3)), "empty"),
        (set("components.db.id", json!("app")), "taken"),
        (set("components.app.calls[0].to", json!("db")), "no cache"),
        (
            Edit::Connect { from: "payment".into(), call: Box::new(Call { to: "app".into(), ..Call::default() }) },
            "loop: app -> payment -> app",
        ),
        (Edit::RemoveComponents(vec!["nobody".into()]), "no component"),
        (Edit::RenameTraffic { id: "browse".into(), to: "checkout".into() }, "taken"),
        (Edit::Move(vec![("db".into(), f64::NAN, 0.0)]), "no place"),
        (Edit::Many(vec![set("name", json!("x")), set("components.db.cores", json!(-1))]), "-1 is out of range"),
    ];
    for (edit, expected) in rows {
        let problems = apply(&shop(), &edit).unwrap_err();
        assert!(problems.iter().any(|p| p.text.contains(expected)), "{edit:?}: {problems:?}");
    }
}

#[test]
fn removing_cleans_up() {
    let mut scenario = shop();
    scenario.map = serde_json::from_str(include_str!("../../../tests/fixtures/shop-stack/map.json")).unwrap();
    assert_eq!(check(&scenario), []);
    for id in ["db", "redis", "app", "receipts", "payment", "receipt-worker"] {
        let edited = apply(&scenario, &Edit::RemoveComponents(vec![id.into()])).unwrap();
        assert_eq!(check(&edited), [], "{id}");
        assert!(!serde_json::to_string(&edited).unwrap().contains(&format!("\"{id}\"")), "{id} is not named any more");
        assert_eq!((edited.components.len(), edited.traffic.len()), (5, 2), "{id}");
    }
    let all = scenario.components.iter().map(|c| c.id.clone()).collect();
    let empty = apply(&scenario, &Edit::RemoveComponents(all)).unwrap();
    assert_eq!((empty.components.len(), empty.traffic.len(), check(&empty)), (0, 0, vec![]));

    // What a removed component explained of a bill stays on it.
    let mut billed = shop();
    billed.imports = vec![
        serde_json::from_value(json!({"id": "bill", "kind": "bill", "monthly_costs": {"db": 223.0, "redis": 25.0},
        "unexplained_costs": {"Support": 9.0}}))
        .unwrap(),
    ];
    let edited = apply(&billed, &Edit::RemoveComponents(vec!["db".into()])).unwrap();
    assert_eq!(at(&edited, "/imports/0/monthly_costs"), json!({"redis": 25.0}));
    assert_eq!(at(&edited, "/imports/0/unexplained_costs"), json!({"Support": 9.0, "db": 223.0}));

    let edited = apply(&scenario, &Edit::RemoveTraffic("checkout".into())).unwrap();
    assert_eq!(check(&edited), []);
    assert!(!serde_json::to_string(&edited).unwrap().contains("\"checkout\""));
    assert_eq!(edited.components[0].calls.len(), 1, "calls made for it only are gone");
}

#[test]
fn renaming_reaches_everything() {
    let mut scenario = shop();
    scenario.map = serde_json::from_str(include_str!("../../../tests/fixtures/shop-stack/map.json")).unwrap();
    scenario.fit = Some(Fit { paths: vec!["components.db.service.*.mean_ms".into()], draws: vec![vec![1.0]] });
    let renames = [
        (Edit::RenameComponent { id: "db".into(), to: "postgres".into() }, "\"db\""),
        (set("components.db.id", json!("postgres")), "\"db\""),
        (Edit::RenameTraffic { id: "browse".into(), to: "look".into() }, "\"browse\""),
    ];
    for (edit, old) in renames {
        let edited = apply(&scenario, &edit).unwrap();
        assert_eq!(check(&edited), [], "{edit:?}");
        assert!(!serde_json::to_string(&edited).unwrap().contains(old), "{edit:?}");
    }
}

/// A class, a component and a zone may be called the same: what goes or is renamed is only what was meant.
#[test]
fn same_names_are_told_apart() {
    let named = |text: &str| parse(&text.replace('\'', "\"")).unwrap().scenario;
    let scenario = named(
        "{'format': 'headroom/1', 'name': 't', 'zones': ['x'],
          'traffic': [{'id': 'x', 'entry': 'x', 'arrivals': {'open': {'rate': 1}}},
                      {'id': 'cores', 'entry': 'service', 'arrivals': {'open': {'rate': 1}}}],
          'components': [{'id': 'x', 'kind': 'service', 'service': {'x': {'mean_ms': 1}, '*': {'mean_ms': 2}}},
                         {'id': 'service', 'kind': 'database', 'cores': 2, 'service': {'mean_ms': 2}}],
          'events': [{'at_s': 1, 'kind': 'lose_zone', 'component': 'x'}],
          'fit': {'paths': ['components.x.service.x.mean_ms', 'components.x.service.*.mean_ms', 'components.service.cores',
                            'components.service.service.mean_ms', 'traffic.x.arrivals.open.rate'],
                  'draws': [[1, 2, 3, 4, 5]]}}",
    );
    let rows: [(Edit, &[f64], usize); 5] = [
        (Edit::RemoveTraffic("x".into()), &[2.0, 3.0, 4.0], 1),
        (Edit::RemoveTraffic("cores".into()), &[1.0, 2.0, 3.0, 4.0, 5.0], 1),
        (Edit::RemoveComponents(vec!["x".into()]), &[3.0, 4.0, 5.0], 1),
        (Edit::RenameTraffic { id: "x".into(), to: "y".into() }, &[1.0, 2.0, 3.0, 4.0, 5.0], 1),
        (Edit::RenameTraffic { id: "cores".into(), to: "y".into() }, &[1.0, 2.0, 3.0, 4.0, 5.0], 1),
    ];
    for (edit, drawn, events) in rows {
        let edited = apply(&scenario, &edit).unwrap();
        assert_eq!(check(&edited), [], "{edit:?}");
        assert_eq!(edited.fit.unwrap().draws, [drawn.to_vec()], "{edit:?}");
        assert_eq!(edited.events.len(), events, "{edit:?}");
    }
    // The same draws, named by position: what goes does not hand its place in them to what stood after it.
    let mut by_position = scenario.clone();
    let positions = [
        "components[0].service.x.mean_ms",
        "components[0].service.*.mean_ms",
        "components[1].cores",
        "components[1].service.mean_ms",
        "traffic[0].arrivals.open.rate",
    ];
    if let Some(fit) = &mut by_position.fit {
        fit.paths = positions.map(str::to_owned).to_vec();
    }
    for edit in [Edit::RemoveTraffic("x".into()), Edit::RemoveComponents(vec!["x".into()])] {
        assert_eq!(apply(&by_position, &edit).unwrap().fit, apply(&scenario, &edit).unwrap().fit, "{edit:?}");
    }
}

#[test]
fn what_a_person_sets_is_not_drawn_any_more() {
    let mut scenario = shop();
    let paths = ["components.db.service.*.mean_ms", "components.payment.service.mean_ms"].map(str::to_owned).to_vec();
    scenario.fit = Some(Fit { paths, draws: vec![vec![1.0, 2.0], vec![3.0, 4.0]] });
    let edited = apply(&scenario, &set("components.db.service.*.mean_ms", json!(12))).unwrap();
    let fit = edited.fit.clone().unwrap();
    assert_eq!(
        (fit.paths, fit.draws),
        (vec!["components.payment.service.mean_ms".to_owned()], vec![vec![2.0], vec![4.0]])
    );
    let way = json!({"p50_ms": 3, "p95_ms": 9});
    assert_eq!(apply(&edited, &set("components.payment.service", way)).unwrap().fit, None);
    assert_eq!(apply(&scenario, &set("name", json!("x"))).unwrap().fit, scenario.fit, "other edits leave it");
}

#[test]
fn copies_call_each_other() {
    let scenario = shop();
    let edited = apply(&scenario, &Edit::Duplicate(vec!["app".into(), "redis".into()])).unwrap();
    let copy = &edited.components[6];
    assert_eq!((copy.id.as_str(), copy.calls[0].to.as_str(), copy.calls[1].to.as_str()), ("app-2", "redis-2", "db"));
    assert_eq!(fresh_id(&edited, "app"), "app-3");
    assert_eq!(fresh_id(&edited, "new"), "new");
}

#[test]
fn a_broken_document_is_mended_step_by_step() {
    let mut scenario = shop();
    scenario.components[0].calls[1].to = "gone".into();
    scenario.components[3].replicas = Some((-4.0).into());
    let mut history = History::new(scenario);
    assert_eq!(history.problems().len(), 2);
    history.edit(&set("name", json!("still broken"))).unwrap();
    history.edit(&set("components.payment.replicas", json!(1))).unwrap();
    assert_eq!(history.problems().len(), 1);
    assert!(history.edit(&set("components.payment.replicas", json!(-2))).is_err(), "but not broken again");
    history.edit(&set("components.app.calls[1].to", json!("db"))).unwrap();
    assert_eq!(history.problems(), []);
}

#[test]
fn dragging_is_one_step() {
    let mut history = History::new(shop());
    for x in 0..50 {
        history.edit(&Edit::Move(vec![("db".into(), f64::from(x), 1.0)])).unwrap();
    }
    history.end_step();
    history.edit(&Edit::Move(vec![("db".into(), 60.0, 1.0)])).unwrap();
    assert_eq!(history.undo_label(), Some("Move db"));
    assert!(history.undo());
    assert_eq!(history.scenario().components[2].position, Some((49.0, 1.0)));
    assert!(history.undo() && !history.undo());
    assert_eq!(**history.scenario(), shop());
    assert_eq!(history.redo_label(), Some("Move db"));
    assert!(history.redo() && history.redo() && !history.redo());
    history.edit(&set("name", json!("x"))).unwrap();
    assert_eq!(history.redo_label(), None);
    history.edit(&set("name", json!("x"))).unwrap();
    assert!(history.undo());
    assert_eq!(history.undo_label(), Some("Move db"), "an edit that changes nothing is no step");
}

#[test]
fn edits_travel_as_data() {
    let edits = [
        set("name", json!("x")),
        Edit::AddComponent(Box::new(shop().components[0].clone())),
        Edit::Many(vec![Edit::RemoveTraffic("x".into()), Edit::Disconnect { from: "a".into(), to: "b".into() }]),
    ];
    for edit in edits {
        let text = serde_json::to_string(&edit).unwrap();
        assert_eq!(serde_json::from_str::<Edit>(&text).unwrap(), edit, "{text}");
    }
}

fn any_edit() -> impl Strategy<Value = Edit> {
    let id = prop::sample::select(vec!["app", "redis", "db", "payment", "receipts", "receipt-worker", "app-2", "new"]);
    let class = prop::sample::select(vec!["browse", "checkout", "other"]);
    let paths: Vec<String> = quantities::list(&shop()).into_iter().map(|q| q.path_by_id).collect();
    prop_oneof![
        (prop::sample::select(paths), -1.0..100.0_f64).prop_map(|(path, value)| set(&path, json!(value.round()))),
        prop::collection::vec(id.clone(), 1..3)
            .prop_map(|ids| Edit::RemoveComponents(ids.into_iter().map(str::to_owned).collect())),
        id.clone().prop_map(|id| Edit::Duplicate(vec![id.into()])),
        (id.clone(), id.clone()).prop_map(|(id, to)| Edit::RenameComponent { id: id.into(), to: to.into() }),
        (id.clone(), id.clone()).prop_map(|(from, to)| Edit::Connect {
            from: from.into(),
            call: Box::new(Call { to: to.into(), ..Call::default() })
        }),
        (id.clone(), id.clone()).prop_map(|(from, to)| Edit::Disconnect { from: from.into(), to: to.into() }),
        (class.clone(), class.clone()).prop_map(|(id, to)| Edit::RenameTraffic { id: id.into(), to: to.into() }),
        class.prop_map(|id| Edit::RemoveTraffic(id.into())),
        (id, 0.0..500.0_f64).prop_map(|(id, x)| Edit::Move(vec![(id.into(), x, x)])),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Whatever is edited, a sound scenario stays sound and can be solved; undoing everything gives the original.
    #[test]
    fn sound_stays_sound(edits in prop::collection::vec(any_edit(), 1..12)) {
        let mut history = History::new(shop());
        for edit in &edits {
            let _ = history.edit(edit);
            history.end_step();
            prop_assert_eq!(history.problems(), [], "{:?}", edit);
            prop_assert!(scenario::lower(history.scenario()).is_ok(), "{:?}", edit);
        }
        let last = history.scenario().clone();
        while history.undo() {}
        prop_assert_eq!(&**history.scenario(), &shop());
        while history.redo() {}
        prop_assert_eq!(history.scenario(), &last);
    }
}
