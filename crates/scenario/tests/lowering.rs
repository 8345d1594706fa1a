//! What scenarios lower to, row by row.

use engine::model::{Arrivals, Distribution, HitRatio, Kind, Mode, System};
use scenario::{lower, parse};

fn lowered(text: &str) -> System {
    let parsed = parse(text).unwrap_or_else(|problems| panic!("{problems:#?}"));
    lower(&parsed.scenario).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// A scenario of one open class `c` (and a closed one, `d`) that enters at the component `x`.
fn with_component(component: &str) -> System {
    lowered(&format!(
        r#"{{"format": "headroom/1", "name": "t",
            "traffic": [{{"id": "c", "entry": "x", "arrivals": {{"open": {{"rate": 1}}}}}},
                        {{"id": "d", "entry": "x", "arrivals": {{"closed": {{"users": 3, "think_time_s": 2}}}}}}],
            "components": [{component}]}}"#
    ))
}

#[test]
fn the_shop_lowers_with_its_units() {
    let shop = lowered(include_str!("../../../tests/fixtures/shop-stack/scenario.json"));
    let station = |id: &str| &shop.stations[shop.station(id).unwrap()];
    assert_eq!(shop.classes[0].arrivals, Arrivals::Open { rate: 24.0, cv: 1.0 });
    assert_eq!(station("db").service[1], Distribution::Exponential { mean: 0.01 });
    assert_eq!(station("receipts").service[0], Distribution::Deterministic { mean: 0.001 });
    assert_eq!(station("app").pools[0].size, Some(4));
    let cached = &station("app").calls[0];
    assert_eq!((cached.classes.clone(), cached.on_miss[0].pool), (Some(vec![0]), Some(0)));
    assert_eq!(station("app").calls[3].mode, Mode::Async);
    assert!(
        matches!(&station("redis").kind, Kind::Cache { hits: HitRatio::Given(r), nodes: 1, .. } if *r == [0.5, 0.5])
    );
    assert_eq!((station("receipt-worker").replicas, station("db").price.gb), (2, Some(100.0)));
    assert_eq!((shop.multiples.len(), shop.growth_per_month, shop.objectives.len()), (6, Some(0.08), 5));
}

#[test]
fn own_times_lower_as_the_format_says() {
    let lognormal = |median: f64, sigma: f64| Distribution::Lognormal { mu: median.ln(), sigma };
    let rows: [(&str, Distribution); 12] = [
        (r#"{"mean_ms": 20}"#, Distribution::Exponential { mean: 0.02 }),
        (r#"{"mean_ms": 20, "cv": 0}"#, Distribution::Deterministic { mean: 0.02 }),
        (r#"{"mean_ms": 20, "cv": 0.5}"#, Distribution::Gamma { mean: 0.02, scv: 0.25 }),
        (r#"{"mean_ms": 20, "cv": 2}"#, Distribution::Hyperexponential { mean: 0.02, scv: 4.0 }),
        (r#"{"mean_ms": 0, "cv": 1}"#, Distribution::ZERO),
        (r#"{"dist": "gamma", "mean_ms": 20, "cv": 2}"#, Distribution::Gamma { mean: 0.02, scv: 4.0 }),
        (r#"{"dist": "deterministic", "mean_ms": 20}"#, Distribution::Deterministic { mean: 0.02 }),
        (r#"{"dist": "lognormal", "mean_ms": 5, "cv": 1.5}"#, Distribution::lognormal(0.005, 1.5)),
        (
            r#"{"dist": "empirical", "points": [[0, 0], [10, 1]]}"#,
            Distribution::Empirical { points: vec![(0.0, 0.0), (0.01, 1.0)] },
        ),
        // exp(1.6448536) = 5.180: a lognormal with median 10 ms and sigma 1.
        (r#"{"p50_ms": 10, "p95_ms": 51.80251...}"#, lognormal(0.01, 1.0)),
        (r#"{"p50_ms": 10, "p95_ms": 51.80251..., "p99_ms": 102.4047...}"#, lognormal(0.01, 1.0)),
        (
            r#"{"p50_ms": {"value": 10, "low": 9, "high": 11, "source": "measured"}, "p99_ms": 10}"#,
            Distribution::Deterministic { mean: 0.01 },
        ),
    ];
    for (service, expected) in rows {
        // Percentiles of the unit lognormal, exp(z), written out to full precision.
        let service = service.replace("51.80251...", &(10.0 * 1.644_853_626_951_472_7_f64.exp()).to_string());
        let service = service.replace("102.4047...", &(10.0 * 2.326_347_874_040_841_f64.exp()).to_string());
        let system = with_component(&format!(r#"{{"id": "x", "kind": "service", "service": {service}}}"#));
        let got = &system.stations[0].service[0];
        match (got, &expected) {
            (Distribution::Lognormal { mu, sigma }, Distribution::Lognormal { mu: m, sigma: s }) => {
                assert!((mu - m).abs() < 1e-9 && (sigma - s).abs() < 1e-9, "{service}: {got:?}");
            }
            (Distribution::Deterministic { mean }, Distribution::Deterministic { mean: m }) => {
                assert!((mean - m).abs() < 1e-12, "{service}: {got:?}");
            }
            _ => assert_eq!(got, &expected, "{service}"),
        }
    }
}

#[test]
fn least_squares_of_three_percentiles() {
    // By hand: z = 0, 1.6448536, 2.3263479; ln s = ln 0.010, ln 0.040, ln 0.200; slope 1.205587, intercept -4.740370 (normal equations, in Python).
    let system =
        with_component(r#"{"id": "x", "kind": "service", "service": {"p50_ms": 10, "p95_ms": 40, "p99_ms": 200}}"#);
    let Distribution::Lognormal { mu, sigma } = system.stations[0].service[0] else { panic!() };
    assert!((sigma - 1.205586501).abs() < 1e-6 && (mu + 4.740370282).abs() < 1e-6, "{mu} {sigma}");
}

#[test]
fn values_per_class_fall_back_to_the_star_and_then_to_the_default() {
    let system = with_component(
        r#"{"id": "x", "kind": "database", "write_ratio": {"c": 0.25},
            "service": {"c": {"mean_ms": 1}, "*": {"mean_ms": 2}}}"#,
    );
    let Kind::Database(database) = &system.stations[0].kind else { panic!() };
    assert_eq!(database.write_ratio, [0.25, 0.0]);
    assert_eq!(
        system.stations[0].service,
        [Distribution::Exponential { mean: 0.001 }, Distribution::Exponential { mean: 0.002 }]
    );
    assert_eq!(system.classes[1].arrivals, Arrivals::Closed { users: 3.0, think_time: 2.0 });
}
