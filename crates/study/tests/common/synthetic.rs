//! Random systems with known truth, measured by the simulator: what a team would hand in, made from a system whose every
//! parameter is known.
#![allow(dead_code, clippy::unwrap_used)]

use ingest::Measurements;
use ingest::measurements::{Figures, Level, Series};
use scenario::Scenario;
use std::collections::BTreeMap;
use study::calibrate::{CalibrateInput, Random, calibrate};
use study::simulate::{SimulateOptions, simulate};
use study::{ProjectOptions, project};

/// One system: an API behind whose pool a database answers the misses of a cache, and an external call.
#[derive(Debug, Clone)]
pub struct Truth {
    pub scenario: Scenario,
    rate: f64,
}

/// Length of each measured level and of the blocks its series are made of, seconds.
const LEVEL_S: f64 = 60.0;
const BLOCK_S: f64 = 15.0;
const EPOCH: f64 = 1_795_294_800.0;

impl Truth {
    /// A random system that is 55 to 88 % busy at ten times its load.
    pub fn random(seed: u64) -> Self {
        let mut random = Random(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
        for _ in 0..3 {
            random.uniform();
        }
        let mut within = |low: f64, high: f64| low + (high - low) * random.uniform();
        let (hit, query, pool) = (within(0.2, 0.8), within(5.0, 40.0), within(2.0, 12.0).floor());
        let busy = within(0.55, 0.88);
        let rate = busy * pool / (10.0 * (1.0 - hit) * query / 1000.0);
        let value = serde_json::json!({
            "format": "headroom/1", "name": "synthetic",
            "traffic": [{"id": "all", "entry": "api", "arrivals": {"open": {"rate": rate}}}],
            "components": [
                {"id": "api", "kind": "service", "service": {"mean_ms": within(0.5, 5.0), "cv": within(0.3, 1.2)}, "pools": {"pg": pool},
                 "calls": [{"to": "cache", "on_miss": [{"to": "db", "pool": "pg"}]}, {"to": "partner"}]},
                {"id": "cache", "kind": "cache", "hit_ratio": hit, "service": {"mean_ms": 0.5, "cv": 0.5}},
                {"id": "db", "kind": "database", "service": {"mean_ms": query, "cv": within(0.4, 1.6)}},
                {"id": "partner", "kind": "external", "service": {"dist": "lognormal", "mean_ms": within(5.0, 60.0), "cv": within(0.3, 1.0)}}],
            "growth": {"multiples": [2, 5, 10]}
        });
        Self { scenario: scenario::parse_value(value).unwrap().scenario, rate }
    }

    /// What its owner would draw: the same boxes, with guesses for numbers.
    pub fn drawn(&self) -> Scenario {
        let mut value = serde_json::to_value(&self.scenario).unwrap();
        for (component, mean) in [(0, 2.0), (1, 0.5), (2, 10.0), (3, 20.0)] {
            value["components"][component]["service"] = serde_json::json!({"mean_ms": mean, "cv": 1.0});
        }
        value["components"][1]["hit_ratio"] = serde_json::json!(0.5);
        serde_json::from_value(value).unwrap()
    }

    /// The true latency at a multiple: of a simulation so long that its own error is far below any band's.
    pub fn long_run(&self, multiple: f64, seed: u64) -> BTreeMap<String, f64> {
        let requests = if multiple > 5.0 { 600_000.0 } else { 200_000.0 };
        let options = SimulateOptions {
            multiples: vec![multiple],
            seconds: requests / (self.rate * multiple),
            replications: 1,
            seed: seed ^ 0x5eed,
            max_events: u64::MAX,
            ..SimulateOptions::default()
        };
        simulate(&self.scenario, &options).unwrap().points[0].classes["all"].latency_ms.clone().unwrap()
    }

    /// A load test at 1x, 2x and 3x with the metrics of its components.
    pub fn measured(&self, seed: u64) -> Vec<Measurements> {
        let mut series: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
        let mut levels = Vec::new();
        for (index, multiple) in [1.0, 2.0, 3.0].into_iter().enumerate() {
            let blocks = (LEVEL_S / BLOCK_S) as usize;
            let mut latency: BTreeMap<String, f64> = BTreeMap::new();
            let mut requests = 0.0;
            for block in 0..blocks {
                let options = SimulateOptions {
                    multiples: vec![multiple],
                    seconds: BLOCK_S,
                    replications: 1,
                    seed: seed * 1000 + 10 * index as u64 + block as u64,
                    ..SimulateOptions::default()
                };
                let doc = simulate(&self.scenario, &options).unwrap();
                let point = &doc.points[0];
                let at = EPOCH + 100.0 * index as f64 + BLOCK_S * (block as f64 + 0.99);
                let (db, partner, cache) =
                    (&point.components["db"], &point.components["partner"], &point.components["cache"]);
                for (name, value) in [
                    ("db_rate", db.visits_rps),
                    ("db_busy", db.visits_rps * db.residence_ms.unwrap_or(0.0) / 1000.0),
                    ("partner_rate", partner.visits_rps),
                    ("partner_busy", partner.visits_rps * partner.residence_ms.unwrap_or(0.0) / 1000.0),
                    ("cache_hit", cache.visits_rps * cache.hit_ratio.unwrap_or(0.0)),
                    ("cache_miss", cache.visits_rps * (1.0 - cache.hit_ratio.unwrap_or(0.0))),
                ] {
                    series.entry(name).or_default().push((at, value));
                }
                let class = &point.classes["all"];
                let count = class.throughput_rps * BLOCK_S;
                for (figure, value) in class.latency_ms.iter().flatten() {
                    *latency.entry(figure.clone()).or_insert(0.0) += value * count;
                }
                requests += count;
            }
            latency.values_mut().for_each(|v| *v /= requests);
            let from_s = 100.0 * index as f64;
            levels.push(Level {
                from_s,
                to_s: from_s + LEVEL_S,
                endpoint: Some("GET /".into()),
                steady: true,
                figures: Figures {
                    requests: Some(requests as u64),
                    rps: Some(requests / LEVEL_S),
                    latency_ms: latency,
                    ..Figures::default()
                },
            });
        }
        let load = Measurements {
            kind: "test".into(),
            file: "load.csv".into(),
            started: Some("2026-11-21T21:00:00Z".into()),
            levels,
            ..Measurements::default()
        };
        let metrics = series.into_iter().map(|(name, points)| Measurements {
            kind: "prometheus-query".into(),
            file: format!("{name}.json"),
            series: vec![Series { points, ..Series::default() }],
            ..Measurements::default()
        });
        std::iter::once(load).chain(metrics).collect()
    }
}

/// One row of the coverage table.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    pub inside: usize,
    pub below: usize,
    pub above: usize,
    pub width: f64,
    /// The closed form at the true parameters over the truth, minus one.
    pub form: Vec<f64>,
}

/// Calibrates to each system's data and asks whether the band of the projection holds the long-run truth: by multiple and
/// figure.
pub fn coverage(systems: std::ops::Range<u64>) -> BTreeMap<(u32, &'static str), Tally> {
    let mut table: BTreeMap<(u32, &'static str), Tally> = BTreeMap::new();
    for seed in systems {
        let truth = Truth::random(seed);
        let (drawn, data) = (truth.drawn(), truth.measured(seed));
        let made = calibrate(&CalibrateInput { scenario: Some(&drawn), data: &data, map: None, only_up_to_rps: None })
            .unwrap();
        let doc = project(
            &made.scenario,
            &ProjectOptions { multiples: vec![2.0, 5.0, 10.0], samples: 200, ..ProjectOptions::default() },
        );
        let exact = study::solve(&truth.scenario, &[2.0, 5.0, 10.0]).unwrap();
        for (point, exact) in doc.unwrap().points.iter().zip(&exact.points) {
            let long_run = truth.long_run(point.multiple, seed);
            for figure in ["mean", "p95"] {
                let tally = table.entry((point.multiple as u32, figure)).or_default();
                let truth = long_run[figure];
                tally.form.push(exact.classes["all"].latency_ms.as_ref().unwrap()[figure] / truth - 1.0);
                match point.classes["all"].bands.get(figure) {
                    Some(band) => {
                        tally.width += (band[1] - band[0]) / (2.0 * truth);
                        if truth < band[0] {
                            tally.below += 1;
                        } else if truth > band[1] {
                            tally.above += 1;
                        } else {
                            tally.inside += 1;
                        }
                    }
                    // No upper end is said in words; it counts as holding the truth.
                    None => tally.inside += 1,
                }
            }
        }
    }
    table
}
