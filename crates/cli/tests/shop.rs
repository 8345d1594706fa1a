//! The shop's files through the real command: import, calibrate, simulate.

#![allow(clippy::expect_used, reason = "a failed step of a test is its failure")]

mod common;

use common::{fixture, headroom, headroom_with, text};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn shop(name: &str) -> PathBuf {
    fixture("shop-stack").join(name)
}

/// All files with measurements.
fn measured() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(shop(""))
        .expect("the fixture")
        .map(|entry| text(&entry.expect("an entry").path()).to_owned())
        .filter(|path| {
            !["README.md", "levels.json", "map.json", "scenario.json"].iter().any(|name| path.ends_with(name))
        })
        .collect();
    names.sort();
    names
}

fn calibrated(output: &Path, report: &Path) {
    let (scenario, map) = (shop("scenario.json"), shop("map.json"));
    let mut arguments = vec!["calibrate", text(&scenario), "--map", text(&map), "--report", text(report)];
    arguments.extend(["-o", text(output), "--data"]);
    let data = measured();
    arguments.extend(data.iter().map(String::as_str));
    let run = headroom(&arguments);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{run:?}");
}

#[test]
fn every_measured_file_is_imported() {
    let files = measured();
    let mut arguments = vec!["import", "--json"];
    arguments.extend(files.iter().map(String::as_str));
    let run = headroom(&arguments);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    let documents: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).expect("json")).collect();
    assert_eq!(documents.len(), files.len());
    let stats = documents.iter().find(|document| document["kind"] == "locust-stats").expect("Locust");
    // The file's own "Aggregated" row.
    assert_eq!((&stats["totals"]["requests"], &stats["totals"]["errors"]), (&11_034.into(), &0.into()));

    let run = headroom(&["import", text(&shop("shop_stats.csv"))]);
    assert!(run.stdout.contains("locust-stats") && run.stdout.contains("11,034"), "{}", run.stdout);
}

#[test]
fn files_that_hold_nothing_are_named_and_the_others_are_read() {
    let (good, other) = (shop("shop_stats.csv"), shop("levels.json"));
    let run = headroom(&["import", text(&good), text(&other), "absent.csv", "--json"]);
    assert_eq!((run.code, run.stdout.lines().count()), (Some(0), 1), "{run:?}");
    let errors: Vec<&str> = run.stderr.lines().collect();
    assert!(errors.len() == 3 && errors[0].starts_with("error: ") && errors[0].contains("levels.json"), "{errors:?}");
    assert_eq!(errors[1], "error: absent.csv: cannot be read (no such file or directory); check the path");
    assert_eq!(errors[2], "warning: 2 of 3 files gave nothing: the answer is without them");

    let binary: &[u8] = b"\x7fELF\x02\x01\x01\x00\xff\xfe binary";
    for content in [b"".as_slice(), binary, b"{\"metrics\": {\"http_req", b"hello"] {
        let run = headroom_with(&["import", "-"], content);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{run:?}");
        assert!(run.stderr.starts_with("error: standard input: ") && run.stderr.contains("; "), "{}", run.stderr);
    }
    let run = headroom(&["import", "--kind", "nonsense", text(&good)]);
    assert!(run.code == Some(2) && run.stderr.contains("k6"), "the known kinds are named: {}", run.stderr);
}

/// What the shop was built with (its README): payment 41 to 43 ms, a query about 1 ms over 30 and 20, hit ratio about 0.70.
#[test]
fn a_calibration_finds_how_the_shop_was_built() {
    let folder = tempfile::tempdir().expect("folder");
    let (fitted, report) = (folder.path().join("fitted.json"), folder.path().join("report.json"));
    calibrated(&fitted, &report);
    let report: Value = serde_json::from_slice(&std::fs::read(&report).expect("a report")).expect("json");
    let value = |path: &str| {
        let rows = report["fitted"].as_array().expect("rows");
        let row = rows.iter().find(|row| row["path"] == path).unwrap_or_else(|| panic!("{path} was not fitted"));
        row["value"].as_f64().expect("a number")
    };
    for (path, low, high) in [
        ("components.payment.service.mean_ms", 40.5, 43.5),
        ("components.db.service.browse.mean_ms", 29.5, 32.5),
        ("components.db.service.checkout.mean_ms", 19.5, 22.5),
        ("components.redis.hit_ratio", 0.68, 0.72),
        ("components.receipt-worker.service.mean_ms", 58.0, 63.0),
    ] {
        let value = value(path);
        assert!((low..=high).contains(&value), "{path}: {value}");
    }
    let run = headroom(&["validate", text(&fitted)]);
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[test]
fn simulating_in_shards_gives_the_same_bytes() {
    let folder = tempfile::tempdir().expect("folder");
    let scenario = shop("scenario.json");
    let simulate = |more: &[&str]| {
        let mut arguments = vec!["simulate", text(&scenario), "--seconds", "20", "--replications", "4", "--json"];
        arguments.extend(more);
        let run = headroom(&arguments);
        assert_eq!(run.code, Some(0), "{run:?}");
        run.stdout
    };
    let whole = simulate(&[]);
    assert_eq!(simulate(&[]), whole, "the same seed");
    assert_ne!(simulate(&["--seed", "2"]), whole, "another seed");
    let parts: Vec<PathBuf> = (1..=3).map(|part| folder.path().join(format!("{part}.json"))).collect();
    for (index, part) in parts.iter().enumerate() {
        std::fs::write(part, simulate(&["--shard", &format!("{}/3", index + 1)])).expect("written");
    }
    let mut arguments = vec!["merge", "--json"];
    arguments.extend(parts.iter().map(|part| text(part)));
    let run = headroom(&arguments);
    assert_eq!((run.code, run.stdout), (Some(0), whole));
    // For people too: its name, its objectives in words, its currency.
    let told = headroom(&["simulate", text(&scenario), "--seconds", "20", "--replications", "4"]);
    let merged = headroom(&[&["merge"][..], &parts.iter().map(|part| text(part)).collect::<Vec<_>>()].concat());
    assert!(told.stdout.contains("Shop") && told.stdout.contains("$") && merged.stdout == told.stdout, "{merged:?}");

    for (results, says) in [(vec![text(&parts[0])], "error: "), (vec![text(&scenario)], "is no result of a simulation")]
    {
        let mut arguments = vec!["merge"];
        arguments.extend(results);
        let run = headroom(&arguments);
        assert!(run.code == Some(2) && run.stderr.contains(says), "{run:?}");
    }
}

/// Whoever stops reading (`| head`) gets no complaint.
#[test]
fn a_reader_that_leaves_is_no_fault() {
    use std::io::Read;
    use std::process::Stdio;
    let files = measured();
    let mut child = common::binary()
        .args(["import", "--json"])
        .args(files.iter().cycle().take(200))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut out = child.stdout.take().expect("piped");
    let mut first = [0; 10];
    out.read_exact(&mut first).expect("something");
    drop(out);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}
