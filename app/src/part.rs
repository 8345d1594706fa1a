//! Parts of the page that come in wasm files of their own, each when it is first needed (docs/adr/0002).
//!
//! The first file holds the start page. A part is reached only through its table of functions: the function that hands the
//! table out is where `cargo xtask dist` cuts, and whatever only the table leads to goes into the part's file. In other builds
//! nothing is cut and every part is there from the start.

use crate::platform::browser;
use crate::state::share::{self, Deed as ShareDeed};
use crate::state::{App, Deed, Tab, deed};
use crate::{page, ui};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::SplitLoaderError;
use std::cell::{Cell, RefCell};

/// The screen of an open document, and all that is done to one.
pub struct Bench {
    /// Below the bar.
    pub screen: fn(App) -> AnyView,
    /// Name and buttons in the bar.
    pub bar: fn(App) -> AnyView,
    /// Does one thing.
    pub act: fn(App, Deed),
}

/// Every tab but the first.
pub struct Pages {
    /// A tab's content.
    pub page: fn(App, Tab) -> AnyView,
}

/// Sharing.
pub struct Sharing {
    /// The dialog.
    pub dialog: fn(App) -> AnyView,
    /// Does one thing.
    pub act: fn(App, ShareDeed),
}

static BENCH: Bench = Bench { screen: page::screen, bar: ui::bar, act: deed::run };
static PAGES: Pages = Pages { page: page::page };
static SHARING: Sharing = Sharing { dialog: ui::share_dialog, act: share::run };

#[cfg_attr(split, leptos::wasm_split::wasm_split(bench, wasm_split_path = ::leptos::wasm_split, fallible))]
fn bench() -> Result<&'static Bench, SplitLoaderError> {
    Ok(&BENCH)
}

#[cfg_attr(split, leptos::wasm_split::wasm_split(pages, wasm_split_path = ::leptos::wasm_split, fallible))]
fn pages() -> Result<&'static Pages, SplitLoaderError> {
    Ok(&PAGES)
}

#[cfg_attr(split, leptos::wasm_split::wasm_split(sharing, wasm_split_path = ::leptos::wasm_split, fallible))]
fn sharing() -> Result<&'static Sharing, SplitLoaderError> {
    Ok(&SHARING)
}

thread_local! {
    static BENCH_HERE: Cell<Option<&'static Bench>> = const { Cell::new(None) };
    static PAGES_HERE: Cell<Option<&'static Pages>> = const { Cell::new(None) };
    static SHARING_HERE: Cell<Option<&'static Sharing>> = const { Cell::new(None) };
    static WAITING: RefCell<Vec<Deed>> = const { RefCell::new(Vec::new()) };
    static SHARING_WAITS: RefCell<Vec<ShareDeed>> = const { RefCell::new(Vec::new()) };
}

/// Which part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Bench,
    Pages,
    Sharing,
}

/// How far a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coming {
    NotYet,
    OnItsWay,
    Here,
    /// It did not arrive; asking again asks the server again.
    Missing,
}

/// How far each part is.
#[derive(Clone, Copy)]
pub struct Parts {
    parts: [RwSignal<Coming>; 3],
    /// Whether a person waits for something that is in a part.
    wanted: RwSignal<bool>,
}

impl Parts {
    /// None is here.
    pub fn new() -> Self {
        let parts = [RwSignal::new(Coming::NotYet), RwSignal::new(Coming::NotYet), RwSignal::new(Coming::NotYet)];
        Self { parts, wanted: RwSignal::new(false) }
    }

    fn coming(self, part: Part) -> RwSignal<Coming> {
        self.parts[part as usize]
    }

    /// Whether one did not arrive.
    pub fn is_one_missing(self) -> bool {
        self.parts.iter().any(|part| part.get() == Coming::Missing)
    }

    /// Whether a person waits for one.
    pub fn is_one_awaited(self) -> bool {
        self.wanted.get() && self.parts.iter().any(|part| part.get() == Coming::OnItsWay)
    }
}

/// A person chose something else: what waits for the bench is not wanted any more.
pub fn forget_waiting() {
    WAITING.with_borrow_mut(|waiting| waiting.retain(|deed| !deed.is_asked_for()));
}

impl App {
    /// Lets a part come, unless it is here or on its way.
    pub fn fetch(self, part: Part) {
        let coming = self.parts.coming(part);
        if matches!(coming.get_untracked(), Coming::OnItsWay | Coming::Here) {
            return;
        }
        coming.set(Coming::OnItsWay);
        spawn_local(async move {
            let came = come(part).await;
            coming.set(if came { Coming::Here } else { Coming::Missing });
            if came {
                self.parts.wanted.set(false);
                self.catch_up(part);
            }
        });
    }

    /// Asks again for all that did not arrive.
    pub fn fetch_again(self) {
        for part in [Part::Bench, Part::Pages, Part::Sharing] {
            if self.parts.coming(part).get_untracked() == Coming::Missing {
                self.fetch(part);
            }
        }
    }

    /// Loads the page anew: after an update the server may not have the parts of an older one.
    pub fn reload(self) {
        browser::reload();
    }

    /// Does one thing to a document, as soon as the part that can is here.
    pub fn act(self, deed: Deed) {
        if let Some(bench) = BENCH_HERE.get() {
            return (bench.act)(self, deed);
        }
        if deed.is_asked_for() {
            self.parts.wanted.set(true);
        }
        WAITING.with_borrow_mut(|waiting| line_up(waiting, deed));
        self.fetch(Part::Bench);
    }

    /// Does one thing of sharing, as soon as the part that can is here.
    pub fn act_sharing(self, deed: ShareDeed) {
        if let Some(sharing) = SHARING_HERE.get() {
            return (sharing.act)(self, deed);
        }
        self.parts.wanted.set(true);
        SHARING_WAITS.set(vec![deed]);
        self.fetch(Part::Sharing);
    }

    fn catch_up(self, part: Part) {
        match part {
            Part::Bench => WAITING.take().into_iter().for_each(|deed| self.act(deed)),
            Part::Sharing => SHARING_WAITS.take().into_iter().for_each(|deed| self.act_sharing(deed)),
            Part::Pages => {}
        }
    }

    /// What a part shows; nothing while it is not here.
    fn from(self, part: Part, show: impl FnOnce() -> Option<AnyView>) -> Option<AnyView> {
        let coming = self.parts.coming(part);
        if coming.get() == Coming::Here {
            return show();
        }
        if coming.get_untracked() == Coming::NotYet {
            self.parts.wanted.set(true);
            self.fetch(part);
        }
        None
    }

    /// The screen of the open document.
    pub fn screen(self) -> Option<AnyView> {
        self.from(Part::Bench, || BENCH_HERE.get().map(|bench| (bench.screen)(self)))
    }

    /// Name and buttons in the bar.
    pub fn bar(self) -> Option<AnyView> {
        self.from(Part::Bench, || BENCH_HERE.get().map(|bench| (bench.bar)(self)))
    }

    /// A tab's content, of those that are in the part of the pages.
    pub fn page(self, tab: Tab) -> Option<AnyView> {
        self.from(Part::Pages, || PAGES_HERE.get().map(|pages| (pages.page)(self, tab)))
    }

    /// The dialog.
    pub fn share_dialog(self) -> Option<AnyView> {
        self.from(Part::Sharing, || SHARING_HERE.get().map(|sharing| (sharing.dialog)(self)))
    }
}

/// What a person asks for while waiting takes the place of what was asked for before; answers of workers all stay, in their order.
fn line_up(waiting: &mut Vec<Deed>, deed: Deed) {
    if deed.is_asked_for() {
        waiting.retain(|earlier| !earlier.is_asked_for());
    }
    waiting.push(deed);
}

/// Fetches a part; whether it came.
async fn come(part: Part) -> bool {
    macro_rules! table {
        ($of:ident) => {{
            #[cfg(split)]
            let table = $of().await.ok();
            #[cfg(not(split))]
            let table = $of().ok();
            table
        }};
    }
    match part {
        Part::Bench => BENCH_HERE.set(table!(bench)),
        Part::Pages => PAGES_HERE.set(table!(pages)),
        Part::Sharing => SHARING_HERE.set(table!(sharing)),
    }
    match part {
        Part::Bench => BENCH_HERE.get().is_some(),
        Part::Pages => PAGES_HERE.get().is_some(),
        Part::Sharing => SHARING_HERE.get().is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_wish_counts_and_no_answer_is_lost() {
        let mut waiting = Vec::new();
        let deeds = [Deed::Hear(vec![1]), Deed::Empty, Deed::Hear(vec![2]), Deed::Empty, Deed::Reopen("a".into())];
        for deed in deeds {
            line_up(&mut waiting, deed);
        }
        let expected = [Deed::Hear(vec![1]), Deed::Hear(vec![2]), Deed::Reopen("a".into())];
        assert_eq!(format!("{waiting:?}"), format!("{expected:?}"));
    }
}
