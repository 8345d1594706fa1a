//! The plan for people.

use super::job::reach;
use super::{Plan, SingleChange, Step};
use crate::headline::times;
use std::fmt::Write;

impl Plan {
    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut lines: Vec<String> = self.steps.iter().map(|s| s.text.clone()).collect();
        lines.extend(self.reasons());
        self.alone(&mut lines);
        self.designed(&mut lines);
        self.chosen(&mut lines);
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

    fn alone(&self, lines: &mut Vec<String>) {
        let words = |option: &SingleChange| {
            format!("{}: {}, {:+.2} a month", option.change.words(), reach(option.headroom), option.added_monthly)
        };
        for option in &self.options {
            let after =
                if option.after.is_empty() { String::new() } else { format!(" after {}", option.after.join(", ")) };
            lines.push(format!("alone{after}: {}", words(option)));
        }
        lines.extend(self.savings.iter().map(|option| format!("saves: {}", words(option))));
    }

    fn designed(&self, lines: &mut Vec<String>) {
        for design in &self.designs {
            let mut line =
                format!("design: {}: {}, {:+.2} a month", design.what, reach(design.headroom), design.added_monthly);
            for (class, [before, after]) in &design.p95_ms {
                let _ = write!(line, ", {class} p95 {before:.0} to {after:.0} ms");
            }
            let _ = write!(line, " ({})", design.caution);
            lines.push(line);
        }
    }

    fn chosen(&self, lines: &mut Vec<String>) {
        for (place, choice) in self.choices.iter().enumerate() {
            let what: Vec<String> = choice.changes.iter().map(super::Change::words).collect();
            let what = if what.is_empty() { "as it stands".to_owned() } else { what.join(", ") };
            lines.push(format!(
                "{} at {}: {what}: holds in {:.0} % of the draws, {:.2} a month, regret {:.2} in the mean and {:.2} at worst",
                if place == 0 { "least regret" } else { "else" },
                times(choice.multiple),
                100.0 * choice.probability,
                choice.monthly,
                choice.mean_regret,
                choice.worst_regret
            ));
        }
        for point in &self.front {
            lines.push(format!(
                "{:.2} a month at {}: {} p{} {:.0} ms",
                point.monthly,
                times(point.multiple),
                point.traffic,
                point.percentile,
                point.latency_ms
            ));
        }
    }
}
