//! The simulator's three standard workloads in V8: `cargo xtask bench --wasm`. Natively: `cargo bench -p engine`.
#![cfg(target_arch = "wasm32")]

mod clock;
#[path = "../../engine/tests/sim_support/mod.rs"]
mod sim_support;
#[path = "../../engine/benches/workloads/mod.rs"]
mod workloads;

use clock::processor_time;
use wasm_bindgen_test::{console_log, wasm_bindgen_test};

#[wasm_bindgen_test]
fn nanoseconds_a_request() {
    let all = workloads::all();
    // One round to let the optimizing compiler take over.
    for (_, system, rate, _) in &all {
        workloads::nanoseconds(system, 2e5 / rate, 9, processor_time);
    }
    for (name, system, rate, nominal) in &all {
        let mut times: Vec<f64> =
            (1..=5).map(|seed| workloads::nanoseconds(system, 1e6 / rate, seed, processor_time)).collect();
        times.sort_by(f64::total_cmp);
        let median = times[times.len() / 2];
        console_log!(
            "{name}: {median:.1} ns a request (least {:.1}), {:.1} million nominal events a second",
            times[0],
            1e3 * nominal / median
        );
    }
}
