//! Tables: CSV with any delimiter, quotes, line breaks in quotes and decimal commas, row by row in bounded memory.

use super::text::{self, TimeUnit};
use super::{Ending, Reader};
use crate::measurements::Measurements;
use crate::refusal::{Refusal, excerpt};
use csv_core::ReadRecordResult;
use serde::{Deserialize, Serialize};

/// Longest record held, in bytes.
pub const RECORD_LIMIT: usize = 4 * 1024 * 1024;
/// Most fields of a record.
const FIELD_LIMIT: usize = 10_000;

/// Which columns of a table mean what, by their names in the header.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ColumnMapping {
    /// Point in time of the request or row: Unix time in any unit, RFC 3339 or seconds from the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// How long one request took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<String>,
    /// Unit of the duration; absent: by the column's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<TimeUnit>,
    /// Endpoint, path, URL or label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// HTTP method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// HTTP status, or `true`/`false`, `OK`/`KO`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Users at work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub users: Option<String>,
    /// Requests per second, in a table of levels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<String>,
}

/// One record.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    data: &'a [u8],
    ends: &'a [usize],
    decimal_comma: bool,
    /// Line on which the record starts, from 1.
    pub line: u64,
}

impl<'a> Row<'a> {
    /// Number of fields.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no field at all.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The bytes of a field; empty when there is none.
    pub fn get(&self, index: usize) -> &'a [u8] {
        let Some(&end) = self.ends.get(index) else { return b"" };
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.data[start..end]
    }

    /// The text of a field, as far as it is UTF-8.
    pub fn text(&self, index: usize) -> &'a str {
        text::valid_prefix(self.get(index))
    }

    /// The number in a field; in tables with semicolons the comma may be the decimal sign.
    pub fn number(&self, index: usize) -> Option<f64> {
        let field = self.get(index).trim_ascii();
        if let Some(whole) = whole_number(field) {
            return Some(whole);
        }
        let text = std::str::from_utf8(field).ok()?;
        text::number(text).or_else(|| self.decimal_comma.then(|| text::number(&text.replace(',', ".")))?)
    }

    /// The count in a field.
    pub fn count(&self, index: usize) -> Option<u64> {
        self.number(index).and_then(text::count)
    }
}

/// The value of a short run of digits, which is what most fields hold.
fn whole_number(field: &[u8]) -> Option<f64> {
    if field.is_empty() || field.len() > 15 {
        return None;
    }
    let sum =
        field.iter().try_fold(0_u64, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u64::from(byte - b'0')))?;
    Some(sum as f64)
}

/// The columns of a table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Columns {
    /// Names as written.
    pub names: Vec<String>,
}

impl Columns {
    /// The place of the first of these names that is there, whatever its case.
    pub fn find(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.names.iter().position(|column| column.trim().eq_ignore_ascii_case(name)))
    }

    /// The place of that column.
    ///
    /// # Errors
    /// It is not there.
    pub fn require(&self, name: &str) -> Result<usize, Refusal> {
        self.find(&[name]).ok_or_else(|| {
            Refusal::new(format!("a column `{name}`"), format!("the columns {}", self.names.join(", "))).at_line(1)
        })
    }
}

/// Takes the rows of a table.
pub trait RowSink {
    /// The header, once, before any row. Tables without header give the columns found by counting, named `1`, `2`, ….
    ///
    /// # Errors
    /// A needed column is missing.
    fn header(&mut self, columns: &Columns) -> Result<(), Refusal>;

    /// One row.
    ///
    /// # Errors
    /// The file cannot be read further.
    fn row(&mut self, row: &Row<'_>) -> Result<(), Refusal>;

    /// The measurements of all rows.
    ///
    /// # Errors
    /// Nothing usable came.
    fn finish(self: Box<Self>, end: RowsEnd) -> Result<Measurements, Refusal>;
}

/// What happened to the rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RowsEnd {
    /// Rows given to the sink.
    pub rows: u64,
    /// The last row was cut and not given.
    pub cut_row: bool,
    /// Rows passed over because they repeat the header.
    pub repeated_headers: u64,
    /// How the file ended.
    pub ending: Ending,
}

/// Reads a table row by row.
pub struct Table {
    sink: Box<dyn RowSink>,
    has_header: bool,
    start: Vec<u8>,
    parser: Option<Parser>,
    columns: Columns,
    last_byte: u8,
    end: RowsEnd,
}

struct Parser {
    core: csv_core::Reader,
    delimiter: u8,
    data: Vec<u8>,
    ends: Vec<usize>,
    data_length: usize,
    ends_length: usize,
    line: u64,
}

impl Table {
    /// A table with a header line.
    pub fn new(sink: Box<dyn RowSink>) -> Self {
        Self {
            sink,
            has_header: true,
            start: Vec::new(),
            parser: None,
            columns: Columns::default(),
            last_byte: b'\n',
            end: RowsEnd::default(),
        }
    }

    /// A table whose first line is already data.
    pub fn without_header(sink: Box<dyn RowSink>) -> Self {
        Self { has_header: false, ..Self::new(sink) }
    }

    fn begin(&mut self) -> Result<(), Refusal> {
        let start = std::mem::take(&mut self.start);
        let skipped = preamble(&start);
        let first = text::valid_prefix(&start[skipped..]).lines().next().unwrap_or("");
        let (names, delimiter) = header_of(first);
        if !self.has_header {
            self.columns.names = (1..=names.len()).map(|index| index.to_string()).collect();
            self.sink.header(&self.columns)?;
        }
        let line = 1 + memchr::memchr_iter(b'\n', &start[..skipped]).count() as u64;
        self.parser = Some(Parser::new(delimiter, line));
        self.records(&start[skipped..])
    }

    fn records(&mut self, mut bytes: &[u8]) -> Result<(), Refusal> {
        while !bytes.is_empty() {
            let Some(parser) = &mut self.parser else { return Ok(()) };
            let (used, complete) = parser.feed(bytes)?;
            bytes = &bytes[used..];
            if complete {
                self.record()?;
            }
        }
        Ok(())
    }

    /// Hands the complete record to the sink.
    fn record(&mut self) -> Result<(), Refusal> {
        let Some(parser) = &mut self.parser else { return Ok(()) };
        let row = Row {
            data: &parser.data[..parser.data_length],
            ends: &parser.ends[..parser.ends_length],
            decimal_comma: parser.delimiter == b';',
            line: parser.line,
        };
        if self.has_header && self.columns.names.is_empty() {
            self.columns.names = (0..row.len()).map(|index| row.text(index).to_owned()).collect();
            self.sink.header(&self.columns)?;
        } else if self.has_header && row.len() > 1 && repeats(&row, &self.columns) {
            self.end.repeated_headers += 1;
        } else if !(row.len() == 1 && row.get(0).is_empty()) {
            self.end.rows += 1;
            self.sink.row(&row)?;
        }
        parser.restart();
        Ok(())
    }
}

/// Whether a row is the header once more, as happens in appended files.
fn repeats(row: &Row<'_>, columns: &Columns) -> bool {
    row.get(0) == columns.names[0].as_bytes()
        && row.len() == columns.names.len()
        && columns.names.iter().enumerate().all(|(index, name)| row.get(index) == name.as_bytes())
}

impl Reader for Table {
    fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        if let Some(last) = bytes.last() {
            self.last_byte = *last;
        }
        if self.parser.is_some() {
            return self.records(bytes);
        }
        self.start.extend_from_slice(bytes);
        let complete = memchr::memchr(b'\n', &self.start[preamble(&self.start)..]).is_some();
        if complete || self.start.len() > RECORD_LIMIT { self.begin() } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>, ending: Ending) -> Result<Measurements, Refusal> {
        self.end.ending = ending;
        if self.parser.is_none() {
            self.begin()?;
        }
        if let Some(parser) = &mut self.parser
            && parser.close()
        {
            // A last row without line break and with fewer fields than the header was cut in the middle.
            let open = self.last_byte != b'\n' && self.last_byte != b'\r';
            if open && parser.ends_length < self.columns.names.len() && !self.columns.names.is_empty() {
                self.end.cut_row = true;
            } else {
                self.record()?;
            }
        }
        self.sink.finish(self.end)
    }
}

impl Parser {
    fn new(delimiter: u8, line: u64) -> Self {
        let core = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
        Self { core, delimiter, data: vec![0; 4096], ends: vec![0; 64], data_length: 0, ends_length: 0, line }
    }

    /// Takes bytes up to the end of a record: how many were used and whether the record is complete.
    fn feed(&mut self, bytes: &[u8]) -> Result<(usize, bool), Refusal> {
        let mut used = 0;
        loop {
            let (result, read, written, fields) = self.core.read_record(
                &bytes[used..],
                &mut self.data[self.data_length..],
                &mut self.ends[self.ends_length..],
            );
            used += read;
            self.data_length += written;
            self.ends_length += fields;
            match result {
                ReadRecordResult::InputEmpty => return Ok((used, false)),
                ReadRecordResult::Record => return Ok((used, true)),
                ReadRecordResult::End => return Ok((used, false)),
                ReadRecordResult::OutputFull if self.data.len() < RECORD_LIMIT => {
                    self.data.resize(self.data.len() * 2, 0)
                }
                ReadRecordResult::OutputEndsFull if self.ends.len() < FIELD_LIMIT => {
                    self.ends.resize(self.ends.len() * 2, 0)
                }
                _ => return Err(self.too_long()),
            }
        }
    }

    /// Ends the table; whether a last record without line break is complete.
    fn close(&mut self) -> bool {
        let (result, _, written, fields) =
            self.core.read_record(&[], &mut self.data[self.data_length..], &mut self.ends[self.ends_length..]);
        self.data_length += written;
        self.ends_length += fields;
        matches!(result, ReadRecordResult::Record)
    }

    fn restart(&mut self) {
        (self.data_length, self.ends_length) = (0, 0);
        self.line = self.core.line();
    }

    fn too_long(&self) -> Refusal {
        let found = format!("a record that does not end, starting with {}", excerpt(&self.data));
        Refusal::new("rows with closed quotes", found)
            .at_line(self.line)
            .remedy("close the quote, or export the table again")
    }
}

/// Bytes before the header: empty lines and a spreadsheet's `sep=;`.
fn preamble(start: &[u8]) -> usize {
    let mut skipped = 0;
    loop {
        let rest = &start[skipped..];
        let Some(end) = memchr::memchr(b'\n', rest) else { return skipped };
        let line = rest[..end].trim_ascii();
        let separator = line.len() <= 6 && line.to_ascii_lowercase().starts_with(b"sep=");
        if !(line.is_empty() || separator) {
            return skipped;
        }
        skipped += end + 1;
    }
}

/// The columns of a header line and its delimiter: the candidate that stands outside quotes most often.
pub fn header_of(line: &str) -> (Vec<String>, u8) {
    let count = |delimiter: u8| {
        let mut quoted = false;
        line.bytes()
            .filter(|byte| {
                quoted ^= *byte == b'"';
                !quoted && *byte == delimiter
            })
            .count()
    };
    let candidates = [b',', b';', b'\t', b'|'];
    let delimiter = candidates.into_iter().rev().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',');
    let mut parser = Parser::new(delimiter, 1);
    // A header of unbounded length gives the columns that fit.
    let complete = parser.feed(line.as_bytes()).is_ok_and(|(_, complete)| complete);
    if !complete {
        parser.close();
    }
    let row = Row { data: &parser.data, ends: &parser.ends[..parser.ends_length], decimal_comma: false, line: 1 };
    ((0..row.len()).map(|index| row.text(index).trim().to_owned()).collect(), delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{cell::RefCell, rc::Rc};

    #[derive(Clone, Default)]
    struct Copy(Rc<RefCell<Vec<Vec<String>>>>, Rc<RefCell<RowsEnd>>);

    impl RowSink for Copy {
        fn header(&mut self, columns: &Columns) -> Result<(), Refusal> {
            self.0.borrow_mut().push(columns.names.clone());
            Ok(())
        }
        fn row(&mut self, row: &Row<'_>) -> Result<(), Refusal> {
            self.0.borrow_mut().push((0..row.len()).map(|index| row.text(index).to_owned()).collect());
            Ok(())
        }
        fn finish(self: Box<Self>, end: RowsEnd) -> Result<Measurements, Refusal> {
            *self.1.borrow_mut() = end;
            Ok(Measurements::default())
        }
    }

    fn rows(text: &str, chunk: usize) -> (Vec<Vec<String>>, RowsEnd) {
        let copy = Copy::default();
        let mut table = Box::new(Table::new(Box::new(copy.clone())));
        text.as_bytes().chunks(chunk).for_each(|part| table.push(part).unwrap());
        table.finish(Ending::default()).unwrap();
        let end = copy.1.borrow().clone();
        (copy.0.take(), end)
    }

    #[test]
    fn quotes_delimiters_and_line_breaks_at_any_chunk_size() {
        for (text, expected) in [
            ("a,b\n1,2\n", "a|b/1|2"),
            ("a,b\r\n1,2", "a|b/1|2"),
            ("sep=;\na;b\n\"x;\"\"y\";\"two\nlines\"\n", "a|b/x;\"y|two\nlines"),
            ("\n\na\tb\n1\t2\na\tb\n3\t4\n", "a|b/1|2/3|4"),
            ("\"a,1\";b\n1;2\n", "a,1|b/1|2"),
            ("a,b\n1,2\n\n3", "a|b/1|2"),
        ] {
            for chunk in [1, 3, 1000] {
                let found: Vec<String> = rows(text, chunk).0.iter().map(|row| row.join("|")).collect();
                assert_eq!(found.join("/"), expected, "{text:?} in chunks of {chunk}");
            }
        }
        assert!(rows("a,b\n1,2\n3", 2).1.cut_row);
        assert_eq!(rows("a,b\n1,2\na,b\n3,4\n", 9).1.repeated_headers, 1);
    }

    #[test]
    fn numbers_with_decimal_commas() {
        let row = |text: &'static str, ends: &'static [usize]| Row {
            data: text.as_bytes(),
            ends,
            decimal_comma: true,
            line: 1,
        };
        assert_eq!(row("12,5", &[4]).number(0), Some(12.5));
        assert_eq!(row("17", &[2]).number(0), Some(17.0));
        assert_eq!(row("x", &[1]).number(0), None);
    }

    #[test]
    fn an_open_quote_is_refused_with_its_line() {
        let mut table = Table::new(Box::new(Copy::default()));
        table.push(b"a,b\n1,2\n3,\"").unwrap();
        let error = (0..200).find_map(|_| table.push(&[b'x'; 65536]).err()).unwrap();
        assert_eq!(error.line, Some(3));
    }
}
