//! The page for the meeting: printed, saved, or shown as it is.

use crate::platform::browser;
use crate::state::{App, Fresh};
use crate::text;
use crate::ui::{drawn, html, picture_of};
use crate::view_model::latency::{Choice, spec};
use crate::view_model::report::{Material, file, file_name, page as report};
use crate::view_model::{html as made, spend};
use leptos::prelude::*;
use serde_json::Value;
use worker::protocol::Projection;

/// Style of a saved report, which stands alone.
const STYLE: &str = include_str!("../../style/report.css");
/// Size of its charts.
const CHART: (f64, f64) = (440.0, 230.0);

/// The report.
pub fn page(app: App) -> AnyView {
    let source = Signal::derive(move || made_of(app, false));
    let save = move |_| {
        let name =
            app.document.with_untracked(|open| open.as_ref().map_or(String::new(), |open| file_name(&open.root)));
        let title =
            app.document.with_untracked(|open| open.as_ref().map_or(String::new(), |open| open.name().to_owned()));
        let text = untrack(|| made_of(app, true));
        browser::download(&format!("{name}.html"), "text/html", &file(&title, &text, STYLE));
    };
    view! {
        <div class="controls no-print">
            <button class="primary" data-testid="print" on:click=move |_| browser::print()>{text::REPORT_PRINT}</button>
            <button class="plain" data-testid="save-report" on:click=save>{text::REPORT_SAVE}</button>
        </div>
        {html(source, Callback::new(move |_: String| {}))}
    }
    .into_any()
}

fn made_of(app: App, alone: bool) -> String {
    let projection = app.projection.get();
    let (fit, plan) = (app.fit_of_open(), app.studies.plan.get());
    let plan_is_stale = plan.as_ref().is_some_and(|plan| plan.generation != app.generation.get());
    let class = app.class.get().unwrap_or_default();
    let choice = Choice { class, percentile: app.percentile.get(), log: false };
    app.document
        .with(|open| {
            let (root, projection) = (&open.as_ref()?.root, projection.as_deref()?);
            let charts = charts(root, projection, &choice, alone);
            let (fit, plan, growth) = (fit.as_deref(), plan.as_deref(), app.growth.get());
            let doubt = doubt(app.fresh.get());
            Some(report(&Material { root, projection, fit, plan, plan_is_stale, doubt, growth, charts }))
        })
        .unwrap_or_else(|| made::paragraph("empty-note", text::WORKING))
}

/// Why the figures on screen may not be of the scenario as it stands.
fn doubt(fresh: Fresh) -> Option<&'static str> {
    match fresh {
        Fresh::Yes => None,
        Fresh::Working => Some(text::FIGURES_ARE_WORKED_OUT),
        Fresh::Refused => Some(text::FIGURES_ARE_OLD),
        Fresh::Broken => Some(text::FIGURES_STOPPED),
    }
}

/// Latency and spend; without figures the reason stands in their place.
fn charts(root: &Value, projection: &Projection, choice: &Choice, alone: bool) -> Vec<String> {
    let title = text::latency_title(&choice.class, &choice.percentile);
    let all = [(spec(root, projection, choice), title), (spend::spec(root, projection), text::SPEND_TITLE.to_owned())];
    let draw = |(spec, title): (Result<_, String>, String)| match spec {
        Ok(spec) if alone => picture_of(&spec, &title, CHART.0, CHART.1),
        Ok(spec) => drawn(&spec, &title, CHART.0, CHART.1),
        Err(reason) => made::paragraph("caption", &reason),
    };
    all.into_iter().map(draw).collect()
}
