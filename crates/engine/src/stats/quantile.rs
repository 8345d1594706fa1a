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
/// Distance in ln of the tail, and relative length, from which one step is right to about a thousandth.
const NEAR: f64 = 0.05;
/// Relative difference of a step and a cubic at which the cubic is right to about a thousandth.
const AGREED: f64 = 0.004;
/// Times looked at for a quantile to about a thousandth, before it is searched for.
const LOOKS: u32 = 4;

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

    /// Looks at a time where a quantile is expected.
    pub fn look(&mut self, time: f64, mut tail: impl FnMut(f64) -> (f64, f64)) {
        self.evaluate(time, &mut tail);
    }

    /// [`TailSearch::quantile`] to about a thousandth, for many systems that are nearly alike: between times that were looked at, the
    /// logarithm of the tail is taken as a cubic; others are looked at only where that and a step from the nearest disagree.
    pub fn quantile_among(&mut self, share: f64, scale: f64, mut tail: impl FnMut(f64) -> (f64, f64)) -> f64 {
        let target = math::ln(share);
        for _ in 0..LOOKS {
            let (low, high) = self.around(target);
            let Some(from) = nearest(low, high, target) else { break };
            let time = step(from, low, high, target);
            if (from.ln - target).abs() < NEAR && (time - from.time).abs() < NEAR * time {
                return time;
            }
            if let (Some(a), Some(b)) = (low, high) {
                let smooth = cubic(a, b, target);
                if (smooth - time).abs() < AGREED * time && smooth > a.time && smooth < b.time {
                    return smooth;
                }
            }
            self.evaluate(time, &mut tail);
        }
        self.quantile(share, scale, scale, tail)
    }

    /// The last known time whose tail is above a target, and the first whose is not.
    fn around(&self, target: f64) -> (Option<Known>, Option<Known>) {
        let (mut low, mut high) = (None, None);
        for &known in &self.known {
            if known.ln > target {
                low = Some(known);
            } else if high.is_none() {
                high = Some(known);
            }
        }
        (low, high)
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
        let (mut low, mut high) = self.around(target);
        let mut time = nearest(low, high, target).map_or(guess, |from| step(from, low, high, target));
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

/// The one of two whose tail is nearer to the target.
fn nearest(low: Option<Known>, high: Option<Known>, target: f64) -> Option<Known> {
    match (low, high) {
        (Some(a), Some(b)) => Some(if a.ln - target < target - b.ln { a } else { b }),
        (one, other) => one.or(other),
    }
}

/// The time as a cubic of the logarithm of the tail, right in value and slope at both ends (Hermite); NaN or outside where a slope is
/// none.
fn cubic(a: Known, b: Known, target: f64) -> f64 {
    let width = b.ln - a.ln;
    let x = (target - a.ln) / width;
    let (from, to) = (-width / a.fall, -width / b.fall);
    let y = 1.0 - x;
    y * y * (1.0 + 2.0 * x) * a.time + x * y * y * from + x * x * (1.0 + 2.0 * y) * b.time - x * x * y * to
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

    /// Weibull tails exp(-t^k), k from heavy to light, looked at where each quantile is expected, up to 15 % off: right to a thousandth with
    /// hardly more than those looks. Behind a jump the search takes over.
    #[test]
    fn quantiles_among_looks_are_right_to_a_thousandth() {
        let shares = [0.5_f64, 0.1, 0.05, 0.01];
        for k in [0.6, 1.0, 2.0] {
            for off in [0.85, 0.97, 1.0, 1.04, 1.15] {
                let mut looks = 0;
                let mut tail = |t: f64| {
                    looks += 1;
                    let value = (-t.powf(k)).exp();
                    (value, value * k * t.powf(k - 1.0))
                };
                let exact = |share: f64| (-share.ln()).powf(1.0 / k);
                let mut search = TailSearch::new();
                shares.iter().for_each(|share| search.look(off * exact(*share), &mut tail));
                for share in shares {
                    let got = search.quantile_among(share, 1.0, &mut tail) / exact(share);
                    assert!((got - 1.0).abs() < 2e-3, "{k} {off} {share}: {got}");
                }
                assert!(looks <= 8, "{k} {off}: {looks}");
            }
        }
        let jumps = |t: f64| (if t < 2.0 { 0.3 } else { 0.1 } * (1.0 - t / 100.0), 0.003);
        let mut search = TailSearch::new();
        [1.0, 3.0].into_iter().for_each(|t| search.look(t, jumps));
        let got = search.quantile_among(0.2, 1.0, jumps);
        assert!((got - 2.0).abs() < 2e-3, "{got}");
    }
}
