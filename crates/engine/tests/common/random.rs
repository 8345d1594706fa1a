//! Random systems for laws.

use super::common::*;
use engine::model::*;
use proptest::prelude::*;

/// One random component: (kind, slots, mean ms, cv, replicas).
pub type Part = (u8, u32, f64, f64, u32);

/// A random system without loops: station i calls some later ones.
pub fn build(parts: &[Part], edges: &[(usize, usize, f64, u8)], rates: &[f64], plain: bool) -> System {
    let classes = rates.len();
    let mut stations: Vec<Station> = parts
        .iter()
        .enumerate()
        .map(|(position, &(kind, slots, mean, cv, replicas))| {
            let own = Distribution::from_mean_cv(mean / 1000.0, cv);
            let kind = match (kind % if plain { 5 } else { 10 }, position) {
                (0, _) => service(None),
                (1, _) => service(Some(slots)),
                (2, _) => Kind::Service { concurrency: None, cpu_cores: Some(f64::from(slots)), queue_limit: None },
                (3, _) => database(Some(slots), classes),
                (4, _) => Kind::External { rate_limit: None },
                (5, _) => cache(vec![0.6; classes]),
                (6, _) => queue(),
                (7, _) => Kind::External { rate_limit: Some(f64::from(slots) * 20.0) },
                (8, _) => Kind::Service { concurrency: Some(slots), cpu_cores: Some(1.5), queue_limit: Some(slots) },
                _ => Kind::LoadBalancer { balance: Balance::PowerOfTwo },
            };
            let mut one = station(&format!("s{position}"), kind, vec![own; classes]);
            if matches!(one.kind, Kind::Service { .. }) {
                one.replicas = replicas;
            }
            one.pools.push(Pool { id: "p".into(), size: Some(slots * 2) });
            one
        })
        .collect();
    let count = stations.len();
    for &(from, to, per_request, how) in edges {
        let (from, to) = (from % count, to % count);
        if from >= to {
            continue;
        }
        let mut one = Call { per_request, ..call(to) };
        if !plain {
            match how % 6 {
                1 => one.mode = Mode::Async,
                2 => one.mode = Mode::Parallel,
                3 => one.pool = Some(0),
                4 => one.timeout = Some(0.2),
                5 => one.retry = Some(Retry { max: 2, backoff: 0.01, jitter: 0.5, budget_ratio: Some(0.2) }),
                _ => {}
            }
        }
        stations[from].calls.push(one);
    }
    system(rates.iter().enumerate().map(|(n, &rate)| open(&format!("c{n}"), 0, rate)).collect(), stations)
}

pub fn parts() -> impl Strategy<Value = Vec<Part>> {
    prop::collection::vec(
        (0_u8..10, 1_u32..20, 0.1_f64..50.0, prop::sample::select(vec![0.0, 0.5, 1.0, 2.0]), 1_u32..4),
        1..30,
    )
}

pub fn edges() -> impl Strategy<Value = Vec<(usize, usize, f64, u8)>> {
    prop::collection::vec((0_usize..30, 0_usize..30, prop::sample::select(vec![0.3, 1.0, 2.0, 2.5]), 0_u8..6), 0..40)
}
