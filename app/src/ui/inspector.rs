//! The inspector: figures and settings of what is selected, or the traffic and objectives of the whole.

mod group;
mod head;
mod parts;

pub use parts::add_event;

use crate::platform::focus;
use crate::state::{App, Selection};
use crate::text;
use crate::view_model::form::{
    Section, autoscaler, calls, class, component, event_form, names, objective, price, whole,
};
use group::Group;
use head::{Component, Other};
use leptos::prelude::*;
use serde_json::Value;

/// Where the focus goes when its button is gone.
const TITLE: &str = "inspector-title";

/// What is selected has the focus, and is scrolled to where the page is longer than the window.
pub fn focus_title() {
    focus::give_later(TITLE.into());
}

/// What is selected, with its fields.
#[component]
pub fn Inspector(app: App) -> impl IntoView {
    let selected = Memo::new(move |_| app.selection.get());
    let sections = Memo::new(move |_| {
        let selection = selected.get();
        app.document.with(|open| open.as_ref().map_or_else(Vec::new, |open| forms(&open.root, &selection)))
    });
    // A form stays while its title changes or another comes before it: made anew it would lose the focus.
    let places = Memo::new(move |_| sections.with(|sections| names(sections)));
    let of_all = Memo::new(move |_| selected.with(|selection| *selection == Selection::Nothing));
    view! {
        {move || match selected.get() {
            Selection::Nothing => None,
            Selection::Component(id) => Some(view! { <Component app id/> }.into_any()),
            Selection::Several(ids) => Some(head::many(app, ids.len())),
            other => Some(view! { <Other app selection=other/> }.into_any()),
        }}
        <Show when=move || of_all.get()>
            <h2 id=TITLE tabindex="-1">{text::NOTHING_SELECTED}</h2>
            <p class="caption">{text::NOTHING_SELECTED_SUB}</p>
            <div class="actions">
                <button class="plain" data-testid="add-class" on:click=move |_| { app.add_class(); focus_title(); }>{text::ADD_CLASS}</button>
                <button class="plain" data-testid="add-objective" disabled=move || !app.objective_free()
                    on:click=move |_| { app.add_objective(); focus_title(); }>{text::ADD_OBJECTIVE}</button>
                {add_event(app, "add-event-here")}
            </div>
        </Show>
        <For each=move || places.get() key=|place| place.clone() let((place, _))>
            <Group app sections place/>
        </For>
    }
}

fn forms(root: &Value, selection: &Selection) -> Vec<Section> {
    // One form alone needs no title under that of the panel.
    let alone = |mut forms: Vec<Section>| {
        forms.iter_mut().for_each(|form| form.title.clear());
        forms
    };
    match selection {
        Selection::Nothing => whole(root),
        Selection::Component(id) => component(root, id),
        Selection::Several(_) => Vec::new(),
        Selection::Call { from, to, asynchronous } => calls(root, from, to, *asynchronous),
        Selection::Class(id) => alone(class(root, id)),
        Selection::Objective(index) => alone(objective(root, *index)),
        Selection::Price(id) => alone(price(root, id)),
        Selection::Autoscaler(id) => alone(autoscaler(root, id)),
        Selection::Event(index) => alone(event_form(root, *index)),
    }
}
