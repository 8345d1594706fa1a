//! The closed form in V8, built as the page's solver is: `cargo xtask bench --wasm`. Natively: `cargo bench -p bench --bench analytic`.
#![cfg(target_arch = "wasm32")]

mod clock;
#[path = "../../engine/tests/common/mod.rs"]
mod common;
#[path = "../../engine/benches/shop_of_ten/mod.rs"]
mod ten;

use clock::processor_time;
use engine::{
    queueing::{mgc, mva},
    solve::{Options, Solver},
    stats::Moments,
};
use std::hint::black_box;
use wasm_bindgen_test::{console_log, wasm_bindgen_test};

const MICRO: (f64, &str) = (1e6, "us");
const MILLI: (f64, &str) = (1e3, "ms");

/// The least of 25 rounds, the first ones leaving time for the optimizing compiler; in a unit of which a second has `scale`.
fn report(name: &str, times: u32, (scale, unit): (f64, &str), mut run: impl FnMut() -> f64) {
    let mut best = f64::INFINITY;
    for _ in 0..25 {
        let start = processor_time();
        for _ in 0..times {
            black_box(run());
        }
        best = best.min((processor_time() - start) / f64::from(times));
    }
    console_log!("{name}: {:.3} {unit}", best * scale);
}

#[wasm_bindgen_test]
fn kernels_and_a_whole_sweep() {
    let services: Vec<Moments> = (1..=5).map(|n| Moments::exponential(0.001 * f64::from(n))).collect();
    report("open network of 5 stations (goal 1.5 x 0.25 us)", 100_000, MICRO, || {
        let one = |s: &Moments| mgc::wait(black_box(100.0), 1.0, s, 1.0).map_or(0.0, |w| w.mean + s.mean);
        services.iter().map(one).sum()
    });
    let demands = [0.005, 0.004, 0.003, 0.002, 0.001];
    let mut queues = [0.0; 5];
    for (users, times, goal) in [(100, 10_000, 3), (1000, 1000, 30)] {
        let name = format!("exact mean values, 5 stations, {users} users (goal 1.5 x {goal} us)");
        report(&name, times, MICRO, || mva::solve(black_box(users), 1.0, &demands, &mut queues));
    }
    let system = ten::shop_of_ten();
    for (percentiles, goal) in [(false, 2), (true, 10)] {
        let mut solver = Solver::new(&system).expect("the closed form models it");
        let options = Options { percentiles, ..Options::default() };
        let name = format!("10 components, 5 classes, 100 points, percentiles {percentiles} (goal 1.5 x {goal} ms)");
        report(&name, 10, MILLI, || {
            (1..=100).map(|n| solver.solve(&system, 0.08 * f64::from(n), &options).classes[0].throughput).sum()
        });
    }
}
