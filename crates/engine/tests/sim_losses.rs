//! What is lost with a replica, how a deployment goes round, what prefetched messages and breakers do: against what follows
//! from their definition.

mod sim_support;
use engine::model::*;
use engine::sim::{Measure, ReplicationReport, Settings, Warmup};
use sim_support::*;

fn event(at: f64, duration: f64, kind: EventKind, station: Option<usize>, amount: f64) -> Event {
    Event { at, duration, kind, station, zone: None, amount }
}

/// One replication in ten intervals of 100 s.
fn intervals(system: &System) -> ReplicationReport {
    let settings =
        Settings { seconds: 1000.0, warmup: Warmup::Seconds(100.0), timeline_points: 10, ..Settings::default() };
    replicate(system, &settings, 0)
}

/// Failed requests in each interval of 100 s.
fn failed(report: &ReplicationReport) -> Vec<f64> {
    let class = &report.timeline.classes[0];
    let both = class[&Measure::Throughput].iter().zip(&class[&Measure::ErrorRatio]);
    both.map(|(ended, errors)| 100.0 * ended * errors).collect()
}

/// 100/s for exactly a second each: 100 are in hand on average (Poisson: 5 standard deviations are 50). A replica that is
/// lost fails its share of them at once, and nothing more fails while others serve.
#[test]
fn a_lost_replica_drops_what_it_has_in_hand() {
    let one_second = Distribution::Deterministic { mean: 1.0 };
    let four = |mut station: Station| {
        station.replicas = 4;
        station
    };
    let shared = Kind::Service { concurrency: None, cpu_cores: Some(1000.0), queue_limit: None };
    let mut holding = four(service("app", None, Distribution::ZERO));
    holding.calls = vec![call(2)];
    let below = service("below", None, one_second.clone());
    let mut over_policies = holding.clone();
    over_policies.pools = vec![Pool { id: "pg".into(), size: Some(200) }];
    let retry = Some(Retry { max: 2, backoff: 0.1, jitter: 0.0, budget_ratio: None });
    over_policies.calls = vec![Call { pool: Some(0), timeout: Some(5.0), retry, ..call(2) }];
    let mut parallel = holding.clone();
    parallel.calls = vec![Call { mode: Mode::Parallel, per_request: 3.0, ..call(2) }];
    let rows = [
        ("own time in slots", vec![four(service("app", Some(100), one_second.clone()))]),
        ("on shared cores", vec![four(station("app", shared, one_second.clone()))]),
        ("over a call", vec![holding, below.clone()]),
        ("over a call with a pool, timeout and retries", vec![over_policies, below.clone()]),
        ("over parallel calls", vec![parallel, below]),
    ];
    for (name, others) in rows {
        for balance in [None, Some(Balance::Random)] {
            for (lost, share) in [(2.0, 0.5), (1.0, 0.25)] {
                let kind = balance
                    .clone()
                    .map_or(Kind::Service { concurrency: None, cpu_cores: None, queue_limit: None }, |balance| {
                        Kind::LoadBalancer { balance }
                    });
                let mut client = station("client", kind, Distribution::ZERO);
                client.calls = vec![call(1)];
                let mut stations = vec![client];
                stations.extend(others.iter().cloned());
                let mut system = system(poisson(100.0), stations);
                system.events = vec![event(450.0, 100.0, EventKind::LoseReplicas, Some(1), lost)];
                let report = intervals(&system);
                for (at, failed) in failed(&report).into_iter().enumerate() {
                    let want: f64 = if at == 4 { 100.0 * share } else { 0.0 };
                    let tolerance = 5.0 * want.sqrt();
                    assert!((failed - want).abs() <= tolerance, "{name}, {balance:?}, {lost}: {failed} at {at}");
                }
                // Nothing is left behind: afterwards as many are present as before.
                let present = &report.timeline.stations[1][&Measure::InSystem];
                assert!((present[9] - present[1]).abs() < 10.0, "{name}: {present:?}");
            }
        }
    }
}

/// The caller is lost altogether for 100 s: its hundred fail at once and 100/s are refused, while what it had asked below is
/// still worked on.
#[test]
fn the_work_below_a_lost_caller_goes_on() {
    let mut app = service("app", None, Distribution::ZERO);
    app.calls = vec![call(1)];
    let below = service("below", None, Distribution::Deterministic { mean: 1.0 });
    let mut system = system(poisson(100.0), vec![app, below]);
    system.events = vec![event(500.0, 100.0, EventKind::LoseReplicas, Some(0), 1.0)];
    let report = intervals(&system);
    near("failed", failed(&report)[5], 10_100.0, 0.05);
    // 100 s x 0 a second, and the hundred that were there for half a second each on average.
    let work = report.timeline.stations[1][&Measure::InSystem][5] * 100.0;
    assert!((work - 50.0).abs() < 20.0, "{work}");
}

/// Messages in the hands of lost consumers are delivered again, or given up where that was their last delivery.
#[test]
fn messages_of_lost_consumers_are_delivered_again() {
    for prefetch in [None, Some(3)] {
        for (attempts, dead) in [(2, 0.0), (1, 50.0)] {
            let queue = Kind::Queue {
                partitions: None,
                consumers: Some(200),
                prefetch,
                max_length: None,
                delay: 0.0,
                max_attempts: attempts,
                dead_letter: None,
                duplicate_ratio: 0.0,
            };
            let mut client = service("client", None, Distribution::ZERO);
            client.calls = vec![Call { mode: Mode::Async, ..call(1) }];
            let mut messages = station("queue", queue, Distribution::ZERO);
            messages.calls = vec![call(2)];
            let worker = service("worker", None, Distribution::Deterministic { mean: 1.0 });
            let mut system = system(poisson(100.0), vec![client, messages, worker]);
            system.events = vec![event(450.0, 50.0, EventKind::LoseReplicas, Some(1), 100.0)];
            let report = intervals(&system);
            let given_up = report.stations[1].figures[&Measure::DeadLetters] * 1000.0;
            // Half of 200 consumers go; with lines of their own the least loaded, so nearly all, may be among either half.
            let most = if prefetch.is_some() { 100.0 } else { dead + 35.0 };
            let least: f64 = if prefetch.is_some() || dead == 0.0 { 0.0 } else { dead - 35.0 };
            assert!((least..=most.max(0.0)).contains(&given_up) || (dead == 0.0 && given_up == 0.0), "{given_up}");
            assert!(dead > 0.0 || given_up == 0.0, "{given_up} given up");
            let present = &report.timeline.stations[2][&Measure::InSystem];
            assert!((present[8] - 100.0).abs() < 10.0, "{present:?}");
        }
    }
}

/// A deployment restarts one replica of four after the other, 100 s each. The first serves 70 of 100/s at 10 ms (weights 0.7
/// and 0.1): M/M/1 at 0.7 and 0.1; while it restarts the others share all: M/M/1 at a third.
#[test]
fn a_deployment_goes_round() {
    let balance = Balance::Weighted { weights: vec![0.7, 0.1, 0.1, 0.1] };
    let mut lb = station("lb", Kind::LoadBalancer { balance }, Distribution::ZERO);
    lb.calls = vec![call(1)];
    let mut app = service("app", Some(1), exponential(0.01));
    app.replicas = 4;
    let mut system = system(poisson(100.0), vec![lb, app]);
    system.events = vec![event(200.0, 400.0, EventKind::Deploy, Some(1), 1.0)];
    let report = intervals(&system);
    assert_eq!(failed(&report), [0.0; 10]);
    let means = &report.timeline.classes[0][&Measure::Mean];
    near("the first away", means[2], 0.01 / (1.0 - 1.0 / 3.0), 0.08);
    for at in [0, 1, 3, 4, 5, 7, 9] {
        assert!(means[at] > 0.021, "at {at}: {means:?}");
    }
    let replicas = &report.timeline.stations[1][&Measure::Replicas];
    for (at, &n) in replicas.iter().enumerate() {
        near("replicas", n, if (2..6).contains(&at) { 3.0 } else { 4.0 }, 1e-9);
    }
}

/// M/M/3 at 2/3 behind a queue (age 0.4444). Messages handed out ahead wait for their consumer: worse than one line, better
/// than a line each chosen at random (M/M/1 at 2/3: 2).
#[test]
fn messages_handed_out_ahead_wait_for_their_consumer() {
    let age = |prefetch| {
        let queue = Kind::Queue {
            partitions: None,
            consumers: Some(3),
            prefetch,
            max_length: None,
            delay: 0.0,
            max_attempts: 1,
            dead_letter: None,
            duplicate_ratio: 0.0,
        };
        let mut client = service("client", None, Distribution::ZERO);
        client.calls = vec![Call { mode: Mode::Async, ..call(1) }];
        let mut messages = station("queue", queue, Distribution::ZERO);
        messages.calls = vec![call(2)];
        let system = system(poisson(2.0), vec![client, messages, service("worker", None, exponential(1.0))]);
        let summary = run(&system, &settings(40_000.0, 5));
        near("consumers", summary.stations[1][&Measure::Utilization].mean, 2.0 / 3.0, 0.02);
        // Little's law over what waits.
        let backlog = summary.stations[1][&Measure::Backlog].mean;
        let age = summary.stations[1][&Measure::Age].mean;
        near("backlog", backlog, 2.0 * age, 0.02);
        age
    };
    near("one at a time", age(None), 4.0 / 9.0, 0.06);
    let (two, many) = (age(Some(2)), age(Some(100)));
    assert!(two > 0.45 && two < many && many < 1.0, "{two} {many}");
}

/// A callee answers after 0.1 s and fails one in five; one failure opens the breaker for 0.5 s. A cycle: open, up to the next
/// arrival (0.01 s) that probes for 0.1 s; with 0.8 it closes, and stays so until the first failing answer: 0.1 s + 1 / (100 x
/// 0.2). Answers of calls sent before it opened change nothing.
#[test]
fn only_its_probe_closes_an_open_breaker() {
    let mut client = service("client", None, Distribution::ZERO);
    client.calls = vec![Call { breaker: Some(Breaker { failures: 1, open: 0.5 }), ..call(1) }];
    let mut callee = service("s", None, Distribution::Deterministic { mean: 0.1 });
    callee.failure_ratio = 0.2;
    let summary = run(&system(poisson(100.0), vec![client, callee]), &settings(2000.0, 3));
    let closed: f64 = 0.1 + 1.0 / 20.0;
    let (cycle, admitted) = (0.5 + 0.01 + 0.1 + 0.8 * closed, 1.0 + 0.8 * 100.0 * closed);
    near("admitted", summary.stations[1][&Measure::Visits].mean, admitted / cycle, 0.03);
}

/// Two slots of 10 ms at 0.95 behind a client with a pool: what a slow request spent sums to its response time, and most of it
/// is the wait.
#[test]
fn slow_requests_are_told_hop_by_hop() {
    let mut client = service("client", None, Distribution::ZERO);
    client.pools = vec![Pool { id: "pg".into(), size: Some(3) }];
    client.calls = vec![Call { pool: Some(0), network: 0.001, ..call(1) }, call(2)];
    let stations = vec![client, service("a", Some(2), exponential(0.01)), service("b", None, exponential(0.005))];
    let mut system = system(poisson(170.0), stations);
    let settings = Settings {
        seconds: 500.0,
        warmup: Warmup::Seconds(20.0),
        timeline_points: 5,
        slow_requests: true,
        ..Settings::default()
    };
    let report = replicate(&system, &settings, 0);
    let without = replicate(&system, &Settings { slow_requests: false, ..settings.clone() }, 0);
    assert_eq!(report.classes, without.classes, "following requests changes nothing");
    assert!(without.slow.is_empty());
    let slow = &report.slow[0];
    assert!(slow.len() == 64 && slow.windows(2).all(|w| w[0].latency >= w[1].latency));
    assert!(slow[0].latency > report.classes[0][&Measure::P99]);
    for request in slow {
        assert_eq!(request.spans.len(), 3, "client, a, b");
        let parts = request.waterfall();
        near("sum", parts.iter().map(|p| p.2).sum(), request.latency, 1e-9);
        assert!((0.0..=500.0).contains(&request.at));
    }
    let waits: f64 = slow
        .iter()
        .flat_map(engine::sim::SlowRequest::waterfall)
        .filter(|p| matches!(p.1, engine::sim::Spent::Queue | engine::sim::Spent::Pool(_)))
        .map(|p| p.2)
        .sum();
    assert!(waits / slow.iter().map(|r| r.latency).sum::<f64>() > 0.5, "{waits}");
    system.events = vec![event(100.0, 10.0, EventKind::LoseReplicas, Some(1), 1.0)];
    assert_eq!(replicate(&system, &settings, 0).slow[0].len(), 64, "a loss ends what is followed");
}
