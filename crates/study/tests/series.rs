//! Series of metrics as people really have them: with units, of several hosts, exported twice, under entries with a slip of the pen.
#![allow(clippy::unwrap_used)]

mod common;

use common::{drawn, read};
use ingest::{Measurements, Outcome};
use scenario::v1::{Map, MapSeries};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use study::calibrate::{CalibrateInput, Calibration, FittedRow, Note, Proposal, calibrate, propose};

type Points = Vec<(f64, f64)>;
type Files = Vec<(&'static str, String)>;

/// The labels and points of a recorded answer's series.
fn recorded(file: &str) -> Vec<(Value, Points)> {
    let answer: Value = serde_json::from_slice(&read(file)).unwrap();
    let point = |p: &Value| Some((p[0].as_f64()?, p[1].as_str()?.parse().ok()?));
    let series = answer["data"]["result"].as_array().unwrap().iter();
    series.map(|s| (s["metric"].clone(), s["values"].as_array().unwrap().iter().filter_map(point).collect())).collect()
}

/// A query's answer of such series.
fn prometheus(series: &[(Value, Points)]) -> String {
    let one = |(metric, points): &(Value, Points)| {
        let values: Vec<Value> = points.iter().map(|(t, v)| json!([t, v.to_string()])).collect();
        json!({"metric": metric, "values": values})
    };
    let result: Vec<Value> = series.iter().map(one).collect();
    json!({"status": "success", "data": {"resultType": "matrix", "result": result}}).to_string()
}

fn times(points: &Points, factor: f64) -> Points {
    points.iter().map(|&(t, v)| (t, v * factor)).collect()
}

fn later(points: &Points, seconds: f64) -> Points {
    points.iter().map(|&(t, v)| (t + seconds, v)).collect()
}

/// A panel's data frame.
fn frame(name: &str, unit: &str, points: &Points) -> String {
    let (times, values): (Vec<f64>, Vec<f64>) =
        points.iter().filter(|p| p.1.is_finite()).map(|p| (p.0 * 1000.0, p.1)).unzip();
    json!({"results": {"A": {"frames": [{"schema": {"fields": [{"name": "Time", "type": "time"},
        {"name": name, "type": "number", "config": {"unit": unit}}]}, "data": {"values": [times, values]}}]}}})
    .to_string()
}

/// An answer of get-metric-statistics.
fn cloudwatch(label: &str, unit: &str, points: &Points) -> String {
    let finite = points.iter().filter(|p| p.1.is_finite());
    let points: Vec<Value> = finite.map(|(t, v)| json!({"Timestamp": t, "Average": v, "Unit": unit})).collect();
    json!({"Label": label, "Datapoints": points}).to_string()
}

fn imported(file: &str, bytes: &[u8]) -> Measurements {
    match ingest::import_bytes(file, bytes) {
        Outcome::Measured(found) => *found,
        other => panic!("{file}: {other:?}"),
    }
}

/// The shop's load test and other files.
fn with_load_test(files: &[(&str, String)]) -> Vec<Measurements> {
    let mut data: Vec<Measurements> =
        ["shop_stats.csv", "shop_stats_history.csv"].map(|file| imported(file, &read(file))).into();
    data.extend(files.iter().map(|(file, text)| imported(file, text.as_bytes())));
    data
}

fn proposed(files: &[(&str, String)], map: Option<&Map>) -> Proposal {
    propose(&drawn(), &with_load_test(files), map)
}

fn beside(files: &[(&str, String)], map: Option<&Map>) -> Calibration {
    let (scenario, data) = (drawn(), with_load_test(files));
    calibrate(&CalibrateInput { scenario: Some(&scenario), data: &data, map, only_up_to_rps: None }).unwrap()
}

/// The measured mean of a component, and how wide its interval is.
fn mean(made: &Calibration, component: &str) -> (f64, f64) {
    let own = format!("components.{component}.");
    let row =
        |row: &&FittedRow| row.path.starts_with(&own) && row.path.ends_with("mean_ms") && row.source == "measured";
    let row = made.report.fitted.iter().find(row).unwrap_or_else(|| panic!("{component}: {:?}", made.report));
    (row.value, row.high - row.low)
}

fn at(made: &Calibration, component: &str) -> f64 {
    mean(made, component).0
}

fn said(notes: &[Note], words: &str) -> bool {
    notes.iter().any(|note| format!("{}: {}", note.place, note.text).contains(words))
}

const PAYMENT: &str = "payment";
const WORKER: &str = "receipt-worker";

fn text(file: &str) -> String {
    String::from_utf8(read(file)).unwrap()
}

/// Whatever unit a file states, the payment takes 42 ms and the receipt 61; the guess says its scale.
#[test]
fn a_stated_unit_gives_the_scale() {
    let payment = recorded("prom_pay_mean.json").remove(0).1;
    let busy = recorded("prom_job_busy.json").remove(0).1;
    let csv = |points: &Points| {
        let rows: Vec<String> = points.iter().map(|(t, v)| format!("{},{:.3} %\n", t * 1000.0, 50.0 * v)).collect();
        format!("\"Time\",\"receipt worker utilization\"\n{}", rows.concat())
    };
    let rate = ("prom_job_rate.json", text("prom_job_rate.json"));
    let nameless = |factor: f64| prometheus(&[(json!({}), times(&payment, factor))]);
    let rows: [(&str, Files, &str, f64, &str); 9] = [
        (
            "frame in s",
            vec![("f.json", frame("payment mean", "s", &payment))],
            PAYMENT,
            42.0,
            "scale 1000 (its unit is s)",
        ),
        (
            "frame in ms",
            vec![("f.json", frame("payment mean", "ms", &times(&payment, 1e3)))],
            PAYMENT,
            42.0,
            "scale 1 (its unit is ms)",
        ),
        (
            "frame in µs",
            vec![("f.json", frame("payment mean", "µs", &times(&payment, 1e6)))],
            PAYMENT,
            42.0,
            "scale 0.001 (its unit is us)",
        ),
        (
            "CloudWatch",
            vec![("c.json", cloudwatch("payment latency", "Seconds", &payment))],
            PAYMENT,
            42.0,
            "scale 1000 (its unit is s)",
        ),
        ("percent", vec![rate.clone(), ("w.csv", csv(&busy))], WORKER, 61.4, "scale 0.01 (its unit is percent)"),
        (
            "a frame of percent",
            vec![rate, ("w.json", frame("worker busy", "percent", &times(&busy, 50.0)))],
            WORKER,
            61.4,
            "is utilization of receipt-worker, scale 0.01",
        ),
        (
            "a query without a unit",
            vec![("payment_mean.json", nameless(1.0))],
            PAYMENT,
            42.0,
            "scale 1000 (no unit is said",
        ),
        (
            "a file of ms",
            vec![("payment_mean_ms.json", nameless(1e3))],
            PAYMENT,
            42.0,
            "scale 1 (its name says the unit)",
        ),
        (
            "a file of us",
            vec![("payment_mean_us.json", nameless(1e6))],
            PAYMENT,
            42.0,
            "scale 0.001 (its name says the unit)",
        ),
    ];
    for (name, files, path, want, guess) in rows {
        let made = beside(&files, None);
        let got = at(&made, path);
        assert!((got / want - 1.0).abs() < 0.02, "{name}: {got} is not {want}: {:?}", made.report.guesses);
        assert!(made.report.guesses.iter().any(|g| g.contains(guess)), "{name}: {:?}", made.report.guesses);
        if !name.ends_with("percent") && !name.ends_with("us") {
            continue;
        }
        // Kept in the map, it says the same when it is read again.
        let again = beside(&files, Some(&made.report.map));
        assert!((at(&again, path) / got - 1.0).abs() < 1e-9, "{name}: {} {got}", at(&again, path));
    }
}

/// A histogram whose bounds are milliseconds by its name is the one in seconds.
#[test]
fn a_histogram_of_milliseconds_is_one_of_seconds() {
    let all = text("app_metrics.txt");
    let seconds: Vec<&str> = all.lines().filter(|line| line.contains("payment_request_duration_seconds")).collect();
    let in_ms = |line: &&str| {
        let times = |number: &str| number.parse::<f64>().map_or(number.to_owned(), |n| (1000.0 * n).to_string());
        let line = line.replace("duration_seconds", "duration_milliseconds");
        match line.split_once("le=\"").and_then(|(head, rest)| Some((head, rest.split_once('"')?))) {
            Some((head, (bound, rest))) => format!("{head}le=\"{}\"{rest}", times(bound)),
            None => match line.rsplit_once(' ') {
                Some((head, sum)) if head.ends_with("_sum") => format!("{head} {}", times(sum)),
                _ => line,
            },
        }
    };
    let milliseconds: Vec<String> = seconds.iter().map(in_ms).collect();
    let fitted = |lines: String| beside(&[("app_metrics.txt", lines + "\n")], None);
    let (one, other) = (fitted(seconds.join("\n")), fitted(milliseconds.join("\n")));
    let (want, got) = (at(&one, PAYMENT), at(&other, PAYMENT));
    assert!((want / 42.0 - 1.0).abs() < 0.05 && (got / want - 1.0).abs() < 1e-6, "{got} is not {want}");
}

/// What cannot be the quantity is not guessed to be it, and an entry that says so is not believed without a scale.
#[test]
fn a_unit_refuses_what_it_cannot_be() {
    let cpu = times(&recorded("prom_cpu.json").remove(0).1, 100.0);
    let rows = [
        ("cpu.json", frame("app cpu", "percent", &cpu), "cpu.json: its unit is percent, which is never cpu_cores"),
        ("cpu2.json", frame("app cpu", "percentunit", &cpu), "cpu2.json: its unit is ratio, which is never cpu_cores"),
        (
            "app_cpu_percent.json",
            prometheus(&[(json!({}), cpu.clone())]),
            "its unit is percent, which is never cpu_cores",
        ),
        ("cw.json", cloudwatch("app CPUUtilization", "Percent", &cpu), "cw.json: nothing in it matches"),
        ("mean.json", frame("payment mean", "percent", &cpu), "mean.json: its unit is percent, which is never mean_ms"),
        ("lag.json", frame("receipts lag", "s", &cpu), "lag.json: its unit is s, which is never consumer_lag"),
    ];
    for (file, text, words) in rows {
        let made = proposed(&[(file, text)], None);
        assert!(made.map.series.is_empty(), "{file}: {:?}", made.map.series);
        assert!(said(&made.unmatched, words), "{file}: {:?}", made.unmatched);
    }
    // What every metric of a cloud carries does not make one the other's.
    let latency = |label: &str| cloudwatch(label, "Seconds", &recorded("prom_pay_mean.json").remove(0).1);
    let both = proposed(&[("a.json", latency("payment latency")), ("b.json", latency("db latency"))], None);
    let of: Vec<Option<&str>> = both.map.series.iter().map(|entry| entry.component.as_deref()).collect();
    assert_eq!(of, [Some("payment"), Some("db")]);
    let payment = times(&recorded("prom_pay_mean.json").remove(0).1, 4.2);
    let entry = |scale| MapSeries {
        file: Some("p.json".into()),
        component: Some("payment".into()),
        is: "mean_ms".into(),
        scale,
        ..MapSeries::default()
    };
    let map = |scale| Map { series: vec![entry(scale)], ..Map::default() };
    let file = [("p.json", frame("payment mean", "percent", &payment))];
    let without = beside(&file, Some(&map(None)));
    assert!(said(&without.report.unmatched, "p.json payment mean: its unit is percent, which is never mean_ms"));
    assert!(without.report.fitted.iter().all(|row| row.source != "measured"), "{:?}", without.report.fitted);
    let with = beside(&file, Some(&map(Some(1000.0 / 4.2))));
    assert!((at(&with, PAYMENT) / 42.0 - 1.0).abs() < 0.02, "{}", at(&with, PAYMENT));
    // A scale that is not the unit's is used, and said.
    let other = beside(&[("p.json", frame("payment mean", "ms", &payment))], Some(&map(Some(1000.0 / 4.2))));
    assert!((at(&other, PAYMENT) / 42.0 - 1.0).abs() < 0.02, "{}", at(&other, PAYMENT));
    assert!(
        said(&other.report.notes, "p.json payment mean: its unit is ms, which is 1 of mean_ms"),
        "{:?}",
        other.report.notes
    );
    // The series' own unit speaks where the entry does not.
    let seconds = [("p.json", frame("payment mean", "s", &times(&payment, 1.0 / 4.2)))];
    assert!((at(&beside(&seconds, Some(&map(None))), PAYMENT) / 42.0 - 1.0).abs() < 0.02);
}

/// Two hosts share the work. Whatever seconds they are sampled at, the component's figures are those of one.
#[test]
fn hosts_add_up_and_average() {
    let half = |file: &str, shift: f64| {
        let points = times(&recorded(file).remove(0).1, 0.5);
        let host = |name: &str, points: Points| prometheus(&[(json!({"job": "worker", "instance": name}), points)]);
        [host("a", points.clone()), host("b", later(&points, shift))]
    };
    let one =
        beside(&[("job_rate.json", text("prom_job_rate.json")), ("job_busy.json", text("prom_job_busy.json"))], None);
    for shift in [0.0, 2.0, 4.0] {
        let [rate_a, rate_b] = half("prom_job_rate.json", shift);
        let [busy_a, busy_b] = half("prom_job_busy.json", shift);
        let files = [
            ("job_rate_a.json", rate_a),
            ("job_rate_b.json", rate_b),
            ("job_busy_a.json", busy_a),
            ("job_busy_b.json", busy_b),
        ];
        let made = beside(&files, None);
        let got = at(&made, WORKER);
        println!("{shift}: {got}");
        assert!((got / 61.4 - 1.0).abs() < 0.02, "{shift}: {got}");
        // What is summed is what one host shows: no more samples, no less doubt.
        let width = |made: &Calibration| mean(made, WORKER).1;
        assert!((width(&made) / width(&one) - 1.0).abs() < 0.25, "{shift}: {} {}", width(&made), width(&one));
    }
    // Rates in whole against busy time of both.
    let [busy_a, busy_b] = half("prom_job_busy.json", 2.0);
    let files =
        [("prom_job_rate.json", text("prom_job_rate.json")), ("job_busy_a.json", busy_a), ("job_busy_b.json", busy_b)];
    let got = at(&beside(&files, None), WORKER);
    assert!((got / 61.4 - 1.0).abs() < 0.02, "{got}");
}

/// Means of two hosts are averaged, by their visits where these are known, and what differs is named.
#[test]
fn hosts_with_different_means_are_averaged_and_said() {
    let payment = recorded("prom_pay_mean.json").remove(0).1;
    let host = |name: &str, points: Points| (json!({"instance": name}), points);
    let hosts = |factor: f64, cut: usize| {
        let slow = times(&payment, factor)[cut..].to_vec();
        ("payment_mean.json", prometheus(&[host("payment-a", payment.clone()), host("payment-b", slow)]))
    };
    let flat = |rate: f64| payment.iter().map(|&(t, _)| (t, rate)).collect::<Points>();
    let visits =
        |a: f64, b: f64| ("payment_rate.json", prometheus(&[host("payment-a", flat(a)), host("payment-b", flat(b))]));
    let rows: [(&str, Files, f64, &str); 5] = [
        ("equal hosts", vec![hosts(1.02, 0)], 42.4, ""),
        ("one is twice as slow", vec![hosts(2.0, 0)], 63.0, "in payment-a, "),
        ("whichever is longer", vec![hosts(2.0, 3)], 63.0, "in payment-b; their average at each time counts"),
        ("nine of ten to the fast one", vec![hosts(2.0, 0), visits(9.0, 1.0)], 46.2, "weighed by visits"),
        ("nine of ten to the slow one", vec![hosts(2.0, 0), visits(1.0, 9.0)], 79.8, "weighed by visits"),
    ];
    for (name, files, want, words) in rows {
        let made = beside(&files, None);
        let got = at(&made, PAYMENT);
        println!("{name}: {got}");
        assert!((got / want - 1.0).abs() < 0.03, "{name}: {got} is not {want}");
        let differ: Vec<&Note> = made.report.contradictions.iter().filter(|n| n.code == "series-differ").collect();
        assert_eq!(differ.len(), usize::from(!words.is_empty()), "{name}: {differ:?}");
        assert!(differ.iter().all(|note| note.text.contains(words)), "{name}: {differ:?}");
    }
}

/// One series in two files, in a later export, or under two entries counts once, and it is said.
#[test]
fn a_series_that_is_there_twice_counts_once() {
    let rate = recorded("prom_pg_rate.json");
    let busy = ("prom_pg_busy.json", text("prom_pg_busy.json"));
    let first = ("prom_pg_rate.json", text("prom_pg_rate.json"));
    let window = |from: usize, to: usize| -> Vec<(Value, Points)> {
        rate.iter()
            .map(|(labels, points)| (labels.clone(), points[from.min(points.len())..to.min(points.len())].to_vec()))
            .collect()
    };
    let entry = |file: &str, labels: &[(&str, &str)], is: &str| MapSeries {
        file: (!file.is_empty()).then(|| file.to_owned()),
        labels: labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<BTreeMap<_, _>>(),
        component: Some("db".into()),
        class: Some("browse".into()),
        is: is.into(),
        ..MapSeries::default()
    };
    let item: &[(&str, &str)] = &[("query", "item")];
    let mut series = vec![entry("prom_pg_busy.json", item, "busy_servers")];
    series.extend(["prom_pg_rate.json", "copy.json"].map(|file| entry(file, item, "visits_rps")));
    let map = Map { series: series.clone(), ..Map::default() };
    let path = "db.service.browse";
    let alone = beside(&[first.clone(), busy.clone()], Some(&map));
    let want = at(&alone, path);
    assert!((want / 31.0 - 1.0).abs() < 0.1, "{want}");
    let rows = [
        (
            "a copy",
            vec![first.clone(), busy.clone(), ("copy.json", prometheus(&rate))],
            "copy: its series query=item of visits_rps of db/browse is in prom-pg-rate too",
        ),
        (
            "a later export",
            vec![first.clone(), busy.clone(), ("copy.json", prometheus(&window(14, 99)))],
            "it counts once",
        ),
        (
            "two that overlap",
            vec![
                ("prom_pg_rate.json", prometheus(&window(0, 20))),
                busy.clone(),
                ("copy.json", prometheus(&window(14, 99))),
            ],
            "it counts once",
        ),
        (
            "two that meet",
            vec![
                ("prom_pg_rate.json", prometheus(&window(0, 20))),
                busy.clone(),
                ("copy.json", prometheus(&window(20, 99))),
            ],
            "",
        ),
    ];
    for (name, files, words) in rows {
        let made = beside(&files, Some(&map));
        let got = at(&made, path);
        assert!((got / want - 1.0).abs() < 1e-6, "{name}: {got} is not {want}");
        assert_eq!(said(&made.report.notes, "it counts once"), !words.is_empty(), "{name}: {:?}", made.report.notes);
        assert!(words.is_empty() || said(&made.report.notes, words), "{name}: {:?}", made.report.notes);
    }
    // A second entry for the same series.
    series.truncate(2);
    series.push(entry("", item, "visits_rps"));
    series[2].labels.insert("query".into(), "item".into());
    series[2].file = Some("folder/prom_pg_rate.json".into());
    let made = beside(&[first, busy], Some(&Map { series, ..Map::default() }));
    assert!((at(&made, path) / want - 1.0).abs() < 1e-6, "{}", at(&made, path));
    assert!(said(&made.report.notes, "two entries of the map take series query=item"), "{:?}", made.report.notes);
}

/// A slip of the pen in a map is said with what was meant.
#[test]
fn entries_that_fit_nothing_are_named() {
    let files: Vec<(&str, String)> =
        ["prom_pg_rate.json", "prom_pay_mean.json", "prom_pool_max.json", "prom_queue.json", "cost_explorer.json"]
            .map(|file| (file, text(file)))
            .into();
    let hand = || {
        let mut map = common::map();
        map.series.retain(|e| files.iter().any(|(file, _)| e.file.as_deref() == Some(file)));
        map
    };
    let slip = |map: &mut Map, file: &str, change: &dyn Fn(&mut MapSeries)| {
        change(map.series.iter_mut().find(|e| e.file.as_deref() == Some(file)).unwrap());
    };
    type Change<'c> = &'c dyn Fn(&mut Map);
    let rows: [(&str, Change<'_>, &str); 10] = [
        ("no slip", &|_| (), ""),
        (
            "file",
            &|map| slip(map, "prom_pay_mean.json", &|e| e.file = Some("prom_pay_maen.json".into())),
            r#"no file here is called "prom_pay_maen.json"; did you mean "prom_pay_mean.json"?"#,
        ),
        (
            "label",
            &|map| {
                slip(map, "prom_pg_rate.json", &|e| {
                    e.labels.insert("query".into(), "itme".into());
                })
            },
            r#"map.series[0]: no series there has query "itme"; did you mean "item"?"#,
        ),
        (
            "another label",
            &|map| {
                slip(map, "prom_pg_rate.json", &|e| {
                    e.labels.insert("query".into(), "checkout".into());
                })
            },
            r#"no series there has query "checkout"; there is "item", "order""#,
        ),
        (
            "label key",
            &|map| {
                slip(map, "prom_pg_rate.json", &|e| {
                    e.labels.insert("querry".into(), "item".into());
                })
            },
            r#"no series there has a label "querry"; did you mean "query"?"#,
        ),
        (
            "metric",
            &|map| slip(map, "prom_queue.json", &|e| e.name = Some("rabbitmq_queue_lenght".into())),
            r#"no metric here is called "rabbitmq_queue_lenght"; did you mean "rabbitmq_queue_length"?"#,
        ),
        (
            "endpoint",
            &|map| {
                let class = map.endpoints.remove("GET /items/:id").unwrap();
                map.endpoints.insert("GET /item/:id".into(), class);
            },
            r#"no endpoint here is called "GET /item/:id"; did you mean "GET /items/:id"?"#,
        ),
        (
            "bill line",
            &|map| {
                let ids = map.costs.remove("Amazon MQ").unwrap();
                map.costs.insert("Amazon MQs".into(), ids);
            },
            r#"no bill line here is called "Amazon MQs"; did you mean "Amazon MQ"?"#,
        ),
        (
            "another file altogether",
            &|map| slip(map, "prom_pay_mean.json", &|e| e.file = Some("billing/sunspots.txt".into())),
            r#"map: it speaks of what is not in the files here: "sunspots.txt""#,
        ),
        (
            "a name that no file has",
            &|map| {
                map.series.push(MapSeries {
                    name: Some("sunspots_of_the_year".into()),
                    is: "visits_rps".into(),
                    component: Some("db".into()),
                    ..MapSeries::default()
                })
            },
            r#"it speaks of what is not in the files here: "sunspots_of_the_year""#,
        ),
    ];
    for (name, change, words) in rows {
        let mut map = hand();
        change(&mut map);
        let unmatched = proposed(&files, Some(&map)).unmatched;
        let of_map: Vec<&Note> = unmatched.iter().filter(|note| note.code == "map").collect();
        assert_eq!(of_map.len(), usize::from(!words.is_empty()), "{name}: {of_map:?}");
        assert!(words.is_empty() || said(&unmatched, words), "{name}: {of_map:?}");
    }
}
