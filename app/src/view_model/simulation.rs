//! The simulation page: what was simulated beside what the formulas say, and series over time.

use super::bottlenecks::{bars, falls};
use super::format::{milliseconds, money, percent, rate, trim};
use super::html::{Cell, block, paragraph};
use super::level::{at, component, row};
use super::system::{Index, class_label, currency};
use crate::chart::scale::{Scale, roomy};
use crate::chart::spec::{Along, Key, Layer, Measure, Reading, Role, Spec, Stroke};
use crate::text;
use serde_json::Value;
use worker::protocol::{Projection, SimulatedFigure, Simulation, SlowView, VerdictView};

/// Figures shown for a class, in this order.
const OF_CLASS: [&str; 5] = ["mean", "p50", "p95", "p99", "throughput_rps"];
/// Figures shown for a component.
const OF_COMPONENT: [&str; 2] = ["utilization", "wait_ms"];
/// Series drawn at once.
const DRAWN: usize = 8;

/// One line of the comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub what: String,
    pub simulated: String,
    pub interval: String,
    pub analytic: String,
    pub gap: String,
    pub class: &'static str,
}

/// Simulated against analytic.
pub fn lines(root: &Value, simulation: &Simulation, projection: Option<&Projection>) -> Vec<Line> {
    let rank = |figure: &SimulatedFigure| {
        let list: &[&str] = if figure.class { &OF_CLASS } else { &OF_COMPONENT };
        list.iter().position(|name| *name == figure.name)
    };
    let mut known: Vec<(&SimulatedFigure, usize)> =
        simulation.figures.iter().filter_map(|figure| Some((figure, rank(figure)?))).collect();
    known.sort_by(|(a, first), (b, second)| (!a.class, &a.of, first).cmp(&(!b.class, &b.of, second)));
    let names = Index::of(root);
    known.into_iter().map(|(figure, _)| line(root, &names, figure, projection, simulation.multiple)).collect()
}

/// The same as HTML.
pub fn table(root: &Value, simulation: &Simulation, projection: Option<&Projection>) -> String {
    let rows: Vec<Vec<Cell>> = lines(root, simulation, projection)
        .into_iter()
        .map(|line| {
            let level = Cell::Level(line.class, line.gap);
            vec![
                Cell::Text(line.what),
                Cell::Number(line.simulated),
                Cell::Number(line.interval),
                Cell::Number(line.analytic),
                level,
            ]
        })
        .collect();
    let names = [text::SIMULATED, text::INTERVAL_95, text::FORMULAS, text::GAP].map(|name| format!("#{name}"));
    let names: Vec<String> = std::iter::once(text::FIGURE.to_owned()).chain(names).collect();
    super::html::table("simulation-table", &names, &rows)
}

/// What the slowest requests of each class waited for.
pub fn slow(root: &Value, simulation: &Simulation) -> String {
    let of_class = |found: &SlowView| {
        let title = format!("{} · {}", text::SLOW_TITLE, class_label(root, &found.class));
        let caption = text::slow_caption(found.requests, &milliseconds(found.from_ms));
        block(&title, &caption, &falls("slow-requests", bars(root, &found.hops)))
    };
    simulation.slow.iter().filter(|found| !found.hops.is_empty()).map(of_class).collect()
}

/// What it costs, as a paragraph.
pub fn cost(root: &Value, simulation: &Simulation) -> String {
    let Some(cost) = simulation.cost else { return String::new() };
    let show = |value: f64| money(value, currency(root));
    let run = cost.run.map_or(text::UNKNOWN.into(), show);
    paragraph("caption", &text::simulated_cost(&show(cost.monthly), &run))
}

/// What became of the system after its events: the level's class and the sentence.
pub fn verdict(simulation: &Simulation) -> Option<(&'static str, String)> {
    let seconds = |value: f64| trim(value, 1);
    simulation.verdict.map(|verdict| match verdict {
        VerdictView::Recovers(after) if after < 0.05 => ("level-ok", text::VERDICT_RECOVERS_AT_ONCE.to_owned()),
        VerdictView::Recovers(after) => ("level-ok", text::verdict_recovers(&seconds(after))),
        VerdictView::Draining(left) => ("level-warn", text::verdict_draining(&seconds(left))),
        VerdictView::Metastable => ("level-hot", text::VERDICT_METASTABLE.to_owned()),
    })
}

fn line(root: &Value, names: &Index, figure: &SimulatedFigure, projection: Option<&Projection>, multiple: f64) -> Line {
    let analytic = projection.and_then(|projection| analytic(projection, figure, multiple));
    let label = if figure.class { class_label(root, &figure.of) } else { names.label(&figure.of) };
    let show = |value: f64| in_words(&figure.name, value);
    let gap = analytic.filter(|analytic| *analytic > 1e-9).map(|analytic| figure.value / analytic - 1.0);
    let inside =
        figure.interval.zip(analytic).is_some_and(|((low, high), analytic)| low <= analytic && analytic <= high);
    let class = match gap {
        Some(gap) if !inside && gap.abs() > 0.2 => "hot",
        Some(gap) if !inside && gap.abs() > 0.1 => "warn",
        Some(_) => "ok",
        None => "none",
    };
    Line {
        what: format!("{label} · {}", figure_name(&figure.name)),
        simulated: show(figure.value),
        interval: figure.interval.map_or(text::UNKNOWN.into(), |(low, high)| format!("{} – {}", show(low), show(high))),
        analytic: analytic.map_or(text::UNKNOWN.into(), show),
        gap: gap
            .map_or(text::UNKNOWN.into(), |gap| format!("{}{}", if gap < 0.0 { "−" } else { "+" }, percent(gap.abs()))),
        class,
    }
}

fn analytic(projection: &Projection, figure: &SimulatedFigure, multiple: f64) -> Option<f64> {
    let index = row(projection, multiple);
    if figure.class {
        let class = projection.classes.iter().find(|class| class.id == figure.of)?;
        return match figure.name.as_str() {
            "throughput_rps" => at(&class.throughput_rps, index),
            name => at(class.latency_ms.get(name)?, index),
        };
    }
    let columns = component(projection, &figure.of)?;
    match figure.name.as_str() {
        "utilization" => at(&columns.utilization, index),
        "wait_ms" => at(&columns.wait_ms, index),
        _ => None,
    }
}

fn in_words(name: &str, value: f64) -> String {
    match name {
        "throughput_rps" => rate(value),
        "utilization" | "slot_utilization" => percent(value),
        _ => milliseconds(value),
    }
}

fn figure_name(name: &str) -> String {
    match name {
        "throughput_rps" => text::THROUGHPUT.to_lowercase(),
        "utilization" => text::BUSY.to_lowercase(),
        "wait_ms" => text::WAIT.to_lowercase(),
        name => name.replace('_', "."),
    }
}

/// The figures that series exist of: `utilization`, `p95_ms`, …
pub fn kinds(simulation: &Simulation) -> Vec<String> {
    let mut kinds: Vec<String> =
        simulation.series.iter().filter_map(|(name, _)| Some(name.split_once('.')?.1.to_owned())).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

/// What is to be known of the figures: what cut the run short, what it did not reach, and that they are of an earlier scenario.
pub fn notes(simulation: &Simulation, stale: bool) -> Vec<String> {
    let cut = text::cut_short(&simulation.stopped_by).filter(|_| simulation.done);
    let told = simulation.warnings.iter().cloned();
    cut.into_iter().chain(told).chain(stale.then(|| text::SIMULATION_IS_STALE.to_owned())).collect()
}

fn peak(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

/// The series of a figure that are ever above zero.
fn series_of<'a>(simulation: &'a Simulation, kind: &str) -> Vec<(&'a str, &'a [f64])> {
    let of_kind = simulation.series.iter().filter_map(|(name, values)| {
        let (of, figure) = name.split_once('.')?;
        (figure == kind).then_some((of, values.as_slice()))
    });
    of_kind.filter(|(_, values)| peak(values) > 0.0).collect()
}

/// The caption of a figure's series: where they are many only the largest are drawn.
pub fn series_caption(simulation: &Simulation, kind: &str) -> String {
    let all = series_of(simulation, kind).len();
    let some = if all > DRAWN { format!(" {}", text::some_series(DRAWN, all)) } else { String::new() };
    format!("{}{some}", text::SERIES_CAPTION)
}

/// How a figure is written, by its name, and by how much its values are multiplied for that.
fn measure_of(kind: &str) -> (Measure, f64) {
    match kind {
        _ if kind.ends_with("_ms") => (Measure::Milliseconds, 1.0),
        _ if kind.ends_with("_rps") || kind.ends_with("_per_s") => (Measure::Rate, 1.0),
        _ if kind.ends_with("_s") => (Measure::Milliseconds, 1000.0),
        _ if kind.ends_with("ratio") || kind.ends_with("utilization") => (Measure::Share, 1.0),
        _ => (Measure::Number, 1.0),
    }
}

/// Series of one figure over simulated time: the largest, in their own order.
pub fn spec(simulation: &Simulation, kind: &str) -> Result<Spec, String> {
    let (measure, factor) = measure_of(kind);
    let mut ranked: Vec<_> = series_of(simulation, kind).into_iter().enumerate().collect();
    ranked.sort_by(|(_, (_, a)), (_, (_, b))| peak(b).total_cmp(&peak(a)));
    ranked.truncate(DRAWN);
    ranked.sort_by_key(|(place, _)| *place);
    let scaled = |values: &[f64]| values.iter().map(|value| value * factor).collect::<Vec<f64>>();
    let chosen: Vec<(&str, Vec<f64>)> = ranked.into_iter().map(|(_, (of, values))| (of, scaled(values))).collect();
    if chosen.is_empty() || simulation.times.len() < 2 {
        return Err(text::NO_SERIES.into());
    }
    let xs = simulation.times.clone();
    let highest = chosen.iter().map(|(_, values)| peak(values)).fold(0.0, f64::max);
    let x = Scale::linear(0.0, xs.last().copied().unwrap_or(1.0));
    let y = Scale::linear(0.0, roomy(highest, 4));
    let show = |value: f64| measure.words(value);
    let layers = chosen.iter().enumerate().map(|(index, (_, values))| Layer::Line {
        points: xs.iter().copied().zip(values.iter().map(|value| Some(*value))).collect(),
        role: Role::Series(index as u8),
        width: 1.75,
        stroke: Stroke::Solid,
    });
    let readings = chosen.iter().map(|(of, values)| Reading {
        label: (*of).to_owned(),
        texts: values.iter().map(|value| show(*value)).collect(),
        values: values.iter().map(|value| Some(*value)).collect(),
    });
    let legend =
        chosen.iter().enumerate().map(|(index, (of, _))| Key::line(Role::Series(index as u8), Stroke::Solid, *of));
    let readings = readings.collect();
    let spec = Spec {
        measure,
        layers: layers.collect(),
        along: Along::Time,
        x_name: text::SIMULATED_TIME.into(),
        readings,
        legend: legend.collect(),
        xs,
        ..Spec::empty(x, y)
    };
    Ok(spec.ticked((8, 4)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use worker::protocol::{ClassColumns, SimulatedCost};

    fn figure(name: &str, value: f64, interval: (f64, f64)) -> SimulatedFigure {
        SimulatedFigure { of: "browse".into(), class: true, name: name.into(), value, interval: Some(interval) }
    }

    #[test]
    fn both_engines_side_by_side() {
        let class = ClassColumns {
            id: "browse".into(),
            latency_ms: [("p95".to_owned(), vec![Some(100.0)]), ("mean".to_owned(), vec![Some(10.0)])].into(),
            ..ClassColumns::default()
        };
        let projection = Projection { multiples: vec![1.0], classes: vec![class], ..Projection::default() };
        let figures = vec![
            figure("p95", 150.0, (140.0, 160.0)),
            figure("mean", 10.5, (9.0, 12.0)),
            figure("p90", 1.0, (1.0, 1.0)),
        ];
        let simulation = Simulation { multiple: 1.0, figures, ..Simulation::default() };
        let lines = lines(&json!({}), &simulation, Some(&projection));
        let short: Vec<_> = lines.iter().map(|line| (line.what.as_str(), line.gap.as_str(), line.class)).collect();
        assert_eq!(short, [("browse · mean", "+5 %", "ok"), ("browse · p95", "+50 %", "hot")]);
    }

    #[test]
    fn what_became_of_it() {
        for (is, class) in [
            (VerdictView::Recovers(12.0), "level-ok"),
            (VerdictView::Draining(40.0), "level-warn"),
            (VerdictView::Metastable, "level-hot"),
        ] {
            let simulation = Simulation { verdict: Some(is), ..Simulation::default() };
            assert_eq!(verdict(&simulation).map(|found| found.0), Some(class));
        }
        assert_eq!(verdict(&Simulation::default()), None);
        let spent = SimulatedCost { monthly: 4210.0, run: Some(0.5), per_million_requests: None };
        let words = cost(&json!({"currency": "EUR"}), &Simulation { cost: Some(spent), ..Simulation::default() });
        assert!(words.contains("€4.2k a month") && words.contains("itself €0.5."), "{words}");
        assert_eq!(cost(&json!({}), &Simulation::default()), "");
        let hops = vec![("db".to_owned(), "queue".to_owned(), 80.0), ("db".to_owned(), "own".to_owned(), 20.0)];
        let found = SlowView { class: "browse".into(), requests: 12, from_ms: 90.0, hops };
        let html = slow(&json!({}), &Simulation { slow: vec![found], ..Simulation::default() });
        for wanted in ["12", "90 ms", "80 ms", "queue at db"] {
            assert!(html.contains(wanted), "{wanted} in {html}");
        }
    }

    #[test]
    fn series_of_one_figure() {
        let series = vec![
            ("db.utilization".to_owned(), vec![0.5, 0.7]),
            ("app.utilization".to_owned(), vec![0.0, 0.0]),
            ("db.queue".to_owned(), vec![3.0, 4.0]),
        ];
        let simulation = Simulation { times: vec![10.0, 20.0], series, ..Simulation::default() };
        assert_eq!(kinds(&simulation), ["queue", "utilization"]);
        assert_eq!(spec(&simulation, "utilization").unwrap().readings.len(), 1);
        assert!(spec(&simulation, "nothing").is_err());
    }

    #[test]
    fn series_have_their_units() {
        let rows = [
            ("utilization", 0.5, "50 %"),
            ("error_ratio", 0.5, "50 %"),
            ("throughput_rps", 24.0, "24/s"),
            ("growth_per_s", 24.0, "24/s"),
            ("mean_ms", 110.0, "110 ms"),
            ("age_s", 90.0, "90 s"),
            ("in_system", 3.0, "3"),
        ];
        for (kind, value, wanted) in rows {
            let series = vec![(format!("db.{kind}"), vec![value; 2])];
            let simulation = Simulation { times: vec![10.0, 20.0], series, ..Simulation::default() };
            assert_eq!(spec(&simulation, kind).unwrap().readings[0].texts, [wanted; 2], "{kind}");
        }
    }

    #[test]
    fn the_largest_of_many_series_are_drawn() {
        let series = (1..=12).map(|number| (format!("c{number}.queue"), vec![f64::from(number); 2])).collect();
        let simulation = Simulation { times: vec![10.0, 20.0], series, ..Simulation::default() };
        let names: Vec<String> =
            spec(&simulation, "queue").unwrap().readings.into_iter().map(|reading| reading.label).collect();
        assert_eq!(names, ["c5", "c6", "c7", "c8", "c9", "c10", "c11", "c12"]);
        assert!(series_caption(&simulation, "queue").ends_with(&text::some_series(8, 12)));
        assert_eq!(series_caption(&simulation, "other"), text::SERIES_CAPTION);
    }

    #[test]
    fn what_is_to_be_known_of_the_figures() {
        let stale = text::SIMULATION_IS_STALE;
        // What ended it, whether it is over, whether the scenario changed, how many lines.
        let rows = [
            ("replications", true, false, 0),
            ("replications", true, true, 1),
            ("half_width", true, false, 0),
            ("events", true, false, 1),
            ("in_flight", true, true, 2),
            ("cancelled", true, false, 1),
            ("events", false, false, 0),
        ];
        for (by, done, changed, count) in rows {
            let simulation = Simulation { stopped_by: by.into(), done, ..Simulation::default() };
            let found = notes(&simulation, changed);
            assert_eq!((found.len(), found.contains(&stale.to_owned())), (count, changed), "{by} {found:?}");
            let warned = Simulation { warnings: vec!["too late".into()], ..simulation };
            assert_eq!(notes(&warned, changed).len(), count + 1, "{by}");
        }
    }
}
