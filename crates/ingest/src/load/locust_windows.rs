//! Percentiles of a level from Locust's sliding windows.
//!
//! A percentile of a level is not an average of its windows' percentiles. But each row's percentile columns are points of the
//! distribution of the ten seconds before it, so windows that do not overlap can be put together again: the level's
//! distribution is the mixture of the windows' (linear between the points), weighted by the requests of each.

use crate::measurements::Level;
use std::collections::BTreeMap;

/// Length of Locust's sliding window (its `CURRENT_RESPONSE_TIME_PERCENTILE_WINDOW`), in seconds.
const WINDOW_S: f64 = 10.0;
/// Windows kept over all endpoints: a day of twenty endpoints stays under 32 MB.
const MOST_WINDOWS: usize = 200_000;
/// Percentiles written. Lower ones are not: the tool rounds them to a whole millisecond, too coarse for fast answers.
const WRITTEN: [(&str, f64); 3] = [("p90", 0.90), ("p95", 0.95), ("p99", 0.99)];
/// Requests beyond a percentile below which it says nothing.
const FEWEST_BEYOND: f64 = 5.0;

/// One window: its end, the requests in it, and its percentile columns.
#[derive(Debug, Clone)]
struct Window {
    end_s: f64,
    requests: f64,
    /// (cumulative probability, milliseconds), ascending.
    curve: Vec<(f64, f64)>,
}

/// Windows of one endpoint that do not overlap.
#[derive(Debug, Clone, Default)]
struct Track {
    windows: Vec<Window>,
    /// Start of the next window and the requests counted by then.
    open: Option<(f64, u64)>,
}

/// The windows of all endpoints, by their number.
#[derive(Debug, Default)]
pub struct Windows {
    tracks: BTreeMap<usize, Track>,
    kept: usize,
}

impl Windows {
    /// Takes a row: its time, the requests since the start of the run, and its percentile columns.
    pub fn row(&mut self, endpoint: usize, at_s: f64, requests: u64, curve: impl Fn() -> Vec<(f64, f64)>) {
        let track = self.tracks.entry(endpoint).or_default();
        let Some((from_s, before)) = track.open else {
            track.open = Some((at_s, requests));
            return;
        };
        if at_s - from_s < WINDOW_S {
            return;
        }
        track.open = Some((at_s, requests));
        let curve = curve();
        let ascending = curve.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1);
        // A row later than its window's length leaves a gap before the window: its requests are not of it.
        let exact = at_s - from_s <= WINDOW_S + 1.0;
        if exact
            && ascending
            && requests > before
            && curve.last().is_some_and(|last| last.1 > 0.0)
            && self.kept < MOST_WINDOWS
        {
            self.kept += 1;
            track.windows.push(Window { end_s: at_s, requests: (requests - before) as f64, curve });
        }
    }

    /// Adds the percentiles of the windows that lie wholly inside a level. `start_s` is the start of the run on the rows' clock.
    pub fn describe(&self, endpoint: usize, start_s: f64, level: &mut Level) {
        let Some(track) = self.tracks.get(&endpoint) else { return };
        let inside = |window: &&Window| {
            window.end_s - WINDOW_S >= start_s + level.from_s && window.end_s <= start_s + level.to_s
        };
        let windows: Vec<&Window> = track.windows.iter().filter(inside).collect();
        let requests: f64 = windows.iter().map(|window| window.requests).sum();
        for (name, probability) in WRITTEN {
            if requests * (1.0 - probability) >= FEWEST_BEYOND {
                level.figures.latency_ms.insert(name.to_owned(), quantile(&windows, requests, probability));
            }
        }
    }
}

/// The quantile of the mixture of the windows' distributions, in milliseconds, by bisection.
fn quantile(windows: &[&Window], requests: f64, probability: f64) -> f64 {
    let below = |ms: f64| windows.iter().map(|w| w.requests * cumulative(&w.curve, ms)).sum::<f64>() / requests;
    let (mut low, mut high) = (0.0, windows.iter().filter_map(|w| Some(w.curve.last()?.1)).fold(0.0, f64::max));
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if below(middle) < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// Share of a window's requests at or below a latency: linear between its percentiles, from nothing at 0.
fn cumulative(curve: &[(f64, f64)], ms: f64) -> f64 {
    let next = curve.partition_point(|(_, at)| *at <= ms);
    let (p0, x0) = if next == 0 { (0.0, 0.0) } else { curve[next - 1] };
    match curve.get(next) {
        Some(&(p1, x1)) if x1 > x0 => p0 + (p1 - p0) * (ms - x0) / (x1 - x0),
        Some(_) => p0,
        None => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Percentile columns of a uniform distribution from 0 to `top` milliseconds.
    fn uniform(top: f64) -> Vec<(f64, f64)> {
        [0.5, 0.9, 0.95, 0.99, 1.0].iter().map(|p| (*p, p * top)).collect()
    }

    fn level(from_s: f64, to_s: f64) -> Level {
        Level { from_s, to_s, ..Level::default() }
    }

    #[test]
    fn a_level_is_the_mixture_of_its_windows() {
        // Rows every second; (top of the uniform distribution, requests a second) per window of ten seconds.
        // A mixture of equal parts U(0,100) and U(0,200) has F(x) = 0.5 + x/400 beyond 100: p90 160, p95 180, p99 196.
        type Row<'r> = (&'r [(f64, u64)], [f64; 3]);
        let rows: &[Row<'_>] = &[
            (&[(100.0, 100), (100.0, 100)], [90.0, 95.0, 99.0]),
            (&[(100.0, 100), (200.0, 100)], [160.0, 180.0, 196.0]),
            // Three parts to one: F(x) = 0.75 + x/800 beyond 100.
            (&[(100.0, 300), (200.0, 100)], [120.0, 160.0, 192.0]),
        ];
        for (windows, expected) in rows {
            let (mut kept, mut total) = (Windows::default(), 0);
            kept.row(0, 1000.0, 0, Vec::new);
            for (index, (top, rate)) in windows.iter().enumerate() {
                for second in 1..=10 {
                    total += rate;
                    kept.row(0, 1000.0 + index as f64 * 10.0 + f64::from(second), total, || uniform(*top));
                }
            }
            let mut found = level(0.0, 20.0);
            kept.describe(0, 1000.0, &mut found);
            for ((name, _), expected) in WRITTEN.iter().zip(expected) {
                let got = found.figures.latency_ms[*name];
                assert!((got - expected).abs() < 1e-6, "{name} of {windows:?}: {got}, expected {expected}");
            }
            let mut outside = level(5.0, 12.0);
            kept.describe(0, 1000.0, &mut outside);
            assert!(outside.figures.latency_ms.is_empty(), "no window lies wholly inside");
        }
    }

    #[test]
    fn too_few_requests_give_no_percentile() {
        let mut kept = Windows::default();
        kept.row(0, 0.0, 0, Vec::new);
        kept.row(0, 10.0, 60, || uniform(100.0));
        let mut found = level(0.0, 10.0);
        kept.describe(0, 0.0, &mut found);
        assert_eq!(found.figures.latency_ms.keys().collect::<Vec<_>>(), ["p90"], "six requests lie beyond the 90th");
    }
}
