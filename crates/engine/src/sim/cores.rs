//! A shared processor: n visits at once, each progressing at the same speed that depends on n.
//!
//! Processor sharing on `cores` cores: min(n, cores) / n, and never more than a replica has, for whom there is less than a core. Contention by the Universal Scalability Law:
//! 1 / (1 + contention (n - 1) + coherency n (n - 1)). Since all visits run at one speed, they finish in the order of the
//! "virtual time" at which their work is done, and one small heap of those is all there is to keep. A completion scheduled for
//! an instant that has meanwhile moved back is looked at again when it fires; one that moved forward is scheduled anew.

use crate::model::Usl;

/// How fast each of n visits progresses.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Speed {
    /// Processor sharing.
    Shared {
        /// Cores of all replicas.
        cores: f64,
        /// Cores that one visit can use: it is in one replica, and on one core.
        each: f64,
    },
    /// Contention among queries.
    Contended(Usl),
}

impl Speed {
    /// Processor sharing on the cores of so many replicas.
    pub(crate) fn shared(per_replica: f64, replicas: u32) -> Self {
        Self::Shared { cores: per_replica * f64::from(replicas), each: per_replica.min(1.0) }
    }
}

/// A shared processor.
#[derive(Debug, Clone)]
pub(crate) struct Cores {
    speed: Speed,
    /// Factor on the speed (a slow-down event).
    pace: f64,
    virtual_time: f64,
    last: f64,
    /// (virtual time at which it is done, visit), least first.
    heap: Vec<(f64, u32)>,
    /// Area of busy cores (Shared) or of queries in service (Contended).
    area: f64,
    /// Token of the completion that counts; older ones are ignored.
    pub token: u32,
    scheduled: f64,
}

impl Cores {
    /// An idle processor.
    pub(crate) fn new(speed: Speed) -> Self {
        Self {
            speed,
            pace: 1.0,
            virtual_time: 0.0,
            last: 0.0,
            heap: Vec::with_capacity(16),
            area: 0.0,
            token: 0,
            scheduled: f64::INFINITY,
        }
    }

    /// Changes the number of cores (autoscaling, losses); contention stays.
    pub(crate) fn resize(&mut self, now: f64, cores: f64) {
        self.advance(now);
        if let Speed::Shared { cores: all, .. } = &mut self.speed {
            *all = cores;
        }
    }

    /// From now on everything here takes so many times as long as it would undisturbed.
    pub(crate) fn slow(&mut self, now: f64, factor: f64) {
        self.advance(now);
        self.pace = 1.0 / factor;
    }

    /// Progress per second of each visit.
    fn each(&self) -> f64 {
        let n = self.heap.len() as f64;
        self.pace
            * match self.speed {
                Speed::Shared { cores, each } => (cores / n).min(each),
                Speed::Contended(u) => 1.0 / (1.0 + u.contention * (n - 1.0) + u.coherency * n * (n - 1.0)),
            }
    }

    /// Moves virtual time to now.
    pub(crate) fn advance(&mut self, now: f64) {
        let elapsed = now - self.last;
        self.last = now;
        if self.heap.is_empty() {
            self.virtual_time = 0.0;
            return;
        }
        self.virtual_time += elapsed * self.each();
        self.area += elapsed * self.busy();
    }

    /// Busy core-seconds (query-seconds under contention) up to now.
    pub(crate) fn area_until(&self, now: f64) -> f64 {
        self.area + (now - self.last) * self.busy()
    }

    /// Busy cores, or queries in service under contention.
    fn busy(&self) -> f64 {
        let n = self.heap.len() as f64;
        match self.speed {
            Speed::Shared { cores, each } => (n * each).min(cores),
            Speed::Contended(_) => n,
        }
    }

    /// Adds work in seconds. The caller schedules what [`Cores::next`] says.
    pub(crate) fn add(&mut self, now: f64, work: f64, visit: u32) {
        self.advance(now);
        self.heap.push((self.virtual_time + work, visit));
        let mut at = self.heap.len() - 1;
        while at > 0 && self.heap[(at - 1) / 2].0 > self.heap[at].0 {
            self.heap.swap(at, (at - 1) / 2);
            at = (at - 1) / 2;
        }
    }

    /// Visits in service, in no particular order.
    pub(crate) fn visits(&self) -> impl Iterator<Item = u32> + '_ {
        self.heap.iter().map(|&(_, visit)| visit)
    }

    /// Drops the work of lost visits. The caller schedules what [`Cores::next`] says.
    pub(crate) fn retain(&mut self, now: f64, is_lost: impl Fn(u32) -> bool) {
        if !self.heap.iter().any(|&(_, visit)| is_lost(visit)) {
            return;
        }
        self.advance(now);
        self.heap.retain(|&(_, visit)| !is_lost(visit));
        // An ascending list is a heap.
        self.heap.sort_by(|a, b| a.0.total_cmp(&b.0));
    }

    /// When a completion must be scheduled, and its token: only if none is scheduled early enough.
    pub(crate) fn next(&mut self, now: f64) -> Option<(f64, u32)> {
        let &(due, _) = self.heap.first()?;
        let speed = self.each();
        let time = if speed > 0.0 { now + ((due - self.virtual_time) / speed).max(0.0) } else { f64::INFINITY };
        if time < self.scheduled {
            self.scheduled = time;
            self.token = self.token.wrapping_add(1) & 0xFF_FFFF;
            return Some((time, self.token));
        }
        None
    }

    /// A scheduled completion fires: gives the visit that is done, if one is.
    pub(crate) fn fire(&mut self, now: f64) -> Option<u32> {
        self.scheduled = f64::INFINITY;
        self.advance(now);
        let &(due, visit) = self.heap.first()?;
        // Rounding: the remaining time may be below the clock's resolution.
        let remaining = (due - self.virtual_time) / self.each();
        if remaining > 0.0 && now + remaining > now {
            return None;
        }
        let last = self.heap.pop()?;
        if !self.heap.is_empty() {
            self.heap[0] = last;
            let (mut at, n) = (0, self.heap.len());
            loop {
                let mut child = 2 * at + 1;
                if child >= n {
                    break;
                }
                if child + 1 < n && self.heap[child + 1].0 < self.heap[child].0 {
                    child += 1;
                }
                if self.heap[child].0 >= self.heap[at].0 {
                    break;
                }
                self.heap.swap(at, child);
                at = child;
            }
        }
        Some(visit)
    }
}
