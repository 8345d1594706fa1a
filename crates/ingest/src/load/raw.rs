//! Files with a row or line per request: what is the same for all of them.

use crate::measurements::{LoadModel, Measurements};
use crate::read::Reader;
use crate::read::lines::{LineSink, Lines, LinesEnd};
use crate::read::table::{Columns, Row, RowSink, RowsEnd, Table};
use crate::refusal::{Refusal, excerpt};
use crate::registry::Context;
use crate::sense::ends::several;
use crate::sense::recorder::Recorder;
use crate::sense::warn;
use std::collections::BTreeMap;

/// What rows and lines are collected in.
#[derive(Default)]
pub struct State {
    /// The requests.
    pub recorder: Recorder,
    /// Whatever else a format counts.
    pub tallies: BTreeMap<&'static str, f64>,
    skipped: u64,
    first_skipped: Option<(u64, String)>,
}

impl State {
    /// An empty one.
    pub fn new(context: &Context) -> Self {
        Self { recorder: Recorder::new(context.options.keep_names), ..Self::default() }
    }

    /// Adds to a tally.
    pub fn tally(&mut self, name: &'static str, value: f64) {
        *self.tallies.entry(name).or_default() += value;
    }

    fn skip(&mut self, place: u64, bytes: &[u8]) {
        self.skipped += 1;
        self.first_skipped.get_or_insert_with(|| (place, excerpt(bytes)));
    }

    fn finish(self, expected: &str, model: Option<LoadModel>) -> Result<(Measurements, Self), Refusal> {
        if self.recorder.requests() == 0 {
            let skipped = self.first_skipped.map(|(line, text)| format!("{text} in line {line}"));
            let found = skipped.or(self.recorder.impossible()).unwrap_or("none".to_owned());
            return Err(Refusal::new(expected, found).remedy("export a run with at least one request"));
        }
        let mut found = self.recorder.clone().finish();
        found.model = model;
        Ok((found, self))
    }
}

/// What a format does with its tallies at the end.
pub type Close = fn(&mut Measurements, &BTreeMap<&'static str, f64>);

/// A table with a row per request.
#[derive(Clone, Copy)]
pub struct Rows {
    /// Whether the first line names the columns.
    pub header: bool,
    /// Names of the columns used; with a header each is looked up, and those marked `true` must be there. Without a header the
    /// places are those of the list.
    pub columns: &'static [(&'static str, bool)],
    /// Open or closed, where the tool is always one of them.
    pub model: Option<LoadModel>,
    /// Whether a second header, or the first rows once more, may stand in a file: not where the clock of each run begins anew, or
    /// where a file is sorted by something else.
    pub joinable: bool,
    /// Reads a row; false when it is no request and no other known row. Places are those of `columns`.
    pub row: fn(&Row<'_>, &[Option<usize>], &mut State) -> bool,
    /// Last touches.
    pub close: Close,
}

/// A reader for such a table.
pub fn table(context: &Context, rows: Rows, prepare: fn(&mut Recorder)) -> Box<dyn Reader> {
    let mut state = State::new(context);
    prepare(&mut state.recorder);
    let sink = Box::new(RowReader { rows, places: Vec::new(), state, opening: Opening::default() });
    Box::new(if rows.header { Table::new(sink) } else { Table::without_header(sink) })
}

struct RowReader {
    rows: Rows,
    places: Vec<Option<usize>>,
    state: State,
    opening: Opening,
}

/// The first rows of a file, by which it is known when it begins again.
#[derive(Default)]
struct Opening {
    rows: Vec<Vec<u8>>,
    met: usize,
    again: usize,
}

/// Rows that are an opening.
const OPENING: usize = 4;

impl Opening {
    fn note(&mut self, row: &Row<'_>) {
        let fields = || (0..row.len()).map(|place| row.get(place));
        if self.rows.len() < OPENING {
            return self.rows.push(fields().collect::<Vec<_>>().join(&b'\n'));
        }
        let is = |known: &[u8]| known.split(|byte| *byte == b'\n').eq(fields());
        self.met = if is(&self.rows[self.met]) { self.met + 1 } else { usize::from(is(&self.rows[0])) };
        if self.met == OPENING {
            (self.met, self.again) = (0, self.again + 1);
        }
    }

    /// How often the file begins again; rows that are all alike tell nothing.
    fn again(&self) -> usize {
        if self.rows.windows(2).all(|pair| pair[0] == pair[1]) { 0 } else { self.again }
    }
}

impl RowSink for RowReader {
    fn header(&mut self, columns: &Columns) -> Result<(), Refusal> {
        for (index, (name, needed)) in self.rows.columns.iter().enumerate() {
            let place = match (self.rows.header, needed) {
                (false, _) => Some(index),
                (true, true) => Some(columns.require(name)?),
                (true, false) => columns.find(&[name]),
            };
            self.places.push(place);
        }
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> Result<(), Refusal> {
        self.state.recorder.at_line(row.line);
        // A second header is seen without it.
        if !self.rows.joinable && !self.rows.header {
            self.opening.note(row);
        }
        if !(self.rows.row)(row, &self.places, &mut self.state) {
            self.state.skip(row.line, row.get(0));
        }
        Ok(())
    }

    fn finish(self: Box<Self>, end: RowsEnd) -> Result<Measurements, Refusal> {
        let again = self.opening.again().max(end.repeated_headers as usize);
        if !self.rows.joinable && again > 0 {
            return Err(several(again + 1, "run"));
        }
        let (mut found, state) = self.state.finish("rows with requests", self.rows.model)?;
        (self.rows.close)(&mut found, &state.tallies);
        warn::skipped_rows(&mut found, state.skipped, state.first_skipped);
        warn::cut_rows(&mut found, &end);
        Ok(found)
    }
}

/// Reads a line; false when it is nothing known.
pub type ReadLine = Box<dyn FnMut(&[u8], &mut State) -> bool>;

/// A text with a line per request.
pub struct LineFormat {
    /// Open or closed, where the tool is always one of them.
    pub model: Option<LoadModel>,
    /// Reads a line; false when it is nothing known.
    pub line: ReadLine,
    /// Last touches.
    pub close: Close,
}

/// A reader for such a text.
pub fn lines(context: &Context, format: LineFormat) -> Box<dyn Reader> {
    Box::new(Lines::new(Box::new(LineReader { format, state: State::new(context) })))
}

struct LineReader {
    format: LineFormat,
    state: State,
}

impl LineSink for LineReader {
    fn line(&mut self, line: &[u8], number: u64) -> Result<(), Refusal> {
        self.state.recorder.at_line(number);
        if !line.trim_ascii().is_empty() && !(self.format.line)(line, &mut self.state) {
            self.state.skip(number, line);
        }
        Ok(())
    }

    fn finish(self: Box<Self>, end: LinesEnd) -> Result<Measurements, Refusal> {
        let (mut found, state) = self.state.finish("lines with requests", self.format.model)?;
        (self.format.close)(&mut found, &state.tallies);
        warn::skipped_lines(&mut found, state.skipped, state.first_skipped, &end);
        Ok(found)
    }
}
