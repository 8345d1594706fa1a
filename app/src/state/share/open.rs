//! Opening a short link.

use super::api::{self, Failed, Read};
use super::{Deed, Known, Refused};
use crate::part::Part;
use crate::platform::{browser, storage};
use crate::state::awaited::Awaited;
use crate::state::{App, importing, saved};
use crate::text;
use crate::text::share as words;
use crate::view_model::place::Place;
use crate::view_model::share::trouble;
use leptos::prelude::*;
use leptos::task::spawn_local;
use scenario::link::Short;
use serde_json::Value;

thread_local! {
    static OPENING: Awaited = const { Awaited::new() };
}

/// No opening is awaited any more: what was fetched comes for nobody.
pub fn stop_opening(app: App) {
    if OPENING.with(Awaited::stop) {
        app.shares.busy.set(false);
    }
}

impl App {
    /// Goes to the place that the address names, or opens the link that it is; that goes from the address bar at once, so that
    /// its key does not stay there.
    pub fn open_link(self, fragment: String) {
        if let Some(place) = Place::read(&fragment) {
            return self.act(crate::state::Deed::Go(place));
        }
        browser::set_fragment("");
        self.fetch(Part::Bench);
        match Short::read(&fragment) {
            Some(Ok(short)) => self.act_sharing(Deed::Open(short)),
            Some(Err(problem)) => self.report(vec![trouble(&problem.text, &problem.remedy)], false),
            None => self.ask(&worker::protocol::Request::OpenLink(fragment)),
        }
    }

    /// Opens a short link as a document of its own; nothing that is open is touched.
    pub fn open_share(self, short: Short) {
        if !self.begin_step() {
            return;
        }
        // Files may be read meanwhile: the bar is theirs.
        if !importing::is_under_way() {
            self.progress.set(Some((words::SHORT.into(), 0.5)));
        }
        let number = OPENING.with(Awaited::begin);
        spawn_local(async move {
            let found = find(&short).await;
            // What comes after Cancel is for nobody.
            if !OPENING.with(|opening| opening.ends(number)) {
                return;
            }
            self.clear_bar(words::SHORT);
            let opened = found.map(|found| match found {
                Found::Stored { root, read, seen } => {
                    show(self, &short, &seen, *read, root);
                    ""
                }
                // The copy that was kept is better than nothing.
                Found::Kept(document) => {
                    self.act(crate::state::Deed::Reopen(document));
                    self.report(vec![trouble(words::OPENED_KEPT, words::OPENED_KEPT_REMEDY)], false);
                    ""
                }
            });
            self.end_step(opened);
        });
    }

    /// Opens pasted or dropped text: a short link, or whatever the worker makes of it.
    pub fn open_text(self, text: String) {
        self.fetch(Part::Bench);
        let is_document = text.trim_start().starts_with('{');
        let address = text.trim().rsplit_once('#').filter(|_| !is_document);
        if let Some(place) = address.and_then(|(_, fragment)| Place::read(fragment)) {
            return self.act(crate::state::Deed::Go(place));
        }
        let link = if is_document { None } else { Short::read(&text) };
        match link {
            Some(Ok(short)) => self.act_sharing(Deed::Open(short)),
            Some(Err(problem)) => self.report(vec![trouble(&problem.text, &problem.remedy)], false),
            None => self.ask(&worker::protocol::Request::OpenText(text)),
        }
    }
}

/// What a short link leads to.
enum Found {
    /// What the server keeps of it, and what this browser knows of it.
    Stored { root: Value, read: Box<Read>, seen: Vec<Known> },
    /// Nothing on the server any more, but a document kept here.
    Kept(String),
}

/// Fetches it; nothing is shown or changed yet.
async fn find(short: &Short) -> Result<Found, Refused> {
    let links = storage::choice(super::LINKS).map(|text| super::read_known(&text)).unwrap_or_default();
    let seen: Vec<Known> = links.into_iter().filter(|known| known.id == short.id).collect();
    let read = match api::read_link(short).await {
        Ok(read) => read,
        Err(Failed::Gone) => {
            for known in seen {
                if saved::load(&known.document).await.is_some() {
                    return Ok(Found::Kept(known.document));
                }
            }
            return Err(Failed::Gone.into());
        }
        Err(failed) => return Err(failed.into()),
    };
    match serde_json::from_str::<Value>(&read.unpacked.text) {
        Ok(root) => Ok(Found::Stored { root, read: Box::new(read), seen }),
        Err(_) => Err(vec![trouble(words::CORRUPTED, words::ASK_SENDER)]),
    }
}

fn show(app: App, short: &Short, seen: &[Known], read: Read, root: Value) {
    if short.version.is_none() && seen.iter().any(|known| known.version > read.version) {
        app.report(vec![trouble(words::ROLLED_BACK, words::ROLLED_BACK_REMEDY)], false);
    }
    // Never the key of an earlier copy: the tab that has it open may hold another version, and only one is kept for each key.
    let key = browser::fresh_key();
    let owner = seen.iter().find_map(|known| known.owner.clone());
    let edit = short.edit.clone().or_else(|| seen.iter().find_map(|known| known.edit.clone()));
    let name = root.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    app.shares.put(Known {
        id: short.id.clone(),
        key: short.key.clone(),
        edit,
        owner,
        name,
        version: read.version,
        expires: read.expires,
        document: key.clone(),
        ..Known::default()
    });
    app.forget_files();
    app.open(key, root);
    app.show_as(&read.unpacked.view);
    if short.present {
        app.presenting.set(true);
    }
    app.report(vec![trouble(&words::opened(read.version), text::OPENED_COPY_REMEDY)], true);
    app.report(read.unpacked.losses.iter().map(|loss| trouble(loss, "")).collect(), false);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_can_be_opened_at_once_after_one_that_was_stopped() {
        let owner = Owner::new();
        owner.with(|| {
            let app = App::new();
            for (opening, busy) in [(true, false), (false, true)] {
                if opening {
                    OPENING.with(Awaited::begin);
                }
                app.shares.busy.set(true);
                stop_opening(app);
                assert_eq!(app.shares.busy.get_untracked(), busy, "another step of sharing is not what is stopped");
            }
        });
    }

    #[test]
    fn a_bar_is_cleared_by_whose_it_is() {
        let owner = Owner::new();
        owner.with(|| {
            let app = App::new();
            for (bar, stays) in [(words::SHORT, false), ("big.csv", true)] {
                app.progress.set(Some((bar.into(), 0.5)));
                app.clear_bar(words::SHORT);
                assert_eq!(app.progress.with_untracked(Option::is_some), stays, "{bar}");
            }
        });
    }

    #[test]
    fn a_second_step_says_that_one_is_under_way() {
        let owner = Owner::new();
        owner.with(|| {
            let app = App::new();
            assert!(app.begin_step());
            assert!(!app.begin_step());
            assert!(app.notices.with_untracked(|notices| notices.iter().any(|one| one.trouble.text == words::BUSY)));
            app.end_step(Ok(""));
            assert!(app.begin_step());
            // The corner is behind the dialog.
            app.sharing.set(true);
            assert!(!app.begin_step());
            assert_eq!(app.shares.refused.with_untracked(|refused| refused[0].text.clone()), words::BUSY);
        });
    }
}
