//! What stands beside the cheapest plan: the choice when figures are uncertain, and what more money or patience buys.

use super::super::format::{milliseconds, percent, times, trim};
use super::super::html::Cell;
use super::super::system::class_label;
use super::{all, amount, table_of};
use crate::text;
use serde_json::Value;
use worker::protocol::PlanView;

/// Plans under what is uncertain, the least regret first.
pub fn uncertain(root: &Value, plan: &PlanView) -> String {
    let rows: Vec<Vec<Cell>> = plan
        .choices
        .iter()
        .map(|choice| {
            vec![
                Cell::Text(all(root, &choice.changes)),
                Cell::Number(percent(choice.probability)),
                Cell::Number(amount(root, plan, choice.monthly)),
                Cell::Noted(
                    amount(root, plan, choice.regret),
                    text::at_worst(&amount(root, plan, choice.worst_regret)),
                ),
            ]
        })
        .collect();
    let at = plan.choices.first().map_or(1.0, |choice| choice.multiple);
    let names = [text::CHANGES, text::HOLDS_IN_NUMBER, text::A_MONTH_NUMBER, text::REGRET];
    table_of(&text::least_regret(&times(at)), text::REGRET_CAPTION, "plan-choices", &names, rows)
}

/// Money against latency.
pub fn front(root: &Value, plan: &PlanView) -> String {
    let rows: Vec<Vec<Cell>> = plan
        .front
        .iter()
        .map(|point| {
            let what = format!("{} p{}", class_label(root, &point.class), trim(point.percentile, 1));
            vec![
                Cell::Text(format!("{what} {}", milliseconds(point.latency_ms))),
                Cell::Number(amount(root, plan, point.monthly)),
                Cell::Text(all(root, &point.changes)),
            ]
        })
        .collect();
    let at = plan.front.first().map_or(1.0, |point| point.multiple);
    let names = [text::LATENCY_REACHED, text::A_MONTH_NUMBER, text::CHANGES];
    table_of(&text::front_at(&times(at)), text::FRONT_CAPTION, "plan-front", &names, rows)
}
