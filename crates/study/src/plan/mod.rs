//! The cheapest way through: which changes meet the objectives at each multiple, verified by solving the changed system.
//!
//! Numbers (replicas, pools, nodes, shards, machines, …) are searched by branch and bound ([`engine::plan::cheapest`]): the answer is
//! the cheapest set of numbers, or the best found with its largest distance from it. Changes of the design (a queue in front, another
//! balancer policy, one zone, a CDN, …) are tried one by one on top, each solved; where numbers alone cannot meet the objectives,
//! one or two of them join the step. Nothing is proposed that was not solved.

mod budget;
mod change;
mod contradiction;
mod design;
mod design_calls;
mod doubt;
mod front;
mod job;
mod machine;
mod option;
mod step;
mod text;
mod unreachable;

pub use change::{Change, apply};
pub use contradiction::contradictions;
pub use job::PlanJob;

use crate::result::Warning;
use scenario::edit::Edit;
use scenario::{Problem, Scenario};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Steps over growth.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Plan {
    /// One entry per multiple.
    pub steps: Vec<Step>,
    /// Single changes of a number for what limits today, by their effect; then, with `after` saying what was changed before,
    /// for what limits next.
    pub options: Vec<SingleChange>,
    /// What cannot help, and why.
    pub rejected: Vec<Rejected>,
    /// Changes of the design that help, by their effect.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub designs: Vec<Design>,
    /// Numbers that may be smaller today.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub savings: Vec<SingleChange>,
    /// The choice among plans under the scenario's uncertainty at one multiple, the least regret first; empty when nothing is
    /// uncertain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// Money against latency at one multiple: no point is both dearer and slower than another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub front: Vec<FrontPoint>,
    /// Whether anything has a price; without prices the plan changes as little as possible.
    #[serde(default)]
    pub priced: bool,
    /// What a reader must know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// How it was searched, in one sentence.
    #[serde(default)]
    pub method: String,
}

/// What to run with at a multiple.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Step {
    /// Growth multiple.
    pub multiple: f64,
    /// Whether the changes meet every objective, the budget included.
    pub feasible: bool,
    /// Changes against the scenario as it stands.
    pub changes: Vec<Change>,
    /// Money a month with the changes.
    pub monthly: f64,
    /// Money a month as the scenario stands.
    pub monthly_as_it_stands: f64,
    /// Whether the search ended with the cheapest it could reach (false: it ran out of its limit).
    pub complete: bool,
    /// In one sentence.
    pub text: String,
    /// Largest relative distance from the cheapest there is; 0 when it is proved to be it.
    #[serde(default)]
    pub gap: f64,
    /// The month in which growth reaches the multiple.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// Changes of the design in it, in words; numbers alone do not meet the objectives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub designs: Vec<String>,
    /// What each of them takes, gives up or assumes, in the same order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cautions: Vec<String>,
    /// All of it as one edit of the scenario; absent when nothing changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edit: Option<Edit>,
    /// Changes against the step before, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<String>,
    /// The scenario's budget, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
}

/// A month's budget against a step.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Budget {
    /// The limit.
    pub limit: f64,
    /// How much the cheapest plan is above it; 0 within.
    pub over: f64,
    /// The largest multiple at which the limit still pays for every other objective; absent when within, or when it does not at
    /// any multiple.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buys: Option<f64>,
}

/// A single change and what it alone would do.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SingleChange {
    /// The change.
    pub change: Change,
    /// Headroom with it, the budget left out; `null` when nothing breaks up to the last multiple.
    pub headroom: Option<f64>,
    /// What the budget says up to there; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Purse>,
    /// Money a month more at multiple 1.
    pub added_monthly: f64,
    /// What it relieves: `component resource`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub relieves: String,
    /// Changes made before it (addresses), where it is for the next limit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<String>,
}

/// What the budget says to a change, which its headroom leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purse {
    /// It pays for it as far as the headroom goes.
    Holds,
    /// It pays for it at multiple 1, and no more where the headroom ends.
    OverLater,
    /// It does not pay for it at multiple 1.
    Over,
}

/// A change of the design and what it would do.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Design {
    /// What, in words.
    pub what: String,
    /// What it takes or gives up: a judgement that no model makes.
    pub caution: String,
    /// The change as an edit of the scenario.
    pub edit: Option<Edit>,
    /// Headroom as the scenario stands; `null` when nothing breaks.
    pub headroom_before: Option<f64>,
    /// Headroom with it, the budget left out; `null` when nothing breaks up to the last multiple.
    pub headroom: Option<f64>,
    /// What the budget says up to there; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Purse>,
    /// Money a month more at multiple 1.
    pub added_monthly: f64,
    /// 95th percentile in milliseconds before and after at multiple 1, by class, where it moves by a hundredth or more.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub p95_ms: BTreeMap<String, [f64; 2]>,
    /// The cheapest month with it at the plan's last multiple.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned_monthly: Option<f64>,
}

/// A plan judged over the draws of what is uncertain.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Choice {
    /// Growth multiple.
    pub multiple: f64,
    /// Its changes.
    pub changes: Vec<Change>,
    /// Its month as the scenario is stated.
    pub monthly: f64,
    /// Share of the draws in which it meets the objectives.
    pub probability: f64,
    /// Mean regret: where it holds, what it costs more than that draw's own cheapest plan; where it does not, that plan's whole
    /// month.
    pub mean_regret: f64,
    /// The largest regret over the draws.
    pub worst_regret: f64,
}

/// One point of money against latency.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct FrontPoint {
    /// Growth multiple.
    pub multiple: f64,
    /// Class of the latency.
    pub traffic: String,
    /// Which percentile.
    pub percentile: f64,
    /// The latency reached, milliseconds.
    pub latency_ms: f64,
    /// Money a month.
    pub monthly: f64,
    /// The changes.
    pub changes: Vec<Change>,
}

/// A change that is no way out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Rejected {
    /// What.
    pub what: String,
    /// Why not.
    pub why: String,
}

/// Plans for the given multiples (empty: the scenario's own).
///
/// # Errors
/// All problems of the scenario, or what the closed form does not model, with paths.
pub fn plan(scenario: &Scenario, multiples: &[f64]) -> Result<Plan, Vec<Problem>> {
    let mut job = PlanJob::new(scenario, multiples)?;
    while job.step()? {}
    Ok(job.result().clone())
}

/// The cheapest month at single multiples, for the projection.
#[derive(Debug, Clone)]
pub struct Planner(job::Field);

impl Planner {
    /// Prepares; the multiples say how far its numbers may have to go.
    ///
    /// # Errors
    /// All problems of the scenario, or what the closed form does not model, with paths.
    pub fn new(scenario: &Scenario, multiples: &[f64]) -> Result<Self, Vec<Problem>> {
        job::Field::new(scenario, multiples).map(Self)
    }

    /// The cheapest month found that meets every objective but the budget; `None` when no numbers do.
    pub fn monthly(&mut self, multiple: f64) -> Option<f64> {
        let sized = step::sized(&mut self.0, multiple);
        sized.found.levels.is_some().then_some(sized.monthly)
    }
}

/// Only the steps at the given multiples: no options, designs, choices or front.
///
/// # Errors
/// All problems of the scenario, or what the closed form does not model, with paths.
pub fn steps(scenario: &Scenario, multiples: &[f64]) -> Result<Vec<Step>, Vec<Problem>> {
    let mut job = PlanJob::new(scenario, multiples)?;
    while job.stepping() && job.step()? {}
    Ok(job.result().steps.clone())
}
