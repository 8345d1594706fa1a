//! What is asked beside the figures: the plan, the sensitivity, scenarios side by side.

use super::app::{App, Tab};
use super::saved;
use crate::platform::{browser, storage};
use crate::text;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;
use std::sync::Arc;
use worker::protocol::{Compared, ComparisonView, PlanView, Request, Response, SensitivityView, Study, Trouble};

/// A scenario set beside the open one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// Key in the browser's store, or a ready scenario's id.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Whether it is a ready one.
    pub ready: bool,
}

/// Scenarios compared at most, the open one included.
pub const MOST_COMPARED: usize = 4;

/// The answers so far.
#[derive(Clone, Copy)]
pub struct Studies {
    pub plan: RwSignal<Option<Arc<PlanView>>>,
    pub planning: RwSignal<bool>,
    pub sensitivity: RwSignal<Option<Arc<SensitivityView>>>,
    pub comparison: RwSignal<Option<Arc<ComparisonView>>>,
    pub beside: RwSignal<Vec<Beside>>,
    /// Number of the plan asked for last: an earlier one's answer is not news any more.
    asked: StoredValue<u32>,
    /// The document that a change was asked for: its key and its name.
    changing: StoredValue<(String, String)>,
    /// Why a study was refused.
    pub refused: RwSignal<Vec<(Study, Vec<Trouble>)>>,
}

impl Studies {
    /// Nothing asked yet.
    pub fn new() -> Self {
        Self {
            plan: RwSignal::new(None),
            planning: RwSignal::new(false),
            sensitivity: RwSignal::new(None),
            comparison: RwSignal::new(None),
            beside: RwSignal::new(Vec::new()),
            asked: StoredValue::new(0),
            changing: StoredValue::default(),
            refused: RwSignal::new(Vec::new()),
        }
    }

    /// Another document is open.
    pub fn forget(self) {
        self.plan.set(None);
        self.stop_planning();
        self.sensitivity.set(None);
        self.comparison.set(None);
        self.beside.set(Vec::new());
        self.refused.set(Vec::new());
    }

    /// No answer of the plan under way is awaited any more.
    pub fn stop_planning(self) {
        self.planning.set(false);
        self.asked.update_value(|asked| *asked += 1);
    }

    /// Why a study was refused; empty when it was not.
    pub fn troubles(self, what: Study) -> Vec<Trouble> {
        self.refused.with(|all| {
            all.iter().find(|(known, _)| *known == what).map(|(_, found)| found.clone()).unwrap_or_default()
        })
    }

    fn allow(self, what: Study) {
        self.refused.update(|all| all.retain(|(known, _)| *known != what));
    }
}

impl App {
    /// Looks for the cheapest way through; without multiples at those of the scenario.
    pub fn ask_plan(self, multiples: Vec<f64>) {
        if let Some(document) = self.document_text() {
            self.studies.allow(Study::Plan);
            self.studies.stop_planning();
            self.studies.planning.set(true);
            let (asked, generation) = (self.studies.asked.get_value(), self.generation.get_untracked());
            self.ask(&Request::Plan { asked, generation, document, multiples });
        }
    }

    /// Asks what moves the headline.
    pub fn ask_sensitivity(self) {
        if let Some(document) = self.document_text() {
            self.studies.allow(Study::Sensitivity);
            self.ask(&Request::Sensitivity { generation: self.generation.get_untracked(), document });
        }
    }

    /// Compares the open document with those set beside it.
    pub fn ask_comparison(self) {
        let beside = self.studies.beside.get_untracked();
        self.studies.allow(Study::Compare);
        if beside.is_empty() {
            self.studies.comparison.set(None);
            return;
        }
        let Some(open) = self.document_text() else { return };
        spawn_local(async move {
            let mut items = vec![Compared::Text(open)];
            for one in beside {
                if one.ready {
                    items.push(Compared::Example(one.key));
                } else if let Some(text) = storage::load(&one.key).await {
                    items.push(Compared::Text(text));
                }
            }
            self.ask(&Request::Compare(items));
        });
    }

    /// Sets a scenario beside the open one.
    pub fn set_beside(self, one: Beside) {
        self.studies.beside.update(|all| {
            if all.len() + 1 < MOST_COMPARED && !all.contains(&one) {
                all.push(one);
            }
        });
        self.ask_comparison();
    }

    /// Takes a scenario away from the comparison.
    pub fn take_away(self, index: usize) {
        self.studies.beside.update(|all| {
            if index < all.len() {
                all.remove(index);
            }
        });
        self.ask_comparison();
    }

    /// Asks for the open document with changes of a plan.
    pub fn ask_change(self, edit: String, what: String) {
        if let Some(document) = self.document_text() {
            self.studies.changing.set_value((self.document_key(), self.document_name()));
            self.ask(&Request::Change { document, edit, what });
        }
    }

    /// Opens the changed document as a copy; the original stays among the recent ones and is set beside it.
    fn open_copy(self, changed: &str, what: &str) {
        let (key, name) = self.studies.changing.get_value();
        // Somebody went on to another document meanwhile.
        if key != self.document_key() {
            return;
        }
        let Ok(mut root) = serde_json::from_str::<Value>(changed) else { return };
        root["name"] = Value::String(text::plan_copy(&name, what));
        let original = Beside { key, name, ready: false };
        let growth = self.growth.get_untracked();
        saved::flush(self, move || {
            self.open(browser::fresh_key(), root);
            self.growth.set(growth);
            self.studies.beside.set(vec![original]);
            let news = Trouble {
                path: String::new(),
                text: text::PLAN_APPLIED.into(),
                remedy: text::PLAN_APPLIED_REMEDY.into(),
            };
            self.report(vec![news], true);
        });
    }

    /// An answer about a study; anything else comes back.
    pub(super) fn studied(self, response: Response) {
        match response {
            Response::Planned(plan) if plan.asked == self.studies.asked.get_value() => {
                self.studies.planning.set(!plan.done);
                self.studies.plan.set(Some(Arc::from(plan)));
            }
            Response::Changed { document, what } => self.open_copy(&document, &what),
            Response::Sensitivity(view) => self.studies.sensitivity.set(Some(Arc::from(view))),
            Response::Compared(view) => self.studies.comparison.set(Some(Arc::from(view))),
            Response::NoStudy { what, problems } => {
                if what == Study::Plan {
                    self.studies.planning.set(false);
                }
                self.studies.refused.update(|all| {
                    all.retain(|(known, _)| *known != what);
                    all.push((what, problems));
                });
            }
            _ => {}
        }
    }

    /// Shows a component's settings.
    pub fn show_component(self, id: &str) {
        if matches!(self.tab.get_untracked(), Tab::Compare | Tab::Report) {
            self.tab.set(Tab::Projection);
        }
        self.selection.set(super::app::Selection::Component(id.to_owned()));
    }
}
