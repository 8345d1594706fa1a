//! A stretch of a chart's x axis instead of all of it.

use super::scale::{Scale, roomy};
use super::spec::{Layer, Reading, Region, Spec};

/// From where to where along x.
pub type Stretch = (f64, f64);

/// Smallest share of the axis that is looked at.
const SMALLEST: f64 = 0.04;
/// How much nearer one key or button goes.
pub const STEP: f64 = 1.6;

/// The smallest stretch: a share of the axis, and two readings at least.
fn smallest(all: &Spec) -> f64 {
    let whole = all.x.high - all.x.low;
    whole * SMALLEST.max(2.0 / all.xs.len().saturating_sub(1).max(2) as f64)
}

/// A stretch of the axis, put in order, kept inside and not too small; none where it is all of it.
pub fn stretch(all: &Spec, a: f64, b: f64) -> Option<Stretch> {
    let (low, high) = (all.x.low, all.x.high);
    let length = (b - a).abs().max(smallest(all));
    if !(a.is_finite() && b.is_finite()) || length >= (high - low) * (1.0 - 1e-6) {
        return None;
    }
    let from = (f64::midpoint(a, b) - length / 2.0).clamp(low, high - length);
    Some((from, from + length))
}

/// Nearer (or farther, below 1) by a factor, with `around` staying where it is.
pub fn nearer(all: &Spec, now: Option<Stretch>, factor: f64, around: Option<f64>) -> Option<Stretch> {
    let (from, to) = now.unwrap_or((all.x.low, all.x.high));
    let fixed = around.filter(|x| (from..=to).contains(x)).unwrap_or(f64::midpoint(from, to));
    stretch(all, fixed - (fixed - from) / factor, fixed + (to - fixed) / factor)
}

/// The same stretch, pushed along until a place is in it.
pub fn pushed(all: &Spec, now: Stretch, place: f64) -> Option<Stretch> {
    let by = (place - now.1).max(0.0) + (place - now.0).min(0.0);
    stretch(all, now.0 + by, now.1 + by)
}

/// A chart of a stretch: everything cut at its ends, and as high as what is left of it needs.
pub fn within(all: &Spec, (from, to): Stretch) -> Spec {
    let inside = |x: f64| x >= from - 1e-9 && x <= to + 1e-9;
    let kept: Vec<usize> = (0..all.xs.len()).filter(|index| inside(all.xs[*index])).collect();
    let layers: Vec<Layer> = all.layers.iter().map(|layer| cut(layer, (from, to))).collect();
    let reading = |reading: &Reading| Reading {
        label: reading.label.clone(),
        texts: kept.iter().filter_map(|index| reading.texts.get(*index).cloned()).collect(),
        values: kept.iter().filter_map(|index| reading.values.get(*index).copied()).collect(),
    };
    let region = |region: &Region| Region { from: region.from.max(from), to: region.to.min(to), ..region.clone() };
    let dots: Vec<_> = all.dots.iter().filter(|dot| inside(dot.x)).cloned().collect();
    let ticks = (all.x_ticks.len().max(4), all.y_ticks.len().saturating_sub(1).max(3));
    let spec = Spec {
        x: Scale { low: from, high: to, ..all.x },
        y: lower(&all.y, highest(&layers, &all.y).max(dots.iter().map(|dot| dot.y).fold(0.0, f64::max)), ticks.1),
        layers,
        regions: all.regions.iter().map(region).filter(|region| region.to > region.from).collect(),
        dots,
        breaks: all.breaks.clone().filter(|(x, ..)| inside(*x)),
        xs: kept.iter().map(|index| all.xs[*index]).collect(),
        readings: all.readings.iter().map(reading).collect(),
        ..all.clone()
    };
    spec.ticked(ticks)
}

/// An axis from zero that ends above what there is, never above where it ended before.
fn lower(y: &Scale, highest: f64, ticks: usize) -> Scale {
    if y.log || y.low != 0.0 || highest <= 0.0 {
        return *y;
    }
    Scale::linear(0.0, roomy(highest, ticks).min(y.high))
}

/// The highest figure drawn, up to the axis' end.
fn highest(layers: &[Layer], y: &Scale) -> f64 {
    let top = |layer: &Layer| match layer {
        Layer::Line { points, .. } => points.iter().filter_map(|(_, value)| *value).fold(0.0, f64::max),
        Layer::Band { points, .. } => points.iter().map(|(_, _, high)| *high).fold(0.0, f64::max),
    };
    layers.iter().map(top).filter(|top| top.is_finite()).fold(0.0, f64::max).min(y.high)
}

fn cut(layer: &Layer, stretch: Stretch) -> Layer {
    match layer.clone() {
        Layer::Line { points, role, width, stroke } => {
            let between = |a: Option<f64>, b: Option<f64>, share: f64| Some(mixed(a?, b?, share));
            Layer::Line { points: cut_points(&points, stretch, between), role, width, stroke }
        }
        Layer::Band { points, role, opacity } => {
            let pairs: Vec<(f64, (f64, f64))> = points.into_iter().map(|(x, low, high)| (x, (low, high))).collect();
            let between = |a: (f64, f64), b: (f64, f64), share| (mixed(a.0, b.0, share), mixed(a.1, b.1, share));
            let points = cut_points(&pairs, stretch, between);
            Layer::Band { points: points.into_iter().map(|(x, (low, high))| (x, low, high)).collect(), role, opacity }
        }
    }
}

fn mixed(a: f64, b: f64, share: f64) -> f64 {
    a + (b - a) * share
}

/// The points inside, with one put in at each end that lies between two.
fn cut_points<T: Copy>(points: &[(f64, T)], (from, to): Stretch, between: impl Fn(T, T, f64) -> T) -> Vec<(f64, T)> {
    let mut out: Vec<(f64, T)> = Vec::new();
    for (index, &(x, value)) in points.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| points[before]);
        for edge in [from, to] {
            if let Some((x0, value0)) = before.filter(|before| before.0 < edge && edge < x) {
                out.push((edge, between(value0, value, (edge - x0) / (x - x0))));
            }
        }
        if (from..=to).contains(&x) {
            out.push((x, value));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::spec::{Dot, Measure, Role, Stroke};

    /// 1 to 10 in tenths; the line is 10 times x and ends at 8.
    fn spec() -> Spec {
        let xs: Vec<f64> = (10..=100).map(|tenth| f64::from(tenth) / 10.0).collect();
        let values: Vec<Option<f64>> = xs.iter().map(|x| (*x <= 8.0).then_some(x * 10.0)).collect();
        let line = Layer::Line {
            points: xs.iter().copied().zip(values.clone()).collect(),
            role: Role::Accent,
            width: 2.0,
            stroke: Stroke::Solid,
        };
        let band =
            Layer::Band { points: vec![(1.0, 5.0, 15.0), (10.0, 95.0, 105.0)], role: Role::AccentSoft, opacity: 1.0 };
        let texts = values.iter().map(|value| format!("{value:?}")).collect();
        Spec {
            measure: Measure::Milliseconds,
            layers: vec![band, line],
            regions: vec![Region { from: 8.0, to: 10.0, label: String::new(), class: "" }],
            dots: vec![Dot { x: 2.0, y: 20.0, title: String::new() }],
            breaks: Some((7.0, 70.0, String::new())),
            readings: vec![Reading { label: "p95".into(), texts, values }],
            xs,
            ..Spec::empty(Scale::linear(1.0, 10.0), Scale::linear(0.0, 120.0))
        }
        .ticked((9, 4))
    }

    #[test]
    fn a_stretch_is_inside_in_order_and_not_too_small() {
        let rows = [
            ((2.0, 4.0), Some((2.0, 4.0))),
            ((4.0, 2.0), Some((2.0, 4.0))),
            ((0.0, 3.0), Some((1.0, 4.0))),
            ((5.0, 5.0), Some((4.82, 5.18))),
            ((0.5, 11.0), None),
            ((f64::NAN, 2.0), None),
        ];
        for ((a, b), wanted) in rows {
            let found = stretch(&spec(), a, b);
            let close = |(a, b): Stretch, (c, d): Stretch| (a - c).abs() < 1e-9 && (b - d).abs() < 1e-9;
            let same = found.zip(wanted).is_none_or(|(found, wanted)| close(found, wanted));
            assert!(same && found.is_some() == wanted.is_some(), "{a} {b}: {found:?}");
        }
    }

    #[test]
    fn nearer_and_back_keeps_what_it_is_about() {
        let all = spec();
        let (from, to) = nearer(&all, None, 2.0, Some(2.0)).unwrap();
        assert!((from - 1.5).abs() < 1e-9 && (to - 6.0).abs() < 1e-9, "{from} {to}");
        assert_eq!(nearer(&all, Some((from, to)), 0.5, Some(2.0)), None);
        let (from, to) = nearer(&all, None, 3.0, Some(40.0)).unwrap();
        assert!((from - 4.0).abs() < 1e-9 && (to - 7.0).abs() < 1e-9, "the middle when it is about nothing in sight");
        for (place, wanted) in [(5.0, (4.0, 7.0)), (8.0, (5.0, 8.0)), (1.0, (1.0, 4.0)), (99.0, (7.0, 10.0))] {
            let (from, to) = pushed(&all, (4.0, 7.0), place).unwrap();
            assert!((from - wanted.0).abs() < 1e-9 && (to - wanted.1).abs() < 1e-9, "{place}: {from} {to}");
        }
    }

    #[test]
    fn everything_is_cut_and_the_height_follows() {
        let near = within(&spec(), (1.95, 3.0));
        assert_eq!((near.x.low, near.x.high, near.y.high), (1.95, 3.0, 40.0));
        assert_eq!((near.xs.len(), near.readings[0].values.len(), near.readings[0].texts.len()), (11, 11, 11));
        let Layer::Line { points, .. } = &near.layers[1] else { panic!("a line") };
        assert!(points.first().is_some_and(|(x, y)| *x == 1.95 && (y.unwrap() - 19.5).abs() < 1e-9), "{points:?}");
        let Layer::Band { points, .. } = &near.layers[0] else { panic!("a band") };
        let ends: Vec<f64> = points.iter().map(|point| point.0).collect();
        assert_eq!(ends, [1.95, 3.0]);
        assert!((points[1].1 - 25.0).abs() < 1e-9 && (points[1].2 - 35.0).abs() < 1e-9, "{points:?}");
        assert_eq!((near.dots.len(), near.regions.len(), near.breaks.is_some()), (1, 0, false));
        assert!(near.x_ticks.iter().all(|(x, _)| (1.95..=3.0).contains(x)) && near.x_ticks.len() > 3);

        let end = within(&spec(), (6.0, 9.0));
        assert_eq!((end.dots.len(), end.regions[0].from, end.regions[0].to), (0, 8.0, 9.0));
        assert!(end.breaks.is_some() && end.y.high <= 120.0);
    }
}
