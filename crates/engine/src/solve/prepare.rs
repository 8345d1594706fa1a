//! Before the first sweep: what does not move while the fixed point is sought.

use super::{
    Solver,
    state::{StationState, Stream},
    structure::Structure,
};
use crate::{
    model::{Arrivals, Kind, Mode, Station, System},
    stats::Moments,
};

impl Solver {
    /// Sets every figure to the unloaded system: nothing waits, everything passes.
    pub(super) fn prepare(&mut self, system: &System) {
        let classes = self.structure.classes;
        self.lines.prepare(system);
        for (id, station) in system.stations.iter().enumerate() {
            let replicas = replicas(station);
            self.state.stations[id] = StationState {
                replicas,
                servers: servers(station, replicas),
                passing: 1.0,
                stable: true,
                leads: 1.0,
                passing_share: 1.0,
                own_is_plain: true,
                discipline: self.structure.discipline(system, id),
                arrival_scv: 1.0,
                stream: Stream::default(),
                ..StationState::default()
            };
            for class in 0..classes {
                let visit = &mut self.state.visits[id * classes + class];
                let own = own_time(station, class);
                *visit = super::state::VisitState {
                    own,
                    own_stay: own,
                    admitted: 1.0,
                    kept: 1.0,
                    deliveries: 1.0,
                    success: 1.0 - station.failure_ratio,
                    through: 1.0,
                    hits: hit_ratio(station, class),
                    shared: 1.0,
                    ..Default::default()
                };
            }
        }
        for call in &mut self.state.calls {
            *call = super::state::CallState {
                attempts: 1.0,
                tried: 1.0,
                success: 1.0,
                through: 1.0,
                shared: 1.0,
                ..Default::default()
            };
        }
        for pool in &mut self.state.pools {
            *pool = super::state::PoolState { passing: 1.0, stable: true, ..Default::default() };
        }
        self.bounds(system);
    }

    /// How many requests can be at each station at once, and whether its callers hold the rest back.
    pub(super) fn bounds(&mut self, system: &System) {
        self.stale.all();
        for station in &mut self.state.stations {
            (station.bound, station.most) = (0.0, 0.0);
        }
        for c in &system.classes {
            let users = match c.arrivals {
                Arrivals::Open { .. } => f64::INFINITY,
                Arrivals::Closed { users, .. } => users * c.load_factor(self.multiple),
            };
            let station = &mut self.state.stations[c.entry];
            station.bound += users;
            station.most += users;
        }
        for station in &system.stations {
            // Messages that are given up come over no call, and nobody holds them back.
            if let Kind::Queue { dead_letter: Some(to), .. } = station.kind {
                let to = &mut self.state.stations[to];
                (to.bound, to.most) = (f64::INFINITY, f64::INFINITY);
            }
        }
        for position in 0..self.structure.order.len() {
            let id = self.structure.order[position];
            let StationState { mut bound, mut most, .. } = self.state.stations[id];
            for &leg in &self.structure.callers_of[id] {
                let stations = &self.state.stations;
                bound += caller_bound(system, &self.structure, stations, leg, |at| at.bound);
                // The work that a caller has given up goes on, beside what it asks next.
                let timed = self.structure.call(system, leg).timeout.is_some();
                most += if timed {
                    f64::INFINITY
                } else {
                    caller_bound(system, &self.structure, stations, leg, |at| at.most)
                };
            }
            (self.state.stations[id].bound, self.state.stations[id].most) = (bound, most);
            self.state.stations[id].shielded = bound.is_finite();
        }
    }
}

/// How many calls of a leg can be in flight at once, by how many visits can be `at` its caller.
fn caller_bound(
    system: &System,
    structure: &Structure,
    stations: &[StationState],
    leg: usize,
    at_caller: impl Fn(&StationState) -> f64,
) -> f64 {
    let at = &structure.legs[leg];
    let call = structure.call(system, leg);
    let caller = &system.stations[at.caller];
    let state = &stations[at.caller];
    let mut bound = f64::INFINITY;
    if let Some(size) = call.pool.and_then(|pool| caller.pools[pool].size) {
        bound = f64::from(size) * state.replicas;
    }
    if let Some(limit) = call.max_in_flight {
        bound = bound.min(f64::from(limit) * state.replicas);
    }
    if at.mode == Mode::Async || call.timeout.is_some() {
        return bound;
    }
    let holders = match caller.kind {
        Kind::Service { .. } | Kind::Function { .. } | Kind::Queue { .. } => state.servers,
        _ => f64::INFINITY,
    };
    let holders = match caller.kind {
        Kind::Queue { .. } => super::queue::consumers(system, structure, stations, at.caller),
        _ => holders.min(at_caller(state)),
    };
    bound.min(holders * if at.mode == Mode::Parallel { call.per_request.ceil().max(1.0) } else { 1.0 })
}

/// Replicas of a deployment, nodes of a cache or database.
pub(super) fn replicas(station: &Station) -> f64 {
    match &station.kind {
        Kind::Database(node) => f64::from(node.shards) * (1.0 + f64::from(node.read_replicas)),
        Kind::Cache { nodes, .. } => f64::from(*nodes),
        _ => f64::from(station.replicas),
    }
}

/// Servers at which visits queue.
pub(super) fn servers(station: &Station, replicas: f64) -> f64 {
    let each = match &station.kind {
        Kind::Service { concurrency, .. } | Kind::Cache { concurrency, .. } => *concurrency,
        Kind::Function { concurrency_limit, .. } => return concurrency_limit.map_or(f64::INFINITY, f64::from),
        Kind::Database(node) => node.cores,
        _ => None,
    };
    each.map_or(f64::INFINITY, |each| f64::from(each) * replicas)
}

/// Own time of one visit of a class, cold starts and transfers included where the kind has them.
fn own_time(station: &Station, class: usize) -> Moments {
    Moments::of(&station.service[class])
}

/// Share of a class's visits that a cache or CDN answers itself.
fn hit_ratio(station: &Station, class: usize) -> f64 {
    use crate::model::HitRatio;
    match &station.kind {
        Kind::Cdn { hit_ratio, .. } => hit_ratio[class],
        Kind::Cache { hits: HitRatio::Given(ratio), bypass_ratio, .. } => ratio[class] * (1.0 - bypass_ratio),
        _ => 0.0,
    }
}
