//! Two editors at once: what each changed, and the ways on.

use crate::state::App;
use crate::state::share::Clash;
use crate::text::share as text;
use leptos::prelude::*;

/// Shown while a faster editor's version is in the way.
#[component]
pub fn Clashing(app: App) -> impl IntoView {
    move || app.shares.clash.get().map(|clash| view! { <Both app clash/> })
}

#[component]
fn Both(app: App, clash: Clash) -> impl IntoView {
    let list = |title: &'static str, name: &'static str, lines: Vec<String>| {
        (!lines.is_empty()).then(|| {
            view! { <h4>{title}</h4><ul data-testid=name>{lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul> }
        })
    };
    let both = !clash.merged.conflicts.is_empty();
    view! {
        <div class="clash" role="alert" data-testid="clash">
            <h3>{text::CONFLICT_TITLE}</h3>
            <p class="caption">{text::CONFLICT_SUB}</p>
            {list(text::YOURS, "clash-mine", clash.merged.mine)}
            {list(text::THEIRS, "clash-theirs", clash.merged.theirs)}
            {list(text::BOTH, "clash-both", clash.merged.conflicts)}
            <div class="row">
                <button class="primary" data-testid="merge-mine" disabled=move || app.shares.busy.get() on:click=move |_| app.merge(true)>
                    {if both { text::MERGE_MINE } else { text::MERGE }}
                </button>
                {both.then(|| view! { <button data-testid="merge-theirs" disabled=move || app.shares.busy.get() on:click=move |_| app.merge(false)>{text::MERGE_THEIRS}</button> })}
                <button class="plain" data-testid="open-theirs" on:click=move |_| app.open_theirs()>{text::OPEN_THEIRS}</button>
            </div>
        </div>
    }
}
