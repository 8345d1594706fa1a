//! A month that follows its days: every stretch of the profile at its own load, through the autoscaler.
//!
//! Each stretch is taken as long enough to be steady. Between two stretches an autoscaler's new replicas boot for its `startup`
//! (billed, serving nothing) and the ones it no longer needs stay for its stabilization window. A spike is one in a month and
//! bills nothing; an event of the simulation neither.

mod stretches;

use super::{Bill, HOURS_PER_MONTH, MonthUse, Used, month_use, priced};
use crate::{
    model::{Arrivals, System},
    solve::{Answer, Options, Solver},
};
use stretches::{Stretches, length};

/// Whether the load moves over the month: some class has a periodic or recorded profile.
#[must_use]
pub fn moves(system: &System) -> bool {
    system.classes.iter().any(|class| class.profile.as_ref().is_some_and(|profile| length(profile) > 0.0))
}

/// The bill of a month that follows the profiles of its classes; without any, of one that stays at the answer's load.
///
/// The solver must be compiled from this system; its last answer is lost.
pub fn over_time(solver: &mut Solver, system: &System, answer: &Answer) -> Bill {
    let used = use_over_time(solver, system, answer);
    priced(system, answer.multiple, &used.stations, used.requests)
}

/// What [`over_time`] prices.
///
/// The solver must be compiled from this system; its last answer is lost.
pub fn use_over_time(solver: &mut Solver, system: &System, answer: &Answer) -> MonthUse {
    if !moves(system) {
        return month_use(answer);
    }
    let Stretches { parts, loads } = Stretches::of(system);
    let all: f64 = parts.iter().map(|(seconds, _)| seconds).sum();
    let mut scaled = system.clone();
    let solved: Vec<Load> =
        loads.iter().map(|factors| load(solver, system, &mut scaled, factors, answer.multiple)).collect();
    let mut month = MonthUse { stations: vec![Used::default(); system.stations.len()], requests: 0.0 };
    let periods = HOURS_PER_MONTH * 3600.0 / all;
    for (place, &(seconds, at)) in parts.iter().enumerate() {
        let (_, before) = parts[(place + parts.len() - 1) % parts.len()];
        let (now, last) = (&solved[at], &solved[before]);
        month.requests += now.requests * seconds * periods;
        for (id, used) in month.stations.iter_mut().enumerate() {
            let part = &now.stations[id];
            let hours = seconds / 3600.0 * periods;
            *used = used.plus(&Used {
                replica_hours: part.replica_hours * hours,
                visits: part.visits * hours,
                gigabytes: part.gigabytes * hours,
                gb_seconds: part.gb_seconds * hours,
            });
            if let Some(autoscale) = &system.stations[id].autoscale {
                let more = part.replica_hours - last.stations[id].replica_hours;
                let extra = if more > 0.0 { more * autoscale.startup } else { -more * autoscale.stabilization_down };
                used.replica_hours += extra.min(more.abs() * seconds) / 3600.0 * periods;
            }
        }
    }
    month
}

/// One load: what each station uses in an hour, and requests completed a second.
struct Load {
    stations: Vec<Used>,
    requests: f64,
}

fn load(solver: &mut Solver, system: &System, scaled: &mut System, factors: &[f64], multiple: f64) -> Load {
    for ((class, into), factor) in system.classes.iter().zip(&mut scaled.classes).zip(factors) {
        into.arrivals = match class.arrivals {
            Arrivals::Open { rate, cv } => Arrivals::Open { rate: rate * factor, cv },
            Arrivals::Closed { users, think_time } => Arrivals::Closed { users: users * factor, think_time },
        };
    }
    let answer = solver.solve(scaled, multiple, &Options { percentiles: false, ..Options::default() });
    Load {
        stations: answer.stations.iter().map(|at| Used::constant(at, 1.0)).collect(),
        requests: answer.classes.iter().map(|class| class.throughput).sum(),
    }
}
