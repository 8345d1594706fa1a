//! A price book: what machines cost by the hour, as a table a team keeps itself.

use super::rows::{Names, amount, present};
use crate::measurements::{MachinePrice, Measurements, Warning};
use crate::read::Reader;
use crate::read::table::{Columns, Row, RowSink, RowsEnd, Table};
use crate::refusal::{Refusal, excerpt};
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::warn;
use std::collections::BTreeMap;

/// The format.
pub const FORMAT: Format = Format {
    kind: "price-book",
    title: "Price book (CSV): provider, region, type, vcpu, mem_gib, usd_per_hour, as_of, source",
    shape: Shape::Stream { fits, open },
    docs: Docs {
        versions: "docs/examples/price-book.csv",
        used: "cores, memory and price per hour of each machine type and region",
        traps: "prices are of a day: `as_of` and `source` are shown; a type named twice keeps its newest price",
        evidence: "own run",
    },
};

/// Most machine types kept.
const MOST_TYPES: usize = 20_000;

fn fits(head: &Head<'_>) -> Fit {
    let names = Names::of(head);
    Fit::from(names.has(&["provider", "type"]) && names.has(&["usdperhour"]))
}

fn open(_context: &Context) -> Box<dyn Reader> {
    Box::new(Table::new(Box::new(Prices::default())))
}

#[derive(Default)]
struct Prices {
    places: [Option<usize>; 8],
    /// By provider, region and type.
    found: BTreeMap<[String; 3], MachinePrice>,
    doubled: u64,
    skipped: u64,
    first_skipped: Option<(u64, String)>,
}

impl RowSink for Prices {
    fn header(&mut self, columns: &Columns) -> Result<(), Refusal> {
        let names = Names::new(&columns.names);
        let required = |wanted: &[&str], example: &str| names.require(wanted, example).map(Some);
        self.places = [
            required(&["provider"], "provider")?,
            names.find(&["region"]),
            required(&["type"], "type")?,
            names.find(&["vcpu", "vcpus", "cores"]),
            names.find(&["memgib", "memorygib", "mem", "memory"]),
            required(&["usdperhour"], "usd_per_hour")?,
            names.find(&["asof", "date"]),
            names.find(&["source"]),
        ];
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> Result<(), Refusal> {
        let [provider, region, machine, vcpu, mem_gib, price, as_of, source] = self.places;
        let text = |place| String::from_utf8_lossy(present(row, place)).trim().chars().take(300).collect::<String>();
        let number = |place| amount(present(row, place), row.decimal_comma()).filter(|value| *value >= 0.0);
        let (Some(usd_per_hour), false) = (number(price), present(row, machine).is_empty()) else {
            self.skipped += 1;
            self.first_skipped.get_or_insert_with(|| (row.line, excerpt(present(row, price))));
            return Ok(());
        };
        let read = MachinePrice {
            provider: text(provider),
            region: text(region),
            machine: text(machine),
            vcpu: number(vcpu),
            mem_gib: number(mem_gib),
            usd_per_hour,
            as_of: text(as_of),
            source: text(source),
        };
        let key = [read.provider.clone(), read.region.clone(), read.machine.clone()];
        if let Some(known) = self.found.get_mut(&key) {
            self.doubled += 1;
            if read.as_of >= known.as_of {
                *known = read;
            }
        } else if self.found.len() < MOST_TYPES {
            self.found.insert(key, read);
        } else {
            self.skipped += 1;
        }
        Ok(())
    }

    fn finish(self: Box<Self>, end: RowsEnd) -> Result<Measurements, Refusal> {
        if self.found.is_empty() {
            let found = self.first_skipped.map_or("none".to_owned(), |(line, text)| format!("{text} in line {line}"));
            return Err(Refusal::new("rows with a type and a price", found).remedy("see docs/examples/price-book.csv"));
        }
        let mut found = Measurements { prices: self.found.into_values().collect(), ..Measurements::default() };
        let dates = found.prices.iter().map(|price| price.as_of.as_str()).filter(|date| !date.is_empty());
        let text = "List prices of that day: discounts, commitments and taxes are not in them.";
        let mut dated = Warning::new("prices-as-of", text);
        if let (Some(first), Some(last)) = (dates.clone().min(), dates.max()) {
            dated = dated.with("from", first).with("to", last);
        }
        found.warnings.push(dated);
        if self.doubled > 0 {
            let text = "These rows name a type and region again; the newest price is kept.";
            found.warnings.push(Warning::new("doubled", text).with("rows", self.doubled));
        }
        warn::skipped_rows(&mut found, self.skipped, self.first_skipped);
        warn::cut_rows(&mut found, &end);
        Ok(found)
    }
}
