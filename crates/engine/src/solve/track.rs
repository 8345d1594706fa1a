//! A wait, or a share that passes, sought by bracketing when plain sweeps swing around it.
//!
//! Near saturation a wait grows so steeply that the flow it leaves through the limited callers overshoots: sweeps then jump between an
//! empty and a full queue. But the wait found after using a wait x falls as x grows, so the root is bracketed by any two of opposite
//! sign, and regula falsi (Illinois) on logarithms finds it. Brackets that other parts have moved away from are dropped.
//! Source: Dowell & Jarratt, BIT 11 (1971).

use crate::math;

/// Sweeps before the first step: systems that settle by themselves do it by then.
pub(super) const PATIENCE: u32 = 8;
/// A bracket this narrow, relatively, that does not hold the root is out of date.
const NARROW: f64 = 1.0e-13;

/// Shares below this are none: who gets through a part that others overload.
const NOTHING: f64 = 1.0e-12;
/// Steps on one side before they grow.
const CREEPING: u32 = 16;

/// How many times as long as the last miss a step is, after so many on one side.
fn stride(side: u32) -> f64 {
    if side < CREEPING { 1.0 } else { math::exp(f64::from((side - CREEPING).min(64)) * 0.17) }
}

/// What is known of a wait's root.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Track {
    /// ln of the wait used in the last sweep, once one was.
    used: Option<f64>,
    /// ln of a wait too short, and by how much.
    low: Option<(f64, f64)>,
    /// ln of a wait too long, and by how much (negative).
    high: Option<(f64, f64)>,
    /// Steps on the same side in a row: positive too short, negative too long.
    side: i32,
}

impl Track {
    /// The wait to use, given the one that followed from the last used; seconds above 0.
    pub fn next(&mut self, found: f64) -> f64 {
        let found = math::ln(found);
        let Some(used) = self.used else {
            self.used = Some(found);
            return math::exp(found);
        };
        let miss = found - used;
        if miss == 0.0 {
            return math::exp(used);
        }
        self.narrow(used, miss);
        let next = match (self.low, self.high) {
            (Some((low, above)), Some((high, below))) => {
                let width = high - low;
                if width <= NARROW * low.abs().max(1.0) {
                    // Others moved: only the side just seen is known.
                    (self.low, self.high) = if miss > 0.0 { (self.low, None) } else { (None, self.high) };
                    found
                } else if self.side.unsigned_abs() % 4 == 3 {
                    0.5 * (low + high)
                } else {
                    (low + width * above / (above - below)).max(low + 1.0e-6 * width).min(high - 1.0e-6 * width)
                }
            }
            // Creeping on one side, perhaps to nothing at all: longer and longer steps, until one is too long.
            _ => used + miss * stride(self.side.unsigned_abs()),
        };
        self.used = Some(next);
        math::exp(next)
    }

    /// The share to let pass, given the one that followed: at once at first, then sought.
    pub fn share(&mut self, found: f64, sweeps: u32) -> f64 {
        if sweeps < PATIENCE || found <= 0.0 { found } else { self.next(found).clamp(NOTHING, 1.0) }
    }

    /// Takes a look's result into the bracket; halves the weight of an end that stays (Illinois).
    fn narrow(&mut self, used: f64, miss: f64) {
        if miss > 0.0 {
            self.side = if self.side > 0 { self.side + 1 } else { 1 };
            self.low = Some((used, miss));
            if self.high.is_some_and(|(high, _)| high <= used) {
                self.high = None;
            }
            if self.side > 1 {
                self.high = self.high.map(|(high, below)| (high, 0.5 * below));
            }
        } else {
            self.side = if self.side < 0 { self.side - 1 } else { -1 };
            self.high = Some((used, miss));
            if self.low.is_some_and(|(low, _)| low >= used) {
                self.low = None;
            }
            if self.side < -1 {
                self.low = self.low.map(|(low, above)| (low, 0.5 * above));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steep_feedback_is_found() {
        // Flow 1 / (1 + x) over a server of one erlang at most: the wait it makes, 1 / (1 - flow) - 1 = 1 / x, whose root is 1; made steep.
        let mut track = Track::default();
        let (mut used, mut looks) = (0.3_f64, 0);
        loop {
            let found = 1.0 / (used * used * used * used * used * used);
            if (found / used - 1.0).abs() < 1.0e-9 {
                break;
            }
            used = track.next(found);
            looks += 1;
            assert!(looks < 60, "{used}");
        }
        assert!((used - 1.0).abs() < 1.0e-9);
    }
}
