//! A chart: its heading and tools, and the drawing or its table under them.

mod plot;

use crate::chart::spec::{Frame, Spec};
use crate::chart::zoom::{self, Stretch};
use crate::chart::{picture, svg};
use crate::platform::browser::HtmlSelectElement;
use crate::platform::{browser, picture as pictures, size};
use crate::text;
use crate::ui::later::later;
use crate::view_model::table;
use leptos::ev::{Event, Targeted};
use leptos::html::Div;
use leptos::prelude::*;
use plot::{Plot, plot};
use std::sync::Arc;

/// A chart, or why there is none.
pub type Drawn = Result<Arc<Spec>, String>;

/// What a chart can be saved as.
const KINDS: [(&str, &str); 4] =
    [("csv", text::SAVE_TABLE), ("png", text::SAVE_PNG), ("svg", text::SAVE_SVG), ("copy", text::COPY_PNG)];
/// Width of a saved picture.
const SAVED: f64 = 880.0;

fn save_as(kind: &str, name: &str, title: &str, spec: &Spec, height: f64) {
    let picture = || picture_of(spec, title, SAVED, height.max(300.0));
    match kind {
        "csv" => browser::download(&format!("{name}.csv"), "text/csv", &table::csv(spec)),
        "svg" => browser::download(&format!("{name}.svg"), "image/svg+xml", &picture()),
        "png" => pictures::save_png(format!("{name}.png"), picture()),
        "copy" => pictures::copy_png(picture()),
        _ => {}
    }
}

/// What stands under the heading.
#[derive(Debug, Clone, PartialEq)]
enum Shown {
    Nothing(String),
    Table,
    Plot,
}

/// A chart with its caption, table view and exports.
#[component]
pub fn Chart(
    /// What to draw.
    spec: Memo<Drawn>,
    /// Heading.
    #[prop(into)]
    title: Signal<String>,
    /// What the marks mean.
    #[prop(into)]
    caption: Signal<String>,
    /// Height of the drawing in pixels.
    height: f64,
    /// Where the slider stands.
    cursor: RwSignal<f64>,
    /// Name for tests and files.
    name: &'static str,
    /// The stretch looked at, when other charts share it.
    #[prop(optional)]
    stretch: Option<RwSignal<Option<Stretch>>>,
    /// More tools beside table and exports.
    #[prop(optional, into)]
    tools: ViewFn,
) -> impl IntoView {
    let tabular = RwSignal::new(false);
    let width = RwSignal::new(0.0);
    let place = NodeRef::<Div>::new();
    Effect::new(move |_| {
        if let Some(element) = place.get() {
            size::follow_width(&element, width);
        }
    });
    let board = Plot::new(name, spec, stretch.unwrap_or_else(|| RwSignal::new(None)), cursor, width, height);
    let shown = Memo::new(move |_| match spec.with(|spec| spec.as_ref().err().cloned()) {
        Some(reason) => Shown::Nothing(reason),
        None if tabular.get() => Shown::Table,
        None => Shown::Plot,
    });
    let body = move || match shown.get() {
        Shown::Nothing(reason) => {
            view! { <div class="empty" style:min-height=format!("{height}px")>{reason}</div> }.into_any()
        }
        Shown::Table => (move || board.shown.get().ok().map(|spec| view! { <Table spec/> })).into_any(),
        Shown::Plot => later(move || plot(board, title)),
    };
    view! {
        <figure class="chart" data-testid=name>
            <div class="top">
                <figcaption><h2>{title}</h2><p class="caption">{caption}</p></figcaption>
                <div class="tools">
                    {tools.run()}
                    // Nothing to look at, nothing to save.
                    <span class="own" hidden=move || spec.with(Result::is_err)>
                    {zooming(board, title)}
                    <button aria-pressed=move || tabular.get().to_string() aria-label=move || text::of_chart(text::SHOW_TABLE, &title.get()) data-testid=format!("table-{name}") on:click=move |_| tabular.update(|on| *on = !*on)>{text::SHOW_TABLE}</button>
                    {exports(board, title)}
                    </span>
                </div>
            </div>
            <div class="plot" style:min-height=format!("{height}px") node_ref=place>{body}</div>
        </figure>
    }
}

/// Nearer and farther, for whoever has neither mouse nor keys.
fn zooming(board: Plot, title: Signal<String>) -> AnyView {
    let name = board.name;
    let button = |what: &'static str, label: &'static str, shape: &'static str, factor: f64| {
        view! {
            <button class="icon" title=label aria-label=move || text::of_chart(label, &title.get()) data-testid=format!("{what}-{name}") on:click=move |_| board.nearer(factor)>
                <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.5" aria-hidden="true"><path d=shape/></svg>
            </button>
        }
        .into_any()
    };
    (
        button("zoom-out", text::CHART_ZOOM_OUT, "M3 8h10", 1.0 / zoom::STEP),
        button("zoom-in", text::CHART_ZOOM_IN, "M3 8h10M8 3v10", zoom::STEP),
    )
        .into_any()
}

/// Saves what is shown.
fn exports(board: Plot, title: Signal<String>) -> AnyView {
    let name = board.name;
    let save = move |event: Targeted<Event, HtmlSelectElement>| {
        let kind = event.target().value();
        event.target().set_value("");
        if let Ok(spec) = board.shown.get_untracked() {
            save_as(&kind, name, &title.get_untracked(), &spec, board.height);
        }
    };
    view! {
        <select aria-label=move || text::of_chart(text::SAVE_AS, &title.get()) data-testid=format!("save-{name}") on:change:target=save>
            <option value="">{text::SAVE_AS}" …"</option>
            {KINDS.map(|(kind, label)| view! { <option value=kind>{label}</option> }).collect_view()}
        </select>
    }
    .into_any()
}

#[component]
fn Table(spec: Arc<Spec>) -> impl IntoView {
    let rows = table::rows(&spec);
    let names = text::table_of(&rows.head.iter().map(String::as_str).collect::<Vec<_>>());
    view! {
        <div class="scroll" tabindex="0" role="group" aria-label=names><table>
            <thead><tr>{rows.head.into_iter().map(|cell| view! { <th class="number" scope="col">{cell}</th> }).collect_view()}</tr></thead>
            <tbody>{rows.body.into_iter().map(|row| view! {
                <tr>{row.into_iter().map(|cell| view! { <td class="number">{cell}</td> }).collect_view()}</tr>
            }).collect_view()}</tbody>
        </table></div>
    }
}

/// A chart as a picture of its own, in the colours of the page as it looks now.
pub fn picture_of(spec: &Spec, title: &str, width: f64, height: f64) -> String {
    picture::alone(&drawn(spec, title, width, height), &browser::property)
}

/// A chart as SVG text in the page's own colours.
pub fn drawn(spec: &Spec, title: &str, width: f64, height: f64) -> String {
    let shapes = svg::draw(spec, &Frame::new(width, height));
    picture::whole(spec, title, (width, height), &shapes, svg::OVERSAMPLING)
}
