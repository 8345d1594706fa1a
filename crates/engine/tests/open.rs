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
