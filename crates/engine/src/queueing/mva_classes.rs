//! Exact mean value analysis of several closed classes over single-server queues and delays.
//!
//! R_kc(n) = D_kc (1 + Q_k(n - 1_c)) over the lattice of populations; assumptions and source as in [`super::mva`]. The work is the
//! lattice size prod (population + 1) times stations times classes. Seconds and per second.

use super::convolution::{Center, Closed, refill};

/// Memory of a solution, kept from one to the next.
#[derive(Debug, Clone, Default)]
pub struct Space {
    stride: Vec<usize>,
    totals: Vec<f64>,
    times: Vec<f64>,
    counts: Vec<u32>,
}

/// Solves a network whose centers have one server (any speed) or infinitely many.
#[must_use]
pub fn solve(populations: &[u32], centers: &[Center]) -> Closed {
    let mut to = Closed::default();
    solve_in(&mut Space::default(), populations, centers, &mut to);
    to
}

/// [`solve`] in memory that is kept.
pub fn solve_in(space: &mut Space, populations: &[u32], centers: &[Center], to: &mut Closed) {
    let classes = populations.len();
    let stations = centers.len();
    let Space { stride, totals, times, counts } = space;
    stride.clear();
    let mut size = 1_usize;
    for &population in populations {
        stride.push(size);
        size *= population as usize + 1;
    }
    // Total number at each station for every population vector seen so far.
    refill(totals, size * stations, 0.0);
    refill(times, stations * classes, 0.0);
    refill(counts, classes, 0);
    to.reset(classes, stations);
    let throughput = &mut to.throughput;
    for position in 0..size {
        for class in 0..classes {
            throughput[class] = 0.0;
            if counts[class] == 0 {
                continue;
            }
            let fewer = (position - stride[class]) * stations;
            let mut cycle = 0.0;
            for (station, center) in centers.iter().enumerate() {
                let demand = center.demands[class];
                let time =
                    if center.is_delay() { demand } else { demand / center.servers * (1.0 + totals[fewer + station]) };
                times[station * classes + class] = time;
                cycle += center.alike * time;
            }
            throughput[class] = if cycle > 0.0 { f64::from(counts[class]) / cycle } else { 0.0 };
        }
        for station in 0..stations {
            let total = (0..classes).map(|class| throughput[class] * times[station * classes + class]).sum();
            totals[position * stations + station] = total;
        }
        for (count, &population) in counts.iter_mut().zip(populations) {
            if *count < population {
                *count += 1;
                break;
            }
            *count = 0;
        }
    }
    for (at, count) in to.in_system.iter_mut().enumerate() {
        *count = throughput[at % classes] * times[at];
    }
}
