//! What fills up first, what next, and where a request's time goes.

use crate::state::App;
use crate::ui::html;
use crate::view_model::bottlenecks;
use leptos::prelude::*;

/// The bottlenecks tab.
pub fn page(app: App) -> AnyView {
    let source = Signal::derive(move || {
        let projection = app.projection.get();
        let (class, growth) = (app.class.get().unwrap_or_default(), app.growth.get());
        let made = app
            .document
            .with(|open| Some(bottlenecks::page(&open.as_ref()?.root, projection.as_deref()?, &class, growth)));
        made.unwrap_or_default()
    });
    let act = Callback::new(move |act: String| {
        if let Some(id) = act.strip_prefix("component:") {
            app.show_component(id);
        }
    });
    html(source, act)
}
