//! How long a projection takes: 1,000 samples at 10 multiples of a scenario of ten components, every time uncertain.
//! `cargo run --release -p study --example speed`; in V8: `cargo xtask bench --wasm`.
#![allow(clippy::unwrap_used)]

use std::time::Instant;

/// Balancer, two services with slots, cache, database behind a pool, external, queue with its worker, storage, CDN.
const TEN: &str = include_str!("../tests/data/ten.json");

fn main() {
    let scenario = scenario::parse(TEN).unwrap().scenario;
    let start = Instant::now();
    let doc = study::project(&scenario, &study::ProjectOptions::default()).unwrap();
    println!("1,000 samples x {} multiples in {:.3} s", doc.points.len(), start.elapsed().as_secs_f64());
    println!("{:?}", doc.headroom.map(|h| (h.multiple, h.band)));
}
