//! The tornado: which quantity moves the headline how far, what to measure next, and how sure each objective is.

use super::address;
use super::format::{multiple, percent, times};
use super::html::{Cell, block, lane, paragraph, table};
use super::level::{at, row};
use super::system::objective;
use crate::text;
use serde_json::Value;
use worker::protocol::{Bound, Projection, SensitivityRow, SensitivityView};

/// Rows of the tornado shown.
const SHOWN: usize = 12;
/// Smallest share of the doubt that is worth a row.
const LEAST: f64 = 0.001;

/// Length of an arrowhead, of a lane's thousand.
const HEAD: f64 = 25.0;

/// A figure of what is moved: where the search ended before it was found, what it is beyond.
fn figure(of: &str, value: f64, bound: Bound) -> String {
    let figure = if of == "headroom" { multiple(value) } else { percent(value) };
    match bound {
        Bound::Exact => figure,
        Bound::More => text::beyond(&figure),
        Bound::Less => text::or_less(&figure),
    }
}

/// From the middle to what an end brings: a bar, or an arrow where that is only known to lie farther on.
fn piece(class: &str, middle: f64, end: f64, bound: Bound) -> String {
    let (left, right) = (end.min(middle), end.max(middle));
    let neck = match bound {
        Bound::Exact => {
            let width = (right - left).max(1.0);
            return format!("<rect class=\"{class}\" x=\"{left:.0}\" width=\"{width:.0}\" height=\"12\"/>");
        }
        Bound::More => end - HEAD,
        Bound::Less => end + HEAD,
    };
    format!("<path class=\"{class} open\" d=\"M{middle:.0} 0H{neck:.0}L{end:.0} 6L{neck:.0} 12H{middle:.0}Z\"/>")
}

fn bar(row: &SensitivityRow, value: f64, low: f64, high: f64) -> String {
    let place = |figure: f64| ((figure - low) / (high - low).max(1e-12) * 1000.0).clamp(0.0, 1000.0);
    let middle = place(value);
    lane(&format!(
        "{}{}<rect class=\"middle\" x=\"{:.0}\" width=\"3\" height=\"12\"/>",
        piece("at-low", middle, place(row.at_low), row.low_bound),
        piece("at-high", middle, place(row.at_high), row.high_bound),
        middle - 1.5
    ))
}

/// Whether an end of a row is not the figure itself.
fn is_open(row: &SensitivityRow) -> bool {
    row.low_bound != Bound::Exact || row.high_bound != Bound::Exact
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
            Cell::Number(figure(&view.of, row.at_low, row.low_bound)),
            Cell::Made(bar(row, view.value, low, high)),
            Cell::Number(figure(&view.of, row.at_high, row.high_bound)),
            Cell::Strong(percent(row.share)),
        ]
    };
    let names = [
        text::QUANTITY.to_owned(),
        format!("#{}", text::AT_ITS_LOW),
        format!(
            "{} {}",
            if view.of == "headroom" { text::HEADROOM } else { text::BUSIEST },
            figure(&view.of, view.value, view.value_bound)
        ),
        format!("#{}", text::AT_ITS_HIGH),
        format!("#{}", text::SHARE_OF_DOUBT),
    ];
    let open = rows.iter().any(|row| is_open(row));
    let lines: Vec<Vec<Cell>> = rows.into_iter().map(line).collect();
    let note = if open { paragraph("caption", text::ENDS_OF_THE_SEARCH) } else { String::new() };
    table("tornado", &names, &lines) + &note
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

/// The whole page; `stale` where the scenario was changed since.
pub fn page(root: &Value, view: &SensitivityView, projection: Option<&Projection>, stale: bool) -> String {
    let mut out = if stale { paragraph("warning", text::SENSITIVITY_IS_STALE) } else { String::new() };
    out += &if view.rows.is_empty() {
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
    fn what_is_only_an_end_of_the_search_is_no_figure() {
        let view = |low_bound, high_bound| SensitivityView {
            of: "headroom".into(),
            value: 5.0,
            rows: vec![SensitivityRow {
                path: "components.db.service.mean_ms".into(),
                at_low: 10.0,
                at_high: 2.0,
                share: 1.0,
                low_bound,
                high_bound,
                ..SensitivityRow::default()
            }],
            ..SensitivityView::default()
        };
        let cell = |text: &str| format!(">{text}</td>");
        let (low, high) = ("<rect class=\"at-low\"", "<rect class=\"at-high\"");
        let (low_open, high_open) =
            ("at-low open\" d=\"M375 0H975L1000 6L975 12", "at-high open\" d=\"M375 0H25L0 6L25 12");
        let rows = [
            (Bound::Exact, Bound::Exact, [cell("10×"), cell("2.0×")], [low, high]),
            (Bound::More, Bound::Exact, [cell("beyond 10×"), cell("2.0×")], [low_open, high]),
            (Bound::Exact, Bound::Less, [cell("10×"), cell("2.0× or less")], [low, high_open]),
        ];
        for (low, high, cells, bars) in rows {
            let html = tornado(&json!({}), &view(low, high));
            for wanted in cells.iter().map(String::as_str).chain(bars) {
                assert!(html.contains(wanted), "{wanted} in {html}");
            }
            let open = (low, high) != (Bound::Exact, Bound::Exact);
            assert_eq!(html.contains(text::ENDS_OF_THE_SEARCH), open, "{html}");
        }
        let over = SensitivityView { value_bound: Bound::Less, ..view(Bound::Exact, Bound::Exact) };
        assert!(tornado(&json!({}), &over).contains("Can grow 5.0× or less"));
    }

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
            ..SensitivityRow::default()
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
        let html = page(&root, &view, Some(&projection), false);
        assert!(!html.contains(text::SENSITIVITY_IS_STALE));
        assert!(page(&root, &view, None, true).contains(text::SENSITIVITY_IS_STALE), "those of another version say so");
        for wanted in ["PostgreSQL", "4 ms – 5 ms", "6.2×", "4.8×", "81 %", "one steady level", "100 %", "20 %"] {
            assert!(html.contains(wanted), "{wanted} in {html}");
        }
        let nothing = SensitivityView::default();
        assert!(
            page(&root, &nothing, None, false).contains(text::NOTHING_MOVES)
                && !page(&root, &nothing, None, false).contains("NaN")
        );
    }
}
