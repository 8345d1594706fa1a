//! Pulling a window of measurements from a metrics server.

use crate::platform::browser::{HtmlInputElement, HtmlSelectElement};
use crate::state::App;
use crate::text::pull as text;
use leptos::ev::{Event, Targeted};
use leptos::prelude::*;

/// Shown where the operator lists metrics servers.
#[component]
pub fn Pull(app: App) -> impl IntoView {
    app.find_targets();
    view! { <Show when=move || app.targets.with(|targets| !targets.is_empty())><Form app/></Show> }
}

#[component]
fn Form(app: App) -> impl IntoView {
    let first = app.targets.with_untracked(|targets| targets.first().cloned().unwrap_or_default());
    let (target, query, hours) = (RwSignal::new(first), RwSignal::new(String::new()), RwSignal::new(1.0));
    let choose_target = move |event: Targeted<Event, HtmlSelectElement>| target.set(event.target().value());
    let choose_hours = move |event: Targeted<Event, HtmlSelectElement>| {
        hours.set(event.target().value().parse().unwrap_or(1.0));
    };
    let typed = move |event: Targeted<Event, HtmlInputElement>| query.set(event.target().value());
    let pull = move |_| {
        if !query.with_untracked(|query| query.trim().is_empty()) {
            app.pull(target.get_untracked(), query.get_untracked(), hours.get_untracked());
        }
    };
    view! {
        <div class="block" data-testid="pull">
            <h2>{text::TITLE}</h2>
            <p class="caption">{text::SUB}</p>
            <div class="controls">
                <label>{text::TARGET}
                    <select on:change:target=choose_target>
                        {move || app.targets.get().into_iter().map(|name| view! { <option value=name.clone()>{name.clone()}</option> }).collect_view()}
                    </select>
                </label>
                <label class="grow">{text::QUERY}<input data-testid="pull-query" placeholder=text::QUERY_HINT on:change:target=typed/></label>
                <label>{text::LAST}
                    <select on:change:target=choose_hours>
                        {text::WINDOWS.map(|(hours, name)| view! { <option value=hours.to_string()>{name}</option> }).collect_view()}
                    </select>
                </label>
                <button class="primary" data-testid="pull-go" disabled=move || app.progress.with(Option::is_some) on:click=pull>{text::PULL}</button>
            </div>
        </div>
    }
}
