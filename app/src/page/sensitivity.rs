//! What moves the headline, what to measure next, how sure each objective is.

use crate::state::{App, Fresh};
use crate::text;
use crate::ui::html;
use crate::view_model::plan::problems;
use crate::view_model::sensitivity;
use leptos::prelude::*;
use worker::protocol::Study;

/// The sensitivity tab.
pub fn page(app: App) -> AnyView {
    let studies = app.studies;
    Effect::new(move |_| {
        // The figures come first; this takes some tens of solves more.
        let ready = app.fresh.get() == Fresh::Yes && app.projection.with(Option::is_some);
        let generation = app.generation.get();
        let known = studies.sensitivity.with_untracked(|view| view.as_ref().map(|view| view.generation));
        if ready && known != Some(generation) {
            app.ask_sensitivity();
        }
    });
    let source = Signal::derive(move || {
        let troubles = studies.troubles(Study::Sensitivity);
        if !troubles.is_empty() {
            return problems(&troubles);
        }
        let projection = app.projection.get();
        let now = app.generation.get();
        let page = studies.sensitivity.with(|view| {
            app.document.with(|open| {
                let view = view.as_ref()?;
                let stale = view.generation != now;
                Some(sensitivity::page(&open.as_ref()?.root, view, projection.as_deref(), stale))
            })
        });
        page.unwrap_or_else(|| crate::view_model::html::paragraph("empty-note", text::WORKING))
    });
    html(source, Callback::new(move |_: String| {}))
}
