//! How a simulation is to be played, as it is typed.

use super::form::numbers;

/// What may stand in a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Allowed {
    /// The least and the largest.
    pub range: (f64, f64),
    /// Whether only whole numbers.
    pub whole: bool,
}

/// Simulated seconds.
pub const SECONDS: Allowed = Allowed { range: (1.0, 1.0e9), whole: false };
/// Independent replications.
pub const REPLICATIONS: Allowed = Allowed { range: (1.0, 100_000.0), whole: true };
/// Seed of every random choice: what a number of JavaScript can hold to the last digit.
pub const SEED: Allowed = Allowed { range: (0.0, 9_007_199_254_740_991.0), whole: true };

impl Allowed {
    /// What was typed; `None` where it is no number or not one of these.
    pub fn read(&self, typed: &str) -> Option<f64> {
        let (least, most) = self.range;
        let value = numbers::value(typed).ok()?;
        (value >= least && value <= most && (!self.whole || value.fract() == 0.0)).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_such_number_is_not_read() {
        for (allowed, typed, wanted) in [
            (SECONDS, "600", Some(600.0)),
            (SECONDS, "2.5", Some(2.5)),
            (SECONDS, "0.5", None),
            (SECONDS, "1e10", None),
            (SECONDS, "ten", None),
            (SECONDS, "", None),
            (REPLICATIONS, "5", Some(5.0)),
            (REPLICATIONS, "2.5", None),
            (REPLICATIONS, "0", None),
            (SEED, "0", Some(0.0)),
            (SEED, "1.5", None),
            (SEED, "-1", None),
            (SEED, "9007199254740993", None),
        ] {
            assert_eq!(allowed.read(typed), wanted, "{typed} of {allowed:?}");
        }
    }
}
