//! Blocks that are made as HTML text by a view model.

use crate::platform::{browser, focus};
use leptos::html::Div;
use leptos::prelude::*;

/// A block in which choices (`select` with `data-act`) hand on their action and value.
pub fn chosen(inside: AnyView, act: Callback<(String, String)>) -> AnyView {
    let change = move |event: leptos::ev::Event| {
        if let Some(choice) = browser::choice(&event) {
            act.run(choice);
        }
    };
    view! { <div on:change=change>{inside}</div> }.into_any()
}

/// Shows the text; a click on something with `data-act` is handed on with its value. The same text again is not read again, and
/// where another takes its place, the control with the focus keeps it.
pub fn html(source: Signal<String>, act: Callback<String>) -> AnyView {
    let click = move |event: leptos::ev::MouseEvent| {
        if let Some(what) = browser::act(&event) {
            act.run(what);
        }
    };
    let made = Memo::new(move |_| source.get());
    let place = NodeRef::<Div>::new();
    let text = move || {
        if let Some(block) = place.get_untracked() {
            focus::keep(&block);
        }
        made.get()
    };
    view! { <div class="made" node_ref=place inner_html=text on:click=click></div> }.into_any()
}
