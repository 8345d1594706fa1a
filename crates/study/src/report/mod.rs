//! The one-page report: what, when, how much, how sure, on what assumptions. One HTML file that needs nothing else; print it for
//! a PDF.

mod svg;

use crate::headline::{money, times};
use crate::plan::{Plan, Step};
use crate::result::ResultDoc;
use crate::text::short;
use scenario::Scenario;
use scenario::quantities::list;
use scenario::v1::Source;
use std::fmt::Write;

/// The projection as pictures: latency by class and spend over growth, one SVG document.
#[must_use]
pub fn svg(doc: &ResultDoc, scenario: &Scenario) -> String {
    svg::stacked(&charts(doc, scenario))
}

/// A latency that was measured at a multiple of growth.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Id of the class.
    pub class: String,
    /// The figure's name in results: `mean`, `p95` and so on.
    pub figure: String,
    /// Growth multiple of the level.
    pub multiple: f64,
    /// In milliseconds.
    pub value: f64,
    /// Whether the model was fitted on it; else the dot is hollow.
    pub fitted: bool,
}

/// What was measured on what the model says, one chart for each class and figure, in the order given: the line with the band
/// that one measured run may stray in, where the projection has one. One SVG document.
#[must_use]
pub fn svg_beside(doc: &ResultDoc, measured: &[Measured]) -> String {
    let mut charts: Vec<svg::Chart> = Vec::new();
    for found in measured {
        let title = format!("{}: {} in milliseconds over growth", found.class, found.figure);
        let place = charts.iter().position(|chart| chart.title == title).unwrap_or_else(|| {
            let points = doc.points.iter().filter_map(|point| {
                let at = point.classes.get(&found.class)?;
                let y = *at.latency_ms.as_ref()?.get(&found.figure)?;
                Some(svg::At { x: point.multiple, y, band: at.prediction.get(&found.figure).copied() })
            });
            charts.push(svg::Chart { title, points: points.collect(), ..svg::Chart::default() });
            charts.len() - 1
        });
        charts[place].measured.push(svg::Dot { x: found.multiple, y: found.value, fitted: found.fitted });
    }
    charts.retain(|chart| chart.points.len() >= 2);
    svg::stacked(&charts)
}

/// The report; with a plan its steps stand in it.
#[must_use]
pub fn html(doc: &ResultDoc, scenario: &Scenario, plan: Option<&Plan>) -> String {
    let name = escaped(if scenario.name.is_empty() { "A scenario without a name" } else { &scenario.name });
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{name} - Headroom</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{name}</h1>\n"
    );
    let line = crate::headline(doc, scenario);
    let _ = writeln!(out, "<p class=\"headline\">{}</p>", escaped(&line.sentence));
    for chart in charts(doc, scenario) {
        let _ = writeln!(
            out,
            "<figure>\n{}<figcaption>{}</figcaption>\n</figure>",
            svg::single(&chart),
            escaped(&chart.title)
        );
    }
    section(&mut out, "Over growth", &crate::text::rows(doc, scenario));
    section(&mut out, "Objectives", &objectives(doc, scenario));
    section(&mut out, "What breaks next", &next(doc));
    if let Some(plan) = plan {
        section(&mut out, "The cheapest way through", &steps(plan, scenario));
    }
    section(&mut out, "Money", &spend(doc, scenario));
    section(&mut out, "Assumptions", &assumptions(scenario));
    if !doc.warnings.is_empty() {
        out.push_str("<h2>Know</h2>\n<ul>\n");
        for line in crate::text::known(doc, scenario) {
            let _ = writeln!(out, "<li>{}</li>", escaped(&line));
        }
        out.push_str("</ul>\n");
    }
    let _ = writeln!(out, "<p class=\"small\">{}</p>\n</main>\n</body>\n</html>", escaped(NOT_MODELLED));
    out
}

/// What no figure here accounts for.
const NOT_MODELLED: &str = "Not modelled: memory limits, disk IOPS, network loss, replication lag, transactions, correlation between hops. The closed form answers for a steady load; simulate for what moves with time.";

const STYLE: &str = ":root{color-scheme:light dark;--ink:#1a1d21;--dim:#5b6470;--rule:#d9dde3;--paper:#fff;--line:#2458d3;--band:#2458d333;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--ink:#e6e8eb;--dim:#9aa3ad;--rule:#343a42;--paper:#15181c;--line:#7ea2ff;--band:#7ea2ff33;--bad:#ff8a80}}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}main{max-width:60rem;margin:0 auto;padding:1.5rem}
h1{font-size:1.5rem;margin:0 0 .5rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}.headline{font-size:1.15rem}.small{color:var(--dim);font-size:.85rem}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--rule);vertical-align:top}th{color:var(--dim);font-weight:600}
figure{margin:1rem 0}figcaption{color:var(--dim);font-size:.85rem}svg{width:100%;height:auto}div.wide{overflow-x:auto}
@media print{main{padding:0}h2{break-after:avoid}figure,tr{break-inside:avoid}}
";

/// A heading and a table; nothing where there is only a header.
fn section(out: &mut String, title: &str, rows: &[Vec<String>]) {
    let [header, rest @ ..] = rows else { return };
    if rest.is_empty() {
        return;
    }
    let cells = |row: &[String], tag: &str| -> String {
        row.iter().map(|cell| format!("<{tag}>{}</{tag}>", escaped(cell))).collect()
    };
    let _ = writeln!(
        out,
        "<h2>{title}</h2>\n<div class=\"wide\"><table>\n<thead><tr>{}</tr></thead>\n<tbody>",
        cells(header, "th")
    );
    for row in rest {
        let _ = writeln!(out, "<tr>{}</tr>", cells(row, "td"));
    }
    out.push_str("</tbody>\n</table></div>\n");
}

fn strings(row: &[&str]) -> Vec<String> {
    row.iter().map(|cell| (*cell).to_owned()).collect()
}

fn objectives(doc: &ResultDoc, scenario: &Scenario) -> Vec<Vec<String>> {
    let mut rows = vec![strings(&["objective", "holds up to", "about", "margin at the first multiple", "probability"])];
    for found in &doc.objectives {
        let slo = doc.points.first().and_then(|p| p.slos.iter().find(|s| s.index == found.index));
        let percent = |share: Option<f64>| share.map_or_else(String::new, |s| format!("{:.0} %", 100.0 * s));
        rows.push(vec![
            scenario.slos.get(found.index).map(|slo| crate::check::objective(slo, scenario)).unwrap_or_default(),
            found.multiple.map_or_else(|| format!("more than {}", times(found.at_least)), times),
            found.date.clone().unwrap_or_default(),
            percent(slo.and_then(|s| s.margin)),
            percent(slo.and_then(|s| s.probability)),
        ]);
    }
    rows
}

fn next(doc: &ResultDoc) -> Vec<Vec<String>> {
    let mut rows = vec![strings(&["after fixing", "breaks next", "at"])];
    let row = |n: &crate::result::NextBottleneck| {
        vec![n.after_fixing.clone(), format!("{} {}", n.component, n.resource), times(n.multiple)]
    };
    rows.extend(doc.next.iter().map(row));
    rows
}

fn steps(plan: &Plan, scenario: &Scenario) -> Vec<Vec<String>> {
    let money = |amount| money(amount, scenario.currency.as_deref());
    let header: &[&str] = if plan.priced { &["at", "what", "a month", "as it stands"] } else { &["at", "what"] };
    let row = |step: &Step| {
        let months = [step.monthly, step.monthly_as_it_stands].map(money);
        let mut row = vec![times(step.multiple), step.text.clone()];
        row.extend(months.into_iter().filter(|_| plan.priced));
        row
    };
    std::iter::once(strings(header)).chain(plan.steps.iter().map(row)).collect()
}

fn spend(doc: &ResultDoc, scenario: &Scenario) -> Vec<Vec<String>> {
    let money = |amount| money(amount, scenario.currency.as_deref());
    let mut rows = vec![strings(&["component", "first multiple", "last multiple", "grows as traffic to the power"])];
    let Some(spend) = &doc.spend else { return rows };
    for row in &spend.growth {
        let power = if row.faster {
            format!("{:.2}: faster than traffic", row.exponent)
        } else {
            format!("{:.2}", row.exponent)
        };
        rows.push(vec![row.component.clone(), money(row.first), money(row.last), power]);
    }
    if let Some(ahead) = spend.ahead() {
        let upto = match ahead.months {
            0 => "the coming months".to_owned(),
            1 => format!("the coming month, at {}", times(ahead.multiple)),
            12 => format!("the coming twelve months, to {}", times(ahead.multiple)),
            months => format!("the coming {months} months, to {}", times(ahead.multiple)),
        };
        let ends = ahead.ends.map_or_else(String::new, |month| format!("it does not hold in {month}"));
        let cost = if ahead.months > 0 { money(ahead.cost) } else { String::new() };
        rows.push(vec![upto, String::new(), cost, ends]);
    }
    rows
}

/// Every number with its interval and where it comes from.
fn assumptions(scenario: &Scenario) -> Vec<Vec<String>> {
    let mut rows = vec![strings(&["number", "value", "interval", "source"])];
    for located in list(scenario) {
        let q = &located.quantity;
        let interval =
            q.low.zip(q.high).map_or_else(String::new, |(low, high)| format!("{} to {}", short(low), short(high)));
        let source = match q.source {
            Some(Source::Measured) => "measured",
            Some(Source::Fitted) => "fitted",
            Some(Source::Default) => "default",
            Some(Source::Assumed) | None => "assumed",
        };
        let from = q.from.as_ref().map_or_else(String::new, |from| format!(" from {from}"));
        rows.push(vec![located.path_by_id, short(q.value), interval, format!("{source}{from}")]);
    }
    rows
}

fn charts(doc: &ResultDoc, scenario: &Scenario) -> Vec<svg::Chart> {
    let mut charts = Vec::new();
    for class in &scenario.traffic {
        let points = doc.points.iter().filter_map(|point| {
            let at = point.classes.get(&class.id)?;
            let p95 = *at.latency_ms.as_ref()?.get("p95")?;
            Some(svg::At { x: point.multiple, y: p95, band: at.bands.get("p95").copied() })
        });
        let limit =
            scenario.slos.iter().find(|s| s.traffic.as_deref() == Some(&class.id) && s.percentile == Some(95.0));
        charts.push(svg::Chart {
            title: format!("{}: p95 in milliseconds over growth", class.label.as_deref().unwrap_or(&class.id)),
            points: points.collect(),
            measured: Vec::new(),
            limit: limit.and_then(|slo| slo.latency_ms),
            mark: doc.headroom.as_ref().and_then(|h| h.multiple),
        });
    }
    if doc.is_priced() {
        let points =
            doc.points.iter().map(|p| svg::At { x: p.multiple, y: p.cost.monthly, band: p.cost.band }).collect();
        let unit = scenario.currency.as_deref().unwrap_or("money");
        let mark = doc.headroom.as_ref().and_then(|h| h.multiple);
        charts.push(svg::Chart {
            title: format!("A month in {unit} over growth, as it stands"),
            points,
            mark,
            ..svg::Chart::default()
        });
    }
    charts.retain(|chart| chart.points.len() >= 2);
    charts
}

/// Text as HTML shows it.
pub(crate) fn escaped(text: &str) -> String {
    // What XML 1.0 has no form for (https://www.w3.org/TR/xml/#charsets) is left out: it makes a document none.
    let lawful = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    let text: String = text.chars().filter(lawful).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_holds_the_answer_and_no_markup_of_others() {
        let text = include_str!("../../../../tests/fixtures/shop-stack/scenario.json");
        let mut shop: Scenario = serde_json::from_str(text).unwrap();
        shop.name = "<script>alert(1)</script>".into();
        let doc = crate::solve(&shop, &[1.0, 5.0, 10.0]).unwrap();
        let page = html(&doc, &shop, None);
        assert!(!page.contains("<script>") && page.contains("&lt;script&gt;alert"), "{page}");
        for want in ["You can grow", "<svg", "Assumptions", "components.app.pools.pg", "Objectives"] {
            assert!(page.contains(want), "{want}: {page}");
        }
        assert!(!page.contains("NaN") && !page.contains("inf "), "{page}");
        let measured =
            |multiple, fitted| Measured { class: "browse".into(), figure: "p95".into(), multiple, value: 60.0, fitted };
        let beside = svg_beside(
            &doc,
            &[measured(1.0, true), measured(5.0, false), Measured { class: "none".into(), ..measured(1.0, true) }],
        );
        assert_eq!((beside.matches("<circle").count(), beside.matches("<polyline").count()), (2, 1), "{beside}");
        let picture = svg(&doc, &shop);
        assert!(picture.starts_with("<svg") && picture.trim_end().ends_with("</svg>"), "{picture}");
    }
}
