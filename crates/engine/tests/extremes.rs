//! Enormous and tiny rates, zero times, loops, thousands of components: a right answer or a typed problem, never a hang.
#![allow(clippy::unwrap_used)]
mod common;

use common::*;
use engine::{model::*, plan, solve::*};

fn finite(answer: &Answer) {
    for class in &answer.classes {
        for value in [class.offered, class.throughput, class.goodput, class.error_ratio] {
            assert!(value.is_finite() && value >= 0.0);
        }
        assert!(class.mean.is_none_or(f64::is_finite));
        assert!(class.percentiles.iter().all(|(_, seconds)| seconds.is_finite()));
    }
}

#[test]
fn any_rate_is_answered() {
    for rate in [0.0, 1e-12, 1e-6, 1e3, 1e9, 1e12] {
        for slots in [Some(1), Some(1_000_000), None] {
            let mut shop = shop();
            shop.classes[0].arrivals = Arrivals::Open { rate, cv: 1.0 };
            shop.stations[0].kind = service(slots);
            let mut solver = Solver::new(&shop).unwrap();
            for multiple in [0.1, 1.0, 10.0] {
                finite(solver.solve(&shop, multiple, &Options::default()));
            }
        }
    }
}

#[test]
fn a_million_slots_at_a_million_erlang() {
    let one =
        system(vec![open("a", 0, 0.99e9)], vec![station("s", service(Some(1_000_000)), vec![exponential(0.001)])]);
    let answer = Solver::new(&one).unwrap().solve(&one, 1.0, &Options::default()).clone();
    assert!((answer.classes[0].mean.unwrap() / 0.001 - 1.0).abs() < 1e-6);
}

#[test]
fn zero_times_take_no_time() {
    let mut app = station("app", service(Some(1)), vec![Distribution::ZERO]);
    app.calls = vec![call(1)];
    let one = system(vec![open("a", 0, 1e6)], vec![app, station("db", database(Some(1), 1), vec![Distribution::ZERO])]);
    let answer = Solver::new(&one).unwrap().solve(&one, 1.0, &Options::default()).clone();
    assert_eq!(answer.classes[0].mean, Some(0.0));
    assert!(answer.classes[0].percentiles.iter().all(|&(_, seconds)| seconds == 0.0));
}

#[test]
fn loops_are_named() {
    let mut a = station("a", service(None), vec![exponential(0.01)]);
    a.calls = vec![call(1)];
    let mut b = station("b", service(None), vec![exponential(0.01)]);
    b.calls = vec![call(0)];
    let looped = system(vec![open("x", 0, 1.0)], vec![a, b]);
    let refusals = Solver::new(&looped).unwrap_err();
    assert!(refusals.iter().any(|r| r.place == Place::Station(0) && r.key == "calls"), "{refusals:?}");
    assert!(plan::headroom(&looped, &plan::Search::of(&looped)).is_err());
}

#[test]
fn a_loop_over_a_queue_converges_to_its_visit_counts() {
    // Handling one message in four publishes another: 1 / (1 - 0.25) messages for each first one.
    let mut q = station("q", queue(), vec![Distribution::ZERO]);
    q.calls = vec![call(1)];
    let mut worker = station("w", service(Some(10)), vec![exponential(0.01)]);
    worker.calls = vec![Call { per_request: 0.25, mode: Mode::Async, ..call(0) }];
    let one = system(vec![open("x", 0, 30.0)], vec![q, worker]);
    let answer = Solver::new(&one).unwrap().solve(&one, 1.0, &Options::default()).clone();
    assert!(answer.convergence.converged);
    assert!((answer.stations[1].visits - 40.0).abs() < 1e-6, "{}", answer.stations[1].visits);
}

#[test]
fn ten_thousand_components_in_a_chain_and_in_a_fan() {
    for chain in [true, false] {
        let mut stations: Vec<Station> =
            (0..10_000).map(|n| station(&format!("s{n}"), service(Some(4)), vec![exponential(1e-6)])).collect();
        if chain {
            for (n, station) in stations.iter_mut().enumerate().take(9_999) {
                station.calls = vec![call(n + 1)];
            }
        } else {
            stations[0].kind = service(None);
            stations[0].calls = (1..10_000).map(call).collect();
        }
        let big = system(vec![open("a", 0, 10.0)], stations);
        let mut solver = Solver::new(&big).unwrap();
        let answer = solver.solve(&big, 1.0, &Options::default());
        assert!(answer.classes[0].mean.unwrap() >= 0.01 * (1.0 - 1e-9));
        finite(answer);
    }
}

#[test]
fn what_breaks_next_of_ten_thousand_ends() {
    // Each lifted limit only shows the next of as many; the chain stops after what can be solved in seconds.
    let mut stations: Vec<Station> =
        (0..10_000).map(|n| station(&format!("s{n}"), service(Some(4)), vec![exponential(1e-3)])).collect();
    stations[0].kind = service(None);
    stations[0].calls = (1..10_000).map(call).collect();
    let big = system(vec![open("a", 0, 1000.0)], stations);
    let search = plan::Search { points: 8, ..plan::Search::of(&big) };
    let chain = plan::next_bottlenecks(&big, &search).unwrap();
    assert!((1..10).contains(&chain.len()), "{}", chain.len());
    assert!(chain.iter().all(|next| (next.multiple - 4.0).abs() < 1e-2), "{chain:?}");
}

#[test]
fn users_over_ten_thousand_components() {
    // Nobody waits long at any of them: 50 users, each seldom anywhere.
    let mut stations: Vec<Station> =
        (0..10_000).map(|n| station(&format!("s{n}"), database(Some(4), 1), vec![exponential(1e-5)])).collect();
    stations[0] = station("s0", service(None), vec![exponential(1e-3)]);
    stations[0].calls = (1..10_000).map(call).collect();
    let mut users = open("u", 0, 0.0);
    users.arrivals = Arrivals::Closed { users: 50.0, think_time: 1.0 };
    let big = system(vec![users], stations);
    let answer = Solver::new(&big).unwrap().solve(&big, 1.0, &Options::default()).clone();
    assert!((answer.classes[0].throughput / (50.0 / 1.101) - 1.0).abs() < 1e-3, "{}", answer.classes[0].throughput);
    finite(&answer);
}

#[test]
fn retries_can_hold_a_collapse() {
    // At 60 % everything answers in time; with three attempts each the same system is at 180 % and nothing does.
    let retry = Retry { max: 2, backoff: 0.02, jitter: 0.5, budget_ratio: None };
    let mut app = station("app", service(None), vec![exponential(0.001)]);
    app.calls = vec![Call { timeout: Some(0.06), retry: Some(retry), ..call(1) }];
    let one =
        system(vec![open("a", 0, 120.0)], vec![app, station("db", database(Some(2), 1), vec![exponential(0.01)])]);
    let mut solver = Solver::new(&one).unwrap();
    let answer = solver.solve(&one, 1.0, &Options::default());
    assert!(answer.metastable && answer.classes[0].error_ratio < 0.01, "{:?}", answer.classes[0]);
    assert!(!solver.solve(&one, 0.5, &Options::default()).metastable, "at 30 % three attempts each still fit");
    let (low, high) = solver.metastable_range(&one, 1.0).unwrap();
    assert!(low > 0.5 && low < 1.0 && high > 1.0 && high < 2.0, "{low} {high}");
    for (multiple, both) in [(low * 0.99, false), (low * 1.01, true), (high * 0.99, true), (high * 1.01, false)] {
        assert_eq!(solver.solve(&one, multiple, &Options::default()).metastable, both, "{multiple} in {low} to {high}");
    }
    assert!(solver.metastable_range(&one, 0.5).is_none());
}

#[test]
fn any_number_of_users_is_answered() {
    // Four cores of 0.1 ms and 100 s of thought carry 40,000 a second: 4 million users. A pool of 64 over them makes a tree of networks.
    let flat = |users: f64, pool: Option<u32>| {
        let mut app = station("app", service(None), vec![Distribution::ZERO]);
        app.pools.push(Pool { id: "p".into(), size: pool });
        app.calls = vec![Call { pool: Some(0), ..call(1) }];
        let db = station("db", database(Some(4), 1), vec![exponential(0.0001)]);
        let class = Class { arrivals: Arrivals::Closed { users, think_time: 100.0 }, ..open("a", 0, 0.0) };
        system(vec![class], vec![app, db])
    };
    for users in [1e5, 2e6, 4e6, 5e6, 2e7, 9.99e8, 1e12] {
        for pool in [None, Some(64)] {
            if pool.is_some() && users > 1e9 {
                // Layer by layer the line is beyond a double's digits: said in docs/model.md.
                continue;
            }
            let one = flat(users, pool);
            let answer = Solver::new(&one).unwrap().solve(&one, 1.0, &Options::default()).clone();
            finite(&answer);
            assert!(answer.convergence.converged, "{users} {pool:?}: {:?}", answer.convergence);
            let (rate, mean) = (answer.classes[0].throughput, answer.classes[0].mean.unwrap());
            // Asymptotes, nearly reached away from the knee; users are thinking or waiting.
            let most = f64::min(users / 100.0001, 40_000.0);
            assert!((0.9985..=1.001).contains(&(rate / most)), "{users} {pool:?}: {rate} of {most}");
            // A wait of 1e7 s is what a double leaves of the room below capacity: three digits.
            let tolerance = if users > 1e9 { 1e-3 } else { 1e-6 };
            assert!((rate * (100.0 + mean) / users - 1.0).abs() < tolerance, "{users} {pool:?}: {mean}");
        }
    }
    // A law over any number at once: nothing is looked for among a trillion.
    for users in [1e6, 1e12] {
        let mut one = flat(users, None);
        let Kind::Database(node) = &mut one.stations[1].kind else { unreachable!() };
        (node.cores, node.usl) = (None, Some(Usl { contention: 0.05, coherency: 0.002 }));
        finite(&Solver::new(&one).unwrap().solve(&one, 1.0, &Options::default()).clone());
    }
}

/// One a second over a pool of one that is held for a second: the line grows without end, and is no answer of 1 s.
#[test]
fn a_pool_exactly_full_is_not_stable() {
    for (rate, stable) in [(0.5, true), (1.0, false), (1.5, false)] {
        let mut app = station("app", service(None), vec![Distribution::ZERO]);
        app.pools.push(Pool { id: "p".into(), size: Some(1) });
        app.calls = vec![Call { pool: Some(0), ..call(1) }];
        let other =
            station("other", Kind::External { rate_limit: None }, vec![Distribution::Deterministic { mean: 1.0 }]);
        let one = system(vec![open("a", 0, rate)], vec![app, other]);
        let answer = Solver::new(&one).unwrap().solve(&one, 1.0, &Options::default()).clone();
        let class = &answer.classes[0];
        assert_eq!((class.stable, class.mean.is_some()), (stable, stable), "{rate}: {class:?}");
    }
}
