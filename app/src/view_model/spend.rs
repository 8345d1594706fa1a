//! The spend chart and table: what a month costs, by component, over growth.

use super::bill;
use super::format::{money, money_in_full, percent, times};
use super::html::{Cell, block, escape, head, table};
use super::level::{at, row};
use super::system::{currency, label_of};
use crate::chart::scale::{Scale, roomy};
use crate::chart::spec::{Along, Key, Layer, Measure, Reading, Role, Spec};
use crate::text;
use serde_json::Value;
use worker::protocol::Projection;

/// Series drawn by name; the rest is one series.
const NAMED: usize = 7;

/// One stacked series.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    pub label: String,
    pub values: Vec<f64>,
}

/// Spend by component, largest first, what belongs to none last.
pub fn stacks(root: &Value, projection: &Projection) -> Vec<Stack> {
    let count = projection.multiples.len();
    let costs = projection.components.iter().filter(|it| it.monthly_cost.iter().flatten().any(|cost| *cost > 0.0));
    let mut stacks: Vec<Stack> = costs
        .map(|component| Stack {
            label: component.id.clone(),
            values: (0..count).map(|index| at(&component.monthly_cost, index).unwrap_or(0.0)).collect(),
        })
        .collect();
    let sum = |stack: &Stack| stack.values.iter().sum::<f64>();
    stacks.sort_by(|a, b| sum(b).total_cmp(&sum(a)));
    let rest: Vec<f64> = (0..count)
        .map(|index| {
            let named: f64 = stacks.iter().map(|stack| stack.values[index]).sum();
            (at(&projection.cost.monthly, index).unwrap_or(named) - named).max(0.0)
        })
        .collect();
    if stacks.len() > NAMED {
        let mut small = vec![0.0; count];
        for stack in stacks.split_off(NAMED - 1) {
            small.iter_mut().zip(&stack.values).for_each(|(sum, value)| *sum += value);
        }
        // Only those that are named are looked up.
        stacks.iter_mut().for_each(|stack| stack.label = label_of(root, &stack.label));
        stacks.push(Stack { label: text::SMALLER_ONES.into(), values: small });
    } else {
        stacks.iter_mut().for_each(|stack| stack.label = label_of(root, &stack.label));
    }
    let total: f64 = projection.cost.monthly.iter().flatten().sum();
    if rest.iter().sum::<f64>() > total.abs() * 1e-6 {
        stacks.push(Stack { label: text::OTHER_COSTS.into(), values: rest });
    }
    stacks
}

/// What credits take off what is stacked at a multiple, below zero; nothing negative can be stacked.
pub fn credits(stacks: &[Stack], projection: &Projection, index: usize) -> Option<f64> {
    let drawn: f64 = stacks.iter().filter_map(|stack| stack.values.get(index)).sum();
    let total = at(&projection.cost.monthly, index)?;
    let credits = total - drawn;
    (credits < -total.abs() * 1e-6).then_some(credits)
}

/// The chart, or why there is none.
pub fn spec(root: &Value, projection: &Projection) -> Result<Spec, String> {
    let stacks = stacks(root, projection);
    if stacks.is_empty() {
        return Err(text::NO_PRICES.into());
    }
    let currency = currency(root).to_owned();
    let xs = projection.multiples.clone();
    let mut below = vec![0.0; xs.len()];
    let mut layers = Vec::new();
    for (index, stack) in stacks.iter().enumerate() {
        let top: Vec<f64> = below.iter().zip(&stack.values).map(|(low, value)| low + value).collect();
        let points = xs.iter().zip(&below).zip(&top).map(|((x, low), high)| (*x, *low, *high)).collect();
        layers.push(Layer::Band { points, role: Role::Series(index as u8), opacity: 0.82 });
        below = top;
    }
    let x = Scale::linear(xs.first().copied().unwrap_or(1.0), xs.last().copied().unwrap_or(10.0));
    let y = Scale::linear(0.0, roomy(below.iter().copied().fold(0.0, f64::max), 3));
    let reading = |label: String, values: Vec<Option<f64>>| Reading {
        label,
        texts: values.iter().map(|value| value.map_or(text::UNKNOWN.into(), |value| money(value, &currency))).collect(),
        values,
    };
    let legend =
        stacks.iter().enumerate().map(|(index, stack)| Key::area(Role::Series(index as u8), &stack.label)).collect();
    let mut readings = vec![reading(text::TOTAL.into(), projection.cost.monthly.clone())];
    readings.extend(stacks.into_iter().map(|stack| reading(stack.label, stack.values.into_iter().map(Some).collect())));
    let spec = Spec {
        measure: Measure::Money(currency),
        layers,
        xs,
        along: Along::Growth,
        x_name: text::GROWTH.into(),
        readings,
        legend,
        ..Spec::empty(x, y)
    };
    Ok(spec.ticked((9, 3)))
}

/// The tile: spend and what a million requests cost.
pub fn tile(root: &Value, projection: &Projection, growth: f64) -> (String, String) {
    let index = row(projection, growth);
    let currency = currency(root);
    let monthly = at(&projection.cost.monthly, index);
    // Nothing is priced: what is not known is not free.
    if projection.cost.monthly.iter().all(|cost| *cost == Some(0.0)) {
        return (text::UNKNOWN.into(), text::NO_PRICES_YET.into());
    }
    let million = at(&projection.cost.per_million_requests, index);
    let detail = million.map_or(String::new(), |value| text::per_million(&money(value, currency)));
    (monthly.map_or(text::UNKNOWN.into(), |value| money(value, currency)), detail)
}

/// How spend splits at a multiple: fixed, stepped, usage.
pub fn split(projection: &Projection, growth: f64) -> [(&'static str, Option<f64>); 3] {
    let index = row(projection, growth);
    let cost = &projection.cost;
    [
        (text::FIXED, at(&cost.fixed, index)),
        (text::STEPPED, at(&cost.stepped, index)),
        (text::USAGE, at(&cost.usage, index)),
    ]
}

/// What stands under the chart: who costs how much at a multiple and in all, how it splits, and the imported bill.
pub fn parts(root: &Value, projection: &Projection, growth: f64) -> String {
    let index = row(projection, growth);
    let currency = currency(root);
    let stacks = stacks(root, projection);
    let drawn: f64 = stacks.iter().map(|stack| stack.values[index]).sum();
    let total = at(&projection.cost.monthly, index).unwrap_or(drawn);
    let show = |value: f64| money_in_full(value, currency, bill::decimals(total));
    let share = |value: f64| if total > 0.0 { percent(value / total) } else { text::UNKNOWN.into() };
    let line = |(number, stack): (usize, &Stack)| {
        let value = stack.values[index];
        let name = format!(
            "<svg class=\"swatch\" viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect class=\"swatch-{}\" width=\"10\" height=\"10\" rx=\"2\"/></svg>{}",
            number % 8 + 1,
            escape(&stack.label)
        );
        vec![Cell::Made(name), Cell::Number(show(value)), Cell::Number(share(value))]
    };
    let mut rows: Vec<Vec<Cell>> = stacks.iter().enumerate().map(line).collect();
    if let Some(credits) = credits(&stacks, projection, index) {
        rows.push(vec![Cell::Text(text::CREDITS.into()), Cell::Number(show(credits)), Cell::Number(share(credits))]);
    }
    let sum =
        || vec![Cell::Made(format!("<b>{}</b>", text::TOTAL)), Cell::Strong(show(total)), Cell::Strong(share(total))];
    rows.push(sum());
    let mut drives: Vec<Vec<Cell>> = split(projection, growth)
        .into_iter()
        .map(|(name, value)| {
            let part = value.map_or(String::new(), share);
            vec![Cell::Text(name.into()), Cell::Number(value.map_or(text::UNKNOWN.into(), show)), Cell::Number(part)]
        })
        .collect();
    drives.push(sum());
    let names = |first: &str| head(&[first, &format!("#{}", times(growth)), &format!("#{}", text::SHARE)]);
    let spent =
        if stacks.is_empty() { String::new() } else { table("spend-table", &names(text::COMPONENT_NAME), &rows) };
    let moves = || block(text::MOVES_TITLE, "", &table("spend-drives", &names(text::PART), &drives));
    let moves = if stacks.is_empty() { String::new() } else { moves() };
    format!("<div class=\"block\">{spent}</div>{moves}{}", bill::page(root, projection))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use worker::protocol::{ComponentColumns, CostColumns};

    fn projection(components: usize) -> Projection {
        let component = |index: usize| ComponentColumns {
            id: format!("c{index}"),
            monthly_cost: vec![Some(10.0 * (index + 1) as f64); 2],
            ..ComponentColumns::default()
        };
        let components: Vec<_> = (0..components).map(component).collect();
        let named: f64 = components.iter().filter_map(|component| component.monthly_cost[0]).sum();
        let cost = CostColumns { monthly: vec![Some(named + 5.0); 2], ..CostColumns::default() };
        Projection { multiples: vec![1.0, 2.0], components, cost, ..Projection::default() }
    }

    #[test]
    fn credits_beyond_all_spend_add_no_row() {
        let mut projection = projection(1);
        projection.cost.monthly = vec![Some(-5.0); 2];
        let labels: Vec<String> = stacks(&json!({}), &projection).into_iter().map(|stack| stack.label).collect();
        assert_eq!(labels, ["c0"]);
    }

    #[test]
    fn stacks_add_up_to_the_total() {
        for count in [1, 3, 12] {
            let projection = projection(count);
            let stacks = stacks(&json!({}), &projection);
            assert!(stacks.len() <= NAMED + 1);
            let sum: f64 = stacks.iter().map(|stack| stack.values[0]).sum();
            assert!((sum - projection.cost.monthly[0].unwrap()).abs() < 1e-9);
            let table = parts(&json!({}), &projection, 1.0);
            assert!(table.contains(text::OTHER_COSTS) && table.contains("$5.00"), "{table}");
            let all = money_in_full(projection.cost.monthly[0].unwrap(), "USD", 2);
            assert!(table.contains(&format!("<b>{all}</b>")), "the total is a row: {table}");
        }
    }

    #[test]
    fn nothing_priced_has_its_reason() {
        assert_eq!(spec(&json!({}), &Projection::default()).unwrap_err(), text::NO_PRICES);
        let mut free = projection(2);
        assert_eq!(tile(&json!({}), &free, 1.0).0, "$35");
        free.cost.monthly = vec![Some(0.0); 2];
        assert_eq!(tile(&json!({}), &free, 1.0).1, text::NO_PRICES_YET);
    }

    #[test]
    fn credits_are_a_row_of_their_own() {
        let mut credited = projection(1);
        credited.cost.monthly = vec![Some(4.0); 2];
        let table = parts(&json!({}), &credited, 1.0);
        assert!(table.contains(text::CREDITS) && table.contains("−$6.00") && table.contains("<b>$4.00</b>"), "{table}");
    }
}
