//! Exact closed networks of several classes with multi-server stations, by normalisation constants.
//!
//! A station with n_c customers of class c has weight |n|! / prod n_c! x prod D_c^n_c / prod_{j<=|n|} min(j, servers); a delay has
//! prod Z_c^n_c / n_c!; one under the Universal Scalability Law has the law's speed in place of min(j, servers). The constant G of a network is the convolution of its stations' weights over the lattice of populations, and
//! X_c = G(N - 1_c) / G(N). Only positive terms are added, so there is no loss of digits where multi-server mean value analysis has
//! one. Weights are scaled by an estimate of the throughput and by their largest value: no overflow. Product-form assumptions:
//! processor sharing, or first-come first-served with one exponential service time for all classes. Seconds and per second.
//! Sources: Buzen, CACM 16 (1973); Reiser & Kobayashi, IBM J. Res. Dev. 19 (1975); Bruell & Balbo, Computational Algorithms for
//! Closed Queueing Networks (1980), ch. 3.

use super::usl;
use crate::{math, model::Usl};

/// A station of a closed network.
#[derive(Debug, Clone, PartialEq)]
pub struct Center {
    /// Servers; infinite for a delay (or for a law without a limit). May be fractional: a total speed.
    pub servers: f64,
    /// Seconds of work per cycle by class.
    pub demands: Vec<f64>,
    /// The law by which those in service slow each other down.
    pub usl: Option<Usl>,
    /// Speed with 1, 2, ... present instead of both, the last one from there on; empty where there is no such table.
    pub table: Vec<f64>,
    /// Open load beside the classes, in servers: the table reckons with it, see [`super::mixed`].
    pub open: f64,
    /// Centers exactly like this one, itself included (a whole number): each has these demands, numbers are those at one of them.
    pub alike: f64,
}

impl Default for Center {
    fn default() -> Self {
        Self::new(f64::INFINITY, Vec::new())
    }
}

impl Center {
    /// Servers and seconds of work per cycle by class.
    #[must_use]
    pub const fn new(servers: f64, demands: Vec<f64>) -> Self {
        Self { servers, demands, usl: None, table: Vec::new(), open: 0.0, alike: 1.0 }
    }

    /// Whether nobody ever waits here.
    #[must_use]
    pub fn is_delay(&self) -> bool {
        self.servers.is_infinite() && self.usl.is_none() && self.table.is_empty()
    }

    /// Whether it is a queue of one server, of any speed.
    #[must_use]
    pub fn is_single(&self) -> bool {
        self.servers <= 1.0 && self.table.is_empty()
    }

    /// Whether its speed hangs on the number present without end, or by a table.
    #[must_use]
    pub fn is_crowd(&self) -> bool {
        (!self.table.is_empty() && self.open <= 0.0) || (self.usl.is_some() && self.servers.is_infinite())
    }

    /// The number present from which on its speed stands still; infinite where it never does.
    #[must_use]
    pub fn steady_from(&self) -> f64 {
        if self.table.is_empty() { self.servers.ceil() } else { self.table.len() as f64 }
    }

    /// All that tells it from another, its table aside, as numbers.
    pub(crate) fn key(&self) -> impl Iterator<Item = f64> {
        let law = self.usl.map_or([0.0; 3], |law| [1.0, law.contention, law.coherency]);
        [self.servers, self.alike, self.open].into_iter().chain(law).chain(self.demands.iter().copied())
    }

    /// Work done per second with `n` present, in units of one alone.
    #[must_use]
    pub fn speed(&self, n: f64) -> f64 {
        if let Some(&last) = self.table.last() {
            return if n < 1.0 { 0.0 } else { self.table.get(n as usize - 1).copied().unwrap_or(last) };
        }
        let busy = n.min(self.servers);
        self.usl.map_or(busy, |law| usl::speed(&law, busy))
    }
}

/// Means of a closed network.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Closed {
    /// Cycles a second by class.
    pub throughput: Vec<f64>,
    /// Mean number of each class at each station: station x class.
    pub in_system: Vec<f64>,
}

impl Closed {
    /// All zero, of this size, in the memory it has.
    pub(crate) fn reset(&mut self, classes: usize, stations: usize) {
        refill(&mut self.throughput, classes, 0.0);
        refill(&mut self.in_system, classes * stations, 0.0);
    }
}

/// Fills a vector anew in the memory it has.
pub(crate) fn refill<T: Clone>(of: &mut Vec<T>, length: usize, value: T) {
    of.clear();
    of.resize(length, value);
}

/// Memory of a solution, kept from one to the next.
#[derive(Debug, Clone, Default)]
pub struct Space {
    lattice: Lattice,
    /// The center of each station: alike ones are stations of their own.
    copies: Vec<usize>,
    scale: Vec<f64>,
    rates: Vec<f64>,
    /// Station x position.
    weights: Vec<f64>,
    /// Constants of the stations before each one: (stations + 1) x position.
    before: Vec<f64>,
    after: Vec<f64>,
    others: Vec<f64>,
}

/// Solves a network exactly. The work grows with the square of the lattice size, prod (population + 1).
#[must_use]
pub fn solve(populations: &[u32], centers: &[Center]) -> Closed {
    let mut to = Closed::default();
    solve_in(&mut Space::default(), populations, centers, &mut to);
    to
}

/// [`solve`] in memory that is kept.
pub fn solve_in(space: &mut Space, populations: &[u32], centers: &[Center], to: &mut Closed) {
    let classes = populations.len();
    let Space { lattice, copies, scale, rates, weights, before, after, others } = space;
    lattice.reset(populations);
    scales(populations, centers, scale);
    let size = lattice.size;
    refill(weights, centers.len() * size, 0.0);
    for (center, weights) in centers.iter().zip(weights.chunks_exact_mut(size)) {
        lattice.weights(center, scale, rates, weights);
    }
    copies.clear();
    copies.extend(centers.iter().enumerate().flat_map(|(at, center)| (0..center.alike as u32).map(move |_| at)));
    let stations = copies.len();
    // Constants of the stations before each one and after each one; their product leaves the one out.
    refill(before, (stations + 1) * size, 0.0);
    before[0] = 1.0;
    for station in 0..stations {
        let (done, next) = before.split_at_mut((station + 1) * size);
        let own = &weights[copies[station] * size..(copies[station] + 1) * size];
        lattice.convolve(&done[station * size..], own, &mut next[..size]);
        normalise(&mut next[..size]);
    }
    to.reset(classes, centers.len());
    let (all, top) = (&before[stations * size..], size - 1);
    for (class, &population) in populations.iter().enumerate() {
        if population > 0 && all[top] > 0.0 {
            to.throughput[class] = all[top - lattice.stride[class]] / all[top] * scale[class];
        }
    }
    refill(after, size, 0.0);
    refill(others, size, 0.0);
    after[0] = 1.0;
    for station in (0..stations).rev() {
        let center = copies[station];
        let own = &weights[center * size..(center + 1) * size];
        lattice.convolve(&before[station * size..(station + 1) * size], after, others);
        let counts = &mut to.in_system[center * classes..(center + 1) * classes];
        counts.fill(0.0);
        let mut total = 0.0;
        for here in 0..size {
            let share = own[here] * others[top - here];
            total += share;
            for (class, count) in counts.iter_mut().enumerate() {
                *count += share * f64::from(lattice.digit(here, class));
            }
        }
        if total > 0.0 {
            counts.iter_mut().for_each(|count| *count /= total);
        }
        lattice.convolve(after, own, others);
        normalise(others);
        core::mem::swap(after, others);
    }
}

/// An estimate of each class's throughput: the least of its bounds.
fn scales(populations: &[u32], centers: &[Center], to: &mut Vec<f64>) {
    to.clear();
    to.extend((0..populations.len()).map(|class| {
        let (mut cycle, mut most) = (0.0, 0.0_f64);
        for center in centers {
            cycle += center.alike * center.demands[class];
            most = most.max(center.demands[class] / center.servers);
        }
        let bound = f64::from(populations[class].max(1)) / cycle;
        let scale = if most > 0.0 { bound.min(1.0 / most) } else { bound };
        if scale.is_finite() && scale > 0.0 { scale } else { 1.0 }
    }));
}

/// Takes the largest as 1.
pub(super) fn normalise(values: &mut [f64]) {
    let most = values.iter().copied().fold(0.0, f64::max);
    if most > 0.0 {
        values.iter_mut().for_each(|value| *value /= most);
    }
}

/// All population vectors up to a full one, in mixed radix; a sum of vectors is a sum of positions.
#[derive(Debug, Clone, Default)]
struct Lattice {
    radix: Vec<usize>,
    stride: Vec<usize>,
    size: usize,
    /// Position x class.
    digits: Vec<u32>,
}

impl Lattice {
    fn reset(&mut self, populations: &[u32]) {
        self.radix.clear();
        self.stride.clear();
        self.size = 1;
        for &population in populations {
            self.radix.push(population as usize + 1);
            self.stride.push(self.size);
            self.size *= population as usize + 1;
        }
        self.digits.clear();
        for position in 0..self.size {
            let digit = |class: usize| (position / self.stride[class] % self.radix[class]) as u32;
            self.digits.extend((0..self.radix.len()).map(digit));
        }
    }

    fn digit(&self, position: usize, class: usize) -> u32 {
        self.digits[position * self.radix.len() + class]
    }

    /// Logarithms of the weights first, then scaled so that the largest is 1.
    fn weights(&self, center: &Center, scale: &[f64], rates: &mut Vec<f64>, weights: &mut [f64]) {
        let most = self.radix.iter().map(|r| r - 1).sum::<usize>();
        refill(rates, most + 1, 0.0);
        for n in 1..=most {
            // |n|! / prod speed(j), a delay being served at |n|.
            rates[n] = rates[n - 1] + math::ln(n as f64 / center.speed(n as f64));
        }
        let mut largest = f64::NEG_INFINITY;
        for (position, weight) in weights.iter_mut().enumerate() {
            let (mut all, mut ln) = (0_usize, 0.0);
            for (class, scale) in scale.iter().enumerate() {
                let n = self.digit(position, class);
                all += n as usize;
                if n > 0 {
                    let demand = center.demands[class] * scale;
                    ln += if demand > 0.0 { f64::from(n) * math::ln(demand) } else { f64::NEG_INFINITY };
                    ln -= math::ln_gamma(f64::from(n) + 1.0);
                }
            }
            *weight = ln + rates[all];
            largest = largest.max(*weight);
        }
        weights.iter_mut().for_each(|weight| *weight = math::exp(*weight - largest));
    }

    /// Position by position in runs along the first class, so that the inner loop is a plain sum.
    fn convolve(&self, a: &[f64], b: &[f64], sum: &mut [f64]) {
        sum.fill(0.0);
        let Some(&first) = self.radix.first() else {
            sum[0] = a[0] * b[0];
            return;
        };
        for (i, &x) in a.iter().enumerate() {
            if x <= 0.0 {
                continue;
            }
            let run = first - self.digit(i, 0) as usize;
            for block in (0..self.size).step_by(first) {
                let fits =
                    |class: usize| ((self.digit(i, class) + self.digit(block, class)) as usize) < self.radix[class];
                if (1..self.radix.len()).all(fits) {
                    for (to, &y) in sum[i + block..i + block + run].iter_mut().zip(&b[block..block + run]) {
                        *to += x * y;
                    }
                }
            }
        }
    }
}
