//! Tables: CSV with any delimiter, quotes, line breaks in quotes and decimal commas, row by row in bounded memory.

use super::records::{RECORD_LIMIT, Records};
use super::text::{self, TimeUnit};
use super::{Ending, Reader};
use crate::measurements::Measurements;
use crate::refusal::Refusal;
use serde::{Deserialize, Serialize};

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
    /// Start and end of each field in `data`.
    fields: &'a [(usize, usize)],
    decimal_comma: bool,
    /// Line on which the record starts, from 1.
    pub line: u64,
}

impl<'a> Row<'a> {
    /// A record whose fields lie at these places of `data`.
    pub(super) fn new(data: &'a [u8], fields: &'a [(usize, usize)], delimiter: u8, line: u64) -> Self {
        Self { data, fields, decimal_comma: delimiter == b';', line }
    }

    /// Number of fields.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there is no field at all.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Whether the comma may be the decimal sign: in tables with semicolons.
    pub fn decimal_comma(&self) -> bool {
        self.decimal_comma
    }

    /// The bytes of a field; empty when there is none.
    pub fn get(&self, index: usize) -> &'a [u8] {
        self.fields.get(index).map_or(b"", |(start, end)| &self.data[*start..*end])
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

    /// Columns of numbers that people may have written, known with the header: behind a [`super::notation::Notated`] each of them
    /// is read in one notation.
    fn numbers(&self) -> Vec<usize> {
        Vec::new()
    }

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
    start: Vec<u8>,
    /// Lines that stood before `start`.
    lines_before: u64,
    records: Option<Records>,
    last_byte: u8,
    rows: Rows,
}

struct Rows {
    sink: Box<dyn RowSink>,
    has_header: bool,
    columns: Columns,
    end: RowsEnd,
}

impl Table {
    /// A table with a header line.
    pub fn new(sink: Box<dyn RowSink>) -> Self {
        let rows = Rows { sink, has_header: true, columns: Columns::default(), end: RowsEnd::default() };
        Self { start: Vec::new(), lines_before: 0, records: None, last_byte: b'\n', rows }
    }

    /// A table whose first line is already data.
    pub fn without_header(sink: Box<dyn RowSink>) -> Self {
        let mut table = Self::new(sink);
        table.rows.has_header = false;
        table
    }

    fn begin(&mut self) -> Result<(), Refusal> {
        self.drop_preamble();
        let start = std::mem::take(&mut self.start);
        let end = memchr::memchr(b'\n', &start).unwrap_or(start.len());
        let first = text::valid_prefix(&start[..end]).lines().next().unwrap_or("");
        let (names, delimiter) = header_of(first);
        if !self.rows.has_header {
            self.rows.columns.names = (1..=names.len()).map(|index| index.to_string()).collect();
            self.rows.sink.header(&self.rows.columns)?;
        }
        self.records = Some(Records::new(delimiter, 1 + self.lines_before));
        self.read(&start)
    }

    fn drop_preamble(&mut self) {
        let skipped = preamble(&self.start);
        self.lines_before += memchr::memchr_iter(b'\n', &self.start[..skipped]).count() as u64;
        self.start.drain(..skipped);
    }

    fn read(&mut self, mut bytes: &[u8]) -> Result<(), Refusal> {
        let Self { records: Some(records), rows, .. } = self else { return Ok(()) };
        while !bytes.is_empty() {
            let (used, row) = records.next(bytes)?;
            if let Some(row) = row {
                rows.give(&row)?;
            }
            bytes = &bytes[used..];
        }
        Ok(())
    }
}

impl Rows {
    /// Hands a record to the sink, unless it is the header.
    fn give(&mut self, row: &Row<'_>) -> Result<(), Refusal> {
        if self.has_header && self.columns.names.is_empty() {
            self.columns.names = (0..row.len()).map(|index| row.text(index).to_owned()).collect();
            return self.sink.header(&self.columns);
        }
        if self.has_header && row.len() > 1 && repeats(row, &self.columns) {
            self.end.repeated_headers += 1;
            return Ok(());
        }
        if row.len() == 1 && row.get(0).is_empty() {
            return Ok(());
        }
        self.end.rows += 1;
        self.sink.row(row)
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
        if self.records.is_some() {
            return self.read(bytes);
        }
        self.start.extend_from_slice(bytes);
        // Without a line break in these bytes, no line has come to its end.
        let mut complete = memchr::memchr(b'\n', bytes).is_some();
        if complete {
            self.drop_preamble();
            complete = memchr::memchr(b'\n', &self.start).is_some();
        }
        if complete || self.start.len() > RECORD_LIMIT { self.begin() } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>, ending: Ending) -> Result<Measurements, Refusal> {
        if self.records.is_none() {
            self.begin()?;
        }
        let Self { records, last_byte, mut rows, .. } = *self;
        rows.end.ending = ending;
        let mut records = records;
        if let Some(row) = records.as_mut().and_then(Records::close) {
            // A last row without line break and with fewer fields than the header was cut in the middle.
            let open = last_byte != b'\n' && last_byte != b'\r';
            if open && row.len() < rows.columns.names.len() {
                rows.end.cut_row = true;
            } else {
                rows.give(&row)?;
            }
        }
        rows.sink.finish(rows.end)
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
    let mut records = Records::new(delimiter, 1);
    let names = |row: &Row<'_>| (0..row.len()).map(|index| row.text(index).trim().to_owned()).collect();
    // A header of unbounded length gives no columns.
    let whole = match records.next(line.as_bytes()) {
        Ok((_, Some(row))) => Some(names(&row)),
        Ok((_, None)) | Err(_) => None,
    };
    let columns = whole.or_else(|| records.close().as_ref().map(names)).unwrap_or_default();
    (columns, delimiter)
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
        let row = |text: &'static str, fields: &'static [(usize, usize)]| Row::new(text.as_bytes(), fields, b';', 1);
        assert_eq!(row("12,5", &[(0, 4)]).number(0), Some(12.5));
        assert_eq!(row("17", &[(0, 2)]).number(0), Some(17.0));
        assert_eq!(row("x", &[(0, 1)]).number(0), None);
    }

    #[test]
    fn an_open_quote_is_refused_with_its_line() {
        let mut table = Table::new(Box::new(Copy::default()));
        table.push(b"a,b\n1,2\n3,\"").unwrap();
        let error = (0..200).find_map(|_| table.push(&[b'x'; 65536]).err()).unwrap();
        assert_eq!(error.line, Some(3));
    }
}
