//! Ways between a component and what is edited by itself although it belongs to it: its price, its autoscaler, events.

use super::focus_title;
use crate::platform::browser::HtmlSelectElement;
use crate::platform::focus;
use crate::state::{App, Tab};
use crate::text;
use crate::view_model::form::event_kinds;
use crate::view_model::system::{list_at, text_at};
use leptos::ev::{Event, Targeted};
use leptos::prelude::*;
use serde_json::Value;

/// Adds an event of a kind, and goes on with its settings.
pub fn add_event(app: App, hook: &'static str) -> AnyView {
    let add = move |event: Targeted<Event, HtmlSelectElement>| {
        let kind = event.target().value();
        event.target().set_value("");
        app.add_event(&kind);
        focus_title();
    };
    view! {
        <select class="add" id=hook aria-label=text::ADD_EVENT data-testid=hook on:change:target=add>
            <option value="">{text::ADD_EVENT}" …"</option>
            {event_kinds().into_iter().map(|(word, about)| view! { <option value=word title=about>{text::word(word)}</option> }).collect_view()}
        </select>
    }
    .into_any()
}

/// Leads from a component to its price and its autoscaler, or adds them. Only services can be scaled.
pub fn of_component(app: App, id: StoredValue<String>) -> AnyView {
    let of = move |read: fn(&Value) -> bool| {
        Memo::new(move |_| {
            app.document.with(|open| {
                let all = open.as_ref().map_or(&[][..], |open| list_at(&open.root, "components"));
                all.iter().any(|one| id.with_value(|id| text_at(one, "id") == id) && read(one))
            })
        })
    };
    let priced = of(|one| one.get("price").is_some());
    let scaled = of(|one| one.get("autoscale").is_some());
    let can_scale = of(|one| one.get("autoscale").is_some() || text_at(one, "kind") == "service");
    let price = move |_| {
        app.price_of(&id.get_value());
        focus_title();
    };
    let scale = move |_| {
        app.autoscaler_of(&id.get_value());
        focus_title();
    };
    view! {
        <div class="actions">
            <button class="plain" data-testid="to-price" on:click=price>{move || if priced.get() { text::PRICE } else { text::ADD_PRICE }}</button>
            <Show when=move || can_scale.get()>
                <button class="plain" data-testid="to-autoscaler" on:click=scale>{move || if scaled.get() { text::AUTOSCALER } else { text::ADD_AUTOSCALER }}</button>
            </Show>
        </div>
    }
    .into_any()
}

/// What plays an event, and the way there. Once there the button is gone: whoever pressed it goes on from the tab.
pub fn of_event(app: App) -> AnyView {
    let go = move |_| {
        app.tab.set(Tab::Simulation);
        focus::give_later(format!("tab-{}", Tab::Simulation.slug()));
    };
    view! {
        <p class="caption">{text::ONLY_SIMULATED}</p>
        <div class="actions" hidden=move || app.tab.get() == Tab::Simulation>
            <button class="plain" data-testid="to-simulation" on:click=go>{text::TO_SIMULATION}</button>
        </div>
    }
    .into_any()
}
