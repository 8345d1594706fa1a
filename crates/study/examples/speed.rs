//! How long a projection takes: 1,000 samples at 10 multiples of a scenario of ten components, every time uncertain.
//! `cargo run --release -p study --example speed`.
#![allow(clippy::unwrap_used)]

use std::time::Instant;

/// Ten components: balancer, two services with slots, cache, database behind a pool, external, queue with its worker, storage, CDN.
fn scenario() -> scenario::Scenario {
    let time = |mean: f64| serde_json::json!({"mean_ms": {"value": mean, "low": 0.9 * mean, "high": 1.1 * mean}, "cv": {"value": 1.0, "low": 0.8, "high": 1.2}});
    let value = serde_json::json!({
        "format": "headroom/1", "name": "ten",
        "traffic": [{"id": "browse", "entry": "cdn", "arrivals": {"open": {"rate": 200}}}, {"id": "buy", "entry": "lb", "arrivals": {"open": {"rate": 20}}}],
        "components": [
            {"id": "cdn", "kind": "cdn", "hit_ratio": 0.6, "service": time(1.0), "calls": [{"to": "lb", "when": "miss"}]},
            {"id": "lb", "kind": "load_balancer", "policy": "round_robin", "service": time(0.3), "calls": [{"to": "api"}]},
            {"id": "api", "kind": "service", "replicas": 4, "concurrency": 50, "cpu_cores": 4, "service": time(6.0), "pools": {"pg": 10},
             "calls": [{"to": "cache", "on_miss": [{"to": "db", "pool": "pg"}]}, {"to": "search", "classes": ["browse"]},
                       {"to": "partner", "classes": ["buy"]}, {"to": "mail", "mode": "async", "classes": ["buy"]}]},
            {"id": "search", "kind": "service", "replicas": 3, "concurrency": 16, "service": time(8.0), "calls": [{"to": "disk"}]},
            {"id": "cache", "kind": "cache", "hit_ratio": 0.8, "concurrency": 4, "service": time(0.5)},
            {"id": "db", "kind": "database", "cores": 16, "read_replicas": 1, "service": time(10.0)},
            {"id": "partner", "kind": "external", "service": time(60.0)},
            {"id": "mail", "kind": "queue", "prefetch": 1, "service": time(1.0), "calls": [{"to": "worker"}]},
            {"id": "worker", "kind": "service", "replicas": 10, "concurrency": 1, "service": time(30.0)},
            {"id": "disk", "kind": "storage", "throughput_mb_s": 500, "service": time(1.0)}],
        "slos": [{"traffic": "browse", "percentile": 95, "latency_ms": 200}, {"traffic": "buy", "percentile": 95, "latency_ms": 500}],
        "growth": {"multiples": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}
    });
    scenario::parse_value(value).unwrap().scenario
}

fn main() {
    let scenario = scenario();
    let start = Instant::now();
    let doc = study::project(&scenario, &study::ProjectOptions::default()).unwrap();
    println!("1,000 samples x {} multiples in {:.3} s", doc.points.len(), start.elapsed().as_secs_f64());
    println!("{:?}", doc.headroom.map(|h| (h.multiple, h.band)));
}
