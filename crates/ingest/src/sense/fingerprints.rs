//! By what requests are known again: a fingerprint of every second of a load test, so that a slice or a cut copy of a file is not taken
//! for a second load generator, whose requests would be added.

use crate::measurements::Fingerprint;
use std::collections::BTreeMap;

/// Most seconds kept; of a longer run every second, fourth, … one is.
const MOST: usize = 512;
/// Seconds that must be shared at least.
const LEAST: usize = 5;
/// Share of the shared seconds that must be equal: where a copy was cut, some requests of the last seconds are missing.
const EQUAL: f64 = 0.9;

/// Fingerprints of the seconds of a file.
#[derive(Debug, Clone)]
pub struct Fingerprints {
    every: u64,
    seconds: BTreeMap<u64, (u64, u64)>,
    first: u64,
    last: u64,
}

impl Default for Fingerprints {
    fn default() -> Self {
        Self { every: 1, seconds: BTreeMap::new(), first: u64::MAX, last: 0 }
    }
}

impl Fingerprints {
    /// Notes a request that started in that second since the Unix epoch; times from the start of a run are no common clock.
    pub fn note(&mut self, start_s: f64, latency_ms: f64) {
        if !(1e8..1e12).contains(&start_s) {
            return;
        }
        let second = start_s as u64;
        (self.first, self.last) = (self.first.min(second), self.last.max(second));
        if !second.is_multiple_of(self.every) {
            return;
        }
        let print = self.seconds.entry(second).or_default();
        // Whole numbers, so that the order of the requests makes no difference.
        *print = (print.0 + 1, print.1.wrapping_add((latency_ms * 1e3).round() as u64));
        while self.seconds.len() > MOST {
            self.every *= 2;
            self.seconds.retain(|second, _| second.is_multiple_of(self.every));
        }
    }

    /// The fingerprints, without the first and the last second, which a slice has in part only.
    pub fn finish(self) -> Vec<Fingerprint> {
        let whole = self.seconds.into_iter().filter(|(second, _)| *second > self.first && *second < self.last);
        let print = |(second, (requests, total_us)): (u64, (u64, u64))| {
            let mixed = total_us.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(requests);
            Fingerprint(second, (mixed ^ (mixed >> 32)) as u32)
        };
        whole.map(print).collect()
    }
}

/// Whether both are of the same requests, as far as they share the time.
pub fn same_requests(left: &[Fingerprint], right: &[Fingerprint]) -> bool {
    let known: BTreeMap<u64, u32> = left.iter().map(|print| (print.0, print.1)).collect();
    let shared: Vec<bool> = right.iter().filter_map(|print| Some(*known.get(&print.0)? == print.1)).collect();
    let equal = shared.iter().filter(|equal| **equal).count();
    shared.len() >= LEAST && equal as f64 >= EQUAL * shared.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Requests of that seed from second to second, 20 in each.
    fn fingerprints(seed: u64, from: u64, to: u64) -> Vec<Fingerprint> {
        let mut found = Fingerprints::default();
        for index in from * 20..to * 20 {
            let latency_ms = 5 + (index + seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) % 97;
            found.note(1.7e9 + index as f64 / 20.0, latency_ms as f64);
        }
        found.finish()
    }

    #[test]
    fn slices_are_known_again_and_others_are_not() {
        for (name, left, right, same) in [
            ("itself", fingerprints(1, 0, 60), fingerprints(1, 0, 60), true),
            ("its start", fingerprints(1, 0, 60), fingerprints(1, 0, 30), true),
            ("its end", fingerprints(1, 0, 60), fingerprints(1, 30, 60), true),
            ("a slice of a long one", fingerprints(1, 0, 5000), fingerprints(1, 1000, 1200), true),
            ("another generator", fingerprints(1, 0, 60), fingerprints(2, 0, 60), false),
            ("another hour", fingerprints(1, 0, 60), fingerprints(1, 3600, 3660), false),
            ("nothing", Vec::new(), Vec::new(), false),
        ] {
            assert_eq!(same_requests(&left, &right), same, "{name}");
            assert!(left.len() <= MOST, "{name}: {}", left.len());
        }
        let mut clock = Fingerprints::default();
        (0..60).for_each(|second| clock.note(f64::from(second), 5.0));
        assert_eq!(clock.finish(), []);
    }
}
