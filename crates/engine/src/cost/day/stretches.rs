//! The profiles of all classes together, as stretches of constant load.

use crate::{
    model::{Profile, System},
    order,
};
use std::collections::BTreeMap;

/// Different loads to solve at most; where there are more, those near each other are taken together.
const MOST_LOADS: usize = 200;
/// Steps of the peak within which loads are near each other; the first with few enough loads is taken, else the last.
const GRAINS: [f64; 6] = [64.0, 32.0, 16.0, 8.0, 4.0, 2.0];
/// Stretches at most; a longer record is read at so many even instants.
const MOST_STRETCHES: usize = 20_000;
/// A cycle may be drawn out or in by this share, so that a whole number of them fits. 24 hourly points are a day and end after 23
/// hours: a record does not say how long its last point holds.
const DRAWN: f64 = 0.05;
/// Repeats of the longest cycle: with ten of them any other fits within [`DRAWN`].
const MOST_REPEATS: u32 = 10;

/// Stretches of constant load over a time in which every profile runs through whole cycles, so that each has its own mean.
pub(super) struct Stretches {
    /// Seconds of each, and the place of its load.
    pub parts: Vec<(f64, usize)>,
    /// Factors of the classes.
    pub loads: Vec<Vec<f64>>,
}

impl Stretches {
    pub(super) fn of(system: &System) -> Self {
        let profiles: Vec<Option<&Profile>> =
            system.classes.iter().map(|class| class.profile.as_ref().filter(|profile| length(profile) > 0.0)).collect();
        let period = period(&profiles);
        let starts = starts(&profiles, period);
        let mut parts = Vec::with_capacity(starts.len());
        for (place, start) in starts.iter().enumerate() {
            let end = starts.get(place + 1).copied().unwrap_or(period);
            // The middle of a stretch is nowhere near the edges that rounding blurs.
            let at =
                |profile: &Option<&Profile>| profile.map_or(1.0, |known| factor(known, 0.5 * (start + end), period));
            if end > *start {
                parts.push((end - start, profiles.iter().map(at).collect()));
            }
        }
        let mut found = exact(&parts);
        for grain in GRAINS {
            if found.loads.len() <= MOST_LOADS {
                break;
            }
            found = rounded(&parts, grain);
        }
        found
    }
}

/// Seconds after which a profile repeats; 0 where it does not.
pub(super) fn length(profile: &Profile) -> f64 {
    match profile {
        Profile::Periodic { step, factors } => step * factors.len() as f64,
        Profile::Recorded(points) => points.last().map_or(0.0, |point| point.0),
        Profile::Spike { .. } => 0.0,
    }
}

/// When the factor changes within one cycle.
fn changes(profile: &Profile) -> Vec<f64> {
    match profile {
        Profile::Periodic { step, factors } => (0..factors.len()).map(|place| step * place as f64).collect(),
        Profile::Recorded(points) => points.iter().map(|point| point.0).collect(),
        Profile::Spike { .. } => Vec::new(),
    }
}

/// Whole cycles of a profile in a time, one at least.
fn cycles(profile: &Profile, time: f64) -> f64 {
    (time / length(profile)).round().max(1.0)
}

/// The longest cycle, repeated until whole cycles of the others fit into it.
fn period(profiles: &[Option<&Profile>]) -> f64 {
    let longest = profiles.iter().flatten().map(|profile| length(profile)).fold(0.0, f64::max);
    let drawn = |time: f64| {
        let off = |profile: &&Profile| (time / (cycles(profile, time) * length(profile)) - 1.0).abs();
        profiles.iter().flatten().map(off).fold(0.0, f64::max)
    };
    let room = |time: f64| profiles.iter().flatten().all(|profile| edges(profile, time) <= MOST_STRETCHES as f64);
    let mut best = (longest, drawn(longest));
    for repeats in 2..=MOST_REPEATS {
        let time = longest * f64::from(repeats);
        if best.1 <= DRAWN || !room(time) {
            break;
        }
        let off = drawn(time);
        best = if off < best.1 { (time, off) } else { best };
    }
    best.0
}

/// Changes of a profile's factor in a time.
fn edges(profile: &Profile, time: f64) -> f64 {
    cycles(profile, time) * changes(profile).len() as f64
}

/// When the load of any class changes, ascending.
fn starts(profiles: &[Option<&Profile>], period: f64) -> Vec<f64> {
    let even = || (0..MOST_STRETCHES).map(|place| period * place as f64 / MOST_STRETCHES as f64).collect();
    let mut starts = vec![0.0];
    for profile in profiles.iter().flatten() {
        if edges(profile, period) > MOST_STRETCHES as f64 {
            return even();
        }
        let cycles = cycles(profile, period);
        let (inside, cycle) = (changes(profile), period / cycles);
        let drawn = cycle / length(profile);
        let all = (0..cycles as usize).flat_map(|round| inside.iter().map(move |at| at * drawn + cycle * round as f64));
        starts.extend(all.filter(|at| *at < period));
        order::numbers(&mut starts);
        // The same instant by two ways of reckoning.
        starts.dedup_by(|next, before| *next - *before <= 1.0e-12 * period);
        if starts.len() > MOST_STRETCHES {
            return even();
        }
    }
    starts
}

/// A profile's factor at an instant of a period that holds whole cycles of it.
fn factor(profile: &Profile, at: f64, period: f64) -> f64 {
    let cycle = period / cycles(profile, period);
    let at = at % cycle / cycle * length(profile);
    match profile {
        Profile::Periodic { step, factors } => {
            factors.get((at / step) as usize).or(factors.last()).copied().unwrap_or(1.0)
        }
        Profile::Recorded(points) => {
            let place = points.partition_point(|point| point.0 <= at);
            points.get(place.saturating_sub(1)).map_or(1.0, |point| point.1)
        }
        Profile::Spike { .. } => 1.0,
    }
}

/// Stretches of the same load share it.
fn exact(parts: &[(f64, Vec<f64>)]) -> Stretches {
    grouped(parts, |factor| factor.to_bits())
}

/// Stretches whose loads round to the same share their mean: rounded factors alone would lose what is small beside the peak.
fn rounded(parts: &[(f64, Vec<f64>)], grain: f64) -> Stretches {
    let mut found = grouped(parts, |factor| (factor * grain).round().to_bits());
    let mut seconds = vec![0.0; found.loads.len()];
    found.loads.iter_mut().flatten().for_each(|sum| *sum = 0.0);
    for ((own, factors), (_, load)) in parts.iter().zip(&found.parts) {
        seconds[*load] += own;
        found.loads[*load].iter_mut().zip(factors).for_each(|(sum, factor)| *sum += factor * own);
    }
    for (load, seconds) in found.loads.iter_mut().zip(seconds) {
        load.iter_mut().for_each(|sum| *sum /= seconds);
    }
    found
}

/// Stretches whose factors have the same keys share a load: that of the first of them.
fn grouped(parts: &[(f64, Vec<f64>)], key: impl Fn(f64) -> u64) -> Stretches {
    let mut known: BTreeMap<Vec<u64>, usize> = BTreeMap::new();
    let mut found = Stretches { parts: Vec::with_capacity(parts.len()), loads: Vec::new() };
    for (seconds, factors) in parts {
        let load = *known.entry(factors.iter().map(|&factor| key(factor)).collect()).or_insert_with(|| {
            found.loads.push(factors.clone());
            found.loads.len() - 1
        });
        found.parts.push((*seconds, load));
    }
    found
}
