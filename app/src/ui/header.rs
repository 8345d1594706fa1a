//! The bar at the top.

use crate::platform::browser::HtmlInputElement;
use crate::platform::{browser, storage};
use crate::state::share::Deed;
use crate::state::tree::path;
use crate::state::{self, App, Fresh};
use crate::text;
use leptos::ev::{Event, Targeted};
use leptos::prelude::*;
use serde_json::Value;

/// The mark.
#[component]
fn Logo() -> impl IntoView {
    view! {
        <svg viewBox="0 0 20 20" aria-hidden="true">
            <path d="M2 16h16M4 16V9m4 7V6m4 10V11m4 5V3" stroke="var(--accent)" stroke-width="2.4" fill="none" stroke-linecap="round"/>
            <path d="M2 3h9" stroke="var(--hot)" stroke-width="2" stroke-linecap="round" stroke-dasharray="2 3"/>
        </svg>
    }
}

/// Name, state, and what can be done with the whole.
#[component]
pub fn Header(app: App) -> impl IntoView {
    let open = Memo::new(move |_| app.document.with(Option::is_some));
    view! {
        <header class="bar">
            <button class="logo" title=text::START data-testid="home" on:click=move |_| close(app)>
                <Logo/><span class:wide=move || open.get()>{text::NAME}</span>
            </button>
            {move || open.get().then(|| app.bar()).flatten().unwrap_or_else(|| view! { <span class="grow"></span> }.into_any())}
            <button class="icon" title=text::THEME aria-label=text::THEME data-testid="theme" on:click=move |_| turn_theme()>
                <svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.5"/><path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor"/></svg>
            </button>
        </header>
    }
}

/// Back to the start page, unless that is what is shown.
fn close(app: App) {
    if app.document.with_untracked(Option::is_some) {
        app.act(state::Deed::Close);
    }
}

/// Name of the open document, and what can be done with it.
pub fn bar(app: App) -> AnyView {
    view! {
        <Name app/>
        <span class="grow"></span>
        <Show when=move || !app.presenting.get()><Actions app/></Show>
    }
    .into_any()
}

#[component]
fn Name(app: App) -> impl IntoView {
    let name = Memo::new(move |_| {
        app.document.with(|open| open.as_ref().map_or(String::new(), |document| document.name().to_owned()))
    });
    let rename = move |event: Targeted<Event, HtmlInputElement>| {
        app.set(text::SCENARIO_NAME, path("name"), Value::String(event.target().value()));
    };
    view! {
        <span class="rule wide"></span>
        <input class="name" data-testid="scenario-name" aria-label=text::SCENARIO_NAME prop:value=name on:change:target=rename/>
        <span class="saved" data-testid="saved">
            {move || match app.fresh.get() { Fresh::Working => text::WORKING.to_owned(), _ => app.saved.get() }}
        </span>
    }
}

#[component]
fn Actions(app: App) -> impl IntoView {
    let undo = Memo::new(move |_| app.document.with(|open| open.as_ref()?.undo_label().map(str::to_owned)));
    let redo = Memo::new(move |_| app.document.with(|open| open.as_ref()?.redo_label().map(str::to_owned)));
    let hint =
        |word: &'static str, label: Option<String>| label.map_or(word.to_owned(), |label| format!("{word}: {label}"));
    let save = move |_| {
        if let Some((name, text)) = app.pretty_text() {
            browser::download(&name, "application/json", &text);
        }
    };
    let choose = move |event: Targeted<Event, HtmlInputElement>| app.import(&browser::chosen_files(&event.target()));
    let share = move |_| app.act_sharing(Deed::Begin);
    view! {
        <button class="icon" data-testid="undo" aria-label=text::UNDO title=move || hint(text::UNDO, undo.get())
            disabled=move || undo.with(Option::is_none) on:click=move |_| app.undo()>
            <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.5" aria-hidden="true"><path d="M6 3 2.5 6.5 6 10M3 6.5h6.5a3.5 3.5 0 0 1 0 7H7"/></svg>
        </button>
        <button class="icon" data-testid="redo" aria-label=text::REDO title=move || hint(text::REDO, redo.get())
            disabled=move || redo.with(Option::is_none) on:click=move |_| app.redo()>
            <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.5" aria-hidden="true"><path d="M10 3l3.5 3.5L10 10m3-3.5H6.500a3.5 3.5 0 0 0 0 7H9"/></svg>
        </button>
        <label class="button first" data-testid="import">
            {text::IMPORT}
            <input class="hidden-input" type="file" multiple data-testid="file-input" aria-label=text::IMPORT
                on:change:target=choose/>
        </label>
        <button title=text::EXPORT_HINT data-testid="save-file" on:click=save>{text::EXPORT}</button>
        <button class="primary" data-testid="share" on:click=share>{text::SHARE}</button>
    }
}

/// Turns to the other of light and dark; back at the system's choice it follows the system again.
fn turn_theme() {
    let system = if browser::prefers_dark() { "dark" } else { "light" };
    let now = storage::choice("theme").unwrap_or_else(|| system.into());
    let other = if now == "dark" { "light" } else { "dark" };
    let chosen = (other != system).then_some(other);
    storage::choose("theme", chosen);
    browser::set_theme(chosen);
}
