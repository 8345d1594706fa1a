//! How many replicas a station has, which ones, and what its groups, processors and pools are then.
//!
//! A replica that is lost drops what it has in hand and what waits in its line (see `casualty`). One that is removed by an
//! autoscaler or restarted by a deployment takes nothing new and finishes what it has (it drains).

use super::casualty::Loss;
use super::flow::{Core, Next};
use super::layout::{StationLayout, times};
use super::visit::{FAILED, NONE};
use crate::model::Kind;

/// Replicas of one station.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fleet {
    /// Started ones, lost ones included.
    pub ready: u32,
    /// Booting ones: billed, serving nothing.
    pub booting: u32,
    /// Lost by events: the last ones.
    pub lost: u32,
    /// Exclusive locks held on it.
    pub locks: u32,
    /// Deployments under way: event, first replica that restarts now, how many.
    pub restarts: Vec<(u32, u32, u32)>,
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

    /// Whether a replica serves.
    pub(crate) fn serves(&self, replica: u32) -> bool {
        replica < self.ready.saturating_sub(self.lost)
            && !self.restarts.iter().any(|&(_, first, count)| (first..first.saturating_add(count)).contains(&replica))
    }

    /// Replicas that serve.
    pub(crate) fn serving(&self) -> u32 {
        let left = self.ready.saturating_sub(self.lost);
        match self.restarts.as_slice() {
            [] => left,
            [(_, first, count)] => left - (first.saturating_add(*count)).min(left).saturating_sub(*first),
            _ => (0..left).filter(|&r| self.serves(r)).count() as u32,
        }
    }

    /// Replica-seconds in service, and billed, up to now.
    pub(crate) fn seconds(&self, now: f64) -> (f64, f64) {
        let elapsed = now - self.since;
        let billed = f64::from(self.ready) + f64::from(self.booting);
        (self.served + elapsed * f64::from(self.serving()), self.billed + elapsed * billed)
    }

    /// Replicas in service on average between two instants, of which the seconds in service are given.
    pub(crate) fn mean(&self, (from, before): (f64, f64), (to, after): (f64, f64)) -> f64 {
        if self.since <= from { f64::from(self.serving()) } else { (after - before) / (to - from) }
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
    /// Changes a station's fleet and what follows from it; replicas that go away drain.
    pub(crate) fn change_fleet(&mut self, station: usize, change: impl FnOnce(&mut Fleet)) {
        self.set_fleet(station, change);
        self.follow_slots(station);
        let layout = self.layout[station].clone();
        if self.scales[station] != Scale::Consumers && self.fleets[station].serving() == 0 {
            // Nobody is left to take over what waits.
            for group in layout.first..layout.first + layout.groups {
                self.fail_line(group);
            }
        }
        self.fill_station(&layout);
    }

    /// Replicas of several stations are lost at one instant, with all they have in hand.
    pub(crate) fn lose(&mut self, hits: &[(usize, u32)]) {
        let mut losses = Vec::new();
        for &(station, count) in hits {
            let before = self.fleets[station].clone();
            self.set_fleet(station, |f| f.lost = f.lost.saturating_add(count));
            self.losses(station, &before, &mut losses);
        }
        let orphans = self.drop_work(&losses);
        for &(station, _) in hits {
            self.lose_contents(station);
            self.follow_slots(station);
            let layout = self.layout[station].clone();
            self.fill_station(&layout);
        }
        for pool in 0..self.pools.len() {
            self.fill_pool(pool);
        }
        self.tell_callers(&orphans);
    }

    /// Lost replicas are back.
    pub(crate) fn regain(&mut self, station: usize, count: u32) {
        self.change_fleet(station, |f| f.lost = f.lost.saturating_sub(count));
    }

    /// What a change of the fleet means for each of the station's groups.
    fn losses(&self, station: usize, before: &Fleet, losses: &mut Vec<Loss>) {
        let after = &self.fleets[station];
        let layout = &self.layout[station];
        let share = |had: u32, has: u32| if had > 0 { 1.0 - f64::from(has) / f64::from(had) } else { 0.0 };
        match self.scales[station] {
            Scale::Consumers if layout.lines > 1 => {
                let lines = layout.first + 2..layout.first + 1 + layout.lines;
                losses.extend(lines.filter(|&g| !self.groups[g as usize].up).map(|group| Loss {
                    group,
                    share: 1.0,
                    line: true,
                }));
            }
            Scale::Consumers => {
                if let Some(most) = layout.consumers {
                    let left = |f: &Fleet| most.saturating_sub(f.lost);
                    let share = share(left(before), left(after));
                    losses.push(Loss { group: layout.first + 1, share, line: false });
                }
            }
            Scale::Replicas if layout.pooled => {
                let share = share(before.serving(), after.serving());
                losses.push(Loss { group: layout.first, share, line: after.serving() == 0 });
            }
            Scale::Whole => losses.push(Loss { group: layout.first, share: 1.0, line: true }),
            Scale::Replicas | Scale::Nodes => {
                let gone = (0..layout.groups).filter(|&g| before.serves(g) && !after.serves(g));
                losses.extend(gone.map(|g| Loss { group: layout.first + g, share: 1.0, line: true }));
            }
        }
    }

    /// Sets capacities, cores and pools by the fleet.
    fn set_fleet(&mut self, station: usize, change: impl FnOnce(&mut Fleet)) {
        let fleet = &mut self.fleets[station];
        fleet.settle(self.now);
        change(fleet);
        let fleet = fleet.clone();
        let layout = self.layout[station].clone();
        let serving = fleet.serving();
        for group in layout.first..layout.first + layout.groups + layout.lines {
            self.groups[group as usize].settle(self.now);
        }
        let lock = |capacity: u32| if fleet.locks > 0 { capacity.min(1) } else { capacity };
        match (self.scales[station], layout.pooled) {
            (Scale::Consumers, _) => self.set_consumers(&layout, &fleet, lock),
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
                }
            }
            (Scale::Whole, _) => {
                let group = &mut self.groups[layout.first as usize];
                group.up = serving > 0;
                group.capacity = lock(layout.slots.unwrap_or(u32::MAX));
            }
            (Scale::Replicas | Scale::Nodes, _) => {
                let slots = layout.slots.unwrap_or(u32::MAX);
                for g in 0..layout.groups {
                    let group = &mut self.groups[(layout.first + g) as usize];
                    group.up = fleet.serves(g);
                    group.capacity = lock(slots);
                }
                let members = (0..layout.groups).filter(|&g| fleet.serves(g));
                self.members[station].clear();
                self.members[station].extend(members);
            }
        }
    }

    /// Queues whose consumers are limited by a station's slots follow them.
    fn follow_slots(&mut self, station: usize) {
        let Some(slots) = self.layout[station].slots else { return };
        for queue in 0..self.layout.len() {
            if !self.layout[queue].fed.contains(&station) {
                continue;
            }
            let others = self.layout[queue].fed.iter().filter(|&&s| s != station);
            let others = others.filter_map(|&s| Some(self.layout[s].slots?.saturating_mul(self.fleets[s].serving())));
            let own = slots.saturating_mul(self.fleets[station].serving());
            let usable = others.chain(self.layout[queue].given).fold(own, u32::min);
            self.layout[queue].consumers = Some(usable);
            self.set_fleet(queue, |_| {});
            let layout = self.layout[queue].clone();
            self.fill_station(&layout);
        }
    }

    /// Sets how many consumers a queue has.
    fn set_consumers(&mut self, layout: &StationLayout, fleet: &Fleet, lock: impl Fn(u32) -> u32) {
        let most = layout.consumers.unwrap_or(u32::MAX);
        let left = lock(most.saturating_sub(fleet.lost));
        let store = layout.first + 1;
        if layout.lines == 1 {
            self.groups[store as usize].capacity = left;
        } else {
            for line in 1..layout.lines {
                self.groups[(store + line) as usize].up = line <= left;
            }
        }
    }

    /// Visits in line take the slots that are free, calls the connections.
    fn fill_station(&mut self, layout: &StationLayout) {
        for group in layout.first..layout.first + layout.groups + layout.lines {
            self.fill(group);
        }
        if layout.lines > 1 {
            self.hand_out(usize::from(self.groups[layout.first as usize].station));
        }
        for pool in layout.first_pool..layout.first_pool + layout.groups * layout.pools {
            self.fill_pool(pool as usize);
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
            self.take_left(id);
            let step = self.turn_away(id);
            if step != Next::Idle {
                self.ready.push(step);
            }
        }
    }
}
