//! Two to four scenarios side by side: what differs in them, and in what they answer.

use crate::headline::{money, times};
use crate::result::ResultDoc;
use crate::text::{short, table};
use scenario::quantities::list;
use scenario::{Problem, Scenario};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Scenarios side by side.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Comparison {
    /// Names, in the order given.
    pub names: Vec<String>,
    /// Quantities that differ: address, and the value in each (absent where a scenario has none).
    pub inputs: Vec<(String, Vec<Option<f64>>)>,
    /// Answers, in the order given.
    pub results: Vec<ResultDoc>,
    /// Figures that differ at each multiple, the largest relative difference first: (what, values).
    pub figures: Vec<(String, Vec<Option<f64>>)>,
}

/// Compares scenarios at the given multiples (empty: those of the first).
///
/// # Errors
/// All problems of all scenarios, with the name of each before the path.
pub fn compare(scenarios: &[Scenario], multiples: &[f64]) -> Result<Comparison, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut results = Vec::new();
    let own = scenarios.first().and_then(|s| s.growth.as_ref()).map_or_else(Vec::new, |g| g.multiples.clone());
    let multiples = if multiples.is_empty() { own } else { multiples.to_vec() };
    for scenario in scenarios {
        match crate::solve(scenario, &multiples) {
            Ok(doc) => results.push(doc),
            Err(found) => problems
                .extend(found.into_iter().map(|p| Problem { path: format!("{}: {}", scenario.name, p.path), ..p })),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Comparison {
        names: scenarios.iter().map(|s| s.name.clone()).collect(),
        inputs: inputs(scenarios),
        figures: figures(&results),
        results,
    })
}

/// Rows of a map from name to one value per scenario, without those that agree.
fn differing(all: BTreeMap<String, Vec<Option<f64>>>) -> Vec<(String, Vec<Option<f64>>)> {
    all.into_iter().filter(|(_, values)| spread(values) > 1e-9).collect()
}

/// Largest relative difference between values; infinite where some are absent.
fn spread(values: &[Option<f64>]) -> f64 {
    if values.iter().any(Option::is_none) {
        return if values.iter().all(Option::is_none) { 0.0 } else { f64::INFINITY };
    }
    let low = values.iter().flatten().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
    (high - low) / high.abs().max(low.abs()).max(1e-300)
}

fn inputs(scenarios: &[Scenario]) -> Vec<(String, Vec<Option<f64>>)> {
    let mut all: BTreeMap<String, Vec<Option<f64>>> = BTreeMap::new();
    for (index, scenario) in scenarios.iter().enumerate() {
        for located in list(scenario) {
            all.entry(located.path_by_id).or_insert_with(|| vec![None; scenarios.len()])[index] =
                Some(located.quantity.value);
        }
    }
    differing(all)
}

fn figures(results: &[ResultDoc]) -> Vec<(String, Vec<Option<f64>>)> {
    let mut all: BTreeMap<String, Vec<Option<f64>>> = BTreeMap::new();
    let mut put = |what: String, index: usize, value: Option<f64>| {
        all.entry(what).or_insert_with(|| vec![None; results.len()])[index] = value;
    };
    for (index, doc) in results.iter().enumerate() {
        put("headroom".into(), index, doc.headroom.as_ref().and_then(|h| h.multiple));
        for point in &doc.points {
            let at = times(point.multiple);
            put(format!("a month at {at}"), index, Some(point.cost.monthly));
            for (id, class) in &point.classes {
                let p95 = class.latency_ms.as_ref().and_then(|l| l.get("p95")).copied();
                put(format!("{id} p95 ms at {at}"), index, p95);
            }
        }
    }
    let mut rows = differing(all);
    // Of equal ones the smaller multiple first: as text, ten stands before two.
    let place = |what: &str| {
        let (what, at) = what.rsplit_once(" at ").unwrap_or((what, ""));
        (what.to_owned(), at.trim_matches('×').parse().unwrap_or(0.0_f64))
    };
    rows.sort_by(|a, b| {
        let (x, y) = (place(&a.0), place(&b.0));
        spread(&b.1).total_cmp(&spread(&a.1)).then(x.0.cmp(&y.0)).then(x.1.total_cmp(&y.1))
    });
    rows
}

impl Comparison {
    /// Puts the file beside each name that another scenario has too, or that is empty; `files` in the order of the scenarios.
    pub fn tell_apart(&mut self, files: &[String]) {
        let alike = |name: &String| name.is_empty() || self.names.iter().filter(|other| *other == name).count() > 1;
        let named = self.names.iter().zip(files).map(|(name, file)| match (alike(name), name.is_empty()) {
            (false, _) => name.clone(),
            (true, true) => file.clone(),
            (true, false) => format!("{name} ({file})"),
        });
        self.names = named.collect();
    }

    /// For people: differences first.
    #[must_use]
    pub fn text(&self, currency: Option<&str>) -> String {
        let mut out = String::new();
        let cell = |value: &Option<f64>| value.map_or_else(|| "-".to_owned(), short);
        for (title, rows) in [("Answers that differ", &self.figures), ("Numbers that differ", &self.inputs)] {
            let header: Vec<String> = std::iter::once(title.to_owned()).chain(self.names.iter().cloned()).collect();
            let mut lines = vec![header];
            for (what, values) in rows {
                let priced = what.starts_with("a month");
                let shown = values
                    .iter()
                    .map(|v| if priced { v.map_or_else(|| "-".to_owned(), |v| money(v, currency)) } else { cell(v) });
                lines.push(std::iter::once(what.clone()).chain(shown).collect());
            }
            if rows.is_empty() {
                let _ = writeln!(out, "{title}: none\n");
            } else {
                let _ = writeln!(out, "{}", table(&lines));
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_differences_are_shown() {
        let shop: Scenario =
            serde_json::from_str(include_str!("../../../tests/fixtures/shop-stack/scenario.json")).unwrap();
        let same = compare(&[shop.clone(), shop.clone()], &[]).unwrap();
        assert!(same.inputs.is_empty() && same.figures.is_empty());
        let mut named = same;
        named.names = ["Shop", "Shop", "", "Other"].map(str::to_owned).into();
        named.tell_apart(&["a.json", "b/a.json", "c.json", "d.json"].map(str::to_owned));
        assert_eq!(named.names, ["Shop (a.json)", "Shop (b/a.json)", "c.json", "Other"]);
        let mut other = shop.clone();
        other.name = "Bigger pool".into();
        other.components[0].pools.insert("pg".into(), 8.0.into());
        let found = compare(&[shop, other], &[1.0, 20.0]).unwrap();
        assert_eq!(found.inputs, [("components.app.pools.pg".to_owned(), vec![Some(4.0), Some(8.0)])]);
        assert!(found.figures.iter().any(|(what, _)| what == "browse p95 ms at 20×"), "{:?}", found.figures);
        assert!(found.text(Some("USD")).contains("Bigger pool"));
        // What only one of them has differs most, in the order of its multiples.
        let mut larger: Scenario =
            serde_json::from_str(include_str!("../../../tests/fixtures/shop-stack/scenario.json")).unwrap();
        let shop = larger.clone();
        let mut more = larger.traffic[0].clone();
        more.id = "more".into();
        larger.traffic.push(more);
        let found = compare(&[shop, larger], &[2.0, 3.0, 10.0]).unwrap();
        let names: Vec<&str> = found.figures.iter().map(|(what, _)| what.as_str()).take(3).collect();
        assert_eq!(names, ["more p95 ms at 2×", "more p95 ms at 3×", "more p95 ms at 10×"]);
    }
}
