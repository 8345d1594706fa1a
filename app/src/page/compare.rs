//! Two to four scenarios side by side.

use crate::platform::browser::HtmlSelectElement;
use crate::state::{App, Beside};
use crate::text;
use crate::ui::{Chart, Drawn, html};
use crate::view_model::plan::problems;
use crate::view_model::system::class_label;
use crate::view_model::{compare, html as made};
use leptos::ev::{Event, Targeted};
use leptos::prelude::*;
use std::sync::Arc;
use worker::protocol::Study;

/// The comparison.
pub fn page(app: App) -> AnyView {
    let studies = app.studies;
    Effect::new(move |_| {
        app.generation.track();
        app.ask_comparison();
    });
    let source = Signal::derive(move || {
        let troubles = studies.troubles(Study::Compare);
        if !troubles.is_empty() {
            return problems(&troubles);
        }
        let page = studies
            .comparison
            .with(|view| app.document.with(|open| Some(compare::page(&open.as_ref()?.root, view.as_ref()?))));
        let instead = if studies.beside.with(Vec::is_empty) { text::COMPARE_CHOOSE } else { text::WORKING };
        page.unwrap_or_else(|| made::paragraph("empty-note", instead))
    });
    // The charts stay while answers come: each draws anew what changed of it.
    let any = Memo::new(move |_| studies.comparison.with(Option::is_some));
    view! {
        <h2>{text::COMPARE_TITLE}</h2>
        {choice(app)}
        {html(source, Callback::new(move |_: String| {}))}
        {move || any.get().then(|| charts(app))}
    }
    .into_any()
}

/// What stands beside the open one, and what could.
fn choice(app: App) -> AnyView {
    let beside = app.studies.beside;
    let own = move || app.document.with(|open| open.as_ref().map_or(String::new(), |open| open.key.clone()));
    let add = move |event: Targeted<Event, HtmlSelectElement>| {
        let chosen = event.target().value();
        event.target().set_value("");
        let recent = app.recent.with_untracked(|all| {
            all.iter()
                .find(|one| format!("r:{}", one.key) == chosen)
                .map(|one| (one.key.clone(), one.name.clone(), false))
        });
        let ready = app.gallery.with_untracked(|all| {
            all.iter()
                .find(|one| format!("g:{}", one.id) == chosen)
                .map(|one| (one.id.clone(), one.title.clone(), true))
        });
        if let Some((key, name, ready)) = recent.or(ready) {
            app.set_beside(Beside { key, name, ready });
        }
    };
    let chips = move || {
        let names = beside.get().into_iter().map(|one| one.name).enumerate();
        names.map(|(index, name)| {
            let label = format!("{} {name}", text::COMPARE_REMOVE);
            view! { <span class="chip">{name}<button class="small" aria-label=label on:click=move |_| app.take_away(index)>"×"</button></span> }
        }).collect_view()
    };
    let recent = move || {
        let list = app.recent.get().into_iter().filter(|one| one.key != own());
        list.map(|one| view! { <option value=format!("r:{}", one.key)>{one.name}</option> }).collect_view()
    };
    let ready = move || {
        app.gallery
            .get()
            .into_iter()
            .map(|one| view! { <option value=format!("g:{}", one.id)>{one.title}</option> })
            .collect_view()
    };
    view! {
        <div class="controls">
            {chips}
            <select aria-label=text::COMPARE_ADD data-testid="compare-add" on:change:target=add
                disabled=move || beside.with(Vec::len) >= 3>
                <option value="">{text::COMPARE_ADD}</option>
                <optgroup label=text::COMPARE_RECENT>{recent}</optgroup>
                <optgroup label=text::COMPARE_READY>{ready}</optgroup>
            </select>
        </div>
    }
    .into_any()
}

fn charts(app: App) -> AnyView {
    let comparison = app.studies.comparison;
    let (class, log) = (RwSignal::new(None::<String>), RwSignal::new(false));
    let classes = Memo::new(move |before: Option<&Vec<String>>| {
        comparison.with(|view| match view {
            Some(view) if view.done => compare::classes(view),
            _ => before.cloned().unwrap_or_default(),
        })
    });
    let chosen = move || classes.with(|all| compare::chosen(all, class.get().as_deref()));
    let drawn = move |of_class: bool, before: Option<&Drawn>| -> Drawn {
        let id = if of_class { Some(chosen().unwrap_or_default()) } else { None };
        let before = before.and_then(|before| before.as_ref().ok());
        comparison.with(|view| match (view, before) {
            (Some(view), Some(before)) if compare::standing(view, Some(before)) => Ok(Arc::clone(before)),
            (Some(view), _) => compare::spec(view, id.as_deref(), of_class && log.get()).map(Arc::new),
            (None, _) => Err(text::WORKING.into()),
        })
    };
    let latency = Memo::new(move |before| drawn(true, before));
    let money = Memo::new(move |before| drawn(false, before));
    let label = move |id: &str| {
        app.document.with(|open| open.as_ref().map_or_else(|| id.to_owned(), |open| class_label(&open.root, id)))
    };
    let title = Signal::derive(move || format!("{} · {}", label(&chosen().unwrap_or_default()), text::COMPARE_LATENCY));
    let pick = move |event: Targeted<Event, HtmlSelectElement>| class.set(Some(event.target().value()));
    let tools = move || {
        view! {
            <select aria-label=text::CLASS on:change:target=pick>
                {move || {
                    let drawn = chosen();
                    let option = |id: String| {
                        let is_drawn = drawn.as_ref() == Some(&id);
                        view! { <option value=id.clone() selected=is_drawn>{label(&id)}</option> }
                    };
                    classes.get().into_iter().map(option).collect_view()
                }}
            </select>
            <button aria-pressed=move || log.get().to_string() on:click=move |_| log.update(|on| *on = !*on)>{text::LOG_AXIS}</button>
        }
    };
    view! {
        <Chart spec=latency title caption=Signal::derive(String::new) height=280.0 cursor=app.growth name="chart-compare" tools/>
        <Chart spec=money title=Signal::derive(|| text::COMPARE_SPEND.to_owned()) caption=Signal::derive(String::new) height=200.0 cursor=app.growth name="chart-compare-spend"/>
    }
    .into_any()
}
