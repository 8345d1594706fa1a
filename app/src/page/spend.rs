//! What a month costs.

use crate::state::App;
use crate::text;
use crate::ui::Chart;
use crate::view_model::format::{money, percent};
use crate::view_model::level::row;
use crate::view_model::spend::{spec, split, stacks};
use crate::view_model::system::currency;
use leptos::prelude::*;
use std::sync::Arc;

/// The spend tab.
#[component]
pub fn Spend(app: App) -> impl IntoView {
    let drawn = Memo::new(move |_| {
        let projection = app.projection.get().ok_or(text::WORKING)?;
        app.document.with(|open| spec(&open.as_ref().ok_or(text::WORKING)?.root, &projection)).map(Arc::new)
    });
    view! {
        <Chart spec=drawn title=Signal::derive(|| text::SPEND_TITLE.to_owned()) caption=Signal::derive(|| text::SPEND_CAPTION.to_owned()) height=280.0 cursor=app.growth name="chart-spend"/>
        <Parts app/>
    }
}

#[component]
fn Parts(app: App) -> impl IntoView {
    let lines = Memo::new(move |_| {
        let projection = app.projection.get()?;
        let growth = app.growth.get();
        app.document.with(|open| {
            let root = &open.as_ref()?.root;
            let index = row(&projection, growth);
            let stacks = stacks(root, &projection);
            let total: f64 = stacks.iter().map(|stack| stack.values[index]).sum();
            let currency = currency(root);
            let line = |(number, stack): (usize, &crate::view_model::spend::Stack)| {
                let value = stack.values[index];
                let share = if total > 0.0 { percent(value / total) } else { text::UNKNOWN.into() };
                (number % 8 + 1, stack.label.clone(), money(value, currency), share)
            };
            let drives = split(&projection, growth)
                .map(|(name, value)| (name, value.map_or(text::UNKNOWN.into(), |value| money(value, currency))));
            Some((stacks.iter().enumerate().map(line).collect::<Vec<_>>(), drives))
        })
    });
    let table = move || {
        let (parts, drives) = lines.get()?;
        let parts = parts.into_iter().map(|(swatch, label, value, share)| view! {
            <tr>
                <td><svg class="swatch" viewBox="0 0 10 10" aria-hidden="true"><rect class=format!("swatch-{swatch}") width="10" height="10" rx="2"/></svg>{label}</td>
                <td class="number">{value}</td><td class="number">{share}</td>
            </tr>
        });
        let drives = drives
            .into_iter()
            .map(|(name, value)| view! { <tr><td>{name}</td><td class="number">{value}</td><td></td></tr> });
        Some(
            view! { <table class="block"><tbody>{parts.collect_view()}</tbody></table><table class="block"><tbody>{drives.collect_view()}</tbody></table> },
        )
    };
    view! { {table} }
}
