//! A queue's consumers: how many can work, and the wait of a message.

use super::{
    Solver,
    bare::{Bare, Mixed},
    holding,
    state::{Pressure, StationState},
    structure::Structure,
};
use crate::{
    model::{Balance, Discipline, Kind, Mode, System},
    queueing::{dispatch, erlang, mgc::Wait, mmck},
    stats::Moments,
};

/// Deliveries of one message that are counted, where it may have more. Messages that need more on average count as never handled.
const MOST_ATTEMPTS: u32 = 1000;
/// Share of the messages that is taken to be handled where none is, so that it is found again when some are.
const LEAST_PASSING: f64 = 1.0e-6;

/// Consumers at work: the least of those configured, the partitions and the slots of the services they call.
pub(super) fn consumers(system: &System, structure: &Structure, stations: &[StationState], queue: usize) -> f64 {
    let Kind::Queue { partitions, consumers, .. } = &system.stations[queue].kind else {
        return f64::INFINITY;
    };
    let given = |limit: &Option<u32>| limit.map_or(f64::INFINITY, f64::from);
    let mut usable = given(partitions).min(given(consumers));
    for leg in &structure.legs[structure.legs_of[queue].clone()] {
        let holds = matches!(system.stations[leg.callee].kind, Kind::Service { .. } | Kind::Function { .. });
        if leg.mode != Mode::Async && holds {
            usable = usable.min(stations[leg.callee].servers);
        }
    }
    usable
}

impl Solver {
    /// Messages wait for a consumer, who holds one over all its calls.
    pub(super) fn queue_times(&mut self, system: &System, id: usize, below: &Pressure) {
        let consumers = consumers(system, &self.structure, &self.state.stations, id);
        let Kind::Queue { prefetch, max_length, delay, max_attempts, duplicate_ratio, .. } = system.stations[id].kind
        else {
            return;
        };
        let classes = self.structure.classes;
        let published = 1.0 - system.stations[id].failure_ratio;
        // Where messages are never given up, those that are refused again and again stay: the backlog grows by them.
        let at = &self.state.stations[id];
        let endless = max_attempts == u32::MAX && max_length.is_none() && at.discipline == Discipline::Fifo;
        let (used, mut kept, mut all) = (at.passing.max(LEAST_PASSING), 0.0, 0.0);
        for class in 0..classes {
            let visit = &mut self.state.visits[id * classes + class];
            // A failed handling is delivered again, up to the last attempt. What fails when it is published is no message.
            let failure = (1.0 - visit.success).clamp(0.0, 1.0);
            let (copies, mut share) = (published * (1.0 + duplicate_ratio), 1.0);
            let mut deliveries = 0.0;
            for _ in 0..max_attempts.clamp(1, MOST_ATTEMPTS) {
                deliveries += share;
                share *= failure;
            }
            if endless {
                let most = f64::from(MOST_ATTEMPTS);
                if share > 0.0 {
                    deliveries = (1.0 / (1.0 - failure)).min(most);
                }
                share = 0.0;
                all += visit.served;
                kept += visit.served * (used * most * (1.0 - failure)).min(1.0);
            }
            let before = visit.deliveries;
            visit.deliveries = copies * deliveries;
            visit.dead = copies * share;
            let after = visit.deliveries;
            self.state.moved(before, after);
        }
        let handled = if all > 0.0 { (kept / all).max(LEAST_PASSING) } else { 1.0 };
        let (rate, handling, bare) = self.handled(id);
        let station = &mut self.state.stations[id];
        station.servers = consumers;
        station.busiest = None;
        station.work_load = consumers.is_finite().then(|| rate * handling.mean / consumers / station.passing);
        if station.discipline != Discipline::Fifo && consumers.is_finite() {
            self.consumers_by_priority(id, consumers, below, (rate, handling, bare));
        } else if let Some(length) = max_length
            && (consumers.is_finite() || delay > 0.0)
        {
            // A full queue refuses instead of growing.
            let copies = published * (1.0 + duplicate_ratio);
            self.full_queue(id, consumers, length as f64, copies * delay, (rate, handling));
        } else {
            let line = consumers
                .is_finite()
                .then(|| holding::line(rate, 1.0, &handling, bare, consumers, below, station.arrival_scv));
            let load = line.map_or(0.0, |line| line.load) / station.passing;
            if consumers.is_finite() {
                // Whatever makes them slow, consumers are what the backlog waits for.
                station.busiest = Some((super::Resource::Consumers, load));
                station.work_load = station.work_load.map(|work| if load < 1.0 { work } else { work.max(load) });
            }
            station.stable = load < 1.0 && handled >= 1.0;
            station.wait = line.map_or(Wait::NONE, |line| if load < 1.0 { line.wait } else { Wait::NONE });
            if prefetch.is_some_and(|ahead| ahead > 1) && consumers.is_finite() {
                // Messages handed out ahead wait for their consumer, not for the next free one.
                let held = dispatch::group(&Balance::LeastConnections, rate, 1.0, &handling, consumers as u32, 1.0);
                if station.stable && consumers > 1.0 {
                    station.wait = held.wait;
                }
            }
            // What consumers take is what they can handle: overload stays in the queue, and nobody upstream notices.
            station.pressure = Pressure::default();
            let before = station.passing;
            let target = (1.0 / load.max(1.0)).min(handled);
            station.passing = station.share.share(target, self.sweeps);
            let after = station.passing;
            self.state.moved(before, after);
        }
        for class in 0..self.structure.classes {
            let visit = &mut self.state.visits[id * self.structure.classes + class];
            // A caller waits for the broker only.
            visit.handling = visit.below;
            (visit.below, visit.held) = (Moments::ZERO, 0.0);
            visit.residence = visit.own;
            visit.hold = visit.own;
            (visit.bare, visit.bare_variance) = (visit.own.mean, visit.own.variance);
            visit.through = 1.0;
            visit.success = published;
        }
    }

    /// At most `length` messages that are not handed out, each for `delay` seconds a visit before it may be.
    fn full_queue(&mut self, id: usize, consumers: f64, length: f64, delay: f64, (rate, handling): (f64, Moments)) {
        let classes = self.structure.classes;
        let visits = &self.state.visits[id * classes..(id + 1) * classes];
        let admitted = visits.iter().map(|v| v.admitted).fold(1.0, f64::min).max(1.0e-12);
        let delayed = visits.iter().map(|v| v.served).sum::<f64>() / admitted * delay;
        let station = &mut self.state.stations[id];
        station.stable = true;
        station.pressure = Pressure::default();
        if consumers.is_infinite() {
            station.wait = Wait::NONE;
            return self.refuse(id, erlang::loss(length, delayed));
        }
        let full = mmck::delayed(rate / admitted, delayed, handling.mean, consumers, length);
        station.wait = Wait {
            probability: full.wait_probability,
            mean: full.mean_wait * (1.0 + handling.scv()) / 2.0,
            scv: full.wait_scv,
        };
        station.work_load = Some(full.utilization);
        station.busiest = Some((super::Resource::Consumers, full.utilization));
        self.refuse(id, full.loss);
    }

    /// Deliveries a second that consumers take, how long they hold one, and that without any waiting.
    fn handled(&self, id: usize) -> (f64, Moments, Bare) {
        let classes = self.structure.classes;
        let visits = &self.state.visits[id * classes..(id + 1) * classes];
        let (mut rate, mut first, mut second, mut third) = (0.0, 0.0, 0.0, 0.0);
        let mut bare = Mixed::default();
        for visit in visits {
            let share = visit.served * visit.deliveries;
            let time = visit.calls_held();
            rate += share;
            first += share * time.mean;
            second += share * time.raw_second();
            third += share * time.raw_third();
            bare.add(share, Bare::visit(visit).without(Bare::of(&visit.own)));
        }
        if rate <= 0.0 {
            (0.0, Moments::ZERO, Bare::default())
        } else {
            (rate, Moments::from_raw(first / rate, second / rate, third / rate), bare.bare())
        }
    }

    /// Total rate of the served visits of a station and the moments of something about them, over all classes.
    pub(super) fn mixture(&self, id: usize, of: impl Fn(&super::state::VisitState) -> Moments) -> (f64, Moments) {
        let classes = self.structure.classes;
        let visits = &self.state.visits[id * classes..(id + 1) * classes];
        let (mut rate, mut first, mut second, mut third) = (0.0, 0.0, 0.0, 0.0);
        for visit in visits {
            if visit.served > 0.0 {
                let moments = of(visit);
                rate += visit.served;
                first += visit.served * moments.mean;
                second += visit.served * moments.raw_second();
                third += visit.served * moments.raw_third();
            }
        }
        if rate <= 0.0 {
            return (0.0, Moments::ZERO);
        }
        let each = 1.0 / rate;
        (rate, Moments::from_raw(first * each, second * each, third * each))
    }

    /// The mean of something about the served visits of a station.
    pub(super) fn mean(&self, id: usize, of: impl Fn(&super::state::VisitState) -> f64) -> f64 {
        let classes = self.structure.classes;
        let (mut rate, mut sum) = (0.0, 0.0);
        for visit in &self.state.visits[id * classes..(id + 1) * classes] {
            rate += visit.served;
            sum += visit.served * of(visit);
        }
        if rate > 0.0 { sum / rate } else { 0.0 }
    }
}
