//! AWS Cost Explorer: the CSV of its console, a row per period and a column per service.

use super::bill::{Bill, When};
use super::dates::{self, Date};
use super::ledger::Charge;
use super::rows::{Charges, Names, amount, table};
use crate::read::Reader;
use crate::read::table::Row;
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};

/// The format.
pub const FORMAT: Format = Format {
    kind: "aws-cost-explorer-csv",
    title: "AWS Cost Explorer: Download as CSV in the console",
    shape: Shape::Stream { fits, open },
    docs: Docs {
        versions: "the console by its documentation",
        used: "cost per service (or other group) and period",
        traps: "a column a service, with the currency's sign in its name; the columns and rows of totals are left out; monthly rows \
                carry the first of the month",
        evidence: "unverified",
    },
};

fn fits(head: &Head<'_>) -> Fit {
    let (names, _) = head.columns();
    let services = names.get(1..).unwrap_or_default();
    let total = services.iter().filter_map(|name| currency(name)).any(|(name, _)| is_total(name));
    Fit::from(total && services.len() > 1 && services.iter().all(|name| currency(name).is_some()))
}

fn open(_context: &Context) -> Box<dyn Reader> {
    table(Lines::default())
}

/// Name and currency of a column such as `EC2-Instances($)`.
fn currency(name: &str) -> Option<(&str, &'static str)> {
    [("($)", "USD"), ("(USD)", "USD"), ("(€)", "EUR"), ("(EUR)", "EUR"), ("(£)", "GBP"), ("(GBP)", "GBP")]
        .into_iter()
        .find_map(|(sign, code)| Some((name.trim().strip_suffix(sign)?.trim(), code)))
}

/// Whether a column sums the others up.
fn is_total(name: &str) -> bool {
    name.to_ascii_lowercase().starts_with("total cost")
}

/// Most rows held: years of days.
const MOST_ROWS: usize = 10_000;
/// Rows further apart than this are of months.
const MONTHLY_S: f64 = 27.0 * dates::DAY_S;

#[derive(Default)]
struct Lines {
    services: Vec<(usize, String, &'static str)>,
    /// Date and amounts of each row: only all of them tell whether rows are days or months.
    rows: Vec<(f64, Vec<Option<f64>>)>,
}

impl Charges for Lines {
    fn header(&mut self, columns: &Names) -> Result<(), Refusal> {
        let service = |(index, _, written): (usize, &str, &str)| {
            let (name, code) = currency(written)?;
            (index > 0 && !is_total(name)).then(|| (index, name.to_owned(), code))
        };
        self.services = columns.iter().filter_map(service).collect();
        if self.services.is_empty() {
            return Err(Refusal::new("a column per service", "totals only").at_line(1).remedy("group by service"));
        }
        Ok(())
    }

    fn amounts(&self) -> Vec<usize> {
        self.services.iter().map(|(place, ..)| *place).collect()
    }

    fn charge(&mut self, row: &Row<'_>, _bill: &mut Bill) -> Result<(), usize> {
        let Some(date) = dates::parse(row.text(0)) else {
            // The row of totals over all periods.
            return if row.text(0).to_ascii_lowercase().contains("total") { Ok(()) } else { Err(0) };
        };
        let amounts = self.services.iter().map(|(index, ..)| amount(row.get(*index), row.decimal_comma())).collect();
        if self.rows.len() < MOST_ROWS {
            self.rows.push((date.span(dates::Order::MonthFirst).0, amounts));
        }
        Ok(())
    }

    fn end(&mut self, bill: &mut Bill) {
        let steps: Vec<f64> = self.rows.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
        let firsts = self.rows.iter().all(|(at, _)| dates::written(*at).ends_with("-01"));
        let monthly = firsts && steps.iter().all(|step| *step > MONTHLY_S);
        for (at, amounts) in &self.rows {
            let from = if monthly { Date::Month(dates::month_of(*at)) } else { Date::Day(*at, None) };
            for ((_, name, code), value) in self.services.iter().zip(amounts) {
                let Some(value) = value.filter(|value| *value != 0.0) else { continue };
                let currency = code.as_bytes();
                let service = name.as_bytes();
                let charge = Charge { service, currency, billed: value, effective: value, ..Charge::default() };
                bill.add(charge, When { from: Some(from), ..When::default() });
            }
        }
    }
}
