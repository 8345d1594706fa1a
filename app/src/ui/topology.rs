//! The system as a drawing, and on a narrow screen as a list first.

use super::field::{kind_word, toggle};
use crate::platform::browser::HtmlSelectElement;
use crate::state::edits::add_component;
use crate::state::{App, Selection};
use crate::text;
use crate::view_model::format::times;
use crate::view_model::layout::BOX;
use crate::view_model::system::ComponentView;
use crate::view_model::topology::{Drawing, drawing, fill, spoken, widths};
use leptos::ev::{Event, Targeted};
use leptos::prelude::*;
use scenario::catalogue::KINDS;

/// Widest a box is drawn: a small system is not blown up.
const LARGEST: f64 = 1.15;

/// The drawing under its heading.
#[component]
pub fn Topology(app: App) -> impl IntoView {
    let picture = Memo::new(move |_| {
        app.document.with(|open| {
            let empty = Drawing { boxes: Vec::new(), lines: Vec::new(), width: 0.0, height: 0.0 };
            open.as_ref().map_or(empty, |document| drawing(&document.root))
        })
    });
    let size = move || picture.with(|picture| (picture.width + 4.0, picture.height + 4.0));
    view! {
        <div class="row between"><h2>{text::SYSTEM}" "{move || times(app.growth.get())}</h2><Add app/></div>
        <p class="caption">{text::SYSTEM_CAPTION}</p>
        <ul class="node-list">
            <For each=move || picture.with(|picture| picture.boxes.clone()) key=|(view, _)| view.clone().key() let((view, _))>
                <li><Row app view/></li>
            </For>
        </ul>
        <svg class="topology" role="group" aria-label=text::SYSTEM data-testid="topology"
            viewBox=move || { let (width, height) = size(); format!("-2 -2 {width} {height}") }
            style:max-width=move || format!("{}px", size().0 * LARGEST)>
            <Lines app picture/>
            <For each=move || picture.with(|picture| picture.boxes.clone()) key=|(view, place)| (view.clone().key(), place.0 as i64, place.1 as i64) let((view, place))>
                <Node app view place/>
            </For>
        </svg>
    }
}

/// Adds a component of a chosen kind and selects it.
#[component]
fn Add(app: App) -> impl IntoView {
    let add = move |event: Targeted<Event, HtmlSelectElement>| {
        let kind = event.target().value();
        event.target().set_value("");
        let made = app.document.with_untracked(|open| {
            add_component(&open.as_ref()?.root, &kind, &format!("{} {}", text::ADD_COMPONENT, kind_word(&kind)))
        });
        if let Some((command, new)) = made {
            app.run(&command);
            app.selection.set(Selection::Component(new));
        }
    };
    view! {
        <select class="add" aria-label=text::ADD_HINT data-testid="add-component" on:change:target=add>
            <option value="">{text::ADD_COMPONENT}" …"</option>
            {KINDS.iter().map(|(_, word, about)| view! { <option value=*word title=*about>{kind_word(word)}</option> }).collect_view()}
        </select>
    }
}

#[component]
fn Lines(app: App, picture: Memo<Drawing>) -> impl IntoView {
    let wide = Memo::new(move |_| {
        let projection = app.projection.get();
        picture.with(|picture| match &projection {
            Some(projection) => widths(projection, &picture.lines, app.growth.get()),
            None => vec![1.5; picture.lines.len()],
        })
    });
    let lit = move |from: &str, to: &str| {
        app.selection.with(|selection| matches!(selection, Selection::Component(id) if id == from || id == to))
    };
    move || {
        let lines = picture.with(|picture| picture.lines.clone());
        let drawn = lines.into_iter().enumerate().map(|(index, line)| {
            let (from, to) = (line.edge.from.clone(), line.edge.to.clone());
            view! {
                <path class="edge" class:async=line.edge.asynchronous class:lit=move || lit(&from, &to) d=line.path
                    stroke-width=move || wide.with(|wide| wide.get(index).copied().unwrap_or(1.5))/>
                <text class="edge-label" x=line.middle.0 + 5.0 y=line.middle.1 + 3.0>{line.edge.label}</text>
            }
        });
        drawn.collect_view()
    }
}

#[component]
fn Node(app: App, view: ComponentView, place: (f64, f64)) -> impl IntoView {
    let id = StoredValue::new(view.id.clone());
    let figure = Memo::new(move |_| {
        app.projection.get().map(|projection| id.with_value(|id| fill(&projection, id, app.growth.get())))
    });
    let level = move || figure.get().map_or("none", |figure| figure.1.class());
    let selected = move || {
        id.with_value(|id| {
            app.selection.with(|selection| matches!(selection, Selection::Component(chosen) if chosen == id))
        })
    };
    let label = view.clone();
    let short = |text: &str, most: usize| {
        if text.chars().count() > most { text.chars().take(most - 1).chain(['…']).collect() } else { text.to_owned() }
    };
    let key = move |event: leptos::ev::KeyboardEvent| {
        if matches!(event.key().as_str(), "Enter" | " ") {
            event.prevent_default();
            id.with_value(|id| toggle(app, id));
        }
    };
    view! {
        <g class=move || format!("node {}", level()) class:selected=selected role="button" tabindex="0"
            data-testid=format!("node-{}", view.id) aria-pressed=move || selected().to_string()
            aria-label=move || spoken(&label, &figure.get().map_or(String::new(), |figure| figure.0))
            transform=format!("translate({:.1},{:.1})", place.0, place.1)
            on:click=move |_| id.with_value(|id| toggle(app, id)) on:keydown=key>
            <rect class="box" width=BOX.0 height=BOX.1 rx="8"/>
            <rect class="fill" x="1" y=BOX.1 - 5.0 height="4" rx="2" width=move || figure.get().map_or(0.0, |figure| figure.2 * (BOX.0 - 2.0))/>
            <text class="title" x="12" y="23">{short(&view.label, 12)}<title>{view.label.clone()}</title></text>
            <text class="detail" x="12" y="42">{short(&view.detail, 24)}</text>
            <text class="figure" x=BOX.0 - 12.0 y="23" text-anchor="end">{move || figure.get().map(|figure| figure.0)}</text>
        </g>
    }
}

#[component]
fn Row(app: App, view: ComponentView) -> impl IntoView {
    let id = StoredValue::new(view.id.clone());
    let figure = Memo::new(move |_| {
        app.projection.get().map(|projection| id.with_value(|id| fill(&projection, id, app.growth.get())))
    });
    let level = move || format!("level-{}", figure.get().map_or("none", |figure| figure.1.class()));
    view! {
        <button on:click=move |_| id.with_value(|id| toggle(app, id))>
            <span>{view.label}</span>
            <span class=level>{move || figure.get().map(|figure| figure.0)}</span>
            <span class="detail">{view.detail}</span>
        </button>
    }
}
