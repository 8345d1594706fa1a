//! Repeated attempts of a call in steady state: how many there are, how often they succeed in the end, and how long that takes.
//!
//! Each attempt fails with the same probability, independently. At most `max` more follow; a budget lets through only the share of
//! retries that keeps them within `budget_ratio` of the first attempts. Attempts = 1 + sum over k of (share x failure)^k.
//! A circuit breaker opens after a run of failures and lets one probe through after its pause: the share of time it is open follows
//! from the mean length of a run-free stretch, ((1/f)^n - 1) / (1 - f) calls. Seconds. Sources: geometric sums; Feller, An
//! Introduction to Probability Theory, vol. 1, XIII.7 (runs).

use crate::{math, model::Retry, stats::Moments};

/// Most attempts walked through one by one; more make no difference in any figure.
const MOST: u32 = 1000;

/// What repetition does to a call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attempts {
    /// Attempts per call.
    pub per_call: f64,
    /// Share of calls that succeed in the end.
    pub success: f64,
    /// Share of failures that are retried, while retries are left.
    pub retried: f64,
}

/// Attempts and final success at a failure probability per attempt.
#[must_use]
pub fn attempts(failure: f64, retry: Option<&Retry>) -> Attempts {
    let Some(retry) = retry else {
        return Attempts { per_call: 1.0, success: 1.0 - failure, retried: 0.0 };
    };
    let extra = |ratio: f64| geometric(ratio, retry.max);
    let mut retried = 1.0;
    if let Some(budget) = retry.budget_ratio
        && extra(failure) > budget
    {
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if extra(middle * failure) > budget {
                high = middle;
            } else {
                low = middle;
            }
        }
        retried = low;
    }
    let per_call = 1.0 + extra(retried * failure);
    Attempts { per_call, success: (per_call * (1.0 - failure)).min(1.0), retried }
}

/// r + r^2 + … + r^n.
fn geometric(r: f64, n: u32) -> f64 {
    if r >= 1.0 {
        return f64::from(n);
    }
    r * (1.0 - math::pow(r, f64::from(n))) / (1.0 - r)
}

/// How long a call takes with all its attempts; seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Duration {
    /// Of calls that succeed.
    pub success: Moments,
    /// Mean of all calls.
    pub mean_of_all: f64,
    /// Mean pauses of all calls, which are in the mean above.
    pub pauses: f64,
}

/// How long a call takes: `good` is a successful attempt, `bad` a failed one.
#[must_use]
pub fn time(failure: f64, outcome: &Attempts, retry: Option<&Retry>, good: &Moments, bad: &Moments) -> Duration {
    let most = retry.map_or(0, |retry| retry.max).min(MOST);
    let ratio = outcome.retried * failure;
    let (mut weight, mut before) = (1.0, Moments::ZERO);
    let (mut total, mut first, mut second, mut third) = (0.0, 0.0, 0.0, 0.0);
    let (mut mean_of_all, mut pauses) = (0.0, 0.0);
    for attempt in 0..=most {
        // Reaching this attempt has probability `weight`; it ends well, or badly for good, or badly with a retry.
        let whole = before.then(*good);
        let well = weight * (1.0 - failure);
        total += well;
        first += well * whole.mean;
        second += well * whole.raw_second();
        third += well * whole.raw_third();
        mean_of_all += weight * ((1.0 - failure) * good.mean + failure * bad.mean);
        let Some(retry) = retry else { break };
        weight *= ratio;
        if weight < 1.0e-16 {
            break;
        }
        let pause = backoff(retry, attempt);
        if attempt < most {
            pauses += weight * pause.mean;
        }
        before = before.then(*bad).then(pause);
    }
    let success =
        if total > 0.0 { Moments::from_raw(first / total, second / total, third / total) } else { Moments::ZERO };
    Duration { success, mean_of_all: mean_of_all + pauses, pauses }
}

/// Pause before the next attempt: doubles each time, evenly spread by ± jitter.
#[must_use]
pub fn backoff(retry: &Retry, attempt: u32) -> Moments {
    let mut mean = retry.backoff;
    for _ in 0..attempt.min(60) {
        mean *= 2.0;
    }
    let width = mean * retry.jitter;
    Moments { mean, variance: width * width / 3.0, third: 0.0 }
}

/// Share of calls that an open breaker refuses, at `rate` calls a second that each fail with probability `failure`.
#[must_use]
pub fn breaker_open(rate: f64, failure: f64, breaker: &crate::model::Breaker) -> f64 {
    if failure <= 0.0 || rate <= 0.0 {
        return 0.0;
    }
    if failure >= 1.0 {
        return 1.0;
    }
    let run = math::pow(failure, f64::from(breaker.failures.max(1)));
    let closed = if run > 0.0 { (1.0 / run - 1.0) / (1.0 - failure) / rate } else { return 0.0 };
    let open = breaker.open / (1.0 - failure);
    open / (open + closed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn retry(max: u32, budget_ratio: Option<f64>) -> Retry {
        Retry { max, backoff: 0.0, jitter: 0.0, budget_ratio }
    }

    #[test]
    fn three_retries_amplify_the_load() {
        for (failure, load) in [(0.1, 1.111), (0.5, 1.875), (1.0, 4.0)] {
            assert!((attempts(failure, Some(&retry(3, None))).per_call - load).abs() < 1e-12, "{failure}");
        }
        assert!((attempts(0.5, Some(&retry(3, None))).success - 0.9375).abs() < 1e-12);
    }

    #[test]
    fn a_budget_caps_the_retries() {
        let capped = attempts(0.5, Some(&retry(3, Some(0.1))));
        assert!((capped.per_call - 1.1).abs() < 1e-9);
        assert!((capped.success - 0.55).abs() < 1e-9);
    }

    #[test]
    fn time_to_success_counts_failed_attempts_and_pauses() {
        let retry = Retry { max: 1, backoff: 2.0, jitter: 0.0, budget_ratio: None };
        let outcome = attempts(0.5, Some(&retry));
        let Duration { success, mean_of_all: all, pauses } =
            time(0.5, &outcome, Some(&retry), &Moments::constant(1.0), &Moments::constant(5.0));
        assert!((success.mean - (0.5 + 0.25 * 8.0) / 0.75).abs() < 1e-12);
        assert!((pauses - 1.0).abs() < 1e-12);
        assert!((all - (0.5 * 1.0 + 0.5 * (5.0 + 2.0) + 0.25 * 1.0 + 0.25 * 5.0)).abs() < 1e-12);
    }
}
