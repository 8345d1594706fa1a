//! Priorities of classes and orders of lines: how they lower, what is refused, what has no effect.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use engine::model::Discipline;
use scenario::{lower, parse_value};
use serde_json::{Value, json};

/// Two classes and one component of each kind that has a line.
fn document() -> Value {
    json!({
        "format": "headroom/1", "name": "t",
        "traffic": [
            {"id": "pay", "entry": "api", "arrivals": {"open": {"rate": 5}}, "priority": 10},
            {"id": "browse", "entry": "api", "arrivals": {"open": {"rate": 20}}}
        ],
        "components": [
            {"id": "api", "kind": "service", "concurrency": 4, "service": {"mean_ms": 2}, "discipline": "priority",
             "calls": [{"to": "cache"}, {"to": "db"}, {"to": "jobs", "mode": "async"}]},
            {"id": "cache", "kind": "cache", "concurrency": 2, "hit_ratio": 0.5, "discipline": "preemptive"},
            {"id": "db", "kind": "database", "cores": 2, "service": {"mean_ms": 5}, "discipline": "preemptive"},
            {"id": "jobs", "kind": "queue", "consumers": 2, "discipline": "priority", "calls": [{"to": "worker"}]},
            {"id": "worker", "kind": "service", "concurrency": 8, "service": {"mean_ms": 3}}
        ]
    })
}

fn changed(pointer: &str, value: &Value) -> Value {
    let mut document = document();
    if let Some(place) = document.pointer_mut(pointer) {
        *place = value.clone();
        return document;
    }
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    document.pointer_mut(parent).unwrap()[key] = value.clone();
    document
}

#[test]
fn they_lower() {
    let parsed = parse_value(document()).unwrap();
    assert_eq!(parsed.notes, []);
    let system = lower(&parsed.scenario).unwrap();
    let priorities: Vec<u32> = system.classes.iter().map(|class| class.priority).collect();
    assert_eq!((priorities, system.level(0), system.level(1)), (vec![10, 0], 0, 1));
    use Discipline::{Fifo, Preemptive, Priority};
    assert_eq!(system.disciplines()[..5], [Priority, Preemptive, Preemptive, Priority, Fifo]);
    assert!(engine::solve::refusals(&system).is_empty() && engine::sim::refusals(&system).is_empty());
    let written = serde_json::to_value(&parsed.scenario).unwrap();
    assert_eq!(parse_value(written).unwrap().scenario, parsed.scenario);
    // Some write whole numbers as 10.0.
    assert_eq!(parse_value(changed("/traffic/0/priority", &json!(10.0))).unwrap().scenario, parsed.scenario);
}

#[test]
fn what_cannot_be_kept_is_refused() {
    // A change, the path, the text, the remedy.
    let rows = [
        ("/traffic/0/priority", json!(-1), "traffic[0].priority", "out of range", "a whole number, from 0 to 1000"),
        ("/traffic/0/priority", json!(1.5), "traffic[0].priority", "out of range", "a whole number"),
        ("/traffic/0/priority", json!("high"), "traffic[0].priority", "not what belongs", "a whole number"),
        ("/traffic/0/prio", json!(1), "traffic[0].prio", "not known", "priority"),
        ("/components/0/discipline", json!("lifo"), "components[0].discipline", "lifo", "fifo"),
        (
            "/components/0/discipline",
            json!("preemptive"),
            "components[0].discipline",
            "held over a call",
            "give priority",
        ),
        (
            "/components/3/discipline",
            json!("preemptive"),
            "components[3].discipline",
            "consumer holds",
            "give priority",
        ),
        ("/components/0/cpu_cores", json!(2), "components[0].discipline", "shared cores", "leave out cpu_cores"),
        ("/components/2/usl", json!({"contention": 0.1}), "components[2].discipline", "contention", "leave out usl"),
        (
            "/components/4",
            json!({"id": "worker", "kind": "external", "discipline": "priority"}),
            "components[4].discipline",
            "does not belong to a external",
            "belongs to",
        ),
    ];
    for (pointer, value, path, text, remedy) in rows {
        let problems = parse_value(changed(pointer, &value)).err().unwrap_or_default();
        assert_eq!(problems.len(), 1, "{pointer} = {value}: {problems:#?}");
        let problem = &problems[0];
        assert!(problem.path == path && problem.text.contains(text) && problem.remedy.contains(remedy), "{problem:#?}");
    }
}

#[test]
fn what_has_no_effect_is_said() {
    let mut plain = document();
    for i in 0..4 {
        plain["components"][i].as_object_mut().unwrap().remove("discipline");
    }
    let mut endless = document();
    endless["components"][2].as_object_mut().unwrap().remove("cores");
    let rows = [
        (changed("/traffic/1/priority", &json!(10)), "components[0].discipline", "the same priority"),
        (plain, "traffic[0].priority", "no component looks at priorities"),
        (endless, "components[2].discipline", "nobody waits in line"),
    ];
    for (document, path, text) in rows {
        let notes = parse_value(document).unwrap().notes;
        assert!(notes.iter().any(|note| note.path == path && note.text.contains(text)), "{path}: {notes:#?}");
    }
}
