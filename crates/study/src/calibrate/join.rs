//! Series of one quantity put together: what is there twice counts once, hosts' rates add, their times and shares are averaged.

use super::observe::{BLOCK, Key, Points, Samples};
use super::report::{FitReport, Note};
use crate::text::short;
use std::collections::BTreeMap;

/// One series of a quantity.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// Imports it came from.
    pub imports: Vec<String>,
    /// File and place of the series in it.
    pub source: (usize, usize),
    /// Its own name.
    pub name: String,
    /// All its labels.
    pub labels: BTreeMap<String, String>,
    /// (seconds, value in the quantity's unit), ascending.
    pub points: Points,
}

/// Steps over which a missing sample is read between its neighbours.
const GAP: f64 = 2.5;
/// Share by which the means of hosts may differ before it is said.
const SAME_VALUE: f64 = 0.1;
/// Standard errors by which they must differ too.
const BEYOND_NOISE: f64 = 4.0;
/// The share where there are too few samples to know their noise.
const FEW_SAMPLES: f64 = 0.25;

/// The samples of every quantity from all its series; what was dropped and what differs goes to the report.
pub fn all(parts: BTreeMap<Key, Vec<Part>>, report: &mut FitReport) -> BTreeMap<Key, Samples> {
    let distinct: BTreeMap<Key, Vec<Part>> =
        parts.into_iter().map(|(key, parts)| (key.clone(), distinct(&key, parts, report))).collect();
    let mut all = BTreeMap::new();
    for (key, parts) in &distinct {
        let points = match parts.as_slice() {
            [one] => one.points.clone(),
            several if is_intensive(&key.is) => {
                let visits = Key { is: "visits_rps".into(), ..key.clone() };
                let weights = of_hosts(key, several, distinct.get(&visits).map_or(&[], Vec::as_slice));
                differ(key, several, weights.is_some(), report);
                average(several, weights.as_deref())
            }
            several => sum(several),
        };
        let mut imports: Vec<String> = Vec::new();
        for import in parts.iter().flat_map(|part| &part.imports) {
            if !imports.contains(import) {
                imports.push(import.clone());
            }
        }
        all.insert(key.clone(), Samples { points, imports, series: parts.len() });
    }
    all
}

/// Quantities of which two series do not add.
#[must_use]
pub fn is_intensive(is: &str) -> bool {
    is.ends_with("_ms") || matches!(is, "pool_size" | "hit_ratio" | "utilization")
}

/// The series without copies: the same one in two files or under two entries, and a later export of it, are one.
fn distinct(key: &Key, parts: Vec<Part>, report: &mut FitReport) -> Vec<Part> {
    let mut kept: Vec<Part> = Vec::new();
    for part in parts {
        if let Some(first) = kept.iter().find(|first| first.source == part.source) {
            let text = format!("two entries of the map take {} for {}; it counts once", first.called(), key.called());
            report.notes.push(Note::new("same-series", first.imports.join(", "), text));
            continue;
        }
        let same = |first: &&mut Part| first.name == part.name && first.labels == part.labels;
        match kept.iter_mut().filter(same).find_map(|first| Some((first.repeated_by(&part)?, first))) {
            Some((repeats, first)) => {
                if repeats {
                    let (one, other) = (part.imports.join(", "), first.imports.join(", "));
                    let text = format!("its {} of {} is in {other} too; it counts once", part.called(), key.called());
                    report.notes.push(Note::new("same-series", one, text));
                }
                first.take(part);
            }
            None => kept.push(part),
        }
    }
    kept
}

impl Key {
    /// The quantity and its place, for people.
    #[must_use]
    pub fn called(&self) -> String {
        let place = [Some(self.component.as_str()), self.pool.as_deref(), self.class.as_deref()];
        format!("{} of {}", self.is, place.into_iter().flatten().collect::<Vec<_>>().join("/"))
    }
}

impl Part {
    /// Name and labels, for people.
    fn called(&self) -> String {
        let labels: Vec<String> = self.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let parts = [self.name.clone(), labels.join(",")];
        let named: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        if named.is_empty() { "series without a name".into() } else { format!("series {}", named.join(" ")) }
    }

    fn ends(&self) -> Option<(f64, f64)> {
        Some((self.points.first()?.0, self.points.last()?.0))
    }

    /// Whether a series of the same name and labels is this one again (true: in a time of this one; false: in another time).
    /// `None` where the two differ.
    fn repeated_by(&self, other: &Self) -> Option<bool> {
        let ((from, to), (first, last)) = (self.ends()?, other.ends()?);
        if last < from || first > to {
            return Some(false);
        }
        let place = |t: f64| self.points.binary_search_by(|p| p.0.total_cmp(&t));
        let shared: Vec<(f64, f64)> =
            other.points.iter().filter_map(|&(t, v)| Some((self.points[place(t).ok()?].1, v))).collect();
        let inside = |points: &Points, from: f64, to: f64| points.iter().filter(|p| p.0 >= from && p.0 <= to).count();
        let overlap = inside(&self.points, first, last).min(inside(&other.points, from, to));
        let equal = shared.iter().all(|(a, b)| (a - b).abs() <= 1e-9 * a.abs().max(b.abs()));
        (equal && !shared.is_empty() && 2 * shared.len() >= overlap).then_some(true)
    }

    /// Takes over the samples at times that this one lacks.
    fn take(&mut self, other: Self) {
        let mut new = false;
        for (t, v) in other.points {
            if let Err(place) = self.points.binary_search_by(|p| p.0.total_cmp(&t)) {
                self.points.insert(place, (t, v));
                new = true;
            }
        }
        self.imports.extend(other.imports.into_iter().filter(|_| new));
    }

    /// The value at a time: between two samples by a straight line, before the first and after the last within a step.
    fn at(&self, time: f64, step: f64) -> Option<f64> {
        let after = self.points.partition_point(|p| p.0 < time);
        let (before, after) = (after.checked_sub(1).and_then(|i| self.points.get(i)), self.points.get(after));
        match (before, after) {
            (_, Some(&(t, v))) if t == time => Some(v),
            (Some(&(from, a)), Some(&(to, b))) if to - from <= GAP * step => {
                Some(a + (b - a) * (time - from) / (to - from))
            }
            (before, after) => {
                let near = [before, after]
                    .into_iter()
                    .flatten()
                    .min_by(|a, b| (a.0 - time).abs().total_cmp(&(b.0 - time).abs()))?;
                // A sample a whole step away was not missed: the series had ended, or had not begun.
                ((near.0 - time).abs() < 0.99 * step).then_some(near.1)
            }
        }
    }
}

/// The times of the longest series, and those of the others that lie a step or more from any of them: so that hosts sampled
/// in between add to what is there, and no sample counts as two.
fn grid(parts: &[Part]) -> Vec<(f64, Vec<Option<f64>>)> {
    let steps: Vec<f64> = parts.iter().map(|part| step(&part.points)).collect();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(parts[i].points.len()));
    let mut times: Vec<f64> = Vec::new();
    let mut coarsest: f64 = 0.0;
    for i in order {
        coarsest = coarsest.max(steps[i]);
        let far = |t: f64, times: &[f64]| {
            let after = times.partition_point(|have| *have < t);
            let near = [after.checked_sub(1), Some(after)].into_iter().flatten().filter_map(|i| times.get(i));
            near.fold(f64::INFINITY, |least, have| least.min((have - t).abs())) >= 0.99 * coarsest
        };
        let known = times.clone();
        let new = parts[i].points.iter().map(|p| p.0).filter(|t| known.is_empty() || far(*t, &known));
        times.extend(new);
        times.sort_by(f64::total_cmp);
    }
    let values = |t: f64| parts.iter().zip(&steps).map(|(part, step)| part.at(t, *step)).collect();
    times.into_iter().map(|t| (t, values(t))).collect()
}

/// Median distance of samples in seconds; 1 without any.
pub fn step(points: &[(f64, f64)]) -> f64 {
    let mut gaps: Vec<f64> = points.windows(2).map(|w| w[1].0 - w[0].0).filter(|g| *g > 0.0).collect();
    gaps.sort_by(f64::total_cmp);
    gaps.get(gaps.len() / 2).copied().unwrap_or(1.0)
}

fn sum(parts: &[Part]) -> Points {
    let total = |values: Vec<Option<f64>>| values.into_iter().flatten().sum();
    grid(parts).into_iter().map(|(t, values)| (t, total(values))).collect()
}

/// Mean over the hosts at each time, weighed by their visits where these are known.
fn average(parts: &[Part], weights: Option<&[Part]>) -> Points {
    let mean = |(t, values): (f64, Vec<Option<f64>>)| {
        let weight = |i: usize| weights.and_then(|w| w[i].at(t, step(&w[i].points))).unwrap_or(0.0).max(0.0);
        let known: Vec<(f64, f64)> = values.iter().enumerate().filter_map(|(i, v)| Some(((*v)?, weight(i)))).collect();
        let total: f64 = known.iter().map(|k| k.1).sum();
        let value = if total > 0.0 {
            known.iter().map(|(v, w)| v * w).sum::<f64>() / total
        } else {
            known.iter().map(|k| k.0).sum::<f64>() / known.len() as f64
        };
        (!known.is_empty()).then_some((t, value))
    };
    grid(parts).into_iter().filter_map(mean).collect()
}

/// Labels in which the series differ.
fn telling(parts: &[Part]) -> Vec<&String> {
    let mut keys: Vec<&String> = parts.iter().flat_map(|part| part.labels.keys()).collect();
    keys.sort();
    keys.dedup();
    keys.retain(|key| parts.iter().any(|part| part.labels.get(*key) != parts[0].labels.get(*key)));
    keys
}

/// The visits of each host, where every host has its own. A host that is twice as busy serves the same clock time: shares of
/// servers and sizes are not weighed.
fn of_hosts(key: &Key, parts: &[Part], visits: &[Part]) -> Option<Vec<Part>> {
    let by_visits = key.is.ends_with("_ms") || key.is == "hit_ratio";
    let keys = telling(parts);
    if !by_visits || keys.is_empty() {
        return None;
    }
    let of = |part: &Part| {
        let same = |v: &&Part| keys.iter().all(|key| v.labels.get(*key) == part.labels.get(*key));
        let own: Vec<Part> = visits.iter().filter(same).cloned().collect();
        (!own.is_empty()).then(|| Part { points: sum(&own), ..Part::default() })
    };
    parts.iter().map(of).collect()
}

/// Says where hosts differ by more than the noise of their samples.
fn differ(key: &Key, parts: &[Part], weighed: bool, report: &mut FitReport) {
    let rows: Vec<Vec<Option<f64>>> = grid(parts).into_iter().map(|row| row.1).collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let of = |i: usize| rows.iter().filter_map(|row| row[i]).collect::<Vec<f64>>();
    let mut means: Vec<(f64, usize)> =
        (0..parts.len()).map(|i| (mean(&of(i)), i)).filter(|(mean, _)| mean.is_finite()).collect();
    means.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (Some(&(_, low)), Some(&(_, high))) = (means.first(), means.last()) else { return };
    let pairs: Vec<(f64, f64)> = rows.iter().filter_map(|row| row[low].zip(row[high])).collect();
    if pairs.is_empty() {
        return;
    }
    let (least, most): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let (least, most) = (mean(&least), mean(&most));
    let blocks: Vec<f64> =
        pairs.chunks(BLOCK).map(|c| c.iter().map(|(a, b)| b - a).sum::<f64>() / c.len() as f64).collect();
    let apart = most - least;
    let same = if blocks.len() < 3 {
        apart <= FEW_SAMPLES * most
    } else {
        let centre = mean(&blocks);
        let spread = blocks.iter().map(|b| (b - centre) * (b - centre)).sum::<f64>() / (blocks.len() - 1) as f64;
        apart <= (SAME_VALUE * most).max(BEYOND_NOISE * (spread / blocks.len() as f64).sqrt())
    };
    if same {
        return;
    }
    let keys = telling(parts);
    let whose = |i: usize| {
        let labels: Vec<&str> = keys.iter().filter_map(|key| parts[i].labels.get(*key)).map(String::as_str).collect();
        if labels.is_empty() { parts[i].imports.join(", ") } else { labels.join(", ") }
    };
    let weighed = if weighed { ", weighed by visits," } else { "" };
    let text = format!(
        "its series differ by more than noise: {} in {}, {} in {}; their average at each time{weighed} counts: if they are not hosts of one thing, give each its own entry in map.series",
        short(least),
        whose(low),
        short(most),
        whose(high)
    );
    report.contradictions.push(Note::new("series-differ", key.called(), text));
}
