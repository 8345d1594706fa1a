//! Blocks that are made as HTML text by a view model.

use crate::platform::browser;
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

/// Shows the text; a click on something with `data-act` is handed on with its value. The same text again is not read again.
pub fn html(source: Signal<String>, act: Callback<String>) -> AnyView {
    let click = move |event: leptos::ev::MouseEvent| {
        if let Some(what) = browser::act(&event) {
            act.run(what);
        }
    };
    let made = Memo::new(move |_| source.get());
    view! { <div class="made" inner_html=move || made.get() on:click=click></div> }.into_any()
}
