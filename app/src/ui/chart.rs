//! A chart: plotters' shapes, and over them the page's own nodes: axes, rules, points, the growth cursor and what hover reads.

use crate::chart::spec::{Frame, Spec, nearest};
use crate::chart::{picture, svg};
use crate::platform::browser::HtmlSelectElement;
use crate::platform::{browser, picture as pictures, size};
use crate::text;
use crate::view_model::html::escape;
use crate::view_model::table;
use leptos::ev::{Event, Targeted};
use leptos::html::Div;
use leptos::prelude::*;
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
    /// More tools beside table and exports.
    #[prop(optional, into)]
    tools: ViewFn,
) -> impl IntoView {
    let tabular = RwSignal::new(false);
    let width = RwSignal::new(700.0);
    let place = NodeRef::<Div>::new();
    Effect::new(move |_| {
        if let Some(element) = place.get() {
            size::follow_width(&element, width);
        }
    });
    let save = move |event: Targeted<Event, HtmlSelectElement>| {
        let kind = event.target().value();
        event.target().set_value("");
        if let Ok(spec) = spec.get_untracked() {
            save_as(&kind, name, &title.get_untracked(), &spec, height);
        }
    };
    let body = move || match spec.get() {
        Err(reason) => view! { <div class="empty" style:min-height=format!("{height}px")>{reason}</div> }.into_any(),
        Ok(spec) if tabular.get() => view! { <Table spec/> }.into_any(),
        Ok(spec) => view! { <Drawing spec width height cursor title/> }.into_any(),
    };
    view! {
        <figure class="chart" data-testid=name>
            <div class="top">
                <figcaption><h2>{title}</h2><p class="caption">{caption}</p></figcaption>
                <div class="tools">
                    {tools.run()}
                    <button aria-pressed=move || tabular.get().to_string() on:click=move |_| tabular.update(|on| *on = !*on)>{text::SHOW_TABLE}</button>
                    <select aria-label=text::SAVE_AS data-testid=format!("save-{name}") on:change:target=save>
                        <option value="">{text::SAVE_AS}" …"</option>
                        {KINDS.map(|(kind, label)| view! { <option value=kind>{label}</option> }).collect_view()}
                    </select>
                </div>
            </div>
            <div class="plot" node_ref=place>{body}</div>
        </figure>
    }
}

#[component]
fn Table(spec: Arc<Spec>) -> impl IntoView {
    let rows = table::rows(&spec);
    view! {
        <div class="scroll"><table>
            <thead><tr>{rows.head.into_iter().map(|cell| view! { <th class="number" scope="col">{cell}</th> }).collect_view()}</tr></thead>
            <tbody>{rows.body.into_iter().map(|row| view! {
                <tr>{row.into_iter().map(|cell| view! { <td class="number">{cell}</td> }).collect_view()}</tr>
            }).collect_view()}</tbody>
        </table></div>
    }
}

#[component]
fn Drawing(
    spec: Arc<Spec>,
    width: RwSignal<f64>,
    height: f64,
    cursor: RwSignal<f64>,
    title: Signal<String>,
) -> impl IntoView {
    let hover = RwSignal::new(None::<f64>);
    let frame = Memo::new(move |_| Frame::new(width.get(), height));
    let x = spec.x;
    let shapes = {
        let spec = Arc::clone(&spec);
        move || svg::draw(&spec, &frame.get())
    };
    let still = {
        let spec = Arc::clone(&spec);
        move || picture::still(&spec, &frame.get())
    };
    let names = legend(&spec);
    let moving = Arc::clone(&spec);
    let read = move |event: leptos::ev::PointerEvent| {
        hover.set(Some(frame.with_untracked(|frame| frame.x_at(&x, f64::from(event.offset_x())))));
    };
    let at_cursor = move || frame.with(|frame| frame.x(&x, cursor.get().clamp(x.low, x.high)));
    let follow = move || {
        let reading = moving.readings.get(moving.followed?)?;
        let value = reading.values.get(nearest(&moving.xs, cursor.get())?).copied().flatten()?;
        (value <= moving.y.high).then(|| frame.with(|frame| frame.y(&moving.y, value)))
    };
    view! {
        <svg width=move || frame.get().width height=height role="img" aria-label=title
            on:pointermove=read on:pointerleave=move |_| hover.set(None)>
            <g transform=format!("scale({})", 1.0 / f64::from(svg::OVERSAMPLING)) inner_html=shapes></g>
            <g inner_html=still></g>
            <line class="cursor" x1=at_cursor x2=at_cursor y1=move || frame.get().top y2=move || frame.get().bottom/>
            {move || follow().map(|y| view! { <circle class="cursor-dot" cx=at_cursor cy=y r="5"/> })}
            {move || hover.get().map(|value| {
                let place = frame.with(|frame| frame.x(&x, value));
                view! { <line class="hover" x1=place x2=place y1=frame.get().top y2=frame.get().bottom/> }
            })}
        </svg>
        <Tip spec hover frame/>
        {(!names.is_empty()).then(|| view! { <div class="legend" inner_html=names></div> })}
    }
}

/// Colours and their names.
fn legend(spec: &Spec) -> String {
    let mut out = String::new();
    for (role, name) in &spec.legend {
        let class = picture::swatch(*role);
        out += &format!(
            "<span><svg class=\"swatch\" viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect class=\"{class}\" width=\"10\" height=\"10\" rx=\"2\"/></svg>{}</span>",
            escape(name)
        );
    }
    out
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

#[component]
fn Tip(spec: Arc<Spec>, hover: RwSignal<Option<f64>>, frame: Memo<Frame>) -> impl IntoView {
    move || {
        let value = hover.get()?;
        let index = spec.nearest(value)?;
        let place = frame.with(|frame| frame.x(&spec.x, value));
        let left = if place > frame.get().width * 0.6 {
            format!("calc({place}px - 200px)")
        } else {
            format!("{}px", place + 14.0)
        };
        let lines =
            spec.readings.iter().filter_map(|reading| Some((reading.label.clone(), reading.texts.get(index)?.clone())));
        let head = format!("{} {}", spec.x_name, spec.position(spec.xs[index]));
        Some(view! {
            <div class="tip" style:left=left style:top="24px" style:width="186px">
                <b>{head}</b>
                {lines.map(|(label, text)| view! { <div><span>{label}</span><span>{text}</span></div> }).collect_view()}
            </div>
        })
    }
}
