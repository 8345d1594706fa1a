//! A line by priority: one list, ordered by level, with the last of each level known, so that joining costs a look at the levels and
//! leaving nothing more. Where slots may be taken away, also who works in them.

use super::visit::{NONE, Visits};

/// What a group with an order other than arrival keeps beside its line.
#[derive(Debug, Clone)]
pub(crate) struct Lanes {
    /// Last in line of each level, the highest priority first; [`NONE`] where nobody of it waits.
    tails: Vec<u32>,
    /// Visits in their own time whose slot may be taken away, as they began.
    working: Vec<Working>,
}

/// A visit in its own time.
#[derive(Debug, Clone, Copy)]
struct Working {
    visit: u32,
    level: u32,
    ends: f64,
}

impl Lanes {
    /// An empty line of so many levels.
    pub(crate) fn new(levels: usize) -> Self {
        Self { tails: vec![NONE; levels.max(1)], working: Vec::with_capacity(16) }
    }

    /// Puts a visit last of its level, or first of it.
    pub(crate) fn insert(&mut self, id: u32, level: usize, first: bool, head: &mut u32, visits: &mut Visits) {
        let before = if first { &self.tails[..level] } else { &self.tails[..=level] };
        match before.iter().rev().find(|&&last| last != NONE) {
            Some(&last) => {
                visits[id].next = visits[last].next;
                visits[last].next = id;
            }
            None => {
                visits[id].next = *head;
                *head = id;
            }
        }
        if !first || self.tails[level] == NONE {
            self.tails[level] = id;
        }
    }

    /// The first in line has left it.
    #[cold]
    #[inline(never)]
    pub(crate) fn left(&mut self, id: u32) {
        // The first in line is of the first level that has anybody.
        if let Some(last) = self.tails.iter_mut().find(|last| **last != NONE)
            && *last == id
        {
            *last = NONE;
        }
    }

    /// Nobody is in line any more.
    pub(crate) fn forget_line(&mut self) {
        self.tails.fill(NONE);
    }

    /// An own time begins, or goes on, in a slot that may be taken away.
    pub(crate) fn work(&mut self, visit: u32, level: u32, ends: f64) {
        self.working.push(Working { visit, level, ends });
    }

    /// Whether a visit's own time ends now: not where it lost its slot since this end was foreseen.
    pub(crate) fn done(&mut self, visit: u32, now: f64) -> bool {
        let place = self.working.iter().position(|w| w.visit == visit && w.ends == now);
        // The rest stay in the order in which they began.
        place.map(|place| self.working.remove(place)).is_some()
    }

    /// Who loses the slot to a visit of a level, and when that own time would have ended: of the lowest priority below it the one that
    /// began last.
    pub(crate) fn yielding(&mut self, level: u32) -> Option<(u32, u32, f64)> {
        let mut found: Option<usize> = None;
        for (place, w) in self.working.iter().enumerate() {
            if w.level > level && found.is_none_or(|best| w.level >= self.working[best].level) {
                found = Some(place);
            }
        }
        let w = self.working.remove(found?);
        Some((w.visit, w.level, w.ends))
    }

    /// Visits in their own time that a visit of a level may not interrupt.
    pub(crate) fn unyielding(&self, level: u32) -> usize {
        self.working.iter().filter(|w| w.level <= level).count()
    }

    /// Visits in their own time.
    pub(crate) fn working(&self) -> impl Iterator<Item = u32> + '_ {
        self.working.iter().map(|w| w.visit)
    }

    /// Forgets the work of lost visits.
    pub(crate) fn drop_work(&mut self, is_lost: impl Fn(u32) -> bool) {
        self.working.retain(|w| !is_lost(w.visit));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::visit::Visit;

    /// Who joins, (level, whether in front of it), and who comes out in which order.
    type Row = (&'static [(usize, bool)], &'static [u32]);

    #[test]
    fn a_line_is_ordered_by_level_and_arrival() {
        let rows: [Row; 4] = [
            (&[(1, false), (0, false), (1, false), (0, false)], &[1, 3, 0, 2]),
            (&[(2, false), (1, false), (2, true), (0, false)], &[3, 1, 2, 0]),
            (&[(0, false), (0, true), (0, false)], &[1, 0, 2]),
            (&[(2, true), (1, true), (2, false), (1, false)], &[1, 3, 0, 2]),
        ];
        for (joins, order) in rows {
            let mut visits = Visits::with_capacity(8);
            let (mut lanes, mut head) = (Lanes::new(3), NONE);
            for &(level, first) in joins {
                let id = visits.insert(Visit {
                    start: 0.0,
                    parent: NONE,
                    parent_token: 0,
                    next: NONE,
                    group: 0,
                    key: 0,
                    plan: 0,
                    operation: 0,
                    pending: 0,
                    flags: 0,
                    attempts: 0,
                    fetch: 0,
                    guest: NONE,
                });
                lanes.insert(id, level, first, &mut head, &mut visits);
            }
            for &expected in order {
                assert_eq!(head, expected, "{joins:?}");
                head = visits[head].next;
                lanes.left(expected);
            }
            assert_eq!((head, lanes.tails), (NONE, vec![NONE; 3]), "{joins:?}");
        }
    }

    #[test]
    fn the_lowest_priority_that_began_last_yields() {
        let mut lanes = Lanes::new(3);
        for (visit, level) in [(0, 1), (1, 2), (2, 2), (3, 1), (4, 0)] {
            lanes.work(visit, level, 1.0);
        }
        assert!(!lanes.done(0, 0.5) && lanes.done(0, 1.0) && !lanes.done(0, 1.0));
        let order: Vec<u32> = std::iter::from_fn(|| lanes.yielding(0).map(|found| found.0)).collect();
        assert_eq!(order, [2, 1, 3]);
        assert_eq!(lanes.working().collect::<Vec<_>>(), [4]);
    }
}
