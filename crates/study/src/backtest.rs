//! Fit on the low levels, predict the high ones, report the error: the reason to believe a projection, or not to.

use crate::calibrate::{CalibrateInput, Note, ResidualRow, calibrate};
use crate::text::short;
use scenario::{Problem, Scenario};
use serde::{Deserialize, Serialize};

/// The outcome of a back-test.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Backtest {
    /// Levels used up to this total rate, requests per second.
    pub trained_up_to_rps: f64,
    /// Multiple of the highest level used.
    pub trained_up_to_multiple: f64,
    /// Prediction against measurement at every held-out level.
    pub rows: Vec<ResidualRow>,
    /// Largest absolute error of the mean and p95 figures, as a share; absent when the model calls a held-out level saturated.
    pub worst_error: Option<f64>,
    /// In one sentence.
    pub verdict: String,
    /// What a reader should know.
    pub notes: Vec<Note>,
    /// The scenario fitted on the low levels, which made the predictions.
    pub scenario: Option<Box<Scenario>>,
}

/// Back-tests: all levels above `holdout_above` requests per second (all classes) are held out; without it the highest level.
///
/// # Errors
/// All problems of the scenario; or that there are fewer than two levels to use and one to hold out.
pub fn backtest(input: &CalibrateInput, holdout_above: Option<f64>) -> Result<Backtest, Vec<Problem>> {
    let all = calibrate(input)?;
    let rates: Vec<f64> = all.levels.iter().map(|l| l.classes.values().map(|c| c.rate).sum()).collect();
    let limit = match holdout_above {
        Some(limit) => limit,
        None => rates.len().checked_sub(2).map_or(0.0, |last_used| rates[last_used] * (1.0 + 1e-9)),
    };
    let used = rates.iter().filter(|r| **r <= limit).count();
    if used < 1 || used == rates.len() {
        let listed: Vec<String> = rates.iter().map(|r| short(*r)).collect();
        let text = format!("the data hold levels at [{}] requests/s", listed.join(", "));
        let remedy =
            "a back-test needs at least one level to fit and a higher one to predict; three or more say much more";
        return Err(vec![Problem::new("data", text, remedy)]);
    }
    let trained = calibrate(&CalibrateInput { only_up_to_rps: Some(limit), ..*input })?;
    let top = trained.report.levels.iter().map(|l| l.multiple).fold(0.0, f64::max);
    let rows: Vec<ResidualRow> = trained.report.residuals.iter().filter(|r| r.held_out).cloned().collect();
    let judged = rows.iter().filter(|r| matches!(r.figure.as_str(), "mean" | "p95"));
    let worst_error = judged.map(|r| r.error.map(f64::abs)).try_fold(0.0, |worst, error| Some(f64::max(worst, error?)));
    let verdict = match worst_error {
        Some(worst) => format!(
            "Fitted on levels up to {top:.2}×, the model predicts the levels above within {:.0} %.",
            (100.0 * worst).ceil()
        ),
        None => format!(
            "Fitted on levels up to {top:.2}×, the model calls a level saturated that was measured steady: do not rely on it."
        ),
    };
    // Which files are one load, and which are left out, is no less needed to judge a prediction than to judge a fit.
    let about = |note: &&Note| matches!(note.code.as_str(), "runs-merged" | "duplicate-file");
    let mut notes: Vec<Note> = all.report.notes.iter().filter(about).cloned().collect();
    if used < 2 {
        notes.push(Note::new(
            "one-level",
            "",
            "only one level was left to fit: growth of latency with load was not seen in it",
        ));
    }
    Ok(Backtest {
        trained_up_to_rps: limit,
        trained_up_to_multiple: top,
        rows,
        worst_error,
        verdict,
        notes,
        scenario: Some(Box::new(trained.scenario)),
    })
}
