//! A queue's consumers: how many can work, and the wait of a message.

use super::{Solver, state::StationState, structure::Structure};
use crate::{
    model::{Kind, Mode, System},
    queueing::mgc::{self, Wait},
    stats::Moments,
};

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
    pub(super) fn queue_times(&mut self, system: &System, id: usize) {
        let consumers = consumers(system, &self.structure, &self.state.stations, id);
        let (rate, handling) = self.mixture(id, |visit| visit.below);
        let station = &mut self.state.stations[id];
        station.servers = consumers;
        station.work_load = consumers.is_finite().then(|| rate * handling.mean / consumers / station.passing);
        station.busiest = station.work_load.map(|load| (super::Resource::Consumers, load));
        let load = station.work_load.unwrap_or(0.0);
        station.stable = load < 1.0;
        station.wait = match mgc::wait(rate, station.arrival_scv, &handling, consumers) {
            Some(wait) if station.stable => wait,
            _ => Wait::NONE,
        };
        // What consumers take is what they can handle: overload stays in the queue, and nobody upstream notices.
        station.pressure = super::state::Pressure::default();
        let before = station.passing;
        station.passing = if load > 1.0 { 1.0 / load } else { 1.0 };
        let after = station.passing;
        self.state.moved(before, after);
        for class in 0..self.structure.classes {
            let visit = &mut self.state.visits[id * self.structure.classes + class];
            // A caller waits for the broker only.
            visit.residence = visit.own;
            visit.hold = visit.own;
            visit.held = visit.below.mean;
            visit.bare = visit.own.mean;
            visit.through = 1.0;
            visit.success = 1.0;
        }
    }

    /// Total rate of the served visits of a station and the moments of something about them, over all classes.
    pub(super) fn mixture(&self, id: usize, of: impl Fn(&super::state::VisitState) -> Moments) -> (f64, Moments) {
        let classes = self.structure.classes;
        let visits = &self.state.visits[id * classes..(id + 1) * classes];
        let rate: f64 = visits.iter().map(|v| v.served).sum();
        if rate <= 0.0 {
            return (0.0, Moments::ZERO);
        }
        let (mut first, mut second, mut third) = (0.0, 0.0, 0.0);
        for visit in visits {
            let (share, moments) = (visit.served / rate, of(visit));
            first += share * moments.mean;
            second += share * moments.raw_second();
            third += share * moments.raw_third();
        }
        (rate, Moments::from_raw(first, second, third))
    }
}
