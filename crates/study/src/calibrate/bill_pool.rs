//! Which files are one bill: exports come a month at a time, overlap, and say the same twice.

use super::report::{FitReport, Note};
use ingest::Measurements;
use ingest::measurements::CostLine;
use std::collections::{BTreeMap, BTreeSet};

/// Amounts of one line in two exports are the same within this share: rounding, blended and unblended rates.
const SAME: f64 = 0.02;

/// Files that are one bill.
pub(super) struct Pool {
    /// All lines, each once, under the names of all files.
    pub bill: Measurements,
    /// The import that the bill is recorded with: the first file's.
    pub id: String,
}

/// What a line is of: service, currency and category.
type What = (String, String, String);
/// The same with start and end.
type Key = (String, String, String, String, String);

/// The files with a bill, put together where they are parts of one: of one kind, and without two amounts for one thing. What two files
/// say alike counts once; what they say otherwise is another account's, and is named.
pub(super) fn pools(data: &[Measurements], ids: &[String], report: &mut FitReport) -> Vec<Pool> {
    let mut pools: Vec<Pool> = Vec::new();
    for (measurements, id) in data.iter().zip(ids).filter(|(measurements, _)| !measurements.costs.is_empty()) {
        let mut lines = measurements.costs.clone();
        for pool in &pools {
            without_copies(&mut lines, &pool.bill, &measurements.file, report);
        }
        if lines.is_empty() {
            continue;
        }
        let mut clash = None;
        let part_of = pools.iter_mut().find(|pool| {
            let twice = billed_twice(&lines, &pool.bill.costs);
            let parts = pool.bill.kind == measurements.kind && twice.is_none();
            clash = clash.take().or(twice.map(|service| (service, pool.bill.file.clone())));
            parts && lines.iter().chain(&pool.bill.costs).all(|line| line.period.is_some())
        });
        if let Some(pool) = part_of {
            pool.bill.file = format!("{} + {}", pool.bill.file, measurements.file);
            pool.bill.costs.extend(lines);
            continue;
        }
        if let Some((service, file)) = clash {
            let text = format!(
                "it bills {service} for a time that {file} bills too, with another amount: counted as two accounts and added up; leave one out if they are one"
            );
            report.contradictions.push(Note::new("bill", &measurements.file, text));
        }
        let bill = Measurements { costs: lines, ..bill_of(measurements) };
        pools.push(Pool { bill, id: id.clone() });
    }
    pools
}

/// What a bill needs of its file.
fn bill_of(measurements: &Measurements) -> Measurements {
    Measurements { kind: measurements.kind.clone(), file: measurements.file.clone(), ..Measurements::default() }
}

/// Takes out what a bill says with the same amounts, and says so.
fn without_copies(lines: &mut Vec<CostLine>, bill: &Measurements, file: &str, report: &mut FitReport) {
    let (known, mine) = (sums(&bill.costs), sums(lines));
    let is_copy = |line: &CostLine| {
        let key = key(line);
        let (Some(one), Some(other)) = (mine.get(&key), known.get(&key)) else { return false };
        (one - other).abs() <= SAME * one.abs().max(other.abs())
    };
    let before = lines.len();
    lines.retain(|line| !is_copy(line));
    let copies = before - lines.len();
    if copies > 0 {
        let text =
            format!("{copies} of its bill's {before} lines are in {} with the same amounts: counted once", bill.file);
        report.notes.push(Note::new("bill-twice", file, text));
    }
}

fn sums(lines: &[CostLine]) -> BTreeMap<Key, f64> {
    let mut sums = BTreeMap::new();
    for line in lines {
        *sums.entry(key(line)).or_insert(0.0) += line.amount;
    }
    sums
}

fn key(line: &CostLine) -> Key {
    let (start, end) = line.period.clone().unwrap_or_default();
    let (service, currency, category) = what(line);
    (service, currency, category, start, end)
}

/// Service, currency and category, where none is use.
fn what(line: &CostLine) -> What {
    let category = line.category.clone().filter(|category| !category.eq_ignore_ascii_case("usage"));
    (line.service.clone(), line.currency.clone().unwrap_or_default(), category.unwrap_or_default())
}

/// The times of each service; none where a line says no time.
fn spans(lines: &[CostLine]) -> BTreeMap<What, BTreeSet<Option<(String, String)>>> {
    let mut spans: BTreeMap<What, BTreeSet<Option<(String, String)>>> = BTreeMap::new();
    for line in lines {
        spans.entry(what(line)).or_default().insert(line.period.clone());
    }
    spans
}

/// A service that both bill for one time.
fn billed_twice(one: &[CostLine], other: &[CostLine]) -> Option<String> {
    let known = spans(other);
    let meet = |mine: &Option<(String, String)>, theirs: &Option<(String, String)>| match (mine, theirs) {
        // Dates and times of one notation compare as text.
        (Some((start, end)), Some((from, to))) => start < to && from < end,
        _ => true,
    };
    spans(one).into_iter().find_map(|(what, mine)| {
        let theirs = known.get(&what)?;
        mine.iter().any(|span| theirs.iter().any(|other| meet(span, other))).then_some(what.0)
    })
}
