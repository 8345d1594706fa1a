//! Approximate mean value analysis for populations too large for the exact lattice: Schweitzer's and Linearizer.
//!
//! The number an arriving customer sees is estimated from the number at the full population (Schweitzer-Bard) and corrected by how
//! the shares move when one customer leaves (Linearizer, three rounds). At several servers the wait is that of
//! M/M/c at the utilization an arriving customer sees (under a scalability law that of its birth and death; without a limit of
//! servers the law's time with as many as it finds; with open load beside the classes, at all of the load), and the throughput solves population = throughput x cycle. Typical error against exact: below 1 % in throughput for single servers, a few per
//! cent in queue length for multi-servers near the knee. Any distribution under processor sharing; exponential first-come
//! first-served. Seconds. Sources: Chandy & Neuse, "Linearizer", CACM 25 (1982); Schweitzer (1979).

use super::{
    convolution::{Center, Closed, refill},
    erlang, usl,
};

const ROUNDS: usize = 3;
const STEPS: usize = 2000;
const TOLERANCE: f64 = 1.0e-12;

/// Memory of a solution, kept from one to the next.
#[derive(Debug, Clone, Default)]
pub struct Space {
    /// Shares' change when one customer of class j leaves: j x (station x class).
    change: Vec<f64>,
    /// Numbers with one customer of class j fewer, likewise.
    fewer: Vec<f64>,
    left: Vec<f64>,
    times: Vec<f64>,
    throughput: Vec<f64>,
}

/// Solves a network; populations may be fractional.
#[must_use]
pub fn solve(populations: &[f64], centers: &[Center]) -> Closed {
    let mut to = Closed::default();
    solve_in(&mut Space::default(), populations, centers, &mut to);
    to
}

/// [`solve`] in memory that is kept.
pub fn solve_in(space: &mut Space, populations: &[f64], centers: &[Center], to: &mut Closed) {
    let classes = populations.len();
    let stations = centers.len();
    let size = stations * classes;
    let Space { change, fewer, left, times, throughput } = space;
    to.reset(classes, stations);
    for (at, count) in to.in_system.iter_mut().enumerate() {
        *count = populations[at % classes] / stations.max(1) as f64 / centers[at / classes].alike;
    }
    refill(change, classes * size, 0.0);
    refill(times, size, 0.0);
    refill(throughput, classes, 0.0);
    core_step(populations, centers, &mut to.in_system, change, times, &mut to.throughput);
    fewer.clear();
    for _ in 0..classes {
        fewer.extend_from_slice(&to.in_system);
    }
    for _ in 0..ROUNDS {
        for leaving in 0..classes {
            left.clear();
            left.extend_from_slice(populations);
            left[leaving] = (left[leaving] - 1.0).max(0.0);
            let fewer = &mut fewer[leaving * size..(leaving + 1) * size];
            core_step(left, centers, fewer, change, times, throughput);
            for at in 0..size {
                let class = at % classes;
                let share = |count: f64, population: f64| if population > 0.0 { count / population } else { 0.0 };
                change[leaving * size + at] = if left[class] > 0.0 {
                    share(fewer[at], left[class]) - share(to.in_system[at], populations[class])
                } else {
                    0.0
                };
            }
        }
        core_step(populations, centers, &mut to.in_system, change, times, &mut to.throughput);
    }
}

/// Schweitzer's fixed point with given changes of shares.
fn core_step(
    populations: &[f64],
    centers: &[Center],
    counts: &mut [f64],
    change: &[f64],
    times: &mut [f64],
    throughput: &mut [f64],
) {
    let classes = populations.len();
    throughput.fill(0.0);
    for _ in 0..STEPS {
        for class in 0..classes {
            if populations[class] <= 0.0 {
                throughput[class] = 0.0;
                continue;
            }
            let mut fixed = 0.0;
            for (station, center) in centers.iter().enumerate() {
                let demand = center.demands[class];
                if !center.is_delay() && !center.is_single() && !center.is_crowd() {
                    continue;
                }
                let mut seen = 0.0;
                for (other, &population) in populations.iter().enumerate() {
                    let at = station * classes + other;
                    let left = if other == class { (population - 1.0).max(0.0) } else { population };
                    if population > 0.0 {
                        seen += left * (counts[at] / population + change[class * counts.len() + at]).max(0.0);
                    }
                }
                let time = if center.is_delay() {
                    demand
                } else if center.is_single() {
                    demand / center.servers * (1.0 + seen)
                } else {
                    // All that are there slow each other.
                    demand * (1.0 + seen) / center.speed(1.0 + seen)
                };
                times[station * classes + class] = time;
                fixed += center.alike * time;
            }
            throughput[class] = shared(populations, centers, throughput, class, fixed, times);
        }
        let mut moved = 0.0_f64;
        for (at, count) in counts.iter_mut().enumerate() {
            let next = throughput[at % classes] * times[at];
            let damped = 0.5 * (*count + next);
            moved = moved.max((damped - *count).abs() / populations[at % classes].max(1.0));
            *count = damped;
        }
        if moved < TOLERANCE {
            break;
        }
    }
}

/// Throughput of a class whose cycle is `fixed` seconds and its times at the stations of several servers, which it fills in.
fn shared(
    populations: &[f64],
    centers: &[Center],
    throughput: &[f64],
    class: usize,
    fixed: f64,
    times: &mut [f64],
) -> f64 {
    let classes = populations.len();
    let population = populations[class];
    let others = (population - 1.0).max(0.0) / population;
    let mut cycle = |rate: f64| {
        let mut cycle = fixed;
        for (station, center) in centers.iter().enumerate() {
            if center.is_delay() || center.is_single() || center.is_crowd() {
                continue;
            }
            let work = |c: usize| if c == class { others * rate } else { throughput[c] } * center.demands[c];
            let busy: f64 = (0..classes).map(work).sum();
            let stretch = if let Some(law) = &center.usl {
                let most = usl::speed(law, center.servers) * (1.0 - 1.0e-9);
                1.0 + usl::solve(law, busy.min(most), 1.0, center.servers, f64::INFINITY).mean_wait
            } else {
                // Whoever comes finds the open load too.
                let busy = busy + center.open;
                let spare = (center.servers - busy).max(center.servers * 1.0e-15);
                1.0 + erlang::delay(center.servers, busy) / spare
            };
            times[station * classes + class] = center.demands[class] * stretch;
            cycle += center.alike * center.demands[class] * stretch;
        }
        cycle
    };
    let (mut low, mut high) = (0.0, population / cycle(0.0));
    if !high.is_finite() {
        return 0.0;
    }
    for _ in 0..110 {
        let middle = 0.5 * (low + high);
        if middle * cycle(middle) > population {
            high = middle;
        } else {
            low = middle;
        }
        if high - low <= 1.0e-15 * high {
            break;
        }
    }
    cycle(low);
    low
}
