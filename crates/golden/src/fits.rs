//! What calibration computes from fixed figures: the part of the engine that uses `statrs`.

use engine::fit::{distribution, estimate, usl};
use engine::model::Distribution;
use std::fmt::Write;

/// One line a figure.
pub fn compute() -> String {
    let mut text = String::new();
    for degrees in [1.0, 2.5, 7.0, 30.0, 400.0] {
        for probability in [0.8, 0.95, 0.999] {
            let _ =
                writeln!(text, "student_t {probability:?} {degrees:?} {:?}", estimate::student_t(probability, degrees));
        }
    }
    for probability in [0.001, 0.025, 0.5, 0.9, 0.999_99] {
        let _ = writeln!(text, "normal {probability:?} {:?}", estimate::normal(probability));
    }
    for scv in [0.2, 1.0, 4.0] {
        let gamma = Distribution::Gamma { mean: 0.02, scv };
        for x in [0.001, 0.02, 0.1] {
            let _ = writeln!(text, "gamma {scv:?} {x:?} {:?}", distribution::cumulative(&gamma, x));
        }
    }
    let percentiles = [(0.5, 0.012), (0.9, 0.041), (0.95, 0.058), (0.99, 0.13)];
    let _ = writeln!(text, "shape {:?}", distribution::from_percentiles(&percentiles, Some(0.019)));
    let points =
        [(1.0, 955.0), (4.0, 3360.0), (8.0, 5580.0), (16.0, 8240.0), (32.0, 9640.0), (48.0, 9590.0), (64.0, 9120.0)];
    for law in [usl::Law::Linear, usl::Law::Amdahl, usl::Law::Usl] {
        let _ = writeln!(text, "usl {:?}", usl::fit(&points, law));
    }
    text
}
