//! A bill whose dates may be of either order until one of them decides.

use super::dates::{DAY_S, Date, Order, month_of};
use super::ledger::{Charge, Ledger};
use crate::measurements::{Measurements, Warning};

/// An hour in seconds.
const HOUR_S: f64 = 3600.0;

/// Charges with their dates as written.
#[derive(Debug, Clone, Default)]
pub struct Bill {
    /// By the order that is known, or month first as long as none is.
    main: Ledger,
    /// Day first, while that is possible.
    other: Option<Box<Ledger>>,
    order: Option<Order>,
    example: Option<String>,
}

/// When a charge was made, as written.
#[derive(Debug, Clone, Copy, Default)]
pub struct When {
    /// Its start, or its only date.
    pub from: Option<Date>,
    /// Its end; absent: by the precision of the start.
    pub to: Option<Date>,
    /// Whether the end is the last day rather than the first one after it.
    pub to_inclusive: bool,
    /// The billing month, where it is not that of the start.
    pub month: Option<i64>,
}

impl When {
    fn span(self, order: Order) -> Option<(f64, f64)> {
        let (from, end) = self.from?.span(order);
        // A moment without an end is that of a day where it is midnight, else of an hour: what bills are broken down to.
        let natural = match self.from? {
            Date::Moment(at, midnight) => at + if midnight { DAY_S } else { HOUR_S },
            _ => end,
        };
        let end = self.to.map(|date| if self.to_inclusive { date.span(order).1 } else { date.span(order).0 });
        Some((from, end.filter(|end| *end > from).unwrap_or(natural)))
    }
}

impl Bill {
    /// Takes one charge; false when its amount is none.
    pub fn add(&mut self, mut charge: Charge<'_>, when: When) -> bool {
        charge.month = when.month;
        for date in [when.from, when.to].into_iter().flatten() {
            if let Date::Day(_, Some(order)) = date {
                self.settle(order);
            }
        }
        let either = [when.from, when.to].iter().flatten().any(|date| matches!(date, Date::Either(..)));
        if either && self.order.is_none() && self.other.is_none() {
            self.other = Some(Box::new(self.main.clone()));
            if let Some(Date::Either(at, _)) = when.from {
                self.example = Some(super::dates::written(at));
            }
        }
        if let Some(other) = &mut self.other {
            other.add(&Charge { when: when.span(Order::DayFirst), ..charge });
        }
        charge.when = when.span(self.order.unwrap_or(Order::MonthFirst));
        self.main.add(&charge)
    }

    /// Whether the order of day and month is not known yet.
    pub fn is_open(&self) -> bool {
        self.order.is_none()
    }

    /// Takes a date that is no charge's own and may tell the order of day and month.
    pub fn hint(&mut self, date: Option<Date>) {
        if let Some(Date::Day(_, Some(order))) = date {
            self.settle(order);
        }
    }

    fn settle(&mut self, order: Order) {
        if self.order.is_some() {
            return;
        }
        self.order = Some(order);
        if let (Some(other), Order::DayFirst) = (self.other.take(), order) {
            self.main = *other;
        }
    }

    /// Number of charges taken.
    pub fn rows(&self) -> u64 {
        self.main.rows()
    }

    /// Writes the sums. Where no date decided the order, the one with fewer months is taken: bills are of a month.
    pub fn finish(mut self, found: &mut Measurements) {
        if let Some(other) = self.other.take() {
            let (month_first, day_first) = (self.main.months(), other.months());
            if day_first < month_first {
                self.main = *other;
            }
            if let Some(example) = self.example.filter(|_| day_first == month_first) {
                let text = "Day and month of the dates can be told either way; the month was taken first, as in the United States.";
                found.warnings.push(Warning::new("date-order-guessed", text).with("read_as", example));
            }
        }
        self.main.finish(found);
    }
}

/// The month number of a date that is one, for [`When::month`].
pub fn month(date: Option<Date>) -> Option<i64> {
    match date? {
        Date::Month(month) => Some(month),
        Date::Moment(at, _) | Date::Day(at, _) => Some(month_of(at)),
        Date::Either(..) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::dates;
    use super::*;

    fn read(dates: &[&str]) -> Measurements {
        let mut bill = Bill::default();
        for text in dates {
            let charge = Charge { service: b"a", billed: 1.0, effective: 1.0, ..Charge::default() };
            bill.add(charge, When { from: dates::parse(text), ..When::default() });
        }
        let mut found = Measurements::default();
        bill.finish(&mut found);
        found
    }

    #[test]
    fn a_start_without_an_end() {
        for (dates, period, monthly) in [
            (&["2026-10-05T00:00:00Z"][..], ("2026-10-05", "2026-10-06"), 730.0 / 24.0),
            (&["2026-10-05T00:00:00+02:00"], ("2026-10-05", "2026-10-06"), 730.0 / 24.0),
            (&["2026-10-05T07:00:00Z"], ("2026-10-05", "2026-10-06"), 730.0),
            (&["2026-10-01T00:00:00Z", "2026-10-31T00:00:00Z"], ("2026-10-01", "2026-11-01"), 2.0 * 730.0 / 744.0),
        ] {
            let found = read(dates);
            let line = &found.costs[0];
            assert_eq!(line.period, Some((period.0.to_owned(), period.1.to_owned())), "{dates:?}");
            assert!((line.monthly.unwrap() - monthly).abs() < 1e-9, "{dates:?}: {:?}", line.monthly);
        }
    }

    #[test]
    fn the_order_of_day_and_month_is_found() {
        for (dates, first, guessed) in [
            (&["02/01/2021", "02/02/2021", "02/13/2021"][..], "2021-02-01", false),
            (&["01/02/2021", "02/02/2021", "13/02/2021"], "2021-02-01", false),
            (&["01/02/2021", "02/02/2021", "03/02/2021"], "2021-02-01", false),
            (&["02/03/2021"], "2021-02-03", true),
        ] {
            let found = read(dates);
            assert_eq!(found.costs[0].amount, dates.len() as f64, "{dates:?}");
            assert_eq!(found.costs[0].period.as_ref().unwrap().0, first, "{dates:?}");
            assert_eq!(found.warnings.iter().any(|warning| warning.code == "date-order-guessed"), guessed, "{dates:?}");
        }
    }
}
