//! The shop from files to figures: what was fitted against how the shop was built (its README), never against itself.
#![allow(clippy::unwrap_used)]

mod common;

use common::{data, drawn, map, truth};
use study::address;
use study::calibrate::{CalibrateInput, Calibration, calibrate};

fn fitted(with_map: bool) -> Calibration {
    let (scenario, data, map) = (drawn(), data(), map());
    let map = with_map.then_some(&map);
    calibrate(&CalibrateInput { scenario: Some(&scenario), data: &data, map, only_up_to_rps: None }).unwrap()
}

/// README: query exponential of 30 and 20 ms and about 1 ms more; payment 41 to 43 ms, cv 0.5; receipt 60 ms; hit ratio about
/// 0.70. Issue 6: within 10 %; the app's and Redis's own time only in their sum of about 2 ms, within 25 %.
#[test]
fn fitted_parameters_are_those_the_shop_was_built_with() {
    let calibration = fitted(true);
    let at = |path: &str| address::read(&calibration.scenario, path).unwrap_or_else(|| panic!("{path}")).value;
    let rows = [
        ("components.db.service.browse.mean_ms", 31.0, 0.10),
        ("components.db.service.checkout.mean_ms", 21.0, 0.10),
        ("components.db.service.browse.cv", 30.0 / 31.0, 0.10),
        ("components.payment.service.mean_ms", 42.0, 0.10),
        ("components.payment.service.cv", 0.5, 0.15),
        ("components.receipt-worker.service.mean_ms", 60.0, 0.10),
        ("components.redis.hit_ratio", 0.70, 0.10),
        ("components.app.pools.pg", 4.0, 1e-9),
    ];
    for (path, want, within) in rows {
        let got = at(path);
        println!("{path}: {got:.4} against {want:.4}");
        assert!((got / want - 1.0).abs() <= within, "{path}: {got} is not {want}");
        let quantity = address::read(&calibration.scenario, path).unwrap();
        assert!(quantity.source.is_some() && quantity.from.is_some(), "{path} has no origin");
    }
    let sum = at("components.app.service.browse.mean_ms") + at("components.redis.service.mean_ms");
    assert!((sum / 2.0 - 1.0).abs() <= 0.25, "app and Redis take {sum} ms");
    assert!(calibration.report.contradictions.is_empty(), "{:?}", calibration.report.contradictions);
}

/// Issue 2: mean and p95 at the three measured levels within 20 % of levels.json (here: 10 %). The median of browse is a hit's,
/// about 2 ms, which the load test writes as whole milliseconds: within 22 %.
#[test]
fn the_model_is_near_the_record_of_every_request() {
    let calibration = fitted(true);
    let system = scenario::lower(&calibration.scenario).unwrap();
    let mut solver = engine::solve::Solver::new(&system).unwrap();
    for level in truth().as_array().unwrap() {
        let multiple = level["multiple"].as_f64().unwrap();
        let answer = solver.solve(&system, multiple, &engine::solve::Options::default());
        for (endpoint, class) in [("GET /items/:id", 0), ("POST /checkout", 1)] {
            let class = &answer.classes[class];
            for (figure, seconds) in [
                ("mean", class.mean),
                ("p50", class.percentile(50.0)),
                ("p95", class.percentile(95.0)),
                ("p99", class.percentile(99.0)),
            ] {
                let within = if figure == "p50" { 0.22 } else { 0.10 };
                let (model, truth) = (1000.0 * seconds.unwrap(), level[endpoint][figure].as_f64().unwrap());
                println!(
                    "x{multiple} {endpoint} {figure}: {model:.2} against {truth:.2} ({:+.1} %)",
                    100.0 * (model / truth - 1.0)
                );
                assert!(
                    (model / truth - 1.0).abs() < within,
                    "x{multiple} {endpoint} {figure}: {model} is not {truth}"
                );
            }
        }
    }
}

/// Why that median is high: after a miss the shop also writes the item back (4,500 `set` commands in app_metrics.txt, one per miss),
/// which the drawing leaves out, so that its time is spread over the hits. Drawn as a call on a miss, the median is right within 8 %,
/// and mean and 95th percentile stay within 5 and 7 %.
#[test]
fn with_the_write_after_a_miss_the_median_is_that_of_a_hit() {
    let mut value = serde_json::to_value(drawn()).unwrap();
    value["components"][0]["calls"][0]["on_miss"].as_array_mut().unwrap().push(serde_json::json!({"to": "redis-set"}));
    value["components"]
        .as_array_mut()
        .unwrap()
        .push(serde_json::json!({"id": "redis-set", "kind": "external", "service": {"mean_ms": 0.5, "cv": 0.5}}));
    let (scenario, data, map) = (scenario::parse_value(value).unwrap().scenario, data(), map());
    let input = CalibrateInput { scenario: Some(&scenario), data: &data, map: Some(&map), only_up_to_rps: None };
    let doc = study::solve(&calibrate(&input).unwrap().scenario, &[1.0, 2.0, 3.0]).unwrap();
    for (point, level) in doc.points.iter().zip(truth_levels()) {
        for (figure, within) in [("mean", 0.05), ("p50", 0.08), ("p95", 0.07)] {
            let model = point.classes["browse"].latency_ms.as_ref().unwrap()[figure];
            let truth = level["GET /items/:id"][figure].as_f64().unwrap();
            let error = model / truth - 1.0;
            println!("x{} browse {figure}: {model:.2} against {truth:.2} ({:+.1} %)", point.multiple, 100.0 * error);
            assert!(error.abs() < within, "x{} {figure}: {model} is not {truth}", point.multiple);
        }
    }
}

/// Without a map the same comes out of names and shapes, and every guess is said.
#[test]
fn without_a_map_the_guess_carries_it() {
    let (with, without) = (fitted(true), fitted(false));
    assert!(without.report.guesses.len() > with.report.guesses.len());
    for path in [
        "components.payment.service.mean_ms",
        "components.receipt-worker.service.mean_ms",
        "components.redis.hit_ratio",
        "components.db.service.browse.mean_ms",
    ] {
        let at = |c: &Calibration| address::read(&c.scenario, path).unwrap_or_else(|| panic!("{path}")).value;
        println!("{path}: {} and {}", at(&with), at(&without));
        assert!((at(&with) / at(&without) - 1.0).abs() < 0.1, "{path}: {} and {}", at(&with), at(&without));
    }
}

/// Issue 6: from 1x and 2x to 3x within 15 % at mean (and p95, which the Locust files do not hold per level: against the record
/// of every request).
#[test]
fn the_back_test_predicts_the_level_it_has_not_seen() {
    let (scenario, data, map) = (drawn(), data(), map());
    let input = CalibrateInput { scenario: Some(&scenario), data: &data, map: Some(&map), only_up_to_rps: None };
    let result = study::backtest(&input, None).unwrap();
    println!("{}", study::text::backtest(&result));
    assert!(result.rows.len() >= 2 && result.worst_error.is_some_and(|worst| worst < 0.15), "{result:?}");
    assert!(result.rows.iter().all(|r| r.multiple > 2.5));
    let doc = study::solve(&result.scenario.unwrap(), &[3.0]).unwrap();
    for (endpoint, class) in [("GET /items/:id", "browse"), ("POST /checkout", "checkout")] {
        for figure in ["mean", "p95"] {
            let model = doc.points[0].classes[class].latency_ms.as_ref().unwrap()[figure];
            let truth = truth()[2][endpoint][figure].as_f64().unwrap();
            assert!((model / truth - 1.0).abs() < 0.15, "{class} {figure}: {model} is not {truth}");
        }
    }
}

/// Two workers of 60 ms (61 measured) are full at 2 / (6 x 0.06) = 5.56 times the load (README); within 5 %.
#[test]
fn the_receipts_limit_the_growth() {
    let calibration = fitted(true);
    let options = study::ProjectOptions { multiples: (1..=10).map(f64::from).collect(), ..Default::default() };
    let doc = study::project(&calibration.scenario, &options).unwrap();
    let headroom = doc.headroom.clone().unwrap();
    let truth = 2.0 / (6.0 * 0.060);
    assert!((headroom.multiple.unwrap() / truth - 1.0).abs() < 0.05, "{headroom:?}");
    let band = headroom.band.unwrap();
    assert!(band[0] < headroom.multiple.unwrap() && headroom.multiple.unwrap() < band[1], "{headroom:?}");
    assert!(headroom.date.is_some() && headroom.date_band.is_some());
    assert!(study::headline(&doc, &calibration.scenario).sentence.contains("receipts"));
    // Bands no wider than 35 % up to 8x, and every measured figure inside its prediction.
    for point in doc.points.iter().filter(|p| p.multiple <= 8.0) {
        for (id, class) in &point.classes {
            for figure in ["mean", "p95"] {
                let (value, band) = (class.latency_ms.as_ref().unwrap()[figure], class.bands[figure]);
                assert!(
                    band[0] > 0.65 * value && band[1] < 1.35 * value,
                    "x{} {id} {figure}: {band:?}",
                    point.multiple
                );
                assert!(band[0] <= value * 1.02 && band[1] >= value * 0.98);
            }
        }
    }
    let (mut inside, mut all) = (0, 0);
    for (point, level) in doc.points.iter().zip(truth_levels()) {
        for (endpoint, class) in [("GET /items/:id", "browse"), ("POST /checkout", "checkout")] {
            for figure in ["mean", "p50", "p90", "p95", "p99"] {
                let truth = level[endpoint][figure].as_f64().unwrap();
                let band = point.classes[class].prediction[figure];
                all += 1;
                inside += usize::from(band[0] <= truth && truth <= band[1]);
                println!("x{} {class} {figure}: {truth} in {band:?}", point.multiple);
            }
        }
    }
    println!("{inside} of {all} inside the prediction");
    assert!(10 * inside >= 8 * all, "{inside} of {all}");
}

fn truth_levels() -> Vec<serde_json::Value> {
    truth().as_array().unwrap().clone()
}

/// The load test's users wait for answers: near saturation they measure less than open traffic of the same planned rate, and
/// `prediction` says what they measure. Against the simulator with as many users as the real test would have had.
#[test]
fn the_prediction_is_of_a_run_with_the_generator_as_it_was() {
    let calibration = fitted(true);
    let multiples = [5.0, 8.0, 9.0, 10.0];
    let options = study::ProjectOptions { multiples: multiples.to_vec(), ..Default::default() };
    let doc = study::project(&calibration.scenario, &options).unwrap();
    for (multiple, point) in multiples.into_iter().zip(&doc.points) {
        // Locust's users pause one second; per class as many as keep its share of the requests.
        let mut value = serde_json::to_value(&calibration.scenario).unwrap();
        for (class, rate, mean) in [(0, 24.0, 0.0115), (1, 6.0, 0.067)] {
            let users = f64::round(multiple * rate * (1.0 + mean));
            value["traffic"][class]["arrivals"] = serde_json::json!({"closed": {"users": users, "think_time_s": 1.0}});
        }
        let closed = serde_json::from_value(value).unwrap();
        let options = study::simulate::SimulateOptions { seconds: 1000.0, replications: 1, ..Default::default() };
        let run = study::simulate::simulate(&closed, &options).unwrap();
        for class in ["browse", "checkout"] {
            for figure in ["mean", "p95"] {
                let truth = run.points[0].classes[class].latency_ms.as_ref().unwrap()[figure];
                let open = point.classes[class].latency_ms.as_ref().unwrap()[figure];
                let [low, high] = point.classes[class].prediction[figure];
                let middle = (low * high).sqrt();
                println!(
                    "x{multiple} {class} {figure}: simulated {truth:.1}, open {open:.1}, predicted {low:.1} to {high:.1}"
                );
                assert!(low < truth && truth < high, "x{multiple} {class} {figure}: {truth} not in {low} to {high}");
                assert!((middle / truth - 1.0).abs() < 0.10, "x{multiple} {class} {figure}: {middle} is not {truth}");
            }
        }
    }
}

/// Hits and misses behind one name have a shape that no single time has: the mean holds all the same, and the rest is said.
#[test]
fn two_modes_behind_one_name_leave_the_mean_right() {
    let load: Vec<_> = data().into_iter().filter(|file| file.kind.starts_with("locust")).collect();
    let input = CalibrateInput { scenario: None, data: &load, map: None, only_up_to_rps: None };
    let calibration = calibrate(&input).unwrap();
    let means: Vec<_> = calibration.report.residuals.iter().filter(|row| row.figure == "mean").collect();
    assert_eq!(means.len(), 6);
    for row in means {
        assert!(row.error.unwrap().abs() < 0.04, "{row:?}");
    }
    let misfits: Vec<&str> =
        calibration.report.notes.iter().filter(|n| n.code == "shape-misfit").map(|n| n.place.as_str()).collect();
    assert_eq!(misfits, ["traffic.get-items-id"]);
    let drawn = fitted(true).report.notes;
    assert!(drawn.iter().all(|note| note.code != "shape-misfit"), "{drawn:?}");
}
