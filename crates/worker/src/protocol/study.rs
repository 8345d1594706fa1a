//! Plan, sensitivity and comparison as the page shows them.

use super::HeadroomView;
use serde::{Deserialize, Serialize};

/// A kind of study.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Study {
    /// The cheapest way through.
    Plan,
    /// What moves the headline.
    Sensitivity,
    /// Scenarios side by side.
    Compare,
    /// Each component lost once.
    Losses,
}

/// A scenario to compare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Compared {
    /// As JSON.
    Text(String),
    /// A ready one, by its id.
    Example(String),
}

/// The cheapest way through, as far as it is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct PlanView {
    /// Number of the study, as it was asked for.
    pub asked: u32,
    /// Generation of the document.
    pub generation: u64,
    /// Share of the multiples planned, 0 to 1.
    pub share: f64,
    /// Whether it is over.
    pub done: bool,
    /// One entry per multiple, ascending.
    pub steps: Vec<PlanStep>,
    /// Single changes and what each alone would do, best first; then those for what limits after them.
    pub options: Vec<PlanOption>,
    /// Changes of the design that help, best first.
    pub designs: Vec<PlanDesign>,
    /// Numbers that may be smaller today.
    pub savings: Vec<PlanOption>,
    /// Plans under what is uncertain, the least regret first.
    pub choices: Vec<PlanChoice>,
    /// Money against latency: no point is both dearer and slower than another.
    pub front: Vec<PlanPoint>,
    /// Whether anything has a price; else no amount says anything.
    pub priced: bool,
    /// What a reader must know, in sentences.
    pub warnings: Vec<String>,
    /// How it was searched, in one sentence.
    pub method: String,
    /// What cannot help, and why.
    pub rejected: Vec<(String, String)>,
}

/// What to run with at a multiple.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct PlanStep {
    /// Growth multiple.
    pub multiple: f64,
    /// Whether the changes meet every objective.
    pub feasible: bool,
    /// Whether the search ended with the cheapest it could reach.
    pub complete: bool,
    /// Changes against the scenario as it stands.
    pub changes: Vec<PlanChange>,
    /// Changes of the design among them, in words.
    pub designs: Vec<String>,
    /// All of it as one edit, for [`Request::Change`](super::Request::Change); empty when nothing changes.
    pub edit: String,
    /// Money a month with the changes.
    pub monthly: f64,
    /// Money a month as the scenario stands.
    pub monthly_as_it_stands: f64,
    /// Headroom with the changes; none when nothing breaks any more.
    pub headroom: Option<f64>,
    /// 95th percentile by class in milliseconds: as it stands and with the changes; none where it is overloaded.
    pub latency: Vec<(String, Option<f64>, Option<f64>)>,
}

/// One number that changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct PlanChange {
    /// Address by id, such as `components.api.replicas`.
    pub path: String,
    /// Now.
    pub from: f64,
    /// Then.
    pub to: f64,
}

/// A single change and what it alone would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct PlanOption {
    /// The change.
    pub change: PlanChange,
    /// It as an edit, with what goes along with it.
    pub edit: String,
    /// What was changed before it, in words, where it is for the next limit.
    pub after: Vec<String>,
    /// Headroom with it, the budget left out; none when nothing breaks any more.
    pub headroom: Option<f64>,
    /// What the budget says up to there; none without one.
    pub budget: Option<Purse>,
    /// Money a month more at multiple 1.
    pub added_monthly: f64,
}

/// What the budget says to a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purse {
    /// It pays for it as far as the headroom goes.
    Holds,
    /// It pays for it today, and no more where the headroom ends.
    OverLater,
    /// It does not pay for it today.
    Over,
}

/// A change of the design and what it would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct PlanDesign {
    /// What, in words.
    pub what: String,
    /// What it takes or gives up.
    pub caution: String,
    /// It as an edit.
    pub edit: String,
    /// Headroom with it, the budget left out; none when nothing breaks any more.
    pub headroom: Option<f64>,
    /// What the budget says up to there; none without one.
    pub budget: Option<Purse>,
    /// Money a month more at multiple 1.
    pub added_monthly: f64,
    /// Class, 95th percentile in milliseconds before and after at multiple 1, where it moves.
    pub latency: Vec<(String, f64, f64)>,
}

/// A plan judged over the draws of what is uncertain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct PlanChoice {
    /// Growth multiple.
    pub multiple: f64,
    /// Its changes.
    pub changes: Vec<PlanChange>,
    /// Money a month.
    pub monthly: f64,
    /// Share of the draws in which it meets the objectives.
    pub probability: f64,
    /// Mean regret, money a month.
    pub regret: f64,
    /// The largest regret, money a month.
    pub worst_regret: f64,
}

/// Money against latency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct PlanPoint {
    /// Growth multiple.
    pub multiple: f64,
    /// Class of the latency.
    pub class: String,
    /// Which percentile.
    pub percentile: f64,
    /// Milliseconds.
    pub latency_ms: f64,
    /// Money a month.
    pub monthly: f64,
    /// Its changes.
    pub changes: Vec<PlanChange>,
}

/// What moves the headline, most first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct SensitivityView {
    /// Number of the study, as it was asked for.
    pub asked: u32,
    /// Generation of the document.
    pub generation: u64,
    /// `headroom`, or `utilization` where nothing breaks.
    pub of: String,
    /// Its value as the scenario stands.
    pub value: f64,
    /// What `value` is where it is not the figure itself.
    pub value_bound: Bound,
    /// Quantities.
    pub rows: Vec<SensitivityRow>,
    /// What to measure next: address (empty for a load level), what, and by which share it would narrow the band.
    pub next: Vec<(String, String, f64)>,
}

/// What a figure is: itself, or an end of the multiples that were looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub enum Bound {
    /// The figure itself.
    #[default]
    Exact,
    /// It is more: nothing breaks up to there.
    More,
    /// It is that or less: it breaks there already.
    Less,
}

/// What one quantity moves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct SensitivityRow {
    /// Address by id.
    pub path: String,
    /// Its low end.
    pub low: f64,
    /// Its high end.
    pub high: f64,
    /// Whether the ends are a tenth either side of a number that nobody measured.
    pub assumed: bool,
    /// The figure at the low end.
    pub at_low: f64,
    /// The figure at the high end.
    pub at_high: f64,
    /// What `at_low` is where it is not the figure itself.
    pub low_bound: Bound,
    /// What `at_high` is where it is not the figure itself.
    pub high_bound: Bound,
    /// Share of the figure's whole doubt.
    pub share: f64,
}

/// Scenarios side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct ComparisonView {
    /// Number of the study, as it was asked for.
    pub asked: u32,
    /// Names, in the order given.
    pub names: Vec<String>,
    /// Currencies.
    pub currencies: Vec<String>,
    /// How far each can grow.
    pub headrooms: Vec<HeadroomView>,
    /// Of each what its names stand for, as a scenario in JSON: components with their calls, classes, objectives, currency.
    pub outlines: Vec<String>,
    /// Quantities that differ: address, and the value in each.
    pub inputs: Vec<(String, Vec<Option<f64>>)>,
    /// Of each what else is not as in the first, in words.
    pub others: Vec<Vec<String>>,
    /// Figures that differ, the largest relative difference first.
    pub figures: Vec<(String, Vec<Option<f64>>)>,
    /// Growth multiples of the lines.
    pub multiples: Vec<f64>,
    /// Money a month over those multiples, one line per scenario.
    pub monthly: Vec<Vec<Option<f64>>>,
    /// 95th percentile over those multiples by class in milliseconds, one line per scenario; empty where it has no
    /// such class.
    pub p95: Vec<(String, Vec<Vec<Option<f64>>>)>,
    /// Whether all lines are there.
    pub done: bool,
}
