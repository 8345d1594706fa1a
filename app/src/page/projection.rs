//! Latency over growth.

use crate::platform::browser::HtmlSelectElement;
use crate::state::App;
use crate::text;
use crate::ui::{Chart, later};
use crate::view_model::latency::{Choice, measured_instead, percentile_name, percentiles, spec};
use crate::view_model::objectives;
use crate::view_model::spend;
use crate::view_model::system::class_label;
use crate::view_model::throughput;
use leptos::ev::{Event, Targeted};
use leptos::prelude::*;
use std::sync::Arc;

/// The projection tab: latency, spend below it as in one picture, and the objectives.
#[component]
pub fn Latency(app: App) -> impl IntoView {
    let log = RwSignal::new(false);
    let drawn = Memo::new(move |_| {
        let projection = app.projection.get().ok_or(text::WORKING)?;
        let choice =
            Choice { class: app.class.get().unwrap_or_default(), percentile: app.percentile.get(), log: log.get() };
        app.document.with(|open| spec(&open.as_ref().ok_or(text::WORKING)?.root, &projection, &choice)).map(Arc::new)
    });
    let money = Memo::new(move |_| {
        let projection = app.projection.get().ok_or(text::WORKING)?;
        app.document.with(|open| spend::spec(&open.as_ref().ok_or(text::WORKING)?.root, &projection)).map(Arc::new)
    });
    let passed = Memo::new(move |_| {
        let projection = app.projection.get().ok_or(text::WORKING)?;
        throughput::spec(&projection, &app.class.get().unwrap_or_default()).map(Arc::new)
    });
    let label = move || {
        let class = app.class.get().unwrap_or_default();
        app.document.with(|open| open.as_ref().map_or(class.clone(), |document| class_label(&document.root, &class)))
    };
    let title = Signal::derive(move || text::latency_title(&label(), &app.percentile.get()));
    let caption = Signal::derive(move || {
        let missing = app
            .projection
            .get()
            .and_then(|projection| measured_instead(&projection, &app.class.get()?, &app.percentile.get()));
        missing.map_or(text::LATENCY_CAPTION.to_owned(), |names| {
            format!("{} {}", text::LATENCY_CAPTION, text::measured_only(&names))
        })
    });
    let stretch = RwSignal::new(None);
    view! {
        <Chart spec=drawn title caption height=300.0 cursor=app.growth name="chart-latency" stretch
            tools=move || view! { <Choices app log/> }/>
        {later(move || view! { <Chart spec=passed title=Signal::derive(move || text::throughput_title(&label())) caption=Signal::derive(|| text::THROUGHPUT_CAPTION.to_owned()) height=170.0 cursor=app.growth stretch name="chart-throughput"/> }.into_any())}
        {later(move || view! { <Chart spec=money title=Signal::derive(|| text::SPEND_TITLE.to_owned()) caption=Signal::derive(|| text::SPEND_CAPTION.to_owned()) height=170.0 cursor=app.growth stretch name="chart-spend"/> }.into_any())}
        {later(move || view! { <Objectives app/> }.into_any())}
    }
}

#[component]
fn Choices(app: App, log: RwSignal<bool>) -> impl IntoView {
    let classes = Memo::new(move |_| {
        app.projection
            .get()
            .map_or(Vec::new(), |projection| projection.classes.iter().map(|class| class.id.clone()).collect())
    });
    let percentiles =
        Memo::new(move |_| app.projection.get().map_or(Vec::new(), |projection| percentiles(&projection)));
    let pick_class = move |event: Targeted<Event, HtmlSelectElement>| app.class.set(Some(event.target().value()));
    let pick_percentile = move |event: Targeted<Event, HtmlSelectElement>| app.percentile.set(event.target().value());
    view! {
        <select aria-label=text::CLASS data-testid="class" on:change:target=pick_class prop:value=move || app.class.get().unwrap_or_default()>
            {move || classes.get().into_iter().map(|class| {
                let chosen = app.class.get_untracked().as_ref() == Some(&class);
                view! { <option value=class.clone() selected=chosen>{class.clone()}</option> }
            }).collect_view()}
        </select>
        <select aria-label=text::PERCENTILE data-testid="percentile" on:change:target=pick_percentile prop:value=move || app.percentile.get()>
            {move || percentiles.get().into_iter().map(|name| {
                let chosen = app.percentile.get_untracked() == name;
                view! { <option value=name.clone() selected=chosen>{percentile_name(&name)}</option> }
            }).collect_view()}
        </select>
        <button aria-pressed=move || log.get().to_string() on:click=move |_| log.update(|on| *on = !*on)>{text::LOG_AXIS}</button>
    }
}

#[component]
fn Objectives(app: App) -> impl IntoView {
    let rows = Memo::new(move |_| {
        let projection = app.projection.get()?;
        app.document.with(|open| Some(objectives::rows(&open.as_ref()?.root, &projection, app.growth.get())))
    });
    view! {
        <Show when=move || rows.with(|rows| rows.as_ref().is_some_and(|rows| !rows.is_empty()))>
            <div class="block">
                <h2>{text::OBJECTIVES_TITLE}</h2>
                <table class="verdicts">
                    <tbody>{move || rows.get().unwrap_or_default().into_iter().map(|row| view! {
                        <tr>
                            <td>{row.what}</td>
                            <td><span class="chip" class:good=row.met class:bad=!row.met>{row.verdict}</span></td>
                            <td class="number">{row.holds_to}</td>
                        </tr>
                    }).collect_view()}</tbody>
                </table>
            </div>
        </Show>
    }
}
