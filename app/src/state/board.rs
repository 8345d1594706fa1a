//! What a person does on the drawing board.

use super::app::{App, Selection};
use super::document::Command;
use super::edits::connect;
use super::group;
use crate::text;
use crate::view_model::system::label_of;
use leptos::prelude::*;
use serde_json::Value;

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
        self.selection.set(Selection::of(new));
        true
    }
}
