//! A number with its interval and its origin.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Where a number comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

#[derive(Serialize, Deserialize)]
struct Full {
    value: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    low: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    high: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<Source>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Form {
    Bare(f64),
    Full(Full),
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(match Form::deserialize(d)? {
            Form::Bare(value) => Self::bare(value),
            Form::Full(Full { value, low, high, source, from }) => Self { value, low, high, source, from },
        })
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if self.low.is_none() && self.high.is_none() && self.source.is_none() && self.from.is_none() {
            return s.serialize_f64(self.value);
        }
        Full { value: self.value, low: self.low, high: self.high, source: self.source, from: self.from.clone() }
            .serialize(s)
    }
}
