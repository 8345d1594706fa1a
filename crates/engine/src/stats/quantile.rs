//! Quantiles of a time whose tail and density can be evaluated: Newton's steps on the logarithm of the tail, which is nearly straight,
//! kept inside a bracket.

use crate::math;

/// What is known at one time: ln of the tail there and how fast it falls (per second).
#[derive(Debug, Clone, Copy)]
struct Known {
    time: f64,
    ln: f64,
    fall: f64,
}

/// Tail probabilities already known, reused from one quantile to the next.
#[derive(Debug, Clone, Default)]
pub struct TailSearch {
    /// Ascending in time.
    known: Vec<Known>,
}

/// ln of a tail that is nothing.
const NOTHING: f64 = -60.0;
/// Distance in ln of the tail from which one more step is right to about its square, so that it need not be looked at.
const LAST_STEP: f64 = 1.0e-4;
/// Relative length of a last step at most: longer ones are looked at.
const SHORT: f64 = 1.0e-3;
/// Distance in ln of the tail, and relative width of a bracket, that are nothing.
const ACCURACY: f64 = 1.0e-8;
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

    fn evaluate(&mut self, time: f64, tail: &mut impl FnMut(f64) -> (f64, f64)) -> Known {
        let (value, density) = tail(time);
        let one = if value > 0.0 {
            Known { time, ln: math::ln(value).max(NOTHING), fall: (density / value).max(0.0) }
        } else {
            Known { time, ln: NOTHING, fall: 0.0 }
        };
        let at = self.known.partition_point(|known| known.time < time);
        if self.known.len() < self.known.capacity() {
            self.known.insert(at, one);
        }
        one
    }

    /// The time above which a share `share` (0 to 1) lies. `guess` starts the search; `scale` is a typical time. `tail` gives the
    /// probability of exceeding a time and the density there.
    pub fn quantile(&mut self, share: f64, guess: f64, scale: f64, mut tail: impl FnMut(f64) -> (f64, f64)) -> f64 {
        let target = math::ln(share);
        let mut low: Option<Known> = None;
        let mut high: Option<Known> = None;
        for &known in &self.known {
            if known.ln > target {
                low = Some(known);
            } else if high.is_none() {
                high = Some(known);
            }
        }
        let nearest = match (low, high) {
            (Some(a), Some(b)) => Some(if a.ln - target < target - b.ln { a } else { b }),
            (one, other) => one.or(other),
        };
        let mut time = nearest.map_or(guess, |from| step(from, low, high, target));
        let mut halved = false;
        for _ in 0..LIMIT {
            let at = self.evaluate(time, &mut tail);
            let miss = at.ln - target;
            let newton = miss / at.fall;
            if miss.abs() < ACCURACY || (miss.abs() < LAST_STEP && newton.abs() < SHORT * time) {
                return if newton.abs() < SHORT * time { time + newton } else { time };
            }
            let before = low.zip(high).map(|(a, b)| b.time - a.time);
            if miss > 0.0 {
                low = Some(at);
            } else {
                high = Some(at);
            }
            if high.is_some_and(|high| high.time < scale * 1.0e-6) {
                return 0.0;
            }
            if let (Some(a), Some(b)) = (low, high) {
                let width = b.time - a.time;
                if width <= ACCURACY * b.time {
                    return a.time.midpoint(b.time);
                }
                // Steps that hardly narrow the bracket stand before a jump: halve it in turn.
                halved = !halved && before.is_some_and(|before| width > 0.5 * before);
                if halved {
                    time = a.time.midpoint(b.time);
                    continue;
                }
            }
            time = step(at, low, high, target);
        }
        time
    }
}

/// Newton's step, kept inside the bracket; at most four times as far or near where there is none yet.
fn step(from: Known, low: Option<Known>, high: Option<Known>, target: f64) -> f64 {
    let newton = from.time + (from.ln - target) / from.fall;
    match (low, high) {
        (Some(a), Some(b)) => {
            if newton > a.time && newton < b.time {
                return newton;
            }
            let share = if b.ln <= NOTHING { 0.5 } else { (a.ln - target) / (a.ln - b.ln) };
            a.time + (b.time - a.time) * share.clamp(1.0e-3, 0.999)
        }
        _ if newton.is_nan() => from.time,
        _ => newton.clamp(from.time * 0.25, from.time * 4.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn straight_and_jumping_tails_are_found() {
        // Exponential: -ln share. With a jump of a fifth at 2: the quantiles between 0.1 and 0.3 lie on it.
        let mut search = TailSearch::new();
        for share in [0.5, 0.1, 0.05, 0.01, 0.001] {
            let mut looks = 0;
            let tail = |t: f64| {
                looks += 1;
                ((-t).exp(), (-t).exp())
            };
            let got = search.quantile(share, 1.0, 1.0, tail);
            assert!((got / -f64::ln(share) - 1.0).abs() < 1e-9 && looks <= 2, "{share}: {got} after {looks}");
        }
        let jumps = |t: f64| {
            let below = 0.5 * (-t).exp();
            (if t < 2.0 { 0.3 } else { 0.1 } * (1.0 - t / 100.0) + below * 1.0e-3, 0.003)
        };
        let got = TailSearch::new().quantile(0.2, 1.0, 1.0, jumps);
        assert!((got - 2.0).abs() < 1e-6, "{got}");
    }
}
