//! One fitted quantity on its way from data to scenario.

use engine::fit::Estimate;
use engine::model::Distribution;

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// Mean own time in milliseconds of a component, for one class or all.
    ServiceMean(String, Option<String>),
    /// Coefficient of variation of the own time, for one class or all.
    ServiceVariation(String, Option<String>),
    /// Hit ratio of a cache or CDN, for one class or all.
    HitRatio(String, Option<String>),
    /// Failed share of a component's visits.
    FailureRatio(String),
    /// Network time in milliseconds of every call that a component makes over a pool.
    PoolNetwork(String, String),
    /// Network time in milliseconds of every call from one component to another that is waited for.
    CallNetwork(String, String),
    /// Connections of a pool.
    PoolSize(String, String),
    /// Any quantity that stands in the scenario already, by its address.
    Address(String),
}

impl Target {
    /// The one class it is of, where it is of one.
    #[must_use]
    pub fn class(&self) -> Option<&str> {
        match self {
            Self::ServiceMean(_, class) | Self::ServiceVariation(_, class) | Self::HitRatio(_, class) => {
                class.as_deref()
            }
            _ => None,
        }
    }
}

/// A fitted quantity.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What it is.
    pub target: Target,
    /// Its value and error in the scenario's unit.
    pub estimate: Estimate,
    /// Family of the own time's distribution, where the shape was fitted too.
    pub shape: Option<Distribution>,
    /// Visits that it was counted over; 0 for what is not a figure of visits.
    pub counted: f64,
    /// Read off (true) or the result of a fit (false).
    pub measured: bool,
    /// Imports behind it.
    pub from: Vec<String>,
    /// How it was found, in words.
    pub how: String,
}

impl Finding {
    /// Whether it is a share, which stays below 1.
    #[must_use]
    pub fn is_share(&self) -> bool {
        matches!(self.target, Target::HitRatio(..) | Target::FailureRatio(..))
    }

    /// A draw at a cumulative probability of its error: log-scale for times, logit for shares, so that no draw is impossible.
    #[must_use]
    pub fn draw(&self, probability: f64) -> f64 {
        let Estimate { value, standard_error, degrees_of_freedom } = self.estimate;
        if standard_error <= 0.0 || value <= 0.0 {
            return value;
        }
        let t = engine::fit::estimate::student_t(probability, degrees_of_freedom);
        if self.is_share() && value < 1.0 {
            let logit = engine::math::ln(value / (1.0 - value)) + t * standard_error / (value * (1.0 - value));
            return 1.0 / (1.0 + engine::math::exp(-logit));
        }
        value * engine::math::exp((t * standard_error / value).clamp(-5.0, 5.0))
    }
}
