//! Exact closed networks of one class whose centers work at a speed that hangs on the number present: several servers, a scalability
//! law, or a table (the flow-equivalent server of a part solved before).
//!
//! By normalisation constants, as in [`super::convolution`], but in steps that grow with population x servers instead of the square of
//! the population: a center of one server adds itself in one pass, g(n) += x g(n - 1), and one whose speed stands still from c
//! customers on is c terms and a geometric tail. Weights are taken at the throughput t at which the open network of the same
//! centers holds as many customers on average (so their product is largest where the population is, and what leaves the range of
//! doubles does not matter); only positive terms are added. X = t G(N - 1) / G(N); the number at a center of one server by Buzen's
//! sum, elsewhere from the constants of all the others. Product-form assumptions as there. Seconds and per second.
//!
//! Of very many users all but a few think: populations are walked through only from where no more would ever be at the centers at once
//! (beyond that number less than 1e-15 of the weight is left; compared with the whole walk at a million users in the tests).
//! Sources: Buzen, CACM 16 (1973); Lavenberg (ed.), Computer Performance Modeling Handbook (1983), §3.5.

use super::convolution::{Center, Closed, normalise, refill};
use crate::math;

/// Populations beyond which only those are walked through that differ from it by what may be at the centers.
const MANY: f64 = 20_000.0;
/// Numbers at the centers that are walked through beyond their mean: so many times it, or so many standard deviations of the number that
/// thinks; of a geometric tail 1e-17 is left, of a normal one 1e-32.
const MEANS: f64 = 40.0;
const DEVIATIONS: f64 = 12.0;
/// Halvings that find the throughput at which weights are taken; it need not be exact.
const HALVINGS: u32 = 50;

/// A network made ready for one population and all smaller ones, in memory that is kept.
#[derive(Debug, Clone, Default)]
pub struct Space {
    /// Throughput at which weights are taken.
    rate: f64,
    /// Smallest population that is walked through.
    first: usize,
    /// Constants of the delays and the centers of one server, by population from the first on.
    base: Vec<f64>,
    /// Constants of everything.
    all: Vec<f64>,
    others: Vec<f64>,
    next: Vec<f64>,
    weights: Vec<f64>,
    counts: Vec<f64>,
    mix: Vec<f64>,
}

/// Steps that a solution takes, about.
#[must_use]
pub fn steps(population: f64, centers: &[Center]) -> f64 {
    // By a law all numbers are walked through: there is nothing to look for.
    let many = population > MANY && centers.iter().all(|center| center.usl.is_none());
    let found = if many { rate(population, centers) } else { None };
    let population = found.map_or(population, |rate| walked(population, rate, centers));
    let (mut queues, mut depend, mut widest) = (1.0, 0.0, 0.0_f64);
    for center in centers {
        if center.is_single() {
            queues += center.alike;
        } else if !center.is_delay() {
            depend += center.alike;
            widest = widest.max(center.steady_from().min(population));
        }
    }
    population * (queues + depend * (20.0 + depend * widest)) + f64::from(HALVINGS) * depend * widest
}

/// Solves a network exactly.
#[must_use]
pub fn solve(population: u32, centers: &[Center]) -> Closed {
    let mut to = Closed::default();
    solve_in(&mut Space::default(), population, centers, &mut to);
    to
}

/// [`solve`] in memory that is kept.
pub fn solve_in(space: &mut Space, population: u32, centers: &[Center], to: &mut Closed) {
    to.reset(1, centers.len());
    if !space.prepare(population, centers) {
        return;
    }
    let most = population as usize;
    to.throughput[0] = space.throughput(most);
    let mut mix = core::mem::take(&mut space.mix);
    refill(&mut mix, most + 1 - space.first, 0.0);
    mix[most - space.first] = 1.0;
    for (at, count) in to.in_system.iter_mut().enumerate() {
        *count = space.number(at, centers, &mix);
    }
    space.mix = mix;
}

impl Space {
    /// Finds the constants of all populations up to this one; false where nobody is there or nothing takes time.
    pub fn prepare(&mut self, population: u32, centers: &[Center]) -> bool {
        let most = population as usize;
        let Some(rate) = rate(f64::from(population), centers).filter(|_| most > 0) else { return false };
        self.rate = rate;
        self.first = most - walked(f64::from(population), rate, centers) as usize;
        let thinking = rate * centers.iter().filter(|c| c.is_delay()).map(|c| c.demands[0]).sum::<f64>();
        let Self { base, all, next, weights, .. } = self;
        delays(thinking, self.first..=most, base);
        let most = most - self.first;
        for center in centers.iter().filter(|c| c.is_single() && c.demands[0] > 0.0) {
            let load = rate * center.demands[0] / center.servers;
            for _ in 0..center.alike as u32 {
                for n in 1..=most {
                    base[n] += load * base[n - 1];
                }
                normalise(base);
            }
        }
        combine(base, rate, centers, None, all, next, weights);
        all[most] > 0.0
    }

    /// Smallest population that is walked through; only from the next on are the figures right.
    #[must_use]
    pub const fn first(&self) -> usize {
        self.first
    }

    /// Cycles a second with so many customers, at most those it was prepared for and more than the first.
    #[must_use]
    pub fn throughput(&self, n: usize) -> f64 {
        let at = n.saturating_sub(self.first);
        if at == 0 { 0.0 } else { self.rate * self.all[at - 1] / self.all[at] }
    }

    /// Mean number at a center (one of those alike), over populations of these probabilities, the first one's first.
    pub fn number(&mut self, at: usize, centers: &[Center], mix: &[f64]) -> f64 {
        self.moments(at, centers, mix).0
    }

    /// Mean and mean square of the number at a center, likewise; a delay's square is that of a Poisson number.
    pub fn moments(&mut self, at: usize, centers: &[Center], mix: &[f64]) -> (f64, f64) {
        let center = &centers[at];
        let demand = center.demands[0];
        if demand <= 0.0 {
            return (0.0, 0.0);
        }
        let populations = mix.iter().enumerate().skip(1).filter(|(_, p)| **p > 0.0);
        if center.is_delay() {
            let mean: f64 = populations.map(|(n, p)| p * self.throughput(self.first + n) * demand).sum();
            return (mean, mean + mean * mean);
        }
        let (mut mean, mut square) = (0.0, 0.0);
        if center.is_single() {
            let load = self.rate * demand / center.servers;
            for (population, p) in populations {
                // P(at least k here) = x^k G(N - k) / G(N); squares are sums of odd numbers.
                let (mut power, mut sum, mut odd) = (1.0, 0.0, 0.0);
                for n in (0..population).rev() {
                    power *= load;
                    let at_least = power * self.all[n];
                    sum += at_least;
                    odd += at_least * (2 * (population - n) - 1) as f64;
                }
                mean += p * sum / self.all[population];
                square += p * odd / self.all[population];
            }
            return (mean, square);
        }
        let mut counts = core::mem::take(&mut self.counts);
        self.distribution(at, centers, mix, &mut counts);
        for (n, p) in counts.iter().enumerate() {
            mean += n as f64 * p;
            square += (n * n) as f64 * p;
        }
        self.counts = counts;
        (mean, square)
    }

    /// Probability of each number at a load-dependent center, likewise.
    pub fn distribution(&mut self, at: usize, centers: &[Center], mix: &[f64], to: &mut Vec<f64>) {
        let most = self.base.len() - 1;
        let Self { rate, base, others, next, weights, .. } = self;
        combine(base, *rate, centers, Some(at), others, next, weights);
        fill_weights(&centers[at], *rate, most, weights);
        refill(to, most + 1, 0.0);
        for (population, p) in mix.iter().enumerate().filter(|(_, p)| **p > 0.0) {
            let together = |n: usize| weights[n] * others[population - n];
            let mass: f64 = (0..=population).map(together).sum();
            if mass > 0.0 {
                for (n, to) in to.iter_mut().enumerate().take(population + 1) {
                    *to += p * together(n) / mass;
                }
            }
        }
    }
}

/// The constants of the base and of every load-dependent center but one copy of the one left out.
fn combine(
    base: &[f64],
    rate: f64,
    centers: &[Center],
    without: Option<usize>,
    to: &mut Vec<f64>,
    next: &mut Vec<f64>,
    weights: &mut Vec<f64>,
) {
    to.clear();
    to.extend_from_slice(base);
    let most = base.len() - 1;
    for (at, center) in centers.iter().enumerate() {
        if center.is_single() || center.is_delay() || center.demands[0] <= 0.0 {
            continue;
        }
        let copies = center.alike as u32 - u32::from(without == Some(at));
        if copies == 0 {
            continue;
        }
        fill_weights(center, rate, most, weights);
        for _ in 0..copies {
            add(center, rate, weights, to, next);
        }
    }
}

/// Convolves a center's weights into the constants: term by term up to where its speed stands still, a running tail from there.
fn add(center: &Center, rate: f64, weights: &[f64], constants: &mut Vec<f64>, next: &mut Vec<f64>) {
    let most = constants.len() - 1;
    let steady = center.steady_from();
    let last = if steady < most as f64 { steady as usize } else { most };
    let ratio = rate * center.demands[0] / center.speed(last as f64);
    refill(next, most + 1, 0.0);
    for (k, &weight) in weights[..last].iter().enumerate() {
        if weight > 0.0 {
            for (to, from) in next[k..].iter_mut().zip(constants.iter()) {
                *to += weight * from;
            }
        }
    }
    let mut tail = 0.0;
    for n in last..=most {
        tail = ratio * tail + weights[last] * constants[n - last];
        next[n] += tail;
    }
    normalise(next);
    core::mem::swap(constants, next);
}

/// Weights of 0 to `most` customers at a load-dependent center, the largest 1.
fn fill_weights(center: &Center, rate: f64, most: usize, weights: &mut Vec<f64>) {
    let load = rate * center.demands[0];
    refill(weights, most + 1, 0.0);
    let (mut ln, mut largest) = (0.0, 0.0_f64);
    for (n, weight) in weights.iter_mut().enumerate().skip(1) {
        ln += math::ln(load / center.speed(n as f64));
        *weight = ln;
        largest = largest.max(ln);
    }
    weights.iter_mut().for_each(|weight| *weight = math::exp(*weight - largest));
}

/// Poisson weights of the delays for these numbers, the largest 1.
fn delays(mean: f64, numbers: core::ops::RangeInclusive<usize>, to: &mut Vec<f64>) {
    let (first, most) = (*numbers.start(), *numbers.end());
    refill(to, most + 1 - first, 0.0);
    let top = if mean < most as f64 { (mean.floor() as usize).max(first) } else { most };
    to[top - first] = 1.0;
    for n in top + 1..=most {
        to[n - first] = to[n - 1 - first] * mean / n as f64;
    }
    for n in (first..top).rev() {
        to[n - first] = to[n + 1 - first] * (n + 1) as f64 / mean;
    }
}

/// Numbers at the centers that are walked through.
fn walked(population: f64, rate: f64, centers: &[Center]) -> f64 {
    // A law under which more work less may hold all of them or hardly any.
    if population <= MANY || centers.iter().any(|center| center.usl.is_some()) {
        return population;
    }
    let there = |center: &&Center| !center.is_delay();
    let present: f64 = centers.iter().filter(there).map(|c| c.alike * in_open(c, rate, population)).sum();
    // With all servers at work the number varies like the number that thinks, else like the line itself.
    let beyond = (MEANS * (present + 1.0)).min(DEVIATIONS * population.sqrt());
    (present + beyond + 2.0 * MEANS).ceil().min(population)
}

/// Throughput at which the open network holds as many customers as the closed one has; `None` without any time.
fn rate(population: f64, centers: &[Center]) -> Option<f64> {
    let bare: f64 = centers.iter().map(|c| c.alike * c.demands[0]).sum();
    let mut high = population / bare;
    for center in centers.iter().filter(|c| !c.is_delay() && c.demands[0] > 0.0) {
        let steady = center.steady_from();
        if steady < population {
            high = high.min(center.speed(steady) / center.demands[0]);
        }
    }
    if !high.is_finite() || high <= 0.0 {
        return None;
    }
    let (mut low, mut middle) = (0.0, high);
    for _ in 0..HALVINGS {
        middle = 0.5 * (low + high);
        let present: f64 = centers.iter().map(|center| center.alike * in_open(center, middle, population)).sum();
        if present < population {
            low = middle;
        } else {
            high = middle;
        }
        if (present / population - 1.0).abs() < if population > MANY { 1.0e-8 } else { 1.0e-3 } {
            break;
        }
    }
    Some(middle)
}

/// Mean number at a center of the open network, at most about the population.
fn in_open(center: &Center, rate: f64, population: f64) -> f64 {
    let load = rate * center.demands[0];
    if center.is_delay() || load <= 0.0 {
        return load.max(0.0);
    }
    if center.is_single() {
        let load = load / center.servers;
        return if load < 1.0 { load / (1.0 - load) } else { population };
    }
    let last = center.steady_from().min(population).floor();
    let (mut weight, mut all, mut number, mut n) = (1.0, 1.0, 0.0, 0.0);
    while n < last {
        n += 1.0;
        weight *= load / center.speed(n);
        all += weight;
        number += n * weight;
        if all > 1.0e250 {
            (weight, all, number) = (weight * 1.0e-250, all * 1.0e-250, number * 1.0e-250);
        }
    }
    if last < population {
        let ratio = load / center.speed(last);
        if ratio >= 1.0 {
            return population;
        }
        all += weight * ratio / (1.0 - ratio);
        number += weight * ratio / (1.0 - ratio) * (last + 1.0 / (1.0 - ratio));
    }
    number / all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Usl, queueing::convolution};

    fn near(got: f64, exact: f64, tolerance: f64) {
        assert!((got / exact - 1.0).abs() < tolerance, "{got} is not {exact}");
    }

    #[test]
    fn it_is_the_convolution_of_the_whole_lattice() {
        let center = |servers, demand: f64| Center::new(servers, vec![demand]);
        let law = Center { usl: Some(Usl { contention: 0.05, coherency: 0.002 }), ..center(6.0, 0.05) };
        let free = Center { servers: f64::INFINITY, ..law.clone() };
        let delay = center(f64::INFINITY, 1.0);
        for (population, centers) in [
            (1, vec![delay.clone(), center(2.0, 0.1)]),
            (60, vec![delay.clone(), center(4.0, 0.1), center(1.0, 0.02), center(0.5, 0.004)]),
            (90, vec![center(3.0, 0.1), law, center(7.0, 0.22), delay.clone()]),
            (50, vec![delay.clone(), free, center(1.0, 0.02)]),
            (70, vec![center(2.5, 0.1), center(1.0, 0.03)]),
        ] {
            let (got, exact) = (solve(population, &centers), convolution::solve(&[population], &centers));
            near(got.throughput[0], exact.throughput[0], 1e-11);
            for (got, exact) in got.in_system.iter().zip(&exact.in_system) {
                near(*got, *exact, 1e-8);
            }
        }
    }

    #[test]
    fn alike_centers_are_so_many() {
        let center = |servers, demand: f64| Center::new(servers, vec![demand]);
        let one = [
            center(f64::INFINITY, 1.0),
            Center { alike: 3.0, ..center(2.0, 0.1) },
            Center { alike: 2.0, ..center(1.0, 0.03) },
        ];
        let each: Vec<Center> = [0, 1, 1, 1, 2, 2].map(|at| Center { alike: 1.0, ..one[at].clone() }).to_vec();
        let (got, exact) = (solve(40, &one), convolution::solve(&[40], &each));
        near(got.throughput[0], exact.throughput[0], 1e-11);
        near(got.in_system[1], exact.in_system[1], 1e-9);
        near(got.in_system[2], exact.in_system[5], 1e-9);
    }

    #[test]
    fn a_hundred_thousand_users_keep_their_digits() {
        // Users are somewhere: at the delay (throughput x time), or at a center.
        let centers =
            [Center::new(f64::INFINITY, vec![100.0]), Center::new(40.0, vec![0.041]), Center::new(1.0, vec![0.000_9])];
        for population in [1000, 50_000, 97_000, 99_000, 150_000] {
            let solved = solve(population, &centers);
            let all: f64 = solved.in_system.iter().sum();
            near(all, f64::from(population), 1e-9);
            assert!(solved.throughput[0] <= 40.0 / 0.041 * (1.0 + 1e-12));
        }
    }

    #[test]
    fn a_lone_center_has_everybody() {
        let mut space = Space::default();
        assert!(space.prepare(50, &[Center::new(1.0, vec![1.0])]));
        assert_eq!(space.moments(0, &[Center::new(1.0, vec![1.0])], &[0.0, 0.0, 0.0, 1.0]), (3.0, 9.0));
    }

    #[test]
    fn very_many_users_are_walked_through_from_where_it_matters() {
        // Below, at and beyond saturation, against exact mean value analysis of all populations (the second server alone matters there).
        for (population, load) in [
            (20_001, 1.0),
            (300_000, 0.3),
            (300_000, 0.99),
            (300_000, 1.0),
            (300_000, 1.003),
            (300_000, 1.3),
            (300_000, 9.0),
        ] {
            let demand = load * 100.0 / f64::from(population);
            let centers = [
                Center::new(f64::INFINITY, vec![100.0]),
                Center::new(1.0, vec![demand]),
                Center::new(1.0, vec![0.9 * demand]),
            ];
            let mut queues = [0.0; 2];
            let throughput = crate::queueing::mva::solve(population, 100.0, &[demand, 0.9 * demand], &mut queues);
            let solved = solve(population, &centers);
            near(solved.throughput[0], throughput, 1e-11);
            near(solved.in_system[1], queues[0], 1e-8);
            near(solved.in_system[2], queues[1], 1e-8);
            // Two servers of half the speed are as good as one where a line is, and all are somewhere.
            let two = [centers[0].clone(), Center::new(2.0, vec![2.0 * demand]), centers[2].clone()];
            let solved = solve(population, &two);
            near(solved.in_system.iter().sum::<f64>(), f64::from(population), 1e-9);
            assert!((-1e-3..1.1).contains(&(solved.in_system[1] - queues[0])), "{population} {load}: {solved:?}");
        }
    }
}
