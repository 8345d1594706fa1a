//! A number with its interval and its origin.

use crate::record::{Fault, Fields, Part, Tree, through_tree, words};
use serde_json::Value;

/// Where a number comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Read off a measurement.
    Measured,
    /// Fitted to measurements.
    Fitted,
    /// Stated by the author.
    Assumed,
    /// Nobody said; the format's default.
    Default,
}

words!(Source { Measured = "measured", Fitted = "fitted", Assumed = "assumed", Default = "default" });

/// A number that describes the system. Bare in JSON when it is assumed and exact.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// The value in the key's unit.
    pub value: f64,
    /// 5 % end of its interval.
    pub low: Option<f64>,
    /// 95 % end of its interval.
    pub high: Option<f64>,
    /// Origin; `None` is a bare number, which counts as assumed.
    pub source: Option<Source>,
    /// Import it came from.
    pub from: Option<String>,
}

impl Quantity {
    /// A bare number.
    #[must_use]
    pub const fn bare(value: f64) -> Self {
        Self { value, low: None, high: None, source: None, from: None }
    }
}

impl From<f64> for Quantity {
    fn from(value: f64) -> Self {
        Self::bare(value)
    }
}

impl Part for Quantity {
    fn read(value: &Value, fault: &mut Fault) -> Self {
        if !value.is_object() {
            return Self::bare(f64::read(value, fault));
        }
        let fields = Fields::of(value, fault);
        Self {
            value: fields.take("value", None, fault),
            low: fields.take("low", None, fault),
            high: fields.take("high", None, fault),
            source: fields.take("source", None, fault),
            from: fields.take("from", None, fault),
        }
    }

    fn tree(&self) -> Tree<'_> {
        if self.low.is_none() && self.high.is_none() && self.source.is_none() && self.from.is_none() {
            return Tree::Number(self.value);
        }
        let mut fields = Vec::new();
        self.value.put("value", None, &mut fields);
        self.low.put("low", None, &mut fields);
        self.high.put("high", None, &mut fields);
        self.source.put("source", None, &mut fields);
        self.from.put("from", None, &mut fields);
        Tree::Map(fields)
    }
}

through_tree!(Quantity);
