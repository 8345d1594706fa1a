//! A month that follows its days: every stretch of the profile at its own load, through the autoscaler.
//!
//! Each stretch is taken as long enough to be steady. Between two stretches an autoscaler's new replicas boot for its `startup`
//! (billed, serving nothing) and the ones it no longer needs stay for its stabilization window. A spike is one in a month and
//! bills nothing; an event of the simulation neither.

use super::{Bill, HOURS_PER_MONTH, Used, month, priced};
use crate::{
    model::{Arrivals, Profile, System},
    order,
    solve::{Answer, Options, Solver},
};
use std::collections::BTreeMap;

/// Different loads solved at most; beyond it factors are rounded to 64ths, then to 16ths of the peak.
const MOST_LOADS: usize = 200;
/// Stretches of the profile at most; a longer record is read at so many even instants.
const MOST_STRETCHES: usize = 20_000;

/// Whether the load moves over the month: some class has a periodic or recorded profile.
#[must_use]
pub fn moves(system: &System) -> bool {
    system.classes.iter().any(|class| class.profile.as_ref().is_some_and(|profile| length(profile) > 0.0))
}

/// The bill of a month that follows the profiles of its classes; without any, of one that stays at the answer's load.
///
/// The solver must be compiled from this system; its last answer is lost.
pub fn over_time(solver: &mut Solver, system: &System, answer: &Answer) -> Bill {
    if !moves(system) {
        return month(system, answer);
    }
    let stretches = stretches(system);
    let all: f64 = stretches.iter().map(|(seconds, _)| seconds).sum();
    let mut scaled = system.clone();
    let mut solved: BTreeMap<Vec<u64>, Load> = BTreeMap::new();
    let keys: Vec<Vec<u64>> =
        stretches.iter().map(|(_, factors)| factors.iter().map(|f| f.to_bits()).collect()).collect();
    for ((_, factors), key) in stretches.iter().zip(&keys) {
        if !solved.contains_key(key) {
            solved.insert(key.clone(), load(solver, system, &mut scaled, factors, answer.multiple));
        }
    }
    let mut used = vec![Used::default(); system.stations.len()];
    let mut requests = 0.0;
    let periods = HOURS_PER_MONTH * 3600.0 / all;
    for (place, (seconds, _)) in stretches.iter().enumerate() {
        let before = (place + keys.len() - 1) % keys.len();
        let (Some(now), Some(last)) = (solved.get(&keys[place]), solved.get(&keys[before])) else { continue };
        requests += now.requests * seconds * periods;
        for (id, used) in used.iter_mut().enumerate() {
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
    priced(system, answer.multiple, &used, requests)
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

/// Seconds after which a profile repeats; 0 where it does not.
fn length(profile: &Profile) -> f64 {
    match profile {
        Profile::Periodic { step, factors } => step * factors.len() as f64,
        Profile::Recorded(points) => points.last().map_or(0.0, |point| point.0),
        Profile::Spike { .. } => 0.0,
    }
}

fn factor(profile: Option<&Profile>, at: f64) -> f64 {
    match profile {
        Some(Profile::Periodic { step, factors }) if !factors.is_empty() => {
            factors[(at / step + 1.0e-9).floor() as usize % factors.len()]
        }
        Some(Profile::Recorded(points)) => {
            let last = points.last().map_or(0.0, |point| point.0);
            let at = if last > 0.0 { at % last } else { 0.0 };
            let place = points.partition_point(|point| point.0 <= at + 1.0e-9);
            points.get(place.saturating_sub(1)).map_or(1.0, |point| point.1)
        }
        _ => 1.0,
    }
}

/// Stretches of constant load over the longest profile: seconds, and the factor of each class.
fn stretches(system: &System) -> Vec<(f64, Vec<f64>)> {
    let profiles: Vec<Option<&Profile>> = system.classes.iter().map(|class| class.profile.as_ref()).collect();
    let period = profiles.iter().flatten().map(|profile| length(profile)).fold(0.0, f64::max);
    let mut starts = vec![0.0];
    for profile in profiles.iter().flatten() {
        let own = length(profile);
        let inside: Vec<f64> = match profile {
            Profile::Periodic { step, factors } => (0..factors.len()).map(|place| step * place as f64).collect(),
            Profile::Recorded(points) => points.iter().map(|point| point.0).collect(),
            Profile::Spike { .. } => Vec::new(),
        };
        let repeats = if own > 0.0 { (period / own).ceil().min(1.0e4) as usize } else { 0 };
        let all = (0..repeats).flat_map(|round| inside.iter().map(move |at| at + own * round as f64));
        starts.extend(all.filter(|at| *at < period).take(MOST_STRETCHES + 1));
    }
    if starts.len() > MOST_STRETCHES {
        starts = (0..MOST_STRETCHES).map(|place| period * place as f64 / MOST_STRETCHES as f64).collect();
    }
    order::numbers(&mut starts);
    starts.dedup();
    let at = |grain: Option<f64>| -> Vec<(f64, Vec<f64>)> {
        let round = |value: f64| grain.map_or(value, |grain| (value * grain).round() / grain);
        let stretch = |(place, start): (usize, &f64)| {
            let end = starts.get(place + 1).copied().unwrap_or(period);
            (end - start, profiles.iter().map(|profile| round(factor(*profile, *start))).collect())
        };
        starts.iter().enumerate().map(stretch).filter(|(seconds, _)| *seconds > 0.0).collect()
    };
    for grain in [None, Some(64.0)] {
        let found = at(grain);
        let bits = |(_, factors): &(f64, Vec<f64>)| factors.iter().map(|f| f.to_bits()).collect::<Vec<_>>();
        let different = order::set(found.iter().map(bits));
        if different.len() <= MOST_LOADS {
            return found;
        }
    }
    at(Some(16.0))
}
