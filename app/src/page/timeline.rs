//! The timeline of disturbances, edited by pointer and by keys; the fields of the selected one are in the inspector.

use crate::platform::{canvas, focus};
use crate::state::{App, Selection};
use crate::text;
use crate::ui::{add_event, focus_title};
use crate::view_model::events::{Bar, Drag, LANE, WIDTH, after_removal, bars, drawing, moved, step};
use crate::view_model::system::list_at;
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::prelude::*;

#[derive(Clone, Copy)]
struct Timeline {
    app: App,
    seconds: Memo<f64>,
    bars: Memo<Vec<Bar>>,
    /// The drag, and where on the board it began.
    drag: RwSignal<Option<(Drag, f64)>>,
}

impl Timeline {
    /// The event that is selected.
    fn chosen(self) -> Option<usize> {
        self.app.selection.with(|selection| match selection {
            Selection::Event(index) => Some(*index),
            _ => None,
        })
    }

    fn choose(self, index: usize) {
        self.app.selection.set(Selection::Event(index));
    }

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
        self.choose(index);
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
                return remove(self.app, index);
            }
            _ => return,
        };
        event.prevent_default();
        self.choose(index);
        if by != 0.0 {
            self.commit(Drag { event: index, stretch: event.shift_key(), by });
        }
        // The bars are drawn anew for the selection alone too.
        focus::give_later(format!("event-{index}"));
    }
}

/// The timeline over the run's length.
pub fn timeline(app: App, seconds: Memo<f64>) -> AnyView {
    let bars =
        Memo::new(move |_| app.document.with(|open| open.as_ref().map(|open| bars(&open.root)).unwrap_or_default()));
    let line = Timeline { app, seconds, bars, drag: RwSignal::new(None) };
    let drawn =
        move || bars.with(|bars| drawing(bars, seconds.get(), line.drag.get().map(|drag| drag.0), line.chosen()));
    let high = move || bars.with(Vec::len) as f64 * LANE;
    let chosen = Memo::new(move |_| line.chosen());
    view! {
        <div class="block timeline" data-testid="timeline">
            <div class="row between"><h2>{text::EVENTS_TITLE}</h2>{add_event(app, "add-event")}</div>
            <p class="caption">{move || if bars.with(Vec::is_empty) { text::EVENTS_NONE } else { text::EVENTS_CAPTION }}</p>
            <svg class="lanes" viewBox=move || format!("0 0 {WIDTH} {}", high()) preserveAspectRatio="none" height=high
                on:pointerdown=move |event| line.begin(&event) on:pointermove=move |event| line.go_on(&event)
                on:pointerup=move |event| line.end(&event) on:pointercancel=move |_| line.drag.set(None)
                on:keydown=move |event| line.pressed(&event)>
                <g inner_html=drawn></g>
            </svg>
            <ol class="lane-names">{move || bars.get().into_iter().map(|bar| view! { <li>{bar.label}</li> }).collect_view()}</ol>
            {move || chosen.get().map(|index| actions(app, index))}
        </div>
    }
    .into_any()
}

/// Takes an event away; what was focused goes with it.
fn remove(app: App, index: usize) {
    app.remove_event(index);
    let left = app.document.with_untracked(|open| open.as_ref().map_or(0, |open| list_at(&open.root, "events").len()));
    focus::give_later(after_removal(index, left));
}

/// What can be done with the selected event: where the page is one column its fields are far below.
fn actions(app: App, index: usize) -> AnyView {
    view! {
        <div class="actions">
            <button class="plain" data-testid="event-settings" on:click=move |_| focus_title()>{text::EVENT_SETTINGS}</button>
            <button class="plain" data-testid="remove-event" on:click=move |_| remove(app, index)>{text::REMOVE_EVENT}</button>
        </div>
    }
    .into_any()
}
