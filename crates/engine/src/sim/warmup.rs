//! Where the start-up transient ends: MSER-5 (White, Cobb & Spratt 2000): means of five observations, cut where the
//! standard error of the rest is least.

use crate::model::{Kind, LimiterWindow, System};

/// Observations per batch mean.
const BATCH: usize = 5;

/// Seconds until every limiter has a whole window behind it; 0 without one. Before, a limiter that counts the requests of its last
/// window admits what it will refuse later, and no figure of the first minute shows that: MSER-5 does not find the end of that. (A
/// limiter over its limit goes on to swing for some windows, because all began with an empty one; the mean of a whole window is near.)
#[must_use]
pub fn filled(system: &System) -> f64 {
    let window = |kind: &Kind| match kind {
        Kind::RateLimiter { window: LimiterWindow::Sliding, seconds, .. } => *seconds,
        _ => 0.0,
    };
    system.stations.iter().map(|station| window(&station.kind)).fold(0.0, f64::max)
}

/// Number of leading observations to drop, and whether that point lies in the first half (so that it can be trusted).
#[must_use]
pub fn mser5(observations: &[f64]) -> (usize, bool) {
    let means: Vec<f64> = observations.chunks_exact(BATCH).map(|c| c.iter().sum::<f64>() / BATCH as f64).collect();
    let n = means.len();
    if n < 4 {
        return (0, false);
    }
    // From the end backwards: sums of the rest. Means close to a common level keep the squares from cancelling.
    let level = means[n - 1];
    let (mut sum, mut squares) = (0.0, 0.0);
    let mut best = (f64::INFINITY, 0);
    for start in (0..n).rev() {
        let x = means[start] - level;
        sum += x;
        squares += x * x;
        let rest = (n - start) as f64;
        // The last few means always agree by chance: at least a tenth must remain.
        if rest < (n as f64 / 10.0).max(3.0) {
            continue;
        }
        let score = (squares - sum * sum / rest).max(0.0) / (rest * rest);
        if score <= best.0 {
            best = (score, start);
        }
    }
    (best.1 * BATCH, best.1 <= n / 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::rng::{Purpose, Rng};

    #[test]
    fn a_transient_is_cut_and_a_steady_series_kept() {
        let mut rng = Rng::stream(1, 0, "warm-up", Purpose::Choice);
        let steady: Vec<f64> = (0..320).map(|_| 10.0 + rng.uniform()).collect();
        let (cut, found) = mser5(&steady);
        assert!(found && cut <= 100, "{cut}");
        let rising: Vec<f64> =
            steady.iter().enumerate().map(|(i, x)| x - if i < 100 { 10.0 - i as f64 / 10.0 } else { 0.0 }).collect();
        let (cut, found) = mser5(&rising);
        assert!(found && (80..=160).contains(&cut), "{cut}");
        let growing: Vec<f64> = (0..320).map(f64::from).collect();
        assert!(!mser5(&growing).1);
        assert_eq!(mser5(&[0.0; 320]), (0, true));
        assert_eq!(mser5(&[1.0; 3]), (0, false));
    }
}
