//! Any table of costs with named columns: a service and an amount, perhaps dates, a currency and a category.

use super::bill::{Bill, When};
use super::dates::{self, Date};
use super::ledger::{Charge, Sum};
use super::rows::{Charges, Names, amount, environment_tag, present, table};
use crate::measurements::{Measurements, Warning};
use crate::read::Reader;
use crate::read::table::Row;
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};

/// The format.
pub const FORMAT: Format = Format {
    kind: "bill",
    title: "Bill with named columns (CSV): service and cost, perhaps dates and currency",
    shape: Shape::Stream { fits, open },
    docs: Docs {
        versions: "any; the cost tables of the AWS, Azure and Google Cloud consoles by their documentation",
        used: "cost per service, category, currency and month",
        traps: "rows of totals are left out and named; amounts with signs of currency, separators of thousands, decimal commas or in \
                brackets; day and month in any order",
        evidence: "documented shape",
    },
};

const SERVICES: [&str; 23] = [
    "service",
    "servicename",
    "servicedescription",
    "product",
    "productname",
    "productcode",
    "metercategory",
    "meter",
    "item",
    "resource",
    "resourcename",
    "resourcetype",
    "description",
    "vendor",
    "supplier",
    "name",
    "component",
    "sku",
    "skudescription",
    "subscription",
    "dienst",
    "produkt",
    "servicio",
];
const COSTS: [&str; 28] = [
    "cost",
    "amount",
    "unblendedcost",
    "totalcost",
    "costusd",
    "costeur",
    "amountusd",
    "amounteur",
    "netcost",
    "monthlycost",
    "costmonthly",
    "usdpermonth",
    "eurpermonth",
    "totalamount",
    "subtotal",
    "charge",
    "spend",
    "total",
    "costs",
    "usd",
    "eur",
    "kosten",
    "betrag",
    "montant",
    "coût",
    "importe",
    "coste",
    // Last: where there is another amount it is that of one piece.
    "price",
];
const DEDUCTIONS: [&str; 6] = ["discounts", "discount", "credits", "promotionsandothers", "savings", "savingsprograms"];
const FROM: [&str; 18] = [
    "date",
    "usagedate",
    "usagestartdate",
    "startdate",
    "periodstart",
    "chargeperiodstart",
    "from",
    "start",
    "month",
    "billingmonth",
    "invoicemonth",
    "period",
    "billingperiod",
    "day",
    "datum",
    "monat",
    "fecha",
    "mois",
];
const TO: [&str; 6] = ["enddate", "usageenddate", "periodend", "chargeperiodend", "to", "end"];

fn fits(head: &Head<'_>) -> Fit {
    let names = Names::of(head);
    let (service, cost) = (names.find(&SERVICES), names.find(&COSTS).or_else(|| with_sign(&names)));
    let times =
        names.find(&["duration", "durationms", "latency", "latencyms", "elapsed", "rps", "responsetime", "status"]);
    let bill = service.zip(cost).is_some_and(|(service, cost)| service != cost) && times.is_none();
    if bill { Fit::Maybe } else { Fit::No }
}

/// Whether a table that fits may as well be no bill: nothing but words of everyday in its header.
pub fn doubtful(head: &Head<'_>) -> bool {
    let names = Names::of(head);
    let plain = [
        "product",
        "productname",
        "produkt",
        "item",
        "resource",
        "description",
        "vendor",
        "supplier",
        "name",
        "component",
        "sku",
    ];
    let everyday = names.find(&SERVICES).is_some_and(|place| names.find(&plain) == Some(place));
    let amounts = names.find(&[
        "price",
        "total",
        "amount",
        "charge",
        "totalamount",
        "subtotal",
        "usd",
        "eur",
        "betrag",
        "montant",
    ]);
    let costs = names.find(&COSTS).is_some_and(|place| amounts == Some(place));
    // A date alone does not make a bill of a column that is but a currency.
    let code = names.find(&["usd", "eur"]).is_some_and(|place| names.find(&COSTS) == Some(place));
    let dated = names.find(&FROM).filter(|_| !code || names.find(&TO).is_some());
    let said = dated.or_else(|| names.find(&["currency", "currencycode", "billingcurrency"]));
    everyday && costs && said.or_else(|| with_sign(&names)).is_none()
}

/// A column such as `Cost ($)` or `Kosten (EUR)`.
fn with_sign(names: &Names) -> Option<usize> {
    let signed = |written: &str| {
        ["($)", "(€)", "(£)", "(USD)", "(EUR)", "(GBP)"].iter().any(|sign| written.trim().ends_with(sign))
    };
    names.iter().find(|(_, _, written)| signed(written)).map(|(index, ..)| index)
}

fn open(_context: &Context) -> Box<dyn Reader> {
    table(Lines::default())
}

#[derive(Default)]
struct Lines {
    service: usize,
    cost: usize,
    code: &'static str,
    category: Option<usize>,
    currency: Option<usize>,
    environment: Option<usize>,
    from: Option<usize>,
    to: Option<usize>,
    record: Option<usize>,
    /// The dates are those of months, however they are written.
    months: bool,
    /// Where a date that is the first of a month stands for the month, as periods of bills do.
    periods: bool,
    totals: u64,
    totals_sum: Sum,
    monthly: bool,
    /// Columns of discounts that the cost does not hold.
    deducted: Vec<usize>,
    deductions: Sum,
}

impl Charges for Lines {
    fn header(&mut self, columns: &Names) -> Result<(), Refusal> {
        // Google's console: the cost is before discounts, the subtotal after them.
        let deductions: Vec<usize> =
            columns.iter().filter_map(|(index, plain, _)| DEDUCTIONS.contains(&plain).then_some(index)).collect();
        // A subtotal left of what is deducted stands before it.
        let net = columns.find(&["subtotal", "netcost"]).filter(|net| deductions.iter().any(|place| net > place));
        let cost = match net.or_else(|| columns.find(&COSTS)).or_else(|| with_sign(columns)) {
            Some(place) => place,
            None => columns.require(&COSTS, "cost")?,
        };
        let written = columns.iter().nth(cost).map_or("", |(_, _, written)| written).to_ascii_uppercase();
        let codes = [("($)", "USD"), ("USD", "USD"), ("EUR", "EUR"), ("(€)", "EUR"), ("GBP", "GBP"), ("(£)", "GBP")];
        *self = Self {
            service: columns.require(&SERVICES, "service")?,
            cost,
            code: codes.iter().find(|(sign, _)| written.contains(sign)).map_or("", |(_, code)| code),
            category: columns.find(&["chargetype", "chargecategory", "costtype", "category", "lineitemtype", "type"]),
            currency: columns.find(&["currency", "currencycode", "billingcurrency"]),
            environment: columns.environment(&[""]),
            months: columns.find(&FROM) == columns.find(&["month", "billingmonth", "invoicemonth", "monat", "mois"]),
            periods: columns.find(&FROM) == columns.find(&["billingperiod"]) && columns.find(&TO).is_none(),
            from: columns.find(&FROM),
            to: columns.find(&TO),
            record: columns.find(&["recordtype"]),
            monthly: written.contains("MONTH"),
            deducted: if net.is_none() { deductions } else { Vec::new() },
            ..Self::default()
        };
        Ok(())
    }

    fn amounts(&self) -> Vec<usize> {
        [&[self.cost][..], &self.deducted].concat()
    }

    fn charge(&mut self, row: &Row<'_>, bill: &mut Bill) -> Result<(), usize> {
        let billed = amount(row.get(self.cost), row.decimal_comma()).ok_or(self.cost)?;
        if is_total(row) || self.is_summary(row) {
            self.totals += 1;
            self.totals_sum.add(billed);
            return Ok(());
        }
        let deducted = self.deducted.iter().filter_map(|place| amount(row.get(*place), row.decimal_comma()));
        deducted.for_each(|amount| self.deductions.add(amount));
        let date = |place: Option<usize>| place.and_then(|place| dates::parse(row.text(place)));
        let month = |place: Option<usize>| place.and_then(|place| dates::parse_month(row.text(place)));
        let from = match self.months {
            true => month(self.from),
            false if self.periods => first_of_month(date(self.from)).or_else(|| date(self.from)),
            false => date(self.from),
        };
        let to = date(self.to);
        let tags = [environment_tag(Some(present(row, self.environment)))];
        let currency = match present(row, self.currency) {
            b"" => self.code.as_bytes(),
            code => code,
        };
        let charge = Charge {
            service: present(row, Some(self.service)),
            category: present(row, self.category),
            currency,
            tags: &tags,
            billed,
            effective: billed,
            ..Charge::default()
        };
        // An end on the last day of a month is that day, one on the first is the next period's start.
        let to_inclusive = to.is_some_and(|end| match end {
            Date::Day(at, _) => !dates::written(at).ends_with("-01"),
            _ => false,
        });
        let when = When { from, to, to_inclusive, ..When::default() };
        bill.add(charge, when).then_some(()).ok_or(self.cost)
    }

    fn notes(&self, found: &mut Measurements) {
        if self.totals > 0 {
            let text = "Rows of totals are left out; their sum is given for comparison.";
            let warning = Warning::new("totals-left-out", text).with("rows", self.totals);
            found.warnings.push(warning.with("sum", self.totals_sum.value()));
        }
        if self.deductions.value() != 0.0 {
            let text = "Discounts stand in a column of their own and are not taken off the costs: export the table with its subtotals.";
            found.warnings.push(Warning::new("discounts-left-out", text).with("sum", self.deductions.value()));
        }
        if self.from.is_none() {
            if self.monthly {
                found.costs.iter_mut().for_each(|line| line.monthly = Some(line.amount));
                found.warnings.retain(|warning| warning.code != "dates-missing");
            }
            let text = "The table has no dates: each amount is taken as that of one month.";
            found.warnings.push(Warning::new("period-guessed", text).with("lines", found.costs.len()));
        }
    }
}

impl Lines {
    /// Rows that sum others up, in reports with a column for the kind of row.
    fn is_summary(&self, row: &Row<'_>) -> bool {
        let kind = present(row, self.record);
        kind.to_ascii_lowercase().ends_with(b"total")
    }
}

/// The month of a date that is its first day by either order.
fn first_of_month(date: Option<Date>) -> Option<Date> {
    let month = |at: f64| Some(dates::month_of(at)).filter(|month| dates::month_span(*month).0 == at).map(Date::Month);
    match date? {
        Date::Day(at, _) | Date::Moment(at, _) => month(at),
        Date::Either(at, other) => month(at).or_else(|| month(other)),
        Date::Month(_) => None,
    }
}

/// Whether the first text of a row says that it sums the others up.
fn is_total(row: &Row<'_>) -> bool {
    let first = (0..row.len()).map(|index| row.text(index).trim()).find(|text| !text.is_empty()).unwrap_or("");
    let first = first.trim_end_matches(':').to_ascii_lowercase();
    let words = [
        "total",
        "subtotal",
        "sub-total",
        "grand total",
        "filtered total",
        "service total",
        "total cost",
        "total costs",
        "sum",
        "summe",
        "gesamt",
    ];
    words.contains(&first.as_str())
}
