//! Waits of lines that no formula knows exactly, against the simulator: `cargo run --release -p engine --example waits`. For every line the gap
//! of the mean wait (of each class, the higher first), in per cent; the simulator's own noise is 2 to 4 %, more at cv 5.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "../tests/sim_support/mod.rs"]
mod sim_support;

use engine::model::*;
use engine::sim::Measure;
use engine::solve::{Options, Solver};
use sim_support::{run, settings};

/// Arrivals of this cv at so many servers of 1 s with that cv, at a load.
fn line(arrivals: f64, cv: f64, servers: u32, load: f64) -> System {
    let own = Distribution::from_mean_cv(1.0, cv);
    let mut class = common::open("a", 0, load * f64::from(servers));
    if let Arrivals::Open { cv, .. } = &mut class.arrivals {
        *cv = arrivals;
    }
    common::system(vec![class], vec![common::station("s", common::service(Some(servers)), vec![own])])
}

/// Two classes by priority whose times have this cv, the lower one's so many times as long; half of the load each.
fn ordered(cv: f64, longer: f64, servers: u32, load: f64, discipline: Discipline) -> System {
    let own = [1.0, longer].map(|mean| Distribution::from_mean_cv(mean, cv));
    let class = |n: u32, mean: f64| {
        let rate = 0.5 * load * f64::from(servers) / mean;
        Class { priority: 1 - n, ..common::open(&format!("c{n}"), 0, rate) }
    };
    let station = Station { discipline, ..common::station("s", common::service(Some(servers)), own.to_vec()) };
    common::system(vec![class(0, 1.0), class(1, longer)], vec![station])
}

fn show(name: &str, system: &System) {
    let answer = Solver::new(system).unwrap().solve(system, 1.0, &Options::default()).clone();
    let rate: f64 = answer.classes.iter().map(|class| class.offered).sum();
    let played = run(system, &settings(300_000.0 / rate, 5));
    print!("{name:46}");
    for (class, got) in answer.classes.iter().enumerate() {
        let own = system.stations[0].service[class].mean();
        let (got, seen) = (got.mean.unwrap(), played.classes[class][&Measure::Mean].mean);
        let share = 100.0 * (got / seen - 1.0);
        print!(" wait {:8.4} {:6.1} % response {share:5.1} %", got - own, 100.0 * ((got - own) / (seen - own) - 1.0));
    }
    println!();
}

fn main() {
    for (arrivals, cv, servers) in
        [(2.0, 5.0, 2), (0.5, 5.0, 2), (1.0, 5.0, 2), (0.0, 2.0, 1), (0.0, 2.0, 3), (0.5, 0.5, 2), (0.0, 0.5, 3)]
    {
        for load in [0.1, 0.3, 0.6, 0.8] {
            show(
                &format!("arrivals cv {arrivals}, times cv {cv}, {servers} servers at {load}"),
                &line(arrivals, cv, servers, load),
            );
        }
    }
    for discipline in [Discipline::Priority, Discipline::Preemptive] {
        for (cv, longer) in [(0.0, 1.0), (2.0, 1.0), (1.0, 5.0), (2.0, 5.0), (1.0, 0.2)] {
            for (servers, load) in [(3, 0.7), (8, 0.9)] {
                let name = format!("{discipline:?}, cv {cv}, below x {longer}, {servers} servers at {load}");
                show(&name, &ordered(cv, longer, servers, load, discipline));
            }
        }
    }
}
