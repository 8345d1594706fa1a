//! What all bills in tables share: finding columns whatever their spelling, amounts in any notation, rows that cannot be read.

use super::bill::Bill;
use super::ledger::ENVIRONMENT;
use crate::measurements::Measurements;
use crate::read::Reader;
use crate::read::notation::Notated;
pub use crate::read::notation::amount;
use crate::read::table::{Columns, Row, RowSink, RowsEnd, Table};
use crate::refusal::{Refusal, excerpt};
use crate::registry::Head;
use crate::sense::warn;

/// How one provider's rows become charges.
pub trait Charges {
    /// Finds the columns.
    ///
    /// # Errors
    /// A needed one is missing.
    fn header(&mut self, columns: &Names) -> Result<(), Refusal>;

    /// Takes a row.
    ///
    /// # Errors
    /// The place of the field that cannot be read.
    fn charge(&mut self, row: &Row<'_>, bill: &mut Bill) -> Result<(), usize>;

    /// The columns of amounts, known with the header: each is read in one notation.
    fn amounts(&self) -> Vec<usize>;

    /// Takes what was held until the last row.
    fn end(&mut self, _bill: &mut Bill) {}

    /// What to know about the rows of this provider.
    fn notes(&self, _found: &mut Measurements) {}
}

/// A reader of such rows.
pub fn table(charges: impl Charges + 'static) -> Box<dyn Reader> {
    let rows = Rows { charges, bill: Bill::default(), skipped: 0, first_skipped: None };
    Box::new(Table::new(Box::new(Notated::new(Box::new(rows)))))
}

struct Rows<T> {
    charges: T,
    bill: Bill,
    skipped: u64,
    first_skipped: Option<(u64, String)>,
}

impl<T: Charges> RowSink for Rows<T> {
    fn header(&mut self, columns: &Columns) -> Result<(), Refusal> {
        self.charges.header(&Names::new(&columns.names))
    }

    fn numbers(&self) -> Vec<usize> {
        self.charges.amounts()
    }

    fn row(&mut self, row: &Row<'_>) -> Result<(), Refusal> {
        if let Err(place) = self.charges.charge(row, &mut self.bill) {
            self.skipped += 1;
            self.first_skipped.get_or_insert_with(|| (row.line, excerpt(row.get(place))));
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, end: RowsEnd) -> Result<Measurements, Refusal> {
        self.charges.end(&mut self.bill);
        if self.bill.rows() == 0 {
            let found = self.first_skipped.map_or("none".to_owned(), |(line, text)| format!("{text} in line {line}"));
            return Err(
                Refusal::new("rows with an amount", found).remedy("export the bill again, with its cost column")
            );
        }
        let mut found = Measurements::default();
        self.bill.finish(&mut found);
        self.charges.notes(&mut found);
        warn::skipped_rows(&mut found, self.skipped, self.first_skipped);
        warn::cut_rows(&mut found, &end);
        Ok(found)
    }
}

/// Column names without case, spaces and signs: `lineItem/UnblendedCost` and `line_item_unblended_cost` are one.
#[derive(Debug, Default)]
pub struct Names {
    plain: Vec<String>,
    written: Vec<String>,
}

impl Names {
    /// The names of a header.
    pub fn new(names: &[String]) -> Self {
        Self { plain: names.iter().map(|name| plain(name)).collect(), written: names.to_vec() }
    }

    /// The names of the head of a file.
    pub fn of(head: &Head<'_>) -> Self {
        if head.is_json() { Self::default() } else { Self::new(&head.columns().0) }
    }

    /// The place of the first of these that is there.
    pub fn find(&self, wanted: &[&str]) -> Option<usize> {
        wanted.iter().find_map(|name| self.plain.iter().position(|column| column == name))
    }

    /// Whether all of these are there.
    pub fn has(&self, wanted: &[&str]) -> bool {
        wanted.iter().all(|name| self.find(&[name]).is_some())
    }

    /// Places and names as written.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &str, &str)> {
        self.plain
            .iter()
            .zip(&self.written)
            .enumerate()
            .map(|(index, (plain, written))| (index, plain.as_str(), written.as_str()))
    }

    /// The place of the first of these.
    ///
    /// # Errors
    /// None is there.
    pub fn require(&self, wanted: &[&str], example: &str) -> Result<usize, Refusal> {
        self.find(wanted).ok_or_else(|| {
            let shown: Vec<&str> = self.written.iter().take(12).map(String::as_str).collect();
            let dots = if self.written.len() > shown.len() { ", …" } else { "" };
            Refusal::new(format!("a column `{example}`"), format!("the columns {}{dots}", shown.join(", "))).at_line(1)
        })
    }

    /// The column of an environment tag.
    pub fn environment(&self, prefixes: &[&str]) -> Option<usize> {
        let named = |name: &str| prefixes.iter().any(|prefix| name.strip_prefix(prefix).is_some_and(is_environment));
        self.plain.iter().position(|name| named(name))
    }
}

/// A name in lower case without anything but letters and digits; of `Kosten (PreTaxCost)` the English in brackets.
pub fn plain(name: &str) -> String {
    let inner = name.trim().strip_suffix(')').and_then(|rest| rest.rsplit_once(" (")).map(|(_, inner)| inner);
    let english = inner.filter(|inner| inner.len() > 3 && inner.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let name = english.unwrap_or(name);
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether a tag of that plain name tells environments apart.
pub fn is_environment(name: &str) -> bool {
    matches!(name, "environment" | "env" | "stage" | "deploymentenvironment" | "envname" | "environmentname")
}

/// The environment in a cell of tags as JSON: an object, a list of `{key, value}`, or the inside of an object.
pub fn environment_in(cell: &[u8]) -> Option<String> {
    let mentions = |part: &[u8]| memchr::memmem::find(cell, part).is_some();
    if !(mentions(b"nv") || mentions(b"NV") || mentions(b"tage")) {
        return None;
    }
    let value = super::loose_json::parse(cell)?;
    tag_of(&value).map(str::to_owned)
}

/// The environment in tags.
pub fn tag_of(tags: &serde_json::Value) -> Option<&str> {
    let bare = |key: &str| plain(key.rsplit_once(':').map_or(key, |(_, rest)| rest).trim_start_matches("user_"));
    if let Some(members) = tags.as_object() {
        return members.iter().find(|(key, _)| is_environment(&bare(key))).and_then(|(_, value)| value.as_str());
    }
    tags.as_array()?.iter().find_map(|tag| {
        let key = tag.get("key")?.as_str()?;
        if is_environment(&bare(key)) { tag.get("value")?.as_str() } else { None }
    })
}

/// The tag of an environment.
pub fn environment_tag(name: Option<&[u8]>) -> (&'static str, &[u8]) {
    (ENVIRONMENT, name.unwrap_or(b""))
}

/// A field without the texts that stand for nothing.
pub fn present<'a>(row: &Row<'a>, place: Option<usize>) -> &'a [u8] {
    let field = place.map_or(&b""[..], |place| row.get(place).trim_ascii());
    if matches!(field, b"NULL" | b"null" | b"None" | b"\\N") { b"" } else { field }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_spellings() {
        for (name, expected) in [
            ("lineItem/UnblendedCost", "lineitemunblendedcost"),
            ("line_item_unblended_cost", "lineitemunblendedcost"),
            ("Kategorie der Verbrauchseinheit (MeterCategory)", "metercategory"),
            ("Cost ($)", "cost"),
            ("Cost (USD)", "costusd"),
        ] {
            assert_eq!(plain(name), expected);
        }
        for cell in [
            r#"{"a": "1", "Environment": "prod"}"#,
            r#"[{"key": "env", "value": "prod"}]"#,
            r#""a": "1","env": "prod""#,
            "[{'key': 'stage', 'value': 'prod'}]",
            r#"{"user_env":"prod"}"#,
        ] {
            assert_eq!(environment_in(cell.as_bytes()).as_deref(), Some("prod"), "{cell}");
        }
        assert_eq!(environment_in(br#"{"convention": "x"}"#), None);
    }
}
