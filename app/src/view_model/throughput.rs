//! Requests over growth: offered, completed, completed well, and what they cannot pass.

use crate::chart::scale::{Scale, roomy};
use crate::chart::spec::{Along, Key, Layer, Measure, Reading, Role, Spec, Stroke};
use crate::text;
use worker::protocol::{Column, Projection};

/// One line: its column, name, colour, stroke and width.
type Line<'a> = (&'a Column, &'static str, Role, Stroke, f64);

/// The chart of a class, or why there is none.
pub fn spec(projection: &Projection, class: &str) -> Result<Spec, String> {
    let class = projection.classes.iter().find(|known| known.id == class).ok_or(text::NO_CLASS)?;
    let lines: Vec<Line> = [
        (&class.offered_rps, text::OFFERED, Role::Quiet, Stroke::Dotted, 1.5),
        (&class.goodput_rps, text::GOODPUT, Role::Series(1), Stroke::Solid, 1.75),
        (&class.throughput_rps, text::THROUGHPUT, Role::Accent, Stroke::Solid, 2.25),
        // Over the others: far below its capacity a system passes just what it is offered.
        (&class.bounds.throughput_high_rps, text::THROUGHPUT_AT_MOST, Role::Bound, Stroke::Dashed, 1.5),
        (&class.bounds.throughput_low_rps, text::THROUGHPUT_AT_LEAST, Role::Bound, Stroke::Dashed, 1.5),
    ]
    .into_iter()
    .filter(|line| line.0.iter().any(Option::is_some))
    .collect();
    if lines.is_empty() {
        return Err(text::NO_LATENCY.into());
    }
    let xs = projection.multiples.clone();
    let highest = lines.iter().flat_map(|line| line.0.iter().flatten().copied()).fold(0.0, f64::max);
    let x = Scale::linear(xs.first().copied().unwrap_or(1.0), xs.last().copied().unwrap_or(10.0));
    let measure = Measure::Rate;
    let reading = |(values, name, ..): &Line| Reading {
        label: (*name).to_owned(),
        texts: values.iter().map(|value| value.map_or(text::UNKNOWN.into(), |value| measure.words(value))).collect(),
        values: (*values).clone(),
    };
    let layer = |(values, _, role, stroke, width): &Line| {
        let points = xs.iter().copied().zip(values.iter().copied()).collect();
        Layer::Line { points, role: *role, width: *width, stroke: *stroke }
    };
    let spec = Spec {
        layers: lines.iter().map(layer).collect(),
        readings: lines.iter().map(reading).collect(),
        followed: lines.iter().position(|line| line.1 == text::THROUGHPUT),
        legend: lines.iter().map(|(_, name, role, stroke, _)| Key::line(*role, *stroke, *name)).collect(),
        measure: Measure::Rate,
        along: Along::Growth,
        x_name: text::GROWTH.into(),
        ..Spec::empty(x, Scale::linear(0.0, roomy(highest, 3)))
    };
    Ok(Spec { xs, ..spec }.ticked((9, 3)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use worker::protocol::{BoundColumns, ClassColumns};

    fn projection(throughput: Column) -> Projection {
        let class = ClassColumns {
            id: "browse".into(),
            offered_rps: vec![Some(24.0), Some(240.0)],
            throughput_rps: throughput,
            goodput_rps: vec![Some(24.0), None],
            bounds: BoundColumns { throughput_high_rps: vec![Some(24.0), Some(140.0)], ..BoundColumns::default() },
            ..ClassColumns::default()
        };
        Projection { multiples: vec![1.0, 10.0], classes: vec![class], ..Projection::default() }
    }

    #[test]
    fn what_comes_in_and_what_goes_out() {
        let spec = spec(&projection(vec![Some(24.0), Some(130.0)]), "browse").unwrap();
        assert_eq!((spec.layers.len(), spec.legend.len(), spec.y.high), (4, 4, 300.0));
        let words: Vec<&[String]> = spec.readings.iter().map(|reading| reading.texts.as_slice()).collect();
        assert_eq!(words, [["24/s", "240/s"], ["24/s", text::UNKNOWN], ["24/s", "130/s"], ["24/s", "140/s"]]);
        assert_eq!(crate::view_model::table::rows(&spec).head[4], text::THROUGHPUT_AT_MOST);
        assert_eq!(spec.readings[spec.followed.unwrap()].label, text::THROUGHPUT);
    }

    #[test]
    fn no_chart_has_its_reason() {
        assert!(super::spec(&projection(vec![]), "other").is_err());
        let nothing = Projection { classes: vec![ClassColumns::default()], ..Projection::default() };
        assert!(super::spec(&nothing, "").is_err());
    }
}
