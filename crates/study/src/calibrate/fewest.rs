//! Where latency shows no limit: the fewest slots that would look the same at the measured levels, and the load that fills them.
//!
//! For c = 1, 2, ... the own time of M/M/c (Erlang C) is fitted to the mean latencies; the first c whose misfit chance explains
//! is the answer. More slots may be there: it is a bound from below.

use super::levels::SteadyLevel;
use engine::fit::selection::Curve;
use engine::math;

/// A mean is not surer than this: the law is not exact.
const LEAST_ERROR: f64 = 0.02;
/// Most slots that are tried.
const MOST: u32 = 128;
/// Steps of the golden section: the own time to a part in 10^12.
const STEPS: u32 = 60;
/// The golden section.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// A measured mean.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// Requests per second.
    pub rate: f64,
    /// Mean latency in seconds.
    pub mean: f64,
    /// Requests behind it.
    pub requests: f64,
}

/// The fewest slots, and the rate in requests per second that fills them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fewest {
    /// Slots.
    pub slots: u32,
    /// Requests per second.
    pub full_at: f64,
}

/// The means over all classes at each level.
pub fn seen(levels: &[SteadyLevel], mean: impl Fn(&SteadyLevel) -> Option<f64>) -> Vec<Seen> {
    let of = |level: &SteadyLevel| {
        let requests = level.classes.values().map(|class| class.requests).sum();
        Some(Seen { rate: super::levels::total_rate(level), mean: mean(level)?, requests })
    };
    levels.iter().filter_map(of).filter(|seen| seen.rate > 0.0 && seen.requests >= 1.0).collect()
}

/// The fewest slots that explain the means; nothing where even [`MOST`] do not, or nothing was measured.
pub fn fewest(levels: &[Seen]) -> Option<Fewest> {
    let lowest = levels.iter().map(|seen| seen.mean).fold(f64::INFINITY, f64::min);
    // Of so many squares of normal errors, less the one own time that is fitted, 95 in 100 sums stay below this (Wilson and
    // Hilferty 1931).
    let free = (levels.len().max(2) - 1) as f64;
    let root = 1.0 - 2.0 / (9.0 * free) + 1.645 * (2.0 / (9.0 * free)).sqrt();
    let chance = free * root * root * root;
    let fastest = levels.iter().map(|seen| seen.rate).fold(0.0, f64::max);
    let fits = |slots: u32| {
        // The misfit has one minimum between no time and the time that fills the slots.
        let most = (f64::from(slots) / fastest).min(1.5 * lowest);
        let off = |service: f64| misfit(levels, service, slots).unwrap_or(f64::INFINITY);
        let service = lowest_at(off, most);
        (off(service) <= chance).then_some(Fewest { slots, full_at: f64::from(slots) / service })
    };
    if lowest.is_finite() { (1..=MOST).find_map(fits) } else { None }
}

/// Where a function with one minimum between 0 and `most` is lowest, by golden section.
fn lowest_at(of: impl Fn(f64) -> f64, most: f64) -> f64 {
    let (mut low, mut high) = (0.0, most);
    let at = |low: f64, high: f64| (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
    let (mut left, mut right) = at(low, high);
    let (mut of_left, mut of_right) = (of(left), of(right));
    for _ in 0..STEPS {
        // Beyond what fills the slots nothing is told apart: the minimum lies below.
        if of_left <= of_right {
            (high, right, of_right) = (right, left, of_left);
            left = at(low, high).0;
            of_left = of(left);
        } else {
            (low, left, of_left) = (left, right, of_right);
            right = at(low, high).1;
            of_right = of(right);
        }
    }
    low.midpoint(high)
}

/// Sum of squared errors in standard errors; nothing where a level would be full.
fn misfit(levels: &[Seen], service: f64, slots: u32) -> Option<f64> {
    let curve = Curve::Open { service, scv: 1.0, servers: Some(slots) };
    let of = |seen: &Seen| {
        let error = (1.0 / seen.requests.sqrt()).max(LEAST_ERROR);
        let off = math::ln(curve.at(seen.rate)? / seen.mean) / error;
        Some(off * off)
    };
    levels.iter().map(of).sum()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Means by Erlang C: M/M/1 T = s / (1 - rho); with one level every T has an s.
    #[test]
    fn known_systems() {
        let levels = |rows: &[(f64, f64)]| -> Vec<Seen> {
            rows.iter().map(|&(rate, mean)| Seen { rate, mean, requests: 10_000.0 }).collect()
        };
        let single = |rate: f64| 0.010 / (1.0 - rate * 0.010);
        let rows = [
            ("one level says nothing of slots: T = 20 ms at 50/s may be one of 10 ms", vec![(50.0, 0.020)], 1, 100.0),
            (
                "one slot, seen growing",
                vec![(10.0, single(10.0)), (50.0, single(50.0)), (80.0, single(80.0))],
                1,
                100.0,
            ),
            (
                "no growth at 2 busy slots: 4 would wait 17 % of the time, 5 would 4 %",
                vec![(20.0, 0.020), (100.0, 0.020)],
                5,
                250.0,
            ),
            ("one level near its limit", vec![(99.0, 1.0)], 1, 100.0),
            ("the same at a quick one", vec![(2000.0, 0.2)], 1, 2005.0),
            ("one slot, almost full", vec![(10.0, single(10.0)), (97.0, single(97.0))], 1, 100.0),
            ("alike levels are as good as one", vec![(50.0, 0.020), (50.0, 0.020)], 1, 100.0),
        ];
        for (row, given, slots, full_at) in rows {
            let found = fewest(&levels(&given)).unwrap();
            assert_eq!(found.slots, slots, "{row}");
            assert!((found.full_at / full_at - 1.0).abs() < 0.05, "{row}: {found:?}");
        }
        assert_eq!(fewest(&[]), None);
        assert_eq!(
            fewest(&levels(&[(10.0, 0.050), (100.0, 0.010)])),
            None,
            "latency that falls with load is no queue's"
        );
    }
}
