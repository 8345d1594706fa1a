//! The verbs that answer with figures, on the calibrated shop.

#![allow(clippy::expect_used, reason = "a failed step of a test is its failure")]

mod common;

use common::{Run, binary, fixture, headroom, headroom_with, text};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Stdio;
use tempfile::TempDir;

/// The shop's scenario, fitted to its measurements.
fn fitted(folder: &TempDir) -> PathBuf {
    let shop = |name: &str| text(&fixture("shop-stack").join(name)).to_owned();
    let output = folder.path().join("fitted.json");
    let data = [
        "prom_pg_rate",
        "prom_pg_busy",
        "prom_pool_busy",
        "prom_cache",
        "prom_pay_mean",
        "prom_job_busy",
        "prom_job_rate",
    ];
    let mut arguments = vec!["calibrate".to_owned(), shop("scenario.json"), "--map".to_owned(), shop("map.json")];
    arguments.extend(["-o".to_owned(), text(&output).to_owned(), "--data".to_owned()]);
    arguments.extend(data.map(|name| shop(&format!("{name}.json"))));
    arguments.extend(["shop_stats_history.csv", "app_metrics.txt", "cost_explorer.json"].map(shop));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let run = headroom(&arguments);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stderr.contains("Model against measurement"), "the report goes to standard error: {}", run.stderr);
    output
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|cause| panic!("{cause}: {run:?}"))
}

/// `levels.json` is the truth from the record of every request; it was never shown to the calibration.
#[test]
fn the_model_meets_what_was_measured() {
    let folder = tempfile::tempdir().expect("folder");
    let scenario = fitted(&folder);
    let answer = json(&headroom(&["solve", text(&scenario), "--growth", "1,2,3", "--json"]));
    let levels = std::fs::read(fixture("shop-stack/levels.json")).expect("the truth");
    let levels: Vec<Value> = serde_json::from_slice(&levels).expect("json");
    for (point, level) in answer["points"].as_array().expect("points").iter().zip(&levels) {
        assert_eq!(point["multiple"].as_f64(), level["multiple"].as_f64());
        for (class, endpoint) in [("browse", "GET /items/:id"), ("checkout", "POST /checkout")] {
            for figure in ["mean", "p95"] {
                let model = point["classes"][class]["latency_ms"][figure].as_f64().expect("a figure");
                let measured = level[endpoint][figure].as_f64().expect("a figure");
                let error = model / measured - 1.0;
                println!(
                    "×{} {class} {figure}: measured {measured}, model {model:.1}, {:+.1} %",
                    level["multiple"],
                    error * 100.0
                );
                assert!(error.abs() < 0.2, "×{} {class} {figure}: {error}", level["multiple"]);
            }
        }
    }
}

#[test]
fn a_projection_in_every_form() {
    let folder = tempfile::tempdir().expect("folder");
    let scenario = fitted(&folder);
    let project = |more: &[&str]| {
        let mut arguments = vec!["project", text(&scenario), "--samples", "50", "--growth", "1..3"];
        arguments.extend(more);
        let run = headroom(&arguments);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
        run
    };
    let text_form = project(&[]).stdout;
    assert!(text_form.starts_with("You can grow ") && text_form.contains('$'), "{text_form}");
    let document = json(&project(&["--json"]));
    assert_eq!(document["format"], "headroom-result/1");
    let multiples: Vec<f64> =
        document["points"].as_array().expect("points").iter().filter_map(|point| point["multiple"].as_f64()).collect();
    assert_eq!(multiples, [1.0, 2.0, 3.0]);
    assert_eq!(document["headroom"]["component"], "receipts");
    let band = &document["points"][0]["classes"]["browse"]["bands"]["p95"];
    let p95 = document["points"][0]["classes"]["browse"]["latency_ms"]["p95"].as_f64().expect("a figure");
    assert!(band[0].as_f64() < Some(p95) && Some(p95) < band[1].as_f64(), "{band} around {p95}");
    assert_eq!(project(&["--json"]).stdout, project(&["--format", "json"]).stdout);

    assert!(
        project(&["--format", "csv"]).stdout.starts_with("multiple,kind,name,figure,value,low,high\n1,class,browse,")
    );
    assert!(project(&["--format", "markdown"]).stdout.starts_with("**You can grow "));
    let file = folder.path().join("projection.json");
    assert_eq!(project(&["--json", "-o", text(&file)]).stdout, "");
    assert_eq!(std::fs::read_to_string(&file).expect("written"), project(&["--json"]).stdout);
}

/// Exit code 0 when every objective holds, 1 when one is missed, 2 when the question is bad.
#[test]
fn a_check_says_it_by_its_exit_code() {
    let folder = tempfile::tempdir().expect("folder");
    let scenario = fitted(&folder);
    let (junit, markdown) = (folder.path().join("junit.xml"), folder.path().join("summary.md"));
    let rows: &[(&[&str], i32)] = &[
        (&["--growth", "3"], 0),
        (&["--growth", "8"], 1),
        (&["--growth", "8", "--json"], 1),
        (&["--growth", "-1"], 2),
        (&["--growth", "nan"], 2),
        (&["--probability", "2"], 2),
        (&["--base", "absent.json"], 2),
        (&["--junit", "no-such-folder/x.xml"], 3),
        (&["--growth", "8", "--base", text(&scenario), "--junit", text(&junit), "--markdown", text(&markdown)], 1),
    ];
    for (more, code) in rows {
        let mut arguments = vec!["check", text(&scenario)];
        arguments.extend(*more);
        let run = headroom(&arguments);
        assert_eq!(run.code, Some(*code), "{more:?}: {run:?}");
        assert_eq!(*code >= 2, run.stderr.starts_with("error: "), "{more:?}: {run:?}");
        if more.contains(&"--json") {
            assert_eq!(json(&run)["passed"], false);
        }
    }
    let junit = std::fs::read_to_string(&junit).expect("written");
    assert!(junit.starts_with("<?xml") && junit.contains("<failure"), "{junit}");
    assert!(std::fs::read_to_string(&markdown).expect("written").contains("### Headroom at 8×"));
}

/// Whoever reads the answer may stop: the exit code stays what the objectives say.
#[test]
fn a_reader_that_goes_changes_no_verdict() {
    let folder = tempfile::tempdir().expect("folder");
    let scenario = fitted(&folder);
    for (growth, code) in [("3", 0), ("8", 1)] {
        let mut command = binary();
        command.args(["check", text(&scenario), "--growth", growth, "--json"]).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        drop(child.stdout.take());
        assert_eq!(child.wait().expect("it ends").code(), Some(code), "{growth}");
    }
}

/// Of two files the problems of both are said, each with its file, those that only the solver finds too.
#[test]
fn problems_of_two_files_say_of_which() {
    let folder = tempfile::tempdir().expect("folder");
    let file = |name: &str, kind: &str, more: &str| {
        let path = folder.path().join(name);
        let document = format!(
            r#"{{"format": "headroom/1", "traffic": [{{"id": "web", "entry": "api", "arrivals": {{"open": {{"rate": 1}}}}}}],
            "components": [{{"id": "api", "kind": "{kind}", "service": {{"mean_ms": 5}}{more}}}]}}"#
        );
        std::fs::write(&path, document).expect("written");
        text(&path).to_owned()
    };
    let fine = file("fine.json", "service", "");
    let (bad, worse) = (file("bad.json", "servis", ""), file("worse.json", "function", ""));
    let odd = file("odd.json", "external", r#", "autoscale": {"min": 1, "max": 2}"#);
    let noted = file("noted.json", "service", r#", "failure_ratio": {"value": 0.1, "high": 0.2}"#);
    let worse_text = std::fs::read_to_string(&worse).expect("read").replace("\"rate\": 1", "\"rate\": -1");
    std::fs::write(&worse, worse_text).expect("written");
    let rows: &[(&[&str], &[&str])] = &[
        (&["check", &fine, "--base", &bad], &["bad.json: components[0].kind"]),
        (
            &["check", &worse, "--base", &bad],
            &["worse.json: traffic[0].arrivals.open.rate", "bad.json: components[0].kind"],
        ),
        (&["check", &fine, "--base", &odd], &["odd.json: components[0].autoscale"]),
        (&["check", &odd, "--base", &fine], &["odd.json: components[0].autoscale"]),
        (&["compare", &fine, &odd], &["odd.json: components[0].autoscale"]),
        (&["compare", &fine, &noted], &["note: ", "noted.json: components[0].failure_ratio"]),
    ];
    for (arguments, says) in rows {
        let run = headroom(arguments);
        for says in *says {
            assert!(run.stderr.contains(says), "{arguments:?}: {says} in {run:?}");
        }
    }
}

/// Without a scenario the map names what is made from the data; what is wrong with it is said.
#[test]
fn a_map_counts_without_a_scenario() {
    let folder = tempfile::tempdir().expect("folder");
    let (load, map) = (fixture("shop-stack/shop_stats_history.csv"), folder.path().join("map.json"));
    let rows: &[(&str, i32, &str)] = &[
        (r#"{"endpoints": {"GET /items/:id": "home"}}"#, 0, "\"id\": \"home\""),
        (r#"{"endpoint": {"GET /items/:id": "home"}}"#, 2, "map.json: map.endpoint: the key \"endpoint\" is not known"),
        (r#"{"series": [{"component": "db", "is": "utilization"}]}"#, 2, "map.series[0].component"),
        ("{", 2, "map.json: this is not JSON"),
    ];
    for (content, code, says) in rows {
        std::fs::write(&map, content).expect("written");
        let run = headroom(&["calibrate", "--data", text(&load), "--map", text(&map)]);
        assert_eq!(run.code, Some(*code), "{content}: {run:?}");
        let out = if *code == 0 { &run.stdout } else { &run.stderr };
        assert!(out.contains(says), "{content}: {run:?}");
    }
}

#[test]
fn a_backtest_predicts_the_highest_level() {
    let shop = |name: &str| text(&fixture("shop-stack").join(name)).to_owned();
    let (scenario, map) = (shop("scenario.json"), shop("map.json"));
    let files =
        ["shop_stats_history.csv", "prom_pg_rate.json", "prom_pg_busy.json", "prom_cache.json", "prom_pay_mean.json"]
            .map(shop);
    let mut arguments = vec!["backtest", &scenario, "--map", &map, "--json", "--data"];
    arguments.extend(files.iter().map(String::as_str));
    let run = headroom(&arguments);
    assert_eq!(run.code, Some(0), "{run:?}");
    let answer = json(&run);
    assert!(answer["trained_up_to_multiple"].as_f64().expect("a number") < 2.5, "{answer}");
    assert!(answer["worst_error"].as_f64().expect("a number") < 0.2, "{answer}");
}

/// All problems of a scenario at once, each with its place; nothing is answered.
#[test]
fn a_bad_scenario_is_refused_by_every_verb() {
    let scenario = std::fs::read_to_string(fixture("shop-stack/scenario.json")).expect("the fixture");
    let mut document: Value = serde_json::from_str(&scenario).expect("json");
    document["traffic"][0]["arrivals"]["open"]["rate"] = Value::from(-24);
    document["components"][1]["hit_ration"] = Value::from(0.5);
    let bad = document.to_string();
    for verb in [&["solve", "-"][..], &["project", "-"], &["check", "-"], &["simulate", "-"], &["validate", "-"]] {
        let run = headroom_with(verb, bad.as_bytes());
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{verb:?}: {run:?}");
        let lines: Vec<&str> = run.stderr.lines().collect();
        assert!(lines.iter().any(|line| line.starts_with("error: traffic[0].arrivals.open.rate: ")), "{lines:#?}");
        assert!(lines.iter().any(|line| line.contains("hit_ration") && line.contains("hit_ratio")), "{lines:#?}");
    }
    for growth in ["0", "-1", "nan", "1e9"] {
        let run = headroom_with(&["solve", "-", "--growth", growth], scenario.as_bytes());
        assert_eq!(run.code, Some(2), "{growth}: {run:?}");
    }
}
