//! Kubernetes' Horizontal Pod Autoscaler: every interval desired = ceil(current x metric / target) unless the metric is within
//! the tolerance of its target; the metric is as old as its delay; replicas that it does not know yet count as idle on the way up and as on target on the way
//! down, as there; replicas boot before they serve; scaling down waits for the
//! highest recommendation of the stabilization window. Without Kubernetes' optional limits on the speed of scaling.

use super::calendar::Event;
use super::flow::{BOOTED, Core, SCALES};
use super::visit::NONE;
use crate::model::{Autoscale, AutoscaleMetric, Kind, StationId, System};
use std::collections::VecDeque;

/// An autoscaler of one station.
#[derive(Debug, Clone)]
pub(crate) struct Autoscaler {
    model: Autoscale,
    /// Queues whose consumers call the station.
    feeders: Vec<StationId>,
    /// Observations of the metric that may still be used.
    observed: VecDeque<Observation>,
    /// Recommendations in the stabilization window: (when, replicas).
    recommended: VecDeque<(f64, u32)>,
    /// Area of the metric, of what it is divided by, and replica-seconds at the last observation.
    before: (f64, f64, f64),
}

/// What was seen over one interval.
#[derive(Debug, Clone, Copy)]
struct Observation {
    at: f64,
    /// Metric, averaged over the replicas that were ready.
    metric: f64,
    /// Replicas that were ready.
    replicas: f64,
}

impl Autoscaler {
    /// The autoscaler of a station, if it has one.
    pub(crate) fn new(system: &System, station: StationId) -> Option<Self> {
        let feeders = system
            .stations
            .iter()
            .enumerate()
            .filter(|(_, s)| matches!(s.kind, Kind::Queue { .. }) && s.calls.iter().any(|c| c.to == station));
        Some(Self {
            model: system.stations[station].autoscale?,
            feeders: feeders.map(|(id, _)| id).collect(),
            observed: VecDeque::new(),
            recommended: VecDeque::new(),
            before: (0.0, 0.0, 0.0),
        })
    }
}

impl Observation {
    /// Wanted over current replicas.
    fn ratio(&self, current: f64, target: f64) -> f64 {
        let known = self.replicas.min(current);
        let needed = self.metric / target * known;
        if self.metric > target { (needed / current).max(1.0) } else { ((needed + current - known) / current).min(1.0) }
    }
}

impl Core {
    /// Schedules the first decision of every autoscaler.
    pub(crate) fn start_autoscalers(&mut self) {
        for station in 0..self.autoscalers.len() {
            if let Some(scaler) = &self.autoscalers[station] {
                self.calendar.push(Event { time: scaler.model.interval, subject: station as u32, kind: SCALES });
            }
        }
    }

    /// Area under what the metric counts, and under what it is divided by.
    fn metric_areas(&self, station: usize, scaler: &Autoscaler) -> (f64, f64) {
        let layout = &self.layout[station];
        let groups = &self.groups[layout.first as usize..(layout.first + layout.groups) as usize];
        let replicas = self.fleets[station].seconds(self.now).0;
        let sum = |f: fn(super::group::Areas) -> f64| groups.iter().map(|g| f(g.areas(self.now))).sum::<f64>();
        match scaler.model.metric {
            AutoscaleMetric::Cpu => match layout.cores {
                Some(cores) => {
                    let busy = groups.iter().filter(|g| g.cores != NONE);
                    (busy.map(|g| self.cores[g.cores as usize].area_until(self.now)).sum(), cores * replicas)
                }
                None => (sum(|a| a.working), layout.slots.map_or(0.0, f64::from) * replicas),
            },
            AutoscaleMetric::Slots => (sum(|a| a.held), layout.slots.map_or(0.0, f64::from) * replicas),
            AutoscaleMetric::QueueLengthPerReplica => {
                let lines = scaler.feeders.iter().flat_map(|&q| self.layout[q].message_lines());
                let fed = lines.map(|g| self.groups[g].areas(self.now).waiting);
                (sum(|a| a.waiting) + fed.sum::<f64>(), replicas)
            }
        }
    }

    /// An autoscaler observes and decides.
    pub(crate) fn scale(&mut self, station: usize) {
        let Some(mut scaler) = self.autoscalers[station].take() else { return };
        let model = scaler.model;
        self.calendar.push(Event { time: self.now + model.interval, subject: station as u32, kind: SCALES });
        let (area, over) = self.metric_areas(station, &scaler);
        let served = self.fleets[station].seconds(self.now).0;
        let (counted, divisor) = (area - scaler.before.0, over - scaler.before.1);
        let replicas = (served - scaler.before.2) / model.interval;
        scaler.before = (area, over, served);
        if divisor > 0.0 {
            scaler.observed.push_back(Observation { at: self.now, metric: counted / divisor, replicas });
        }
        // The newest observation that is old enough; older ones are of no more use.
        let usable = self.now - model.metric_delay;
        while scaler.observed.get(1).is_some_and(|o| o.at <= usable) {
            scaler.observed.pop_front();
        }
        if let Some(&seen) = scaler.observed.front()
            && seen.at <= usable
        {
            let fleet = &self.fleets[station];
            let current = fleet.ready + fleet.booting;
            let ratio = seen.ratio(f64::from(current), model.target);
            let desired = if (ratio - 1.0).abs() <= model.tolerance {
                f64::from(current)
            } else {
                // A hair below a whole number is that number: 3 x 0.7 / 0.7 must not be 4.
                (f64::from(current) * ratio - 1e-9).ceil()
            };
            let desired = (desired.clamp(0.0, 1e9) as u32).clamp(model.min.max(1), model.max);
            self.recommend(station, &mut scaler, current, desired);
        }
        self.autoscalers[station] = Some(scaler);
    }

    /// Follows a recommendation: up at once, down to the highest of the window.
    fn recommend(&mut self, station: usize, scaler: &mut Autoscaler, current: u32, desired: u32) {
        let model = scaler.model;
        scaler.recommended.push_back((self.now, desired));
        while scaler.recommended.front().is_some_and(|r| r.0 < self.now - model.stabilization_down) {
            scaler.recommended.pop_front();
        }
        if desired > current {
            let more = desired - current;
            self.change_fleet(station, |f| f.booting += more);
            let booted = Event { time: self.now + model.startup, subject: station as u32, kind: BOOTED };
            for _ in 0..more {
                self.calendar.push(booted);
            }
            return;
        }
        let highest = scaler.recommended.iter().map(|r| r.1).max().unwrap_or(current);
        if highest < current {
            let fewer = current - highest;
            // Replicas that still boot go first; their boot then comes to nothing.
            self.change_fleet(station, |f| {
                let unborn = fewer.min(f.booting);
                f.booting -= unborn;
                f.ready -= fewer - unborn;
            });
        }
    }

    /// A replica has booted, unless it was taken back meanwhile.
    pub(crate) fn booted(&mut self, station: usize) {
        if self.fleets[station].booting > 0 {
            self.change_fleet(station, |f| {
                f.booting -= 1;
                f.ready += 1;
            });
        }
    }
}
