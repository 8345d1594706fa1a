//! What stands on the screen a moment later, each in a task of its own, so that none keeps the page from answering.

use crate::platform::turns;
use leptos::prelude::*;

/// Shows something in a task of its own.
pub fn later(show: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    let there = RwSignal::new(false);
    // Its place may be gone by then.
    turns::later(move || {
        there.try_set(true);
    });
    (move || there.get().then(&show)).into_any()
}

/// A copy of a memo that changes in a task of its own: what is costly to draw hangs on it.
pub fn delayed<T: Clone + PartialEq + Send + Sync + 'static>(of: Memo<T>) -> RwSignal<Option<T>> {
    let copy = RwSignal::new(None);
    let on_its_way = StoredValue::new(false);
    Effect::new(move |_| {
        of.track();
        if !on_its_way.get_value() {
            on_its_way.set_value(true);
            turns::later(move || {
                on_its_way.try_set_value(false);
                if let Some(now) = of.try_get_untracked() {
                    copy.try_set(Some(now));
                }
            });
        }
    });
    copy
}

/// Options of a list to choose from that one task draws: those of a large system come in pieces.
pub const OPTIONS: usize = 100;

/// How many of a list are shown: some more in each task, until all are.
pub fn growing(count: impl Fn() -> usize + Copy + Send + Sync + 'static, at_once: usize) -> RwSignal<usize> {
    more(count, at_once, at_once)
}

/// The same where already the first come in a task of their own: what the list is of took one to work out.
pub fn growing_later(count: impl Fn() -> usize + Copy + Send + Sync + 'static, at_once: usize) -> RwSignal<usize> {
    more(count, at_once, 0)
}

fn more(count: impl Fn() -> usize + Copy + Send + Sync + 'static, at_once: usize, first: usize) -> RwSignal<usize> {
    let shown = RwSignal::new(first);
    let on_its_way = StoredValue::new(false);
    Effect::new(move |_| {
        if shown.get() < count() && !on_its_way.get_value() {
            on_its_way.set_value(true);
            turns::later(move || {
                on_its_way.try_set_value(false);
                shown.try_update(|shown| *shown += at_once);
            });
        }
    });
    shown
}
