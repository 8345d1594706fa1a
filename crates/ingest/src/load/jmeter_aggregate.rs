//! JMeter's listeners "Aggregate Report" and "Summary Report", saved as a table: a row per label and a `TOTAL`.
//!
//! Source: JMeter user manual, "Aggregate Report" and "Summary Report"; times are milliseconds, the throughput is per second.

use super::jmeter_words::{Word, is_total, percent, word};
use crate::measurements::{Endpoint, Figures, LatencyOf, LoadModel, Measurements, Warning};
use crate::read::table::{Columns, Row, RowSink, RowsEnd, Table};
use crate::read::{Reader, text};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::tidy::sum;
use crate::sense::{names, warn};

/// The format.
pub const FORMAT: Format = Format {
    kind: "jmeter-aggregate",
    title: "JMeter: Aggregate Report or Summary Report, saved as a table (CSV)",
    shape: Shape::Stream { fits, open },
    docs: Docs {
        versions: "2.x to 5.x by the manual and public files",
        used: "per label and in total: requests, failures, rate, mean, median, extremes, percentiles",
        traps: "failures are a rounded share: their number is named as rounded where it may be off by one; without a percent sign the \
                share is not used; `TOTAL` is no endpoint and adds transactions to the requests in them; names and decimal commas are those \
                of the language JMeter was shown in: English, German, French, Spanish, Portuguese, Chinese and Japanese are known",
        evidence: "documented shape",
    },
};

fn fits(head: &Head<'_>) -> Fit {
    let words: Vec<Word> = head.columns().0.iter().filter_map(|column| word(column)).collect();
    Fit::from([Word::Samples, Word::Mean, Word::Min, Word::Max].iter().all(|wanted| words.contains(wanted)))
}

fn open(context: &Context) -> Box<dyn Reader> {
    Box::new(Table::new(Box::new(Report { keep_names: context.options.keep_names, ..Report::default() })))
}

/// Most labels told apart.
const MOST_LABELS: usize = 10_000;

#[derive(Default)]
struct Report {
    keep_names: bool,
    label: usize,
    samples: usize,
    error_share: Option<usize>,
    rate: Option<usize>,
    latency: Vec<(usize, String)>,
    found: Measurements,
    /// Rows whose number of failures is rounded.
    rounded: u64,
    /// Rows of labels beyond those told apart: how many, and their sum.
    beyond: u64,
    rest: Option<Figures>,
    /// The row of the sum, with its label.
    total: Option<(String, Figures)>,
}

/// The statistic of a column: `90% Line` is p90.
fn statistic(column: &str) -> Option<String> {
    let name = match word(column) {
        Some(Word::Mean) => "mean",
        Some(Word::Median) => "p50",
        Some(Word::Min) => "min",
        Some(Word::Max) => "max",
        Some(_) => return None,
        None => return names::percentile(percent(column)?),
    };
    Some(name.to_owned())
}

/// A figure as Java writes it: without separators of thousands, so that a comma is a decimal one.
fn number(written: &str) -> Option<f64> {
    text::number(written).or_else(|| text::number(&written.replacen(',', ".", 1)))
}

/// Requests per second of `12.5`, `12.5/sec`, `30.0/min` or `1.2/hour`.
fn rate(written: &str) -> Option<f64> {
    let (figure, unit) = written.split_once('/').unwrap_or((written, "sec"));
    let seconds = match unit.trim() {
        "sec" | "s" => 1.0,
        "min" => 60.0,
        "hour" => 3600.0,
        _ => return None,
    };
    Some(number(figure)? / seconds)
}

impl Report {
    fn endpoint(&mut self, label: &str, figures: Figures) {
        if self.found.endpoints.len() < MOST_LABELS {
            let name = names::label(self.keep_names, "", label);
            self.found.endpoints.push(Endpoint { name, figures });
            return;
        }
        self.beyond += 1;
        self.rest = Some(match self.rest.take() {
            Some(rest) => sum(&rest, &figures),
            None => figures,
        });
    }

    /// The failures by a share such as `2.500%`, and whether another number would be written alike.
    fn errors(&self, row: &Row<'_>, requests: u64) -> Option<(u64, bool)> {
        let written = row.text(self.error_share?);
        // A share has no thousands: a comma is a decimal one.
        let share = written.trim().strip_suffix('%')?.trim().replacen(',', ".", 1);
        let decimals = share.split_once('.').map_or(0, |(_, behind)| behind.len());
        let errors = text::number(&share)? / 100.0 * requests as f64;
        let steps = (0..decimals.min(12)).fold(100.0, |steps, _| steps * 10.0);
        let half = 0.5 / steps * requests as f64;
        Some((text::count(errors.round())?.min(requests), half >= 0.5))
    }
}

impl RowSink for Report {
    fn header(&mut self, columns: &Columns) -> Result<(), Refusal> {
        let find = |wanted: Word| columns.names.iter().position(|name| word(name) == Some(wanted));
        // The label comes first in every language.
        self.samples = match find(Word::Samples) {
            Some(place) => place,
            None => columns.require("# Samples")?,
        };
        self.label = columns.find(&["Label"]).unwrap_or(usize::from(self.samples == 0));
        self.error_share = find(Word::Errors);
        self.rate = find(Word::Rate);
        let named = columns.names.iter().enumerate();
        self.latency = named.filter_map(|(index, name)| Some((index, statistic(name.trim())?))).collect();
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> Result<(), Refusal> {
        let Some(requests) = row.count(self.samples) else {
            let found = format!("`{}`", row.text(self.samples));
            return Err(Refusal::new("a number of samples", found)
                .at_line(row.line)
                .at_column(self.samples as u64 + 1));
        };
        let errors = self.errors(row, requests);
        self.rounded += u64::from(errors.is_some_and(|(_, rounded)| rounded));
        let latency = self.latency.iter().filter_map(|(index, name)| Some((name.clone(), number(row.text(*index))?)));
        let figures = Figures {
            rps: self.rate.and_then(|index| rate(row.text(index))),
            latency_ms: latency.collect(),
            latency_of: Some(LatencyOf::All),
            ..Figures::default()
        }
        .counted(Some(requests), errors.map(|(errors, _)| errors));
        match row.text(self.label) {
            // A label may well be `Total`: the last one that may be the sum of the others is.
            label if is_total(label) => {
                if let Some((label, figures)) = self.total.replace((label.to_owned(), figures)) {
                    self.endpoint(&label, figures);
                }
            }
            label => self.endpoint(label, figures),
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, end: RowsEnd) -> Result<Measurements, Refusal> {
        let all = |report: &Self| {
            let told = report.found.endpoints.iter().map(|one| one.figures.clone());
            told.chain(report.rest.clone()).reduce(|one, two| sum(&one, &two))
        };
        let others = all(&self);
        let is_sum = |(label, figures): &(String, Figures)| {
            label == "TOTAL" || others.as_ref().is_none_or(|others| others.requests == figures.requests)
        };
        let totals = match self.total.take() {
            Some(total) if is_sum(&total) => Some(total.1),
            Some((label, figures)) => {
                self.endpoint(&label, figures);
                all(&self)
            }
            None => others,
        };
        let mut found = self.found;
        found.totals = totals;
        let Some(totals) = &found.totals else {
            return Err(Refusal::new("a row with figures", "only the header").remedy("save the table after the run"));
        };
        found.model = Some(LoadModel::Closed);
        let rate = totals.rps.filter(|rate| *rate > 0.0);
        found.duration_s = totals.requests.zip(rate).map(|(requests, rate)| requests as f64 / rate);
        if self.rounded > 0 {
            let text = "The number of failures is computed from a rounded share and may be off; the results file (JTL) has it exactly.";
            found.warnings.push(Warning::new("errors-rounded", text).with("rows", self.rounded));
        }
        if self.beyond > 0 {
            let text = "More labels than are told apart; these are in the total only.";
            found.warnings.push(Warning::new("endpoints-left-out", text).with("labels", self.beyond));
        }
        warn::cut_rows(&mut found, &end);
        Ok(found)
    }
}
