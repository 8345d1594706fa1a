//! What losing each component once does, at several multiples.

use super::format::{milliseconds, percent, times, trim};
use super::html::{Cell, block, paragraph, table};
use super::system::Index;
use crate::text;
use serde_json::Value;
use worker::protocol::{LossView, LossesView, VerdictView};

/// Failed share of the requests from which a loss is no small matter.
const NOTABLE: f64 = 0.01;

/// The table, a row per component and a column per multiple, as HTML; whether the scenario was changed since it was begun, and
/// whether it was stopped before its end.
pub fn losses(root: &Value, view: &LossesView, stale: bool, stopped: bool) -> String {
    let head: Vec<String> =
        std::iter::once(text::COMPONENT_NAME.to_owned()).chain(view.multiples.iter().map(|m| times(*m))).collect();
    let names = Index::of(root);
    let row = |cells: &[LossView]| {
        let name = cells.first().map(|cell| Cell::Text(names.label(&cell.component)));
        let mut row: Vec<Cell> = name.into_iter().chain(cells.iter().map(cell)).collect();
        row.resize(head.len(), Cell::Text(String::new()));
        row
    };
    let rows: Vec<Vec<Cell>> = view.cells.chunks(view.multiples.len().max(1)).map(row).collect();
    let notes = [(stale, text::LOSSES_ARE_STALE), (stopped, text::LOSSES_STOPPED)];
    let notes: String = notes.iter().filter(|(holds, _)| *holds).map(|(_, note)| paragraph("warning", note)).collect();
    block(text::LOSSES_TITLE, text::LOSSES_CAPTION, &(notes + &table("losses", &head, &rows)))
}

fn cell(loss: &LossView) -> Cell {
    let seconds = |value: f64| trim(value, 0);
    let (class, after) = match (&loss.stopped_by, loss.verdict) {
        (Some(by), _) if by == "in_flight" => ("hot", text::LOSS_EXPLODES.to_owned()),
        (Some(_), _) => ("none", text::LOSS_UNKNOWN.to_owned()),
        (None, Some(VerdictView::Metastable)) => ("hot", text::LOSS_STAYS.to_owned()),
        (None, Some(VerdictView::Draining(left))) => ("warn", text::loss_drains(&seconds(left))),
        (None, Some(VerdictView::Recovers(after))) if loss.error_ratio > NOTABLE => {
            ("warn", text::loss_back(&seconds(after)))
        }
        (None, Some(VerdictView::Recovers(after))) => ("ok", text::loss_back(&seconds(after))),
        (None, None) => ("none", text::UNKNOWN.to_owned()),
    };
    let (before, during) = loss.mean_ms;
    let meanwhile = if loss.error_ratio > NOTABLE {
        text::loss_fails(&percent(loss.error_ratio))
    } else {
        text::loss_slower(&milliseconds(before), &milliseconds(during))
    };
    Cell::LevelNoted(class, meanwhile, after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_row_per_component_and_a_word_per_outcome() {
        let loss = |component: &str, error_ratio, verdict, stopped_by: Option<&str>| LossView {
            component: component.into(),
            error_ratio,
            mean_ms: (10.0, 30.0),
            verdict,
            stopped_by: stopped_by.map(str::to_owned),
        };
        let cells = vec![
            loss("app", 0.0, Some(VerdictView::Recovers(2.0)), None),
            loss("app", 0.5, Some(VerdictView::Metastable), None),
            loss("db", 1.0, None, Some("in_flight")),
            loss("db", 0.0, None, Some("events")),
        ];
        let view = LossesView { asked: 1, share: 0.75, multiples: vec![1.0, 5.0], cells };
        for (stale, stopped) in [(false, false), (true, false), (false, true), (true, true)] {
            let html = losses(&json!({}), &view, stale, stopped);
            let said = (html.contains(text::LOSSES_ARE_STALE), html.contains(text::LOSSES_STOPPED));
            assert_eq!(said, (stale, stopped), "{html}");
        }
        let html = losses(&json!({}), &view, false, false);
        let wanted = [
            "level-ok\">10 ms → 30 ms</span><div class=\"caption\">back after 2 s",
            "level-hot\">50 % fail</span><div class=\"caption\">stays down",
            "level-hot\">100 % fail</span><div class=\"caption\">grows without end",
            "level-none\">10 ms → 30 ms</span><div class=\"caption\">not known",
        ];
        for wanted in wanted {
            assert!(html.contains(wanted), "{wanted} in {html}");
        }
        assert_eq!(html.matches("<tr>").count(), 3, "a head and a row per component: {html}");
    }
}
