//! The slowest of several independent times: what a caller waits for when its parallel calls join.
//!
//! Each branch is taken as a law with its mean and variance; the distribution of the maximum is the product of theirs, integrated
//! numerically for its first three moments. Branches that wait behind the same queue are in truth positively correlated, which makes
//! this an upper estimate. Seconds. Source: Nelson & Tantawi, IEEE TC 37 (1988), for fork-join by maxima; David & Nagaraja, Order
//! Statistics, 3rd ed., §3.1.

use crate::stats::{Law, Moments};

/// Integration points.
const POINTS: u32 = 96;

/// Moments of the maximum of branches, each given by its moments and how many such there are at once (a fraction is the
/// probability of one more).
#[must_use]
pub fn slowest(branches: &[(Moments, f64)]) -> Moments {
    let longest = branches.iter().fold(0.0_f64, |longest, (branch, count)| {
        if *count > 0.0 {
            longest.max(branch.mean + 12.0 * branch.variance.sqrt() * (1.0 + crate::math::ln(count.max(1.0)) / 6.0))
        } else {
            longest
        }
    });
    if longest <= 0.0 {
        return Moments::ZERO;
    }
    if let [(only, count)] = branches
        && *count <= 1.0
    {
        return only.with_probability(*count);
    }
    // Squares of even steps: dense near zero, where the tails are steep.
    let (mut first, mut second, mut third) = (0.0, 0.0, 0.0);
    for point in 0..POINTS {
        let (u, step) = ((f64::from(point) + 0.5) / f64::from(POINTS), 1.0 / f64::from(POINTS));
        let time = longest * u * u;
        let width = longest * 2.0 * u * step;
        let below: f64 = branches
            .iter()
            .map(|(branch, count)| {
                let within = 1.0 - Law::fit(branch).beyond(time).0;
                let whole = count.floor();
                crate::math::pow(within, whole) * (1.0 - (count - whole) * (1.0 - within))
            })
            .product();
        let beyond = 1.0 - below;
        first += beyond * width;
        second += 2.0 * time * beyond * width;
        third += 3.0 * time * time * beyond * width;
    }
    Moments::from_raw(first, second, third)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_exponentials_give_harmonic_sums() {
        for (count, exact) in [(2.0, 1.5), (3.0, 11.0 / 6.0), (10.0, 2.928_968)] {
            let got = slowest(&[(Moments::exponential(1.0), count)]).mean;
            assert!((got / exact - 1.0).abs() < 3e-3, "{count}: {got} is not {exact}");
        }
        let two = slowest(&[(Moments::exponential(1.0), 1.0), (Moments::exponential(0.5), 1.0)]).mean;
        assert!((two - (1.0 + 0.5 - 1.0 / 3.0)).abs() < 4e-3, "{two}");
    }
}
