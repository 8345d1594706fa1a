//! The three standard workloads of the simulator: M/M/10; balancer, app, cache and database; a tandem of ten.

use super::sim_support::{call, exponential, poisson, service, system};
use engine::model::{Call, Distribution, Station, System};
use engine::sim::{Measure, Settings, Simulation, Status, Warmup};

/// Name, system, arrivals a second, nominal events a request.
pub type Workload = (&'static str, System, f64, f64);

/// W1, W2, W3.
pub fn all() -> Vec<Workload> {
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
    vec![("W1", w1, 80.0, 2.0), ("W2", w2, 500.0, 4.2), ("W3", tandem(10), 70.0, 11.0)]
}

/// So many single servers one after another at 0.7; one event more than that a request.
pub fn tandem(stations: usize) -> System {
    through(70.0, (0..stations).map(|i| (service(&format!("s{i}"), Some(1), exponential(1e-2)), 1.0)).collect())
}

/// An unlimited client of no own time that calls each station in turn.
fn through(rate: f64, stations: Vec<(Station, f64)>) -> System {
    let mut all = vec![service("client", None, Distribution::ZERO)];
    for (at, (station, share)) in stations.into_iter().enumerate() {
        all[0].calls.push(Call { per_request: share, ..call(at + 1) });
        all.push(station);
    }
    system(poisson(rate), all)
}

/// Nanoseconds a request of one run of so many simulated seconds, in slices of 100,000 events (V8 compiles a long first call
/// badly). `clock` gives seconds.
pub fn nanoseconds(system: &System, seconds: f64, seed: u64, clock: impl Fn() -> f64) -> f64 {
    let settings = Settings { seconds, seed, warmup: Warmup::Seconds(0.0), timeline_points: 1, ..Settings::default() };
    let Ok(mut simulation) = Simulation::new(system, &settings, 0) else { return f64::NAN };
    let start = clock();
    while simulation.step(100_000) == Status::Running {}
    let elapsed = clock() - start;
    let report = simulation.report();
    elapsed * 1e9 / (report.classes[0][&Measure::Offered] * report.seconds)
}
