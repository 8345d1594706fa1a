//! Share refused by rate limits under Poisson arrivals.
//!
//! Sliding window: at most `limit` in the last `window` seconds is Erlang's loss with `limit` servers held for exactly the window;
//! the loss does not depend on the distribution of holds, so Erlang B is exact. Token bucket: an approximation that is exact for a
//! burst of one, at saturation and far beyond it; between, the deficit has the decay rate of the M/D/1 workload:
//! z = u e^(-x (burst - 1)) with u (e^x - 1) = x, loss = (1 - u) z / (1 - u z), u = arrivals over refill.
//! Sources: Gross, Shortle, Thompson, Harris, 4th ed., §2.5; Asmussen, Applied Probability and Queues, 2nd ed., XIII.5.

use super::{erlang, zipf};
use crate::{
    math,
    model::{LimiterScope, LimiterWindow},
};

/// Share of arrivals refused by a token bucket.
#[must_use]
pub fn token_bucket_loss(arrival_rate: f64, refill_rate: f64, burst: f64) -> f64 {
    if arrival_rate <= 0.0 {
        return 0.0;
    }
    if refill_rate <= 0.0 {
        return 1.0;
    }
    let load = arrival_rate / refill_rate;
    let more = (burst - 1.0).max(0.0);
    if (load - 1.0).abs() < 1.0e-7 {
        // Limit of the formula: x is about 2 (1 - u).
        return 1.0 / (2.0 + 2.0 * more);
    }
    let exponent = -decay(load) * more;
    if exponent > 600.0 {
        return 1.0 - 1.0 / load;
    }
    let z = load * math::exp(exponent);
    ((1.0 - load) * z / (1.0 - load * z)).clamp(0.0, 1.0)
}

/// The root other than 0 of u (e^x - 1) = x, by Newton's steps from outside.
fn decay(load: f64) -> f64 {
    let mut x = if load < 1.0 { 2.0 * (1.0 - load) - 2.0 * math::ln(load) } else { -load - 1.0 };
    for _ in 0..100 {
        let e = math::exp(x);
        let step = (load * (e - 1.0) - x) / (load * e - 1.0);
        x -= step;
        if step.abs() <= 1.0e-14 * x.abs() {
            break;
        }
    }
    x
}

/// Share of arrivals refused by a limit of `limit` per `window` seconds.
#[must_use]
pub fn loss(arrival_rate: f64, algorithm: LimiterWindow, limit: f64, window: f64) -> f64 {
    match algorithm {
        LimiterWindow::TokenBucket { burst } => token_bucket_loss(arrival_rate, limit / window, burst),
        LimiterWindow::Sliding if limit < 1.0 => 1.0,
        LimiterWindow::Sliding => erlang::loss(limit, arrival_rate * window),
    }
}

/// Share refused over everybody, or over clients whose activity follows Zipf's law.
#[must_use]
pub fn scoped_loss(arrival_rate: f64, algorithm: LimiterWindow, limit: f64, window: f64, scope: LimiterScope) -> f64 {
    match scope {
        LimiterScope::All => loss(arrival_rate, algorithm, limit, window),
        LimiterScope::Client { clients, zipf } => {
            let mut refused = 0.0;
            zipf::blocks(clients, zipf, |share, count| {
                refused += share * count * loss(arrival_rate * share, algorithm, limit, window);
            });
            refused.clamp(0.0, 1.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_of_one_is_a_server_without_a_queue() {
        for load in [0.3, 0.999_999_99, 1.0, 2.5] {
            let got = token_bucket_loss(load * 7.0, 7.0, 1.0);
            assert!((got - load / (1.0 + load)).abs() < 1e-6, "{load}: {got}");
        }
    }

    #[test]
    fn far_beyond_the_limit_the_refill_passes() {
        assert!((token_bucket_loss(300.0, 100.0, 50.0) - 2.0 / 3.0).abs() < 1e-9);
        assert!(token_bucket_loss(50.0, 100.0, 100.0) < 1e-12);
        assert!((loss(300.0, LimiterWindow::Sliding, 100.0, 1.0) - 2.0 / 3.0).abs() < 0.01);
    }
}
