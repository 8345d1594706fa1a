//! What stands still in a chart as SVG text, and a whole chart as a picture of its own.

use super::spec::{Frame, Key, Spec};
use crate::view_model::html::escape;
use std::fmt::Write;

/// Custom properties that a picture of its own needs values for.
pub const PROPERTIES: [&str; 18] = [
    "--panel",
    "--text",
    "--dim",
    "--faint",
    "--line",
    "--hot",
    "--accent",
    "--accent-soft",
    "--measured",
    "--overloaded",
    "--series-1",
    "--series-2",
    "--series-3",
    "--series-4",
    "--series-5",
    "--series-6",
    "--series-7",
    "--series-8",
];

/// Width of a sign of small text, about.
const SIGN: f64 = 6.6;
/// Height of a row of the legend.
const ROW: f64 = 18.0;

/// Classes of the nodes below, for where the page's stylesheet is not.
const STYLE: &str = "text{font:11px system-ui,sans-serif}.axis,.note{fill:var(--faint)}.region-measured{fill:var(--measured)}\
.region-open{fill:none}\
.region-overloaded{fill:var(--overloaded)}.rule-objective{stroke:var(--hot);stroke-dasharray:5 4}.rule-text{fill:var(--hot)}\
.dot{fill:var(--panel);stroke:var(--text);stroke-width:1.75}.break{fill:none;stroke:var(--hot);stroke-width:2}\
.break-text{fill:var(--hot);font-weight:600;font-size:12px}.title{fill:var(--text);font-size:13px;font-weight:600}.legend-text{fill:var(--dim)}";

/// Width of a mark in the legend: a line needs some length to be told apart.
pub fn mark_width(key: &Key) -> f64 {
    if key.line.is_some() { 22.0 } else { 10.0 }
}

/// The mark before a name in the legend, from `(x, y)` on, 10 pixels high.
pub fn mark(key: &Key, (x, y): (f64, f64)) -> String {
    let ink = key.role.property();
    match key.line {
        None => format!("<rect x=\"{x:.0}\" y=\"{y:.0}\" width=\"10\" height=\"10\" rx=\"2\" fill=\"var({ink})\"/>"),
        Some(stroke) => format!(
            "<line x1=\"{x:.0}\" x2=\"{:.0}\" y1=\"{1:.0}\" y2=\"{1:.0}\" stroke=\"var({ink})\" stroke-width=\"2\"{2}/>",
            x + mark_width(key),
            y + 5.0,
            stroke.attributes(1.6)
        ),
    }
}

fn text(out: &mut String, class: &str, (x, y): (f64, f64), anchor: &str, words: &str) {
    let _ = write!(
        out,
        "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
        escape(words)
    );
}

fn line(out: &mut String, class: &str, y: f64, frame: &Frame) {
    let _ = write!(
        out,
        "<line class=\"{class}\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>",
        frame.left, frame.right
    );
}

/// Axes, regions, rules, measured points and the break.
pub fn still(spec: &Spec, frame: &Frame) -> String {
    let mut out = String::new();
    for region in &spec.regions {
        let (from, to) = (frame.x(&spec.x, region.from), frame.x(&spec.x, region.to));
        let _ = write!(
            out,
            "<rect class=\"{}\" x=\"{from:.1}\" width=\"{:.1}\" y=\"{:.1}\" height=\"{:.1}\"/>",
            region.class,
            (to - from).max(0.0),
            frame.top,
            frame.bottom - frame.top
        );
        if to - from > 70.0 {
            text(&mut out, "note", (from + 6.0, frame.top + 15.0), "start", &region.label);
        }
    }
    let half = |label: &str| 0.5 * SIGN * label.chars().count() as f64;
    let widest = spec.x_ticks.iter().map(|(_, label)| 2.0 * half(label) + 10.0).fold(34.0, f64::max);
    let every = (spec.x_ticks.len() as f64 * widest / (frame.right - frame.left)).ceil().max(1.0) as usize;
    let mut free = f64::NEG_INFINITY;
    for (tick, label) in spec.x_ticks.iter().step_by(every) {
        // The last one would be cut by the picture's edge; a long one is left out before it lies on its neighbour.
        let x = frame.x(&spec.x, *tick).min(frame.width - half(label));
        if x - half(label) >= free {
            text(&mut out, "axis", (x, frame.bottom + 18.0), "middle", label);
            free = x + half(label) + 4.0;
        }
    }
    for (tick, label) in &spec.y_ticks {
        text(&mut out, "axis", (frame.left - 8.0, frame.y(&spec.y, *tick) + 4.0), "end", label);
    }
    for rule in spec.rules.iter().filter(|rule| rule.y <= spec.y.high) {
        let y = frame.y(&spec.y, rule.y);
        line(&mut out, "rule-objective", y, frame);
        // Under its line where the break is marked above it.
        let end = frame.left + 6.0 + SIGN * rule.label.chars().count() as f64;
        let marked = spec.breaks.as_ref().filter(|broken| broken.1 == rule.y).is_some_and(|(x, _, label)| {
            let x = frame.x(&spec.x, *x);
            let from = if x > frame.left + 110.0 { x - 10.0 - SIGN * label.chars().count() as f64 } else { x + 10.0 };
            from < end
        });
        let place = if marked { y + 14.0 } else { y - 6.0 };
        text(&mut out, "rule-text", (frame.left + 6.0, place), "start", &rule.label);
    }
    for dot in spec.dots.iter().filter(|dot| dot.x >= spec.x.low && dot.x <= spec.x.high && dot.y <= spec.y.high) {
        let (x, y) = (frame.x(&spec.x, dot.x), frame.y(&spec.y, dot.y));
        let _ = write!(
            out,
            "<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"><title>{}</title></circle>",
            escape(&dot.title)
        );
    }
    if let Some((x, y, label)) = spec.breaks.as_ref().filter(|broken| broken.1 <= spec.y.high) {
        let (x, y) = (frame.x(&spec.x, *x), frame.y(&spec.y, *y));
        let (anchor, offset) = if x > frame.left + 110.0 { ("end", -10.0) } else { ("start", 10.0) };
        let _ = write!(out, "<circle class=\"break\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"6\"/>");
        text(&mut out, "break-text", (x + offset, y - 14.0), anchor, label);
    }
    out
}

/// A whole chart with its heading and legend, colours still as custom properties. `shapes` are [`super::svg::draw`]'s.
pub fn whole(spec: &Spec, title: &str, (width, height): (f64, f64), shapes: &str, oversampling: u32) -> String {
    let frame = Frame::new(width, height);
    let (names, rows) = legend(spec, &frame);
    let (above, below) = (if title.is_empty() { 0.0 } else { 26.0 }, rows as f64 * ROW);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {0}\" width=\"{width}\" height=\"{0}\" role=\"img\">",
        height + above + below
    );
    let _ = write!(out, "<title>{}</title>", escape(title));
    text(&mut out, "title", (12.0, 17.0), "start", title);
    let scale = 1.0 / f64::from(oversampling);
    let _ = write!(
        out,
        "<g transform=\"translate(0 {above})\"><g transform=\"scale({scale})\">{shapes}</g>{}</g>",
        still(spec, &frame)
    );
    let _ = write!(out, "<g transform=\"translate(0 {:.0})\">{names}</g>", height + above);
    out + "</svg>"
}

/// Colours and names in as many rows as they need.
fn legend(spec: &Spec, frame: &Frame) -> (String, usize) {
    let (mut out, mut x, mut row) = (String::new(), frame.left, 0);
    for key in &spec.legend {
        let start = mark_width(key) + 5.0;
        let width = start + 11.0 + SIGN * key.name.chars().count() as f64;
        if x + width > frame.width && x > frame.left {
            (x, row) = (frame.left, row + 1);
        }
        let y = row as f64 * ROW + 13.0;
        out += &mark(key, (x, y - 9.0));
        text(&mut out, "legend-text", (x + start, y), "start", &key.name);
        x += width;
    }
    (out, if spec.legend.is_empty() { 0 } else { row + 1 })
}

/// A picture that needs no stylesheet: the style inside, every custom property replaced by `colour`'s value.
pub fn alone(picture: &str, colour: &dyn Fn(&str) -> String) -> String {
    let start = picture.find('>').map_or(0, |end| end + 1);
    let ground = "<rect width=\"100%\" height=\"100%\" fill=\"var(--panel)\"/>";
    let mut out = format!("{}<style>{STYLE}</style>{ground}{}", &picture[..start], &picture[start..]);
    for name in PROPERTIES {
        out = out.replace(&format!("var({name})"), &colour(name));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::scale::Scale;
    use crate::chart::spec::{Dot, Role, Rule, Stroke};

    fn spec() -> Spec {
        Spec {
            x_ticks: vec![(1.0, "×1".into()), (10.0, "×10".into())],
            y_ticks: vec![(0.0, "0".into())],
            rules: vec![Rule { y: 50.0, label: "objective <50".into() }],
            dots: vec![Dot { x: 2.0, y: 10.0, title: "a & b".into() }],
            breaks: Some((9.0, 50.0, "breaks at ×9".into())),
            legend: vec![Key::area(Role::Series(0), "app"), Key::line(Role::Bound, Stroke::Dashed, "bound")],
            ..Spec::empty(Scale::linear(1.0, 10.0), Scale::linear(0.0, 100.0))
        }
    }

    #[test]
    fn all_that_stands_still_is_there_and_escaped() {
        let out = still(&spec(), &Frame::new(600.0, 300.0));
        for wanted in ["×10", "objective &lt;50", "a &amp; b", "breaks at ×9", "class=\"dot\""] {
            assert!(out.contains(wanted), "{wanted} in {out}");
        }
    }

    #[test]
    fn no_figure_of_an_axis_is_cut_or_lies_on_another() {
        let ticks =
            |step: usize, unit: &str| (0..=3600).step_by(step).map(|at| (at as f64, format!("{at}{unit}"))).collect();
        for (x_ticks, shown) in [(ticks(600, " s"), 7), (ticks(300, " seconds"), 6), (ticks(100, ""), 13)] {
            let spec = Spec {
                x_ticks,
                y_ticks: Vec::new(),
                ..Spec::empty(Scale::linear(0.0, 3600.0), Scale::linear(0.0, 1.0))
            };
            let out = still(&spec, &Frame::new(660.0, 300.0));
            let places = out.split("<text class=\"axis\" x=\"").skip(1).map(|rest| {
                let x: f64 = rest.split('"').next().and_then(|x| x.parse().ok()).expect("a place");
                let label = rest.split(['>', '<']).nth(1).expect("a label");
                let half = 3.3 * label.chars().count() as f64;
                (x - half, x + half)
            });
            let places: Vec<(f64, f64)> = places.collect();
            assert!(places.last().is_some_and(|(_, end)| *end <= 660.05), "{places:?}");
            assert!(places.windows(2).all(|pair| pair[0].1 < pair[1].0), "{places:?}");
            assert_eq!(places.len(), shown, "{out}");
        }
    }

    #[test]
    fn a_rule_and_its_break_do_not_cover_each_other() {
        let frame = Frame::new(600.0, 300.0);
        let line = frame.y(&spec().y, 50.0);
        for (at, place) in [(9.0, line - 6.0), (3.0, line + 14.0), (1.2, line + 14.0)] {
            let spec = Spec { breaks: Some((at, 50.0, "breaks at ×3".into())), ..spec() };
            let wanted = format!("<text class=\"rule-text\" x=\"58.0\" y=\"{place:.1}\"");
            let out = still(&spec, &frame);
            assert!(out.contains(&wanted), "×{at}: {wanted} in {out}");
        }
    }

    #[test]
    fn a_picture_needs_no_stylesheet() {
        let picture = whole(&spec(), "Latency", (600.0, 300.0), "<path stroke=\"var(--accent)\"/>", 4);
        let out = alone(&picture, &|_| "#123456".into());
        assert!(out.starts_with("<svg xmlns") && out.ends_with("</svg>") && !out.contains("var("), "{out}");
        assert!(
            out.contains("Latency") && out.contains("app") && out.contains("stroke-dasharray=\"8.0 5.3\""),
            "{out}"
        );
    }
}
