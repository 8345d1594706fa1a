//! Ranges and units of numbers.

use std::fmt;

/// What a number may be. Upper ends are far beyond any system, and keep sums and squares of valid numbers finite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// The least.
    pub min: f64,
    /// Whether [`Range::min`] itself is allowed.
    pub min_allowed: bool,
    /// The most.
    pub max: f64,
    /// Whether [`Range::max`] itself is allowed.
    pub max_allowed: bool,
}

impl Range {
    /// From 0 to 1.
    pub const RATIO: Self = Self::from_to(0.0, 1.0);
    /// A time of 0 or more, in any unit.
    pub const TIME: Self = Self::from_to(0.0, HUGE);
    /// A time of more than 0, in any unit.
    pub const POSITIVE: Self = Self { min: 0.0, min_allowed: false, max: HUGE, max_allowed: true };
    /// Seconds after which something happens again and again: each time is an event of the simulation.
    pub const TICK: Self = Self::from_to(0.001, HUGE);
    /// 0 or more per second.
    pub const RATE: Self = Self::from_to(0.0, HUGE);
    /// A count of 1 or more.
    pub const ONE_OR_MORE: Self = Self::from_to(1.0, 1e9);
    /// A count of 0 or more.
    pub const ZERO_OR_MORE: Self = Self::from_to(0.0, 1e9);
    /// Machines: each is a queue of its own in the simulator, so there is an end.
    pub const MACHINES: Self = Self::from_to(1.0, 100_000.0);
    /// Keys, items, clients: counted, not simulated one by one.
    pub const POPULATION: Self = Self::from_to(1.0, 1e12);
    /// Money, 0 or more.
    pub const MONEY: Self = Self::from_to(0.0, 1e12);
    /// Percentile: 95, not 0.95, whose seconds would be those of the fastest in a hundred.
    pub const PERCENTILE: Self = Self { min: 1.0, min_allowed: true, max: 100.0, max_allowed: false };
    /// Coefficient of variation.
    pub const VARIATION: Self = Self::from_to(0.0, 100.0);
    /// Anything finite.
    pub const ANY: Self = Self::from_to(-HUGE, HUGE);

    /// Both ends allowed.
    #[must_use]
    pub const fn from_to(min: f64, max: f64) -> Self {
        Self { min, min_allowed: true, max, max_allowed: true }
    }

    /// Neither end allowed.
    #[must_use]
    pub const fn between(min: f64, max: f64) -> Self {
        Self { min, min_allowed: false, max, max_allowed: false }
    }

    /// More than the least, at most the most.
    #[must_use]
    pub const fn above(min: f64, max: f64) -> Self {
        Self { min, min_allowed: false, max, max_allowed: true }
    }

    /// Whether a number is allowed; never for NaN and infinity.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        let above = if self.min_allowed { value >= self.min } else { value > self.min };
        let below = if self.max_allowed { value <= self.max } else { value < self.max };
        above && below
    }

    /// Whether its upper end is only there to keep sums and squares finite, and is not written.
    #[must_use]
    pub fn is_open_ended(&self) -> bool {
        self.max >= HUGE
    }

    /// An allowed number near this one, for a document that must stay readable.
    #[must_use]
    pub fn nearest(&self, value: f64) -> f64 {
        if self.contains(value) {
            return value;
        }
        let middle = if self.min_allowed { self.min } else { self.min + (self.max - self.min).min(1.0) / 2.0 };
        if value > self.max && self.max_allowed { self.max } else { middle }
    }
}

/// Upper end of everything that is not counted.
const HUGE: f64 = 1e15;

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unbounded = |end: f64| end.abs() >= HUGE;
        match (unbounded(self.min), unbounded(self.max)) {
            (true, true) => write!(f, "a finite number"),
            (false, true) if self.min_allowed => write!(f, "{} or more", self.min),
            (false, true) => write!(f, "more than {}", self.min),
            _ => {
                let (from, to) = (["more than", "from"], ["less than", "at most"]);
                let low = from[usize::from(self.min_allowed)];
                match (self.min_allowed, self.max_allowed) {
                    (true, true) => write!(f, "{low} {} to {}", self.min, Plain(self.max)),
                    (_, allowed) => write!(f, "{low} {}, {} {}", self.min, to[usize::from(allowed)], Plain(self.max)),
                }
            }
        }
    }
}

/// Large round numbers as people read them.
struct Plain(f64);

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let billions = self.0 / 1e9;
        if billions >= 1.0 { write!(f, "{billions} billion") } else { write!(f, "{}", self.0) }
    }
}

/// Unit of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// None, or none that is written.
    None,
    /// Milliseconds.
    Milliseconds,
    /// Seconds.
    Seconds,
    /// Per second.
    PerSecond,
    /// A ratio from 0 to 1, shown in per cent.
    Ratio,
    /// Gigabytes.
    Gigabytes,
    /// Gigabytes a month.
    GigabytesPerMonth,
    /// Kilobytes of 1000 bytes.
    Kilobytes,
    /// Megabytes a second.
    MegabytesPerSecond,
    /// Megabits a second.
    MegabitsPerSecond,
    /// Money of the scenario's currency, per what follows (`an hour`, `a month`); empty for a plain amount.
    Money(&'static str),
}

impl Unit {
    /// Its short sign; money's is its "per what".
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Milliseconds => "ms",
            Self::Seconds => "s",
            Self::PerSecond => "/s",
            Self::Ratio => "ratio",
            Self::Gigabytes => "GB",
            Self::GigabytesPerMonth => "GB/month",
            Self::Kilobytes => "kB",
            Self::MegabytesPerSecond => "MB/s",
            Self::MegabitsPerSecond => "Mbit/s",
            Self::Money(per) => per,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_say_what_they_allow() {
        let rows = [
            (Range::RATIO, "from 0 to 1", 1.0, 1.5),
            (Range::TIME, "0 or more", 0.0, -0.1),
            (Range::POSITIVE, "more than 0", 1e-9, 0.0),
            (Range::ONE_OR_MORE, "from 1 to 1 billion", 1.0, 0.0),
            (Range::between(0.0, 100.0), "more than 0, less than 100", 99.9, 100.0),
            (Range::PERCENTILE, "from 1, less than 100", 99.9, 0.95),
            (Range::above(-1.0, 10.0), "more than -1, at most 10", 10.0, -1.0),
            (Range::ANY, "a finite number", -5.0, f64::INFINITY),
            (Range::RATE, "0 or more", 1e12, f64::NAN),
        ];
        for (range, words, good, bad) in rows {
            assert_eq!(range.to_string(), words);
            assert!(range.contains(good) && !range.contains(bad), "{words}");
            assert!(range.contains(range.nearest(bad)) && range.nearest(good) == good, "{words}");
        }
    }
}
