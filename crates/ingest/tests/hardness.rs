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
fn letters_of_several_bytes_stand_before_any_number() {
    for path in fixtures() {
        let name = path.to_string_lossy().into_owned();
        let Ok(mut text) = String::from_utf8(std::fs::read(&path).unwrap()) else { continue };
        text.truncate((0..=8000).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0));
        let digit = |place: usize| text.as_bytes().get(place).is_some_and(u8::is_ascii_digit);
        let starts: Vec<usize> =
            (0..text.len()).filter(|place| digit(*place) && (*place == 0 || !digit(place - 1))).collect();
        for start in starts.iter().step_by(starts.len() / 12 + 1) {
            let mut changed = text.clone();
            changed.insert(*start, '\u{fffd}');
            sound(&name, &import_bytes(&name, changed.as_bytes()));
        }
    }
}

#[test]
fn chunks_of_any_size_give_the_same() {
    for path in fixtures() {
        let bytes = std::fs::read(&path).unwrap();
        let name = path.to_string_lossy().into_owned();
        let whole = import_bytes(&name, &bytes);
        for size in [1, 17, 1000, 4093] {
            let mut import = Import::new(&name, Options::default());
            bytes.chunks(size).for_each(|chunk| {
                let _ = import.push(chunk);
            });
            assert_eq!(import.finish(), whole, "{name} in chunks of {size}");
        }
    }
}

fn in_pieces(name: &str, bytes: &[u8], size: usize, options: &Options) -> Outcome {
    let mut import = Import::new(name, options.clone());
    for piece in bytes.chunks(size) {
        if import.push(piece).is_err() {
            break;
        }
    }
    import.finish()
}

/// Long files as the network may bring them: the same figures, and no byte looked at again with each piece.
#[test]
fn pieces_of_long_files_cost_no_more() {
    let long: usize = std::env::var("HEADROOM_PIECES_KB").ok().and_then(|text| text.parse().ok()).unwrap_or(200) * 1000;
    let any = Options::default();
    for path in fixtures() {
        let bytes = std::fs::read(&path).unwrap();
        let name = path.to_string_lossy().into_owned();
        let bytes = bytes.repeat(long.div_ceil(bytes.len().max(1)));
        let begin = std::time::Instant::now();
        let whole = in_pieces(&name, &bytes, bytes.len(), &any);
        let at_once = begin.elapsed();
        for size in [17, 1000] {
            let begin = std::time::Instant::now();
            assert_eq!(in_pieces(&name, &bytes, size, &any), whole, "{name} in pieces of {size}");
            let most = std::time::Duration::from_secs(2) + 20 * at_once;
            assert!(begin.elapsed() < most, "{name} in pieces of {size}: {:?} after {at_once:?}", begin.elapsed());
            if long > 1_000_000 && begin.elapsed() > 3 * at_once + std::time::Duration::from_millis(60) {
                println!("{name} in pieces of {size}: {:?} after {at_once:?}", begin.elapsed());
            }
        }
    }
}

/// Files that are one long line, tag, comment, text or blank: what comes is looked at once.
#[test]
fn pieces_of_files_without_an_end() {
    let megabytes =
        |start: &str, part: &str| [start.as_bytes(), part.repeat(4_000_000 / part.len()).as_bytes()].concat();
    let xml =
        "<testResults version=\"1.2\">\n<httpSample t=\"3\" ts=\"1700000000000\" s=\"true\" lb=\"a\" rc=\"200\"/>\n";
    let gatling = common::fixture("gatling/simulation_binary_3.12.1.log");
    let string = [&gatling[..], b"\x04\x00\x00\x00\x7f\x00\x3d\x09\x00", &[b'x'; 3_900_000]].concat();
    for (kind, bytes) in [
        ("table", megabytes("", "name,")),
        ("table", megabytes("", "\n")),
        ("table", megabytes("", " ")),
        ("jmeter-csv", megabytes("timeStamp,elapsed,label", ",x")),
        ("bill", megabytes("service,cost,", "more,")),
        ("jmeter-xml", megabytes(&format!("{xml}<!--"), "a > b ")),
        ("jmeter-xml", megabytes(&format!("{xml}<x y='"), "a > b ")),
        ("jmeter-xml", megabytes(&format!("{xml}<![CDATA["), "a ]> b ")),
        ("gatling-binary", string),
        ("k6-ndjson", megabytes("{\"metric\":\"", "http")),
        ("locust-json", megabytes("[{\"name\":\"", "\\\"")),
        ("kubernetes-json", megabytes("{\"apiVersion\":\"v1\",\"items\":[", "{\"kind\":\"Pod\"},")),
        ("otlp-ndjson", megabytes("{\"resourceSpans\":[{", "\"a\":[")),
        ("otlp-protobuf", megabytes("\u{a}\u{7f}", "\u{12}\u{0}")),
        ("kubernetes", megabytes("kind: ", "a: ")),
    ] {
        let options = Options { kind: Some(kind.to_owned()), ..Options::default() };
        let whole = in_pieces(kind, &bytes, bytes.len(), &options);
        sound(kind, &whole);
        let begin = std::time::Instant::now();
        let found = in_pieces(kind, &bytes, 17, &options);
        // Looked at again with each piece it would be 470 GB, a minute at the least.
        assert!(begin.elapsed().as_secs() < 20, "{kind}: {:?}", begin.elapsed());
        assert_eq!(found, whole, "{kind}");
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

/// Reports for people have no closing bracket: cut after any line or in one, they give what came before and say so, or nothing; no
/// figure of theirs is another than in the whole.
#[test]
fn cut_reports_say_so() {
    for (name, whole) in [
        ("wrk/wrk.txt", None),
        ("wrk/wrk_nolatency_errors.txt", None),
        ("wrk2/wrk2.txt", None),
        ("wrk2/wrk2_u_latency.txt", None),
        ("ab/ab.txt", Some("238 (longest")),
        ("hey/hey.txt", Some("Status code")),
        ("siege/siege.txt", Some("Shortest")),
        ("h2load/h2load.txt", Some("time for request")),
        ("httperf/httperf.txt", Some("Errors: total")),
        ("loadtest/loadtest.txt", Some("100%")),
        ("drill/drill.txt", Some("99.9'th percentile        203ms\nMax time per request      203ms\n")),
        ("autocannon/autocannon_table.txt", Some("2k requests")),
    ] {
        let bytes = common::fixture(name);
        let text = String::from_utf8(bytes.clone()).unwrap();
        let Outcome::Measured(found) = import_bytes(name, &bytes) else { panic!("{name}") };
        let codes: Vec<&str> = found.warnings.iter().map(|warning| warning.code.as_str()).collect();
        assert!(!codes.contains(&"truncated"), "{name}: {codes:?}");
        let totals = found.totals.unwrap();
        let end = whole.and_then(|words| text.rfind(words)).or(text.rfind("Transfer/sec")).unwrap();
        // After each line, and in each.
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        let cuts = ends
            .clone()
            .chain(ends.map(|at| at + 9))
            .chain(text.match_indices(' ').map(|(at, _)| at).filter(|at| at % 7 == 0));
        for cut in cuts.filter(|cut| *cut < end && text.is_char_boundary(*cut)) {
            let Outcome::Measured(part) = import_bytes(name, &bytes[..cut]) else { continue };
            let place = || format!("{name} cut at {cut}: {:?}", &text[..cut].lines().last());
            // So far goes all that ab prints with -d.
            let before = &text[..cut];
            let whole_with_d = name.starts_with("ab/")
                && before.ends_with('\n')
                && before.contains("\nTotal:")
                && !before.contains("Percentage of");
            let said = part.warnings.iter().any(|warning| warning.code == "truncated");
            assert_eq!(said, !whole_with_d, "{}", place());
            let part = part.totals.unwrap();
            // autocannon's is that of its table, where the counts below are missing.
            let rate = part.rps.zip(totals.rps).map_or(1.0, |(part, whole)| part / whole);
            assert!((rate - 1.0).abs() < 0.01, "{}: {:?}", place(), part.rps);
            assert!(part.errors.is_none() || part.errors == totals.errors, "{}: {:?}", place(), part.errors);
            for (figure, value) in &part.latency_ms {
                // wrk2 prints them twice: the short table reads its buckets otherwise than the spectrum. siege rounds to 10 ms what its
                // concurrency tells exactly.
                let twice = [("wrk2", 0.1), ("siege", 0.25)];
                let tolerance = twice.iter().find(|(tool, _)| name.starts_with(tool)).map_or(1e-9, |(_, off)| *off);
                let off = value / totals.latency_ms.get(figure).copied().unwrap_or(f64::NAN) - 1.0;
                assert!(off.abs() < tolerance, "{}: {figure} {value}", place());
            }
        }
    }
    let wrk = String::from_utf8(common::fixture("wrk/wrk.txt")).unwrap();
    let Outcome::Measured(found) = import_bytes("wrk", &wrk.as_bytes()[..wrk.find("  4940").unwrap()]) else {
        panic!()
    };
    let totals = found.totals.unwrap();
    assert_eq!((totals.requests, totals.latency_ms["p99"]), (None, 47.97));
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
