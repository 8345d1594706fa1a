//! Markov chains solved by sweeps: exact values that use no queueing code of the engine.

use std::collections::BTreeMap;

/// The stationary distribution of a chain, by sweeps over its balance equations until they stand still.
pub fn stationary<S: Ord + Clone>(start: S, moves: impl Fn(&S) -> Vec<(S, f64)>) -> Vec<(S, f64)> {
    let (mut index, mut states, mut at) = (BTreeMap::from([(start.clone(), 0)]), vec![start], 0);
    let mut incoming: Vec<Vec<(usize, f64)>> = vec![Vec::new()];
    let mut leaving = vec![0.0];
    while at < states.len() {
        for (to, rate) in moves(&states[at]).into_iter().filter(|(_, rate)| *rate > 0.0) {
            let known = *index.entry(to.clone()).or_insert_with(|| {
                states.push(to);
                incoming.push(Vec::new());
                leaving.push(0.0);
                states.len() - 1
            });
            incoming[known].push((at, rate));
            leaving[at] += rate;
        }
        at += 1;
    }
    let mut p = vec![1.0 / states.len() as f64; states.len()];
    for _ in 0..200_000 {
        let mut moved = 0.0_f64;
        for state in 0..p.len() {
            let into: f64 = incoming[state].iter().map(|&(from, rate)| p[from] * rate).sum();
            let next = into / leaving[state];
            moved = moved.max((next - p[state]).abs() / next.max(1e-30) * f64::from(u8::from(next > 1e-9)));
            p[state] = next;
        }
        let all: f64 = p.iter().sum();
        p.iter_mut().for_each(|p| *p /= all);
        if moved < 1e-12 {
            break;
        }
    }
    states.into_iter().zip(p).collect()
}

pub fn mean<S>(chain: &[(S, f64)], of: impl Fn(&S) -> f64) -> f64 {
    chain.iter().map(|(state, p)| p * of(state)).sum()
}

/// A birth and death process up to `most`.
pub fn birth_death(most: u32, up: impl Fn(f64) -> f64, down: impl Fn(f64) -> f64) -> Vec<(u32, f64)> {
    let mut weights = vec![1.0];
    for n in 1..=most {
        let last = weights[n as usize - 1];
        weights.push(last * up(f64::from(n - 1)) / down(f64::from(n)));
        if last > 1e200 {
            weights.iter_mut().for_each(|w| *w *= 1e-200);
        }
    }
    let all: f64 = weights.iter().sum();
    weights.into_iter().enumerate().map(|(n, w)| (n as u32, w / all)).collect()
}

/// Two closed classes on two servers under processor sharing: users, think time, mean service (seconds) each.
pub fn two_classes(of: [(u32, f64, f64); 2]) -> [f64; 2] {
    let chain = stationary([0_u32; 2], |&n| {
        let present = f64::from(n[0] + n[1]);
        let mut to = Vec::new();
        for class in 0..2 {
            let (users, think, service) = of[class];
            let (mut more, mut fewer) = (n, n);
            more[class] += 1;
            to.push((more, f64::from(users - n[class]) / think));
            if n[class] > 0 {
                fewer[class] -= 1;
                to.push((fewer, f64::from(n[class]) / present * present.min(2.0) / service));
            }
        }
        to
    });
    [0, 1].map(|class| {
        let present = mean(&chain, |n| f64::from(n[class]));
        1000.0 * present / ((f64::from(of[class].0) - present) / of[class].1)
    })
}

/// Mean time with renewal arrivals at `servers` exponential ones: a chain over the phase of the coming arrival.
pub fn renewal(stages: u32, share: f64, rates: [f64; 2], servers: u32) -> f64 {
    // Erlang gaps of `stages` stages (rates[0] each), or two-phase ones (stages 0).
    let most = 600;
    let chain = stationary((0_u32, 0_u32), |&(phase, n)| {
        let mut to = Vec::new();
        if stages > 0 {
            let next = if phase + 1 < stages { (phase + 1, n) } else { (0, (n + 1).min(most)) };
            to.push((next, rates[0]));
        } else {
            let rate = rates[phase as usize];
            to.push(((0, (n + 1).min(most)), rate * share));
            to.push(((1, (n + 1).min(most)), rate * (1.0 - share)));
        }
        if n > 0 {
            to.push(((phase, n - 1), f64::from(n.min(servers))));
        }
        to
    });
    let present = mean(&chain, |s| f64::from(s.1));
    let rate =
        if stages > 0 { rates[0] / f64::from(stages) } else { 1.0 / (share / rates[0] + (1.0 - share) / rates[1]) };
    present / rate
}
