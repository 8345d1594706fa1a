//! What a calibration did: shown by the command, kept by the app, and the reason to believe the scenario it made.

pub use super::bill_split::BillSplit;
use scenario::v1::Map;
use serde::{Deserialize, Serialize};

/// The report of a calibration.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct FitReport {
    /// Steady levels that were used.
    pub levels: Vec<LevelRow>,
    /// Every quantity that was fitted.
    pub fitted: Vec<FittedRow>,
    /// Model against measurement at every level.
    pub residuals: Vec<ResidualRow>,
    /// Data that contradict each other or the scenario.
    pub contradictions: Vec<Note>,
    /// What no datum touches, and what to measure.
    pub missing: Vec<Note>,
    /// What a reader should know besides.
    pub notes: Vec<Note>,
    /// Mapping entries that were guessed, for people to confirm.
    pub guesses: Vec<String>,
    /// The map that was used, guesses included.
    pub map: Map,
    /// Files, or series of them, that matched nothing.
    pub unmatched: Vec<Note>,
    /// The bill against the model.
    pub bill: Vec<BillRow>,
    /// Currency of the bill's amounts; absent where neither the bill nor the scenario names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

/// A steady level of one class.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LevelRow {
    /// Import it came from.
    pub import: String,
    /// Traffic class.
    pub traffic: String,
    /// Growth multiple it stands at.
    pub multiple: f64,
    /// Requests per second.
    pub rps: f64,
    /// Requests behind it.
    pub requests: f64,
    /// Seconds.
    pub seconds: f64,
}

/// A fitted quantity.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct FittedRow {
    /// Its address, as in `fit.paths`.
    pub path: String,
    /// What stood there before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<f64>,
    /// The value in the key's unit.
    pub value: f64,
    /// 5 % end.
    pub low: f64,
    /// 95 % end.
    pub high: f64,
    /// `measured` or `fitted`.
    pub source: String,
    /// Imports it came from.
    pub from: String,
    /// How, in words.
    pub how: String,
}

/// Model against measurement.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ResidualRow {
    /// Traffic class.
    pub traffic: String,
    /// Growth multiple of the level.
    pub multiple: f64,
    /// `mean`, `p95`, …
    pub figure: String,
    /// Measured milliseconds.
    pub measured_ms: f64,
    /// The model's milliseconds; absent when it calls the level unstable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_ms: Option<f64>,
    /// Model over measurement minus one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<f64>,
    /// Whether the level was kept from the fit.
    #[serde(default)]
    pub held_out: bool,
}

/// One bill line or the rest.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct BillRow {
    /// Bill line.
    pub service: String,
    /// Components it pays for; empty for an unexplained line.
    pub components: Vec<String>,
    /// Money a month on the bill.
    pub billed_monthly: f64,
    /// Money a month in the model, at the measured multiple 1; of lines that share components each has its part of
    /// what these cost; absent for a credit and an unexplained line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modelled_monthly: Option<f64>,
    /// How it moves with the traffic, where several months tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<BillSplit>,
}

/// A remark with its place.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Note {
    /// Stable code in kebab case.
    pub code: String,
    /// File, path or component.
    pub place: String,
    /// What, and what to do.
    pub text: String,
}

impl Note {
    /// A remark.
    #[must_use]
    pub fn new(code: &str, place: impl Into<String>, text: impl Into<String>) -> Self {
        Self { code: code.into(), place: place.into(), text: text.into() }
    }
}
