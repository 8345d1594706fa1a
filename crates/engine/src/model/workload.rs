//! Traffic: classes, arrivals, profiles over time.

use super::StationId;

/// A class of requests that enters at one station.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    /// The scenario's id.
    pub id: String,
    /// Where its requests enter.
    pub entry: StationId,
    /// How they arrive at multiple 1.
    pub arrivals: Arrivals,
    /// Higher is served first where a station's [`super::Discipline`] looks at it.
    pub priority: u32,
    /// 1 follows the business, 0 stays: at multiple m the load is times `1 + growth (m - 1)`.
    pub growth: f64,
    /// How the load moves over time; the rate of [`Arrivals`] is its peak.
    pub profile: Option<Profile>,
    /// Active users behind this class, for cost per user.
    pub active_users: Option<f64>,
}

/// The arrival process of a class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Arrivals {
    /// Requests arrive whether or not earlier ones were answered; a renewal process.
    Open {
        /// Mean arrivals per second.
        rate: f64,
        /// Coefficient of variation of the gaps: 0 fixed spacing, 1 Poisson.
        cv: f64,
    },
    /// A population of users that wait for the answer, think, and ask again.
    Closed {
        /// Users in the loop (may be fractional between whole populations: interpolated).
        users: f64,
        /// Mean think time in seconds.
        think_time: f64,
    },
}

/// The load over time as factors of the peak.
#[derive(Debug, Clone, PartialEq)]
pub enum Profile {
    /// Evenly spaced factors of the peak over one period that repeats: 24 hours or 168.
    Periodic {
        /// Length of one step in seconds.
        step: f64,
        /// Factors of the peak, 0 or more.
        factors: Vec<f64>,
    },
    /// A single spike.
    Spike {
        /// Start in seconds.
        at: f64,
        /// Rise and fall time in seconds.
        ramp: f64,
        /// Time at the top in seconds.
        hold: f64,
        /// Load at the top as a factor of the base.
        factor: f64,
    },
    /// A recorded series: (seconds, factor of the peak), ascending in time, held until the next point.
    Recorded(Vec<(f64, f64)>),
}

impl Class {
    /// Factor on this class's load at a growth multiple; never negative.
    #[must_use]
    pub fn load_factor(&self, multiple: f64) -> f64 {
        (1.0 + self.growth * (multiple - 1.0)).max(0.0)
    }
}
