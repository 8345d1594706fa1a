//! Autosave: every change is kept in the browser, soon after the last keystroke.

use super::ledger::{Keeping, Ledger, Left, Seen};
use super::{App, Deed};
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
/// Documents kept; beyond that some are forgotten (`over`).
pub const KEPT: usize = 40;
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
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Recent {
    pub key: String,
    pub name: String,
    /// When it was changed last: milliseconds since 1970.
    pub at: f64,
    pub components: usize,
    /// When it was opened last, likewise.
    #[serde(default)]
    pub opened: f64,
    /// Whether it is a ready scenario that nobody changed: there is another one where it came from.
    #[serde(default)]
    pub ready: bool,
    /// Whether the store refused it: it is in this tab only.
    #[serde(skip)]
    pub unkept: bool,
}

impl Recent {
    fn line(&self) -> String {
        let Self { key, name, at, components, opened, ready, .. } = self;
        json!({"key": key, "name": name, "at": at, "components": components, "opened": opened, "ready": ready})
            .to_string()
    }

    /// When it was opened or changed last: milliseconds since 1970.
    pub fn used(&self) -> f64 {
        self.at.max(self.opened)
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
    let (refused, unkept) = LEDGER.with_borrow(|ledger| (ledger.refused, !ledger.unkept().is_empty()));
    unkept || app.shares.unkept.get_untracked() || Kept::of(app).is_some() && (!left || refused)
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
fn pick_up(app: App) {
    let mut left = storage::choices(LEFT);
    left.retain(|(word, _)| OWN_WORD.with(|own| own != word));
    for (word, left) in left {
        in_turn(keep_left(app, word, left));
    }
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
    let (_, kept) = write(seen, Recent { key: left.key, ..recent.clone() }, &left.text).await;
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

/// A document at one moment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Kept {
    pub(super) recent: Recent,
    pub(super) document: String,
    pub(super) generation: u64,
}

impl Kept {
    /// The open one. None where the store has it: a tab that has changed nothing has nothing to keep, whatever others did.
    fn of(app: App) -> Option<Self> {
        let generation = app.generation.get_untracked();
        if LEDGER.with_borrow(|ledger| ledger.has(generation)) {
            return None;
        }
        app.document.with_untracked(|open| {
            let document = open.as_ref()?;
            let components = document.root.get("components").and_then(Value::as_array).map_or(0, Vec::len);
            let name = document.name().to_owned();
            let key = document.key.clone();
            let untouched = document.undo_label().is_none() && document.redo_label().is_none();
            let ready = untouched && LEDGER.with_borrow(|ledger| ledger.is_ready(&key));
            let recent = Recent { key, name, at: browser::now(), components, ready, ..Recent::default() };
            Some(Self { recent, document: document.root.to_string(), generation })
        })
    }
}

/// Writes a document, as a copy where another tab has kept the same one since: under which line, and what became of it.
async fn write(seen: Seen, mut recent: Recent, text: &str) -> (Recent, Result<Keeping, String>) {
    let mut keeping = Keeping::default();
    let key = recent.key.clone();
    let kept = storage::keep(&key, |held| {
        let held_at = held.line.as_deref().and_then(Recent::read).map_or(0.0, |known| known.at);
        keeping = seen.keeping(text, held.text.as_deref(), held_at);
        match keeping {
            Keeping::Held => {
                recent.at = held_at;
                return None;
            }
            Keeping::Here => {}
            Keeping::Copy => recent.key = browser::fresh_key(),
        }
        Some(Entry { key: recent.key.clone(), line: recent.line(), text: text.to_owned() })
    })
    .await;
    (recent, kept.map(|()| keeping))
}

async fn keep_this(app: App, kept: Kept) {
    let name = kept.recent.name.clone();
    if let Err(error) = try_to_keep(app, kept).await {
        not_saved(app, name, &error);
    }
}

/// Keeps it in the store, or in this tab where the store refuses: a document that is not open any more is nowhere else.
async fn try_to_keep(app: App, kept: Kept) -> Result<(), String> {
    let Kept { mut recent, document, generation } = kept;
    recent.key = LEDGER.with_borrow(|ledger| ledger.called(&recent.key));
    let old = recent.key.clone();
    let seen = LEDGER.with_borrow(|ledger| ledger.seen(&old));
    let (recent, kept) = write(seen, recent, &document).await;
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
            Ok(())
        }
        Err(error) => {
            if app.document_key() == old {
                drop(app.saved.try_set(text::NOT_SAVED.into()));
            }
            let recent = Recent { key: old, ..recent };
            LEDGER.with_borrow_mut(|ledger| ledger.refuses(Kept { recent, document, generation }));
            Err(error)
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

/// Reads the list of recent documents, the one used last first, with those that the store refused. The start page needs no more of
/// this module than that: what keeps documents comes with the part that edits them.
pub fn list(app: App) {
    spawn_local(show(app));
}

async fn show(app: App) {
    let held = held().await;
    let recent = LEDGER.with_borrow(|ledger| with_unkept(held, ledger.unkept()));
    let _ = app.recent.try_set(recent);
}

/// Brings the store in order: what tabs that went left behind is kept, what is beyond the limit forgotten, what the store refused
/// tried again; and lists what there is.
pub fn settle(app: App) {
    pick_up(app);
    in_turn(async move {
        for key in over(&held().await, &in_use(app)) {
            storage::forget(&key).await;
        }
        for kept in LEDGER.with_borrow(|ledger| ledger.unkept().to_vec()) {
            // Why not was said when it was refused first.
            let _ = try_to_keep(app, kept).await;
        }
        show(app).await;
    });
}

async fn held() -> Vec<Recent> {
    storage::recent().await.iter().filter_map(|line| Recent::read(line)).collect()
}

/// What the store holds and what it refused, the one used last first.
fn with_unkept(mut recent: Vec<Recent>, unkept: &[Kept]) -> Vec<Recent> {
    recent.retain(|one| unkept.iter().all(|kept| kept.recent.key != one.key));
    recent.extend(unkept.iter().map(|kept| Recent { unkept: true, ..kept.recent.clone() }));
    recent.sort_by(|a, b| b.used().total_cmp(&a.used()));
    recent
}

/// What goes beyond the limit: ready scenarios that nobody changed first, then what was not used for longest; never what is in
/// use.
fn over(recent: &[Recent], in_use: &[String]) -> Vec<String> {
    let mut going: Vec<&Recent> = recent.iter().filter(|one| !in_use.contains(&one.key)).collect();
    going.sort_by(|a, b| b.ready.cmp(&a.ready).then(a.used().total_cmp(&b.used())));
    going.iter().take(recent.len().saturating_sub(KEPT)).map(|one| one.key.clone()).collect()
}

/// What this tab has open, is about to open, or compares with: a plan's original is among that.
fn in_use(app: App) -> Vec<String> {
    let place = Place::read(&browser::fragment()).map(|place| place.open);
    let mut keys: Vec<String> = storage::remembered("open").into_iter().chain(place).collect();
    keys.push(app.document_key());
    app.studies.beside.with_untracked(|all| keys.extend(all.iter().map(|one| one.key.clone())));
    keys
}

/// A document is used: it is not among the first to be forgotten. One of `worth` is not taken for a ready scenario any more.
pub fn touch(key: String, worth: bool) {
    in_turn(async move { touch_now(&key, worth).await });
}

async fn touch_now(key: &str, worth: bool) {
    let now = browser::now();
    let change = |line: &str| {
        let known = Recent::read(line)?;
        Some(Recent { opened: now, ready: known.ready && !worth, ..known }.line())
    };
    storage::change_line(key, change).await;
}

/// A ready scenario is opened under this key.
pub fn opens_ready(key: &str) {
    LEDGER.with_borrow_mut(|ledger| ledger.opens_ready(key));
}

/// The text of a document that is kept, be it in this tab only.
pub async fn load(key: &str) -> Option<String> {
    let here =
        |ledger: &Ledger| ledger.unkept().iter().find(|kept| kept.recent.key == key).map(|kept| kept.document.clone());
    match LEDGER.with_borrow(here) {
        Some(text) => Some(text),
        None => storage::load(key).await,
    }
}

/// Opens a kept document at a place; `named` where a person would wonder that nothing opens.
pub fn reopen(app: App, place: Place, named: bool) {
    pick_up(app);
    let key = place.open.clone();
    in_turn(async move {
        let at = storage::line(&key).await.and_then(|line| Recent::read(&line)).map_or(0.0, |known| known.at);
        match load(&key).await.and_then(|text| serde_json::from_str(&text).ok()) {
            Some(root) => {
                // Opening keeps what was open, by the time of that.
                if app.document.with_untracked(Option::is_some) {
                    app.forget_files();
                }
                app.open(key.clone(), root);
                // What the store refused is tried again once it is open.
                if LEDGER.with_borrow(|ledger| ledger.unkept().iter().all(|kept| kept.recent.key != key)) {
                    LEDGER.with_borrow_mut(|ledger| ledger.reads(&key, at, app.generation.get_untracked()));
                    app.saved.set(text::SAVED_HERE.into());
                }
                app.stand_at(&place);
                touch_now(&key, false).await;
            }
            None => app.not_kept(named),
        }
    });
}

/// Forgets a kept document.
pub fn forget(app: App, key: String) {
    in_turn(async move {
        LEDGER.with_borrow_mut(|ledger| ledger.forgets(&key));
        storage::forget(&key).await;
        show(app).await;
        if !LEDGER.with_borrow(|ledger| ledger.unkept().is_empty()) {
            // There may be room now for what was refused.
            app.act(Deed::Settle);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_comes_back() {
        let named = Recent { key: "k".into(), name: "Shop \"1\"".into(), at: 1_795_353_299_328.5, ..Recent::default() };
        let recent = Recent { components: 7, opened: 1_795_353_299_329.5, ready: true, ..named.clone() };
        assert_eq!(Recent::read(&recent.line()), Some(recent));
        // As it was written before openings were noted.
        let old = r#"{"key": "k", "name": "Shop \"1\"", "at": 1795353299328.5, "components": 0}"#;
        assert_eq!(Recent::read(old), Some(named));
        for broken in ["", "{}", "[]", "{\"key\": 1}"] {
            assert_eq!(Recent::read(broken), None, "{broken}");
        }
    }

    fn one(key: &str, at: f64, opened: f64, ready: bool) -> Recent {
        Recent { key: key.into(), at, opened, ready, ..Recent::default() }
    }

    #[test]
    fn what_is_used_is_kept() {
        // As many as are kept, changed one after the other from 100 on, and what is beyond; what is in use; what goes.
        type Row<'a> = (&'a str, Vec<Recent>, &'a [&'a str], &'a [&'a str]);
        let rows: [Row<'_>; 6] = [
            ("no more than are kept", vec![], &[], &[]),
            ("the oldest", vec![one("old", 1.0, 0.0, false)], &[], &["old"]),
            ("opened since", vec![one("old", 1.0, 500.0, false)], &[], &["k0"]),
            ("open", vec![one("old", 1.0, 0.0, false)], &["old"], &["k0"]),
            (
                "ready ones first",
                vec![one("ready", 900.0, 950.0, true), one("old", 1.0, 0.0, false)],
                &[],
                &["ready", "old"],
            ),
            ("ready, but open", vec![one("ready", 900.0, 950.0, true)], &["ready"], &["k0"]),
        ];
        for (what, more, in_use, expected) in rows {
            let mut recent: Vec<Recent> =
                (0..KEPT).map(|index| one(&format!("k{index}"), 100.0 + index as f64, 0.0, false)).collect();
            recent.extend(more);
            let in_use: Vec<String> = in_use.iter().map(|key| (*key).to_owned()).collect();
            assert_eq!(over(&recent, &in_use), expected, "{what}");
        }
    }

    #[test]
    fn what_the_store_refused_is_listed() {
        let refused = Kept { recent: one("b", 9.0, 0.0, false), document: "{}".into(), generation: 1 };
        let held = vec![one("a", 5.0, 0.0, false), one("b", 2.0, 0.0, false), one("c", 1.0, 30.0, false)];
        let listed = with_unkept(held, &[refused]);
        let listed: Vec<(&str, bool)> = listed.iter().map(|one| (one.key.as_str(), one.unkept)).collect();
        assert_eq!(listed, [("c", false), ("b", true), ("a", false)]);
    }
}
