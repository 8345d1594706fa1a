//! Two to four scenarios side by side, differences first.

use super::address;
use super::format::{milliseconds, money, month, multiple, percent, significant};
use super::headline::{at_its_end, besides, cause};
use super::html::{Cell, block, escape, paragraph, table};
use crate::chart::scale::{Scale, roomy};
use crate::chart::spec::{Along, Key, Layer, Measure, Reading, Role, Spec, Stroke};
use crate::text;
use serde_json::Value;
use worker::protocol::{ComparisonView, HeadroomView};

/// Rows of each table.
const SHOWN: usize = 24;

fn reach(headroom: &HeadroomView) -> String {
    match headroom.multiple {
        Some(least) if headroom.at_most.is_some() => text::below(&multiple(least)),
        Some(found) => multiple(found),
        None if headroom.no_limit => text::NOT_KNOWN.to_owned(),
        None => text::beyond(&multiple(headroom.at_least.unwrap_or(1.0))),
    }
}

/// The answers: one column per scenario.
fn answers(view: &ComparisonView) -> String {
    let mut names = vec![String::new()];
    names.extend(view.names.iter().cloned());
    let line = |title: &str, cells: Vec<Cell>| {
        let mut row = vec![Cell::Text(title.to_owned())];
        row.extend(cells);
        row
    };
    let reaches = view.headrooms.iter().map(|one| Cell::Made(format!("<b class=\"big\">{}</b>", reach(one)))).collect();
    let cause = |(headroom, outline): (&HeadroomView, &String)| {
        let root = serde_json::from_str(outline).unwrap_or_default();
        let silent = at_its_end(&root, headroom).filter(|_| headroom.multiple.is_none() && !headroom.no_limit);
        let first = Some(cause(&root, headroom)).filter(|cause| !cause.is_empty()).or(silent);
        Cell::Noted(first.unwrap_or(text::UNKNOWN.into()), besides(headroom).join(" "))
    };
    let causes = view.headrooms.iter().zip(&view.outlines).map(cause).collect();
    let dates =
        view.headrooms.iter().map(|one| Cell::Text(one.date.as_deref().map_or(text::UNKNOWN.into(), month))).collect();
    let mut rows = vec![line(text::HEADROOM, reaches), line(text::LIMITED, causes)];
    if view.headrooms.iter().any(|one| one.date.is_some()) {
        rows.push(line(text::REACHED, dates));
    }
    table("compare-answers", &names, &rows)
}

/// `browse p95 ms at 5×` as its figure reads.
fn shown(what: &str, value: f64, currency: &str) -> String {
    if what == "headroom" {
        multiple(value)
    } else if is_spend(what) {
        money(value, currency)
    } else if what.contains(text::MS_AT) {
        milliseconds(value)
    } else if what.contains(text::ERROR_SHARE_AT) {
        percent(value)
    } else {
        significant(value, 3)
    }
}

/// Why a figure is not there: a limit beyond all multiples, a class that gets more than can pass; else nobody knows.
fn absent(view: &ComparisonView, what: &str, index: usize) -> String {
    if what == "headroom" {
        return view.headrooms.get(index).map_or(text::UNKNOWN.into(), reach);
    }
    let class = view
        .p95
        .iter()
        .find(|(class, _)| what.strip_prefix(class.as_str()).is_some_and(|rest| rest.starts_with(text::P95_AT)));
    let known = class.and_then(|(_, lines)| lines.get(index)).is_some_and(|line| !line.is_empty());
    if known { text::OVERLOADED.into() } else { text::UNKNOWN.into() }
}

/// How far the open scenario, the first, lies from the one beside it.
fn change(values: &[Option<f64>]) -> String {
    match values {
        [Some(open), Some(other)] if *other != 0.0 => {
            let gap = open / other - 1.0;
            format!("{}{}", if gap < 0.0 { "−" } else { "+" }, percent(gap.abs()))
        }
        _ => String::new(),
    }
}

/// Whether all amounts are of one currency: others cannot be set against each other.
fn of_one_currency(view: &ComparisonView) -> bool {
    view.currencies.windows(2).all(|pair| pair[0] == pair[1])
}

fn is_spend(what: &str) -> bool {
    what.starts_with("a month")
}

/// An input in its unit, money in its scenario's currency.
fn input(path: &str, value: f64, currency: &str) -> String {
    match address::paid_per(path) {
        Some(per) => format!("{} {per}", money(value, currency)).trim_end().to_owned(),
        None => address::value(path, value),
    }
}

fn differing(
    view: &ComparisonView,
    hook: &str,
    rows: &[(String, Vec<Option<f64>>)],
    name: &dyn Fn(&str) -> String,
    show: &dyn Fn(&str, Option<f64>, usize) -> String,
    is_money: &dyn Fn(&str) -> bool,
) -> String {
    let two = view.names.len() == 2;
    let mut names = vec![String::new()];
    names.extend(view.names.iter().map(|name| format!("#{name}")));
    if two {
        names.push(format!("#{}", text::AGAINST));
    }
    let line = |(what, values): &(String, Vec<Option<f64>>)| {
        let mut row = vec![Cell::Text(name(what))];
        let cell = |(index, value): (usize, &Option<f64>)| Cell::Number(show(what, *value, index));
        row.extend(values.iter().enumerate().map(cell));
        if two {
            let comparable = of_one_currency(view) || !is_money(what);
            row.push(Cell::Number(if comparable { change(values) } else { text::UNKNOWN.into() }));
        }
        row
    };
    let lines: Vec<Vec<Cell>> = rows.iter().take(SHOWN).map(line).collect();
    let more = rows.len().saturating_sub(SHOWN);
    let rest = if more > 0 { paragraph("caption", &text::and_more(more)) } else { String::new() };
    let reason = if !of_one_currency(view) && rows.iter().any(|(what, _)| is_money(what)) {
        paragraph("caption", text::SEVERAL_CURRENCIES)
    } else {
        String::new()
    };
    table(hook, &names, &lines) + &rest + &reason
}

/// The whole page under the choice of scenarios.
pub fn page(root: &Value, view: &ComparisonView) -> String {
    let currency = |index: usize| view.currencies.get(index).map_or("USD", String::as_str);
    let mut out = block(text::COMPARE_ANSWERS, "", &answers(view));
    let figures = if view.figures.is_empty() {
        paragraph("caption", text::NO_DIFFERENCE)
    } else {
        let name = |what: &str| match what {
            "headroom" => text::HEADROOM.to_owned(),
            other => other.replace(text::MS_AT, " at ").replace(text::MONTH_AT, text::SPEND_A_MONTH_AT),
        };
        let show = |what: &str, value: Option<f64>, index: usize| {
            value.map_or_else(|| absent(view, what, index), |value| shown(what, value, currency(index)))
        };
        differing(view, "compare-figures", &view.figures, &name, &show, &is_spend)
    };
    out += &block(text::COMPARE_FIGURES, text::COMPARE_FIGURES_CAPTION, &figures);
    let inputs = if view.inputs.is_empty() {
        paragraph("caption", text::NO_DIFFERENCE)
    } else {
        let show = |path: &str, value: Option<f64>, index: usize| {
            value.map_or(text::UNKNOWN.into(), |value| input(path, value, currency(index)))
        };
        let is_money = |path: &str| address::paid_per(path).is_some();
        differing(view, "compare-inputs", &view.inputs, &|path| address::words(root, path), &show, &is_money)
    };
    let others = others(view);
    // Not "none" where what differs are the numbers of objectives.
    if others.is_empty() || !view.inputs.is_empty() {
        out += &block(text::COMPARE_INPUTS, "", &inputs);
    }
    out + &others
}

/// What is told in words of each scenario but the open one; empty where there is nothing.
fn others(view: &ComparisonView) -> String {
    let told = view.names.iter().zip(&view.others);
    let lines: Vec<String> =
        told.flat_map(|(name, words)| words.iter().map(move |words| format!("{name}: {words}"))).collect();
    if lines.is_empty() {
        return String::new();
    }
    let more = lines.len().saturating_sub(SHOWN);
    let items: String = lines.iter().take(SHOWN).map(|line| format!("<li>{}</li>", escape(line))).collect();
    let rest = if more > 0 { paragraph("caption", &text::and_more(more)) } else { String::new() };
    block(text::COMPARE_OTHERS, "", &format!("<ul data-testid=\"compare-others\">{items}</ul>{rest}"))
}

/// One line per scenario over growth: a class' 95th percentile, or with no class what a month costs.
pub fn spec(view: &ComparisonView, class: Option<&str>, log: bool) -> Result<Spec, String> {
    let lines = match class {
        Some(id) => &view.p95.iter().find(|(known, _)| known == id).ok_or(text::WORKING)?.1,
        None => &view.monthly,
    };
    let known = || lines.iter().flatten().flatten().copied();
    if lines.is_empty() {
        return Err(text::WORKING.into());
    }
    if known().all(|value| value <= 0.0) {
        return Err(if class.is_some() { text::OVERLOADED_EVERYWHERE } else { text::NO_PRICES }.into());
    }
    if class.is_none() && !of_one_currency(view) {
        return Err(text::SEVERAL_CURRENCIES.into());
    }
    let currency = view.currencies.first().cloned().unwrap_or_default();
    let measure = if class.is_some() { Measure::Milliseconds } else { Measure::Money(currency) };
    let show = |value: f64| measure.words(value);
    let xs = view.multiples.clone();
    let x = Scale::linear(xs.first().copied().unwrap_or(1.0), xs.last().copied().unwrap_or(10.0));
    let lowest = known().filter(|value| *value > 0.0).fold(f64::INFINITY, f64::min);
    let highest = known().fold(0.0, f64::max);
    let y = if log {
        Scale::logarithmic(lowest * 0.7, (highest * 1.3).max(lowest * 10.0))
    } else {
        let top = if class.is_some() { highest.min(lowest * 8.0) } else { highest };
        Scale::linear(0.0, roomy(top, 4))
    };
    let missing = if class.is_some() { text::OVERLOADED } else { text::UNKNOWN };
    let text_of = |value: &Option<f64>| value.map_or(missing.to_owned(), show);
    // A scenario without the class has no line: it is not overloaded.
    let readings = view.names.iter().zip(lines).map(|(name, values)| Reading {
        label: name.clone(),
        texts: (0..xs.len()).map(|at| values.get(at).map_or(text::UNKNOWN.to_owned(), text_of)).collect(),
        values: (0..xs.len()).map(|at| values.get(at).copied().flatten()).collect(),
    });
    let layers = lines.iter().enumerate().map(|(index, values)| Layer::Line {
        points: xs.iter().copied().zip(values.iter().copied()).collect(),
        role: Role::Series(index as u8),
        width: 2.25,
        stroke: Stroke::Solid,
    });
    let legend =
        view.names.iter().enumerate().map(|(index, name)| Key::line(Role::Series(index as u8), Stroke::Solid, name));
    let readings = readings.collect();
    let spec = Spec {
        measure,
        layers: layers.collect(),
        readings,
        legend: legend.collect(),
        xs,
        along: Along::Growth,
        x_name: text::GROWTH.into(),
        ..Spec::empty(x, y)
    };
    Ok(spec.ticked((9, 4)))
}

/// What is drawn while a comparison of the same scenarios is being made anew: the lines come last, and until then those stand
/// that were drawn before. Others are not theirs.
pub fn standing(view: &ComparisonView, before: Option<&Spec>) -> bool {
    let same = |spec: &Spec| spec.readings.iter().map(|reading| &reading.label).eq(&view.names);
    !view.done && before.is_some_and(same)
}

/// The class that is drawn: the one asked for while there is such a class, else the first.
pub fn chosen(classes: &[String], asked: Option<&str>) -> Option<String> {
    let still = asked.filter(|id| classes.iter().any(|class| class == id));
    still.map(str::to_owned).or_else(|| classes.first().cloned())
}

/// The classes that have lines.
pub fn classes(view: &ComparisonView) -> Vec<String> {
    view.p95.iter().map(|(id, _)| id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn view() -> ComparisonView {
        ComparisonView {
            asked: 1,
            names: vec!["A".into(), "B".into()],
            currencies: vec!["USD".into(), "USD".into()],
            headrooms: vec![
                HeadroomView {
                    multiple: Some(2.0),
                    component: Some("app".into()),
                    resource: Some("pool:pg".into()),
                    ..HeadroomView::default()
                },
                HeadroomView { at_least: Some(10.0), ..HeadroomView::default() },
            ],
            outlines: vec![
                r#"{"components": [{"id": "app", "label": "Shop", "calls": [{"to": "db", "pool": "pg"}]}]}"#.into(),
                "{}".into(),
            ],
            inputs: vec![("components.app.pools.pg".into(), vec![Some(4.0), Some(8.0)])],
            others: Vec::new(),
            figures: vec![
                ("headroom".into(), vec![Some(2.0), None]),
                ("browse p95 ms at 5×".into(), vec![Some(100.0), Some(50.0)]),
                ("browse p95 ms at 10×".into(), vec![None, Some(60.0)]),
                ("buy p95 ms at 5×".into(), vec![None, Some(70.0)]),
                ("a month at 5×".into(), vec![Some(100.0), Some(120.0)]),
            ],
            multiples: vec![1.0, 10.0],
            monthly: vec![vec![Some(100.0), Some(200.0)], vec![Some(120.0), Some(240.0)]],
            p95: vec![("browse".into(), vec![vec![Some(10.0), None], vec![Some(9.0), Some(20.0)]])],
            done: true,
        }
    }

    #[test]
    fn differences_stand_first() {
        let html = page(&json!({}), &view());
        for wanted in [
            "2.0×",
            "beyond 10×",
            "the connection pool from Shop to db is full",
            "browse p95 at 5×",
            "+100 %",
            "−17 %",
            "Open one against it",
            "connection pool pg of app",
        ] {
            assert!(html.contains(wanted), "{wanted} in {html}");
        }
        // What holds only because it refuses says so.
        let mut refusing = view();
        refusing.headrooms[1].silent =
            Some(worker::protocol::SilentView::Failing { class: "browse".into(), share: 0.48, multiple: 5.0 });
        refusing.headrooms[1].collapses = true;
        refusing.figures.push(("browse error share at 5×".into(), vec![Some(0.0), Some(0.48)]));
        let refused = page(&json!({}), &refusing);
        for wanted in ["48 % of browse fail at 5.0×", text::COLLAPSES, "browse error share at 5×", ">48 %<"] {
            assert!(refused.contains(wanted), "{wanted} in {refused}");
        }
        // A figure that is not there says why.
        for (words, times) in [("beyond 10×", 2), (text::OVERLOADED, 1), (text::UNKNOWN, 2)] {
            assert_eq!(html.matches(words).count(), times, "{words} in {html}");
        }
    }

    /// Whether a number differs, what else does, and the blocks that stand.
    #[test]
    fn what_is_no_quantity_is_told() {
        let objective = "web p95 at most 330 ms: added";
        for (numbers, others, blocks) in [
            (true, None, [true, false]),
            (true, Some(objective), [true, true]),
            (false, Some(objective), [false, true]),
            (false, None, [true, false]),
        ] {
            let mut view =
                ComparisonView { others: vec![Vec::new(), others.into_iter().map(str::to_owned).collect()], ..view() };
            if !numbers {
                view.inputs.clear();
            }
            let html = page(&json!({}), &view);
            let found =
                [text::COMPARE_INPUTS, text::COMPARE_OTHERS].map(|title| html.contains(&format!("<h2>{title}</h2>")));
            assert_eq!((found, html.contains(objective)), (blocks, others.is_some()), "{html}");
        }
    }

    #[test]
    fn what_cannot_be_set_against_each_other_says_so() {
        let mut view = view();
        view.currencies[1] = "EUR".into();
        view.inputs.push(("components.db.price.fixed_monthly".into(), vec![Some(20.0), Some(40.0)]));
        assert_eq!(spec(&view, None, false).err().as_deref(), Some(text::SEVERAL_CURRENCIES));
        let html = page(&json!({}), &view);
        for wanted in ["$100", "€120", "$20", "€40", text::SEVERAL_CURRENCIES, "+100 %"] {
            assert!(html.contains(wanted), "{wanted} in {html}");
        }
        assert!(!html.contains("−17 %"), "no percentage between dollars and euros: {html}");
        view.p95.push(("buy".into(), vec![vec![Some(5.0), None], Vec::new()]));
        let spec = spec(&view, Some("buy"), false).unwrap();
        let texts: Vec<Vec<&str>> =
            spec.readings.iter().map(|reading| reading.texts.iter().map(String::as_str).collect()).collect();
        assert_eq!(texts, [["5 ms", text::OVERLOADED], [text::UNKNOWN, text::UNKNOWN]]);
        assert_eq!(spec.readings[1].values, [None, None]);
    }

    #[test]
    fn lines_stand_while_they_are_made_anew() {
        let drawn = spec(&view(), None, false).unwrap();
        let made = |done: bool, second: &str| ComparisonView {
            names: vec!["A".into(), second.into()],
            done,
            ..ComparisonView::default()
        };
        let rows = [
            (made(false, "B"), Some(&drawn), true),
            (made(true, "B"), Some(&drawn), false),
            (made(false, "C"), Some(&drawn), false),
            (ComparisonView { names: vec!["A".into()], ..ComparisonView::default() }, Some(&drawn), false),
            (made(false, "B"), None, false),
        ];
        for (view, before, wanted) in rows {
            assert_eq!(standing(&view, before), wanted, "{:?} {}", view.names, view.done);
        }
    }

    #[test]
    fn lines_side_by_side() {
        for (class, log) in [(Some("browse"), false), (Some("browse"), true), (None, false)] {
            let spec = spec(&view(), class, log).unwrap();
            assert_eq!((spec.layers.len(), spec.legend.len(), spec.readings.len()), (2, 2, 2));
        }
        assert!(spec(&view(), Some("other"), false).is_err());
        assert!(spec(&ComparisonView::default(), None, false).is_err());
        assert_eq!(classes(&view()), ["browse"]);
        let all = ["browse".to_owned(), "buy".to_owned()];
        for (asked, wanted) in [(None, "browse"), (Some("buy"), "buy"), (Some("gone"), "browse")] {
            assert_eq!(chosen(&all, asked).as_deref(), Some(wanted), "{asked:?}");
        }
        assert_eq!(chosen(&[], Some("gone")), None);
    }
}
