//! The drawing of the system: boxes with their figures, lines with their load.

use super::format::{LEAST_TIME, milliseconds, percent};
use super::layout::{BOX, Layout, layout, path};
use super::level::{Level, at, component, fullest, longest_wait, row};
use super::system::{ComponentView, EdgeView, components, edges, list_at, text_at};
use crate::text;
use serde_json::Value;
use std::collections::BTreeMap;
use worker::protocol::{ComponentColumns, Projection};

/// From this share on nothing is left.
const FULL: f64 = 0.999_999;

/// How far each of two lines between the same boxes, and its label, is moved away from the other.
pub(super) const APART: (f64, f64) = (10.0, 8.0);

/// A drawing that stays while the slider moves.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Drawing {
    pub boxes: Vec<(ComponentView, (f64, f64))>,
    pub lines: Vec<Line>,
    /// Zones with the boxes in each.
    pub zones: Vec<(String, Vec<usize>)>,
    /// Upper left corner.
    pub origin: (f64, f64),
    pub width: f64,
    pub height: f64,
}

/// A line of the drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub edge: EdgeView,
    pub path: String,
    /// Where its label stands.
    pub middle: (f64, f64),
    /// Its boxes, caller first.
    pub ends: (usize, usize),
    /// On which side of the other line between the same boxes it stands: −1 or 1, 0 where it is alone.
    pub side: f64,
}

/// Draws a document on a board where so many boxes fit beside each other.
pub fn drawing(root: &Value, fitting: usize) -> Drawing {
    let components = components(root);
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for (number, component) in components.iter().enumerate() {
        numbers.entry(&component.id).or_insert(number);
    }
    let place = |id: &str| numbers.get(id).copied();
    let known: Vec<(EdgeView, (usize, usize))> = edges(root)
        .into_iter()
        .filter_map(|edge| {
            let ends = (place(&edge.from)?, place(&edge.to)?);
            Some((edge, ends))
        })
        .collect();
    let calls: Vec<(usize, usize)> = known.iter().map(|(_, ends)| *ends).collect();
    let stated: Vec<Option<(f64, f64)>> = components.iter().map(|component| component.position).collect();
    let Layout { places, lines, origin, width, height } = layout(components.len(), &calls, &stated, fitting);
    let mut counts: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    calls.iter().for_each(|ends| *counts.entry(*ends).or_default() += 1);
    let line = |edge: EdgeView, ends: (usize, usize), mut points: Vec<(f64, f64)>| {
        let side = match (counts.get(&ends).is_some_and(|count| *count > 1), edge.asynchronous) {
            (false, _) => 0.0,
            (true, false) => -1.0,
            (true, true) => 1.0,
        };
        points.iter_mut().for_each(|point| point.0 += side * APART.0);
        let (x, y) = middle(&points);
        Line { edge, path: path(&points), middle: (x, y + side * APART.1), ends, side }
    };
    let lines = known.into_iter().zip(lines).map(|((edge, ends), points)| line(edge, ends, points)).collect();
    Drawing { zones: zoned(root), boxes: components.into_iter().zip(places).collect(), lines, origin, width, height }
}

fn zoned(root: &Value) -> Vec<(String, Vec<usize>)> {
    let mut zones: Vec<(String, Vec<usize>)> = Vec::new();
    for (index, component) in list_at(root, "components").iter().enumerate() {
        let zone = text_at(component, "zone");
        if zone.is_empty() {
            continue;
        }
        match zones.iter_mut().find(|(known, _)| known == zone) {
            Some((_, boxes)) => boxes.push(index),
            None => zones.push((zone.to_owned(), vec![index])),
        }
    }
    zones
}

/// Frames around zones, as SVG.
pub fn zones(drawing: &Drawing) -> String {
    let frame = |(name, boxes): &(String, Vec<usize>)| {
        let places = || boxes.iter().filter_map(|index| drawing.boxes.get(*index)).map(|(_, place)| *place);
        let left = places().map(|place| place.0).fold(f64::INFINITY, f64::min) - 8.0;
        let top = places().map(|place| place.1).fold(f64::INFINITY, f64::min) - 16.0;
        let right = places().map(|place| place.0 + BOX.0).fold(f64::NEG_INFINITY, f64::max) + 8.0;
        let bottom = places().map(|place| place.1 + BOX.1).fold(f64::NEG_INFINITY, f64::max) + 8.0;
        if right <= left {
            return String::new();
        }
        format!(
            "<rect class=\"zone\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"10\"/><text class=\"zone-name\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            right - left,
            bottom - top,
            left + 8.0,
            top + 11.0,
            super::html::escape(name)
        )
    };
    drawing.zones.iter().map(frame).collect()
}

fn middle(points: &[(f64, f64)]) -> (f64, f64) {
    let half = points.len() / 2;
    match (points.get(half.wrapping_sub(1)), points.get(half)) {
        (Some(a), Some(b)) => (f64::midpoint(a.0, b.0), f64::midpoint(a.1, b.1)),
        _ => (0.0, 0.0),
    }
}

/// What a projection says of a box.
#[derive(Debug, Clone, PartialEq)]
pub struct Fill {
    /// How full its fullest part is; empty where nothing of it fills up.
    pub figure: String,
    pub level: Level,
    /// The same as a share, 0 to 1.
    pub share: f64,
    /// How long one waits at it, and how many replicas it has by now where these are not those of the first multiple.
    pub wait: String,
}

/// That of a component at a multiple.
pub fn fill(projection: &Projection, id: &str, growth: f64) -> Fill {
    filled(component(projection, id), row(projection, growth))
}

fn filled(component: Option<&ComponentColumns>, index: usize) -> Fill {
    let share = component.and_then(|component| fullest(component, index));
    let wait = match component.and_then(|component| longest_wait(component, index)) {
        Some(wait) if wait >= LEAST_TIME => text::waits(&milliseconds(wait)),
        Some(_) => text::NO_WAIT.to_owned(),
        None if share.is_some_and(|share| share >= FULL) => text::WAITS_WITHOUT_END.to_owned(),
        None => String::new(),
    };
    let replicas = component.map(|component| (at(&component.replicas, 0), at(&component.replicas, index)));
    let now = replicas.and_then(|(first, now)| now.filter(|now| Some(*now) != first)).map(text::replicas_now);
    let parts: Vec<String> = [Some(wait), now].into_iter().flatten().filter(|part| !part.is_empty()).collect();
    Fill {
        figure: share.map_or(String::new(), percent),
        level: Level::of(share),
        share: share.unwrap_or(0.0).clamp(0.0, 1.0),
        wait: parts.join(" · "),
    }
}

/// That of every box at a multiple.
pub fn fills(projection: &Projection, drawing: &Drawing, growth: f64) -> Vec<Fill> {
    let (known, index) = (by_id(projection), row(projection, growth));
    drawing.boxes.iter().map(|(view, _)| filled(known.get(view.id.as_str()).copied(), index)).collect()
}

fn by_id(projection: &Projection) -> BTreeMap<&str, &ComponentColumns> {
    let mut known = BTreeMap::new();
    for component in &projection.components {
        known.entry(component.id.as_str()).or_insert(component);
    }
    known
}

/// What a screen reader says of a box: its texts in their order.
pub fn spoken(view: &ComponentView, fill: Option<&Fill>) -> String {
    let (wait, figure) = fill.map_or(("", ""), |fill| (fill.wait.as_str(), fill.figure.as_str()));
    let parts = [view.label.as_str(), view.detail.as_str(), wait, figure];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What a screen reader says of a line: its ends, and what stands beside it.
pub fn spoken_line(drawing: &Drawing, line: &Line) -> String {
    let end = |index: usize| drawing.boxes.get(index).map_or("", |(view, _)| view.label.as_str());
    crate::text::spoken_call(end(line.ends.0), end(line.ends.1), &line.edge.label)
}

/// How wide each line is at a multiple: by the calls on it, the busiest line 6 pixels.
pub fn widths(projection: &Projection, lines: &[Line], growth: f64) -> Vec<f64> {
    let (known, index) = (by_id(projection), row(projection, growth));
    let visits = |id: &str| known.get(id).and_then(|component| at(&component.visits_rps, index)).unwrap_or(0.0);
    // What a callee serves comes from its callers in proportion to what they could send.
    let weight = |edge: &EdgeView| visits(&edge.from) * edge.per_request;
    let mut all: BTreeMap<&str, f64> = BTreeMap::new();
    for line in lines {
        *all.entry(&line.edge.to).or_default() += weight(&line.edge);
    }
    let rate = |line: &Line| match all.get(line.edge.to.as_str()) {
        Some(all) if *all > 0.0 => visits(&line.edge.to) * weight(&line.edge) / all,
        _ => 0.0,
    };
    let rates: Vec<f64> = lines.iter().map(rate).collect();
    let most = rates.iter().copied().fold(0.0, f64::max);
    rates.into_iter().map(|rate| if most > 0.0 { 1.25 + 4.75 * (rate / most).sqrt() } else { 1.5 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_document_is_drawn_with_its_load() {
        let root = json!({"components": [
            {"id": "app", "kind": "service", "calls": [{"to": "db"}, {"to": "gone"}, {"to": "queue", "mode": "async"}]},
            {"id": "db", "kind": "database", "zone": "a <b>"}, {"id": "queue", "kind": "queue", "zone": "a <b>"}]});
        let drawing = drawing(&root, 3);
        assert_eq!(drawing.zones, [("a <b>".to_owned(), vec![1, 2])]);
        assert!(zones(&drawing).contains("a &lt;b&gt;"));
        assert_eq!(drawing.lines[0].ends, (0, 1));
        assert_eq!((drawing.boxes.len(), drawing.lines.len()), (3, 2));
        let said: Vec<String> = drawing.lines.iter().map(|line| spoken_line(&drawing, line)).collect();
        assert_eq!(said, ["Call from app to db", "Call from app to queue, async"]);
        let column = |id: &str, visits: f64, share: f64| ComponentColumns {
            id: id.into(),
            visits_rps: vec![Some(visits)],
            utilization: vec![Some(share)],
            wait_ms: vec![Some(visits / 10.0)],
            ..ComponentColumns::default()
        };
        let components = vec![column("app", 30.0, 0.1), column("db", 30.0, 0.95), column("queue", 6.0, 0.2)];
        let projection = Projection { multiples: vec![1.0], components, ..Projection::default() };
        let widths = widths(&projection, &drawing.lines, 1.0);
        assert!(widths[0] > widths[1] && (widths[0] - 6.0).abs() < 1e-9, "{widths:?}");
        let full = fill(&projection, "db", 1.0);
        assert_eq!(
            (full.figure.as_str(), full.level, full.share, full.wait.as_str()),
            ("95 %", Level::Hot, 0.95, "waits 3 ms")
        );
        assert_eq!(spoken(&drawing.boxes[1].0, Some(&full)), "db database waits 3 ms 95 %");
        assert_eq!(fill(&projection, "gone", 1.0).level, Level::None);
        let one_by_one = ["app", "db", "queue"].map(|id| fill(&projection, id, 1.0));
        assert_eq!(fills(&projection, &drawing, 1.0), one_by_one);
    }

    #[test]
    fn two_lines_between_the_same_boxes_stand_apart() {
        let root = json!({"components": [{"id": "db"}, {"id": "mail"},
            {"id": "app", "calls": [{"to": "mail"}, {"to": "mail", "mode": "async"}, {"to": "db"}]}]});
        let drawing = drawing(&root, 3);
        let [sync, dashed, alone] = drawing.lines.as_slice() else { panic!("{:?}", drawing.lines) };
        assert_eq!((sync.ends, sync.edge.asynchronous, dashed.edge.asynchronous), (dashed.ends, false, true));
        let apart = (dashed.middle.0 - sync.middle.0, dashed.middle.1 - sync.middle.1);
        assert!((apart.0 - 20.0).abs() < 1e-9 && (apart.1 - 16.0).abs() < 1e-9, "{apart:?}");
        assert!(sync.path != dashed.path && alone.ends == (2, 0));
    }

    #[test]
    fn a_box_says_how_long_one_waits_and_what_it_grew_to() {
        let column = |share: f64, wait: Option<f64>, replicas: [f64; 2]| ComponentColumns {
            utilization: vec![Some(share); 2],
            wait_ms: vec![wait; 2],
            replicas: replicas.map(Some).to_vec(),
            ..ComponentColumns::default()
        };
        let rows = [
            (column(0.5, Some(12.3), [2.0, 2.0]), "waits 12 ms"),
            (column(0.5, Some(12.3), [2.0, 5.0]), "waits 12 ms · 5 now"),
            (column(0.5, Some(0.0), [2.0, 2.0]), "no wait"),
            (column(0.5, Some(2e-9), [2.0, 2.0]), "no wait"),
            (column(1.0, None, [2.0, 2.0]), "waits without end"),
            (column(0.5, None, [2.0, 3.0]), "3 now"),
        ];
        for (component, wanted) in rows {
            assert_eq!(filled(Some(&component), 1).wait, wanted);
        }
        assert_eq!(filled(None, 0).wait, "");
    }
}
