//! Databases: shards with primaries and read replicas, each node a queue of its own.

use super::{Resource, Solver, nodes, state::Pressure};
use crate::{
    model::DatabaseNode,
    queueing::{
        dispatch::Mixture,
        limiter,
        mgc::{self, Wait},
        mmck, usl,
    },
    stats::Moments,
};

/// One node at its load.
struct Node {
    wait: Wait,
    /// Load over capacity; where it refuses, the share of its cores or connections in use.
    load: f64,
    busy: f64,
    loss: f64,
    probability: f64,
}

impl Solver {
    pub(super) fn database_times(&mut self, id: usize, node: &DatabaseNode) {
        let classes = self.structure.classes;
        let (units_read, units_write) = self.unit_losses(id, node);
        let (write_rate, write_time) = self.part(id, true, units_write);
        let (read_rate, read_time) = self.part(id, false, units_read);
        let mut busiest: (f64, bool, f64) = (0.0, false, 1.0);
        let mut work_load = 0.0_f64;
        let (mut write, mut read) = (Mixture::default(), Mixture::default());
        let (mut write_loss, mut read_loss) = (0.0, 0.0);
        let state = self.state.stations[id];
        // Callers that cannot open as many connections are refused none.
        let room = node.max_connections.map(f64::from).filter(|&most| state.most > most);
        let single = nodes::alike(node).map(|alike| alike.count()).sum::<f64>() <= 1.0;
        for alike in nodes::alike(node) {
            let (rate, time) = match (alike.writes, alike.reads) {
                (true, true) => blend(write_rate, write_time, read_rate, read_time),
                (true, false) => (write_rate, write_time),
                _ => (read_rate, read_time),
            };
            let bound = if single { state.bound } else { state.bound * alike.share };
            let rate = rate * alike.share / alike.each;
            let at = self.node(node, rate, state.arrival_scv, &time, (bound / alike.each, room));
            if at.load > busiest.0 {
                busiest = (at.load, alike.hottest, at.probability);
            }
            work_load = work_load.max(at.busy);
            let weight = alike.share * alike.shards;
            if alike.writes {
                write.add(weight, &at.wait);
                write_loss += weight * at.loss;
            }
            if alike.reads {
                read.add(weight, &at.wait);
                read_loss += weight * at.loss;
            }
        }
        let limited = node.cores.is_some() || node.usl.is_some();
        let station = &mut self.state.stations[id];
        station.work_load = limited.then_some(work_load);
        // Of cores and connections those limit that there are fewer of.
        let cores = node.cores.map_or(f64::INFINITY, f64::from);
        let resource = match room {
            _ if busiest.1 => Resource::Shard,
            Some(room) if room <= cores => Resource::Connections,
            _ => Resource::Cores,
        };
        let queues = limited && room.is_none();
        station.busiest = (limited || room.is_some()).then_some((resource, busiest.0));
        if let Some(units) = &node.request_units {
            let visits = &self.state.visits[id * classes..(id + 1) * classes];
            let writes: f64 = visits.iter().map(|v| v.writes).sum();
            let reads: f64 = visits.iter().map(|v| (v.offered - v.writes).max(0.0)).sum();
            let load = (reads / units.read.max(f64::MIN_POSITIVE)).max(writes / units.write.max(f64::MIN_POSITIVE));
            if writes + reads > 0.0 && station.busiest.is_none_or(|(_, busiest)| load > busiest) {
                station.busiest = Some((Resource::Units, load));
            }
        }
        station.own_pressure = Pressure {
            load: if queues { busiest.0 } else { 0.0 },
            wait_probability: busiest.2,
            servers: if node.cores.is_some() { station.servers } else { 1.0 },
            rate: write_rate + read_rate,
            // By a law of contention everybody slows everybody down.
            scv: if node.usl.is_some() { 1.0 } else { blend(write_rate, write_time, read_rate, read_time).1.scv() },
            ..Pressure::default()
        };
        let (write, read) = (write.wait(), read.wait());
        for class in 0..classes {
            let visit = &mut self.state.visits[id * classes + class];
            let share = if visit.offered > 0.0 {
                (visit.writes / visit.offered).clamp(0.0, 1.0)
            } else {
                node.write_ratio[class]
            };
            let mut both = Mixture::default();
            both.add(share, &write);
            both.add(1.0 - share, &read);
            visit.wait = Some(both.wait());
            let kept_write = (1.0 - units_write) * (1.0 - write_loss);
            let kept_read = (1.0 - units_read) * (1.0 - read_loss);
            let before = visit.admitted;
            visit.admitted = (share * kept_write + (1.0 - share) * kept_read).clamp(0.0, 1.0);
            let after = visit.admitted;
            self.state.moved(before, after);
        }
        let mut all = Mixture::default();
        all.add(write_rate, &write);
        all.add(read_rate, &read);
        self.state.stations[id].wait = if write_rate + read_rate > 0.0 { all.wait() } else { Wait::NONE };
    }

    /// Shares of reads and writes beyond the provisioned units.
    pub(super) fn unit_losses(&self, id: usize, node: &DatabaseNode) -> (f64, f64) {
        let Some(units) = &node.request_units else {
            return (0.0, 0.0);
        };
        let visits = &self.state.visits[id * self.structure.classes..(id + 1) * self.structure.classes];
        let writes: f64 = visits.iter().map(|v| v.writes).sum();
        let reads: f64 = visits.iter().map(|v| (v.offered - v.writes).max(0.0)).sum();
        let loss = |rate, units: f64| limiter::token_bucket_loss(rate, units, units.max(1.0));
        (loss(reads, units.read), loss(writes, units.write))
    }

    /// Rate and own time of the reads or writes that pass a saturated database and are not throttled.
    fn part(&self, id: usize, writes: bool, throttled: f64) -> (f64, Moments) {
        let visits = &self.state.visits[id * self.structure.classes..(id + 1) * self.structure.classes];
        let passing = self.state.stations[id].passing * (1.0 - throttled);
        let (mut rate, mut first, mut second, mut third) = (0.0, 0.0, 0.0, 0.0);
        for visit in visits {
            let part = if writes { visit.writes } else { (visit.offered - visit.writes).max(0.0) } * passing;
            rate += part;
            first += part * visit.own.mean;
            second += part * visit.own.raw_second();
            third += part * visit.own.raw_third();
        }
        if rate <= 0.0 {
            (0.0, Moments::ZERO)
        } else {
            (rate, Moments::from_raw(first / rate, second / rate, third / rate))
        }
    }

    /// One node: what its callers can have on it at once at most, and what it lets in where that is less.
    fn node(
        &self,
        node: &DatabaseNode,
        rate: f64,
        arrival_scv: f64,
        own: &Moments,
        (bound, room): (f64, Option<f64>),
    ) -> Node {
        let cores = node.cores.map_or(f64::INFINITY, f64::from);
        let room = room.unwrap_or(f64::INFINITY);
        if let Some(law) = &node.usl {
            let cut = room.min(if bound.is_finite() { bound.ceil().max(1.0) } else { f64::INFINITY });
            let at = usl::solve(law, rate, own.mean, cores, cut);
            let places = cores.min(room);
            let busy = if cores.is_finite() { at.in_service / cores } else { (at.load).min(1.0) };
            let (load, loss) =
                if room.is_finite() { ((at.in_service / places).min(1.0), at.loss) } else { (at.load, 0.0) };
            let wait = if at.stable {
                Wait { probability: at.wait_probability.max(1.0e-9), mean: at.mean_wait, scv: 1.0 }
            } else {
                Wait::NONE
            };
            return Node { wait, load, busy: busy.min(1.0), loss, probability: at.wait_probability };
        }
        if cores.is_infinite() {
            let (loss, load) = if room.is_finite() {
                let loss = crate::queueing::erlang::loss(room, rate * own.mean);
                (loss, rate * own.mean * (1.0 - loss) / room)
            } else {
                (0.0, 0.0)
            };
            return Node { wait: Wait::NONE, load, busy: 0.0, loss, probability: 0.0 };
        }
        let load = rate * own.mean / cores;
        if room.is_finite() {
            let at = mmck::solve(rate, own.mean, cores.min(room), room);
            let wait = Wait {
                probability: at.wait_probability,
                mean: at.mean_wait * (1.0 + own.scv()) / 2.0,
                scv: at.wait_scv,
            };
            // What refuses is as full as what passes makes it, however much is offered.
            let busy = at.utilization;
            return Node { wait, load: busy, busy, loss: at.loss, probability: at.wait_probability };
        }
        let wait = mgc::wait(rate, arrival_scv, own, cores).unwrap_or(Wait::NONE);
        let probability = if load < 1.0 { wait.probability } else { 1.0 };
        let wait = super::holding::cut(wait, rate, load, bound - cores);
        Node { wait, load, busy: load, loss: 0.0, probability }
    }
}

fn blend(a_rate: f64, a: Moments, b_rate: f64, b: Moments) -> (f64, Moments) {
    let rate = a_rate + b_rate;
    if rate <= 0.0 { (0.0, Moments::ZERO) } else { (rate, Moments::mixed(a_rate / rate, a, b)) }
}
