//! Cores that the requests in the slots share, and slots with a room that refuses.

use super::{
    Resource, Solver,
    state::{Pressure, StationState},
};
use crate::{
    model::Balance,
    queueing::{
        dispatch, holder,
        mgc::{self, Wait},
        mmck, ps,
    },
    stats::Moments,
};

impl Solver {
    /// Slots with a room that refuses. With shared cores the slots are tokens over them.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn full_room(
        &mut self,
        id: usize,
        station: &mut StationState,
        offered: f64,
        held: &Moments,
        cores: Pressure,
        room: f64,
        split: bool,
    ) {
        let parts = if split { station.replicas } else { 1.0 };
        let (slots, places) = (station.servers / parts, (room / parts).floor());
        let (rate, own) = self.mixture(id, |visit| visit.own);
        let elsewhere = (held.mean - self.mean_stay(id)).max(0.0);
        let tokens = (cores.servers > 0.0 && cores.load > 0.0 && own.mean > 0.0)
            .then(|| {
                let demand = cores.load * cores.servers / rate;
                holder::solve_room(offered / parts, slots, elsewhere, demand, cores.servers / parts, places)
            })
            .flatten();
        let (loss, utilization) = if let Some(room) = tokens {
            station.wait = Wait { probability: room.wait_probability, mean: room.mean_wait, scv: 1.0 };
            self.share_hold(id, room.hold - elsewhere);
            (room.loss, room.utilization)
        } else {
            // With cores: what the slots can carry at most.
            let demand = if rate > 0.0 { cores.load * cores.servers / rate } else { 0.0 };
            let hold = if demand > 0.0 {
                (elsewhere + demand).max(station.servers * demand / cores.servers)
            } else {
                held.mean
            };
            let full = mmck::solve(offered / parts, hold, slots, slots + places);
            let mean = full.mean_wait * (1.0 + held.scv()) / 2.0;
            station.wait = Wait { probability: full.wait_probability, mean, scv: full.wait_scv };
            (full.loss, full.utilization)
        };
        self.refuse(id, loss);
        station.busiest = Some((Resource::Slots, utilization.max(cores.load.min(1.0))));
    }

    /// Own time on shared cores: sets the stay of every class and returns the cores' pressure.
    pub(super) fn shared_cores(
        &mut self,
        id: usize,
        station: &mut StationState,
        cores: f64,
        rate: f64,
        own: f64,
        balance: Option<&Balance>,
    ) -> Pressure {
        let all = cores * station.replicas;
        let load = rate * own / all;
        station.work_load = Some(load);
        station.busiest = Some((Resource::Cores, load));
        station.own_is_plain = false;
        let classes = self.structure.classes;
        let alone = cores.min(1.0);
        let mut slow_down = if station.found.is_some() {
            // Waits of a closed network are found elsewhere.
            station.found_stretch.map_or(1.0 / alone, |(stretch, _)| stretch)
        } else if let Some(balance) = balance {
            let work = Moments::exponential(own / alone);
            let group = dispatch::group(
                balance,
                rate,
                station.arrival_scv,
                &work,
                station.replicas as u32,
                (cores / alone).floor().max(1.0),
            );
            if own > 0.0 && group.load < 1.0 { (1.0 + group.wait.mean * alone / own) / alone } else { 1.0 / alone }
        } else {
            // Exponential work has the same mean shared as in a line, so uneven arrivals tell by GI/M/c.
            let work = Moments::exponential(own / alone);
            let even = (station.arrival_scv - 1.0).abs() < 1.0e-9 || load >= 1.0 || own <= 0.0;
            let uneven = (!even).then(|| mgc::wait(rate, station.arrival_scv, &work, all / alone)).flatten();
            let found = uneven.map(|wait| (work.mean + wait.mean) / own);
            let found = found.or_else(|| ps::slow_down(rate * own / alone * alone.min(1.0), all));
            found.unwrap_or(1.0 / alone).max(1.0 / alone)
        };
        let servers = all / alone;
        let limit = station.servers.min(station.bound);
        if limit.is_finite() && station.found.is_none() {
            slow_down = if load < 1.0 {
                let kept = 1.0 - crate::math::pow(load, (limit - servers).max(0.0));
                1.0 / alone + (slow_down - 1.0 / alone) * kept
            } else {
                (limit / servers).max(1.0) / alone
            };
        }
        for visit in &mut self.state.visits[id * classes..(id + 1) * classes] {
            let swing = station.found_stretch.map_or(f64::INFINITY, |(_, swing)| swing);
            visit.own_stay = ps::stay_among(&visit.own, slow_down, swing);
        }
        let wait_probability = crate::queueing::erlang::delay(servers.floor().max(1.0), (load * servers).min(servers));
        let scv = self.mixture(id, |visit| visit.own).1.scv();
        Pressure { load, wait_probability, servers, rate, scv, shared: true, ..Pressure::default() }
    }

    /// Mean own time as it passes, over all served visits.
    pub(super) fn mean_stay(&self, id: usize) -> f64 {
        self.mean(id, |visit| visit.own_stay.mean)
    }

    /// Brings the mean own time on shared cores to this.
    pub(super) fn share_hold(&mut self, id: usize, stay: f64) {
        let (_, own) = self.mixture(id, |visit| visit.own);
        if own.mean <= 0.0 || stay < own.mean {
            return;
        }
        let classes = self.structure.classes;
        for visit in &mut self.state.visits[id * classes..(id + 1) * classes] {
            visit.own_stay = ps::stay(&visit.own, stay / own.mean);
        }
    }
}
