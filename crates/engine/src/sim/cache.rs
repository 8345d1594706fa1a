//! Look-ups: by a given ratio or by key, with fetches that store what was missed and, when asked, serve all who wait for it.

use super::flow::{Core, Next};
use super::key_cache::KeyCache;
use super::keys::{KeyTable, Zipf};
use super::program::*;
use super::visit::*;
use crate::model::{HitRatio, Kind, Station, When};

/// State of one cache.
#[derive(Debug, Clone)]
pub(crate) struct CacheState {
    /// Contents; `None` when the hit ratio is given.
    pub contents: Option<(KeyCache, Zipf)>,
    /// Share of visits that pass it by.
    bypass_ratio: f64,
    /// Whether concurrent misses of a key share one fetch.
    coalesce: bool,
    /// Whether the cache fetches itself (read-through).
    through: bool,
    /// Keys being fetched, each with the last visit that waits for it.
    pub fetching: KeyTable,
    /// Whether it was emptied by an event and its given ratio is out of force.
    pub empty: bool,
}

impl CacheState {
    /// The state of a cache or CDN.
    pub(crate) fn new(station: &Station) -> Option<Self> {
        let through = station.calls.iter().any(|c| c.when == When::Miss);
        let (hits, coalesce, bypass_ratio) = match &station.kind {
            Kind::Cache { hits, coalesce, bypass_ratio, .. } => (Some(hits), *coalesce, *bypass_ratio),
            Kind::Cdn { .. } => (None, false, 0.0),
            _ => return None,
        };
        let contents = match hits {
            Some(HitRatio::Keys(keys)) => Some((KeyCache::new(keys), Zipf::new(keys.keys, keys.zipf))),
            _ => None,
        };
        Some(Self { contents, bypass_ratio, coalesce, through, fetching: KeyTable::with_capacity(64), empty: false })
    }
}

impl Core {
    /// Hit or miss. A visit that joins another's fetch waits here.
    pub(crate) fn look_up(&mut self, id: u32) -> Next {
        let visit = self.visits[id];
        let plan = self.program.plans[visit.plan as usize];
        let station = plan.station as usize;
        self.stations[station].looked_up += 1;
        let next = if plan.flags & LEAF != 0 { Next::Finish(id) } else { Next::Advance(id) };
        let Some(cache) = &mut self.caches[station] else { return next };
        let bypasses = cache.bypass_ratio > 0.0 && self.choice_rng[station].coin(cache.bypass_ratio);
        let Some((contents, zipf)) = &mut cache.contents else {
            if bypasses || cache.empty || !self.choice_rng[station].coin(plan.hit_ratio) {
                self.stations[station].missed += 1;
                self.visits[id].flags |= MISSED;
                self.missed_key = NONE;
            }
            return next;
        };
        let key = zipf.sample(&mut self.key_rng[station]);
        if !bypasses && contents.hit(key, self.now) {
            return next;
        }
        self.stations[station].missed += 1;
        if !bypasses && cache.through {
            if cache.coalesce {
                if let Some(last) = cache.fetching.get(key) {
                    self.visits[id].next = last;
                    cache.fetching.set(key, id);
                    return Next::Idle;
                }
                cache.fetching.set(key, NONE);
            }
            self.visits[id].flags |= LEADS;
            self.visits[id].fetch = station as u16;
        }
        let visit = &mut self.visits[id];
        visit.key = if bypasses { NONE } else { key };
        visit.flags |= MISSED;
        next
    }

    /// A caller fetches what a cache missed, or waits for another's fetch of the same key.
    pub(crate) fn begin_fetch(&mut self, id: u32, station: usize, after: u32) -> Option<Next> {
        let key = self.missed_key;
        let cache = self.caches[station].as_mut()?;
        if cache.contents.is_none() || key == NONE {
            return None;
        }
        if cache.coalesce {
            if let Some(last) = cache.fetching.get(key) {
                let visit = &mut self.visits[id];
                visit.operation = after;
                visit.next = last;
                cache.fetching.set(key, id);
                return Some(Next::Idle);
            }
            cache.fetching.set(key, NONE);
        }
        let visit = &mut self.visits[id];
        (visit.key, visit.fetch) = (key, station as u16);
        visit.flags |= LEADS;
        None
    }

    /// The caller's fetch is done.
    pub(crate) fn fetched(&mut self, id: u32) {
        if self.visits[id].flags & LEADS != 0 {
            self.end_fetch(id, true);
            self.visits[id].flags &= !LEADS;
        }
    }

    /// A fetch ends: a good one is stored; all who waited go on, or fail with it.
    pub(crate) fn end_fetch(&mut self, id: u32, good: bool) {
        let visit = self.visits[id];
        let station = visit.fetch as usize;
        let Some(cache) = &mut self.caches[station] else { return };
        if let (true, Some((contents, _))) = (good, &mut cache.contents) {
            contents.store(visit.key, self.now, &mut self.choice_rng[station]);
        }
        if !cache.coalesce {
            return;
        }
        let mut waiting = cache.fetching.get(visit.key).unwrap_or(NONE);
        cache.fetching.remove(visit.key);
        while waiting != NONE {
            let other = &mut self.visits[waiting];
            let id = waiting;
            waiting = other.next;
            if good {
                self.ready.push(Next::Advance(id));
            } else {
                other.flags |= FAILED;
                self.ready.push(Next::Finish(id));
            }
        }
    }
}

impl Core {
    /// Nodes of a cache are lost with what they hold; a given hit ratio does not say what that means.
    pub(crate) fn lose_contents(&mut self, station: usize) {
        let fleet = &self.fleets[station];
        let left = if fleet.ready > 0 { f64::from(fleet.serving()) / f64::from(fleet.ready) } else { 0.0 };
        if let Some(instances) = &mut self.instances[station] {
            instances.clear();
        }
        if let Some((contents, _)) = self.caches[station].as_mut().and_then(|c| c.contents.as_mut()) {
            contents.lose(1.0 - left, &mut self.choice_rng[station]);
        }
    }
}
