//! Which stations must be looked at again: those whose load, or what they call, moved since the last look.
//!
//! Where times never change flows but through what passes (a structure that feeds forward), a station's times follow from what it is
//! offered, what its calls found and its own share that passes. While these are the same bits a second look gives the same bits,
//! so a sweep leaves the station out: near an overloaded part the others are done after the first.

use super::{Solver, state::PoolState, state::StationState, state::VisitState, track};

/// What a station showed when it was last looked at.
#[derive(Debug, Clone, Default)]
pub(super) struct Stale {
    /// Stations to look at.
    again: Vec<bool>,
    stations: Vec<[f64; 10]>,
    visits: Vec<[f64; 8]>,
    /// What a station and its pools let pass, and its visits: read by its own next look.
    passing: Vec<f64>,
    pools: Vec<f64>,
    admitted: Vec<[f64; 3]>,
    /// Looks that were left out.
    #[cfg(test)]
    skipped: u32,
}

/// Replaces a figure; whether it was another.
fn replace<T: PartialEq>(old: &mut T, new: T) -> bool {
    let other = *old != new;
    *old = new;
    other
}

/// What callers see of a station.
fn shown(station: &StationState) -> [f64; 10] {
    let pressure = &station.pressure;
    let stable = f64::from(u8::from(station.stable));
    let shared = f64::from(u8::from(pressure.shared));
    let [load, probability, servers] = [pressure.load, pressure.wait_probability, pressure.servers];
    let (rate, visits, scv) = (pressure.rate, pressure.visits, pressure.scv);
    [load, probability, servers, rate, visits, scv, shared, station.servers, station.replicas, stable]
}

/// What callers see of a visit.
fn seen(visit: &VisitState) -> [f64; 8] {
    let (hold, spent) = (&visit.hold, visit.spent().mean);
    [hold.mean, hold.variance, hold.third, visit.success, visit.through, visit.bare, visit.bare_variance, spent]
}

/// What flows see of a visit.
fn let_in(visit: &VisitState) -> [f64; 3] {
    [visit.admitted, visit.kept, visit.deliveries]
}

impl Stale {
    pub fn new(stations: usize, classes: usize, pools: usize) -> Self {
        Self {
            again: vec![true; stations],
            stations: vec![[0.0; 10]; stations],
            visits: vec![[0.0; 8]; stations * classes],
            passing: vec![0.0; stations],
            pools: vec![0.0; pools],
            admitted: vec![[0.0; 3]; stations * classes],
            #[cfg(test)]
            skipped: 0,
        }
    }

    /// Everything must be looked at.
    pub fn all(&mut self) {
        self.again.fill(true);
    }

    /// This station must be looked at.
    pub fn mark(&mut self, id: usize) {
        self.again[id] = true;
    }
}

impl Solver {
    /// Whether this sweep may leave stations out.
    fn leaves_out(&self) -> bool {
        self.feeds_forward && !self.varied && self.sweeps < track::PATIENCE
    }

    /// Whether a station must be looked at; notes what its look starts from.
    pub(super) fn is_stale(&mut self, id: usize) -> bool {
        if !self.leaves_out() {
            return true;
        }
        if core::mem::replace(&mut self.stale.again[id], false) {
            if self.sweeps == 0 {
                self.let_pass(id);
            }
            return true;
        }
        #[cfg(test)]
        {
            self.stale.skipped += 1;
        }
        false
    }

    /// After a look: whoever sees what moved must look again.
    pub(super) fn looked(&mut self, id: usize) {
        if !self.leaves_out() {
            return;
        }
        let own = self.let_pass(id);
        let mut other = own;
        other |= replace(&mut self.stale.stations[id], shown(&self.state.stations[id]));
        let rows = id * self.structure.classes..(id + 1) * self.structure.classes;
        for (old, visit) in self.stale.visits[rows.clone()].iter_mut().zip(&self.state.visits[rows]) {
            other |= replace(old, seen(visit));
        }
        self.stale.again[id] |= own;
        if other {
            for &leg in &self.structure.callers_of[id] {
                self.stale.again[self.structure.legs[leg].caller] = true;
            }
        }
    }

    /// Notes what passes a station; whether that is new.
    fn let_pass(&mut self, id: usize) -> bool {
        let rows = id * self.structure.classes..(id + 1) * self.structure.classes;
        let pools = self.state.pools_of[id]..self.state.pools_of[id + 1];
        let mut other = replace(&mut self.stale.passing[id], self.state.stations[id].passing);
        let passing = |pool: &PoolState| pool.passing;
        for (old, pool) in self.stale.pools[pools.clone()].iter_mut().zip(&self.state.pools[pools]) {
            other |= replace(old, passing(pool));
        }
        for (old, visit) in self.stale.admitted[rows.clone()].iter_mut().zip(&self.state.visits[rows]) {
            other |= replace(old, let_in(visit));
        }
        other
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Options, Solver};
    use crate::{
        model::{Arrivals, Discipline, Kind},
        random::{build, edges, parts},
    };
    use proptest::{
        prelude::*,
        strategy::ValueTree,
        test_runner::{RngSeed, TestRunner},
    };

    #[test]
    fn what_is_left_out_changes_no_bit() {
        let config =
            ProptestConfig { rng_seed: RngSeed::Fixed(11), failure_persistence: None, ..ProptestConfig::default() };
        let mut runner = TestRunner::new(config);
        let users = prop::option::weighted(0.3, 1_u32..12);
        let inputs = (parts(), edges(), prop::collection::vec(0.01_f64..500.0, 1..4), 0_u8..3, users);
        let (mut several, mut by_priority, mut pointless) = (0, 0, 0);
        // Systems in which a look was left out: with pools, with users in a loop, with lines by priority.
        let mut skipped = [0; 3];
        for _ in 0..150 {
            let (parts, mut edges, rates, order, users) = inputs.new_tree(&mut runner).unwrap().current();
            // No timeouts, no retries: the system feeds forward.
            edges.iter_mut().for_each(|edge| edge.3 %= 4);
            let mut system = build(&parts, &edges, &rates, false);
            if let Some(users) = users {
                system.classes[0].arrivals = Arrivals::Closed { users: f64::from(users), think_time: 0.5 };
            }
            for class in 0..system.classes.len() {
                system.classes[class].priority = class as u32;
            }
            for station in &mut system.stations {
                let ordered = match station.kind {
                    Kind::Service { queue_limit: None, cpu_cores: None, .. } | Kind::Database(_) => order > 0,
                    _ => false,
                };
                if ordered {
                    let preempts = order > 1 && station.calls.is_empty();
                    station.discipline = if preempts { Discipline::Preemptive } else { Discipline::Priority };
                }
            }
            let Ok(mut solver) = Solver::new(&system) else { continue };
            let mut whole = solver.clone();
            assert!(core::mem::replace(&mut whole.feeds_forward, false), "none calls back");
            by_priority += u32::from(order > 0);
            let pools = system.stations.iter().any(|station| station.calls.iter().any(|call| call.pool.is_some()));
            let features = [pools, users.is_some(), order > 0];
            for multiple in [0.02, 0.3, 2.0, 9.0] {
                let options = Options { percentiles: false, ..Options::default() };
                let (part, all) = (solver.solve(&system, multiple, &options), whole.solve(&system, multiple, &options));
                assert_eq!(part.stations, all.stations, "{system:?} at {multiple}");
                assert_eq!(part.classes, all.classes, "{system:?} at {multiple}");
                several += u32::from(part.convergence.iterations > 2);
                // Users in a loop add up sweeps of several searches, of which a calm one ends at once.
                let alike = users.is_some() || part.convergence.iterations < 2 || part.convergence == all.convergence;
                pointless += u32::from(!alike);
                let left_out = core::mem::take(&mut solver.stale.skipped) > 0;
                for (count, has) in skipped.iter_mut().zip(features) {
                    *count += u32::from(left_out && has);
                }
                assert_eq!(whole.stale.skipped, 0);
            }
        }
        println!("{several} {by_priority} {pointless} {skipped:?}");
        assert!(several > 100 && by_priority > 20 && pointless == 0, "{several} {by_priority} {pointless}");
        assert!(skipped.iter().all(|&count| count > 20), "{skipped:?}");
    }
}
