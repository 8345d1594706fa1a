//! What fills up first, what next, and where a request's time goes.

use crate::state::{App, Selection};
use crate::text;
use crate::view_model::bottlenecks::{Bar, Line, lines, waterfall};
use crate::view_model::format::multiple;
use crate::view_model::system::resource;
use leptos::prelude::*;

/// The bottlenecks tab.
#[component]
pub fn Bottlenecks(app: App) -> impl IntoView {
    let table = Memo::new(move |_| {
        let projection = app.projection.get()?;
        app.document.with(|open| Some(lines(&open.as_ref()?.root, &projection, app.growth.get())))
    });
    view! {
        <div class="block">
            <h2>{text::BOTTLENECK_TITLE}</h2>
            <p class="caption">{text::BOTTLENECK_CAPTION}</p>
            <div class="scroll"><table data-testid="bottleneck-table">
                <thead><tr>
                    <th scope="col">{text::COMPONENT}</th><th scope="col" class="number">{text::BUSY}</th><th scope="col"></th>
                    <th scope="col" class="number">{text::WAIT}</th><th scope="col" class="number">{text::FULL_AT}</th>
                </tr></thead>
                <tbody>{move || table.get().unwrap_or_default().into_iter().map(|line| row(app, line)).collect_view()}</tbody>
            </table></div>
        </div>
        <Next app/>
        <Waterfall app/>
    }
}

fn row(app: App, line: Line) -> impl IntoView {
    let class = line.level.class();
    let id = line.component.clone();
    view! {
        <tr>
            <td><button class="link" on:click=move |_| app.selection.set(Selection::Component(id.clone()))>{line.what}</button></td>
            <td class="number"><span class=format!("level-{class}")>{line.share_text}</span></td>
            <td>
                <svg class="meter" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
                    <rect class="base" width="100" height="6" rx="1"/><rect class=class width=line.share * 100.0 height="6" rx="1"/>
                </svg>
            </td>
            <td class="number">{line.wait}</td>
            <td class="number"><b>{line.full_at}</b></td>
        </tr>
    }
}

#[component]
fn Next(app: App) -> impl IntoView {
    let steps = Memo::new(move |_| {
        let projection = app.projection.get()?;
        app.document.with(|open| {
            let root = &open.as_ref()?.root;
            let name = |text: &str| {
                text.split_once('/').map_or(text.to_owned(), |(component, part)| resource(root, component, part))
            };
            let line = |next: &worker::protocol::NextView| {
                (name(&next.after_fixing), resource(root, &next.component, &next.resource), multiple(next.multiple))
            };
            Some(projection.next.iter().map(line).collect::<Vec<_>>())
        })
    });
    view! {
        <Show when=move || steps.with(|steps| steps.as_ref().is_some_and(|steps| !steps.is_empty()))>
            <div class="block">
                <h2>{text::NEXT_TITLE}</h2>
                <table><tbody>{move || steps.get().unwrap_or_default().into_iter().map(|(after, what, at)| view! {
                    <tr><td>{what}<div class="caption">{text::after_fixing(&after)}</div></td><td class="number"><b>{at}</b></td></tr>
                }).collect_view()}</tbody></table>
            </div>
        </Show>
    }
}

#[component]
fn Waterfall(app: App) -> impl IntoView {
    let bars = Memo::new(move |_| {
        let projection = app.projection.get()?;
        let class = app.class.get()?;
        app.document.with(|open| Some(waterfall(&open.as_ref()?.root, &projection, &class, app.growth.get())))
    });
    view! {
        <div class="block">
            <h2>{text::WATERFALL_TITLE}" · "{move || app.class.get()}</h2>
            {move || match bars.get().filter(|bars| !bars.is_empty()) {
                None => view! { <p class="caption">{text::NO_WATERFALL}</p> }.into_any(),
                Some(bars) => view! { <table class="waterfall" data-testid="waterfall"><tbody>{bars.into_iter().map(bar).collect_view()}</tbody></table> }.into_any(),
            }}
        </div>
    }
}

fn bar(bar: Bar) -> impl IntoView {
    view! {
        <tr>
            <td>{bar.label}</td>
            <td class="lane">
                <svg class="bar-lane" viewBox="0 0 1000 12" preserveAspectRatio="none" aria-hidden="true">
                    <rect class=bar.kind x=bar.from * 1000.0 width=((bar.to - bar.from) * 1000.0).max(2.0) height="12" rx="1"/>
                </svg>
            </td>
            <td class="number">{bar.text}</td>
        </tr>
    }
}
