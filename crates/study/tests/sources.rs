//! Figures from less usual sources: one busy time for several classes, traces, a cache's own counters.
#![allow(clippy::unwrap_used)]

use ingest::Measurements;
use ingest::measurements::{CallEdge, Figures, Level, Resource, Series};
use scenario::Scenario;
use std::collections::BTreeMap;
use study::address;
use study::calibrate::{CalibrateInput, Calibration, calibrate};

const EPOCH: f64 = 1_795_294_800.0;

fn shop() -> Scenario {
    scenario::parse(
        r#"{"format": "headroom/1", "name": "two", "traffic": [
              {"id": "read", "entry": "api", "arrivals": {"open": {"rate": 50}}}, {"id": "write", "entry": "api", "arrivals": {"open": {"rate": 10}}}],
            "components": [
              {"id": "api", "kind": "service", "service": {"mean_ms": 1, "cv": 1}, "calls": [{"to": "cache", "classes": ["read"]}, {"to": "db"}]},
              {"id": "cache", "kind": "cache", "hit_ratio": 0.5, "service": {"mean_ms": 0.5, "cv": 1}},
              {"id": "db", "kind": "database", "label": "PostgreSQL", "cores": 8, "service": {"mean_ms": 10, "cv": 1}}],
            "growth": {"multiples": [1, 2]}}"#,
    )
    .unwrap()
    .scenario
}

fn of(data: &[Measurements]) -> Calibration {
    let shop = shop();
    calibrate(&CalibrateInput { scenario: Some(&shop), data, map: None, only_up_to_rps: None }).unwrap()
}

/// Levels of two classes at these rates, 60 s each.
fn load(rates: &[(f64, f64)]) -> Measurements {
    let levels = rates.iter().enumerate().flat_map(|(i, &(read, write))| {
        [("GET /read", read), ("POST /write", write)].map(|(name, rps)| Level {
            from_s: 60.0 * i as f64,
            to_s: 60.0 * (i + 1) as f64,
            endpoint: Some(name.into()),
            steady: true,
            figures: Figures { requests: Some((60.0 * rps) as u64), rps: Some(rps), ..Figures::default() },
        })
    });
    let started = Some("2026-11-21T21:00:00Z".into());
    Measurements {
        kind: "test".into(),
        file: "load.csv".into(),
        started,
        levels: levels.collect(),
        ..Default::default()
    }
}

/// Busy servers of the database by 4 ms a read and 30 ms a write, and the visits of both together.
fn database(rates: &[(f64, f64)]) -> Vec<Measurements> {
    let mut busy = Vec::new();
    for (i, &(read, write)) in rates.iter().enumerate() {
        for k in 0..12 {
            // A little noise, the same every time.
            let noise = 1.0 + 0.01 * f64::from((7 * k + 3) % 5 - 2);
            busy.push((EPOCH + 60.0 * i as f64 + 5.0 * f64::from(k) + 2.0, noise * (0.004 * read + 0.030 * write)));
        }
    }
    let visits: Vec<(f64, f64)> =
        busy.iter().map(|&(t, _)| (t, rates[((t - EPOCH) / 60.0) as usize])).map(|(t, (r, w))| (t, r + w)).collect();
    [("db_busy.json", busy), ("db_rate.json", visits)]
        .map(|(file, points)| Measurements {
            kind: "prometheus-query".into(),
            file: file.into(),
            series: vec![Series { points, ..Series::default() }],
            ..Measurements::default()
        })
        .into()
}

/// Different mixes tell the classes apart; one mix does not, and then the time stays one for both.
#[test]
fn one_busy_time_is_told_apart_by_mixes() {
    let at = |made: &Calibration, path: &str| address::read(&made.scenario, path).map(|q| q.value);
    let mixed = [(50.0, 10.0), (100.0, 10.0), (60.0, 30.0)];
    let made = of(&[vec![load(&mixed)], database(&mixed)].concat());
    let (read, write) =
        (at(&made, "components.db.service.read.mean_ms"), at(&made, "components.db.service.write.mean_ms"));
    println!("{read:?} {write:?}");
    assert!((read.unwrap() / 4.0 - 1.0).abs() < 0.1 && (write.unwrap() / 30.0 - 1.0).abs() < 0.05);
    let same = [(50.0, 10.0), (100.0, 20.0), (150.0, 30.0)];
    let made = of(&[vec![load(&same)], database(&same)].concat());
    assert_eq!(at(&made, "components.db.service.write.mean_ms"), None);
    // 4 ms of five sixths and 30 ms of one sixth.
    let of_all = at(&made, "components.db.service.mean_ms").unwrap();
    assert!((of_all / (20.0 / 6.0 + 5.0) - 1.0).abs() < 0.02, "{of_all}");
}

#[test]
fn traces_and_counters_fill_what_no_series_holds() {
    let edge = |from: &str, to: &str, per_request, own_ms| CallEdge {
        from: from.into(),
        to: to.into(),
        per_request: Some(per_request),
        own_ms: Some(own_ms),
        ..CallEdge::default()
    };
    let traces = Measurements {
        kind: "traces".into(),
        file: "traces.json".into(),
        totals: Some(Figures { requests: Some(4000), ..Figures::default() }),
        calls: vec![
            edge("api", "postgresql", 1.5, 8.0),
            edge("api", "mailer", 1.0, 3.0),
            edge("cache", "db", 0.4, 8.0),
        ],
        ..Measurements::default()
    };
    let redis = Measurements {
        kind: "redis-info".into(),
        file: "info.txt".into(),
        resources: vec![Resource {
            name: "redis".into(),
            figures: BTreeMap::from([("hit_ratio".into(), 0.8), ("hits".into(), 8000.0), ("misses".into(), 2000.0)]),
            ..Resource::default()
        }],
        ..Measurements::default()
    };
    let made = of(&[traces, redis]);
    for (path, want) in [
        ("components.db.service.mean_ms", 8.0),
        ("components.api.calls[1].per_request", 1.5),
        ("components.cache.hit_ratio", 0.8),
    ] {
        let got = address::read(&made.scenario, path).unwrap_or_else(|| panic!("{path}"));
        assert!(
            (got.value / want - 1.0).abs() < 1e-9 && got.low.unwrap() < want && got.high.unwrap() > want,
            "{path}: {got:?}"
        );
    }
    for code in ["unknown-call", "call-not-drawn"] {
        assert!(made.report.contradictions.iter().any(|n| n.code == code), "{code}: {:?}", made.report.contradictions);
    }
}

/// A k6 summary of 844 requests in 12 s, of which 122 have a name (70.2 and 10.1 a second): the others are a class of their own; where
/// a file only holds the named ones apart, that is said.
#[test]
fn what_has_no_name_is_a_class_or_said() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../ingest/tests/fixtures/k6/handle_summary.json");
    let mut read = match ingest::import_bytes("handle_summary.json", &std::fs::read(folder).unwrap()) {
        ingest::Outcome::Measured(found) => *found,
        other => panic!("{other:?}"),
    };
    let unnamed = |file: &Measurements| {
        let input =
            CalibrateInput { scenario: None, data: std::slice::from_ref(file), map: None, only_up_to_rps: None };
        let missing = calibrate(&input).unwrap().report.missing;
        missing.into_iter().filter(|note| note.code == "unnamed-load").map(|note| note.text).collect::<Vec<_>>()
    };
    assert_eq!(unnamed(&read), Vec::<String>::new());
    let input = CalibrateInput { scenario: None, data: std::slice::from_ref(&read), map: None, only_up_to_rps: None };
    let made = calibrate(&input).unwrap();
    let doc = study::solve(&made.scenario, &[1.0]).unwrap();
    let rest = &doc.points[0].classes["without-a-name"];
    assert!((rest.throughput_rps - 60.0).abs() < 0.1, "{rest:?}");
    assert!((rest.latency_ms.as_ref().unwrap()["mean"] / 11.11 - 1.0).abs() < 0.03, "{rest:?}");
    read.endpoints.truncate(1);
    let said = unnamed(&read);
    assert!(said.len() == 1 && said[0].starts_with("60.0 of 70.2 requests/s"), "{said:?}");
    read.endpoints.clear();
    assert_eq!(unnamed(&read), Vec::<String>::new());
}
