//! The sentence, the tiles beside it, and the slider under it.

use super::Slider;
use crate::state::{App, Fresh};
use crate::text;
use crate::view_model::format::{percent, times};
use crate::view_model::headline::{Span, explanation, sentence};
use crate::view_model::objectives::are_of;
use crate::view_model::{know, latency, spend};
use leptos::prelude::*;
use serde_json::Value;
use worker::protocol::Projection;

fn spans(list: Vec<Span>) -> impl IntoView {
    let show = |span| match span {
        Span::Plain(text) => text.into_any(),
        Span::Strong(text) => view! { <b>{text}</b> }.into_any(),
    };
    list.into_iter().map(show).collect_view()
}

/// What is said of the document's figures; what was said before stays while they are of other objectives.
fn said(app: App, say: fn(&Value, &Projection) -> Option<Vec<Span>>) -> Memo<Option<Vec<Span>>> {
    Memo::new(move |before: Option<&Option<Vec<Span>>>| {
        let projection = app.projection.get()?;
        app.document.with(|open| {
            let root = &open.as_ref()?.root;
            if are_of(root, &projection) { say(root, &projection) } else { before.cloned().flatten() }
        })
    })
}

/// What a hurried reader reads.
#[component]
pub fn Headline(app: App) -> impl IntoView {
    let line = said(app, |root, projection| Some(sentence(root, projection.headroom.as_ref()?)));
    let under = said(app, |root, projection| Some(explanation(root, projection)));
    let instead = move || match app.fresh.get() {
        Fresh::Refused => text::REFUSED,
        Fresh::Broken => text::WORKER_BROKE,
        _ => text::WORKING,
    };
    view! {
        <div class="head">
            <div>
                <h1 data-testid="headline" aria-live="polite">
                    {move || line.get().map_or_else(|| view! { <span class="shell-status">{instead()}</span> }.into_any(), |line| spans(line).into_any())}
                </h1>
                <p class="sub" data-testid="explanation">{move || under.get().map(spans)}</p>
                {known(app)}
            </div>
            <Tiles app/>
            <Slider app/>
        </div>
    }
}

/// All warnings of the answer, folded where none puts the headline in doubt. Its line has a place before it comes.
fn known(app: App) -> AnyView {
    let warnings = Memo::new(move |_| app.projection.get().map(|found| found.warnings.clone()).unwrap_or_default());
    let opens = Memo::new(move |_| warnings.with(|warnings| know::opens(warnings)));
    view! {
        <div class="know">
            <details data-testid="know" hidden=move || warnings.with(Vec::is_empty) open=move || opens.get()>
                <summary>{move || warnings.with(|warnings| know::summary(warnings))}</summary>
                <div inner_html=move || warnings.with(|warnings| know::list(warnings, usize::MAX))></div>
            </details>
        </div>
    }
    .into_any()
}

#[component]
fn Tiles(app: App) -> impl IntoView {
    let choice = move || latency::Choice {
        class: app.class.get().unwrap_or_default(),
        percentile: app.percentile.get(),
        log: false,
    };
    let speed = Memo::new(move |_| {
        app.projection.get().map(|projection| latency::tile(&projection, &choice(), app.growth.get()))
    });
    let money = Memo::new(move |_| {
        let projection = app.projection.get()?;
        app.document.with(|open| Some(spend::tile(&open.as_ref()?.root, &projection, app.growth.get())))
    });
    let trust = Memo::new(move |_| {
        let fit = app.fit_of_open()?;
        if let Some(backtest) = &fit.backtest {
            let held = text::back_test(&times(backtest.held_out_multiple));
            return Some((
                backtest.worst_error.map_or(text::NO_TRUST.to_owned(), |worst| format!("±{}", percent(worst))),
                held,
            ));
        }
        let gap = |residual: &worker::protocol::Residual| (residual.modelled / residual.measured - 1.0).abs();
        let worst = fit.residuals.iter().filter(|residual| residual.measured > 0.0).map(gap).reduce(f64::max)?;
        Some((format!("±{}", percent(worst)), text::FIT_WITHIN.to_owned()))
    });
    let calibrated = Memo::new(move |_| app.projection.get().is_some_and(|projection| !projection.measured.is_empty()));
    let unknown = move || {
        if calibrated.get() {
            (text::CALIBRATED.to_owned(), text::CALIBRATED_SUB.to_owned())
        } else {
            (text::NOT_CALIBRATED.to_owned(), text::NOT_CALIBRATED_SUB.to_owned())
        }
    };
    let class = move || {
        text::latency_tile(&app.class.get().unwrap_or_default(), &app.percentile.get(), &times(app.growth.get()))
    };
    let first = |pair: Option<(String, String)>| pair.map_or(text::UNKNOWN.to_owned(), |pair| pair.0);
    let second = |pair: Option<(String, String)>| pair.map_or(String::new(), |pair| pair.1);
    view! {
        <div class="tiles">
            <div class="tile">
                <div class="k">{class}</div>
                <div class="v" data-testid="tile-latency">{move || first(speed.get())}</div>
                <div class="d">{move || second(speed.get())}</div>
            </div>
            <div class="tile">
                <div class="k">{text::SPEND_AT}" "{move || times(app.growth.get())}</div>
                <div class="v" data-testid="tile-spend">{move || first(money.get())}<small hidden=move || money.with(|money| money.as_ref().is_none_or(|money| money.0 == text::UNKNOWN))>{text::A_MONTH}</small></div>
                <div class="d">{move || second(money.get())}</div>
            </div>
            <div class="tile">
                <div class="k">{text::TRUST}</div>
                <div class="v" data-testid="tile-trust">{move || trust.get().unwrap_or_else(unknown).0}</div>
                <div class="d">{move || trust.get().unwrap_or_else(unknown).1}</div>
            </div>
        </div>
    }
}
