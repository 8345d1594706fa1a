//! Draws of a whole scenario: the joint draws of its calibration, and every other quantity that has an interval on its own.

use crate::calibrate::Random;
use engine::fit::estimate::normal;
use engine::math;
use engine::model::System;
use scenario::catalogue::Range;
use scenario::quantities::{is_counted, range, visit};
use scenario::v1::Quantity;
use scenario::{Problem, Scenario};
use std::collections::BTreeMap;

/// Samples systems from the uncertainty of a scenario's quantities.
#[derive(Debug, Clone)]
pub struct Sampler {
    scenario: Scenario,
    /// For each quantity in the order of [`visit`]: where its value comes from.
    sources: Vec<Source>,
    draws: Vec<Vec<f64>>,
    /// One column of strata per quantity that is drawn alone.
    alone: Vec<Vec<f64>>,
    distinct: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Source {
    Fixed,
    /// Column of the joint draws.
    Joint(usize),
    /// Column of those drawn alone, with the interval and what the format allows there.
    Alone {
        column: usize,
        value: f64,
        ends: (f64, f64),
        range: Option<Range>,
    },
}

impl Sampler {
    /// Prepares `samples` draws. The scenario must have passed its checks.
    #[must_use]
    pub fn new(scenario: &Scenario, samples: usize, seed: u64) -> Self {
        let mut sampler =
            Self { scenario: scenario.clone(), sources: Vec::new(), draws: Vec::new(), alone: Vec::new(), distinct: 1 };
        scenario::quantities::name_draws_by_id(&mut sampler.scenario);
        let mut columns: BTreeMap<String, usize> = BTreeMap::new();
        if let Some(fit) = &sampler.scenario.fit {
            columns = fit.paths.iter().cloned().zip(0..).collect();
            let whole = |draw: &&Vec<f64>| draw.len() == fit.paths.len() && draw.iter().all(|v| v.is_finite());
            sampler.draws = fit.draws.iter().filter(whole).cloned().collect();
        }
        let joint = !sampler.draws.is_empty();
        let mut random = Random(seed);
        let (sources, alone) = (&mut sampler.sources, &mut sampler.alone);
        visit(&mut sampler.scenario, &mut |_, path, quantity| {
            let path = path.to_string();
            let source = match columns.get(&path) {
                Some(&column) if joint => Source::Joint(column),
                _ => match interval(scenario, quantity, &path) {
                    Some(ends) => {
                        alone.push(random.strata(samples.max(1)));
                        let range = range(scenario, &path);
                        Source::Alone { column: alone.len() - 1, value: quantity.value, ends, range }
                    }
                    None => Source::Fixed,
                },
            };
            sources.push(source);
        });
        sampler.distinct = match (sampler.alone.is_empty(), sampler.draws.len()) {
            (true, draws) => draws.clamp(1, samples.max(1)),
            (false, _) => samples.max(1),
        };
        sampler
    }

    /// How many different systems there are; more samples would only repeat them.
    #[must_use]
    pub const fn distinct(&self) -> usize {
        self.distinct
    }

    /// Whether anything is uncertain at all.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.alone.is_empty() && self.draws.is_empty()
    }

    /// The system of one draw, and the growth per month in it.
    ///
    /// # Errors
    /// Problems of a drawn value.
    pub fn system(&mut self, draw: usize) -> Result<(System, Option<f64>), Vec<Problem>> {
        let mut position = 0;
        let (sources, draws, alone) = (&self.sources, &self.draws, &self.alone);
        visit(&mut self.scenario, &mut |_, _, quantity| {
            match sources.get(position) {
                Some(&Source::Joint(column)) => quantity.value = draws[draw % draws.len()][column],
                Some(&Source::Alone { column, value, ends, range }) => {
                    let free = drawn(alone[column][draw % alone[column].len()], value, ends);
                    quantity.value = range.map_or(free, |range| free.clamp(range.min, range.max));
                }
                _ => {}
            }
            position += 1;
        });
        let growth = self.scenario.growth.as_ref().and_then(|g| g.per_month.as_ref()).map(|q| q.value);
        Ok((scenario::lower_checked(&self.scenario)?, growth))
    }
}

/// The interval of a quantity that is drawn alone; counts are never drawn.
fn interval(scenario: &Scenario, quantity: &Quantity, path: &str) -> Option<(f64, f64)> {
    let (low, high) = (quantity.low?, quantity.high?);
    let doubted = high > low && low.is_finite() && high.is_finite();
    (doubted && !is_counted(scenario, path)).then_some((low, high))
}

/// A value at a cumulative probability: lognormal on each side of the stated value, so that low and high are its 5 and 95 %.
/// Linear where the interval touches zero. What is below zero, a credit, is its mirror image.
fn drawn(probability: f64, value: f64, (low, high): (f64, f64)) -> f64 {
    let z = normal(probability) / normal(0.95);
    let end = if z < 0.0 { low } else { high };
    if value > 0.0 && low > 0.0 || value < 0.0 && high < 0.0 {
        value * math::exp(z.abs() * math::ln(end / value))
    } else {
        value + z.abs() * (end - value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_5_to_95() {
        for (p, want) in [(0.05, 10.5), (0.5, 12.0), (0.95, 14.0)] {
            assert!((drawn(p, 12.0, (10.5, 14.0)) - want).abs() < 1e-9);
        }
        assert!((drawn(0.05, 1.0, (0.0, 3.0))).abs() < 1e-9);
        // A credit.
        for (p, want) in [(0.05, -600.0), (0.5, -500.0), (0.95, -400.0)] {
            assert!((drawn(p, -500.0, (-600.0, -400.0)) - want).abs() < 1e-9);
        }
        // Shrinking or growing.
        for (p, want) in [(0.05, -0.01), (0.5, 0.02), (0.95, 0.04)] {
            assert!((drawn(p, 0.02, (-0.01, 0.04)) - want).abs() < 1e-9);
        }
    }

    /// What is drawn stays within what the format allows there, and is not cut at anything else.
    #[test]
    fn draws_keep_to_what_is_allowed() {
        let text = r#"{"format": "headroom/1", "name": "x", "costs": [{"id": "credit", "monthly": {"value": -500, "low": -600, "high": -400}}],
            "traffic": [{"id": "a", "entry": "s", "arrivals": {"open": {"rate": 1}}}], "growth": {"per_month": {"value": 0.01, "low": -0.02, "high": 0.03}},
            "components": [{"id": "s", "kind": "service", "service": {"mean_ms": {"value": 0.5, "low": 0.1, "high": 0.9}}, "calls": [{"to": "c"}]},
                {"id": "c", "kind": "cache", "hit_ratio": {"value": 0.98, "low": 0.9, "high": 0.99}}]}"#;
        let scenario = scenario::parse(text).unwrap().scenario;
        let mut sampler = Sampler::new(&scenario, 1000, 1);
        let draws: Vec<_> = (0..1000).map(|draw| sampler.system(draw).unwrap()).collect();
        let ends = |of: fn(&(System, Option<f64>)) -> f64| {
            let all: Vec<f64> = draws.iter().map(of).collect();
            (all.iter().copied().fold(f64::INFINITY, f64::min), all.iter().copied().fold(f64::NEG_INFINITY, f64::max))
        };
        let (least, most) = ends(|(system, _)| system.fixed_costs[0].monthly);
        assert!(least < -600.0 && most > -400.0 && most < 0.0, "{least} {most}");
        let (least, most) = ends(|(_, growth)| growth.unwrap());
        assert!(least < -0.02 && most > 0.03, "{least} {most}");
        let (_, most) = ends(|(system, _)| 1000.0 * system.stations[0].service[0].mean());
        assert!(most > 1.0, "a time below a millisecond may be above it: {most}");
    }

    /// Names of the class and the component, the quantity that has an interval, and whether it is drawn: what it is decides, not what
    /// it is called.
    #[test]
    fn counts_alone_are_certain() {
        let doubted = |value: f64| format!(r#"{{"value": {value}, "low": {}, "high": {}}}"#, 0.5 * value, 1.5 * value);
        for (class, part, key, drawn) in [
            ("web", "pools", "mean_ms", true),
            ("clients", "c", "hit_ratio", true),
            ("nodes", "pools", "hit_ratio", true),
            ("web", "c", "users", true),
            ("web", "c", "replicas", false),
            ("web", "c", "users-pool", false),
            ("max", "pools", "max", false),
        ] {
            let at = |own: &str, value: f64| if own == key { doubted(value) } else { value.to_string() };
            let text = format!(
                r#"{{"format": "headroom/1", "traffic": [{{"id": "{class}", "entry": "{part}", "arrivals": {{"closed": {{"users": {}, "think_time_s": 1}}}}}}],
                "components": [{{"id": "{part}", "kind": "service", "replicas": {}, "service": {{"mean_ms": {}}}, "pools": {{"users": {}}},
                    "calls": [{{"to": "cache", "retry": {{"max": {}}}, "timeout_ms": 100}}]}},
                    {{"id": "cache", "kind": "cache", "hit_ratio": {{"{class}": {}}}}}]}}"#,
                at("users", 20.0),
                at("replicas", 4.0),
                at("mean_ms", 5.0),
                at("users-pool", 8.0),
                at("max", 2.0),
                at("hit_ratio", 0.5)
            );
            let parsed = scenario::parse(&text).unwrap();
            let said = parsed.notes.iter().any(|note| note.text.starts_with("what is counted has no interval"));
            let certain = Sampler::new(&parsed.scenario, 10, 1).is_certain();
            assert_eq!((certain, said), (!drawn, !drawn), "{class} {part} {key}: {:?}", parsed.notes);
        }
    }

    #[test]
    fn draws_named_by_position_are_the_same_draws() {
        let text = include_str!("../../../tests/fixtures/shop-stack/scenario.json");
        let mut shop: Scenario = serde_json::from_str(text).unwrap();
        let drawn = scenario::quantities::list(&shop).into_iter().find(|q| q.path.ends_with("mean_ms")).unwrap();
        let value = drawn.quantity.value;
        let mut draws_of = |path: &str| {
            shop.fit =
                Some(scenario::v1::Fit { paths: vec![path.into()], draws: vec![vec![value], vec![2.0 * value]] });
            let mut sampler = Sampler::new(&shop, 10, 1);
            (0..2).map(|draw| sampler.system(draw).unwrap().0).collect::<Vec<_>>()
        };
        let (by_position, by_id) = (draws_of(&drawn.path), draws_of(&drawn.path_by_id));
        assert!(drawn.path != drawn.path_by_id && by_id[0] != by_id[1] && by_position == by_id);
    }

    #[test]
    fn a_certain_scenario_has_one_draw() {
        let text = include_str!("../../../tests/fixtures/shop-stack/scenario.json");
        let mut shop: Scenario = serde_json::from_str(text).unwrap();
        let certain = Sampler::new(&shop, 100, 1);
        assert!(certain.is_certain() && certain.distinct() == 1);
        if let Some(q) = shop.growth.as_mut().and_then(|g| g.per_month.as_mut()) {
            (q.low, q.high) = (Some(0.05), Some(0.12));
        }
        let mut doubtful = Sampler::new(&shop, 100, 1);
        assert_eq!(doubtful.distinct(), 100);
        let mut rates: Vec<f64> = (0..100).map(|i| doubtful.system(i).unwrap().1.unwrap()).collect();
        rates.sort_by(f64::total_cmp);
        assert!((rates[5] - 0.05).abs() < 2e-3 && (rates[94] - 0.12).abs() < 4e-3, "{rates:?}");
    }
}
