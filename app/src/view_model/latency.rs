//! The projection chart: one class' latency over growth, with band, measured points, objective and the overloaded stretch.

use super::format::{milliseconds, percent, rate, times};
use super::level::{at, row};
use super::system::latency_objectives;
use crate::chart::scale::{Scale, roomy};
use crate::chart::spec::{Along, Dot, Key, Layer, Measure, Reading, Region, Role, Rule, Spec, Stroke};
use crate::text;
use serde_json::Value;
use std::collections::BTreeSet;
use worker::protocol::{ClassColumns, Column, LatencyBandColumn, Projection, UNBOUNDED};

/// What a person chose to see.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    pub class: String,
    pub percentile: String,
    pub log: bool,
}

/// The chart, or why there is none.
pub fn spec(root: &Value, projection: &Projection, choice: &Choice) -> Result<Spec, String> {
    let class = projection.classes.iter().find(|class| class.id == choice.class).ok_or(text::NO_CLASS)?;
    // What is overloaded from the first multiple on has no figures at all.
    if class.latency_ms.is_empty() {
        return Err(text::OVERLOADED_EVERYWHERE.into());
    }
    let line = class.latency_ms.get(&choice.percentile).ok_or(text::NO_LATENCY)?;
    if line.iter().all(Option::is_none) {
        return Err(text::OVERLOADED_EVERYWHERE.into());
    }
    let objective = latency_objectives(root, &choice.class).into_iter().find(|(name, _)| *name == choice.percentile);
    let limit = objective.map(|(_, limit)| limit);
    let dots = measured(projection, choice);
    let y = range(line, class.bands.get(&choice.percentile), &dots, limit, choice.log);
    let xs = projection.multiples.clone();
    let x = Scale::linear(xs.first().copied().unwrap_or(1.0), xs.last().copied().unwrap_or(10.0));
    let breaks = limit.and_then(|limit| crossing(&xs, line, limit).map(|x| (x, limit, text::breaks_at(&times(x)))));
    let (readings, followed) = readings(class, choice);
    let spec = Spec {
        measure: Measure::Milliseconds,
        layers: layers(&xs, class, choice, &y),
        regions: regions(&xs, line, class.bands.get(&choice.percentile), &dots, &x),
        rules: limit
            .map(|y| Rule { y, label: text::objective_rule(&choice.percentile, &milliseconds(y)) })
            .into_iter()
            .collect(),
        dots,
        breaks,
        xs,
        along: Along::Growth,
        x_name: text::GROWTH.into(),
        readings,
        followed,
        legend: legend(class, choice),
        ..Spec::empty(x, y)
    };
    Ok(spec.ticked((9, 4)))
}

fn layers(xs: &[f64], class: &ClassColumns, choice: &Choice, y: &Scale) -> Vec<Layer> {
    let line =
        |name: &str| class.latency_ms.get(name).map(|column| xs.iter().copied().zip(column.iter().copied()).collect());
    let mut layers = Vec::new();
    if let Some(band) = class.bands.get(&choice.percentile) {
        // Without an upper end it reaches as far as there is chart.
        let points: Vec<(f64, f64, f64)> = xs
            .iter()
            .zip(band)
            .filter_map(|(x, band)| band.map(|(low, high)| (*x, low, high.unwrap_or(y.high))))
            .collect();
        layers.push(Layer::Band { points, role: Role::AccentSoft, opacity: 1.0 });
    }
    for column in bounds(class) {
        let points = xs.iter().copied().zip(column.iter().copied()).collect();
        layers.push(Layer::Line { points, role: Role::Bound, width: 1.25, stroke: Stroke::Dashed });
    }
    if choice.percentile != "p50"
        && let Some(points) = line("p50")
    {
        layers.push(Layer::Line { points, role: Role::Quiet, width: 1.5, stroke: Stroke::Dotted });
    }
    if let Some(points) = line(&choice.percentile) {
        layers.push(Layer::Line { points, role: Role::Accent, width: 2.25, stroke: Stroke::Solid });
    }
    layers
}

/// What the mean stays between, as far as there are such lines.
fn bounds(class: &ClassColumns) -> impl Iterator<Item = &Column> {
    [&class.bounds.latency_low_ms, &class.bounds.latency_high_ms].into_iter().filter(|column| !column.is_empty())
}

fn legend(class: &ClassColumns, choice: &Choice) -> Vec<Key> {
    let mut keys = vec![Key::line(Role::Accent, Stroke::Solid, text::modelled(&percentile_name(&choice.percentile)))];
    if choice.percentile != "p50" && class.latency_ms.contains_key("p50") {
        keys.push(Key::line(Role::Quiet, Stroke::Dotted, text::MEDIAN));
    }
    if bounds(class).next().is_some() {
        keys.push(Key::line(Role::Bound, Stroke::Dashed, text::LATENCY_BOUND));
    }
    if class.bands.contains_key(&choice.percentile) {
        keys.push(Key::area(Role::AccentSoft, text::BAND_OF_DRAWS));
    }
    keys
}

fn measured(projection: &Projection, choice: &Choice) -> Vec<Dot> {
    let of_class = projection.measured.iter().filter(|point| point.class == choice.class);
    of_class
        .filter_map(|point| {
            let y = *point.latency_ms.get(&choice.percentile)?;
            let title = text::measured_point(&milliseconds(y), &rate(point.rps), &point.from);
            Some(Dot { x: point.multiple, y, title })
        })
        .collect()
}

/// The figures that were measured when the chosen one was not.
pub fn measured_instead(projection: &Projection, class: &str, percentile: &str) -> Option<String> {
    let points = || projection.measured.iter().filter(|point| point.class == class);
    if points().any(|point| point.latency_ms.contains_key(percentile)) {
        return None;
    }
    let known = ["mean", "p50", "p90", "p95", "p99", "p99_9"];
    let found = known.iter().filter(|name| points().any(|point| point.latency_ms.contains_key(**name)));
    let names: Vec<String> = found.map(|name| percentile_name(name)).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Up to a few times the objective or the figures of the calm stretch: the steep end must not flatten what people read.
fn range(line: &Column, band: Option<&LatencyBandColumn>, dots: &[Dot], limit: Option<f64>, log: bool) -> Scale {
    let known: Vec<f64> = line.iter().copied().flatten().collect();
    let lowest = known.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = known.iter().copied().fold(0.0, f64::max);
    let banded = band.map_or(0.0, |band| band.iter().flatten().filter_map(|(_, high)| *high).fold(0.0, f64::max));
    let dotted = dots.iter().map(|dot| dot.y).fold(0.0, f64::max);
    if log {
        let top = highest.max(dotted).max(limit.unwrap_or(0.0)) * 1.3;
        return Scale::logarithmic(lowest * 0.7, top.max(lowest * 10.0));
    }
    let calm = limit.map_or(lowest * 6.0, |limit| limit * 2.0);
    let wanted = highest.max(banded).min(calm.max(lowest * 2.5));
    Scale::linear(0.0, roomy(wanted.max(dotted).max(limit.unwrap_or(0.0) * 1.1), 4))
}

/// Where a line first passes a limit.
pub fn crossing(xs: &[f64], line: &Column, limit: f64) -> Option<f64> {
    for index in 0..xs.len() {
        let here = at(line, index);
        if here.is_some_and(|here| here <= limit) {
            continue;
        }
        let Some(before) = index.checked_sub(1) else { return Some(xs[index]) };
        return match (at(line, before), here) {
            (Some(low), Some(high)) => Some(xs[before] + (limit - low) / (high - low) * (xs[index] - xs[before])),
            _ => Some(xs[before]),
        };
    }
    None
}

fn regions(xs: &[f64], line: &Column, band: Option<&LatencyBandColumn>, dots: &[Dot], x: &Scale) -> Vec<Region> {
    let mut regions = Vec::new();
    let from = dots.iter().map(|dot| dot.x).fold(f64::INFINITY, f64::min).max(x.low);
    let to = dots.iter().map(|dot| dot.x).fold(f64::NEG_INFINITY, f64::max).min(x.high);
    if to > from {
        regions.push(Region { from, to, label: text::MEASURED.into(), class: "region-measured" });
    }
    if let Some((from, to)) = band.and_then(|band| open_stretch(xs, band)) {
        regions.push(Region { from, to, label: text::NO_UPPER_END.into(), class: "region-open" });
    }
    if let Some(first) = line.iter().position(Option::is_none) {
        let from = xs.get(first.saturating_sub(1)).copied().unwrap_or(x.low);
        regions.push(Region { from, to: x.high, label: text::OVERLOADED.into(), class: "region-overloaded" });
    }
    regions
}

/// From where to where a band has no upper end.
fn open_stretch(xs: &[f64], band: &LatencyBandColumn) -> Option<(f64, f64)> {
    let open = |ends: &Option<(f64, Option<f64>)>| ends.is_some_and(|(_, high)| high.is_none());
    let (first, last) = (band.iter().position(open)?, band.iter().rposition(open)?);
    Some((*xs.get(first)?, *xs.get(last)?))
}

/// A band at an index in words.
fn band_text(class: &ClassColumns, band: &LatencyBandColumn, index: usize) -> Option<String> {
    let (low, high) = band.get(index).copied().flatten()?;
    let low = milliseconds(low);
    Some(match high {
        Some(high) => format!("{low} – {}", milliseconds(high)),
        None => {
            // Past the last multiple that was drawn there is no upper end either, however few draws are overloaded.
            let reason = at(&class.overloaded_draws, index).filter(|share| *share > UNBOUNDED).map(percent);
            text::open_band(&low, reason.as_deref())
        }
    })
}

fn readings(class: &ClassColumns, choice: &Choice) -> (Vec<Reading>, Option<usize>) {
    let order = ["mean", "p50", "p90", "p95", "p99", "p99_9"];
    let names = order.iter().filter(|name| class.latency_ms.contains_key(**name));
    let mut readings: Vec<Reading> = names
        .map(|name| {
            let values = class.latency_ms[*name].clone();
            let texts = values.iter().map(|value| value.map_or(text::OVERLOADED.into(), milliseconds)).collect();
            Reading { label: percentile_name(name), texts, values }
        })
        .collect();
    let followed = readings.iter().position(|reading| reading.label == percentile_name(&choice.percentile));
    if let Some(band) = class.bands.get(&choice.percentile) {
        let show = |index: usize| band_text(class, band, index).unwrap_or(text::UNKNOWN.into());
        let label = text::band_of(&percentile_name(&choice.percentile));
        readings.push(Reading { label, texts: (0..band.len()).map(show).collect(), values: Vec::new() });
    }
    let ends =
        [(&class.bounds.latency_low_ms, text::MEAN_AT_LEAST), (&class.bounds.latency_high_ms, text::MEAN_AT_MOST)];
    for (column, label) in ends.into_iter().filter(|(column, _)| !column.is_empty()) {
        let texts = column.iter().map(|value| value.map_or(text::UNKNOWN.into(), milliseconds)).collect();
        readings.push(Reading { label: label.into(), texts, values: column.clone() });
    }
    let rates = class.throughput_rps.iter().map(|value| value.map_or(text::UNKNOWN.into(), rate)).collect();
    readings.push(Reading { label: text::THROUGHPUT.into(), texts: rates, values: class.throughput_rps.clone() });
    (readings, followed)
}

/// The figures that any class has, by their names.
pub fn percentiles(projection: &Projection) -> Vec<String> {
    let names: BTreeSet<&String> = projection.classes.iter().flat_map(|class| class.latency_ms.keys()).collect();
    names.into_iter().cloned().collect()
}

/// `p99_9` as people write it.
pub fn percentile_name(name: &str) -> String {
    name.replace('_', ".")
}

/// The tile: latency and band of a class at a multiple.
pub fn tile(projection: &Projection, choice: &Choice, growth: f64) -> (String, String) {
    let index = row(projection, growth);
    let Some(class) = projection.classes.iter().find(|class| class.id == choice.class) else {
        return (text::UNKNOWN.into(), String::new());
    };
    // A figure never computed is not one without a bound.
    let known = class.latency_ms.is_empty() || class.latency_ms.contains_key(&choice.percentile);
    let missing = if known { text::OVERLOADED } else { text::UNKNOWN };
    let value = class.latency_ms.get(&choice.percentile).and_then(|column| at(column, index));
    let detail = class.bands.get(&choice.percentile).and_then(|band| band_text(class, band, index));
    (value.map_or(missing.into(), milliseconds), detail.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use worker::protocol::{BoundColumns, MeasuredView};

    fn projection() -> Projection {
        let line = vec![Some(50.0), Some(60.0), Some(300.0), None];
        let class = ClassColumns {
            id: "browse".into(),
            latency_ms: [("p95".to_owned(), line.clone()), ("p50".to_owned(), vec![Some(20.0); 4])].into(),
            bands: [(
                "p95".to_owned(),
                vec![Some((45.0, Some(55.0))), Some((50.0, Some(70.0))), Some((100.0, None)), None],
            )]
            .into(),
            overloaded_draws: vec![Some(0.0), Some(0.02), Some(0.34), Some(1.0)],
            throughput_rps: vec![Some(24.0); 4],
            bounds: BoundColumns { latency_low_ms: vec![Some(9.0); 4], ..BoundColumns::default() },
            ..ClassColumns::default()
        };
        let measured = [1.0, 2.0].map(|multiple| MeasuredView {
            class: "browse".into(),
            multiple,
            rps: 24.0 * multiple,
            latency_ms: [("p95".to_owned(), 51.0)].into(),
            from: "locust".into(),
        });
        Projection {
            multiples: vec![1.0, 2.0, 3.0, 4.0],
            classes: vec![class],
            measured: measured.into(),
            ..Projection::default()
        }
    }

    fn choice(class: &str, percentile: &str) -> Choice {
        Choice { class: class.into(), percentile: percentile.into(), log: false }
    }

    #[test]
    fn everything_the_reader_needs_is_in_it() {
        let root = json!({"slos": [{"traffic": "browse", "percentile": 95, "latency_ms": 180}]});
        let spec = spec(&root, &projection(), &choice("browse", "p95")).unwrap();
        assert_eq!(spec.layers.len(), 4);
        let dashed = |layer: &&Layer| matches!(layer, Layer::Line { stroke: Stroke::Dashed, role: Role::Bound, .. });
        assert_eq!(spec.layers.iter().filter(dashed).count(), 1, "one bound for an open class");
        let names: Vec<&str> = spec.legend.iter().map(|key| key.name.as_str()).collect();
        assert_eq!(names, ["p95 of the model", text::MEDIAN, text::LATENCY_BOUND, text::BAND_OF_DRAWS]);
        let table = crate::view_model::table::rows(&spec);
        let at = table.head.iter().position(|head| head == text::MEAN_AT_LEAST).expect("a column");
        assert!(table.body.iter().all(|row| row[at] == "9 ms"), "{table:?}");
        assert_eq!(spec.dots.len(), 2);
        assert_eq!(spec.rules[0].y, 180.0);
        let (x, y, _) = spec.breaks.unwrap();
        assert!((x - 2.5).abs() < 1e-9 && y == 180.0);
        let classes: Vec<_> = spec.regions.iter().map(|region| region.class).collect();
        assert_eq!(classes, ["region-measured", "region-open", "region-overloaded"]);
        assert_eq!(spec.readings[spec.followed.unwrap()].label, "p95");
    }

    #[test]
    fn a_band_without_an_upper_end_reaches_the_top_and_says_why() {
        let (root, choice) = (json!({}), choice("browse", "p95"));
        let spec = spec(&root, &projection(), &choice).unwrap();
        let Some(Layer::Band { points, .. }) = spec.layers.first() else { panic!("a band: {:?}", spec.layers) };
        let tops: Vec<f64> = points.iter().map(|point| point.2).collect();
        assert_eq!(tops, [55.0, 70.0, spec.y.high]);
        let band = spec.readings.iter().find(|reading| reading.label == "p95 band").unwrap();
        assert_eq!(
            band.texts,
            ["45 ms – 55 ms", "50 ms – 70 ms", "100 ms – no upper end: 34 % of draws overload", "–"]
        );
        // Share of the draws that are overloaded there, what the tile says.
        let rows = [
            (Some(0.34), "100 ms – no upper end: 34 % of draws overload"),
            (Some(0.01), "100 ms – no upper end known"),
            (None, "100 ms – no upper end known"),
        ];
        for (share, wanted) in rows {
            let mut projection = projection();
            projection.classes[0].overloaded_draws[2] = share;
            assert_eq!(tile(&projection, &choice, 3.0).1, wanted);
        }
    }

    #[test]
    fn no_chart_has_its_reason() {
        let root = json!({});
        assert!(spec(&root, &projection(), &choice("other", "p95")).is_err());
        let mut projection = projection();
        let full = ClassColumns { id: "full".into(), ..ClassColumns::default() };
        projection.classes.insert(0, full);
        let rows = [
            (("full", "p95"), text::OVERLOADED_EVERYWHERE, text::OVERLOADED),
            (("browse", "p42"), text::NO_LATENCY, text::UNKNOWN),
        ];
        for ((class, percentile), reason, figure) in rows {
            let choice = choice(class, percentile);
            assert_eq!(spec(&root, &projection, &choice).err().as_deref(), Some(reason));
            assert_eq!(tile(&projection, &choice, 1.0).0, figure);
        }
        assert_eq!(tile(&projection, &choice("browse", "p95"), 4.0).0, text::OVERLOADED);
        assert_eq!(percentiles(&projection), ["p50", "p95"], "those of every class");
        assert!(spec(&root, &Projection::default(), &choice("browse", "p95")).is_err());
    }

    #[test]
    fn crossings() {
        let xs = [1.0, 2.0, 3.0];
        let rows = [
            (vec![Some(1.0), Some(2.0), Some(4.0)], Some(2.5)),
            (vec![Some(1.0), Some(2.0), None], Some(2.0)),
            (vec![Some(9.0), None, None], Some(1.0)),
            (vec![Some(1.0), Some(1.0), Some(1.0)], None),
        ];
        for (line, wanted) in rows {
            assert_eq!(crossing(&xs, &line, 3.0), wanted);
        }
    }
}
