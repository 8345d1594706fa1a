//! The plan as a table: at each multiple what to change, and what that does to latency, spend and headroom.

mod beyond;

use super::address;
use super::format::{milliseconds, money, multiple, times, trim};
use super::html::{Cell, block, head, paragraph, table};
use super::system::{class_label, currency};
use crate::text;
use serde_json::Value;
use worker::protocol::{PlanChange, PlanDesign, PlanOption, PlanStep, PlanView, Purse, Trouble};

/// One change in words: `Receipt worker: replicas 2 → 3`.
pub fn change(root: &Value, change: &PlanChange) -> String {
    format!("{} {} → {}", address::words(root, &change.path), trim(change.from, 2), trim(change.to, 2))
}

fn changes(root: &Value, step: &PlanStep) -> String {
    if step.changes.is_empty() && step.designs.is_empty() {
        let word = if step.feasible { text::NOTHING_TO_CHANGE } else { text::NO_WAY_FOUND };
        return word.into();
    }
    let words = step.designs.iter().cloned();
    words.chain(step.changes.iter().map(|one| change(root, one))).collect::<Vec<_>>().join("; ")
}

fn all(root: &Value, changes: &[PlanChange]) -> String {
    if changes.is_empty() {
        return text::NOTHING_TO_CHANGE.into();
    }
    changes.iter().map(|one| change(root, one)).collect::<Vec<_>>().join("; ")
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

/// An amount a month; where nothing has a price, nothing is known of it.
fn amount(root: &Value, plan: &PlanView, monthly: f64) -> String {
    if plan.priced { money(monthly, currency(root)) } else { text::UNKNOWN.into() }
}

/// Money more, or less, with its sign.
fn added(root: &Value, plan: &PlanView, more: f64) -> String {
    let sign = if more < 0.0 || !plan.priced { "" } else { "+" };
    format!("{sign}{}", amount(root, plan, more))
}

fn spend(root: &Value, plan: &PlanView, step: &PlanStep) -> (String, String) {
    let more = step.monthly - step.monthly_as_it_stands;
    let note = if more.abs() < 0.005 { String::new() } else { added(root, plan, more) };
    (amount(root, plan, step.monthly), note)
}

fn reach(headroom: Option<f64>) -> String {
    headroom.map_or(text::NOTHING_BREAKS_SHORT.into(), multiple)
}

/// How far a change leads, and whether the budget, which that leaves out, ends before.
fn far(headroom: Option<f64>, budget: Option<Purse>) -> Cell {
    match budget {
        None | Some(Purse::Holds) => Cell::Strong(reach(headroom)),
        Some(Purse::OverLater) => Cell::Noted(reach(headroom), text::BUDGET_ENDS_BEFORE.into()),
        Some(Purse::Over) => Cell::Noted(reach(headroom), text::BUDGET_BROKEN_TODAY.into()),
    }
}

fn row(root: &Value, plan: &PlanView, number: usize, step: &PlanStep, with_buttons: bool) -> Vec<Cell> {
    let (monthly, more) = spend(root, plan, step);
    let note = if step.complete { String::new() } else { text::SEARCH_CUT.into() };
    let mut row = vec![
        Cell::Strong(times(step.multiple)),
        Cell::Noted(changes(root, step), note),
        Cell::Text(latency(root, step)),
        Cell::Noted(monthly, more),
        Cell::Number(if step.feasible { reach(step.headroom) } else { text::UNKNOWN.into() }),
    ];
    if with_buttons {
        row.push(button(&step.edit, "step", number));
    }
    row
}

/// Makes a copy with an edit, where there is one.
fn button(edit: &str, kind: &str, number: usize) -> Cell {
    if edit.is_empty() {
        return Cell::Text(String::new());
    }
    Cell::Button(text::APPLY_TO_COPY.into(), format!("{kind}:{number}"))
}

/// The table of steps.
pub fn steps(root: &Value, plan: &PlanView, with_buttons: bool) -> String {
    let rows: Vec<Vec<Cell>> =
        plan.steps.iter().enumerate().map(|(number, step)| row(root, plan, number, step, with_buttons)).collect();
    let mut names = vec![text::AT_NUMBER, text::CHANGES, text::P95, text::MONTHLY_COST, text::LASTS_TO_NUMBER];
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
    let bare;
    let plan = if stale {
        out += &paragraph("warning", text::PLAN_IS_STALE);
        bare = without_edits(plan);
        &bare
    } else {
        plan
    };
    out += &block(text::PLAN_TITLE, text::PLAN_CAPTION, &steps(root, plan, true));
    for warning in &plan.warnings {
        out += &paragraph("caption", warning);
    }
    let kinds = [
        ("option", text::OPTIONS_TITLE, text::OPTIONS_CAPTION, &plan.options),
        ("saving", text::SAVINGS_TITLE, text::SAVINGS_CAPTION, &plan.savings),
    ];
    for (kind, title, caption, list) in kinds {
        let rows = list.iter().enumerate().map(|(number, option)| single(root, plan, kind, number, option)).collect();
        out += &table_of(title, caption, &format!("plan-{kind}s"), &CHANGE_HEAD, rows);
    }
    let rows = plan.designs.iter().enumerate().map(|(number, one)| design(root, plan, number, one)).collect();
    out += &table_of(text::DESIGNS_TITLE, text::DESIGNS_CAPTION, "plan-designs", &CHANGE_HEAD, rows);
    out += &beyond::uncertain(root, plan);
    out += &beyond::front(root, plan);
    if !plan.rejected.is_empty() {
        let rows: Vec<Vec<Cell>> =
            plan.rejected.iter().map(|(what, why)| vec![Cell::Text(what.clone()), Cell::Text(why.clone())]).collect();
        out += &block(text::REJECTED_TITLE, "", &table("plan-rejected", &[], &rows));
    }
    if plan.done && !plan.method.is_empty() {
        out += &paragraph("caption", &plan.method);
    }
    out
}

/// A plan of an earlier document: its edits are none of this one's.
fn without_edits(plan: &PlanView) -> PlanView {
    let mut plan = plan.clone();
    let steps = plan.steps.iter_mut().map(|step| &mut step.edit);
    let singles = plan.options.iter_mut().chain(&mut plan.savings).map(|option| &mut option.edit);
    let designs = plan.designs.iter_mut().map(|design| &mut design.edit);
    steps.chain(singles).chain(designs).for_each(String::clear);
    plan
}

const CHANGE_HEAD: [&str; 4] = [text::CHANGE, text::LASTS_TO_NUMBER, text::ADDED_NUMBER, ""];

/// A block with a table; nothing without rows.
fn table_of(title: &str, caption: &str, name: &str, names: &[&str], rows: Vec<Vec<Cell>>) -> String {
    if rows.is_empty() { String::new() } else { block(title, caption, &table(name, &head(names), &rows)) }
}

fn single(root: &Value, plan: &PlanView, kind: &str, number: usize, option: &PlanOption) -> Vec<Cell> {
    let mut before: Vec<String> = option.after.iter().map(|path| address::words(root, path)).collect();
    before.dedup();
    let after = if before.is_empty() { String::new() } else { text::after(&before.join(", ")) };
    vec![
        Cell::Noted(change(root, &option.change), after),
        far(option.headroom, option.budget),
        Cell::Number(added(root, plan, option.added_monthly)),
        button(&option.edit, kind, number),
    ]
}

fn design(root: &Value, plan: &PlanView, number: usize, design: &PlanDesign) -> Vec<Cell> {
    let moves = design.latency.iter().map(|(class, before, after)| {
        format!("{} {} {} → {}", class_label(root, class), text::P95, milliseconds(*before), milliseconds(*after))
    });
    let notes: Vec<String> = moves.chain([design.caution.clone()]).filter(|note| !note.is_empty()).collect();
    vec![
        Cell::Noted(design.what.clone(), notes.join(". ")),
        far(design.headroom, design.budget),
        Cell::Number(added(root, plan, design.added_monthly)),
        button(&design.edit, "design", number),
    ]
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

/// What stands in the field of multiples: those typed, else those of the plan.
pub fn shown(typed: &[f64], plan: Option<&PlanView>) -> String {
    let planned = || plan.iter().flat_map(|plan| plan.steps.iter().map(|step| step.multiple)).collect();
    let all: Vec<f64> = if typed.is_empty() { planned() } else { typed.to_vec() };
    all.iter().map(|one| trim(*one, 2)).collect::<Vec<_>>().join(", ")
}

/// Growth multiples that a person typed, ascending. A comma between two digits is a decimal one where something else divides the
/// list, and divides it where it is written so more than once; `1,5` alone could be either, and is not read.
///
/// # Errors
/// What may be typed.
pub fn multiples(typed: &str) -> Result<Vec<f64>, String> {
    let divides = |sign: char| matches!(sign, ';' | '×' | 'x') || sign.is_whitespace();
    let between = |(place, _): &(usize, &str)| {
        let beside = |sign: Option<char>| sign.is_some_and(|sign| sign.is_ascii_digit());
        beside(typed[..*place].chars().next_back()) && beside(typed[place + 1..].chars().next())
    };
    let inside = typed.match_indices(',').filter(between).count();
    let parted = typed.trim().contains(divides);
    if inside == 1 && !parted && !typed.contains('.') {
        return Err(text::MULTIPLES_UNSURE.into());
    }
    let decimal = inside > 0 && parted && !typed.contains('.');
    let mut all = Vec::new();
    for part in typed.split(|sign| divides(sign) || (sign == ',' && !decimal)) {
        let part = part.trim_matches(',').replace(',', ".");
        if part.is_empty() {
            continue;
        }
        match part.parse::<f64>() {
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
    use worker::protocol::{PlanChoice, PlanPoint};

    #[test]
    fn the_field_holds_what_was_typed_else_what_was_planned() {
        let step = |multiple: f64| PlanStep { multiple, ..PlanStep::default() };
        let begun = PlanView { steps: vec![step(1.0), step(2.5)], ..PlanView::default() };
        for (typed, plan, wanted) in [
            (&[][..], None, ""),
            (&[], Some(&begun), "1, 2.5"),
            (&[1.0, 2.5, 5.0], Some(&begun), "1, 2.5, 5"),
            (&[3.0], None, "3"),
        ] {
            assert_eq!(shown(typed, plan), wanted);
        }
    }

    #[test]
    fn a_step_tells_all_it_does() {
        let root = json!({"currency": "USD", "components": [{"id": "worker", "label": "Receipt worker"}], "traffic": [{"id": "browse"}]});
        let one = PlanChange { path: "components.worker.replicas".into(), from: 2.0, to: 3.0 };
        let step = PlanStep {
            multiple: 8.0,
            feasible: true,
            complete: true,
            changes: vec![one.clone()],
            designs: vec!["a queue in front of Receipts".into()],
            edit: "{}".into(),
            monthly: 540.0,
            monthly_as_it_stands: 500.0,
            headroom: Some(9.1),
            latency: vec![("browse".into(), None, Some(95.0))],
        };
        let option = PlanOption {
            change: one.clone(),
            edit: "{}".into(),
            added_monthly: 40.0,
            budget: Some(Purse::Over),
            ..PlanOption::default()
        };
        let design = PlanDesign {
            what: "a queue".into(),
            caution: "answers come later".into(),
            edit: "{}".into(),
            headroom: Some(7.5),
            budget: Some(Purse::OverLater),
            added_monthly: -3.0,
            latency: vec![("browse".into(), 95.0, 60.0)],
        };
        let choice = PlanChoice {
            multiple: 8.0,
            changes: vec![one],
            monthly: 540.0,
            probability: 0.95,
            regret: 12.0,
            worst_regret: 90.0,
        };
        let point = PlanPoint {
            multiple: 8.0,
            class: "browse".into(),
            percentile: 95.0,
            latency_ms: 71.0,
            monthly: 777.0,
            ..PlanPoint::default()
        };
        let plan = PlanView {
            steps: vec![step],
            options: vec![option],
            designs: vec![design],
            choices: vec![choice],
            front: vec![point],
            priced: true,
            warnings: vec!["prices are missing".into()],
            method: "Branch and bound.".into(),
            done: true,
            ..PlanView::default()
        };
        let html = page(&root, Some(&plan), &[], false);
        for wanted in [
            "Receipt worker: replicas 2 → 3",
            "a queue in front of Receipts; ",
            "overloaded → 95\u{a0}ms",
            "$540",
            "+$40",
            "9.1×",
            "step:0",
            "option:0",
            "design:0",
            "answers come later",
            "browse p95 95 ms → 60 ms",
            "95 %",
            "$777",
            "71 ms",
            text::BUDGET_BROKEN_TODAY.replace('\'', "&#39;").as_str(),
            text::BUDGET_ENDS_BEFORE,
            "prices are missing",
            "Branch and bound.",
        ] {
            assert!(html.contains(wanted), "{wanted} in {html}");
        }
        let stale = page(&root, Some(&plan), &[], true);
        assert!(stale.contains(text::PLAN_IS_STALE) && !stale.contains("data-act"), "{stale}");
        // Of what has no price nothing is said: it is not free.
        let unpriced = page(&root, Some(&PlanView { priced: false, ..plan.clone() }), &[], false);
        assert!(unpriced.contains(text::UNKNOWN) && !unpriced.contains('$'), "{unpriced}");
        let trouble = Trouble { path: "components".into(), text: "empty".into(), remedy: "add one".into() };
        assert!(page(&root, Some(&plan), &[trouble], false).contains("add one"));
    }

    #[test]
    fn typed_multiples() {
        for (typed, wanted) in [
            ("1, 5 2", vec![1.0, 2.0, 5.0]),
            ("×2,×2", vec![2.0]),
            ("2x 5x", vec![2.0, 5.0]),
            ("1,2,5,10", vec![1.0, 2.0, 5.0, 10.0]),
            ("1,5; 2; 3", vec![1.5, 2.0, 3.0]),
            ("1,5 2,5", vec![1.5, 2.5]),
            ("1.5,2", vec![1.5, 2.0]),
            ("1.5, 2", vec![1.5, 2.0]),
            (" 4 ", vec![4.0]),
            ("3,", vec![3.0]),
        ] {
            assert_eq!(multiples(typed), Ok(wanted), "{typed}");
        }
        assert_eq!(multiples("1,5"), Err(text::MULTIPLES_UNSURE.into()));
        for bad in ["", "0", "-1", "many", "1e9"] {
            assert!(multiples(bad).is_err(), "{bad}");
        }
    }
}
