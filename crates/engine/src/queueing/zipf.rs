//! Zipf's law over many keys, in blocks: the first keys one by one, then runs of nearly equal popularity.
//!
//! Key i has probability i^-exponent / H; a run is taken at its mean. The sum over a run is by Euler-Maclaurin's trapezoid with its
//! first correction, so that the probabilities add up to 1 for billions of keys in under two thousand steps.
//! Source: Knuth, The Art of Computer Programming, vol. 3, §6.1; Abramowitz & Stegun, 23.1.30.

use crate::math;

/// Keys taken one by one.
const SINGLE: u64 = 512;
/// Growth of a run.
const GROWTH: f64 = 1.02;

/// Calls `visit(probability of one key, number of such keys)` for all keys, most popular first.
pub fn blocks(keys: u64, exponent: f64, mut visit: impl FnMut(f64, f64)) {
    if exponent == 0.0 {
        visit(1.0 / keys.max(1) as f64, keys as f64);
        return;
    }
    let mut total = 0.0;
    raw(keys, exponent, |weight, count| total += weight * count);
    raw(keys, exponent, |weight, count| visit(weight / total, count));
}

fn raw(keys: u64, exponent: f64, mut visit: impl FnMut(f64, f64)) {
    let single = keys.min(SINGLE);
    for key in 1..=single {
        visit(math::pow(key as f64, -exponent), 1.0);
    }
    let (mut from, last) = (single as f64 + 1.0, keys as f64);
    while from <= last {
        let to = (from * GROWTH).floor().max(from).min(last);
        let count = to - from + 1.0;
        visit(run(from, to, exponent) / count, count);
        from = to + 1.0;
    }
}

/// Sum of i^-exponent over from..=to.
fn run(from: f64, to: f64, exponent: f64) -> f64 {
    let (a, b) = (math::pow(from, -exponent), math::pow(to, -exponent));
    if from == to {
        return a;
    }
    let integral =
        if (exponent - 1.0).abs() < 1.0e-12 { math::ln(to / from) } else { (to * b - from * a) / (1.0 - exponent) };
    integral + (a + b) / 2.0 + exponent * (a / from - b / to) / 12.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_add_up_to_the_sum() {
        for exponent in [0.4, 0.9, 1.0, 1.4] {
            let (mut sum, mut keys) = (0.0, 0.0);
            raw(100_000, exponent, |weight, count| {
                sum += weight * count;
                keys += count;
            });
            let exact: f64 = (1..=100_000).rev().map(|i| f64::from(i).powf(-exponent)).sum();
            assert!((sum / exact - 1.0).abs() < 1e-12, "{exponent}: {sum} {exact}");
            assert_eq!(keys, 100_000.0);
        }
    }
}
