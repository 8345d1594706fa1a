//! FOCUS, the FinOps Open Cost and Usage Specification, as any provider writes it.

use super::bill::{Bill, When};
use super::dates;
use super::ledger::Charge;
use super::rows::{Charges, Names, amount, environment_in, environment_tag, present, table};
use crate::measurements::{Measurements, Warning};
use crate::read::Reader;
use crate::read::table::Row;
use crate::refusal::Refusal;
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};

/// The format.
pub const FORMAT: Format = Format {
    kind: "focus",
    title: "FOCUS 1.0 to 1.2: cost and usage of any provider (CSV)",
    shape: Shape::Stream { fits, open },
    docs: Docs {
        versions: "1.0 (official sample), 1.1 and 1.2 by the specification",
        used: "billed cost per service, charge category, currency and month; run rate by effective cost; environments by tag",
        traps: "columns in any order and case; `NULL` as text; billed and effective cost are never added; files that leave the \
                effective cost at 0 are read by their billed cost, and said so; `x_` columns are ignored",
        evidence: "public sample",
    },
};

fn fits(head: &Head<'_>) -> Fit {
    let names = Names::of(head);
    Fit::from(names.find(&["billedcost", "effectivecost"]).is_some() && names.has(&["chargeperiodstart"]))
}

fn open(_context: &Context) -> Box<dyn Reader> {
    table(Lines::default())
}

#[derive(Default)]
struct Lines {
    service: usize,
    billed: usize,
    effective: Option<usize>,
    category: Option<usize>,
    currency: Option<usize>,
    from: Option<usize>,
    to: Option<usize>,
    month: Option<usize>,
    provider: Option<usize>,
    commitment: Option<usize>,
    tags: Option<usize>,
    /// Rows whose effective cost was not filled in.
    unfilled: u64,
}

impl Charges for Lines {
    fn header(&mut self, columns: &Names) -> Result<(), Refusal> {
        *self = Self {
            service: columns.require(&["servicename", "servicecategory", "chargedescription"], "ServiceName")?,
            billed: columns.require(&["billedcost", "effectivecost"], "BilledCost")?,
            effective: columns.find(&["effectivecost"]),
            category: columns.find(&["chargecategory", "chargetype"]),
            currency: columns.find(&["billingcurrency"]),
            from: columns.find(&["chargeperiodstart"]),
            to: columns.find(&["chargeperiodend"]),
            month: columns.find(&["billingperiodstart"]),
            provider: columns.find(&["providername", "serviceprovidername", "provider"]),
            commitment: columns.find(&["commitmentdiscountid"]),
            tags: columns.find(&["tags"]),
            unfilled: 0,
        };
        Ok(())
    }

    fn amounts(&self) -> Vec<usize> {
        [Some(self.billed), self.effective].into_iter().flatten().collect()
    }

    fn charge(&mut self, row: &Row<'_>, bill: &mut Bill) -> Result<(), usize> {
        let comma = row.decimal_comma();
        let billed = amount(row.get(self.billed), comma).ok_or(self.billed)?;
        let category = present(row, self.category);
        let mut effective = amount(present(row, self.effective), comma);
        // Only purchases, and use that a commitment pays for, may differ from what is billed.
        let free = present(row, self.commitment).is_empty() && !category.eq_ignore_ascii_case(b"Purchase");
        if free && billed != 0.0 && effective == Some(0.0) {
            self.unfilled += 1;
            effective = None;
        }
        let environment = environment_in(present(row, self.tags));
        let date = |place: Option<usize>| place.and_then(|place| dates::parse(row.text(place)));
        let when = When { from: date(self.from), to: date(self.to), ..When::default() };
        let when = When { month: super::bill::month(date(self.month)), ..when };
        let tags =
            [("provider", present(row, self.provider)), environment_tag(environment.as_deref().map(str::as_bytes))];
        let charge = Charge {
            service: present(row, Some(self.service)),
            category,
            currency: present(row, self.currency),
            tags: &tags,
            billed,
            effective: effective.unwrap_or(billed),
            ..Charge::default()
        };
        bill.add(charge, when).then_some(()).ok_or(self.billed)
    }

    fn notes(&self, found: &mut Measurements) {
        if self.unfilled > 0 {
            let text = "The effective cost is 0 where something was billed without a commitment; the billed cost is taken for it.";
            found.warnings.push(Warning::new("effective-cost-missing", text).with("rows", self.unfilled));
        }
    }
}
