//! Small tables held whole, whether written as CSV, by psql or as JSON: rows by column name.

use crate::read::json;
use crate::read::records::Records;
use crate::read::table::header_of;
use crate::read::text;
use serde_json::Value;
use std::collections::BTreeMap;

/// Most rows kept.
const MOST_ROWS: usize = 20_000;

/// A row by its column names in lower case.
pub type Row = BTreeMap<String, String>;

/// Rows of a CSV or of psql's aligned table.
pub fn of_text(table: &str) -> Vec<Row> {
    // psql centres a title above some tables and writes a rule below the header.
    let start = table.find(|letter: char| !letter.is_whitespace()).unwrap_or(0);
    let (columns, delimiter) = header_of(table[start..].lines().next().unwrap_or(""));
    let columns: Vec<String> = columns.iter().map(|name| name.trim().to_ascii_lowercase()).collect();
    let mut records = Records::new(delimiter, 1);
    let mut rest = &table.as_bytes()[start..];
    let (mut rows, mut first) = (Vec::new(), true);
    while !rest.is_empty() && rows.len() < MOST_ROWS {
        let Ok((used, row)) = records.next(rest) else { break };
        rest = &rest[used..];
        let Some(row) = row.filter(|row| !std::mem::take(&mut first) && row.len() == columns.len()) else { continue };
        let cell = |index: usize| row.text(index).trim().to_owned();
        rows.push(columns.iter().cloned().zip((0..row.len()).map(cell)).collect());
    }
    if let Some(row) = records.close().filter(|row| row.len() == columns.len() && !first) {
        rows.push(columns.iter().cloned().zip((0..row.len()).map(|index| row.text(index).trim().to_owned())).collect());
    }
    rows
}

/// Rows of a list of objects.
pub fn of_json(document: &Value) -> Vec<Row> {
    let items = document.as_array().map_or(std::slice::from_ref(document), Vec::as_slice);
    let cell = |(name, value): (&str, &Value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (!value.is_null()).then(|| (name.to_ascii_lowercase(), text))
    };
    items.iter().take(MOST_ROWS).map(|item| json::members(item, &[]).filter_map(cell).collect()).collect()
}

/// The number in the first of these columns that has one.
pub fn number(row: &Row, columns: &[&str]) -> Option<f64> {
    columns.iter().find_map(|column| row.get(*column).and_then(|cell| text::number(cell)))
}
