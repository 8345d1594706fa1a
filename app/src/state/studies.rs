//! What is asked beside the figures: the plan, the sensitivity, scenarios side by side.

use super::app::{App, Tab};
use super::saved;
use crate::platform::browser;
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
    /// Number of the study of each kind asked for last: an earlier one's answer is not news any more.
    asked: StoredValue<[u32; 4]>,
    /// The generation of the document that the table of losses was begun with, and whether it was stopped before its end.
    pub lost: RwSignal<(u64, bool)>,
    /// The fitted document's imports: a fit is of no other.
    pub fitted: RwSignal<Value>,
    /// The multiples typed for the plan; none for those of the scenario.
    pub multiples: RwSignal<Vec<f64>>,
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
            asked: StoredValue::new([0; 4]),
            lost: RwSignal::new((0, false)),
            fitted: RwSignal::new(Value::Null),
            multiples: RwSignal::new(Vec::new()),
            changing: StoredValue::default(),
            refused: RwSignal::new(Vec::new()),
        }
    }

    /// Another document is open.
    pub fn forget(self) {
        for what in [Study::Plan, Study::Sensitivity, Study::Compare, Study::Losses] {
            self.drop(what);
        }
        self.plan.set(None);
        self.sensitivity.set(None);
        self.comparison.set(None);
        self.beside.set(Vec::new());
        self.multiples.set(Vec::new());
        self.refused.set(Vec::new());
    }

    /// No answer of a study of this kind is awaited any more.
    pub fn drop(self, what: Study) {
        if what == Study::Plan {
            self.planning.set(false);
        }
        self.asked.update_value(|asked| asked[what as usize] += 1);
    }

    /// A new study of this kind; its number.
    pub fn begin(self, what: Study) -> u32 {
        self.drop(what);
        self.refused.update(|all| all.retain(|(known, _)| *known != what));
        self.asked.with_value(|asked| asked[what as usize])
    }

    /// Whoever was at work broke: a page that waits says so.
    pub fn broke(self, why: &[Trouble]) {
        let last = self.asked.get_value();
        let sensing = self.sensitivity.with_untracked(|view| view.as_ref().map_or(0, |view| view.asked));
        let comparing =
            self.comparison.with_untracked(|view| view.as_ref().filter(|view| view.done).map_or(0, |view| view.asked));
        let rows = [
            (Study::Plan, self.planning.get_untracked()),
            (Study::Sensitivity, sensing != last[Study::Sensitivity as usize]),
            (Study::Compare, comparing != last[Study::Compare as usize]),
            (Study::Losses, false),
        ];
        for (what, _) in rows.iter().filter(|(_, waits)| *waits) {
            self.refuse(*what, why.to_vec());
        }
        rows.iter().for_each(|(what, _)| self.drop(*what));
    }

    fn refuse(self, what: Study, why: Vec<Trouble>) {
        self.refused.update(|all| {
            all.retain(|(known, _)| *known != what);
            all.push((what, why));
        });
    }

    /// Whether an answer is of the study of its kind asked for last.
    pub fn is_awaited(self, what: Study, asked: u32) -> bool {
        self.asked.with_value(|known| known[what as usize] == asked)
    }

    /// Why a study was refused; empty when it was not.
    pub fn troubles(self, what: Study) -> Vec<Trouble> {
        self.refused.with(|all| {
            all.iter().find(|(known, _)| *known == what).map(|(_, found)| found.clone()).unwrap_or_default()
        })
    }
}

impl App {
    /// Looks for the cheapest way through; without multiples at those of the scenario.
    pub fn ask_plan(self, multiples: Vec<f64>) {
        if let Some(document) = self.document_text() {
            let (asked, generation) = (self.studies.begin(Study::Plan), self.generation.get_untracked());
            self.studies.planning.set(true);
            self.ask(&Request::Plan { asked, generation, document, multiples });
        }
    }

    /// Asks what moves the headline.
    pub fn ask_sensitivity(self) {
        if let Some(document) = self.document_text() {
            let (asked, generation) = (self.studies.begin(Study::Sensitivity), self.generation.get_untracked());
            self.ask(&Request::Sensitivity { asked, generation, document });
        }
    }

    /// Compares the open document with those set beside it.
    pub fn ask_comparison(self) {
        let beside = self.studies.beside.get_untracked();
        let asked = self.studies.begin(Study::Compare);
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
                } else if let Some(text) = saved::load(&one.key).await {
                    items.push(Compared::Text(text));
                }
            }
            // Another choice may have been made while they were read.
            if self.studies.is_awaited(Study::Compare, asked) {
                self.ask(&Request::Compare { asked, items });
            }
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
            // What was measured was measured of the original.
            self.forget_files();
            saved::touch(original.key.clone(), true);
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

    /// An answer about a study; that of an earlier one than was asked for last is not news any more.
    pub(super) fn studied(self, response: Response) {
        let awaited = |what, asked| self.studies.is_awaited(what, asked);
        match response {
            Response::Planned(plan) if awaited(Study::Plan, plan.asked) => {
                self.studies.planning.set(!plan.done);
                self.studies.plan.set(Some(Arc::from(plan)));
            }
            Response::Changed { document, what } => self.open_copy(&document, &what),
            Response::Sensitivity(view) if awaited(Study::Sensitivity, view.asked) => {
                self.studies.sensitivity.set(Some(Arc::from(view)));
            }
            Response::Compared(view) if awaited(Study::Compare, view.asked) => {
                self.studies.comparison.set(Some(Arc::from(view)));
            }
            Response::Losses(losses) if awaited(Study::Losses, losses.asked) => self.losses.set(Some(Arc::new(losses))),
            Response::NoStudy { what, asked, problems } if awaited(what, asked) => self.no_study(what, problems),
            _ => {}
        }
    }

    fn no_study(self, what: Study, problems: Vec<Trouble>) {
        match what {
            Study::Plan => self.studies.planning.set(false),
            // Its page is the simulation's, with much else on it.
            Study::Losses => {
                self.losses.set(None);
                return self.report(problems, false);
            }
            Study::Sensitivity | Study::Compare => {}
        }
        self.studies.refuse(what, problems);
    }

    /// Shows a component's settings.
    pub fn show_component(self, id: &str) {
        if matches!(self.tab.get_untracked(), Tab::Compare | Tab::Report) {
            self.tab.set(Tab::Projection);
        }
        self.selection.set(super::Selection::Component(id.to_owned()));
    }
}
