//! Nothing panics and nothing hangs, whatever the document.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use proptest::prelude::*;
use scenario::{Problem, gallery, lower, lower_checked, open, parse, parse_value};
use serde_json::{Value, json};

/// Cases of each property: few in the daily run, more with `HEADROOM_CASES`.
fn cases() -> ProptestConfig {
    let stated = std::env::var("HEADROOM_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig::with_cases(stated.unwrap_or(150))
}

/// Any text of up to so many characters.
fn text(longest: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(any::<char>(), 0..=longest).prop_map(|characters| characters.into_iter().collect())
}

/// Whatever was read can be lowered when it had no problem, and says so when it had.
fn survives(value: &Value) {
    let Ok(opened) = open(&value.to_string()) else { return };
    for problem in opened.problems.iter().chain(&opened.notes) {
        let Problem { text, remedy, .. } = problem;
        assert!(!text.is_empty() && !remedy.is_empty(), "{problem:?}");
        assert!(!text.contains("cannot be read"), "the walk let something through: {problem:?} in {value}");
        assert!(text.len() < 2000 && remedy.len() < 4000, "{problem:?}");
    }
    let lowered = lower(&opened.scenario);
    assert!(opened.problems.is_empty() <= lowered.is_ok(), "{value}");
    let _ = lower_checked(&opened.scenario);
    if opened.problems.is_empty() {
        // What was read is written and read again the same.
        let written = serde_json::to_value(&opened.scenario).unwrap();
        assert_eq!(parse_value(written).unwrap().scenario, opened.scenario);
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let words = [
        "id",
        "*",
        "value",
        "low",
        "keys",
        "mean_ms",
        "browse",
        "a",
        "",
        "headroom/1",
        "service",
        "database",
        "miss",
        "db",
        "-1",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(vec![0.0, 1.0, -1.0, 0.5, 2.0, 1e300, 1e-300, 9e15]).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::sample::select(words.to_vec()).prop_map(Value::from),
        text(8).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(prop::sample::select(words.to_vec()), inner, 0..4)
                .prop_map(|map| map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

/// The places of a document: every object key and list position, as a JSON pointer.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let step = |key: &str| format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| {
            found.push(step(key));
            pointers(value, &step(key), found);
        }),
        Value::Array(list) => list.iter().enumerate().for_each(|(i, value)| {
            found.push(step(&i.to_string()));
            pointers(value, &step(&i.to_string()), found);
        }),
        _ => {}
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_text(text in text(300), bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse(&text);
        let _ = parse(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_value(value in any_json()) {
        survives(&value);
        survives(&json!({"format": "headroom/1", "traffic": value.clone(), "components": value}));
    }

    /// A good document with values of any kind in any place.
    #[test]
    fn any_mistake(entry in 0..gallery::entries().len(), places in prop::collection::vec((any::<prop::sample::Index>(), any_json()), 1..4)) {
        let mut document: Value = serde_json::from_str(gallery::entries()[entry].json).unwrap();
        for (place, value) in places {
            let mut all = Vec::new();
            pointers(&document, "", &mut all);
            let pointer = place.get(&all);
            *document.pointer_mut(pointer).unwrap() = value;
        }
        survives(&document);
    }

    /// A good document with keys and values of itself in other places: everything plausible, little of it right.
    #[test]
    fn any_transplant(entry in 0..gallery::entries().len(), from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>()) {
        let mut document: Value = serde_json::from_str(gallery::entries()[entry].json).unwrap();
        let mut all = Vec::new();
        pointers(&document, "", &mut all);
        let part = document.pointer(from.get(&all).as_str()).unwrap().clone();
        *document.pointer_mut(to.get(&all).as_str()).unwrap() = part;
        survives(&document);
    }

    /// Bytes changed, taken out, doubled.
    #[test]
    fn any_damage(entry in 0..gallery::entries().len(), at in any::<prop::sample::Index>(), byte in any::<u8>(), how in 0..3_u8) {
        let mut bytes = gallery::entries()[entry].json.as_bytes().to_vec();
        let at = at.index(bytes.len());
        match how {
            0 => bytes[at] = byte,
            1 => drop(bytes.drain(at..(at + usize::from(byte)).min(gallery::entries()[entry].json.len()))),
            _ => bytes.insert(at, byte),
        }
        if let Ok(value) = serde_json::from_slice::<Value>(&bytes) {
            survives(&value);
        }
        let _ = parse(&String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn deep_wide_and_heavy_documents_end() {
    let nested = |depth: usize| {
        let mut call = json!({"to": "a"});
        for _ in 0..depth {
            call = json!({"to": "c", "on_miss": [call]});
        }
        json!({"format": "headroom/1", "name": "t", "traffic": [{"id": "x", "entry": "a", "arrivals": {"open": {"rate": 1}}}],
               "components": [{"id": "a", "kind": "service", "calls": [call]}, {"id": "c", "kind": "cache", "hit_ratio": 0.5}]})
    };
    let problems = parse_value(nested(100)).unwrap_err();
    assert!(problems.iter().any(|p| p.text.contains("nested too deeply")), "{problems:?}");
    let started = std::time::Instant::now();
    let rows = [
        json!({"format": "headroom/1", "traffic": [], "components": vec![Value::Null; 200_000]}),
        json!({"format": "headroom/1", "traffic": vec![json!([]); 2_000], "components": {"a": 1}}),
        json!({"format": "headroom/1", "name": "x".repeat(1 << 20), "traffic": [], "components": [], "notes": "y".repeat(1 << 20)}),
        json!({"format": "headroom/1", "traffic": [], "components": [], "zones": vec!["z".repeat(100_000); 50]}),
        (0..20_000).map(|i| (format!("key{i}"), json!(i))).chain([("traffic".to_owned(), json!([]))]).collect(),
    ];
    for document in rows {
        let problems = parse_value(document).unwrap_err();
        assert!(
            problems.len() <= 1001 && problems.iter().map(|p| p.text.len() + p.remedy.len()).sum::<usize>() < 2_000_000
        );
    }
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

/// An example of each is in the fixtures of versions; all of them open, forever.
#[test]
fn every_version_ever_written_opens() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/versions");
    let mut seen = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let parsed = parse(&text).unwrap();
        assert_eq!((parsed.scenario.format.as_str(), parsed.scenario.components.len()), ("headroom/1", 2));
        assert!(lower(&parsed.scenario).is_ok());
        seen += 1;
    }
    assert_eq!(seen, 2);
}
