//! Numbers as people and spreadsheets write them. Whether `1.234` is more than a thousand or little more than one is not in the
//! number: the other numbers of its column tell, where one of them can be read in one way only.

use super::table::{Columns, Row, RowSink, RowsEnd};
use super::text::unit_ms;
use crate::measurements::{Measurements, Warning};
use crate::refusal::Refusal;
use std::collections::{BTreeSet, VecDeque};

/// Rows, and bytes of them, that wait at most for a number that tells.
const MOST_HELD: (usize, usize) = (4096, 1 << 20);

/// An amount: `12.5`, `-0,075`, `$1,234.56`, `1.234,56 €`, `(3.20)` for a negative one.
pub fn amount(field: &[u8], decimal_comma: bool) -> Option<f64> {
    let text = std::str::from_utf8(field).ok()?.trim();
    if let Ok(number) = text.parse::<f64>() {
        return Some(number).filter(|number| number.is_finite() && !text.ends_with(|last: char| last.is_alphabetic()));
    }
    if let Some((number, _)) = with_exponent(text) {
        return Some(number);
    }
    // The sign stands before the currency or behind it: `-$70`, `$-70`, `$(70)`.
    let bare = text.trim_matches(|outer: char| {
        outer.is_alphabetic() || outer.is_whitespace() || matches!(outer, '$' | '€' | '£' | '¥' | '₹' | '₩')
    });
    let signed = |text: &str| {
        text.starts_with('(') && text.ends_with(')') || text.starts_with(['-', '−']) || text.ends_with('-')
    };
    let negative = signed(text) || signed(bare);
    let digits: String = text.chars().filter(|letter| letter.is_ascii_digit() || matches!(letter, '.' | ',')).collect();
    let letters = text.chars().filter(|letter| letter.is_alphabetic()).count();
    if letters > 3 || !digits.contains(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    let value = grouped(&digits, decimal_comma)?;
    Some(if negative { -value } else { value })
}

/// A number with an exponent and its decimal sign: `1.5E-05`, `1,5E-05`.
fn with_exponent(text: &str) -> Option<(f64, Option<u8>)> {
    let (digits, exponent) = text.split_once(['e', 'E'])?;
    let number = format!("{}e{exponent}", digits.replace(',', ".")).parse().ok()?;
    let sign = digits.bytes().find(|byte| matches!(byte, b'.' | b','));
    Some((number, sign)).filter(|(number, _): &(f64, _)| number.is_finite())
}

/// A number with separators of thousands.
fn grouped(digits: &str, decimal_comma: bool) -> Option<f64> {
    let decimal = match (digits.rfind('.'), digits.rfind(',')) {
        (Some(point), Some(comma)) => Some(point.max(comma)),
        (Some(point), None) => {
            (digits.matches('.').count() == 1 && !(decimal_comma && thousands(digits, '.'))).then_some(point)
        }
        (None, Some(comma)) => {
            (digits.matches(',').count() == 1 && (decimal_comma || !thousands(digits, ','))).then_some(comma)
        }
        (None, None) => None,
    };
    let keep = |(place, letter): (usize, char)| match letter {
        '.' | ',' => (Some(place) == decimal).then_some('.'),
        digit => Some(digit),
    };
    digits.char_indices().filter_map(keep).collect::<String>().parse().ok()
}

/// Whether the sign stands where one of thousands does: three digits after it, one to three before, no leading zero.
fn thousands(digits: &str, sign: char) -> bool {
    digits
        .split_once(sign)
        .is_some_and(|(before, after)| after.len() == 3 && (1..=3).contains(&before.len()) && before != "0")
}

/// The number at the start of a field, in any notation, and the text behind it: `1.234,5`, `1,200`, `15 ms`.
pub fn measure<'a>(row: &Row<'a>, place: usize) -> Option<(f64, &'a str)> {
    if let Some(value) = row.number(place) {
        return Some((value, ""));
    }
    let text = row.text(place).trim();
    let (number, unit) = text.split_at(text.rfind(|letter: char| letter.is_ascii_digit())? + 1);
    let digits = number.strip_prefix(['-', '+', '−']).unwrap_or(number);
    let mut groups = digits.split([' ', '\u{a0}', '\u{202f}', '\'', '’']);
    let plain = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','));
    let three = |group: &str| group.split(['.', ',']).next().is_some_and(|whole| whole.len() == 3);
    let written = groups.next().is_some_and(plain) && groups.all(|group| plain(group) && three(group));
    Some((amount(number.as_bytes(), row.decimal_comma()).filter(|_| written)?, unit.trim()))
}

/// A time in milliseconds in a column that has `factor` of them in its unit; what stands behind the number goes before that.
pub fn time_ms(row: &Row<'_>, index: usize, factor: f64) -> Option<f64> {
    let (value, unit) = measure(row, index)?;
    Some(value * if unit.is_empty() { factor } else { unit_ms(unit)? })
}

/// What a number says of the notation of its column.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Says {
    Nothing,
    /// It has this decimal sign.
    Decimal(u8),
    /// This sign in it is one or the other.
    Either(u8),
}

fn says(field: &[u8]) -> Says {
    // The digits of an exponent stand behind no separator.
    if let Some((_, sign)) = std::str::from_utf8(field).ok().and_then(|text| with_exponent(text.trim())) {
        return sign.map_or(Says::Nothing, Says::Decimal);
    }
    let count = |sign: u8| field.iter().filter(|byte| **byte == sign).count();
    let other = |sign: u8| if sign == b'.' { b',' } else { b'.' };
    let (points, commas) = (count(b'.'), count(b','));
    let digits: String = field
        .iter()
        .filter(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','))
        .map(|byte| *byte as char)
        .collect();
    let sign = if points > 0 { b'.' } else { b',' };
    match (points, commas) {
        (0, 0) => Says::Nothing,
        _ if !digits.contains(|letter: char| letter.is_ascii_digit()) || field.len() > 40 => Says::Nothing,
        (1.., 1..) => Says::Decimal(if digits.rfind('.') > digits.rfind(',') { b'.' } else { b',' }),
        (2.., _) | (_, 2..) => Says::Decimal(other(sign)),
        _ if thousands(&digits, char::from(sign)) => Says::Either(sign),
        _ => Says::Decimal(sign),
    }
}

/// The field with its only sign as the one of thousands, or as a decimal point.
fn rewritten(field: &[u8], sign: u8, decimal: u8) -> Vec<u8> {
    let place = field.iter().position(|byte| *byte == sign).unwrap_or(field.len());
    let (before, after) = (&field[..place], field.get(place + 1..).unwrap_or(&[]));
    if sign != decimal {
        return [before, after].concat();
    }
    // Four digits behind it are those of no thousands.
    let end = after.iter().rposition(u8::is_ascii_digit).map_or(0, |last| last + 1);
    [before, b".", &after[..end], b"0", &after[end..]].concat()
}

/// Rows on their way to a sink whose columns of numbers are read in one notation each.
pub struct Notated {
    sink: Box<dyn RowSink>,
    columns: Vec<Column>,
    held: VecDeque<Held>,
    bytes: usize,
    /// More rows came than can be held: those that follow do not wait.
    full: bool,
}

struct Column {
    place: usize,
    name: String,
    point: bool,
    comma: bool,
    /// Numbers read otherwise than they would be by themselves, and the first of them.
    changed: u64,
    example: String,
}

struct Held {
    data: Vec<u8>,
    fields: Vec<(usize, usize)>,
    delimiter: u8,
    line: u64,
}

impl Notated {
    /// Before that sink.
    pub fn new(sink: Box<dyn RowSink>) -> Self {
        Self { sink, columns: Vec::new(), held: VecDeque::new(), bytes: 0, full: false }
    }

    /// Hands a row on, its numbers in the notation of their columns.
    fn give(&mut self, row: &Row<'_>) -> Result<(), Refusal> {
        let mut changes: Vec<(usize, Vec<u8>)> = Vec::new();
        for column in self.columns.iter_mut().filter(|column| column.point != column.comma) {
            let field = row.get(column.place);
            let Says::Either(sign) = says(field) else { continue };
            let field_now = rewritten(field, sign, if column.comma { b',' } else { b'.' });
            let read = |field: &[u8]| amount(field, row.decimal_comma());
            if read(&field_now) != read(field) {
                column.changed += 1;
                if column.example.is_empty() {
                    column.example = row.text(column.place).trim().to_owned();
                }
                changes.push((column.place, field_now));
            }
        }
        if changes.is_empty() {
            return self.sink.row(row);
        }
        let fields = (0..row.len()).map(|place| {
            let change = changes.iter().find(|(changed, _)| *changed == place);
            change.map_or(row.get(place), |(_, field)| field)
        });
        let held = Held::new(fields, row);
        self.sink.row(&held.row())
    }

    /// Hands on the rows that wait for no number any more, or all.
    fn release(&mut self, all: bool) -> Result<(), Refusal> {
        while let Some(held) = self.held.pop_front() {
            if !all && self.waits(&held.row()) {
                self.held.push_front(held);
                break;
            }
            self.bytes -= held.data.len();
            self.give(&held.row())?;
        }
        Ok(())
    }

    /// Whether a number of the row can be read in two ways, and no other of its column has told yet.
    fn waits(&self, row: &Row<'_>) -> bool {
        let mut open = self.columns.iter().filter(|column| !(column.point || column.comma));
        open.any(|column| matches!(says(row.get(column.place)), Says::Either(_)))
    }
}

impl Held {
    fn new<'a>(parts: impl Iterator<Item = &'a [u8]>, row: &Row<'_>) -> Self {
        let (mut data, mut fields) = (Vec::new(), Vec::new());
        for part in parts {
            fields.push((data.len(), data.len() + part.len()));
            data.extend_from_slice(part);
        }
        Self { data, fields, delimiter: if row.decimal_comma() { b';' } else { b',' }, line: row.line }
    }

    fn row(&self) -> Row<'_> {
        Row::new(&self.data, &self.fields, self.delimiter, self.line)
    }
}

impl RowSink for Notated {
    fn header(&mut self, columns: &Columns) -> Result<(), Refusal> {
        self.sink.header(columns)?;
        let column = |place: usize| {
            let name = columns.names.get(place)?.clone();
            Some(Column { place, name, point: false, comma: false, changed: 0, example: String::new() })
        };
        let places: BTreeSet<usize> = self.sink.numbers().into_iter().collect();
        self.columns = places.into_iter().filter_map(column).collect();
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> Result<(), Refusal> {
        for column in &mut self.columns {
            match says(row.get(column.place)) {
                Says::Decimal(b',') => column.comma = true,
                Says::Decimal(_) => column.point = true,
                Says::Either(_) | Says::Nothing => {}
            }
        }
        if self.full || (self.held.is_empty() && !self.waits(row)) {
            return self.give(row);
        }
        let held = Held::new((0..row.len()).map(|place| row.get(place)), row);
        self.bytes += held.data.len();
        self.held.push_back(held);
        // Rows keep their order: those behind one that waits wait too.
        self.full = self.held.len() >= MOST_HELD.0 || self.bytes >= MOST_HELD.1;
        self.release(self.full)
    }

    fn finish(mut self: Box<Self>, end: RowsEnd) -> Result<Measurements, Refusal> {
        self.release(true)?;
        let Self { sink, columns, .. } = *self;
        let mut found = sink.finish(end)?;
        for column in columns.iter().filter(|column| column.changed > 0) {
            let decimal = if column.comma { "comma" } else { "point" };
            let text = format!(
                "Other rows of the column `{}` have a decimal {decimal}, so its numbers that could be read in two ways are read with it too.",
                column.name
            );
            let warning = Warning::new("notation-by-column", &text).with("column", column.name.as_str());
            found.warnings.push(warning.with("rows", column.changed).with("first", column.example.as_str()));
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_in_any_notation() {
        for (text, comma, expected) in [
            ("0.00000080000", false, Some(8e-7)),
            ("-1.5", false, Some(-1.5)),
            ("1.5e-3", false, Some(0.0015)),
            ("1,5E-05", true, Some(1.5e-5)),
            ("-1.5E+02", true, Some(-150.0)),
            ("1e400", false, None),
            ("$1,234.56", false, Some(1234.56)),
            ("1.234,56 €", true, Some(1234.56)),
            ("0,075", false, Some(0.075)),
            ("12,50", false, Some(12.5)),
            ("1,234", false, Some(1234.0)),
            ("1,234", true, Some(1.234)),
            ("1.234", true, Some(1.234)),
            ("1.234.567", true, Some(1_234_567.0)),
            ("(3.20)", false, Some(-3.2)),
            ("USD 7", false, Some(7.0)),
            ("-$0.40", false, Some(-0.4)),
            ("$-200.00", false, Some(-200.0)),
            ("$(1,300.00)", false, Some(-1300.0)),
            ("USD -50.00", false, Some(-50.0)),
            ("€ -12,50", true, Some(-12.5)),
            ("total", false, None),
            ("NaN", false, None),
            ("", false, None),
        ] {
            assert_eq!(amount(text.as_bytes(), comma), expected, "{text}");
        }
    }

    #[test]
    fn a_number_and_what_stands_behind_it() {
        for (text, delimiter, expected) in [
            ("12,5", b';', Some((12.5, ""))),
            ("1.234,5", b';', Some((1234.5, ""))),
            ("1,234.5", b',', Some((1234.5, ""))),
            ("15 ms", b',', Some((15.0, "ms"))),
            ("-1.234,5 s", b';', Some((-1234.5, "s"))),
            ("1 234,5", b';', Some((1234.5, ""))),
            ("12 15", b',', None),
            ("n/a", b',', None),
            ("a12", b',', None),
            ("2026-10-01", b',', None),
            ("1.2k", b',', Some((1.2, "k"))),
        ] {
            let fields = [(0, text.len())];
            assert_eq!(measure(&Row::new(text.as_bytes(), &fields, delimiter, 1), 0), expected, "{text}");
        }
    }

    #[test]
    fn what_a_number_says_of_its_column() {
        for (text, expected) in [
            ("1.234", Says::Either(b'.')),
            ("-1,234 €", Says::Either(b',')),
            ("2.345,50", Says::Decimal(b',')),
            ("2,345.50", Says::Decimal(b'.')),
            ("1.234.567", Says::Decimal(b',')),
            ("12,5", Says::Decimal(b',')),
            ("0.105", Says::Decimal(b'.')),
            ("1234.567", Says::Decimal(b'.')),
            ("1.5E-05", Says::Decimal(b'.')),
            ("1,5E-05", Says::Decimal(b',')),
            ("2e3", Says::Nothing),
            ("17", Says::Nothing),
            ("n.a.", Says::Nothing),
        ] {
            assert_eq!(says(text.as_bytes()), expected, "{text}");
        }
        assert_eq!(rewritten(b"-1.234 \xe2\x82\xac", b'.', b','), b"-1234 \xe2\x82\xac");
        assert_eq!(rewritten(b"1.234 EUR", b'.', b'.'), b"1.2340 EUR");
        assert_eq!(rewritten(b"1,234", b',', b','), b"1.2340");
    }
}
