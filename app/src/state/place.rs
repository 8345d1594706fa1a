//! The address bar names what is looked at, so that a reload or a link in this browser opens at it.

use super::app::{App, Tab};
use super::saved;
use crate::platform::{browser, storage};
use crate::text;
use crate::view_model::place::Place;
use crate::view_model::selection::Selection;
use leptos::prelude::*;
use worker::protocol::Trouble;

/// Bytes of a name at most: hundreds of components selected at once are not worth an address that nobody can pass on.
const LONGEST: usize = 1000;

impl App {
    /// The name of what is selected.
    pub(super) fn selected_name(self) -> Option<String> {
        let name = self.document.with(|open| {
            let root = &open.as_ref()?.root;
            self.selection.with(|selection| selection.name(root))
        });
        name.filter(|name| name.len() <= LONGEST)
    }

    /// Selects what has this name; what is not there leaves everything as it is.
    pub(super) fn select_named(self, name: &str) {
        let named = self.document.with_untracked(|open| {
            open.as_ref().map_or(Selection::Nothing, |document| Selection::named(&document.root, name))
        });
        if named != Selection::Nothing {
            self.selection.set(named);
        }
    }

    /// Keeps the address in step with what is looked at, without a step in the browser's history.
    pub fn keep_address(self) {
        let key = Memo::new(move |_| self.document.with(|open| open.as_ref().map(|document| document.key.clone())));
        let name = Memo::new(move |_| self.selected_name());
        Effect::new(move |_| {
            // Read, not only tracked: a memo that nobody reads never looks at what it hangs on.
            if key.get().is_some() {
                self.name_place(self.tab.get(), name.get());
            }
        });
    }

    /// Writes the address of what is looked at; of nothing while nothing is open.
    pub(super) fn write_address(self) {
        self.name_place(self.tab.get_untracked(), untrack(|| self.selected_name()));
    }

    fn name_place(self, tab: Tab, at: Option<String>) {
        let open = self.document_key();
        let tab = Some(tab).filter(|tab| *tab != Tab::Projection).map(|tab| tab.slug().to_owned());
        let fragment = if open.is_empty() { String::new() } else { Place { open, tab, at }.fragment() };
        if browser::fragment() != fragment {
            browser::set_fragment(&fragment);
        }
    }

    /// Goes to a place of what is open.
    pub(super) fn stand_at(self, place: &Place) {
        let tab = Tab::ALL.into_iter().find(|tab| Some(tab.slug()) == place.tab.as_deref());
        self.tab.set(tab.unwrap_or(Tab::Projection));
        self.selection.set(Selection::Nothing);
        if let Some(name) = &place.at {
            self.select_named(name);
        }
    }

    /// Goes to a place, in what is open or in another kept scenario.
    pub(super) fn go(self, place: Place) {
        if place.open == self.document_key() {
            self.stand_at(&place);
            self.write_address();
        } else {
            saved::reopen(self, place, true);
        }
    }

    /// What a place names is not kept here: whatever is open stays.
    pub(super) fn not_kept(self, named: bool) {
        if self.document.with_untracked(Option::is_none) {
            storage::remember("open", None);
            storage::remember("opening", None);
            saved::list(self);
        }
        self.write_address();
        if named {
            let (text, remedy) = (text::NOT_KEPT_HERE.into(), text::NOT_KEPT_HERE_REMEDY.into());
            self.report(vec![Trouble { path: String::new(), text, remedy }], true);
        }
    }
}
