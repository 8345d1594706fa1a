//! How a bill line moves with the traffic, read off several months: fixed, in steps, by usage.
//!
//! The traffic of a past month is the scenario's growth carried back from `as_of`. A line that stays is fixed; one that takes few
//! levels, each for some months, steps; any other is a fixed part plus a part in proportion to traffic, both 0 or more, by least
//! squares. With fewer than three months, or hardly moving traffic, it cannot be told and is asked for instead.

use crate::time::epoch_seconds;
use engine::fit::nonnegative;
use engine::math;
use scenario::Scenario;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Months from which on a split can be told.
const LEAST_MONTHS: usize = 3;
/// The least relative move of traffic over them.
const LEAST_MOVE: f64 = 0.05;
/// Amounts this near each other are the same.
const SAME: f64 = 0.02;
/// Mean days of a month.
const DAYS: f64 = 365.2425 / 12.0;

/// A bill line's parts in its last month.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct BillSplit {
    /// Months it was read off.
    pub months: usize,
    /// Does not move with traffic.
    pub fixed: f64,
    /// Moves in steps.
    pub stepped: f64,
    /// In proportion to traffic.
    pub usage: f64,
    /// What is in proportion to traffic, at multiple 1.
    #[serde(default)]
    pub usage_today: f64,
    /// Root mean square of what is left, as a share of the mean month.
    pub residual: f64,
}

impl BillSplit {
    /// The line in a month at multiple 1.
    #[must_use]
    pub fn today(&self) -> f64 {
        self.fixed + self.stepped + self.usage_today
    }
}

/// The split of a line with these amounts by start of their month; `None` where it cannot be told.
pub(super) fn split(scenario: &Scenario, amounts: &BTreeMap<String, f64>) -> Option<BillSplit> {
    let rate = scenario.growth.as_ref()?.per_month.as_ref()?.value;
    let as_of = epoch_seconds(scenario.as_of.as_deref()?)?;
    let traffic = |start: &str| {
        // A month's bill is of its middle.
        let months = (epoch_seconds(start)? - as_of) / (86_400.0 * DAYS) + 0.5;
        Some(math::exp(months * math::ln_1p(rate)))
    };
    let rows: Option<Vec<(f64, f64)>> =
        amounts.iter().map(|(start, amount)| Some((traffic(start)?, *amount))).collect();
    of(&rows?)
}

/// The split of (traffic, amount) in the order of time.
fn of(rows: &[(f64, f64)]) -> Option<BillSplit> {
    let many = rows.len() as f64;
    let low = rows.iter().map(|r| r.0).fold(f64::INFINITY, f64::min);
    let high = rows.iter().map(|r| r.0).fold(0.0, f64::max);
    let mean = rows.iter().map(|r| r.1).sum::<f64>() / many;
    let sound = rows.iter().all(|r| r.0.is_finite() && r.1.is_finite() && r.1 >= 0.0) && mean > 0.0;
    if rows.len() < LEAST_MONTHS || high < low * (1.0 + LEAST_MOVE) || !sound {
        return None;
    }
    let last = *rows.last()?;
    let split = BillSplit { months: rows.len(), ..BillSplit::default() };
    let same = |a: f64, b: f64| (a - b).abs() <= SAME * a.abs().max(b.abs());
    let runs = 1 + rows.windows(2).filter(|w| !same(w[0].1, w[1].1)).count();
    if runs == 1 {
        return Some(BillSplit { fixed: last.1, ..split });
    }
    if runs * 2 <= rows.len() {
        return Some(BillSplit { stepped: last.1, ..split });
    }
    let matrix: Vec<Vec<f64>> = rows.iter().map(|r| vec![1.0, r.0]).collect();
    let amounts: Vec<f64> = rows.iter().map(|r| r.1).collect();
    let found = nonnegative::solve(&matrix, &amounts);
    let (fixed, slope) = (*found.first()?, *found.get(1)?);
    let square: f64 = rows.iter().map(|r| (fixed + slope * r.0 - r.1) * (fixed + slope * r.0 - r.1)).sum();
    Some(BillSplit {
        fixed,
        usage: slope * last.0,
        usage_today: slope,
        residual: (square / many).sqrt() / mean,
        ..split
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_tell_how_a_line_moves() {
        // Traffic that grows by 8 % a month; 100 fixed and 300 by usage; steps of 150; a flat line; too few months.
        let traffic = |k: i32| 1.08_f64.powi(k);
        let rows = |f: &dyn Fn(i32) -> f64, n: i32| (0..n).map(|k| (traffic(k), f(k))).collect::<Vec<_>>();
        let mixed = of(&rows(&|k| 100.0 + 300.0 * traffic(k), 6)).unwrap();
        assert!((mixed.fixed - 100.0).abs() < 1e-6 && (mixed.usage - 300.0 * traffic(5)).abs() < 1e-6, "{mixed:?}");
        assert!(mixed.residual < 1e-9 && (mixed.today() - 400.0).abs() < 1e-6, "{mixed:?}");
        let steps = of(&rows(&|k| if k < 3 { 150.0 } else { 300.0 }, 6)).unwrap();
        assert_eq!((steps.stepped, steps.fixed, steps.usage), (300.0, 0.0, 0.0));
        let flat = of(&rows(&|_| 80.0, 4)).unwrap();
        assert_eq!((flat.fixed, flat.usage), (80.0, 0.0));
        assert_eq!(of(&rows(&|k| 100.0 * traffic(k), 2)), None);
        assert_eq!(of(&[(1.0, 5.0), (1.01, 6.0), (1.02, 7.0)]), None, "traffic hardly moves");
        assert_eq!(of(&[(1.0, 5.0), (1.1, -6.0), (1.2, 7.0)]), None, "a credit has no drive");
    }
}
