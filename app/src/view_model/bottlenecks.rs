//! What fills up in which order, and where a request's time goes.

use super::format::{milliseconds, multiple, percent};
use super::html::{Cell, block, head, lane, paragraph, table};
use super::level::{Level, at, row};
use super::system::{Index, class_label, objective, resource, text_at};
use crate::chart::scale::roomy;
use crate::text;
use serde_json::Value;
use worker::protocol::{ComponentColumns, Projection};

/// One line of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub component: String,
    pub what: String,
    /// Share at the slider's multiple.
    pub share: f64,
    pub share_text: String,
    pub level: Level,
    /// Where it is full.
    pub full_at: String,
    full: f64,
    pub wait: String,
}

/// Every resource that can fill up, the first to do so first.
pub fn lines(root: &Value, projection: &Projection, growth: f64) -> Vec<Line> {
    let (index, names) = (row(projection, growth), Index::of(root));
    let mut lines = Vec::new();
    for component in &projection.components {
        let drawn = names.find(&component.id);
        let kind = drawn.map_or("", |component| text_at(component, "kind"));
        let wait = at(&component.wait_ms, index);
        if component.utilization.iter().any(Option::is_some) {
            // Without processor cores a service works in its slots, which are the line below.
            let cores = drawn.is_some_and(|component| component.get("cpu_cores").is_some());
            let same = kind == "service" && !cores && component.slot_utilization.iter().any(Option::is_some);
            let name = if cores { "cores" } else { own_resource(kind) };
            if !same {
                lines.push(line(&names, projection, component, name, &component.utilization, wait, index));
            }
        }
        if component.slot_utilization.iter().any(Option::is_some) {
            lines.push(line(&names, projection, component, "slots", &component.slot_utilization, wait, index));
        }
        for (pool, (utilization, wait)) in &component.pools {
            if utilization.iter().any(Option::is_some) {
                lines.push(line(
                    &names,
                    projection,
                    component,
                    &format!("pool:{pool}"),
                    utilization,
                    at(wait, index),
                    index,
                ));
            }
        }
    }
    lines.sort_by(|a, b| a.full.total_cmp(&b.full).then(b.share.total_cmp(&a.share)));
    lines
}

fn line(
    names: &Index,
    projection: &Projection,
    component: &ComponentColumns,
    name: &str,
    column: &[Option<f64>],
    wait: Option<f64>,
    index: usize,
) -> Line {
    let share = at(column, index).unwrap_or(0.0);
    let full = full_at(&projection.multiples, column);
    let last = projection.multiples.last().copied().unwrap_or(1.0);
    Line {
        component: component.id.clone(),
        what: names.resource(&component.id, name),
        share,
        share_text: percent(share),
        level: Level::of(Some(share)),
        full_at: full.map_or_else(|| text::beyond(&multiple(last)), multiple),
        full: full.unwrap_or(f64::INFINITY),
        wait: wait.map_or(text::UNKNOWN.into(), milliseconds),
    }
}

/// The first multiple at which a share reaches one, between the grid's points by the line through the last two below.
fn full_at(multiples: &[f64], column: &[Option<f64>]) -> Option<f64> {
    let first = column.iter().position(|share| share.is_some_and(|share| share >= 0.999_999))?;
    let (Some(one), Some(two)) = (first.checked_sub(2), first.checked_sub(1)) else {
        return multiples.first().copied();
    };
    let (a, b) = (at(column, one)?, at(column, two)?);
    let (x, y) = (*multiples.get(one)?, *multiples.get(two)?);
    let slope = (b - a) / (y - x);
    let guess = if slope > 0.0 { y + (1.0 - b) / slope } else { y };
    Some(guess.clamp(y, *multiples.get(first)?))
}

fn own_resource(kind: &str) -> &'static str {
    match kind {
        "database" | "cache" => "cores",
        "queue" => "consumers",
        "external" | "rate_limiter" | "function" => "quota",
        _ => "slots",
    }
}

/// One bar of the waterfall.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    pub label: String,
    pub kind: &'static str,
    pub from: f64,
    pub to: f64,
    pub text: String,
}

/// Where a request's mean time goes, one bar after the other, as shares of the axis.
pub fn waterfall(root: &Value, projection: &Projection, class: &str, growth: f64) -> Vec<Bar> {
    let index = row(projection, growth);
    let found = projection.classes.iter().find(|known| known.id == class);
    found.and_then(|class| class.waterfall.get(index)).map(|hops| bars(root, hops)).unwrap_or_default()
}

/// Hops (component, what, milliseconds) one after the other.
pub fn bars(root: &Value, hops: &[(String, String, f64)]) -> Vec<Bar> {
    let total: f64 = hops.iter().map(|(_, _, time)| time).sum();
    let end = roomy(total, 4);
    let mut at = 0.0;
    let (mut bars, names) = (Vec::new(), Index::of(root));
    for (component, what, time) in hops.iter().filter(|(_, _, time)| *time > total * 1e-4) {
        let label = names.label(component);
        let (kind, label) = match what.as_str() {
            "own" => ("own", label),
            "queue" => ("queue", text::waiting_at(&label)),
            "network" => ("network", text::network_to(&label)),
            pool => ("pool", text::waiting_for(&names.resource(component, pool))),
        };
        bars.push(Bar { label, kind, from: at / end, to: (at + time) / end, text: milliseconds(*time) });
        at += time;
    }
    bars
}

fn meter(line: &Line) -> Cell {
    Cell::Made(format!(
        "<svg class=\"meter\" viewBox=\"0 0 100 6\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"base\" width=\"100\" height=\"6\" rx=\"1\"/><rect class=\"{}\" width=\"{:.1}\" height=\"6\" rx=\"1\"/></svg>",
        line.level.class(),
        (line.share * 100.0).clamp(0.0, 100.0)
    ))
}

fn filling(root: &Value, projection: &Projection, growth: f64) -> String {
    let rows: Vec<Vec<Cell>> = lines(root, projection, growth)
        .into_iter()
        .map(|line| {
            let bar = meter(&line);
            let act = format!("component:{}", line.component);
            let level = Cell::Level(line.level.class(), line.share_text);
            vec![Cell::Link(line.what, act), level, bar, Cell::Number(line.wait), Cell::Strong(line.full_at)]
        })
        .collect();
    let names =
        [text::RESOURCE, &format!("#{}", text::BUSY), "", &format!("#{}", text::WAIT), &format!("#{}", text::FULL_AT)];
    block(text::BOTTLENECK_TITLE, text::BOTTLENECK_CAPTION, &table("bottleneck-table", &head(&names), &rows))
}

fn after_fixes(root: &Value, projection: &Projection) -> String {
    let part =
        |text: &str| text.split_once('/').map_or(text.to_owned(), |(component, part)| resource(root, component, part));
    let row = |next: &worker::protocol::NextView| {
        let what = resource(root, &next.component, &next.resource);
        let what = match next.objective {
            Some(index) => text::fails_for(&objective(root, index), &what),
            None => what,
        };
        vec![Cell::Noted(what, text::after_fixing(&part(&next.after_fixing))), Cell::Strong(multiple(next.multiple))]
    };
    let rows: Vec<Vec<Cell>> = projection.next.iter().map(row).collect();
    if rows.is_empty() { String::new() } else { block(text::NEXT_TITLE, "", &table("next-table", &[], &rows)) }
}

/// Bars as a table.
pub fn falls(hook: &str, bars: Vec<Bar>) -> String {
    let row = |bar: Bar| {
        let (x, width) = (bar.from * 1000.0, ((bar.to - bar.from) * 1000.0).max(2.0));
        let rect = format!("<rect class=\"{}\" x=\"{x:.0}\" width=\"{width:.0}\" height=\"12\" rx=\"1\"/>", bar.kind);
        vec![Cell::Text(bar.label), Cell::Made(lane(&rect)), Cell::Number(bar.text)]
    };
    let rows: Vec<Vec<Cell>> = bars.into_iter().map(row).collect();
    table(hook, &[], &rows)
}

/// The whole page; the last part is about one class.
pub fn page(root: &Value, projection: &Projection, class: &str, growth: f64) -> String {
    let mut out = filling(root, projection, growth) + &after_fixes(root, projection);
    let bars = waterfall(root, projection, class, growth);
    let inside = if bars.is_empty() { paragraph("caption", text::NO_WATERFALL) } else { falls("waterfall", bars) };
    out += &block(&format!("{} · {}", text::WATERFALL_TITLE, class_label(root, class)), "", &inside);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use worker::protocol::ClassColumns;

    #[test]
    fn the_first_to_fill_up_stands_first() {
        let calm = ComponentColumns {
            id: "app".into(),
            utilization: vec![Some(0.1), Some(0.2), Some(0.3)],
            ..Default::default()
        };
        let pools =
            [("pg".to_owned(), (vec![Some(0.4), Some(0.8), Some(1.0)], vec![Some(1.0), Some(9.0), None]))].into();
        let full = ComponentColumns { id: "api".into(), pools, ..Default::default() };
        let projection =
            Projection { multiples: vec![1.0, 2.0, 3.0], components: vec![calm, full], ..Projection::default() };
        let lines = lines(&json!({}), &projection, 2.0);
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[0].component.as_str(), lines[0].full_at.as_str()), ("api", "2.5×"));
        assert_eq!(lines[0].share_text, "80 %");
        assert_eq!(lines[1].full_at, text::beyond("3.0×"));
        let html = page(&json!({}), &projection, "browse", 2.0);
        for wanted in ["2.5×", "component:api", "80 %", text::NO_WATERFALL] {
            assert!(html.contains(wanted), "{wanted} in {html}");
        }
    }

    #[test]
    fn bars_follow_each_other() {
        let hops = vec![
            ("app".into(), "own".into(), 2.0),
            ("db".into(), "queue".into(), 6.0),
            ("db".into(), "own".into(), 0.0),
        ];
        let class = ClassColumns { id: "browse".into(), waterfall: vec![hops], ..ClassColumns::default() };
        let projection = Projection { multiples: vec![1.0], classes: vec![class], ..Projection::default() };
        let bars = waterfall(&json!({}), &projection, "browse", 1.0);
        assert_eq!(bars.len(), 2);
        assert_eq!(bars[0].to, bars[1].from);
        assert!(bars[1].to <= 1.0);
    }
}
