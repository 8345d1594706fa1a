//! Reading scenarios: what is taken, what is refused, and how that is said.

#![allow(clippy::expect_used, reason = "a failed step of a test is its failure")]

mod common;

use common::{fixture, headroom, headroom_with, text};

const SMALL: &str = r#"{"format": "headroom/1", "name": "Small",
  "traffic": [{"id": "web", "entry": "api", "arrivals": {"open": {"rate": 10}}}],
  "components": [{"id": "api", "kind": "service", "concurrency": 2, "service": {"mean_ms": 5}}]}"#;

const SMALL_YAML: &str = "
# the same in YAML
format: headroom/1
name: Small
traffic:
  - id: web
    entry: api
    arrivals: {open: {rate: 10}}
components:
  - {id: api, kind: service, concurrency: 2, service: {mean_ms: 5}}
";

#[test]
fn scenarios_are_taken() {
    let shop = fixture("shop-stack/scenario.json");
    let run = headroom(&["validate", text(&shop)]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "Shop: valid, 6 components, 2 traffic classes\n"), "{run:?}");
    for document in [SMALL, SMALL_YAML] {
        let run = headroom_with(&["validate", "-"], document.as_bytes());
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (Some(0), "Small: valid, 1 components, 1 traffic classes\n"),
            "{run:?}"
        );
    }
    let run = headroom_with(&["validate", "-", "--json"], format!("\u{feff}{SMALL}").as_bytes());
    let answer: serde_json::Value = serde_json::from_str(&run.stdout).expect("json");
    assert_eq!(answer, serde_json::json!({"valid": true, "problems": []}), "{run:?}");
}

/// Every refusal: exit code 2, nothing on standard output, one line an error with place, reason and remedy.
#[test]
fn bad_input_is_refused_with_its_place() {
    let cut = &SMALL[..SMALL.len() / 2];
    let rows: &[(&str, &[u8], &str)] = &[
        ("empty", b"", "error: standard input: is empty; "),
        ("blank", b" \n\n", "error: standard input: is empty; "),
        ("cut off", cut.as_bytes(), "error: traffic[0].arrivals.open: this is not JSON: EOF while parsing"),
        ("binary", b"\x7fELF\x02\x01\x01\xff\xfe\x00", "error: standard input: is not text; "),
        ("a word", b"hello", "error: standard input: holds no document; "),
        ("a list", b"[1, 2]", "error: standard input: "),
        (
            "a number without end",
            br#"{"format": "headroom/1", "costs": 1e400}"#,
            "error: costs: this is not JSON: number out of range",
        ),
        ("a key twice", br#"{"slos": [], "slos": []}"#, "error: slos: \"slos\" stands twice; keep one of them"),
        ("a key twice in yaml", b"a:\n  - {b: 1, b: 2}\n", "error: a[0].b: \"b\" stands twice; keep one of them"),
        ("bad yaml", b"a: [1, 2\nb: }", "error: a: this is not YAML: "),
    ];
    for (what, content, says) in rows {
        let run = headroom_with(&["validate", "-"], content);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{what}: {run:?}");
        assert!(run.stderr.starts_with(says), "{what}: {}", run.stderr);
        for line in run.stderr.lines() {
            assert!(line.starts_with("error: ") && line.contains("; "), "{what}: {line}");
        }
    }
}

#[test]
fn files_that_cannot_be_read() {
    let folder = tempfile::tempdir().expect("folder");
    let absent = folder.path().join("absent.json");
    for (path, says) in [
        (absent.as_path(), "cannot be read (no such file or directory); check the path"),
        (folder.path(), "is a folder; give a file in it"),
    ] {
        let run = headroom(&["validate", text(path)]);
        assert_eq!((run.code, run.stderr), (Some(2), format!("error: {}: {says}\n", path.display())));
    }
}

/// A bomb of YAML anchors must end quickly and be refused.
#[test]
fn a_yaml_bomb_is_refused() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let inner = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{inner}]\n"));
    }
    let started = std::time::Instant::now();
    let run = headroom_with(&["validate", "-"], bomb.as_bytes());
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn help_version_and_wrong_arguments() {
    let rows: &[(&[&str], i32, &str)] = &[
        (&["--help"], 0, "Usage: headroom"),
        (&["--version"], 0, "headroom 0.1.0"),
        (&["validate", "--help"], 0, "Usage: headroom validate"),
        (&[], 2, "Usage: headroom"),
        (&["validat"], 2, "error: unrecognized subcommand 'validat'"),
        (&["validate"], 2, "error: the following required arguments were not provided"),
        (&["validate", "a", "--jsn"], 2, "error: unexpected argument '--jsn'"),
        (&["serve", "--addr", "nowhere"], 2, "error: invalid value 'nowhere'"),
    ];
    for (arguments, code, says) in rows {
        let run = headroom(arguments);
        assert_eq!(run.code, Some(*code), "{arguments:?}: {run:?}");
        let out = if *code == 0 { &run.stdout } else { &run.stderr };
        assert!(out.contains(says), "{arguments:?}: {run:?}");
    }
}

/// The schema is the one of the format, and describes what the shop's scenario uses.
#[test]
fn the_schema_is_printed() {
    let run = headroom(&["schema"]);
    let schema: serde_json::Value = serde_json::from_str(&run.stdout).expect("json");
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert!(schema["$schema"].as_str().is_some_and(|version| version.contains("json-schema.org")), "{schema}");
    for key in ["traffic", "components", "slos", "growth"] {
        assert!(schema["properties"].get(key).is_some(), "{key}");
    }
}
