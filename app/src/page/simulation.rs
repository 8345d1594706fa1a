//! The open system played event by event: progress, series over time, and the formulas' figures beside it.

use crate::platform::browser::{HtmlInputElement, HtmlSelectElement};
use crate::state::App;
use crate::text;
use crate::ui::Chart;
use crate::view_model::format::{count, times};
use crate::view_model::simulation::{kinds, lines, spec};
use leptos::ev::{Event, Targeted};
use leptos::prelude::*;
use std::sync::Arc;
use worker::protocol::Request;

/// The simulation tab.
#[component]
pub fn Simulation(app: App) -> impl IntoView {
    let kind = RwSignal::new("utilization".to_owned());
    let drawn = Memo::new(move |_| {
        let simulation = app.simulation.get().ok_or(text::NOT_SIMULATED)?;
        spec(&simulation, &kind.get()).map(Arc::new)
    });
    let table = Memo::new(move |_| {
        let simulation = app.simulation.get()?;
        let projection = app.projection.get();
        app.document.with(|open| Some(lines(&open.as_ref()?.root, &simulation, projection.as_deref())))
    });
    view! {
        <Controls app/>
        <Chart spec=drawn title=Signal::derive(|| text::SERIES_TITLE.to_owned()) caption=Signal::derive(|| text::SERIES_CAPTION.to_owned())
            height=240.0 cursor=RwSignal::new(-1.0) name="chart-simulation" tools=move || view! { <Kinds app kind/> }/>
        <Show when=move || table.with(Option::is_some)>
            <div class="block">
                <h2>{text::BOTH_TITLE}</h2>
                <p class="caption">{text::BOTH_CAPTION}</p>
                <div class="scroll"><table data-testid="simulation-table">
                    <thead><tr>
                        <th scope="col">{text::FIGURE}</th><th scope="col" class="number">{text::SIMULATED}</th><th scope="col" class="number">{text::INTERVAL_95}</th>
                        <th scope="col" class="number">{text::FORMULAS}</th><th scope="col" class="number">{text::GAP}</th>
                    </tr></thead>
                    <tbody>{move || table.get().unwrap_or_default().into_iter().map(|line| view! {
                        <tr><td>{line.what}</td><td class="number">{line.simulated}</td><td class="number">{line.interval}</td>
                            <td class="number">{line.analytic}</td><td class="number"><span class=line.class>{line.gap}</span></td></tr>
                    }).collect_view()}</tbody>
                </table></div>
            </div>
        </Show>
    }
}

#[component]
fn Controls(app: App) -> impl IntoView {
    let (seconds, replications, seed) = (RwSignal::new(300.0), RwSignal::new(5.0), RwSignal::new(1.0));
    let running =
        move || app.simulation.with(|simulation| simulation.as_ref().is_some_and(|simulation| !simulation.done));
    let run = move |_| {
        if let Some(document) = app.document_text() {
            app.start_simulation(&Request::Simulate {
                document,
                multiple: app.growth.get_untracked(),
                seconds: seconds.get_untracked(),
                replications: replications.get_untracked() as u32,
                seed: seed.get_untracked() as u64,
            });
        }
    };
    let share =
        move || app.simulation.with(|simulation| simulation.as_ref().map_or(0.0, |simulation| simulation.share));
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
    view! {
        <div class="controls">
            {number(text::SECONDS, seconds, 1.0)}{number(text::REPLICATIONS, replications, 1.0)}{number(text::SEED, seed, 0.0)}
            <button class="primary" data-testid="simulate" on:click=run disabled=running>{text::SIMULATE}" "{move || times(app.growth.get())}</button>
            <button class="plain" data-testid="stop-simulation" on:click=move |_| app.stop_simulation() disabled=move || !running()>{text::STOP}</button>
        </div>
        <progress class="share" max="1" prop:value=share aria-label=text::SIMULATE></progress>
        <p class="caption" data-testid="simulation-state" role="status">{state}</p>
    }
}

fn number(label: &'static str, value: RwSignal<f64>, least: f64) -> impl IntoView {
    let change = move |event: Targeted<Event, HtmlInputElement>| match event.target().value().parse::<f64>() {
        Ok(typed) if typed.is_finite() && typed >= least => value.set(typed),
        _ => event.target().set_value(&value.get_untracked().to_string()),
    };
    view! { <label>{label}<input type="number" min=least prop:value=move || value.get() on:change:target=change/></label> }
}

#[component]
fn Kinds(app: App, kind: RwSignal<String>) -> impl IntoView {
    let all = Memo::new(move |_| app.simulation.get().map(|simulation| kinds(&simulation)).unwrap_or_default());
    let pick = move |event: Targeted<Event, HtmlSelectElement>| kind.set(event.target().value());
    view! {
        <select aria-label=text::FIGURE on:change:target=pick prop:value=move || kind.get()>
            {move || all.get().into_iter().map(|name| {
                let chosen = kind.get_untracked() == name;
                view! { <option value=name.clone() selected=chosen>{name.replace('_', " ")}</option> }
            }).collect_view()}
        </select>
    }
}
