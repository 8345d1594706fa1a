//! The workbench: headline, system, and the tab that explains it; one after the other, each in a task of its own: the answer of
//! the worker is shown between them, and so is whatever a person does.

use super::projection::Latency;
use crate::platform::{browser, focus, keys, turns};
use crate::state::{App, Fresh, Tab};
use crate::text;
use crate::ui::{Headline, Inspector, Topology, later};
use leptos::ev::{self, KeyboardEvent};
use leptos::prelude::*;
use std::cell::Cell;
use worker::protocol::Role;

/// The main screen.
pub fn screen(app: App) -> AnyView {
    listen(app);
    app.keep_address();
    view! {
        <Show when=move || app.presenting.get()>
            <div class="presenting" data-testid="presenting">
                {text::share::PRESENTING}<button on:click=move |_| app.presenting.set(false)>{text::share::MAKE_COPY}</button>
            </div>
        </Show>
        <Headline app/>
        <Show when=move || app.fresh.get() == Fresh::Refused><Refused app/></Show>
        <Show when=move || app.fresh.get() == Fresh::Broken && app.gone.get() != Some(Role::Solver)><Broken app/></Show>
        <div class="workbench" class:drawing=move || app.drawing.get() && !matches!(app.tab.get(), Tab::Compare | Tab::Report) class:broad=move || matches!(app.tab.get(), Tab::Compare | Tab::Report)>
            <section class="system" aria-label=text::SYSTEM>{later(move || view! { <Topology app/> }.into_any())}</section>
            <section class="centre">
                <Tabs app/>
                <div role="tabpanel" id="panel" aria-labelledby=move || format!("tab-{}", app.tab.get().slug())>
                    {later(move || (move || match app.tab.get() {
                        Tab::Projection => view! { <Latency app/> }.into_any(),
                        tab => app.page(tab).unwrap_or_else(|| view! { <div aria-busy="true" data-testid="tab-waiting"></div> }.into_any()),
                    }).into_any())}
                </div>
            </section>
            <section class="inspector" data-testid="inspector" hidden=move || app.presenting.get()>
                {later(move || view! { <Inspector app/> }.into_any())}
            </section>
        </div>
    }
    .into_any()
}

/// From the first document on the browser asks whether to stay where something would be lost: on the start page too, where what its
/// store refused waits.
fn ask_before_closing(app: App) {
    thread_local! {
        static ASKS: Cell<bool> = const { Cell::new(false) };
    }
    if !ASKS.replace(true) {
        window_event_listener(ev::beforeunload, move |event| {
            if app.is_at_risk() {
                event.prevent_default();
            }
        });
    }
}

/// Copying, undo, and keeping the document when the page goes.
fn listen(app: App) {
    let copy = window_event_listener(ev::copy, move |event| {
        if let Some(text) = app.clipping(&app.selection.get_untracked().ids()) {
            keys::copy_outside_fields(&event, &text);
        }
    });
    let key = window_event_listener(ev::keydown, move |event| match keys::history(&event) {
        Some(keys::History::Undo) => {
            event.prevent_default();
            app.undo();
        }
        Some(keys::History::Redo) => {
            event.prevent_default();
            app.redo();
        }
        None => {}
    });
    let leaving = window_event_listener(ev::pagehide, move |_| app.leave());
    // A page that is hidden may be ended without another word, on phones as a rule.
    let hidden = window_event_listener(ev::visibilitychange, move |_| app.leave());
    ask_before_closing(app);
    on_cleanup(move || {
        leaving.remove();
        hidden.remove();
        copy.remove();
        key.remove();
    });
}

fn name(tab: Tab) -> &'static str {
    match tab {
        Tab::Projection => text::TAB_PROJECTION,
        Tab::Bottlenecks => text::TAB_BOTTLENECKS,
        Tab::Spend => text::TAB_SPEND,
        Tab::Simulation => text::TAB_SIMULATION,
        Tab::Sensitivity => text::TAB_SENSITIVITY,
        Tab::Plan => text::TAB_PLAN,
        Tab::Data => text::TAB_DATA,
        Tab::Compare => text::TAB_COMPARE,
        Tab::Report => text::TAB_REPORT,
    }
}

#[component]
fn Tabs(app: App) -> impl IntoView {
    let walk = move |event: KeyboardEvent| {
        let now = Tab::ALL.iter().position(|tab| *tab == app.tab.get_untracked()).unwrap_or(0);
        let count = Tab::ALL.len();
        let next = match event.key().as_str() {
            "ArrowRight" => (now + 1) % count,
            "ArrowLeft" => (now + count - 1) % count,
            "Home" => 0,
            "End" => count - 1,
            _ => return,
        };
        event.prevent_default();
        app.tab.set(Tab::ALL[next]);
        focus::give(&format!("tab-{}", Tab::ALL[next].slug()));
    };
    // On a phone the strip is wider than the window.
    Effect::new(move |_| {
        let id = format!("tab-{}", app.tab.get().slug());
        turns::later(move || browser::show_in_strip(&id));
    });
    let tabs = Tab::ALL.map(|tab| {
        let on = move || app.tab.get() == tab;
        view! {
            <button role="tab" id=format!("tab-{}", tab.slug()) data-testid=format!("tab-{}", tab.slug())
                aria-controls="panel" aria-selected=move || on().to_string() tabindex=move || if on() { "0" } else { "-1" }
                on:click=move |_| app.tab.set(tab)>{name(tab)}</button>
        }
    });
    view! { <div class="tabs" role="tablist" on:keydown=walk>{tabs.collect_view()}</div> }
}

/// The solver broke or hung over the open document, and a new one stands.
#[component]
fn Broken(app: App) -> impl IntoView {
    let old = move || app.projection.with(Option::is_some).then_some(text::SOLVER_BROKE_OLD);
    view! {
        <div class="refused" role="alert" data-testid="solver-broke">
            <b>{text::WORKER_BROKE}</b>
            <span class="caption">" "{text::SOLVER_BROKE_SUB}" "{old}</span>
            <div class="actions"><button class="primary" data-testid="solve-again" on:click=move |_| app.project()>{text::TRY_AGAIN}</button></div>
        </div>
    }
}

#[component]
fn Refused(app: App) -> impl IntoView {
    view! {
        <div class="refused" role="alert">
            <b>{text::REFUSED}": "{move || text::problems(app.troubles.with(Vec::len))}</b>
            <span class="caption">" "{move || app.projection.with(Option::is_some).then_some(text::REFUSED_SUB)}</span>
            <ul>
                {move || app.troubles.get().into_iter().map(|trouble| view! {
                    <li data-testid="problem"><code>{trouble.path}</code>" "{trouble.text}"; "{trouble.remedy}</li>
                }).collect_view()}
            </ul>
        </div>
    }
}
