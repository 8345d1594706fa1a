//! A plan on its way, one multiple per slice: a search among changes is the longest thing the page waits for.

use super::no_study;
use crate::protocol::{PlanChange, PlanOption, PlanStep, PlanView, Response, Study};
use scenario::{Problem, Scenario};
use serde_json::Value;
use study::plan::{Change, Step};
use study::result::ResultDoc;

/// A plan in progress.
pub(super) struct Planning {
    scenario: Scenario,
    todo: Vec<f64>,
    view: PlanView,
}

impl Planning {
    /// Checks the document; without multiples the scenario's own are planned.
    pub fn new(generation: u64, document: &str, multiples: &[f64]) -> Result<Self, Vec<Problem>> {
        let scenario = scenario::parse(document)?.scenario;
        let own = scenario.growth.iter().flat_map(|growth| growth.multiples.iter().copied());
        let mut todo: Vec<f64> = if multiples.is_empty() { own.collect() } else { multiples.to_vec() };
        if todo.is_empty() {
            todo = vec![1.0, 2.0, 5.0, 10.0];
        }
        todo.sort_by(f64::total_cmp);
        todo.dedup();
        todo.reverse();
        Ok(Self { scenario, todo, view: PlanView { generation, ..PlanView::default() } })
    }

    /// Whether nothing is left to do.
    pub fn is_done(&self) -> bool {
        self.view.done
    }

    /// The next multiple, and what is known after it.
    pub fn step(&mut self) -> Response {
        let Some(multiple) = self.todo.pop() else {
            self.view.done = true;
            return Response::Planned(Box::new(self.view.clone()));
        };
        match self.at(multiple) {
            Ok(()) => Response::Planned(Box::new(self.view.clone())),
            Err(problems) => {
                self.view.done = true;
                no_study(Study::Plan, &problems)
            }
        }
    }

    fn at(&mut self, multiple: f64) -> Result<(), Vec<Problem>> {
        let plan = study::plan(&self.scenario, &[multiple])?;
        let options = plan.options.iter().map(|option| PlanOption {
            change: change(&option.change),
            headroom: option.headroom,
            added_monthly: option.added_monthly,
        });
        self.view.options = options.collect();
        for rejected in plan.rejected {
            let pair = (rejected.what, rejected.why);
            if !self.view.rejected.contains(&pair) {
                self.view.rejected.push(pair);
            }
        }
        for step in &plan.steps {
            self.view.steps.push(self.effect(step)?);
        }
        let (done, left) = (self.view.steps.len(), self.todo.len());
        self.view.share = done as f64 / (done + left).max(1) as f64;
        self.view.done = left == 0;
        Ok(())
    }

    /// What a step does to latency and headroom, by solving the scenario with and without it.
    fn effect(&self, step: &Step) -> Result<PlanStep, Vec<Problem>> {
        let before = study::solve(&self.scenario, &[step.multiple])?;
        let with = if step.changes.is_empty() { None } else { with(&self.scenario, &step.changes) };
        let after = match &with {
            Some(changed) => study::solve(changed, &[step.multiple])?,
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

/// A scenario with its numbers changed, through its own form: a number that was left to its default has no place to write to.
fn with(scenario: &Scenario, changes: &[Change]) -> Option<Scenario> {
    let mut root = serde_json::to_value(scenario).ok()?;
    for change in changes {
        let mut steps = change.path.split('.').skip(1);
        let id = steps.next()?;
        let components = root.get_mut("components")?.as_array_mut()?;
        let mut place =
            components.iter_mut().find(|component| component.get("id").and_then(Value::as_str) == Some(id))?;
        let steps: Vec<&str> = steps.collect();
        let (last, way) = steps.split_last()?;
        for step in way {
            place = place.get_mut(*step)?;
        }
        place.as_object_mut()?.insert((*last).to_owned(), Value::from(change.to));
    }
    scenario::parse_value(root).ok().map(|parsed| parsed.scenario)
}
