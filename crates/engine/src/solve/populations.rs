//! A closed network at fractional populations: exact where the lattice of whole ones is small enough, else Linearizer.

use crate::queueing::{
    amva,
    convolution::{self, Center, Closed, refill},
    mva, mva_classes, one_class,
};

/// Lattice sizes up to which the exact solutions are used.
const EXACT_LATTICE: f64 = 60_000.0;
const EXACT_MULTI_SERVER: f64 = 1_500.0;
/// Steps of a convolution up to which it is used.
const EXACT_STEPS: f64 = 4.0e7;
/// Steps of a solution of one class, likewise: beyond, most users wait at full servers, where Linearizer is within 1e-4.
const EXACT_WALK: f64 = 1.0e7;
/// Users of one class up to which mean value analysis walks through all of them.
const EXACT_VALUES: f64 = 20_000.0;
/// Users that can be counted one by one.
pub(super) const COUNTABLE: f64 = 1.0e9;
/// Classes whose fractional users are interpolated; more are solved with fractional populations.
const INTERPOLATED: usize = 3;

/// Memory of all of them, kept from one solution to the next.
#[derive(Debug, Clone, Default)]
pub(super) struct Space {
    /// The solution.
    pub solved: Closed,
    corner: Closed,
    whole: Vec<u32>,
    fractional: Vec<usize>,
    demands: Vec<f64>,
    /// Demands of all centers of a kind.
    all: Vec<f64>,
    queues: Vec<f64>,
    convolution: convolution::Space,
    lattice: mva_classes::Space,
    one_class: one_class::Space,
    linearizer: amva::Space,
    /// What `solved` solves.
    known: Vec<f64>,
    asked: Vec<f64>,
}

impl Space {
    /// Nothing is solved yet.
    pub fn forget(&mut self) {
        self.known.clear();
    }

    /// Solves for fractional populations: interpolated between whole ones where they can be solved exactly. The answer is in `solved`.
    pub fn populate(&mut self, populations: &[f64], centers: &[Center]) {
        // Nothing moved since: most networks are asked for twice, to see that they settled.
        self.asked.clear();
        self.asked.extend(populations);
        for center in centers {
            self.asked.extend(center.key());
        }
        core::mem::swap(&mut self.asked, &mut self.known);
        if self.asked == self.known {
            return;
        }
        let lattice: f64 = populations.iter().map(|n| n.ceil() + 1.0).product();
        let single = centers.iter().all(|center| center.is_delay() || center.is_single());
        let stations: f64 = centers.iter().map(|center| center.alike).sum();
        let values = populations[0] * centers.len() as f64;
        let countable = populations.len() == 1 && populations[0] < COUNTABLE;
        let walks = countable && one_class::steps(populations[0].ceil(), centers) <= EXACT_WALK;
        let exact = if populations.len() == 1 {
            countable && (walks || (single && values <= EXACT_WALK))
        } else if single {
            lattice <= EXACT_LATTICE
        } else {
            lattice <= EXACT_MULTI_SERVER && lattice * lattice * stations <= EXACT_STEPS
        };
        self.fractional.clear();
        self.fractional.extend((0..populations.len()).filter(|&c| populations[c].fract() > 1.0e-12));
        if !exact || self.fractional.len() > INTERPOLATED {
            return amva::solve_in(&mut self.linearizer, populations, centers, &mut self.solved);
        }
        self.solved.reset(populations.len(), centers.len());
        for corner in 0..1_usize << self.fractional.len() {
            let mut weight = 1.0;
            self.whole.clear();
            self.whole.extend(populations.iter().map(|n| n.floor() as u32));
            for (bit, &class) in self.fractional.iter().enumerate() {
                let part = populations[class].fract();
                if corner >> bit & 1 == 1 {
                    self.whole[class] += 1;
                    weight *= part;
                } else {
                    weight *= 1.0 - part;
                }
            }
            if populations.len() == 1 && walks && (!single || populations[0] > EXACT_VALUES) {
                one_class::solve_in(&mut self.one_class, self.whole[0], centers, &mut self.corner);
            } else {
                self.whole_population(centers, single);
            }
            let add =
                |to: &mut Vec<f64>, from: &[f64]| to.iter_mut().zip(from).for_each(|(to, from)| *to += weight * from);
            add(&mut self.solved.throughput, &self.corner.throughput);
            add(&mut self.solved.in_system, &self.corner.in_system);
        }
    }

    fn whole_population(&mut self, centers: &[Center], single: bool) {
        if !single {
            return convolution::solve_in(&mut self.convolution, &self.whole, centers, &mut self.corner);
        }
        if self.whole.len() > 1 {
            return mva_classes::solve_in(&mut self.lattice, &self.whole, centers, &mut self.corner);
        }
        let think = centers.iter().filter(|c| c.is_delay()).map(|c| c.demands[0]).sum();
        self.demands.clear();
        self.demands.extend(centers.iter().filter(|c| !c.is_delay()).map(|c| c.demands[0] / c.servers));
        self.all.clear();
        self.all.extend(centers.iter().filter(|c| !c.is_delay()).map(|c| c.alike * c.demands[0] / c.servers));
        refill(&mut self.queues, self.demands.len(), 0.0);
        let throughput = mva::solve_alike(self.whole[0], think, &self.demands, &self.all, &mut self.queues);
        self.corner.reset(1, centers.len());
        self.corner.throughput[0] = throughput;
        let mut queue = self.queues.iter();
        for (count, center) in self.corner.in_system.iter_mut().zip(centers) {
            *count =
                if center.is_delay() { throughput * center.demands[0] } else { queue.next().copied().unwrap_or(0.0) };
        }
    }
}
