//! The one state of the page and what can be done with it.

use super::document::{Command, Document};
use super::importing;
use super::notice::{self, Notice};
use super::pull;
use super::saved::{self, Recent};
use super::share::{Sharing, stop_opening};
use super::simulating::RunSettings;
use super::studies::Studies;
use super::tree::{Edit, Step};
use crate::part::{Part, Parts, forget_waiting};
use crate::platform::{browser, storage, turns, worker as bridge};
use crate::text;
use crate::view_model::fit::is_of;
use crate::view_model::selection::{Held, Selection};
use leptos::prelude::*;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use worker::protocol::{
    Example, FileReport, FitReport, LeaveOut, LossesView, Projection, Request, Role, Simulation, Study, Trouble, Work,
};

/// How long news stays on the screen.
const NEWS: Duration = Duration::from_secs(12);

/// What is looked at in the middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    Projection,
    Bottlenecks,
    Spend,
    Simulation,
    Sensitivity,
    Plan,
    Data,
    Compare,
    Report,
}

impl Tab {
    /// All tabs in their order.
    pub const ALL: [Self; 9] = [
        Self::Projection,
        Self::Bottlenecks,
        Self::Spend,
        Self::Simulation,
        Self::Sensitivity,
        Self::Plan,
        Self::Data,
        Self::Compare,
        Self::Report,
    ];

    /// Its name in links and on the page's hooks.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Projection => "projection",
            Self::Bottlenecks => "bottlenecks",
            Self::Spend => "spend",
            Self::Simulation => "simulation",
            Self::Sensitivity => "sensitivity",
            Self::Plan => "plan",
            Self::Data => "data",
            Self::Compare => "compare",
            Self::Report => "report",
        }
    }
}

/// Whether the figures on the screen are those of the document on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fresh {
    /// They are.
    Yes,
    /// The worker is at it.
    Working,
    /// The document has problems; the figures are of the last good one.
    Refused,
    /// The worker broke over it and was replaced; the figures are of the last good one.
    Broken,
}

/// The state: signals that can be copied into every closure.
#[derive(Clone, Copy)]
pub struct App {
    pub document: RwSignal<Option<Document>>,
    pub generation: RwSignal<u64>,
    pub projection: RwSignal<Option<Arc<Projection>>>,
    pub fresh: RwSignal<Fresh>,
    pub troubles: RwSignal<Vec<Trouble>>,
    pub growth: RwSignal<f64>,
    pub simulation: RwSignal<Option<Arc<Simulation>>>,
    /// The generation of the document that the simulation was started with.
    pub simulated: RwSignal<u64>,
    /// Each component lost once.
    pub losses: RwSignal<Option<Arc<LossesView>>>,
    pub tab: RwSignal<Tab>,
    pub selection: RwSignal<Selection>,
    pub class: RwSignal<Option<String>>,
    pub percentile: RwSignal<String>,
    pub files: RwSignal<Vec<FileReport>>,
    pub fit: RwSignal<Option<Arc<FitReport>>>,
    pub progress: RwSignal<Option<(String, f64)>>,
    pub notices: RwSignal<Vec<Notice>>,
    pub recent: RwSignal<Vec<Recent>>,
    pub gallery: RwSignal<Vec<Example>>,
    pub link: RwSignal<Option<(String, Vec<String>)>>,
    pub sharing: RwSignal<bool>,
    pub shares: Sharing,
    /// Metrics servers that can be queried.
    pub targets: RwSignal<Vec<String>>,
    pub run_settings: RunSettings,
    /// Nothing can be changed: somebody shows this.
    pub presenting: RwSignal<bool>,
    pub saved: RwSignal<String>,
    pub dragging_files: RwSignal<bool>,
    /// Whether the drawing has the place of the charts.
    pub drawing: RwSignal<bool>,
    /// Plan, sensitivity and comparison.
    pub studies: Studies,
    /// How far the parts of the page are.
    pub parts: Parts,
    /// A worker that does not start.
    pub gone: RwSignal<Option<Role>>,
    notice_count: RwSignal<u64>,
}

impl App {
    /// A state with nothing open.
    pub fn new() -> Self {
        let document = RwSignal::new(None);
        Self {
            document,
            generation: RwSignal::new(0),
            projection: RwSignal::new(None),
            fresh: RwSignal::new(Fresh::Yes),
            troubles: RwSignal::new(Vec::new()),
            growth: RwSignal::new(1.0),
            simulation: RwSignal::new(None),
            simulated: RwSignal::new(0),
            losses: RwSignal::new(None),
            tab: RwSignal::new(Tab::Projection),
            selection: RwSignal::new(Selection::Nothing),
            class: RwSignal::new(None),
            percentile: RwSignal::new("p95".into()),
            files: RwSignal::new(Vec::new()),
            fit: RwSignal::new(None),
            progress: RwSignal::new(None),
            notices: RwSignal::new(Vec::new()),
            recent: RwSignal::new(Vec::new()),
            gallery: RwSignal::new(Vec::new()),
            link: RwSignal::new(None),
            sharing: RwSignal::new(false),
            shares: Sharing::new(),
            targets: RwSignal::new(Vec::new()),
            run_settings: RunSettings::new(document),
            presenting: RwSignal::new(false),
            saved: RwSignal::new(String::new()),
            dragging_files: RwSignal::new(false),
            drawing: RwSignal::new(false),
            studies: Studies::new(),
            parts: Parts::new(),
            gone: RwSignal::new(None),
            notice_count: RwSignal::new(0),
        }
    }

    /// Opens a document as one of its own; what was open stays among the recent ones.
    pub fn open(self, key: String, root: Value) {
        // The pause before an edit is kept may not be over.
        saved::flush(self, || {});
        storage::remember("open", Some(&key));
        self.projection.set(None);
        self.forget_studies();
        self.troubles.set(Vec::new());
        self.selection.set(Selection::Nothing);
        self.class.set(None);
        self.tab.set(Tab::Projection);
        self.growth.set(1.0);
        self.run_settings.typed.set(None);
        self.presenting.set(false);
        self.shares.drop_clash_of_others(&key);
        self.document.set(Some(Document::new(key, root)));
        self.changed();
        // The address names it from now on: a page loaded anew must find it.
        turns::later(move || saved::flush(self, || {}));
    }

    /// Back to the start page.
    pub fn close(self) {
        saved::flush(self, move || saved::settle(self));
        storage::remember("open", None);
        browser::set_fragment("");
        self.shares.drop_clash_of_others("");
        self.document.set(None);
        self.projection.set(None);
        self.troubles.set(Vec::new());
        self.forget_studies();
        self.forget_files();
    }

    /// Does a command on the document.
    pub fn run(self, command: &Command) {
        if self.presenting.get_untracked() {
            return;
        }
        let now = browser::now();
        self.edit(|document| document.run(command, now));
    }

    /// Does a command of one edit.
    pub fn set(self, label: &str, place: Vec<Step>, value: Value) {
        let tag = format!("{place:?}");
        self.run(&Command::new(label, vec![Edit::Set(place, value)]).joined(tag));
    }

    /// Takes the last command back.
    pub fn undo(self) {
        self.edit(Document::undo);
    }

    /// Does the last taken-back command again.
    pub fn redo(self) {
        self.edit(Document::redo);
    }

    /// Changes the document by `edit`, which says whether anything changed; what is selected stays so where it still stands.
    fn edit(self, edit: impl FnOnce(&mut Document) -> bool) {
        let selected = self.selection.get_untracked();
        let changed = self.document.try_update(|open| {
            let document = open.as_mut()?;
            let held = Held::of(&selected, &document.root);
            edit(document).then(|| selected.followed(&held, &document.root))
        });
        if let Some(followed) = changed.flatten() {
            if followed != selected {
                self.selection.set(followed);
            }
            self.changed();
        }
    }

    /// The document's name.
    pub fn document_name(self) -> String {
        self.document
            .with_untracked(|open| open.as_ref().map(|document| document.name().to_owned()))
            .unwrap_or_default()
    }

    /// The document's key in the browser's store.
    pub fn document_key(self) -> String {
        self.document.with_untracked(|open| open.as_ref().map(|document| document.key.clone())).unwrap_or_default()
    }

    /// What is open: its key and its generation.
    pub(super) fn open_now(self) -> (String, u64) {
        (self.document_key(), self.generation.get_untracked())
    }

    /// The document as JSON text.
    pub fn document_text(self) -> Option<String> {
        self.document.with_untracked(|open| open.as_ref().map(|document| document.root.to_string()))
    }

    /// The document as a file: its name and its text for people.
    pub fn pretty_text(self) -> Option<(String, String)> {
        self.document.with_untracked(|open| {
            let document = open.as_ref()?;
            let word: String =
                document.name().chars().map(|sign| if sign.is_alphanumeric() { sign } else { '-' }).collect();
            let text = serde_json::to_string_pretty(&document.root).ok()?;
            Some((format!("{}.headroom.json", word.trim_matches('-').to_lowercase()), text))
        })
    }

    /// Opens a ready scenario.
    pub fn open_example(self, id: String) {
        self.fetch(Part::Bench);
        forget_waiting();
        self.ask(&Request::OpenExample(id));
    }

    /// Asks for a link to what is open.
    pub fn share(self, leave_out: LeaveOut) {
        if let Some(document) = self.document_text() {
            self.link.set(None);
            self.shares.asked.update(|asked| *asked = asked.wrapping_add(1));
            let asked = self.shares.asked.get_untracked();
            bridge::send(&Request::Share { asked, document, leave_out, view: self.view() }, &[]);
        }
    }

    /// Sends a request that needs no file.
    pub fn ask(self, request: &Request) {
        bridge::send(request, &[]);
    }

    /// Shows problems in the corner.
    pub fn report(self, troubles: Vec<Trouble>, calm: bool) {
        for trouble in troubles {
            let id = self.notice_count.get_untracked() + 1;
            self.notice_count.set(id);
            if calm {
                // News may go by itself; a problem stays until it was seen.
                set_timeout(
                    move || {
                        self.notices.try_update(|all| all.retain(|notice| notice.id != id));
                    },
                    NEWS,
                );
            }
            self.notices.update(|notices| notice::add(notices, id, trouble, calm));
        }
    }

    /// Forgets the measurements of what was open.
    pub fn forget_files(self) {
        importing::forget_waiting();
        if pull::stopped() {
            self.clear_bar(text::pull::PULLING);
        }
        self.ask(&Request::Forget);
        self.files.set(Vec::new());
        self.fit.set(None);
    }

    /// The fit, where it is of what is open: one that was taken back, or made of other measurements, says nothing of it.
    pub fn fit_of_open(self) -> Option<Arc<FitReport>> {
        let fit = self.fit.get()?;
        let fitted = self.studies.fitted.get();
        self.document.with(|open| open.as_ref().is_some_and(|open| is_of(&fitted, &open.root))).then_some(fit)
    }

    /// Forgets a document kept in the browser.
    pub fn forget(self, key: String) {
        saved::forget(self, key);
    }

    /// Keeps what is open before the page goes.
    pub fn leave(self) {
        saved::leave(self);
    }

    /// Whether a change of what is open would be lost if the page went now.
    pub fn is_at_risk(self) -> bool {
        saved::is_at_risk(self)
    }

    fn changed(self) {
        self.generation.update(|generation| *generation += 1);
        let now = self.generation.get_untracked();
        self.fresh.set(Fresh::Working);
        self.saved.set(text::SAVING.into());
        // Writing a large document down is a task of its own; of several edits in a row only the last is asked about.
        turns::later(move || {
            if self.generation.try_get_untracked() == Some(now) {
                self.project();
            }
        });
        saved::keep(self);
    }

    /// Stops all that runs. What was found so far stays.
    pub fn cancel(self) {
        self.cancel_import();
        self.cancel_plan();
        self.cancel_simulation();
        self.ask(&Request::Cancel(Work::Everything));
    }

    /// Takes the bar at the top away where it is this one's: what else is under way keeps its own.
    pub(super) fn clear_bar(self, what: &str) {
        if self.progress.with_untracked(|bar| bar.as_ref().is_some_and(|(shown, _)| shown == what)) {
            self.progress.set(None);
        }
    }

    /// Stops what the bar at the top stands for: reading files, fitting, pulling, opening a short link.
    pub fn cancel_import(self) {
        self.ask(&Request::Cancel(Work::Import));
        // It may have been fitted already: the worker hears nothing while it fits.
        if let Some(asked) = importing::stopped() {
            self.ask(&Request::Drop { asked });
        }
        pull::stopped();
        stop_opening(self);
        self.progress.set(None);
    }

    /// Stops the plan.
    pub fn cancel_plan(self) {
        self.ask(&Request::Cancel(Work::Study(Study::Plan)));
        self.studies.drop(Study::Plan);
    }

    /// Stops what the page of the simulation runs: the simulation, and losing each component once.
    pub fn cancel_simulation(self) {
        self.ask(&Request::Cancel(Work::Simulation));
        self.ask(&Request::Cancel(Work::Study(Study::Losses)));
        self.studies.drop(Study::Losses);
        self.simulation.update(|simulation| {
            if let Some(simulation) = simulation.as_mut().filter(|simulation| !simulation.done) {
                let simulation = Arc::make_mut(simulation);
                simulation.done = true;
                simulation.stopped_by = "cancelled".into();
            }
        });
        self.losses.update(|losses| {
            if let Some(losses) = losses.as_mut().filter(|losses| losses.share < 1.0) {
                Arc::make_mut(losses).share = 1.0;
                self.studies.lost.update(|lost| lost.1 = true);
            }
        });
    }

    /// Stops and forgets what was asked about the open document: another one takes its place, or none.
    fn forget_studies(self) {
        self.ask(&Request::Cancel(Work::Analysis));
        self.simulation.set(None);
        self.losses.set(None);
        self.studies.forget();
    }

    /// Asks the worker for the figures of the document as it stands.
    pub fn project(self) {
        if let Some(text) = self.document_text() {
            self.fresh.set(Fresh::Working);
            bridge::send(&Request::Document { generation: self.generation.get_untracked(), text }, &[]);
        }
    }
}
