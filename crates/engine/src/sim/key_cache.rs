//! The contents of a cache by key: what is in it, until when, and what goes when it is full.
//!
//! LFU counts every request for every key, stored or not, and stores a key only when it was asked for more often than the
//! least used one inside (as TinyLFU admits: Einziger, Friedman & Manes 2017). So it tends to the most popular keys, which is
//! what the closed form takes it for; a cache that forgets the counts of what it throws out hits less.

use super::keys::KeyTable;
use super::rng::Rng;
use super::visit::NONE;
use crate::model::{CacheKeys, Eviction};

/// Keys stored in a cache.
#[derive(Debug, Clone)]
pub(crate) struct KeyCache {
    places: KeyTable,
    capacity: usize,
    ttl: f64,
    eviction: Eviction,
    /// Per place: key, expiry, and neighbours in order of use (LRU) or arrival (FIFO).
    keys: Vec<u32>,
    expiry: Vec<f64>,
    newer: Vec<u32>,
    older: Vec<u32>,
    newest: u32,
    oldest: u32,
    /// Requests by key (LFU).
    asked: KeyTable,
    /// Per place: requests for its key with the instant of the last one, and position in the heap (LFU).
    uses: Vec<(u32, u32)>,
    position: Vec<u32>,
    heap: Vec<u32>,
    clock: u32,
}

impl KeyCache {
    /// An empty cache, with all its memory taken at once.
    pub(crate) fn new(model: &CacheKeys) -> Self {
        let capacity = model.capacity.min(model.keys) as usize;
        Self {
            places: KeyTable::with_capacity(capacity),
            capacity,
            ttl: model.ttl.unwrap_or(f64::INFINITY),
            eviction: model.eviction,
            keys: Vec::with_capacity(capacity),
            expiry: Vec::with_capacity(capacity),
            newer: Vec::with_capacity(capacity),
            older: Vec::with_capacity(capacity),
            newest: NONE,
            oldest: NONE,
            asked: KeyTable::with_capacity(if model.eviction == Eviction::Lfu { capacity } else { 0 }),
            uses: Vec::with_capacity(capacity),
            position: Vec::with_capacity(capacity),
            heap: Vec::with_capacity(capacity),
            clock: 0,
        }
    }

    /// Whether a key is there and alive; it counts as a use.
    pub(crate) fn hit(&mut self, key: u32, now: f64) -> bool {
        if self.eviction == Eviction::Lfu {
            let before = self.asked.get(key).unwrap_or(0);
            self.asked.set(key, before.saturating_add(1));
        }
        let Some(place) = self.places.get(key) else { return false };
        if self.expiry[place as usize] <= now {
            return false;
        }
        match self.eviction {
            Eviction::Lru => {
                self.unlink(place);
                self.link_newest(place);
            }
            Eviction::Lfu => {
                self.clock = self.clock.wrapping_add(1);
                let uses = &mut self.uses[place as usize];
                *uses = (uses.0.saturating_add(1), self.clock);
                self.sink(self.position[place as usize] as usize);
            }
            Eviction::Fifo | Eviction::Random => {}
        }
        true
    }

    /// Stores a key, throwing out another when full.
    pub(crate) fn store(&mut self, key: u32, now: f64, rng: &mut Rng) {
        if self.capacity == 0 || !self.admits(key) {
            return;
        }
        let expiry = now + self.ttl;
        if let Some(place) = self.places.get(key) {
            self.expiry[place as usize] = expiry;
            if self.eviction == Eviction::Lru {
                self.unlink(place);
                self.link_newest(place);
            }
            if self.eviction == Eviction::Lfu {
                self.uses[place as usize].0 = self.asked.get(key).unwrap_or(0);
                self.sink(self.position[place as usize] as usize);
            }
            return;
        }
        let ordered = matches!(self.eviction, Eviction::Lru | Eviction::Fifo);
        let place = if self.keys.len() < self.capacity {
            self.keys.push(key);
            self.expiry.push(expiry);
            self.newer.push(NONE);
            self.older.push(NONE);
            self.uses.push((0, 0));
            self.position.push(0);
            let place = self.keys.len() as u32 - 1;
            if self.eviction == Eviction::Lfu {
                self.position[place as usize] = self.heap.len() as u32;
                self.heap.push(place);
            }
            place
        } else {
            let place = match self.eviction {
                Eviction::Lru | Eviction::Fifo => self.oldest,
                Eviction::Random => rng.below(self.capacity as u32),
                Eviction::Lfu => self.heap[0],
            };
            self.places.remove(self.keys[place as usize]);
            self.keys[place as usize] = key;
            self.expiry[place as usize] = expiry;
            if ordered {
                self.unlink(place);
            }
            place
        };
        self.places.set(key, place);
        if ordered {
            self.link_newest(place);
        }
        if self.eviction == Eviction::Lfu {
            self.clock = self.clock.wrapping_add(1);
            self.uses[place as usize] = (self.asked.get(key).unwrap_or(0), self.clock);
            self.rise(self.position[place as usize] as usize);
            self.sink(self.position[place as usize] as usize);
        }
    }

    /// Whether a key may come in: with LFU only for one that is asked for less often.
    fn admits(&self, key: u32) -> bool {
        let full = self.eviction == Eviction::Lfu && self.keys.len() >= self.capacity;
        let Some(&least) = self.heap.first().filter(|_| full) else { return true };
        self.places.get(key).is_some() || self.asked.get(key).unwrap_or(0) > self.uses[least as usize].0
    }

    /// Loses each entry with this probability; the rest keeps its order and its uses.
    pub(crate) fn lose(&mut self, share: f64, rng: &mut Rng) {
        if share >= 1.0 {
            return self.flush();
        }
        let mut order: Vec<u32> = (0..self.keys.len() as u32).collect();
        if matches!(self.eviction, Eviction::Lru | Eviction::Fifo) {
            order.clear();
            let mut at = self.oldest;
            while at != NONE {
                order.push(at);
                at = self.newer[at as usize];
            }
        }
        let kept: Vec<(u32, f64)> = order
            .into_iter()
            .filter(|_| !rng.coin(share))
            .map(|at| (self.keys[at as usize], self.expiry[at as usize]))
            .collect();
        let asked = std::mem::replace(&mut self.asked, KeyTable::with_capacity(0));
        self.flush();
        self.asked = asked;
        for (key, expiry) in kept {
            self.store(key, 0.0, rng);
            if let Some(place) = self.places.get(key) {
                self.expiry[place as usize] = expiry;
            }
        }
    }

    /// Empties the cache.
    pub(crate) fn flush(&mut self) {
        self.places.clear();
        self.asked.clear();
        for list in [&mut self.keys, &mut self.newer, &mut self.older, &mut self.position, &mut self.heap] {
            list.clear();
        }
        self.expiry.clear();
        self.uses.clear();
        (self.newest, self.oldest) = (NONE, NONE);
    }

    fn unlink(&mut self, place: u32) {
        let (newer, older) = (self.newer[place as usize], self.older[place as usize]);
        match newer {
            NONE => self.newest = older,
            n => self.older[n as usize] = older,
        }
        match older {
            NONE => self.oldest = newer,
            o => self.newer[o as usize] = newer,
        }
    }

    fn link_newest(&mut self, place: u32) {
        self.newer[place as usize] = NONE;
        self.older[place as usize] = self.newest;
        match self.newest {
            NONE => self.oldest = place,
            n => self.newer[n as usize] = place,
        }
        self.newest = place;
    }

    fn less(&self, a: usize, b: usize) -> bool {
        self.uses[self.heap[a] as usize] < self.uses[self.heap[b] as usize]
    }

    fn swap(&mut self, a: usize, b: usize) {
        self.heap.swap(a, b);
        self.position[self.heap[a] as usize] = a as u32;
        self.position[self.heap[b] as usize] = b as u32;
    }

    fn rise(&mut self, mut at: usize) {
        while at > 0 && self.less(at, (at - 1) / 2) {
            self.swap(at, (at - 1) / 2);
            at = (at - 1) / 2;
        }
    }

    fn sink(&mut self, mut at: usize) {
        loop {
            let mut child = 2 * at + 1;
            if child >= self.heap.len() {
                return;
            }
            if child + 1 < self.heap.len() && self.less(child + 1, child) {
                child += 1;
            }
            if !self.less(child, at) {
                return;
            }
            self.swap(at, child);
            at = child;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::keys::Zipf;
    use crate::sim::rng::Purpose;

    fn hit_ratio(eviction: Eviction, keys: u64, zipf: f64, capacity: u64) -> f64 {
        let mut cache = KeyCache::new(&CacheKeys { keys, zipf, capacity, ttl: None, eviction });
        let law = Zipf::new(keys, zipf);
        let mut rng = Rng::stream(4, 0, "cache", Purpose::Keys);
        let (mut hits, n) = (0u32, 400_000);
        for i in 0..n + 1000 {
            let key = law.sample(&mut rng);
            if cache.hit(key, f64::from(i)) {
                hits += u32::from(i >= 1000);
            } else {
                cache.store(key, f64::from(i), &mut rng);
            }
        }
        f64::from(hits) / f64::from(n)
    }

    /// Cases 19 and 20 of the project's numerical cases: exact hit ratios; 0.005 is more than 5 standard errors.
    #[test]
    fn hit_ratios_are_the_exact_ones() {
        let rows = [
            (Eviction::Random, 5, 1.4, 2, 0.590_396),
            (Eviction::Fifo, 5, 1.4, 2, 0.590_396), // FIFO equals random replacement (Gelenbe 1973)
            (Eviction::Lru, 5, 1.4, 2, 0.616_627),
            (Eviction::Lru, 5, 0.0, 2, 0.4),
            (Eviction::Fifo, 5, 0.0, 2, 0.4),
            (Eviction::Lfu, 5, 0.0, 5, 1.0),
            // The two most popular of five: (1 + 2^-1.4) of the whole weight.
            (Eviction::Lfu, 5, 1.4, 2, 0.748_452),
            // The ten most popular of a hundred: what LFU has learnt after some thousands of requests.
            (Eviction::Lfu, 100, 0.8, 10, 0.438_275),
        ];
        for (eviction, keys, zipf, capacity, want) in rows {
            let got = hit_ratio(eviction, keys, zipf, capacity);
            assert!((got - want).abs() < 0.005, "{eviction:?} {keys} {zipf} {capacity}: {got}");
        }
    }

    #[test]
    fn entries_die_and_a_flush_empties() {
        let model = CacheKeys { keys: 9, zipf: 0.0, capacity: 9, ttl: Some(10.0), eviction: Eviction::Lru };
        let mut cache = KeyCache::new(&model);
        let mut rng = Rng::stream(1, 0, "c", Purpose::Keys);
        cache.store(3, 0.0, &mut rng);
        assert!(cache.hit(3, 9.9) && !cache.hit(3, 10.0));
        cache.store(3, 10.0, &mut rng);
        assert!(cache.hit(3, 11.0));
        cache.flush();
        assert!(!cache.hit(3, 11.0));
        cache.store(4, 11.0, &mut rng);
        assert!(cache.hit(4, 12.0));
    }
}
