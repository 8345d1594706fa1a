//! Hit ratios of a cache from its keys: Zipf popularity, independent references.
//!
//! Least recently used: Che's approximation, a key stays for the characteristic time T, hit = 1 - e^(-r T), T from the sum of
//! hits = capacity. First in first out and random: hit = r T / (1 + r T) likewise (Fricker et al.; Martina et al.), and for small
//! caches exactly by symmetric sums (Gelenbe: both have the same hit ratio). Least frequently used: the most popular keys. A life span
//! ends every stay. Where those who miss during a fetch wait for it a key is away for the fetch too: of its cycle, stay and gap, the
//! fetch is one more part, in which all miss and one fetches. Rates per second, times in seconds. Error of Che's approximation: below 1 % from some tens of items on.
//! Sources: Che, Tung, Wang, IEEE JSAC 20 (2002); Fricker, Robert, Roberts, ITC 24 (2012); Martina, Garetto, Leonardi, INFOCOM 2014;
//! Gelenbe, IEEE TC 22 (1973).

use super::zipf;
use crate::{
    math,
    model::{CacheKeys, Eviction},
};

/// Keys times capacity up to which symmetric sums are used.
const EXACT: u64 = 20_000;

/// A cache's keys in blocks, and the answer for the last rate: popularity is summed up once.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    keys: u64,
    zipf: f64,
    blocks: Vec<(f64, f64)>,
    asked: Option<(CacheKeys, f64, f64)>,
    ratio: f64,
    time: f64,
    /// Seconds of a fetch that others wait for.
    fetch: f64,
}

impl Profile {
    /// Hit ratio over all look-ups when `rate` arrive a second (only a life span, or a fetch of `fetch` seconds that others wait for,
    /// makes it depend on the rate).
    pub fn hit_ratio(&mut self, cache: &CacheKeys, rate: f64, fetch: f64) -> f64 {
        if self.blocks.is_empty() || self.keys != cache.keys || self.zipf != cache.zipf {
            (self.keys, self.zipf) = (cache.keys, cache.zipf);
            self.blocks.clear();
            zipf::blocks(cache.keys, cache.zipf, |share, count| self.blocks.push((share, count)));
            self.asked = None;
        }
        // Without a life span the ratio holds for every rate: one look-up a second stands for all.
        let rate = if cache.ttl.is_none() && fetch <= 0.0 && rate > 0.0 { 1.0 } else { rate };
        let same = |asked: f64, now: f64| (asked - now).abs() <= 1.0e-12 * now;
        if !self.asked.is_some_and(|(keys, a, b)| keys == *cache && same(a, rate) && same(b, fetch)) {
            self.time = f64::INFINITY;
            self.fetch = fetch;
            self.ratio = self.solve(cache, rate);
            self.asked = Some((*cache, rate, fetch));
        }
        self.ratio
    }
}

/// Hit ratio over all look-ups when `rate` look-ups arrive a second (only a life span makes it depend on the rate).
#[must_use]
pub fn hit_ratio(cache: &CacheKeys, rate: f64) -> f64 {
    Profile::default().hit_ratio(cache, rate, 0.0)
}

impl Profile {
    fn solve(&mut self, cache: &CacheKeys, rate: f64) -> f64 {
        let life = cache.ttl.unwrap_or(f64::INFINITY);
        if cache.keys == 0 || cache.capacity == 0 || rate <= 0.0 {
            return 0.0;
        }
        if cache.eviction == Eviction::Lfu {
            return self.most_popular(cache, rate, life);
        }
        if cache.capacity >= cache.keys {
            return self.mean_hit(cache, rate, f64::INFINITY, life);
        }
        let replaces = matches!(cache.eviction, Eviction::Fifo | Eviction::Random);
        if replaces && life.is_infinite() && self.fetch <= 0.0 && cache.keys.saturating_mul(cache.capacity) <= EXACT {
            return symmetric(cache);
        }
        self.time = self.characteristic_time(cache, rate, life);
        self.mean_hit(cache, rate, self.time, life)
    }

    /// Share of misses that fetch, after [`Profile::hit_ratio`] with a fetch that others wait for: the first of each.
    #[must_use]
    pub fn leading_share(&self, cache: &CacheKeys, rate: f64) -> f64 {
        let life = cache.ttl.unwrap_or(f64::INFINITY);
        let (mut misses, mut leads) = (0.0, 0.0);
        let mut add = |share: f64, count: f64, time: f64| {
            let missed = share * count * (1.0 - self.hit(cache, rate * share, time, life));
            misses += missed;
            leads += missed / (1.0 + rate * share * self.fetch);
        };
        // All but the most popular are never stored by LFU, and nothing where there is no place.
        let unstored = cache.capacity == 0 || (cache.eviction == Eviction::Lfu && cache.capacity < cache.keys);
        let stay = if unstored { 0.0 } else { self.time };
        self.blocks.iter().for_each(|&(share, count)| add(share, count, stay));
        if unstored {
            zipf::first_blocks(cache.capacity, cache.keys, cache.zipf, |share, count| {
                add(share, -count, 0.0);
                add(share, count, f64::INFINITY);
            });
        }
        if misses > 0.0 { (leads / misses).clamp(0.0, 1.0) } else { 1.0 }
    }

    /// Share of look-ups of one key that hit, of all its look-ups those during a fetch among them.
    fn hit(&self, cache: &CacheKeys, rate: f64, time: f64, life: f64) -> f64 {
        let instant = hit(cache.eviction, rate, time, life);
        if self.fetch <= 0.0 || instant >= 1.0 {
            return instant;
        }
        // hits / (1 + hits) of each cycle, which the fetch makes longer by as many misses as come in it.
        instant / (1.0 + (1.0 - instant) * rate * self.fetch)
    }

    fn mean_hit(&self, cache: &CacheKeys, rate: f64, time: f64, life: f64) -> f64 {
        let mut sum = 0.0;
        for &(share, count) in &self.blocks {
            sum += share * count * self.hit(cache, rate * share, time, life);
        }
        sum.clamp(0.0, 1.0)
    }

    fn inside(&self, cache: &CacheKeys, rate: f64, time: f64, life: f64) -> f64 {
        self.blocks.iter().map(|&(share, count)| count * self.hit(cache, rate * share, time, life)).sum()
    }

    /// The time after which the cache is full: expected keys inside = capacity. The number inside grows with the time, less and less:
    /// secants on logarithms between brackets.
    fn characteristic_time(&self, cache: &CacheKeys, rate: f64, life: f64) -> f64 {
        let target = math::ln(cache.capacity as f64);
        if life.is_finite() && self.inside(cache, rate, f64::INFINITY, life) <= cache.capacity as f64 {
            return f64::INFINITY;
        }
        let miss = |at: f64| math::ln(self.inside(cache, rate, math::exp(at), life)) - target;
        let mut low = target - math::ln(rate);
        let mut low_miss = miss(low);
        let (mut high, mut high_miss) = (low, low_miss);
        while high_miss < 0.0 {
            (low, low_miss) = (high, high_miss);
            high -= 1.6 * high_miss.min(-0.05);
            if high > 70.0 {
                return f64::INFINITY;
            }
            high_miss = miss(high);
        }
        for step in 0..60 {
            if high - low < 1.0e-12 * high.abs().max(1.0) || high_miss == 0.0 {
                break;
            }
            let share = if step % 8 == 7 { 0.5 } else { -low_miss / (high_miss - low_miss) };
            let middle = low + share.clamp(1.0e-9, 1.0 - 1.0e-9) * (high - low);
            let found = miss(middle);
            if found.abs() < 1.0e-13 {
                return math::exp(middle);
            }
            if found < 0.0 {
                (low, low_miss) = (middle, found);
                high_miss *= 0.5;
            } else {
                (high, high_miss) = (middle, found);
                low_miss *= 0.5;
            }
        }
        math::exp(if high_miss == 0.0 { high } else { 0.5 * (low + high) })
    }

    /// Least frequently used keeps the most popular keys.
    fn most_popular(&self, cache: &CacheKeys, rate: f64, life: f64) -> f64 {
        let mut sum = 0.0;
        zipf::first_blocks(cache.capacity, cache.keys, cache.zipf, |share, count| {
            sum += share * count * self.hit(cache, rate * share, f64::INFINITY, life);
        });
        sum.clamp(0.0, 1.0)
    }
}

/// Share of look-ups of one key that hit when it stays for `time` seconds at most `life`.
fn hit(eviction: Eviction, rate: f64, time: f64, life: f64) -> f64 {
    match eviction {
        Eviction::Lru => {
            let gap = math::exp(-rate * time);
            if life.is_infinite() {
                return 1.0 - gap;
            }
            // Hits of one stay: it ends at a gap longer than T, or with its life.
            let ends = if gap < 1.0 { rate * gap / (1.0 - gap) } else { return 0.0 };
            let hits = if ends * life < 1.0e-9 { rate * life } else { -rate / ends * math::exp_m1(-ends * life) };
            hits / (1.0 + hits)
        }
        Eviction::Fifo | Eviction::Lfu => {
            let hits = rate * time.min(life);
            if hits.is_infinite() { 1.0 } else { hits / (1.0 + hits) }
        }
        Eviction::Random => {
            let stay = if life.is_infinite() {
                time
            } else if time.is_infinite() {
                life
            } else {
                -time * math::exp_m1(-life / time)
            };
            let hits = rate * stay;
            if hits.is_infinite() { 1.0 } else { hits / (1.0 + hits) }
        }
    }
}

/// Exact for first-in-first-out and random replacement: contents have probability proportional to the product of their keys'
/// popularities. A look-up hits key i with probability p_i p_i e_{C-1}(others) / e_C(all).
fn symmetric(cache: &CacheKeys) -> f64 {
    let capacity = cache.capacity as usize;
    let mut shares: Vec<f64> = (1..=cache.keys).map(|key| math::pow(key as f64, -cache.zipf)).collect();
    let all: f64 = shares.iter().sum();
    shares.iter_mut().for_each(|share| *share /= all);
    let scale = cache.keys as f64 / capacity as f64;
    let sums = symmetric_sums(&shares, scale, capacity, usize::MAX);
    let ratio = |sums: &[f64], size: usize| if sums[size] > 0.0 { sums[size - 1] / sums[size] } else { 0.0 };
    let mut hits = 0.0;
    for (key, share) in shares.iter().enumerate() {
        let x = share * scale;
        let inside = if x * ratio(&sums, capacity) < 0.5 {
            // e_k(all) = e_k(others) + x e_{k-1}(others): q_k = x e_{k-1}(all) / e_k(all) (1 - q_{k-1}), stable for small x.
            (1..=capacity).fold(0.0, |inside: f64, size| (x * ratio(&sums, size) * (1.0 - inside)).clamp(0.0, 1.0))
        } else {
            let others = symmetric_sums(&shares, scale, capacity, key);
            let with = x * others[capacity - 1];
            with / (with + others[capacity])
        };
        hits += share * inside;
    }
    hits.clamp(0.0, 1.0)
}

/// Elementary symmetric sums of the scaled popularities up to a size, one key left out; all divided by the same number now and then.
fn symmetric_sums(shares: &[f64], scale: f64, capacity: usize, left_out: usize) -> Vec<f64> {
    let mut sums = vec![0.0_f64; capacity + 1];
    sums[0] = 1.0;
    for (key, share) in shares.iter().enumerate() {
        if key == left_out {
            continue;
        }
        for size in (1..=capacity).rev() {
            sums[size] += share * scale * sums[size - 1];
        }
        let largest = sums.iter().copied().fold(0.0, f64::max);
        if largest > 1.0e100 {
            sums.iter_mut().for_each(|sum| *sum /= largest);
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(keys: u64, zipf: f64, capacity: u64, eviction: Eviction) -> CacheKeys {
        CacheKeys { keys, zipf, capacity, ttl: None, eviction }
    }

    #[test]
    fn small_caches_against_published_figures() {
        // Exact and Che's figures for five items: cases 19 and 20 of the design's case list.
        for (zipf, eviction, expected) in [
            (1.4, Eviction::Random, 0.590_396),
            (1.4, Eviction::Fifo, 0.590_396),
            (1.4, Eviction::Lru, 0.608_235),
            (0.0, Eviction::Lru, 0.4),
            (0.0, Eviction::Fifo, 0.4),
        ] {
            let got = hit_ratio(&cache(5, zipf, 2, eviction), 1.0);
            assert!((got - expected).abs() < 6e-7, "{zipf} {eviction:?}: {got} is not {expected}");
        }
    }

    #[test]
    fn approximations_meet_where_they_must() {
        let all = hit_ratio(&cache(1000, 0.9, 1000, Eviction::Lru), 5.0);
        assert!((all - 1.0).abs() < 1e-12);
        let lfu = hit_ratio(&cache(100_000, 0.8, 1000, Eviction::Lfu), 5.0);
        let lru = hit_ratio(&cache(100_000, 0.8, 1000, Eviction::Lru), 5.0);
        let random = hit_ratio(&cache(100_000, 0.8, 1000, Eviction::Random), 5.0);
        assert!(lfu > lru && lru > random && random > 0.1, "{lfu} {lru} {random}");
        // Symmetric sums and the approximation agree on a cache of some size.
        let exact = symmetric(&cache(200, 0.9, 50, Eviction::Random));
        let keys = cache(200, 0.9, 50, Eviction::Random);
        let mut profile = Profile::default();
        profile.hit_ratio(&keys, 1.0, 0.0);
        let near = profile.mean_hit(&keys, 1.0, profile.characteristic_time(&keys, 1.0, f64::INFINITY), f64::INFINITY);
        assert!((exact / near - 1.0).abs() < 0.01, "{exact} {near}");
    }

    #[test]
    fn a_life_span_ends_what_capacity_would_keep() {
        // One key, life 10 s, 0.3 look-ups a second: 3 hits a stay.
        let one = CacheKeys { ttl: Some(10.0), ..cache(1, 0.0, 10, Eviction::Lru) };
        assert!((hit_ratio(&one, 0.3) - 0.75).abs() < 1e-12);
    }
}
