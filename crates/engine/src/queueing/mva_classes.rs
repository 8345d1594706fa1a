//! Exact mean value analysis of several closed classes over single-server queues and delays.
//!
//! R_kc(n) = D_kc (1 + Q_k(n - 1_c)) over the lattice of populations; assumptions and source as in [`super::mva`]. The work is the
//! lattice size prod (population + 1) times stations times classes. Seconds and per second.

use super::convolution::{Center, Closed};

/// Solves a network whose centers have one server (any speed) or infinitely many.
#[must_use]
pub fn solve(populations: &[u32], centers: &[Center]) -> Closed {
    let classes = populations.len();
    let stations = centers.len();
    let mut stride = Vec::with_capacity(classes);
    let mut size = 1_usize;
    for &population in populations {
        stride.push(size);
        size *= population as usize + 1;
    }
    // Total number at each station for every population vector seen so far.
    let mut totals = vec![0.0; size * stations];
    let mut throughput = vec![0.0; classes];
    let mut times = vec![0.0; stations * classes];
    let mut counts = vec![0_u32; classes];
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
                let time = if center.servers.is_infinite() {
                    demand
                } else {
                    demand / center.servers * (1.0 + totals[fewer + station])
                };
                times[station * classes + class] = time;
                cycle += time;
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
    let in_system = (0..stations * classes).map(|at| throughput[at % classes] * times[at]).collect();
    Closed { throughput, in_system }
}
