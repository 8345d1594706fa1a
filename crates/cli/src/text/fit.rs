//! A fit's report as text.

use super::Table;
use super::number::{milliseconds, per_second, significant, whole};
use study::calibrate::{FitReport, Note};

/// The whole report.
pub(crate) fn report(report: &FitReport) -> String {
    let mut out = String::new();
    levels(report, &mut out);
    fitted(report, &mut out);
    residuals(report, &mut out);
    bill(report, &mut out);
    list("Guessed (give --map to decide)", report.guesses.iter().cloned(), &mut out);
    list("Contradictions", report.contradictions.iter().map(said), &mut out);
    list("Matched nothing", report.unmatched.iter().map(said), &mut out);
    list("Not measured", report.missing.iter().map(said), &mut out);
    list("Notes", report.notes.iter().map(said), &mut out);
    out
}

fn levels(report: &FitReport, out: &mut String) {
    let mut table = Table::new(["Steady level", "growth", "rate", "requests", "seconds", "import"]).with_text(&[5]);
    for level in &report.levels {
        let growth = format!("×{}", significant(level.multiple));
        let (rate, requests) = (per_second(level.rps), whole(level.requests.max(0.0) as u64));
        table.row([level.traffic.clone(), growth, rate, requests, significant(level.seconds), level.import.clone()]);
    }
    section(&table, out);
}

fn fitted(report: &FitReport, out: &mut String) {
    let mut table = Table::new(["Fitted", "before", "value", "5 %", "95 %", "how"]).with_text(&[5]);
    for row in &report.fitted {
        let before = row.before.map(significant).unwrap_or_default();
        let (value, low, high) = (significant(row.value), significant(row.low), significant(row.high));
        table.row([row.path.clone(), before, value, low, high, format!("{}: {}", row.source, row.how)]);
    }
    section(&table, out);
}

fn residuals(report: &FitReport, out: &mut String) {
    let mut table = Table::new(["Residual", "growth", "figure", "measured", "model", "error"]);
    for row in &report.residuals {
        let model = row.model_ms.map_or_else(|| "unstable".to_owned(), milliseconds);
        let error = row.error.map(|error| format!("{:+.1} %", error * 100.0)).unwrap_or_default();
        let growth = format!("×{}", significant(row.multiple));
        table.row([row.traffic.clone(), growth, row.figure.clone(), milliseconds(row.measured_ms), model, error]);
    }
    section(&table, out);
}

fn bill(report: &FitReport, out: &mut String) {
    let mut table = Table::new(["Bill", "billed a month", "modelled", "components"]).with_text(&[3]);
    for row in &report.bill {
        let modelled = row.modelled_monthly.map_or_else(|| "unexplained".to_owned(), significant);
        table.row([row.service.clone(), significant(row.billed_monthly), modelled, row.components.join(", ")]);
    }
    section(&table, out);
}

fn section(table: &Table, out: &mut String) {
    if !table.is_empty() {
        table.write("", out);
        out.push('\n');
    }
}

fn list(title: &str, entries: impl Iterator<Item = String>, out: &mut String) {
    let entries: Vec<String> = entries.map(|entry| format!("  {entry}\n")).collect();
    if !entries.is_empty() {
        out.push_str(&format!("{title}\n{}\n", entries.concat()));
    }
}

fn said(note: &Note) -> String {
    if note.place.is_empty() { note.text.clone() } else { format!("{}: {}", note.place, note.text) }
}
