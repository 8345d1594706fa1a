//! Said while a part of the page is on its way, and when it did not arrive.

use crate::state::App;
use crate::text;
use leptos::prelude::*;

/// Nothing, unless a part keeps a person waiting.
#[component]
pub fn Parts(app: App) -> impl IntoView {
    view! {
        <Show when=move || app.parts.is_one_awaited()>
            <div class="progress" role="status"><progress aria-label=text::PART_COMING></progress><span class="what">{text::PART_COMING}</span></div>
        </Show>
        <Show when=move || app.parts.is_one_missing()>
            <div class="refused" role="alert" data-testid="part-missing">
                <b>{text::PART_MISSING}</b>" "<span class="caption">{text::PART_MISSING_SUB}</span>
                <div class="actions">
                    <button class="primary" data-testid="part-again" on:click=move |_| app.fetch_again()>{text::TRY_AGAIN}</button>
                    <button on:click=move |_| app.reload()>{text::RELOAD}</button>
                </div>
            </div>
        </Show>
    }
}
