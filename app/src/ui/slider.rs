//! The growth slider, with what breaks where marked on its track.

use crate::platform::browser::HtmlInputElement;
use crate::state::App;
use crate::text;
use crate::view_model::format::times;
use crate::view_model::marks::{Mark, marks, rail};
use leptos::ev::{Event, Targeted};
use leptos::prelude::*;

/// Looks figures up only: every multiple it can reach is computed already.
#[component]
pub fn Slider(app: App) -> impl IntoView {
    let range = Memo::new(move |_| {
        let projection = app.projection.get();
        let ends =
            projection.and_then(|projection| Some((*projection.multiples.first()?, *projection.multiples.last()?)));
        ends.unwrap_or((1.0, 10.0))
    });
    let found = Memo::new(move |_| {
        let projection = app.projection.get()?;
        app.document.with(|open| Some(marks(&open.as_ref()?.root, &projection)))
    });
    let pieces = Memo::new(move |_| app.projection.get().map(|projection| rail(&projection)).unwrap_or_default());
    let slide = move |event: Targeted<Event, HtmlInputElement>| {
        if let Ok(value) = event.target().value().parse::<f64>() {
            app.growth.set(value);
        }
    };
    Effect::new(move |_| {
        let (low, high) = range.get();
        let growth = app.growth.get_untracked();
        if growth < low || growth > high {
            app.growth.set(growth.clamp(low, high));
        }
    });
    view! {
        <div class="growth">
            <span class="label" id="growth-label">{text::GROWTH}</span>
            <div class="track">
                <svg class="rail" viewBox="0 0 1000 4" preserveAspectRatio="none" aria-hidden="true">
                    <rect width="1000" height="4" fill="var(--line)"/>
                    {move || pieces.get().into_iter().map(|(from, to, level)| view! {
                        <rect x=from * 1000.0 width=(to - from) * 1000.0 + 0.5 height="4" fill=format!("var(--{level})")/>
                    }).collect_view()}
                </svg>
                {move || found.get().unwrap_or_default().into_iter().map(mark).collect_view()}
                <input type="range" data-testid="growth-slider" aria-labelledby="growth-label" step="0.1"
                    min=move || range.get().0 max=move || range.get().1 prop:value=move || app.growth.get()
                    aria-valuetext=move || times(app.growth.get()) on:input:target=slide/>
            </div>
            <output class="now" data-testid="growth-value">{move || times(app.growth.get())}</output>
        </div>
    }
}

fn mark(mark: Mark) -> impl IntoView {
    let place = format!("{:.2}%", mark.share * 100.0);
    let also = place.clone();
    view! {
        <span class="tick" class:objective=mark.objective style:left=place></span>
        <span class="mark" class:objective=mark.objective style:left=also title=mark.hint>{mark.label}</span>
    }
}
