//! The report: one page for a meeting, as HTML text that is shown, printed and saved alike.

use super::format::{money, money_in_full, percent, times};
use super::headline::{Span, explanation, sentence};
use super::html::{Cell, escape, head, paragraph, table};
use super::level::{at, row};
use super::system::{currency, list_at, number_at, text_at};
use super::{address, bill, bottlenecks, know, objectives, plan, spend};
use crate::text;
use serde_json::Value;
use std::fmt::Write;
use worker::protocol::{FitReport, PlanView, Projection};

/// Warnings on the page, which is one; the others are counted.
const WARNINGS: usize = 4;

/// Assumptions listed before the rest is counted only.
const ASSUMPTIONS: usize = 16;

/// What the page is made of.
pub struct Material<'a> {
    pub root: &'a Value,
    pub projection: &'a Projection,
    pub fit: Option<&'a FitReport>,
    pub plan: Option<&'a PlanView>,
    /// Whether the plan is of the scenario before it was changed.
    pub plan_is_stale: bool,
    /// Why the figures may not be of the scenario as it stands.
    pub doubt: Option<&'static str>,
    /// The multiple looked at.
    pub growth: f64,
    /// The chart of latency and that of spend, as SVG; or why there is none.
    pub charts: Vec<String>,
}

/// Sentences as HTML.
pub fn spans(list: &[Span]) -> String {
    list.iter()
        .map(|span| match span {
            Span::Plain(text) => escape(text),
            Span::Strong(text) => format!("<b>{}</b>", escape(text)),
        })
        .collect()
}

fn section(out: &mut String, class: &str, title: &str, inside: &str) {
    let _ = write!(out, "<section class=\"{class}\"><h2>{}</h2>{inside}</section>", escape(title));
}

/// The page.
pub fn page(of: &Material) -> String {
    let mut out = String::from("<article class=\"report\" data-testid=\"report\">");
    let name = text_at(of.root, "name");
    let as_of = text_at(of.root, "as_of");
    let date = if as_of.is_empty() { String::new() } else { format!(" · {}", escape(as_of)) };
    let _ = write!(out, "<p class=\"caption\">{}{date} · {}</p>", escape(name), escape(text::NAME));
    out += &of.doubt.map(|doubt| paragraph("warning", doubt)).unwrap_or_default();
    if let Some(headroom) = &of.projection.headroom {
        let _ = write!(out, "<h1>{}</h1>", spans(&sentence(of.root, headroom)));
    }
    let _ = write!(out, "<p class=\"sub\">{}</p>", spans(&explanation(of.root, of.projection)));
    out += "<div class=\"columns\">";
    for chart in &of.charts {
        let _ = write!(out, "<figure>{chart}</figure>");
    }
    out += "</div><div class=\"columns\">";
    section(&mut out, "half", text::TAB_BOTTLENECKS, &limits(of));
    section(&mut out, "half", text::OBJECTIVES_TITLE, &goals(of));
    out += "</div>";
    section(&mut out, "", &text::spend_over_growth(), &money_table(of));
    section(&mut out, "", text::PLAN_TITLE, &way(of));
    out += "<div class=\"columns rests\">";
    section(&mut out, "half", text::ASSUMPTIONS, &assumptions(of.root));
    section(&mut out, "half", text::TRUST, &trust(of));
    out += "</div>";
    if !of.projection.warnings.is_empty() {
        section(&mut out, "", text::KNOW, &know::list(&of.projection.warnings, WARNINGS));
    }
    section(&mut out, "", text::NOT_MODELLED, &not_modelled());
    out + "</article>"
}

fn limits(of: &Material) -> String {
    let lines = bottlenecks::lines(of.root, of.projection, of.growth);
    let rows: Vec<Vec<Cell>> = lines
        .into_iter()
        .take(6)
        .map(|line| {
            let class = line.level.class();
            vec![Cell::Text(line.what), Cell::Level(class, line.share_text), Cell::Strong(line.full_at)]
        })
        .collect();
    let busy = format!("#{} {} {}", text::BUSY, text::FIGURES_AT.to_lowercase(), times(of.growth));
    table("report-bottlenecks", &head(&[text::RESOURCE, &busy, &format!("#{}", text::FULL_AT)]), &rows)
}

fn goals(of: &Material) -> String {
    if !objectives::are_of(of.root, of.projection) {
        return paragraph("caption", text::WORKING);
    }
    let rows: Vec<Vec<Cell>> = objectives::rows(of.root, of.projection, of.growth)
        .into_iter()
        .map(|row| {
            let class = if row.met { "good" } else { "bad" };
            vec![Cell::Text(row.what), Cell::Chip(class, row.verdict), Cell::Number(row.holds_to)]
        })
        .collect();
    if rows.is_empty() { paragraph("caption", text::NO_OBJECTIVES) } else { table("report-objectives", &[], &rows) }
}

fn money_table(of: &Material) -> String {
    let stacks = spend::stacks(of.root, of.projection);
    if stacks.is_empty() {
        return paragraph("caption", text::NO_PRICES);
    }
    let (low, high) = (
        of.projection.multiples.first().copied().unwrap_or(1.0),
        of.projection.multiples.last().copied().unwrap_or(10.0),
    );
    let wanted = (0..=4).map(|step| (low + f64::from(step) * (high - low) / 4.0).round().max(low));
    let mut columns: Vec<usize> = wanted.map(|place| row(of.projection, place)).collect();
    columns.dedup();
    let shown: Vec<f64> = columns.iter().filter_map(|index| of.projection.multiples.get(*index).copied()).collect();
    let currency = currency(of.root);
    let largest = of.projection.cost.monthly.iter().flatten().copied().fold(0.0, f64::max);
    let show = |value: f64| money_in_full(value, currency, bill::decimals(largest));
    let mut names = vec![text::COMPONENT_NAME.to_owned()];
    names.extend(shown.iter().map(|at| format!("#{}", times(*at))));
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for stack in &stacks {
        let mut line = vec![Cell::Text(stack.label.clone())];
        line.extend(shown.iter().map(|place| {
            let value = stack.values.get(row(of.projection, *place)).copied();
            Cell::Number(value.map_or(text::UNKNOWN.into(), show))
        }));
        rows.push(line);
    }
    let credits = |place: &f64| spend::credits(&stacks, of.projection, row(of.projection, *place));
    if shown.iter().any(|place| credits(place).is_some()) {
        let amounts = shown.iter().map(|place| Cell::Number(show(credits(place).unwrap_or(0.0))));
        rows.push(std::iter::once(Cell::Text(text::CREDITS.into())).chain(amounts).collect());
    }
    let total = |column: &[Option<f64>], name: &str, show: &dyn Fn(f64) -> String| {
        let mut line = vec![Cell::Text(name.to_owned())];
        line.extend(
            shown
                .iter()
                .map(|place| Cell::Strong(at(column, row(of.projection, *place)).map_or(text::UNKNOWN.into(), show))),
        );
        line
    };
    rows.push(total(&of.projection.cost.monthly, text::TOTAL, &show));
    rows.push(total(&of.projection.cost.per_million_requests, text::PER_MILLION, &|value| money(value, currency)));
    let billed = bill::bill(of.root, of.projection).map(|bill| paragraph("caption", &bill::sentence(of.root, &bill)));
    table("report-spend", &names, &rows) + &billed.unwrap_or_default()
}

fn way(of: &Material) -> String {
    match of.plan {
        Some(_) if of.plan_is_stale => paragraph("caption", text::PLAN_IS_STALE),
        Some(found) if !found.steps.is_empty() => plan::steps(of.root, found, false),
        _ => paragraph("caption", text::NOT_PLANNED),
    }
}

/// Each quantity that says where it comes from, measured and fitted ones first.
fn assumptions(root: &Value) -> String {
    let mut found: Vec<(u8, String, String, String)> = Vec::new();
    for (list, key) in [("traffic", "traffic"), ("components", "components")] {
        for entry in list_at(root, list) {
            let id = text_at(entry, "id");
            walk(root, entry, &format!("{key}.{id}"), &mut found);
        }
    }
    if let Some(rate) = root.get("growth").and_then(|growth| number_at(growth, "per_month")) {
        found.push((2, text::GROWTH_A_MONTH.into(), percent(rate), text::NOT_CALIBRATED.into()));
    }
    found.sort_by_key(|entry| entry.0);
    let more = found.len().saturating_sub(ASSUMPTIONS);
    let rows: Vec<Vec<Cell>> = found
        .into_iter()
        .take(ASSUMPTIONS)
        .map(|(_, what, value, source)| vec![Cell::Text(what), Cell::Number(value), Cell::Source(source)])
        .collect();
    let rest = if more > 0 { paragraph("caption", &text::and_more(more)) } else { String::new() };
    table("report-assumptions", &[], &rows) + &rest
}

fn walk(root: &Value, value: &Value, path: &str, found: &mut Vec<(u8, String, String, String)>) {
    let Some(map) = value.as_object() else { return };
    if let Some(figure) = map.get("value").and_then(Value::as_f64) {
        let source = map.get("source").and_then(Value::as_str).unwrap_or(text::NOT_CALIBRATED);
        let ends = number_at(value, "low").zip(number_at(value, "high"));
        let ends = ends.map_or(String::new(), |(low, high)| {
            format!(" ({} – {})", address::value(path, low), address::value(path, high))
        });
        let rank = ["measured", "fitted"].iter().position(|known| *known == source).map_or(2, |rank| rank as u8);
        let shown = format!("{}{ends}", address::value(path, figure));
        found.push((rank, address::words(root, path), shown, source.to_owned()));
        return;
    }
    for (key, inner) in map {
        if matches!(key.as_str(), "id" | "kind" | "label" | "position" | "price") {
            continue;
        }
        if let Some(figure) = inner.as_f64().filter(|_| matches!(key.as_str(), "mean_ms" | "hit_ratio" | "rate")) {
            let place = format!("{path}.{key}");
            let shown = address::value(&place, figure);
            found.push((2, address::words(root, &place), shown, text::NOT_CALIBRATED.to_owned()));
        } else {
            walk(root, inner, &format!("{path}.{key}"), found);
        }
    }
}

fn trust(of: &Material) -> String {
    let mut out = String::new();
    let imports = list_at(of.root, "imports");
    // A calibration that was taken back says nothing of what is open.
    if let Some(tested) = of.fit.filter(|_| !imports.is_empty()).and_then(|fit| fit.backtest.as_ref()) {
        out += &paragraph("", &tested.verdict);
        let rows: Vec<Vec<Cell>> = super::fit::residuals(&tested.residuals)
            .into_iter()
            .take(6)
            .map(|row| {
                vec![
                    Cell::Text(row.what),
                    Cell::Number(row.measured),
                    Cell::Number(row.modelled),
                    Cell::Number(row.gap),
                ]
            })
            .collect();
        let names = [
            text::FIGURE,
            &format!("#{}", text::MEASURED_HEAD),
            &format!("#{}", text::MODEL),
            &format!("#{}", text::GAP),
        ];
        out += &table("report-backtest", &head(&names), &rows);
    } else if of.projection.measured.is_empty() {
        out += &paragraph("", text::NOTHING_MEASURED);
    } else {
        out += &paragraph("", text::CALIBRATED_SENTENCE);
    }
    let sources: Vec<String> = imports
        .iter()
        .map(|import| {
            let file = [text_at(import, "file"), text_at(import, "name"), text_at(import, "id")];
            file.into_iter().find(|word| !word.is_empty()).unwrap_or_default().to_owned()
        })
        .collect();
    if !sources.is_empty() {
        out += &paragraph("caption", &format!("{}: {}", text::SOURCES, sources.join(", ")));
    }
    out
}

fn not_modelled() -> String {
    let mut out = String::from("<ul>");
    for line in text::NOT_MODELLED_LINES {
        let _ = write!(out, "<li>{}</li>", escape(line));
    }
    out + "</ul>"
}

/// A page of its own for a file: the report with its style inside.
pub fn file(title: &str, report: &str, style: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title><style>{style}</style></head><body>{report}</body></html>",
        escape(title)
    )
}

/// A file's name without its ending, from the scenario's.
pub fn file_name(root: &Value) -> String {
    let name: String =
        text_at(root, "name").chars().map(|sign| if sign.is_alphanumeric() { sign } else { '-' }).collect();
    let name = name.trim_matches('-').to_lowercase();
    if name.is_empty() { "headroom".into() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use worker::protocol::{Backtest, HeadroomView, Residual};

    #[test]
    fn spend_has_a_column_for_each_computed_multiple_once() {
        let cheap = worker::protocol::ComponentColumns {
            id: "db".into(),
            monthly_cost: vec![Some(10.0); 6],
            ..Default::default()
        };
        let rows = [
            (vec![1.0, 1.2, 1.4, 1.6, 1.8, 2.0], vec!["×1", "×2"]),
            (vec![1.0, 10.8, 20.6, 30.4, 40.2, 50.0], vec!["×1", "×10.8", "×30.4", "×40.2", "×50"]),
        ];
        for (multiples, wanted) in rows {
            let cost = worker::protocol::CostColumns { monthly: vec![Some(10.0); 6], ..Default::default() };
            let projection = Projection { multiples, components: vec![cheap.clone()], cost, ..Projection::default() };
            let root = json!({});
            let of = Material {
                root: &root,
                projection: &projection,
                fit: None,
                plan: None,
                plan_is_stale: false,
                doubt: None,
                growth: 1.0,
                charts: Vec::new(),
            };
            let html = money_table(&of);
            let found: Vec<&str> =
                html.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text).collect();
            let found: Vec<&str> = found.into_iter().filter(|text| text.starts_with('×')).collect();
            assert_eq!(found, wanted);
        }
    }

    #[test]
    fn everything_a_meeting_asks_for() {
        let root = json!({
            "name": "Shop <1>", "as_of": "2026-11-22", "currency": "USD",
            "growth": {"per_month": 0.08},
            "traffic": [{"id": "browse", "arrivals": {"open": {"rate": 24}}}],
            "components": [{"id": "db", "label": "PostgreSQL", "kind": "database",
                "service": {"mean_ms": {"value": 4.6, "low": 4.3, "high": 4.9, "source": "fitted", "from": "k6"}}}],
            "imports": [{"id": "k6", "file": "k6.csv", "monthly_costs": {"db": 220.0}, "unexplained_costs": {"support": 11.0}}]});
        let headroom = HeadroomView {
            multiple: Some(5.4),
            component: Some("db".into()),
            resource: Some("cores".into()),
            ..HeadroomView::default()
        };
        let mut projection =
            Projection { multiples: vec![1.0, 10.0], headroom: Some(headroom), ..Projection::default() };
        let db = worker::protocol::ComponentColumns {
            id: "db".into(),
            monthly_cost: vec![Some(223.2), Some(1198.0)],
            ..Default::default()
        };
        projection.components.push(db);
        projection.cost.monthly = vec![Some(223.2), Some(1198.0)];
        let residual = Residual { what: "browse p95 at ×3".into(), measured: 100.0, modelled: 95.0 };
        let tested = Backtest { verdict: "within 5 %".into(), residuals: vec![residual], ..Backtest::default() };
        let fit = FitReport { backtest: Some(tested), ..FitReport::default() };
        let of = Material {
            root: &root,
            projection: &projection,
            fit: Some(&fit),
            plan: None,
            plan_is_stale: false,
            doubt: None,
            growth: 1.0,
            charts: vec!["<svg></svg>".into()],
        };
        let html = page(&of);
        for wanted in [
            "Shop &lt;1&gt;",
            "5.4×",
            "fitted",
            "4.6 ms (4.3 ms – 4.9 ms)",
            "within 5 %",
            "k6.csv",
            "8 %",
            "<b>$1,198</b>",
            "A mean month of k6.csv comes to $231.00; $11.00 of it (4.8 %) no component explains.",
            text::NOT_PLANNED,
        ] {
            assert!(html.contains(wanted), "{wanted} in {html}");
        }
        assert!(!html.contains("NaN"));
        assert!(!html.contains(text::CREDITS), "without credits there is no row of them");
        // 73 a month for what is drawn and 20 off it: the rows add up to the total of 53.
        let mut credited = projection.clone();
        credited.components[0].monthly_cost = vec![Some(73.0), Some(730.0)];
        credited.cost.monthly = vec![Some(53.0), Some(710.0)];
        let html = page(&Material { projection: &credited, charts: Vec::new(), ..of });
        for wanted in ["$73.00", text::CREDITS, "−$20.00", "<b>$53.00</b>", "<b>$710.00</b>"] {
            assert!(html.contains(wanted), "{wanted} in {html}");
        }
        let found = PlanView { steps: vec![worker::protocol::PlanStep::default()], ..PlanView::default() };
        let mut taken_back = root.clone();
        taken_back["imports"] = json!([]);
        let late = Material { root: &taken_back, plan: Some(&found), plan_is_stale: true, charts: Vec::new(), ..of };
        let html = page(&late);
        assert!(html.contains(text::PLAN_IS_STALE) && !html.contains("within 5 %"), "{html}");
        // The gravest warnings are in it, as the page is one, and that the figures are not of the assumptions.
        let warned = Projection {
            warnings: (0..6)
                .map(|index| worker::protocol::WarningView { text: format!("warning {index}"), ..Default::default() })
                .collect(),
            ..projection.clone()
        };
        let warned =
            page(&Material { projection: &warned, doubt: Some(text::FIGURES_ARE_OLD), charts: Vec::new(), ..late });
        let doubted = format!("<p class=\"warning\">{}</p>", text::FIGURES_ARE_OLD);
        for wanted in ["warning 0", "warning 3", &text::and_more(2), text::KNOW, doubted.as_str()] {
            assert!(warned.contains(wanted), "{wanted} in {warned}");
        }
        assert!(!html.contains(text::FIGURES_ARE_OLD) && !html.contains(text::KNOW), "{html}");
        assert_eq!(file_name(&root), "shop--1");
        assert!(file("a&b", &html, "").contains("<title>a&amp;b</title>"));
    }
}
