//! The open system played event by event: what happens to it, progress, series over time, and the formulas' figures beside it.

use super::timeline;
use crate::platform::browser::{HtmlInputElement, HtmlSelectElement};
use crate::state::App;
use crate::state::simulating::{self, RunSettings};
use crate::text;
use crate::ui::{Chart, html};
use crate::view_model::format::{count, times};
use crate::view_model::html::block;
use crate::view_model::losses::losses;
use crate::view_model::run::{Allowed, REPLICATIONS, SECONDS, SEED};
use crate::view_model::simulation::{cost, kinds, notes, series_caption, slow, spec, table, verdict};
use leptos::ev::{Event, Targeted};
use leptos::prelude::*;
use std::sync::Arc;

/// The simulation tab.
pub fn page(app: App) -> AnyView {
    let settings = app.run_settings;
    let kind = RwSignal::new("utilization".to_owned());
    let drawn = Memo::new(move |_| {
        let simulation = app.simulation.get().ok_or(text::NOT_SIMULATED)?;
        spec(&simulation, &kind.get()).map(Arc::new)
    });
    let source = Signal::derive(move || {
        let (simulation, lost) = (app.simulation.get(), app.losses.get());
        let projection = app.projection.get();
        let (generation, (begun, stopped)) = (app.generation.get(), app.studies.lost.get());
        let root = |open: &Option<_>| {
            let open: &crate::state::document::Document = open.as_ref()?;
            let root = &open.root;
            let played = simulation.as_ref().map(|simulation| {
                let figures = table(root, simulation, projection.as_deref());
                let both = block(text::BOTH_TITLE, text::BOTH_CAPTION, &(figures + &cost(root, simulation)));
                slow(root, simulation) + &both
            });
            Some(
                played.unwrap_or_default()
                    + &lost.as_ref().map_or_else(String::new, |lost| losses(root, lost, generation != begun, stopped)),
            )
        };
        app.document.with(root).unwrap_or_default()
    });
    let caption = Signal::derive(move || {
        let simulation = app.simulation.get();
        simulation.map_or(text::SERIES_CAPTION.to_owned(), |simulation| series_caption(&simulation, &kind.get()))
    });
    let became =
        move || app.simulation.with(|simulation| simulation.as_ref().and_then(|simulation| verdict(simulation)));
    view! {
        {controls(app, settings)}
        {timeline::timeline(app, settings.seconds)}
        {move || became().map(|(class, words)| view! { <p class=format!("verdict {class}") data-testid="verdict">{words}</p> })}
        <Chart spec=drawn title=Signal::derive(|| text::SERIES_TITLE.to_owned()) caption
            height=240.0 cursor=RwSignal::new(-1.0) name="chart-simulation" tools=move || picker(app, kind)/>
        {html(source, Callback::new(move |_: String| {}))}
    }
    .into_any()
}

fn controls(app: App, settings: RunSettings) -> AnyView {
    let RunSettings { seconds, typed, replications, seed } = settings;
    let plain =
        |label, value: RwSignal<f64>, allowed| number(label, value.into(), move |typed| value.set(typed), allowed);
    let running =
        move || app.simulation.with(|simulation| simulation.as_ref().is_some_and(|simulation| !simulation.done));
    let losing = move || app.losses.with(|losses| losses.as_ref().is_some_and(|losses| losses.share < 1.0));
    let share = move || {
        let lost = app.losses.with(|losses| losses.as_ref().map_or(1.0, |losses| losses.share));
        let played = app.simulation.with(|simulation| simulation.as_ref().map_or(0.0, |simulation| simulation.share));
        if lost < 1.0 { lost } else { played }
    };
    let state = move || {
        app.simulation.with(|simulation| {
            let simulation = simulation.as_ref()?;
            Some(text::simulated(
                &times(simulation.multiple),
                simulation.replications,
                &count(simulation.events as f64),
            ))
        })
    };
    let known = move || {
        let stale = app.simulated.get() != app.generation.get();
        let known = app.simulation.with(|simulation| simulation.as_ref().map(|simulation| notes(simulation, stale)));
        let note = |note| view! { <p class="warning" data-testid="simulation-note">{note}</p> };
        known.unwrap_or_default().into_iter().map(note).collect_view()
    };
    view! {
        <div class="controls">
            {number(text::SECONDS, seconds.into(), move |value| typed.set(Some(value)), SECONDS)}
            {plain(text::REPLICATIONS, replications, REPLICATIONS)}{plain(text::SEED, seed, SEED)}
            <button class="primary" data-testid="simulate" on:click=move |_| simulating::start(app) disabled=running>{text::SIMULATE}" "{move || times(app.growth.get())}</button>
            <button class="plain" data-testid="stop-simulation" on:click=move |_| app.cancel_simulation() disabled=move || !running() && !losing()>{text::STOP}</button>
            <button class="plain" data-testid="lose-each" on:click=move |_| simulating::lose_each(app) disabled=losing>{text::LOSE_EACH}</button>
        </div>
        <progress class="share" max="1" prop:value=share aria-label=text::SIMULATE></progress>
        <p class="caption" data-testid="simulation-state" role="status">{state}</p>
        {known}
    }
    .into_any()
}

/// What may stand in a field, in words.
fn words(Allowed { range: (least, most), whole }: Allowed) -> String {
    text::number_allowed(&count(least), &count(most), whole)
}

/// A field of a number; what is not read stays as it was typed, and it is said what may be.
fn number(label: &'static str, value: Signal<f64>, set: impl Fn(f64) + 'static, allowed: Allowed) -> AnyView {
    let refused = RwSignal::new(false);
    // Another value comes into the field from elsewhere, such as the end of a new event.
    Effect::new(move |_| {
        value.track();
        refused.set(false);
    });
    let change = move |event: Targeted<Event, HtmlInputElement>| {
        let typed = allowed.read(&event.target().value());
        refused.set(typed.is_none());
        typed.into_iter().for_each(&set);
    };
    view! {
        <label>{label}<input type="text" inputmode=if allowed.whole { "numeric" } else { "decimal" } prop:value=move || value.get() on:change:target=change
            aria-invalid=move || refused.get().to_string()/></label>
        <span class="bad" role="alert">{move || refused.get().then(|| words(allowed))}</span>
    }
    .into_any()
}

fn picker(app: App, kind: RwSignal<String>) -> AnyView {
    let all = Memo::new(move |_| app.simulation.get().map(|simulation| kinds(&simulation)).unwrap_or_default());
    let pick = move |event: Targeted<Event, HtmlSelectElement>| kind.set(event.target().value());
    view! {
        <select class="broad" aria-label=text::FIGURE hidden=move || all.with(Vec::is_empty) on:change:target=pick prop:value=move || kind.get()>
            {move || all.get().into_iter().map(|name| {
                let chosen = kind.get_untracked() == name;
                view! { <option value=name.clone() selected=chosen>{text::word(&name)}</option> }
            }).collect_view()}
        </select>
    }
    .into_any()
}
