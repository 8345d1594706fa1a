//! A sweep over growth multiples allocates nothing once the solver has seen the system.
#![allow(clippy::unwrap_used)]
mod common;

use common::*;
use engine::{model::*, solve::*};

/// Solves up and down a range of multiples, then once more, counted.
fn counted(system: &System, most: f64) {
    let mut solver = Solver::new(system).unwrap();
    for percentiles in [true, false] {
        let options = Options { percentiles, ..Options::default() };
        for n in 1..=12 {
            solver.solve(system, most * f64::from(n) / 12.0, &options);
        }
        let counted = allocation_counter::measure(|| {
            for n in 1..=120 {
                solver.solve(system, most * f64::from(n) / 120.0, &options);
            }
        });
        assert_eq!(counted.count_total, 0, "percentiles {percentiles}: {counted:?}");
    }
}

#[test]
fn a_sweep_allocates_nothing() {
    let mut shop = shop();
    shop.objectives.push(Objective { index: 0, goal: Goal::Latency { class: 0, percentile: 97.5, at_most: 0.1 } });
    shop.stations[3].calls = vec![
        Call { mode: Mode::Parallel, ..call(2) },
        Call {
            mode: Mode::Parallel,
            timeout: Some(0.2),
            retry: Some(Retry { max: 2, backoff: 0.01, jitter: 0.5, budget_ratio: None }),
            ..call(1)
        },
    ];
    counted(&shop, 12.0);
}

fn users(id: &str, users: f64, think_time: f64) -> Class {
    Class { arrivals: Arrivals::Closed { users, think_time }, ..open(id, 0, 0.0) }
}

#[test]
fn closed_and_mixed_classes_allocate_nothing_either() {
    // Where only queues and delays are: several servers, a law, shards; with a pool over a queue: layer by layer.
    let both = |mean| vec![exponential(mean), exponential(2.0 * mean)];
    let Kind::Database(plain) = database(Some(2), 2) else { unreachable!() };
    let usl = Some(Usl { contention: 0.05, coherency: 0.001 });
    let sharded = DatabaseNode { shards: 3, hot_shard_share: Some(0.6), read_replicas: 1, ..plain.clone() };
    for (node, size, second) in [
        (plain.clone(), None, users("b", 6.5, 3.0)),
        (DatabaseNode { usl, ..plain.clone() }, None, users("b", 4.0, 3.0)),
        (sharded, None, open("b", 0, 3.0)),
        (plain, Some(3), open("b", 0, 3.0)),
    ] {
        let mut app = station("app", service(None), both(0.01));
        app.pools.push(Pool { id: "pg".into(), size });
        app.calls = vec![Call { pool: Some(0), ..call(1) }, call(2)];
        let queue = Kind::Service { concurrency: None, cpu_cores: Some(1.0), queue_limit: None };
        let stations = vec![app, station("db", Kind::Database(node), both(0.05)), station("cpu", queue, both(0.02))];
        counted(&system(vec![users("a", 3.0, 1.0), second], stations), 6.0);
    }
}

#[test]
fn slots_and_pools_over_queues_allocate_nothing() {
    let mut app = station("app", service(Some(6)), vec![exponential(0.01)]);
    app.pools.push(Pool { id: "pg".into(), size: Some(3) });
    app.calls = vec![Call { pool: Some(0), ..call(1) }, call(2)];
    let queue = Kind::Service { concurrency: None, cpu_cores: Some(1.5), queue_limit: None };
    let db = station("db", database(Some(2), 1), vec![exponential(0.05)]);
    let stations = vec![app, db, station("cpu", queue, vec![exponential(0.02)])];
    // More users than slots at every multiple: the tree keeps its shape.
    counted(&system(vec![users("a", 150.0, 3.0)], stations), 8.0);
}
