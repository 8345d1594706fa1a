//! Traffic classes above the drawing, where they come in, and objectives below it, with all else that is selected as a box is.

use crate::state::{App, Selection};
use crate::text;
use crate::ui::later::growing;
use crate::view_model::events;
use crate::view_model::level::row;
use crate::view_model::objectives::are_of;
use crate::view_model::system::{class_label, label, list_at, objective, text_at};
use leptos::prelude::*;
use serde_json::Value;

/// As many as one task draws: a large system comes in pieces.
const AT_ONCE: usize = 24;

/// One of them, and what it says.
type Pick = (Selection, String);

/// The traffic classes.
pub fn classes(app: App) -> AnyView {
    let all = |root: &Value| {
        let ids = list_at(root, "traffic").iter().map(|class| text_at(class, "id"));
        ids.map(|id| (Selection::Class(id.to_owned()), class_label(root, id))).collect()
    };
    strip(app, text::TRAFFIC, "pick-class", listed(app, all), |_| false)
}

/// The objectives; those that are missed at the slider's multiple say so.
pub fn objectives(app: App) -> AnyView {
    let all = |root: &Value| {
        let numbers = 0..list_at(root, "slos").len();
        numbers.map(|number| (Selection::Objective(number), objective(root, number))).collect()
    };
    let missed = Memo::new(move |_| {
        let projection = app.projection.get()?;
        let fits = app.document.with(|open| open.as_ref().is_some_and(|open| are_of(&open.root, &projection)));
        let index = fits.then(|| row(&projection, app.growth.get()))?;
        let of = |columns: &worker::protocol::ObjectiveColumns| columns.met.get(index) == Some(&false);
        Some(projection.objectives.iter().map(of).collect::<Vec<bool>>())
    });
    strip(app, text::OBJECTIVES, "pick-objective", listed(app, all), move |index| {
        missed.with(|missed| missed.as_ref().and_then(|missed| missed.get(index).copied()).unwrap_or(false))
    })
}

/// Prices, autoscalers and events, folded up: a priced system has as many prices as boxes.
pub fn others(app: App) -> AnyView {
    let parts = |root: &Value, key: &str, selection: fn(String) -> Selection| {
        let with = list_at(root, "components").iter().filter(|one| one.get(key).is_some_and(Value::is_object));
        with.map(|one| (selection(text_at(one, "id").to_owned()), label(one))).collect()
    };
    let prices = listed(app, move |root| parts(root, "price", Selection::Price));
    let autoscalers = listed(app, move |root| parts(root, "autoscale", Selection::Autoscaler));
    let happening = listed(app, |root| {
        let numbers = 0..list_at(root, "events").len();
        numbers.map(|number| (Selection::Event(number), events::in_words(root, number))).collect()
    });
    let any = Memo::new(move |_| [prices, autoscalers, happening].iter().any(|all| !all.with(Vec::is_empty)));
    view! {
        <Show when=move || any.get()>
            <details class="more-picks" data-testid="more-picks">
                <summary>{text::MORE_PICKS}</summary>
                {strip(app, text::PRICES, "pick-price", prices, |_| false)}
                {strip(app, text::AUTOSCALERS, "pick-autoscaler", autoscalers, |_| false)}
                {strip(app, text::EVENTS, "pick-event", happening, |_| false)}
            </details>
        </Show>
    }
    .into_any()
}

fn listed(app: App, all: impl Fn(&Value) -> Vec<Pick> + Send + Sync + 'static) -> Memo<Vec<Pick>> {
    Memo::new(move |_| app.document.with(|open| open.as_ref().map_or_else(Vec::new, |open| all(&open.root))))
}

fn strip(
    app: App,
    title: &'static str,
    hook: &'static str,
    all: Memo<Vec<Pick>>,
    missed: impl Fn(usize) -> bool + Copy + Send + Sync + 'static,
) -> AnyView {
    let shown = growing(move || all.with(Vec::len), AT_ONCE);
    let some = move || all.with(|all| all.iter().take(shown.get()).cloned().enumerate().collect::<Vec<_>>());
    let one = move |index: usize, (selection, label): Pick| {
        let kept = StoredValue::new(selection);
        let pressed = move || kept.with_value(|kept| app.selection.with(|selection| selection == kept));
        let click = move |_| app.selection.update(|selection| *selection = selection.toggled(kept.get_value()));
        let words = move || if missed(index) { text::missed_there(&label) } else { label.clone() };
        // A long name is cut off after two lines.
        let full = words.clone();
        view! {
            <button class="pick" class:bad=move || missed(index) title=full data-testid=format!("{hook}-{index}")
                aria-pressed=move || pressed().to_string() on:click=click><span>{words}</span></button>
        }
    };
    view! {
        <Show when=move || !all.with(Vec::is_empty)>
            <div class="picks" role="group" aria-label=title>
                <span class="picks-title" aria-hidden="true">{title}</span>
                <For each=some key=|pick| pick.clone() let((index, pick))>{one(index, pick)}</For>
            </div>
        </Show>
    }
    .into_any()
}
