//! One form: fields that are set, those that could be, and what takes all of it away.

use super::TITLE;
use crate::platform::focus;
use crate::state::App;
use crate::text;
use crate::ui::field::Field;
use crate::ui::later::later;
use crate::view_model::form::{Row, Section, Take};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// The fields of the section at a place. While they stand, each stays where it is, set or emptied: one that moved would lose the
/// focus, and whoever types would lose their place.
#[component]
pub fn Group(app: App, sections: Memo<Vec<Section>>, place: String) -> impl IntoView {
    let place = StoredValue::new(place);
    let section = Memo::new(move |last: Option<&Section>| {
        let found = sections.with(|all| place.with_value(|place| all.iter().find(|one| one.path == *place).cloned()));
        // While the form goes there is none any more.
        found.or_else(|| last.cloned()).unwrap_or_default()
    });
    let first = StoredValue::new(BTreeMap::<String, bool>::new());
    let rows = Memo::new(move |_| {
        section.with(|section| {
            let sides = first.try_update_value(|first| {
                let side = |row: &Row| *first.entry(row.path.clone()).or_insert(row.set);
                let (set, more): (Vec<Row>, Vec<Row>) = section.rows.iter().cloned().partition(side);
                (set, more)
            });
            sides.unwrap_or_default()
        })
    });
    // What makes a field another one: where it is, what it is called and what it takes.
    let key = |row: &Row| (row.path.clone(), row.label.clone(), std::mem::discriminant(&row.value));
    let bare = Memo::new(move |_| rows.with(|rows| rows.0.is_empty()));
    let full = Memo::new(move |_| rows.with(|rows| rows.1.is_empty()));
    let title = Memo::new(move |_| section.with(|section| section.title.clone()));
    let take = Memo::new(move |_| section.with(|section| section.take.clone()));
    // A document of many classes has many fields.
    let inside = move || {
        view! {
            <Show when=move || !bare.get() && !title.with(String::is_empty)><h3>{title}</h3></Show>
            <For each=move || rows.with(|rows| rows.0.clone()) key=key let(row)><Field app row/></For>
            <Show when=move || !full.get()>
                <details>
                    <summary>{move || if bare.get() { title.get() } else { text::MORE_FIELDS.to_owned() }}</summary>
                    <For each=move || rows.with(|rows| rows.1.clone()) key=key let(row)><Field app row/></For>
                </details>
            </Show>
            {move || take.get().map(|take| view! { <TakeAway app take/> })}
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
            focus::give_later(TITLE.into());
        }
    };
    view! { <button class="link" aria-label=name data-testid=hook on:click=go>{button}</button> }
}
