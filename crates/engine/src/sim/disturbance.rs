//! Timed events: what happens when one begins and when it ends. Overlapping ones add up.

use super::calendar::Event;
use super::flow::{Core, DISTURBS, INTERRUPTS, POPULATES, REPLACED};
use crate::model::{self, EventKind};

/// Marks the end of a disturbance in its event's token.
const ENDS: u32 = 1;
/// From here on tokens count the batches of a deployment.
const BATCH: u32 = 2;
/// All replicas of a station.
const ALL: u32 = 1 << 20;

impl Core {
    /// Schedules all events of the system, which count from `origin`.
    pub(crate) fn schedule_disturbances(&mut self, origin: f64) {
        for (at, event) in self.disturbances.iter().enumerate() {
            self.calendar.push(Event { time: origin + event.at.max(0.0), subject: at as u32, kind: DISTURBS });
            let end = origin + event.at + event.duration;
            if end < 1e300 {
                self.calendar.push(Event { time: end, subject: at as u32, kind: DISTURBS | ENDS << 8 });
            }
        }
    }

    /// An event begins or ends.
    pub(crate) fn disturb(&mut self, at: usize, token: u32) {
        let event = self.disturbances[at].clone();
        let ends = token == ENDS;
        let amount = event.amount;
        self.in_force[at] = !ends;
        match (event.kind, event.station) {
            (EventKind::LoseReplicas, Some(s)) => self.lose_or_regain(&[(s, amount.max(0.0).round() as u32)], ends),
            (EventKind::Deploy, Some(s)) => self.deploy(at, s, &event, token),
            (EventKind::LoseZone, _) => {
                let hit = self.zones.iter().enumerate().filter(|(_, z)| z.is_some() && **z == event.zone);
                let hit: Vec<(usize, u32)> = hit.map(|(s, _)| (s, ALL)).collect();
                self.lose_or_regain(&hit, ends);
            }
            (EventKind::ExclusiveLock, Some(s)) => {
                self.change_fleet(s, |f| f.locks = if ends { f.locks.saturating_sub(1) } else { f.locks + 1 });
            }
            (EventKind::SlowDown, Some(s)) => self.slow_down(s),
            (EventKind::Partition, Some(s)) => {
                let cuts = &mut self.cuts[s];
                *cuts = if ends { cuts.saturating_sub(1) } else { *cuts + 1 };
                self.cut[s] = *cuts > 0;
            }
            (EventKind::FlushCache, Some(s)) => {
                if let Some(cache) = &mut self.caches[s] {
                    match &mut cache.contents {
                        Some((contents, _)) if !ends => contents.flush(),
                        Some(_) => {}
                        None => cache.empty = !ends,
                    }
                }
            }
            (EventKind::TrafficSpike, station) => self.spike(station),
            (_, None) => {}
        }
    }

    /// Replicas go, or come back.
    fn lose_or_regain(&mut self, hits: &[(usize, u32)], back: bool) {
        if !back {
            return self.lose(hits);
        }
        for &(station, count) in hits {
            self.regain(station, count);
        }
    }

    /// A deployment: its replicas restart in turn, so many at once, each batch for its share of the event's time.
    fn deploy(&mut self, at: usize, station: usize, event: &model::Event, token: u32) {
        let id = at as u32;
        if token == ENDS {
            return self.change_fleet(station, |f| f.restarts.retain(|r| r.0 != id));
        }
        let at_once = event.amount.max(1.0).round() as u32;
        let batch = token.saturating_sub(BATCH - 1);
        let batches = self.fleets[station].ready.div_ceil(at_once).max(1);
        let first = if batch < batches { batch * at_once } else { u32::MAX };
        self.change_fleet(station, |f| {
            f.restarts.retain(|r| r.0 != id);
            f.restarts.push((id, first, at_once));
        });
        let time = self.now + event.duration / f64::from(batches);
        if batch + 1 < batches && time < 1e300 {
            self.calendar.push(Event { time, subject: id, kind: DISTURBS | (BATCH + batch) << 8 });
        }
    }

    /// Schedules the first interruption of every station that is partly bought as spot capacity.
    pub(crate) fn start_interruptions(&mut self) {
        for station in 0..self.interruptions.len() {
            self.schedule_interruption(station);
        }
    }

    /// The next interruption at the rate of the replicas that are there now.
    fn schedule_interruption(&mut self, station: usize) {
        let rate = self.interruptions[station].0 * f64::from(self.fleets[station].serving().max(1));
        if rate > 0.0 {
            let time = self.now + self.ziggurat.exponential(&mut self.jitter_rng) / rate;
            self.calendar.push(Event { time, subject: station as u32, kind: INTERRUPTS });
        }
    }

    /// A replica is taken away with all it has in hand; its successor boots.
    pub(crate) fn interrupt(&mut self, station: usize) {
        self.schedule_interruption(station);
        if self.fleets[station].serving() == 0 {
            return;
        }
        self.lose(&[(station, 1)]);
        let time = self.now + self.interruptions[station].1;
        self.calendar.push(Event { time, subject: station as u32, kind: REPLACED });
    }

    /// The product of the factors in force of a kind, of the events that concern a station. Made anew at every change: dividing
    /// by a factor that ends would not give back what was before, least of all after 0.
    fn factor(&self, kind: EventKind, concerns: impl Fn(Option<model::StationId>) -> bool) -> f64 {
        let all = self.disturbances.iter().zip(&self.in_force);
        all.filter(|(e, in_force)| **in_force && e.kind == kind && concerns(e.station)).map(|(e, _)| e.amount).product()
    }

    /// Own times are longer by a factor: those that begin from now on, and all work on shared processors.
    fn slow_down(&mut self, station: model::StationId) {
        let factor = self.factor(EventKind::SlowDown, |s| s == Some(station));
        self.pace[station] = factor;
        let layout = &self.layout[station];
        for g in layout.first..layout.first + layout.groups {
            let cores = self.groups[g as usize].cores;
            if cores != super::visit::NONE {
                self.cores[cores as usize].slow(self.now, factor);
                self.schedule_shared(cores);
            }
        }
    }

    /// The load of all classes, or of those that enter at a station, is times a factor.
    fn spike(&mut self, station: Option<model::StationId>) {
        for class in 0..self.sources.len() {
            let entry = usize::from(self.program.entries[class].station);
            if station.is_some_and(|s| s != entry) {
                continue;
            }
            let factor = self.factor(EventKind::TrafficSpike, |s| s.is_none_or(|s| s == entry));
            let source = &mut self.sources[class];
            let gap = if source.next.is_finite() { Some(source.intensity.area(self.now, source.next)) } else { None };
            source.intensity.set_boost(factor);
            if source.closed {
                self.populate(class);
            } else {
                let fresh = || 0.0;
                let gap = gap.unwrap_or_else(fresh);
                let source = &mut self.sources[class];
                if gap > 0.0 {
                    source.next = source.intensity.after(self.now, gap);
                } else {
                    source.schedule(self.now, &self.ziggurat, &self.program.points);
                }
            }
        }
    }

    /// Brings a closed class to the users that its load asks for now.
    pub(crate) fn populate(&mut self, class: usize) {
        let source = &mut self.sources[class];
        let wanted = source.wanted(self.now);
        let active = source.active - source.leaving;
        if wanted < active {
            source.leaving += active - wanted;
            return;
        }
        let back = (wanted - active).min(source.leaving);
        source.leaving -= back;
        let more = wanted - active - back;
        if self.users() + u64::from(more) > self.most as u64 {
            self.crowded = true;
            return;
        }
        self.sources[class].active += more;
        for _ in 0..more {
            self.think(class);
        }
    }

    /// Follows a moving population.
    pub(crate) fn repopulate(&mut self, class: usize) {
        self.populate(class);
        if let Some(step) = self.sources[class].intensity.step() {
            self.calendar.push(Event { time: self.now + step, subject: class as u32, kind: POPULATES });
        }
    }
}
