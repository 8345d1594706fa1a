//! How far the reading of a file is, in words: bytes, pace, and time left.

use super::format::significant;
use crate::text;

/// Files from this size on are worth more than a bar, in bytes.
pub const LARGE: f64 = 16e6;
/// Milliseconds after which a pace means something.
const SETTLED: f64 = 1000.0;
/// Milliseconds between two sayings: faster than that nobody reads.
const PACE: f64 = 250.0;

/// What was said of the file being read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Progress {
    what: String,
    /// When it began, milliseconds, and how far it was then.
    begun: (f64, f64),
    /// When it was said last.
    said: f64,
    words: String,
}

impl Progress {
    /// What is said after more was read: the file or the work, its share, its size where it has one, and the time.
    pub fn hear(&mut self, what: &str, share: f64, size: Option<f64>, now: f64) -> String {
        if self.what != what || share < self.begun.1 {
            *self = Self { what: what.to_owned(), begun: (now, share), said: f64::NEG_INFINITY, words: String::new() };
        }
        if now - self.said >= PACE || share >= 1.0 {
            self.said = now;
            self.words =
                size.filter(|size| *size >= LARGE).map_or_else(String::new, |size| self.words(share, size, now));
        }
        self.words.clone()
    }

    fn words(&self, share: f64, size: f64, now: f64) -> String {
        let passed = now - self.begun.0;
        let pace = (share - self.begun.1) * size / passed * 1000.0;
        let mut words = text::read_so_far(&bytes(share * size), &bytes(size));
        if passed >= SETTLED && pace > 0.0 {
            words += &text::read_pace(&bytes(pace), &left((1.0 - share) * size / pace));
        }
        words
    }
}

/// Bytes for people: `512 MB`, `2.1 GB`.
pub fn bytes(value: f64) -> String {
    let (scale, unit) = match value {
        value if value >= 999.5e6 => (1e9, "GB"),
        value if value >= 999.5e3 => (1e6, "MB"),
        value if value >= 999.5 => (1e3, "kB"),
        _ => (1.0, "bytes"),
    };
    let value = value / scale;
    let text = if value >= 99.5 { format!("{value:.0}") } else { significant(value, 2) };
    format!("{text} {unit}")
}

fn left(seconds: f64) -> String {
    if seconds < 90.0 { format!("{:.0} s", seconds.ceil()) } else { format!("{:.0} min", (seconds / 60.0).ceil()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_for_people() {
        let rows =
            [(0.0, "0 bytes"), (999.0, "999 bytes"), (512e6, "512 MB"), (2_147_483_648.0, "2.1 GB"), (999.6e6, "1 GB")];
        for (value, wanted) in rows {
            assert_eq!(bytes(value), wanted);
        }
    }

    #[test]
    fn pace_and_time_left_once_they_mean_something() {
        let mut said = Progress::default();
        let size = Some(2e9);
        // share, milliseconds, words
        let rows = [
            (0.0, 0.0, "0 bytes of 2 GB"),
            (0.01, 100.0, "0 bytes of 2 GB"),
            (0.02, 400.0, "40 MB of 2 GB"),
            (0.05, 1000.0, "100 MB of 2 GB, 100 MB a second, 19 s left"),
            (0.1, 20_000.0, "200 MB of 2 GB, 10 MB a second, 3 min left"),
            (1.0, 20_010.0, "2 GB of 2 GB, 100 MB a second, 0 s left"),
        ];
        for (share, now, wanted) in rows {
            assert_eq!(said.hear("big.csv", share, size, now), wanted);
        }
        assert_eq!(said.hear("next.csv", 0.5, size, 30_000.0), "1 GB of 2 GB", "another file begins anew");
        assert_eq!(said.hear("small.csv", 0.5, Some(1e6), 40_000.0), "");
        assert_eq!(said.hear("Calibrating", 1.0, None, 50_000.0), "");
    }
}
