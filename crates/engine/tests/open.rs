//! Open systems against theory, by the whole solver.
#![allow(clippy::unwrap_used)]
mod common;
use common::*;
use engine::{model::*, solve::*};

fn solve(system: &System, multiple: f64) -> Answer {
    Solver::new(system).unwrap().solve(system, multiple, &Options::default()).clone()
}

#[test]
fn one_station_is_m_m_c() {
    let one = system(vec![open("a", 0, 2.0)], vec![station("s", service(Some(3)), vec![exponential(1.0)])]);
    let answer = solve(&one, 1.0);
    let mean = answer.classes[0].mean.unwrap();
    assert!((mean - 13.0 / 9.0).abs() < 1e-12, "{mean}");
    assert!((answer.stations[0].in_system.unwrap() - 26.0 / 9.0).abs() < 1e-12);
    assert!(answer.convergence.converged);
}

#[test]
fn the_shop_is_limited_by_its_pool_and_its_receipts() {
    let shop = shop();
    let one = solve(&shop, 1.0);
    assert!(one.classes.iter().all(|c| c.stable));
    let eight = solve(&shop, 8.0);
    let pool = eight.stations[0].pools[0];
    assert!((pool.utilization.unwrap() - 8.0 * (7.2 * 0.031 + 6.0 * 0.021) / 4.0).abs() < 1e-9);
    assert!(eight.stations[4].queue.unwrap().growth > 0.0);
    assert!(eight.classes[1].stable, "a growing queue is not in the request's way");
    let beyond = solve(&shop, 15.0);
    assert!(!beyond.classes[0].stable && beyond.classes[0].mean.is_none());
}

#[test]
fn percentiles_of_one_server_are_exact() {
    // M/M/1: the response is exponential with mean service / (1 - utilization).
    let one = system(vec![open("a", 0, 0.8)], vec![station("s", service(Some(1)), vec![exponential(1.0)])]);
    let class = &solve(&one, 1.0).classes[0];
    for (percentile, exact) in [(50.0, 3.465_736), (95.0, 14.978_661), (99.0, 23.025_851), (99.9, 34.538_776)] {
        let got = class.percentile(percentile).unwrap();
        assert!((got / exact - 1.0).abs() < 2e-4, "p{percentile}: {got} is not {exact}");
    }
}

#[test]
fn fixed_times_stay_fixed() {
    let fixed = |mean| vec![Distribution::Deterministic { mean }];
    let mut app = station("app", service(None), fixed(0.010));
    app.calls = vec![Call { network: 0.002, ..call(1) }];
    let one = system(vec![open("a", 0, 5.0)], vec![app, station("db", database(None, 1), fixed(0.030))]);
    let class = &solve(&one, 1.0).classes[0];
    for &(percentile, seconds) in &class.percentiles {
        assert!((seconds - 0.042).abs() < 1e-12, "p{percentile}: {seconds}");
    }
}

#[test]
fn hits_and_misses_are_a_mixture() {
    // 70 % take 1 ms exactly, 30 % that and an exponential 30 ms: tail 0.3 exp(-(t - 1) / 30).
    let mut app = station("app", service(None), vec![Distribution::ZERO]);
    app.calls = vec![Call { on_miss: vec![call(2)], ..call(1) }];
    let redis = station("redis", cache(vec![0.7]), vec![Distribution::Deterministic { mean: 0.001 }]);
    let one =
        system(vec![open("a", 0, 5.0)], vec![app, redis, station("db", database(None, 1), vec![exponential(0.03)])]);
    let class = &solve(&one, 1.0).classes[0];
    assert!((class.mean.unwrap() - 0.01).abs() < 1e-12);
    for (percentile, tail) in [(90.0, 0.1), (95.0, 0.05), (99.0, 0.01), (99.9, 0.001_f64)] {
        let exact = 0.001 + 0.03 * (0.3 / tail).ln();
        let got = class.percentile(percentile).unwrap();
        assert!((got / exact - 1.0).abs() < 1e-3, "p{percentile}: {got} is not {exact}");
    }
    assert!((class.percentile(50.0).unwrap() - 0.001).abs() < 1e-6);
}
