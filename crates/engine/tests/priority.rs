//! Lines by priority: both engines against exact results, what is refused, and laws.
#![allow(clippy::unwrap_used)]
mod common;
mod sim_support;

use engine::model::*;
use engine::sim::Measure;
use engine::solve::{Answer, Options, Solver};
use proptest::prelude::*;
use sim_support::{near, run, settings};

/// A class of this priority at station 0.
fn class(n: usize, priority: u32, rate: f64) -> Class {
    Class { priority, ..common::open(&format!("c{n}"), 0, rate) }
}

/// One station where classes (priority, rate, own time) wait in line.
fn line(kind: Kind, discipline: Discipline, classes: &[(u32, f64, Distribution)]) -> System {
    let own = classes.iter().map(|(_, _, own)| own.clone()).collect();
    let station = Station { discipline, ..common::station("s", kind, own) };
    let classes = classes.iter().enumerate().map(|(n, &(priority, rate, _))| class(n, priority, rate)).collect();
    common::system(classes, vec![station])
}

fn solve(system: &System) -> Answer {
    Solver::new(system).unwrap().solve(system, 1.0, &Options::default()).clone()
}

/// A queue of so many consumers.
fn consumers(n: u32) -> Kind {
    let mut kind = common::queue();
    if let Kind::Queue { consumers, .. } = &mut kind {
        *consumers = Some(n);
    }
    kind
}

fn slots(n: u32) -> Kind {
    common::service(Some(n))
}

fn exponential(mean: f64) -> Distribution {
    Distribution::Exponential { mean }
}

fn fixed(mean: f64) -> Distribution {
    Distribution::Deterministic { mean }
}

fn hyper(mean: f64, scv: f64) -> Distribution {
    Distribution::Hyperexponential { mean, scv }
}

/// A name with its source, the system, and the exact mean responses of its classes.
type Row = (&'static str, System, Vec<f64>);

fn exact() -> Vec<Row> {
    use Discipline::{Preemptive, Priority};
    let cache = |concurrency| Kind::Cache {
        hits: HitRatio::Given(vec![1.0; 2]),
        concurrency: Some(concurrency),
        nodes: 1,
        coalesce: false,
        bypass_ratio: 0.0,
    };
    let database = |cores| common::database(Some(cores), 2);
    let one = exponential(1.0);
    // W0 / ((1 - above)(1 - above - own)) beside the own time, W0 = sum of rate x second moment / 2 (Cobham 1954).
    let two = |own: &Distribution| [(1, 0.3, own.clone()), (0, 0.4, own.clone())];
    // Erlang's C times the mean over the servers in place of W0: M/M/c with one service time (Cobham 1954);
    // with preemption the numbers present of M/M/c without the rest, subtracted (Buzen & Bondi 1983). C(3, 0.9) ... by hand.
    let three_servers = [(7, 0.9, one.clone()), (2, 1.2, one.clone())];
    vec![
        ("M/M/1", line(slots(1), Priority, &two(&one)), vec![2.0, 1.0 + 0.7 / 0.21]),
        ("M/D/1", line(slots(1), Priority, &two(&fixed(1.0))), vec![1.5, 1.0 + 0.35 / 0.21]),
        (
            "M/H2/1, other times",
            line(slots(1), Priority, &[(1, 0.3, hyper(1.0, 4.0)), (0, 0.8, exponential(0.5))]),
            // W0 = (0.3 x 5 + 0.8 x 0.5) / 2.
            vec![1.0 + 0.95 / 0.7, 0.5 + 0.95 / (0.7 * 0.3)],
        ),
        ("M/M/3", line(slots(3), Priority, &three_servers), vec![1.234_449_760_8, 1.781_499_202_6]),
        ("M/M/3 of a cache", line(cache(3), Priority, &three_servers), vec![1.234_449_760_8, 1.781_499_202_6]),
        ("M/M/3 of a database", line(database(3), Priority, &three_servers), vec![1.234_449_760_8, 1.781_499_202_6]),
        (
            "two classes of one priority, M/M/2",
            line(slots(2), Priority, &[(5, 0.4, one.clone()), (0, 0.3, one.clone()), (5, 0.6, one.clone())]),
            vec![1.512_121_212_1, 2.463_203_463_2, 1.512_121_212_1],
        ),
        // 1 / (1 - above) / (1 - all) (Kleinrock, vol. 2, eq. 3.39).
        ("preemptive M/M/1", line(slots(1), Preemptive, &two(&one)), vec![1.0 / 0.7, 1.0 / 0.21]),
        (
            // S / (1 - above) + sum of rate x second moment / 2 / ((1 - above)(1 - all)) (Miller 1960).
            "preemptive M/G/1, other times",
            line(slots(1), Preemptive, &[(1, 2.0, fixed(0.2)), (0, 0.25, exponential(1.6))]),
            vec![0.2 + 0.04 / 0.6, 1.6 / 0.6 + 0.68 / (0.6 * 0.2)],
        ),
        ("preemptive M/M/3", line(slots(3), Preemptive, &three_servers), vec![1.033_347_056_4, 1.932_326_230_8]),
        (
            "preemptive M/M/3 of a database",
            line(database(3), Preemptive, &three_servers),
            vec![1.033_347_056_4, 1.932_326_230_8],
        ),
        (
            "preemptive M/M/3 of a cache",
            line(cache(3), Preemptive, &three_servers),
            vec![1.033_347_056_4, 1.932_326_230_8],
        ),
        (
            "equal priorities: first come first served",
            line(slots(1), Preemptive, &[(3, 0.3, one.clone()), (3, 0.4, one)]),
            vec![1.0 / 0.3; 2],
        ),
    ]
}

#[test]
fn the_closed_form_is_exact_where_theory_is() {
    for (name, system, means) in exact() {
        let answer = solve(&system);
        for (class, (got, want)) in answer.classes.iter().zip(&means).enumerate() {
            near(&format!("{name}, class {class}"), got.mean.unwrap(), *want, 1e-9);
        }
        // Little's law over the station.
        let station = &answer.stations[0];
        let present: f64 = answer.classes.iter().map(|c| c.throughput * c.mean.unwrap()).sum();
        near(name, station.in_system.unwrap(), present, 1e-9);
    }
}

#[test]
fn the_simulator_plays_the_exact_lines() {
    for (name, system, means) in exact() {
        let rate: f64 =
            system.classes.iter().map(|c| if let Arrivals::Open { rate, .. } = c.arrivals { rate } else { 0.0 }).sum();
        let summary = run(&system, &settings(60_000.0 / rate, 7));
        for (class, want) in means.iter().enumerate() {
            near(&format!("{name}, class {class}"), summary.classes[class][&Measure::Mean].mean, *want, 0.06);
        }
    }
}

/// Percentiles, several servers with other times, and slots held over a call: approximations, against the simulator.
#[test]
fn both_engines_agree_where_theory_is_not_exact() {
    use Discipline::{Preemptive, Priority};
    let mut held = line(slots(4), Priority, &[(1, 20.0, exponential(0.02)), (0, 30.0, exponential(0.02))]);
    held.stations[0].calls = vec![common::call(1)];
    held.stations.push(common::station("db", common::database(None, 2), vec![exponential(0.04); 2]));
    let mut balanced = line(slots(2), Priority, &[(1, 4.0, exponential(0.5)), (0, 5.0, exponential(0.5))]);
    balanced.stations[0].replicas = 3;
    balanced.stations.push(common::station(
        "lb",
        Kind::LoadBalancer { balance: Balance::Random },
        vec![Distribution::ZERO; 2],
    ));
    balanced.stations[1].calls = vec![common::call(0)];
    balanced.classes.iter_mut().for_each(|class| class.entry = 1);
    let mixed = [(1, 2.0, exponential(0.3)), (0, 1.5, hyper(1.0, 3.0))];
    // Name, system, tolerance of the mean and of p95.
    let rows = [
        ("M/M/1", line(slots(1), Priority, &[(1, 0.3, exponential(1.0)), (0, 0.4, exponential(1.0))]), 0.05, 0.06),
        ("M/G/3", line(slots(3), Priority, &mixed), 0.06, 0.08),
        (
            "preemptive M/M/1",
            line(slots(1), Preemptive, &[(1, 0.3, exponential(1.0)), (0, 0.4, exponential(1.0))]),
            0.05,
            0.07,
        ),
        ("preemptive M/G/3", line(slots(3), Preemptive, &mixed), 0.08, 0.10),
        ("slots held over a call", held, 0.06, 0.08),
        ("three replicas", balanced, 0.06, 0.08),
    ];
    for (name, system, mean, p95) in rows {
        let answer = solve(&system);
        assert!(answer.convergence.converged, "{name}");
        let rate: f64 = answer.classes.iter().map(|c| c.offered).sum();
        let summary = run(&system, &settings(60_000.0 / rate, 3));
        for (class, got) in answer.classes.iter().enumerate() {
            let played = &summary.classes[class];
            println!(
                "{name} {class}: mean {:.4} {:.4} p95 {:.4} {:.4}",
                got.mean.unwrap(),
                played[&Measure::Mean].mean,
                got.percentile(95.0).unwrap(),
                played[&Measure::P95].mean
            );
            near(&format!("{name}, mean of {class}"), got.mean.unwrap(), played[&Measure::Mean].mean, mean);
            near(&format!("{name}, p95 of {class}"), got.percentile(95.0).unwrap(), played[&Measure::P95].mean, p95);
        }
    }
}

#[test]
fn the_lowest_priority_saturates_first() {
    let classes = [(2, 0.3, exponential(1.0)), (1, 0.3, exponential(1.0)), (0, 0.8, exponential(1.0))];
    // Always busy: W0 is a whole residual second. Without interruptions 1 + 1 / 0.7 and 1 + 1 / (0.7 x 0.4), else M/M/1's.
    let rows = [
        (Discipline::Priority, [1.0 + 1.0 / 0.7, 1.0 + 1.0 / 0.28]),
        (Discipline::Preemptive, [1.0 / 0.7, 1.0 / 0.28]),
    ];
    for (discipline, means) in rows {
        let system = line(slots(1), discipline, &classes);
        let answer = solve(&system);
        let summary = run(
            &system,
            &engine::sim::Settings { warmup: engine::sim::Warmup::Seconds(2000.0), ..settings(20_000.0, 5) },
        );
        for (class, want) in means.iter().enumerate() {
            assert!(answer.classes[class].stable);
            near("stable", answer.classes[class].mean.unwrap(), *want, 1e-9);
            near("stable, played", summary.classes[class][&Measure::Mean].mean, *want, 0.08);
        }
        let last = &answer.classes[2];
        assert!(!last.stable && last.mean.is_none() && last.percentiles.is_empty(), "{last:?}");
        near("what is left", last.throughput, 0.4, 1e-9);
        near("what is left, played", summary.classes[2][&Measure::Throughput].mean, 0.4, 0.03);
        let station = &answer.stations[0];
        near("load", station.busiest.unwrap().1, 1.4, 1e-9);
        assert!(station.wait.is_none() && station.in_system.is_none() && station.passing < 1.0);
        near("utilization", station.utilization.unwrap(), 1.0, 1e-9);
    }
}

#[test]
fn messages_keep_the_priority_of_their_class() {
    // Two consumers of 0.8 s take 2.5 messages a second: all 2 of the higher class, and 0.5 of the 1 of the lower.
    let mut system =
        line(common::service(None), Discipline::Fifo, &[(1, 2.0, Distribution::ZERO), (0, 1.0, Distribution::ZERO)]);
    system.stations[0].calls = vec![Call { mode: Mode::Async, ..common::call(1) }];
    let queue = common::station("queue", consumers(2), vec![Distribution::ZERO; 2]);
    system.stations.push(Station { discipline: Discipline::Priority, calls: vec![common::call(2)], ..queue });
    system.stations.push(common::station("worker", common::service(None), vec![exponential(0.8); 2]));
    let answer = solve(&system);
    let visits = &answer.stations[2].visits_by_class;
    near("high", visits[0], 2.0, 1e-9);
    near("low", visits[1], 0.5, 1e-9);
    let queue = answer.stations[1].queue.unwrap();
    near("growth", queue.growth, 0.5, 1e-9);
    let summary =
        run(&system, &engine::sim::Settings { warmup: engine::sim::Warmup::Seconds(500.0), ..settings(5000.0, 2) });
    near("growth, played", summary.stations[1][&Measure::Growth].mean, 0.5, 0.1);
    // With room for all the mean age is that of one line: handling times are alike.
    for (class, rate) in [(0, 1.0), (1, 0.9)] {
        system.classes[class].arrivals = Arrivals::Open { rate, cv: 1.0 };
    }
    let by_priority = solve(&system).stations[1].queue.unwrap().age.unwrap();
    system.stations[1].discipline = Discipline::Fifo;
    near("age", by_priority, solve(&system).stations[1].queue.unwrap().age.unwrap(), 1e-9);
}

/// A line that arrivals fill exactly grows without end, in any order and wherever it stands; those above the last level wait as ever.
#[test]
fn a_line_exactly_full_is_not_stable() {
    use Discipline::{Fifo, Preemptive, Priority};
    // Half a second of each class on one server: the load is 1 in floating point, too.
    let classes = [(1, 1.0, exponential(0.5)), (0, 1.0, exponential(0.5))];
    for discipline in [Fifo, Priority, Preemptive] {
        for (kind, behind) in [
            (slots(1), false),
            (slots(1), true),
            (common::database(Some(1), 2), false),
            (common::database(Some(1), 2), true),
        ] {
            let mut system = line(kind, discipline, &classes);
            if behind {
                let front = common::station("front", common::service(None), vec![fixed(0.01); 2]);
                system.stations.push(Station { calls: vec![common::call(0)], ..front });
                system.classes.iter_mut().for_each(|class| class.entry = 1);
            }
            let answer = solve(&system);
            let what = format!("{discipline:?}, behind a call: {behind}, {:?}", answer.convergence);
            let [high, low] = &answer.classes[..] else { unreachable!() };
            assert!(!low.stable && low.mean.is_none() && low.percentiles.is_empty(), "{what}: {low:?}");
            assert_eq!(
                (high.stable, high.mean.is_some()),
                (discipline != Fifo, discipline != Fifo),
                "{what}: {high:?}"
            );
            assert!(
                answer.stations[0].wait.is_none() && !answer.stations[0].busiest.is_some_and(|b| b.1 < 1.0),
                "{what}"
            );
            near(&what, low.throughput, 1.0, 1e-9);
        }
    }
}

/// Consumers whose classes take different times: Cobham's means, and several consumers against the simulator.
#[test]
fn consumers_of_different_times_wait_as_servers_do() {
    for (count, rates, tolerance) in [(1, [0.3, 0.8], 0.0), (3, [1.5, 1.2], 0.05)] {
        let mut system = line(
            common::service(None),
            Discipline::Fifo,
            &[(1, rates[0], Distribution::ZERO), (0, rates[1], Distribution::ZERO)],
        );
        system.stations[0].calls = vec![Call { mode: Mode::Async, ..common::call(1) }];
        let queue = common::station("queue", consumers(count), vec![Distribution::ZERO; 2]);
        system.stations.push(Station { discipline: Discipline::Priority, calls: vec![common::call(2)], ..queue });
        system.stations.push(common::station(
            "worker",
            common::service(None),
            vec![exponential(0.4), exponential(1.0)],
        ));
        let age = solve(&system).stations[1].queue.unwrap().age.unwrap();
        if count == 1 {
            // W0 = 0.3 x 0.16 + 0.8 x 1, the waits W0 / 0.88 and W0 / (0.88 x 0.08).
            let residual = 0.3 * 0.16 + 0.8;
            near("Cobham", age, (0.3 * residual / 0.88 + 0.8 * residual / 0.88 / 0.08) / 1.1, 1e-9);
        } else {
            let played = run(&system, &settings(100_000.0, 2));
            near("played", age, played.stations[1][&Measure::Wait].mean, tolerance);
        }
    }
}

/// A caller of limited slots shields its callee: there the line of the low class is cut, that of the high one stays short.
#[test]
fn limited_callers_wait_in_front_of_a_line_by_priority() {
    let mut system = line(slots(12), Discipline::Fifo, &[(1, 20.0, fixed(0.001)), (0, 25.0, fixed(0.001))]);
    system.stations[0].calls = vec![common::call(1)];
    let database = common::station("db", common::database(Some(1), 2), vec![exponential(0.02); 2]);
    system.stations.push(Station { discipline: Discipline::Preemptive, ..database });
    let answer = solve(&system);
    assert!(answer.convergence.converged);
    let summary = run(&system, &settings(2000.0, 4));
    for (class, got) in answer.classes.iter().enumerate() {
        println!("{class} {:?} {}", got.mean, summary.classes[class][&Measure::Mean].mean);
        near("mean", got.mean.unwrap(), summary.classes[class][&Measure::Mean].mean, 0.12);
    }
}

#[test]
fn what_neither_or_only_the_simulator_plays_is_refused() {
    let shared = Kind::Service { concurrency: Some(4), cpu_cores: Some(2.0), queue_limit: None };
    let limited = Kind::Service { concurrency: Some(4), cpu_cores: None, queue_limit: Some(9) };
    let contended = match common::database(Some(4), 2) {
        Kind::Database(node) => {
            Kind::Database(DatabaseNode { usl: Some(Usl { contention: 0.1, coherency: 0.0 }), ..node })
        }
        other => other,
    };
    let full = match common::database(Some(4), 2) {
        Kind::Database(node) => Kind::Database(DatabaseNode { max_connections: Some(9), ..node }),
        other => other,
    };
    let calls = vec![common::call(1)];
    let starts = vec![Call { mode: Mode::Async, ..common::call(1) }];
    use Discipline::{Fifo, Preemptive, Priority};
    // What it is, kind, order, calls, whether the closed form refuses it, whether the simulator does.
    let rows = [
        ("shared cores", shared.clone(), Priority, vec![], true, true),
        ("shared cores, first come first served", shared, Fifo, vec![], false, false),
        ("contention", contended, Priority, vec![], true, true),
        ("a slot held over a call", slots(4), Preemptive, calls.clone(), true, true),
        ("the same without interruption", slots(4), Priority, calls.clone(), false, false),
        ("a call that nobody waits for", slots(4), Preemptive, starts, false, false),
        ("a consumer", common::queue(), Preemptive, calls.clone(), true, true),
        ("a balancer", Kind::LoadBalancer { balance: Balance::Random }, Priority, calls, true, true),
        ("a limited line", limited, Priority, vec![], true, false),
        ("limited connections", full, Priority, vec![], true, false),
    ];
    for (what, kind, discipline, calls, closed_form, simulator) in rows {
        let mut system = line(kind, discipline, &[(1, 1.0, exponential(0.01)), (0, 1.0, exponential(0.01))]);
        system.stations[0].calls = calls;
        system.stations.push(common::station("next", common::service(None), vec![exponential(0.01); 2]));
        for (refused, wanted) in
            [(engine::solve::refusals(&system), closed_form), (engine::sim::refusals(&system), simulator)]
        {
            assert_eq!(!refused.is_empty(), wanted, "{what}: {refused:?}");
            assert!(
                refused.iter().all(|r| r.place == Place::Station(0) && r.key == "discipline"),
                "{what}: {refused:?}"
            );
        }
    }
}

/// Where classes of one priority only get, the order is that of arrival, and nothing is refused; nor where users wait for nothing.
#[test]
fn only_lines_that_somebody_can_jump_are_ordered() {
    let classes = [(1, 1.0, exponential(0.01)), (0, 1.0, exponential(0.01))];
    let limited = Kind::Service { concurrency: Some(4), cpu_cores: None, queue_limit: Some(9) };
    // Who calls the limited line, and whether that is refused.
    for (callers, refused) in [(vec![0], false), (vec![1], false), (vec![0, 1], true)] {
        let mut system = line(common::service(None), Discipline::Fifo, &classes);
        system.stations[0].calls = vec![Call { classes: Some(callers.clone()), ..common::call(1) }];
        let callee = common::station("callee", limited.clone(), vec![exponential(0.01); 2]);
        system.stations.push(Station { discipline: Discipline::Priority, ..callee });
        assert_eq!(!engine::solve::refusals(&system).is_empty(), refused, "{callers:?}");
        assert_eq!(system.disciplines()[1], if refused { Discipline::Priority } else { Discipline::Fifo });
        if !refused {
            let ordered = solve(&system);
            system.stations[1].discipline = Discipline::Fifo;
            assert_eq!(ordered, solve(&system), "{callers:?}");
        }
    }
    // Users who send messages and do not wait for them: 300 of 14.5 s of thought and 0.5 s of work send 20 a second.
    let mut system =
        line(common::service(None), Discipline::Fifo, &[(1, 0.0, exponential(0.5)), (0, 8.0, exponential(0.5))]);
    system.classes[0].arrivals = Arrivals::Closed { users: 300.0, think_time: 14.5 };
    system.stations[0].calls = vec![Call { mode: Mode::Async, ..common::call(1) }];
    let queue = common::station("queue", consumers(3), vec![Distribution::ZERO; 2]);
    system.stations.push(Station { discipline: Discipline::Priority, calls: vec![common::call(2)], ..queue });
    system.stations.push(Station {
        discipline: Discipline::Priority,
        ..common::station("worker", slots(3), vec![exponential(0.1); 2])
    });
    assert!(engine::solve::refusals(&system).is_empty());
    let answer = solve(&system);
    assert!(answer.convergence.converged);
    near("users", answer.classes[0].throughput, 20.0, 1e-9);
    near("what is left", answer.stations[1].visits_by_class[1], 8.0, 1e-9);
    let played = run(&system, &settings(4000.0, 2));
    near("age", answer.stations[1].queue.unwrap().age.unwrap(), played.stations[1][&Measure::Wait].mean, 0.1);
}

/// A replica is lost with whoever works there, in line or interrupted; the rest go on, and nobody is counted twice.
#[test]
fn losses_leave_no_ghosts() {
    let mut system =
        line(slots(1), Discipline::Preemptive, &[(1, 30.0, exponential(0.01)), (0, 30.0, exponential(0.01))]);
    system.stations[0].replicas = 2;
    let lose =
        |at| Event { at, duration: 3.0, kind: EventKind::LoseReplicas, station: Some(0), zone: None, amount: 1.0 };
    system.events = (1..15).map(|n| lose(f64::from(n) * 6.0)).collect();
    let summary = run(&system, &settings(100.0, 1));
    let station = &summary.stations[0];
    assert!(station[&Measure::InSystem].mean >= 0.0 && station[&Measure::Wait].mean >= 0.0, "{station:?}");
    assert!(station[&Measure::Utilization].mean <= 1.0);
    for class in &summary.classes {
        near("nobody is lost for good", class[&Measure::Throughput].mean, 30.0, 0.05);
        assert!(class[&Measure::ErrorRatio].mean > 0.0 && class[&Measure::ErrorRatio].mean < 0.05);
    }
}

/// Slots that a group lost finish what they have and take nobody else: a lock leaves one slot of four, all held by the lower class, and
/// from 20 s on somebody of the higher comes every second for 10 s of work. One after another: seven are done by 100 s.
#[test]
fn slots_that_went_are_not_taken_away() {
    let mut system = line(slots(4), Discipline::Preemptive, &[(1, 1.0, fixed(10.0)), (0, 1.0, fixed(1e6))]);
    system.classes[0].profile = Some(Profile::Recorded(vec![(0.0, 0.0), (20.0, 1.0)]));
    system.classes.iter_mut().for_each(|class| class.arrivals = Arrivals::Open { rate: 1.0, cv: 0.0 });
    let lock =
        Event { at: 10.0, duration: 1000.0, kind: EventKind::ExclusiveLock, station: Some(0), zone: None, amount: 1.0 };
    system.events = vec![lock];
    let settings = engine::sim::Settings { warmup: engine::sim::Warmup::Seconds(0.0), ..settings(100.0, 1) };
    near("done", 100.0 * run(&system, &settings).classes[0][&Measure::Throughput].mean, 7.0, 1e-9);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Kleinrock's conservation law: whatever the priorities, the loads times the waits add up to the same; who is higher waits less, and
    /// raising a class's priority never makes it wait longer.
    #[test]
    fn order_only_moves_waits(
        rates in proptest::collection::vec(0.05_f64..1.0, 2..5),
        means in proptest::collection::vec(0.1_f64..2.0, 5),
        scvs in proptest::collection::vec(0.0_f64..4.0, 5),
        priorities in proptest::collection::vec(0_u32..4, 5),
        utilization in 0.1_f64..0.95,
        raised in 0_usize..5,
    ) {
        let load: f64 = rates.iter().zip(&means).map(|(r, m)| r * m).sum();
        let classes: Vec<_> = rates
            .iter()
            .enumerate()
            .map(|(n, rate)| (priorities[n], rate * utilization / load, Distribution::from_mean_cv(means[n], scvs[n].sqrt())))
            .collect();
        let waits = |classes: &[(u32, f64, Distribution)], discipline| -> Vec<f64> {
            let answer = solve(&line(slots(1), discipline, classes));
            answer.classes.iter().zip(classes).map(|(c, of)| c.mean.unwrap() - of.2.mean()).collect()
        };
        let work = |waits: &[f64]| -> f64 { classes.iter().zip(waits).map(|(c, wait)| c.1 * c.2.mean() * wait).sum() };
        let (fifo, ordered) = (waits(&classes, Discipline::Fifo), waits(&classes, Discipline::Priority));
        prop_assert!((work(&ordered) / work(&fifo) - 1.0).abs() < 1e-9);
        for a in 0..classes.len() {
            for b in 0..classes.len() {
                if classes[a].0 > classes[b].0 {
                    prop_assert!(ordered[a] <= ordered[b] * (1.0 + 1e-12));
                }
            }
        }
        let raised = raised % classes.len();
        let mut higher = classes.clone();
        higher[raised].0 += 1;
        for discipline in [Discipline::Priority, Discipline::Preemptive] {
            let (before, after) = (waits(&classes, discipline)[raised], waits(&higher, discipline)[raised]);
            prop_assert!(after <= before * (1.0 + 1e-9), "{discipline:?}: {before} {after}");
        }
    }
}
