//! Parts where nobody waits: delays, balancers, rate limits, quotas, storage.

use super::{Resource, Solver, state::Pressure};
use crate::{
    model::{Kind, System},
    queueing::limiter,
    stats::Moments,
};

impl Solver {
    /// Delays, balancers, limits and storage: nobody waits here.
    pub(super) fn limit_times(&mut self, system: &System, id: usize, below: Pressure) {
        let classes = self.structure.classes;
        let offered: f64 = self.state.visits[id * classes..(id + 1) * classes].iter().map(|v| v.offered).sum();
        let mut own = Pressure::default();
        let station = &mut self.state.stations[id];
        match &system.stations[id].kind {
            Kind::RateLimiter { window, limit, seconds, scope } => {
                let loss = limiter::scoped_loss(offered, *window, *limit, *seconds, *scope);
                let clients = match scope {
                    crate::model::LimiterScope::Client { clients, .. } => *clients as f64,
                    crate::model::LimiterScope::All => 1.0,
                };
                let most = limit / seconds * clients;
                station.work_load = Some(offered * (1.0 - loss) / most);
                station.busiest = Some((Resource::Quota, offered / most));
                self.refuse(id, loss);
            }
            Kind::External { rate_limit: Some(limit) } => {
                let loss = limiter::token_bucket_loss(offered, *limit, limit.max(1.0));
                station.work_load = Some(offered * (1.0 - loss) / limit);
                station.busiest = Some((Resource::Quota, offered / limit));
                self.refuse(id, loss);
            }
            _ => {}
        }
        if let Some(throughput) = system.stations[id].kind.transfer_mb_s() {
            let mut load = 0.0;
            for &leg in &self.structure.callers_of[id] {
                let seconds = self.structure.call(system, leg).kb / 1000.0 / throughput;
                for class in 0..classes {
                    load += self.state.calls[leg * classes + class].rate * seconds;
                }
            }
            let station = &mut self.state.stations[id];
            // Of what is called for, what passes is carried.
            load *= station.passing;
            station.work_load = Some(load);
            station.busiest = Some((Resource::Throughput, load));
            own.load = load;
            self.transfers(system, id, throughput);
        }
        self.hits(system, id);
        self.settle(id, own, below, true);
    }

    /// Time of the bytes of a visit to a storage, over the legs that bring them.
    fn transfers(&mut self, system: &System, id: usize, throughput: f64) {
        let classes = self.structure.classes;
        for class in 0..classes {
            let (mut rate, mut seconds, mut first) = (0.0, 0.0, None);
            for &leg in &self.structure.callers_of[id] {
                let one = self.structure.call(system, leg).kb / 1000.0 / throughput;
                let calls = self.state.calls[leg * classes + class].rate;
                rate += calls;
                seconds += calls * one;
                first = first.or(Some(one));
            }
            let mean = if rate > 0.0 { seconds / rate } else { first.unwrap_or(0.0) };
            let plain = Moments::of(&system.stations[id].service[class]);
            let visit = &mut self.state.visits[id * classes + class];
            visit.extra = (1.0, mean);
            visit.own = plain.then(Moments::constant(mean));
            visit.own_stay = visit.own;
        }
    }
}
