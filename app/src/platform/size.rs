//! How wide an element is, and whether the window is narrow, as they change.

use super::turns;
use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, ResizeObserver, ResizeObserverEntry};

/// Follows an element's content width in CSS pixels until the owner is cleaned up. The first width comes once the browser has
/// laid the page out: asking for it at once would make it do so in the middle of the work.
pub fn follow_width(element: &Element, width: RwSignal<f64>) {
    let callback = Closure::<dyn Fn(Array)>::new(move |entries: Array| {
        let entry = entries.get(0).unchecked_into::<ResizeObserverEntry>();
        let new = entry.content_rect().width().round();
        if new > 0.0 && width.try_get_untracked().is_some_and(|old| (old - new).abs() >= 1.0) {
            // What hangs on it is drawn in a task of its own, not between the browser's layout and its painting.
            turns::later(move || {
                width.try_set(new);
            });
        }
    });
    if let Ok(observer) = ResizeObserver::new(callback.as_ref().unchecked_ref()) {
        observer.observe(element);
        let kept = StoredValue::new_local((observer, callback));
        on_cleanup(move || {
            kept.try_with_value(|(observer, _)| observer.disconnect());
        });
    }
}

/// Whether the window is as narrow as a phone's, as it changes: the width below which the stylesheet puts lists first.
pub fn is_narrow() -> Memo<bool> {
    let look = || {
        let query = web_sys::window().and_then(|window| window.match_media("(max-width: 720px)").ok().flatten());
        query.is_some_and(|query| query.matches())
    };
    let narrow = RwSignal::new(look());
    let resized = window_event_listener(leptos::ev::resize, move |_| narrow.set(look()));
    on_cleanup(move || resized.remove());
    Memo::new(move |_| narrow.get())
}
