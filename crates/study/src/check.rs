//! Objectives at one growth multiple, for continuous integration: pass or fail, with the reason, and against a base scenario.

use crate::headline::{money, times};
use crate::project::{ProjectOptions, project};
use crate::result::{ObjectiveBreak, Point, ResultDoc, Warning};
use crate::text::short;
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
    /// Share of the draws in which it holds.
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

/// Against a base scenario, at the same multiple.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Difference {
    /// Currency of the amounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Headroom of the base; `null` when nothing breaks.
    pub base_headroom: Option<f64>,
    /// Headroom now; `null` when nothing breaks.
    pub headroom: Option<f64>,
    /// Monthly spend of the base at the multiple.
    pub base_monthly: f64,
    /// Monthly spend now at the multiple.
    pub monthly: f64,
    /// Largest changes of latency, in words.
    pub latency: Vec<String>,
}

/// Checks the objectives of a scenario at a growth multiple.
///
/// # Errors
/// All problems of the scenario or the base.
pub fn check(scenario: &Scenario, base: Option<&Scenario>, options: &CheckOptions) -> Result<Check, Vec<Problem>> {
    let projected = ProjectOptions {
        multiples: vec![options.growth],
        samples: options.samples,
        seed: options.seed,
        run_seconds: None,
    };
    let result = project(scenario, &projected)?;
    let difference = match base {
        Some(base) => {
            let before = project(base, &ProjectOptions { samples: 1, ..projected })?;
            Some(Difference { currency: scenario.currency.clone(), ..difference(&before, &result) })
        }
        None => None,
    };
    let mut check = Check {
        multiple: options.growth,
        headline: crate::headline(&result, scenario).sentence,
        contradictions: crate::plan::contradictions(scenario, &[options.growth])?,
        difference,
        ..Check::default()
    };
    if let Some(point) = result.points.first() {
        check.rows = rows(scenario, point, options.probability, &result.objectives);
    }
    check.passed = check.rows.iter().all(|r| r.passed);
    check.result = result;
    Ok(check)
}

fn rows(scenario: &Scenario, point: &Point, least: f64, breaks: &[ObjectiveBreak]) -> Vec<CheckRow> {
    let saturated: Vec<&String> =
        point.classes.iter().filter(|(_, c)| c.latency_ms.is_none()).map(|(id, _)| id).collect();
    let growing = point.components.iter().find(|(_, c)| c.growth_per_s.is_some_and(|g| g > 0.0));
    let mut rows = vec![CheckRow {
        objective: "nothing saturates".into(),
        passed: saturated.is_empty() && growing.is_none(),
        reason: match (saturated.first(), growing, &point.bottleneck) {
            (Some(class), _, _) => format!("{class} gets more requests than can pass"),
            (None, Some((queue, _)), _) => format!("the backlog of {queue} grows"),
            (None, None, Some(b)) => format!("{} {} is {:.0} % busy", b.component, b.resource, 100.0 * b.utilization),
            (None, None, None) => String::new(),
        },
        ..CheckRow::default()
    }];
    for slo in &point.slos {
        let Some(of) = scenario.slos.get(slo.index) else { continue };
        let certain = slo.probability.is_none_or(|p| p >= least);
        let margin = slo.margin.map(|m| {
            if m >= 0.0 { format!("{:.0} % to spare", 100.0 * m) } else { format!("missed by {:.0} %", -100.0 * m) }
        });
        let chance = slo.probability.map(|p| format!("holds with probability {p:.2}"));
        let breaks = breaks.iter().find(|b| b.index == slo.index);
        let breaks_at = breaks.and_then(|b| b.multiple);
        let breaks_on = breaks.and_then(|b| b.date.clone());
        let until = breaks_at.map(|at| match &breaks_on {
            Some(date) => format!("breaks at {} (about {date})", times(at)),
            None => format!("breaks at {}", times(at)),
        });
        let reason: Vec<String> = margin.into_iter().chain(chance).chain(until).collect();
        rows.push(CheckRow {
            index: Some(slo.index),
            objective: objective(of),
            passed: slo.met && certain,
            margin: slo.margin,
            probability: slo.probability,
            breaks_at,
            breaks_on,
            reason: reason.join(", "),
        });
    }
    rows
}

/// An objective in words.
#[must_use]
pub fn objective(slo: &Slo) -> String {
    let traffic = slo.traffic.as_deref().unwrap_or("");
    let component = slo.component.as_deref().unwrap_or("");
    if let (Some(percentile), Some(ms)) = (slo.percentile, slo.latency_ms) {
        format!("{traffic} p{percentile} at most {ms} ms")
    } else if let Some(ratio) = slo.max_error_ratio {
        format!("{traffic} errors at most {} %", 100.0 * ratio)
    } else if let Some(ratio) = slo.max_utilization {
        format!("{component} at most {:.0} % busy", 100.0 * ratio)
    } else if let Some(age) = slo.max_backlog_age_s {
        format!("messages of {component} at most {age} s old")
    } else if let Some(what) = &slo.survive {
        format!("survives the loss of one {what}")
    } else if let Some(cost) = slo.max_monthly_cost {
        format!("at most {} a month", money(cost, None))
    } else {
        "an objective".into()
    }
}

fn difference(base: &ResultDoc, now: &ResultDoc) -> Difference {
    let headroom = |doc: &ResultDoc| doc.headroom.as_ref().and_then(|h| h.multiple);
    let monthly = |doc: &ResultDoc| doc.points.first().map_or(0.0, |p| p.cost.monthly);
    let mut latency = Vec::new();
    if let (Some(before), Some(after)) = (base.points.first(), now.points.first()) {
        for (id, class) in &after.classes {
            let old = before.classes.get(id).and_then(|c| c.latency_ms.as_ref());
            let figures = (old.and_then(|l| l.get("p95")), class.latency_ms.as_ref().and_then(|l| l.get("p95")));
            match figures {
                (Some(old), Some(new)) if (new / old - 1.0).abs() >= 0.01 => {
                    latency.push(format!(
                        "{id} p95 {} to {} ms ({:+.0} %)",
                        short(*old),
                        short(*new),
                        100.0 * (new / old - 1.0)
                    ));
                }
                (Some(old), None) => latency.push(format!("{id} p95 {} ms before, saturated now", short(*old))),
                (None, Some(new)) => latency.push(format!("{id} saturated before, p95 {} ms now", short(*new))),
                _ => {}
            }
        }
    }
    Difference {
        base_headroom: headroom(base),
        headroom: headroom(now),
        base_monthly: monthly(base),
        monthly: monthly(now),
        latency,
        ..Difference::default()
    }
}

impl Check {
    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
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
        out
    }

    /// For a pull request.
    #[must_use]
    pub fn markdown(&self, currency: Option<&str>) -> String {
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
                row.reason
            );
        }
        for contradiction in &self.contradictions {
            let _ = writeln!(out, "\n> {}: {}", contradiction.path, contradiction.text);
        }
        if let Some(d) = &self.difference {
            let headroom = |h: Option<f64>| h.map_or_else(|| "no limit found".to_owned(), times);
            let _ = writeln!(
                out,
                "\n| against the base | before | now |\n| --- | --- | --- |\n| headroom | {} | {} |\n| a month | {} | {} |",
                headroom(d.base_headroom),
                headroom(d.headroom),
                money(d.base_monthly, currency),
                money(d.monthly, currency)
            );
            for line in &d.latency {
                let _ = writeln!(out, "\n- {line}");
            }
        }
        out
    }

    /// JUnit XML: one test case per objective.
    #[must_use]
    pub fn junit(&self) -> String {
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
        out.push_str("  </testsuite>\n</testsuites>\n");
        out
    }
}

impl Difference {
    /// In one sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let headroom = |h: Option<f64>| h.map_or_else(|| "no limit found".to_owned(), times);
        let mut text = format!(
            "Against the base: headroom {} to {}, a month {} to {}",
            headroom(self.base_headroom),
            headroom(self.headroom),
            money(self.base_monthly, self.currency.as_deref()),
            money(self.monthly, self.currency.as_deref())
        );
        for line in &self.latency {
            let _ = write!(text, "; {line}");
        }
        text.push('.');
        text
    }
}

/// Text in a cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
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
        assert!(now.passed, "{}", now.text());
        assert!(now.junit().contains("failures=\"0\""));
        // A pool of 4 held for 10 ms by 12 + 6 calls a second is full at 22 times that.
        let beyond = check(&shop, None, &CheckOptions { growth: 40.0, ..CheckOptions::default() }).unwrap();
        assert!(!beyond.passed);
        assert!(beyond.text().contains("gets more requests than can pass"), "{}", beyond.text());
        assert!(beyond.junit().contains("<failure"));
    }

    #[test]
    fn a_base_shows_what_changed() {
        let (base, mut now) = (shop(), shop());
        now.components[0].pools.insert("pg".into(), 1.0.into());
        let check = check(&now, Some(&base), &CheckOptions { growth: 5.0, ..CheckOptions::default() }).unwrap();
        let difference = check.difference.clone().unwrap();
        assert!(difference.latency.iter().any(|l| l.starts_with("browse p95")), "{difference:?}");
        assert!(check.markdown(Some("USD")).contains("against the base"));
    }
}
