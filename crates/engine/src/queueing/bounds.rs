//! Bounds on closed networks: asymptotic and balanced-job, and the population at which they cross.
//!
//! With total demand D, largest demand per server Dmax, think time Z and N users: X <= min(N / (D + Z), 1 / Dmax) and
//! R >= max(D, N Dmax - Z); saturation population N* = (D + Z) / Dmax. Balanced-job bounds are tighter for single-server queues.
//! Seconds and per second; no assumption on distributions for the asymptotic ones, product form for the balanced ones.
//! Source: Lazowska et al., Quantitative System Performance, ch. 5; Zahorjan et al., CACM 25 (1982).

/// Bounds for one population.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Throughput is at least this (balanced-job).
    pub throughput_low: f64,
    /// Throughput is at most this (the tighter of both).
    pub throughput_high: f64,
    /// Response time is at least this.
    pub response_low: f64,
    /// Response time is at most this.
    pub response_high: f64,
    /// Throughput at most, whatever the population; infinite without a queue.
    pub capacity: f64,
    /// Population at which the asymptotes cross.
    pub saturation_population: f64,
}

/// Bounds from the demands of single-server queues in seconds, the think time and the population.
#[must_use]
pub fn bounds(population: f64, think_time: f64, demands: &[f64]) -> Bounds {
    let total: f64 = demands.iter().sum();
    let largest = demands.iter().copied().fold(0.0, f64::max);
    let average = total / demands.len().max(1) as f64;
    let capacity = if largest > 0.0 { 1.0 / largest } else { f64::INFINITY };
    let thinking = if total > 0.0 { think_time / total } else { 0.0 };
    let others = (population - 1.0).max(0.0);
    let low = population / (total + think_time + others * largest / (1.0 + thinking / population.max(1.0)));
    let high = population / (total + think_time + others * average / (1.0 + thinking));
    let asymptote = (population / (total + think_time)).min(capacity);
    let throughput_high = high.min(asymptote);
    Bounds {
        throughput_low: low.min(throughput_high),
        throughput_high,
        response_low: (population / throughput_high - think_time).max(total),
        response_high: total + others * largest,
        capacity,
        saturation_population: (total + think_time) * if largest > 0.0 { 1.0 / largest } else { 0.0 },
    }
}
