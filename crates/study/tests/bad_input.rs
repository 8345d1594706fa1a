//! Data that cannot carry a curve: each gives a useful answer that says what is missing, never a confident wrong one.
#![allow(clippy::unwrap_used)]

mod common;

use common::drawn;
use ingest::Measurements;
use ingest::measurements::{Endpoint, Figures, Level, Series};
use scenario::Scenario;
use std::collections::BTreeMap;
use study::calibrate::{CalibrateInput, Calibration, calibrate};
use study::{ProjectOptions, backtest, project};

const START: &str = "2026-11-21T21:00:00Z";
const EPOCH: f64 = 1_795_294_800.0;

/// A level of one endpoint: (requests per second, mean ms, failed share).
fn levels(rows: &[(f64, f64, f64)]) -> Measurements {
    let levels = rows.iter().enumerate().map(|(i, &(rps, mean, failed))| Level {
        from_s: 60.0 * i as f64 + 15.0,
        to_s: 60.0 * i as f64 + 60.0,
        endpoint: Some("GET /".into()),
        steady: true,
        figures: Figures {
            requests: Some((45.0 * rps) as u64),
            errors: Some((45.0 * rps * failed) as u64),
            rps: Some(rps),
            latency_ms: BTreeMap::from([("mean".into(), mean), ("p50".into(), 0.7 * mean), ("p95".into(), 3.0 * mean)]),
            ..Figures::default()
        },
    });
    Measurements {
        kind: "test".into(),
        file: "load.csv".into(),
        started: Some(START.into()),
        levels: levels.collect(),
        ..Measurements::default()
    }
}

/// A single service of 10 ms with 4 slots, one class of 100/s.
fn one_service() -> Scenario {
    scenario::parse(
        r#"{"format": "headroom/1", "name": "one", "traffic": [{"id": "all", "entry": "api", "arrivals": {"open": {"rate": 100}}}],
            "components": [{"id": "api", "kind": "service", "concurrency": 4, "service": {"mean_ms": 5, "cv": 1}}],
            "growth": {"multiples": [1, 2, 3]}}"#,
    )
    .unwrap()
    .scenario
}

fn of(scenario: Option<&Scenario>, data: &[Measurements]) -> Calibration {
    calibrate(&CalibrateInput { scenario, data, map: None, only_up_to_rps: None }).unwrap()
}

/// What it is, the levels (rate, mean, error ratio), and the code of the note it must give.
type Row<'r> = (&'r str, &'r [(f64, f64, f64)], &'r str);

#[test]
fn levels_that_carry_no_curve_are_said() {
    let scenario = one_service();
    let rows: [Row<'_>; 7] = [
        ("no load test at all", &[], "no-levels"),
        ("one level", &[(100.0, 10.0, 0.0)], "one-level"),
        ("identical levels", &[(100.0, 10.0, 0.0), (101.0, 10.1, 0.0)], "same-levels"),
        ("everything failed", &[(100.0, 2.0, 1.0), (200.0, 2.0, 1.0)], "all-errors"),
        ("warm-up in the first level", &[(50.0, 40.0, 0.0), (150.0, 12.0, 0.0), (200.0, 11.0, 0.0)], "falling-latency"),
        ("some levels failed", &[(100.0, 10.0, 0.0), (200.0, 1.0, 0.9)], "failed-level"),
        ("rising load, good data", &[(100.0, 10.0, 0.0), (200.0, 10.3, 0.0), (300.0, 13.0, 0.0)], ""),
    ];
    for (name, rows, want) in rows {
        let data = if rows.is_empty() { Vec::new() } else { vec![levels(rows)] };
        let report = of(Some(&scenario), &data).report;
        let codes: Vec<&str> = report.missing.iter().chain(&report.contradictions).map(|n| n.code.as_str()).collect();
        if want.is_empty() {
            assert!(codes.is_empty(), "{name}: {codes:?}");
        } else {
            assert!(codes.contains(&want), "{name}: {codes:?}");
        }
    }
}

#[test]
fn decreasing_load_is_the_same_as_increasing() {
    let scenario = one_service();
    let rows = [(100.0, 10.0, 0.0), (200.0, 10.3, 0.0), (300.0, 13.0, 0.0)];
    let (up, down) =
        (of(Some(&scenario), &[levels(&rows)]), of(Some(&scenario), &[levels(&[rows[2], rows[1], rows[0]])]));
    let mean = |c: &Calibration| study::address::read(&c.scenario, "components.api.service.all.mean_ms").unwrap().value;
    assert!((mean(&up) / mean(&down) - 1.0).abs() < 1e-6, "{} {}", mean(&up), mean(&down));
}

#[test]
fn failed_requests_do_not_become_fast_ones() {
    let good = of(Some(&one_service()), &[levels(&[(100.0, 10.0, 0.0), (200.0, 10.3, 0.0)])]);
    let failing = of(Some(&one_service()), &[levels(&[(100.0, 10.0, 0.0), (200.0, 10.3, 0.0), (380.0, 1.0, 0.95)])]);
    let mean = |c: &Calibration| study::address::read(&c.scenario, "components.api.service.all.mean_ms").unwrap().value;
    assert!((mean(&good) / mean(&failing) - 1.0).abs() < 0.02, "{} {}", mean(&good), mean(&failing));
}

/// Busy time that grows faster than visits, a pool size and replicas that differ from the drawing.
#[test]
fn contradictions_are_named() {
    let series = |name: &str, values: [f64; 3]| Series {
        name: name.into(),
        points: (0..36).map(|i| (EPOCH + 5.0 * f64::from(i), values[i as usize / 12])).collect(),
        ..Series::default()
    };
    let load = levels(&[(100.0, 10.0, 0.0), (200.0, 10.0, 0.0), (300.0, 10.0, 0.0)]);
    let file = |name: &str, series: Series| Measurements {
        kind: "prometheus-query".into(),
        file: name.into(),
        series: vec![series],
        ..Measurements::default()
    };
    let rate = file("api_rate.json", series("", [100.0, 200.0, 300.0]));
    let rows = [
        ("busy", [1.0, 4.0, 9.0], "utilization-law", "api_busy.json"),
        ("replicas", [3.0, 3.0, 3.0], "replicas", "api_replicas.json"),
    ];
    for (name, values, want, busy_file) in rows {
        let data = [load.clone(), rate.clone(), file(busy_file, series("", values))];
        let report = of(Some(&one_service()), &data).report;
        assert!(report.contradictions.iter().any(|n| n.code == want), "{name}: {report:?}");
    }
}

/// Files that cannot all be true of one system at one time: what is edited in the second file, and what must be said (empty: nothing).
#[test]
fn files_against_each_other_are_named() {
    let run = [(100.0, 10.0, 0.0), (200.0, 10.3, 0.0)];
    let loads = |file: &str, started: &str, rows: &[(f64, f64, f64)]| Measurements {
        file: file.into(),
        started: Some(started.into()),
        ..levels(rows)
    };
    let busy = |from: f64| Measurements {
        kind: "prometheus-query".into(),
        file: "api_busy.json".into(),
        series: vec![Series {
            points: (0..24).map(|i| (from + 5.0 * f64::from(i), if i < 12 { 1.0 } else { 2.0 })).collect(),
            ..Series::default()
        }],
        ..Measurements::default()
    };
    let now = "2026-11-21T22:00:00Z";
    let rows: [(&str, Measurements, &str, &str); 8] = [
        ("a second run that agrees", loads("b.csv", now, &[(101.0, 10.5, 0.0)]), "", ""),
        (
            "a second run that does not",
            loads("b.csv", now, &[(101.0, 30.0, 0.0)]),
            "levels-disagree",
            "10.0 ms at 100.0/s",
        ),
        ("at another load", loads("b.csv", now, &[(350.0, 30.0, 0.0)]), "", ""),
        ("few requests", loads("b.csv", now, &[(0.5, 13.0, 0.0), (0.51, 9.0, 0.0)]), "", ""),
        (
            "a run of spring",
            loads("b.csv", "2026-04-01T10:00:00Z", &[(150.0, 10.1, 0.0)]),
            "old-data",
            "ends on 2026-04-01, 234 days before",
        ),
        ("a run of last month", loads("b.csv", "2026-10-10T10:00:00Z", &[(150.0, 10.1, 0.0)]), "", ""),
        ("series of the test", busy(EPOCH), "", ""),
        (
            "series of another time zone",
            busy(EPOCH - 7200.0),
            "other-time",
            "2.0 hours before the load test's nearest steady level",
        ),
    ];
    for (name, second, code, words) in rows {
        let report = of(Some(&one_service()), &[loads("a.csv", START, &run), second]).report;
        let about = ["levels-disagree", "old-data", "other-time"];
        let found: Vec<_> = report.contradictions.iter().filter(|note| about.contains(&note.code.as_str())).collect();
        assert_eq!(found.len(), usize::from(!code.is_empty()), "{name}: {found:?} {:?}", report.unmatched);
        assert!(found.iter().all(|note| note.code == code && note.text.contains(words)), "{name}: {found:?}");
    }
    // Between two tests the nearer one is named.
    let later = loads("b.csv", "2026-11-22T22:00:00Z", &run);
    let report = of(Some(&one_service()), &[loads("a.csv", START, &run), later, busy(EPOCH + 7200.0)]).report;
    let found: Vec<_> = report.contradictions.iter().filter(|note| note.code == "other-time").collect();
    assert!(
        matches!(&found[..], [one] if one.text.contains(" hours after the") && !one.text.contains('-')),
        "{found:?}"
    );
}

#[test]
fn a_file_that_matches_nothing_is_named() {
    let odd = Measurements {
        kind: "prometheus-query".into(),
        file: "sunspots.json".into(),
        series: vec![Series { name: "sunspots".into(), points: vec![(0.0, 1.0), (5.0, 2.0)], ..Series::default() }],
        ..Measurements::default()
    };
    let report = of(Some(&one_service()), &[levels(&[(100.0, 10.0, 0.0)]), odd]).report;
    assert!(report.unmatched.iter().any(|n| n.place.contains("sunspots.json")), "{:?}", report.unmatched);
}

#[test]
fn a_component_without_data_is_named() {
    let report = of(Some(&drawn()), &[]).report;
    for component in ["db", "payment", "receipt-worker"] {
        assert!(report.missing.iter().any(|n| n.place == format!("components.{component}")), "{component}: {report:?}");
    }
}

#[test]
fn without_a_topology_the_smallest_one_is_made() {
    // M/M/4 of 10 ms: mean and percentiles of the exact formula at 100, 200, 300 and 360/s.
    let exact = |rate: f64| engine::queueing::mmc::solve(rate, 0.01, 4).unwrap().response_time * 1000.0;
    let rows: Vec<(f64, f64, f64)> = [100.0, 200.0, 300.0, 360.0].iter().map(|&r| (r, exact(r), 0.0)).collect();
    let mut data = levels(&rows);
    for level in &mut data.levels {
        level.figures.latency_ms.retain(|k, _| k == "mean");
        level.figures.requests = Some(100_000);
    }
    let made = of(None, &[data]);
    assert!(scenario::check(&made.scenario).is_empty(), "{:?}", scenario::check(&made.scenario));
    let found = project(&made.scenario, &ProjectOptions::default()).unwrap().headroom.unwrap();
    // Full at 400/s, four times the lowest level.
    assert!((found.multiple.unwrap() - 4.0).abs() < 0.1, "{found:?} {:?}", made.report);

    let few = of(None, &[levels(&[(100.0, 10.0, 0.0), (150.0, 10.1, 0.0), (200.0, 10.5, 0.0), (250.0, 12.5, 0.0)])]);
    let said: Vec<_> = few.report.missing.iter().filter(|n| n.code == "too-little-data").collect();
    assert!(said.len() == 1 && said[0].text.contains("too little data to tell M/G/c"), "{:?}", few.report);
    assert!(said[0].text.contains("7 slots are taken, it may be 4"), "{:?}", said[0]);

    // Latency that does not grow says nothing of the limit: no headroom is claimed.
    let flat = of(None, &[levels(&[(100.0, 10.0, 0.0), (200.0, 10.0, 0.0), (300.0, 10.0, 0.0)])]);
    assert!(flat.report.missing.iter().any(|n| n.code == "no-limit-seen"), "{:?}", flat.report);
    assert_eq!(project(&flat.scenario, &ProjectOptions::default()).unwrap().headroom.unwrap().multiple, None);

    // Totals without endpoints are one class.
    let totals = Measurements {
        file: "total.json".into(),
        duration_s: Some(60.0),
        totals: Some(Figures {
            requests: Some(6000),
            rps: Some(100.0),
            latency_ms: BTreeMap::from([("mean".into(), 12.0)]),
            ..Figures::default()
        }),
        ..Measurements::default()
    };
    let single = of(None, &[totals]);
    assert_eq!(single.scenario.traffic.len(), 1);
    assert!(single.report.missing.iter().any(|n| n.code == "one-level"), "{:?}", single.report);
    // One level shows no limit, and what has none is no promise of growth.
    let doc = study::project(&single.scenario, &study::ProjectOptions { samples: 20, ..Default::default() }).unwrap();
    let sentence = study::headline(&doc, &single.scenario).sentence;
    assert!(sentence.starts_with("How far you can grow is not known"), "{sentence}");
    let plan = study::plan(&single.scenario, &[10.0]).unwrap();
    assert!(plan.warnings.iter().any(|warning| warning.code == "no-limit"), "{:?}", plan.warnings);
}

/// A system that no load comes into promises nothing, and everything that is asked of it has an answer.
#[test]
fn no_load_is_no_promise() {
    let idle = r#"{"id": "all", "entry": "api", "arrivals": {"open": {"rate": 0}}}"#;
    let api = r#"{"id": "api", "kind": "service", "concurrency": 4, "service": {"mean_ms": 5, "cv": 1}}"#;
    for (row, traffic, components) in [("nothing", "", ""), ("no class", "", api), ("a class without load", idle, api)]
    {
        let document =
            format!(r#"{{"format": "headroom/1", "name": "x", "traffic": [{traffic}], "components": [{components}]}}"#);
        let scenario = scenario::parse(&document).unwrap().scenario;
        let options = ProjectOptions { samples: 20, ..Default::default() };
        for doc in [study::solve(&scenario, &[]).unwrap(), project(&scenario, &options).unwrap()] {
            let sentence = study::headline(&doc, &scenario).sentence;
            assert!(sentence.starts_with("How far you can grow is not known: no load comes in."), "{row}: {sentence}");
        }
        let plan = study::plan(&scenario, &[1.0, 10.0]).unwrap();
        let warned: Vec<&str> = plan.warnings.iter().map(|warning| warning.code.as_str()).collect();
        assert!(warned.contains(&"no-load") && !warned.contains(&"no-limit"), "{row}: {warned:?}");
        assert!(plan.steps.iter().all(|step| step.changes.is_empty()), "{row}: {:?}", plan.steps);
    }
}

#[test]
fn nothing_at_all_is_a_problem_with_a_remedy() {
    let problems =
        calibrate(&CalibrateInput { scenario: None, data: &[], map: None, only_up_to_rps: None }).unwrap_err();
    assert!(problems[0].remedy.contains("load test"), "{problems:?}");
    let one = [Measurements {
        endpoints: vec![Endpoint {
            name: "GET /".into(),
            figures: Figures { requests: Some(100), rps: Some(10.0), ..Figures::default() },
        }],
        duration_s: Some(10.0),
        ..levels(&[])
    }];
    let scenario = one_service();
    let input = CalibrateInput { scenario: Some(&scenario), data: &one, map: None, only_up_to_rps: None };
    let problems = backtest(&input, None).unwrap_err();
    assert!(problems[0].text.contains("10.0") || problems[0].text.contains("levels"), "{problems:?}");
}

#[test]
fn figures_stay_finite_whatever_the_data() {
    let values = [0.0, 1e-9, 1e-3, 1.0, 1e3, 1e9];
    let scenario = one_service();
    for a in values {
        for b in values {
            let data = [levels(&[(10.0, a, 0.0), (20.0, b, 0.0)])];
            for scenario in [Some(&scenario), None] {
                let Ok(made) = calibrate(&CalibrateInput { scenario, data: &data, map: None, only_up_to_rps: None })
                else {
                    continue;
                };
                let text = serde_json::to_string(&made.scenario).unwrap();
                assert!(!text.contains("null"), "{a} {b}: {text}");
                let doc = project(&made.scenario, &ProjectOptions { samples: 5, ..ProjectOptions::default() });
                if let Ok(doc) = doc {
                    let text = serde_json::to_string(&doc).unwrap();
                    assert!(!text.contains("NaN") && !text.contains("inf"), "{a} {b}");
                }
            }
        }
    }
}

/// A real load test (Gunther): users 1 to 20 give 24 to 94 pages/s; a naive model of three stations says 107.5 at 20 users. The
/// contention must be seen from the first four or five rows, or be said to be beyond them.
#[test]
fn contention_is_seen_in_a_table_of_users_and_rates() {
    let rows = ["1,24", "2,48", "4,85", "7,100", "10,99", "20,94"];
    for (take, naive) in [(4, 107.5), (5, 107.5), (6, 107.5)] {
        let csv = format!("users,rps\n{}\n", rows[..take].join("\n"));
        let ingest::Outcome::Measured(data) = ingest::import_bytes("pages.csv", csv.as_bytes()) else {
            panic!("not imported")
        };
        let made = of(None, &[*data]);
        let said: Vec<&study::calibrate::Note> = made
            .report
            .notes
            .iter()
            .chain(&made.report.missing)
            .filter(|n| n.text.contains("throughput over users"))
            .collect();
        println!("{take}: {} {}", said[0].code, said[0].text);
        let doc = study::solve(&made.scenario, &[4.0, 7.0, 20.0]).unwrap();
        let at: Vec<f64> = doc.points.iter().map(|p| p.classes["requests"].throughput_rps).collect();
        println!("{take}: {at:?}");
        let told = said[0].code == "law";
        assert!(!told || (at[2] - 94.0).abs() < f64::abs(naive - 94.0), "{take}: {at:?}");
        assert!((at[0] / 85.0 - 1.0).abs() < 0.15 && (at[1] / 100.0 - 1.0).abs() < 0.15, "{take}: {at:?}");
    }
}

/// Users who ask, wait, pause and ask again (machine repairman), as a table of users, throughput and latency: slots, times and the
/// most that gets through come out of it, whether they pause for half an answer or for many.
#[test]
fn a_closed_loop_is_known_from_its_latency() {
    // Pause in seconds, slots, milliseconds of work, users of the levels, and of one beyond, with the requests a second there.
    let rows = [
        (0.05, 2.0, 100.0, [1.0, 2.0, 3.0, 4.0, 6.0, 8.0], 16.0, 20.0),
        (1.0, 4.0, 40.0, [10.0, 40.0, 80.0, 120.0, 160.0, 200.0], 400.0, 100.0),
    ];
    for (pause, slots, work, users, beyond, most) in rows {
        let text = format!(
            r#"{{"format": "headroom/1", "name": "loop", "traffic": [{{"id": "all", "entry": "api", "arrivals": {{"closed": {{"users": 1, "think_time_s": {pause}}}}}}}],
            "components": [{{"id": "api", "kind": "service", "concurrency": {slots}, "service": {{"mean_ms": {work}, "cv": 1}}}}]}}"#
        );
        let doc = study::solve(&scenario::parse(&text).unwrap().scenario, &users).unwrap();
        let mut csv = "users,rps,mean_ms\n".to_owned();
        for point in &doc.points {
            let class = &point.classes["all"];
            let mean = class.latency_ms.as_ref().unwrap()["mean"];
            csv.push_str(&format!("{},{:.3},{mean:.2}\n", point.multiple, class.throughput_rps));
        }
        let ingest::Outcome::Measured(data) = ingest::import_bytes("loop.csv", csv.as_bytes()) else {
            panic!("not imported")
        };
        let made = of(None, &[*data]);
        println!("{csv}{:?}", made.report.notes);
        let closed = made.scenario.traffic[0].arrivals.clone();
        let scenario::v1::Arrivals::Closed { users: fewest, think_time_s } = closed else { panic!("open: {csv}") };
        assert_eq!(fewest.value, users[0], "{csv}");
        assert!((think_time_s.value / pause - 1.0).abs() < 0.05, "{think_time_s:?}");
        let found = made.scenario.components[0].concurrency.as_ref().map(|q| q.value);
        assert_eq!(found, Some(slots), "{:?}", made.report);
        let again = study::solve(&made.scenario, &[beyond / users[0]]).unwrap();
        assert!(
            (again.points[0].classes["requests"].throughput_rps / most - 1.0).abs() < 0.03,
            "{:?}",
            again.points[0]
        );
    }
}

/// A generator run again and again with more connections, a report each, is one loop too: four slots of 40 ms.
#[test]
fn runs_of_more_and_more_connections_are_a_loop() {
    let runs = [(1, 25, 40.0), (2, 50, 40.0), (4, 96, 41.5), (8, 100, 80.0), (16, 100, 160.0)];
    let report = |(connections, rate, mean): (u32, u32, f64)| {
        let text = format!(
            "Running 30s test @ http://shop/api\n  1 threads and {connections} connections\n  Thread Stats   Avg      Stdev     Max   +/- Stdev\n    \
             Latency    {mean}ms    5.00ms  400.00ms   74.00%\n    Req/Sec    {rate}    5.00   110.00     65.00%\n  {} requests in 30.00s, 1.00MB \
             read\nRequests/sec:    {rate}\nTransfer/sec:    190.42KB\n",
            30 * rate
        );
        match ingest::import_bytes(&format!("wrk{connections}.txt"), text.as_bytes()) {
            ingest::Outcome::Measured(found) => *found,
            other => panic!("{other:?}"),
        }
    };
    let data: Vec<ingest::Measurements> = runs.into_iter().map(report).collect();
    let made = of(None, &data);
    assert!(made.report.contradictions.is_empty(), "{:?}", made.report.contradictions);
    assert_eq!(made.scenario.components[0].concurrency.as_ref().map(|q| q.value), Some(4.0), "{:?}", made.report);
    let doc = study::solve(&made.scenario, &[1.0, 16.0]).unwrap();
    for (point, measured) in doc.points.iter().zip([25.0, 100.0]) {
        let found = point.classes["api"].throughput_rps;
        assert!((found / measured - 1.0).abs() < 0.1, "{found}, measured {measured}");
    }
    // One run alone tells nothing of how users wait for each other.
    let one = of(None, &data[..1]);
    assert!(matches!(one.scenario.traffic[0].arrivals, scenario::v1::Arrivals::Open { .. }));
}

/// Users who pace themselves at one rate are traffic of that rate: answers hardly slow down while turns double.
#[test]
fn paced_users_are_no_loop() {
    let csv = "users,rps,mean_ms\n50,100,2.0\n100,100,2.3\n200,100,2.4\n";
    let ingest::Outcome::Measured(data) = ingest::import_bytes("paced.csv", csv.as_bytes()) else {
        panic!("not imported")
    };
    let made = of(None, &[*data]);
    assert!(matches!(made.scenario.traffic[0].arrivals, scenario::v1::Arrivals::Open { .. }), "{:?}", made.scenario);
}

/// Fifty connections of a generator that never pauses are not fifty of the users whom somebody drew with a pause: the level is as
/// many of those as bring its rate, N = X (R + Z) = 500 x 5.1.
#[test]
fn connections_are_not_the_users_of_a_drawn_loop() {
    let text = r#"{"format": "headroom/1", "name": "loop", "traffic": [{"id": "all", "entry": "api", "arrivals": {"closed": {"users": 2000, "think_time_s": 5}}}],
        "components": [{"id": "api", "kind": "service", "concurrency": 100, "service": {"mean_ms": 50, "cv": 1}}]}"#;
    let drawn = scenario::parse(text).unwrap().scenario;
    let report = "Running 30s test @ http://shop/api\n  1 threads and 50 connections\n  Thread Stats   Avg      Stdev     Max   +/- Stdev\n    \
                  Latency    100.00ms    5.00ms  400.00ms   74.00%\n    Req/Sec    500.00    5.00   510.00     65.00%\n  15000 requests in \
                  30.00s, 1.00MB read\nRequests/sec:    500.00\nTransfer/sec:    190.42KB\n";
    let ingest::Outcome::Measured(data) = ingest::import_bytes("wrk.txt", report.as_bytes()) else {
        panic!("not imported")
    };
    let made = of(Some(&drawn), &[*data]);
    let multiple = made.report.levels[0].multiple;
    assert!((multiple / (500.0 * 5.1 / 2000.0) - 1.0).abs() < 0.01, "{multiple}");
}

/// Few requests say what they say: eight of 286 ms and eight of 95 ms are not pulled to a time that nobody stated.
#[test]
fn few_requests_are_taken_at_their_word() {
    let rows: String = (0..8)
        .map(|k| format!("{0},{1},/slow\n{0},{2},/fast\n", 1_700_000_000 + 4 * k, 280 + 2 * (k % 7), 92 + k % 7))
        .collect();
    let csv = format!("time,duration_ms,path\n{rows}");
    let ingest::Outcome::Measured(data) = ingest::import_bytes("few.csv", csv.as_bytes()) else {
        panic!("not imported")
    };
    let means: Vec<(String, f64)> =
        data.endpoints.iter().map(|endpoint| (endpoint.name.clone(), endpoint.figures.latency_ms["mean"])).collect();
    let made = of(None, &[*data]);
    let doc = study::solve(&made.scenario, &[1.0]).unwrap();
    for (name, mean) in means {
        let class = &doc.points[0].classes[name.trim_start_matches('/')];
        let found = class.latency_ms.as_ref().unwrap()["mean"];
        assert!((found / mean - 1.0).abs() < 0.1, "{name}: {found}, measured {mean}");
    }
    assert!(made.report.fitted.iter().all(|row| row.before.is_none()), "{:?}", made.report.fitted);
}

/// Four servers of 40 ms and no pauses, almost even: N = X R in every row. The pause is what the latencies say, not what throughput
/// alone would make of it, and 8 and 16 users at one rate do not contradict each other.
#[test]
fn pauses_are_what_latencies_leave_of_the_loop() {
    let csv = "users,rps,mean_ms\n1,25,40\n2,50,40\n4,90,44\n8,100,80\n16,100,160\n";
    let ingest::Outcome::Measured(data) = ingest::import_bytes("loop.csv", csv.as_bytes()) else {
        panic!("not imported")
    };
    let made = of(None, &[*data]);
    let codes: Vec<&str> = made.report.contradictions.iter().map(|note| note.code.as_str()).collect();
    assert!(!codes.contains(&"levels-disagree"), "{:?}", made.report.contradictions);
    assert_eq!(made.scenario.components[0].concurrency.as_ref().map(|q| q.value), Some(4.0), "{:?}", made.report);
    let doc = study::solve(&made.scenario, &[1.0, 4.0, 8.0, 16.0]).unwrap();
    for (point, measured) in doc.points.iter().zip([25.0, 90.0, 100.0, 100.0]) {
        let found = point.classes["requests"].throughput_rps;
        println!("{found} {measured}");
        assert!((found / measured - 1.0).abs() < 0.16, "{found}, measured {measured}");
    }
}

/// Twenty endpoints of one class: level by level few are told apart, and all of their requests count.
#[test]
fn many_endpoints_of_one_class_lose_no_request() {
    let mut text = "timestamp,duration_ms,status,path\n".to_owned();
    for second in 0..120 {
        for path in 0..20 {
            text += &format!(
                "{},10,200,/path-{}\n",
                1_795_000_000_000_u64 + 1000 * second + 50 * path,
                char::from(b'a' + path as u8)
            );
        }
    }
    let ingest::Outcome::Measured(found) = ingest::import_bytes("many.csv", text.as_bytes()) else {
        panic!("not read")
    };
    let scenario = one_service();
    let map = scenario::v1::Map {
        endpoints: found.endpoints.iter().map(|endpoint| (endpoint.name.clone(), "all".to_owned())).collect(),
        ..scenario::v1::Map::default()
    };
    let input = CalibrateInput { scenario: Some(&scenario), data: &[*found], map: Some(&map), only_up_to_rps: None };
    let report = calibrate(&input).unwrap().report;
    assert!(report.levels.iter().all(|level| (level.rps / 20.0 - 1.0).abs() < 0.02), "{:?}", report.levels);
}
