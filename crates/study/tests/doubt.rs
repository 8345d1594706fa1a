//! What doubt in a number does to the projection, against sums by hand; what to measure next, against having measured it; and what a
//! reader is warned of.
#![allow(clippy::unwrap_used)]

use engine::queueing::mmc;
use ingest::Measurements;
use ingest::measurements::{Figures, Level};
use scenario::Scenario;
use serde_json::{Value, json};
use study::calibrate::{CalibrateInput, calibrate};
use study::{ProjectOptions, ResultDoc, project, sensitivity};

fn scenario(value: &Value) -> Scenario {
    scenario::parse_value(value.clone()).unwrap().scenario
}

fn projected(value: &Value, multiples: &[f64]) -> ResultDoc {
    let options = ProjectOptions { multiples: multiples.to_vec(), samples: 1000, ..ProjectOptions::default() };
    project(&scenario(value), &options).unwrap()
}

fn measured(value: f64, low: f64, high: f64) -> Value {
    json!({"value": value, "low": low, "high": high, "source": "measured"})
}

/// 100 visits a second to 8 slots; at most 70 % busy: 5.6 servers' work.
fn one(visits: Value, time: Value) -> Value {
    json!({"format": "headroom/1", "name": "doubt",
        "traffic": [{"id": "u", "entry": "api", "arrivals": {"open": {"rate": 100}}}],
        "components": [
            {"id": "api", "kind": "service", "service": {"mean_ms": measured(1.0, 0.999, 1.001)}, "calls": [{"to": "db", "per_request": visits}]},
            {"id": "db", "kind": "service", "concurrency": 8, "service": {"mean_ms": time, "cv": measured(1.0, 0.999, 1.001)}}],
        "slos": [{"component": "db", "max_utilization": 0.7}], "growth": {"multiples": [1, 12]}})
}

/// 56 / (100 x time) is where it breaks: at 9, 10 and 11.5 ms, which nineteen, ten and one of twenty stay below.
#[test]
fn an_interval_becomes_a_band_and_a_probability() {
    let [late, middle, early] = [9.0, 10.0, 11.5].map(|ms| 0.7 * 8.0 / (100.0 * ms / 1000.0));
    let doc = projected(&one(json!(1), measured(10.0, 9.0, 11.5)), &[early, middle, late]);
    let headroom = doc.headroom.unwrap();
    assert!((headroom.multiple.unwrap() / middle - 1.0).abs() < 1e-3, "{headroom:?}");
    let [low, high] = headroom.band.unwrap();
    assert!((low / early - 1.0).abs() < 0.01 && (high / late - 1.0).abs() < 0.01, "{low} to {high}");
    for (point, wanted) in doc.points.iter().zip([0.95, 0.5, 0.05]) {
        let found = point.slos[0].probability.unwrap();
        assert!((found - wanted).abs() < 0.02, "at {}: {found} is not {wanted}", point.multiple);
    }
}

/// The calls per visit are known to ± 25 %, the time of one to ± 10 %: the first is to be measured. Once it is, the interval of the
/// headroom has narrowed by what was said.
#[test]
fn the_next_measurement_narrows_by_what_was_said() {
    for (visits, time, path) in [
        (measured(2.0, 1.6, 2.5), measured(10.0, 9.0, 11.1), "components.api.calls[0].per_request"),
        (measured(2.0, 1.9, 2.1), measured(10.0, 7.5, 13.0), "components.db.service.mean_ms"),
        (measured(2.0, 1.6, 2.5), measured(10.0, 8.0, 12.5), ""),
    ] {
        let before = one(visits, time);
        let found = sensitivity(&scenario(&before)).unwrap();
        let best = &found.next[0];
        assert!(path.is_empty() || best.path == path, "{found:?}");
        let mut after = before.clone();
        let known = if best.path.ends_with("per_request") {
            &mut after["components"][0]["calls"][0]["per_request"]
        } else {
            &mut after["components"][1]["service"]["mean_ms"]
        };
        *known = json!({"value": known["value"], "source": "measured"});
        let width = |value: &Value| {
            let [low, high] = projected(value, &[1.0]).headroom.unwrap().band.unwrap();
            high - low
        };
        let narrowed = 1.0 - width(&after) / width(&before);
        // The interval's ends are read off 200 draws: one standard error is 0.06.
        assert!((narrowed - best.narrows).abs() < 0.1, "{}: {narrowed} is not {}", best.path, best.narrows);
    }
}

/// Levels of 45 s with the exact mean of M/M/4 of 10 ms.
fn levels(rates: &[f64]) -> Measurements {
    let level = |(place, &rate): (usize, &f64)| Level {
        from_s: 60.0 * place as f64 + 15.0,
        to_s: 60.0 * place as f64 + 60.0,
        endpoint: Some("GET /".into()),
        steady: true,
        figures: Figures {
            requests: Some((45.0 * rate) as u64),
            rps: Some(rate),
            latency_ms: [("mean".into(), 1000.0 * mmc::solve(rate, 0.01, 4).unwrap().response_time)].into(),
            ..Figures::default()
        },
    };
    Measurements {
        file: "load.csv".into(),
        started: Some("2026-11-21T21:00:00Z".into()),
        levels: rates.iter().enumerate().map(level).collect(),
        ..Measurements::default()
    }
}

/// The interval of the own time after a calibration with levels, as stated; as drawn it is the same.
fn own_time(rates: &[f64]) -> (f64, Scenario) {
    let mut drawn = one(json!(1), json!(5));
    drawn["components"].as_array_mut().unwrap().remove(0);
    drawn["components"][0] =
        json!({"id": "api", "kind": "service", "concurrency": 4, "service": {"mean_ms": 5, "cv": 1}});
    drawn["slos"] = json!([]);
    let (drawn, data) = (scenario(&drawn), [levels(rates)]);
    let input = CalibrateInput { scenario: Some(&drawn), data: &data, map: None, only_up_to_rps: None };
    let made = calibrate(&input).unwrap().scenario;
    let stated = study::address::read(&made, "components.api.service.u.mean_ms").unwrap();
    let width = stated.high.unwrap() - stated.low.unwrap();
    let mut draws: Vec<f64> = made.fit.as_ref().unwrap().draws.iter().map(|draw| draw[0]).collect();
    draws.sort_by(f64::total_cmp);
    let spread = draws[draws.len() * 19 / 20] - draws[draws.len() / 20];
    assert!((spread / width - 1.0).abs() < 0.05, "{rates:?}: stated {width}, drawn {spread}");
    (width, made)
}

/// One more level narrows the interval by what is said of it, though it lies near the limit and its requests wait together.
#[test]
fn the_next_level_narrows_by_what_was_said() {
    for rates in [&[100.0, 150.0][..], &[100.0, 200.0], &[100.0, 200.0, 300.0]] {
        let (before, made) = own_time(rates);
        let next = sensitivity(&made).unwrap().next;
        let level = next.iter().find(|next| next.what.starts_with("one steady level at ×3.40")).unwrap();
        let narrowed = 1.0 - own_time(&[rates, &[340.0]].concat()).0 / before;
        assert!(narrowed > 0.03 && (narrowed - level.narrows).abs() < 0.04, "{rates:?}: {narrowed}, {level:?}");
    }
}

/// Levels up to twice today's load, of a shop whose payment has no known limit.
fn shop(own: Value, measured_to: f64) -> Value {
    let points = if measured_to > 0.0 {
        json!([{"id": "load", "kind": "test", "points": [
            {"traffic": "u", "multiple": measured_to, "rps": 6.0 * measured_to, "latency_ms": {"mean": 60}}]}])
    } else {
        json!([])
    };
    json!({"format": "headroom/1", "name": "shop",
        "traffic": [{"id": "u", "entry": "api", "arrivals": {"open": {"rate": 6}}}],
        "components": [
            {"id": "api", "kind": "service", "concurrency": 1, "service": {"mean_ms": own}, "calls": [{"to": "pay", "mode": "async"}]},
            {"id": "pay", "kind": "external", "service": {"mean_ms": 42}}],
        "imports": points, "growth": {"multiples": [1, 10]}})
}

/// The own time of the API, the highest measured multiple, the multiple asked for: the code of a warning, and its words.
#[test]
fn what_a_reader_must_know_is_said() {
    let known = || measured(40.0, 37.0, 43.0);
    let rows = [
        ("assumptions alone", json!(10), 0.0, 10.0, "not-measured", "the scenario's assumptions carried on"),
        ("beyond the levels", known(), 2.0, 3.0, "extrapolated", "the highest measured level is ×2.00"),
        (
            "nobody knows where it ends",
            known(),
            1.0,
            3.0,
            "never-loaded",
            "pay was never loaded above 6.00/s and its limit is not known; ×3 asks 18.0/s of it",
        ),
        (
            "a limit without a datum",
            json!(40),
            2.0,
            5.0,
            "untouched-bottleneck",
            "api limits the growth, but no datum touches it",
        ),
        (
            "a limit far beyond",
            known(),
            2.0,
            5.0,
            "headroom-extrapolated",
            "the headroom of ×4.17 lies 2.1 times above",
        ),
        ("near the limit", known(), 2.0, 3.8, "near-saturation", "u at ×3.8: api is 91 % busy"),
    ];
    for (name, own, levels, asked, code, words) in rows {
        let doc = projected(&shop(own, levels), &[1.0, asked]);
        let found: Vec<_> = doc.warnings.iter().filter(|warning| warning.code == code).collect();
        assert!(found.len() == 1 && found[0].text.contains(words), "{name}: {:?}", doc.warnings);
    }
    // Within what was measured none of it is said.
    let quiet = projected(&shop(known(), 3.0), &[1.0, 2.0]);
    let codes: Vec<&str> = quiet.warnings.iter().map(|warning| warning.code.as_str()).collect();
    let about = ["not-measured", "extrapolated", "never-loaded", "untouched-bottleneck", "near-saturation"];
    assert!(!codes.iter().any(|code| about.contains(code)), "{codes:?}");
}

/// The example of `docs/calibration.md` is a map, and each of its words one that is known.
#[test]
fn the_documented_map_is_read() {
    let text = include_str!("../../../docs/calibration.md");
    let block = text.split("```json").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let mut value = shop(json!(10), 0.0);
    value["map"] = serde_json::from_str(block).unwrap();
    value["components"].as_array_mut().unwrap().extend(
        ["app", "db", "redis", "receipt-worker"].map(|id| json!({"id": id, "kind": "service", "pools": {"pg": 4}})),
    );
    for id in ["browse", "checkout"] {
        let class = json!({"id": id, "entry": "app", "arrivals": {"open": {"rate": 1}}});
        value["traffic"].as_array_mut().unwrap().push(class);
    }
    let read = scenario(&value).map.unwrap();
    assert_eq!((read.endpoints.len(), read.series.len(), read.costs.len()), (2, 4, 2));
    let words: Vec<&str> = text.split("- `is`: ").nth(1).unwrap().split(".\n").next().unwrap().split('`').collect();
    for word in words.iter().skip(1).step_by(2) {
        value["map"]["series"][0]["is"] = json!(word);
        assert!(scenario::parse_value(value.clone()).is_ok(), "{word}");
    }
    value["map"]["series"][0]["is"] = json!("sunspots");
    assert!(scenario::parse_value(value).is_err());
}
