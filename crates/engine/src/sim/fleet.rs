//! How many replicas a station has, and what its groups, processors and pools are then.
//!
//! Visits in service at a replica that goes away are finished there (it drains); those in its line fail when it is lost by an
//! event, and are still served when an autoscaler removes it.

use super::flow::{Core, Next};
use super::layout::times;
use super::visit::{FAILED, NONE};
use crate::model::Kind;

/// Replicas of one station.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fleet {
    /// Started ones, lost ones included.
    pub ready: u32,
    /// Booting ones: billed, serving nothing.
    pub booting: u32,
    /// Lost by events.
    pub lost: u32,
    /// Exclusive locks held on it.
    pub locks: u32,
    /// Replica-seconds in service and billed up to `since`.
    served: f64,
    billed: f64,
    since: f64,
}

impl Fleet {
    /// A fleet of this size.
    pub(crate) fn new(ready: u32) -> Self {
        Self { ready, ..Self::default() }
    }

    /// Replicas that serve.
    pub(crate) fn serving(&self) -> u32 {
        self.ready.saturating_sub(self.lost)
    }

    /// Replica-seconds in service, and billed, up to now.
    pub(crate) fn seconds(&self, now: f64) -> (f64, f64) {
        let elapsed = now - self.since;
        let billed = f64::from(self.ready) + f64::from(self.booting);
        (self.served + elapsed * f64::from(self.serving()), self.billed + elapsed * billed)
    }

    /// Closes the time up to now before a change.
    pub(crate) fn settle(&mut self, now: f64) {
        (self.served, self.billed) = self.seconds(now);
        self.since = now;
    }
}

/// What a station's capacity follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Slots, waiting room, cores and pools per replica.
    Replicas,
    /// Nodes of a database.
    Nodes,
    /// A queue's consumers.
    Consumers,
    /// Slots that do not depend on replicas.
    Whole,
}

impl Scale {
    /// How a kind scales.
    pub(crate) fn of(kind: &Kind) -> Self {
        match kind {
            Kind::Service { .. } | Kind::Cache { .. } => Self::Replicas,
            Kind::Database(_) => Self::Nodes,
            Kind::Queue { .. } => Self::Consumers,
            _ => Self::Whole,
        }
    }
}

impl Core {
    /// Changes a station's fleet and what follows from it. `abrupt` fails what waits in line at lost replicas.
    pub(crate) fn change_fleet(&mut self, station: usize, abrupt: bool, change: impl FnOnce(&mut Fleet)) {
        let fleet = &mut self.fleets[station];
        fleet.settle(self.now);
        change(fleet);
        let fleet = *fleet;
        let layout = self.layout[station].clone();
        let serving = fleet.serving();
        let lock = |capacity: u32| if fleet.locks > 0 { capacity.min(1) } else { capacity };
        match (self.scales[station], layout.pooled) {
            (Scale::Consumers, _) => {
                let group = layout.first + 1;
                let most = layout.consumers.unwrap_or(u32::MAX);
                self.groups[group as usize].capacity = lock(most.saturating_sub(fleet.lost));
                self.fill(group);
            }
            (Scale::Replicas, true) => {
                let group = &mut self.groups[layout.first as usize];
                group.capacity = lock(times(layout.slots, serving));
                group.queue_limit = times(layout.queue_limit, serving);
                group.up = serving > 0;
                let cores = group.cores;
                if let (Some(per_replica), true) = (layout.cores, cores != NONE) {
                    self.cores[cores as usize].resize(self.now, per_replica * f64::from(serving));
                    self.schedule_shared(cores);
                }
                for pool in 0..layout.pools {
                    let at = (layout.first_pool + pool) as usize;
                    self.pools[at].size = times(self.pool_sizes[at], serving);
                    self.fill_pool(at);
                }
                if serving == 0 && abrupt {
                    self.fail_line(layout.first);
                }
                self.fill(layout.first);
            }
            (Scale::Whole, _) => {
                let group = &mut self.groups[layout.first as usize];
                group.up = serving > 0;
                group.capacity = lock(layout.slots.unwrap_or(u32::MAX));
                if serving == 0 && abrupt {
                    self.fail_line(layout.first);
                }
                self.fill(layout.first);
            }
            (Scale::Replicas | Scale::Nodes, _) => {
                let slots = layout.slots.unwrap_or(u32::MAX);
                for g in 0..layout.groups {
                    let id = layout.first + g;
                    let group = &mut self.groups[id as usize];
                    let was = group.up;
                    group.up = g < serving;
                    group.capacity = lock(slots);
                    if was && !group.up && abrupt {
                        self.fail_line(id);
                    }
                    self.fill(id);
                }
                self.up[station] = serving.min(layout.groups);
            }
        }
    }

    /// Visits in line take the slots that are free.
    pub(crate) fn fill(&mut self, group: u32) {
        while self.groups[group as usize].waiting > 0 && self.groups[group as usize].try_hold(self.now) {
            let id = self.groups[group as usize].leave_line(self.now, &self.visits);
            self.begin_from_line(id, group);
        }
    }

    /// Everyone in line fails.
    fn fail_line(&mut self, group: u32) {
        loop {
            let id = self.groups[group as usize].leave_line(self.now, &self.visits);
            if id == NONE {
                return;
            }
            self.visits[id].flags |= FAILED;
            let step = self.turn_away(id);
            if step != Next::Idle {
                self.ready.push(step);
            }
        }
    }
}
