//! The timeline of disturbances, edited by pointer, by keys, and in fields.

use crate::platform::browser::HtmlSelectElement;
use crate::platform::canvas;
use crate::state::App;
use crate::text;
use crate::ui::Field;
use crate::view_model::events::{Bar, Drag, LANE, WIDTH, bars, drawing, moved, step};
use crate::view_model::form;
use crate::view_model::system::{list_at, text_at};
use leptos::ev::{Event, KeyboardEvent, PointerEvent, Targeted};
use leptos::prelude::*;

#[derive(Clone, Copy)]
struct Timeline {
    app: App,
    seconds: RwSignal<f64>,
    bars: Memo<Vec<Bar>>,
    /// The drag, and where on the board it began.
    drag: RwSignal<Option<(Drag, f64)>>,
    chosen: RwSignal<Option<usize>>,
}

impl Timeline {
    fn commit(self, drag: Drag) {
        let place = self
            .bars
            .with_untracked(|bars| bars.get(drag.event).map(|bar| moved(bar, drag, self.seconds.get_untracked())));
        if let Some((at, length)) = place {
            self.app.move_event(drag.event, at, length);
        }
    }

    fn by(self, event: &PointerEvent, began: f64) -> f64 {
        let (x, width) = canvas::across(event);
        (x - began) / width.max(1.0) * self.seconds.get_untracked()
    }

    fn begin(self, event: &PointerEvent) {
        let Some((index, stretch)) = canvas::bar(event) else { return };
        canvas::hold(event);
        self.chosen.set(Some(index));
        self.drag.set(Some((Drag { event: index, stretch, by: 0.0 }, canvas::across(event).0)));
    }

    fn go_on(self, event: &PointerEvent) {
        if let Some((drag, began)) = self.drag.get_untracked() {
            self.drag.set(Some((Drag { by: self.by(event, began), ..drag }, began)));
        }
    }

    fn end(self, event: &PointerEvent) {
        if let Some((drag, began)) = self.drag.get_untracked() {
            let by = self.by(event, began);
            self.drag.set(None);
            if by.abs() >= step(self.seconds.get_untracked()) / 2.0 {
                self.commit(Drag { by, ..drag });
            }
        }
    }

    fn pressed(self, event: &KeyboardEvent) {
        let Some((index, _)) = canvas::bar(event) else { return };
        let step = step(self.seconds.get_untracked());
        let by = match event.key().as_str() {
            "ArrowRight" => step,
            "ArrowLeft" => -step,
            "Enter" | " " => 0.0,
            "Delete" | "Backspace" => {
                event.prevent_default();
                self.chosen.set(None);
                return self.app.remove_event(index);
            }
            _ => return,
        };
        event.prevent_default();
        self.chosen.set(Some(index));
        if by != 0.0 {
            self.commit(Drag { event: index, stretch: event.shift_key(), by });
            canvas::focus_later(format!("event-{index}"));
        }
    }
}

/// The timeline over the run's length.
pub fn timeline(app: App, seconds: RwSignal<f64>) -> AnyView {
    let bars =
        Memo::new(move |_| app.document.with(|open| open.as_ref().map(|open| bars(&open.root)).unwrap_or_default()));
    let line = Timeline { app, seconds, bars, drag: RwSignal::new(None), chosen: RwSignal::new(None) };
    let drawn =
        move || bars.with(|bars| drawing(bars, seconds.get(), line.drag.get().map(|drag| drag.0), line.chosen.get()));
    let high = move || bars.with(Vec::len) as f64 * LANE;
    // The fields stand while their event does: made anew with each edit they would lose the focus.
    let shown = Memo::new(move |_| {
        let index = line.chosen.get()?;
        app.document.with(|open| {
            let event = list_at(&open.as_ref()?.root, "events").get(index)?;
            Some((index, text_at(event, "kind").to_owned()))
        })
    });
    let add = move |event: Targeted<Event, HtmlSelectElement>| {
        let kind = event.target().value();
        event.target().set_value("");
        line.chosen.set(app.add_event(&kind, seconds.get_untracked()));
    };
    view! {
        <div class="block timeline" data-testid="timeline">
            <div class="row between"><h2>{text::EVENTS_TITLE}</h2>
                <select class="add" aria-label=text::ADD_EVENT data-testid="add-event" on:change:target=add>
                    <option value="">{text::ADD_EVENT}" …"</option>
                    {form::event_kinds().into_iter().map(|(word, about)| view! { <option value=word title=about>{word.replace('_', " ")}</option> }).collect_view()}
                </select>
            </div>
            <p class="caption">{move || if bars.with(Vec::is_empty) { text::EVENTS_NONE } else { text::EVENTS_CAPTION }}</p>
            <svg class="lanes" viewBox=move || format!("0 0 {WIDTH} {}", high()) preserveAspectRatio="none" height=high
                on:pointerdown=move |event| line.begin(&event) on:pointermove=move |event| line.go_on(&event)
                on:pointerup=move |event| line.end(&event) on:pointercancel=move |_| line.drag.set(None)
                on:keydown=move |event| line.pressed(&event)>
                <g inner_html=drawn></g>
            </svg>
            <ol class="lane-names">{move || bars.get().into_iter().map(|bar| view! { <li>{bar.label}</li> }).collect_view()}</ol>
            {move || shown.get().map(|(index, _)| fields(line, index))}
        </div>
    }
    .into_any()
}

/// The fields of the chosen event.
fn fields(line: Timeline, index: usize) -> AnyView {
    let app = line.app;
    let rows = app
        .document
        .with_untracked(|open| open.as_ref().map(|open| form::event(&open.root, index)).unwrap_or_default());
    let remove = move |_| {
        line.chosen.set(None);
        app.remove_event(index);
    };
    view! {
        <div class="event-fields">
            {rows.into_iter().map(|row| view! { <Field app row/> }).collect_view()}
            <button class="plain" on:click=remove>{text::REMOVE_EVENT}</button>
        </div>
    }
    .into_any()
}
