//! The simulator against exact queueing theory: means and percentiles of systems with a closed form.

mod sim_support;
use engine::model::*;
use engine::sim::Measure;
use sim_support::*;

/// A name, a system, simulated seconds, and the exact figures of its one class with a tolerance.
struct Row {
    name: &'static str,
    system: System,
    seconds: f64,
    want: Vec<(Measure, f64, f64)>,
}

#[test]
fn means_and_percentiles_are_the_exact_ones() {
    let limited = |slots, limit, mean| {
        let kind = Kind::Service { concurrency: Some(slots), cpu_cores: None, queue_limit: Some(limit) };
        station("s", kind, exponential(mean))
    };
    let shared = Kind::Service { concurrency: None, cpu_cores: Some(1.0), queue_limit: None };
    let halves = Kind::Service { concurrency: None, cpu_cores: Some(0.5), queue_limit: None };
    let rows = [
        Row {
            // A request runs in one replica, on the half core of that one.
            name: "alone on four replicas of half a core",
            system: system(
                poisson(0.05),
                vec![Station { replicas: 4, ..station("s", halves, Distribution::Deterministic { mean: 0.01 }) }],
            ),
            seconds: 20_000.0,
            want: vec![(Measure::Mean, 0.02, 1e-3)],
        },
        Row {
            // M/M/1 at 0.5: response exponential of mean 2.
            name: "M/M/1",
            system: system(poisson(0.5), vec![service("s", Some(1), exponential(1.0))]),
            seconds: 200_000.0,
            want: vec![(Measure::Mean, 2.0, 0.03), (Measure::P50, 1.386_294, 0.03), (Measure::P99, 9.210_34, 0.04)],
        },
        Row {
            // cases.md 5: M/M/3, rate 2, service 1 (Erlang C 4/9).
            name: "M/M/3",
            system: system(poisson(2.0), vec![service("s", Some(3), exponential(1.0))]),
            seconds: 60_000.0,
            want: vec![(Measure::Mean, 1.444_444, 0.02)],
        },
        Row {
            // cases.md 6: M/D/1 at 0.5 waits half a service time.
            name: "M/D/1",
            system: system(poisson(0.5), vec![service("s", Some(1), Distribution::Deterministic { mean: 1.0 })]),
            seconds: 100_000.0,
            want: vec![(Measure::Mean, 1.5, 0.02)],
        },
        Row {
            // cases.md 6: M/G/1 at 0.8, scv 4 waits 10 service times (Pollaczek-Khinchine).
            name: "M/H2/1",
            system: system(
                poisson(0.8),
                vec![service("s", Some(1), Distribution::Hyperexponential { mean: 1.0, scv: 4.0 })],
            ),
            seconds: 400_000.0,
            want: vec![(Measure::Mean, 11.0, 0.06)],
        },
        Row {
            // cases.md 6: M/M/1/10 at 0.9 loses 0.050814, mean number 3.9694.
            name: "M/M/1/10",
            system: system(poisson(0.9), vec![limited(1, 9, 1.0)]),
            seconds: 200_000.0,
            want: vec![
                (Measure::ErrorRatio, 0.050_814, 0.04),
                (Measure::Mean, 3.9694 / (0.9 * (1.0 - 0.050_814)), 0.03),
            ],
        },
        Row {
            // cases.md 6: Erlang B (20 servers, 30 erlang)... at 10 erlang and 10 servers 0.214582.
            name: "M/M/10/10",
            system: system(poisson(10.0), vec![limited(10, 0, 1.0)]),
            seconds: 30_000.0,
            want: vec![(Measure::ErrorRatio, 0.214_582, 0.02)],
        },
        Row {
            // cases.md 9: processor sharing, rate 4, service rate 9: response 0.2.
            name: "M/M/1-PS",
            system: system(poisson(4.0), vec![station("s", shared.clone(), exponential(1.0 / 9.0))]),
            seconds: 50_000.0,
            want: vec![(Measure::Mean, 0.2, 0.02)],
        },
        Row {
            // Processor sharing is insensitive: the same mean under any service time (Kleinrock 1976, 4.4).
            name: "M/D/1-PS",
            system: system(poisson(4.0), vec![station("s", shared, Distribution::Deterministic { mean: 1.0 / 9.0 })]),
            seconds: 50_000.0,
            want: vec![(Measure::Mean, 0.2, 0.02)],
        },
        Row {
            // cases.md 10: M/M/1//100, think 300 s, service 0.63 s.
            name: "closed",
            system: system(
                Arrivals::Closed { users: 100.0, think_time: 300.0 },
                vec![service("s", Some(1), exponential(0.63))],
            ),
            seconds: 400_000.0,
            want: vec![(Measure::Throughput, 0.3325, 0.01), (Measure::Mean, 0.7943, 0.02)],
        },
        Row {
            // cases.md 12: machine repair.
            name: "repair",
            system: system(
                Arrivals::Closed { users: 3.0, think_time: 2.0 },
                vec![service("s", Some(2), exponential(0.25))],
            ),
            seconds: 50_000.0,
            want: vec![(Measure::Throughput, 1.332_42, 0.01), (Measure::Mean, 0.251_54, 0.01)],
        },
    ];
    for row in rows {
        let summary = run(&row.system, &settings(row.seconds, 1));
        for (measure, want, tolerance) in row.want {
            near(&format!("{} {measure:?}", row.name), of_class(&summary, measure), want, tolerance);
        }
    }
}

/// Jackson networks of stations without calls behind an unlimited client: the sum of M/M/c responses.
#[test]
fn a_tandem_is_the_sum_of_its_stations() {
    let mut stations = vec![service("client", None, Distribution::ZERO)];
    for i in 1..=3 {
        stations.push(service(&format!("s{i}"), Some(1), exponential(0.01)));
        stations[0].calls.push(call(i));
    }
    let summary = run(&system(poisson(70.0), stations), &settings(2000.0, 3));
    near("tandem", of_class(&summary, Measure::Mean), 0.1, 0.03);
    for s in 1..=3 {
        near("utilization", summary.stations[s][&Measure::Utilization].mean, 0.7, 0.01);
        near("wait", summary.stations[s][&Measure::Wait].mean, 0.07 / 3.0, 0.06);
    }
}

/// A chain of 10,000 components compiles without filling the stack, and its own times add up.
#[test]
fn a_very_long_chain_is_played() {
    let n = 10_000;
    let mut stations: Vec<Station> =
        (0..n).map(|i| service(&format!("s{i}"), None, Distribution::Deterministic { mean: 1e-4 })).collect();
    for (i, station) in stations.iter_mut().enumerate().take(n - 1) {
        station.calls.push(call(i + 1));
    }
    let settings =
        engine::sim::Settings { warmup: engine::sim::Warmup::Seconds(2.0), replications: 1, ..settings(10.0, 1) };
    let summary = run(&system(poisson(5.0), stations), &settings);
    near("sum", of_class(&summary, Measure::Mean), 1.0, 1e-9);
}

/// Bad input is a right answer or an early end with its reason: no traffic, a component lost forever, users without end.
#[test]
fn extremes_end_well() {
    use engine::sim::StoppedBy;
    let one = || vec![service("s", Some(1), exponential(1.0))];
    let nothing = replicate(&system(poisson(0.0), one()), &settings(100.0, 1), 0);
    assert_eq!((nothing.stopped_by, nothing.events), (StoppedBy::Time, 0));
    assert_eq!(nothing.classes[0][&Measure::Throughput], 0.0);
    assert!(!nothing.classes[0].contains_key(&Measure::Mean));

    let mut lost = system(poisson(10.0), one());
    lost.events = vec![Event {
        at: 0.0,
        duration: f64::MAX,
        kind: EventKind::LoseReplicas,
        station: Some(0),
        zone: None,
        amount: 1.0,
    }];
    let report = replicate(&lost, &settings(100.0, 1), 0);
    assert!(report.classes[0][&Measure::ErrorRatio] > 0.98, "{report:?}");

    let crowd = Arrivals::Closed { users: 1e9, think_time: 1.0 };
    assert_eq!(replicate(&system(crowd, one()), &settings(100.0, 1), 0).stopped_by, StoppedBy::InFlight);
    let eager = Arrivals::Closed { users: 3.0, think_time: 0.0 };
    let idle = vec![service("s", None, Distribution::ZERO)];
    let limited = engine::sim::Settings { max_events: 10_000, ..settings(1.0, 1) };
    assert_eq!(replicate(&system(eager, idle), &limited, 0).stopped_by, StoppedBy::Events);
    for rate in [1e12, 1e-12] {
        let limited = engine::sim::Settings { max_events: 100_000, max_in_flight: 50_000, ..settings(1.0, 1) };
        let report = replicate(&system(poisson(rate), one()), &limited, 0);
        let all = report.classes.iter().chain(report.stations.iter().map(|s| &s.figures));
        assert!(all.flat_map(|f| f.values()).all(|v| v.is_finite()), "{rate}: {report:?}");
    }
}

/// Requests that call each other on and on in no time, handed on without a wait, by queues, as dead letters: the replication ends
/// by its events, in steps that come back, and no chain of them fills the stack. Users whose requests fail in no time pause.
#[test]
fn what_takes_no_time_and_has_no_end_is_ended() {
    use engine::sim::{Simulation, Status, StoppedBy};
    let instant = |id: &str, to: Vec<Call>| Station { calls: to, ..service(id, None, Distribution::ZERO) };
    let left = |to| Call { mode: Mode::Async, ..call(to) };
    let queue = |id: &str, dead_letter| {
        let kind = Kind::Queue {
            partitions: None,
            consumers: Some(2),
            prefetch: None,
            max_length: None,
            delay: 0.0,
            max_attempts: 1,
            dead_letter,
            duplicate_ratio: 0.0,
        };
        Station { calls: vec![call(2)], ..station(id, kind, Distribution::ZERO) }
    };
    let fails = Station { failure_ratio: 1.0, ..instant("fails", vec![]) };
    let loops = [
        ("asynchronous", vec![instant("a", vec![left(1)]), instant("b", vec![left(0)])], StoppedBy::Events),
        ("twice as many", vec![instant("a", vec![left(1), left(1)]), instant("b", vec![left(0)])], StoppedBy::InFlight),
        ("queue", vec![instant("a", vec![call(1)]), queue("q", None), instant("c", vec![call(0)])], StoppedBy::Events),
        ("dead letters", vec![queue("a", Some(1)), queue("b", Some(0)), fails], StoppedBy::Events),
    ];
    for (name, stations, by) in loops {
        let limited = engine::sim::Settings { max_in_flight: 50_000, ..settings(10.0, 1) };
        let mut simulation = Simulation::new(&system(poisson(1.0), stations), &limited, 0).expect("modelled");
        let mut steps = 0;
        while simulation.step(1000) == Status::Running {
            steps += 1;
        }
        assert_eq!(simulation.report().stopped_by, by, "{name}");
        assert!(steps < 1000, "{name}: {steps}");
    }
    let chain: Vec<Station> =
        (0..20_000).map(|i| instant(&i.to_string(), if i < 19_999 { vec![call(i + 1)] } else { vec![] })).collect();
    assert_eq!(replicate(&system(poisson(1.0), chain), &settings(10.0, 1), 0).stopped_by, StoppedBy::Time);

    let eager = Arrivals::Closed { users: 5.0, think_time: 0.0 };
    let mut cut = system(eager, vec![instant("a", vec![call(1)]), service("s", None, exponential(0.01))]);
    cut.events =
        vec![Event { at: 5.0, duration: 1.0, kind: EventKind::Partition, station: Some(1), zone: None, amount: 1.0 }];
    let quota = station("quota", Kind::External { rate_limit: Some(100.0) }, exponential(0.001));
    for (name, system, served) in [("cut off", cut, 4500.0), ("refused", system(eager, vec![quota]), 1000.0)] {
        let report = replicate(&system, &engine::sim::Settings { max_events: 200_000, ..settings(10.0, 1) }, 0);
        assert_eq!(report.stopped_by, StoppedBy::Time, "{name}");
        let class = &report.classes[0];
        near(name, 10.0 * class[&Measure::Throughput] * (1.0 - class[&Measure::ErrorRatio]), served, 0.06);
    }
}
