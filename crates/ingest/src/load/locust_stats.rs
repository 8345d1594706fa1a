//! Locust `_stats.csv`: one row per endpoint and an `Aggregated` one.

use crate::measurements::{Endpoint, Figures, LatencyOf, LoadModel, Measurements};
use crate::read::Reader;
use crate::read::table::{Columns, Row, RowSink, RowsEnd, Table};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::{names, warn};

/// The format.
pub const FORMAT: Format = Format {
    kind: "locust-stats",
    title: "Locust: --csv, the file _stats.csv",
    shape: Shape::Stream { fits, open },
    docs: Docs {
        versions: "2.47.0; columns of 0.x and 1.x by their documentation",
        used: "per endpoint and in total: requests, failures, rate, mean, extremes, percentiles",
        traps: "the `Aggregated` (or `Total`) row is no endpoint; percentiles are of values rounded to two digits; their list is \
                configurable; the rate divides by the whole run",
        evidence: "own run",
    },
};

fn fits(head: &Head<'_>) -> Fit {
    let current = head.has_columns(&["Type", "Name", "Request Count", "Failure Count"]);
    // `Method` to 0.13, `Type` in 0.14.
    let kind = head.has_columns(&["Method"]) || head.has_columns(&["Type"]);
    let old = kind && head.has_columns(&["Name", "# requests", "# failures"]);
    Fit::from((current || old) && !head.has_columns(&["Timestamp"]))
}

fn open(context: &Context) -> Box<dyn Reader> {
    Box::new(Table::new(Box::new(Stats { keep_names: context.options.keep_names, ..Stats::default() })))
}

#[derive(Default)]
struct Stats {
    keep_names: bool,
    kind: usize,
    name: usize,
    requests: usize,
    failures: usize,
    rate: Option<usize>,
    latency: Vec<(usize, String)>,
    found: Measurements,
    collapsed: names::Collapsed,
}

/// Latency columns of a Locust table by their header: mean, extremes, percentiles.
pub fn latency_columns(columns: &Columns) -> Vec<(usize, String)> {
    let statistic = |name: &str| match name {
        "Average Response Time" | "Average response time" => Some("mean".to_owned()),
        "Min Response Time" | "Min response time" => Some("min".to_owned()),
        "Max Response Time" | "Max response time" => Some("max".to_owned()),
        // The median column repeats `50%`, which newer files have too.
        "Median Response Time" | "Median response time" => Some("p50".to_owned()),
        _ => name.strip_suffix('%').and_then(names::percentile),
    };
    columns.names.iter().enumerate().filter_map(|(index, name)| Some((index, statistic(name)?))).collect()
}

impl RowSink for Stats {
    fn header(&mut self, columns: &Columns) -> Result<(), Refusal> {
        self.kind = columns.find(&["Type", "Method"]).unwrap_or(0);
        self.name = columns.require("Name")?;
        self.requests = columns.find(&["Request Count", "# requests"]).unwrap_or(2);
        self.failures = columns.find(&["Failure Count", "# failures"]).unwrap_or(3);
        self.rate = columns.find(&["Requests/s"]);
        self.latency = latency_columns(columns);
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> Result<(), Refusal> {
        let Some(requests) = row.count(self.requests) else {
            let found = format!("`{}`", row.text(self.requests));
            return Err(Refusal::new("a number of requests", found)
                .at_line(row.line)
                .at_column(self.requests as u64 + 1));
        };
        let latency = self.latency.iter().filter_map(|(index, name)| Some((name.clone(), row.number(*index)?)));
        let figures = Figures {
            requests: Some(requests),
            errors: row.count(self.failures),
            rps: self.rate.and_then(|index| row.number(index)),
            latency_ms: if requests > 0 { latency.collect() } else { Default::default() },
            latency_of: Some(LatencyOf::All),
            ..Figures::default()
        };
        let (kind, raw) = (row.text(self.kind), row.text(self.name));
        if is_sum(kind, raw) {
            self.found.totals = Some(figures);
            return Ok(());
        }
        let name = names::label(self.keep_names, kind, raw);
        self.collapsed.note(raw, &name);
        // Names that became equal are joined with those of all formats.
        self.found.endpoints.push(Endpoint { name, figures });
        Ok(())
    }

    fn finish(self: Box<Self>, end: RowsEnd) -> Result<Measurements, Refusal> {
        let mut found = self.found;
        if found.totals.is_none() && found.endpoints.is_empty() {
            return Err(
                Refusal::new("a row with figures", "only the header").remedy("let Locust run until requests were made")
            );
        }
        found.model = Some(LoadModel::Closed);
        if let Some(totals) = &found.totals {
            found.duration_s = totals
                .requests
                .zip(totals.rps)
                .filter(|(_, rate)| *rate > 0.0)
                .map(|(count, rate)| count as f64 / rate);
        }
        warn::rounded_percentiles(
            &mut found,
            "Locust rounds to two digits (10 ms steps from 100 ms, 100 ms steps from 1 s)",
        );
        warn::collapsed(&mut found, &self.collapsed);
        warn::cut_rows(&mut found, &end);
        Ok(found)
    }
}

/// Whether a row sums up the others.
pub fn is_sum(kind: &str, name: &str) -> bool {
    (kind.is_empty() || kind == "None") && matches!(name, "Aggregated" | "Total" | "None Aggregated")
}
