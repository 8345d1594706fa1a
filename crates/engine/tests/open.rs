//! Open systems against theory, by the whole solver.
#![allow(clippy::unwrap_used)]
mod common;
use common::*;
use engine::{model::*, solve::*};

fn solve(system: &System, multiple: f64) -> Answer {
    Solver::new(system).unwrap().solve(system, multiple, &Options::default()).clone()
}

fn near(got: f64, want: f64, relative: f64) {
    assert!((got / want - 1.0).abs() < relative, "{got}, not {want}");
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

/// M/M/1 within t: 1 - e^(-(mu - lambda) t) of what comes; beyond its capacity nothing, as the line grows without end.
#[test]
fn goodput_is_what_comes_in_time() {
    let mut one = system(vec![open("a", 0, 0.8)], vec![station("s", service(Some(1)), vec![exponential(1.0)])]);
    let goodput = |system: &System, multiple| solve(system, multiple).classes[0].goodput;
    near(goodput(&one, 1.0), 0.8, 1e-12);
    near(goodput(&one, 1.5), 1.0, 1e-12);
    one.objectives.push(Objective { index: 0, goal: Goal::Latency { class: 0, percentile: 95.0, at_most: 6.0 } });
    for (multiple, rate) in [(1.0, 0.8), (0.5, 0.4), (1.2, 0.96)] {
        near(goodput(&one, multiple), rate * (1.0 - f64::exp(-(1.0 - rate) * 6.0)), 2e-4);
    }
    assert!(goodput(&one, 1.5) <= 0.0, "{}", goodput(&one, 1.5));
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

/// Cores shared by requests that arrive unevenly: exponential work has the mean of GI/M/1. Even arrivals at a load of 0.7, D/M/1:
/// sigma = exp(-(1 - sigma) / 0.7) = 0.4670. Hyperexponential ones (cv 3): as a line of the same work finds them.
#[test]
fn shared_cores_feel_uneven_arrivals() {
    for (cv, expected) in [(0.0, 0.010 / (1.0 - 0.467_004)), (1.0, 0.010 / 0.3)] {
        let shared = Kind::Service { concurrency: None, cpu_cores: Some(1.0), queue_limit: None };
        let mut one = system(vec![open("o", 0, 70.0)], vec![station("s", shared, vec![exponential(0.010)])]);
        one.classes[0].arrivals = Arrivals::Open { rate: 70.0, cv };
        near(solve(&one, 1.0).classes[0].mean.unwrap(), expected, 1e-4);
        let mut line = one.clone();
        line.stations[0].kind = service(Some(1));
        line.classes[0].arrivals = Arrivals::Open { rate: 70.0, cv: 3.0 };
        let mut cores = one.clone();
        cores.classes[0].arrivals = Arrivals::Open { rate: 70.0, cv: 3.0 };
        let mean = |system: &System| solve(system, 1.0).classes[0].mean.unwrap();
        near(mean(&cores), mean(&line), 1e-9);
    }
}

/// Consumers who hold a service with more slots than there are consumers are what is short: three of 100 ms and a part of one
/// server for 60 ms carry 14.0 a second (mean value analysis of three customers), not 15.
#[test]
fn consumers_fewer_than_slots_are_what_is_short() {
    for slots in [3, 8] {
        let mut kind = queue();
        if let Kind::Queue { consumers, .. } = &mut kind {
            *consumers = Some(3);
        }
        let mut jobs = station("q", kind, vec![Distribution::ZERO]);
        jobs.calls = vec![call(1)];
        let mut worker = station("w", service(Some(slots)), vec![exponential(0.100)]);
        worker.calls = vec![call(2)];
        let db = station("db", database(Some(1), 1), vec![exponential(0.060)]);
        let all = system(vec![open("o", 0, 15.0)], vec![jobs, worker, db]);
        let answer = solve(&all, 1.0);
        let (_, load) = answer.stations[0].busiest.unwrap();
        near(load, 15.0 / 14.0023, 1e-4);
    }
}
