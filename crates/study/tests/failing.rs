//! Visits and calls that fail, are refused or given up take what they take, no more: both engines on small systems.
#![allow(clippy::unwrap_used)]

use engine::sim::{Measure, Settings, Simulation, Status, Warmup, summarize};
use engine::solve::{Options, Solver};

/// Calls of an open class "web" to "s", whose parts follow.
fn open(rate: f64, parts: &str) -> String {
    document(&format!("{{'open': {{'rate': {rate}}}}}"), parts)
}

fn document(arrivals: &str, parts: &str) -> String {
    let text = format!(
        "{{'format': 'headroom/1', 'name': 't', 'traffic': [{{'id': 'web', 'entry': 's', 'arrivals': {arrivals}}}], 'components': [{parts}]}}"
    );
    text.replace('\'', "\"")
}

/// Own time of "s" in ms, its slots, what more it has, and what it calls.
fn service(own: f64, slots: u32, more: &str, calls: &str) -> String {
    format!(
        "{{'id': 's', 'kind': 'service', 'service': {{'mean_ms': {own}}}, 'concurrency': {slots}, {more} 'calls': [{calls}]}}"
    )
}

/// Seconds simulated.
const SECONDS: f64 = 400.0;

#[test]
fn the_simulator_agrees() {
    let half = "{'id': 'e', 'kind': 'external', 'service': {'mean_ms': 10}, 'failure_ratio': 0.5}";
    let quota = "{'id': 'e', 'kind': 'external', 'service': {'mean_ms': 10}, 'rate_limit': 25}";
    let db = "{'id': 'd', 'kind': 'database', 'service': {'mean_ms': 80}, 'cores': 80}";
    let pooled = "{'to': 'd', 'pool': 'p', 'timeout_ms': 100}";
    let quick = "{'id': 'd', 'kind': 'database', 'service': {'mean_ms': 40}, 'cores': 8}";
    let over_pool = |rate: f64| {
        let front = service(1.0, 50, "'pools': {'p': 3},", pooled);
        open(rate, &format!("{front}, {quick}"))
    };
    let rows = [
        ("a call after one that fails", open(50.0, &format!("{}, {half}, {db}", service(2.0, 4, "", "{'to': 'e'}, {'to': 'd'}")))),
        ("a call after one that is refused", open(70.0, &format!("{}, {quota}, {db}", service(2.0, 8, "", "{'to': 'e'}, {'to': 'd'}")))),
        ("a visit that fails before its call", open(45.0, &format!("{}, {db}", service(20.0, 4, "'failure_ratio': 0.5,", "{'to': 'd'}")))),
        (
            "attempts that fail early",
            open(
                30.0,
                "{'id': 's', 'kind': 'service', 'service': {'mean_ms': 1}, 'concurrency': 500, 'calls': [{'to': 'w', 'retry': {'max': 2, 'backoff_ms': 70, 'jitter': 0.5}}]},
                 {'id': 'w', 'kind': 'service', 'service': {'mean_ms': 20}, 'concurrency': 4, 'failure_ratio': 0.3, 'calls': [{'to': 'd'}]},
                 {'id': 'd', 'kind': 'database', 'service': {'mean_ms': 50}, 'cores': 80}",
            ),
        ),
        (
            "a cache's slot is free while the miss is fetched",
            open(
                40.0,
                "{'id': 's', 'kind': 'service', 'service': {'mean_ms': 1}, 'concurrency': 500, 'calls': [{'to': 'c'}]},
                 {'id': 'c', 'kind': 'cache', 'service': {'mean_ms': 1}, 'hit_ratio': 0.5, 'concurrency': 2, 'calls': [{'to': 'd', 'when': 'miss'}]},
                 {'id': 'd', 'kind': 'database', 'service': {'mean_ms': 120}, 'cores': 40}",
            ),
        ),
        ("a pool that callers leave in time", over_pool(60.0)),
        ("the same beyond its capacity", over_pool(80.0)),
        ("the same far beyond it", over_pool(100.0)),
        (
            "no more connections than the server takes",
            open(
                135.0,
                "{'id': 's', 'kind': 'service', 'service': {'mean_ms': 1}, 'concurrency': 50, 'pools': {'p': 8}, 'calls': [{'to': 'd', 'pool': 'p'}]},
                 {'id': 'd', 'kind': 'database', 'service': {'mean_ms': 20}, 'cores': 4, 'max_connections': 8}",
            ),
        ),
        (
            "users who are refused are back sooner",
            document(
                "{'closed': {'users': 30, 'think_time_s': 0.2}}",
                "{'id': 's', 'kind': 'service', 'service': {'mean_ms': 2}, 'concurrency': 500, 'calls': [{'to': 'e', 'timeout_ms': 500}]},
                 {'id': 'e', 'kind': 'external', 'service': {'mean_ms': 80}, 'rate_limit': 50}",
            ),
        ),
        (
            "slots held until a timeout",
            open(
                15.0,
                "{'id': 's', 'kind': 'service', 'service': {'mean_ms': 1}, 'concurrency': 8, 'calls': [{'to': 'd', 'timeout_ms': 300}]},
                 {'id': 'd', 'kind': 'database', 'service': {'mean_ms': 100}, 'cores': 1}",
            ),
        ),
    ];
    let mut wrong = Vec::new();
    for (name, text) in rows {
        let system = scenario::lower(&scenario::parse(&text).unwrap().scenario).unwrap();
        let warmup = Warmup::Seconds(SECONDS / 4.0);
        let settings = Settings { seconds: SECONDS, warmup, timeline_points: 1, ..Settings::default() };
        let play = |replication| {
            let mut simulation = Simulation::new(&system, &settings, replication).unwrap();
            while simulation.step(1_000_000) == Status::Running {}
            simulation.report()
        };
        let simulated = summarize(&(0..4).map(play).collect::<Vec<_>>());
        let answer = Solver::new(&system).unwrap().solve(&system, 1.0, &Options::default()).clone();
        let (class, front) = (&answer.classes[0], &answer.stations[0]);
        let slots = front.slot_utilization.unwrap();
        println!("{name}: {:?} {:?} {:?} {slots}", class.throughput, class.mean, class.error_ratio);
        for (figure, found, measure, relative, absolute) in [
            ("throughput", Some(class.throughput), Measure::Throughput, 0.02, 0.0),
            ("mean", class.mean, Measure::Mean, 0.05, 0.0),
            ("errors", Some(class.error_ratio), Measure::ErrorRatio, 0.0, 0.016),
            ("slots", Some(slots), Measure::SlotUtilization, 0.0, 0.02),
        ] {
            let of = simulated.classes[0].get(&measure).or_else(|| simulated.stations[0].get(&measure));
            let Some(estimate) = of else {
                // Where nothing is answered there is no time of an answer.
                assert!(found.is_none() && measure == Measure::Mean && class.error_ratio > 0.99, "{name}: {figure}");
                continue;
            };
            let allowed = (relative * estimate.mean + absolute).max(estimate.half_width.unwrap_or(0.0));
            if found.is_none_or(|found| (found - estimate.mean).abs() > allowed) {
                wrong.push(format!("{name}: {figure} {found:?}, simulated {estimate:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A backlog is every delivery that waits: handled anew after each failure, 30/s are 49.5/s, a queue of two servers at 74 % (M/M/2:
/// 1.82).
#[test]
fn messages_delivered_again_wait_again() {
    let text = open(
        30.0,
        "{'id': 's', 'kind': 'queue', 'consumers': 2, 'max_attempts': 5, 'calls': [{'to': 'w'}]},
         {'id': 'w', 'kind': 'service', 'service': {'mean_ms': 30}, 'concurrency': 50, 'failure_ratio': 0.4}",
    );
    let system = scenario::lower(&scenario::parse(&text).unwrap().scenario).unwrap();
    let answer = Solver::new(&system).unwrap().solve(&system, 1.0, &Options::default()).clone();
    let backlog = answer.stations[0].queue.unwrap().backlog.unwrap();
    let settings =
        Settings { seconds: 1000.0, warmup: Warmup::Seconds(50.0), timeline_points: 1, ..Settings::default() };
    let mut simulation = Simulation::new(&system, &settings, 1).unwrap();
    while simulation.step(1_000_000) == Status::Running {}
    let simulated = summarize(&[simulation.report()]).stations[0][&Measure::Backlog].mean;
    assert!((backlog / 1.82 - 1.0).abs() < 0.02 && (backlog / simulated - 1.0).abs() < 0.08, "{backlog} {simulated}");
}

/// Slots are kept half busy by what visits hold them: 100/s x (10 + 0.5 x 200) ms / 4 / 0.5 = 5.5, with failed calls at full length 11.
#[test]
fn an_autoscaler_counts_what_is_held() {
    let text = open(
        100.0,
        "{'id': 's', 'kind': 'service', 'service': {'mean_ms': 5}, 'concurrency': 4, 'autoscale': {'min': 1, 'max': 50, 'metric': 'slots', 'target': 0.5},
          'calls': [{'to': 'e'}, {'to': 'd'}]},
         {'id': 'e', 'kind': 'external', 'service': {'mean_ms': 5}, 'failure_ratio': 0.5},
         {'id': 'd', 'kind': 'database', 'service': {'mean_ms': 200}, 'cores': 100}",
    );
    let system = scenario::lower(&scenario::parse(&text).unwrap().scenario).unwrap();
    let answer = Solver::new(&system).unwrap().solve(&system, 1.0, &Options::default()).clone();
    assert_eq!(answer.stations[0].replicas, 6);
}
