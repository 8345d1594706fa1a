//! The shapes of a chart, drawn by plotters. The only place that knows it.
//!
//! Texts and everything that moves are nodes of the page over the same scale: plotters measures text in the document, with a
//! style attribute that the content policy refuses. It also works in whole pixels, so shapes are drawn four times as large and
//! scaled down. Colours are written as role numbers and turned into custom properties, so that light and dark need no redraw.

use super::scale::Scale;
use super::spec::{Frame, Layer, Role, Spec, clip_line};
use plotters::prelude::*;

/// How much larger shapes are drawn than shown.
pub const OVERSAMPLING: u32 = 4;

type Error = Box<dyn std::error::Error>;

/// The layers of a chart as SVG, in a coordinate system [`OVERSAMPLING`] times the frame's.
pub fn draw(spec: &Spec, frame: &Frame) -> String {
    let mut text = String::new();
    let mut pens = vec![Pen::plain(Role::Grid)];
    // A layer that cannot be drawn leaves the chart without it; texts, points and table still stand.
    let _ = draw_layers(spec, frame, &mut text, &mut pens);
    with_properties(&text, &pens)
}

fn draw_layers(spec: &Spec, frame: &Frame, text: &mut String, pens: &mut Vec<Pen>) -> Result<(), Error> {
    let scale = |pixels: f64| (pixels * f64::from(OVERSAMPLING)).round().max(1.0) as u32;
    let root = SVGBackend::with_string(text, (scale(frame.width), scale(frame.height))).into_drawing_area();
    let area = root.margin(
        scale(frame.top),
        scale(frame.height - frame.bottom),
        scale(frame.left),
        scale(frame.width - frame.right),
    );
    let mut chart = ChartBuilder::on(&area).build_cartesian_2d(0.0..1.0, 0.0..1.0)?;
    for (tick, _) in &spec.y_ticks {
        let y = spec.y.share(*tick);
        chart.draw_series(LineSeries::new([(0.0, y), (1.0, y)], colour(0).stroke_width(OVERSAMPLING)))?;
    }
    for layer in &spec.layers {
        let place = |x: f64, y: f64| (spec.x.share(x), spec.y.share(y));
        match layer {
            Layer::Line { points, role, width, stroke } => {
                let pen = Pen { role: *role, dashes: stroke.attributes(f64::from(scale(*width))) };
                let ink = colour(number(pens, pen)).stroke_width(scale(*width));
                for piece in clip_line(points, &spec.y) {
                    chart.draw_series(LineSeries::new(piece.iter().map(|(x, y)| place(*x, *y)), ink))?;
                }
            }
            Layer::Band { points, role, opacity } => {
                let ink = colour(number(pens, Pen::plain(*role))).mix(*opacity).filled();
                let edge = outline(points, &spec.y);
                if edge.len() > 2 {
                    let edge: Vec<_> = edge.into_iter().map(|(x, y)| place(x, y)).collect();
                    chart.draw_series(std::iter::once(Polygon::new(edge, ink)))?;
                }
            }
        }
    }
    root.present()?;
    Ok(())
}

/// Along the upper edge and back along the lower, both kept inside the range.
fn outline(points: &[(f64, f64, f64)], y: &Scale) -> Vec<(f64, f64)> {
    let inside = |value: f64| value.clamp(y.low, y.high);
    let upper = points.iter().map(|(x, _, high)| (*x, inside(*high)));
    let lower = points.iter().rev().map(|(x, low, _)| (*x, inside(*low)));
    upper.chain(lower).collect()
}

/// A colour role, and how its line is dashed: plotters' own dashes count points, not pixels, so they come in with the colour.
#[derive(Debug, PartialEq)]
struct Pen {
    role: Role,
    /// As attributes.
    dashes: String,
}

impl Pen {
    fn plain(role: Role) -> Self {
        Self { role, dashes: String::new() }
    }
}

fn number(pens: &mut Vec<Pen>, pen: Pen) -> usize {
    pens.iter().position(|known| *known == pen).unwrap_or_else(|| {
        pens.push(pen);
        pens.len() - 1
    })
}

fn colour(number: usize) -> RGBColor {
    RGBColor(0, 1, number as u8)
}

fn with_properties(text: &str, pens: &[Pen]) -> String {
    let mut text = text.to_owned();
    for (number, pen) in pens.iter().enumerate() {
        let RGBColor(red, green, blue) = colour(number);
        let written = format!("\"#{red:02X}{green:02X}{blue:02X}\"");
        text = text.replace(&written, &format!("\"var({})\"{}", pen.role.property(), pen.dashes));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::spec::Stroke;

    fn spec(layers: Vec<Layer>) -> Spec {
        let y_ticks = vec![(0.0, "0".into()), (50.0, "50".into())];
        Spec { y_ticks, layers, ..Spec::empty(Scale::linear(1.0, 10.0), Scale::linear(0.0, 100.0)) }
    }

    #[test]
    fn colours_come_from_the_stylesheet_and_nothing_needs_inline_style() {
        let line = Layer::Line {
            points: vec![(1.0, Some(10.0)), (5.0, Some(20.0)), (9.0, Some(500.0))],
            role: Role::Accent,
            width: 2.0,
            stroke: Stroke::Solid,
        };
        let dotted = Layer::Line {
            points: vec![(1.0, Some(5.0)), (9.0, Some(9.0))],
            role: Role::Quiet,
            width: 2.0,
            stroke: Stroke::Dotted,
        };
        let band =
            Layer::Band { points: vec![(1.0, 5.0, 15.0), (9.0, 9.0, 900.0)], role: Role::Series(1), opacity: 0.8 };
        let text = draw(&spec(vec![band, dotted, line]), &Frame::new(400.0, 200.0));
        for wanted in [
            "var(--accent)",
            "var(--line)",
            "var(--series-2)",
            "var(--faint)",
            "<polygon",
            "<polyline",
            "stroke-dasharray=\"0 ",
        ] {
            assert!(text.contains(wanted), "{wanted} in {text}");
        }
        assert!(!text.contains("style=") && !text.contains("#0001"), "{text}");
    }

    #[test]
    fn odd_figures_do_not_stop_a_chart() {
        let line = Layer::Line {
            points: vec![(1.0, None), (2.0, Some(f64::NAN))],
            role: Role::Quiet,
            width: 1.0,
            stroke: Stroke::Solid,
        };
        assert!(draw(&spec(vec![line]), &Frame::new(10.0, 80.0)).contains("</svg>"));
    }
}
