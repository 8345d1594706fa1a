//! AWS Cost and Usage Reports: version 1, its Athena flavour, and 2.0 of Data Exports.
//!
//! Amortization by the AWS User Guide, "Understanding your amortized reservation and Savings Plans costs".

use super::bill::{Bill, When};
use super::dates;
use super::ledger::Charge;
use super::rows::{Charges, Names, amount, environment_in, environment_tag, present, table};
use crate::read::Reader;
use crate::read::table::Row;
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};

/// The format.
pub const FORMAT: Format = Format {
    kind: "aws-cur",
    title: "AWS Cost and Usage Report, version 1 and 2.0 (CSV)",
    shape: Shape::Stream { fits, open },
    docs: Docs {
        versions: "CUR 1 (koku-nise), CUR 2.0 by its documentation",
        used: "unblended cost per product code, line item type, currency and month; run rate with reservations and Savings Plans \
               amortized; environments by tag",
        traps: "columns appear month by month: found by name; credits, refunds, negations and taxes are line items of their own; \
                covered use is billed by the plan, not by its line; Parquet is refused",
        evidence: "own run",
    },
};

const COSTS: [&str; 3] = ["lineitemunblendedcost", "lineitemnetunblendedcost", "lineitemblendedcost"];

fn fits(head: &Head<'_>) -> Fit {
    let names = Names::of(head);
    Fit::from(names.find(&COSTS).is_some() && names.find(&["lineitemproductcode", "lineitemlineitemtype"]).is_some())
}

fn open(_context: &Context) -> Box<dyn Reader> {
    table(Lines::default())
}

#[derive(Default)]
struct Lines {
    service: usize,
    cost: usize,
    category: Option<usize>,
    product: Option<usize>,
    currency: Option<usize>,
    from: Option<usize>,
    to: Option<usize>,
    month: Option<usize>,
    environment: Option<usize>,
    tags: Option<usize>,
    amortized: Amortized,
}

/// Columns of what commitments cost.
#[derive(Default)]
struct Amortized {
    plan_cost: Option<usize>,
    plan_total: Option<usize>,
    plan_used: Option<usize>,
    reservation: Option<usize>,
    reserved_cost: Option<usize>,
    unused_upfront: Option<usize>,
    unused_recurring: Option<usize>,
}

impl Charges for Lines {
    fn header(&mut self, columns: &Names) -> Result<(), Refusal> {
        let find = |name| columns.find(&[name]);
        *self = Self {
            service: columns.require(
                &["lineitemproductcode", "productproductname", "lineitemlineitemtype"],
                "lineItem/ProductCode",
            )?,
            cost: columns.require(&COSTS, "lineItem/UnblendedCost")?,
            category: find("lineitemlineitemtype"),
            product: columns.find(&["productproductname", "productservicename"]),
            currency: find("lineitemcurrencycode"),
            from: find("lineitemusagestartdate"),
            to: find("lineitemusageenddate"),
            month: find("billbillingperiodstartdate"),
            environment: columns.environment(&["resourcetagsuser", "resourcetags", "resourcetagsaws", "costcategory"]),
            tags: columns.find(&["resourcetags", "tags"]),
            amortized: Amortized {
                plan_cost: find("savingsplansavingsplaneffectivecost"),
                plan_total: find("savingsplantotalcommitmenttodate"),
                plan_used: find("savingsplanusedcommitment"),
                reservation: find("reservationreservationarn"),
                reserved_cost: find("reservationeffectivecost"),
                unused_upfront: find("reservationunusedamortizedupfrontfeeforbillingperiod"),
                unused_recurring: find("reservationunusedrecurringfee"),
            },
        };
        Ok(())
    }

    fn amounts(&self) -> Vec<usize> {
        let Amortized { plan_cost, plan_total, plan_used, reserved_cost, unused_upfront, unused_recurring, .. } =
            self.amortized;
        let others = [plan_cost, plan_total, plan_used, reserved_cost, unused_upfront, unused_recurring];
        others.into_iter().flatten().chain([self.cost]).collect()
    }

    fn charge(&mut self, row: &Row<'_>, bill: &mut Bill) -> Result<(), usize> {
        let comma = row.decimal_comma();
        let billed = amount(row.get(self.cost), comma).ok_or(self.cost)?;
        let category = present(row, self.category);
        let effective = self.amortized.cost(row, category, billed);
        let in_tags = match self.environment {
            Some(_) => None,
            None => environment_in(present(row, self.tags)),
        };
        let environment = in_tags.as_deref().map(str::as_bytes).or_else(|| Some(present(row, self.environment)));
        let date = |place: Option<usize>| place.and_then(|place| dates::parse(row.text(place)));
        let when = When { from: date(self.from), to: date(self.to), ..When::default() };
        let when = When { month: super::bill::month(date(self.month)), ..when };
        let tags = [("product", present(row, self.product)), environment_tag(environment)];
        let charge = Charge {
            service: row.get(self.service).trim_ascii(),
            category,
            currency: present(row, self.currency),
            tags: &tags,
            billed,
            effective,
            ..Charge::default()
        };
        bill.add(charge, when).then_some(()).ok_or(self.cost)
    }
}

impl Amortized {
    /// The cost of a line with commitments spread over the use they cover.
    fn cost(&self, row: &Row<'_>, category: &[u8], billed: f64) -> f64 {
        let number = |place: Option<usize>| place.and_then(|place| amount(row.get(place), row.decimal_comma()));
        match category {
            b"SavingsPlanCoveredUsage" => number(self.plan_cost).unwrap_or(billed),
            b"SavingsPlanNegation" if self.plan_cost.is_some() => 0.0,
            b"SavingsPlanUpfrontFee" if self.plan_cost.is_some() => 0.0,
            b"SavingsPlanRecurringFee" => match (number(self.plan_total), number(self.plan_used)) {
                (Some(total), Some(used)) => total - used,
                _ => billed,
            },
            b"DiscountedUsage" => number(self.reserved_cost).unwrap_or(billed),
            b"RIFee" => match (number(self.unused_upfront), number(self.unused_recurring)) {
                (None, None) => billed,
                (upfront, recurring) => upfront.unwrap_or(0.0) + recurring.unwrap_or(0.0),
            },
            b"Fee" if self.reserved_cost.is_some() && !present(row, self.reservation).is_empty() => 0.0,
            _ => billed,
        }
    }
}
