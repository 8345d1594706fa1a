//! The share dialog: what to leave out, the link that holds everything, and short links.

mod clash;
mod mine;
mod past;
mod short;

use crate::platform::browser::HtmlInputElement;
use crate::platform::{browser, focus};
use crate::state::App;
use crate::text;
use crate::text::share as words;
use clash::Clashing;
use leptos::ev::{Event, Targeted};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use mine::Mine;
use short::Short;
use worker::protocol::LeaveOut;

/// Shown while a person shares.
pub fn share_dialog(app: App) -> AnyView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get() {
            let _ = dialog.show_modal();
        }
    });
    // The link holds what is open now: after an undo, a merge or an import it is made anew.
    Effect::new(move |known: Option<u64>| {
        let now = app.generation.get();
        if known.is_some_and(|known| known != now) {
            app.share(app.shares.leave_out.get_untracked());
        }
        now
    });
    // Closed as Escape does it: by that the browser gives the focus back to what had it, and only then it is taken off the page.
    let close = move |_| focus::close_dialog();
    view! {
        <dialog class="share" node_ref=dialog aria-labelledby="share-title" on:close=move |_| app.sharing.set(false)>
            <div class="row between">
                <h2 id="share-title">{text::SHARE_TITLE}</h2>
                <button class="plain" data-testid="share-close" on:click=close>{text::CLOSE}</button>
            </div>
            <p class="caption">{words::SUB}</p>
            <Clashing app/>
            <LeaveOuts app/>
            <Whole app/>
            <Short app/>
            <Mine app/>
        </dialog>
    }
    .into_any()
}

#[component]
fn LeaveOuts(app: App) -> impl IntoView {
    let one = |label: &'static str, name: &'static str, part: fn(&mut LeaveOut) -> &mut bool| {
        let change = move |event: Targeted<Event, HtmlInputElement>| {
            app.shares.leave_out.update(|out| *part(out) = event.target().checked());
            app.share(app.shares.leave_out.get_untracked());
        };
        let on = move || *part(&mut app.shares.leave_out.get());
        view! {
            <label><input type="checkbox" data-testid=format!("leave-{name}") prop:checked=on on:change:target=change/>{label}</label>
        }
    };
    view! {
        <fieldset class="leave">
            <legend>{words::LEAVE_OUT}</legend>
            {one(words::LEAVE_MONEY, "money", |out| &mut out.money)}
            {one(words::LEAVE_NAMES, "names", |out| &mut out.names)}
            {one(words::LEAVE_NOTES, "notes", |out| &mut out.notes)}
            {one(words::LEAVE_IMPORTS, "imports", |out| &mut out.imports)}
        </fieldset>
        <p class="caption" data-testid="share-left">{words::LEFT}{move || app.shares.left.get().join(", ")}"."</p>
    }
}

#[component]
fn Whole(app: App) -> impl IntoView {
    let link = move || app.link.with(|link| link.as_ref().map_or(String::new(), |link| link.0.clone()));
    let losses = move || app.link.with(|link| link.as_ref().map_or(Vec::new(), |link| link.1.clone()));
    view! {
        <h3>{words::WHOLE}</h3>
        <p class="caption">{words::WHOLE_SUB}</p>
        <LinkRow link=Signal::derive(link) label=text::LINK name="share-link"/>
        {move || losses().into_iter().map(|loss| view! { <p class="warning" data-testid="share-warning">{loss}</p> }).collect_view()}
    }
}

/// A link that can be copied.
#[component]
fn LinkRow(link: Signal<String>, label: &'static str, name: &'static str) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    // What was copied last, and whether the browser took it.
    let copied = RwSignal::new(None::<(String, bool)>);
    let copy = move |_| {
        let text = link.get_untracked();
        spawn_local(async move {
            let taken = browser::copy(&text).await;
            if let Some(field) = field.try_get_untracked().flatten().filter(|_| !taken) {
                field.select();
            }
            drop(copied.try_set(Some((text, taken))));
        });
    };
    let outcome = move || copied.get().filter(|(text, _)| *text == link.get()).map(|(_, taken)| taken);
    let said = move || if outcome() == Some(true) { text::COPIED } else { text::COPY };
    view! {
        <div class="link-row">
            <input readonly node_ref=field data-testid=name aria-label=label prop:value=link/>
            <button on:click=copy disabled=move || link.with(String::is_empty)>{said}</button>
        </div>
        <Show when=move || outcome() == Some(false)>
            <p class="caption" role="status" data-testid="copy-by-hand">{words::COPY_BY_HAND}</p>
        </Show>
    }
}
