//! What a chart shows, before anything is drawn.

use super::scale::Scale;
use crate::view_model::format;

/// A colour by its role; the stylesheet says which it is in light and dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The line that matters.
    Accent,
    /// Its band.
    AccentSoft,
    /// A line beside it.
    Quiet,
    /// What a line cannot pass.
    Bound,
    /// Grid.
    Grid,
    /// A series by its position, from 0.
    Series(u8),
}

impl Role {
    /// The custom property behind the role.
    pub fn property(self) -> String {
        match self {
            Self::Accent => "--accent".into(),
            Self::AccentSoft => "--accent-soft".into(),
            Self::Quiet => "--faint".into(),
            Self::Bound => "--dim".into(),
            Self::Grid => "--line".into(),
            Self::Series(index) => format!("--series-{}", index % 8 + 1),
        }
    }
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    Solid,
    Dotted,
    Dashed,
}

impl Stroke {
    /// Its dashes as attributes, for a line so many pixels wide; none for a solid one.
    pub fn attributes(self, width: f64) -> String {
        match self {
            Self::Solid => String::new(),
            Self::Dotted => format!(" stroke-linecap=\"round\" stroke-dasharray=\"0 {:.1}\"", width * 3.3),
            Self::Dashed => format!(" stroke-dasharray=\"{:.1} {:.1}\"", width * 5.0, width * 3.3),
        }
    }
}

/// A colour with its name, where the readings do not say.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    pub role: Role,
    pub name: String,
    /// How it is drawn; none for an area.
    pub line: Option<Stroke>,
}

impl Key {
    /// A filled area.
    pub fn area(role: Role, name: impl Into<String>) -> Self {
        Self { role, name: name.into(), line: None }
    }

    /// A line.
    pub fn line(role: Role, stroke: Stroke, name: impl Into<String>) -> Self {
        Self { role, name: name.into(), line: Some(stroke) }
    }
}

/// One drawn layer, lowest first.
#[derive(Debug, Clone, PartialEq)]
pub enum Layer {
    /// A line; a gap where a figure is missing.
    Line { points: Vec<(f64, Option<f64>)>, role: Role, width: f64, stroke: Stroke },
    /// A filled band between two lines: x, low, high.
    Band { points: Vec<(f64, f64, f64)>, role: Role, opacity: f64 },
}

/// A shaded stretch of the x axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    pub from: f64,
    pub to: f64,
    pub label: String,
    pub class: &'static str,
}

/// A horizontal rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub y: f64,
    pub label: String,
}

/// A measured point.
#[derive(Debug, Clone, PartialEq)]
pub struct Dot {
    pub x: f64,
    pub y: f64,
    pub title: String,
}

/// A series as it is read off: by hover, by cursor and in the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    pub label: String,
    /// One text per x of [`Spec::xs`].
    pub texts: Vec<String>,
    /// One figure per x.
    pub values: Vec<Option<f64>>,
}

/// What the x axis counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Along {
    /// Growth multiples.
    Growth,
    /// Seconds.
    Time,
}

impl Along {
    /// A position in words; `step` is the distance to the next one that must be told apart from it.
    fn words(self, x: f64, step: f64) -> String {
        let whole = |decimals: i32| {
            (step * 10f64.powi(decimals)).fract().min(1.0 - (step * 10f64.powi(decimals)).fract()) < 1e-6
        };
        let decimals = (0..4).find(|decimals| whole(*decimals)).unwrap_or(4) as usize;
        match self {
            Self::Growth => format!("×{}", format::trim(x, decimals)),
            Self::Time => format!("{} s", format::trim(x, decimals)),
        }
    }
}

/// What the y axis counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measure {
    Milliseconds,
    /// In this currency.
    Money(String),
    /// Per second.
    Rate,
    /// Parts of one, in per cent.
    Share,
    Number,
}

impl Measure {
    /// A figure with its unit.
    pub fn words(&self, value: f64) -> String {
        match self {
            Self::Milliseconds => format::milliseconds(value),
            Self::Money(currency) => format::money(value, currency),
            Self::Rate => format::rate(value),
            Self::Share => format::percent(value),
            Self::Number => format::amount(value),
        }
    }

    /// The same at the axis, where nothing needs no unit.
    fn tick(&self, value: f64) -> String {
        if value == 0.0 && matches!(self, Self::Milliseconds | Self::Rate) { "0".into() } else { self.words(value) }
    }
}

/// A chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    pub x: Scale,
    pub y: Scale,
    pub measure: Measure,
    pub x_ticks: Vec<(f64, String)>,
    pub y_ticks: Vec<(f64, String)>,
    pub layers: Vec<Layer>,
    pub regions: Vec<Region>,
    pub rules: Vec<Rule>,
    pub dots: Vec<Dot>,
    /// Where the objective breaks.
    pub breaks: Option<(f64, f64, String)>,
    /// Positions of the readings, ascending.
    pub xs: Vec<f64>,
    pub along: Along,
    pub x_name: String,
    pub readings: Vec<Reading>,
    /// Which reading the cursor's dot sits on.
    pub followed: Option<usize>,
    pub legend: Vec<Key>,
}

impl Spec {
    /// A chart with scales and nothing in it yet.
    pub fn empty(x: Scale, y: Scale) -> Self {
        Self {
            x,
            y,
            measure: Measure::Number,
            x_ticks: Vec::new(),
            y_ticks: Vec::new(),
            layers: Vec::new(),
            regions: Vec::new(),
            rules: Vec::new(),
            dots: Vec::new(),
            breaks: None,
            xs: Vec::new(),
            along: Along::Growth,
            x_name: String::new(),
            readings: Vec::new(),
            followed: None,
            legend: Vec::new(),
        }
    }

    /// With its axes' ticks, about as many as wanted.
    pub fn ticked(mut self, (along, up): (usize, usize)) -> Self {
        let ticks = self.x.ticks(along);
        let step = ticks.windows(2).map(|pair| pair[1] - pair[0]).fold(1.0, f64::min);
        self.x_ticks = ticks.into_iter().map(|tick| (tick, self.along.words(tick, step))).collect();
        self.y_ticks = self.y.ticks(up).into_iter().map(|tick| (tick, self.measure.tick(tick))).collect();
        self
    }

    /// A position along x in words.
    pub fn position(&self, x: f64) -> String {
        self.along.words(x, 0.1)
    }

    /// The position in [`Spec::xs`] next to `x`.
    pub fn nearest(&self, x: f64) -> Option<usize> {
        nearest(&self.xs, x)
    }
}

/// The index of the entry of an ascending list next to `x`.
pub fn nearest(list: &[f64], x: f64) -> Option<usize> {
    let after = list.partition_point(|entry| *entry < x);
    match (after.checked_sub(1), list.get(after)) {
        (Some(before), Some(next)) => Some(if x - list[before] <= next - x { before } else { after }),
        (Some(before), None) => Some(before),
        (None, Some(_)) => Some(after),
        (None, None) => None,
    }
}

/// Where a chart's parts stand, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    pub width: f64,
    pub height: f64,
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

impl Frame {
    /// A frame with room for axis texts.
    pub fn new(width: f64, height: f64) -> Self {
        let width = width.max(120.0);
        Self { width, height, left: 52.0, right: width - 12.0, top: 12.0, bottom: height - 26.0 }
    }

    /// Pixel of a figure along x.
    pub fn x(&self, scale: &Scale, value: f64) -> f64 {
        self.left + scale.share(value) * (self.right - self.left)
    }

    /// Pixel of a figure along y.
    pub fn y(&self, scale: &Scale, value: f64) -> f64 {
        self.bottom - scale.share(value) * (self.bottom - self.top)
    }

    /// Figure of a pixel along x.
    pub fn x_at(&self, scale: &Scale, pixel: f64) -> f64 {
        scale.at(((pixel - self.left) / (self.right - self.left)).clamp(0.0, 1.0))
    }
}

/// A line cut where it leaves the range, with the crossing put in, so that a steep end is drawn to the edge.
pub fn clip_line(points: &[(f64, Option<f64>)], scale: &Scale) -> Vec<Vec<(f64, f64)>> {
    let mut pieces = vec![Vec::new()];
    let mut before: Option<(f64, f64)> = None;
    for &(x, y) in points {
        let Some(y) = y.filter(|y| y.is_finite()) else {
            pieces.push(Vec::new());
            before = None;
            continue;
        };
        let inside = y <= scale.high;
        if let Some((x0, y0)) = before
            && (y0 <= scale.high) != inside
        {
            let share = (scale.high - y0) / (y - y0);
            if inside {
                pieces.push(Vec::new());
            }
            add(&mut pieces, (x0 + share * (x - x0), scale.high));
        }
        if inside {
            add(&mut pieces, (x, y.max(scale.low)));
        }
        before = Some((x, y));
    }
    pieces.retain(|piece| piece.len() > 1);
    pieces
}

fn add(pieces: &mut [Vec<(f64, f64)>], point: (f64, f64)) {
    if let Some(piece) = pieces.last_mut() {
        piece.push(point);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_entry() {
        let list = [1.0, 1.1, 1.2];
        for (x, wanted) in [(0.0, 0), (1.04, 0), (1.06, 1), (9.0, 2)] {
            assert_eq!(nearest(&list, x), Some(wanted));
        }
        assert_eq!(nearest(&[], 1.0), None);
    }

    #[test]
    fn a_line_leaves_at_the_edge() {
        let scale = Scale::linear(0.0, 10.0);
        let line =
            [(0.0, Some(0.0)), (1.0, Some(5.0)), (2.0, Some(15.0)), (3.0, None), (4.0, Some(1.0)), (5.0, Some(2.0))];
        let pieces = clip_line(&line, &scale);
        assert_eq!(pieces, vec![vec![(0.0, 0.0), (1.0, 5.0), (1.5, 10.0)], vec![(4.0, 1.0), (5.0, 2.0)]]);
    }

    #[test]
    fn ticks_say_as_much_as_tells_them_apart() {
        let rows = [
            (Along::Growth, Scale::linear(1.0, 10.0), "×1", "×10"),
            (Along::Growth, Scale::linear(2.0, 2.4), "×2", "×2.4"),
            (Along::Growth, Scale::linear(2.0, 2.36), "×2", "×2.35"),
            (Along::Time, Scale::linear(0.0, 300.0), "0 s", "300 s"),
        ];
        for (along, x, first, last) in rows {
            let y = Scale::linear(0.0, 200.0);
            let spec = Spec { along, measure: Measure::Milliseconds, ..Spec::empty(x, y) }.ticked((9, 4));
            let ends = [spec.x_ticks.first(), spec.x_ticks.last()].map(|tick| tick.map(|tick| tick.1.as_str()));
            assert_eq!(ends, [Some(first), Some(last)], "{:?}", spec.x_ticks);
            assert_eq!((spec.y_ticks[0].1.as_str(), spec.y_ticks[1].1.as_str()), ("0", "50 ms"));
        }
    }

    #[test]
    fn pixels_there_and_back() {
        let frame = Frame::new(760.0, 300.0);
        let scale = Scale::linear(1.0, 10.0);
        assert!((frame.x_at(&scale, frame.x(&scale, 4.3)) - 4.3).abs() < 1e-9);
        assert!(frame.y(&scale, 10.0) < frame.y(&scale, 1.0));
    }
}
