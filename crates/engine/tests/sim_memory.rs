//! Nothing is allocated per event once the buffers have grown; a request in flight costs at most 200 bytes.

#![allow(clippy::expect_used, reason = "a replication that cannot start is the failure")]

mod sim_support;
use engine::model::*;
use engine::sim::{Measure, Settings, Simulation, Status, StoppedBy, Warmup};
use sim_support::*;

/// An app with pools, timeouts, retries and parallel calls over a keyed cache and a database, and a queue behind it.
fn everything() -> System {
    let keys = CacheKeys { keys: 1000, zipf: 0.8, capacity: 200, ttl: Some(5.0), eviction: Eviction::Lru };
    let cache =
        Kind::Cache { hits: HitRatio::Keys(keys), concurrency: Some(8), nodes: 1, coalesce: true, bypass_ratio: 0.1 };
    let queue = Kind::Queue {
        partitions: None,
        consumers: Some(4),
        prefetch: None,
        max_length: None,
        delay: 0.1,
        max_attempts: 3,
        dead_letter: None,
        duplicate_ratio: 0.1,
    };
    let retry = Some(Retry { max: 2, backoff: 0.01, jitter: 0.5, budget_ratio: Some(0.2) });
    let policy = Call { pool: Some(0), timeout: Some(0.05), retry, max_in_flight: Some(50), ..call(2) };
    let mut app = station(
        "app",
        Kind::Service { concurrency: Some(64), cpu_cores: Some(4.0), queue_limit: Some(100) },
        exponential(0.01),
    );
    app.pools = vec![Pool { id: "pg".into(), size: Some(8) }];
    app.calls = vec![
        Call { on_miss: vec![policy.clone()], network: 0.001, ..call(1) },
        Call { mode: Mode::Parallel, per_request: 2.5, ..call(2) },
        Call { mode: Mode::Async, ..call(3) },
    ];
    let mut messages = station("queue", queue, exponential(0.001));
    messages.calls = vec![call(4)];
    let mut worker = service("worker", Some(4), exponential(0.005));
    worker.failure_ratio = 0.1;
    let mut database = service("db", Some(16), Distribution::lognormal(0.01, 1.5));
    database.failure_ratio = 0.01;
    system(poisson(200.0), vec![app, station("cache", cache, exponential(0.0005)), database, messages, worker])
}

fn simulation(system: &System, max_in_flight: usize) -> Simulation {
    let settings = Settings {
        seconds: 1e6,
        warmup: Warmup::Seconds(0.0),
        max_in_flight,
        timeline_points: 1,
        ..Settings::default()
    };
    Simulation::new(system, &settings, 0).expect("modelled")
}

#[test]
fn events_allocate_nothing_once_the_buffers_have_grown() {
    let system = everything();
    let mut simulation = simulation(&system, 1_000_000);
    simulation.step(2_000_000);
    let counted = allocation_counter::measure(|| {
        assert_eq!(simulation.step(1_000_000), Status::Running);
    });
    // A rare peak may still double one of the dozen buffers; per event it is nothing.
    assert!(counted.count_total <= 4, "{counted:?}");
}

#[test]
fn a_request_in_flight_costs_at_most_200_bytes() {
    // Nobody is ever served: all requests stay. A plain call to a leaf needs no visit of its own; one with a pool, a timeout
    // and retries is a visit of the client, the call with its timer, and a visit at the station.
    let retry = Some(Retry { max: 2, backoff: 0.01, jitter: 0.5, budget_ratio: None });
    let policies = Call { pool: Some(0), timeout: Some(1e9), retry, ..call(1) };
    for (call, visits) in [(call(1), 1.0), (policies, 2.0)] {
        let mut client = service("client", None, Distribution::ZERO);
        client.pools = vec![Pool { id: "pg".into(), size: Some(10_000_000) }];
        client.calls = vec![call];
        let stuck = service("s", Some(1), Distribution::Deterministic { mean: 1e9 });
        let system = system(poisson(1000.0), vec![client, stuck]);
        let mut simulation = simulation(&system, 500_000);
        let counted = allocation_counter::measure(|| while simulation.step(100_000) == Status::Running {});
        let alive = simulation.report().most_in_flight;
        assert!(alive > 500_000);
        let bytes = counted.bytes_current as f64 / (alive as f64 / visits);
        assert!(bytes <= 200.0, "{bytes} bytes");
    }
}

/// A retry storm without end and a backlog without end stop at the limit of requests in flight, with what was found so far.
#[test]
fn an_explosion_ends_at_the_limit_with_partial_results() {
    let retry = Some(Retry { max: 50, backoff: 0.001, jitter: 0.5, budget_ratio: None });
    let mut storm = service("client", None, Distribution::ZERO);
    storm.calls = vec![Call { timeout: Some(0.05), retry, ..call(1) }];
    let slow = service("s", Some(1), exponential(0.01));
    let mut publisher = service("client", None, Distribution::ZERO);
    publisher.calls = vec![Call { mode: Mode::Async, ..call(1) }];
    let queue = Kind::Queue {
        partitions: None,
        consumers: Some(1),
        prefetch: None,
        max_length: None,
        delay: 0.0,
        max_attempts: 1,
        dead_letter: None,
        duplicate_ratio: 0.0,
    };
    let mut backlog = station("queue", queue, Distribution::ZERO);
    backlog.calls = vec![call(2)];
    for stations in [vec![storm, slow.clone()], vec![publisher, backlog, slow]] {
        let system = system(poisson(500.0), stations);
        let mut simulation = simulation(&system, 20_000);
        while simulation.step(100_000) == Status::Running {}
        let report = simulation.report();
        assert_eq!(report.stopped_by, StoppedBy::InFlight);
        assert!((20_000..=20_100).contains(&report.most_in_flight), "{}", report.most_in_flight);
        assert!(report.seconds > 1.0 && report.classes[0][&Measure::Offered] > 400.0, "{:?}", report.classes);
    }
}

/// A population that outgrows the limit, at the start or in the middle, and asynchronous calls that wait without a visit of their own,
/// end the replication as a backlog does, with nothing made for those beyond it.
#[test]
fn crowds_and_waiting_calls_count_as_in_flight() {
    let spike = Profile::Spike { at: 10.0, ramp: 1.0, hold: 100.0, factor: 1e9 };
    let crowd =
        |users| system(Arrivals::Closed { users, think_time: 1.0 }, vec![service("s", None, exponential(0.01))]);
    let mut grows = crowd(100.0);
    grows.classes[0].profile = Some(spike);
    let mut two = crowd(4e9);
    two.classes.push(class("more", Arrivals::Closed { users: 1e12, think_time: 1.0 }));
    two.stations[0].service.push(exponential(0.01));
    let mut client = service("client", None, Distribution::ZERO);
    client.pools = vec![Pool { id: "pg".into(), size: Some(1) }];
    client.calls = vec![Call { mode: Mode::Async, pool: Some(0), ..call(1) }];
    let stuck = service("s", None, Distribution::Deterministic { mean: 1e9 });
    let waiting = system(poisson(1000.0), vec![client, stuck]);
    for (name, system, most) in
        [("grows", grows, 200), ("too many from the start", two, 0), ("waiting", waiting, 20_001)]
    {
        let mut simulation = simulation(&system, 20_000);
        let counted = allocation_counter::measure(|| while simulation.step(100_000) == Status::Running {});
        let report = simulation.report();
        assert_eq!(report.stopped_by, StoppedBy::InFlight, "{name}");
        assert!(report.most_in_flight <= most, "{name}: {}", report.most_in_flight);
        assert!(counted.bytes_max < 20_000_000, "{name}: {counted:?}");
    }
}
