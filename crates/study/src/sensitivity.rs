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
    /// Address of the quantity; empty for a load level.
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
        let Some((low, high, assumed)) = ends(&located.quantity, &located.path_by_id) else { continue };
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
    answer.bottleneck.map_or(0.0, |b| b.load)
}

/// Low and high end of a quantity that may move; sizes and money do not.
fn ends(quantity: &Quantity, path: &str) -> Option<(f64, f64, bool)> {
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
    // The load itself is the question asked, and exact by itself.
    (!measured && key != "rate" && key != "per_request").then(|| {
        let most = if key == "hit_ratio" || path.contains(".hit_ratio.") { 1.0 } else { f64::INFINITY };
        (quantity.value * (1.0 - TRY), (quantity.value * (1.0 + TRY)).min(most), true)
    })
}

/// What to measure, best first; `load` is the busiest part's utilization at a multiple.
fn next(
    scenario: &Scenario,
    rows: &[SensitivityRow],
    headroom: Option<f64>,
    load: impl FnMut(f64) -> f64,
) -> Vec<NextMeasurement> {
    let mut next: Vec<NextMeasurement> = rows
        .iter()
        .take(3)
        .map(|row| NextMeasurement {
            path: row.path.clone(),
            what: advice(row),
            narrows: 1.0 - (1.0 - row.share).max(0.0).sqrt(),
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

fn advice(row: &SensitivityRow) -> String {
    let parts: Vec<&str> = row.path.split('.').collect();
    let component = parts.get(1).copied().unwrap_or("");
    let doubt = if row.assumed {
        "nobody has measured it"
    } else {
        "longer levels narrow it: four times the requests halve its interval"
    };
    if row.path.contains("hit_ratio") {
        format!("hits and misses of {component}; {doubt}")
    } else if row.path.ends_with(".cv") {
        format!("a histogram of {component}'s times; {doubt}")
    } else if row.path.ends_with(".per_request") {
        format!("how many calls {component} makes per visit (traces, or the rates at both ends); {doubt}")
    } else if row.path.ends_with("failure_ratio") {
        format!("how many visits of {component} fail; {doubt}")
    } else if row.path.starts_with("traffic.") {
        format!("how many requests of {component} arrive at the peak; {doubt}")
    } else if row.path.contains("network_ms") {
        format!("how long {component} holds a connection beyond the call itself; {doubt}")
    } else {
        format!("rate and busy time (or mean time) of {component}; {doubt}")
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
