//! Traffic classes.

use super::Quantity;
use crate::record::{Fault, Fields, Part, Tree, only_key, record, through_tree};
use serde_json::Value;

/// A traffic class.
#[derive(Debug, Clone, PartialEq)]
pub struct Traffic {
    /// Identifier.
    pub id: String,
    /// Shown instead of the id.
    pub label: Option<String>,
    /// Component where requests enter.
    pub entry: String,
    /// How they arrive.
    pub arrivals: Arrivals,
    /// Higher is served first, default 0.
    pub priority: Option<u32>,
    /// 1 follows the business, 0 stays.
    pub growth: Option<Quantity>,
    /// Load over time.
    pub profile: Option<Profile>,
    /// Active users, for cost per user.
    pub active_users: Option<Quantity>,
}

record!(Traffic { id, label, entry, arrivals, priority, growth, profile, active_users });

/// Arrivals: exactly one of `open` and `closed`.
#[derive(Debug, Clone, PartialEq)]
pub enum Arrivals {
    /// By rate.
    Open {
        /// Requests per second at the peak.
        rate: Quantity,
        /// Variation of the gaps, default 1 (Poisson).
        cv: Option<Quantity>,
    },
    /// By users.
    Closed {
        /// Users in the loop.
        users: Quantity,
        /// Mean think time.
        think_time_s: Quantity,
    },
}

impl Part for Arrivals {
    fn read(value: &Value, fault: &mut Fault) -> Self {
        match only_key(value, fault) {
            ("closed", inner) => {
                let fields = Fields::of(inner, fault);
                let users = fields.take("users", None, fault);
                Self::Closed { users, think_time_s: fields.take("think_time_s", None, fault) }
            }
            (key, inner) => {
                if key != "open" {
                    fault.expected("`open` or `closed`");
                }
                let fields = Fields::of(inner, fault);
                let rate = fields.take("rate", None, fault);
                Self::Open { rate, cv: fields.take("cv", None, fault) }
            }
        }
    }

    fn tree(&self) -> Tree<'_> {
        let mut fields = Vec::new();
        let key = match self {
            Self::Open { rate, cv } => {
                rate.put("rate", None, &mut fields);
                cv.put("cv", None, &mut fields);
                "open"
            }
            Self::Closed { users, think_time_s } => {
                users.put("users", None, &mut fields);
                think_time_s.put("think_time_s", None, &mut fields);
                "closed"
            }
        };
        Tree::Map(vec![(key, Tree::Map(fields))])
    }
}

through_tree!(Arrivals);

/// Load over time.
#[derive(Debug, Clone, PartialEq)]
pub enum Profile {
    /// 24 or 168 hourly factors of the peak.
    Factors(Vec<f64>),
    /// A spike or a recorded series.
    Shape(ProfileShape),
}

impl Part for Profile {
    fn read(value: &Value, fault: &mut Fault) -> Self {
        if value.is_array() {
            Self::Factors(Vec::read(value, fault))
        } else {
            Self::Shape(ProfileShape::read(value, fault))
        }
    }

    fn tree(&self) -> Tree<'_> {
        match self {
            Self::Factors(factors) => factors.tree(),
            Self::Shape(shape) => shape.tree(),
        }
    }
}

through_tree!(Profile);

/// A spike or a recorded series.
#[derive(Debug, Clone, PartialEq)]
pub enum ProfileShape {
    /// A single spike.
    Spike {
        /// Start.
        at_s: f64,
        /// Rise and fall time.
        ramp_s: f64,
        /// Time at the top.
        hold_s: f64,
        /// Load at the top as a factor.
        factor: f64,
    },
    /// (seconds, factor of the peak).
    Recorded(Vec<(f64, f64)>),
}

impl Part for ProfileShape {
    fn read(value: &Value, fault: &mut Fault) -> Self {
        match only_key(value, fault) {
            ("recorded", inner) => Self::Recorded(Vec::read(inner, fault)),
            (key, inner) => {
                if key != "spike" {
                    fault.expected("`spike` or `recorded`");
                }
                let fields = Fields::of(inner, fault);
                let mut take = |key| fields.take(key, None, fault);
                Self::Spike {
                    at_s: take("at_s"),
                    ramp_s: take("ramp_s"),
                    hold_s: take("hold_s"),
                    factor: take("factor"),
                }
            }
        }
    }

    fn tree(&self) -> Tree<'_> {
        match self {
            Self::Spike { at_s, ramp_s, hold_s, factor } => {
                let mut fields = Vec::new();
                for (key, value) in [("at_s", at_s), ("ramp_s", ramp_s), ("hold_s", hold_s), ("factor", factor)] {
                    value.put(key, None, &mut fields);
                }
                Tree::Map(vec![("spike", Tree::Map(fields))])
            }
            Self::Recorded(points) => Tree::Map(vec![("recorded", points.tree())]),
        }
    }
}

through_tree!(ProfileShape);
