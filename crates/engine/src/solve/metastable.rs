//! Loads that hold two stable states: retries can keep a system in the collapsed one after a disturbance.
//!
//! The good state is the one found from idle, the bad one that found from where every call needs all its attempts. The range ends at the
//! bottom where the bad state recovers by itself, at the top where the good one is lost; it is taken to be one interval.
//! Source: Bronson, Aghayev, Charapko, Zhu, "Metastable failures in distributed systems", HotOS 2021.

use super::{Options, Solver};
use crate::model::System;

/// Halvings of the range's ends.
const HALVINGS: u32 = 24;
/// How far the ends are looked for: 2^10 times smaller or larger.
const DOUBLINGS: u32 = 10;

impl Solver {
    /// Whether the system, once every call needs all its attempts, stays in a worse state than the one found from idle: the
    /// load holds two stable states, and a burst can push it from the good one into collapse.
    pub(super) fn collapses(&mut self, system: &System, options: &Options) -> bool {
        let Some(mut other) = self.other.take() else {
            return false;
        };
        let good = self.successes(system);
        core::mem::swap(&mut self.state, &mut *other);
        self.prepare(system);
        for leg in 0..self.structure.legs.len() {
            let most = self.structure.call(system, leg).retry.map_or(1.0, |retry| 1.0 + f64::from(retry.max));
            for call in &mut self.state.calls[leg * self.structure.classes..(leg + 1) * self.structure.classes] {
                (call.attempts, call.tried) = (most, most);
            }
        }
        let settled = self.iterate(system, options).converged;
        let bad = self.successes(system);
        core::mem::swap(&mut self.state, &mut *other);
        self.other = Some(other);
        settled && bad < good * 0.99
    }

    /// Successful requests per second over all classes.
    fn successes(&self, system: &System) -> f64 {
        let success = |(class, c): (usize, &crate::model::Class)| {
            let visit = &self.state.visits[c.entry * self.structure.classes + class];
            visit.offered * visit.admitted * visit.success * visit.through * self.passing(c.entry, class)
        };
        system.classes.iter().enumerate().map(success).sum()
    }

    /// The growth multiples between which both states exist, around one at which they do; `None` when they do not. An end that was not
    /// found within a factor of 1024 is the last multiple looked at.
    pub fn metastable_range(&mut self, system: &System, multiple: f64) -> Option<(f64, f64)> {
        let options = Options { percentiles: false, ..Options::default() };
        let mut both = |at: f64| self.solve(system, at, &options).metastable;
        if !both(multiple) {
            return None;
        }
        let mut end = |factor: f64| {
            let (mut inside, mut outside) = (multiple, multiple);
            for _ in 0..DOUBLINGS {
                outside *= factor;
                if !both(outside) {
                    break;
                }
                inside = outside;
            }
            for _ in 0..HALVINGS {
                let middle = inside.midpoint(outside);
                if both(middle) { inside = middle } else { outside = middle }
            }
            inside
        };
        Some((end(0.5), end(2.0)))
    }
}
