//! Nothing that a file may hold makes the importer panic, hang or invent: every fixture cut at many places, bytes changed, chunks of
//! any size.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{finite, root};
use ingest::{Import, Options, Outcome, import_bytes};
use proptest::prelude::*;
use std::path::{Path, PathBuf};

fn fixtures() -> Vec<PathBuf> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, files);
            } else {
                files.push(path);
            }
        }
    }
    let mut files = Vec::new();
    walk(&root().join("crates/ingest/tests/fixtures"), &mut files);
    walk(&root().join("tests/fixtures/shop-stack"), &mut files);
    files.sort();
    assert!(files.len() > 40);
    files
}

/// The outcome is one a reader can act on.
fn sound(file: &str, outcome: &Outcome) {
    match outcome {
        Outcome::Measured(found) => finite(file, &serde_json::to_value(found).unwrap()),
        Outcome::Question(question) => assert!(!question.text.is_empty(), "{file}"),
        Outcome::Nothing(refusal) => {
            assert!(!refusal.expected.is_empty() && !refusal.found.is_empty(), "{file}: {refusal}");
        }
    }
}

#[test]
fn files_cut_anywhere_give_what_came_before() {
    for path in fixtures() {
        let bytes = std::fs::read(&path).unwrap();
        let name = path.to_string_lossy().into_owned();
        for cut in 1..40 {
            let end = bytes.len() * cut / 40;
            sound(&name, &import_bytes(&name, &bytes[..end]));
        }
        for back in 1..12 {
            sound(&name, &import_bytes(&name, &bytes[..bytes.len().saturating_sub(back)]));
        }
    }
}

#[test]
fn chunks_of_any_size_give_the_same() {
    for path in fixtures() {
        let bytes = std::fs::read(&path).unwrap();
        let name = path.to_string_lossy().into_owned();
        let whole = import_bytes(&name, &bytes);
        for size in [61, 4093] {
            let mut import = Import::new(&name, Options::default());
            bytes.chunks(size).for_each(|chunk| {
                let _ = import.push(chunk);
            });
            assert_eq!(import.finish(), whole, "{name} in chunks of {size}");
        }
    }
}

#[test]
fn cut_load_tests_say_so() {
    for name in [
        "k6/out.ndjson",
        "k6/out.csv",
        "jmeter/results.jtl",
        "jmeter/results_xml.jtl",
        "locust/report.json",
        "gatling/simulation_binary_3.12.1.log",
    ] {
        let bytes = common::fixture(name);
        let line_middle =
            bytes.len() / 2 + bytes[bytes.len() / 2..].iter().position(|byte| *byte == b'\n').unwrap_or(7).min(9);
        let Outcome::Measured(found) = import_bytes(name, &bytes[..line_middle - 3]) else { panic!("{name}") };
        assert!(found.warnings.iter().any(|warning| warning.code == "truncated"), "{name}: {:?}", found.warnings);
        assert!(found.totals.unwrap().requests.unwrap() > 10, "{name}");
    }
}

#[test]
fn hostile_files_end_soon() {
    let deep_list = vec![b'['; 1_000_000];
    let long_line =
        [b"{\"metric\":\"http_req_duration\",\"type\":\"Point\",\"data\":\"".to_vec(), vec![b'x'; 20_000_000]].concat();
    let long_record = [b"timeStamp,elapsed,label\n1,2,\"".to_vec(), vec![b'y'; 12_000_000]].concat();
    let zeros = vec![0_u8; 3_000_000];
    let wide = [vec![b','; 200_000], b"\n1,2\n".to_vec()].concat();
    for (name, bytes) in
        [("deep", deep_list), ("long line", long_line), ("long record", long_record), ("zeros", zeros), ("wide", wide)]
    {
        sound(name, &import_bytes(name, &bytes));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn changed_bytes_do_no_harm(
        file in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..4), 1..12),
        keep in 0.01_f64..1.0,
    ) {
        let files = fixtures();
        let path = file.get(&files);
        let mut bytes = std::fs::read(path).unwrap();
        bytes.truncate(((bytes.len() as f64 * keep) as usize).max(1));
        for (place, byte, kind) in changes {
            let place = place.index(bytes.len());
            match kind {
                0 => bytes[place] = byte,
                1 => bytes.insert(place, byte),
                2 => { bytes.remove(place); }
                _ => { let part = bytes[place..(place + 40).min(bytes.len())].to_vec(); bytes.splice(place..place, part); }
            }
            if bytes.is_empty() { bytes.push(byte); }
        }
        let name = path.to_string_lossy().into_owned();
        sound(&name, &import_bytes(&name, &bytes));
    }

    #[test]
    fn any_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
        sound("any", &import_bytes("any", &bytes));
    }
}
