//! The plan for people.

use super::job::reach;
use super::{Plan, SingleChange, Step};
use crate::headline::{added, money, times};
use scenario::Scenario;
use std::fmt::Write;

impl Plan {
    /// For people; of the scenario that was planned for.
    #[must_use]
    pub fn text(&self, scenario: &Scenario) -> String {
        let currency = scenario.currency.as_deref();
        let mut lines: Vec<String> = self.steps.iter().map(|s| s.text.clone()).collect();
        lines.extend(self.reasons());
        self.alone(currency, &mut lines);
        self.designed(currency, &mut lines);
        self.chosen(currency, &mut lines);
        lines.extend(self.rejected.iter().map(|r| format!("not: {}: {}", r.what, r.why)));
        lines.extend(self.warnings.iter().map(|w| format!("know: {}", w.text)));
        lines.push(String::new());
        lines.join("\n")
    }

    /// Why the numbers of the last step with changes are what they are.
    fn reasons(&self) -> Vec<String> {
        let last: Option<&Step> = self.steps.iter().rev().find(|s| s.feasible && !s.changes.is_empty());
        let because = |step: &Step| {
            let told = step.changes.iter().filter(|c| !c.why.is_empty());
            told.map(|c| format!("  {}: {}", c.path.trim_start_matches("components."), c.why)).collect::<Vec<_>>()
        };
        last.map_or_else(Vec::new, because)
    }

    /// The last multiple that was looked at.
    fn most(&self) -> f64 {
        self.steps.iter().map(|step| step.multiple).fold(1.0, f64::max)
    }

    /// An amount on top a month, where anything is priced.
    fn added(&self, monthly: f64, currency: Option<&str>) -> String {
        if self.priced { format!(", {} a month", added(monthly, currency)) } else { String::new() }
    }

    fn alone(&self, currency: Option<&str>, lines: &mut Vec<String>) {
        let words = |option: &SingleChange| {
            let month = self.added(option.added_monthly, currency);
            format!("{}: {}{month}", option.change.words(), reach(option.headroom, option.budget, self.most()))
        };
        for option in &self.options {
            let after =
                if option.after.is_empty() { String::new() } else { format!(" after {}", option.after.join(", ")) };
            lines.push(format!("alone{after}: {}", words(option)));
        }
        lines.extend(self.savings.iter().map(|option| format!("saves: {}", words(option))));
    }

    fn designed(&self, currency: Option<&str>, lines: &mut Vec<String>) {
        for design in &self.designs {
            let month = self.added(design.added_monthly, currency);
            let mut line =
                format!("design: {}: {}{month}", design.what, reach(design.headroom, design.budget, self.most()));
            for (class, [before, after]) in &design.p95_ms {
                let _ = write!(line, ", {class} p95 {before:.0} to {after:.0} ms");
            }
            let _ = write!(line, " ({})", design.caution);
            lines.push(line);
        }
    }

    fn chosen(&self, currency: Option<&str>, lines: &mut Vec<String>) {
        let money = |amount| money(amount, currency);
        for (place, choice) in self.choices.iter().enumerate() {
            let what: Vec<String> = choice.changes.iter().map(super::Change::words).collect();
            let what = if what.is_empty() { "as it stands".to_owned() } else { what.join(", ") };
            let spent = |choice: &super::Choice| {
                format!(
                    ", {} a month, regret {} in the mean and {} at worst",
                    money(choice.monthly),
                    money(choice.mean_regret),
                    money(choice.worst_regret)
                )
            };
            lines.push(format!(
                "{} at {}: {what}: holds in {:.0} % of the draws{}",
                if place == 0 { "least regret" } else { "else" },
                times(choice.multiple),
                100.0 * choice.probability,
                if self.priced { spent(choice) } else { String::new() }
            ));
        }
        for point in &self.front {
            let month = if self.priced { format!("{} a month ", money(point.monthly)) } else { String::new() };
            lines.push(format!(
                "{month}at {}: {} p{} {:.0} ms",
                times(point.multiple),
                point.traffic,
                point.percentile,
                point.latency_ms
            ));
        }
    }
}
