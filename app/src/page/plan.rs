//! The cheapest way through, multiple by multiple, each step one click away from a copy that has it.

use crate::platform::browser::HtmlInputElement;
use crate::state::App;
use crate::text;
use crate::ui::html;
use crate::view_model::format::times;
use crate::view_model::plan;
use leptos::ev::{Event, Targeted};
use leptos::prelude::*;
use worker::protocol::Study;

/// The plan tab.
pub fn page(app: App) -> AnyView {
    let studies = app.studies;
    let refused = RwSignal::new(String::new());
    let (typed, writing) = (studies.multiples, RwSignal::new(false));
    // The first look begins by itself; a later one is asked for, because it may take seconds.
    Effect::new(move |_| {
        let idle = studies.plan.with_untracked(Option::is_none) && !studies.planning.get_untracked();
        if idle && app.projection.with(Option::is_some) && studies.troubles(Study::Plan).is_empty() {
            app.ask_plan(Vec::new());
        }
    });
    let take = move |event: Targeted<Event, HtmlInputElement>| match plan::multiples(&event.target().value()) {
        Ok(multiples) => {
            refused.set(String::new());
            typed.set(multiples.clone());
            app.ask_plan(multiples);
        }
        Err(reason) => refused.set(reason),
    };
    // Steps arrive while somebody types: what stands in the field stays until it is left.
    let shown = Memo::new(move |before: Option<&String>| {
        let stands = before.filter(|_| writing.get()).cloned();
        stands.unwrap_or_else(|| studies.plan.with(|plan| plan::shown(&typed.get(), plan.as_deref())))
    });
    let again = move |_| {
        if refused.with_untracked(String::is_empty) {
            app.ask_plan(typed.get_untracked());
        }
    };
    let source = Signal::derive(move || {
        let stale = studies.plan.with(|plan| plan.as_ref().is_some_and(|plan| plan.generation != app.generation.get()));
        app.document
            .with(|open| {
                let root = open.as_ref().map(|document| &document.root)?;
                Some(
                    studies
                        .plan
                        .with(|found| plan::page(root, found.as_deref(), &studies.troubles(Study::Plan), stale)),
                )
            })
            .unwrap_or_default()
    });
    let share = move || studies.plan.with(|plan| plan.as_ref().map_or(0.0, |plan| plan.share));
    view! {
        <div class="controls">
            <label>{text::MULTIPLES}<input class="wide-input" data-testid="plan-multiples" prop:value=move || shown.get() on:focus=move |_| writing.set(true) on:blur=move |_| writing.set(false)
                aria-invalid=move || (!refused.with(String::is_empty)).to_string() on:change:target=take/></label>
            <button class="primary" data-testid="plan-again" disabled=move || studies.planning.get()
                on:click=again>{text::PLAN_AGAIN}</button>
            <button class="plain" data-testid="plan-stop" disabled=move || !studies.planning.get()
                on:click=move |_| app.cancel_plan()>{text::STOP}</button>
            <span class="bad" role="alert">{move || refused.get()}</span>
        </div>
        <progress class="share" max="1" prop:value=share aria-label=text::TAB_PLAN></progress>
        {html(source, Callback::new(move |act: String| apply(app, &act)))}
    }
    .into_any()
}

/// `step:2` is the third step, `option:0` the first single change; likewise `saving` and `design`.
fn apply(app: App, act: &str) {
    let Some((kind, number)) = act.split_once(':') else { return };
    let Ok(number) = number.parse::<usize>() else { return };
    let chosen = app.studies.plan.with_untracked(|found| {
        let found = found.as_ref()?;
        let root = app.document.with_untracked(|open| open.as_ref().map(|open| open.root.clone()))?;
        match kind {
            "step" => {
                let step = found.steps.get(number)?;
                Some((step.edit.clone(), format!("{} {}", text::TAB_PLAN.to_lowercase(), times(step.multiple))))
            }
            "design" => found.designs.get(number).map(|design| (design.edit.clone(), design.what.clone())),
            _ => {
                let list = if kind == "option" { &found.options } else { &found.savings };
                list.get(number).map(|option| (option.edit.clone(), plan::change(&root, &option.change)))
            }
        }
    });
    if let Some((edit, what)) = chosen {
        app.ask_change(edit, what);
    }
}
