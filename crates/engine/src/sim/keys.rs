//! Keys drawn by Zipf's law, and a table from keys to places.

use super::rng::Rng;
use crate::math;

/// Ranks 0..n with probability proportional to 1 / (rank + 1)^s, by rejection-inversion (Hörmann & Derflinger 1996): no table,
/// the same cost for any number of keys.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Zipf {
    n: f64,
    s: f64,
    /// H(1.5) - 1 and H(n + 0.5), the ends of the inversion.
    low: f64,
    high: f64,
    shortcut: f64,
}

/// Integral of x^-s, zero at 1.
fn integral(s: f64, x: f64) -> f64 {
    let log = math::ln(x);
    let t = (1.0 - s) * log;
    // (x^(1-s) - 1) / (1 - s), continuous through s = 1.
    if t.abs() < 1e-9 { log * (1.0 + t / 2.0) } else { math::exp_m1(t) / (1.0 - s) }
}

/// Inverse of [`integral`].
fn inverse(s: f64, y: f64) -> f64 {
    let t = (y * (1.0 - s)).max(-1.0);
    if t.abs() < 1e-9 { math::exp(y * (1.0 - t / 2.0)) } else { math::exp(math::ln_1p(t) / (1.0 - s)) }
}

impl Zipf {
    /// Zipf over n keys (1 or more) with exponent s (0 is uniform).
    pub(crate) fn new(n: u64, s: f64) -> Self {
        let n = n as f64;
        let shortcut = 2.0 - inverse(s, integral(s, 2.5) - math::pow(2.0, -s));
        Self { n, s, low: integral(s, 1.5) - 1.0, high: integral(s, n + 0.5), shortcut }
    }

    /// A rank from 0.
    pub(crate) fn sample(&self, rng: &mut Rng) -> u32 {
        if self.s == 0.0 {
            return ((rng.uniform() * self.n) as u32).min(self.n as u32 - 1);
        }
        loop {
            let u = self.high + rng.uniform() * (self.low - self.high);
            let x = inverse(self.s, u);
            let k = (x + 0.5).floor().clamp(1.0, self.n);
            if k - x <= self.shortcut || u >= integral(self.s, k + 0.5) - math::pow(k, -self.s) {
                return k as u32 - 1;
            }
        }
    }
}

/// A map from keys to places by linear probing, without allocation once it is large enough.
#[derive(Debug, Clone)]
pub(crate) struct KeyTable {
    /// (key + 1, place); key 0 is empty.
    cells: Vec<(u32, u32)>,
    used: usize,
}

impl KeyTable {
    /// Room for this many keys before it grows.
    pub(crate) fn with_capacity(keys: usize) -> Self {
        Self { cells: vec![(0, 0); (2 * keys).next_power_of_two().max(16)], used: 0 }
    }

    fn home(&self, key: u32) -> usize {
        let mixed = (u64::from(key) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed >> 32) as usize & (self.cells.len() - 1)
    }

    /// The cell of a key, or the empty one where it would go.
    fn cell(&self, key: u32) -> usize {
        let mut at = self.home(key);
        while self.cells[at].0 != 0 && self.cells[at].0 != key + 1 {
            at = (at + 1) & (self.cells.len() - 1);
        }
        at
    }

    /// The place of a key.
    pub(crate) fn get(&self, key: u32) -> Option<u32> {
        let (found, place) = self.cells[self.cell(key)];
        (found != 0).then_some(place)
    }

    /// Sets the place of a key.
    pub(crate) fn set(&mut self, key: u32, place: u32) {
        if 2 * (self.used + 1) > self.cells.len() {
            let old = std::mem::replace(&mut self.cells, vec![(0, 0); 0]);
            self.cells = vec![(0, 0); 2 * old.len()];
            self.used = 0;
            for (key, place) in old.into_iter().filter(|c| c.0 != 0) {
                self.set(key - 1, place);
            }
        }
        let at = self.cell(key);
        self.used += usize::from(self.cells[at].0 == 0);
        self.cells[at] = (key + 1, place);
    }

    /// The places of all keys.
    pub(crate) fn places_mut(&mut self) -> impl Iterator<Item = &mut u32> {
        self.cells.iter_mut().filter(|(key, _)| *key != 0).map(|(_, place)| place)
    }

    /// Forgets a key, closing the gap so that later cells stay reachable.
    pub(crate) fn remove(&mut self, key: u32) {
        let mask = self.cells.len() - 1;
        let mut hole = self.cell(key);
        if self.cells[hole].0 == 0 {
            return;
        }
        self.used -= 1;
        let mut at = hole;
        loop {
            at = (at + 1) & mask;
            let (found, _) = self.cells[at];
            if found == 0 {
                break;
            }
            let home = self.home(found - 1);
            if (at.wrapping_sub(home) & mask) >= (at.wrapping_sub(hole) & mask) {
                self.cells[hole] = self.cells[at];
                hole = at;
            }
        }
        self.cells[hole] = (0, 0);
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.cells.fill((0, 0));
        self.used = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::rng::Purpose;
    use std::collections::BTreeMap;

    /// Chi-squared over the ten keys against the exact probabilities; 27.88 is the 99.9 % point of 9 degrees of freedom.
    #[test]
    fn ranks_follow_zipf() {
        for s in [0.0, 0.5, 1.0, 1.4, 3.0] {
            let (n, samples) = (10_u32, 200_000);
            let zipf = Zipf::new(u64::from(n), s);
            let mut rng = Rng::stream(11, 0, "zipf", Purpose::Keys);
            let mut counts = vec![0.0_f64; n as usize];
            for _ in 0..samples {
                counts[zipf.sample(&mut rng) as usize] += 1.0;
            }
            let weights: Vec<f64> = (1..=n).map(|k| math::pow(f64::from(k), -s)).collect();
            let total: f64 = weights.iter().sum();
            let chi: f64 = counts
                .iter()
                .zip(&weights)
                .map(|(c, w)| {
                    let want = f64::from(samples) * w / total;
                    (c - want).powi(2) / want
                })
                .sum();
            assert!(chi < 27.88, "s = {s}: {chi}");
        }
    }

    #[test]
    fn the_table_is_a_map() {
        let mut table = KeyTable::with_capacity(4);
        let mut truth = BTreeMap::new();
        let mut rng = Rng::stream(2, 0, "table", Purpose::Keys);
        for i in 0..20_000 {
            let key = rng.below(200);
            if rng.coin(0.5) {
                table.set(key, i);
                truth.insert(key, i);
            } else {
                table.remove(key);
                truth.remove(&key);
            }
            let probe = rng.below(200);
            assert_eq!(table.get(probe), truth.get(&probe).copied());
        }
    }
}
