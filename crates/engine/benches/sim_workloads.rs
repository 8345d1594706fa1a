//! Nanoseconds per request of the three standard workloads (M/M/10; balancer, app, cache and database; a tandem of ten),
//! to be put beside the hand-tuned probe on the same core: `taskset -c 0 cargo bench -p engine --bench sim_workloads`.
//! `cargo xtask bench --wasm` runs the same in V8. Arguments W1, W2, W3 leave the others out;
//! `growth` says how the cost grows with components and simulated time instead.

use std::sync::LazyLock;
use std::time::Instant;

#[path = "../tests/sim_support/mod.rs"]
mod sim_support;
mod workloads;

fn main() {
    if std::env::args().any(|a| a == "growth") {
        return growth();
    }
    let only: Vec<String> = std::env::args().skip(1).filter(|a| a.starts_with('W')).collect();
    for (name, system, rate, nominal) in workloads::all() {
        if !only.is_empty() && !only.iter().any(|o| o == name) {
            continue;
        }
        let mut times: Vec<f64> =
            (1..=5).map(|seed| workloads::nanoseconds(&system, 1e6 / rate, seed, processor_time)).collect();
        times.sort_by(f64::total_cmp);
        let median = times[times.len() / 2];
        println!(
            "{name}: {median:.1} ns a request (least {:.1}), {:.1} million nominal events a second",
            times[0],
            1e3 * nominal / median
        );
    }
}

/// How the cost grows with components and with simulated time.
fn growth() {
    for stations in [1, 10, 100, 1000] {
        let system = workloads::tandem(stations);
        let requests = 3e6 / (stations as f64 + 1.0);
        let took = workloads::nanoseconds(&system, requests / 70.0, 1, processor_time);
        println!("{stations} components: {took:.0} ns a request, {:.1} ns an event", took / (stations as f64 + 1.0));
    }
    for (name, system, rate, _) in workloads::all().iter().skip(1).take(1) {
        for requests in [1e5, 1e6, 1e7] {
            let took = workloads::nanoseconds(system, requests / rate, 1, processor_time);
            println!("{name}, {requests:.0} requests: {took:.0} ns a request");
        }
    }
}

/// Seconds this process spent on a processor where the system says so (a busy machine stretches the clock), else the clock.
fn processor_time() -> f64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let stat = std::fs::read_to_string("/proc/self/schedstat").ok();
    let on_processor = stat.and_then(|s| s.split(' ').next()?.parse::<f64>().ok());
    on_processor.map_or_else(|| START.elapsed().as_secs_f64(), |ns| ns * 1e-9)
}
