//! A sweep over growth multiples allocates nothing once the solver has seen the system.
#![allow(clippy::unwrap_used)]
mod common;

use common::*;
use engine::{model::*, solve::*};

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
    let mut solver = Solver::new(&shop).unwrap();
    for percentiles in [true, false] {
        let options = Options { percentiles, ..Options::default() };
        for n in 1..=12 {
            solver.solve(&shop, f64::from(n), &options);
        }
        let counted = allocation_counter::measure(|| {
            for n in 1..=120 {
                solver.solve(&shop, 0.1 * f64::from(n), &options);
            }
        });
        assert_eq!(counted.count_total, 0, "percentiles {percentiles}: {counted:?}");
    }
}
