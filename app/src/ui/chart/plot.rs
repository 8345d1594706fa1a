//! The drawing of a chart: plotters' shapes, and over them the page's own nodes: axes, rules, points, the growth cursor, what is
//! read off, and the frame of a drag. A drag along x, the keys + and - and the buttons look at a stretch of the axis.

use super::Drawn;
use crate::chart::spec::{Frame, Reading, Spec, nearest};
use crate::chart::zoom::{self, Stretch};
use crate::chart::{picture, svg};
use crate::platform::canvas;
use crate::text;
use crate::ui::later::delayed;
use crate::view_model::html::escape;
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::prelude::*;
use std::sync::Arc;

/// Pixels a pointer may shake before it drags.
const SHAKE: f64 = 6.0;

/// A chart being looked at.
#[derive(Clone, Copy)]
pub(super) struct Plot {
    pub name: &'static str,
    pub height: f64,
    /// All of the chart.
    all: Memo<Drawn>,
    /// What is looked at.
    pub shown: Memo<Drawn>,
    /// What is drawn of that so far.
    drawn: RwSignal<Option<Drawn>>,
    stretch: RwSignal<Option<Stretch>>,
    cursor: RwSignal<f64>,
    frame: Memo<Frame>,
    /// Whether it is known how wide the page lets it be.
    laid_out: Memo<bool>,
    /// What is read off.
    reading: RwSignal<Option<f64>>,
    /// Whether it is read by keys: then it is also said, which a pointer's every move would be too much for.
    by_keys: RwSignal<bool>,
    /// Where a drag began and where it is, in pixels.
    drag: RwSignal<Option<(f64, f64)>>,
}

impl Plot {
    pub fn new(
        name: &'static str,
        all: Memo<Drawn>,
        stretch: RwSignal<Option<Stretch>>,
        cursor: RwSignal<f64>,
        width: RwSignal<f64>,
        height: f64,
    ) -> Self {
        let shown = Memo::new(move |_| {
            let spec = all.get()?;
            // Another chart that shares the stretch, or the one before an edit, may have reached farther.
            let kept = stretch.get().and_then(|(from, to)| zoom::stretch(&spec, from, to));
            Ok(kept.map_or_else(|| Arc::clone(&spec), |stretch| Arc::new(zoom::within(&spec, stretch))))
        });
        let frame = Memo::new(move |_| Frame::new(width.get(), height));
        let laid_out = Memo::new(move |_| width.get() > 0.0);
        let (reading, drag) = (RwSignal::new(None), RwSignal::new(None));
        let (drawn, by_keys) = (delayed(shown), RwSignal::new(false));
        Self { name, height, all, shown, drawn, stretch, cursor, frame, laid_out, reading, by_keys, drag }
    }

    /// What is read off: the position, then each line's name and figure.
    fn read(self, spec: &Spec) -> Option<(String, Vec<(String, String)>)> {
        let value = self.reading.get().filter(|at| (spec.x.low..=spec.x.high).contains(at))?;
        let index = spec.nearest(value)?;
        let line = |reading: &Reading| Some((reading.label.clone(), reading.texts.get(index)?.clone()));
        let head = format!("{} {}", spec.x_name, spec.position(spec.xs[index]));
        Some((head, spec.readings.iter().filter_map(line).collect()))
    }

    fn with<T>(self, act: impl FnOnce(&Spec) -> T) -> Option<T> {
        self.shown.with_untracked(|spec| spec.as_ref().ok().map(|spec| act(spec)))
    }

    fn figure(self, pixel: f64) -> Option<f64> {
        self.with(|spec| self.frame.get_untracked().x_at(&spec.x, pixel))
    }

    /// Nearer by a factor, about what is read off, else about the slider.
    pub fn nearer(self, factor: f64) {
        let around = self.reading.get_untracked().unwrap_or(self.cursor.get_untracked());
        let now = self.stretch.get_untracked();
        self.all.with_untracked(|all| {
            if let Ok(all) = all {
                self.stretch.set(zoom::nearer(all, now, factor, Some(around)));
            }
        });
    }

    fn reset(self) {
        self.stretch.set(None);
        self.drag.set(None);
    }

    /// Reads the next figure to a side; the stretch follows.
    fn read_beside(self, by: isize) {
        let next = self.all.with_untracked(|all| {
            let all = all.as_ref().ok()?;
            let from = self.reading.get_untracked().unwrap_or(self.cursor.get_untracked());
            let index = nearest(&all.xs, from)?.checked_add_signed(by)?;
            let next = *all.xs.get(index)?;
            if let Some(now) = self.stretch.get_untracked().filter(|now| next < now.0 || next > now.1) {
                self.stretch.set(zoom::pushed(all, now, next));
            }
            Some(next)
        });
        if next.is_some() {
            self.by_keys.set(true);
            self.reading.set(next);
        }
    }

    fn pressed(self, event: &KeyboardEvent) {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        match event.key().as_str() {
            "+" | "=" => self.nearer(zoom::STEP),
            "-" => self.nearer(1.0 / zoom::STEP),
            "0" | "Escape" => self.reset(),
            "ArrowLeft" => self.read_beside(-1),
            "ArrowRight" => self.read_beside(1),
            _ => return,
        }
        event.prevent_default();
    }

    fn begin(self, event: &PointerEvent) {
        // A finger scrolls the page.
        if event.pointer_type() == "mouse" && event.button() == 0 {
            let at = canvas::across(event).0;
            self.drag.set(Some((at, at)));
        }
    }

    fn go_on(self, event: &PointerEvent) {
        let at = canvas::across(event).0;
        self.by_keys.set(false);
        self.reading.set(self.figure(at));
        if let Some((from, _)) = self.drag.get_untracked() {
            // The button was let go where no event of it came to the chart.
            if event.buttons() & 1 == 0 {
                return self.drag.set(None);
            }
            if (at - from).abs() > SHAKE {
                canvas::hold(event);
            }
            self.drag.set(Some((from, at)));
        }
    }

    fn end(self) {
        let Some((from, to)) = self.drag.get_untracked() else { return };
        self.drag.set(None);
        if let Some((a, b)) = self.figure(from).zip(self.figure(to)).filter(|_| (to - from).abs() > SHAKE) {
            let found = self.all.with_untracked(|all| zoom::stretch(all.as_ref().ok()?, a, b));
            self.stretch.set(found);
        }
    }

    /// The frame of a drag that is one: left edge and width.
    fn framed(self) -> Option<(f64, f64)> {
        let (from, to) = self.drag.get().filter(|(from, to)| (to - from).abs() > SHAKE)?;
        let Frame { left, right, .. } = self.frame.get();
        let (from, to) = (from.min(to).clamp(left, right), from.max(to).clamp(left, right));
        Some((from, to - from))
    }
}

/// The drawing under its chart's heading. The element with the focus stays while what is drawn in it changes.
pub(super) fn plot(board: Plot, title: Signal<String>) -> AnyView {
    let zoomed = move || board.stretch.with(Option::is_some);
    let id = format!("{}-plot", board.name);
    let back = id.clone();
    view! {
        <div class="plot-area" id=id data-testid=format!("plot-{}", board.name) role="group" tabindex="0"
            aria-label=move || text::chart_keys(&title.get())
            on:keydown=move |event| board.pressed(&event) on:dblclick=move |_| board.reset()
            on:pointerdown=move |event| board.begin(&event) on:pointermove=move |event| board.go_on(&event)
            on:pointerup=move |_| board.end() on:pointercancel=move |_| board.drag.set(None)
            on:pointerleave=move |_| board.reading.set(None) on:blur=move |_| board.reading.set(None)>
            {move || board.drawn.get().filter(|_| board.laid_out.get()).and_then(Result::ok).map(|spec| drawing(board, &spec, title))}
        </div>
        {spoken(board)}
        <Show when=zoomed>
            {
                let back = back.clone();
                view! {
                    <button class="plain reset" data-testid=format!("zoom-reset-{}", board.name)
                        aria-label=move || text::of_chart(text::CHART_ZOOM_RESET, &title.get())
                        on:click=move |_| { board.reset(); crate::platform::focus::give(&back); }>{text::CHART_ZOOM_RESET}</button>
                }
            }
        </Show>
    }
    .into_any()
}

fn drawing(board: Plot, spec: &Arc<Spec>, title: Signal<String>) -> AnyView {
    let Plot { height, cursor, frame, .. } = board;
    let x = spec.x;
    let shapes = {
        let spec = Arc::clone(spec);
        move || svg::draw(&spec, &frame.get())
    };
    let still = {
        let spec = Arc::clone(spec);
        move || picture::still(&spec, &frame.get())
    };
    let names = legend(spec);
    view! {
        <svg width=move || frame.get().width height=height role="img" aria-label=title>
            <g transform=format!("scale({})", 1.0 / f64::from(svg::OVERSAMPLING)) inner_html=shapes></g>
            <g inner_html=still></g>
            {pointer(Arc::clone(spec), cursor, frame)}
            {move || board.framed().map(|(left, width)| view! {
                <rect class="framed" x=left width=width y=frame.get().top height=frame.get().bottom - frame.get().top/>
            })}
            {move || board.reading.get().filter(|at| (x.low..=x.high).contains(at)).map(|value| {
                let place = frame.with(|frame| frame.x(&x, value));
                view! { <line class="hover" x1=place x2=place y1=frame.get().top y2=frame.get().bottom/> }
            })}
        </svg>
        {tip(board, Arc::clone(spec))}
        {(!names.is_empty()).then(|| view! { <div class="legend" inner_html=names></div> })}
    }
    .into_any()
}

/// Where the slider stands: a line, and a dot on what is followed. Nothing outside of the stretch.
fn pointer(spec: Arc<Spec>, cursor: RwSignal<f64>, frame: Memo<Frame>) -> AnyView {
    let x = spec.x;
    let seen = move || (x.low - 1e-9..=x.high + 1e-9).contains(&cursor.get());
    let at = move || frame.with(|frame| frame.x(&x, cursor.get().clamp(x.low, x.high)));
    let follow = move || {
        let reading = spec.readings.get(spec.followed?)?;
        let value = reading.values.get(nearest(&spec.xs, cursor.get())?).copied().flatten()?;
        (seen() && value <= spec.y.high).then(|| frame.with(|frame| frame.y(&spec.y, value)))
    };
    view! {
        <line class="cursor" class:away=move || !seen() x1=at x2=at y1=move || frame.get().top y2=move || frame.get().bottom/>
        {move || follow().map(|y| view! { <circle class="cursor-dot" cx=at cy=y r="5"/> })}
    }
    .into_any()
}

/// Colours and their names.
fn legend(spec: &Spec) -> String {
    let mut out = String::new();
    for key in &spec.legend {
        let width = picture::mark_width(key);
        out += &format!(
            "<span><svg width=\"{width}\" height=\"10\" viewBox=\"0 0 {width} 10\" aria-hidden=\"true\">{}</svg>{}</span>",
            picture::mark(key, (0.0, 0.0)),
            escape(&key.name)
        );
    }
    out
}

/// Width of what stands at the place that is read off, pixels.
const TIP: f64 = 186.0;

/// Where it begins: beside the place, and never outside of a chart as wide as that.
fn beside(place: f64, width: f64) -> f64 {
    let left = if place > width * 0.6 { place - TIP - 14.0 } else { place + 14.0 };
    left.clamp(0.0, (width - TIP).max(0.0))
}

/// What stands at the place that is read off.
fn tip(board: Plot, spec: Arc<Spec>) -> AnyView {
    let made = move || {
        let (head, lines) = board.read(&spec)?;
        let place = board.frame.with(|frame| frame.x(&spec.x, board.reading.get().unwrap_or_default()));
        let left = format!("{}px", beside(place, board.frame.get().width));
        Some(view! {
            <div class="tip" style:left=left style:top="24px" style:width=format!("{TIP}px")>
                <b>{head}</b>
                {lines.into_iter().map(|(label, text)| view! { <div><span>{label}</span><span>{text}</span></div> }).collect_view()}
            </div>
        })
    };
    made.into_any()
}

/// The same for whoever hears the page. Its place stands before it is said: one that comes with its words is not listened to.
fn spoken(board: Plot) -> AnyView {
    let words = move || {
        let spec = board.shown.get().ok().filter(|_| board.by_keys.get())?;
        let (head, lines) = board.read(&spec)?;
        Some(lines.iter().fold(head, |said, (label, text)| format!("{said}, {label} {text}")))
    };
    view! { <p class="visually-hidden" role="status" data-testid=format!("said-{}", board.name)>{words}</p> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_off_stays_inside_the_chart() {
        let rows = [(100.0, 800.0, 114.0), (700.0, 800.0, 500.0), (200.0, 350.0, 164.0), (215.0, 350.0, 15.0)];
        for (place, width, wanted) in rows {
            assert_eq!(beside(place, width), wanted, "{place} of {width}");
        }
        for (place, width) in [(190.0, 300.0), (170.0, 300.0), (60.0, 120.0), (700.0, 760.0)] {
            let left = beside(place, width);
            assert!(left >= 0.0 && left <= (width - TIP).max(0.0), "{place} of {width}: {left}");
        }
    }
}
