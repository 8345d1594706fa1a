//! Exact closed networks of several classes with multi-server stations, by normalisation constants.
//!
//! A station with n_c customers of class c has weight |n|! / prod n_c! x prod D_c^n_c / prod_{j<=|n|} min(j, servers); a delay has
//! prod Z_c^n_c / n_c!. The constant G of a network is the convolution of its stations' weights over the lattice of populations, and
//! X_c = G(N - 1_c) / G(N). Only positive terms are added, so there is no loss of digits where multi-server mean value analysis has
//! one. Weights are scaled by an estimate of the throughput and by their largest value: no overflow. Product-form assumptions:
//! processor sharing, or first-come first-served with one exponential service time for all classes. Seconds and per second.
//! Sources: Buzen, CACM 16 (1973); Reiser & Kobayashi, IBM J. Res. Dev. 19 (1975); Bruell & Balbo, Computational Algorithms for
//! Closed Queueing Networks (1980), ch. 3.

use crate::math;

/// A station of a closed network.
#[derive(Debug, Clone, PartialEq)]
pub struct Center {
    /// Servers; infinite for a delay. May be fractional: a total speed.
    pub servers: f64,
    /// Seconds of work per cycle by class.
    pub demands: Vec<f64>,
}

/// Means of a closed network.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Closed {
    /// Cycles a second by class.
    pub throughput: Vec<f64>,
    /// Mean number of each class at each station: station x class.
    pub in_system: Vec<f64>,
}

/// Solves a network exactly. The work grows with the square of the lattice size, prod (population + 1).
#[must_use]
pub fn solve(populations: &[u32], centers: &[Center]) -> Closed {
    let lattice = Lattice::new(populations);
    let scale = scales(populations, centers);
    let weights: Vec<Vec<f64>> = centers.iter().map(|center| lattice.weights(center, &scale)).collect();
    // Constants of the stations before each one and after each one; their product leaves the one out.
    let mut one = vec![0.0; lattice.size];
    one[0] = 1.0;
    let mut before = vec![one.clone()];
    for weight in &weights {
        let last = before.last().map_or(&one, |last| last);
        before.push(normalised(lattice.convolve(last, weight)));
    }
    let all = before.pop().unwrap_or_else(|| one.clone());
    let top = lattice.size - 1;
    let throughput = (0..populations.len())
        .map(|class| {
            if populations[class] == 0 || all[top] <= 0.0 {
                return 0.0;
            }
            all[top - lattice.stride[class]] / all[top] * scale[class]
        })
        .collect();
    let mut in_system = vec![0.0; centers.len() * populations.len()];
    let mut after = one;
    for station in (0..centers.len()).rev() {
        let others = lattice.convolve(&before[station], &after);
        let mut total = 0.0;
        let counts = &mut in_system[station * populations.len()..(station + 1) * populations.len()];
        for here in 0..lattice.size {
            let share = weights[station][here] * others[top - here];
            total += share;
            for (class, count) in counts.iter_mut().enumerate() {
                *count += share * f64::from(lattice.digit(here, class));
            }
        }
        if total > 0.0 {
            counts.iter_mut().for_each(|count| *count /= total);
        }
        after = normalised(lattice.convolve(&after, &weights[station]));
    }
    Closed { throughput, in_system }
}

/// An estimate of each class's throughput: the least of its bounds.
fn scales(populations: &[u32], centers: &[Center]) -> Vec<f64> {
    (0..populations.len())
        .map(|class| {
            let (mut cycle, mut most) = (0.0, 0.0_f64);
            for center in centers {
                cycle += center.demands[class];
                most = most.max(center.demands[class] / center.servers);
            }
            let bound = f64::from(populations[class].max(1)) / cycle;
            let scale = if most > 0.0 { bound.min(1.0 / most) } else { bound };
            if scale.is_finite() && scale > 0.0 { scale } else { 1.0 }
        })
        .collect()
}

fn normalised(mut values: Vec<f64>) -> Vec<f64> {
    let most = values.iter().copied().fold(0.0, f64::max);
    if most > 0.0 {
        values.iter_mut().for_each(|value| *value /= most);
    }
    values
}

/// All population vectors up to a full one, in mixed radix; a sum of vectors is a sum of positions.
struct Lattice {
    radix: Vec<usize>,
    stride: Vec<usize>,
    size: usize,
}

impl Lattice {
    fn new(populations: &[u32]) -> Self {
        let radix: Vec<usize> = populations.iter().map(|&n| n as usize + 1).collect();
        let mut stride = Vec::with_capacity(radix.len());
        let mut size = 1;
        for r in &radix {
            stride.push(size);
            size *= r;
        }
        Self { radix, stride, size }
    }

    fn digit(&self, position: usize, class: usize) -> u32 {
        (position / self.stride[class] % self.radix[class]) as u32
    }

    /// Logarithms of the weights first, then scaled so that the largest is 1.
    fn weights(&self, center: &Center, scale: &[f64]) -> Vec<f64> {
        let most = self.radix.iter().map(|r| r - 1).sum::<usize>();
        let mut rates = vec![0.0; most + 1];
        for n in 1..=most {
            let speed = (n as f64).min(center.servers);
            // |n|! / prod min(j, servers), a delay being served at |n|.
            rates[n] = rates[n - 1] + math::ln(n as f64 / if center.servers.is_infinite() { n as f64 } else { speed });
        }
        let mut weights = vec![f64::NEG_INFINITY; self.size];
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
        weights
    }

    fn convolve(&self, a: &[f64], b: &[f64]) -> Vec<f64> {
        let mut sum = vec![0.0; self.size];
        if self.radix.len() == 1 {
            for (i, &x) in a.iter().enumerate() {
                if x > 0.0 {
                    for (to, &y) in sum[i..].iter_mut().zip(b) {
                        *to += x * y;
                    }
                }
            }
            return sum;
        }
        for (i, &x) in a.iter().enumerate() {
            if x <= 0.0 {
                continue;
            }
            'other: for (j, &y) in b.iter().enumerate() {
                if y <= 0.0 {
                    continue;
                }
                for class in 0..self.radix.len() {
                    if (self.digit(i, class) + self.digit(j, class)) as usize >= self.radix[class] {
                        continue 'other;
                    }
                }
                sum[i + j] += x * y;
            }
        }
        sum
    }
}
