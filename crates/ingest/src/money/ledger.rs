//! Charges summed per service, category, currency and month, in memory bounded by [`MOST_GROUPS`].

use super::MONTH_HOURS;
use super::dates::{DAY_S, month_of, month_span, written};
use crate::measurements::{CostLine, Measurements, Warning};
use std::collections::BTreeMap;

/// Most sums kept; charges of further services are summed together.
pub const MOST_GROUPS: usize = 4096;
/// Most environments and categories told apart in warnings.
const MOST_NAMES: usize = 32;
/// Longest name kept, in bytes.
const LONGEST_NAME: usize = 200;
/// Charges over more hours than this (fees, taxes, monthly rows) do not tell which days the file covers.
const LONG_S: f64 = 2.0 * DAY_S;
/// A charge over more time than this is not of its month: it is paid for a term.
const TERM_S: f64 = 45.0 * DAY_S;
/// Largest amount taken for one, in any currency.
const LARGEST: f64 = 1e15;
/// The tag that tells environments apart.
pub const ENVIRONMENT: &str = "environment";

/// A sum that loses nothing to rounding over millions of small amounts (Neumaier 1974).
#[derive(Debug, Clone, Copy, Default)]
pub struct Sum {
    sum: f64,
    carry: f64,
}

impl Sum {
    /// Adds an amount.
    pub fn add(&mut self, value: f64) {
        let sum = self.sum + value;
        self.carry += if self.sum.abs() >= value.abs() { (self.sum - sum) + value } else { (value - sum) + self.sum };
        self.sum = sum;
    }

    /// The sum.
    pub fn value(&self) -> f64 {
        self.sum + self.carry
    }
}

/// One line of a bill.
#[derive(Debug, Clone, Copy, Default)]
pub struct Charge<'a> {
    /// Service or meter.
    pub service: &'a [u8],
    /// Charge category; empty where the file has none.
    pub category: &'a [u8],
    /// Currency code; empty where the file has none.
    pub currency: &'a [u8],
    /// Tags to keep with the sum; empty values are left out.
    pub tags: &'a [(&'static str, &'a [u8])],
    /// Start and end in seconds since the epoch.
    pub when: Option<(f64, f64)>,
    /// The billing month, where it is not that of the start.
    pub month: Option<i64>,
    /// What is invoiced.
    pub billed: f64,
    /// What the use is worth with upfront payments spread over their term.
    pub effective: f64,
}

#[derive(Debug, Clone, Default)]
struct Group {
    month: Option<i64>,
    service: String,
    category: String,
    currency: String,
    tags: BTreeMap<String, String>,
    billed: Sum,
    /// Run-rate cost of charges that count for the time the file covers.
    effective: Sum,
    /// Run rate a month of charges with a time of their own.
    monthly: Sum,
    /// Days of that time, where it is a term: such charges stay apart from others.
    term_days: Option<u32>,
}

/// Which time of a month the charges cover.
#[derive(Debug, Clone, Copy, Default)]
struct Coverage {
    short: Part,
    long: Part,
    /// A bit for each day on which a short charge begins.
    days: u32,
}

/// Charges of one kind, and the time from the first to the last.
#[derive(Debug, Clone, Copy, Default)]
struct Part {
    charges: u64,
    span: Option<(f64, f64)>,
}

impl Part {
    fn add(&mut self, (from, to): (f64, f64)) {
        self.charges += 1;
        self.span = Some(self.span.map_or((from, to), |known| (known.0.min(from), known.1.max(to))));
    }
}

impl Coverage {
    /// Short charges tell where they are most of them, day by day: fees of the month beside daily rows do not make days a month, nor
    /// do a domain and a tax of one day beside monthly rows make their month a few days.
    fn span(self) -> Option<(f64, f64)> {
        let (Some(long), Some(short)) = (self.long.span, self.short.span) else {
            return self.long.span.or(self.short.span);
        };
        let daily = 2.0 * f64::from(self.days.count_ones()) * DAY_S >= short.1 - short.0;
        if daily && self.short.charges > self.long.charges {
            return Some(short);
        }
        Some((long.0.min(short.0), long.1.max(short.1)))
    }
}

/// The charges of one file.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    groups: BTreeMap<Vec<u8>, Group>,
    months: BTreeMap<i64, Coverage>,
    environments: BTreeMap<String, Sum>,
    negative: BTreeMap<String, Sum>,
    negative_rows: u64,
    key: Vec<u8>,
    rows: u64,
    undated: u64,
    beyond: u64,
    billed: Sum,
    effective: Sum,
}

impl Ledger {
    /// Takes one charge; false when its amount is none.
    pub fn add(&mut self, charge: &Charge<'_>) -> bool {
        if !(charge.billed.abs() < LARGEST && charge.effective.abs() < LARGEST) {
            return false;
        }
        self.rows += 1;
        self.billed.add(charge.billed);
        self.effective.add(charge.effective);
        let month = charge.month.or_else(|| charge.when.map(|(from, _)| month_of(from)));
        let long = charge.when.is_some_and(|(from, to)| to - from > LONG_S);
        match month {
            Some(month) => self.cover(month, charge.when, long),
            None => self.undated += 1,
        }
        if charge.billed < 0.0 {
            self.negative_rows += 1;
            named(&mut self.negative, if charge.category.is_empty() { b"without category" } else { charge.category })
                .add(charge.billed);
        }
        if let Some((_, name)) = charge.tags.iter().find(|(key, value)| *key == ENVIRONMENT && !value.is_empty()) {
            named(&mut self.environments, name).add(charge.billed);
        }
        let own_hours =
            charge.when.filter(|_| long && charge.category != b"Tax").map(|(from, to)| (to - from) / 3600.0);
        let term_days = own_hours.filter(|hours| hours * 3600.0 > TERM_S).map(|hours| (hours / 24.0).round() as u32);
        if let Some(group) = self.group(charge, month, term_days) {
            group.billed.add(charge.billed);
            match own_hours {
                Some(hours) => group.monthly.add(charge.effective * MONTH_HOURS / hours),
                None => group.effective.add(charge.effective),
            }
        }
        true
    }

    /// Number of charges taken.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Number of months with charges.
    pub fn months(&self) -> usize {
        self.months.len()
    }

    fn cover(&mut self, month: i64, when: Option<(f64, f64)>, long: bool) {
        let (start, end) = month_span(month);
        let coverage = self.months.entry(month).or_default();
        let (from, to) = when.map_or((start, end), |(from, to)| (from.clamp(start, end), to.clamp(start, end)));
        if long || when.is_none() {
            coverage.long.add((from, to));
        } else {
            coverage.short.add((from, to));
            coverage.days |= 1_u32.checked_shl(((from - start) / DAY_S) as u32).unwrap_or(0);
        }
    }

    fn group(&mut self, charge: &Charge<'_>, month: Option<i64>, term_days: Option<u32>) -> Option<&mut Group> {
        let mut key = std::mem::take(&mut self.key);
        key.clear();
        key.extend_from_slice(&month.map_or(0, |month| month as u32).to_be_bytes());
        key.extend_from_slice(&term_days.unwrap_or(0).to_be_bytes());
        for part in [charge.service, charge.category, charge.currency] {
            key.extend_from_slice(&part[..part.len().min(LONGEST_NAME)]);
            key.push(0);
        }
        for (name, value) in charge.tags {
            key.extend_from_slice(name.as_bytes());
            key.push(0);
            key.extend_from_slice(&value[..value.len().min(LONGEST_NAME)]);
            key.push(0);
        }
        let known = self.groups.contains_key(key.as_slice());
        let full = !known && self.groups.len() >= MOST_GROUPS;
        if full {
            self.beyond += 1;
            // The currency stays apart: amounts of different ones cannot be added.
            key.clear();
            key.extend_from_slice(b"\xff");
            key.extend_from_slice(&charge.currency[..charge.currency.len().min(8)]);
        }
        if !known && !self.groups.contains_key(key.as_slice()) {
            let rest = Charge { service: b"(further services)", currency: charge.currency, ..Charge::default() };
            let group = if full { Group::new(&rest, None) } else { Group { term_days, ..Group::new(charge, month) } };
            self.groups.insert(key.clone(), group);
        }
        self.key = key;
        self.groups.get_mut(self.key.as_slice())
    }

    /// Writes the sums and what to know about them.
    pub fn finish(self, found: &mut Measurements) {
        let spans: BTreeMap<i64, Span> =
            self.months.iter().map(|(month, known)| (*month, Span::of(*month, *known))).collect();
        found.costs = self.groups.values().map(|group| group.line(&spans)).collect();
        found.costs.sort_by(|one, two| {
            (&one.period, &one.service, &one.category, &one.tags).cmp(&(
                &two.period,
                &two.service,
                &two.category,
                &two.tags,
            ))
        });
        found.warnings.extend(partial(&spans));
        found.warnings.extend(currencies(&found.costs));
        let dated = (self.undated > 0).then(|| {
            let text =
                "These rows have no date that can be read: their amounts are in the sums, but not scaled to a month.";
            Warning::new("dates-missing", text).with("rows", self.undated)
        });
        let text = "Credits, refunds and discounts are in the sums as negative lines, by category.";
        let negative = (self.negative_rows > 0).then(|| sums(Warning::new("negative-lines", text), &self.negative));
        let text = "`amount` is what is invoiced; `monthly` is the run rate, with upfront payments and commitments spread over the \
                    use they cover. Never add the two.";
        let (billed, effective) = (self.billed.value(), self.effective.value());
        let spread = ((billed - effective).abs() > 0.005)
            .then(|| Warning::new("billed-and-effective", text).with("billed", billed).with("effective", effective));
        let text =
            "The bill covers several environments: sums per service mix them. Lines carry the environment as a tag.";
        let mixed =
            (self.environments.len() > 1).then(|| sums(Warning::new("mixed-environments", text), &self.environments));
        let text =
            "More services than can be told apart: the rest is summed under `(further services)`. Export fewer groups.";
        let capped = (self.beyond > 0)
            .then(|| Warning::new("services-capped", text).with("rows", self.beyond).with("kept", MOST_GROUPS));
        let negative = negative.map(|warning| warning.with("rows", self.negative_rows));
        found.warnings.extend([dated, negative, spread, mixed, capped].into_iter().flatten());
    }
}

/// The sum of that name; names beyond [`MOST_NAMES`] share one.
fn named<'a>(sums: &'a mut BTreeMap<String, Sum>, name: &[u8]) -> &'a mut Sum {
    let name = text(name);
    let key = if sums.contains_key(&name) || sums.len() < MOST_NAMES { name } else { "others".to_owned() };
    sums.entry(key).or_default()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST_NAME)]).trim().to_owned()
}

fn sums(warning: Warning, sums: &BTreeMap<String, Sum>) -> Warning {
    sums.iter().fold(warning, |warning, (name, sum)| warning.with(name, cents(sum.value())))
}

/// Six decimals for evidence.
fn cents(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

impl Group {
    fn new(charge: &Charge<'_>, month: Option<i64>) -> Self {
        let tags = charge.tags.iter().filter(|(_, value)| !value.is_empty());
        Self {
            month,
            service: text(charge.service),
            category: text(charge.category),
            currency: text(charge.currency),
            tags: tags.map(|(key, value)| ((*key).to_owned(), text(value))).collect(),
            ..Self::default()
        }
    }

    fn line(&self, spans: &BTreeMap<i64, Span>) -> CostLine {
        let span = self.month.and_then(|month| spans.get(&month));
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        CostLine {
            service: some(&self.service).unwrap_or_else(|| "(no service)".to_owned()),
            amount: self.billed.value(),
            currency: some(&self.currency),
            period: span.map(|span| (written(span.from), written(span.to + DAY_S - 1.0))),
            monthly: span.map(|span| self.effective.value() * MONTH_HOURS / span.hours() + self.monthly.value()),
            term_days: self.term_days.map(f64::from),
            category: some(&self.category),
            tags: self.tags.clone(),
        }
    }
}

/// The time of a month that a file covers.
struct Span {
    from: f64,
    to: f64,
    month: (f64, f64),
}

impl Span {
    /// Less than a day missing at either end counts as the whole month: small accounts have no use in every hour.
    fn of(month: i64, known: Coverage) -> Self {
        let (start, end) = month_span(month);
        let (from, to) = known.span().unwrap_or((start, end));
        let whole = from - start < DAY_S && end - to < DAY_S;
        let (from, to) = if whole { (start, end) } else { (from, to) };
        Self { from, to, month: (start, end) }
    }

    fn hours(&self) -> f64 {
        ((self.to - self.from) / 3600.0).max(1.0)
    }

    fn is_whole(&self) -> bool {
        (self.from, self.to) == self.month
    }
}

/// Months of which only a part is in the file.
fn partial(spans: &BTreeMap<i64, Span>) -> Option<Warning> {
    let parts: Vec<&Span> = spans.values().filter(|span| !span.is_whole()).collect();
    if parts.is_empty() {
        return None;
    }
    let periods: Vec<String> = parts
        .iter()
        .take(24)
        .map(|span| {
            let month = (span.month.1 - span.month.0) / 3600.0;
            format!(
                "{} to {}: {:.0} of {month:.0} hours",
                written(span.from),
                written(span.to + DAY_S - 1.0),
                span.hours()
            )
        })
        .collect();
    let text = "Only a part of these months is in the bill: amounts are of that part, the monthly figures are scaled up from it.";
    Some(Warning::new("partial-month", text).with("periods", periods))
}

/// Amounts of different currencies are never added.
fn currencies(costs: &[CostLine]) -> Option<Warning> {
    let mut by_code: BTreeMap<String, Sum> = BTreeMap::new();
    for line in costs {
        by_code.entry(line.currency.clone().unwrap_or_else(|| "none".to_owned())).or_default().add(line.amount);
    }
    let text = "The bill has several currencies; nothing is converted. Convert it, or import one currency at a time.";
    (by_code.len() > 1).then(|| sums(Warning::new("mixed-currencies", text), &by_code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64, hour: f64) -> f64 {
        crate::read::time::days_of(2026, 10, day) as f64 * DAY_S + hour * 3600.0
    }

    #[test]
    fn a_million_small_amounts_lose_nothing() {
        let mut sum = Sum::default();
        sum.add(1e9);
        (0..1_000_000).for_each(|_| sum.add(1e-7));
        assert!((sum.value() - 1e9 - 0.1).abs() < 1e-6);
    }

    #[test]
    fn the_covered_part_of_a_month_is_scaled_and_said() {
        for (days, whole) in [(30, false), (31, true)] {
            let mut ledger = Ledger::default();
            for day in 1..=days {
                let when = Some((at(day, 0.0), at(day, 24.0)));
                assert!(ledger.add(&Charge { service: b"db", billed: 2.4, effective: 2.4, when, ..Charge::default() }));
            }
            // A fee over the whole month is not scaled up with the days.
            let when = Some((at(1, 0.0), at(32, 0.0)));
            ledger.add(&Charge { service: b"fee", billed: 74.4, effective: 74.4, when, ..Charge::default() });
            let mut found = Measurements::default();
            ledger.finish(&mut found);
            assert!(
                (found.costs[0].monthly.unwrap() - 73.0).abs() < 1e-9
                    && (found.costs[1].monthly.unwrap() - 73.0).abs() < 1e-9
            );
            assert_eq!(found.warnings.iter().any(|warning| warning.code == "partial-month"), !whole, "{days} days");
            let end = if whole { "2026-11-01" } else { "2026-10-31" };
            assert_eq!(found.costs[0].period, Some(("2026-10-01".to_owned(), end.to_owned())));
        }
    }

    /// What it is, first and last days of charges, and the days covered.
    type Row = (&'static str, Vec<(i64, i64)>, (i64, i64));

    #[test]
    fn most_charges_tell_which_days_are_covered() {
        let (month, day, weeks) = ((1, 32), |day: i64| (day, day + 1), |week: i64| (1 + 7 * week, 8 + 7 * week));
        let days = |from: i64, to: i64| (from..=to).map(day).collect::<Vec<_>>();
        // Charges by their first day and the day after the last, and the days of October that they cover.
        let rows: Vec<Row> = vec![
            ("a domain beside monthly rows", vec![month, day(12)], month),
            ("as many short ones", vec![month, month, day(12), day(13)], month),
            ("more of them, here and there", vec![month, day(3), day(12), day(29)], month),
            ("fees beside the days of half a month", [vec![month, month], days(1, 15)].concat(), (1, 16)),
            ("days alone", days(5, 8), (5, 9)),
            ("one day alone", vec![day(12)], day(12)),
            ("weeks and a day after them", vec![weeks(0), weeks(1), day(17)], (1, 18)),
            ("a year from the middle on", [vec![(10, 375)], days(1, 31)].concat(), month),
        ];
        for (name, charges, (from, to)) in rows {
            let mut ledger = Ledger::default();
            for (first, end) in charges {
                let when = Some((at(first, 0.0), at(end, 0.0)));
                let service: &[u8] = if end - first > 31 { b"reserved" } else { b"used" };
                ledger.add(&Charge { service, billed: 1200.0, effective: 1200.0, when, ..Charge::default() });
            }
            let mut found = Measurements::default();
            ledger.finish(&mut found);
            let period = Some((written(at(from, 0.0)), written(at(to, 0.0))));
            for line in &found.costs {
                assert_eq!(line.period, period, "{name}: {}", line.service);
                assert_eq!(line.term_days, (line.service == "reserved").then_some(365.0), "{name}");
            }
            if let Some(reserved) = found.costs.iter().find(|line| line.service == "reserved") {
                assert!((reserved.monthly.unwrap() - 100.0).abs() < 1e-9, "{name}: {reserved:?}");
            }
        }
    }

    #[test]
    fn groups_are_bounded() {
        let mut ledger = Ledger::default();
        for index in 0..3 * MOST_GROUPS {
            let name = index.to_string();
            ledger.add(&Charge {
                service: name.as_bytes(),
                currency: b"USD",
                billed: 0.01,
                effective: 0.01,
                ..Charge::default()
            });
        }
        assert!(!ledger.add(&Charge { billed: f64::NAN, ..Charge::default() }));
        let mut found = Measurements::default();
        ledger.finish(&mut found);
        let total: f64 = found.costs.iter().map(|line| line.amount).sum();
        assert!(found.costs.len() <= MOST_GROUPS + 1 && (total - 122.88).abs() < 1e-6, "{total}");
        assert!(found.warnings.iter().any(|warning| warning.code == "services-capped"));
    }
}
