//! The growth slider, with what breaks where marked on its track.

use crate::platform::browser::HtmlInputElement;
use crate::state::App;
use crate::text;
use crate::view_model::format::times;
use crate::view_model::marks::{Mark, marks, rail, reach, reached};
use leptos::ev::{Event, Targeted};
use leptos::prelude::*;

/// Looks figures up only: every multiple it can reach is computed already.
#[component]
pub fn Slider(app: App) -> impl IntoView {
    let range = Memo::new(move |_| app.projection.get().and_then(|projection| reach(&projection.multiples)));
    // Before there are figures whatever a link asks for is in reach.
    let ends =
        move || range.get().unwrap_or_else(|| (1.0_f64.min(app.growth.get()), 10.0_f64.max(app.growth.get()), 0.1));
    let snapped = move |growth: f64| match app.projection.get_untracked() {
        Some(projection) => reached(&projection.multiples, growth),
        None => growth,
    };
    let found = Memo::new(move |_| {
        let projection = app.projection.get()?;
        app.document.with(|open| Some(marks(&open.as_ref()?.root, &projection)))
    });
    let pieces = Memo::new(move |_| app.projection.get().map(|projection| rail(&projection)).unwrap_or_default());
    let slide = move |event: Targeted<Event, HtmlInputElement>| {
        if let Ok(value) = event.target().value().parse::<f64>() {
            app.growth.set(snapped(value));
        }
    };
    Effect::new(move |_| {
        range.track();
        let (growth, reached) = (app.growth.get(), snapped(app.growth.get_untracked()));
        if reached != growth {
            app.growth.set(reached);
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
                <input type="range" data-testid="growth-slider" aria-labelledby="growth-label"
                    min=move || ends().0 max=move || ends().1 step=move || ends().2 prop:value=move || app.growth.get()
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
