//! The shop, fitted and tried: the model against the record of every request at the levels it saw, then on a level it did not.
//! `cargo run --release -p study --example shop_back_test [FILE]`: with a file, the back-test is drawn into it as SVG.
#![allow(clippy::unwrap_used)]

#[path = "../tests/common/mod.rs"]
mod common;

use common::{data, drawn, map, truth};
use study::calibrate::{CalibrateInput, calibrate};
use study::report::{Measured, svg_beside};
use study::{Backtest, ProjectOptions};

/// Endpoints of the record, and the classes that stand for them.
const ENDPOINTS: [(&str, &str); 2] = [("GET /items/:id", "browse"), ("POST /checkout", "checkout")];

fn main() {
    let (scenario, data, map) = (drawn(), data(), map());
    let input = CalibrateInput { scenario: Some(&scenario), data: &data, map: Some(&map), only_up_to_rps: None };
    let calibration = calibrate(&input).unwrap();
    let levels = truth();
    let multiples: Vec<f64> =
        levels.as_array().unwrap().iter().map(|level| level["multiple"].as_f64().unwrap()).collect();
    let solved = serde_json::to_value(study::solve(&calibration.scenario, &multiples).unwrap()).unwrap();
    println!("Fitted on all levels, against the record of every request (which the fit never saw):\n");
    println!("{:>8}  {:<16} {:>6} {:>12} {:>12} {:>8}", "load", "endpoint", "figure", "measured", "model", "error");
    for (level, point) in levels.as_array().unwrap().iter().zip(solved["points"].as_array().unwrap()) {
        for (endpoint, class) in ENDPOINTS {
            for figure in ["mean", "p50", "p95", "p99"] {
                let measured = level[endpoint][figure].as_f64();
                let model = point["classes"][class]["latency_ms"][figure].as_f64();
                let (Some(measured), Some(model)) = (measured, model) else { continue };
                println!(
                    "{:>7}×  {endpoint:<16} {figure:>6} {measured:>9.2} ms {model:>9.2} ms {:>+6.1} %",
                    level["multiple"],
                    100.0 * (model / measured - 1.0)
                );
            }
        }
    }
    let back_test = study::backtest(&input, None).unwrap();
    println!("\n{}", study::text::backtest(&back_test));
    if let Some(file) = std::env::args().nth(1) {
        std::fs::write(file, picture(&back_test, &levels)).unwrap();
    }
}

/// The model fitted on the low levels, with what was measured at all of them.
fn picture(back_test: &Backtest, levels: &serde_json::Value) -> String {
    let scenario = back_test.scenario.as_ref().unwrap();
    let multiples = (0..=24).map(|step| 1.0 + 0.1 * f64::from(step)).collect();
    let doc = study::project(scenario, &ProjectOptions { multiples, ..ProjectOptions::default() }).unwrap();
    let mut measured = Vec::new();
    for (endpoint, class) in ENDPOINTS {
        for figure in ["mean", "p95"] {
            for level in levels.as_array().unwrap() {
                let multiple = level["multiple"].as_f64().unwrap();
                measured.push(Measured {
                    class: class.into(),
                    figure: figure.into(),
                    multiple,
                    value: level[endpoint][figure].as_f64().unwrap(),
                    // Levels are not met to the last request.
                    fitted: multiple <= 1.05 * back_test.trained_up_to_multiple,
                });
            }
        }
    }
    svg_beside(&doc, &measured)
}
