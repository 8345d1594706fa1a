//! What each file gave, what was fitted, and how well.

use crate::state::App;
use crate::text;
use crate::view_model::fit;
use leptos::prelude::*;
use worker::protocol::{FileReport, FileRole, FitReport};

/// The data tab.
#[component]
pub fn Data(app: App) -> impl IntoView {
    view! {
        <div class="block">
            <h2>{text::DATA_TITLE}</h2>
            <Show when=move || app.files.with(Vec::is_empty)><p class="caption">{text::DATA_NONE}</p></Show>
            <Show when=move || app.files.with(|files| !files.is_empty())>
                <div class="scroll"><table>
                    <thead><tr><th scope="col">{text::FILE}</th><th scope="col">{text::KIND}</th><th scope="col">{text::FOUND}</th></tr></thead>
                    <tbody>{move || app.files.get().into_iter().map(file_row).collect_view()}</tbody>
                </table></div>
            </Show>
        </div>
        {move || app.fit.get().map(|report| view! { <Fit report=(*report).clone()/> })}
    }
}

fn file_row(file: FileReport) -> impl IntoView {
    let (kind, bad) = match file.role {
        FileRole::Measurements => (file.kind.clone(), false),
        FileRole::Scenario => (text::A_SCENARIO.into(), false),
        FileRole::Map => (text::A_MAP.into(), false),
        FileRole::Nothing => (text::HOLDS_NOTHING.into(), false),
        FileRole::Broken => (text::BROKEN.into(), true),
    };
    let warnings = file.warnings.into_iter().map(|(code, text)| view! { <div class="warning" title=code>{text}</div> });
    view! {
        <tr data-testid="import-row">
            <td>{file.file}</td>
            <td><span class="chip" class:bad=bad>{kind}</span></td>
            <td>
                {file.found.into_iter().map(|found| view! { <span class="found">{found}</span> }).collect_view()}
                {warnings.collect_view()}
            </td>
        </tr>
    }
}

#[component]
fn Fit(report: FitReport) -> impl IntoView {
    let quantities = fit::quantities(&report);
    let residuals = fit::residuals(&report.residuals);
    let warnings = report.warnings.clone();
    view! {
        <div class="block">
            <h2>{text::FIT_TITLE}</h2>
            <div class="scroll"><table data-testid="fit-table">
                <thead><tr>
                    <th scope="col">{text::QUANTITY}</th><th scope="col" class="number">{text::VALUE}</th><th scope="col" class="number">{text::INTERVAL}</th>
                    <th scope="col">{text::SOURCE}</th><th scope="col">{text::FROM}</th>
                </tr></thead>
                <tbody>{quantities.into_iter().map(|row| view! {
                    <tr><td>{row.path}</td><td class="number">{row.value}</td><td class="number">{row.interval}</td>
                        <td><span class=format!("source {}", row.source)>{row.source.clone()}</span></td><td>{row.from}</td></tr>
                }).collect_view()}</tbody>
            </table></div>
        </div>
        <div class="block">
            <h2>{text::RESIDUALS_TITLE}</h2>
            <div class="scroll"><table data-testid="residual-table">
                <thead><tr>
                    <th scope="col">{text::FIGURE}</th><th scope="col" class="number">{text::MEASURED}</th><th scope="col" class="number">{text::MODEL}</th><th scope="col" class="number">{text::GAP}</th>
                </tr></thead>
                <tbody>{residuals.into_iter().map(|row| view! {
                    <tr><td>{row.what}</td><td class="number">{row.measured}</td><td class="number">{row.modelled}</td>
                        <td class="number"><span class=row.class>{row.gap}</span></td></tr>
                }).collect_view()}</tbody>
            </table></div>
        </div>
        <Mapping report/>
        {(!warnings.is_empty()).then(|| view! {
            <div class="block"><h2>{text::WARNINGS}</h2>{warnings.into_iter().map(|(code, text)| view! { <p class="warning" title=code>{text}</p> }).collect_view()}</div>
        })}
    }
}

#[component]
fn Mapping(report: FitReport) -> impl IntoView {
    let unmatched = report.unmatched.join(", ");
    view! {
        <div class="block">
            <h2>{text::MAPPING_TITLE}</h2>
            <div class="scroll"><table data-testid="mapping-table">
                <thead><tr><th scope="col">{text::NAME_IN_FILE}</th><th scope="col">{text::MEANS}</th><th scope="col"></th></tr></thead>
                <tbody>{report.mapping.into_iter().map(|row| view! {
                    <tr><td>{row.name}</td><td>{row.means}</td><td><span class="chip">{if row.guessed { text::GUESSED } else { text::STATED }}</span></td></tr>
                }).collect_view()}</tbody>
            </table></div>
            {(!unmatched.is_empty()).then(|| view! { <p class="warning">{text::UNMATCHED}" "{unmatched.clone()}</p> })}
        </div>
    }
}
