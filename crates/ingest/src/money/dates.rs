//! Dates as bills write them, in any country's order.

use crate::read::time;

/// Seconds in a day.
pub const DAY_S: f64 = 86_400.0;

/// Which part of `02/03/2026` is the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// American: month, day.
    MonthFirst,
    /// Most of the world: day, month.
    DayFirst,
}

/// A point or stretch of time by the clock it is written in; seconds since the Unix epoch, as if that clock were UTC.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Date {
    /// A time of day, and whether it is midnight.
    Moment(f64, bool),
    /// A day, and what its text says about the order of day and month.
    Day(f64, Option<Order>),
    /// A day by either order: month first, day first.
    Either(f64, f64),
    /// A month, by its [`month_of`] number.
    Month(i64),
}

impl Date {
    /// Start and end by that order.
    pub fn span(self, order: Order) -> (f64, f64) {
        match (self, order) {
            (Self::Moment(at, _), _) => (at, at),
            (Self::Day(at, _), _)
            | (Self::Either(at, _), Order::MonthFirst)
            | (Self::Either(_, at), Order::DayFirst) => (at, at + DAY_S),
            (Self::Month(month), _) => month_span(month),
        }
    }
}

/// The month in which a time lies: twelve times the year plus the month from 0.
pub fn month_of(at_s: f64) -> i64 {
    let (year, month, _) = time::date_of((at_s / DAY_S).floor() as i64);
    year * 12 + month - 1
}

/// First second of a month and of the next one.
pub fn month_span(month: i64) -> (f64, f64) {
    let start = |month: i64| time::days_of(month.div_euclid(12), month.rem_euclid(12) + 1, 1) as f64 * DAY_S;
    (start(month), start(month + 1))
}

/// A date as `2026-10-01`.
pub fn written(at_s: f64) -> String {
    let (year, month, day) = time::date_of((at_s / DAY_S).floor() as i64);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Reads a date; nothing for what is none.
pub fn parse(text: &str) -> Option<Date> {
    let text = text.trim();
    if (text.len() == 10 || text.len() > 12)
        && let Some((at, _)) = time::parse(text)
    {
        let clock = text.get(11..).unwrap_or_default();
        let after = clock.strip_prefix("00:00");
        let midnight = after.is_some_and(|after| !after.starts_with(':') || after.starts_with(":00"));
        // Bills are of the days and months of the zone they are written in.
        let zone = clock.find(['+', '-', 'Z', 'z', 'U']);
        let own = zone.and_then(|place| time::parse(text[..11 + place].trim_end()));
        let at = own.map_or(at, |(own, _)| own);
        return Some(if text.len() == 10 { Date::Day(at, None) } else { Date::Moment(at, midnight) });
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return compact(text);
    }
    // A `T` parts date and clock, but in the name of a month.
    let words = text.chars().any(|letter| letter.is_alphabetic() && !matches!(letter, 'T' | 'Z'));
    let apart = |letter: char| matches!(letter, '/' | '.' | '-' | ' ' | ',') || (letter == 'T' && !words);
    let parts: Vec<&str> = text.split(apart).filter(|part| !matches!(*part, "" | "de")).take(3).collect();
    match parts.as_slice() {
        [first, second, third] => numbers(first, second, third).or_else(|| named(&parts)),
        [first, second] if first.len() == 4 && first.parse::<u16>().is_ok() => {
            month(first.parse().ok()?, second.parse().ok()?)
        }
        [_, _] => named(&parts),
        _ => None,
    }
}

/// Reads a date in a column of months: its month as written, in its own zone. Of two orders, the one that gives the first of a month.
pub fn parse_month(text: &str) -> Option<Date> {
    let first = |at: f64| month_span(month_of(at)).0 == at;
    Some(match parse(text)? {
        Date::Moment(at, _) | Date::Day(at, _) => Date::Month(month_of(at)),
        Date::Either(at, other) if first(at) != first(other) => {
            Date::Month(month_of(if first(at) { at } else { other }))
        }
        date => date,
    })
}

/// `20261001` and `202610`.
fn compact(digits: &str) -> Option<Date> {
    let part = |from: usize, to: usize| digits.get(from..to)?.parse::<i64>().ok();
    match digits.len() {
        6 => month(part(0, 4)?, part(4, 6)?),
        8 => day(part(0, 4)?, part(4, 6)?, part(6, 8)?).map(|at| Date::Day(at, None)),
        _ => None,
    }
}

fn month(year: i64, month: i64) -> Option<Date> {
    ((1970..2200).contains(&year) && (1..=12).contains(&month)).then_some(Date::Month(year * 12 + month - 1))
}

fn day(year: i64, month: i64, day: i64) -> Option<f64> {
    let plausible = (1970..2200).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    plausible.then(|| time::days_of(year, month, day) as f64 * DAY_S)
}

/// Three numbers, the year first or last.
fn numbers(first: &str, second: &str, third: &str) -> Option<Date> {
    let (one, two): (i64, i64) = (first.parse().ok()?, second.parse().ok()?);
    let three: i64 = third.parse().ok()?;
    if first.len() == 4 {
        return day(one, two, three).map(|at| Date::Day(at, None));
    }
    let year = if third.len() <= 2 { 2000 + three } else { three };
    match (day(year, one, two), day(year, two, one)) {
        (Some(at), Some(same)) if at == same => Some(Date::Day(at, None)),
        (Some(month_first), Some(day_first)) => Some(Date::Either(month_first, day_first)),
        (Some(at), None) => Some(Date::Day(at, Some(Order::MonthFirst))),
        (None, Some(at)) => Some(Date::Day(at, Some(Order::DayFirst))),
        (None, None) => None,
    }
}

/// The names of months in English, German, French, Spanish and Portuguese.
const MONTHS: [&str; 12] = [
    "january januar jänner janvier enero janeiro",
    "february februar février fevrier febrero fevereiro",
    "march märz maerz mars marzo março marco",
    "april avril abril",
    "may mai mayo maio",
    "june juni juin junio junho",
    "july juli juillet julio julho",
    "august août aout agosto",
    "september septembre septiembre setembro",
    "october oktober octobre octubre outubro",
    "november novembre noviembre novembro",
    "december dezember décembre decembre diciembre dezembro",
];

/// `Oct 1, 2026`, `1 October 2026`, `Oct 2026`.
fn named(parts: &[&str]) -> Option<Date> {
    let named = |part: &&str| {
        let part = part.to_lowercase();
        let short = |name: &str| name.starts_with(&part) || (name == "märz" && part == "mrz");
        MONTHS.iter().position(|names| part.chars().count() >= 3 && names.split(' ').any(short))
    };
    let number = parts.iter().find_map(named)? as i64 + 1;
    let rest: Vec<i64> = parts.iter().filter_map(|part| part.parse().ok()).collect();
    match *rest.as_slice() {
        [year] => month(if year < 100 { 2000 + year } else { year }, number),
        [one, two] if one > 31 => day(one, number, two).map(|at| Date::Day(at, None)),
        [one, two] => day(if two < 100 { 2000 + two } else { two }, number, one).map(|at| Date::Day(at, None)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_all_countries() {
        let at = |year, month, number| day(year, month, number).unwrap();
        for (text, expected) in [
            ("2026-10-01", Some(Date::Day(at(2026, 10, 1), None))),
            ("2026-10-01T06:00:00Z", Some(Date::Moment(at(2026, 10, 1) + 21_600.0, false))),
            ("2026-10-01 06:00:00 UTC", Some(Date::Moment(at(2026, 10, 1) + 21_600.0, false))),
            ("2026-10-01T00:00:00+02:00", Some(Date::Moment(at(2026, 10, 1), true))),
            ("2026-10-01 00:00:00 -0700", Some(Date::Moment(at(2026, 10, 1), true))),
            ("2026-10-01T06:00:00.5+02:00", Some(Date::Moment(at(2026, 10, 1) + 21_600.5, false))),
            ("2026-10-01T00:30:00Z", Some(Date::Moment(at(2026, 10, 1) + 1800.0, false))),
            ("20261001", Some(Date::Day(at(2026, 10, 1), None))),
            ("202610", Some(Date::Month(2026 * 12 + 9))),
            ("2026-10", Some(Date::Month(2026 * 12 + 9))),
            ("10/31/2026", Some(Date::Day(at(2026, 10, 31), Some(Order::MonthFirst)))),
            ("31.10.2026", Some(Date::Day(at(2026, 10, 31), None))),
            ("31/10/2026", Some(Date::Day(at(2026, 10, 31), Some(Order::DayFirst)))),
            ("02.03.2026", Some(Date::Day(at(2026, 3, 2), None))),
            ("3/1/21", Some(Date::Either(at(2021, 3, 1), at(2021, 1, 3)))),
            ("02/02/2021", Some(Date::Day(at(2021, 2, 2), None))),
            ("2021/2/3", Some(Date::Day(at(2021, 2, 3), None))),
            ("10/31/2026 00:00", Some(Date::Day(at(2026, 10, 31), Some(Order::MonthFirst)))),
            ("Oct 1, 2026", Some(Date::Day(at(2026, 10, 1), None))),
            ("1-Oct-2026", Some(Date::Day(at(2026, 10, 1), None))),
            ("October 2026", Some(Date::Month(2026 * 12 + 9))),
            ("1. März 2026", Some(Date::Day(at(2026, 3, 1), None))),
            ("Okt 2026", Some(Date::Month(2026 * 12 + 9))),
            ("Dez. 2026", Some(Date::Month(2026 * 12 + 11))),
            ("février 2026", Some(Date::Month(2026 * 12 + 1))),
            ("AOÛT 2026", Some(Date::Month(2026 * 12 + 7))),
            ("OKT 2026", Some(Date::Month(2026 * 12 + 9))),
            ("juin 2026", Some(Date::Month(2026 * 12 + 5))),
            ("1 juil. 2026", Some(Date::Day(at(2026, 7, 1), None))),
            ("1 de enero de 2026", Some(Date::Day(at(2026, 1, 1), None))),
            ("dic 2026", Some(Date::Month(2026 * 12 + 11))),
            ("setembro de 2026", Some(Date::Month(2026 * 12 + 8))),
            ("Marketing 2026", None),
            ("13/13/2026", None),
            ("Total", None),
            ("", None),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
        for (text, expected) in [
            ("2026-10-05T07:00:00Z", Some(Date::Month(2026 * 12 + 9))),
            ("2026-10-01T00:00:00+02:00", Some(Date::Month(2026 * 12 + 9))),
            ("2026-09-30 23:00:00-07:00", Some(Date::Month(2026 * 12 + 8))),
            ("2026-10-31", Some(Date::Month(2026 * 12 + 9))),
            ("10/01/2026", Some(Date::Month(2026 * 12 + 9))),
            ("01/10/2026", Some(Date::Month(2026 * 12 + 9))),
            ("202610", Some(Date::Month(2026 * 12 + 9))),
            ("02/03/2026", Some(Date::Either(at(2026, 2, 3), at(2026, 3, 2)))),
            ("total", None),
        ] {
            assert_eq!(parse_month(text), expected, "{text}");
        }
        assert_eq!(month_span(2026 * 12 + 9), (at(2026, 10, 1), at(2026, 11, 1)));
        assert_eq!(
            (month_of(at(2026, 12, 31)), written(at(2026, 2, 28) + 5.0)),
            (2026 * 12 + 11, "2026-02-28".to_owned())
        );
    }
}
