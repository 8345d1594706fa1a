//! Results for people and for other programs: text tables, CSV, Markdown. JSON is the document itself.

use crate::backtest::Backtest;
use crate::calibrate::FitReport;
use crate::headline::{exact, headline, money, times};
use crate::result::{ClassPoint, Point, ResultDoc, Warning};
use scenario::Scenario;
use std::fmt::Write;

/// The projection as text: headline, a table over the multiples, what breaks next, what to know.
#[must_use]
pub fn projection(doc: &ResultDoc, scenario: &Scenario) -> String {
    let mut out = String::new();
    let line = headline(doc, scenario);
    if !line.sentence.is_empty() {
        let _ = writeln!(out, "{}\n", line.sentence);
    }
    out.push_str(&table(&rows(doc, scenario)));
    if !doc.next.is_empty() {
        out.push_str("\nThen:\n");
        for next in &doc.next {
            let part = format!("{} {}", next.component, next.resource);
            let missed = next.objective.and_then(|index| scenario.slos.get(index));
            let missed = missed.map(|slo| crate::check::objective(slo, scenario));
            let what =
                missed.map_or_else(|| part.clone(), |objective| format!("{objective} fails, because of {part},"));
            let _ = writeln!(out, "  after fixing {}: {what} at {}", next.after_fixing, times(next.multiple));
        }
    }
    out.push_str(&money_lines(doc, scenario));
    let known = known(doc, scenario);
    if !known.is_empty() {
        let _ = writeln!(out, "\nKnow:\n  {}", known.join("\n  "));
    }
    out
}

/// What a reader must know, a line each, with its place.
#[must_use]
pub fn known(doc: &ResultDoc, scenario: &Scenario) -> Vec<String> {
    let line = |warning: &Warning| match warning.path.as_str() {
        "" => warning.text.clone(),
        path => format!("{}: {}", place(path, scenario), warning.text),
    };
    doc.warnings.iter().map(line).collect()
}

/// The coming year for as long as it holds, and what grows faster than the traffic.
fn money_lines(doc: &ResultDoc, scenario: &Scenario) -> String {
    let mut out = String::new();
    let Some(spend) = &doc.spend else { return out };
    if let Some(ahead) = spend.ahead() {
        let (cost, far) = (money(ahead.cost, scenario.currency.as_deref()), times(ahead.multiple));
        let turns = if ahead.multiple < 1.0 { "shrinking" } else { "growing" };
        let spent = match ahead.months {
            0 => String::new(),
            1 => format!("The coming month costs {cost} as it stands, at {far}"),
            12 => format!("The coming twelve months cost {cost} as it stands, {turns} to {far}"),
            months => format!("The coming {months} months cost {cost} as it stands, {turns} to {far}"),
        };
        let _ = match ahead.ends {
            None => writeln!(out, "\n{spent}."),
            Some(month) if ahead.months > 0 => writeln!(out, "\n{spent}; in {month}, it does not hold."),
            Some(month) => writeln!(out, "\nIn the coming month, {month}, it does not hold as it stands."),
        };
    }
    for row in spend.growth.iter().filter(|row| row.faster) {
        let _ =
            writeln!(out, "{} costs grow faster than the traffic: as its power {:.2}.", row.component, row.exponent);
    }
    out
}

/// The same as a Markdown table with the headline above.
#[must_use]
pub fn markdown(doc: &ResultDoc, scenario: &Scenario) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "**{}**\n", headline(doc, scenario).sentence);
    let rows = rows(doc, scenario);
    for (index, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row.iter().map(|text| cell(text)).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
        if index == 0 {
            let _ = writeln!(out, "|{}", " --- |".repeat(row.len()));
        }
    }
    out
}

/// Text in a cell of a Markdown table.
pub(crate) fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}

/// A ratio in per cent, whole or with as many decimals as were written: nine digits hide that 0.07 is no binary fraction.
pub(crate) fn percent(ratio: f64) -> String {
    let percent = 100.0 * ratio;
    format!("{percent:.8e}").parse().unwrap_or(percent).to_string()
}

/// One row per multiple and class, with bands; and one per multiple with the money, where anything is priced.
#[must_use]
pub fn csv(doc: &ResultDoc) -> String {
    let mut out = String::from("multiple,kind,name,figure,value,low,high\n");
    let mut row = |multiple: f64, kind: &str, name: &str, figure: &str, value: f64, band: Option<[f64; 2]>| {
        let ends = band.map_or_else(|| ",".to_owned(), |b| format!("{},{}", b[0], b[1]));
        let _ = writeln!(out, "{multiple},{kind},{},{figure},{value},{ends}", quoted(name));
    };
    for point in &doc.points {
        let m = point.multiple;
        for (id, class) in &point.classes {
            row(m, "class", id, "offered_rps", class.offered_rps, None);
            row(m, "class", id, "throughput_rps", class.throughput_rps, None);
            row(m, "class", id, "error_ratio", class.error_ratio, None);
            for (figure, value) in class.latency_ms.iter().flatten() {
                row(m, "class", id, &format!("{figure}_ms"), *value, class.bands.get(figure).copied());
            }
        }
        for (id, component) in &point.components {
            for (figure, value) in [
                ("visits_rps", Some(component.visits_rps)),
                ("utilization", component.utilization),
                ("wait_ms", component.wait_ms),
                ("residence_ms", component.residence_ms),
                ("monthly_cost", component.monthly_cost),
            ] {
                if let Some(value) = value {
                    row(m, "component", id, figure, value, None);
                }
            }
        }
        for (id, amount) in &point.cost.others {
            row(m, "cost", id, "monthly", *amount, None);
        }
        if doc.is_priced() {
            row(m, "cost", "", "monthly", point.cost.monthly, point.cost.band);
        }
        if let Some(planned) = point.cost.planned_monthly {
            row(m, "cost", "", "planned_monthly", planned, None);
        }
    }
    out
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// Header and one row per multiple.
pub(crate) fn rows(doc: &ResultDoc, scenario: &Scenario) -> Vec<Vec<String>> {
    let mut header = vec!["growth".to_owned()];
    for class in &scenario.traffic {
        let name = class.label.as_deref().unwrap_or(&class.id);
        header.extend([format!("{name} /s"), format!("{name} mean"), format!("{name} p95")]);
    }
    // Of a scenario without prices nothing is known about money.
    let priced = doc.is_priced();
    header.push("busiest".into());
    header.extend(priced.then(|| "a month".into()));
    header.push("holds".into());
    let mut rows = vec![header];
    for point in &doc.points {
        let mut row = vec![times(point.multiple)];
        for class in &scenario.traffic {
            row.extend(class_cells(point.classes.get(&class.id)));
        }
        row.push(
            point
                .bottleneck
                .as_ref()
                .map_or_else(String::new, |b| format!("{} {} {:.0} %", b.component, b.resource, 100.0 * b.utilization)),
        );
        row.extend(priced.then(|| spend(point, scenario)));
        row.push(holds(point, scenario));
        rows.push(row);
    }
    rows
}

fn class_cells(class: Option<&ClassPoint>) -> [String; 3] {
    let Some(class) = class else { return Default::default() };
    let figure = |name: &str| {
        let Some(value) = class.latency_ms.as_ref().and_then(|l| l.get(name)) else {
            return if class.error_ratio >= 1.0 { "all fail" } else { "saturated" }.to_owned();
        };
        match class.bands.get(name) {
            Some(band) => format!("{} ({} to {}) ms", short(*value), short(band[0]), short(band[1])),
            None => match class.open_bands.get(name) {
                Some(low) => format!("{} ({} or more) ms", short(*value), short(*low)),
                None => format!("{} ms", short(*value)),
            },
        }
    };
    [short(class.throughput_rps), figure("mean"), figure("p95")]
}

fn spend(point: &Point, scenario: &Scenario) -> String {
    let currency = scenario.currency.as_deref();
    let stands = money(point.cost.monthly, currency);
    match point.cost.planned_monthly.filter(|_| !point.feasible) {
        Some(planned) => format!("{stands} (planned {})", money(planned, currency)),
        None => stands,
    }
}

fn holds(point: &Point, scenario: &Scenario) -> String {
    if point.feasible {
        return "yes".into();
    }
    let missed = missed(point, scenario);
    if missed.is_empty() && point.unsettled {
        return "not known: did not settle".into();
    }
    // What is not answered misses its objectives, but not by itself.
    let mut unanswered = point.classes.iter().filter(|(_, class)| class.latency_ms.is_none());
    let fails = unanswered
        .clone()
        .find(|(_, class)| class.error_ratio >= 1.0)
        .map(|(id, _)| format!("every request of {id} fails"));
    let saturated = unanswered.any(|(_, class)| class.error_ratio < 1.0) || missed.is_empty() && fails.is_none();
    let causes: Vec<String> =
        saturated.then(|| "saturated".to_owned()).into_iter().chain(fails).chain(missed).collect();
    format!("no: {}", causes.join(", "))
}

/// The objectives that a point misses, in words.
#[must_use]
pub fn missed(point: &Point, scenario: &Scenario) -> Vec<String> {
    let missed = point.slos.iter().filter(|slo| !slo.met);
    let words = |index: usize| scenario.slos.get(index).map(|slo| crate::check::objective(slo, scenario));
    missed.map(|slo| words(slo.index).unwrap_or_default()).collect()
}

/// What a path of the document is called where people read it: an objective has no name but what it asks.
#[must_use]
pub fn place(path: &str, scenario: &Scenario) -> String {
    let index =
        path.strip_prefix("slos[").and_then(|rest| rest.split_once(']')).and_then(|(index, _)| index.parse().ok());
    index
        .and_then(|index: usize| scenario.slos.get(index))
        .map_or_else(|| path.to_owned(), |slo| format!("objective \"{}\"", crate::check::objective(slo, scenario)))
}

/// Three significant digits.
#[must_use]
pub fn short(value: f64) -> String {
    match value.abs() {
        0.0 => "0".into(),
        v if v < 0.01 => format!("{value:.4}"),
        v if v < 1.0 => format!("{value:.3}"),
        v if v < 10.0 => format!("{value:.2}"),
        v if v < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// Columns as wide as their widest cell, numbers as written, two spaces between.
#[must_use]
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|r| r.get(column)).map(|c| c.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width - cell.chars().count() + 2));
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

/// The fit report as text.
#[must_use]
pub fn fit(report: &FitReport) -> String {
    let mut out = String::new();
    let mut rows = vec![["quantity", "was", "is", "5 to 95 %", "source", "from", "how"].map(str::to_owned).to_vec()];
    for f in &report.fitted {
        let before = f.before.map_or_else(|| "-".into(), short);
        let band = format!("{} to {}", short(f.low), short(f.high));
        rows.push(vec![f.path.clone(), before, short(f.value), band, f.source.clone(), f.from.clone(), f.how.clone()]);
    }
    let _ = writeln!(out, "Fitted\n{}", table(&rows));
    if !report.residuals.is_empty() {
        let mut rows = vec![["level", "traffic", "figure", "measured", "model", "error"].map(str::to_owned).to_vec()];
        for r in &report.residuals {
            let model = r.model_ms.map_or_else(|| "saturated".into(), |m| format!("{} ms", short(m)));
            let error = r.error.map_or_else(String::new, off_by);
            let measured = format!("{} ms", short(r.measured_ms));
            rows.push(vec![times(r.multiple), r.traffic.clone(), r.figure.clone(), measured, model, error]);
        }
        let _ = writeln!(out, "Model against measurement\n{}", table(&rows));
    }
    if !report.bill.is_empty() {
        let amount = |amount: f64| exact(amount, report.currency.as_deref());
        let mut rows = vec![
            ["bill line", "pays for", "billed a month", "modelled", "moves with traffic"].map(str::to_owned).to_vec(),
        ];
        for b in &report.bill {
            let pays = if b.components.is_empty() { "unexplained".to_owned() } else { b.components.join(", ") };
            let modelled = b.modelled_monthly.map_or_else(String::new, amount);
            let moves = b.split.as_ref().map_or_else(String::new, |s| {
                let share = |part: f64| 100.0 * part / (s.fixed + s.stepped + s.usage).max(f64::MIN_POSITIVE);
                let parts = [("fixed", s.fixed), ("in steps", s.stepped), ("by usage", s.usage)];
                let parts = parts.iter().filter(|(_, part)| *part > 0.0);
                parts.map(|(name, part)| format!("{:.0} % {name}", share(*part))).collect::<Vec<_>>().join(", ")
            });
            rows.push(vec![b.service.clone(), pays, amount(b.billed_monthly), modelled, moves]);
        }
        let rest: f64 = report.bill.iter().filter(|b| b.components.is_empty()).map(|b| b.billed_monthly).sum();
        let all: f64 = report.bill.iter().map(|b| b.billed_monthly).sum();
        rows.push(vec![
            "all".into(),
            format!("{} of it unexplained", amount(rest)),
            amount(all),
            String::new(),
            String::new(),
        ]);
        let _ = writeln!(out, "Bill\n{}", table(&rows));
    }
    for (title, notes) in [
        ("Contradictions", &report.contradictions),
        ("Missing", &report.missing),
        ("Notes", &report.notes),
        ("Matched nothing", &report.unmatched),
    ] {
        if !notes.is_empty() {
            let _ = writeln!(out, "{title}");
            for note in notes {
                let place = if note.place.is_empty() { String::new() } else { format!("{}: ", note.place) };
                let _ = writeln!(out, "  {place}{}", note.text);
            }
            out.push('\n');
        }
    }
    if !report.guesses.is_empty() {
        let _ = writeln!(out, "Guessed (correct it in the scenario's map)");
        for guess in &report.guesses {
            let _ = writeln!(out, "  {guess}");
        }
    }
    out
}

/// A relative error in percent with its sign; what rounds to nothing has none below.
fn off_by(error: f64) -> String {
    let text = format!("{:+.1} %", 100.0 * error);
    if text == "-0.0 %" { "+0.0 %".to_owned() } else { text }
}

/// The back-test as text.
#[must_use]
pub fn backtest(result: &Backtest) -> String {
    let mut rows =
        vec![["held out", "traffic", "figure", "measured", "predicted", "error"].map(str::to_owned).to_vec()];
    for r in &result.rows {
        let predicted = r.model_ms.map_or_else(|| "saturated".into(), |m| format!("{} ms", short(m)));
        let error = r.error.map_or_else(String::new, off_by);
        rows.push(vec![
            times(r.multiple),
            r.traffic.clone(),
            r.figure.clone(),
            format!("{} ms", short(r.measured_ms)),
            predicted,
            error,
        ]);
    }
    let mut out = format!("{}\n\n{}", result.verdict, table(&rows));
    for note in &result.notes {
        let _ = writeln!(out, "\n{}", note.text);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibrate::BillRow;

    /// One slot at 5 requests a second under a budget of 100.
    fn scenario(currency: Option<&str>, price: Option<&str>) -> Scenario {
        let text = r#"{"format":"headroom/1","traffic":[{"id":"web","entry":"api","arrivals":{"open":{"rate":5}}}],
            "components":[{"id":"api","kind":"service","concurrency":1,"service":{"mean_ms":10}}],
            "slos":[{"max_monthly_cost":100}],"growth":{"multiples":[1,2]}}"#;
        let mut scenario: Scenario = serde_json::from_str(text).unwrap();
        scenario.currency = currency.map(str::to_owned);
        scenario.components[0].price = price.and_then(|price| serde_json::from_str(price).ok());
        scenario
    }

    /// Currency and price, and what the forms of a result say of a month and of the budget.
    #[test]
    fn of_what_has_no_price_no_form_names_an_amount() {
        let paid = Some(r#"{"fixed_monthly": 840}"#);
        for (currency, price, month, budget) in [
            (None, None, None, "at most $100 a month"),
            (Some("EUR"), None, None, "at most €100 a month"),
            (Some("EUR"), paid, Some("€840"), "at most €100 a month"),
            (None, paid, Some("$840"), "at most $100 a month"),
        ] {
            let scenario = scenario(currency, price);
            let doc = crate::solve(&scenario, &[1.0, 2.0]).unwrap();
            let plan = crate::plan(&scenario, &[1.0]).unwrap();
            let check = crate::check(&scenario, Some(&scenario), &crate::CheckOptions::default()).unwrap();
            for form in [
                projection(&doc, &scenario),
                markdown(&doc, &scenario),
                crate::report::html(&doc, &scenario, Some(&plan)),
            ] {
                let nothing = ["$0", "€0"].iter().any(|amount| form.contains(amount));
                assert!(!nothing && month.is_none_or(|month| form.contains(month)), "{form}");
            }
            assert_eq!(rows(&doc, &scenario)[0].contains(&"a month".to_owned()), month.is_some());
            assert_eq!(csv(&doc).contains("cost,,monthly"), month.is_some(), "{}", csv(&doc));
            assert!(month.is_some() || !plan.text(&scenario).contains("0.00"), "{}", plan.text(&scenario));
            assert_eq!(check.rows[1].objective, budget);
            assert_eq!(check.rows[1].reason.contains("nothing has a price"), month.is_none(), "{check:?}");
            let difference = check.text(&scenario);
            assert_eq!(difference.contains(", a month"), month.is_some(), "{difference}");
        }
    }

    /// What a database says of its cores and connections at 200 requests of 20 ms a second, and the busiest part with its load: that of
    /// Erlang's loss of 4 on 3 places, and of M/M/4 with room for 6.
    #[test]
    fn the_busiest_part_is_what_is_full() {
        for (limits, busiest) in [
            (r#""cores":4,"max_connections":3"#, "db connections 73 %"),
            (r#""max_connections":3"#, "db connections 73 %"),
            (r#""cores":4,"max_connections":6"#, "db cores 81 %"),
            // Callers that hold no more than there are find no limit but the cores.
            (r#""cores":8,"max_connections":600"#, "db cores 50 %"),
        ] {
            let text = format!(
                r#"{{"format":"headroom/1","traffic":[{{"id":"web","entry":"api","arrivals":{{"open":{{"rate":200}}}}}}],
                "components":[{{"id":"api","kind":"service","concurrency":200,"calls":[{{"to":"db"}}]}},
                {{"id":"db","kind":"database",{limits},"service":{{"mean_ms":20}}}}]}}"#
            );
            let scenario: Scenario = serde_json::from_str(&text).unwrap();
            let doc = crate::solve(&scenario, &[1.0]).unwrap();
            assert!(projection(&doc, &scenario).contains(busiest), "{limits}: {}", projection(&doc, &scenario));
        }
    }

    /// Currency of a bill, and its table.
    #[test]
    fn a_bill_is_in_its_currency() {
        let row = |service: &str, components: &[&str], billed_monthly, modelled_monthly| BillRow {
            service: service.into(),
            components: components.iter().map(|&id| id.to_owned()).collect(),
            billed_monthly,
            modelled_monthly,
            split: None,
        };
        for (currency, [db, credit, all, rest]) in [
            (Some("EUR"), ["€1,812.40", "−€60.75", "€1,751.65", "−€60.75 of it unexplained"]),
            (Some("CHF"), ["1,812.40 CHF", "−60.75 CHF", "1,751.65 CHF", "−60.75 CHF of it unexplained"]),
            (None, ["1,812.40", "−60.75", "1,751.65", "−60.75 of it unexplained"]),
        ] {
            let bill = vec![row("RDS", &["db"], 1812.4, Some(1812.4)), row("credit", &[], -60.75, None)];
            let currency = currency.map(str::to_owned);
            let text = fit(&FitReport { bill, currency, ..FitReport::default() });
            let cells = |name: &str| {
                let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
                line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned).collect::<Vec<_>>()
            };
            assert_eq!(cells("RDS"), ["RDS", "db", db, db], "{text}");
            assert_eq!(cells("credit"), ["credit", "unexplained", credit], "{text}");
            assert_eq!(cells("all"), ["all", rest, all], "{text}");
        }
    }
}
