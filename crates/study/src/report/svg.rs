//! Plain line charts as SVG text: a line over growth with its band, a limit and a mark. Colours are the page's variables, with
//! a value of their own where there is no page.

use crate::text::short;
use std::fmt::Write;

/// One point of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct At {
    pub x: f64,
    pub y: f64,
    pub band: Option<[f64; 2]>,
}

/// A figure that was measured; one the model was not fitted on is drawn hollow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Dot {
    pub x: f64,
    pub y: f64,
    pub fitted: bool,
}

/// One chart.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Chart {
    pub title: String,
    pub points: Vec<At>,
    pub measured: Vec<Dot>,
    pub limit: Option<f64>,
    pub mark: Option<f64>,
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 28.0;
/// Lines across the chart.
const LINES: u32 = 4;

/// One chart as a document of its own.
pub(super) fn single(chart: &Chart) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\" font-family=\"system-ui,sans-serif\" font-size=\"12\">\n{}</svg>\n",
        super::escaped(&chart.title),
        drawn(chart)
    )
}

/// All charts below each other, with their titles.
pub(super) fn stacked(charts: &[Chart]) -> String {
    let each = HEIGHT + 24.0;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {}\" font-family=\"system-ui,sans-serif\" font-size=\"12\">\n",
        each * charts.len().max(1) as f64
    );
    for (place, chart) in charts.iter().enumerate() {
        let _ = write!(
            out,
            "<g transform=\"translate(0 {})\">\n<text x=\"{LEFT}\" y=\"14\" fill=\"currentColor\">{}</text>\n<g transform=\"translate(0 24)\">\n{}</g>\n</g>\n",
            each * place as f64,
            super::escaped(&chart.title),
            drawn(chart)
        );
    }
    out.push_str("</svg>\n");
    out
}

/// What one chart draws, the last on top.
fn drawn(chart: &Chart) -> String {
    let scale = Scale::of(chart);
    let mut out = String::new();
    rules(&mut out, chart, &scale);
    line(&mut out, chart, &scale);
    dots(&mut out, chart, &scale);
    limits(&mut out, chart, &scale);
    out
}

/// Lines across with their values, and multiples below.
fn rules(out: &mut String, chart: &Chart, scale: &Scale) {
    for line in 0..=LINES {
        let value = scale.top * f64::from(line) / f64::from(LINES);
        let y = scale.y(value);
        let _ = writeln!(
            out,
            "<line x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"var(--rule,#d9dde3)\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"var(--dim,#5b6470)\">{}</text>",
            WIDTH - RIGHT,
            LEFT - 6.0,
            y + 4.0,
            short(value)
        );
    }
    let mut last = f64::NEG_INFINITY;
    for point in &chart.points {
        let x = scale.x(point.x);
        if x - last < 36.0 {
            continue;
        }
        last = x;
        let label = crate::headline::times(point.x);
        let y = HEIGHT - 8.0;
        let _ = writeln!(
            out,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\" fill=\"var(--dim,#5b6470)\">{label}</text>"
        );
    }
}

/// The line on its band.
fn line(out: &mut String, chart: &Chart, scale: &Scale) {
    let banded: Vec<(f64, [f64; 2])> = chart.points.iter().filter_map(|p| Some((p.x, p.band?))).collect();
    if banded.len() >= 2 {
        let upper = banded.iter().map(|(x, band)| scale.at(*x, band[1]));
        let lower = banded.iter().rev().map(|(x, band)| scale.at(*x, band[0]));
        let _ = writeln!(
            out,
            "<polygon points=\"{}\" fill=\"var(--band,#2458d333)\"/>",
            upper.chain(lower).collect::<Vec<_>>().join(" ")
        );
    }
    let line: Vec<String> = chart.points.iter().map(|p| scale.at(p.x, p.y)).collect();
    let _ = writeln!(
        out,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"var(--line,#2458d3)\" stroke-width=\"2\"/>",
        line.join(" ")
    );
}

/// What was measured.
fn dots(out: &mut String, chart: &Chart, scale: &Scale) {
    for dot in &chart.measured {
        let fill = if dot.fitted { "var(--ink,#1a1d21)" } else { "var(--paper,#fff)" };
        let _ = writeln!(
            out,
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"5\" fill=\"{fill}\" stroke=\"var(--ink,#1a1d21)\" stroke-width=\"2\"/>",
            scale.x(dot.x),
            scale.y(dot.y)
        );
    }
}

/// The objective across, and the mark where the headroom ends.
fn limits(out: &mut String, chart: &Chart, scale: &Scale) {
    if let Some(limit) = chart.limit {
        let y = scale.y(limit);
        let _ = writeln!(
            out,
            "<line x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"var(--bad,#b3261e)\" stroke-dasharray=\"6 4\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"var(--bad,#b3261e)\">objective {}</text>",
            WIDTH - RIGHT,
            WIDTH - RIGHT,
            y - 4.0,
            short(limit)
        );
    }
    if let Some(mark) = chart.mark.filter(|m| *m >= scale.from && *m <= scale.to) {
        let x = scale.x(mark);
        let _ = writeln!(
            out,
            "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{:.1}\" stroke=\"var(--bad,#b3261e)\"/><text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"var(--bad,#b3261e)\">{}</text>",
            HEIGHT - BOTTOM,
            TOP - 2.0,
            crate::headline::times(mark)
        );
    }
}

/// Figures to places.
struct Scale {
    from: f64,
    to: f64,
    top: f64,
}

impl Scale {
    fn of(chart: &Chart) -> Self {
        let from = chart.points.iter().map(|p| p.x).fold(f64::INFINITY, f64::min);
        let to = chart.points.iter().map(|p| p.x).fold(f64::NEG_INFINITY, f64::max);
        let highest = chart.points.iter().map(|p| p.band.map_or(p.y, |band| band[1].max(p.y)));
        let highest = highest.chain(chart.measured.iter().map(|dot| dot.y));
        let top = highest.fold(0.0, f64::max).max(chart.limit.unwrap_or(0.0)) * 1.05;
        Self { from, to, top: if top > 0.0 { top } else { 1.0 } }
    }

    fn x(&self, value: f64) -> f64 {
        let span = if self.to > self.from { self.to - self.from } else { 1.0 };
        LEFT + (value - self.from) / span * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, value: f64) -> f64 {
        HEIGHT - BOTTOM - value / self.top * (HEIGHT - TOP - BOTTOM)
    }

    fn at(&self, x: f64, y: f64) -> String {
        format!("{:.1},{:.1}", self.x(x), self.y(y))
    }
}
