//! Users in a loop at lines by priority, against the simulator where no small chain stands for the system.
#![allow(clippy::unwrap_used)]
mod common;
mod sim_support;

use common::{call, exponential, open, service, station};
use engine::model::*;
use engine::sim::Measure;
use engine::solve::{Answer, Options, Solver};
use sim_support::{near, run, settings};

fn users(n: usize, priority: u32, users: f64, think_time: f64) -> Class {
    let class = open(&format!("c{n}"), 0, 0.0);
    Class { priority, arrivals: Arrivals::Closed { users, think_time }, ..class }
}

fn at_a_rate(n: usize, priority: u32, rate: f64) -> Class {
    Class { priority, ..open(&format!("c{n}"), 0, rate) }
}

fn ordered(kind: Kind, discipline: Discipline, own: &[f64]) -> Station {
    Station { discipline, ..station("s", kind, own.iter().map(|&mean| exponential(mean)).collect()) }
}

/// A name, the system, and how far the mean and p95 of a class may be from what is played.
type Row = (&'static str, System, [f64; 2]);

fn rows() -> Vec<Row> {
    use Discipline::{Fifo, Preemptive, Priority};
    let three = || vec![users(0, 9, 4.0, 3.0), users(1, 5, 5.0, 6.0), users(2, 0, 6.0, 9.0)];
    let two = |a: Class, b: Class| vec![a, b];
    let alone = |classes, station| common::system(classes, vec![station]);
    let mut sharded = common::database(Some(1), 2);
    if let Kind::Database(node) = &mut sharded {
        (node.shards, node.hot_shard_share) = (3, Some(0.5));
    }
    let mut held = ordered(service(Some(4)), Priority, &[0.02; 2]);
    held.calls = vec![call(1)];
    let database = station("db", common::database(Some(2), 2), vec![exponential(0.04); 2]);
    let mut pooled = ordered(service(None), Fifo, &[0.01; 2]);
    pooled.pools.push(Pool { id: "p".into(), size: Some(5) });
    pooled.calls = vec![Call { pool: Some(0), ..call(1) }];
    let lined = Station { id: "db".into(), ..ordered(common::database(Some(1), 2), Priority, &[0.05; 2]) };
    vec![
        ("three levels", alone(three(), ordered(service(Some(1)), Priority, &[0.3, 0.4, 0.5])), [0.06, 0.1]),
        (
            "three levels, preemptive",
            alone(three(), ordered(service(Some(2)), Preemptive, &[0.8, 0.7, 0.9])),
            [0.06, 0.1],
        ),
        (
            "two classes of one level",
            alone(
                vec![users(0, 1, 4.0, 3.0), users(1, 0, 5.0, 6.0), users(2, 1, 3.0, 5.0)],
                ordered(service(Some(1)), Priority, &[0.3, 0.5, 0.3]),
            ),
            [0.06, 0.1],
        ),
        (
            "shards",
            alone(two(users(0, 1, 10.0, 0.5), users(1, 0, 12.0, 0.6)), ordered(sharded, Priority, &[0.05; 2])),
            [0.06, 0.1],
        ),
        (
            "users under arrivals",
            alone(two(at_a_rate(0, 1, 4.0), users(1, 0, 10.0, 2.0)), ordered(service(Some(1)), Priority, &[0.1; 2])),
            [0.06, 0.1],
        ),
        (
            "users above arrivals",
            alone(two(users(0, 1, 10.0, 2.0), at_a_rate(1, 0, 4.0)), ordered(service(Some(1)), Preemptive, &[0.1; 2])),
            [0.06, 0.1],
        ),
        (
            "slots over a queue",
            common::system(two(users(0, 1, 12.0, 0.4), users(1, 0, 15.0, 0.5)), vec![held, database]),
            [0.2, 0.42],
        ),
        (
            "a pool over a line",
            common::system(two(users(0, 1, 6.0, 0.5), users(1, 0, 8.0, 0.7)), vec![pooled, lined]),
            [0.2, 0.42],
        ),
    ]
}

#[test]
fn users_at_lines_by_priority_are_near_what_is_played() {
    let mut wrong = Vec::new();
    for (name, system, [mean, p95]) in rows() {
        let answer = Solver::new(&system).unwrap().solve(&system, 1.0, &Options::default()).clone();
        assert!(answer.convergence.converged, "{name}");
        let rate: f64 = answer.classes.iter().map(|c| c.throughput).sum();
        let played = run(&system, &settings(80_000.0 / rate, 3));
        for (class, got) in answer.classes.iter().enumerate() {
            let seen = &played.classes[class];
            let gap = |got: f64, measure| got / seen[&measure].mean - 1.0;
            let gaps = [gap(got.mean.unwrap(), Measure::Mean), gap(got.percentile(95.0).unwrap(), Measure::P95)];
            println!(
                "{name:28} {class} mean {:.4} {:6.1} % p95 {:6.1} %",
                got.mean.unwrap(),
                100.0 * gaps[0],
                100.0 * gaps[1]
            );
            // The simulator's own noise is 2 to 4 % here.
            if gaps[0].abs() > mean || gaps[1].abs() > p95 {
                wrong.push(format!("{name} {class}: {gaps:?}"));
            }
            let Arrivals::Closed { users, think_time } = system.classes[class].arrivals else { continue };
            near(name, got.throughput * (think_time + got.mean.unwrap()), users, 1.0e-6);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn solved(classes: Vec<Class>, stations: Vec<Station>) -> Answer {
    let system = common::system(classes, stations);
    Solver::new(&system).unwrap().solve(&system, 1.0, &Options::default()).clone()
}

/// Responses in seconds from the balance equations of each chain, solved elsewhere (`crates/study/tests/exact_priority.rs`), or at hand.
#[test]
fn times_of_other_scales_and_none() {
    use Discipline::{Preemptive, Priority};
    // Of a higher and a lower class: users, thinking, service; servers, order, responses.
    type Row = (&'static str, [(f64, f64, f64); 2], u32, Discipline, [Option<f64>; 2]);
    let rows: [Row; 6] = [
        ("10 ms beside 10 minutes", [(6.0, 1.0, 0.01), (6.0, 3600.0, 600.0)], 2, Priority, [Some(0.310_317), None]),
        // Nobody else: M/M/1 with 6 users, by its normalisation constant.
        ("above takes none", [(6.0, 1.0, 0.0), (6.0, 1.0, 0.5)], 1, Preemptive, [Some(0.0), Some(2.036_697)]),
        ("below takes none", [(6.0, 1.0, 0.5), (6.0, 1.0, 0.0)], 1, Priority, [Some(2.036_697), None]),
        ("above takes none and waits", [(6.0, 1.0, 0.0), (6.0, 1.0, 0.5)], 1, Priority, [None, Some(2.036_697)]),
        ("no thinking above", [(2.0, 0.0, 0.1), (3.0, 1.0, 0.0)], 1, Priority, [Some(0.2), None]),
        ("neither takes any", [(6.0, 1.0, 0.0), (6.0, 1.0, 0.0)], 1, Priority, [Some(0.0), Some(0.0)]),
    ];
    for (name, groups, servers, order, known) in rows {
        let classes = vec![users(0, 1, groups[0].0, groups[0].1), users(1, 0, groups[1].0, groups[1].1)];
        let line = ordered(service(Some(servers)), order, &groups.map(|group| group.2));
        let answer = solved(classes, vec![line]);
        assert!(answer.convergence.converged, "{name}");
        for class in 0..2 {
            let (rate, mean) = (answer.classes[class].throughput, answer.classes[class].mean);
            println!("{name}: {class} {rate} {mean:?}");
            let Some(mean) = mean else { continue };
            assert!(rate.is_finite() && mean.is_finite(), "{name}: {rate} {mean}");
            if let Some(known) = known[class] {
                assert!((mean - known).abs() <= 1.0e-3 * known.max(1.0e-3), "{name} {class}: {mean} is not {known}");
            }
        }
    }
}

/// Two lines in turn, full, end at the counted chains (the clock is not asked), and a hundred levels at once.
#[test]
fn what_does_not_settle_ends_and_says_so() {
    let line = |id: &str, classes| Station {
        id: id.into(),
        ..ordered(service(Some(1)), Discipline::Priority, &vec![0.2; classes])
    };
    let both = vec![call(1), call(2)];
    let entry = Station { calls: both, ..station("e", service(None), vec![exponential(0.0); 2]) };
    let turn = vec![users(0, 1, 14.0, 0.2), users(1, 0, 14.0, 0.2)];
    let levels = (0..100).map(|n| users(n, n as u32, 2.0, 30.0)).collect();
    let rows = [
        ("two lines", turn, vec![entry, line("l", 2), line("m", 2)], false),
        ("100 levels", levels, vec![line("l", 100)], true),
    ];
    for (name, classes, stations, settles) in rows {
        let answer = solved(classes, stations);
        println!("{name}: {:?}", answer.convergence);
        assert_eq!(answer.convergence.converged, settles, "{name}: {:?}", answer.convergence);
        assert!(settles || answer.convergence.residual > 0.0, "{name}");
    }
}
