//! Short links: making one, and what belongs to the one that is open.

use super::LinkRow;
use super::past::History;
use crate::platform::browser;
use crate::platform::browser::{HtmlInputElement, HtmlSelectElement};
use crate::state::App;
use crate::state::share::{Offer, Wish};
use crate::text::share as text;
use crate::view_model::share::{Known, Rules, lifetimes};
use leptos::ev::{Event, Targeted};
use leptos::prelude::*;

/// What the server offers, or why it does not.
#[component]
pub fn Short(app: App) -> impl IntoView {
    let bound = Memo::new(move |_| app.bound());
    let shown = move || match app.shares.offer.get() {
        Offer::Unknown => view! { <p class="caption">{text::ASKING}</p> }.into_any(),
        Offer::No(why) => {
            view! { <p class="caption" data-testid="no-shares">{why.text}"; "{why.remedy}"."</p> }.into_any()
        }
        Offer::Yes(rules) => view! {
            {move || bound.get().map(|known| view! { <Bound app known/> })}
            <Make app rules/>
        }
        .into_any(),
    };
    view! {
        <h3>{text::SHORT}</h3>
        <p class="caption">{text::SHORT_SUB}</p>
        {shown}
        <Outcome app/>
    }
}

/// What came of the last step.
#[component]
fn Outcome(app: App) -> impl IntoView {
    let refused = move || {
        app.shares.refused.get().into_iter().map(|trouble| view! {
            <p class="warning" role="alert" data-testid="share-problem">{trouble.text}"; "{trouble.remedy}"."</p>
        }).collect_view()
    };
    view! {
        {refused}
        <p class="news" role="status" data-testid="share-news">{move || app.shares.news.get()}</p>
    }
}

#[component]
fn Make(app: App, rules: Rules) -> impl IntoView {
    let days = RwSignal::new(rules.default_days);
    let name = RwSignal::new(String::new());
    let typed = move |event: Targeted<Event, HtmlInputElement>| name.set(event.target().value());
    let choose = move |event: Targeted<Event, HtmlSelectElement>| {
        if let Ok(chosen) = event.target().value().parse() {
            days.set(chosen);
        }
    };
    let make = move |_| {
        let leave_out = app.shares.leave_out.get_untracked();
        app.make_share(Wish { leave_out, days: days.get_untracked(), name: name.get_untracked() });
    };
    let publish = move |_| app.publish(name.get_untracked());
    let prolong = move |_| {
        if let Some(known) = untrack(|| app.bound()) {
            app.prolong(known, days.get_untracked());
        }
    };
    let may_publish = Memo::new(move |_| app.bound().is_some_and(|known| known.token().is_some()));
    let may_prolong = Memo::new(move |_| app.bound().is_some_and(|known| known.owner.is_some()));
    let make_label = move || if app.bound().is_some() { text::FORK } else { text::CREATE };
    view! {
        <div class="row">
            <input class="grow" data-testid="version-name" placeholder=text::VERSION_NAME aria-label=text::VERSION_NAME
                on:change:target=typed/>
            <select aria-label=text::LIVES data-testid="share-days" on:change:target=choose>
                {lifetimes(rules).into_iter().map(|(value, label)| view! {
                    <option value=value.to_string() selected=value == rules.default_days>{label}</option>
                }).collect_view()}
            </select>
        </div>
        <div class="row">
            <Show when=move || may_publish.get()>
                <button class="primary" data-testid="share-publish" disabled=move || app.shares.busy.get() on:click=publish>{text::PUBLISH}</button>
            </Show>
            <button class:primary=move || !may_publish.get() data-testid="share-create" disabled=move || app.shares.busy.get() on:click=make>{make_label}</button>
            <Show when=move || may_prolong.get()>
                <button data-testid="share-prolong" disabled=move || app.shares.busy.get() on:click=prolong>{text::PROLONG}</button>
            </Show>
        </div>
    }
}

/// The share that the open document belongs to.
#[component]
fn Bound(app: App, known: Known) -> impl IntoView {
    let address = |edit: bool, present: bool| {
        let link = browser::address_with(&known.link(edit, present).fragment());
        Signal::derive(move || link.clone())
    };
    let day = browser::written_time(known.expires * 1000.0);
    let said = text::bound(known.role(), known.version, day.get(..10).unwrap_or_default());
    let edit = known.edit.is_some().then(|| {
        view! { <span class="caption">{text::EDIT_LINK}</span><LinkRow link=address(true, false) label=text::EDIT_LINK name="edit-link"/> }
    });
    view! {
        <p data-testid="share-bound">{said}</p>
        <span class="caption">{text::READ_LINK}</span>
        <LinkRow link=address(false, false) label=text::READ_LINK name="read-link"/>
        {edit}
        <span class="caption">{text::PRESENT_LINK}</span>
        <LinkRow link=address(false, true) label=text::PRESENT_LINK name="present-link"/>
        <History app id=known.id.clone() may_comment=known.token().is_some()/>
    }
}
