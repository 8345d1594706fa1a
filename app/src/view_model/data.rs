//! The data page: what each file gave, what every name was taken for (to be corrected), the fit, the back-test.

use super::address;
use super::fit::{quantities, residuals};
use super::html::{Cell, block, escape, head, paragraph, table};
use super::system::{class_label, label, label_of, list_at, text_at};
use crate::text;
use scenario::catalogue::{self, Type};
use serde_json::{Value, json};
use std::fmt::Write;
use worker::protocol::{FileReport, FileRole, FitReport, Mapping, QuestionView};

/// A choice that hands its value on: the action, what it is about, the options with the chosen one.
fn select(act: &str, about: &str, options: &[(String, String)], chosen: &str) -> String {
    let mut out = format!("<select data-act=\"{}\" aria-label=\"{}\">", escape(act), escape(about));
    if !options.iter().any(|(value, _)| value == chosen) {
        let _ = write!(
            out,
            "<option value=\"\" selected>{}</option>",
            escape(if chosen.is_empty() { text::CHOOSE } else { chosen })
        );
    }
    for (value, label) in options {
        let on = if value == chosen { " selected" } else { "" };
        let _ = write!(out, "<option value=\"{}\"{on}>{}</option>", escape(value), escape(label));
    }
    out + "</select>"
}

fn classes(root: &Value) -> Vec<(String, String)> {
    let ids = list_at(root, "traffic").iter().map(|class| text_at(class, "id"));
    ids.map(|id| (id.to_owned(), class_label(root, id))).collect()
}

fn components(root: &Value) -> Vec<(String, String)> {
    let named = |component: &Value| (text_at(component, "id").to_owned(), label(component));
    list_at(root, "components").iter().map(named).collect()
}

fn meanings() -> Vec<(String, String)> {
    match catalogue::MAP_SERIES.field("is").map(|field| field.value) {
        Some(Type::Choice(words)) => {
            words.iter().map(|(word, about)| ((*word).to_owned(), (*about).trim_end_matches('.').to_owned())).collect()
        }
        _ => Vec::new(),
    }
}

fn file_row((number, file): (usize, &FileReport)) -> Vec<Cell> {
    let (kind, class) = match file.role {
        FileRole::Measurements => (file.kind.as_str(), ""),
        FileRole::Scenario => (text::A_SCENARIO, ""),
        FileRole::Map => (text::A_MAP, ""),
        FileRole::Nothing => (text::HOLDS_NOTHING, ""),
        FileRole::Broken => (text::BROKEN, "bad"),
    };
    let mut found = String::new();
    for word in &file.found {
        let _ = write!(found, "<span class=\"found\">{}</span>", escape(word));
    }
    for (code, words) in &file.warnings {
        let _ = write!(found, "<div class=\"warning\" title=\"{}\">{}</div>", escape(code), escape(words));
    }
    if let Some(question) = &file.question {
        found += &asked(number, question);
    }
    vec![Cell::Text(file.file.clone()), Cell::Chip(class, kind.to_owned()), Cell::Made(found)]
}

/// A question with its answers, and the file's first rows where they help to answer.
fn asked(number: usize, question: &QuestionView) -> String {
    let mut out = paragraph("asked", &question.text);
    if !question.columns.is_empty() {
        let rows: Vec<Vec<Cell>> =
            question.preview.iter().map(|row| row.iter().map(|cell| Cell::Text(cell.clone())).collect()).collect();
        out += &table("question-preview", &question.columns, &rows);
    }
    for (choice, (label, _)) in question.choices.iter().enumerate() {
        let _ =
            write!(out, "<button class=\"plain\" data-act=\"answer:{number}:{choice}\">{}</button> ", escape(label));
    }
    out
}

fn files(list: &[FileReport]) -> String {
    if list.is_empty() {
        return block(text::DATA_TITLE, text::DATA_NONE, "");
    }
    let rows: Vec<Vec<Cell>> = list.iter().enumerate().map(file_row).collect();
    let made = table("import-table", &head(&[text::FILE, text::KIND, text::FOUND]), &rows);
    // Each file's row has a hook of its own.
    let (before, body) = made.split_once("<tbody>").unwrap_or(("", made.as_str()));
    block(text::DATA_TITLE, "", &format!("{before}<tbody>{}", body.replace("<tr>", "<tr data-testid=\"import-row\">")))
}

/// The map as it stands in the document, each entry to be corrected.
fn mapping(root: &Value, report: Option<&FitReport>) -> String {
    let Some(map) = root.get("map") else { return String::new() };
    let (classes, components, meanings) = (classes(root), components(root), meanings());
    let mut told = report.map(|report| report.mapping.iter()).into_iter().flatten();
    let mut mark = move |what: &str, name: &str| {
        let row: Option<&Mapping> = told.find(|row| row.what == what && (what == "series" || row.name == name));
        Cell::Chip("", if row.is_some_and(|row| row.guessed) { text::GUESSED } else { text::STATED }.into())
    };
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for (index, (name, class)) in map.get("endpoints").and_then(Value::as_object).into_iter().flatten().enumerate() {
        let chosen = class.as_str().unwrap_or_default();
        let choice = select(&format!("endpoint:{index}"), name, &classes, chosen);
        rows.push(vec![
            Cell::Noted(name.clone(), text::AN_ENDPOINT.into()),
            Cell::Made(choice),
            mark("endpoint", name),
        ]);
    }
    for (index, entry) in list_at(map, "series").iter().enumerate() {
        let name = [text_at(entry, "name"), text_at(entry, "file")]
            .into_iter()
            .find(|word| !word.is_empty())
            .unwrap_or_default();
        let labels: Vec<&str> = entry
            .get("labels")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .filter_map(|(_, value)| value.as_str())
            .collect();
        let full = if labels.is_empty() { name.to_owned() } else { format!("{name} ({})", labels.join(", ")) };
        let of = select(&format!("series:{index}"), &full, &components, text_at(entry, "component"));
        let is = select(&format!("is:{index}"), &full, &meanings, text_at(entry, "is"));
        rows.push(vec![
            Cell::Noted(full, text::A_SERIES.into()),
            Cell::Made(format!("{of} {is}")),
            mark("series", name),
        ]);
    }
    for (index, (name, to)) in map.get("costs").and_then(Value::as_object).into_iter().flatten().enumerate() {
        let ids: Vec<&str> =
            to.as_str().into_iter().chain(to.as_array().into_iter().flatten().filter_map(Value::as_str)).collect();
        let chosen = ids.iter().map(|id| label_of(root, id)).collect::<Vec<_>>().join(", ");
        let chosen = if let [one] = ids[..] { one.to_owned() } else { chosen };
        let choice = select(&format!("cost:{index}"), name, &components, &chosen);
        rows.push(vec![Cell::Noted(name.clone(), text::A_BILL_LINE.into()), Cell::Made(choice), mark("cost", name)]);
    }
    for name in report.map(|report| report.unmatched.as_slice()).unwrap_or_default() {
        let endpoint = report.is_some_and(|report| report.unmatched_endpoints.contains(name));
        let (act, options, what) = if endpoint {
            ("new-endpoint", &classes, text::AN_ENDPOINT)
        } else {
            ("new-series", &components, text::A_SERIES)
        };
        let choice = select(&format!("{act}:{name}"), name, options, "");
        rows.push(vec![
            Cell::Noted(name.clone(), what.into()),
            Cell::Made(choice),
            Cell::Chip("bad", text::MATCHES_NOTHING.into()),
        ]);
    }
    if rows.is_empty() {
        return String::new();
    }
    block(
        text::MAPPING_TITLE,
        text::MAPPING_CAPTION,
        &table("mapping-table", &head(&[text::NAME_IN_FILE, text::MEANS, ""]), &rows),
    )
}

/// The document's map after a choice; none when the choice says nothing.
pub fn corrected(root: &Value, act: &str, chosen: &str) -> Option<Value> {
    if chosen.is_empty() {
        return None;
    }
    let mut map = root.get("map").cloned().unwrap_or_else(|| json!({}));
    let (what, place) = act.split_once(':')?;
    let keyed = |map: &mut Value, key: &str| -> Option<()> {
        let entries = map.get_mut(key)?.as_object_mut()?;
        let name = entries.keys().nth(place.parse().ok()?)?.clone();
        entries.insert(name, json!(chosen));
        Some(())
    };
    match what {
        "endpoint" => keyed(&mut map, "endpoints")?,
        "cost" => keyed(&mut map, "costs")?,
        "series" | "is" => {
            let entry = map.get_mut("series")?.get_mut(place.parse::<usize>().ok()?)?;
            entry[if what == "is" { "is" } else { "component" }] = json!(chosen);
            if what == "series"
                && let Some(entry) = entry.as_object_mut()
            {
                // A pool is the old component's.
                entry.remove("pool");
            }
        }
        "new-endpoint" => map["endpoints"][place] = json!(chosen),
        "new-series" => {
            let entry = json!({"file": place, "component": chosen, "is": "utilization"});
            match map.get_mut("series").and_then(Value::as_array_mut) {
                Some(list) => list.push(entry),
                None => map["series"] = json!([entry]),
            }
        }
        _ => return None,
    }
    Some(map)
}

fn fitted(root: &Value, report: &FitReport) -> String {
    let rows: Vec<Vec<Cell>> = quantities(report)
        .into_iter()
        .map(|row| {
            let (act, name) =
                (address::component(&row.path).map(|id| format!("component:{id}")), address::words(root, &row.path));
            let name = act.map_or(Cell::Text(name.clone()), |act| Cell::Link(name, act));
            vec![
                name,
                Cell::Number(row.value),
                Cell::Number(row.interval),
                Cell::Source(row.source),
                Cell::Text(row.from),
            ]
        })
        .collect();
    if rows.is_empty() {
        return block(text::FIT_TITLE, text::NOTHING_FITTED, "");
    }
    let names =
        [text::QUANTITY, &format!("#{}", text::VALUE), &format!("#{}", text::INTERVAL), text::SOURCE, text::FROM];
    block(text::FIT_TITLE, "", &table("fit-table", &head(&names), &rows))
}

fn gaps(title: &str, caption: &str, hook: &str, list: &[worker::protocol::Residual]) -> String {
    let rows: Vec<Vec<Cell>> = residuals(list)
        .into_iter()
        .map(|row| {
            let level = row.class.trim_start_matches("level-");
            let level = ["ok", "warn", "hot"].into_iter().find(|known| *known == level).unwrap_or("none");
            vec![
                Cell::Text(row.what),
                Cell::Number(row.measured),
                Cell::Number(row.modelled),
                Cell::Level(level, row.gap),
            ]
        })
        .collect();
    if rows.is_empty() {
        let nothing = format!("<p class=\"caption\" data-testid=\"{hook}\">{}</p>", escape(text::NO_RESIDUALS));
        return block(title, caption, &nothing);
    }
    let names =
        [text::FIGURE, &format!("#{}", text::MEASURED_HEAD), &format!("#{}", text::MODEL), &format!("#{}", text::GAP)];
    block(title, caption, &table(hook, &head(&names), &rows))
}

/// The whole page.
pub fn page(root: &Value, list: &[FileReport], report: Option<&FitReport>) -> String {
    let mut out = files(list);
    if let Some(tested) = report.and_then(|report| report.backtest.as_ref()) {
        out += &gaps(text::BACKTEST_TITLE, &tested.verdict, "backtest-table", &tested.residuals);
    }
    out += &mapping(root, report);
    if let Some(report) = report {
        out += &fitted(root, report);
        out += &gaps(text::RESIDUALS_TITLE, "", "residual-table", &report.residuals);
        let warnings: String = report.warnings.iter().map(|(_, words)| paragraph("warning", words)).collect();
        if !warnings.is_empty() {
            out += &block(text::WARNINGS, "", &warnings);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use worker::protocol::{Backtest, Residual};

    fn root() -> Value {
        json!({
        "traffic": [{"id": "browse"}, {"id": "checkout"}],
        "components": [{"id": "db", "label": "PostgreSQL"}, {"id": "redis"}],
        "map": {
            "endpoints": {"GET /": "browse", "POST /pay": "browse"},
            "series": [{"file": "prom.json", "component": "redis", "pool": "x", "is": "utilization"}],
            "costs": {"AmazonRDS": "db", "EC2": ["db", "redis"]}
        }})
    }

    #[test]
    fn every_name_can_be_corrected() {
        let rows = [
            ("endpoint:1", "checkout", "/endpoints/POST ~1pay", json!("checkout")),
            ("cost:0", "redis", "/costs/AmazonRDS", json!("redis")),
            ("series:0", "db", "/series/0", json!({"file": "prom.json", "component": "db", "is": "utilization"})),
            ("is:0", "hit_ratio", "/series/0/is", json!("hit_ratio")),
            ("new-endpoint:GET /a:b", "browse", "/endpoints/GET ~1a:b", json!("browse")),
            ("new-series:cpu.json", "db", "/series/1/file", json!("cpu.json")),
        ];
        for (act, chosen, place, wanted) in rows {
            let map = corrected(&root(), act, chosen).unwrap();
            assert_eq!(map.pointer(place), Some(&wanted), "{act}: {map}");
        }
        for (act, chosen) in [("endpoint:9", "browse"), ("endpoint:0", ""), ("nothing", "x"), ("series:x", "db")] {
            assert!(corrected(&root(), act, chosen).is_none(), "{act}");
        }
        assert!(corrected(&json!({}), "new-endpoint:GET /", "browse").is_some());
    }

    #[test]
    fn files_names_fit_and_backtest_are_told() {
        let report = FitReport {
            unmatched: vec!["GET /new".into(), "cpu.json".into()],
            unmatched_endpoints: vec!["GET /new".into()],
            backtest: Some(Backtest {
                verdict: "within 5 %".into(),
                residuals: vec![Residual { what: "browse p95 at ×3".into(), measured: 100.0, modelled: 95.0 }],
                ..Backtest::default()
            }),
            ..FitReport::default()
        };
        let question = QuestionView {
            text: "Are the times in seconds?".into(),
            choices: vec![("seconds".into(), "{}".into())],
            columns: vec!["a".into()],
            preview: vec![vec!["<1>".into()]],
        };
        let file = FileReport {
            file: "<x>.csv".into(),
            found: vec!["3 levels".into()],
            question: Some(question),
            ..FileReport::default()
        };
        let html = page(&root(), &[file], Some(&report));
        for wanted in [
            "answer:0:0",
            "Are the times in seconds?",
            "&lt;1&gt;",
            "&lt;x&gt;.csv",
            "import-row",
            "within 5 %",
            "−5 %",
            "data-act=\"endpoint:0\"",
            "new-endpoint:GET /new",
            "new-series:cpu.json",
            "PostgreSQL, redis",
        ] {
            assert!(html.contains(wanted), "{wanted} in {html}");
        }
        assert!(page(&json!({}), &[], None).contains(text::DATA_NONE));
        // A back-test on a level that the model calls overloaded has no figures, but its verdict.
        let overloaded = Backtest { verdict: "do not rely on it".into(), ..Backtest::default() };
        let report = FitReport { backtest: Some(overloaded), ..FitReport::default() };
        let html = page(&root(), &[], Some(&report));
        assert!(html.contains("do not rely on it") && html.contains("data-testid=\"backtest-table\""), "{html}");
        // A fit that found nothing says so under its headings, in place of empty tables.
        let nothing = page(&root(), &[], Some(&FitReport::default()));
        assert!(nothing.contains(text::NOTHING_FITTED) && nothing.contains(text::NO_RESIDUALS), "{nothing}");
        assert!(!nothing.contains("<tbody></tbody>"), "{nothing}");
    }
}
