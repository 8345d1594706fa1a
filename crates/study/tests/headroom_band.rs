//! The interval of the headroom does not hang on which multiples are asked for; and where bands have no upper end.
#![allow(clippy::unwrap_used)]

use serde_json::json;
use study::{ProjectOptions, project};

#[test]
fn what_gets_better_with_load_is_searched_from_today() {
    // Rarely called, the function is mostly cold: at one call in twenty seconds e^(-0.5), 61 % of them, today's median is missed, and
    // from the first multiple looked at on, though it is met at 10. At one in ten seconds it is 37 %: what less load than today's would
    // do is no end of growth.
    for (rate, multiple) in [(0.05, Some(0.1)), (0.1, None)] {
        let file = json!({"format": "headroom/1", "name": "cold",
            "traffic": [{"id": "u", "entry": "f", "arrivals": {"open": {"rate": rate}}}],
            "components": [{"id": "f", "kind": "function", "service": {"mean_ms": {"value": 50, "low": 45, "high": 55, "source": "measured"}}, "cold_start_ms": 2000, "idle_timeout_s": 10}],
            "slos": [{"traffic": "u", "percentile": 50, "latency_ms": 500}],
            "growth": {"multiples": [1, 2, 4, 6, 8, 10, 20, 50]}});
        let parsed = scenario::parse(&file.to_string()).unwrap().scenario;
        for multiples in [vec![50.0], vec![20.0, 50.0], vec![1.0, 2.0, 4.0, 6.0, 8.0, 10.0, 20.0, 50.0]] {
            let options = ProjectOptions { multiples: multiples.clone(), samples: 20, ..ProjectOptions::default() };
            let headroom = project(&parsed, &options).unwrap().headroom.unwrap();
            assert_eq!(
                (headroom.multiple, headroom.band),
                (multiple, multiple.map(|m| [m, m])),
                "{rate} {multiples:?}"
            );
        }
    }
}

/// One server at 50 requests a second whose mean time is 15 ms, 10 to 22.5 by measurement. From 20 ms on it is overloaded: lognormal,
/// with a deviation of ln 1.5 / 1.645 of the logarithm, that is 12.2 % of the draws. The 5 % end is that of 10 ms: 10 / (1 - 0.5) ms.
/// At half the load no draw is overloaded in any number that matters, and the ends are 10 / (1 - 0.25) and 22.5 / (1 - 0.5625).
#[test]
fn where_draws_overload_a_band_has_no_upper_end() {
    let file = json!({"format": "headroom/1", "name": "near its limit",
        "traffic": [{"id": "u", "entry": "s", "arrivals": {"open": {"rate": 50}}}],
        "components": [{"id": "s", "kind": "service", "replicas": 1, "concurrency": 1,
            "service": {"mean_ms": {"value": 15, "low": 10, "high": 22.5, "source": "measured"}, "cv": 1}}],
        "growth": {"multiples": [0.5, 1]}});
    let parsed = scenario::parse(&file.to_string()).unwrap().scenario;
    let options = ProjectOptions { samples: 200, ..ProjectOptions::default() };
    let found = project(&parsed, &options).unwrap();
    let class = |point: usize| &found.points[point].classes["u"];
    let near = |value: f64, wanted: f64| (value / wanted - 1.0).abs() < 0.03;
    let [low, high] = class(0).bands["mean"];
    assert!(near(low, 10.0 / 0.75) && near(high, 22.5 / 0.4375), "{low} {high}");
    assert!(class(0).open_bands.is_empty() && class(0).overloaded_draws.is_none_or(|share| share < 0.01));
    let (low, share) = (class(1).open_bands["mean"], class(1).overloaded_draws.unwrap());
    assert!(class(1).bands.is_empty() && near(low, 20.0), "{low}");
    assert!((share - 0.1216).abs() < 0.01, "{share}");
    assert!(found.warnings.iter().any(|warning| warning.code == "unbounded"), "{:?}", found.warnings);
}
