//! Google Cloud billing export from BigQuery: CSV, JSON lines or one list. The cost of a line is before its credits.

use super::bill::{Bill, When};
use super::ledger::{Charge, ENVIRONMENT};
use super::rows::{Charges, Names, amount, present, table, tag_of};
use super::{dates, loose_json};
use crate::measurements::Measurements;
use crate::read::items::Items;
use crate::read::lines::{LineSink, Lines as LineReader, LinesEnd};
use crate::read::table::Row;
use crate::read::{Reader, json};
use crate::refusal::{Refusal, excerpt};
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::warn;
use serde_json::Value;

/// The format in tables.
pub const FORMAT: Format = Format {
    kind: "gcp-billing",
    title: "Google Cloud billing export (CSV)",
    shape: Shape::Stream { fits, open },
    docs: Docs {
        versions: "standard and detailed usage cost (koku-nise)",
        used: "cost per service, cost type, currency and invoice month; credits as lines of their own by type; environments by label",
        traps: "cost is before credits: the net is the sum of both; nested fields as dots, underscores, JSON or what Python prints; \
                the invoice month is in Pacific time",
        evidence: "own run",
    },
};

/// The format as JSON.
pub const LINES: Format = Format {
    kind: "gcp-billing-json",
    title: "Google Cloud billing export (JSON lines or one list, from BigQuery)",
    shape: Shape::Stream { fits: fits_json, open: open_json },
    docs: Docs {
        versions: "standard and detailed usage cost by their documentation",
        used: "as the CSV",
        traps: "as the CSV; numbers may be text; a list of any length is read item by item",
        evidence: "documented shape",
    },
};

fn fits(head: &Head<'_>) -> Fit {
    let names = Names::of(head);
    let service = names.find(&["servicedescription", "service"]).is_some();
    let own = names.find(&["usagestarttime", "credits", "invoicemonth"]).is_some();
    Fit::from(service && own && names.has(&["cost"]))
}

fn fits_json(head: &Head<'_>) -> Fit {
    let start = head.text().get(..20_000).unwrap_or(head.text());
    let has = |key: &str| start.contains(key);
    Fit::from(
        head.is_json() && has("\"usage_start_time\"") && has("\"cost\"") && has("\"service\"") && !has("\"data\""),
    )
}

fn open(_context: &Context) -> Box<dyn Reader> {
    table(Table::default())
}

fn open_json(_context: &Context) -> Box<dyn Reader> {
    Box::new(Opening(None))
}

/// Lines or one list, by the first byte.
struct Opening(Option<Box<dyn Reader>>);

impl Reader for Opening {
    fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let list = bytes.trim_ascii_start().first() == Some(&b'[');
        let sink = || Box::new(Records::default());
        let open = || -> Box<dyn Reader> {
            if list { Box::new(Items::new(&[], sink())) } else { Box::new(LineReader::new(sink())) }
        };
        self.0.get_or_insert_with(open).push(bytes)
    }

    fn finish(self: Box<Self>, ending: crate::read::Ending) -> Result<Measurements, Refusal> {
        match self.0 {
            Some(reader) => reader.finish(ending),
            None => Err(Refusal::new("rows of a billing export", "nothing")),
        }
    }
}

#[derive(Default)]
struct Table {
    service: usize,
    cost: usize,
    cost_type: Option<usize>,
    currency: Option<usize>,
    from: Option<usize>,
    to: Option<usize>,
    month: Option<usize>,
    credits: Option<usize>,
    labels: [Option<usize>; 2],
}

impl Charges for Table {
    fn header(&mut self, columns: &Names) -> Result<(), Refusal> {
        *self = Self {
            service: columns.require(&["servicedescription", "service"], "service.description")?,
            cost: columns.require(&["cost"], "cost")?,
            cost_type: columns.find(&["costtype"]),
            currency: columns.find(&["currency"]),
            from: columns.find(&["usagestarttime", "usagestartdate"]),
            to: columns.find(&["usageendtime"]),
            month: columns.find(&["invoicemonth", "invoice"]),
            credits: columns.find(&["credits", "creditsamount", "creditamount"]),
            labels: [columns.find(&["labels"]), columns.find(&["projectlabels"])],
        };
        Ok(())
    }

    fn amounts(&self) -> Vec<usize> {
        vec![self.cost]
    }

    fn charge(&mut self, row: &Row<'_>, bill: &mut Bill) -> Result<(), usize> {
        let cost = amount(row.get(self.cost), row.decimal_comma()).ok_or(self.cost)?;
        let cell = |place: Option<usize>| loose_json::parse(present(row, place));
        let inner = |place: Option<usize>, key: &str| -> String {
            let text = present(row, place);
            let nested = if text.starts_with(b"{") { cell(place) } else { None };
            let named = nested.as_ref().and_then(|value| value.get(key)?.as_str());
            named.map_or_else(|| String::from_utf8_lossy(text).into_owned(), str::to_owned)
        };
        let date = |place: Option<usize>| place.and_then(|place| dates::parse(row.text(place)));
        let month = super::bill::month(dates::parse(&inner(self.month, "month")));
        let labels = self.labels.iter().find_map(|place| tag_of(&cell(*place)?).map(str::to_owned));
        let line = Line {
            service: inner(Some(self.service), "description"),
            cost_type: String::from_utf8_lossy(present(row, self.cost_type)).into_owned(),
            currency: String::from_utf8_lossy(present(row, self.currency)).into_owned(),
            environment: labels.unwrap_or_default(),
            when: When { from: date(self.from), to: date(self.to), month, ..When::default() },
            cost,
        };
        let credits = present(row, self.credits);
        let credits = match amount(credits, row.decimal_comma()) {
            Some(value) => vec![(String::new(), value)],
            None => cell(self.credits).map(|list| credits_of(&list)).unwrap_or_default(),
        };
        line.charge(&credits, bill).then_some(()).ok_or(self.cost)
    }
}

/// Type and amount of each credit.
fn credits_of(list: &Value) -> Vec<(String, f64)> {
    let credit = |credit: &Value| {
        let name = json::text(credit, &["type"]).or(json::text(credit, &["name"])).unwrap_or("");
        Some((name.to_owned(), json::number(credit, &["amount"])?))
    };
    list.as_array().into_iter().flatten().filter_map(credit).collect()
}

/// One line of the export.
struct Line {
    service: String,
    cost_type: String,
    currency: String,
    environment: String,
    when: When,
    cost: f64,
}

impl Line {
    fn charge(&self, credits: &[(String, f64)], bill: &mut Bill) -> bool {
        let category = match self.cost_type.as_str() {
            "regular" | "" => "Usage",
            "tax" => "Tax",
            "adjustment" => "Adjustment",
            "rounding_error" => "Rounding",
            other => other,
        };
        let mut add = |category: &str, credit: &str, value: f64| {
            let tags = [("credit", credit.as_bytes()), (ENVIRONMENT, self.environment.as_bytes())];
            let charge = Charge {
                service: self.service.as_bytes(),
                category: category.as_bytes(),
                currency: self.currency.as_bytes(),
                tags: &tags,
                billed: value,
                effective: value,
                ..Charge::default()
            };
            bill.add(charge, self.when)
        };
        let taken = add(category, "", self.cost);
        credits.iter().filter(|(_, value)| *value != 0.0).for_each(|(name, value)| {
            add("Credit", name, *value);
        });
        taken
    }
}

/// Lines as JSON.
#[derive(Default)]
struct Records {
    bill: Bill,
    skipped: u64,
    first_skipped: Option<(u64, String)>,
}

impl LineSink for Records {
    fn line(&mut self, line: &[u8], number: u64) -> Result<(), Refusal> {
        if line.trim_ascii().is_empty() {
            return Ok(());
        }
        let taken = json::value(line).and_then(|value| {
            let (line, credits) = record(&value)?;
            line.charge(&credits, &mut self.bill).then_some(())
        });
        if taken.is_none() {
            self.skipped += 1;
            self.first_skipped.get_or_insert_with(|| (number, excerpt(line)));
        }
        Ok(())
    }

    fn finish(self: Box<Self>, end: LinesEnd) -> Result<Measurements, Refusal> {
        if self.bill.rows() == 0 {
            let found = self.first_skipped.map_or("none".to_owned(), |(line, text)| format!("{text} in line {line}"));
            return Err(Refusal::new("rows with a cost", found).remedy("export the billing table again"));
        }
        let mut found = Measurements::default();
        self.bill.finish(&mut found);
        warn::skipped_lines(&mut found, self.skipped, self.first_skipped, &end);
        Ok(found)
    }
}

fn record(value: &Value) -> Option<(Line, Vec<(String, f64)>)> {
    let text = |path: &[&str]| json::text(value, path).unwrap_or("").to_owned();
    let date = |path: &[&str]| match json::at(value, path)? {
        Value::String(text) => dates::parse(text),
        Value::Number(number) => {
            let at = crate::read::time::from_unix(number.as_f64()?);
            Some(dates::Date::Moment(at, at % dates::DAY_S == 0.0))
        }
        _ => None,
    };
    let month =
        json::at(value, &["invoice", "month"]).map(|month| month.as_str().map_or(month.to_string(), str::to_owned));
    let environment = ["labels", "project"].iter().find_map(|key| {
        let labels = value.get(key)?;
        tag_of(labels.get("labels").unwrap_or(labels))
    });
    let line = Line {
        service: json::text(value, &["service", "description"])
            .or(json::text(value, &["service"]))
            .unwrap_or("")
            .to_owned(),
        cost_type: text(&["cost_type"]),
        currency: text(&["currency"]),
        environment: environment.unwrap_or("").to_owned(),
        when: When {
            from: date(&["usage_start_time"]),
            to: date(&["usage_end_time"]),
            month: super::bill::month(month.and_then(|month| dates::parse(&month))),
            ..When::default()
        },
        cost: json::number(value, &["cost"])?,
    };
    Some((line, value.get("credits").map(credits_of).unwrap_or_default()))
}
