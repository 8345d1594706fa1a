//! The closed form beside the simulator, system by system: a section of `docs/validation.md`.
//!
//! `cargo run --release -p engine --example compare [SECONDS] [NAME]`
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../tests/common/mod.rs"]
mod common;

use common::*;
use engine::{
    model::*,
    sim::{Measure, Settings, Simulation, Status, Summary, Warmup, summarize},
    solve::{Options, Solver},
};

fn simulate(system: &System, multiple: f64, seconds: f64) -> Option<Summary> {
    let settings =
        Settings { multiple, seconds, replications: 3, warmup: Warmup::Seconds(seconds / 10.0), ..Settings::default() };
    let mut reports = Vec::new();
    for replication in 0..3 {
        let mut simulation = Simulation::new(system, &settings, replication).ok()?;
        while simulation.step(1_000_000) == Status::Running {}
        reports.push(simulation.report());
    }
    Some(summarize(&reports))
}

/// Two stations: a front service with these slots that calls the given one.
fn behind(front: Kind, own: f64, change: impl Fn(&mut Call), mut callee: Station, rate: f64) -> System {
    let mut app = station("app", front, vec![if own > 0.0 { exponential(own) } else { Distribution::ZERO }]);
    let mut one = call(1);
    change(&mut one);
    if one.pool.is_some() {
        app.pools.push(Pool { id: "pool".into(), size: Some(4) });
    }
    app.calls = vec![one];
    callee.id = "callee".into();
    system(vec![open("a", 0, rate)], vec![app, callee])
}

fn single(kind: Kind, own: Distribution, rate: f64) -> System {
    system(vec![open("a", 0, rate)], vec![station("s", kind, vec![own])])
}

fn balanced(balance: Balance, replicas: u32, concurrency: u32, rate: f64) -> System {
    let mut worker = station("w", service(Some(concurrency)), vec![exponential(0.01)]);
    worker.replicas = replicas;
    behind(Kind::LoadBalancer { balance }, 0.0, |_| (), worker, rate)
}

fn node(change: impl Fn(&mut DatabaseNode), rate: f64, cores: u32) -> System {
    let Kind::Database(mut node) = database(Some(cores), 1) else { unreachable!() };
    change(&mut node);
    single(Kind::Database(node), exponential(0.01), rate)
}

#[allow(clippy::too_many_lines)]
fn systems() -> Vec<(&'static str, System)> {
    let gamma = |mean, scv| Distribution::Gamma { mean, scv };
    let hyper = |mean, scv| Distribution::Hyperexponential { mean, scv };
    let unlimited = || service(None);
    let database_of = |cores| station("db", database(Some(cores), 1), vec![exponential(0.01)]);
    let external = |mean| station("x", Kind::External { rate_limit: None }, vec![exponential(mean)]);
    let ps = |cores, concurrency| Kind::Service { concurrency, cpu_cores: Some(cores), queue_limit: None };
    let retry = Retry { max: 2, backoff: 0.02, jitter: 0.5, budget_ratio: None };
    let keys = |eviction, ttl| Kind::Cache {
        hits: HitRatio::Keys(CacheKeys { keys: 10_000, zipf: 0.9, capacity: 1000, ttl, eviction }),
        concurrency: None,
        nodes: 1,
        coalesce: false,
        bypass_ratio: 0.0,
    };
    let cached = |kind: Kind| {
        let mut app = station("app", unlimited(), vec![exponential(0.001)]);
        app.calls = vec![Call { on_miss: vec![call(2)], ..call(1) }];
        let redis = station("redis", kind, vec![exponential(0.001)]);
        system(vec![open("a", 0, 50.0)], vec![app, redis, station("db", database(None, 1), vec![exponential(0.03)])])
    };
    let parallel = |count: f64| {
        let mut s =
            behind(unlimited(), 0.005, |c| (c.mode, c.per_request) = (Mode::Parallel, count), external(0.03), 20.0);
        let other = Call { mode: Mode::Parallel, ..call(2) };
        s.stations[0].calls.push(other);
        s.stations.push(station("y", Kind::External { rate_limit: None }, vec![gamma(0.04, 0.25)]));
        s
    };
    let closed = |users, think_time, mut s: System| {
        s.classes[0].arrivals = Arrivals::Closed { users, think_time };
        s
    };
    let arrivals = |cv, mut s: System| {
        let Arrivals::Open { rate, .. } = s.classes[0].arrivals else { unreachable!() };
        s.classes[0].arrivals = Arrivals::Open { rate, cv };
        s
    };
    let function = |rate, timeout| {
        let kind =
            Kind::Function { concurrency_limit: Some(20), cold_start: 0.4, idle_timeout: timeout, memory_gb: 0.5 };
        single(kind, exponential(0.1), rate)
    };
    vec![
        ("shop", shop()),
        ("M/D/4 at 0.8", single(service(Some(4)), Distribution::Deterministic { mean: 0.01 }, 320.0)),
        ("M/H2(4)/4 at 0.8", single(service(Some(4)), hyper(0.01, 4.0), 320.0)),
        ("M/LN(1.5)/2 at 0.7", single(service(Some(2)), Distribution::lognormal(0.01, 1.5), 140.0)),
        ("H2 arrivals cv 2 /M/2 at 0.7", arrivals(2.0, single(service(Some(2)), exponential(0.01), 140.0))),
        ("D/M/1 at 0.7", arrivals(0.0, single(service(Some(1)), exponential(0.01), 70.0))),
        ("D arrivals through a delay to M/2", arrivals(0.0, behind(unlimited(), 0.002, |_| (), database_of(2), 140.0))),
        ("PS 1 core at 0.7", single(ps(1.0, None), exponential(0.01), 70.0)),
        ("PS 4 cores fixed work at 0.8", single(ps(4.0, None), Distribution::Deterministic { mean: 0.01 }, 320.0)),
        ("PS 1.5 cores at 0.7", single(ps(1.5, None), exponential(0.01), 105.0)),
        ("PS 2 cores, 6 slots, call 20 ms", behind(ps(2.0, Some(6)), 0.01, |_| (), external(0.02), 140.0)),
        ("8 slots over 2 cores at 0.8", behind(service(Some(8)), 0.005, |_| (), database_of(2), 160.0)),
        ("8 slots over 2 cores at 0.95", behind(service(Some(8)), 0.005, |_| (), database_of(2), 190.0)),
        ("pool 4 over 2 cores at 0.9", behind(unlimited(), 0.001, |c| c.pool = Some(0), database_of(2), 180.0)),
        ("20 slots over external at 0.9", behind(service(Some(20)), 0.01, |_| (), external(0.09), 180.0)),
        (
            "queue limit 10, overload 1.1",
            single(
                Kind::Service { concurrency: Some(4), cpu_cores: None, queue_limit: Some(10) },
                exponential(0.01),
                440.0,
            ),
        ),
        ("round robin 4x1 at 0.7", balanced(Balance::RoundRobin, 4, 1, 280.0)),
        ("random 4x1 at 0.7", balanced(Balance::Random, 4, 1, 280.0)),
        ("least connections 4x1 at 0.7", balanced(Balance::LeastConnections, 4, 1, 280.0)),
        ("least connections 3x4 at 0.9", balanced(Balance::LeastConnections, 3, 4, 1080.0)),
        ("power of two 8x1 at 0.8", balanced(Balance::PowerOfTwo, 8, 1, 640.0)),
        ("ip hash 4x1 skew 0.4", balanced(Balance::IpHash { skew: 0.4 }, 4, 1, 200.0)),
        (
            "2 shards hot 0.7, 1 replica, writes 0.3",
            node(
                |n| {
                    n.shards = 2;
                    n.hot_shard_share = Some(0.7);
                    n.read_replicas = 1;
                    n.write_ratio = vec![0.3];
                },
                200.0,
                2,
            ),
        ),
        ("usl database 8 cores", node(|n| n.usl = Some(Usl { contention: 0.05, coherency: 0.002 }), 400.0, 8)),
        ("max connections 6 on 4 cores at 1.0", node(|n| n.max_connections = Some(6), 400.0, 4)),
        (
            "request units 100, load 110",
            node(|n| n.request_units = Some(RequestUnits { read: 100.0, write: 10.0 }), 110.0, 4),
        ),
        (
            "token bucket 100/s burst 20, load 95",
            behind(
                Kind::RateLimiter {
                    window: LimiterWindow::TokenBucket { burst: 20.0 },
                    limit: 100.0,
                    seconds: 1.0,
                    scope: LimiterScope::All,
                },
                0.0,
                |_| (),
                external(0.01),
                95.0,
            ),
        ),
        (
            "sliding 50 per s, load 50",
            behind(
                Kind::RateLimiter {
                    window: LimiterWindow::Sliding,
                    limit: 50.0,
                    seconds: 1.0,
                    scope: LimiterScope::All,
                },
                0.0,
                |_| (),
                external(0.01),
                50.0,
            ),
        ),
        (
            "per client 2/s burst 4, zipf",
            behind(
                Kind::RateLimiter {
                    window: LimiterWindow::TokenBucket { burst: 4.0 },
                    limit: 2.0,
                    seconds: 1.0,
                    scope: LimiterScope::Client { clients: 500, zipf: 1.0 },
                },
                0.0,
                |_| (),
                external(0.01),
                300.0,
            ),
        ),
        (
            "quota 20/s, load 25",
            behind(
                unlimited(),
                0.001,
                |_| (),
                station("q", Kind::External { rate_limit: Some(20.0) }, vec![exponential(0.05)]),
                25.0,
            ),
        ),
        ("function, rare", function(0.02, 30.0)),
        ("function, busy, short idle", function(20.0, 2.0)),
        ("function at its limit", function(190.0, 60.0)),
        ("LRU 1000 of 10000", cached(keys(Eviction::Lru, None))),
        ("FIFO", cached(keys(Eviction::Fifo, None))),
        ("random replacement", cached(keys(Eviction::Random, None))),
        ("LFU", cached(keys(Eviction::Lfu, None))),
        ("LRU ttl 20 s", cached(keys(Eviction::Lru, Some(20.0)))),
        ("parallel 2 branches", parallel(1.0)),
        ("parallel 5 + 1 branches", parallel(5.0)),
        ("timeout 60 ms, no retry", behind(unlimited(), 0.001, |c| c.timeout = Some(0.06), database_of(2), 160.0)),
        (
            "timeout 60 ms, 2 retries at 0.6",
            behind(unlimited(), 0.001, |c| (c.timeout, c.retry) = (Some(0.06), Some(retry)), database_of(2), 120.0),
        ),
        ("failures 0.2, 2 retries", {
            let mut callee = external(0.02);
            callee.failure_ratio = 0.2;
            behind(unlimited(), 0.001, |c| c.retry = Some(retry), callee, 50.0)
        }),
        ("failures 0.3, breaker 3, 2 s", {
            let mut callee = external(0.02);
            callee.failure_ratio = 0.3;
            behind(unlimited(), 0.001, |c| c.breaker = Some(Breaker { failures: 3, open: 2.0 }), callee, 50.0)
        }),
        ("bulkhead 5", behind(unlimited(), 0.001, |c| c.max_in_flight = Some(5), external(0.05), 100.0)),
        (
            "30 users, 1 s, 4 slots over a call",
            closed(30.0, 1.0, behind(service(Some(4)), 0.05, |_| (), external(0.1), 0.0)),
        ),
        ("30 users, 1 s, M/1", closed(30.0, 1.0, behind(unlimited(), 0.005, |_| (), database_of(1), 0.0))),
        (
            "300 users, 1 s, fixed 10 ms on 2",
            closed(300.0, 1.0, single(service(Some(2)), Distribution::Deterministic { mean: 0.01 }, 0.0)),
        ),
    ]
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.next().and_then(|s| s.parse().ok()).unwrap_or(600.0);
    let only = arguments.next();
    println!(
        "{:44} {:>5} | {:>9} {:>9} {:>7} | {:>9} {:>9} {:>7} | {:>9} {:>9} {:>7} | {:>8} {:>8}",
        "system",
        "class",
        "mean ms",
        "simulated",
        "error",
        "p95",
        "simulated",
        "error",
        "p99",
        "simulated",
        "error",
        "failed",
        "simul."
    );
    for (name, system) in systems() {
        if only.as_ref().is_some_and(|only| !name.contains(only.as_str())) {
            continue;
        }
        let multiples: &[f64] = if name == "shop" { &[1.0, 5.0, 8.0, 9.0, 10.0] } else { &[1.0] };
        for &multiple in multiples {
            let mut solver = match Solver::new(&system) {
                Ok(solver) => solver,
                Err(refused) => {
                    println!("{name}: {refused:?}");
                    continue;
                }
            };
            let answer = solver.solve(&system, multiple, &Options::default()).clone();
            let Some(summary) = simulate(&system, multiple, seconds) else {
                println!("{name}: not simulated");
                continue;
            };
            for (class, (at, found)) in answer.classes.iter().zip(&summary.classes).enumerate() {
                let figure =
                    |measure| found.get(&measure).map(|estimate| estimate.mean).filter(|mean| mean.is_finite());
                // Without a single success there is no latency to compare.
                let pair = |ours: Option<f64>, measure| {
                    let (ours, theirs) = (ours.map(|s| 1000.0 * s), figure(measure).map(|s| 1000.0 * s));
                    let shown = |value: Option<f64>| value.map_or("none".to_owned(), |value| format!("{value:.3}"));
                    let error = ours
                        .zip(theirs)
                        .map_or(String::new(), |(ours, theirs)| format!("{:.1}%", 100.0 * (ours / theirs - 1.0)));
                    format!("{:>9} {:>9} {error:>7}", shown(ours), shown(theirs))
                };
                println!(
                    "{:44} {:>5} | {} | {} | {} | {:8.5} {:8.5}{}",
                    if class == 0 { format!("{name} x{multiple}") } else { String::new() },
                    system.classes[class].id.chars().take(5).collect::<String>(),
                    pair(at.mean, Measure::Mean),
                    pair(at.percentile(95.0), Measure::P95),
                    pair(at.percentile(99.0), Measure::P99),
                    at.error_ratio,
                    figure(Measure::ErrorRatio).unwrap_or_default(),
                    if answer.convergence.converged { "" } else { " NOT CONVERGED" },
                );
            }
        }
    }
}
