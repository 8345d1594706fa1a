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
    let mut roles = vec![Role::Grid];
    // A layer that cannot be drawn leaves the chart without it; texts, points and table still stand.
    let _ = draw_layers(spec, frame, &mut text, &mut roles);
    with_properties(&text, &roles)
}

fn draw_layers(spec: &Spec, frame: &Frame, text: &mut String, roles: &mut Vec<Role>) -> Result<(), Error> {
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
            Layer::Line { points, role, width, dotted } => {
                let ink = colour(number(roles, *role)).stroke_width(scale(*width));
                for piece in clip_line(points, &spec.y) {
                    let piece = piece.iter().map(|(x, y)| place(*x, *y));
                    if *dotted {
                        chart.draw_series(dots(piece, colour(number(roles, *role)), scale(*width), frame))?;
                    } else {
                        chart.draw_series(LineSeries::new(piece, ink))?;
                    }
                }
            }
            Layer::Band { points, role, opacity } => {
                let ink = colour(number(roles, *role)).mix(*opacity).filled();
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

/// Points along a line at even distances: plotters' own dashes count points, not pixels.
fn dots(
    piece: impl Iterator<Item = (f64, f64)>,
    ink: RGBColor,
    width: u32,
    frame: &Frame,
) -> Vec<Circle<(f64, f64), u32>> {
    const GAP: f64 = 5.0;
    let size = (frame.right - frame.left, frame.bottom - frame.top);
    let mut out = Vec::new();
    let mut before: Option<(f64, f64)> = None;
    let mut rest = 0.0;
    for point in piece {
        if let Some(from) = before {
            let length = (((point.0 - from.0) * size.0).powi(2) + ((point.1 - from.1) * size.1).powi(2)).sqrt();
            while rest < length {
                let share = rest / length;
                let at = (from.0 + share * (point.0 - from.0), from.1 + share * (point.1 - from.1));
                out.push(Circle::new(at, width / 2, ink.filled()));
                rest += GAP;
            }
            rest -= length;
        }
        before = Some(point);
    }
    out
}

/// Along the upper edge and back along the lower, both kept inside the range.
fn outline(points: &[(f64, f64, f64)], y: &Scale) -> Vec<(f64, f64)> {
    let inside = |value: f64| value.clamp(y.low, y.high);
    let upper = points.iter().map(|(x, _, high)| (*x, inside(*high)));
    let lower = points.iter().rev().map(|(x, low, _)| (*x, inside(*low)));
    upper.chain(lower).collect()
}

fn number(roles: &mut Vec<Role>, role: Role) -> usize {
    roles.iter().position(|known| *known == role).unwrap_or_else(|| {
        roles.push(role);
        roles.len() - 1
    })
}

fn colour(number: usize) -> RGBColor {
    RGBColor(0, 1, number as u8)
}

fn with_properties(text: &str, roles: &[Role]) -> String {
    let mut text = text.to_owned();
    for (number, role) in roles.iter().enumerate() {
        let RGBColor(red, green, blue) = colour(number);
        text = text.replace(&format!("#{red:02X}{green:02X}{blue:02X}"), &format!("var({})", role.property()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(layers: Vec<Layer>) -> Spec {
        Spec {
            x: Scale::linear(1.0, 10.0),
            y: Scale::linear(0.0, 100.0),
            x_ticks: vec![],
            y_ticks: vec![(0.0, "0".into()), (50.0, "50".into())],
            layers,
            regions: vec![],
            rules: vec![],
            dots: vec![],
            breaks: None,
            xs: vec![],
            along: crate::chart::spec::Along::Growth,
            x_name: String::new(),
            readings: vec![],
            followed: None,
            legend: vec![],
        }
    }

    #[test]
    fn colours_come_from_the_stylesheet_and_nothing_needs_inline_style() {
        let line = Layer::Line {
            points: vec![(1.0, Some(10.0)), (5.0, Some(20.0)), (9.0, Some(500.0))],
            role: Role::Accent,
            width: 2.0,
            dotted: false,
        };
        let dotted = Layer::Line {
            points: vec![(1.0, Some(5.0)), (9.0, Some(9.0))],
            role: Role::Quiet,
            width: 2.0,
            dotted: true,
        };
        let band =
            Layer::Band { points: vec![(1.0, 5.0, 15.0), (9.0, 9.0, 900.0)], role: Role::Series(1), opacity: 0.8 };
        let text = draw(&spec(vec![band, dotted, line]), &Frame::new(400.0, 200.0));
        for wanted in
            ["var(--accent)", "var(--line)", "var(--series-2)", "var(--faint)", "<polygon", "<polyline", "<circle"]
        {
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
            dotted: false,
        };
        assert!(draw(&spec(vec![line]), &Frame::new(10.0, 80.0)).contains("</svg>"));
    }
}
