//! Grafana: data frames (the query API's answer, the panel inspector's JSON) and the panel inspector's CSV.
//!
//! Source: Grafana documentation, "Data frames" and "Panel inspector".

use crate::measurements::{Measurements, Series, Warning};
use crate::metrics::rows;
use crate::read::{json, text, time};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use serde_json::Value;
use std::collections::BTreeMap;

/// Data frames.
pub const FRAMES: Format = Format {
    kind: "grafana-frames",
    title: "Grafana: data frames (answer of /api/ds/query, or panel inspector, JSON)",
    shape: Shape::Json { fits, read },
    docs: Docs {
        versions: "@grafana/data 13.2.3 (dataFrameToJSON); answers since 8 by the documentation",
        used: "every numeric field as a series with its labels and unit",
        traps: "column arrays; times are milliseconds; gaps are null; a frame without a time field is passed over",
        evidence: "own run",
    },
};

/// CSV.
pub const CSV: Format = Format {
    kind: "grafana-csv",
    title: "Grafana: panel inspector, Data, Download CSV",
    shape: Shape::Text { fits: fits_csv, read: read_csv },
    docs: Docs {
        versions: "@grafana/data 13.2.3 (toCSV); 7 and later by the documentation",
        used: "every column as a series; `Series;Time;Value` of old versions likewise",
        traps: "values may carry units (`12.3 ms`, `45 %`, `1.2 K`), which are read; times without zone are read as UTC unless said \
                otherwise; decimal commas with semicolons",
        evidence: "own run",
    },
};

fn frames(document: &Value) -> Vec<&Value> {
    if let Some(results) = document.get("results").and_then(Value::as_object) {
        return results.values().flat_map(|result| json::list(result, &["frames"])).collect();
    }
    let items = document.as_array().map_or(std::slice::from_ref(document), Vec::as_slice);
    items.iter().collect()
}

/// A frame's fields with their values.
fn fields(frame: &Value) -> Vec<(&Value, &[Value])> {
    let described = json::list(frame, &["schema", "fields"]);
    if described.is_empty() {
        let own = json::list(frame, &["fields"]).iter();
        return own
            .filter(|field| field.get("type").is_some())
            .map(|field| (field, json::list(field, &["values"])))
            .collect();
    }
    let values =
        json::list(frame, &["data", "values"]).iter().map(|column| column.as_array().map_or(&[][..], Vec::as_slice));
    described.iter().zip(values).collect()
}

fn fits(document: &Value) -> Fit {
    Fit::from(
        frames(document)
            .iter()
            .any(|frame| fields(frame).iter().any(|(field, _)| json::text(field, &["type"]) == Some("time"))),
    )
}

fn read(document: &Value, _context: &Context) -> Result<Measurements, Refusal> {
    let mut found = Measurements::default();
    for frame in frames(document) {
        let fields = fields(frame);
        let Some((_, times)) = fields.iter().find(|(field, _)| json::text(field, &["type"]) == Some("time")) else {
            continue;
        };
        for (field, values) in fields.iter().filter(|(field, _)| json::text(field, &["type"]) == Some("number")) {
            let points = times.iter().zip(values.iter());
            let points: Vec<(f64, f64)> =
                points.filter_map(|(at, value)| Some((json::as_number(at)? / 1e3, json::as_number(value)?))).collect();
            let mut labels: BTreeMap<String, String> = json::members(field, &["labels"])
                .filter_map(|(name, value)| Some((name.to_owned(), value.as_str()?.to_owned())))
                .collect();
            let shown = ["displayName", "displayNameFromDS"].iter().find_map(|key| json::text(field, &["config", key]));
            let plain = json::text(field, &["name"]).filter(|name| *name != "Value");
            let name = labels.remove("__name__").or(plain.map(str::to_owned)).or(shown.map(str::to_owned));
            let name = name
                .or_else(|| json::text(frame, &["schema", "name"]).map(str::to_owned))
                .unwrap_or("Value".to_owned());
            let unit = json::text(field, &["config", "unit"]).map(|unit| match unit {
                "percentunit" => "ratio",
                "reqps" | "ops" | "rps" | "cps" => "1/s",
                "µs" => "us",
                other => other,
            });
            if !points.is_empty() {
                found.series.push(Series { unit: unit.map(str::to_owned), name, labels, points });
            }
        }
    }
    if found.series.is_empty() {
        return Err(Refusal::new("a frame with times and numbers", "none").remedy("export a panel with a time series"));
    }
    Ok(found)
}

fn fits_csv(head: &Head<'_>) -> Fit {
    let text = head.text();
    let text = text.strip_prefix("sep=").and_then(|rest| rest.split_once('\n')).map_or(text, |(_, rest)| rest);
    let sample: String = text.lines().take(4).collect::<Vec<_>>().join("\n");
    let (columns, _) = crate::read::table::header_of(text.lines().next().unwrap_or(""));
    let old = columns == ["Series", "Time", "Value"];
    let joined = columns.len() > 1 && columns[0] == "Time" && columns[1..].iter().all(|name| !name.is_empty());
    if !old && !joined || crate::load::table::guess(&crate::read::table::Columns { names: columns }).rate.is_some() {
        return Fit::No;
    }
    let rows = rows::of_text(&sample);
    let readable = |row: &rows::Row| {
        let time = row.get("time").is_some_and(|at| time::any(at).is_some());
        let others = row.iter().filter(|(name, _)| !matches!(name.as_str(), "time" | "series"));
        time && others.clone().count() > 0 && others.clone().all(|(_, cell)| cell.is_empty() || value(cell).is_some())
    };
    Fit::from(!rows.is_empty() && rows.iter().all(readable))
}

fn read_csv(text: &str, context: &Context) -> Result<Measurements, Refusal> {
    let text = text.strip_prefix("sep=").and_then(|rest| rest.split_once('\n')).map_or(text, |(_, rest)| rest);
    let header = crate::read::table::header_of(text.lines().next().unwrap_or("")).0;
    let mut series: BTreeMap<String, Series> = BTreeMap::new();
    let mut zoneless = false;
    for row in rows::of_text(text) {
        let Some((at, zoned)) = row.get("time").and_then(|at| time::any(at)) else { continue };
        zoneless |= !zoned;
        let shift = if zoned { 0.0 } else { f64::from(context.options.zone_minutes.unwrap_or(0)) * 60.0 };
        for (column, cell) in row.iter().filter(|(name, _)| !matches!(name.as_str(), "time" | "series")) {
            let Some((amount, unit)) = value(cell) else { continue };
            let written = header.iter().find(|name| name.to_ascii_lowercase() == *column).unwrap_or(column);
            let name = row.get("series").unwrap_or(written);
            let one = series.entry(name.clone()).or_insert_with(|| Series { name: name.clone(), ..Series::default() });
            one.unit = one.unit.take().or(unit.map(str::to_owned));
            one.points.push((at - shift, amount));
        }
    }
    let mut found = Measurements { series: series.into_values().collect(), ..Measurements::default() };
    if found.series.is_empty() {
        return Err(Refusal::new("rows with a time and numbers", "none")
            .remedy("switch off `Formatted data` and download again"));
    }
    if zoneless && context.options.zone_minutes.is_none() {
        let text = "Times have no zone and are read as UTC; Grafana writes them in the browser's zone.";
        found.warnings.push(Warning::new("zone-assumed", text));
    }
    Ok(found)
}

/// A number with or without a unit, in the unit's base: times in ms, bytes in bytes, `K` and `Mil` as thousands and millions.
fn value(cell: &str) -> Option<(f64, Option<&'static str>)> {
    let cell = cell.trim();
    let plain = text::number(cell).or_else(|| (!cell.contains('.')).then(|| text::number(&cell.replace(',', ".")))?);
    if let Some(number) = plain {
        return Some((number, None));
    }
    let number = text::leading_number(cell)?;
    let unit =
        cell.trim_start_matches(|letter: char| letter.is_ascii_digit() || matches!(letter, '.' | '-' | '+')).trim();
    let (factor, unit) = match unit {
        "ns" => (1e-6, Some("ms")),
        "µs" | "μs" | "us" => (1e-3, Some("ms")),
        "ms" => (1.0, Some("ms")),
        "s" => (1e3, Some("ms")),
        "min" | "mins" => (60e3, Some("ms")),
        "%" => (1.0, Some("percent")),
        "K" => (1e3, None),
        "Mil" | "M" => (1e6, None),
        "Bil" => (1e9, None),
        "req/s" | "reqps" | "ops/s" | "rps" | "c/s" | "/s" => (1.0, Some("1/s")),
        "K req/s" | "K ops/s" => (1e3, Some("1/s")),
        "B" => (1.0, Some("bytes")),
        "KiB" => (1024.0, Some("bytes")),
        "MiB" => (1_048_576.0, Some("bytes")),
        "GiB" => (1_073_741_824.0, Some("bytes")),
        "kB" => (1e3, Some("bytes")),
        "MB" => (1e6, Some("bytes")),
        "GB" => (1e9, Some("bytes")),
        _ => return None,
    };
    Some((number * factor, unit))
}
