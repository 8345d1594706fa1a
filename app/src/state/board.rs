//! What a person does on the drawing board.

use super::app::App;
use super::document::Command;
use super::edits::connect;
use super::importing::Wish;
use super::tree::{Edit, path};
use super::{entries, group};
use crate::platform::dropped;
use crate::text;
use crate::view_model::form::Take;
use crate::view_model::selection::Selection;
use crate::view_model::system::{label_of, list_at, text_at};
use crate::view_model::{data, events};
use leptos::prelude::*;
use serde_json::{Value, json};
use worker::protocol::Trouble;

impl App {
    fn made(self, make: impl FnOnce(&Value) -> Option<Command>) -> bool {
        let command = self.document.with_untracked(|open| make(&open.as_ref()?.root));
        if let Some(command) = &command {
            self.run(command);
        }
        command.is_some()
    }

    /// A call from one component to another.
    pub fn connect(self, from: &str, to: &str) {
        self.made(|root| connect(root, from, to, &format!("{} {}", text::CALLS, label_of(root, to))));
    }

    /// Selects what the document has; what was to come and did not is passed over.
    pub fn select(self, selection: Selection) {
        if self.document.with_untracked(|open| open.as_ref().is_some_and(|open| selection.exists(&open.root))) {
            self.selection.set(selection);
        }
    }

    /// A traffic class more, selected.
    pub fn add_class(self) {
        if self.made(|root| entries::add_class(root, text::ADD_CLASS)) {
            let last = |root: &Value| list_at(root, "traffic").last().map(|class| text_at(class, "id").to_owned());
            let new = self.document.with_untracked(|open| last(&open.as_ref()?.root));
            self.select(new.map_or(Selection::Nothing, Selection::Class));
        }
    }

    /// An objective more, selected.
    pub fn add_objective(self) {
        if self.made(|root| entries::add_objective(root, text::ADD_OBJECTIVE)) {
            let count =
                self.document.with_untracked(|open| open.as_ref().map(|open| list_at(&open.root, "slos").len()));
            self.select(Selection::Objective(count.unwrap_or(0).saturating_sub(1)));
        }
    }

    /// Selects what a component costs; one without a price gets one first.
    pub fn price_of(self, id: &str) {
        self.made(|root| entries::add_price(root, id, text::ADD_PRICE));
        self.select(Selection::Price(id.to_owned()));
    }

    /// Selects what scales a component; one without an autoscaler gets one first.
    pub fn autoscaler_of(self, id: &str) {
        self.made(|root| entries::add_autoscaler(root, id, text::ADD_AUTOSCALER));
        self.select(Selection::Autoscaler(id.to_owned()));
    }

    /// Whether there is a class and a percentile without an objective.
    pub fn objective_free(self) -> bool {
        self.document.with(|open| open.as_ref().is_some_and(|open| entries::add_objective(&open.root, "").is_some()))
    }

    /// Takes a class, an objective, an event, a price, an autoscaler or a call away.
    pub fn take(self, what: &Take) {
        self.made(|root| entries::take(root, &what.path, &what.name));
    }

    /// Takes all calls of a line away.
    pub fn delete_calls(self, from: &str, to: &str, asynchronous: bool) {
        self.made(|root| entries::take_calls(root, from, to, asynchronous, &text::delete_calls(&label_of(root, to))));
    }

    /// Keeps where every component stands.
    pub fn place(self, places: &[(String, (f64, f64))]) {
        self.made(|root| group::place_all(root, places, text::MOVE));
    }

    /// Lets the layout place all components.
    pub fn arrange(self) {
        self.made(|root| group::arrange(root, text::ARRANGE));
    }

    /// Takes components away.
    pub fn delete(self, ids: &[String]) {
        self.selection.set(Selection::Nothing);
        self.made(|root| group::remove_all(root, ids, text::DELETE));
    }

    /// Copies of components, selected.
    pub fn duplicate(self, ids: &[String]) {
        if let Some(clipped) = self.clipping(ids) {
            self.paste_components(&clipped);
        }
    }

    /// Says what a name in an imported file means, and fits again.
    pub fn correct_map(self, act: &str, chosen: &str) {
        let map = self.document.with_untracked(|open| data::corrected(&open.as_ref()?.root, act, chosen));
        let Some(map) = map else { return };
        self.set(text::MAPPING_TITLE, path("map"), map);
        self.ask_importer(Wish::Fit);
    }

    /// Answers the question about a file: it is read again with the options of that answer.
    pub fn answer(self, file: usize, choice: usize) {
        let chosen = self.files.with_untracked(|files| {
            let file = files.get(file)?;
            Some((file.file.clone(), file.question.as_ref()?.choices.get(choice)?.1.clone()))
        });
        let Some((name, options)) = chosen else { return };
        match dropped::named(&name) {
            Some(file) => self.ask_importer(Wish::Answer(file, options)),
            None => {
                let remedy = text::FILE_GONE_REMEDY.into();
                self.report(vec![Trouble { path: name, text: text::FILE_GONE.into(), remedy }], false);
            }
        }
    }

    /// Adds a disturbance of a kind to the timeline, selected.
    pub fn add_event(self, kind: &str) {
        let seconds = self.run_settings.seconds.get_untracked();
        let fresh = |root: &Value| (events::fresh(root, kind, seconds), list_at(root, "events").len());
        let Some((event, count)) = self.document.with_untracked(|open| open.as_ref().map(|open| fresh(&open.root)))
        else {
            return;
        };
        let place = if count == 0 { path("events") } else { path(&format!("events[{count}]")) };
        let edit = if count == 0 { Edit::Set(place, Value::Array(vec![event])) } else { Edit::Insert(place, event) };
        self.run(&Command::new(text::ADD_EVENT, vec![edit]));
        self.select(Selection::Event(count));
    }

    /// Takes a disturbance away.
    pub fn remove_event(self, index: usize) {
        self.run(&Command::new(text::DELETE, vec![Edit::Remove(path(&format!("events[{index}]")))]));
    }

    /// Moves or stretches a disturbance.
    pub fn move_event(self, index: usize, at: f64, length: Option<f64>) {
        let mut edits = vec![Edit::Set(path(&format!("events[{index}].at_s")), json!(at))];
        if let Some(length) = length {
            edits.push(Edit::Set(path(&format!("events[{index}].for_s")), json!(length)));
        }
        self.run(&Command::new(text::MOVE, edits).joined(format!("event {index}")));
    }

    /// Components as text for the clipboard; none when nothing is selected.
    pub fn clipping(self, ids: &[String]) -> Option<String> {
        let text = self.document.with_untracked(|open| open.as_ref().map(|open| group::clipping(&open.root, ids)))?;
        (!ids.is_empty()).then_some(text)
    }

    /// Adds components from the clipboard; false when the text holds none or nothing is open.
    pub fn paste_components(self, text: &str) -> bool {
        let Some(clipped) = group::read_clipping(text) else { return false };
        let made = self.document.with_untracked(|open| group::paste(&open.as_ref()?.root, &clipped, text::PASTE));
        let Some((command, new)) = made else { return false };
        self.run(&command);
        if !self.presenting.get_untracked() {
            self.selection.set(Selection::of(new));
        }
        true
    }
}
