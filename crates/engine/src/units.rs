//! Units as types. A value that left its constructor is finite and inside its range, so no formula needs to ask again.
//!
//! Times are seconds and rates are per second everywhere inside the engine; milliseconds exist only in the scenario format.

use core::fmt;

/// Why a number is not a value of a unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OutOfRange {
    /// The unit's name.
    pub unit: &'static str,
    /// What was given.
    pub value: f64,
    /// What is allowed, in words.
    pub allowed: &'static str,
}

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not a {}: allowed is {}", self.value, self.unit, self.allowed)
    }
}

macro_rules! unit {
    ($(#[$doc:meta])* $name:ident, $allowed:literal, |$v:ident| $ok:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
        pub struct $name(f64);

        impl $name {
            /// Zero of this unit.
            pub const ZERO: Self = Self(0.0);

            /// Checks that the number is finite and in range.
            ///
            /// # Errors
            /// [`OutOfRange`] with the unit, the value and what is allowed.
            pub fn new($v: f64) -> Result<Self, OutOfRange> {
                if $v.is_finite() && $ok {
                    Ok(Self($v))
                } else {
                    Err(OutOfRange { unit: stringify!($name), value: $v, allowed: $allowed })
                }
            }

            /// The number in the unit's base (seconds, per second, …).
            #[must_use]
            pub const fn get(self) -> f64 {
                self.0
            }
        }
    };
}

unit!(
    /// A duration in seconds, zero or more.
    Seconds, "a finite number of seconds, 0 or more", |v| v >= 0.0
);
unit!(
    /// Events per second, zero or more.
    Rate, "a finite rate per second, 0 or more", |v| v >= 0.0
);
unit!(
    /// A share between 0 and 1, both included.
    Ratio, "a number from 0 to 1", |v| (0.0..=1.0).contains(&v)
);
unit!(
    /// An amount of money in the scenario's currency; credits are negative.
    Money, "a finite amount", |v| v.is_finite()
);
unit!(
    /// An amount of data in bytes, zero or more.
    Bytes, "a finite number of bytes, 0 or more", |v| v >= 0.0
);

impl Seconds {
    /// From milliseconds.
    ///
    /// # Errors
    /// [`OutOfRange`] when negative or not finite.
    pub fn from_ms(ms: f64) -> Result<Self, OutOfRange> {
        Self::new(ms / 1000.0)
    }

    /// In milliseconds.
    #[must_use]
    pub fn ms(self) -> f64 {
        self.0 * 1000.0
    }
}
