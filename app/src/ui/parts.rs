//! Said while a part of the page is on its way, when it did not arrive, and when a worker does not start.

use crate::state::App;
use crate::text;
use leptos::prelude::*;

/// Nothing, unless something keeps a person waiting.
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
        <Show when=move || app.gone.with(Option::is_some)>
            <div class="refused" role="alert" data-testid="worker-gone">
                <b>{text::WORKER_GONE}</b>" "<span class="caption">{text::WORKER_GONE_SUB}</span>
                <div class="actions">
                    <button class="primary" data-testid="start-again" on:click=move |_| app.start_again()>{text::TRY_AGAIN}</button>
                    <button on:click=move |_| app.reload()>{text::RELOAD}</button>
                </div>
            </div>
        </Show>
    }
}
