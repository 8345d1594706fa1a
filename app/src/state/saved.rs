//! Autosave: every change is kept in the browser, soon after the last keystroke.

use super::App;
use crate::platform::{browser, storage};
use crate::text;
use crate::view_model::place::Place;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;
use worker::protocol::Trouble;

/// Pause after the last change before it is kept.
const CALM: Duration = Duration::from_millis(400);
/// Documents kept before the oldest is forgotten.
const KEPT: usize = 40;

/// A document among the recent ones.
///
/// Read as what it is, not as a tree of JSON: the start page would carry the reader of any tree with it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Recent {
    pub key: String,
    pub name: String,
    /// Milliseconds since 1970.
    pub at: f64,
    pub components: usize,
}

impl Recent {
    fn line(&self) -> String {
        json!({"key": self.key, "name": self.name, "at": self.at, "components": self.components}).to_string()
    }

    fn read(line: &str) -> Option<Self> {
        serde_json::from_str(line).ok()
    }
}

/// Keeps the document once it has been left alone for a moment.
pub fn keep(app: App) {
    let generation = app.generation.get_untracked();
    set_timeout(
        move || {
            if app.generation.try_get_untracked() == Some(generation) {
                flush(app, || {});
            }
        },
        CALM,
    );
}

/// Keeps the document as it is now, before the page goes or another document takes its place; then goes on.
pub fn flush(app: App, then: impl FnOnce() + 'static) {
    let kept = Kept::of(app);
    spawn_local(async move {
        if let Some(kept) = kept {
            keep_this(app, kept).await;
        }
        then();
    });
}

/// The open document at one moment.
struct Kept {
    recent: Recent,
    document: String,
    /// When this tab had last kept or read it.
    since: f64,
}

impl Kept {
    fn of(app: App) -> Option<Self> {
        app.document.with_untracked(|open| {
            let document = open.as_ref()?;
            let components = document.root.get("components").and_then(Value::as_array).map_or(0, Vec::len);
            let name = document.name().to_owned();
            let recent = Recent { key: document.key.clone(), name, at: browser::now(), components };
            Some(Self { recent, document: document.root.to_string(), since: app.kept_at.get_untracked() })
        })
    }
}

async fn keep_this(app: App, kept: Kept) {
    let Kept { mut recent, document, since } = kept;
    // What is kept already is not kept again: another tab would take that for a change.
    if storage::load(&recent.key).await.as_deref() == Some(document.as_str()) {
        drop(app.saved.try_set(text::SAVED_HERE.into()));
        return;
    }
    // Another tab has the same document open and kept it since: this one goes on as a document of its own.
    let newest = storage::line(&recent.key).await.and_then(|line| Recent::read(&line)).map_or(0.0, |known| known.at);
    if newest > since + 0.5 {
        let (old, key) = (recent.key, browser::fresh_key());
        recent.key = key.clone();
        app.shares.follow(&old, &key);
        app.document.update_untracked(|open| {
            if let Some(open) = open.as_mut().filter(|open| open.key == old) {
                storage::remember("open", Some(&key));
                open.key = key;
            }
        });
        app.write_address();
        let remedy = text::OTHER_TAB_REMEDY.into();
        app.report(vec![Trouble { path: recent.name.clone(), text: text::OTHER_TAB.into(), remedy }], true);
    }
    if app.document_key() == recent.key {
        app.kept_at.set(recent.at);
    }
    match storage::save(&recent.key, &recent.line(), &document).await {
        Ok(()) => drop(app.saved.try_set(text::SAVED_HERE.into())),
        Err(error) => {
            drop(app.saved.try_set(text::NOT_SAVED.into()));
            let remedy = text::SAVE_A_FILE.into();
            app.report(
                vec![Trouble { path: recent.name, text: format!("{}: {error}", text::NOT_SAVED), remedy }],
                false,
            );
        }
    }
}

/// Reads the list of recent documents, newest first, and forgets the oldest beyond the limit.
pub fn list(app: App) {
    spawn_local(async move {
        let mut recent: Vec<Recent> = storage::recent().await.iter().filter_map(|line| Recent::read(line)).collect();
        recent.sort_by(|a, b| b.at.total_cmp(&a.at));
        for old in recent.split_off(recent.len().min(KEPT)) {
            storage::forget(&old.key).await;
        }
        let _ = app.recent.try_set(recent);
    });
}

/// Opens a kept document at a place; `named` where a person would wonder that nothing opens.
pub fn reopen(app: App, place: Place, named: bool) {
    let key = place.open.clone();
    spawn_local(async move {
        let at = storage::line(&key).await.and_then(|line| Recent::read(&line)).map_or(0.0, |known| known.at);
        match storage::load(&key).await.and_then(|text| serde_json::from_str(&text).ok()) {
            Some(root) => {
                // Opening keeps what was open, by the time of that.
                if app.document.with_untracked(Option::is_some) {
                    app.forget_files();
                }
                app.open(key, root);
                app.kept_at.set(at);
                app.stand_at(&place);
            }
            None => app.not_kept(named),
        }
    });
}

/// Forgets a kept document.
pub fn forget(app: App, key: String) {
    spawn_local(async move {
        storage::forget(&key).await;
        list(app);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_comes_back() {
        let recent = Recent { key: "k".into(), name: "Shop \"1\"".into(), at: 1_795_353_299_328.5, components: 7 };
        assert_eq!(Recent::read(&recent.line()), Some(recent));
        for broken in ["", "{}", "[]", "{\"key\": 1}"] {
            assert_eq!(Recent::read(broken), None, "{broken}");
        }
    }
}
