//! Problems, files, fits and examples as the page shows them.

use serde::{Deserialize, Serialize};

/// A problem with its place and its remedy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Trouble {
    /// Path in the document, or the file's name; empty for the whole.
    pub path: String,
    /// What is wrong.
    pub text: String,
    /// What to do.
    pub remedy: String,
}

/// Where an opened document came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// A file or pasted text.
    File,
    /// A link.
    Link,
    /// The gallery.
    Example,
}

/// The outcome of a drop of files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Imported {
    /// Its number, as it was asked for.
    pub asked: u32,
    /// Each file, in the order given.
    pub files: Vec<FileReport>,
    /// The scenario to show now, fitted where measurements allow it; absent when the drop changes nothing.
    pub document: Option<String>,
    /// Whether `document` is a new one rather than the open one with better figures.
    pub fresh: bool,
    /// Whether the open scenario has problems, so that nothing could be fitted to it: a document is drawn from these files alone.
    pub open_is_refused: bool,
    /// What the fit found.
    pub fit: Option<FitReport>,
    /// Problems of files and of the fit.
    pub problems: Vec<Trouble>,
}

/// Code of the warning that a file counts in the place of an earlier one of the same name.
pub const REPLACES: &str = "replaces";

/// What a file was taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub enum FileRole {
    /// Measurements.
    Measurements,
    /// A scenario.
    Scenario,
    /// A map of names.
    Map,
    /// It holds none of these.
    #[default]
    Nothing,
    /// It was to hold something and cannot be read.
    Broken,
}

/// One file as the data page shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct FileReport {
    /// Name.
    pub file: String,
    /// Kind, such as `locust-stats`; empty when none.
    pub kind: String,
    /// What it was taken for.
    pub role: FileRole,
    /// Recovered figures in people's words (`4,021 requests`, `3 levels`, …).
    pub found: Vec<String>,
    /// Warnings: code and text.
    pub warnings: Vec<(String, String)>,
    /// What the file does not say by itself.
    pub question: Option<QuestionView>,
}

/// A question about a file, answered by reading it again with the options of a choice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct QuestionView {
    /// The question in one sentence.
    pub text: String,
    /// Possible answers, likeliest first: words, and the options as JSON.
    pub choices: Vec<(String, String)>,
    /// Column names of a table of unknown meaning.
    pub columns: Vec<String>,
    /// Its first rows.
    pub preview: Vec<Vec<String>>,
}

/// What a calibration found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct FitReport {
    /// Fitted quantities.
    pub quantities: Vec<FittedQuantity>,
    /// Measured against modelled.
    pub residuals: Vec<Residual>,
    /// How names were understood.
    pub mapping: Vec<Mapping>,
    /// Names that matched nothing.
    pub unmatched: Vec<String>,
    /// Those of them that are endpoints; the others are files.
    pub unmatched_endpoints: Vec<String>,
    /// Back-test: fit below, predict above.
    pub backtest: Option<Backtest>,
    /// Warnings: code and text.
    pub warnings: Vec<(String, String)>,
}

/// One fitted quantity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct FittedQuantity {
    /// Path in the scenario.
    pub path: String,
    /// Value in the path's unit.
    pub value: f64,
    /// 5 % end.
    pub low: Option<f64>,
    /// 95 % end.
    pub high: Option<f64>,
    /// `measured` or `fitted`.
    pub source: String,
    /// The import it came from.
    pub from: String,
}

/// One measured figure against the model's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Residual {
    /// What it is, such as `browse p95 at ×2`.
    pub what: String,
    /// Measured.
    pub measured: f64,
    /// Modelled.
    pub modelled: f64,
}

/// One name and what it was taken for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Mapping {
    /// `endpoint`, `series` or `cost`.
    pub what: String,
    /// The name in the file.
    pub name: String,
    /// What it means in the scenario.
    pub means: String,
    /// Guessed rather than stated.
    pub guessed: bool,
}

/// How well low levels predicted high ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Backtest {
    /// Worst relative error; absent when the model calls a held-out level saturated.
    pub worst_error: Option<f64>,
    /// In one sentence.
    pub verdict: String,
    /// Highest multiple held out.
    pub held_out_multiple: f64,
    /// Each held-out figure.
    pub residuals: Vec<Residual>,
}

/// A ready scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Example {
    /// Identifier.
    pub id: String,
    /// What it shows, in a few words; those of one topic are meant to be compared.
    pub topic: String,
    /// Title.
    pub title: String,
    /// The lesson in a sentence.
    pub lesson: String,
    /// Number of components.
    pub components: usize,
}
