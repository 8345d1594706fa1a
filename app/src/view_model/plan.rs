//! The plan as a table: at each multiple what to change, and what that does to latency, spend and headroom.

use super::address;
use super::format::{milliseconds, money, multiple, times, trim};
use super::html::{Cell, block, head, paragraph, table};
use super::system::{class_label, currency};
use crate::text;
use serde_json::Value;
use worker::protocol::{PlanChange, PlanStep, PlanView, Trouble};

/// One change in words: `Receipt worker: replicas 2 → 3`.
pub fn change(root: &Value, change: &PlanChange) -> String {
    format!("{} {} → {}", address::words(root, &change.path), trim(change.from, 2), trim(change.to, 2))
}

fn changes(root: &Value, step: &PlanStep) -> String {
    if step.changes.is_empty() {
        let word = if step.feasible { text::NOTHING_TO_CHANGE } else { text::NO_WAY_FOUND };
        return word.into();
    }
    step.changes.iter().map(|one| change(root, one)).collect::<Vec<_>>().join("; ")
}

/// Latency of the class it changes most, before and after.
fn latency(root: &Value, step: &PlanStep) -> String {
    let gain = |before: Option<f64>, after: Option<f64>| match (before, after) {
        (None, Some(_)) => f64::INFINITY,
        (Some(before), Some(after)) => (before - after).abs() / before.max(1e-9),
        _ => 0.0,
    };
    let most = step.latency.iter().max_by(|a, b| gain(a.1, a.2).total_cmp(&gain(b.1, b.2)));
    let Some((class, before, after)) = most else { return text::UNKNOWN.into() };
    let show = |value: Option<f64>| {
        value.map_or(text::OVERLOADED.to_owned(), |value| milliseconds(value).replace(' ', "\u{a0}"))
    };
    let label = class_label(root, class);
    if before == after {
        format!("{label} {}", show(*after))
    } else {
        format!("{label} {} → {}", show(*before), show(*after))
    }
}

fn spend(root: &Value, step: &PlanStep) -> (String, String) {
    let currency = currency(root);
    let more = step.monthly - step.monthly_as_it_stands;
    let sign = if more < 0.0 { "" } else { "+" };
    let note = if more.abs() < 0.005 { String::new() } else { format!("{sign}{}", money(more, currency)) };
    (money(step.monthly, currency), note)
}

fn reach(headroom: Option<f64>) -> String {
    headroom.map_or(text::NOTHING_BREAKS_SHORT.into(), multiple)
}

fn row(root: &Value, number: usize, step: &PlanStep, with_buttons: bool) -> Vec<Cell> {
    let (monthly, more) = spend(root, step);
    let note = if step.complete { String::new() } else { text::SEARCH_CUT.into() };
    let mut row = vec![
        Cell::Strong(times(step.multiple)),
        Cell::Noted(changes(root, step), note),
        Cell::Text(latency(root, step)),
        Cell::Noted(monthly, more),
        Cell::Number(if step.feasible { reach(step.headroom) } else { text::UNKNOWN.into() }),
    ];
    if with_buttons {
        row.push(if step.changes.is_empty() {
            Cell::Text(String::new())
        } else {
            Cell::Button(text::APPLY_TO_COPY.into(), format!("apply:{number}"))
        });
    }
    row
}

/// The table of steps.
pub fn steps(root: &Value, plan: &PlanView, with_buttons: bool) -> String {
    let rows: Vec<Vec<Cell>> =
        plan.steps.iter().enumerate().map(|(number, step)| row(root, number, step, with_buttons)).collect();
    let mut names = vec![text::AT, text::CHANGES, text::P95, text::MONTHLY_COST, text::LASTS_TO];
    if with_buttons {
        names.push("");
    }
    table("plan-table", &head(&names), &rows)
}

/// The whole page under its controls.
pub fn page(root: &Value, plan: Option<&PlanView>, troubles: &[Trouble], stale: bool) -> String {
    if !troubles.is_empty() {
        return super::html::block(text::NO_PLAN, "", &problems(troubles));
    }
    let Some(plan) = plan else { return paragraph("empty-note", text::PLANNING) };
    let mut out = String::new();
    if stale {
        out += &paragraph("warning", text::PLAN_IS_STALE);
    }
    out += &block(text::PLAN_TITLE, text::PLAN_CAPTION, &steps(root, plan, true));
    let options: Vec<Vec<Cell>> = plan
        .options
        .iter()
        .enumerate()
        .map(|(number, option)| {
            let sign = if option.added_monthly < 0.0 { "" } else { "+" };
            vec![
                Cell::Text(change(root, &option.change)),
                Cell::Strong(reach(option.headroom)),
                Cell::Number(format!("{sign}{}", money(option.added_monthly, currency(root)))),
                Cell::Button(text::APPLY_TO_COPY.into(), format!("option:{number}")),
            ]
        })
        .collect();
    if !options.is_empty() {
        let names = head(&[text::CHANGE, &format!("#{}", text::LASTS_TO), &format!("#{}", text::ADDED), ""]);
        out += &block(text::OPTIONS_TITLE, text::OPTIONS_CAPTION, &table("plan-options", &names, &options));
    }
    if !plan.rejected.is_empty() {
        let rows: Vec<Vec<Cell>> =
            plan.rejected.iter().map(|(what, why)| vec![Cell::Text(what.clone()), Cell::Text(why.clone())]).collect();
        out += &block(text::REJECTED_TITLE, "", &table("plan-rejected", &[], &rows));
    }
    out
}

/// Problems as a list.
pub fn problems(troubles: &[Trouble]) -> String {
    let rows: Vec<Vec<Cell>> = troubles
        .iter()
        .map(|trouble| {
            vec![Cell::Text(trouble.path.clone()), Cell::Noted(trouble.text.clone(), trouble.remedy.clone())]
        })
        .collect();
    table("study-problems", &[], &rows)
}

/// Growth multiples that a person typed, ascending.
///
/// # Errors
/// What may be typed.
pub fn multiples(typed: &str) -> Result<Vec<f64>, String> {
    let mut all = Vec::new();
    for part in typed.split([',', ';', ' ', '×']).filter(|part| !part.trim().is_empty()) {
        match part.trim().parse::<f64>() {
            Ok(value) if value > 0.0 && value <= 1000.0 => all.push(value),
            _ => return Err(text::MULTIPLES_ALLOWED.into()),
        }
    }
    all.sort_by(f64::total_cmp);
    all.dedup();
    if all.is_empty() || all.len() > 12 { Err(text::MULTIPLES_ALLOWED.into()) } else { Ok(all) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use worker::protocol::PlanOption;

    #[test]
    fn a_step_tells_all_it_does() {
        let root = json!({"currency": "USD", "components": [{"id": "worker", "label": "Receipt worker"}], "traffic": [{"id": "browse"}]});
        let one = PlanChange { path: "components.worker.replicas".into(), from: 2.0, to: 3.0 };
        let step = PlanStep {
            multiple: 8.0,
            feasible: true,
            complete: true,
            changes: vec![one.clone()],
            monthly: 540.0,
            monthly_as_it_stands: 500.0,
            headroom: Some(9.1),
            latency: vec![("browse".into(), None, Some(95.0))],
        };
        let option = PlanOption { change: one, headroom: None, added_monthly: 40.0 };
        let plan = PlanView { steps: vec![step], options: vec![option], done: true, ..PlanView::default() };
        let html = page(&root, Some(&plan), &[], false);
        for wanted in
            ["Receipt worker: replicas 2 → 3", "overloaded → 95\u{a0}ms", "$540", "+$40", "9.1×", "apply:0", "option:0"]
        {
            assert!(html.contains(wanted), "{wanted} in {html}");
        }
        assert!(page(&root, Some(&plan), &[], true).contains(text::PLAN_IS_STALE));
        let trouble = Trouble { path: "components".into(), text: "empty".into(), remedy: "add one".into() };
        assert!(page(&root, Some(&plan), &[trouble], false).contains("add one"));
    }

    #[test]
    fn typed_multiples() {
        assert_eq!(multiples("1, 5 2"), Ok(vec![1.0, 2.0, 5.0]));
        assert_eq!(multiples("×2,×2"), Ok(vec![2.0]));
        for bad in ["", "0", "-1", "many", "1e9"] {
            assert!(multiples(bad).is_err(), "{bad}");
        }
    }
}
