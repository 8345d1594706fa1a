//! A histogram of times with 128 buckets per octave: every bucket is at most 0.8 % wide, whatever the scale.
//!
//! The bucket of a positive double is its exponent and the first 7 bits of its fraction: an integer shift, no logarithm.
//! Percentiles are interpolated inside the bucket, and never leave the smallest and largest sample seen.

/// Bits of the fraction that name a bucket inside an octave.
const FRACTION_BITS: u32 = 7;
/// First octave: 2^-27 s is 7.5 nanoseconds.
const FIRST: u64 = (1023 - 27) << FRACTION_BITS;
/// 52 octaves: up to 2^25 s, about a year.
const BUCKETS: usize = 52 << FRACTION_BITS;

/// A histogram of times in seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    counts: Vec<u64>,
    /// Samples.
    pub count: u64,
    /// Sum of all samples in seconds.
    pub sum: f64,
    /// Smallest sample; infinite when there is none.
    pub least: f64,
    /// Largest sample; zero when there is none.
    pub most: f64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; BUCKETS], count: 0, sum: 0.0, least: f64::INFINITY, most: 0.0 }
    }
}

impl Histogram {
    /// Adds one time in seconds (0 or more).
    #[inline(always)]
    pub fn add(&mut self, seconds: f64) {
        let bucket = (seconds.to_bits() >> (52 - FRACTION_BITS)).saturating_sub(FIRST).min(BUCKETS as u64 - 1);
        self.counts[bucket as usize] += 1;
        self.count += 1;
        self.sum += seconds;
        if seconds < self.least {
            self.least = seconds;
        }
        if seconds > self.most {
            self.most = seconds;
        }
    }

    /// Forgets everything, keeping the memory.
    pub fn clear(&mut self) {
        self.counts.fill(0);
        (self.count, self.sum, self.least, self.most) = (0, 0.0, f64::INFINITY, 0.0);
    }

    /// Mean in seconds; `None` without samples.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }

    /// The time in seconds that this share (0..1) of the samples does not exceed; `None` without samples.
    #[must_use]
    pub fn percentile(&self, share: f64) -> Option<f64> {
        if self.count == 0 {
            return None;
        }
        let target = share * self.count as f64;
        let mut below = 0.0;
        for (bucket, &n) in self.counts.iter().enumerate().filter(|(_, n)| **n > 0) {
            let n = n as f64;
            if below + n >= target {
                let (low, high) = edges(bucket);
                let (low, high) = (low.max(self.least), high.min(self.most));
                return Some(low + (high - low) * ((target - below) / n).clamp(0.0, 1.0));
            }
            below += n;
        }
        Some(self.most)
    }

    /// Buckets that hold anything: (number, count).
    pub fn occupied(&self) -> impl Iterator<Item = (u32, u64)> + '_ {
        self.counts.iter().enumerate().filter(|(_, n)| **n > 0).map(|(i, &n)| (i as u32, n))
    }

    /// Adds what another one's [`Histogram::occupied`] said; sums and extremes are those of the buckets' edges.
    pub fn add_occupied(&mut self, buckets: &[(u32, u64)]) {
        for &(bucket, n) in buckets {
            if let Some(count) = self.counts.get_mut(bucket as usize) {
                let (low, high) = edges(bucket as usize);
                *count += n;
                self.count += n;
                self.sum += 0.5 * (low + high) * n as f64;
                self.least = self.least.min(low);
                self.most = self.most.max(high);
            }
        }
    }

    /// Adds what another one counted.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.count += other.count;
        self.sum += other.sum;
        self.least = self.least.min(other.least);
        self.most = self.most.max(other.most);
    }
}

/// Lower and upper edge of a bucket in seconds.
fn edges(bucket: usize) -> (f64, f64) {
    let edge = |b: u64| f64::from_bits((FIRST + b) << (52 - FRACTION_BITS));
    (if bucket == 0 { 0.0 } else { edge(bucket as u64) }, edge(bucket as u64 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_of_a_grid_are_within_a_bucket() {
        let mut h = Histogram::default();
        for i in 1..=100_000 {
            h.add(f64::from(i) * 1e-5);
        }
        for (share, want) in [(0.5, 0.5), (0.95, 0.95), (0.999, 0.999)] {
            let got = h.percentile(share).unwrap_or(0.0);
            assert!((got / want - 1.0).abs() < 5e-4, "{share}: {got}");
        }
        assert!((h.mean().unwrap_or(0.0) - 0.500_005).abs() < 1e-9);
    }

    #[test]
    fn a_constant_is_its_own_percentile_and_edges_are_safe() {
        for value in [0.0, 1e-300, 0.01, 1e6] {
            let mut h = Histogram::default();
            h.add(value);
            h.add(value);
            assert_eq!(h.percentile(0.99), Some(value));
        }
        assert_eq!(Histogram::default().percentile(0.5), None);
        assert_eq!(Histogram::default().mean(), None);
    }
}
