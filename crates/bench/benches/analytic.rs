//! Speed of the closed form: `cargo bench -p bench --bench analytic`. Goals in the comments are the product's own.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../../engine/tests/common/mod.rs"]
mod common;
#[path = "../../engine/benches/shop_of_ten/mod.rs"]
mod ten;

use common::*;
use criterion::{Criterion, criterion_group, criterion_main};
use engine::{
    queueing::{mgc, mva},
    solve::{Options, Solver},
    stats::Moments,
};
use std::hint::black_box;

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
    let ten = ten::shop_of_ten();
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
