//! The engine's elementary functions over grids that cross their branches.

use engine::math;
use std::fmt::Write;

type Function = fn(f64) -> f64;

const FUNCTIONS: &[(&str, Function, f64, f64)] = &[
    ("ln", math::ln, 1.0e-9, 1.0e9),
    ("ln_1p", math::ln_1p, 1.0e-12, 1.0e3),
    ("exp", math::exp, 1.0e-6, 700.0),
    ("exp_m1", math::exp_m1, 1.0e-12, 50.0),
    ("ln_gamma", math::ln_gamma, 1.0e-3, 1.0e5),
    ("erf", math::erf, 1.0e-6, 6.0),
    ("erfc", math::erfc, 1.0e-6, 20.0),
    ("sin", math::sin, 1.0e-6, 1.0e4),
    ("cos", math::cos, 1.0e-6, 1.0e4),
];

/// Points per function.
const POINTS: u32 = 2000;

/// For each function a checksum over all points, and every 250th value in full.
pub fn compute() -> String {
    let mut text = String::new();
    for (name, function, low, high) in FUNCTIONS {
        table(&mut text, name, function, *low, *high);
    }
    for power in [-2.5, 0.1, 1.0 / 3.0, 7.0] {
        table(&mut text, &format!("pow {power}"), |x| math::pow(x, power), 1.0e-6, 1.0e6);
    }
    text
}

fn table(text: &mut String, name: &str, function: impl Fn(f64) -> f64, low: f64, high: f64) {
    let mut sum = 0_u64;
    // A ratio built by multiplication only, so that the grid itself is the same everywhere.
    let ratio = math::exp(math::ln(high / low) / f64::from(POINTS));
    let mut x = low;
    for point in 0..=POINTS {
        let value = function(x);
        sum = sum.rotate_left(7) ^ value.to_bits();
        if point % 250 == 0 {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{name} {x:?} {value:?}");
        }
        x *= ratio;
    }
    let _ = writeln!(text, "{name} checksum {sum:016x}");
}
