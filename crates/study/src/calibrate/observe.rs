//! Series cut to the steady levels and put under what they mean.

use super::against::EPOCH;
use super::join::{self, Part, is_intensive};
use super::levels::SteadyLevel;
use super::mapping::{Mapping, base_name};
use super::report::{FitReport, Note};
use super::units::{self, Reading};
use engine::fit::demand::Block;
use ingest::Measurements;
use ingest::measurements::Series;
use scenario::v1::MapSeries;
use std::collections::BTreeMap;

/// What a series is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Key {
    /// Component id.
    pub component: String,
    /// Class id, where the series is of one class.
    pub class: Option<String>,
    /// Pool name.
    pub pool: Option<String>,
    /// The contract's word: `visits_rps`, `busy_servers`, …
    pub is: String,
}

/// (seconds, value), ascending.
pub type Points = Vec<(f64, f64)>;

/// All samples of one quantity.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Samples {
    /// (seconds, value in the contract's unit), ascending.
    pub points: Vec<(f64, f64)>,
    /// Imports it came from.
    pub imports: Vec<String>,
    /// Series that were joined into it.
    pub series: usize,
}

/// A histogram of times at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Histogram {
    /// (upper bound in seconds, count at or below), ascending.
    pub cumulative: Vec<(f64, f64)>,
    /// Sum of the times in seconds, where the file holds it.
    pub sum: f64,
    /// Times behind the sum.
    pub count: f64,
    /// Import it came from.
    pub import: String,
}

/// Everything that series and histograms say.
#[derive(Debug, Clone, Default)]
pub struct Observations {
    samples: BTreeMap<Key, Samples>,
    histograms: BTreeMap<Key, Histogram>,
}

/// Rates of a scraper look back over two of its steps as a rule: samples this close to the start of a level still see what
/// was before it.
const LOOK_BACK_STEPS: f64 = 2.0;
/// Samples joined into one block, so that neighbouring blocks share little of a rate's window.
pub const BLOCK: usize = 3;

impl Observations {
    /// Reads all series through the map; what cannot be what the map says, is there twice or differs goes to the report.
    #[must_use]
    pub fn new(data: &[Measurements], ids: &[String], mapping: &Mapping, report: &mut FitReport) -> Self {
        let mut all = Self::default();
        let mut parts: BTreeMap<Key, Vec<Part>> = BTreeMap::new();
        for (file, (measurements, id)) in data.iter().zip(ids).enumerate() {
            let name = base_name(&measurements.file);
            for (place, series) in measurements.series.iter().enumerate() {
                if series.labels.contains_key("le") || series.labels.contains_key("quantile") {
                    continue;
                }
                for entry in mapping.entries(name, series) {
                    let Some(key) = key_of(entry) else { continue };
                    if series.points.len() < 2 && !is_intensive(&entry.is) {
                        continue;
                    }
                    let Some(scale) = scale(series, name, entry, report) else { continue };
                    let finite = series.points.iter().filter(|p| p.1.is_finite());
                    let mut points: Points = finite.map(|&(t, v)| (t, v * scale)).collect();
                    points.sort_by(|a, b| a.0.total_cmp(&b.0));
                    if is_counter(series, &entry.is, &points) {
                        points = per_second(&points);
                        let text = "a counter since the process started: its growth a second is used; `rate(…)` gives the same";
                        let note = Note::new("counter", format!("{name} {}", series.name).trim_end(), text);
                        if !report.notes.contains(&note) {
                            report.notes.push(note);
                        }
                    }
                    let (name, labels) = (series.name.clone(), series.labels.clone());
                    let part = Part { imports: vec![id.clone()], source: (file, place), name, labels, points };
                    parts.entry(key).or_default().push(part);
                }
            }
            all.read_histograms(measurements, id, mapping);
        }
        all.samples = join::all(parts, report);
        all
    }

    /// Cumulative histograms: series of one base name and one set of labels that differ in `le`.
    fn read_histograms(&mut self, measurements: &Measurements, id: &str, mapping: &Mapping) {
        let file = base_name(&measurements.file);
        for series in measurements.series.iter().filter(|s| s.labels.contains_key("le")) {
            let bound = match series.labels.get("le").map(String::as_str) {
                Some("+Inf" | "Inf") => f64::INFINITY,
                Some(text) => text.parse().unwrap_or(f64::NAN),
                None => f64::NAN,
            };
            let (Some(&(_, count)), false) = (series.points.last(), bound.is_nan()) else { continue };
            let base = series.name.strip_suffix("_bucket").unwrap_or(&series.name);
            let part = |suffix: &str| {
                let named = measurements.series.iter().find(|s| {
                    s.name.strip_suffix(suffix) == Some(base)
                        && s.labels.iter().all(|(k, v)| series.labels.get(k) == Some(v))
                        && s.labels.len() + 1 == series.labels.len()
                });
                named.and_then(|s| s.points.last()).map(|p| p.1)
            };
            for entry in mapping.entries(file, series) {
                let Some(key) = key_of(entry) else { continue };
                let stated = entry.scale.map_or_else(|| units::stated(series, file, &entry.is), Reading::Times);
                // A scale is one to milliseconds; bounds whose unit nobody says are seconds.
                let seconds = if let Reading::Times(scale) = stated { scale / 1000.0 } else { 1.0 };
                let histogram = self.histograms.entry(key).or_default();
                histogram.import = id.to_owned();
                histogram.cumulative.push((bound * seconds, count));
                if let (true, Some((sum, count))) = (bound.is_infinite(), part("_sum").zip(part("_count"))) {
                    histogram.sum += sum * seconds;
                    histogram.count += count;
                }
            }
        }
        for histogram in self.histograms.values_mut() {
            histogram.cumulative.sort_by(|a, b| a.0.total_cmp(&b.0));
            // Two scrapes or label sets with the same bound are one histogram: counts add.
            histogram.cumulative.dedup_by(|b, a| {
                let same = a.0 == b.0;
                if same {
                    a.1 += b.1;
                }
                same
            });
        }
    }

    /// The samples of a quantity.
    #[must_use]
    pub fn samples(&self, component: &str, class: Option<&str>, pool: Option<&str>, is: &str) -> Option<&Samples> {
        self.samples.get(&key(component, class, pool, is))
    }

    /// The histogram of a quantity.
    #[must_use]
    pub fn histogram(&self, component: &str, class: Option<&str>, pool: Option<&str>, is: &str) -> Option<&Histogram> {
        self.histograms.get(&key(component, class, pool, is))
    }

    /// Classes for which a component has this quantity; `None` among them is the quantity of all.
    pub fn classes_of<'a>(&'a self, component: &'a str, is: &'a str) -> impl Iterator<Item = Option<&'a str>> {
        let named = self.samples.keys().chain(self.histograms.keys());
        let mut classes: Vec<Option<&str>> =
            named.filter(|k| k.component == component && k.is == is).map(|k| k.class.as_deref()).collect();
        classes.sort_unstable();
        classes.dedup();
        classes.into_iter()
    }

    /// Whether any datum speaks of a component.
    #[must_use]
    pub fn touches(&self, component: &str) -> bool {
        self.samples.keys().chain(self.histograms.keys()).any(|k| k.component == component)
    }
}

/// Fewest samples of which it can be told that they only grow.
const FEWEST_OF_A_COUNTER: usize = 3;

/// Whether a series that is to be a rate is the counter that it would be the rate of: `rate(…)` drops the name, and a counter's
/// name ends with `_total` and falls only where its process began anew.
fn is_counter(series: &Series, is: &str, points: &[(f64, f64)]) -> bool {
    let a_rate = is.ends_with("_rps") || matches!(is, "busy_servers" | "cpu_cores" | "pool_busy");
    let grows = |pair: &[(f64, f64)]| pair[1].1 >= pair[0].1 || pair[1].1 <= 0.1 * pair[0].1;
    a_rate && series.name.ends_with("_total") && points.len() >= FEWEST_OF_A_COUNTER && points.windows(2).all(grows)
}

/// The growth of a counter a second, at the end of each step; after a reset it is what has come since.
fn per_second(points: &[(f64, f64)]) -> Points {
    let growth = |pair: &[(f64, f64)]| {
        let (length, grown) = (pair[1].0 - pair[0].0, pair[1].1 - pair[0].1);
        (length > 0.0).then(|| (pair[1].0, if grown >= 0.0 { grown } else { pair[1].1 } / length))
    };
    points.windows(2).filter_map(growth).collect()
}

/// What turns a series into what its entry says; `None` where its unit cannot be that.
fn scale(series: &Series, file: &str, entry: &MapSeries, report: &mut FitReport) -> Option<f64> {
    let (scale, said, place) = match (entry.scale, units::stated(series, file, &entry.is)) {
        (Some(scale), _) => (Some(scale), units::overruled(series, file, &entry.is, scale), &mut report.notes),
        (None, Reading::Times(scale)) => return Some(scale),
        (None, Reading::Unknown) => match units::above_one(series, file, &entry.is) {
            Some(note) => (None, Some(note), &mut report.unmatched),
            None => return Some(1.0),
        },
        (None, Reading::Cannot) => (None, Some(units::refusal(series, file, &entry.is)), &mut report.unmatched),
    };
    // Hosts of one metric need one word.
    if let Some(note) = said.filter(|note| !place.contains(note)) {
        place.push(note);
    }
    scale
}

fn key_of(entry: &MapSeries) -> Option<Key> {
    let component = entry.component.clone()?;
    Some(Key { component, class: entry.class.clone(), pool: entry.pool.clone(), is: entry.is.clone() })
}

fn key(component: &str, class: Option<&str>, pool: Option<&str>, is: &str) -> Key {
    Key {
        component: component.to_owned(),
        class: class.map(str::to_owned),
        pool: pool.map(str::to_owned),
        is: is.to_owned(),
    }
}

impl Histogram {
    /// Mean in seconds where the sum is there.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0.0).then(|| self.sum / self.count)
    }
}

impl Samples {
    /// Median distance of samples in seconds.
    #[must_use]
    pub fn step(&self) -> f64 {
        join::step(&self.points)
    }

    /// Value at a time, within half a step.
    #[must_use]
    pub fn at(&self, time: f64) -> Option<f64> {
        let near = self.points.partition_point(|p| p.0 < time);
        let candidates = [near.checked_sub(1), Some(near)];
        let best = candidates
            .into_iter()
            .flatten()
            .filter_map(|i| self.points.get(i))
            .min_by(|a, b| (a.0 - time).abs().total_cmp(&(b.0 - time).abs()))?;
        ((best.0 - time).abs() <= 0.5 * self.step()).then_some(best.1)
    }

    /// Whether the samples share no second with any level, by clocks that tell.
    fn is_apart(&self, levels: &[SteadyLevel]) -> bool {
        let (Some(first), Some(last)) = (self.points.first(), self.points.last()) else { return false };
        let mut timed = levels.iter().filter(|level| level.absolute).peekable();
        first.0 > EPOCH && timed.peek().is_some() && timed.all(|level| level.from > last.0 || level.to < first.0)
    }

    /// The samples inside each steady level, and those outside all of them. Without levels, or where no time matches, all
    /// samples stand as one level.
    #[must_use]
    pub fn by_level(&self, levels: &[SteadyLevel]) -> (Vec<Points>, Points) {
        let look_back = LOOK_BACK_STEPS * self.step();
        let mut inside = vec![Vec::new(); levels.len()];
        let mut outside = Vec::new();
        for &(t, v) in &self.points {
            match levels.iter().position(|l| t >= l.from + look_back.min((l.to - l.from) / 2.0) && t <= l.to) {
                Some(level) => inside[level].push((t, v)),
                None => outside.push((t, v)),
            }
        }
        if inside.iter().all(Vec::is_empty) {
            // Of another time it is of another load; a single moment is a setting.
            let other = self.points.len() > 1 && self.is_apart(levels);
            return if other { (inside, Vec::new()) } else { (vec![self.points.clone()], Vec::new()) };
        }
        (inside, outside)
    }

    /// Mean over the steady levels; `None` without samples.
    #[must_use]
    pub fn mean(&self, levels: &[SteadyLevel]) -> Option<f64> {
        let values: Vec<f64> = self.by_level(levels).0.into_iter().flatten().map(|p| p.1).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    }

    /// Mean per steady level; `None` for one without samples.
    #[must_use]
    pub fn level_means(&self, levels: &[SteadyLevel]) -> Vec<Option<f64>> {
        let mean = |points: &Vec<(f64, f64)>| {
            (!points.is_empty()).then(|| points.iter().map(|p| p.1).sum::<f64>() / points.len() as f64)
        };
        self.by_level(levels).0.iter().map(mean).collect()
    }
}

/// Blocks of (amount, count) per level from two rates, paired in time, and those outside the levels. `amount` may also be
/// computed from both values, as for a mean that is weighed by its count.
#[must_use]
pub fn blocks(
    amount: &Samples,
    count: &Samples,
    levels: &[SteadyLevel],
    combine: impl Fn(f64, f64) -> (f64, f64),
) -> (Vec<Vec<Block>>, Vec<Block>) {
    let step = amount.step();
    let pair = |points: &[(f64, f64)]| -> Vec<Block> {
        let paired: Vec<Block> = points
            .iter()
            .filter_map(|&(t, v)| {
                let (amount, count) = combine(v, count.at(t)?);
                Some(Block { amount: amount * step, count: count * step })
            })
            .collect();
        let joined = |chunk: &[Block]| Block {
            amount: chunk.iter().map(|b| b.amount).sum(),
            count: chunk.iter().map(|b| b.count).sum(),
        };
        paired.chunks(BLOCK).map(joined).collect()
    };
    let (inside, outside) = amount.by_level(levels);
    (inside.iter().map(|points| pair(points)).collect(), pair(&outside))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Name, values a second apart, the quantity, and the rates that a counter gives; none where it is none.
    type Row<'r> = (&'r str, &'r [f64], &'r str, Option<&'r [f64]>);

    #[test]
    fn a_counter_is_its_growth_a_second() {
        let rows: [Row<'_>; 6] = [
            ("cpu_seconds_total", &[1000.0, 1000.5, 1001.0], "cpu_cores", Some(&[0.5, 0.5])),
            ("errors_total", &[3.0, 3.0, 3.0], "errors_rps", Some(&[0.0, 0.0])),
            ("hits_total", &[100.0, 112.0, 5.0], "hit_rps", Some(&[12.0, 5.0])),
            ("hits_total", &[12.0, 11.0, 12.5], "hit_rps", None),
            ("", &[1.0, 2.0, 3.0], "visits_rps", None),
            ("replicas_total", &[1.0, 2.0, 3.0], "replicas", None),
        ];
        for (name, values, is, want) in rows {
            let points: Points = values.iter().enumerate().map(|(at, value)| (at as f64, *value)).collect();
            let series = Series { name: name.into(), points: points.clone(), ..Series::default() };
            assert_eq!(is_counter(&series, is, &points), want.is_some(), "{name} {values:?}");
            if let Some(want) = want {
                let got: Vec<f64> = per_second(&points).into_iter().map(|point| point.1).collect();
                assert_eq!(got, want, "{name} {values:?}");
            }
        }
    }

    /// Samples of two hours before the test say nothing of it; a single one is a setting, and those without a clock are of the run.
    #[test]
    fn samples_of_another_time_are_not_used() {
        let level = |absolute: bool| SteadyLevel {
            import: "load".into(),
            from: 1.8e9,
            to: 1.8e9 + 60.0,
            absolute,
            users: None,
            classes: BTreeMap::new(),
        };
        let samples = |from: f64, count: u32| Samples {
            points: (0..count).map(|at| (from + 15.0 * f64::from(at), 1.0)).collect(),
            ..Samples::default()
        };
        for (samples, level, used) in [
            (samples(1.8e9 - 7200.0, 5), level(true), 0),
            (samples(1.8e9 - 7200.0, 1), level(true), 1),
            (samples(0.0, 5), level(true), 5),
            (samples(1.8e9 - 7200.0, 5), level(false), 5),
        ] {
            let (inside, outside) = samples.by_level(&[level]);
            assert_eq!((inside.iter().map(Vec::len).sum::<usize>(), outside.len()), (used, 0), "{samples:?}");
        }
    }
}
