//! What stands above the forms: what is selected, its figures, and what can be done with all of it.

use super::{TITLE, focus_title, parts};
use crate::platform::browser::HtmlSelectElement;
use crate::state::{App, Selection};
use crate::text;
use crate::ui::later::{OPTIONS, growing};
use crate::view_model::events;
use crate::view_model::facts::{facts, of_autoscaler, of_call, of_class, of_objective, of_price};
use crate::view_model::format::times;
use crate::view_model::system::{components, label_of, list_at, text_at};
use leptos::ev::{Event, MouseEvent, Targeted};
use leptos::prelude::*;

/// Names and figures at the slider's multiple.
fn figures(app: App, rows: Memo<Option<Vec<(String, String)>>>) -> AnyView {
    view! {
        <p class="caption">{text::FIGURES_AT}" "{move || times(app.growth.get())}</p>
        <dl class="facts">
            {move || rows.get().unwrap_or_default().into_iter().map(|(name, value)| view! { <dt>{name}</dt><dd>{value}</dd> }).collect_view()}
        </dl>
    }
    .into_any()
}

/// The button goes with what it was about: whoever pressed it by a key goes on from the panel's title.
fn go_on(event: &MouseEvent) {
    if event.detail() == 0 {
        focus_title();
    }
}

fn back(app: App) -> AnyView {
    let clear = move |event: MouseEvent| {
        app.selection.set(Selection::Nothing);
        go_on(&event);
    };
    view! { <button class="link" data-testid="clear-selection" on:click=clear>{text::CLEAR_SELECTION}</button> }
        .into_any()
}

/// A component.
#[component]
pub fn Component(app: App, id: String) -> impl IntoView {
    let id = StoredValue::new(id);
    let title = Memo::new(move |_| {
        app.document.with(|open| {
            let view = components(&open.as_ref()?.root).into_iter().find(|view| id.with_value(|id| view.id == *id))?;
            Some((view.label, text::kind_word(&view.kind)))
        })
    });
    let rows = Memo::new(move |_| {
        let projection = app.projection.get()?;
        app.document
            .with(|open| id.with_value(|id| Some(facts(&open.as_ref()?.root, &projection, id, app.growth.get()))))
    });
    view! {
        <h2 id=TITLE tabindex="-1">{move || title.get().map(|title| title.0)}" "<span class="kind">"· "{move || title.get().map(|title| title.1)}</span></h2>
        {figures(app, rows)}
        {parts::of_component(app, id)}
        <Actions app id/>
    }
}

/// All that is selected and is no component.
#[component]
pub fn Other(app: App, selection: Selection) -> impl IntoView {
    let kept = StoredValue::new(selection.clone());
    let title = Memo::new(move |_| {
        app.document.with(|open| kept.with_value(|kept| kept.title(&open.as_ref()?.root))).unwrap_or_default()
    });
    let rows = Memo::new(move |_| {
        let (projection, growth) = (app.projection.get()?, app.growth.get());
        app.document.with(|open| {
            let root = &open.as_ref()?.root;
            kept.with_value(|kept| match kept {
                Selection::Class(id) => Some(of_class(&projection, id, growth)),
                Selection::Objective(index) => Some(of_objective(root, &projection, *index, growth)),
                Selection::Call { from, to, asynchronous } => {
                    Some(of_call(root, &projection, (from, to), *asynchronous, growth))
                }
                Selection::Price(id) => Some(of_price(root, &projection, id, growth)),
                Selection::Autoscaler(id) => Some(of_autoscaler(root, &projection, id, growth)),
                _ => None,
            })
        })
    });
    let rest = match selection {
        Selection::Call { from, to, .. } => [ends(app, vec![from, to]), figures(app, rows)].into_any(),
        Selection::Price(id) | Selection::Autoscaler(id) => [ends(app, vec![id]), figures(app, rows)].into_any(),
        Selection::Event(index) => [happens_at(app, index), parts::of_event(app)].into_any(),
        _ => figures(app, rows),
    };
    view! {
        <h2 id=TITLE tabindex="-1" data-testid="selected-title">{move || title.get().0}" "<span class="kind">"· "{move || title.get().1}</span></h2>
        {rest}
        {back(app)}
    }
}

/// Leads to the component at which an event happens, if it is one.
fn happens_at(app: App, index: usize) -> AnyView {
    let place = Memo::new(move |_| {
        app.document.with(|open| {
            let root = &open.as_ref()?.root;
            let place = events::happens_at(list_at(root, "events").get(index)?)?;
            list_at(root, "components").iter().any(|one| text_at(one, "id") == place).then(|| place.to_owned())
        })
    });
    (move || place.get().map(|id| ends(app, vec![id]))).into_any()
}

/// Leads to the components at both ends of a line, or to the one that something is of.
fn ends(app: App, ends: Vec<String>) -> AnyView {
    let end = |id: String| {
        let kept = id.clone();
        let label = move || app.document.with(|open| open.as_ref().map(|open| label_of(&open.root, &kept)));
        let go = move |event: MouseEvent| {
            app.selection.set(Selection::Component(id.clone()));
            go_on(&event);
        };
        view! { <button class="plain" on:click=go>{label}</button> }
    };
    view! { <div class="actions">{ends.into_iter().map(end).collect_view()}</div> }.into_any()
}

/// What can be done with several components at once.
pub fn many(app: App, count: usize) -> AnyView {
    let ids = move || app.selection.get_untracked().ids();
    view! {
        <h2 id=TITLE tabindex="-1" data-testid="several-title">{text::components(count)}</h2>
        <p class="caption">{text::SEVERAL_SELECTED}</p>
        <div class="actions">
            <button class="plain" on:click=move |event| { app.duplicate(&ids()); go_on(&event); }>{text::DUPLICATE}</button>
            <button class="plain" data-testid="delete-several" on:click=move |event| { app.delete(&ids()); go_on(&event); }>{text::DELETE}</button>
        </div>
        {back(app)}
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
    let shown = growing(move || others.with(Vec::len), OPTIONS);
    let listed = move || others.with(|others| others.iter().take(shown.get()).cloned().collect::<Vec<_>>());
    let call = move |event: Targeted<Event, HtmlSelectElement>| {
        let to = event.target().value();
        event.target().set_value("");
        id.with_value(|id| app.connect(id, &to));
    };
    let copy = move |event: MouseEvent| {
        app.duplicate(&[id.get_value()]);
        go_on(&event);
    };
    let delete = move |event: MouseEvent| {
        app.delete(&[id.get_value()]);
        go_on(&event);
    };
    view! {
        <div class="actions">
            <select aria-label=text::CONNECT_TO data-testid="connect" on:change:target=call>
                <option value="">{text::CONNECT_TO}</option>
                <For each=listed key=Clone::clone let((id, label))><option value=id>{label}</option></For>
            </select>
            <button class="plain" data-testid="duplicate" on:click=copy>{text::DUPLICATE}</button>
            <button class="plain" data-testid="delete" on:click=delete>{text::DELETE}</button>
        </div>
        {back(app)}
    }
}
