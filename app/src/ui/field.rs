//! One input field, made of its catalogue entry.

use crate::platform::browser::{HtmlInputElement, HtmlSelectElement};
use crate::state::App;
use crate::state::edits::set_field;
use crate::state::tree::{get, path};
use crate::ui::later::{OPTIONS, growing};
use crate::view_model::form::{Row, offered, placeholder, read, shown, unit};
use leptos::ev::{Event, Targeted};
use leptos::prelude::*;

/// Label, input, unit, source and interval; what may not be typed is refused with what may.
#[component]
pub fn Field(app: App, row: Row) -> impl IntoView {
    let steps = path(&row.path);
    let kept = StoredValue::new(row.clone());
    let now = Memo::new(move |_| {
        app.document.with(|open| {
            open.as_ref().map_or_else(Default::default, |document| {
                kept.with_value(|row| shown(row, get(&document.root, &steps)))
            })
        })
    });
    let refused = RwSignal::new(String::new());
    // What an input's text becomes; a refused text stays in the input.
    let take = move |typed: String| {
        let outcome = kept.with_value(|row| read(row, &typed));
        match outcome {
            Err(reason) => refused.set(reason),
            Ok(value) => {
                refused.set(String::new());
                let command = app.document.with_untracked(|open| {
                    kept.with_value(|row| set_field(&open.as_ref()?.root, &row.label, &row.path, value))
                });
                if let Some(command) = command {
                    app.run(&command);
                }
            }
        }
    };
    let name = format!("field-{}", row.path);
    let trouble = {
        let place = row.path.clone();
        move || {
            app.troubles.with(|troubles| {
                troubles.iter().find(|trouble| trouble.path == place).map(|trouble| trouble.text.clone())
            })
        }
    };
    let hint = row.field.help;
    // They follow the document: what can be called or entered comes, goes and is renamed while the field stands.
    let words = Memo::new(move |_| {
        app.document.with(|open| {
            let root = &open.as_ref()?.root;
            kept.with_value(|row| offered(root, row, get(root, &path(&row.path))))
        })
    });
    let input = if words.with_untracked(Option::is_some) {
        let name = name.clone();
        let pick = move |event: Targeted<Event, HtmlSelectElement>| take(event.target().value());
        let empty = placeholder(&row);
        let is = move |value: &str| now.with(|now| now.text == value);
        let drawn = growing(move || words.with(|words| words.as_ref().map_or(0, Vec::len)), OPTIONS);
        let listed = move || words.with(|words| words.iter().flatten().take(drawn.get()).cloned().collect::<Vec<_>>());
        view! {
                <select id=name title=hint on:change:target=pick>
                    <option value="" prop:selected=move || is("")>{empty}</option>
                    <For each=listed key=|choice| (choice.value.clone(), choice.label.clone()) let(choice)>
                        <option value=choice.value.clone() title=choice.about prop:selected=move || is(&choice.value)>{choice.label}</option>
                    </For>
                </select>
            }
            .into_any()
    } else {
        let name = name.clone();
        let change = move |event: Targeted<Event, HtmlInputElement>| take(event.target().value());
        view! {
            <input id=name title=hint autocomplete="off" placeholder=placeholder(&row) prop:value=move || now.get().text
                aria-invalid=move || (!refused.with(String::is_empty)).to_string() on:change:target=change/>
        }
        .into_any()
    };
    let hook = name.clone();
    view! {
        <div class="field" data-testid=hook>
            <label for=name>{row.label.clone()}
                {move || Some(now.get().source).filter(|source| !source.is_empty()).map(|source| view! { <span class=format!("source {source}")>{source.clone()}</span> })}
            </label>
            <span class="value">{input}<span class="unit">{unit(&row)}</span></span>
            {move || Some(now.get().detail).filter(|detail| !detail.is_empty()).map(|detail| view! { <small>{detail}</small> })}
            {move || trouble().or_else(|| Some(refused.get()).filter(|reason| !reason.is_empty())).map(|reason| view! { <small class="bad" role="alert">{reason}</small> })}
        </div>
    }
}
