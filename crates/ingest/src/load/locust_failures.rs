//! Locust `_failures.csv` (why requests failed) and `_exceptions.csv` (faults of the test script).

use crate::measurements::{Endpoint, Figures, LoadModel, Measurements, Warning};
use crate::read::Reader;
use crate::read::table::{Columns, Row, RowSink, RowsEnd, Table};
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::{names, warn};

/// The format.
pub const FORMAT: Format = Format {
    kind: "locust-failures",
    title: "Locust: --csv, the files _failures.csv and _exceptions.csv",
    shape: Shape::Stream { fits, open },
    docs: Docs {
        versions: "2.47.0",
        used: "failures by endpoint and error; exceptions of the test script as a warning",
        traps: "an empty table means no failure; tracebacks hold line breaks",
        evidence: "own run",
    },
};

fn fits(head: &Head<'_>) -> Fit {
    let failures = head.has_columns(&["Method", "Name", "Error", "Occurrences"]);
    Fit::from(failures || head.has_columns(&["Count", "Message", "Traceback", "Nodes"]))
}

fn open(context: &Context) -> Box<dyn Reader> {
    Box::new(Table::new(Box::new(Failures { keep_names: context.options.keep_names, ..Failures::default() })))
}

#[derive(Default)]
struct Failures {
    keep_names: bool,
    columns: Columns,
    endpoints: Vec<Endpoint>,
    exceptions: u64,
    first_exception: Option<String>,
}

impl RowSink for Failures {
    fn header(&mut self, columns: &Columns) -> Result<(), Refusal> {
        self.columns = columns.clone();
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> Result<(), Refusal> {
        let place = |name: &str| self.columns.find(&[name]).unwrap_or(usize::MAX);
        if let Some(index) = self.columns.find(&["Traceback"]) {
            self.exceptions += row.count(place("Count")).unwrap_or(1);
            self.first_exception.get_or_insert_with(|| row.text(index).lines().last().unwrap_or("").to_owned());
            return Ok(());
        }
        let Some(count) = row.count(place("Occurrences")) else {
            return Err(Refusal::new("a number of occurrences", format!("`{}`", row.text(place("Occurrences"))))
                .at_line(row.line));
        };
        let (method, raw) = (row.text(place("Method")), row.text(place("Name")));
        let name = names::label(self.keep_names, method, raw);
        let index = self.endpoints.iter().position(|endpoint| endpoint.name == name).unwrap_or_else(|| {
            self.endpoints.push(Endpoint { name, figures: Figures { errors: Some(0), ..Figures::default() } });
            self.endpoints.len() - 1
        });
        let figures = &mut self.endpoints[index].figures;
        figures.errors = figures.errors.map(|errors| errors + count);
        *figures.errors_by.entry(row.text(place("Error")).to_owned()).or_default() += count;
        Ok(())
    }

    fn finish(self: Box<Self>, end: RowsEnd) -> Result<Measurements, Refusal> {
        let mut found = Measurements { model: Some(LoadModel::Closed), ..Measurements::default() };
        if self.columns.find(&["Traceback"]).is_none() {
            let mut totals = Figures { errors: Some(0), ..Figures::default() };
            for endpoint in &self.endpoints {
                totals.errors = totals.errors.zip(endpoint.figures.errors).map(|(sum, errors)| sum + errors);
                for (cause, count) in &endpoint.figures.errors_by {
                    *totals.errors_by.entry(cause.clone()).or_default() += count;
                }
            }
            found.totals = Some(totals);
        }
        found.endpoints = self.endpoints;
        if self.exceptions > 0 {
            let text =
                "The test script itself failed: users may have stopped early, so the load may be less than planned.";
            let warning = Warning::new("script-exceptions", text).with("exceptions", self.exceptions);
            found.warnings.push(warning.with("last_line", self.first_exception.unwrap_or_default()));
        }
        warn::cut_rows(&mut found, &end);
        Ok(found)
    }
}
