//! Speed of the closed form: `cargo bench -p engine --bench analytic`. Goals in the comments are the product's own.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../tests/common/mod.rs"]
mod common;

use common::*;
use criterion::{Criterion, criterion_group, criterion_main};
use engine::{
    model::*,
    queueing::{mgc, mva},
    solve::{Options, Solver},
    stats::Moments,
};
use std::hint::black_box;

/// Ten components, five classes: an edge, a balancer's worth of services, caches, databases, a queue.
fn shop_of_ten() -> System {
    let classes = 5;
    let each = |mean: f64| (0..classes).map(|c| exponential(mean * (1.0 + 0.2 * f64::from(c)))).collect::<Vec<_>>();
    let mut stations = vec![
        station("edge", service(Some(2000)), each(0.0005)),
        station("api", service(Some(400)), each(0.002)),
        station("auth", service(Some(64)), each(0.001)),
        station("catalog", service(Some(128)), each(0.003)),
        station("redis", cache(vec![0.8; 5]), each(0.0004)),
        station("db", database(Some(16), classes as usize), each(0.004)),
        station("search", database(Some(8), classes as usize), each(0.006)),
        station("payment", Kind::External { rate_limit: None }, each(0.04)),
        station("mail", queue(), each(0.0005)),
        station("mailer", service(Some(8)), each(0.02)),
    ];
    stations[1].pools.push(Pool { id: "pg".into(), size: Some(40) });
    stations[0].calls = vec![call(1)];
    stations[1].calls = vec![
        call(2),
        call(3),
        Call { pool: Some(0), per_request: 1.5, ..call(5) },
        Call { classes: Some(vec![0, 1]), ..call(7) },
        Call { mode: Mode::Async, classes: Some(vec![0, 1]), ..call(8) },
    ];
    stations[3].calls = vec![Call { on_miss: vec![call(5)], ..call(4) }, Call { per_request: 0.5, ..call(6) }];
    stations[8].calls = vec![call(9)];
    system((0..classes).map(|c| open(&format!("c{c}"), 0, 40.0 + 5.0 * f64::from(c))).collect(), stations)
}

fn kernels(c: &mut Criterion) {
    let services: Vec<Moments> = (1..=5).map(|n| Moments::exponential(0.001 * f64::from(n))).collect();
    c.bench_function("open network of 5 stations (goal 0.25 us)", |b| {
        b.iter(|| {
            services
                .iter()
                .map(|s| mgc::wait(black_box(100.0), 1.0, s, 1.0).map_or(0.0, |w| w.mean + s.mean))
                .sum::<f64>()
        });
    });
    let demands = [0.005, 0.004, 0.003, 0.002, 0.001];
    let mut queues = [0.0; 5];
    for (users, goal) in [(100, "3 us"), (1000, "30 us")] {
        c.bench_function(&format!("exact mean values, 5 stations, {users} users (goal {goal})"), |b| {
            b.iter(|| mva::solve(black_box(users), 1.0, &demands, &mut queues));
        });
    }
}

fn systems(c: &mut Criterion) {
    let ten = shop_of_ten();
    for (percentiles, goal) in [(false, "2 ms"), (true, "10 ms")] {
        let mut solver = Solver::new(&ten).unwrap();
        let options = Options { percentiles, ..Options::default() };
        c.bench_function(
            &format!("10 components, 5 classes, 100 points, percentiles {percentiles} (goal {goal})"),
            |b| {
                b.iter(|| {
                    (1..=100)
                        .map(|n| solver.solve(&ten, 0.08 * f64::from(n), &options).classes[0].throughput)
                        .sum::<f64>()
                });
            },
        );
    }
    let shop = shop();
    let mut solver = Solver::new(&shop).unwrap();
    c.bench_function("the shop, one point with percentiles (goal 50 us)", |b| {
        let mut n = 0_u32;
        b.iter(|| {
            n = n % 10 + 1;
            solver.solve(&shop, 0.9 * f64::from(n), &Options::default()).classes[0].throughput
        });
    });
}

criterion_group!(benches, kernels, systems);
criterion_main!(benches);
