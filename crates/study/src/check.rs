//! Objectives at one growth multiple, for continuous integration: pass or fail, with the reason, and against a base scenario.

mod difference;

pub use difference::Difference;

use crate::headline::{money, times};
use crate::project::{ProjectJob, ProjectOptions, project};
use crate::report::escaped;
use crate::result::{ObjectiveBreak, Point, ResultDoc, Warning};
use crate::solve::over_one_range;
use crate::spend::is_priced;
use crate::text::{cell, known, percent};
use scenario::v1::Slo;
use scenario::{Problem, Scenario};
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// What to check.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckOptions {
    /// Growth multiple at which the objectives must hold.
    pub growth: f64,
    /// Least probability that an uncertain objective must hold with.
    pub probability: f64,
    /// Draws of the uncertain quantities.
    pub samples: usize,
    /// Seed of the draws.
    pub seed: u64,
}

impl Default for CheckOptions {
    fn default() -> Self {
        Self { growth: 1.0, probability: 0.9, samples: 400, seed: 1 }
    }
}

/// The outcome of a check.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Check {
    /// Whether every objective holds.
    pub passed: bool,
    /// Growth multiple.
    pub multiple: f64,
    /// Every objective, and that nothing saturates.
    pub rows: Vec<CheckRow>,
    /// The headline of the scenario.
    pub headline: String,
    /// Objectives that contradict each other or what the scenario fixes, at the multiple and with less load.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contradictions: Vec<Warning>,
    /// What changed against the base scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
    /// The whole answer at the multiple.
    pub result: ResultDoc,
}

/// One objective.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CheckRow {
    /// Position in `slos`; absent for saturation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    /// The objective in words.
    pub objective: String,
    /// Whether it counts as held.
    pub passed: bool,
    /// Distance to the limit as a share of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
    /// Share of the draws in which it holds; that of saturation counts draws that did not settle as saturated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// The multiple at which it breaks by itself; absent when it holds as far as was looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaks_at: Option<f64>,
    /// The month in which growth reaches it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaks_on: Option<String>,
    /// The reason in words.
    pub reason: String,
}

/// What stands before the path of a problem of the base.
pub const BASE: &str = "base: ";

/// Checks the objectives of a scenario at a growth multiple.
///
/// # Errors
/// All problems of the scenario or the base; before the path of those of the base stands [`BASE`].
pub fn check(scenario: &Scenario, base: Option<&Scenario>, options: &CheckOptions) -> Result<Check, Vec<Problem>> {
    let projected = ProjectOptions {
        multiples: vec![options.growth],
        samples: options.samples,
        seed: options.seed,
        run_seconds: None,
    };
    let wide = over_one_range(&std::iter::once(scenario).chain(base).collect::<Vec<_>>());
    let mut job = ProjectJob::new(wide.first().unwrap_or(scenario), &projected)?;
    while job.step(usize::MAX)? {}
    let result = job.result();
    let difference = match (base, wide.get(1)) {
        (Some(base), Some(wide)) => {
            let of_base = |problem: Problem| Problem { path: format!("{BASE}{}", problem.path), ..problem };
            let before = project(wide, &ProjectOptions { samples: 1, ..projected })
                .map_err(|problems| problems.into_iter().map(of_base).collect::<Vec<_>>())?;
            Some(Difference::between((base, &before), (scenario, &result)))
        }
        _ => None,
    };
    let mut check = Check {
        multiple: options.growth,
        headline: crate::headline(&result, scenario).sentence,
        contradictions: crate::plan::contradictions(scenario, &[options.growth])?,
        difference,
        ..Check::default()
    };
    if let Some(point) = result.points.first() {
        check.rows = vec![saturation(point, job.steady(0), options.probability)];
        check.rows.extend(rows(scenario, point, options.probability, &result.objectives));
    }
    check.passed = check.rows.iter().all(|r| r.passed);
    check.result = result;
    Ok(check)
}

/// That nothing saturates and every class is answered: as the scenario stands, and in how many of the draws.
fn saturation(point: &Point, (steady, probability): (bool, Option<f64>), least: f64) -> CheckRow {
    let saturated = point.classes.iter().find(|(_, c)| c.latency_ms.is_none());
    let growing = point.components.iter().find(|(_, c)| c.growth_per_s.is_some_and(|g| g > 0.0));
    let why = match (saturated, growing, &point.bottleneck) {
        (Some((class, at)), _, _) if at.error_ratio >= 1.0 => Some(format!("every request of {class} fails")),
        (Some((class, _)), _, _) => Some(format!("{class} gets more requests than can pass")),
        (None, Some((queue, _)), _) => Some(format!("the backlog of {queue} grows")),
        _ if point.unsettled => Some("not known: the solver did not settle, simulate it".into()),
        (None, None, Some(b)) if steady => {
            Some(format!("{} {} is {:.0} % busy", b.component, b.resource, 100.0 * b.utilization))
        }
        (None, None, Some(b)) => Some(format!("more arrives at {} {} than can pass", b.component, b.resource)),
        (None, None, None) => None,
    };
    let reason: Vec<String> = why.into_iter().chain(probability.map(chance)).collect();
    CheckRow {
        objective: "nothing saturates".into(),
        passed: steady && is_sure(probability, least),
        probability,
        reason: reason.join(", "),
        ..CheckRow::default()
    }
}

/// Whether what holds in this share of the draws counts as held; without doubt it does.
fn is_sure(probability: Option<f64>, least: f64) -> bool {
    probability.is_none_or(|p| p >= least)
}

fn chance(probability: f64) -> String {
    format!("holds with probability {probability:.2}")
}

fn rows(scenario: &Scenario, point: &Point, least: f64, breaks: &[ObjectiveBreak]) -> Vec<CheckRow> {
    let mut rows = Vec::new();
    for slo in &point.slos {
        let Some(of) = scenario.slos.get(slo.index) else { continue };
        // A budget over what has no price says nothing.
        let unpriced = of.max_monthly_cost.is_some() && !is_priced(scenario);
        let margin = match slo.margin {
            Some(_) if unpriced => Some("nothing has a price".to_owned()),
            Some(margin) if margin >= 0.0 => Some(format!("{:.0} % to spare", 100.0 * margin)),
            Some(margin) => Some(format!("missed by {:.0} %", -100.0 * margin)),
            None if slo.met => unknown(of, point).map(str::to_owned),
            None => None,
        };
        let breaks = breaks.iter().find(|b| b.index == slo.index);
        let breaks_at = breaks.and_then(|b| b.multiple);
        let breaks_on = breaks.and_then(|b| b.date.clone());
        let until = breaks_at.map(|at| match &breaks_on {
            Some(date) => format!("breaks at {} (about {date})", times(at)),
            None => format!("breaks at {}", times(at)),
        });
        let reason: Vec<String> = margin.into_iter().chain(slo.probability.map(chance)).chain(until).collect();
        rows.push(CheckRow {
            index: Some(slo.index),
            objective: objective(of, scenario),
            passed: slo.met && is_sure(slo.probability, least),
            margin: slo.margin,
            probability: slo.probability,
            breaks_at,
            breaks_on,
            reason: reason.join(", "),
        });
    }
    rows
}

/// Why an objective holds that says nothing of how far.
fn unknown(of: &Slo, point: &Point) -> Option<&'static str> {
    let idle = |id: &String| point.classes.get(id).is_some_and(|class| class.offered_rps <= 0.0);
    if of.max_utilization.is_some_and(|limit| limit > 0.0) {
        Some("its utilization is not known: say how many slots or cores it has")
    } else {
        of.traffic.as_ref().filter(|id| idle(id)).map(|_| "nobody asks")
    }
}

/// An objective in words, an amount in the scenario's currency.
#[must_use]
pub fn objective(slo: &Slo, scenario: &Scenario) -> String {
    let traffic = slo.traffic.as_deref().unwrap_or("");
    let component = slo.component.as_deref().unwrap_or("");
    if let (Some(percentile), Some(ms)) = (slo.percentile, slo.latency_ms) {
        format!("{traffic} p{percentile} at most {ms} ms")
    } else if let Some(ratio) = slo.max_error_ratio {
        format!("{traffic} errors at most {} %", percent(ratio))
    } else if let Some(ratio) = slo.max_utilization {
        format!("{component} at most {} % busy", percent(ratio))
    } else if let Some(age) = slo.max_backlog_age_s {
        format!("messages of {component} at most {age} s old")
    } else if let Some(what) = &slo.survive {
        format!("survives the loss of one {what}")
    } else if let Some(cost) = slo.max_monthly_cost {
        format!("at most {} a month", money(cost, scenario.currency.as_deref()))
    } else {
        "an objective".into()
    }
}

impl Check {
    /// For people; of the scenario that was checked.
    #[must_use]
    pub fn text(&self, scenario: &Scenario) -> String {
        let mut out = format!("{}\n\n", self.headline);
        let mut rows = vec![[format!("at {}", times(self.multiple)), "holds".into(), "why".into()].to_vec()];
        for row in &self.rows {
            rows.push(vec![row.objective.clone(), if row.passed { "yes" } else { "NO" }.into(), row.reason.clone()]);
        }
        out.push_str(&crate::text::table(&rows));
        for contradiction in &self.contradictions {
            let _ = writeln!(out, "\n{}: {}", contradiction.path, contradiction.text);
        }
        if let Some(d) = &self.difference {
            let _ = writeln!(out, "\n{}", d.sentence());
        }
        let known = known(&self.result, scenario);
        if !known.is_empty() {
            let _ = writeln!(out, "\nKnow:\n  {}", known.join("\n  "));
        }
        out
    }

    /// For a pull request; of the scenario that was checked.
    #[must_use]
    pub fn markdown(&self, scenario: &Scenario) -> String {
        let mut out = format!(
            "### Headroom at {}: {}\n\n{}\n\n",
            times(self.multiple),
            if self.passed { "passed" } else { "**failed**" },
            self.headline
        );
        out.push_str("| objective | holds | why |\n| --- | --- | --- |\n");
        for row in &self.rows {
            let _ = writeln!(
                out,
                "| {} | {} | {} |",
                cell(&row.objective),
                if row.passed { "yes" } else { "**no**" },
                cell(&row.reason)
            );
        }
        for contradiction in &self.contradictions {
            let _ = writeln!(out, "\n> {}: {}", contradiction.path, contradiction.text);
        }
        if let Some(d) = &self.difference {
            out.push_str(&d.markdown());
        }
        for line in known(&self.result, scenario) {
            let _ = writeln!(out, "\n> {}", cell(&line));
        }
        out
    }

    /// JUnit XML: one test case per objective, and what to know; of the scenario that was checked.
    #[must_use]
    pub fn junit(&self, scenario: &Scenario) -> String {
        let failures = self.rows.iter().filter(|r| !r.passed).count();
        let mut out = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"headroom at {}\" tests=\"{}\" failures=\"{failures}\">\n",
            times(self.multiple),
            self.rows.len()
        );
        for row in &self.rows {
            let name = escaped(&row.objective);
            if row.passed {
                let _ = writeln!(out, "    <testcase classname=\"headroom\" name=\"{name}\"/>");
            } else {
                let reason = escaped(&row.reason);
                let _ = writeln!(
                    out,
                    "    <testcase classname=\"headroom\" name=\"{name}\"><failure message=\"{reason}\"/></testcase>"
                );
            }
        }
        let known = known(&self.result, scenario);
        if !known.is_empty() {
            let _ = writeln!(out, "    <system-out>{}</system-out>", escaped(&known.join("\n")));
        }
        out.push_str("  </testsuite>\n</testsuites>\n");
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shop() -> Scenario {
        serde_json::from_str(include_str!("../../../tests/fixtures/shop-stack/scenario.json")).unwrap()
    }

    #[test]
    fn holds_at_one_and_fails_far_beyond() {
        let shop = shop();
        let now = check(&shop, None, &CheckOptions::default()).unwrap();
        assert!(now.passed, "{}", now.text(&shop));
        assert!(now.junit(&shop).contains("failures=\"0\""));
        // A pool of 4 held for 10 ms by 12 + 6 calls a second is full at 22 times that.
        let beyond = check(&shop, None, &CheckOptions { growth: 40.0, ..CheckOptions::default() }).unwrap();
        assert!(!beyond.passed);
        assert!(beyond.text(&shop).contains("gets more requests than can pass"), "{}", beyond.text(&shop));
        assert!(beyond.junit(&shop).contains("<failure"));
    }

    /// One slot or a chain that it is in, at 100 requests a second; objectives on errors alone, which nobody misses who is answered.
    fn one_slot(mean_ms: &str, mode: &str) -> Scenario {
        let text = format!(
            r#"{{"format":"headroom/1","traffic":[{{"id":"web","entry":"api","arrivals":{{"open":{{"rate":100}}}}}}],
            "components":[{{"id":"api","kind":"service","concurrency":9,"calls":[{{"to":"one","mode":"{mode}"}}]}},
            {{"id":"one","kind":"service","concurrency":1,"service":{{"mean_ms":{mean_ms}}}}}],
            "slos":[{{"traffic":"web","max_error_ratio":0.01}}],"growth":{{"multiples":[1,2]}}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    /// What a slot takes and how it is called, whether each of the two rows passes at what least probability, and how saturation reads.
    #[test]
    fn saturation_is_judged_as_sure_as_the_rest() {
        let doubted = r#"{"value":9,"low":7,"high":13}"#;
        let (busy, chance) = ("one slots is 90 % busy", "holds with probability 0.6");
        for (mean_ms, mode, least, passed, words) in [
            ("9", "sync", 0.9, [true, true], [busy, ""]),
            (doubted, "sync", 0.9, [false, false], [busy, chance]),
            (doubted, "sync", 0.5, [true, true], [busy, chance]),
            ("20", "sync", 0.9, [false, false], ["web gets more requests than can pass", ""]),
            // Nobody waits for what is full.
            ("20", "async", 0.9, [false, true], ["more arrives at one slots than can pass", ""]),
        ] {
            let scenario = one_slot(mean_ms, mode);
            let options = CheckOptions { probability: least, ..CheckOptions::default() };
            let check = check(&scenario, None, &options).unwrap();
            let [saturation, errors] = &check.rows[..] else { panic!("{:?}", check.rows) };
            assert_eq!([saturation.passed, errors.passed], passed, "{mean_ms} {mode}: {}", check.text(&scenario));
            assert_eq!(check.passed, passed == [true, true]);
            assert_eq!(
                (saturation.probability.is_some(), errors.probability),
                (!words[1].is_empty(), saturation.probability)
            );
            assert!(words.iter().all(|w| saturation.reason.contains(w)), "{mean_ms} {mode}: {}", saturation.reason);
            // An objective that nobody is answered for breaks where the class does.
            if mode == "sync" {
                assert!(errors.breaks_at.is_some(), "{mean_ms}: {errors:?}");
            }
        }
    }

    /// Calls that are given up keep the line at the database short, and yet nothing passes; or none is answered in time at any load.
    #[test]
    fn nobody_answered_is_no_pass() {
        for (mean_ms, cv, growth, part, multiple) in [(60, 1, 1.2, Some("db"), None), (400, 0, 0.02, None, Some(0.02))]
        {
            let text = format!(
                r#"{{"format":"headroom/1","traffic":[{{"id":"w","entry":"gw","arrivals":{{"open":{{"rate":40}}}}}}],
                "components":[{{"id":"gw","kind":"service","concurrency":64,"replicas":2,"service":{{"mean_ms":2}},"pools":{{"d":20}},
                "calls":[{{"to":"db","pool":"d","timeout_ms":200,"network_ms":1,"retry":{{"max":3,"backoff_ms":20,"jitter":0.5}}}}]}},
                {{"id":"db","kind":"database","cores":4,"service":{{"mean_ms":{mean_ms},"cv":{cv}}}}}]}}"#
            );
            let scenario: Scenario = serde_json::from_str(&text).unwrap();
            let check = check(&scenario, None, &CheckOptions { growth, ..CheckOptions::default() }).unwrap();
            let (point, found) = (&check.result.points[0], check.result.headroom.clone().unwrap());
            assert!(point.classes["w"].error_ratio >= 1.0, "{mean_ms}: {:?}", point.classes);
            assert!(!check.passed && !point.feasible, "{}", check.text(&scenario));
            assert_eq!(check.rows[0].reason, "every request of w fails");
            assert!(found.multiple.unwrap() <= growth, "{mean_ms}: {found:?}");
            assert_eq!((found.component.as_deref(), found.at_most), (part, multiple), "{found:?}");
        }
    }

    /// An objective as written, and in words: its figure is the one that is judged.
    #[test]
    fn objectives_say_the_limit_that_is_judged() {
        for (written, words) in [
            (r#"{"traffic":"web","max_error_ratio":0.07}"#, "web errors at most 7 %"),
            (r#"{"traffic":"web","max_error_ratio":0.00001}"#, "web errors at most 0.001 %"),
            (r#"{"component":"one","max_utilization":0.996}"#, "one at most 99.6 % busy"),
            (r#"{"component":"one","max_utilization":0.8}"#, "one at most 80 % busy"),
        ] {
            let slo: Slo = serde_json::from_str(written).unwrap();
            assert_eq!(objective(&slo, &shop()), words);
        }
    }

    #[test]
    fn problems_of_the_base_say_so() {
        let mut base = one_slot("5", "sync");
        base.components[0].kind = scenario::v1::ComponentKind::Database;
        base.components[0].autoscale = serde_json::from_str(r#"{"min":1,"max":2}"#).ok();
        let problems = check(&one_slot("5", "sync"), Some(&base), &CheckOptions::default()).unwrap_err();
        assert!(
            !problems.is_empty() && problems.iter().all(|p| p.path.starts_with("base: components[0]")),
            "{problems:?}"
        );
    }

    /// Names that XML has no characters for, or that end a cell of Markdown.
    #[test]
    fn odd_names_break_no_form() {
        let mut scenario = one_slot("5", "sync");
        scenario.slos[0].traffic = Some("w|\u{1}\u{fffe}b".into());
        let row = CheckRow {
            objective: objective(&scenario.slos[0], &scenario),
            reason: "a|b".into(),
            ..CheckRow::default()
        };
        let check = Check { rows: vec![row], ..Check::default() };
        let (xml, table) = (check.junit(&scenario), check.markdown(&scenario));
        assert!(xml.contains("name=\"w|b errors") && !xml.contains(['\u{1}', '\u{fffe}']), "{xml}");
        assert!(table.contains("a\\|b |") && table.contains("| w\\|"), "{table}");
    }

    #[test]
    fn what_to_know_stands_in_every_form() {
        let scenario = r#"{"format":"headroom/1","traffic":[{"id":"web","entry":"api","arrivals":{"open":{"rate":80}}}],
            "components":[{"id":"api","kind":"service","service":{"mean_ms":2},"concurrency":64,"calls":
            [{"to":"svc","timeout_ms":60,"retry":{"max":2,"backoff_ms":10,"jitter":0.5}}]},
            {"id":"svc","kind":"service","service":{"mean_ms":20},"concurrency":2,"replicas":2}],
            "slos":[{"traffic":"web","max_error_ratio":0.05}]}"#;
        let scenario: Scenario = serde_json::from_str(scenario).unwrap();
        let check = check(&scenario, None, &CheckOptions { growth: 1.5, ..CheckOptions::default() }).unwrap();
        assert!(check.headline.contains("Retries can hold it in collapse after a disturbance."), "{}", check.headline);
        let known = "retries can hold the system in collapse after a disturbance: both states are stable";
        for form in [check.text(&scenario), check.markdown(&scenario), check.junit(&scenario)] {
            assert!(form.contains(known), "{form}");
        }
    }

    #[test]
    fn a_base_shows_what_changed() {
        let (base, mut now) = (shop(), shop());
        now.components[0].pools.insert("pg".into(), 1.0.into());
        let check = check(&now, Some(&base), &CheckOptions { growth: 5.0, ..CheckOptions::default() }).unwrap();
        let difference = check.difference.clone().unwrap();
        assert!(difference.latency.iter().any(|l| l.starts_with("browse p95")), "{difference:?}");
        assert!(check.markdown(&now).contains("against the base"));
    }

    /// Eighty slots of 100 ms at 100 requests a second, full at 8 times that; up to a multiple, and at what price an hour.
    fn eight_times(most: f64, price: Option<f64>) -> Scenario {
        let price = price.map_or_else(String::new, |price| format!(r#","price":{{"per_replica_hour":{price}}}"#));
        let text = format!(
            r#"{{"format":"headroom/1","growth":{{"multiples":[1,2,{most}]}},"traffic":[{{"id":"web","entry":"api","arrivals":{{"open":{{"rate":100}}}}}}],
            "components":[{{"id":"api","kind":"service","concurrency":80,"service":{{"mean_ms":100}}{price}}}]}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    /// A base and what is checked against it, and what is said of both: how far each looks is no difference, and no price is no saving.
    #[test]
    fn what_is_not_looked_at_and_what_has_no_price_are_no_differences() {
        let priced = Some(1.0);
        for (base, now, said) in [
            ((20.0, priced), (5.0, priced), "headroom 8× to 8×, a month $730 to $730."),
            ((5.0, priced), (20.0, priced), "headroom 8× to 8×, a month $730 to $730."),
            ((5.0, priced), (5.0, priced), "headroom no limit found to no limit found, a month $730 to $730."),
            ((20.0, priced), (20.0, None), "headroom 8× to 8×, a month $730 to no price."),
            ((20.0, None), (20.0, None), "headroom 8× to 8×."),
        ] {
            let (base, now) = (eight_times(base.0, base.1), eight_times(now.0, now.1));
            let check = check(&now, Some(&base), &CheckOptions::default()).unwrap();
            assert_eq!(check.difference.unwrap().sentence(), format!("Against the base: {said}"));
        }
    }

    /// Currencies of the base and of what is checked, and what is said of a month that is 840 in both.
    #[test]
    fn amounts_of_two_currencies_are_not_set_against_each_other() {
        for (before, now, sentence) in [
            (None, Some("USD"), "a month $840 to $840"),
            (Some("EUR"), Some("EUR"), "a month €840 to €840"),
            (
                None,
                Some("EUR"),
                "a month $840 before and €840 now, which are not compared: the base is in USD, this in EUR",
            ),
        ] {
            let scenario = |currency: Option<&str>| {
                let mut scenario = one_slot("5", "sync");
                scenario.currency = currency.map(str::to_owned);
                scenario.components[0].price = serde_json::from_str(r#"{"fixed_monthly": 840}"#).ok();
                scenario
            };
            let (base, now) = (scenario(before), scenario(now));
            let check = check(&now, Some(&base), &CheckOptions::default()).unwrap();
            assert!(check.text(&now).contains(sentence), "{}", check.text(&now));
            let says = check.markdown(&now).contains("not compared");
            assert_eq!(says, sentence.contains("not compared"), "{}", check.markdown(&now));
        }
    }
}
