//! Azure cost exports in all header families: enterprise agreement, customer agreement, pay as you go, actual and amortized,
//! localized (the English name in brackets), any case.

use super::bill::{Bill, When};
use super::dates::{self, DAY_S, Date};
use super::ledger::Charge;
use super::rows::{Charges, Names, amount, environment_in, environment_tag, present, table};
use crate::read::Reader;
use crate::read::table::Row;
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};

/// The format.
pub const FORMAT: Format = Format {
    kind: "azure-cost",
    title: "Azure cost and usage details (CSV)",
    shape: Shape::Stream { fits, open },
    docs: Docs {
        versions: "header sets of OpenCost's tests: EA, MCA, pay as you go, German",
        used: "cost per meter category, charge type, currency and month; upfront reservations spread over their term in the run \
               rate; environments by tag",
        traps: "the cost column has four names; names in any case, localized ones with the English in brackets; dates as MM/DD/YYYY \
                or DD/MM/YYYY: found from the dates themselves; tags without outer braces",
        evidence: "public sample",
    },
};

const COSTS: [&str; 7] = [
    "costinbillingcurrency",
    "pretaxcost",
    "billingpretaxtotal",
    "extendedcost",
    "pretaxcharges",
    "costinpricingcurrency",
    "cost",
];

fn fits(head: &Head<'_>) -> Fit {
    let names = Names::of(head);
    let azure = names.find(&["metercategory", "meterid", "consumedservice"]).is_some();
    Fit::from(azure && names.find(&COSTS).is_some() && names.find(&["billedcost", "lineitemunblendedcost"]).is_none())
}

fn open(_context: &Context) -> Box<dyn Reader> {
    table(Lines::default())
}

#[derive(Default)]
struct Lines {
    cost: usize,
    service: Option<usize>,
    other_service: Option<usize>,
    category: Option<usize>,
    currency: Option<usize>,
    date: Option<usize>,
    start: Option<usize>,
    /// Last day of the billing period, which tells day from month.
    end: Option<usize>,
    frequency: Option<usize>,
    term: Option<usize>,
    environment: Option<usize>,
    tags: Option<usize>,
}

impl Charges for Lines {
    fn header(&mut self, columns: &Names) -> Result<(), Refusal> {
        *self = Self {
            cost: columns.require(&COSTS, "CostInBillingCurrency")?,
            service: columns.find(&["metercategory"]),
            other_service: columns.find(&[
                "servicename",
                "consumedservice",
                "servicefamily",
                "productname",
                "product",
                "meterid",
            ]),
            category: columns.find(&["chargetype"]),
            currency: columns.find(&["billingcurrencycode", "billingcurrency", "currency", "currencycode"]),
            date: columns.find(&["date", "usagedatetime", "usagedate", "servicestartdate", "chargestartdate"]),
            start: columns.find(&["serviceperiodstartdate", "billingperiodstartdate"]),
            end: columns.find(&["billingperiodenddate", "billingperiodend"]),
            frequency: columns.find(&["frequency"]),
            term: columns.find(&["term", "termmonths"]),
            environment: columns.environment(&["tags", "tag"]),
            tags: columns.find(&["tags"]),
        };
        Ok(())
    }

    fn amounts(&self) -> Vec<usize> {
        vec![self.cost]
    }

    fn charge(&mut self, row: &Row<'_>, bill: &mut Bill) -> Result<(), usize> {
        let billed = amount(row.get(self.cost), row.decimal_comma()).ok_or(self.cost)?;
        let category = present(row, self.category);
        let service = match present(row, self.service) {
            b"" => present(row, self.other_service),
            service => service,
        };
        let date = |place: Option<usize>| place.and_then(|place| dates::parse(row.text(place)));
        let from = date(self.date).or_else(|| date(self.start));
        if bill.is_open() {
            bill.hint(date(self.end));
        }
        let upfront =
            category.eq_ignore_ascii_case(b"Purchase") && present(row, self.frequency).eq_ignore_ascii_case(b"OneTime");
        let term = term_months(present(row, self.term)).filter(|_| upfront);
        let to = term.zip(from).map(|(months, from)| {
            let start = match from {
                Date::Moment(at, _) | Date::Day(at, _) | Date::Either(at, _) => at,
                Date::Month(month) => dates::month_span(month).0,
            };
            Date::Moment(start + months * 365.25 / 12.0 * DAY_S, false)
        });
        let environment = match self.environment {
            Some(place) => Some(String::from_utf8_lossy(row.get(place)).into_owned()),
            None => environment_in(present(row, self.tags)),
        };
        let tags = [environment_tag(environment.as_deref().map(str::as_bytes))];
        let currency = present(row, self.currency);
        let charge =
            Charge { service, category, currency, tags: &tags, billed, effective: billed, ..Charge::default() };
        bill.add(charge, When { from, to, ..When::default() }).then_some(()).ok_or(self.cost)
    }
}

/// Months of a reservation's term: `12`, `36`, `P1Y`, `P3Y`, `1 Year`.
fn term_months(text: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(text).ok()?;
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let number: f64 = digits.parse().ok().filter(|number| (1.0..=120.0).contains(number))?;
    let years = text.to_ascii_lowercase().contains('y');
    Some(if years { number * 12.0 } else { number })
}
