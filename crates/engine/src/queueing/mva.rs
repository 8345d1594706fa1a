//! Exact mean value analysis of a closed network of one class: single-server queues (first-come first-served exponential, or
//! processor sharing with any distribution) and delays.
//!
//! R_k(n) = D_k (1 + Q_k(n - 1)); X(n) = n / (Z + sum R_k); Q_k = X R_k. Demands D and think time Z in seconds. Exact for product-form
//! networks. Source: Reiser & Lavenberg, "Mean-value analysis of closed multichain queueing networks", JACM 27 (1980);
//! Lazowska et al., Quantitative System Performance, ch. 6.

/// Solves for a population; `queues` becomes the mean number at each queue. Returns the throughput per second.
pub fn solve(population: u32, think_time: f64, demands: &[f64], queues: &mut [f64]) -> f64 {
    queues.fill(0.0);
    let mut throughput = 0.0;
    for n in 1..=population {
        let mut cycle = think_time;
        for (queue, demand) in queues.iter_mut().zip(demands) {
            *queue = demand * (1.0 + *queue);
            cycle += *queue;
        }
        throughput = if cycle > 0.0 { f64::from(n) / cycle } else { 0.0 };
        for queue in queues.iter_mut() {
            *queue *= throughput;
        }
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
    }
}
