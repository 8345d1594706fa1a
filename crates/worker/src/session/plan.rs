//! A plan on its way, one piece per slice: a search among changes is the longest thing the page waits for.

use super::no_study;
use crate::protocol::{PlanChange, PlanOption, PlanStep, PlanView, Response, Study};
use scenario::{Problem, Scenario};
use study::plan::{Change, PlanJob, Step};
use study::result::ResultDoc;

/// A plan in progress.
pub(super) struct Planning {
    scenario: Scenario,
    job: PlanJob,
    view: PlanView,
}

impl Planning {
    /// Checks the document; without multiples the scenario's own are planned.
    pub fn new(generation: u64, document: &str, multiples: &[f64]) -> Result<Self, Vec<Problem>> {
        let scenario = scenario::parse(document)?.scenario;
        let job = PlanJob::new(&scenario, multiples)?;
        Ok(Self { scenario, job, view: PlanView { generation, ..PlanView::default() } })
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
                no_study(Study::Plan, &problems)
            }
        }
    }

    fn piece(&mut self) -> Result<(), Vec<Problem>> {
        let more = self.job.step()?;
        let plan = self.job.result();
        let options = plan.options.iter().map(|option| PlanOption {
            change: change(&option.change),
            headroom: option.headroom,
            added_monthly: option.added_monthly,
        });
        self.view.options = options.collect();
        self.view.rejected = plan.rejected.iter().map(|r| (r.what.clone(), r.why.clone())).collect();
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
    PlanChange { path: change.path.clone(), from: f64::from(change.from), to: f64::from(change.to) }
}
