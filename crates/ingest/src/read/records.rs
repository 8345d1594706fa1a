//! Bytes split into the records of a table. Lines that need no unescaping are split where they lie; the others (doubled quotes, line
//! breaks in quotes, records across chunks) go through csv-core.

use super::table::Row;
use crate::refusal::{Refusal, excerpt};
use csv_core::ReadRecordResult;

/// Longest record held, in bytes.
pub const RECORD_LIMIT: usize = 4 * 1024 * 1024;
/// Most fields of a record.
const FIELD_LIMIT: usize = 10_000;

/// Splits bytes into records.
pub struct Records {
    core: csv_core::Reader,
    /// Byte between fields.
    pub delimiter: u8,
    data: Vec<u8>,
    ends: Vec<usize>,
    data_length: usize,
    ends_length: usize,
    fields: Vec<(usize, usize)>,
    /// csv-core is in the middle of a record.
    inside: bool,
    /// csv-core ended a record at a carriage return; the line feed is still to come.
    after_return: bool,
    line: u64,
}

impl Records {
    /// Records with that delimiter; `line` is the number of the first line.
    pub fn new(delimiter: u8, line: u64) -> Self {
        let core = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
        Self {
            core,
            delimiter,
            data: vec![0; 4096],
            ends: vec![0; 64],
            data_length: 0,
            ends_length: 0,
            fields: Vec::new(),
            inside: false,
            after_return: false,
            line,
        }
    }

    /// The next record, if it is complete, and the number of bytes used.
    ///
    /// # Errors
    /// A record that is too long.
    pub fn next<'a>(&'a mut self, bytes: &'a [u8]) -> Result<(usize, Option<Row<'a>>), Refusal> {
        if !self.inside
            && let Some(end) = memchr::memchr(b'\n', bytes)
        {
            let line = bytes[..end].strip_suffix(b"\r").unwrap_or(&bytes[..end]);
            if line.is_empty() {
                self.line += u64::from(!std::mem::take(&mut self.after_return));
                return Ok((end + 1, None));
            }
            if split(line, self.delimiter, &mut self.fields) {
                let number = self.line;
                self.line += 1;
                self.after_return = false;
                return Ok((end + 1, Some(Row::new(line, &self.fields, self.delimiter, number))));
            }
        }
        self.slow(bytes)
    }

    /// Ends the table; the last record, if it has no line break.
    pub fn close(&mut self) -> Option<Row<'_>> {
        let (result, _, written, fields) =
            self.core.read_record(&[], &mut self.data[self.data_length..], &mut self.ends[self.ends_length..]);
        self.data_length += written;
        self.ends_length += fields;
        let complete = self.inside && matches!(result, ReadRecordResult::Record);
        complete.then(|| self.row(self.line))
    }

    fn slow<'a>(&'a mut self, bytes: &'a [u8]) -> Result<(usize, Option<Row<'a>>), Refusal> {
        if !std::mem::replace(&mut self.inside, true) {
            (self.data_length, self.ends_length) = (0, 0);
        }
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
                ReadRecordResult::InputEmpty | ReadRecordResult::End => return Ok((used, None)),
                ReadRecordResult::Record => break,
                ReadRecordResult::OutputFull if self.data.len() < RECORD_LIMIT => {
                    self.data.resize(self.data.len() * 2, 0)
                }
                ReadRecordResult::OutputEndsFull if self.ends.len() < FIELD_LIMIT => {
                    self.ends.resize(self.ends.len() * 2, 0)
                }
                _ => return Err(self.too_long()),
            }
        }
        let number = self.line;
        // Line breaks inside the record, and the one that ended it.
        let breaks = memchr::memchr_iter(b'\n', &self.data[..self.data_length]).count() as u64;
        self.line += 1 + breaks;
        self.inside = false;
        self.after_return = bytes[..used].last() == Some(&b'\r');
        Ok((used, Some(self.row(number))))
    }

    /// The record csv-core has finished.
    fn row(&mut self, number: u64) -> Row<'_> {
        self.fields.clear();
        let mut start = 0;
        for end in &self.ends[..self.ends_length] {
            self.fields.push((start, *end));
            start = *end;
        }
        Row::new(&self.data[..self.data_length], &self.fields, self.delimiter, number)
    }

    fn too_long(&self) -> Refusal {
        let found = format!("a record that does not end, starting with {}", excerpt(&self.data));
        Refusal::new("rows with closed quotes", found)
            .at_line(self.line)
            .remedy("close the quote, or export the table again")
    }
}

/// Finds the fields of a line; false when the line has anything but plain fields and fields quoted as a whole.
fn split(line: &[u8], delimiter: u8, fields: &mut Vec<(usize, usize)>) -> bool {
    fields.clear();
    let (mut start, mut open, mut closed) = (0, false, false);
    for place in memchr::memchr3_iter(delimiter, b'"', b'\r', line) {
        match line[place] {
            b'\r' => return false,
            b'"' if !open => {
                if place != start {
                    return false;
                }
                open = true;
            }
            b'"' => {
                if line.get(place + 1).is_some_and(|next| *next != delimiter) {
                    return false;
                }
                (open, closed) = (false, true);
            }
            _ if open => {}
            _ => {
                fields.push(if closed { (start + 1, place - 1) } else { (start, place) });
                (start, closed) = (place + 1, false);
            }
        }
    }
    fields.push(if closed { (start + 1, line.len() - 1) } else { (start, line.len()) });
    !open && fields.len() <= FIELD_LIMIT
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// All records of a text, by the fast way where it applies, in two chunks.
    fn mine(text: &[u8], cut: usize) -> Vec<Vec<Vec<u8>>> {
        let (mut records, mut found) = (Records::new(b',', 1), Vec::new());
        let copy = |row: &Row<'_>| (0..row.len()).map(|index| row.get(index).to_vec()).collect();
        for mut part in [&text[..cut], &text[cut..]] {
            while !part.is_empty() {
                let (used, row) = records.next(part).unwrap();
                found.extend(row.as_ref().map(copy));
                part = &part[used..];
            }
        }
        found.extend(records.close().as_ref().map(copy));
        found
    }

    /// All records by csv-core alone.
    fn reference(text: &[u8]) -> Vec<Vec<Vec<u8>>> {
        let (mut core, mut found, mut place) = (csv_core::Reader::new(), Vec::new(), 0);
        loop {
            let (mut data, mut ends) = (vec![0; 1000], vec![0; 1000]);
            let (mut length, mut count) = (0, 0);
            let result = loop {
                let (result, read, written, fields) =
                    core.read_record(&text[place..], &mut data[length..], &mut ends[count..]);
                (place, length, count) = (place + read, length + written, count + fields);
                if result != ReadRecordResult::InputEmpty {
                    break result;
                }
            };
            if result != ReadRecordResult::Record {
                return found;
            }
            let starts = std::iter::once(0).chain(ends[..count].iter().copied());
            found.push(starts.zip(&ends[..count]).map(|(start, end)| data[start..*end].to_vec()).collect());
        }
    }

    proptest! {
        #[test]
        fn the_fast_way_gives_what_csv_core_gives(
            bytes in proptest::collection::vec(proptest::sample::select(b"ab,\"\n\r".to_vec()), 0..=40),
            cut in 0.0_f64..1.0,
        ) {
            let bytes = bytes.as_slice();
            let cut = (bytes.len() as f64 * cut) as usize;
            prop_assert_eq!(mine(bytes, cut), reference(bytes));
        }
    }
}
