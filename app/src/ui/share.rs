//! The share dialog: one link that holds everything.

use crate::platform::browser;
use crate::platform::browser::HtmlInputElement;
use crate::state::App;
use crate::text;
use leptos::ev::{Event, Targeted};
use leptos::html;
use leptos::prelude::*;
use worker::protocol::LeaveOut;

/// Shown while a person shares.
#[component]
pub fn Share(app: App) -> impl IntoView {
    let leave_out = RwSignal::new(LeaveOut::default());
    let copied = RwSignal::new(false);
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get() {
            let _ = dialog.show_modal();
        }
    });
    let link = move || app.link.with(|link| link.as_ref().map_or(String::new(), |link| link.0.clone()));
    let losses = move || app.link.with(|link| link.as_ref().map_or(Vec::new(), |link| link.1.clone()));
    let again = move |change: fn(&mut LeaveOut, bool), on: bool| {
        leave_out.update(|leave_out| change(leave_out, on));
        copied.set(false);
        app.share(leave_out.get_untracked());
    };
    let money =
        move |event: Targeted<Event, HtmlInputElement>| again(|out, on| out.money = on, event.target().checked());
    let names =
        move |event: Targeted<Event, HtmlInputElement>| again(|out, on| out.names = on, event.target().checked());
    let copy = move |_| {
        browser::copy(&link());
        copied.set(true);
    };
    view! {
        <dialog node_ref=dialog aria-labelledby="share-title" on:close=move |_| app.sharing.set(false)>
            <h2 id="share-title">{text::SHARE_TITLE}</h2>
            <p class="caption">{text::SHARE_SUB}</p>
            <div class="link-row">
                <input readonly data-testid="share-link" aria-label=text::LINK prop:value=link/>
                <button class="primary" on:click=copy disabled=move || link().is_empty()>
                    {move || if copied.get() { text::COPIED } else { text::COPY }}
                </button>
            </div>
            {move || losses().into_iter().map(|loss| view! { <p class="warning">{loss}</p> }).collect_view()}
            <label>
                <input type="checkbox" on:change:target=money/>
                {text::LEAVE_MONEY}
            </label>
            <label>
                <input type="checkbox" on:change:target=names/>
                {text::LEAVE_NAMES}
            </label>
            <div class="row between">
                <span></span>
                <button class="plain" on:click=move |_| app.sharing.set(false)>{text::CLOSE}</button>
            </div>
        </dialog>
    }
}
