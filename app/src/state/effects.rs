//! What happens at the start and when the worker answers.

use super::app::{App, Fresh, Tab};
use super::deed::Deed;
use super::document::Command;
use super::importing::{self, Landing, Wish, landing};
use super::tree::Edit;
use super::{saved, share, simulating};
use crate::platform::worker::{self as bridge, News};
use crate::platform::{browser, storage, turns};
use crate::text;
use crate::view_model::fit::imports;
use crate::view_model::headline::leading_class;
use crate::view_model::place::Place;
use leptos::prelude::*;
use serde_json::Value;
use std::sync::Arc;
use worker::protocol::{
    FileReport, FileRole, Imported, Origin, REPLACES, Request, Response, Role, Trouble, decode, decode_gallery,
};

/// Components from which on a system is a large one.
const MANY: usize = 64;

impl App {
    /// Starts the worker and opens what the address or this tab's memory names.
    pub fn start(self) {
        bridge::start(move |news| match news {
            News::Answer(bytes) => match decode_gallery(&bytes) {
                Some(examples) => {
                    self.gallery.set(examples);
                    // The start page stands and its worker answers: now there is time for what comes next.
                    self.act(Deed::Settle);
                }
                None => self.act(Deed::Hear(bytes)),
            },
            News::Broke(role) => self.act(Deed::Broke(role)),
            News::Gone(role) => {
                self.gone.set(Some(role));
                self.act(Deed::Broke(role));
            }
            News::Stands(role) => {
                if self.gone.get_untracked() == Some(role) {
                    self.gone.set(None);
                }
            }
        });
        self.ask(&Request::Gallery);
        saved::list(self);
        let fragment = browser::fragment();
        let remembered = || storage::remembered("open").map(|open| Place { open, ..Place::default() });
        let place = Place::read(&fragment);
        if place.is_none() && !fragment.is_empty() {
            self.open_link(fragment);
        } else if let Some(place) = place.or_else(remembered) {
            // A document during whose opening the page died is not opened again by itself.
            if storage::remembered("opening").as_deref() == Some(&place.open) {
                browser::set_fragment("");
                storage::remember("open", None);
                storage::remember("opening", None);
                self.report(vec![trouble(text::CRASHED, text::CRASHED_REMEDY)], false);
            } else {
                self.act(Deed::GoOn(place));
            }
        }
    }

    /// Asks again for what a worker that does not start was to give.
    pub fn start_again(self) {
        let gone = self.gone.get_untracked();
        self.gone.set(None);
        if gone == Some(Role::Solver) {
            if self.gallery.with_untracked(Vec::is_empty) {
                self.ask(&Request::Gallery);
            }
            if self.document.with_untracked(Option::is_some) {
                self.act(Deed::Project);
            }
        }
    }

    /// A worker broke; a new one was started, unless it is gone.
    pub(super) fn broke(self, role: Role) {
        let gone = self.gone.get_untracked() == Some(role);
        let why = trouble(text::WORKER_BROKE, text::WORKER_BROKE_REMEDY);
        match role {
            Role::Solver => {
                share::forget();
                self.fresh.set(Fresh::Broken);
                if !gone && self.gallery.with_untracked(Vec::is_empty) {
                    self.ask(&Request::Gallery);
                }
            }
            Role::Analyst => {
                share::forget();
                self.studies.broke(std::slice::from_ref(&why));
                simulating::broke(self);
            }
            // What it had read is gone with it.
            Role::Importer => {
                importing::stopped();
                self.progress.set(None);
                self.files.set(Vec::new());
            }
        }
        // The screen of the open document says so itself, where it is the solver that it waits for; of one that is gone the frame.
        if !gone && (role != Role::Solver || self.document.with_untracked(Option::is_none)) {
            self.report(vec![why], false);
        }
    }

    /// Takes a worker's answer.
    pub(super) fn hear(self, bytes: &[u8]) {
        if let Ok(response) = decode(bytes) {
            self.answered(response);
        }
    }

    fn answered(self, response: Response) {
        match response {
            Response::Ready | Response::Gallery(_) => {}
            Response::Opened { text, origin, losses, view } => self.opened(&text, origin, losses, &view),
            Response::Refused { generation, problems } => {
                if generation == self.generation.get_untracked() {
                    self.troubles.set(problems);
                    self.fresh.set(Fresh::Refused);
                    storage::remember("opening", None);
                }
            }
            Response::Projection { generation, projection } => {
                // Reading that of a large system took a task; what follows from it has one of its own.
                if projection.components.len() > MANY {
                    turns::later(move || self.projected(generation, Arc::from(projection)));
                } else {
                    self.projected(generation, Arc::from(projection));
                }
            }
            // What was stopped may still have been on its way.
            Response::Progress { what, share } if importing::is_under_way() => self.progress.set(Some((what, share))),
            Response::Progress { .. } => {}
            Response::Imported(imported) => self.imported(*imported),
            // One made before a box was ticked holds what is to be left out.
            Response::Link { asked, .. } if asked != self.shares.asked.get_untracked() => {}
            Response::Link { fragment, losses, left, .. } => {
                self.shares.left.set(left);
                self.link.set(Some((browser::address_with(&fragment), losses)));
            }
            Response::Shared { number, answer } => share::answered(number, answer),
            Response::Simulation(simulation) => {
                // What a stopped simulation still had to say is not news any more.
                let awaited = self.simulation.with_untracked(|known| known.as_ref().is_some_and(|known| !known.done));
                if awaited && simulating::is_current(simulation.run) {
                    self.simulation.set(Some(Arc::from(simulation)));
                }
            }
            Response::SimulationPart { run, found } => simulating::part(run, found),
            Response::NotSimulated { run, problems } => simulating::refused(self, run, problems),
            study @ (Response::Planned(_)
            | Response::Losses(_)
            | Response::Changed { .. }
            | Response::Sensitivity(_)
            | Response::Compared(_)
            | Response::NoStudy { .. }) => {
                self.studied(study);
            }
            Response::NotDone { problems } => self.report(problems, false),
            Response::NotCalibrated { asked, problems } => {
                if importing::answered(asked).is_none() {
                    return;
                }
                self.progress.set(None);
                self.report(problems, false);
                importing::next(self);
            }
            // Whatever was asked with it is not answered: nothing is waited for.
            Response::Failed { problems } => {
                self.studies.broke(&problems);
                self.cancel();
                self.report(problems, false);
            }
        }
    }

    fn projected(self, generation: u64, projection: Arc<worker::protocol::Projection>) {
        if generation != self.generation.get_untracked() {
            return;
        }
        self.troubles.set(Vec::new());
        self.fresh.set(if projection.banded { Fresh::Yes } else { Fresh::Working });
        let class = self.class.get_untracked();
        if !projection.classes.iter().any(|known| Some(&known.id) == class.as_ref()) {
            let leading = self.document.with_untracked(|open| leading_class(&open.as_ref()?.root, &projection));
            self.class.set(leading);
        }
        self.projection.set(Some(projection));
        storage::remember("opening", None);
    }

    fn opened(self, text: &str, origin: Origin, losses: Vec<String>, view: &str) {
        let Ok(root) = serde_json::from_str::<Value>(text) else { return };
        self.forget_files();
        let key = browser::fresh_key();
        if origin == Origin::Example {
            saved::opens_ready(&key);
        }
        self.open(key, root);
        if origin == Origin::Link {
            self.show_as(view);
            self.report(vec![trouble(text::OPENED_COPY, text::OPENED_COPY_REMEDY)], true);
        }
        self.report(losses.iter().map(|loss| trouble(loss, "")).collect(), false);
    }

    fn imported(self, imported: Imported) {
        // One that was stopped may still answer.
        let Some((asked, was_fit)) = importing::answered(imported.asked) else { return };
        self.progress.set(None);
        let Imported { files, document, fresh, fit, problems, open_is_refused, .. } = imported;
        let root = document.and_then(|text| serde_json::from_str::<Value>(&text).ok());
        let open = self.open_now();
        let lands = landing(&asked, was_fit, &open, (fresh, root.is_some(), self.presenting.get_untracked()));
        if fresh || asked.0 != open.0 && lands != Landing::Aside {
            self.files.set(Vec::new());
        }
        let only_nothing = files.iter().all(|file| matches!(file.role, FileRole::Nothing | FileRole::Broken));
        let nothing: Vec<&str> =
            files.iter().filter(|file| file.role == FileRole::Nothing).map(|file| file.file.as_str()).collect();
        if !only_nothing && !nothing.is_empty() {
            self.report(vec![trouble(&text::hold_nothing(&nothing.join(", ")), text::HOLD_NOTHING_REMEDY)], true);
        }
        let replaces = |file: &&FileReport| file.warnings.iter().any(|(code, _)| code == REPLACES);
        let again: Vec<&str> = files.iter().filter(replaces).map(|file| file.file.as_str()).collect();
        if lands != Landing::Aside && !again.is_empty() {
            self.report(vec![trouble(&text::imported_again(&again.join(", ")), text::IMPORTED_AGAIN_REMEDY)], true);
        }
        match lands {
            // Its measurements are not those of what is open.
            Landing::Aside => self.ask(&Request::Forget),
            Landing::Anew => self.ask_importer(Wish::Fit),
            _ => {
                self.files.update(|known| {
                    known.retain(|old| !files.iter().any(|new| new.file == old.file));
                    known.extend(files);
                });
                if fit.is_some() {
                    let made = root.as_ref().map(|root| imports(root).clone());
                    let open =
                        || self.document.with_untracked(|open| open.as_ref().map(|open| imports(&open.root).clone()));
                    self.studies.fitted.set(made.or_else(open).unwrap_or_default());
                    self.fit.set(fit.map(Arc::new));
                }
            }
        }
        match (lands, root) {
            (Landing::Edit, Some(root)) => {
                self.run(&Command::new(text::CALIBRATE, vec![Edit::Set(Vec::new(), root)]));
            }
            (Landing::Own | Landing::Copy | Landing::Shown, Some(root)) => {
                self.open(browser::fresh_key(), root);
                if open_is_refused {
                    self.report(vec![trouble(text::NOT_FITTED, text::NOT_FITTED_COPY)], false);
                } else if lands == Landing::Shown {
                    self.report(vec![trouble(text::SHOWN_ONLY, text::SHOWN_ONLY_REMEDY)], true);
                } else if lands == Landing::Copy {
                    self.report(vec![trouble(text::CHANGED_MEANWHILE, text::CHANGED_MEANWHILE_REMEDY)], true);
                }
            }
            (Landing::Listed, _) if open_is_refused && !only_nothing => {
                self.tab.set(Tab::Data);
                self.report(vec![trouble(text::NOT_FITTED, text::NOT_FITTED_REMEDY)], false);
            }
            (Landing::Listed, _) if !open.0.is_empty() && !only_nothing => self.tab.set(Tab::Data),
            _ => {}
        }
        self.report(problems, false);
        importing::next(self);
    }
}

fn trouble(text: &str, remedy: &str) -> Trouble {
    Trouble { path: String::new(), text: text.into(), remedy: remedy.into() }
}
