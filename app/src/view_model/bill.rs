//! The imported bill beside the model: what each component is billed and modelled, and what no component explains.

use super::format::{money_in_full, percent, times};
use super::html::{Cell, block, head, paragraph, table};
use super::level::{at, row};
use super::system::{Index, currency, list_at, text_at};
use crate::text;
use serde_json::Value;
use std::collections::BTreeMap;
use worker::protocol::Projection;

/// Bill lines that no component explains with a row each.
const SHOWN: usize = 8;
/// From this total on cents are left out.
const LARGE: f64 = 1000.0;
/// Money a month below which it is none: half of the smallest coin.
const LEAST: f64 = 0.005;

/// What stands in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Component,
    /// On the bill only.
    Unexplained,
    /// In the model only.
    NotBilled,
}

/// One row: money a month.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub name: String,
    pub what: What,
    pub billed: f64,
    pub modelled: f64,
}

/// The bill beside the model.
#[derive(Debug, Clone, PartialEq)]
pub struct Bill {
    pub lines: Vec<Line>,
    pub files: Vec<String>,
    /// Those of them of which only lines that components explain are kept: there may have been no others, or they were left out,
    /// as they once were.
    pub part: Vec<String>,
    /// The multiple at which the model is.
    pub multiple: f64,
}

impl Bill {
    /// All that is billed a month.
    pub fn billed(&self) -> f64 {
        self.lines.iter().map(|line| line.billed).sum()
    }

    /// What of it no component explains.
    pub fn unexplained(&self) -> f64 {
        self.lines.iter().filter(|line| line.what == What::Unexplained).map(|line| line.billed).sum()
    }
}

/// Decimals for money of which the largest is this.
pub fn decimals(largest: f64) -> usize {
    if largest.abs() < LARGE { 2 } else { 0 }
}

/// The bills of all imports together; none where none is imported.
pub fn bill(root: &Value, projection: &Projection) -> Option<Bill> {
    let mut by_component: BTreeMap<&str, f64> = BTreeMap::new();
    let mut unexplained: BTreeMap<&str, f64> = BTreeMap::new();
    let (mut files, mut part) = (Vec::new(), Vec::new());
    let imports = list_at(root, "imports");
    for import in imports {
        let share = share(imports, import);
        let amounts = |key: &str| {
            let map = import.get(key).and_then(Value::as_object);
            map.into_iter().flatten().filter_map(|(name, amount)| Some((name.as_str(), amount.as_f64()?)))
        };
        amounts("monthly_costs").for_each(|(name, amount)| *by_component.entry(name).or_default() += amount * share);
        amounts("unexplained_costs").for_each(|(name, amount)| *unexplained.entry(name).or_default() += amount * share);
        if amounts("monthly_costs").chain(amounts("unexplained_costs")).next().is_some() {
            let names = [text_at(import, "file"), text_at(import, "id")];
            let name = names.into_iter().find(|name| !name.is_empty()).map(str::to_owned);
            part.extend(name.clone().filter(|_| amounts("unexplained_costs").next().is_none()));
            files.extend(name);
        }
    }
    if files.is_empty() {
        return None;
    }
    let index = row(projection, 1.0);
    let mut lines = of_components(root, projection, index, &mut by_component);
    // A component that is not drawn any more explains nothing.
    by_component.into_iter().for_each(|(name, amount)| *unexplained.entry(name).or_default() += amount);
    lines.extend(beside(root, projection, index));
    lines.extend(rest(unexplained));
    Some(Bill { lines, files, part, multiple: projection.multiples.get(index).copied().unwrap_or(1.0) })
}

/// How much of the time that bills of its kind cover a bill is of: one file a month makes a mean month, and is not added up. All of it
/// where it has no days.
fn share(imports: &[Value], import: &Value) -> f64 {
    let date = |bill: &Value, key: &str| bill.get(key).and_then(Value::as_str).and_then(scenario::days);
    let span = |bill: &Value| Some((date(bill, "billed_from")?, date(bill, "billed_until")?));
    let Some((from, until)) = span(import) else { return 1.0 };
    let same = imports.iter().filter(|other| text_at(other, "kind") == text_at(import, "kind"));
    let mut spans: Vec<(i64, i64)> = same.filter_map(span).collect();
    spans.sort_unstable();
    let (mut covered, mut last) = (0, i64::MIN);
    for (from, until) in spans {
        covered += (until - from.max(last)).max(0);
        last = last.max(until);
    }
    if covered > 0 { (until - from).max(0) as f64 / covered as f64 } else { 1.0 }
}

/// Components that are billed or modelled, the dearest first; takes what they are billed out of `billed`.
fn of_components(root: &Value, projection: &Projection, index: usize, billed: &mut BTreeMap<&str, f64>) -> Vec<Line> {
    let (mut lines, names): (Vec<Line>, _) = (Vec::new(), Index::of(root));
    for component in &projection.components {
        let modelled = at(&component.monthly_cost, index).unwrap_or(0.0);
        let name = names.label(&component.id);
        match billed.remove(component.id.as_str()) {
            Some(billed) => lines.push(Line { name, what: What::Component, billed, modelled }),
            None if modelled >= LEAST => lines.push(Line { name, what: What::NotBilled, billed: 0.0, modelled }),
            None => {}
        }
    }
    lines.sort_by(|a, b| b.billed.max(b.modelled).total_cmp(&a.billed.max(a.modelled)));
    lines
}

/// What the model has beside components.
fn beside(root: &Value, projection: &Projection, index: usize) -> Option<Line> {
    let named: f64 = projection.components.iter().filter_map(|component| at(&component.monthly_cost, index)).sum();
    let modelled = at(&projection.cost.monthly, index).map_or(0.0, |all| all - named);
    let there = modelled.abs() >= LEAST && !list_at(root, "costs").is_empty();
    there.then(|| Line { name: text::OTHER_COSTS.into(), what: What::NotBilled, billed: 0.0, modelled })
}

/// What no component explains, the largest first, many small ones together.
fn rest(unexplained: BTreeMap<&str, f64>) -> Vec<Line> {
    let line = |name: String, billed: f64| Line { name, what: What::Unexplained, billed, modelled: 0.0 };
    let mut lines: Vec<Line> = unexplained
        .into_iter()
        .filter(|(_, amount)| amount.abs() >= LEAST)
        .map(|(name, amount)| line(name.to_owned(), amount))
        .collect();
    lines.sort_by(|a, b| b.billed.abs().total_cmp(&a.billed.abs()));
    if lines.len() > SHOWN + 1 {
        let small = lines.split_off(SHOWN);
        lines.push(line(text::smaller_lines(small.len()), small.iter().map(|line| line.billed).sum()));
    }
    lines
}

/// What the bill comes to and how much of it is not explained, in a sentence.
pub fn sentence(root: &Value, bill: &Bill) -> String {
    let (all, rest) = (bill.billed(), bill.unexplained());
    let show = |value: f64| money_in_full(value, currency(root), decimals(all));
    let share = if all > 0.0 { percent(rest / all) } else { text::UNKNOWN.into() };
    let rest = if rest.abs() < LEAST { String::new() } else { show(rest) };
    let files = bill.files.join(", ");
    match bill.part.as_slice() {
        [] => text::bill_caption(&files, &show(all), &rest, &share),
        part => text::kept_caption(&files, &show(all), &rest, &share, &part.join(", ")),
    }
}

/// The block under the spend table.
pub fn page(root: &Value, projection: &Projection) -> String {
    let Some(bill) = bill(root, projection) else { return paragraph("caption", text::NO_BILL) };
    let currency = currency(root);
    let modelled: f64 = bill.lines.iter().map(|line| line.modelled).sum();
    let decimals = decimals(bill.billed().abs().max(modelled));
    let show = |value: f64| money_in_full(value, currency, decimals);
    let gap = |value: f64| {
        let text = show(value);
        if value > 0.0 && text.contains(|sign: char| ('1'..='9').contains(&sign)) { format!("+{text}") } else { text }
    };
    let known = |there: bool, value: f64| if there { show(value) } else { text::UNKNOWN.to_owned() };
    let mut rows: Vec<Vec<Cell>> = bill
        .lines
        .iter()
        .map(|line| {
            let name = match line.what {
                What::Component => Cell::Text(line.name.clone()),
                What::Unexplained => Cell::Noted(line.name.clone(), text::UNEXPLAINED.into()),
                What::NotBilled => Cell::Noted(line.name.clone(), text::NOT_ON_THE_BILL.into()),
            };
            vec![
                name,
                Cell::Number(known(line.what != What::NotBilled, line.billed)),
                Cell::Number(known(line.what != What::Unexplained, line.modelled)),
                Cell::Number(gap(line.modelled - line.billed)),
            ]
        })
        .collect();
    rows.push(vec![
        Cell::Made(format!("<b>{}</b>", text::TOTAL)),
        Cell::Strong(show(bill.billed())),
        Cell::Strong(show(modelled)),
        Cell::Strong(gap(modelled - bill.billed())),
    ]);
    let names = [
        text::BILL_LINE,
        &format!("#{}", text::BILLED),
        &format!("#{}", text::modelled_at(&times(bill.multiple))),
        &format!("#{}", text::MODEL_LESS_BILL),
    ];
    block(text::BILL_TITLE, &sentence(root, &bill), &table("bill-table", &head(&names), &rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use worker::protocol::{ComponentColumns, CostColumns};

    fn projection(costs: &[(&str, f64)], beside: f64) -> Projection {
        let component = |(id, cost): &(&str, f64)| ComponentColumns {
            id: (*id).to_owned(),
            monthly_cost: vec![Some(*cost), Some(10.0 * cost)],
            ..ComponentColumns::default()
        };
        let all = costs.iter().map(|(_, cost)| cost).sum::<f64>() + beside;
        Projection {
            multiples: vec![1.0, 10.0],
            components: costs.iter().map(component).collect(),
            cost: CostColumns { monthly: vec![Some(all), Some(10.0 * all)], ..CostColumns::default() },
            ..Projection::default()
        }
    }

    /// A shop whose bill has two lines that no component explains and lacks the payments.
    fn root() -> Value {
        json!({
        "components": [{"id": "db", "label": "PostgreSQL"}, {"id": "pay"}],
        "imports": [
            {"id": "k6", "file": "k6.json"},
            {"id": "bill", "file": "bill.json", "monthly_costs": {"db": 221.4},
             "unexplained_costs": {"AmazonCloudWatch": 14.2, "AWS Data Transfer": 7.4}}
        ]})
    }

    #[test]
    fn every_line_is_a_row_and_the_sums_are_those_of_bill_and_model() {
        let projection = projection(&[("pay", 78.8), ("db", 223.2), ("free", 0.0)], 0.0);
        let found = bill(&root(), &projection).unwrap();
        let rows: Vec<(&str, What, f64, f64)> =
            found.lines.iter().map(|line| (line.name.as_str(), line.what, line.billed, line.modelled)).collect();
        assert_eq!(
            rows,
            [
                ("PostgreSQL", What::Component, 221.4, 223.2),
                ("pay", What::NotBilled, 0.0, 78.8),
                ("AmazonCloudWatch", What::Unexplained, 14.2, 0.0),
                ("AWS Data Transfer", What::Unexplained, 7.4, 0.0),
            ]
        );
        assert_eq!(found.files, ["bill.json"]);
        assert!((found.billed() - 243.0).abs() < 1e-9 && (found.unexplained() - 21.6).abs() < 1e-9);
        let html = page(&root(), &projection);
        for wanted in [
            "A mean month of bill.json comes to $243.00; $21.60 of it (8.9 %) no component explains.",
            "AmazonCloudWatch<div class=\"caption\">no component explains it",
            "pay<div class=\"caption\">not on the bill",
            "−$14.20",
            "+$1.80",
            "<b>$243.00</b>",
            "<b>$302.00</b>",
            "<b>+$59.00</b>",
            "Model at ×1",
        ] {
            assert!(html.contains(wanted), "{wanted} in {html}");
        }
    }

    #[test]
    fn odd_bills() {
        let mut many = root();
        let lines: serde_json::Map<String, Value> = (0..12).map(|line| (format!("line {line}"), json!(1.0))).collect();
        many["imports"][1]["unexplained_costs"] = Value::Object(lines);
        let mut gone = root();
        gone["imports"][1]["monthly_costs"] = json!({"cache": 25.0});
        let mut credit = root();
        credit["imports"][1]["unexplained_costs"] = json!({"credit": -30.0});
        // The case, the scenario, its last row, all that is billed, what of it is unexplained.
        let rows = [
            ("many lines", many, "4 smaller lines", 233.4, 12.0),
            ("a component that is gone", gone, "AWS Data Transfer", 46.6, 46.6),
            ("a credit", credit, "credit", 191.4, -30.0),
        ];
        for (name, root, last, billed, rest) in rows {
            let found = bill(&root, &projection(&[("db", 223.2)], 0.0)).unwrap();
            assert_eq!(found.lines.last().unwrap().name, last, "{name}");
            assert!((found.billed() - billed).abs() < 1e-9, "{name}: {}", found.billed());
            assert!((found.unexplained() - rest).abs() < 1e-9, "{name}: {}", found.unexplained());
        }
        let mut other = root();
        other["costs"] = json!([{"id": "support", "monthly": 9}]);
        let found = bill(&other, &projection(&[("db", 223.2)], 9.0)).unwrap();
        assert!(found.lines.iter().any(|line| line.name == text::OTHER_COSTS && (line.modelled - 9.0).abs() < 1e-9));
    }

    #[test]
    fn of_a_bill_with_explained_lines_only_the_rest_may_be_missing() {
        let mut absent = root();
        absent["imports"][1].as_object_mut().unwrap().remove("unexplained_costs");
        let mut empty = root();
        empty["imports"][1]["unexplained_costs"] = json!({});
        let mut beside = root();
        let old = json!({"id": "old", "file": "old.csv", "monthly_costs": {"pay": 7.0}});
        beside["imports"].as_array_mut().unwrap().push(old);
        let kept = "The lines kept of bill.json come to $221.40 in a mean month; components explain all of them. \
                    Where bill.json has others, importing it again shows them.";
        let both = "The lines kept of bill.json, old.csv come to $250.00 in a mean month; $21.60 of it (8.6 %) no component \
                    explains. Where old.csv has others, importing it again shows them.";
        for (root, wanted) in [(absent, kept), (empty, kept), (beside, both)] {
            let found = bill(&root, &projection(&[("pay", 78.8), ("db", 223.2)], 0.0)).unwrap();
            assert_eq!(sentence(&root, &found), wanted);
        }
    }

    #[test]
    fn a_file_a_month_makes_a_mean_month() {
        let bill = |id: &str, kind: &str, from: &str, until: &str, amount: f64| {
            json!({"id": id, "kind": kind, "billed_from": from, "billed_until": until,
                   "monthly_costs": {"db": amount}, "unexplained_costs": {"Support": 73.0}})
        };
        let (october, november) = (("2026-10-01", "2026-11-01"), ("2026-11-01", "2026-12-01"));
        let of = |kind, (from, until), amount| bill("b", kind, from, until, amount);
        // The bills, what they come to for the database and in all.
        let rows = [
            (vec![of("aws", october, 730.0)], 730.0, 803.0),
            (vec![of("aws", october, 730.0), of("aws", november, 730.0)], 730.0, 803.0),
            (vec![of("aws", october, 610.0), of("aws", november, 0.0)], 310.0, 383.0),
            // Another provider's is paid beside it, as one whose days are not known.
            (vec![of("aws", october, 730.0), of("azure", november, 100.0)], 830.0, 976.0),
            (vec![of("aws", october, 730.0), of("aws", ("", ""), 100.0)], 830.0, 976.0),
        ];
        for (imports, database, all) in rows {
            let root = json!({"components": [{"id": "db"}], "imports": imports});
            let found = super::bill(&root, &projection(&[("db", 730.0)], 0.0)).unwrap();
            assert!((found.lines[0].billed - database).abs() < 1e-9, "{root}: {}", found.lines[0].billed);
            assert!((found.billed() - all).abs() < 1e-9, "{root}: {}", found.billed());
        }
    }

    #[test]
    fn without_a_bill_one_is_asked_for() {
        let none = json!({"imports": [{"id": "k6"}]});
        assert_eq!(bill(&none, &projection(&[("db", 1.0)], 0.0)), None);
        assert!(page(&none, &Projection::default()).contains(text::NO_BILL));
        assert!(bill(&root(), &Projection::default()).is_some(), "not solved yet");
    }
}
