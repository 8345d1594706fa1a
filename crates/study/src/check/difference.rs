//! What a change does to headroom, money and latency, at the same multiple.

use crate::headline::{currency, money, times};
use crate::result::{ClassPoint, ResultDoc};
use crate::spend::is_priced;
use crate::text::short;
use scenario::Scenario;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// Said of a month of a scenario in which nothing has a price.
const NO_PRICE: &str = "no price";

/// Against a base scenario, at the same multiple.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Difference {
    /// Currency of the amounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Currency of the base's amounts where it is another one: they are not compared then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_currency: Option<String>,
    /// Headroom of the base; `null` when nothing breaks.
    pub base_headroom: Option<f64>,
    /// Headroom now; `null` when nothing breaks.
    pub headroom: Option<f64>,
    /// Monthly spend of the base at the multiple; `null` where nothing has a price.
    pub base_monthly: Option<f64>,
    /// Monthly spend now at the multiple; `null` where nothing has a price.
    pub monthly: Option<f64>,
    /// Largest changes of latency, in words.
    pub latency: Vec<String>,
}

impl Difference {
    /// From a base to what is checked, each with its answer at the multiple.
    pub(super) fn between((base, before): (&Scenario, &ResultDoc), (scenario, now): (&Scenario, &ResultDoc)) -> Self {
        let headroom = |doc: &ResultDoc| doc.headroom.as_ref().and_then(|h| h.multiple);
        let monthly = |scenario: &Scenario, doc: &ResultDoc| {
            doc.points.first().filter(|_| is_priced(scenario)).map(|point| point.cost.monthly)
        };
        let (first, second) = (currency(base), currency(scenario));
        Self {
            currency: Some(second.to_owned()),
            base_currency: (first != second).then(|| first.to_owned()),
            base_headroom: headroom(before),
            headroom: headroom(now),
            base_monthly: monthly(base, before),
            monthly: monthly(scenario, now),
            latency: latency(before, now),
        }
    }

    /// The month of the base and now, each in its currency; `None` where neither has prices.
    fn months(&self) -> Option<[String; 2]> {
        self.base_monthly.or(self.monthly)?;
        let (before, now) = (self.base_currency.as_deref().or(self.currency.as_deref()), self.currency.as_deref());
        let words =
            |amount: Option<f64>, currency| amount.map_or_else(|| NO_PRICE.to_owned(), |it| money(it, currency));
        Some([words(self.base_monthly, before), words(self.monthly, now)])
    }

    /// Why the months are not compared, where they are not.
    fn apart(&self) -> Option<String> {
        self.base_monthly.and(self.monthly)?;
        let (before, now) = (self.base_currency.as_deref()?, self.currency.as_deref()?);
        Some(format!("which are not compared: the base is in {before}, this in {now}"))
    }

    /// In one sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let month = self.months().map(|[before, now]| match self.apart() {
            Some(why) => format!(", a month {before} before and {now} now, {why}"),
            None => format!(", a month {before} to {now}"),
        });
        let (from, to) = (reach(self.base_headroom), reach(self.headroom));
        let mut text = format!("Against the base: headroom {from} to {to}{}", month.unwrap_or_default());
        for line in &self.latency {
            let _ = write!(text, "; {line}");
        }
        text.push('.');
        text
    }

    /// As a Markdown table.
    pub(super) fn markdown(&self) -> String {
        let (from, to) = (reach(self.base_headroom), reach(self.headroom));
        let mut out =
            format!("\n| against the base | before | now |\n| --- | --- | --- |\n| headroom | {from} | {to} |\n");
        if let Some([before, now]) = self.months() {
            let _ = writeln!(out, "| a month | {before} | {now} |");
            if let Some(why) = self.apart() {
                let _ = writeln!(out, "\n> Two amounts a month, {why}.");
            }
        }
        for line in &self.latency {
            let _ = writeln!(out, "\n- {line}");
        }
        out
    }
}

fn reach(headroom: Option<f64>) -> String {
    headroom.map_or_else(|| "no limit found".to_owned(), times)
}

/// What is said of a class without a percentile.
fn unanswered(class: &ClassPoint) -> &'static str {
    if class.error_ratio >= 1.0 { "answered by nobody" } else { "saturated" }
}

/// Changes of the 95th percentile of 1 % or more, classes that are new, and those that are answered in one of both only.
fn latency(base: &ResultDoc, now: &ResultDoc) -> Vec<String> {
    let (Some(before), Some(after)) = (base.points.first(), now.points.first()) else { return Vec::new() };
    let mut changes = Vec::new();
    for (id, class) in &after.classes {
        let p95 = |class: &ClassPoint| class.latency_ms.as_ref().and_then(|l| l.get("p95")).copied();
        let Some(was) = before.classes.get(id) else {
            changes.push(p95(class).map_or_else(
                || format!("{id} is new, {}", unanswered(class)),
                |new| format!("{id} is new, p95 {} ms", short(new)),
            ));
            continue;
        };
        changes.push(match (p95(was), p95(class)) {
            (Some(old), Some(new)) if old > 0.0 && (new / old - 1.0).abs() >= 0.01 => {
                let change = 100.0 * (new / old - 1.0);
                format!("{id} p95 {} to {} ms ({change:+.0} %)", short(old), short(new))
            }
            (Some(old), Some(new)) if old <= 0.0 && new > 0.0 => {
                format!("{id} p95 {} to {} ms", short(old), short(new))
            }
            (Some(old), None) => format!("{id} p95 {} ms before, {} now", short(old), unanswered(class)),
            (None, Some(new)) => format!("{id} {} before, p95 {} ms now", unanswered(was), short(new)),
            _ => continue,
        });
    }
    changes
}
