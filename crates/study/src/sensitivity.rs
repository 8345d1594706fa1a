//! What moves the headline, and what to measure next: each uncertain quantity at its low and its high end, everything else as
//! it stands.

use crate::address;
use crate::solve::{compiled, headroom_near, search};
use crate::text::short;
use engine::model::System;
use engine::plan::{Search, headroom_with};
use engine::solve::{Options, Solver};
use scenario::quantities::list;
use scenario::v1::{Quantity, Source};
use scenario::{Problem, Scenario};
use serde::{Deserialize, Serialize};

/// Shares of the variance below this move no digit that is shown.
const NOTHING: f64 = 1e-3;

/// The tornado and what follows from it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Sensitivity {
    /// `headroom`, or `utilization` of the busiest part at the largest multiple where nothing breaks.
    pub of: String,
    /// Its value as the scenario stands.
    pub value: f64,
    /// What `value` is where it is not the figure itself.
    #[serde(default, skip_serializing_if = "Bound::is_exact")]
    pub value_bound: Bound,
    /// Quantities by what they move, most first.
    pub rows: Vec<SensitivityRow>,
    /// What to measure next, best first.
    pub next: Vec<NextMeasurement>,
}

/// What one quantity moves.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SensitivityRow {
    /// Address of the quantity.
    pub path: String,
    /// Its low end.
    pub low: f64,
    /// Its high end.
    pub high: f64,
    /// Whether low and high are a tenth either side of a number nobody measured, for want of an interval.
    pub assumed: bool,
    /// The figure at the low end.
    pub at_low: f64,
    /// The figure at the high end.
    pub at_high: f64,
    /// What `at_low` is where it is not the figure itself.
    #[serde(default, skip_serializing_if = "Bound::is_exact")]
    pub low_bound: Bound,
    /// What `at_high` is where it is not the figure itself.
    #[serde(default, skip_serializing_if = "Bound::is_exact")]
    pub high_bound: Bound,
    /// Share of the figure's whole doubt (squared swing over the sum of squares).
    pub share: f64,
}

/// What a figure is: itself, or the end of what was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// The figure itself.
    #[default]
    Exact,
    /// Nothing breaks up to there: it is more.
    More,
    /// It breaks there already, and nothing below was looked at: it is that or less.
    Less,
}

impl Bound {
    fn is_exact(&self) -> bool {
        *self == Self::Exact
    }

    fn words(self) -> &'static str {
        match self {
            Self::Exact => "",
            Self::More => "more than ",
            Self::Less => "at most ",
        }
    }
}

/// A measurement worth making.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct NextMeasurement {
    /// Address of the quantity, of several the one that moves the figure most; empty for a load level.
    pub path: String,
    /// What to measure, in words.
    pub what: String,
    /// By which share the band of the figure would narrow if it were known exactly.
    pub narrows: f64,
}

/// A number that nobody measured is tried this much up and down.
const TRY: f64 = 0.1;
/// Rows reported.
const MOST_ROWS: usize = 20;

/// The sensitivity of the headroom.
///
/// # Errors
/// All problems of the scenario, or what the closed form does not model, with paths.
pub fn sensitivity(scenario: &Scenario) -> Result<Sensitivity, Vec<Problem>> {
    let system = scenario::lower(scenario)?;
    let mut solver = compiled(&system)?;
    let wide = Search { points: 32, accuracy: 1e-4, ..search(scenario, &system) };
    let found = headroom_with(&mut solver, &system, &wide).multiple;
    let mut figure = |system: &System| match found {
        Some(center) => {
            let near = Search { from: 0.6 * center, to: (1.6 * center).min(wide.to), points: 10, ..wide };
            match headroom_near(&mut solver, system, &near, &wide).multiple {
                None => (wide.to, Bound::More),
                Some(multiple) if multiple <= wide.from => (multiple, Bound::Less),
                Some(multiple) => (multiple, Bound::Exact),
            }
        }
        None => (utilization(&mut solver, system, wide.to), Bound::Exact),
    };
    let (value, value_bound) = figure(&system);
    let mut rows = Vec::new();
    for located in list(scenario) {
        let most = scenario::quantities::range(scenario, &located.path_by_id).map_or(f64::INFINITY, |range| range.max);
        let Some((low, high, assumed)) = ends(&located.quantity, &located.path_by_id, most) else { continue };
        let mut at = |value: f64| -> Option<(f64, Bound)> {
            let mut moved = scenario.clone();
            address::write(&mut moved, &located.path_by_id, &Quantity::bare(value));
            Some(figure(&scenario::lower_checked(&moved).ok()?))
        };
        if let (Some((at_low, low_bound)), Some((at_high, high_bound))) = (at(low), at(high)) {
            let path = located.path_by_id;
            let ends = SensitivityRow { path, low, high, assumed, at_low, at_high, ..SensitivityRow::default() };
            rows.push(SensitivityRow { low_bound, high_bound, ..ends });
        }
    }
    let square = |r: &SensitivityRow| (r.at_high - r.at_low) * (r.at_high - r.at_low);
    let total: f64 = rows.iter().map(square).sum();
    for row in &mut rows {
        row.share = if total > 0.0 { square(row) / total } else { 0.0 };
    }
    rows.retain(|r| r.share > NOTHING);
    rows.sort_by(|a, b| b.share.total_cmp(&a.share));
    rows.truncate(MOST_ROWS);
    let next = next(scenario, &rows, found, |multiple| utilization(&mut solver, &system, multiple));
    let of = if found.is_some() { "headroom" } else { "utilization" }.into();
    Ok(Sensitivity { of, value, value_bound, rows, next })
}

fn utilization(solver: &mut Solver, system: &System, multiple: f64) -> f64 {
    let answer = solver.solve(system, multiple, &Options { percentiles: false, ..Options::default() });
    // A part that has nothing to give is full of whatever comes.
    answer.bottleneck.map_or(0.0, |b| if b.load.is_finite() { b.load } else { 1.0 })
}

/// Low and high end of a quantity that may move, up to the most that it may be; sizes and money do not.
fn ends(quantity: &Quantity, path: &str, most: f64) -> Option<(f64, f64, bool)> {
    let key = path.rsplit('.').next().unwrap_or(path);
    let physical =
        matches!(key, "mean_ms" | "cv" | "network_ms" | "per_request" | "hit_ratio" | "failure_ratio" | "rate")
            || path.contains(".hit_ratio.");
    if !physical || quantity.value <= 0.0 {
        return None;
    }
    if let (Some(low), Some(high)) = (quantity.low, quantity.high) {
        return (high > low).then_some((low, high, false));
    }
    let measured = matches!(quantity.source, Some(Source::Measured | Source::Fitted));
    // Keys and what fits are counts: a scenario has no half of one.
    let counted = most > 1.0 && matches!(key, "keys" | "capacity_items");
    let near = |value: f64| if counted { value.round() } else { value.min(most) };
    // The load itself is the question asked, and exact by itself.
    (!measured && key != "rate" && key != "per_request")
        .then(|| (near(quantity.value * (1.0 - TRY)), near(quantity.value * (1.0 + TRY)), true))
}

/// What tells more of the rows, each measurement once with the row it tells most of and the share of the doubt it takes away.
fn measurements(rows: &[SensitivityRow]) -> Vec<(String, &SensitivityRow, f64)> {
    let mut found: Vec<(String, &SensitivityRow, f64)> = Vec::new();
    for row in rows {
        let what = measurement(row);
        match found.iter_mut().find(|(known, ..)| *known == what) {
            Some((.., share)) => *share += row.share,
            None => found.push((what, row, row.share)),
        }
    }
    found.sort_by(|a, b| b.2.total_cmp(&a.2));
    found
}

/// What to measure, best first; `load` is the busiest part's utilization at a multiple.
fn next(
    scenario: &Scenario,
    rows: &[SensitivityRow],
    headroom: Option<f64>,
    load: impl FnMut(f64) -> f64,
) -> Vec<NextMeasurement> {
    let mut next: Vec<NextMeasurement> = measurements(rows)
        .into_iter()
        .take(3)
        .map(|(what, row, share)| NextMeasurement {
            path: row.path.clone(),
            what: format!("{what}; {}", doubt(row)),
            narrows: 1.0 - (1.0 - share).max(0.0).sqrt(),
        })
        .collect();
    let measured = scenario.imports.iter().flat_map(|i| i.points.iter().map(|p| p.multiple)).fold(0.0, f64::max);
    if let Some(headroom) = headroom.filter(|h| *h > 1.3 * measured) {
        let what = if measured > 0.0 {
            format!(
                "one steady level at ×{}: the highest so far is ×{}, and waits only show near the limit",
                short(0.85 * headroom),
                short(measured)
            )
        } else {
            format!("a load test with steady levels at ×1, ×{} and ×{}", short(0.5 * headroom), short(0.85 * headroom))
        };
        next.push(NextMeasurement {
            path: String::new(),
            what,
            narrows: level_narrows(scenario, rows, 0.85 * headroom, load),
        });
    }
    next.sort_by(|a, b| b.narrows.total_cmp(&a.narrows));
    next
}

/// By which share one more level at a multiple would narrow the band: it adds what its requests tell to those of all levels so far,
/// and the variance of everything measured falls with the sum. What nobody measures with a load test stays.
///
/// Near the limit requests wait together, so that each tells less: by 1 - ρ², as fits to levels of a queue show
/// (`crates/study/tests/doubt.rs`).
fn level_narrows(scenario: &Scenario, rows: &[SensitivityRow], multiple: f64, mut load: impl FnMut(f64) -> f64) -> f64 {
    let mut tells = |multiple: f64| {
        let load = load(multiple).min(1.0);
        multiple * (1.0 - load * load)
    };
    let points = || scenario.imports.iter().flat_map(|i| &i.points);
    let classes = scenario.traffic.iter().filter(|t| points().any(|p| p.traffic == t.id)).count();
    let so_far = points().map(|p| tells(p.multiple)).sum::<f64>() / classes.max(1) as f64;
    let measured: f64 = rows.iter().filter(|r| !r.assumed).map(|r| r.share).sum();
    let more = tells(multiple);
    let falls = if so_far > 0.0 { measured * more / (so_far + more) } else { 0.0 };
    1.0 - (1.0 - falls).max(0.0).sqrt()
}

/// What measures a row's quantity: several quantities of one component may have it in common.
fn measurement(row: &SensitivityRow) -> String {
    let parts: Vec<&str> = row.path.split('.').collect();
    let component = parts.get(1).copied().unwrap_or("");
    if row.path.contains("hit_ratio") {
        format!("hits and misses of {component}")
    } else if row.path.ends_with(".cv") {
        format!("a histogram of {component}'s times")
    } else if row.path.ends_with(".per_request") {
        format!("how many calls {component} makes per visit (traces, or the rates at both ends)")
    } else if row.path.ends_with("failure_ratio") {
        format!("how many visits of {component} fail")
    } else if row.path.starts_with("traffic.") {
        format!("how many requests of {component} arrive at the peak")
    } else if row.path.contains("network_ms") {
        format!("how long {component} holds a connection beyond the call itself")
    } else {
        format!("rate and busy time (or mean time) of {component}")
    }
}

/// What its doubt comes from.
const fn doubt(row: &SensitivityRow) -> &'static str {
    if row.assumed {
        "nobody has measured it"
    } else {
        "longer levels narrow it: four times the requests halve its interval"
    }
}

/// By how much a measurement would narrow the band, in words: a level by what it adds, a quantity by what it would if it were known
/// exactly, which no measurement makes it.
fn narrowing(next: &NextMeasurement) -> String {
    let exactly = if next.path.is_empty() { "it" } else { "known exactly it" };
    match (100.0 * next.narrows).round() {
        percent if percent < 1.0 => String::new(),
        percent if percent > 99.0 => " (nearly all of the band comes from it)".to_owned(),
        percent => format!(" ({exactly} would narrow the band by {percent:.0} %)"),
    }
}

impl Sensitivity {
    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut rows = vec![
            [
                format!("{} {}{}", self.of, self.value_bound.words(), short(self.value)),
                "low to high".into(),
                "moves it".into(),
                "share".into(),
            ]
            .to_vec(),
        ];
        for row in &self.rows {
            let assumed = if row.assumed { " (assumed, ±10 %)" } else { "" };
            rows.push(vec![
                row.path.clone(),
                format!("{} to {}{assumed}", short(row.low), short(row.high)),
                format!(
                    "{}{} to {}{}",
                    row.low_bound.words(),
                    short(row.at_low),
                    row.high_bound.words(),
                    short(row.at_high)
                ),
                format!("{:.0} %", 100.0 * row.share),
            ]);
        }
        let mut out = crate::text::table(&rows);
        if !self.next.is_empty() {
            out.push_str("\nMeasure next:\n");
        }
        for next in &self.next {
            out.push_str(&format!("  {}{}\n", next.what, narrowing(next)));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_band_narrows_to_nothing() {
        let known = "components.db.service.mean_ms";
        for (path, narrows, words) in [
            (known, 0.0, ""),
            (known, 0.004, ""),
            (known, 0.16, " (known exactly it would narrow the band by 16 %)"),
            ("", 0.16, " (it would narrow the band by 16 %)"),
            (known, 0.994, " (known exactly it would narrow the band by 99 %)"),
            (known, 0.996, " (nearly all of the band comes from it)"),
            (known, 1.0, " (nearly all of the band comes from it)"),
        ] {
            let next = NextMeasurement { path: path.to_owned(), narrows, ..NextMeasurement::default() };
            assert_eq!(narrowing(&next), words, "{narrows}");
        }
    }

    /// One slot at 10 requests a second: the headroom is 100 ms over the time, however far that is from where it stands.
    #[test]
    fn far_ends_are_found_and_those_beyond_the_search_said() {
        for (low, high, most, ends, share) in [
            (3.0, 40.0, 50.0, "33.3 to 2.50", "100 %"),
            (9.0, 11.0, 50.0, "11.1 to 9.09", "100 %"),
            (1.0, 40.0, 50.0, "more than 50.0 to 2.50", "100 %"),
            (9.0, 2000.0, 50.0, "11.1 to at most 0.100", "100 %"),
        ] {
            let scenario = format!(
                r#"{{"format":"headroom/1","traffic":[{{"id":"web","entry":"api","arrivals":{{"open":{{"rate":10}}}}}}],
                "components":[{{"id":"api","kind":"service","concurrency":1,
                "service":{{"mean_ms":{{"value":10,"low":{low},"high":{high}}}}}}}],"growth":{{"multiples":[1,{most}]}}}}"#
            );
            let found = sensitivity(&serde_json::from_str(&scenario).unwrap()).unwrap();
            let text = found.text();
            let row = text.lines().nth(1).unwrap_or_default();
            assert!(row.contains(&format!("  {ends}  ")) && row.ends_with(share), "{text}");
        }
    }

    #[test]
    fn a_figure_below_the_search_is_said_to_be_one() {
        let scenario = r#"{"format":"headroom/1","traffic":[{"id":"web","entry":"api","arrivals":{"open":{"rate":10}}}],
            "components":[{"id":"api","kind":"service","concurrency":1,"service":{"mean_ms":{"value":2000,"low":5,"high":3000}}}]}"#;
        let found = sensitivity(&serde_json::from_str(scenario).unwrap()).unwrap();
        assert_eq!(found.value_bound, Bound::Less, "{found:?}");
        assert!(found.text().starts_with("headroom at most 0.100"), "{}", found.text());
    }

    /// Only a ratio ends at 1; a count stays one, and what one measurement tells is one line.
    #[test]
    fn a_tenth_more_of_each_quantity_is_what_it_may_be() {
        let keys = r#"{"keys":10005,"zipf":0.95,"capacity_items":2000}"#;
        for (hits, rows) in [
            (
                keys,
                &[
                    ("components.w.hit_ratio.keys", 9005.0, 11006.0),
                    ("components.w.hit_ratio.capacity_items", 1800.0, 2200.0),
                    ("components.w.hit_ratio.zipf", 0.855, 1.045),
                ][..],
            ),
            ("0.95", &[("components.w.hit_ratio", 0.855, 1.0)]),
            (r#"{"a":0.95}"#, &[("components.w.hit_ratio.a", 0.855, 1.0)]),
        ] {
            let scenario = format!(
                r#"{{"format":"headroom/1","traffic":[{{"id":"a","entry":"w","arrivals":{{"open":{{"rate":300}}}}}}],
                "components":[{{"id":"w","kind":"cache","service":{{"mean_ms":0.5}},"hit_ratio":{hits},
                "calls":[{{"to":"d","when":"miss"}}]}},
                {{"id":"d","kind":"database","cores":1,"service":{{"mean_ms":4}},"failure_ratio":0.95}}],
                "growth":{{"multiples":[1,200]}}}}"#
            );
            let scenario: Scenario = serde_json::from_str(&scenario).unwrap();
            for located in list(&scenario).iter().filter(|at| at.path_by_id.ends_with("failure_ratio")) {
                let range = scenario::quantities::range(&scenario, &located.path_by_id).unwrap();
                assert_eq!(ends(&located.quantity, &located.path_by_id, range.max).unwrap().1, 1.0);
            }
            let found = sensitivity(&scenario).unwrap();
            for (path, low, high) in rows {
                let row = found.rows.iter().find(|row| row.path == *path);
                let row = row.unwrap_or_else(|| unreachable!("{path}: {}", found.text()));
                assert!((row.low - low).abs() < 1e-9 && (row.high - high).abs() < 1e-9, "{row:?}");
            }
            let hits: Vec<_> = found.next.iter().filter(|next| next.what.contains("hits and misses of w")).collect();
            assert_eq!(hits.len(), 1, "{}", found.text());
            let share: f64 = found.rows.iter().filter(|r| r.path.contains("hit_ratio")).map(|r| r.share).sum();
            assert!((hits[0].narrows - (1.0 - (1.0 - share).max(0.0).sqrt())).abs() < 1e-9, "{hits:?}");
        }
    }

    #[test]
    fn the_receipts_decide_the_shop() {
        let mut shop: Scenario =
            serde_json::from_str(include_str!("../../../tests/fixtures/shop-stack/scenario.json")).unwrap();
        let worker = Quantity { low: Some(55.0), high: Some(65.0), ..Quantity::bare(60.0) };
        assert!(address::write(&mut shop, "components.receipt-worker.service.mean_ms", &worker));
        let found = sensitivity(&shop).unwrap();
        assert_eq!(found.of, "headroom");
        assert_eq!(found.rows[0].path, "components.receipt-worker.service.mean_ms", "{found:?}");
        // Two workers: headroom 2 / (6 x time).
        assert!((found.rows[0].at_low / (2.0 / (6.0 * 0.055)) - 1.0).abs() < 0.03, "{:?}", found.rows[0]);
        assert!(found.next[0].what.contains("receipt-worker") && found.next[0].narrows > 0.5, "{:?}", found.next);
        assert!(found.next.iter().any(|n| n.what.contains("load test")), "{:?}", found.next);
    }
}
