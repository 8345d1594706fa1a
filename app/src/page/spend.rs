//! What a month costs.

use crate::state::App;
use crate::text;
use crate::ui::{Chart, html};
use crate::view_model::spend::{parts, spec};
use leptos::prelude::*;
use std::sync::Arc;

/// The spend tab.
pub fn page(app: App) -> AnyView {
    let drawn = Memo::new(move |_| {
        let projection = app.projection.get().ok_or(text::WORKING)?;
        app.document.with(|open| spec(&open.as_ref().ok_or(text::WORKING)?.root, &projection)).map(Arc::new)
    });
    let source = Signal::derive(move || {
        let (projection, growth) = (app.projection.get(), app.growth.get());
        let made = app.document.with(|open| Some(parts(&open.as_ref()?.root, projection.as_deref()?, growth)));
        made.unwrap_or_default()
    });
    view! {
        <Chart spec=drawn title=Signal::derive(|| text::SPEND_TITLE.to_owned()) caption=Signal::derive(|| text::SPEND_CAPTION.to_owned()) height=280.0 cursor=app.growth name="chart-spend"/>
        {html(source, Callback::new(move |_: String| {}))}
    }
    .into_any()
}
