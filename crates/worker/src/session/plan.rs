//! A plan on its way, one piece per slice: a search among changes is the longest thing the page waits for.

use super::no_study;
use crate::protocol::{
    PlanChange, PlanChoice, PlanDesign, PlanOption, PlanPoint, PlanStep, PlanView, Purse, Response, Study,
};
use scenario::edit::Edit;
use scenario::{Problem, Scenario};
use study::plan::{Change, Choice, Design, FrontPoint, PlanJob, SingleChange, Step};
use study::result::ResultDoc;

/// A plan in progress.
pub(super) struct Planning {
    scenario: Scenario,
    job: PlanJob,
    view: PlanView,
}

impl Planning {
    /// Checks the document; without multiples the scenario's own are planned.
    pub fn new(asked: u32, generation: u64, document: &str, multiples: &[f64]) -> Result<Self, Vec<Problem>> {
        let scenario = scenario::parse(document)?.scenario;
        let job = PlanJob::new(&scenario, multiples)?;
        Ok(Self { scenario, job, view: PlanView { asked, generation, ..PlanView::default() } })
    }

    /// Whether nothing is left to do.
    pub fn is_done(&self) -> bool {
        self.view.done
    }

    /// The next piece, and what is known after it.
    pub fn step(&mut self) -> Response {
        match self.piece() {
            Ok(()) => Response::Planned(Box::new(self.view.clone())),
            Err(problems) => {
                self.view.done = true;
                no_study(Study::Plan, self.view.asked, &problems)
            }
        }
    }

    fn piece(&mut self) -> Result<(), Vec<Problem>> {
        let more = self.job.step()?;
        let plan = self.job.result();
        self.view.options = plan.options.iter().map(option).collect();
        self.view.savings = plan.savings.iter().map(option).collect();
        self.view.designs = plan.designs.iter().map(design).collect();
        self.view.choices = plan.choices.iter().map(choice).collect();
        self.view.front = plan.front.iter().map(point).collect();
        self.view.rejected = plan.rejected.iter().map(|r| (r.what.clone(), r.why.clone())).collect();
        self.view.warnings = plan.warnings.iter().map(|warning| warning.text.clone()).collect();
        self.view.priced = plan.priced;
        self.view.method.clone_from(&plan.method);
        let new: Vec<Step> = plan.steps.iter().skip(self.view.steps.len()).cloned().collect();
        for step in &new {
            let effect = self.effect(step)?;
            self.view.steps.push(effect);
        }
        // The budget is known after the last step, and may speak against an earlier one.
        for (shown, step) in self.view.steps.iter_mut().zip(&self.job.result().steps) {
            (shown.feasible, shown.monthly) = (step.feasible, step.monthly);
        }
        (self.view.share, self.view.done) = (self.job.progress(), !more);
        Ok(())
    }

    /// What a step does to latency and headroom, by solving the scenario with and without it.
    fn effect(&self, step: &Step) -> Result<PlanStep, Vec<Problem>> {
        let before = study::solve(&self.scenario, &[step.multiple])?;
        let after = match &step.edit {
            Some(edit) => {
                let changed = study::plan::apply(&self.scenario, std::slice::from_ref(edit))?;
                study::solve(&changed, &[step.multiple])?
            }
            None => before.clone(),
        };
        let classes = self.scenario.traffic.iter().map(|class| class.id.clone());
        let latency = classes.map(|id| {
            let (old, new) = (p95(&before, &id), p95(&after, &id));
            (id, old, new)
        });
        Ok(PlanStep {
            multiple: step.multiple,
            feasible: step.feasible,
            complete: step.complete,
            changes: step.changes.iter().map(change).collect(),
            designs: step.designs.clone(),
            edit: edit(step.edit.as_ref()),
            monthly: step.monthly,
            monthly_as_it_stands: step.monthly_as_it_stands,
            headroom: after.headroom.as_ref().and_then(|headroom| headroom.multiple),
            latency: latency.collect(),
        })
    }
}

fn p95(doc: &ResultDoc, class: &str) -> Option<f64> {
    doc.points.first()?.classes.get(class)?.latency_ms.as_ref()?.get("p95").copied()
}

fn change(change: &Change) -> PlanChange {
    PlanChange { path: change.path.clone(), from: change.from, to: change.to }
}

/// An edit as text, for the page to hand back; empty for none.
fn edit(edit: Option<&Edit>) -> String {
    edit.and_then(|edit| serde_json::to_string(edit).ok()).unwrap_or_default()
}

fn purse(purse: study::plan::Purse) -> Purse {
    match purse {
        study::plan::Purse::Holds => Purse::Holds,
        study::plan::Purse::OverLater => Purse::OverLater,
        study::plan::Purse::Over => Purse::Over,
    }
}

fn option(option: &SingleChange) -> PlanOption {
    PlanOption {
        change: change(&option.change),
        edit: edit(option.change.edit.as_ref()),
        after: option.after.clone(),
        headroom: option.headroom,
        budget: option.budget.map(purse),
        added_monthly: option.added_monthly,
    }
}

fn design(design: &Design) -> PlanDesign {
    PlanDesign {
        what: design.what.clone(),
        caution: design.caution.clone(),
        edit: edit(design.edit.as_ref()),
        headroom: design.headroom,
        budget: design.budget.map(purse),
        added_monthly: design.added_monthly,
        latency: design.p95_ms.iter().map(|(class, [before, after])| (class.clone(), *before, *after)).collect(),
    }
}

fn choice(choice: &Choice) -> PlanChoice {
    PlanChoice {
        multiple: choice.multiple,
        changes: choice.changes.iter().map(change).collect(),
        monthly: choice.monthly,
        probability: choice.probability,
        regret: choice.mean_regret,
        worst_regret: choice.worst_regret,
    }
}

fn point(point: &FrontPoint) -> PlanPoint {
    PlanPoint {
        multiple: point.multiple,
        class: point.traffic.clone(),
        percentile: point.percentile,
        latency_ms: point.latency_ms,
        monthly: point.monthly,
        changes: point.changes.iter().map(change).collect(),
    }
}

/// The document with an edit that a plan gave.
pub(super) fn changed(document: &str, edit: &str, what: String) -> Result<Response, Vec<Problem>> {
    let scenario = scenario::parse(document)?.scenario;
    let unread = |error: serde_json::Error| vec![Problem::new("edit", error.to_string(), "plan again")];
    let edit: Edit = serde_json::from_str(edit).map_err(unread)?;
    let changed = study::plan::apply(&scenario, std::slice::from_ref(&edit))?;
    Ok(Response::Changed { document: changed.to_json(), what })
}
