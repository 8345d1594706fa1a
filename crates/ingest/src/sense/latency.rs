//! A latency distribution in bounded memory: exact while it is small, a log-linear histogram of 0.4 to 0.8 % bucket width after.

use std::collections::BTreeMap;

/// Mantissa bits that make the bucket: 128 buckets per doubling.
const BITS: u32 = 7;
/// Smallest latency told apart, in milliseconds.
const SMALLEST_MS: f64 = 1e-4;
/// Largest latency told apart, in milliseconds (about 11 days).
pub const LARGEST_MS: f64 = 1e9;
/// Buckets per doubling in the histogram that is written out.
const WRITTEN_BITS: u32 = 4;

/// Count, moments and distribution of latencies in milliseconds.
#[derive(Debug, Clone)]
pub struct Latency {
    count: u64,
    total_ms: f64,
    min_ms: f64,
    max_ms: f64,
    keep: usize,
    values: Values,
}

#[derive(Debug, Clone)]
enum Values {
    /// All of them.
    Few(Vec<f32>),
    /// Counts from bucket `first` on.
    Many { first: u32, counts: Vec<u32> },
}

impl Latency {
    /// An empty distribution that stays exact up to `keep` values.
    pub fn new(keep: usize) -> Self {
        Self { count: 0, total_ms: 0.0, min_ms: f64::INFINITY, max_ms: 0.0, keep, values: Values::Few(Vec::new()) }
    }

    /// Adds one latency; negative ones and those that are no number count as 0, absurd ones as [`LARGEST_MS`].
    pub fn add(&mut self, latency_ms: f64) {
        let latency_ms = plausible_ms(latency_ms);
        self.count += 1;
        self.total_ms += latency_ms;
        self.min_ms = self.min_ms.min(latency_ms);
        self.max_ms = self.max_ms.max(latency_ms);
        match &mut self.values {
            Values::Few(values) if values.len() < self.keep => values.push(latency_ms as f32),
            Values::Few(_) => {
                self.spill();
                self.put(bucket(latency_ms), 1);
            }
            Values::Many { .. } => self.put(bucket(latency_ms), 1),
        }
    }

    /// Adds all of another distribution.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.total_ms += other.total_ms;
        self.min_ms = self.min_ms.min(other.min_ms);
        self.max_ms = self.max_ms.max(other.max_ms);
        match (&mut self.values, &other.values) {
            (Values::Few(mine), Values::Few(theirs)) if mine.len() + theirs.len() <= self.keep => mine.extend(theirs),
            (_, Values::Few(theirs)) => {
                self.spill();
                theirs.iter().for_each(|value| self.put(bucket(f64::from(*value)), 1));
            }
            (_, Values::Many { first, counts }) => {
                self.spill();
                for (offset, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
                    self.put(first + offset as u32, *count);
                }
            }
        }
    }

    /// Number of latencies.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Sum in milliseconds.
    pub fn total_ms(&self) -> f64 {
        self.total_ms
    }

    /// Mean in milliseconds.
    pub fn mean_ms(&self) -> Option<f64> {
        (self.count > 0).then(|| self.total_ms / self.count as f64)
    }

    /// The quantile (0..=1) in milliseconds, interpolated between neighbouring values.
    pub fn quantile_ms(&self, quantile: f64) -> Option<f64> {
        if self.count == 0 {
            return None;
        }
        match &self.values {
            Values::Few(values) => {
                let mut sorted = values.clone();
                sorted.sort_by(f32::total_cmp);
                let rank = quantile * (sorted.len() - 1) as f64;
                let (low, high) = (sorted[rank.floor() as usize], sorted[rank.ceil() as usize]);
                Some(f64::from(low) + f64::from(high - low) * rank.fract())
            }
            Values::Many { first, counts } => {
                let rank = quantile * (self.count - 1) as f64;
                let mut below = 0.0;
                for (offset, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
                    let count = f64::from(count);
                    if below + count > rank {
                        let (low, high) = (lower_ms(first + offset as u32), lower_ms(first + offset as u32 + 1));
                        let value = low + (high - low) * (rank - below + 0.5) / count;
                        return Some(value.clamp(self.min_ms, self.max_ms));
                    }
                    below += count;
                }
                Some(self.max_ms)
            }
        }
    }

    /// Mean, extremes and the usual percentiles that this many values can support, by their names in the measurements.
    pub fn summary(&self) -> BTreeMap<String, f64> {
        let mut figures = BTreeMap::new();
        let Some(mean) = self.mean_ms() else { return figures };
        figures.insert("mean".to_owned(), mean);
        figures.insert("min".to_owned(), self.min_ms);
        figures.insert("max".to_owned(), self.max_ms);
        for (name, quantile, needed) in [
            ("p50", 0.5, 1),
            ("p75", 0.75, 1),
            ("p90", 0.9, 1),
            ("p95", 0.95, 1),
            ("p99", 0.99, 1),
            ("p99_9", 0.999, 1000),
        ] {
            if self.count >= needed {
                figures.extend(self.quantile_ms(quantile).map(|value| (name.to_owned(), value)));
            }
        }
        figures
    }

    /// The distribution as (upper bound in ms, count), 16 buckets per doubling.
    pub fn histogram(&self) -> Vec<(f64, u64)> {
        let mut coarse: BTreeMap<u32, u64> = BTreeMap::new();
        let shift = BITS - WRITTEN_BITS;
        match &self.values {
            Values::Few(values) => {
                values.iter().for_each(|value| *coarse.entry(bucket(f64::from(*value)) >> shift).or_default() += 1);
            }
            Values::Many { first, counts } => {
                for (offset, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
                    *coarse.entry((first + offset as u32) >> shift).or_default() += u64::from(*count);
                }
            }
        }
        coarse.into_iter().map(|(index, count)| (lower_ms((index + 1) << shift), count)).collect()
    }

    fn spill(&mut self) {
        if let Values::Few(values) = &mut self.values {
            let values = std::mem::take(values);
            self.values = Values::Many { first: 0, counts: Vec::new() };
            values.iter().for_each(|value| self.put(bucket(f64::from(*value)), 1));
        }
    }

    fn put(&mut self, index: u32, count: u32) {
        let Values::Many { first, counts } = &mut self.values else { return };
        if counts.is_empty() {
            *first = index;
        }
        if index < *first {
            let missing = (*first - index) as usize;
            counts.splice(0..0, std::iter::repeat_n(0, missing));
            *first = index;
        }
        let place = (index - *first) as usize;
        if place >= counts.len() {
            counts.resize(place + 1, 0);
        }
        counts[place] = counts[place].saturating_add(count);
    }
}

/// A latency between 0 and [`LARGEST_MS`].
pub fn plausible_ms(latency_ms: f64) -> f64 {
    if latency_ms > 0.0 { latency_ms.min(LARGEST_MS) } else { 0.0 }
}

/// The bucket of a latency: its exponent and first mantissa bits, which order like the values themselves.
fn bucket(latency_ms: f64) -> u32 {
    let clamped = latency_ms.clamp(SMALLEST_MS, LARGEST_MS);
    (clamped.to_bits() >> (52 - BITS)) as u32 - origin()
}

/// The lower bound of a bucket in milliseconds.
fn lower_ms(bucket: u32) -> f64 {
    f64::from_bits(u64::from(bucket + origin()) << (52 - BITS))
}

/// The bits of the first bucket, at the start of a doubling so that buckets merge evenly.
fn origin() -> u32 {
    ((SMALLEST_MS.to_bits() >> 52) << BITS) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(keep: usize, values: impl Iterator<Item = f64>) -> Latency {
        let mut latency = Latency::new(keep);
        values.for_each(|value| latency.add(value));
        latency
    }

    #[test]
    fn small_samples_are_exact_and_large_ones_within_half_a_percent() {
        let values = || (1..=10_000).map(|index| f64::from(index) * 0.37);
        for (keep, tolerance) in [(20_000, 1e-6), (100, 0.005)] {
            let latency = filled(keep, values());
            for (quantile, expected) in [(0.5, 1850.185), (0.95, 3515.0), (0.99, 3663.0), (0.0, 0.37), (1.0, 3700.0)] {
                let found = latency.quantile_ms(quantile).unwrap();
                assert!((found / expected - 1.0).abs() < tolerance + 1e-4, "{keep}: {quantile} gave {found}");
            }
            assert!((latency.mean_ms().unwrap() - 1850.185).abs() < 1e-6);
            assert_eq!(latency.histogram().iter().map(|(_, count)| count).sum::<u64>(), 10_000);
        }
    }

    #[test]
    fn merging_gives_what_adding_gives() {
        let all = filled(10, (0..500).map(|index| f64::from(index * index % 977)));
        let mut merged = filled(10, (0..7).map(|index| f64::from(index * index % 977)));
        merged.merge(&filled(10, (7..10).map(|index| f64::from(index * index % 977))));
        merged.merge(&filled(10, (10..500).map(|index| f64::from(index * index % 977))));
        assert_eq!(merged.summary(), all.summary());
        assert_eq!(merged.histogram(), all.histogram());
    }

    #[test]
    fn odd_values_do_no_harm() {
        let latency = filled(0, [f64::NAN, f64::INFINITY, -1.0, 0.0, 1e300].into_iter());
        assert!(latency.summary().values().all(|value| value.is_finite()));
        assert_eq!(latency.count(), 5);
    }
}
