//! Several closed classes over slots and pools, and one over two pools of one part: the closed form against the simulator.
//! `cargo run --release -p engine --example closed_classes`: for every class the gap of the mean and of the throughput, in per cent (the
//! simulator's own noise is 1 %).
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "../tests/sim_support/mod.rs"]
mod sim_support;

use common::{call, exponential, open, service, station};
use engine::model::*;
use engine::sim::Measure;
use engine::solve::{Options, Solver};
use sim_support::{run, settings};

fn users(n: usize, users: f64, think_time: f64) -> Class {
    Class { arrivals: Arrivals::Closed { users, think_time }, ..open(&format!("c{n}"), 0, 0.0) }
}

fn exponentials(means: &[f64]) -> Vec<Distribution> {
    means.iter().map(|&mean| exponential(mean)).collect()
}

/// Slots over a queue: slots, cores below, own times, times below, users with their thinking.
fn slots(places: u32, cores: u32, own: &[f64], below: &[f64], of: &[(f64, f64)]) -> System {
    let mut app = station("app", service(Some(places)), exponentials(own));
    app.calls = vec![call(1)];
    let db = station("db", common::database(Some(cores), own.len()), exponentials(below));
    common::system(of.iter().enumerate().map(|(n, &(count, think))| users(n, count, think)).collect(), vec![app, db])
}

/// The same with a pool in place of the slots.
fn pool(places: u32, cores: u32, own: &[f64], below: &[f64], of: &[(f64, f64)]) -> System {
    let mut system = slots(places, cores, own, below, of);
    system.stations[0].kind = service(None);
    system.stations[0].pools.push(Pool { id: "p".into(), size: Some(places) });
    system.stations[0].calls[0].pool = Some(0);
    system
}

/// Two pools over one part, of other sizes and called by other shares.
fn uneven(sizes: [u32; 2], cores: u32, share: f64, of: &[(f64, f64)]) -> System {
    let mut system = pools_of_one(sizes[0], 2, cores, of);
    system.stations[2].pools[0].size = Some(sizes[1]);
    system.stations[0].calls[0].per_request = share;
    system.stations[0].calls[1].per_request = 1.0 - share;
    system
}

/// Services with slots each over one part.
fn slots_of_one(places: u32, of: &[(f64, f64)]) -> System {
    let mut system = pools_of_one(1, 2, 1, of);
    for station in &mut system.stations[1..3] {
        station.kind = service(Some(places));
        station.pools.clear();
        station.calls[0].pool = None;
    }
    system
}

/// Services with a pool each over one part.
fn pools_of_one(places: u32, sides: usize, cores: u32, of: &[(f64, f64)]) -> System {
    let classes = of.len();
    let mut entry = station("entry", service(None), vec![Distribution::ZERO; classes]);
    entry.calls = (1..=sides).map(|to| Call { per_request: 1.0 / sides as f64, ..call(to) }).collect();
    let mut stations = vec![entry];
    for side in 0..sides {
        let mut one = station(&format!("s{side}"), service(None), exponentials(&vec![0.005; classes]));
        one.pools.push(Pool { id: "p".into(), size: Some(places) });
        one.calls = vec![Call { pool: Some(0), ..call(sides + 1) }];
        stations.push(one);
    }
    stations.push(station("db", common::database(Some(cores), classes), exponentials(&vec![0.03; classes])));
    common::system(of.iter().enumerate().map(|(n, &(count, think))| users(n, count, think)).collect(), stations)
}

/// Two classes, each through a pool of its own, over one part.
fn pool_each(sizes: [u32; 2], users_each: f64) -> System {
    let mut system = pools_of_one(1, 2, 4, &[(users_each, 0.1); 2]);
    for (side, size) in sizes.into_iter().enumerate() {
        system.stations[side + 1].pools[0].size = Some(size);
        system.classes[side].entry = side + 1;
    }
    system
}

fn systems() -> Vec<(&'static str, System)> {
    let some = [(10.0, 0.4), (8.0, 0.8)];
    let many = [(30.0, 0.4), (60.0, 2.0)];
    let few = [(3.0, 0.1), (2.0, 0.3)];
    vec![
        ("4 slots over 1 core, alike", slots(4, 1, &[0.02; 2], &[0.03; 2], &some)),
        ("4 slots over 2 cores, other times", slots(4, 2, &[0.02, 0.05], &[0.03, 0.06], &some)),
        ("3 slots over 2 cores, few users", slots(3, 2, &[0.02, 0.05], &[0.03, 0.06], &few)),
        ("8 slots over 2 cores, many users", slots(8, 2, &[0.02, 0.03], &[0.03, 0.02], &many)),
        ("16 slots over 4 cores, half full", slots(16, 4, &[0.02, 0.03], &[0.03, 0.02], &some)),
        (
            "three classes, 6 slots over 1 core",
            slots(6, 1, &[0.01, 0.02, 0.04], &[0.02; 3], &[(5.0, 0.3), (5.0, 0.6), (9.0, 1.0)]),
        ),
        ("pool of 3 over 1 core", pool(3, 1, &[0.01; 2], &[0.03; 2], &some)),
        ("pool of 5 over 2 cores, other times", pool(5, 2, &[0.01, 0.02], &[0.03, 0.07], &some)),
        ("pool of 10 over 2 cores, full", pool(10, 2, &[0.01; 2], &[0.03; 2], &many)),
        ("two pools of 3 over 1 core, one class", pools_of_one(3, 2, 1, &[(16.0, 0.4)])),
        ("two pools of 3 over 2 cores, one class", pools_of_one(3, 2, 2, &[(16.0, 0.4)])),
        ("two pools of 8 over 2 cores, one class", pools_of_one(8, 2, 2, &[(40.0, 0.4)])),
        ("two pools of 3 over 1 core, two classes", pools_of_one(3, 2, 1, &some)),
        ("three pools of 4 over 3 cores, two classes", pools_of_one(4, 3, 3, &[(20.0, 0.4), (20.0, 0.3)])),
        ("pools of 2 and 12 over 2 cores", uneven([2, 12], 2, 0.5, &[(30.0, 0.4)])),
        ("pools of 2 and 12 over 2 cores, less", uneven([2, 12], 2, 0.5, &[(16.0, 0.4)])),
        ("pools of 2 and 12 over 2 cores, used other", uneven([2, 12], 2, 0.8, &[(30.0, 0.4)])),
        ("pools of 6 and 2 over 2 cores, used so", uneven([6, 2], 2, 0.75, &[(30.0, 0.4)])),
        ("pools of 1 and 12 over 4 cores", uneven([1, 12], 4, 0.5, &[(30.0, 0.4)])),
        ("pools of 4 and 3 over 2 cores", uneven([4, 3], 2, 0.5, &some)),
        ("3 slots twice over 1 core, two classes", slots_of_one(3, &some)),
        ("a pool of 1 and one of 12 over 4 cores, a class each", pool_each([1, 12], 20.0)),
        ("a pool of 4 and one of 40 over 4 cores, a class each", pool_each([4, 40], 20.0)),
        ("the same with 100 users each", pool_each([4, 40], 100.0)),
    ]
}

fn main() {
    let mut worst = [0.0_f64; 2];
    for (name, system) in systems() {
        let answer = Solver::new(&system).unwrap().solve(&system, 1.0, &Options::default()).clone();
        let rate: f64 = answer.classes.iter().map(|class| class.throughput).sum();
        let played = run(&system, &settings(400_000.0 / rate, 3));
        for (class, got) in answer.classes.iter().enumerate() {
            let seen = &played.classes[class];
            let gap = |got: f64, measure| 100.0 * (got / seen[&measure].mean - 1.0);
            let gaps = [gap(got.mean.unwrap_or(f64::NAN), Measure::Mean), gap(got.throughput, Measure::Throughput)];
            println!(
                "{name:52} {class} mean {:8.4} {:6.1} % throughput {:8.3} {:6.1} % p95 {:6.1} %{}",
                got.mean.unwrap_or(f64::NAN),
                gaps[0],
                got.throughput,
                gaps[1],
                gap(got.percentile(95.0).unwrap_or(f64::NAN), Measure::P95),
                if answer.convergence.converged { "" } else { " (not settled)" },
            );
            worst = [0, 1].map(|at| worst[at].max(gaps[at].abs()));
        }
    }
    println!("at most {:.1} % in the mean, {:.1} % in throughput", worst[0], worst[1]);
}
