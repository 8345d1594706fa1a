//! JMeter results (JTL) as CSV: a row per sample, columns in any order, with or without header.
//!
//! Transaction controllers add rows of their own, and redirects and embedded resources rows named `name-0`, `name-1`: both repeat
//! time that other rows already hold and are left out.

use crate::measurements::{LoadModel, Measurements, Warning};
use crate::read::table::{Columns, Row, RowSink, RowsEnd, Table};
use crate::read::{Reader, time};
use crate::refusal::{Refusal, excerpt};
use crate::registry::{Context, Docs, Fit, Format, Head, Shape};
use crate::sense::recorder::{Recorder, Request};
use crate::sense::warn;

/// The format.
pub const FORMAT: Format = Format {
    kind: "jmeter-csv",
    title: "JMeter: results as CSV (JTL)",
    shape: Shape::Stream { fits, open },
    docs: Docs {
        versions: "2.13; header variants to 5.x",
        used: "everything: figures per label, levels, series, users by `allThreads`",
        traps: "transaction rows and sub-samples (`name-0`) are left out; `timeStamp` is the START; delimiter `,` `;` or tab; times may \
                be local without zone; header missing or repeated after appending; response codes may be text",
        evidence: "own run",
    },
};

/// The columns of a file without header, as JMeter 2.13 writes them by default; 5.x has more fields a row.
const SHORT: [&str; 12] = [
    "timeStamp",
    "elapsed",
    "label",
    "responseCode",
    "responseMessage",
    "threadName",
    "dataType",
    "success",
    "bytes",
    "grpThreads",
    "allThreads",
    "Latency",
];
/// As [`SHORT`], in the order of JMeter 5.
const LONG: [&str; 17] = [
    "timeStamp",
    "elapsed",
    "label",
    "responseCode",
    "responseMessage",
    "threadName",
    "dataType",
    "success",
    "failureMessage",
    "bytes",
    "sentBytes",
    "grpThreads",
    "allThreads",
    "URL",
    "Latency",
    "IdleTime",
    "Connect",
];

fn fits(head: &Head<'_>) -> Fit {
    if head.has_columns(&["timeStamp", "elapsed"]) {
        return Fit::from(head.has_columns(&["label"]) || head.has_columns(&["success"]));
    }
    Fit::from(headless(&head.columns().0))
}

/// Whether these fields are a sample: 13-digit time, whole milliseconds, `true` or `false` in the right place.
fn headless(fields: &[String]) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let flag = fields.get(7).is_some_and(|field| field == "true" || field == "false");
    flag && fields.len() >= 11 && fields[0].len() == 13 && digits(&fields[0]) && digits(&fields[1])
}

fn open(context: &Context) -> Box<dyn Reader> {
    Box::new(Opening { start: Vec::new(), context: context.clone(), table: None })
}

/// Looks at the first line to tell whether there is a header.
struct Opening {
    start: Vec<u8>,
    context: Context,
    table: Option<Box<Table>>,
}

impl Opening {
    fn begin(&mut self) -> Result<(), Refusal> {
        let start = std::mem::take(&mut self.start);
        let head = Head { bytes: &start, whole: false };
        let samples = Box::new(Samples::new(&self.context));
        let mut table =
            Box::new(if headless(&head.columns().0) { Table::without_header(samples) } else { Table::new(samples) });
        let pushed = table.push(&start);
        self.table = Some(table);
        pushed
    }
}

impl Reader for Opening {
    fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        if let Some(table) = &mut self.table {
            return table.push(bytes);
        }
        self.start.extend_from_slice(bytes);
        let ended = bytes.contains(&b'\n') && self.start.trim_ascii_start().contains(&b'\n');
        if ended { self.begin() } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>, ending: crate::read::Ending) -> Result<Measurements, Refusal> {
        if self.table.is_none() {
            self.begin()?;
        }
        match self.table {
            Some(table) => table.finish(ending),
            None => Err(Refusal::new("samples", "nothing")),
        }
    }
}

#[derive(Default)]
struct Places {
    time: usize,
    elapsed: usize,
    label: Option<usize>,
    code: Option<usize>,
    message: Option<usize>,
    kind: Option<usize>,
    success: Option<usize>,
    threads: Option<usize>,
}

struct Samples {
    place: Places,
    zone_s: f64,
    zone_known: bool,
    requests: Recorder,
    transactions: Recorder,
    local_time: Option<String>,
    /// Whether the day stands first in dates with slashes, once a date has told it.
    day_first: Option<bool>,
    /// Requests and transactions with the day first, while nothing has told the order.
    other: Option<Box<(Recorder, Recorder)>>,
    /// A date that can be told either way.
    either: Option<String>,
    skipped: u64,
    first_skipped: Option<(u64, String)>,
}

impl Samples {
    fn new(context: &Context) -> Self {
        let keep = context.options.keep_names;
        Self {
            place: Places::default(),
            zone_s: f64::from(context.options.zone_minutes.unwrap_or(0)) * 60.0,
            zone_known: context.options.zone_minutes.is_some(),
            requests: Recorder::new(keep),
            transactions: Recorder::new(keep),
            local_time: None,
            day_first: None,
            other: None,
            either: None,
            skipped: 0,
            first_skipped: None,
        }
    }

    /// The start, and the one with the day first while the order is not known.
    fn start_s(&mut self, row: &Row<'_>) -> Option<(f64, f64)> {
        if let Some(number) = row.number(self.place.time) {
            let at = time::from_unix(number);
            return Some((at, at));
        }
        let text = row.text(self.place.time);
        let ((first, zoned), (other, _)) = match time::parse(text) {
            Some(at) => (at, at),
            None => self.slashed(text)?,
        };
        if zoned {
            return Some((first, other));
        }
        self.local_time.get_or_insert_with(|| text.to_owned());
        Some((first - self.zone_s, other - self.zone_s))
    }

    /// A date with slashes, by the order of the file or by both.
    fn slashed(&mut self, text: &str) -> Option<(Time, Time)> {
        let (month_first, day_first) = slashed(text)?;
        match (month_first, day_first, self.day_first) {
            (Some(at), _, Some(false)) | (_, Some(at), Some(true)) => Some((at, at)),
            (Some(at), None, None) => {
                (self.day_first, self.other) = (Some(false), None);
                Some((at, at))
            }
            (None, Some(at), None) => {
                self.day_first = Some(true);
                if let Some(other) = self.other.take() {
                    (self.requests, self.transactions) = *other;
                }
                Some((at, at))
            }
            (Some(one), Some(two), None) => {
                if self.either.is_none() && one != two {
                    self.either = Some(text.to_owned());
                }
                if self.other.is_none() && self.requests.requests() + self.transactions.requests() == 0 {
                    self.other = Some(Box::new((self.requests.clone(), self.transactions.clone())));
                }
                Some((one, two))
            }
            _ => None,
        }
    }

    /// Where no date told the order of day and month, that of the shorter run is taken; where both are as long it is said.
    fn settle(&mut self) -> Option<Warning> {
        let other = self.other.take()?;
        let length = |requests: &Recorder, transactions: &Recorder| requests.length_s().max(transactions.length_s());
        let shorter = length(&self.requests, &self.transactions) - length(&other.0, &other.1);
        if shorter > 1.0 {
            (self.requests, self.transactions) = *other;
        }
        let example = self.either.take().filter(|_| shorter.abs() <= 1.0)?;
        let text = "Day and month of the times can be told either way; the month was taken first, as JMeter writes it.";
        Some(Warning::new("date-order-guessed", text).with("time", example))
    }
}

/// Seconds since the epoch, and whether a zone was written.
type Time = (f64, bool);

impl RowSink for Samples {
    fn header(&mut self, columns: &Columns) -> Result<(), Refusal> {
        let named: Columns = if columns.names[0] == "1" {
            let names: &[&str] = if columns.names.len() >= LONG.len() - 1 { &LONG } else { &SHORT };
            Columns { names: names.iter().map(|name| (*name).to_owned()).collect() }
        } else {
            columns.clone()
        };
        let find = |name: &str| named.find(&[name]);
        self.place = Places {
            time: named.require("timeStamp")?,
            elapsed: named.require("elapsed")?,
            label: find("label"),
            code: find("responseCode"),
            message: find("responseMessage"),
            kind: find("dataType"),
            success: find("success"),
            threads: find("allThreads"),
        };
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> Result<(), Refusal> {
        let start_s = self.start_s(row);
        let (Some((start_s, other_s)), Some(elapsed)) = (start_s, row.number(self.place.elapsed)) else {
            self.skipped += 1;
            self.first_skipped.get_or_insert_with(|| (row.line, excerpt(row.get(self.place.time))));
            return Ok(());
        };
        let field = |place: Option<usize>| place.map_or("", |index| row.text(index));
        let bytes = |place: Option<usize>| place.map_or(&b""[..], |index| row.get(index));
        // Nearly all samples are good: three digits that start with 2 or 3, and `true`.
        let good = bytes(self.place.success) == b"true" && matches!(bytes(self.place.code), [b'2' | b'3', _, _]);
        let request = Request {
            start_s: Some(start_s),
            method: "",
            name: field(self.place.label),
            latency_ms: elapsed,
            failure: if good { None } else { failure(field(self.place.success), field(self.place.code)) },
        };
        let message = self.place.message.map_or(&b""[..], |index| row.get(index));
        let no_type = self.place.kind.is_none_or(|index| row.get(index).is_empty());
        let transaction = no_type && message.starts_with(b"Number of samples in transaction");
        let users = self.place.threads.and_then(|index| row.number(index));
        let line = row.line;
        let add = |requests: &mut Recorder, transactions: &mut Recorder, start_s: f64| {
            requests.at_line(line);
            let request = Request { start_s: Some(start_s), ..request };
            if transaction {
                return transactions.request(&request);
            }
            requests.request(&request);
            if let Some(users) = users {
                requests.users(start_s, users);
            }
        };
        add(&mut self.requests, &mut self.transactions, start_s);
        if let Some(other) = &mut self.other {
            add(&mut other.0, &mut other.1, other_s);
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, end: RowsEnd) -> Result<Measurements, Refusal> {
        let guessed = self.settle();
        let Self { requests, transactions, local_time, zone_known, skipped, first_skipped, .. } = *self;
        if requests.requests() + transactions.requests() == 0 {
            let skipped = first_skipped.map(|(line, text)| format!("{text} in line {line}"));
            let found = skipped.or(requests.impossible()).unwrap_or("no sample".to_owned());
            return Err(Refusal::new("rows with a time and an elapsed time in milliseconds", found)
                .remedy("export the results with timeStamp, elapsed, label, success (jmeter.save.saveservice.*)"));
        }
        let mut found = finished(requests, transactions);
        found.warnings.extend(guessed);
        if let Some(example) = local_time.filter(|_| !zone_known) {
            warn::zone_guessed(&mut found, &example);
        }
        if end.repeated_headers > 0 {
            let text = "The header stands in the file more than once: several runs were appended. Rates cover all of them with the \
                        pauses between.";
            found.warnings.push(Warning::new("runs-appended", text).with("headers", end.repeated_headers + 1));
        }
        warn::skipped_rows(&mut found, skipped, first_skipped);
        warn::cut_rows(&mut found, &end);
        Ok(found)
    }
}

/// `11/21/26 10:00:00`, JMeter's first format of times: with the month first and with the day first.
fn slashed(text: &str) -> Option<(Option<Time>, Option<Time>)> {
    let (date, clock) = text.trim().split_once(' ')?;
    let mut parts = date.split('/').map(|part| part.parse::<u32>().ok());
    let (one, two, year) = (parts.next()??, parts.next()??, parts.next()??);
    let year = if year < 100 { 2000 + year } else { year };
    let at = |month: u32, day: u32| time::parse(&format!("{year:04}-{month:02}-{day:02} {clock}"));
    Some((at(one, two), at(two, one)))
}

/// The measurements without transactions and sub-samples; transactions alone where there is nothing else.
pub fn finished(mut requests: Recorder, transactions: Recorder) -> Measurements {
    if requests.requests() == 0 {
        let mut found = transactions.finish();
        found.model = Some(LoadModel::Closed);
        let text =
            "The file holds transactions only: the figures are of whole transactions, pauses inside them included.";
        found.warnings.push(Warning::new("transactions-only", text));
        return found;
    }
    let sub_samples = drop_sub_samples(&mut requests);
    let mut found = requests.finish();
    found.model = Some(LoadModel::Closed);
    if transactions.requests() > 0 {
        let text = "Rows of transaction controllers repeat the requests inside them and are left out.";
        let names: Vec<&str> = transactions.names().take(20).collect();
        let warning = Warning::new("transactions-dropped", text).with("rows", transactions.requests());
        found.warnings.push(warning.with("names", names));
    }
    if sub_samples > 0 {
        let text = "Rows named like another with `-0`, `-1`, … (redirects, embedded resources) repeat its time and are left out.";
        found.warnings.push(Warning::new("sub-samples-dropped", text).with("rows", sub_samples));
    }
    found
}

/// Leaves out labels that are another label and a number.
fn drop_sub_samples(requests: &mut Recorder) -> u64 {
    let names: std::collections::HashSet<String> = requests.names().map(str::to_owned).collect();
    let is_part = |name: &&String| {
        let mut parent = name.as_str();
        while let Some((rest, number)) = parent.rsplit_once('-').filter(|(_, number)| number.parse::<u32>().is_ok()) {
            parent = rest;
            if !number.is_empty() && names.contains(parent) {
                return true;
            }
        }
        false
    };
    let mut parts: Vec<&String> = names.iter().filter(is_part).collect();
    parts.sort();
    parts.into_iter().map(|name| requests.drop_endpoint(name)).sum()
}

/// Why a sample failed: a status from 400 on, an exception, or an assertion.
pub fn failure<'a>(success: &str, code: &'a str) -> Option<&'a str> {
    let status = code.trim().parse::<u32>().ok();
    if status.is_some_and(|status| status >= 400) {
        return Some(code);
    }
    match success {
        "false" if status.is_some() => Some("assertion"),
        "false" => Some(if code.is_empty() { "failed" } else { code }),
        _ => None,
    }
}
