//! Messages in the corner, and the bar that says how far a long task is.

use crate::platform::{browser, dropped};
use crate::state::{App, Deed, Notice};
use crate::text;
use crate::view_model::progress::Progress as Pace;
use leptos::prelude::*;

/// Problems and news, newest last; each stays until it is closed. Of many the older ones take a line each, until they are looked at.
#[component]
pub fn Notices(app: App) -> impl IntoView {
    let count = Memo::new(move |_| app.notices.with(Vec::len));
    let (several, many) = (move || count.get() > 1, move || count.get() > 2);
    view! {
        <div class="notices" class:many=many aria-live="polite" role="log" data-testid="notices">
            <Show when=several>
                <div class="notices-head">
                    <b>{move || text::messages(count.get())}</b>
                    <button class="plain" data-testid="close-notices" on:click=move |_| app.notices.set(Vec::new())>{text::CLOSE_ALL}</button>
                </div>
            </Show>
            <For each=move || app.notices.get() key=|notice| notice.id let:notice>
                <Message app notice/>
            </For>
        </div>
    }
}

#[component]
fn Message(app: App, notice: Notice) -> impl IntoView {
    let Notice { id, trouble, calm, times } = notice;
    let close = move |_| app.notices.update(|notices| notices.retain(|notice| notice.id != id));
    let place = (!trouble.path.is_empty()).then(|| view! { <div class="where">{trouble.path.clone()}</div> });
    let remedy = (!trouble.remedy.is_empty()).then(|| view! { <div class="remedy">{trouble.remedy.clone()}</div> });
    view! {
        <div class="notice" class:calm=calm data-testid=if calm { "news" } else { "problem" }>
            {place}
            <div class="what">{trouble.text}{(times > 1).then(|| view! { " "<span class="chip">{text::repeated(times)}</span> })}</div>
            {remedy}
            <button aria-label=text::CLOSE on:click=close>"×"</button>
        </div>
    }
}

/// The bar under the header while files are read or a fit runs.
#[component]
pub fn Progress(app: App) -> impl IntoView {
    let share = move || app.progress.with(|progress| progress.as_ref().map_or(0.0, |progress| progress.1));
    let what =
        move || app.progress.with(|progress| progress.as_ref().map_or(String::new(), |progress| progress.0.clone()));
    let pace = StoredValue::new(Pace::default());
    let more = move || {
        let (what, share) = app.progress.get().unwrap_or_default();
        let size = dropped::named(&what).map(|file| file.size());
        pace.try_update_value(|pace| pace.hear(&what, share, size, browser::now())).unwrap_or_default()
    };
    let stop = move |_| app.act(Deed::Cancel);
    view! {
        <Show when=move || app.progress.with(Option::is_some)>
            <div class="progress" role="status">
                <progress max="1" prop:value=share aria-label=what></progress>
                <span class="what">{what}<span aria-live="off" data-testid="pace">{more}</span><button data-testid="cancel-progress" on:click=stop>{text::CANCEL}</button></span>
            </div>
        </Show>
    }
}
