//! A chart: plotters' shapes, and over them the page's own nodes: axes, rules, points, the growth cursor and what hover reads.

use crate::chart::spec::{Frame, Spec, nearest};
use crate::chart::svg;
use crate::platform::{browser, size};
use crate::text;
use crate::view_model::table;
use leptos::html::Div;
use leptos::prelude::*;
use std::sync::Arc;

/// A chart, or why there is none.
pub type Drawn = Result<Arc<Spec>, String>;

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
    let save = move |_| {
        if let Ok(spec) = spec.get_untracked() {
            browser::download(&format!("{name}.csv"), "text/csv", &table::csv(&spec));
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
                    <button on:click=save>{text::SAVE_CSV}</button>
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
    let fixed = {
        let spec = Arc::clone(&spec);
        move || fixed_nodes(&spec, frame.get())
    };
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
            {fixed}
            <line class="cursor" x1=at_cursor x2=at_cursor y1=move || frame.get().top y2=move || frame.get().bottom/>
            {move || follow().map(|y| view! { <circle class="cursor-dot" cx=at_cursor cy=y r="5"/> })}
            {move || hover.get().map(|value| {
                let place = frame.with(|frame| frame.x(&x, value));
                view! { <line class="hover" x1=place x2=place y1=frame.get().top y2=frame.get().bottom/> }
            })}
        </svg>
        <Tip spec hover frame/>
    }
}

/// What stands still: axes, regions, rules, measured points, the break.
fn fixed_nodes(spec: &Spec, frame: Frame) -> impl IntoView + use<> {
    let every = (spec.x_ticks.len() as f64 * 34.0 / (frame.right - frame.left)).ceil().max(1.0) as usize;
    let regions = spec.regions.iter().map(|region| {
        let (from, to) = (frame.x(&spec.x, region.from), frame.x(&spec.x, region.to));
        let label = (to - from > 70.0).then(|| region.label.clone());
        view! {
            <rect class=region.class x=from width=to - from y=frame.top height=frame.bottom - frame.top/>
            <text class="note" x=from + 6.0 y=frame.top + 15.0>{label}</text>
        }
    });
    let xs = spec.x_ticks.iter().step_by(every).map(|(tick, label)| {
        view! { <text class="axis" x=frame.x(&spec.x, *tick) y=frame.bottom + 18.0 text-anchor="middle">{label.clone()}</text> }
    });
    let ys = spec.y_ticks.iter().map(|(tick, label)| {
        view! { <text class="axis" x=frame.left - 8.0 y=frame.y(&spec.y, *tick) + 4.0 text-anchor="end">{label.clone()}</text> }
    });
    let rules = spec.rules.iter().filter(|rule| rule.y <= spec.y.high).map(|rule| {
        let y = frame.y(&spec.y, rule.y);
        view! {
            <line class="rule-objective" x1=frame.left x2=frame.right y1=y y2=y/>
            <text class="rule-text" x=frame.left + 6.0 y=y - 6.0>{rule.label.clone()}</text>
        }
    });
    let dots = spec.dots.iter().filter(|dot| dot.x >= spec.x.low && dot.x <= spec.x.high && dot.y <= spec.y.high).map(|dot| {
        view! { <circle class="dot" cx=frame.x(&spec.x, dot.x) cy=frame.y(&spec.y, dot.y) r="4"><title>{dot.title.clone()}</title></circle> }
    });
    let broken = spec.breaks.as_ref().filter(|broken| broken.1 <= spec.y.high).map(|(x, y, label)| {
        let (x, y) = (frame.x(&spec.x, *x), frame.y(&spec.y, *y));
        let (anchor, offset) = if x > frame.left + 110.0 { ("end", -10.0) } else { ("start", 10.0) };
        view! {
            <circle class="break" cx=x cy=y r="6"/>
            <text class="break-text" x=x + offset y=y - 14.0 text-anchor=anchor>{label.clone()}</text>
        }
    });
    let (regions, rules, dots) = (regions.collect_view(), rules.collect_view(), dots.collect_view());
    view! { {regions}{xs.collect_view()}{ys.collect_view()}{rules}{dots}{broken} }
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
