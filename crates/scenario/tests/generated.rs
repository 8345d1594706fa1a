//! What is generated from the catalogue is current, complete, and agrees with the checks.
//!
//! `UPDATE=1 cargo test -p scenario --test generated` writes the files again.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use scenario::catalogue::{QUANTITY, SCENARIO, Shape, Type};
use scenario::{parse, parse_value, quantities};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn current(path: &str, text: &str) {
    let file = here(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, text).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(written == text, "{path} is not current: UPDATE=1 cargo test -p scenario --test generated");
}

#[test]
fn the_schema_and_the_reference_are_current() {
    current("schema/headroom-1.schema.json", &format!("{:#}\n", scenario::schema()));
    current("../../docs/scenario.md", &scenario::docs::markdown());
}

/// Every document that must be accepted.
fn good_documents() -> Vec<(PathBuf, Value)> {
    let folders = ["tests/fixtures/valid", "tests/fixtures/versions", "gallery", "../../tests/fixtures/shop-stack"];
    let files = folders.iter().filter_map(|folder| std::fs::read_dir(here(folder)).ok()).flatten();
    files
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .map(|path| (path.clone(), serde_json::from_str::<Value>(&std::fs::read_to_string(path).unwrap()).unwrap()))
        .filter(|(_, value)| value.get("components").is_some())
        .collect()
}

/// The schema, read by a validator of its own.
struct Schema {
    schemas: boon::Schemas,
    index: boon::SchemaIndex,
}

impl Schema {
    fn new() -> Self {
        let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
        compiler.add_resource("headroom.json", scenario::schema()).unwrap();
        let index = compiler.compile("headroom.json", &mut schemas).unwrap();
        Self { schemas, index }
    }

    /// What a document has against it.
    fn faults(&self, document: &Value) -> Option<String> {
        self.schemas.validate(document, self.index).err().map(|faults| format!("{faults:#}"))
    }

    fn takes(&self, document: &Value) -> bool {
        self.faults(document).is_none()
    }
}

#[test]
fn what_opens_fits_the_schema() {
    let schema = Schema::new();
    let documents = good_documents();
    assert!(documents.len() >= 6);
    for (path, document) in documents {
        assert_eq!(schema.faults(&document), None, "{}", path.display());
        let parsed = parse_value(document).unwrap_or_else(|p| panic!("{}: {p:#?}", path.display()));
        assert!(scenario::lower(&parsed.scenario).is_ok(), "{}", path.display());
        // What is written again fits, too.
        let written = serde_json::to_value(&parsed.scenario).unwrap();
        assert!(schema.takes(&written), "{}", path.display());
        assert_eq!(parse_value(written).unwrap().scenario, parsed.scenario, "{}", path.display());
    }
}

#[test]
fn the_schema_refuses_what_the_checks_refuse_of_single_values() {
    let schema = Schema::new();
    let shop = std::fs::read_to_string(here("../../tests/fixtures/shop-stack/scenario.json")).unwrap();
    let rows = [
        ("/componentss", json!([])),
        ("/components/0/conurrency", json!(4)),
        ("/components/0/cores", json!(4)),
        ("/components/2/replicas", json!(4)),
        ("/components/0/replicas", json!(0)),
        ("/components/0/replicas", json!("2")),
        ("/components/0/replicas", json!(1.5)),
        ("/components/0/id", json!("The App")),
        ("/components/0/kind", json!("app")),
        ("/components/0/pools/pg", json!(0)),
        ("/components/0/calls/0/mode", json!("blocking")),
        ("/components/0/calls/0/on_miss/0/pool", json!(4)),
        ("/components/0/service/browse", json!(4)),
        ("/components/1/hit_ratio", json!(1.5)),
        ("/components/1/hit_ratio", json!({"keys": 5})),
        ("/components/1/hit_ratio", json!({"value": 0.5, "low": -1})),
        ("/traffic/0/arrivals", json!({})),
        ("/traffic/0/arrivals/closed", json!({"users": 1, "think_time_s": 1})),
        ("/traffic/0/arrivals/open/rate", json!(-1)),
        ("/slos/0/percentile", json!(100)),
        ("/growth/multiples", json!([0])),
        ("/as_of", json!("today")),
        ("/currency", json!("dollars")),
        ("/components/0/position", json!([1])),
    ];
    for (pointer, value) in rows {
        let mut document: Value = serde_json::from_str(&shop).unwrap();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        document.pointer_mut(parent).unwrap()[key] = value.clone();
        assert!(!schema.takes(&document), "the schema takes {pointer} = {value}");
        assert!(parse_value(document).is_err(), "the checks take {pointer} = {value}");
    }
    for text in ["[]", "3", "{}", r#"{"format": "headroom/2", "traffic": [], "components": []}"#] {
        assert!(!schema.takes(&serde_json::from_str(text).unwrap()) && parse(text).is_err(), "{text}");
    }
}

/// Every field of the catalogue, by shape.
fn shapes() -> BTreeMap<&'static str, &'static Shape> {
    fn of(kind: Type, found: &mut BTreeMap<&'static str, &'static Shape>) {
        match kind {
            Type::Object(shape) if found.insert(shape.name, shape).is_none() => {
                shape.fields.iter().for_each(|field| of(field.value, found));
            }
            Type::List(inner, _) | Type::Map(_, inner) | Type::PerClass(inner) => of(*inner, found),
            Type::Tuple(parts) => parts.iter().for_each(|part| of(*part, found)),
            Type::Either(alternatives) => alternatives.iter().for_each(|(_, inner)| of(*inner, found)),
            _ => {}
        }
    }
    let mut found = BTreeMap::from([(QUANTITY.name, &QUANTITY)]);
    of(Type::Object(&SCENARIO), &mut found);
    found
}

#[test]
fn the_catalogue_is_well_kept() {
    let shapes = shapes();
    let reference = scenario::docs::markdown();
    for shape in shapes.values() {
        assert!(reference.contains(&format!("\n## {}\n", shape.name)), "{} is not in the reference", shape.name);
        let keys: BTreeSet<&str> = shape.fields.iter().map(|field| field.key).collect();
        assert_eq!(keys.len(), shape.fields.len(), "{}: a key stands twice", shape.name);
        for field in shape.fields {
            let place = format!("{}.{}", shape.name, field.key);
            assert!(
                !field.label.is_empty() && field.label.chars().next().unwrap().is_uppercase()
                    || field.key == "p95_ms"
                    || field.key == "p99_ms",
                "{place}"
            );
            assert!(field.help.ends_with('.') && field.help.len() > 5, "{place}: {}", field.help);
            if let (Some(range), scenario::catalogue::Preset::Number(default)) = (field.range(), field.default) {
                assert!(range.contains(default), "{place}: the default {default} is not allowed");
            }
            if let (Type::Choice(words), scenario::catalogue::Preset::Word(default)) = (field.value, field.default) {
                assert!(words.iter().any(|(word, _)| *word == default), "{place}: {default}");
            }
        }
    }
}

/// A document in which every field of the catalogue stands, by walking it: each quantity must be found by the visitor, and
/// every key must survive reading and writing. Unions and kinds are taken one after the other.
#[test]
fn every_field_is_read_written_and_visited() {
    let mut quantities_seen = 0;
    for (kind, name) in scenario::catalogue::KINDS.iter().map(|entry| (entry.kind, entry.name)) {
        let component = &scenario::catalogue::COMPONENT;
        for field in
            component.fields.iter().filter(|field| field.belongs_to(kind) && !["id", "kind"].contains(&field.key))
        {
            for value in samples(field.value, 0) {
                let mut document = json!({"format": "headroom/1", "name": "t", "components": [{"id": "x", "kind": name}],
                    "traffic": [{"id": "c", "entry": "x", "arrivals": {"open": {"rate": 1}}}]});
                document["components"][0][field.key] = value.clone();
                let read = scenario::open(&document.to_string()).unwrap();
                let walked: Vec<_> = read
                    .problems
                    .iter()
                    .filter(|p| p.text.contains("not known") || p.text.contains("not what"))
                    .collect();
                assert!(walked.is_empty(), "{name}.{}: {walked:?}", field.key);
                let written = serde_json::to_value(&read.scenario).unwrap();
                assert_eq!(kept(&value), kept(&written["components"][0][field.key]), "{name}.{}", field.key);
                let expected = count(&value);
                let found = quantities::list(&read.scenario)
                    .iter()
                    .filter(|q| q.quantity.from.as_deref() == Some("marked"))
                    .count();
                assert_eq!(found, expected, "{name}.{}: quantities in {value}", field.key);
                quantities_seen += found;
            }
        }
    }
    assert!(quantities_seen > 100, "{quantities_seen}");
}

/// Values of a type, one for each alternative, with every key of every object; quantities are marked.
fn samples(kind: Type, depth: usize) -> Vec<Value> {
    let marked = |value: f64| vec![json!({"value": value, "from": "marked"})];
    match kind {
        Type::Text(_) => vec![json!("text")],
        Type::Id | Type::Reference(_) => vec![json!("x")],
        Type::Version => vec![json!("headroom/1")],
        Type::Currency => vec![json!("USD")],
        Type::Date => vec![json!("2026-01-01")],
        Type::Flag => vec![json!(true)],
        Type::Number(range) | Type::Whole(range) => vec![json!(range.nearest(1.0))],
        Type::Quantity(range) | Type::Count(range) => marked(range.nearest(1.0)),
        Type::Choice(words) => words.iter().map(|(word, _)| json!(word)).collect(),
        Type::Object(_) if depth > 3 => vec![],
        Type::Object(shape) => {
            let columns = shape.fields.iter().map(|field| (field.key, samples(field.value, depth + 1)));
            let columns: Vec<_> = columns.filter(|(_, values)| !values.is_empty()).collect();
            if shape.exactly_one {
                return columns
                    .into_iter()
                    .flat_map(|(key, values)| values.into_iter().map(move |v| json!({key: v})))
                    .collect();
            }
            let most = columns.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
            let row = |i: usize| columns.iter().map(|(key, v)| ((*key).to_owned(), v[i % v.len()].clone())).collect();
            (0..most).map(row).collect()
        }
        Type::List(of, _) => {
            let items = samples(*of, depth);
            if items.is_empty() { vec![] } else { vec![Value::Array(items)] }
        }
        Type::Tuple(of) => vec![of.iter().map(|of| samples(*of, depth)[0].clone()).collect()],
        Type::Map(_, of) => samples(*of, depth).into_iter().map(|value| json!({"name": value})).collect(),
        Type::PerClass(of) => {
            let each = samples(*of, depth);
            let by_class = json!({"c": each[0], "*": each[0]});
            each.into_iter().chain([by_class]).collect()
        }
        Type::Either(alternatives) => alternatives.iter().flat_map(|(_, of)| samples(*of, depth)).collect(),
    }
}

/// A value with its numbers as doubles.
fn kept(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(list) => list.iter().map(kept).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), kept(value))).collect(),
        other => other.clone(),
    }
}

/// Marked quantities in a value.
fn count(value: &Value) -> usize {
    match value {
        Value::Object(map) if map.get("from") == Some(&json!("marked")) => 1,
        Value::Object(map) => map.values().map(count).sum(),
        Value::Array(list) => list.iter().map(count).sum(),
        _ => 0,
    }
}
