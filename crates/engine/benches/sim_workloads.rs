//! Nanoseconds per request of the three standard workloads (M/M/10; balancer, app, cache and database; a tandem of ten),
//! to be put beside the hand-tuned probe on the same core:
//! `taskset -c 0 cargo bench -p engine --bench sim_workloads`.

use engine::model::*;
use engine::sim::{Settings, Simulation, Status, Warmup};
use std::sync::LazyLock;
use std::time::Instant;

#[path = "../tests/sim_support/mod.rs"]
mod sim_support;
use sim_support::{call, exponential, poisson, service, system};

/// An unlimited client of no own time that calls each station in turn.
fn through(rate: f64, stations: Vec<(Station, f64)>) -> System {
    let mut all = vec![service("client", None, Distribution::ZERO)];
    for (at, (station, share)) in stations.into_iter().enumerate() {
        all[0].calls.push(Call { per_request: share, ..call(at + 1) });
        all.push(station);
    }
    system(poisson(rate), all)
}

fn main() {
    let w1 = through(80.0, vec![(service("s", Some(10), exponential(0.1)), 1.0)]);
    let w2 = through(
        500.0,
        vec![
            (service("lb", Some(1), exponential(1e-4)), 1.0),
            (service("app", Some(8), exponential(1e-2)), 1.0),
            (service("cache", Some(4), exponential(5e-4)), 1.0),
            (service("db", Some(20), Distribution::lognormal(5e-3, 1.5)), 0.2),
        ],
    );
    let w3 = through(70.0, (0..10).map(|i| (service(&format!("s{i}"), Some(1), exponential(1e-2)), 1.0)).collect());
    for (name, system, rate, nominal) in [("W1", w1, 80.0, 2.0), ("W2", w2, 500.0, 4.2), ("W3", w3, 70.0, 11.0)] {
        let mut times: Vec<f64> = (1..=5).map(|seed| nanoseconds(&system, 1e6 / rate, seed)).collect();
        times.sort_by(f64::total_cmp);
        let median = times[times.len() / 2];
        println!(
            "{name}: {median:.1} ns a request (least {:.1}), {:.1} million nominal events a second",
            times[0],
            1e3 * nominal / median
        );
    }
}

/// Seconds this process spent on a processor where the system says so (a busy machine stretches the clock), else the clock.
fn processor_time() -> f64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let stat = std::fs::read_to_string("/proc/self/schedstat").ok();
    let on_processor = stat.and_then(|s| s.split(' ').next()?.parse::<f64>().ok());
    on_processor.map_or_else(|| START.elapsed().as_secs_f64(), |ns| ns * 1e-9)
}

/// One run of so many simulated seconds in slices of 100,000 events.
fn nanoseconds(system: &System, seconds: f64, seed: u64) -> f64 {
    let settings = Settings { seconds, seed, warmup: Warmup::Seconds(0.0), timeline_points: 1, ..Settings::default() };
    let Ok(mut simulation) = Simulation::new(system, &settings, 0) else { return f64::NAN };
    let start = processor_time();
    while simulation.step(100_000) == Status::Running {}
    let elapsed = processor_time() - start;
    let report = simulation.report();
    let requests = report.classes[0][&engine::sim::Measure::Offered] * report.seconds;
    elapsed * 1e9 / requests
}
