//! Quantiles of a time whose tail can be evaluated: bracketed secant on the logarithm of the tail, which is nearly straight.

use crate::math;

/// Tail probabilities already known, reused from one quantile to the next.
#[derive(Debug, Clone, Default)]
pub struct TailSearch {
    /// (time, ln of the tail), ascending in time.
    known: Vec<(f64, f64)>,
}

/// ln of a tail that is nothing.
const NOTHING: f64 = -60.0;
/// Relative accuracy of a quantile.
const ACCURACY: f64 = 1.0e-7;
/// Evaluations per quantile at most.
const LIMIT: u32 = 60;

impl TailSearch {
    /// A search with its memory set aside.
    #[must_use]
    pub fn new() -> Self {
        Self { known: Vec::with_capacity(512) }
    }

    /// Forgets the last time.
    pub fn reset(&mut self) {
        self.known.clear();
    }

    fn evaluate(&mut self, time: f64, tail: &mut impl FnMut(f64) -> f64) -> f64 {
        let value = tail(time);
        let ln = if value > 0.0 { math::ln(value).max(NOTHING) } else { NOTHING };
        let at = self.known.partition_point(|&(t, _)| t < time);
        if self.known.len() < self.known.capacity() {
            self.known.insert(at, (time, ln));
        }
        ln
    }

    /// The time above which a share `share` (0 to 1) lies. `guess` starts the search; `scale` is a typical time.
    pub fn quantile(&mut self, share: f64, guess: f64, scale: f64, mut tail: impl FnMut(f64) -> f64) -> f64 {
        let target = math::ln(share);
        let mut low: Option<(f64, f64)> = None;
        let mut high: Option<(f64, f64)> = None;
        for &(time, ln) in &self.known {
            if ln > target {
                low = Some((time, ln));
            } else if high.is_none() {
                high = Some((time, ln));
            }
        }
        let mut time = match (low, high) {
            (Some(a), Some(b)) => interpolate(a, b, target),
            _ => guess,
        };
        let mut factor = 1.6;
        let mut same_side = 0_i32;
        for _ in 0..LIMIT {
            let ln = self.evaluate(time, &mut tail);
            if (ln - target).abs() < ACCURACY {
                return time;
            }
            if ln > target {
                low = Some((time, ln));
                same_side = if same_side > 0 { same_side + 1 } else { 1 };
            } else {
                high = Some((time, ln));
                same_side = if same_side < 0 { same_side - 1 } else { -1 };
            }
            time = match (low, high) {
                (Some(a), Some(b)) => {
                    if b.0 - a.0 <= ACCURACY * b.0 {
                        return (a.0 + b.0) / 2.0;
                    }
                    if same_side.abs() > 2 { (a.0 + b.0) / 2.0 } else { interpolate(a, b, target) }
                }
                (Some(a), None) => {
                    factor *= 1.5;
                    a.0 * factor
                }
                (None, Some(b)) => {
                    if b.0 < scale * 1.0e-6 {
                        return 0.0;
                    }
                    factor *= 1.5;
                    b.0 / factor
                }
                (None, None) => guess,
            };
        }
        time
    }
}

/// Where the straight line through two points of (time, ln tail) meets the target, kept inside.
fn interpolate(a: (f64, f64), b: (f64, f64), target: f64) -> f64 {
    let width = b.0 - a.0;
    let share = if b.1 <= NOTHING { 0.5 } else { (a.1 - target) / (a.1 - b.1) };
    a.0 + width * share.clamp(1.0e-3, 0.999)
}
