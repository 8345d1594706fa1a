//! Zipf's law over many keys: the first keys one by one, then points that stand for runs of them.
//!
//! Key i has probability i^-exponent / H. Beyond the first keys a sum over i becomes the integral over i - 1/2 to i + 1/2 (midpoint
//! rule), taken by four-point Gauss-Legendre in ln i over runs of half again as many keys: a billion keys in under 420 steps. Sums of
//! smooth functions of the popularity, such as hit ratios, are right to about 1e-6; the probabilities add up to 1.
//! Sources: Knuth, The Art of Computer Programming, vol. 3, 2nd ed., §6.1; Abramowitz & Stegun, 25.4.30 and table 25.4.

use crate::math;

/// Keys taken one by one.
const SINGLE: u64 = 256;
/// Growth of a run at most, as a logarithm.
const GROWTH: f64 = 0.405;
/// Nodes on -1 to 1 and weights.
const GAUSS: [(f64, f64); 4] = [
    (-0.861_136_311_594_052_6, 0.347_854_845_137_453_8),
    (-0.339_981_043_584_856_3, 0.652_145_154_862_546_1),
    (0.339_981_043_584_856_3, 0.652_145_154_862_546_1),
    (0.861_136_311_594_052_6, 0.347_854_845_137_453_8),
];

/// Calls `visit(probability of one key, number of such keys)` for all keys, most popular first.
pub fn blocks(keys: u64, exponent: f64, visit: impl FnMut(f64, f64)) {
    first_blocks(keys, keys, exponent, visit);
}

/// [`blocks`] of the `most` most popular keys only.
pub fn first_blocks(most: u64, keys: u64, exponent: f64, mut visit: impl FnMut(f64, f64)) {
    if exponent == 0.0 {
        visit(1.0 / keys.max(1) as f64, most.min(keys) as f64);
        return;
    }
    let mut total = 0.0;
    raw(keys, exponent, |weight, count| total += weight * count);
    raw(most.min(keys), exponent, |weight, count| visit(weight / total, count));
}

fn raw(keys: u64, exponent: f64, mut visit: impl FnMut(f64, f64)) {
    let single = keys.min(SINGLE);
    for key in 1..=single {
        visit(math::pow(key as f64, -exponent), 1.0);
    }
    if keys <= single {
        return;
    }
    let (from, to) = (math::ln(single as f64 + 0.5), math::ln(keys as f64 + 0.5));
    let runs = ((to - from) / GROWTH).ceil().max(1.0);
    let half = (to - from) / runs / 2.0;
    let mut run = 0.0;
    while run < runs {
        let middle = from + (2.0 * run + 1.0) * half;
        for (node, weight) in GAUSS {
            let ln = middle + half * node;
            visit(math::exp(-exponent * ln), weight * half * math::exp(ln));
        }
        run += 1.0;
    }
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
            assert!((sum / exact - 1.0).abs() < 1e-7, "{exponent}: {sum} {exact}");
            assert!((keys / 100_000.0 - 1.0).abs() < 1e-9, "{keys}");
        }
    }
}
