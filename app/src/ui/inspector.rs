//! The inspector: figures and settings of what is selected, or the traffic and objectives of the whole.

use super::field::{Field, kind_word};
use super::later::later;
use crate::platform::browser::{HtmlSelectElement, focus};
use crate::state::{App, Selection};
use crate::text;
use crate::view_model::facts::facts;
use crate::view_model::form::{Section, Take, component, whole};
use crate::view_model::format::times;
use crate::view_model::system::components;
use leptos::ev::{Event, Targeted};
use leptos::prelude::*;

/// Where the focus goes when its button is gone.
const TITLE: &str = "inspector-title";

/// What is selected, with its fields.
#[component]
pub fn Inspector(app: App) -> impl IntoView {
    let chosen = Memo::new(move |_| match app.selection.get() {
        Selection::Component(id) => Some(id),
        Selection::Nothing | Selection::Several(_) => None,
    });
    let several = Memo::new(move |_| app.selection.with(|selection| selection.ids().len()));
    let sections = Memo::new(move |_| {
        let id = chosen.get();
        app.document.with(|open| {
            let root = &open.as_ref()?.root;
            Some(id.map_or_else(|| whole(root), |id| component(root, &id)))
        })
    });
    let keyed = move || sections.get().unwrap_or_default().into_iter().enumerate();
    view! {
        {move || chosen.get().map(|id| view! { <Head app id/> })}
        {move || (several.get() > 1).then(|| many(app, several.get()))}
        <Show when=move || several.get() == 0>
            <h2 id=TITLE tabindex="-1">{text::NOTHING_SELECTED}</h2>
            <p class="caption">{text::NOTHING_SELECTED_SUB}</p>
            <div class="actions">
                <button class="plain" data-testid="add-class" on:click=move |_| app.add_class()>{text::ADD_CLASS}</button>
                <button class="plain" data-testid="add-objective" disabled=move || !app.objective_free()
                    on:click=move |_| app.add_objective()>{text::ADD_OBJECTIVE}</button>
            </div>
        </Show>
        <For each=keyed key=|(index, section)| (*index, section.title.clone(), paths(section)) let((_, section))>
            <Group app section/>
        </For>
    }
}

/// What a section is drawn anew for: its fields, and what can be taken away.
fn paths(section: &Section) -> Vec<String> {
    let fields = section.rows.iter().chain(&section.more).map(|row| row.path.clone());
    fields.chain(section.take.iter().map(|take| take.name.clone())).collect()
}

#[component]
fn Group(app: App, section: Section) -> impl IntoView {
    let Section { title, rows, more, take } = section;
    let fields = move |rows: Vec<_>| rows.into_iter().map(|row| view! { <Field app row/> }).collect_view();
    let bare = rows.is_empty();
    let summary = if bare { title.clone() } else { text::MORE_FIELDS.to_owned() };
    // A document of many classes has many fields.
    let inside = move || {
        view! {
            {(!bare).then(|| view! { <h3>{title.clone()}</h3> })}
            {fields(rows.clone())}
            {(!more.is_empty()).then(|| view! { <details><summary>{summary.clone()}</summary>{fields(more.clone())}</details> })}
            {take.clone().map(|take| view! { <TakeAway app take/> })}
        }
        .into_any()
    };
    view! { <div class="group">{later(inside)}</div> }
}

#[component]
fn TakeAway(app: App, take: Take) -> impl IntoView {
    let (button, name, hook) = (take.button, take.name.clone(), format!("take-{}", take.path));
    let go = move |event: leptos::ev::MouseEvent| {
        app.take(&take);
        // The button goes with what it takes away: whoever pressed it by a key goes on from the panel's title.
        if event.detail() == 0 {
            focus(TITLE);
        }
    };
    view! { <button class="link" aria-label=name data-testid=hook on:click=go>{button}</button> }
}

#[component]
fn Head(app: App, id: String) -> impl IntoView {
    let id = StoredValue::new(id);
    let title = Memo::new(move |_| {
        app.document.with(|open| {
            let view = components(&open.as_ref()?.root).into_iter().find(|view| id.with_value(|id| view.id == *id))?;
            Some((view.label, kind_word(&view.kind)))
        })
    });
    let rows = Memo::new(move |_| {
        let projection = app.projection.get()?;
        app.document
            .with(|open| id.with_value(|id| Some(facts(&open.as_ref()?.root, &projection, id, app.growth.get()))))
    });
    view! {
        <h2 id=TITLE tabindex="-1">{move || title.get().map(|title| title.0)}" "<span class="kind">"· "{move || title.get().map(|title| title.1)}</span></h2>
        <p class="caption">{text::FIGURES_AT}" "{move || times(app.growth.get())}</p>
        <dl class="facts">
            {move || rows.get().unwrap_or_default().into_iter().map(|(name, value)| view! { <dt>{name}</dt><dd>{value}</dd> }).collect_view()}
        </dl>
        <Actions app id/>
    }
}

/// What can be done with several components at once.
fn many(app: App, count: usize) -> AnyView {
    let ids = move || app.selection.get_untracked().ids();
    view! {
        <h2>{text::components(count)}</h2>
        <p class="caption">{text::SEVERAL_SELECTED}</p>
        <div class="actions">
            <button class="plain" on:click=move |_| app.duplicate(&ids())>{text::DUPLICATE}</button>
            <button class="plain" data-testid="delete-several" on:click=move |_| app.delete(&ids())>{text::DELETE}</button>
        </div>
        <button class="link" on:click=move |_| app.selection.set(Selection::Nothing)>{text::CLEAR_SELECTION}</button>
    }
    .into_any()
}

#[component]
fn Actions(app: App, id: StoredValue<String>) -> impl IntoView {
    let others = Memo::new(move |_| {
        app.document.with(|open| {
            let root = open.as_ref().map(|document| &document.root);
            let all = root.map(components).unwrap_or_default();
            all.into_iter()
                .filter(|view| id.with_value(|id| view.id != *id))
                .map(|view| (view.id, view.label))
                .collect::<Vec<_>>()
        })
    });
    let call = move |event: Targeted<Event, HtmlSelectElement>| {
        let to = event.target().value();
        event.target().set_value("");
        id.with_value(|id| app.connect(id, &to));
    };
    let copy = move |_| app.duplicate(&[id.get_value()]);
    let delete = move |_| app.delete(&[id.get_value()]);
    view! {
        <div class="actions">
            <select aria-label=text::CONNECT_TO data-testid="connect" on:change:target=call>
                <option value="">{text::CONNECT_TO}</option>
                {move || others.get().into_iter().map(|(id, label)| view! { <option value=id>{label}</option> }).collect_view()}
            </select>
            <button class="plain" data-testid="duplicate" on:click=copy>{text::DUPLICATE}</button>
            <button class="plain" data-testid="delete" on:click=delete>{text::DELETE}</button>
        </div>
        <button class="link" on:click=move |_| app.selection.set(Selection::Nothing)>{text::CLEAR_SELECTION}</button>
    }
}
