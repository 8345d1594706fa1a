//! Exact mean value analysis of a closed network of one class: single-server queues (first-come first-served exponential, or
//! processor sharing with any distribution) and delays.
//!
//! R_k(n) = D_k (1 + Q_k(n - 1)); X(n) = n / (Z + sum R_k); Q_k = X R_k. Demands D and think time Z in seconds. Exact for product-form
//! networks. Source: Reiser & Lavenberg, "Mean-value analysis of closed multichain queueing networks", JACM 27 (1980);
//! Lazowska et al., Quantitative System Performance, ch. 6.

/// Solves for a population; `queues` becomes the mean number at each queue. Returns the throughput per second.
///
/// With R_k(n) = D_k (1 + X(n-1) R_k(n-1)) the cycle is Z + sum D_k + X(n-1) sum D_k R_k(n-1): the sum is made while the division of
/// the step before is still under way.
pub fn solve(population: u32, think_time: f64, demands: &[f64], queues: &mut [f64]) -> f64 {
    solve_alike(population, think_time, demands, demands, queues)
}

/// [`solve`] with several queues alike: `all` has the demands of each kind together, `demands` those at one of them.
pub fn solve_alike(population: u32, think_time: f64, demands: &[f64], all: &[f64], queues: &mut [f64]) -> f64 {
    queues.fill(0.0);
    let bare = think_time + all.iter().sum::<f64>();
    if bare <= 0.0 {
        return 0.0;
    }
    let (mut throughput, mut crowd) = (0.0, 0.0);
    for n in 1..=population {
        let others = throughput;
        throughput = f64::from(n) / (bare + others * crowd);
        crowd = 0.0;
        // In `queues`: the residence times.
        for ((time, demand), all) in queues.iter_mut().zip(demands).zip(all) {
            *time = demand + others * demand * *time;
            crowd += all * *time;
        }
    }
    for queue in queues.iter_mut() {
        *queue *= throughput;
    }
    throughput
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn balanced_queues_share_evenly() {
        // K equal queues without thinking: X = N / (N + K - 1) / D (Lazowska et al., §5.4).
        let mut queues = [0.0; 4];
        let throughput = solve(10, 0.0, &[0.5; 4], &mut queues);
        assert!((throughput - 10.0 / 13.0 / 0.5).abs() < 1e-12);
        assert!(queues.iter().all(|q| (q - 2.5).abs() < 1e-12));
        let throughput = solve_alike(10, 0.0, &[0.5], &[2.0], &mut queues[..1]);
        assert!((throughput - 10.0 / 13.0 / 0.5).abs() < 1e-12 && (queues[0] - 2.5).abs() < 1e-12);
    }
}
