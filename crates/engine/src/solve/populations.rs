//! A closed network at fractional populations: exact where the lattice of whole ones is small enough, else Linearizer.

use crate::queueing::{
    amva,
    convolution::{self, Center, Closed},
    mva, mva_classes,
};

/// Lattice sizes up to which the exact solutions are used.
const EXACT_LATTICE: f64 = 60_000.0;
const EXACT_MULTI_SERVER: f64 = 1_500.0;
/// Classes whose fractional users are interpolated; more are solved with fractional populations.
const INTERPOLATED: usize = 3;

/// Solves for fractional populations: interpolated between whole ones where they can be solved exactly.
pub(super) fn populate(populations: &[f64], centers: &[Center]) -> Closed {
    let lattice: f64 = populations.iter().map(|n| n.ceil() + 1.0).product();
    let single = centers.iter().all(|center| center.servers.is_infinite() || center.servers <= 1.0);
    let exact = lattice <= if single { EXACT_LATTICE } else { EXACT_MULTI_SERVER };
    let one_class = populations.len() == 1 && single && populations[0] < 1.0e6;
    let fractional: Vec<usize> = (0..populations.len()).filter(|&c| populations[c].fract() > 1.0e-12).collect();
    if !(exact || one_class) || fractional.len() > INTERPOLATED {
        return amva::solve(populations, centers);
    }
    let mut sum: Option<Closed> = None;
    for corner in 0..1_usize << fractional.len() {
        let mut weight = 1.0;
        let mut whole: Vec<u32> = populations.iter().map(|n| n.floor() as u32).collect();
        for (bit, &class) in fractional.iter().enumerate() {
            let part = populations[class].fract();
            if corner >> bit & 1 == 1 {
                whole[class] += 1;
                weight *= part;
            } else {
                weight *= 1.0 - part;
            }
        }
        let solved = whole_population(&whole, centers, single);
        let sum = sum.get_or_insert_with(|| Closed {
            throughput: vec![0.0; solved.throughput.len()],
            in_system: vec![0.0; solved.in_system.len()],
        });
        let add = |to: &mut Vec<f64>, from: &[f64]| to.iter_mut().zip(from).for_each(|(to, from)| *to += weight * from);
        add(&mut sum.throughput, &solved.throughput);
        add(&mut sum.in_system, &solved.in_system);
    }
    sum.unwrap_or_default()
}

fn whole_population(populations: &[u32], centers: &[Center], single: bool) -> Closed {
    if !single {
        return convolution::solve(populations, centers);
    }
    if populations.len() > 1 {
        return mva_classes::solve(populations, centers);
    }
    let think = centers.iter().filter(|c| c.servers.is_infinite()).map(|c| c.demands[0]).sum();
    let demands: Vec<f64> =
        centers.iter().filter(|c| c.servers.is_finite()).map(|c| c.demands[0] / c.servers).collect();
    let mut queues = vec![0.0; demands.len()];
    let throughput = mva::solve(populations[0], think, &demands, &mut queues);
    let mut queue = queues.iter();
    let in_system = centers
        .iter()
        .map(|c| if c.servers.is_infinite() { throughput * c.demands[0] } else { queue.next().copied().unwrap_or(0.0) })
        .collect();
    Closed { throughput: vec![throughput], in_system }
}
