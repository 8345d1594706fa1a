//! The tornado: which quantity moves the headline how far, what to measure next, and how sure each objective is.

use super::address;
use super::format::{multiple, percent, times};
use super::html::{Cell, block, lane, table};
use super::level::{at, row};
use super::system::objective;
use crate::text;
use serde_json::Value;
use worker::protocol::{Projection, SensitivityRow, SensitivityView};

/// Rows of the tornado shown.
const SHOWN: usize = 12;
/// Smallest share of the doubt that is worth a row.
const LEAST: f64 = 0.001;

/// A figure of what is moved.
fn figure(of: &str, value: f64) -> String {
    if of == "headroom" { multiple(value) } else { percent(value) }
}

fn bar(row: &SensitivityRow, value: f64, low: f64, high: f64) -> String {
    let place = |figure: f64| ((figure - low) / (high - low).max(1e-12) * 1000.0).clamp(0.0, 1000.0);
    let piece = |from: f64, class: &str| {
        let (a, b) = (place(from).min(place(value)), place(from).max(place(value)));
        format!("<rect class=\"{class}\" x=\"{a:.0}\" width=\"{:.0}\" height=\"12\"/>", (b - a).max(1.0))
    };
    let middle = place(value);
    lane(&format!(
        "{}{}<rect class=\"middle\" x=\"{:.0}\" width=\"3\" height=\"12\"/>",
        piece(row.at_low, "at-low"),
        piece(row.at_high, "at-high"),
        middle - 1.5
    ))
}

/// The tornado.
pub fn tornado(root: &Value, view: &SensitivityView) -> String {
    let rows: Vec<&SensitivityRow> = view.rows.iter().filter(|row| row.share >= LEAST).take(SHOWN).collect();
    let ends = || rows.iter().flat_map(|row| [row.at_low, row.at_high]).chain([view.value]);
    let (low, high) = (ends().fold(f64::INFINITY, f64::min), ends().fold(f64::NEG_INFINITY, f64::max));
    let line = |row: &SensitivityRow| {
        let ends = format!("{} – {}", address::value(&row.path, row.low), address::value(&row.path, row.high));
        let ends = if row.assumed { format!("{ends}, {}", text::TRIED) } else { ends };
        vec![
            Cell::Noted(address::words(root, &row.path), ends),
            Cell::Number(figure(&view.of, row.at_low)),
            Cell::Made(bar(row, view.value, low, high)),
            Cell::Number(figure(&view.of, row.at_high)),
            Cell::Strong(percent(row.share)),
        ]
    };
    let names = [
        text::QUANTITY.to_owned(),
        format!("#{}", text::AT_ITS_LOW),
        format!(
            "{} {}",
            if view.of == "headroom" { text::HEADROOM } else { text::BUSIEST },
            figure(&view.of, view.value)
        ),
        format!("#{}", text::AT_ITS_HIGH),
        format!("#{}", text::SHARE_OF_DOUBT),
    ];
    let lines: Vec<Vec<Cell>> = rows.into_iter().map(line).collect();
    table("tornado", &names, &lines)
}

fn next(root: &Value, view: &SensitivityView) -> String {
    let row = |(path, what, narrows): &(String, String, f64)| {
        let name = if path.is_empty() { text::A_LOAD_LEVEL.to_owned() } else { address::words(root, path) };
        let effect = if *narrows > 0.0 { text::narrows(&percent(*narrows)) } else { String::new() };
        vec![Cell::Noted(name, what.clone()), Cell::Number(effect)]
    };
    let worth = |next: &&(String, String, f64)| next.0.is_empty() || next.2 >= LEAST;
    let rows: Vec<Vec<Cell>> = view.next.iter().filter(worth).map(row).collect();
    table("next-measurements", &[], &rows)
}

/// Objective by multiple: the share of draws in which it holds.
pub fn certainty(root: &Value, projection: &Projection) -> Option<String> {
    let known = |columns: &worker::protocol::ObjectiveColumns| columns.probability.iter().any(Option::is_some);
    if !projection.objectives.iter().any(known) {
        return None;
    }
    let (low, high) = (*projection.multiples.first()?, *projection.multiples.last()?);
    let shown: Vec<f64> = (0..=6).map(|step| low + f64::from(step) * (high - low) / 6.0).collect();
    let mut names = vec![text::OBJECTIVE.to_owned()];
    names.extend(shown.iter().map(|at| format!("#{}", times(*at))));
    let line = |(index, columns): (usize, &worker::protocol::ObjectiveColumns)| {
        let mut cells = vec![Cell::Text(objective(root, index))];
        cells.extend(shown.iter().map(|place| match at(&columns.probability, row(projection, *place)) {
            Some(share) if share >= 0.9 => Cell::Level("ok", percent(share)),
            Some(share) if share >= 0.5 => Cell::Level("warn", percent(share)),
            Some(share) => Cell::Level("hot", percent(share)),
            None => Cell::Number(text::UNKNOWN.into()),
        }));
        cells
    };
    let rows: Vec<Vec<Cell>> = projection.objectives.iter().enumerate().map(line).collect();
    Some(table("certainty", &names, &rows))
}

/// The whole page.
pub fn page(root: &Value, view: &SensitivityView, projection: Option<&Projection>) -> String {
    let mut out = if view.rows.is_empty() {
        block(text::TORNADO_TITLE, text::NOTHING_MOVES, "")
    } else {
        let caption = if view.of == "headroom" { text::TORNADO_CAPTION } else { text::TORNADO_CAPTION_BUSY };
        block(text::TORNADO_TITLE, caption, &tornado(root, view))
    };
    if !view.next.is_empty() {
        out += &block(text::MEASURE_NEXT, text::MEASURE_NEXT_CAPTION, &next(root, view));
    }
    if let Some(table) = projection.and_then(|projection| certainty(root, projection)) {
        out += &block(text::CERTAINTY_TITLE, text::CERTAINTY_CAPTION, &table);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use worker::protocol::ObjectiveColumns;

    #[test]
    fn a_tornado_with_its_ends() {
        let row = SensitivityRow {
            path: "components.db.service.mean_ms".into(),
            low: 4.0,
            high: 5.0,
            at_low: 6.2,
            at_high: 4.8,
            share: 0.81,
            assumed: true,
        };
        let view = SensitivityView {
            of: "headroom".into(),
            value: 5.4,
            rows: vec![row],
            next: vec![(String::new(), "one steady level at ×4".into(), 0.0)],
            ..SensitivityView::default()
        };
        let columns = ObjectiveColumns { probability: vec![Some(1.0), Some(0.2)], ..ObjectiveColumns::default() };
        let projection = Projection { multiples: vec![1.0, 10.0], objectives: vec![columns], ..Projection::default() };
        let root = json!({"components": [{"id": "db", "label": "PostgreSQL"}], "slos": [{"max_monthly_cost": 10}]});
        let html = page(&root, &view, Some(&projection));
        for wanted in ["PostgreSQL", "4 ms – 5 ms", "6.2×", "4.8×", "81 %", "one steady level", "100 %", "20 %"] {
            assert!(html.contains(wanted), "{wanted} in {html}");
        }
        let nothing = SensitivityView::default();
        assert!(
            page(&root, &nothing, None).contains(text::NOTHING_MOVES) && !page(&root, &nothing, None).contains("NaN")
        );
    }
}
