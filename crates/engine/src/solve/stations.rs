//! Each kind of station: what it admits, how long visits wait and stay, and what is full.

use super::{
    Resource, Solver,
    bare::Bare,
    flow, holding, prepare,
    state::{Pressure, VisitState},
    structure::Leg,
    track,
};
use crate::{
    model::{Autoscale, AutoscaleMetric, Balance, Discipline, Kind, Mode, System, When},
    queueing::{
        dispatch, function,
        mgc::{self, Wait},
        ps,
    },
    stats::Moments,
};

/// Sweeps after which refusals take half steps.
const REFUSING: u32 = 24;

impl Solver {
    /// Wait, residence and hold of a station that is not a queue.
    pub(super) fn station_times(&mut self, system: &System, id: usize, below: Pressure) {
        let station = &self.state.stations[id];
        let by_priority = station.discipline != Discipline::Fifo && station.found.is_none();
        match &system.stations[id].kind {
            Kind::Database(node) if by_priority && node.cores.is_some() => {
                self.database_by_priority(id, node, f64::from(node.cores.unwrap_or(1)), below);
            }
            Kind::Service { .. } | Kind::Cache { .. } if by_priority && self.state.stations[id].servers.is_finite() => {
                self.slots_by_priority(system, id, below);
            }
            Kind::Database(node) => {
                self.database_times(id, node);
                let own = self.state.stations[id].own_pressure;
                self.settle(id, own, below, true);
            }
            Kind::Service { .. } | Kind::Function { .. } | Kind::Cache { .. } => self.slots_times(system, id, below),
            _ => self.limit_times(system, id, below),
        }
        self.finish_times(id);
    }

    /// Seeks the root of a wait that the sweeps swing around.
    fn seek_wait(&mut self, id: usize) {
        let classes = self.structure.classes;
        let station = self.state.stations[id];
        if self.sweeps < track::PATIENCE || station.found.is_some() {
            return;
        }
        let (mut all, mut waits) = (0.0, 0.0);
        for class in 0..classes {
            let visit = &self.state.visits[id * classes + class];
            all += visit.served;
            waits += visit.served * (self.visit_wait(id, class).mean + visit.own_stay.mean - visit.own.mean);
        }
        if all <= 0.0 || waits <= 0.0 {
            return;
        }
        let found = waits / all;
        let factor = self.state.stations[id].track.next(found) / found;
        self.state.moved(1.0, factor);
        self.state.stations[id].wait.mean *= factor;
        for visit in &mut self.state.visits[id * classes..(id + 1) * classes] {
            if let Some(wait) = &mut visit.wait {
                wait.mean *= factor;
            }
            if visit.own_stay.mean <= visit.own.mean || visit.own.mean <= 0.0 {
                continue;
            }
            if station.discipline == Discipline::Fifo {
                visit.own_stay = ps::stay(&visit.own, 1.0 + (visit.own_stay.mean / visit.own.mean - 1.0) * factor);
            } else {
                // Interruptions, as many more or fewer as the mean says.
                let more = |own: f64, stay: f64| own + (stay - own) * factor;
                visit.own_stay = Moments {
                    mean: more(visit.own.mean, visit.own_stay.mean),
                    variance: more(visit.own.variance, visit.own_stay.variance),
                    third: more(visit.own.third, visit.own_stay.third),
                };
            }
        }
    }

    /// Residence and hold from wait and stay.
    fn finish_times(&mut self, id: usize) {
        self.seek_wait(id);
        for class in 0..self.structure.classes {
            let wait = self.visit_wait(id, class).moments();
            let visit = &mut self.state.visits[id * self.structure.classes + class];
            visit.residence = wait.then(visit.own_stay);
            let before = visit.hold.mean;
            visit.hold = visit.residence.then(visit.below);
            let after = visit.hold.mean;
            self.state.moved(before, after);
        }
    }

    /// The wait of a class in front of a station.
    pub(super) fn visit_wait(&self, id: usize, class: usize) -> Wait {
        let station = &self.state.stations[id];
        let visit = &self.state.visits[id * self.structure.classes + class];
        match (station.found, visit.found) {
            (Some(_), Some(mean)) if visit.found_law.0 > 0.0 => {
                let (probability, scv) = visit.found_law;
                super::closed::found_wait(mean, probability, scv)
            }
            (Some(busy), Some(mean)) => super::closed::found_wait(mean, busy, station.found_scv),
            _ => visit.wait.unwrap_or(station.wait),
        }
    }

    /// Slots with a line, own time in the slot or on shared cores; a function's slots without a line.
    fn slots_times(&mut self, system: &System, id: usize, below: Pressure) {
        let work = &system.stations[id];
        let classes = self.structure.classes;
        self.hits(system, id);
        self.cold_starts(system, id);
        let (rate, own) = self.mixture(id, |visit| visit.own);
        let offered: f64 = self.state.visits[id * classes..(id + 1) * classes].iter().map(|v| v.offered).sum();
        let holds_calls = !matches!(work.kind, Kind::Cache { .. });
        if let Some(autoscale) = &work.autoscale {
            self.autoscale(system, id, autoscale, offered, own.mean);
        }
        let mut station = self.state.stations[id];
        let balance = self.balance(system, id);
        station.split = balance.is_some();
        let mut own_pressure = Pressure { servers: station.servers, ..Pressure::default() };
        // A cache's slot is free again while what it missed is fetched.
        let mut below_slots = if holds_calls { below } else { Pressure::default() };
        station.busiest = None;
        if let Kind::Service { cpu_cores: Some(cores), .. } = work.kind {
            own_pressure = self.shared_cores(id, &mut station, cores, rate, own.mean, balance);
            below_slots = below.or(own_pressure);
        }
        let cores_load = own_pressure.load;
        let slots = station.servers;
        if slots.is_finite() {
            let (_, held) = self.mixture(id, |visit| if holds_calls { visit.slot_held() } else { visit.own_stay });
            let bare = if holds_calls { self.bare(id) } else { Bare::of(&own) };
            let slot_load = rate * held.mean / slots;
            station.slot_load = holds_calls.then_some(slot_load);
            if !matches!(work.kind, Kind::Service { cpu_cores: Some(_), .. }) {
                station.work_load =
                    Some(rate * if matches!(work.kind, Kind::Function { .. }) { held.mean } else { own.mean } / slots);
            }
            let room = self.room(system, id);
            if room.is_none() && work.kind.refuses() {
                self.refuse(id, 0.0);
            }
            let mut load = slot_load;
            let mut blame = slot_load;
            let mut slots_pressure = Pressure { servers: slots, rate, scv: bare.scv(), ..Pressure::default() };
            if let Some(room) = room {
                self.full_room(id, &mut station, offered, &held, own_pressure, room, balance.is_some());
                // What refuses never grows a line, and neither do the cores it guards.
                own_pressure.load = 0.0;
                load = 0.0;
            } else if let Some(balance) = balance {
                let replicas = station.replicas;
                // Each replica's overload is judged on what is offered, for the others still pass theirs.
                let whole = rate / station.passing;
                let group =
                    dispatch::group(balance, whole, station.arrival_scv, &held, replicas as u32, slots / replicas);
                station.wait = group.wait;
                station.passing_share = group.passing;
                load = group.load * station.passing;
                blame = load;
            } else {
                let line = holding::line(rate, 1.0, &held, bare, slots, &below_slots, station.arrival_scv);
                if let Some(hold) = line.hold.filter(|_| cores_load > below.load && station.found.is_none()) {
                    // The cores are the bottleneck of the slots: the time on them follows from the hold.
                    self.share_hold(id, hold - (held.mean - self.mean_stay(id)));
                }
                if station.found.is_some() {
                    station.wait = Wait::NONE;
                } else {
                    (station.wait, load, blame, slots_pressure) = (line.wait, line.load, line.blame, line.pressure());
                }
            }
            let wait_probability = station.wait.probability;
            // Slots that callers cannot fill are nothing to them where something queues below: they feel that.
            if station.bound > slots || below_slots.load <= holding::UNFELT {
                own_pressure = own_pressure.or(Pressure { load, wait_probability, ..slots_pressure });
            }
            if room.is_none() {
                station.wait = holding::cut(station.wait, rate, load, station.bound - slots);
                if blame > cores_load || station.busiest.is_none() {
                    station.busiest = Some((Resource::Slots, blame));
                }
            }
        }
        self.state.stations[id] = station;
        self.settle(id, own_pressure, below, holds_calls);
    }

    /// Refuses a share of a station's visits.
    pub(super) fn refuse(&mut self, id: usize, share: f64) {
        for class in 0..self.structure.classes {
            let visit = &mut self.state.visits[id * self.structure.classes + class];
            let before = visit.admitted;
            let target = (1.0 - share).clamp(0.0, 1.0);
            // Who refuses more when more gets through swings; half a step settles it.
            visit.admitted = if self.sweeps < REFUSING { target } else { 0.5 * (before + target) };
            let after = visit.admitted;
            self.state.moved(before, after);
        }
    }

    /// Places in line of slots beyond which visits are refused; none where callers cannot be too many, who are refused none then.
    pub(super) fn room(&self, system: &System, id: usize) -> Option<f64> {
        let state = &self.state.stations[id];
        let room = match system.stations[id].kind {
            Kind::Service { queue_limit: Some(limit), .. } => f64::from(limit) * state.replicas,
            Kind::Function { .. } => 0.0,
            _ => return None,
        };
        // Replicas with a line each may all be called at one of them.
        let parts = if self.balance(system, id).is_some() { state.replicas } else { 1.0 };
        (state.most * parts > state.servers + room).then_some(room)
    }

    /// The rule of the balancer in front of a station with replicas, if there is one.
    pub(super) fn balance<'a>(&self, system: &'a System, id: usize) -> Option<&'a Balance> {
        if self.state.stations[id].replicas <= 1.0 {
            return None;
        }
        self.structure.callers_of[id].iter().find_map(|&leg| {
            match &system.stations[self.structure.legs[leg].caller].kind {
                Kind::LoadBalancer { balance } => Some(balance),
                _ => None,
            }
        })
    }

    /// Hit ratio of a cache that knows its keys, and how many misses fetch when fetches are shared.
    pub(super) fn hits(&mut self, system: &System, id: usize) {
        let Kind::Cache { hits: crate::model::HitRatio::Keys(keys), coalesce, bypass_ratio, .. } =
            &system.stations[id].kind
        else {
            return;
        };
        let classes = self.structure.classes;
        let served: f64 = self.state.visits[id * classes..(id + 1) * classes].iter().map(|visit| visit.served).sum();
        let known = 1.0 - bypass_ratio;
        let rate = (served * known).max(f64::MIN_POSITIVE);
        let fetch = if *coalesce { self.fetch_time(system, id) } else { 0.0 };
        let ratio = self.caches[id].hit_ratio(keys, rate, fetch);
        if *coalesce {
            // Who passes the cache by fetches for nobody else.
            let misses = known * (1.0 - ratio);
            let leading = misses * self.caches[id].leading_share(keys, rate) + bypass_ratio;
            let leads = if misses + bypass_ratio > 0.0 { leading / (misses + bypass_ratio) } else { 1.0 };
            let before = core::mem::replace(&mut self.state.stations[id].leads, leads);
            self.state.moved(before, leads);
        }
        for class in 0..classes {
            let visit = &mut self.state.visits[id * classes + class];
            let before = visit.hits;
            visit.hits = ratio * known;
            let after = visit.hits;
            self.state.moved(before, after);
        }
    }

    /// Mean seconds of what follows a miss at a cache, over all who look up: made by the cache, or by its callers.
    fn fetch_time(&self, system: &System, id: usize) -> f64 {
        let classes = self.structure.classes;
        let (mut rate, mut sum) = (0.0, 0.0);
        for class in 0..classes {
            let mut add = |each: f64, legs: core::ops::Range<usize>, when: Option<When>| {
                if each > 0.0 {
                    rate += each;
                    sum += each * self.branch_time(system, legs, class, when);
                }
            };
            let own = self.structure.legs_of[id].clone();
            if own.clone().any(|leg| self.structure.call(system, leg).when == When::Miss) {
                add(self.state.visits[id * classes + class].served, own, Some(When::Miss));
            }
            for &leg in &self.structure.callers_of[id] {
                let end = self.structure.legs[leg].end;
                if end > leg + 1 {
                    add(self.state.calls[leg * classes + class].rate, leg + 1..end, None);
                }
            }
        }
        if rate > 0.0 { sum / rate } else { 0.0 }
    }

    /// Mean seconds of calls one after the other, with those on their misses.
    fn branch_time(&self, system: &System, legs: core::ops::Range<usize>, class: usize, when: Option<When>) -> f64 {
        let classes = self.structure.classes;
        let (mut time, mut longest, mut leg) = (0.0, 0.0_f64, legs.start);
        while leg < legs.end {
            let Leg { callee, mode, end, .. } = self.structure.legs[leg];
            let call = self.structure.call(system, leg);
            if mode != Mode::Async && self.structure.applies(leg, class) && when.is_none_or(|when| call.when == when) {
                let state = &self.state.calls[leg * classes + class];
                let missed = state.success * (1.0 - self.state.visits[callee * classes + class].hits);
                let one = state.mean_of_all + missed * self.branch_time(system, leg + 1..end, class, None);
                if mode == Mode::Parallel {
                    longest = longest.max(one);
                } else {
                    time += flow::calls_made(state.success, call.per_request) * one;
                }
            }
            leg = end;
        }
        time + longest
    }

    /// Cold starts of a function lengthen its own time.
    fn cold_starts(&mut self, system: &System, id: usize) {
        let Kind::Function { cold_start, idle_timeout, .. } = system.stations[id].kind else {
            return;
        };
        if cold_start <= 0.0 {
            return;
        }
        let (rate, hold) = self.mixture(id, VisitState::slot_held);
        let share = function::cold_share(rate, hold.mean, idle_timeout);
        let classes = self.structure.classes;
        for class in 0..classes {
            let plain = Moments::of(&system.stations[id].service[class]);
            let visit = &mut self.state.visits[id * classes + class];
            visit.extra = (share, cold_start);
            visit.own = Moments::constant(cold_start).with_probability(share).then(plain);
            visit.own_stay = visit.own;
        }
    }

    /// Replicas an autoscaler settles at: the least in its range with the metric at most its target.
    pub(super) fn autoscale(&mut self, system: &System, id: usize, autoscale: &Autoscale, offered: f64, own: f64) {
        let Kind::Service { concurrency, cpu_cores, .. } = &system.stations[id].kind else {
            return;
        };
        let (_, held) = self.mixture(id, VisitState::slot_held);
        let slots = concurrency.map(f64::from);
        let target = autoscale.target.max(f64::MIN_POSITIVE);
        let needed = match autoscale.metric {
            AutoscaleMetric::Cpu => cpu_cores.or(slots).map(|each| offered * own / each / target),
            AutoscaleMetric::Slots => slots.map(|each| offered * held.mean / each / target),
            AutoscaleMetric::QueueLengthPerReplica => slots.map(|each| {
                let line = |replicas: u32| {
                    let servers = each * f64::from(replicas);
                    let wait = mgc::wait(offered, 1.0, &held, servers);
                    wait.map_or(f64::INFINITY, |wait| offered * wait.mean / f64::from(replicas))
                };
                let (mut low, mut high) = (autoscale.min.max(1), autoscale.max.max(1));
                while low < high {
                    let middle = low + (high - low) / 2;
                    if line(middle) <= target { high = middle } else { low = middle + 1 }
                }
                f64::from(low)
            }),
        };
        let given = f64::from(system.stations[id].replicas);
        // A hair below a whole number is that number.
        let wanted = needed.map_or(given, |needed| (needed - 1.0e-9).ceil());
        let replicas = wanted.min(f64::from(autoscale.max)).max(f64::from(autoscale.min.max(1)));
        let before = self.state.stations[id].replicas;
        let station = &mut self.state.stations[id];
        station.replicas = replicas;
        station.servers = prepare::servers(&system.stations[id], replicas);
        self.state.moved(before, replicas);
        if before != replicas {
            self.bounds(system);
        }
    }
}
