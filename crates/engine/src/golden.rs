//! A fixed set of answers as text with every number's bits: the native build and the WebAssembly build must print the same.

use crate::{
    model::*,
    plan,
    queueing::{amva, cache, convolution},
    solve::{Options, Solver},
};
use core::fmt::Write;

fn call(to: StationId) -> Call {
    Call {
        to,
        per_request: 1.0,
        mode: Mode::Sync,
        when: When::Always,
        classes: None,
        network: 0.0005,
        kb: 2.0,
        network_mbit_s: Some(1000.0),
        pool: None,
        timeout: None,
        on_miss: Vec::new(),
        retry: None,
        breaker: None,
        max_in_flight: None,
        share: None,
    }
}

fn station(id: &str, kind: Kind, own: Distribution, other: Distribution) -> Station {
    Station {
        id: id.into(),
        kind,
        replicas: 2,
        service: vec![own, other],
        calls: Vec::new(),
        pools: vec![Pool { id: "pool".into(), size: Some(6) }],
        discipline: Discipline::Fifo,
        autoscale: None,
        failure_ratio: 0.001,
        zone: None,
        price: Price { per_replica_hour: 0.1, per_million_requests: 0.4, given: true, ..Price::default() },
    }
}

/// A system that touches most formulas: every distribution, pools, slots, shared cores, a cache by keys, a queue, retries.
fn system() -> System {
    let gamma = Distribution::Gamma { mean: 0.004, scv: 0.37 };
    let hyper = Distribution::Hyperexponential { mean: 0.006, scv: 3.3 };
    let lognormal = Distribution::lognormal(0.03, 0.8);
    let exponential = |mean| Distribution::Exponential { mean };
    let fixed = |mean| Distribution::Deterministic { mean };
    let empirical = Distribution::Empirical { points: vec![(0.001, 0.1), (0.003, 0.7), (0.02, 1.0)] };
    let keys = CacheKeys { keys: 50_000, zipf: 0.93, capacity: 4000, ttl: Some(90.0), eviction: Eviction::Lru };
    let mut app =
        station("app", Kind::Service { concurrency: Some(40), cpu_cores: Some(1.5), queue_limit: None }, gamma, hyper);
    app.calls = vec![
        Call { on_miss: vec![Call { pool: Some(0), ..call(2) }], ..call(1) },
        Call {
            timeout: Some(0.15),
            retry: Some(Retry { max: 2, backoff: 0.01, jitter: 0.5, budget_ratio: Some(0.2) }),
            ..call(3)
        },
        Call { mode: Mode::Async, ..call(4) },
    ];
    let redis =
        Kind::Cache { hits: HitRatio::Keys(keys), concurrency: Some(8), nodes: 2, coalesce: true, bypass_ratio: 0.01 };
    let database = Kind::Database(DatabaseNode {
        cores: Some(4),
        max_connections: None,
        read_replicas: 1,
        write_ratio: vec![0.1, 0.4],
        shards: 2,
        hot_shard_share: Some(0.6),
        usl: Some(Usl { contention: 0.03, coherency: 0.001 }),
        request_units: None,
        gb: 100.0,
        gb_growth_per_month: 5.0,
    });
    let queue = Kind::Queue {
        partitions: Some(6),
        consumers: Some(4),
        prefetch: Some(3),
        max_length: None,
        delay: 0.1,
        max_attempts: 3,
        dead_letter: None,
        duplicate_ratio: 0.01,
    };
    let mut messages = station("messages", queue, fixed(0.001), fixed(0.001));
    messages.calls = vec![call(5)];
    let stations = vec![
        app,
        station("redis", redis, exponential(0.0006), empirical),
        station("db", database, exponential(0.008), exponential(0.011)),
        station("payment", Kind::External { rate_limit: Some(80.0) }, lognormal.clone(), lognormal),
        messages,
        station(
            "worker",
            Kind::Service { concurrency: Some(3), cpu_cores: None, queue_limit: None },
            exponential(0.05),
            fixed(0.04),
        ),
    ];
    let class = |id: &str, rate, cv| Class {
        id: id.into(),
        entry: 0,
        arrivals: Arrivals::Open { rate, cv },
        priority: 0,
        growth: 1.0,
        profile: None,
        active_users: None,
    };
    let goal = Goal::Latency { class: 0, percentile: 95.0, at_most: 0.25 };
    System {
        classes: vec![class("a", 20.0, 1.0), class("b", 8.0, 1.4)],
        stations,
        objectives: vec![Objective { index: 0, goal }],
        multiples: vec![1.0, 2.0, 5.0, 10.0],
        growth_per_month: None,
        fixed_costs: Vec::new(),
        zones: Vec::new(),
        events: Vec::new(),
    }
}

/// The text.
#[must_use]
pub fn golden() -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: f64| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name} {:016x} {value:e}", value.to_bits());
    };
    let mut system = system();
    let mut solve = |system: &System, label: &str| match Solver::new(system) {
        Err(refusals) => line(&format!("{label} refused"), refusals.len() as f64),
        Ok(mut solver) => {
            for multiple in [0.5, 1.0, 2.0, 3.0, 8.0] {
                let answer = solver.solve(system, multiple, &Options::default());
                line(&format!("{label} x{multiple} iterations"), f64::from(answer.convergence.iterations));
                for (class, at) in answer.classes.iter().enumerate() {
                    line(&format!("{label} x{multiple} class {class} throughput"), at.throughput);
                    line(&format!("{label} x{multiple} class {class} mean"), at.mean.unwrap_or(-1.0));
                    for (percentile, seconds) in &at.percentiles {
                        line(&format!("{label} x{multiple} class {class} p{percentile}"), *seconds);
                    }
                }
                for (id, at) in answer.stations.iter().enumerate() {
                    line(&format!("{label} x{multiple} station {id} load"), at.busiest.map_or(0.0, |(_, load)| load));
                    line(&format!("{label} x{multiple} station {id} residence"), at.residence.unwrap_or(-1.0));
                }
                line(&format!("{label} x{multiple} month"), crate::cost::month(system, answer).monthly());
            }
        }
    };
    solve(&system, "open");
    system.classes[1].arrivals = Arrivals::Closed { users: 12.5, think_time: 2.0 };
    solve(&system, "mixed");
    system.classes[1].arrivals = Arrivals::Open { rate: 8.0, cv: 1.0 };
    let mut ordered = system.clone();
    ordered.classes[1].priority = 5;
    for (id, discipline) in [(1, Discipline::Preemptive), (5, Discipline::Priority)] {
        ordered.stations[id].discipline = discipline;
    }
    solve(&ordered, "by priority");
    if let Ok(found) = plan::headroom(&system, &plan::Search::of(&system)) {
        line("headroom", found.multiple.unwrap_or(-1.0));
    }
    let center = |servers, demands: [f64; 2]| convolution::Center::new(servers, demands.to_vec());
    let centers = [center(f64::INFINITY, [2.0, 5.0]), center(1.0, [0.4, 0.1]), center(3.0, [0.3, 0.9])];
    for (name, solved) in
        [("convolution", convolution::solve(&[6, 4], &centers)), ("linearizer", amva::solve(&[60.0, 40.0], &centers))]
    {
        for value in solved.throughput.iter().chain(&solved.in_system) {
            line(name, *value);
        }
    }
    for eviction in [Eviction::Lru, Eviction::Fifo, Eviction::Random, Eviction::Lfu] {
        let keys = CacheKeys { keys: 10_000, zipf: 0.8, capacity: 500, ttl: None, eviction };
        line("cache", cache::hit_ratio(&keys, 100.0));
    }
    text
}
