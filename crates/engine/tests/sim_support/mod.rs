//! Systems built by hand for the simulator's tests.
#![allow(dead_code, clippy::expect_used)]

use engine::model::*;
use engine::sim::{Measure, ReplicationReport, Settings, Simulation, Status, Summary, Warmup, summarize};

/// A station with one class and no calls.
pub fn station(id: &str, kind: Kind, own: Distribution) -> Station {
    Station {
        id: id.into(),
        kind,
        replicas: 1,
        service: vec![own],
        calls: Vec::new(),
        pools: Vec::new(),
        discipline: Discipline::Fifo,
        autoscale: None,
        failure_ratio: 0.0,
        zone: None,
        price: Price::default(),
    }
}

/// A service of so many slots.
pub fn service(id: &str, slots: Option<u32>, own: Distribution) -> Station {
    station(id, Kind::Service { concurrency: slots, cpu_cores: None, queue_limit: None }, own)
}

/// A queue without limits that gives nothing up.
pub fn queue(consumers: Option<u32>) -> Kind {
    Kind::Queue {
        partitions: None,
        consumers,
        prefetch: None,
        max_length: None,
        delay: 0.0,
        max_attempts: u32::MAX,
        dead_letter: None,
        duplicate_ratio: 0.0,
    }
}

/// One primary that only reads.
pub fn database(cores: u32) -> Kind {
    Kind::Database(DatabaseNode {
        cores: Some(cores),
        max_connections: None,
        read_replicas: 0,
        write_ratio: vec![0.0],
        shards: 1,
        hot_shard_share: None,
        usl: None,
        request_units: None,
        gb: 0.0,
        gb_growth_per_month: 0.0,
    })
}

/// An exponential time.
pub fn exponential(mean: f64) -> Distribution {
    Distribution::Exponential { mean }
}

/// A plain synchronous call.
pub fn call(to: StationId) -> Call {
    Call {
        to,
        per_request: 1.0,
        mode: Mode::Sync,
        when: When::Always,
        classes: None,
        network: 0.0,
        kb: 0.0,
        network_mbit_s: None,
        pool: None,
        timeout: None,
        on_miss: Vec::new(),
        retry: None,
        breaker: None,
        max_in_flight: None,
        share: None,
    }
}

/// A class that enters at station 0.
pub fn class(id: &str, arrivals: Arrivals) -> Class {
    Class { id: id.into(), entry: 0, arrivals, priority: 0, growth: 1.0, profile: None, active_users: None }
}

/// Poisson arrivals.
pub fn poisson(rate: f64) -> Arrivals {
    Arrivals::Open { rate, cv: 1.0 }
}

/// A system of one class.
pub fn system(arrivals: Arrivals, stations: Vec<Station>) -> System {
    System {
        classes: vec![class("all", arrivals)],
        stations,
        objectives: Vec::new(),
        multiples: vec![1.0],
        growth_per_month: None,
        fixed_costs: Vec::new(),
        zones: Vec::new(),
        events: Vec::new(),
    }
}

/// Settings of a test run.
pub fn settings(seconds: f64, seed: u64) -> Settings {
    Settings { seconds, seed, warmup: Warmup::Auto, timeline_points: 1, ..Settings::default() }
}

/// Plays one replication to its end.
pub fn replicate(system: &System, settings: &Settings, replication: u32) -> ReplicationReport {
    let mut simulation = Simulation::new(system, settings, replication).expect("modelled");
    while simulation.step(100_000) == Status::Running {}
    simulation.report()
}

/// Plays all replications.
pub fn run(system: &System, settings: &Settings) -> Summary {
    let reports: Vec<_> = (0..settings.replications).map(|r| replicate(system, settings, r)).collect();
    summarize(&reports)
}

/// A class's estimate.
pub fn of_class(summary: &Summary, measure: Measure) -> f64 {
    summary.classes[0][&measure].mean
}

/// Asserts that a value is within a relative tolerance.
pub fn near(name: &str, got: f64, want: f64, relative: f64) {
    assert!((got - want).abs() <= relative * want.abs().max(1e-12), "{name}: {got}, not {want}");
}
