//! Autosave: every change is kept in the browser, soon after the last keystroke.

use super::App;
use super::ledger::{Keeping, Ledger, Left, Seen};
use crate::platform::browser;
use crate::platform::storage::{self, Entry};
use crate::text;
use crate::view_model::place::Place;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::pin::Pin;
use std::time::Duration;
use worker::protocol::Trouble;

/// Pause after the last change before it is kept.
const CALM: Duration = Duration::from_millis(400);
/// Documents kept before the oldest is forgotten.
const KEPT: usize = 40;
/// What tabs that went left behind: the word begins with this, a name of the tab follows.
const LEFT: &str = "left:";

type Work = Pin<Box<dyn Future<Output = ()>>>;

thread_local! {
    static WAITING: RefCell<VecDeque<Work>> = const { RefCell::new(VecDeque::new()) };
    /// Whether somebody is at what waits.
    static GOING: Cell<bool> = const { Cell::new(false) };
    static LEDGER: RefCell<Ledger> = RefCell::default();
    /// The word under which this tab leaves something behind.
    static OWN_WORD: String = format!("{LEFT}{}", browser::fresh_key());
}

/// Does it after all that was asked of the store before: two savings at once would each take the other for another tab's, and
/// what is opened is what was kept.
fn in_turn(work: impl Future<Output = ()> + 'static) {
    WAITING.with_borrow_mut(|waiting| waiting.push_back(Box::pin(work)));
    if !GOING.replace(true) {
        spawn_local(async {
            while let Some(next) = WAITING.with_borrow_mut(VecDeque::pop_front) {
                next.await;
            }
            GOING.set(false);
        });
    }
}

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
    in_turn(async move {
        if let Some(kept) = kept {
            keep_this(app, kept).await;
        }
        then();
    });
}

/// Keeps the document as the page goes. A page that goes may hear no answer of the store any more, and must not write without
/// looking what another tab wrote: what is not kept yet is left behind for whoever opens the app next.
pub fn leave(app: App) {
    leave_behind(app);
    flush(app, || {});
}

/// Whether a change would be lost if the page went now.
pub fn is_at_risk(app: App) -> bool {
    let left = leave_behind(app);
    Kept::of(app).is_some() && (!left || LEDGER.with_borrow(|ledger| ledger.refused))
}

/// Leaves behind what is not kept yet; false when the browser refuses.
fn leave_behind(app: App) -> bool {
    let Some(kept) = Kept::of(app) else { return true };
    let Kept { recent, document: text, generation } = kept;
    let (key, since) = LEDGER.with_borrow(|ledger| {
        let key = ledger.called(&recent.key);
        let since = ledger.seen(&key).at;
        (key, since)
    });
    let left = Left { key, since, at: recent.at, line: recent.line(), text };
    let written =
        serde_json::to_string(&left).is_ok_and(|left| OWN_WORD.with(|word| storage::choose(word, Some(&left))));
    if written {
        LEDGER.with_borrow_mut(|ledger| ledger.leaves(generation, recent.at));
    }
    written
}

/// Keeps what tabs that went left behind.
pub fn pick_up(app: App) {
    let mut left = storage::choices(LEFT);
    left.retain(|(word, _)| OWN_WORD.with(|own| own != word));
    if left.is_empty() {
        return;
    }
    for (word, left) in left {
        in_turn(keep_left(app, word, left));
    }
    in_turn(async move { list(app) });
}

async fn keep_left(app: App, word: String, left: String) {
    // Whoever left it may have kept it meanwhile.
    if storage::choice(&word).as_ref() != Some(&left) {
        return;
    }
    let read = serde_json::from_str::<Left>(&left).ok();
    let Some((recent, left)) = read.and_then(|left| Some((Recent::read(&left.line)?, left))) else {
        storage::choose(&word, None);
        return;
    };
    let seen = Seen { at: left.since, left: left.at };
    let (_, kept) = write(seen, Recent { key: left.key, ..recent.clone() }, left.text).await;
    match kept {
        Ok(keeping) => {
            storage::choose(&word, None);
            if keeping == Keeping::Copy {
                say(app, recent.name, text::LEFT_COPY.into(), text::LEFT_COPY_REMEDY, true);
            }
        }
        Err(error) => not_saved(app, recent.name, &error),
    }
}

/// The open document at one moment.
struct Kept {
    recent: Recent,
    document: String,
    generation: u64,
}

impl Kept {
    /// None where the store has it: a tab that has changed nothing has nothing to keep, whatever others did.
    fn of(app: App) -> Option<Self> {
        let generation = app.generation.get_untracked();
        if LEDGER.with_borrow(|ledger| ledger.has(generation)) {
            return None;
        }
        app.document.with_untracked(|open| {
            let document = open.as_ref()?;
            let components = document.root.get("components").and_then(Value::as_array).map_or(0, Vec::len);
            let name = document.name().to_owned();
            let recent = Recent { key: document.key.clone(), name, at: browser::now(), components };
            Some(Self { recent, document: document.root.to_string(), generation })
        })
    }
}

/// Writes a document, as a copy where another tab has kept the same one since: under which line, and what became of it.
async fn write(seen: Seen, mut recent: Recent, text: String) -> (Recent, Result<Keeping, String>) {
    let mut keeping = Keeping::default();
    let key = recent.key.clone();
    let kept = storage::keep(&key, |held| {
        let held_at = held.line.as_deref().and_then(Recent::read).map_or(0.0, |known| known.at);
        keeping = seen.keeping(&text, held.text.as_deref(), held_at);
        match keeping {
            Keeping::Held => {
                recent.at = held_at;
                return None;
            }
            Keeping::Here => {}
            Keeping::Copy => recent.key = browser::fresh_key(),
        }
        Some(Entry { key: recent.key.clone(), line: recent.line(), text })
    })
    .await;
    (recent, kept.map(|()| keeping))
}

async fn keep_this(app: App, kept: Kept) {
    let Kept { mut recent, document, generation } = kept;
    recent.key = LEDGER.with_borrow(|ledger| ledger.called(&recent.key));
    let old = recent.key.clone();
    let seen = LEDGER.with_borrow(|ledger| ledger.seen(&old));
    let (recent, kept) = write(seen, recent, document).await;
    let now = app.generation.try_get_untracked() == Some(generation);
    match kept {
        Ok(keeping) => {
            if LEDGER.with_borrow_mut(|ledger| ledger.holds(&recent.key, recent.at, generation)) {
                OWN_WORD.with(|word| storage::choose(word, None));
            }
            if keeping == Keeping::Copy {
                goes_on_as(app, &old, &recent);
            }
            // An edit made meanwhile is kept in its turn, and that is when it is saved.
            if now {
                drop(app.saved.try_set(text::SAVED_HERE.into()));
            }
        }
        Err(error) => {
            LEDGER.with_borrow_mut(|ledger| ledger.refused = true);
            drop(app.saved.try_set(text::NOT_SAVED.into()));
            not_saved(app, recent.name, &error);
        }
    }
}

/// Another tab has the same document open and kept it since: this one goes on as a document of its own.
fn goes_on_as(app: App, old: &str, recent: &Recent) {
    let key = recent.key.as_str();
    LEDGER.with_borrow_mut(|ledger| ledger.moves(old, key));
    app.shares.follow(old, key);
    app.document.update_untracked(|open| {
        if let Some(open) = open.as_mut().filter(|open| open.key == old) {
            storage::remember("open", Some(key));
            open.key = key.to_owned();
        }
    });
    app.write_address();
    say(app, recent.name.clone(), text::OTHER_TAB.into(), text::OTHER_TAB_REMEDY, true);
}

fn not_saved(app: App, name: String, error: &str) {
    say(app, name, format!("{}: {error}", text::NOT_SAVED), text::SAVE_A_FILE, false);
}

fn say(app: App, path: String, text: String, remedy: &str, calm: bool) {
    app.report(vec![Trouble { path, text, remedy: remedy.into() }], calm);
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
    pick_up(app);
    let key = place.open.clone();
    in_turn(async move {
        let at = storage::line(&key).await.and_then(|line| Recent::read(&line)).map_or(0.0, |known| known.at);
        match storage::load(&key).await.and_then(|text| serde_json::from_str(&text).ok()) {
            Some(root) => {
                // Opening keeps what was open, by the time of that.
                if app.document.with_untracked(Option::is_some) {
                    app.forget_files();
                }
                app.open(key.clone(), root);
                LEDGER.with_borrow_mut(|ledger| ledger.reads(&key, at, app.generation.get_untracked()));
                app.saved.set(text::SAVED_HERE.into());
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
