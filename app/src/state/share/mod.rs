//! Stored shares: made, opened, changed, and the list of those this browser knows.
//!
//! Three hands work together: the worker packs and unpacks documents, the browser encrypts them, the server keeps what it
//! cannot read. Opening a share never touches what is open: it becomes a document of its own.

mod api;
mod ask;
mod make;
mod open;
mod past;
mod settle;
mod view;

use super::App;
use crate::platform::{crypto, storage};
use crate::text::share as text;
use crate::view_model::share::{Entry, Known, Rules, read_known, rules, trouble};
use leptos::prelude::*;
use leptos::task::spawn_local;
use scenario::link::Short;
use serde_json::Value;
use worker::protocol::{Difference, LeaveOut, Merged, Trouble};

pub use ask::{answered, forget};
pub use make::Wish;
pub use open::stop_opening;

/// Under which word the list is kept.
const LINKS: &str = "links";

/// What is asked of the part that holds sharing (`crate::part`).
#[derive(Debug)]
pub enum Deed {
    /// Open the dialog.
    Begin,
    /// Open a short link as a document of its own.
    Open(Short),
}

/// Does it.
pub fn run(app: App, deed: Deed) {
    match deed {
        Deed::Begin => app.begin_sharing(),
        Deed::Open(short) => app.open_share(short),
    }
}

/// What went wrong on the way, in words.
type Refused = Vec<Trouble>;

/// Whether this server keeps shares.
#[derive(Debug, Clone, PartialEq)]
pub enum Offer {
    /// Not asked yet.
    Unknown,
    /// It does, with these rules.
    Yes(Rules),
    /// It does not, or this page cannot use it; why.
    No(Trouble),
}

/// A version that was added while this one was worked on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Clash {
    /// The share; its document is the only one that can be merged.
    pub known: Known,
    /// Its newest version.
    pub version: u32,
    /// What the newest version holds.
    pub theirs: String,
    /// What both began with.
    pub base: String,
    /// Both in one as they were then, and what each changed.
    pub merged: Merged,
    /// Name that the version was to have.
    pub name: String,
}

/// Versions and comments of the open share.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Past {
    /// The share's id.
    pub id: String,
    /// Its versions, newest first, with their names.
    pub entries: Vec<(Entry, String)>,
    /// Comments: who and when, and what.
    pub comments: Vec<(String, String)>,
    /// What one version changed, once asked.
    pub changes: Option<(u32, Difference)>,
}

/// Everything the page knows of sharing.
#[derive(Clone, Copy)]
pub struct Sharing {
    /// Shares this browser knows, the newest first.
    pub links: RwSignal<Vec<Known>>,
    /// Whether this server keeps shares.
    pub offer: RwSignal<Offer>,
    /// What to leave out.
    pub leave_out: RwSignal<LeaveOut>,
    /// What a reader would learn.
    pub left: RwSignal<Vec<String>>,
    /// Number of the last link that was asked for.
    pub asked: RwSignal<u32>,
    /// Whether something is on its way.
    pub busy: RwSignal<bool>,
    /// What went wrong last.
    pub refused: RwSignal<Refused>,
    /// What went well last.
    pub news: RwSignal<&'static str>,
    /// A version that was in the way.
    pub clash: RwSignal<Option<Clash>>,
    /// Whether the browser's store refused the list: this tab alone knows it.
    pub unkept: RwSignal<bool>,
    /// Versions and comments of the open share.
    pub past: RwSignal<Option<Past>>,
}

impl Sharing {
    /// Nothing known yet but the list.
    pub fn new() -> Self {
        Self {
            links: RwSignal::new(Vec::new()),
            offer: RwSignal::new(Offer::Unknown),
            leave_out: RwSignal::new(LeaveOut::default()),
            left: RwSignal::new(Vec::new()),
            asked: RwSignal::new(0),
            busy: RwSignal::new(false),
            refused: RwSignal::new(Vec::new()),
            news: RwSignal::new(""),
            clash: RwSignal::new(None),
            unkept: RwSignal::new(false),
            past: RwSignal::new(None),
        }
    }

    /// Takes the list from the store, where another tab may have made links meanwhile; not where the store lacks what this one made.
    fn look_up(self) {
        if !self.unkept.get_untracked() {
            self.links.set(storage::choice(LINKS).map(|text| read_known(&text)).unwrap_or_default());
        }
    }

    fn keep(self, change: impl FnOnce(&mut Vec<Known>)) {
        self.look_up();
        self.links.update(change);
        let text = self.links.with_untracked(|links| serde_json::to_string(links).unwrap_or_default());
        self.unkept.set(!storage::choose(LINKS, Some(&text)));
    }

    /// A document goes on under another key: it stays bound to its share, at the version this tab knows.
    pub fn follow(self, document: &str, key: &str) {
        // The list may not have been looked at in this tab yet.
        let links = storage::choice(LINKS).map(|text| read_known(&text)).unwrap_or_default();
        if let Some(known) = links.into_iter().find(|known| known.document == document) {
            self.put(Known { document: key.to_owned(), ..known });
        }
    }

    /// Forgets a version in the way of another document than this one.
    pub fn drop_clash_of_others(self, document: &str) {
        let is_of_other = |clash: &Option<Clash>| clash.as_ref().is_some_and(|clash| clash.known.document != document);
        if self.clash.with_untracked(is_of_other) {
            self.clash.set(None);
        }
    }

    fn put(self, known: Known) {
        self.keep(|links| {
            links.retain(|old| (&old.id, &old.document) != (&known.id, &known.document));
            links.insert(0, known);
        });
    }
}

impl App {
    /// Opens the dialog: what was said before is over, and the server is asked what it offers.
    fn begin_sharing(self) {
        let sharing = self.shares;
        sharing.look_up();
        sharing.refused.set(Vec::new());
        sharing.news.set("");
        sharing.past.set(None);
        sharing.drop_clash_of_others(&self.document_key());
        sharing.leave_out.set(self.bound_now().map(|known| known.leave_out).unwrap_or_default());
        self.sharing.set(true);
        self.share(sharing.leave_out.get_untracked());
        spawn_local(async move { sharing.offer.set(offered().await) });
    }

    /// The share that the open document belongs to.
    pub fn bound(self) -> Option<Known> {
        let key = self.document.with(|open| open.as_ref().map(|document| document.key.clone()))?;
        self.shares.links.with(|links| links.iter().find(|known| known.document == key).cloned())
    }

    /// The same, asked by something that happened rather than by what is shown.
    fn bound_now(self) -> Option<Known> {
        untrack(|| self.bound())
    }

    /// Forgets a link; the share itself stays.
    pub fn forget_link(self, known: &Known) {
        self.shares.keep(|links| links.retain(|other| other != known));
    }

    /// Does a step of sharing: says that it runs, and what came of it.
    fn step(self, work: impl Future<Output = Result<&'static str, Refused>> + 'static) {
        if self.begin_step() {
            spawn_local(async move { self.end_step(work.await) });
        }
    }

    /// A step begins; false, and said, where one is under way.
    fn begin_step(self) -> bool {
        let sharing = self.shares;
        if sharing.busy.get_untracked() {
            self.refuse_step(vec![trouble(text::BUSY, text::BUSY_REMEDY)]);
            return false;
        }
        sharing.busy.set(true);
        sharing.refused.set(Vec::new());
        sharing.news.set("");
        true
    }

    fn end_step(self, outcome: Result<&'static str, Refused>) {
        self.shares.busy.set(false);
        match outcome {
            Ok(news) => self.shares.news.set(news),
            Err(refused) => self.refuse_step(refused),
        }
    }

    fn refuse_step(self, why: Refused) {
        // The corner is behind the dialog.
        if self.sharing.get_untracked() {
            self.shares.refused.set(why);
        } else {
            self.report(why, false);
        }
    }
}

async fn offered() -> Offer {
    if !crypto::is_available() {
        return Offer::No(trouble(text::NO_CRYPTO, text::NO_CRYPTO_REMEDY));
    }
    match crate::platform::net::send("GET", "/api/v1", &[], None).await {
        None => Offer::No(trouble(text::UNREACHABLE, text::UNREACHABLE_REMEDY)),
        Some(reply) => match rules(&reply.body) {
            Some(rules) if reply.is_fine() => Offer::Yes(rules),
            _ => Offer::No(trouble(text::NO_SHARES, text::NO_SHARES_REMEDY)),
        },
    }
}

/// A cover with one part changed.
fn with(cover: &Value, key: &str, value: Value) -> Value {
    let mut cover = cover.clone();
    if !cover.is_object() {
        cover = Value::Object(serde_json::Map::new());
    }
    if let Some(map) = cover.as_object_mut() {
        map.insert(key.to_owned(), value);
    }
    cover
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clash_is_of_its_own_document_only() {
        let owner = Owner::new();
        owner.with(|| {
            let sharing = Sharing::new();
            for (open, stays) in [("mine", true), ("other", false), ("", false)] {
                let known = Known { document: "mine".into(), ..Known::default() };
                sharing.clash.set(Some(Clash { known, ..Clash::default() }));
                sharing.drop_clash_of_others(open);
                assert_eq!(sharing.clash.with_untracked(Option::is_some), stays, "{open}");
            }
        });
    }
}
